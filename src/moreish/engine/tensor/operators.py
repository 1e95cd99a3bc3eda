"""Operators, on new Tensors and in place."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from .. import rules
from ..graph import Primitive
from .part import Part, _array_of


def _operator(primitive: Primitive) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An operator and its reflected form."""

    def operate(self: Any, other: Any) -> Any:
        return self._record(primitive, (self, other), {})

    def reflected(self: Any, other: Any) -> Any:
        return self._record(primitive, (other, self), {})

    return operate, reflected


def _in_place(primitive: Primitive) -> Callable[..., Any]:
    def change(self: Any, other: Any) -> Any:
        return self._change(primitive, (other,), {})

    return change


def _comparison(function: Callable[..., Any]) -> Callable[..., Any]:
    def compare(self: Any, other: Any) -> Any:
        if isinstance(other, Part):
            other = other._array
        elif not isinstance(other, (int, float, np.ndarray, np.generic)):
            return NotImplemented
        return self._of(function(self._array, other))

    return compare


class Operators(Part):
    """What is written with a sign, and what changes a Tensor in place."""

    __slots__ = ()

    __add__, __radd__ = _operator(rules.add)
    __sub__, __rsub__ = _operator(rules.subtract)
    __mul__, __rmul__ = _operator(rules.multiply)
    __truediv__, __rtruediv__ = _operator(rules.divide)
    __matmul__, __rmatmul__ = _operator(rules.matmul)
    __iadd__ = _in_place(rules.add)
    __isub__ = _in_place(rules.subtract)
    __imul__ = _in_place(rules.multiply)
    __itruediv__ = _in_place(rules.divide)
    __eq__ = _comparison(np.equal)
    __ne__ = _comparison(np.not_equal)
    __lt__ = _comparison(np.less)
    __le__ = _comparison(np.less_equal)
    __gt__ = _comparison(np.greater)
    __ge__ = _comparison(np.greater_equal)

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, int) and other < 0 and self._array.dtype.kind in "iu":
            raise RuntimeError("Integers to negative integer powers are not allowed: use .float()")
        return self._record(rules.power, (self, other), {})

    def __rpow__(self, other: Any) -> Any:
        return self._record(rules.power, (other, self), {})

    def __ipow__(self, other: Any) -> Any:
        return self._change(rules.power, (other,), {})

    def __neg__(self) -> Any:
        return self._record(rules.negative, (self,), {})

    def __pos__(self) -> Self:
        return self

    def __abs__(self: Any) -> Any:
        return self.abs()

    def __invert__(self) -> Any:
        if self._array.dtype.kind == "f":
            raise TypeError(
                "~ (operator.invert) is only implemented on integer and Boolean tensors, this one "
                f"holds {self._array.dtype}"
            )
        return self._of(~self._array)

    def __and__(self, other: Any) -> Any:
        return self._of(self._array & _array_of(other))

    def __or__(self, other: Any) -> Any:
        return self._of(self._array | _array_of(other))

    def __xor__(self, other: Any) -> Any:
        return self._of(self._array ^ _array_of(other))

    def __floordiv__(self, other: Any) -> Any:
        return self._of(self._array // _array_of(other))

    def __mod__(self, other: Any) -> Any:
        return self._of(self._array % _array_of(other))

    # ---- changing in place

    def add_(self, other: Any, *, alpha: float = 1) -> Self:
        """Add alpha times other in place."""
        return self._change(rules.add, (other if alpha == 1 else other * alpha,), {})

    def sub_(self, other: Any, *, alpha: float = 1) -> Self:
        """Take alpha times other away in place."""
        return self._change(rules.subtract, (other if alpha == 1 else other * alpha,), {})

    def mul_(self, other: Any) -> Self:
        """Multiply in place."""
        return self._change(rules.multiply, (other,), {})

    def div_(self, other: Any) -> Self:
        """Divide in place."""
        return self._change(rules.divide, (other,), {})

    def fill_(self, value: Any) -> Self:
        """Every number becomes this one."""
        return self._change(rules.put, (value,), {"key": ...})

    def zero_(self) -> Self:
        """Every number becomes 0."""
        return self.fill_(0)

    def copy_(self, other: Any) -> Self:
        """Take over the numbers of another tensor."""
        return self._change(rules.put, (other,), {"key": ...})

    def masked_fill_(self, mask: Any, value: Any) -> Self:
        """Where the mask is true, every number becomes this one."""
        return self._change(rules.put, (value,), {"key": mask._array})
