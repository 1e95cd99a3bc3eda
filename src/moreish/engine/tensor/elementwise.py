"""Functions of each number alone, and of what kind the numbers are."""

import math
from typing import Any

import numpy as np

from .. import activations, rules
from .part import Part


class Elementwise(Part):
    """Functions of each number, and conversions."""

    __slots__ = ()

    def exp(self) -> Any:
        """e to the power of each.

        >>> Tensor([0.0]).exp()
        tensor([1.])
        """
        return self._record(rules.exp, (self,), {})

    def log(self) -> Any:
        """The natural logarithm of each.

        >>> Tensor([1.0]).log()
        tensor([0.])
        """
        return self._record(rules.log, (self,), {})

    def log10(self) -> Any:
        """The logarithm to base 10 of each.

        >>> Tensor([1000.0]).log10()
        tensor([3.])
        """
        return self.log() * (1 / math.log(10))

    def sqrt(self) -> Any:
        """The square root of each.

        >>> Tensor([4.0]).sqrt()
        tensor([2.])
        """
        return self._record(rules.sqrt, (self,), {})

    def abs(self) -> Any:
        """Each without its sign.

        >>> Tensor([-4.0]).abs()
        tensor([4.])
        """
        return self._record(rules.absolute, (self,), {})

    def tanh(self) -> Any:
        """The hyperbolic tangent of each.

        >>> Tensor([0.0]).tanh()
        tensor([0.])
        """
        return self._record(rules.tanh, (self,), {})

    def sigmoid(self) -> Any:
        """1 / (1 + exp(-x)) of each.

        >>> Tensor([0.0]).sigmoid()
        tensor([0.5000])
        """
        return self._record(rules.sigmoid, (self,), {})

    def relu(self) -> Any:
        """Each, or 0 where it is less.

        >>> Tensor([-1.0, 2.0]).relu()
        tensor([0., 2.])
        """
        return self._record(rules.relu, (self,), {})

    def erf(self) -> Any:
        """The error function of each.

        >>> Tensor([0.0]).erf()
        tensor([0.])
        """
        return self._record(rules.erf, (self,), {})

    def sign(self) -> Any:
        """-1, 0 or 1 for each.

        >>> Tensor([-3.0, 0.0]).sign()
        tensor([-1.,  0.])
        """
        return self._record(rules.sign, (self,), {})

    def pow(self, exponent: Any) -> Any:
        """Each to this power.

        >>> Tensor([3.0]).pow(2)
        tensor([9.])
        """
        return self**exponent

    def matmul(self, other: Any) -> Any:
        """The matrix product.

        >>> Tensor([[1.0, 2.0]]).matmul(Tensor([[3.0], [4.0]]))
        tensor([[11.]])
        """
        return self @ other

    def clamp(self, min: float | None = None, max: float | None = None) -> Any:
        """Each, but at least `min` and at most `max`.

        >>> Tensor([-3.0, 3.0]).clamp(-1, 1)
        tensor([-1.,  1.])
        """
        result: Any = self
        for bound, beyond in ((min, np.less), (max, np.greater)):
            if bound is not None:
                too_far = beyond(result._array, bound)
                result = self._record(rules.where, (bound, result), {"condition": too_far})
        return result

    def isnan(self) -> Any:
        """Which are no numbers.

        >>> Tensor([float("nan"), 0.0]).isnan()
        tensor([ True, False])
        """
        return self._of(np.isnan(self._array))

    def softmax(self, dim: int) -> Any:
        """Shares along `dim` in proportion to exp of each.

        >>> Tensor([0.0, 0.0]).softmax(0)
        tensor([0.5000, 0.5000])
        """
        return self._record(rules.softmax, (self,), {"axis": self._axes(dim)})

    def log_softmax(self, dim: int) -> Any:
        """The logarithm of `softmax`, without its rounding.

        >>> Tensor([0.0, 0.0]).log_softmax(0)
        tensor([-0.6931, -0.6931])
        """
        return self._record(rules.log_softmax, (self,), {"axis": self._axes(dim)})

    def gelu(self, approximate: str = "none") -> Any:
        """See `moreish.engine.activations.gelu`."""
        return activations.gelu(self, approximate)

    # ---- kinds of number

    def to(self, dtype: Any) -> Any:
        """The same numbers as another kind; itself if they are of that kind already.

        >>> Tensor([1.7]).to(np.int64)
        tensor([1])
        """
        dtype = np.dtype(dtype)
        if dtype == self._array.dtype:
            return self
        if dtype.kind == "f" and self._array.dtype.kind == "f":
            return self._record(rules.cast, (self,), {"dtype": dtype})
        return self._of(self._array.astype(dtype))

    type = to
    astype = to

    def float(self) -> Any:
        """As float32."""
        return self.to(np.float32)

    def double(self) -> Any:
        """As float64."""
        return self.to(np.float64)

    def long(self) -> Any:
        """As int64, cut towards 0."""
        return self.to(np.int64)

    def int(self) -> Any:
        """As int32, cut towards 0."""
        return self.to(np.int32)

    def bool(self) -> Any:
        """False where it is 0, else True."""
        return self.to(np.bool_)
