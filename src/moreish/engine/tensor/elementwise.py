"""Functions of each number alone, and of what kind the numbers are."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from .. import activations, rules
from ..device import CPU, Device, is_device
from ..graph import Primitive
from .arguments import DeviceName, DType, Operand
from .mixin import Part, _array_of, numpys, whole
from .operands import NUMBERS
from .promotion import result_type

if TYPE_CHECKING:
    from .core import Tensor

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

    def exp(self: Tensor) -> Tensor:
        """e to the power of each: (...,) → (...,).

        >>> Tensor([0.0]).exp()
        tensor([1.])
        """
        return self._record(rules.exp, (self,), {})

    def log(self: Tensor) -> Tensor:
        """The natural logarithm of each: (...,) → (...,).

        >>> Tensor([1.0]).log()
        tensor([0.])
        """
        return self._record(rules.log, (self,), {})

    def log10(self: Tensor) -> Tensor:
        """The logarithm to base 10 of each: (...,) → (...,).

        >>> round(Tensor([1000.0]).log10().item(), 5)  # in the last digit processors differ
        3.0
        """
        return self._record(rules.log10, (self,), {})

    def log1p(self: Tensor) -> Tensor:
        """The natural logarithm of 1 + x, exact also where x is tiny: (...,) → (...,).

        >>> Tensor([0.0]).log1p()
        tensor([0.])
        """
        return self._record(rules.log1p, (self,), {})

    def sin(self: Tensor) -> Tensor:
        """The sine of each, in radians: (...,) → (...,).

        >>> Tensor([0.0]).sin()
        tensor([0.])
        """
        return self._record(rules.sin, (self,), {})

    def cos(self: Tensor) -> Tensor:
        """The cosine of each, in radians: (...,) → (...,).

        >>> Tensor([0.0]).cos()
        tensor([1.])
        """
        return self._record(rules.cos, (self,), {})

    def square(self: Tensor) -> Tensor:
        """Each times itself: (...,) → (...,).

        >>> Tensor([3.0]).square()
        tensor([9.])
        """
        return self**2

    def round(self: Tensor, *, decimals: int | None = None) -> Tensor:
        """Each rounded to the nearest whole number, or so many decimals: (...,) → (...,).

        A half goes to the even neighbour.

        >>> Tensor([0.5, 1.5]).round()
        tensor([0., 2.])
        """
        places = 0 if decimals is None else whole(decimals, "decimals")
        kind = self._array.dtype.kind
        if kind == "b" or (decimals is not None and kind != "f"):
            raise NotImplementedError(f"round is not implemented for {self._array.dtype}")
        return self._record(rules.round, (self,), {"decimals": places})

    def sqrt(self: Tensor) -> Tensor:
        """The square root of each: (...,) → (...,).

        >>> Tensor([4.0]).sqrt()
        tensor([2.])
        """
        return self._record(rules.sqrt, (self,), {})

    def abs(self: Tensor) -> Tensor:
        """Each without its sign: (...,) → (...,).

        >>> Tensor([-4.0]).abs()
        tensor([4.])
        """
        if self._array.dtype.kind == "b":
            raise NotImplementedError("abs is not implemented for bool: convert it with .long()")
        return self._record(rules.absolute, (self,), {})

    def tanh(self: Tensor) -> Tensor:
        """The hyperbolic tangent of each: (...,) → (...,).

        >>> Tensor([0.0]).tanh()
        tensor([0.])
        """
        return self._record(rules.tanh, (self,), {})

    def sigmoid(self: Tensor) -> Tensor:
        """1 / (1 + exp(-x)) of each: (...,) → (...,).

        >>> Tensor([0.0]).sigmoid()
        tensor([0.5000])
        """
        return self._record(rules.sigmoid, (self,), {})

    def relu(self: Tensor) -> Tensor:
        """Each, or 0 where it is less: (...,) → (...,).

        RuntimeError for truth values.

        >>> Tensor([-1.0, 2.0]).relu()
        tensor([0., 2.])
        """
        if self._array.dtype.kind == "b":
            raise RuntimeError("Boolean inputs not supported for relu: convert it with .float()")
        return self._record(rules.relu, (self,), {})

    def erf(self: Tensor) -> Tensor:
        """The error function of each: (...,) → (...,).

        >>> Tensor([0.0]).erf()
        tensor([0.])
        """
        return self._record(rules.erf, (self,), {})

    def sign(self: Tensor) -> Tensor:
        """-1, 0 or 1 for each: (...,) → (...,).

        >>> Tensor([-3.0, 0.0]).sign()
        tensor([-1.,  0.])
        """
        return self._record(rules.sign, (self,), {})

    def pow(self: Tensor, exponent: Operand) -> Tensor:
        """Each to this power: (...,), (...,) → (...,).

        >>> Tensor([3.0]).pow(2)
        tensor([9.])
        """
        return self**exponent

    def clamp(self: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:
        """Each, but at least `min` and at most `max`: (...,) → (...,).

        The bounds are numbers or Tensors. RuntimeError if there is none, TypeError if one is
        neither.

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

    def isinf(self: Tensor) -> Tensor:
        """Which are infinite: (...,) → (...,) bool.

        >>> Tensor([float("inf"), 0.0]).isinf()
        tensor([ True, False])
        """
        return self._record(rules.isinf, (self,), {})

    def isnan(self: Tensor) -> Tensor:
        """Which are NaN: (...,) → (...,) bool.

        >>> Tensor([float("nan"), 0.0]).isnan()
        tensor([ True, False])
        """
        return self._record(rules.isnan, (self,), {})

    def softmax(self: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
        """Probabilities along `dim`, in proportion to exp of each: (..., N) → (..., N).

        >>> Tensor([0.0, 0.0]).softmax(0)
        tensor([0.5000, 0.5000])
        """
        return self._softmax(rules.softmax, dim, dtype)

    def log_softmax(self: Tensor, dim: int, dtype: DType | None = None) -> Tensor:
        """The logarithm of `softmax`, in nats, without its rounding: (..., N) → (..., N).

        >>> Tensor([0.0, 0.0]).log_softmax(0)
        tensor([-0.6931, -0.6931])
        """
        return self._softmax(rules.log_softmax, dim, dtype)

    def _softmax(self: Tensor, row: Primitive, dim: int, dtype: DType | None) -> Tensor:
        x = self if dtype is None else self.to(dtype)
        if x._array.dtype.kind != "f":
            raise NotImplementedError(
                f"{row.name} is not implemented for {x._array.dtype}: convert it with .float()"
            )
        axis = self._axis(dim)
        return self._record(row, (x,), {"axis": axis if self._array.ndim else ()})

    def gelu(self: Tensor, approximate: str = "none") -> Tensor:
        """See `moreish.engine.activations.gelu`: (...,) → (...,)."""
        return activations.gelu(self, approximate)

    # ---- kinds of number

    def to(
        self: Tensor,
        *args: Tensor | DType | DeviceName | bool,
        dtype: DType | None = None,
        device: DeviceName | None = None,
        non_blocking: bool = False,
        copy: bool = False,
    ) -> Tensor:
        """The same numbers as another kind: (...,) → (...,).

        It takes a dtype, a device, which is "cpu", both, or a Tensor to be like. Of that kind
        already, it is itself. Nothing is moved, so `non_blocking` changes nothing. RuntimeError for
        any other string.

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
            return self.clone() if copy else self
        return self._record(rules.cast, (self,), {"dtype": dtype})

    @overload
    def type(self: Tensor, dtype: None = None) -> str: ...

    @overload
    def type(self: Tensor, dtype: DType | str) -> Tensor: ...

    def type(self: Tensor, dtype: DType | str | None = None) -> Tensor | str:
        """The same numbers as another kind: (...,) → (...,); without one, the name of its own.

        ValueError for a name of no kind.

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
    def device(self: Tensor) -> Device:
        """Where the numbers of a tensor of any shape are: in the memory of the processor."""
        return CPU

    def cpu(self: Tensor) -> Tensor:
        """Itself, as its numbers are in the memory of the processor already: (...,) → (...,)."""
        return self

    def float(self: Tensor) -> Tensor:
        """As float32: (...,) → (...,)."""
        return self.to(np.float32)

    def double(self: Tensor) -> Tensor:
        """As float64: (...,) → (...,)."""
        return self.to(np.float64)

    def half(self: Tensor) -> Tensor:
        """As float16: (...,) → (...,)."""
        return self.to(np.float16)

    def long(self: Tensor) -> Tensor:
        """As int64, cut towards 0: (...,) → (...,)."""
        return self.to(np.int64)

    def int(self: Tensor) -> Tensor:
        """As int32, cut towards 0: (...,) → (...,)."""
        return self.to(np.int32)

    def bool(self: Tensor) -> Tensor:
        """False where it is 0, else True: (...,) → (...,)."""
        return self.to(np.bool_)
