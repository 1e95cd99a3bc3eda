"""Many numbers become one: sums, extremes, and what is found along an axis."""

from typing import Any

import numpy as np

from .. import rules
from .part import Dim, Part, ValuesAndIndices


class Reductions(Part):
    """What reduces an axis, or all of them."""

    __slots__ = ()

    def sum(self, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
        """All numbers added up, or those along `dim`.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(1, keepdim=True)
        tensor([[3.],
                [7.]])
        """
        x: Any = self
        if dtype is not None:
            x = x.to(dtype)
        if x._array.dtype.kind == "b" or (x._array.dtype.kind in "iu" and dtype is None):
            x = x.to(np.int64)
        return self._record(rules.sum, (x,), {"axis": self._axes(dim), "keepdims": keepdim})

    def mean(self, dim: Dim = None, keepdim: bool = False) -> Any:
        """The average of all numbers, or of those along `dim`.

        >>> Tensor([1.0, 2.0, 6.0]).mean()
        tensor(3.)
        """
        self._must_be_floating("mean(): could not infer output dtype")
        count = rules.shape.size_of(self._array.shape, self._axes(dim))
        return self.sum(dim, keepdim) / float(count)

    def var(self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False) -> Any:
        """The mean squared distance from the average, divided by n - correction.

        >>> Tensor([1.0, 2.0, 3.0]).var()
        tensor(1.)
        """
        self._must_be_floating("std and var only support floating point dtypes")
        count = rules.shape.size_of(self._array.shape, self._axes(dim))
        apart: Any = self - self.mean(dim, keepdim=True) if dim is not None else self - self.mean()
        return (apart * apart).sum(dim, keepdim) / float(max(count - correction, 0))

    def std(self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False) -> Any:
        """The square root of `var`.

        >>> Tensor([1.0, 2.0, 3.0]).std()
        tensor(1.)
        """
        return self.var(dim, correction=correction, keepdim=keepdim).sqrt()

    def max(self, dim: Any = None, keepdim: bool = False) -> Any:
        """The largest number; along `dim` also where it is; of two tensors, at each place.

        >>> Tensor([1.0, 5.0, 2.0]).max(0)
        ValuesAndIndices(values=tensor(5.), indices=tensor(1))
        """
        return self._extreme(dim, keepdim, np.argmax, np.greater, 1)

    def min(self, dim: Any = None, keepdim: bool = False) -> Any:
        """The smallest number; along `dim` also where it is; of two tensors, at each place.

        >>> Tensor([1.0, 5.0, 2.0]).min()
        tensor(1.)
        """
        return self._extreme(dim, keepdim, np.argmin, np.less, -1)

    def _extreme(self: Any, dim: Any, keepdim: bool, argument: Any, better: Any, sign: int) -> Any:
        if isinstance(dim, Part):
            equal, first = self._array == dim._array, better(self._array, dim._array)
            halves = self._record(rules.where, ((self + dim) / 2, dim), {"condition": equal})
            return self._record(rules.where, (self, halves), {"condition": first})
        if not self._array.size and dim is None:
            raise RuntimeError(
                "max(): Expected reduction dim to be specified for input.numel() == 0"
            )
        if dim is None:
            signed = self if sign > 0 else -self
            largest = self._record(rules.largest, (signed,), {})
            return largest if sign > 0 else -largest
        axis = self._axes(dim)
        if axis == ():
            return ValuesAndIndices(self.clone(), self._of(np.zeros((), dtype=np.int64)))
        places = np.expand_dims(argument(self._array, axis=axis), axis)
        values = self._take_along(places, axis)
        if not keepdim:
            values, places = values.squeeze(axis), places.squeeze(axis)
        return ValuesAndIndices(values, self._of(places.astype(np.int64)))

    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Where the largest number is; in the flattened tensor without `dim`.

        >>> Tensor([1.0, 5.0, 2.0]).argmax()
        tensor(1)
        """
        found = np.argmax(self._array, axis=self._axes(dim), keepdims=keepdim)
        return self._of(found.astype(np.int64, copy=False))

    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Where the smallest number is; in the flattened tensor without `dim`.

        >>> Tensor([1.0, 5.0, 2.0]).argmin()
        tensor(0)
        """
        found = np.argmin(self._array, axis=self._axes(dim), keepdims=keepdim)
        return self._of(found.astype(np.int64, copy=False))

    def all(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Whether all are true, or all along `dim`.

        >>> Tensor([1.0, 0.0]).all()
        tensor(False)
        """
        return self._of(np.all(self._array, axis=self._axes(dim), keepdims=keepdim))

    def any(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Whether any is true, or any along `dim`.

        >>> Tensor([1.0, 0.0]).any()
        tensor(True)
        """
        return self._of(np.any(self._array, axis=self._axes(dim), keepdims=keepdim))

    def cumsum(self: Any, dim: int) -> Any:
        """The sums up to each place along `dim`.

        >>> Tensor([1.0, 2.0, 3.0]).cumsum(0)
        tensor([1., 3., 6.])
        """
        count = self._array.shape[dim] if self._array.ndim else 1
        steps = self._of(np.tri(count, dtype=self._array.dtype).T.copy())
        moved = self.transpose(dim, -1)
        return (moved @ steps).transpose(dim, -1)

    def sort(self: Any, dim: int = -1, descending: bool = False) -> Any:
        """The numbers in order along `dim`, and where each was.

        >>> Tensor([3.0, 1.0]).sort().values
        tensor([1., 3.])
        """
        keys = -self._array if descending else self._array
        places = np.argsort(keys, axis=dim, kind="stable")
        axis = dim % max(self._array.ndim, 1)
        return ValuesAndIndices(self._take_along(places, axis), self._of(places.astype(np.int64)))

    def allclose(self, other: Any, rtol: float = 1e-05, atol: float = 1e-08) -> bool:
        """Whether the numbers are the same within atol + rtol times the other's.

        >>> Tensor([1.0]).allclose(Tensor([1.0 + 1e-7]))
        True
        """
        return bool(np.allclose(self._array, other._array, rtol=rtol, atol=atol))

    def equal(self, other: Any) -> bool:
        """Whether shape and all numbers are the same.

        >>> Tensor([1.0]).equal(Tensor([1.0, 1.0]))
        False
        """
        return bool(np.array_equal(self._array, other._array))

    def bincount(self, minlength: int = 0) -> Any:
        """How often each whole number comes.

        >>> tensor([1, 1, 3]).bincount()
        tensor([0, 2, 0, 1])
        """
        counted = np.bincount(self._array, minlength=minlength)
        return self._of(counted.astype(np.int64))
