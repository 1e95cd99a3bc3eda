"""Comparisons, truth values and bits, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import rules
from ..graph import Primitive
from .arguments import Operand
from .mixin import Part
from .operands import must_be_operand, must_be_tensor

if TYPE_CHECKING:
    from .core import Tensor


class Comparisons(Part):
    """What is answered for each number by true or false, and operations on bits.

    The shapes of two tensors broadcast.
    """

    __slots__ = ()

    # ---- comparisons

    def eq(self: Tensor, other: Operand) -> Tensor:
        """Which are equal: (...,), (...,) → (...,) bool.

        >>> Tensor([1.0, 2.0]).eq(2)
        tensor([False,  True])
        """
        return self == must_be_operand("eq", other)

    def ne(self: Tensor, other: Operand) -> Tensor:
        """Which are not equal: (...,), (...,) → (...,) bool.

        >>> Tensor([1.0, 2.0]).ne(2)
        tensor([ True, False])
        """
        return self != must_be_operand("ne", other)

    def lt(self: Tensor, other: Operand) -> Tensor:
        """Which are less than the other: (...,), (...,) → (...,) bool.

        >>> Tensor([1.0, 2.0]).lt(2)
        tensor([ True, False])
        """
        return self < must_be_operand("lt", other)

    def le(self: Tensor, other: Operand) -> Tensor:
        """Which are at most the other: (...,), (...,) → (...,) bool.

        >>> Tensor([1.0, 2.0]).le(1)
        tensor([ True, False])
        """
        return self <= must_be_operand("le", other)

    def gt(self: Tensor, other: Operand) -> Tensor:
        """Which are greater than the other: (...,), (...,) → (...,) bool.

        >>> Tensor([1.0, 2.0]).gt(1)
        tensor([False,  True])
        """
        return self > must_be_operand("gt", other)

    def ge(self: Tensor, other: Operand) -> Tensor:
        """Which are at least the other: (...,), (...,) → (...,) bool.

        >>> Tensor([1.0, 2.0]).ge(2)
        tensor([False,  True])
        """
        return self >= must_be_operand("ge", other)

    def isclose(
        self: Tensor,
        other: Tensor,
        rtol: float = 1e-05,
        atol: float = 1e-08,
        equal_nan: bool = False,
    ) -> Tensor:
        """Which differ by at most atol + rtol times the other: (...,), (...,) → (...,) bool.

        RuntimeError if their dtypes differ, or a tolerance is below 0.

        >>> Tensor([1.0, 1.0]).isclose(Tensor([1.0 + 1e-7, 1.1]))
        tensor([ True, False])
        """
        must_be_tensor("isclose", "other", other)
        if self._array.dtype != other._array.dtype:
            raise RuntimeError(f"{self._array.dtype} did not match {other._array.dtype}: convert")
        if rtol < 0 or atol < 0:
            raise RuntimeError(f"rtol and atol must be 0 or more, got {rtol} and {atol}")
        options = {"rtol": rtol, "atol": atol, "equal_nan": equal_nan}
        return self._record(rules.isclose, (self, other), options)

    # ---- truth values and bits

    def logical_and(self: Tensor, other: Tensor) -> Tensor:
        """Where both are not 0: (...,), (...,) → (...,) bool.

        >>> tensor([0, 1]).logical_and(tensor([1, 2]))
        tensor([False,  True])
        """
        return self._asked(rules.logical_and, other)

    def logical_or(self: Tensor, other: Tensor) -> Tensor:
        """Where one of the two is not 0, or both: (...,), (...,) → (...,) bool.

        >>> tensor([0, 1]).logical_or(tensor([0, 2]))
        tensor([False,  True])
        """
        return self._asked(rules.logical_or, other)

    def logical_xor(self: Tensor, other: Tensor) -> Tensor:
        """Where exactly one of the two is not 0: (...,), (...,) → (...,) bool.

        >>> tensor([0, 1]).logical_xor(tensor([1, 2]))
        tensor([ True, False])
        """
        return self._asked(rules.logical_xor, other)

    def _asked(self: Tensor, row: Primitive, other: Tensor) -> Tensor:
        return self._record(row, (self, must_be_tensor(row.name, "other", other)), {})

    def logical_not(self: Tensor) -> Tensor:
        """Which are 0: (...,) → (...,) bool.

        >>> tensor([0, 1]).logical_not()
        tensor([ True, False])
        """
        return self._record(rules.logical_not, (self,), {})

    def isfinite(self: Tensor) -> Tensor:
        """Which are neither infinite nor NaN: (...,) → (...,) bool.

        >>> Tensor([float("inf"), 0.0]).isfinite()
        tensor([False,  True])
        """
        return self._record(rules.isfinite, (self,), {})

    def signbit(self: Tensor) -> Tensor:
        """Which have a minus, -0.0 among them: (...,) → (...,) bool.

        >>> Tensor([-0.0, 0.0]).signbit()
        tensor([ True, False])
        """
        return self._record(rules.signbit, (self,), {})

    def bitwise_and(self: Tensor, other: Operand) -> Tensor:
        """The bits that both have: (...,), (...,) → (...,).

        >>> tensor([6]).bitwise_and(3)
        tensor([2])
        """
        return self & must_be_operand("bitwise_and", other)

    def bitwise_or(self: Tensor, other: Operand) -> Tensor:
        """The bits that one of the two has, or both: (...,), (...,) → (...,).

        >>> tensor([6]).bitwise_or(3)
        tensor([7])
        """
        return self | must_be_operand("bitwise_or", other)

    def bitwise_xor(self: Tensor, other: Operand) -> Tensor:
        """The bits that exactly one of the two has: (...,), (...,) → (...,).

        >>> tensor([6]).bitwise_xor(3)
        tensor([5])
        """
        return self ^ must_be_operand("bitwise_xor", other)

    def bitwise_not(self: Tensor) -> Tensor:
        """Every bit changed; of truth values, true to false: (...,) → (...,).

        >>> tensor([6]).bitwise_not()
        tensor([-7])
        """
        return ~self

    def bitwise_left_shift(self: Tensor, other: Operand) -> Tensor:
        """The bits so many positions further up, times 2 to that power: (...,), (...,) → (...,).

        >>> tensor([3]).bitwise_left_shift(2)
        tensor([12])
        """
        return self << must_be_operand("bitwise_left_shift", other)

    def bitwise_right_shift(self: Tensor, other: Operand) -> Tensor:
        """The bits so many positions further down: (...,), (...,) → (...,).

        >>> tensor([12]).bitwise_right_shift(2)
        tensor([3])
        """
        return self >> must_be_operand("bitwise_right_shift", other)
