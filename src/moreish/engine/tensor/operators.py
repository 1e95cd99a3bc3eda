"""Operators, on new Tensors and in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from .. import rules
from ..graph import Primitive
from .arguments import Operand
from .mixin import Part, _array_of
from .operands import (
    NUMBERS,
    must_be_a_mask,
    must_be_castable,
    must_be_operand,
    must_broadcast,
    must_keep_its_shape,
    must_not_be_truths,
)
from .promotion import number_as, result_type

if TYPE_CHECKING:
    from .core import Tensor

# Takes a Tensor and what meets it; NotImplemented for what it does not know.
Operator: TypeAlias = "Callable[[Tensor, Operand | np.ndarray], Tensor]"

KNOWN = (Part, int, float, np.ndarray, np.generic)
COMPARED = (Part, np.ndarray, *NUMBERS)


def _operator(primitive: Primitive) -> tuple[Operator, Operator]:
    """An operator and its reflected form."""

    def operate(self: Tensor, other: Operand | np.ndarray) -> Tensor:
        if not isinstance(other, KNOWN):
            return NotImplemented
        return self._record(primitive, (self, other), {})

    def reflected(self: Tensor, other: Operand | np.ndarray) -> Tensor:
        if not isinstance(other, KNOWN):
            return NotImplemented
        return self._record(primitive, (other, self), {})

    return operate, reflected


def _in_place(primitive: Primitive) -> Operator:
    def change(self: Tensor, other: Operand | np.ndarray) -> Tensor:
        if not isinstance(other, (Part, *NUMBERS)):  # with an array it is a new Tensor, not this
            return NotImplemented
        return self._change(primitive, (other,), {})

    return change


def _comparison(row: Primitive) -> Operator:
    def compare(self: Tensor, other: Operand | np.ndarray) -> Tensor:
        if not isinstance(other, COMPARED):
            return NotImplemented
        return self._record(row, (self, other), {})

    return compare


def _of_bits(row: Primitive, sign: str) -> tuple[Operator, Operator, Operator]:
    """An operator on bits, its reflected form, and in place."""

    def compute(self: Tensor, first: Operand | np.ndarray, second: Operand | np.ndarray) -> Tensor:
        arrays = _array_of(first), _array_of(second)
        if not all(isinstance(x, COMPARED) for x in arrays):
            return NotImplemented
        dtype = result_type(*arrays)
        if dtype.kind == "f" or (row in SHIFTS and dtype.kind == "b"):
            raise NotImplementedError(
                f"{sign} is not implemented for {dtype}: whole numbers were wanted"
            )
        return self._record(row, (first, second), {})

    def operate(self: Tensor, other: Operand | np.ndarray) -> Tensor:
        return compute(self, self, other)

    def reflected(self: Tensor, other: Operand | np.ndarray) -> Tensor:
        return compute(self, other, self)

    def change(self: Tensor, other: Operand | np.ndarray) -> Tensor:
        if not isinstance(other, (Part, *NUMBERS)):
            return NotImplemented
        result = compute(self, self, other)
        return result if result is NotImplemented else self._become(result)

    return operate, reflected, change


SHIFTS = (rules.left_shift, rules.right_shift)


class Operators(Part):
    """What is written with a sign, and what changes a Tensor in place."""

    __slots__ = ()

    __add__, __radd__ = _operator(rules.add)
    __sub__, __rsub__ = _operator(rules.subtract)
    __mul__, __rmul__ = _operator(rules.multiply)
    __truediv__, __rtruediv__ = _operator(rules.divide)
    __matmul__, __rmatmul__ = _operator(rules.matmul)
    __mod__, __rmod__ = _operator(rules.remainder)
    __floordiv__, __rfloordiv__ = _operator(rules.floor_divide)
    __pow__, __rpow__ = _operator(rules.power)
    __and__, __rand__, __iand__ = _of_bits(rules.bitwise_and, "&")
    __or__, __ror__, __ior__ = _of_bits(rules.bitwise_or, "|")
    __xor__, __rxor__, __ixor__ = _of_bits(rules.bitwise_xor, "^")
    __lshift__, __rlshift__, __ilshift__ = _of_bits(rules.left_shift, "<<")
    __rshift__, __rrshift__, __irshift__ = _of_bits(rules.right_shift, ">>")
    __iadd__ = _in_place(rules.add)
    __isub__ = _in_place(rules.subtract)
    __imul__ = _in_place(rules.multiply)
    __itruediv__ = _in_place(rules.divide)
    __ipow__ = _in_place(rules.power)
    __imod__ = _in_place(rules.remainder)
    __ifloordiv__ = _in_place(rules.floor_divide)
    __eq__ = _comparison(rules.equal)  # type: ignore[assignment]
    __ne__ = _comparison(rules.not_equal)  # type: ignore[assignment]
    __lt__ = _comparison(rules.less)
    __le__ = _comparison(rules.less_equal)
    __gt__ = _comparison(rules.greater)
    __ge__ = _comparison(rules.greater_equal)

    def __neg__(self: Tensor) -> Tensor:
        if self._array.dtype.kind == "b":
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported: use ~"
            )
        return self._record(rules.negative, (self,), {})

    def __pos__(self: Tensor) -> Tensor:
        if self._array.dtype.kind == "b":
            raise RuntimeError("The `+` operator, on a bool tensor is not supported: use .long()")
        return self

    def __abs__(self: Tensor) -> Tensor:
        return self.abs()

    def __invert__(self: Tensor) -> Tensor:
        if self._array.dtype.kind == "f":
            raise TypeError(
                "~ (operator.invert) is only implemented on integer and Boolean tensors, this one "
                f"holds {self._array.dtype}"
            )
        return self._record(rules.invert, (self,), {})

    # ---- changing in place

    def add_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
        """Add alpha times `other` in place; its shape (...,) stays.

        RuntimeError if alpha is a fraction and the numbers are whole, TypeError for what is no
        number.
        """
        return self._change(rules.add, (_times("add_", self, other, alpha),), {})

    def sub_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
        """Take alpha times `other` away in place; its shape (...,) stays.

        RuntimeError if alpha is a fraction and the numbers are whole, TypeError for what is no
        number.
        """
        must_not_be_truths(self._array, _array_of(other))
        return self._change(rules.subtract, (_times("sub_", self, other, alpha),), {})

    def mul_(self: Tensor, other: Operand) -> Tensor:
        """Multiply in place; its shape (...,) stays."""
        return self._change(rules.multiply, (must_be_operand("mul_", other),), {})

    def div_(self: Tensor, other: Operand) -> Tensor:
        """Divide in place; its shape (...,) stays."""
        return self._change(rules.divide, (must_be_operand("div_", other),), {})

    def fill_(self: Tensor, value: Operand) -> Tensor:
        """Make every number this one; its shape (...,) stays.

        RuntimeError if the value has axes, TypeError for what is no number.
        """
        must_be_operand("fill_", value)
        if isinstance(value, Part) and value.ndim:
            raise RuntimeError("fill_ takes a number, or a tensor without axes: see copy_()")
        return self._change(rules.put, (value,), {"key": ...})

    def zero_(self: Tensor) -> Tensor:
        """Make every number 0; its shape (...,) stays."""
        return self._change(rules.put, (0,), {"key": ...})

    def copy_(self: Tensor, other: Operand) -> Tensor:
        """Take over the numbers of another tensor, whose shape broadcasts to its own.

        RuntimeError for a shape that does not, TypeError for what is no Tensor.
        """
        must_be_operand("copy_", other)
        shape, own = getattr(other, "shape", ()), self._array.shape
        must_broadcast(own, shape)
        if shape != own and np.broadcast_shapes(shape, own) != own:
            must_keep_its_shape(own, shape)
        return self._change(rules.put, (other,), {"key": ...})

    def masked_fill_(self: Tensor, mask: Tensor, value: Operand) -> Tensor:
        """Make every number `value` where the mask is true; its shape (...,) stays."""
        must_be_a_mask("masked_fill_", self, mask, value)
        if mask._array.ndim > self._array.ndim or mask._array.shape != self._array.shape:
            wider = np.broadcast_shapes(mask._array.shape, self._array.shape)
            if wider != self._array.shape:
                must_keep_its_shape(self._array.shape, wider)
        shown = mask.expand(self._array.shape)
        return self._change(rules.put, (value, shown), {"key": rules.index.ARRAY})

    def _become(self: Tensor, other: Tensor) -> Tensor:
        """Take over numbers that were computed from its own, as an in-place operator does."""
        must_be_castable(other._array.dtype, self._array.dtype)
        if other._array.shape != self._array.shape:
            must_keep_its_shape(self._array.shape, other._array.shape)
        return self._change(rules.put, (other,), {"key": ...})


def _times(name: str, x: Tensor, other: Operand, alpha: float) -> Operand:
    must_be_operand(name, other)
    dtype = result_type(x._array, _array_of(other))
    if isinstance(alpha, float) and dtype.kind != "f":
        raise RuntimeError(
            "For integral input tensors, argument alpha must not be a floating point number"
        )
    if alpha == 1:
        return other
    if isinstance(other, Part):
        return other.to(dtype) * number_as(alpha, dtype).item()
    return number_as(number_as(other, dtype).item() * alpha, dtype).item()
