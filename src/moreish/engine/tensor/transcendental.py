"""More functions of each number: trigonometric, hyperbolic, exponential, roots, and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..graph import Primitive
from ..rules import transcendental
from .mixin import Part

if TYPE_CHECKING:
    from .core import Tensor


class Transcendental(Part):
    """What `rules.transcendental` has, as methods."""

    __slots__ = ()

    def tan(self: Tensor) -> Tensor:
        """The tangent of each, in radians: (...,) → (...,).

        >>> Tensor([0.0]).tan()
        tensor([0.])
        """
        return self._record(transcendental.tan, (self,), {})

    def asin(self: Tensor) -> Tensor:
        """The angle, in radians, whose sine each is: (...,) → (...,); NaN outside of [-1, 1].

        >>> Tensor([0.0]).asin()
        tensor([0.])
        """
        return self._record(transcendental.asin, (self,), {})

    def acos(self: Tensor) -> Tensor:
        """The angle, in radians, whose cosine each is: (...,) → (...,); NaN outside of [-1, 1].

        >>> Tensor([1.0]).acos()
        tensor([0.])
        """
        return self._record(transcendental.acos, (self,), {})

    def atan(self: Tensor) -> Tensor:
        """The angle, in radians, whose tangent each is: (...,) → (...,).

        >>> Tensor([0.0]).atan()
        tensor([0.])
        """
        return self._record(transcendental.atan, (self,), {})

    def sinh(self: Tensor) -> Tensor:
        """The hyperbolic sine of each: (...,) → (...,).

        >>> Tensor([0.0]).sinh()
        tensor([0.])
        """
        return self._record(transcendental.sinh, (self,), {})

    def cosh(self: Tensor) -> Tensor:
        """The hyperbolic cosine of each: (...,) → (...,).

        >>> Tensor([0.0]).cosh()
        tensor([1.])
        """
        return self._record(transcendental.cosh, (self,), {})

    def asinh(self: Tensor) -> Tensor:
        """The number whose hyperbolic sine each is: (...,) → (...,).

        >>> Tensor([0.0]).asinh()
        tensor([0.])
        """
        return self._record(transcendental.asinh, (self,), {})

    def acosh(self: Tensor) -> Tensor:
        """The number whose hyperbolic cosine each is: (...,) → (...,); NaN below 1.

        >>> Tensor([1.0]).acosh()
        tensor([0.])
        """
        return self._record(transcendental.acosh, (self,), {})

    def atanh(self: Tensor) -> Tensor:
        """The number whose hyperbolic tangent each is: (...,) → (...,); NaN outside of [-1, 1].

        >>> Tensor([0.0]).atanh()
        tensor([0.])
        """
        return self._record(transcendental.atanh, (self,), {})

    def exp2(self: Tensor) -> Tensor:
        """2 to the power of each: (...,) → (...,).

        >>> Tensor([3.0]).exp2()
        tensor([8.])
        """
        return self._record(transcendental.exp2, (self,), {})

    def expm1(self: Tensor) -> Tensor:
        """e to the power of each, less 1, exact also near 0: (...,) → (...,).

        >>> Tensor([0.0]).expm1()
        tensor([0.])
        """
        return self._record(transcendental.expm1, (self,), {})

    def log2(self: Tensor) -> Tensor:
        """The logarithm to base 2 of each: (...,) → (...,).

        >>> Tensor([8.0]).log2()
        tensor([3.])
        """
        return self._record(transcendental.log2, (self,), {})

    def rsqrt(self: Tensor) -> Tensor:
        """1 divided by the square root of each: (...,) → (...,).

        >>> Tensor([4.0]).rsqrt()
        tensor([0.5000])
        """
        return self._record(transcendental.rsqrt, (self,), {})

    def reciprocal(self: Tensor) -> Tensor:
        """1 divided by each: (...,) → (...,).

        >>> Tensor([4.0]).reciprocal()
        tensor([0.2500])
        """
        return self._record(transcendental.reciprocal, (self,), {})

    def floor(self: Tensor) -> Tensor:
        """Each rounded down to a whole number: (...,) → (...,).

        >>> Tensor([-1.5]).floor()
        tensor([-2.])
        """
        return self._stepped(transcendental.floor)

    def ceil(self: Tensor) -> Tensor:
        """Each rounded up to a whole number: (...,) → (...,).

        >>> Tensor([-1.5]).ceil()
        tensor([-1.])
        """
        return self._stepped(transcendental.ceil)

    def trunc(self: Tensor) -> Tensor:
        """Each without its fraction: (...,) → (...,).

        >>> Tensor([-1.5]).trunc()
        tensor([-1.])
        """
        return self._stepped(transcendental.trunc)

    def _stepped(self: Tensor, row: Primitive) -> Tensor:
        if self._array.dtype.kind == "b":
            raise NotImplementedError(
                f"{row.name} is not implemented for bool: convert it with .float()"
            )
        return self._record(row, (self,), {})
