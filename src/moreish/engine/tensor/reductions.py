"""Many numbers become one: sums, extremes, and what is found along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

import numpy as np

from .. import rules
from ..graph import Primitive, holds
from . import return_types
from .arguments import Dim, DType
from .mixin import Part, numpys, whole

if TYPE_CHECKING:
    from .core import Tensor


Found = TypeVar("Found", bound=return_types.ValuesAndIndices)


class Reductions(Part):
    """What reduces an axis, or all of them.

    Shapes are given for the last axis; `dim` may name another. With `keepdim` it stays, of size 1.
    Without `dim` all numbers count, and the shape is ().
    """

    __slots__ = ()

    def sum(
        self: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None
    ) -> Tensor:
        """The sum of all numbers, or along `dim`: (..., N) → (...,).

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(1, keepdim=True)
        tensor([[3.],
                [7.]])
        """
        x = self._to_add_up(dtype)
        result = self._record(rules.sum, (x,), {"axis": self._axes(dim), "keepdims": keepdim})
        return result if dtype is None else result.to(dtype)

    def _to_add_up(self: Tensor, dtype: DType | None) -> Tensor:
        """Itself as a sum or a product takes it: whole numbers and truth values as int64."""
        if dtype is not None and numpys(dtype).kind != "b":
            self = self.to(dtype)
        return self if self._array.dtype.kind == "f" else self.to(np.int64)

    def prod(
        self: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: DType | None = None
    ) -> Tensor:
        """The product of all numbers, or along `dim`: (..., N) → (...,).

        >>> Tensor([2.0, 3.0]).prod()
        tensor(6.)
        """
        x = self._to_add_up(dtype)
        axis = None if dim is None else self._axis(dim)
        options = {"axis": axis if self._array.ndim else (), "keepdims": keepdim}
        if dim is None:
            options = {"axis": None, "keepdims": False}
        result = self._record(rules.prod, (x,), options)
        return result if dtype is None else result.to(dtype)

    def mean(
        self: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None
    ) -> Tensor:
        """The average of all numbers, or along `dim`: (..., N) → (...,).

        >>> Tensor([1.0, 2.0, 6.0]).mean()
        tensor(3.)
        """
        x = self if dtype is None else self.to(dtype)
        x._must_be_floating("mean(): could not infer output dtype")
        return self._record(rules.mean, (x,), {"axis": self._axes(dim), "keepdims": keepdim})

    def var(
        self: Tensor,
        dim: Dim = None,
        unbiased: bool | None = None,
        keepdim: bool | None = None,
        *,
        correction: float | None = None,
    ) -> Tensor:
        """The variance of all numbers, or along `dim`: (..., N) → (...,).

        It is the sum of squared distances from the average, divided by n - correction. `unbiased`
        says whether the correction is 1, as it is by default, or 0. TypeError if both are given.

        >>> Tensor([1.0, 2.0, 3.0]).var()
        tensor(1.)
        >>> Tensor([1.0, 2.0, 3.0]).var(unbiased=False)
        tensor(0.6667)
        """
        if isinstance(dim, bool) and unbiased is None:
            dim, unbiased = None, dim
        if unbiased is not None:
            if correction is not None or not isinstance(unbiased, bool):
                raise TypeError("var() takes unbiased, True or False, or correction, a number")
            correction = 1 if unbiased else 0
        correction = 1 if correction is None else correction
        self._must_be_floating("std and var only support floating point dtypes")
        x = self
        if dim is None and unbiased is not None and keepdim is not None:
            raise TypeError("var() with unbiased and keepdim wants a dim as well")
        keepdim = bool(keepdim)
        if x._array.dtype == np.float16:
            single = x.to(np.float32).var(dim, keepdim=keepdim, correction=correction)
            return single.to(np.float16)
        axes = self._axes(dim)
        count = rules.shape.size_of(self._array.shape, axes)
        apart = x - x.mean(dim, keepdim=True) if axes is not None else x - x.mean()
        return (apart * apart).sum(dim, keepdim) / float(max(count - correction, 0))

    def std(
        self: Tensor,
        dim: Dim = None,
        unbiased: bool | None = None,
        keepdim: bool | None = None,
        *,
        correction: float | None = None,
    ) -> Tensor:
        """The standard deviation, the square root of `var`: (..., N) → (...,).

        >>> Tensor([1.0, 2.0, 3.0]).std()
        tensor(1.)
        """
        variance = self.var(dim, unbiased, keepdim, correction=correction)
        return self._record(rules.root, (variance,), {})

    def norm(
        self: Tensor,
        p: float | str | None = "fro",
        dim: Dim = None,
        keepdim: bool = False,
        dtype: DType | None = None,
    ) -> Tensor:
        """The p-norm of all numbers, or along `dim`: (..., N) → (...,).

        By default it is the Euclidean length. RuntimeError for a `p` of another name, or for no
        numbers where their norm has no value.

        >>> Tensor([3.0, 4.0]).norm()
        tensor(5.)
        """
        x = self if dtype is None else self.to(dtype)
        x._must_be_floating("norm: a floating point tensor was expected")
        power = 2.0 if p in ("fro", None) else p
        if isinstance(power, str):
            raise RuntimeError(f"norm of order {p!r} is not there: a number, or 'fro' was wanted")
        if x._array.dtype == np.float16:
            return x.to(np.float32).norm(power, dim, keepdim).to(np.float16)
        axes = self._axes(dim)
        options = {"axis": axes, "keepdims": keepdim}
        size = x.abs()
        least = power < 0 or power == np.inf
        if least and not rules.shape.size_of(self._array.shape, axes):
            raise RuntimeError(f"the norm of order {power} of nothing has no value")
        if abs(power) == np.inf:
            row = rules.largest if power > 0 else rules.smallest
            return self._record(row, (size,), options)
        if power == 1:
            return size.sum(dim, keepdim)
        if power == 2:
            return self._record(rules.root, ((x * x).sum(dim, keepdim),), {})
        return self._record(rules.norm, (x,), {"p": float(power), **options})

    def logsumexp(self: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
        """The logarithm of the sum of exp along `dim`, without overflow: (..., N) → (...,).

        RuntimeError if `dim` names no axis.

        >>> Tensor([0.0, 0.0]).logsumexp(0)
        tensor(0.6931)
        """
        axes = self._axes(dim)
        no_axes = isinstance(dim, (tuple, list)) and not dim
        if no_axes and not keepdim and self._array.ndim and self._array.size:
            raise RuntimeError("logsumexp: the axes to sum over were wanted, got none")
        x = self if self._array.dtype.kind == "f" else self.to(np.float32)
        if x._array.dtype == np.float16:
            return x.to(np.float32).logsumexp(dim, keepdim).to(np.float16)
        if not rules.shape.size_of(self._array.shape, axes):
            return x.exp().sum(dim, keepdim).log()
        most = rules.largest(x.detach(), axis=axes, keepdims=True)
        most = rules.where(rules.isfinite(most), most, 0.0)
        total = (x - most).exp().sum(dim, True).log() + most
        shape = rules.shape.without_axes(self._array.shape, axes)
        return total if keepdim else self._record(rules.reshape, (total,), {"shape": shape})

    @overload
    def max(self: Tensor, dim: None = None) -> Tensor: ...

    @overload
    def max(self: Tensor, dim: Tensor) -> Tensor: ...

    @overload
    def max(self: Tensor, dim: int, keepdim: bool = False) -> return_types.max: ...

    def max(
        self: Tensor, dim: int | Tensor | None = None, keepdim: bool = False
    ) -> Tensor | return_types.max:
        """The largest of all numbers, or along `dim` with its index: (..., N) → (...,).

        Of two tensors, the larger one of each pair. RuntimeError if there are no numbers,
        IndexError if there are none along `dim`.

        >>> Tensor([1.0, 5.0, 2.0]).max(0)
        torch.return_types.max(
        values=tensor(5.),
        indices=tensor(1))
        """
        if isinstance(dim, Part):
            return self._record(rules.maximum, (self, dim), {})
        return self._extreme(return_types.max, dim, keepdim, rules.argmax, rules.largest)

    @overload
    def min(self: Tensor, dim: None = None) -> Tensor: ...

    @overload
    def min(self: Tensor, dim: Tensor) -> Tensor: ...

    @overload
    def min(self: Tensor, dim: int, keepdim: bool = False) -> return_types.min: ...

    def min(
        self: Tensor, dim: int | Tensor | None = None, keepdim: bool = False
    ) -> Tensor | return_types.min:
        """The smallest of all numbers, or along `dim` with its index: (..., N) → (...,).

        Of two tensors, the smaller one of each pair. RuntimeError if there are no numbers,
        IndexError if there are none along `dim`.

        >>> Tensor([1.0, 5.0, 2.0]).min()
        tensor(1.)
        """
        if isinstance(dim, Part):
            return self._record(rules.minimum, (self, dim), {})
        return self._extreme(return_types.min, dim, keepdim, rules.argmin, rules.smallest)

    def _extreme(
        self: Tensor,
        found: type[Found],
        dim: int | None,
        keepdim: bool,
        argument: Primitive,
        row: Primitive,
    ) -> Tensor | Found:
        name = found.__name__
        if dim is None:
            if not self._array.size:
                raise RuntimeError(
                    f"{name}(): Expected reduction dim to be specified for input.numel() == 0: "
                    f"nothing has no extreme"
                )
            return self._record(row, (self,), {})
        axis = self._axis(dim)
        if not self._array.ndim:
            return self.reshape(1)._extreme(found, 0, False, argument, row)
        self._must_have_some(name, axis)
        places = self._record(argument, (self,), {"axis": axis, "keepdims": True})
        values = self._take_along(places, axis)
        if not keepdim:
            values, places = values.squeeze(axis), places.squeeze(axis)
        return found(values, places)

    def _must_have_some(self: Tensor, name: str, axis: int) -> None:
        if not self._array.shape[axis]:
            raise IndexError(
                f"{name}(): Expected reduction dim {axis} to have non-zero size: nothing has no "
                f"extreme"
            )

    def argmax(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """The index of the largest number along `dim`, or of all in a row: (..., N) → (...,).

        RuntimeError for truth values, IndexError if there are no numbers.

        >>> Tensor([1.0, 5.0, 2.0]).argmax()
        tensor(1)
        """
        return self._place(rules.argmax, dim, keepdim)

    def argmin(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """The index of the smallest number along `dim`, or of all in a row: (..., N) → (...,).

        RuntimeError for truth values, IndexError if there are no numbers.

        >>> Tensor([1.0, 5.0, 2.0]).argmin()
        tensor(0)
        """
        return self._place(rules.argmin, dim, keepdim)

    def _place(self: Tensor, row: Primitive, dim: int | None, keepdim: bool) -> Tensor:
        name = row.name
        if self._array.dtype.kind == "b":
            raise RuntimeError(f"{name}(): does not support bool input: convert it with .long()")
        axis = None if dim is None else self._axis(dim)
        if not self._array.ndim:
            axis = None
        elif axis is not None:
            self._must_have_some(name, axis)
        elif not self._array.size:
            raise IndexError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0: "
                f"nothing has no extreme"
            )
        return self._record(row, (self,), {"axis": axis, "keepdims": keepdim})

    def all(self: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
        """Whether all are true, or all along `dim`: (..., N) → (...,).

        >>> Tensor([1.0, 0.0]).all()
        tensor(False)
        """
        return self._truth(rules.all, dim, keepdim)

    def any(self: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
        """Whether any is true, or any along `dim`: (..., N) → (...,).

        >>> Tensor([1.0, 0.0]).any()
        tensor(True)
        """
        return self._truth(rules.any, dim, keepdim)

    def _truth(self: Tensor, row: Primitive, dim: Dim, keepdim: bool) -> Tensor:
        axes = () if isinstance(dim, (tuple, list)) and not dim else self._axes(dim)
        found = self._record(row, (self,), {"axis": axes, "keepdims": keepdim})
        # As in PyTorch, bytes stay bytes.
        return found.to(np.uint8) if self._array.dtype == np.uint8 else found

    def cumsum(self: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
        """The sum so far along `dim`: (..., N) → (..., N).

        >>> Tensor([1.0, 2.0, 3.0]).cumsum(0)
        tensor([1., 3., 6.])
        """
        x = self._to_add_up(dtype)
        axis = self._axis(dim)
        if dtype is not None and numpys(dtype).kind == "b" and self._array.ndim:
            raise NotImplementedError("cumsum is not implemented for bool: truth values don't add")
        result = self._record(rules.cumsum, (x,), {"axis": axis}) if self._array.ndim else x.clone()
        return result if dtype is None else result.to(dtype)

    def allclose(
        self: Tensor,
        other: Tensor,
        rtol: float = 1e-05,
        atol: float = 1e-08,
        equal_nan: bool = False,
    ) -> bool:
        """Whether `isclose` is true of all numbers: (...,), (...,) → bool.

        >>> Tensor([1.0]).allclose(Tensor([1.0 + 1e-7]))
        True
        """
        return bool(self.isclose(other, rtol, atol, equal_nan).all())

    def equal(self: Tensor, other: Tensor) -> bool:
        """Whether shape and all numbers are the same; TypeError if the other is no Tensor.

        >>> Tensor([1.0]).equal(Tensor([1.0, 1.0]))
        False
        """
        if self._array.shape != self._other("equal", other).shape:
            return False
        return bool(self._record(rules.equal, (self, other), {}).all())

    def _other(self: Tensor, name: str, other: Tensor) -> np.ndarray:
        if not isinstance(other, Part):
            raise TypeError(
                f"{name}(): argument 'other' must be Tensor, not {type(other).__name__}"
            )
        return other._array

    def bincount(self: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
        """How often each whole number from 0 to the largest comes: (N,) → (largest + 1,).

        There are at least `minlength` counts. With `weights` (N,), they are added up instead.
        RuntimeError for numbers below 0, more axes, or weights of another shape. TypeError if the
        weights are no Tensor.

        >>> tensor([1, 1, 3]).bincount()
        tensor([0, 2, 0, 1])
        """
        array = self._array
        if array.dtype.kind not in "iu":
            raise NotImplementedError(f"bincount is for whole numbers, not for {array.dtype}")
        if array.ndim != 1 or not holds(self >= 0):
            raise RuntimeError("bincount only supports 1-d non-negative integral inputs")
        if whole(minlength, "minlength") < 0:
            raise RuntimeError(f"minlength should be >= 0, got {minlength}")
        options = {"minlength": minlength}
        if weights is None:
            return self._record(rules.bincount, (self,), options)
        weight = self._other("bincount", weights)
        if not array.size:
            return self._record(rules.bincount, (self,), options)
        if weight.shape != array.shape:
            raise RuntimeError(
                f"weights should be 1-d and have the same length as input: got "
                f"{list(weight.shape)} for {list(array.shape)}"
            )
        return self._record(rules.bincount, (self, weights), options)
