"""Functions of two tensors number by number, and the operators by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..graph import Primitive
from ..rules import division, elementwise, pairs
from . import operators
from .arguments import Operand
from .grad_fn_names import labelled
from .mixin import Part
from .operands import must_be_operand, must_be_tensor, must_not_be_truths
from .promotion import result_type

if TYPE_CHECKING:
    from .core import Tensor


class Pairs(Part):
    """What takes another tensor, or a number, of a shape that broadcasts with its own."""

    __slots__ = ()

    # ---- arithmetic

    def add(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
        """Each plus alpha times the other: (...,), (...,) → (...,).

        >>> Tensor([1.0, 2.0]).add(Tensor([1.0, 1.0]), alpha=10)
        tensor([11., 12.])
        """
        return self + operators._times("add", self, other, alpha)

    def sub(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
        """Each less alpha times the other: (...,), (...,) → (...,).

        >>> Tensor([1.0, 2.0]).sub(1)
        tensor([0., 1.])
        """
        must_not_be_truths(self._array, getattr(other, "_array", other))
        return self - operators._times("sub", self, other, alpha)

    def mul(self: Tensor, other: Operand) -> Tensor:
        """Each times the other: (...,), (...,) → (...,).

        >>> Tensor([1.0, 2.0]).mul(3)
        tensor([3., 6.])
        """
        return self * must_be_operand("mul", other)

    def div(self: Tensor, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
        """Each divided by the other: (...,), (...,) → (...,).

        The `rounding_mode` "trunc" cuts the fraction off, "floor" rounds down. Rounded, it is a
        step function, and its gradient is 0. RuntimeError for another mode, or where whole numbers
        are divided by 0 and rounded.

        >>> Tensor([-3.0, 3.0]).div(2, rounding_mode="trunc")
        tensor([-1.,  1.])
        """
        must_be_operand("div", other)
        if rounding_mode is None:
            return self / other
        if rounding_mode not in ("trunc", "floor"):
            raise RuntimeError(
                f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
                f"{rounding_mode!r}"
            )
        return self._record(division.rounded_quotient, (self, other), {"mode": rounding_mode})

    def floor_divide(self: Tensor, other: Operand) -> Tensor:
        """Each divided by the other and rounded down: (...,), (...,) → (...,).

        >>> Tensor([-3.0, 3.0]).floor_divide(2)
        tensor([-2.,  1.])
        """
        return self // must_be_operand("floor_divide", other)

    def remainder(self: Tensor, other: Operand) -> Tensor:
        """What is left over of a division that is rounded down: (...,), (...,) → (...,).

        Its sign is that of the other.

        >>> Tensor([-3.0, 3.0]).remainder(2)
        tensor([1., 1.])
        """
        return self % must_be_operand("remainder", other)

    def fmod(self: Tensor, other: Operand) -> Tensor:
        """What is left over of a division that is cut off: (...,), (...,) → (...,).

        Its sign is that of the number.

        >>> Tensor([-3.0, 3.0]).fmod(2)
        tensor([-1.,  1.])
        """
        return self._record(division.fmod, (self, must_be_operand("fmod", other)), {})

    def neg(self: Tensor) -> Tensor:
        """Each with the other sign: (...,) → (...,).

        >>> Tensor([1.0]).neg()
        tensor([-1.])
        """
        return -self

    def lerp(self: Tensor, end: Tensor, weight: Operand) -> Tensor:
        """The numbers between its own (weight 0) and those of `end` (weight 1), on a straight line.

        (...,), (...,), weight (...,) → (...,). RuntimeError if their dtypes differ, TypeError if
        `end` is no Tensor.

        >>> Tensor([0.0, 10.0]).lerp(Tensor([1.0, 20.0]), 0.25)
        tensor([ 0.2500, 12.5000])
        """
        must_be_tensor("lerp", "end", end)
        self._must_be_floating("lerp is for floating-point numbers")
        for name, x in (("end", end), ("weight", weight)):
            if isinstance(x, Part) and x._array.dtype != self._array.dtype:
                raise RuntimeError(
                    f"expected dtype {self._array.dtype} for `{name}` but got {x._array.dtype}"
                )
        apart = end - self
        low, high = self + apart * weight, end - apart * (1 - weight)
        if isinstance(weight, Part):  # as in PyTorch, exact at either end
            found = elementwise.where(weight.lt(0.5), low, high)
            return labelled(found, "Lerp1")
        return labelled(low if float(weight) < 0.5 else high, "Lerp0")

    # ---- lengths, angles, logarithms, signs

    def logaddexp(self: Tensor, other: Tensor) -> Tensor:
        """log(exp(a) + exp(b)) of each pair, without overflow: (...,), (...,) → (...,).

        >>> Tensor([0.0]).logaddexp(Tensor([0.0]))
        tensor([0.6931])
        """
        return self._of_floats(pairs.logaddexp, other)

    def hypot(self: Tensor, other: Tensor) -> Tensor:
        """The hypotenuse over each pair of legs, sqrt(a² + b²): (...,), (...,) → (...,).

        >>> Tensor([3.0]).hypot(Tensor([4.0]))
        tensor([5.])
        """
        return self._of_floats(pairs.hypot, other)

    def _of_floats(self: Tensor, row: Primitive, other: Tensor) -> Tensor:
        must_be_tensor(row.name, "other", other)
        dtype = result_type(self._array, other._array)
        if dtype.kind != "f":
            raise NotImplementedError(f"{row.name} is not implemented for {dtype}: use .float()")
        return self._record(row, (self, other), {})

    def atan2(self: Tensor, other: Tensor) -> Tensor:
        """The angle of each point (other, self), from -pi to pi: (...,), (...,) → (...,).

        >>> Tensor([0.0]).atan2(Tensor([1.0]))
        tensor([0.])
        """
        return self._record(pairs.atan2, (self, must_be_tensor("atan2", "other", other)), {})

    def copysign(self: Tensor, other: Operand) -> Tensor:
        """Each with the sign of the other, which may be that of -0.0: (...,), (...,) → (...,).

        >>> Tensor([1.0, 2.0]).copysign(-1)
        tensor([-1., -2.])
        """
        return self._record(pairs.copysign, (self, must_be_operand("copysign", other)), {})

    def maximum(self: Tensor, other: Tensor) -> Tensor:
        """The larger one of each pair: (...,), (...,) → (...,).

        >>> Tensor([1.0, 4.0]).maximum(Tensor([3.0, 2.0]))
        tensor([3., 4.])
        """
        return self._record(
            elementwise.maximum, (self, must_be_tensor("maximum", "other", other)), {}
        )

    def minimum(self: Tensor, other: Tensor) -> Tensor:
        """The smaller one of each pair: (...,), (...,) → (...,).

        >>> Tensor([1.0, 4.0]).minimum(Tensor([3.0, 2.0]))
        tensor([1., 2.])
        """
        return self._record(
            elementwise.minimum, (self, must_be_tensor("minimum", "other", other)), {}
        )

    # ---- other names of the same

    def true_divide(self: Tensor, other: Operand) -> Tensor:
        """Each divided by the other, without rounding: (...,), (...,) → (...,).

        >>> tensor([1, 2]).true_divide(2)
        tensor([0.5000, 1.0000])
        """
        return self / must_be_operand("true_divide", other)

    def clip(self: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:
        """See `clamp`: (...,) → (...,).

        >>> Tensor([-3.0, 3.0]).clip(-1, 1)
        tensor([-1.,  1.])
        """
        return self.clamp(min, max)

    subtract = sub
    multiply = mul
    divide = div
    negative = neg
