"""Comparisons, truth values and bits, by their names."""

from typing import Any

from .. import rules
from .mixin import Part
from .operands import must_be_operand, must_be_tensor


class Comparisons(Part):
    """What is answered number by number by true or false, and operations on bits."""

    __slots__ = ()

    # ---- comparisons

    def eq(self: Any, other: Any) -> Any:
        """Which are equal.

        >>> Tensor([1.0, 2.0]).eq(2)
        tensor([False,  True])
        """
        return self == must_be_operand("eq", other)

    def ne(self: Any, other: Any) -> Any:
        """Which are not equal.

        >>> Tensor([1.0, 2.0]).ne(2)
        tensor([ True, False])
        """
        return self != must_be_operand("ne", other)

    def lt(self: Any, other: Any) -> Any:
        """Which are less.

        >>> Tensor([1.0, 2.0]).lt(2)
        tensor([ True, False])
        """
        return self < must_be_operand("lt", other)

    def le(self: Any, other: Any) -> Any:
        """Which are less or equal.

        >>> Tensor([1.0, 2.0]).le(1)
        tensor([ True, False])
        """
        return self <= must_be_operand("le", other)

    def gt(self: Any, other: Any) -> Any:
        """Which are greater.

        >>> Tensor([1.0, 2.0]).gt(1)
        tensor([False,  True])
        """
        return self > must_be_operand("gt", other)

    def ge(self: Any, other: Any) -> Any:
        """Which are greater or equal.

        >>> Tensor([1.0, 2.0]).ge(2)
        tensor([False,  True])
        """
        return self >= must_be_operand("ge", other)

    def isclose(
        self: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
    ) -> Any:
        """Which are the same within atol + rtol times the other's.

        RuntimeError unless both have one dtype.

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

    def logical_and(self, other: Any) -> Any:
        """Where both are not 0.

        >>> tensor([0, 1]).logical_and(tensor([1, 2]))
        tensor([False,  True])
        """
        return self._asked(rules.logical_and, other)

    def logical_or(self, other: Any) -> Any:
        """Where one of the two is not 0, or both.

        >>> tensor([0, 1]).logical_or(tensor([0, 2]))
        tensor([False,  True])
        """
        return self._asked(rules.logical_or, other)

    def logical_xor(self, other: Any) -> Any:
        """Where one of the two is not 0, and the other is.

        >>> tensor([0, 1]).logical_xor(tensor([1, 2]))
        tensor([ True, False])
        """
        return self._asked(rules.logical_xor, other)

    def _asked(self, row: Any, other: Any) -> Any:
        return self._record(row, (self, must_be_tensor(row.name, "other", other)), {})

    def logical_not(self) -> Any:
        """Which are 0.

        >>> tensor([0, 1]).logical_not()
        tensor([ True, False])
        """
        return self._record(rules.logical_not, (self,), {})

    def isfinite(self) -> Any:
        """Which are numbers, and not infinite.

        >>> Tensor([float("inf"), 0.0]).isfinite()
        tensor([False,  True])
        """
        return self._record(rules.isfinite, (self,), {})

    def signbit(self) -> Any:
        """Which have a minus, -0.0 among them.

        >>> Tensor([-0.0, 0.0]).signbit()
        tensor([ True, False])
        """
        return self._record(rules.signbit, (self,), {})

    def bitwise_and(self: Any, other: Any) -> Any:
        """The bits that both have.

        >>> tensor([6]).bitwise_and(3)
        tensor([2])
        """
        return self & must_be_operand("bitwise_and", other)

    def bitwise_or(self: Any, other: Any) -> Any:
        """The bits that one of the two has, or both.

        >>> tensor([6]).bitwise_or(3)
        tensor([7])
        """
        return self | must_be_operand("bitwise_or", other)

    def bitwise_xor(self: Any, other: Any) -> Any:
        """The bits that one of the two has, and not both.

        >>> tensor([6]).bitwise_xor(3)
        tensor([5])
        """
        return self ^ must_be_operand("bitwise_xor", other)

    def bitwise_not(self: Any) -> Any:
        """Every bit changed; of truth values, true to false.

        >>> tensor([6]).bitwise_not()
        tensor([-7])
        """
        return ~self

    def bitwise_left_shift(self: Any, other: Any) -> Any:
        """The bits so many places further up: times 2 to that power.

        >>> tensor([3]).bitwise_left_shift(2)
        tensor([12])
        """
        return self << must_be_operand("bitwise_left_shift", other)

    def bitwise_right_shift(self: Any, other: Any) -> Any:
        """The bits so many places further down.

        >>> tensor([12]).bitwise_right_shift(2)
        tensor([3])
        """
        return self >> must_be_operand("bitwise_right_shift", other)
