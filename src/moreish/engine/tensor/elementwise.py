"""Functions of each number alone, and of what kind the numbers are."""

from typing import Any

import numpy as np

from .. import activations, rules
from ..device import CPU, Device, is_device
from .mixin import Part, _array_of, numpys, whole
from .operands import NUMBERS
from .promotion import result_type

TYPES = {
    "float16": "torch.HalfTensor",
    "float32": "torch.FloatTensor",
    "float64": "torch.DoubleTensor",
    "int8": "torch.CharTensor",
    "int16": "torch.ShortTensor",
    "int32": "torch.IntTensor",
    "int64": "torch.LongTensor",
    "uint8": "torch.ByteTensor",
    "bool": "torch.BoolTensor",
}


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

        >>> round(Tensor([1000.0]).log10().item(), 5)  # in the last digit processors differ
        3.0
        """
        return self._record(rules.log10, (self,), {})

    def log1p(self) -> Any:
        """The natural logarithm of 1 + x, exact also where x is tiny.

        >>> Tensor([0.0]).log1p()
        tensor([0.])
        """
        return self._record(rules.log1p, (self,), {})

    def sin(self) -> Any:
        """The sine of each, in radians.

        >>> Tensor([0.0]).sin()
        tensor([0.])
        """
        return self._record(rules.sin, (self,), {})

    def cos(self) -> Any:
        """The cosine of each, in radians.

        >>> Tensor([0.0]).cos()
        tensor([1.])
        """
        return self._record(rules.cos, (self,), {})

    def square(self: Any) -> Any:
        """Each times itself.

        >>> Tensor([3.0]).square()
        tensor([9.])
        """
        return self**2

    def round(self, *, decimals: int | None = None) -> Any:
        """Each rounded to the nearest whole number, or so many decimals; halves to even.

        >>> Tensor([0.5, 1.5]).round()
        tensor([0., 2.])
        """
        places = 0 if decimals is None else whole(decimals, "decimals")
        kind = self._array.dtype.kind
        if kind == "b" or (decimals is not None and kind != "f"):
            raise NotImplementedError(f"round is not implemented for {self._array.dtype}")
        return self._record(rules.round, (self,), {"decimals": places})

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
        if self._array.dtype.kind == "b":
            raise NotImplementedError("abs is not implemented for bool: convert it with .long()")
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
        if self._array.dtype.kind == "b":
            raise RuntimeError("Boolean inputs not supported for relu: convert it with .float()")
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

    def clamp(self, min: Any = None, max: Any = None) -> Any:
        """Each, but at least `min` and at most `max`, which are numbers or Tensors.

        RuntimeError without a bound.

        >>> Tensor([-3.0, 3.0]).clamp(-1, 1)
        tensor([-1.,  1.])
        """
        if min is None and max is None:
            raise RuntimeError("clamp: at least one of 'min' or 'max' must not be None")
        bounds = [bound for bound in (min, max) if bound is not None]
        if not all(isinstance(bound, (Part, np.ndarray, *NUMBERS)) for bound in bounds):
            raise TypeError("clamp(): bounds are numbers or Tensors")
        one_tensor = len(bounds) == 1 and isinstance(bounds[0], Part)
        dtype = result_type(self._array, *map(_array_of, bounds))
        if dtype.kind == "b" and not one_tensor:
            raise NotImplementedError("clamp is not implemented for bool: convert it with .long()")
        return self._record(rules.clamp, (self, min, max), {})

    def isinf(self) -> Any:
        """Which are infinite.

        >>> Tensor([float("inf"), 0.0]).isinf()
        tensor([ True, False])
        """
        return self._record(rules.isinf, (self,), {})

    def isnan(self) -> Any:
        """Which are no numbers.

        >>> Tensor([float("nan"), 0.0]).isnan()
        tensor([ True, False])
        """
        return self._record(rules.isnan, (self,), {})

    def softmax(self, dim: int, dtype: Any = None) -> Any:
        """Shares along `dim` in proportion to exp of each.

        >>> Tensor([0.0, 0.0]).softmax(0)
        tensor([0.5000, 0.5000])
        """
        return self._softmax(rules.softmax, dim, dtype)

    def log_softmax(self, dim: int, dtype: Any = None) -> Any:
        """The logarithm of `softmax`, without its rounding.

        >>> Tensor([0.0, 0.0]).log_softmax(0)
        tensor([-0.6931, -0.6931])
        """
        return self._softmax(rules.log_softmax, dim, dtype)

    def _softmax(self, row: Any, dim: Any, dtype: Any) -> Any:
        x: Any = self if dtype is None else self.to(dtype)
        if x._array.dtype.kind != "f":
            raise NotImplementedError(
                f"{row.name} is not implemented for {x._array.dtype}: convert it with .float()"
            )
        axis = self._axis(dim)
        return self._record(row, (x,), {"axis": axis if self._array.ndim else ()})

    def gelu(self, approximate: str = "none") -> Any:
        """See `moreish.engine.activations.gelu`."""
        return activations.gelu(self, approximate)

    # ---- kinds of number

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: bool = False,
        copy: bool = False,
    ) -> Any:
        """The same numbers as another kind; itself if they are of that kind already.

        It takes a dtype, a device, which is "cpu", both, or a Tensor to be like. Nothing is moved,
        so `non_blocking` changes nothing.

        >>> Tensor([1.7]).to(np.int64)
        tensor([1])
        """
        for given in args:
            if isinstance(given, Part):
                dtype = given._array.dtype
            elif isinstance(given, Device) or (isinstance(given, str) and is_device(given)):
                device = given
            elif isinstance(given, bool):
                copy = bool(given) and given is args[-1] and len(args) > 2
            elif isinstance(given, str):
                raise RuntimeError(
                    f"invalid device string: {given!r}; a dtype is no string, but torch.float64"
                )
            else:
                dtype = given
        if device is not None:
            Device(device)
        own = self._array.dtype
        dtype = own if dtype is None else numpys(dtype)
        if dtype == own:
            return self.clone() if copy else self  # type: ignore[attr-defined]
        return self._record(rules.cast, (self,), {"dtype": dtype})

    def type(self, dtype: Any = None) -> Any:
        """The same numbers as another kind; without one, PyTorch's name of its own kind.

        >>> Tensor([1.0]).type()
        'torch.FloatTensor'
        """
        if dtype is None:
            return TYPES[self._array.dtype.name]
        if isinstance(dtype, str):
            names = [name for name, told in TYPES.items() if told == dtype]
            if not names:
                raise ValueError(
                    f"invalid type: {dtype!r}; a dtype was wanted, or one of "
                    f"{', '.join(TYPES.values())}"
                )
            dtype = np.dtype(names[0])
        return self.to(dtype)

    astype = to

    @property
    def device(self) -> Device:
        """Where its numbers are: in the memory of the processor."""
        return CPU

    def cpu(self) -> Any:
        """Itself: its numbers are in the memory of the processor already."""
        return self

    def float(self) -> Any:
        """As float32."""
        return self.to(np.float32)

    def double(self) -> Any:
        """As float64."""
        return self.to(np.float64)

    def half(self) -> Any:
        """As float16."""
        return self.to(np.float16)

    def long(self) -> Any:
        """As int64, cut towards 0."""
        return self.to(np.int64)

    def int(self) -> Any:
        """As int32, cut towards 0."""
        return self.to(np.int32)

    def bool(self) -> Any:
        """False where it is 0, else True."""
        return self.to(np.bool_)
