"""More functions of each number: trigonometric, hyperbolic, exponential, roots, and steps."""

from typing import Any

from ..rules import transcendental
from .mixin import Part


class Transcendental(Part):
    """What `rules.transcendental` has, as methods."""

    __slots__ = ()

    def tan(self) -> Any:
        """The tangent of each.

        >>> Tensor([0.0]).tan()
        tensor([0.])
        """
        return self._record(transcendental.tan, (self,), {})

    def asin(self) -> Any:
        """The angle, in radians, whose sine each is; NaN outside of [-1, 1].

        >>> Tensor([0.0]).asin()
        tensor([0.])
        """
        return self._record(transcendental.asin, (self,), {})

    def acos(self) -> Any:
        """The angle, in radians, whose cosine each is; NaN outside of [-1, 1].

        >>> Tensor([1.0]).acos()
        tensor([0.])
        """
        return self._record(transcendental.acos, (self,), {})

    def atan(self) -> Any:
        """The angle, in radians, whose tangent each is.

        >>> Tensor([0.0]).atan()
        tensor([0.])
        """
        return self._record(transcendental.atan, (self,), {})

    def sinh(self) -> Any:
        """The hyperbolic sine of each.

        >>> Tensor([0.0]).sinh()
        tensor([0.])
        """
        return self._record(transcendental.sinh, (self,), {})

    def cosh(self) -> Any:
        """The hyperbolic cosine of each.

        >>> Tensor([0.0]).cosh()
        tensor([1.])
        """
        return self._record(transcendental.cosh, (self,), {})

    def asinh(self) -> Any:
        """The number whose hyperbolic sine each is.

        >>> Tensor([0.0]).asinh()
        tensor([0.])
        """
        return self._record(transcendental.asinh, (self,), {})

    def acosh(self) -> Any:
        """The number whose hyperbolic cosine each is; NaN below 1.

        >>> Tensor([1.0]).acosh()
        tensor([0.])
        """
        return self._record(transcendental.acosh, (self,), {})

    def atanh(self) -> Any:
        """The number whose hyperbolic tangent each is; NaN outside of [-1, 1].

        >>> Tensor([0.0]).atanh()
        tensor([0.])
        """
        return self._record(transcendental.atanh, (self,), {})

    def exp2(self) -> Any:
        """2 to the power of each.

        >>> Tensor([3.0]).exp2()
        tensor([8.])
        """
        return self._record(transcendental.exp2, (self,), {})

    def expm1(self) -> Any:
        """e to the power of each, less 1: precise near 0.

        >>> Tensor([0.0]).expm1()
        tensor([0.])
        """
        return self._record(transcendental.expm1, (self,), {})

    def log2(self) -> Any:
        """The logarithm to base 2 of each.

        >>> Tensor([8.0]).log2()
        tensor([3.])
        """
        return self._record(transcendental.log2, (self,), {})

    def rsqrt(self) -> Any:
        """1 divided by the square root of each.

        >>> Tensor([4.0]).rsqrt()
        tensor([0.5000])
        """
        return self._record(transcendental.rsqrt, (self,), {})

    def reciprocal(self) -> Any:
        """1 divided by each.

        >>> Tensor([4.0]).reciprocal()
        tensor([0.2500])
        """
        return self._record(transcendental.reciprocal, (self,), {})

    def floor(self) -> Any:
        """Each rounded down to a whole number.

        >>> Tensor([-1.5]).floor()
        tensor([-2.])
        """
        return self._stepped(transcendental.floor)

    def ceil(self) -> Any:
        """Each rounded up to a whole number.

        >>> Tensor([-1.5]).ceil()
        tensor([-1.])
        """
        return self._stepped(transcendental.ceil)

    def trunc(self) -> Any:
        """Each without its fraction.

        >>> Tensor([-1.5]).trunc()
        tensor([-1.])
        """
        return self._stepped(transcendental.trunc)

    def _stepped(self, row: Any) -> Any:
        if self._array.dtype.kind == "b":
            raise NotImplementedError(
                f"{row.name} is not implemented for bool: convert it with .float()"
            )
        return self._record(row, (self,), {})
