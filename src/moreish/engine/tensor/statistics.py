"""Extremes without their places, counts, and what leaves out NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from .. import rules
from ..graph import Primitive
from . import return_types
from .arguments import Dim, DType
from .grad_fn_names import labelled
from .mixin import Part

if TYPE_CHECKING:
    from .core import Tensor


class Statistics(Part):
    """More that reduces an axis, or all of them; shapes are as in `Reductions`."""

    __slots__ = ()

    def amax(self: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
        """The largest of all numbers, or along `dim`: (..., N) → (...,).

        Equal ones have equal parts of the gradient.

        >>> Tensor([[1.0, 5.0], [2.0, 0.0]]).amax(1)
        tensor([5., 2.])
        """
        return self._extreme_of("amax", rules.largest, dim, keepdim)

    def amin(self: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
        """The smallest of all numbers, or along `dim`: (..., N) → (...,).

        Equal ones have equal parts of the gradient.

        >>> Tensor([[1.0, 5.0], [2.0, 0.0]]).amin()
        tensor(0.)
        """
        return self._extreme_of("amin", rules.smallest, dim, keepdim)

    def _extreme_of(self: Tensor, name: str, row: Primitive, dim: Dim, keepdim: bool) -> Tensor:
        axes = self._axes(() if dim is None else dim)
        if self._array.ndim:
            every = range(self._array.ndim) if axes is None else np.atleast_1d(axes)
            for axis in every:
                self._must_have_some(name, int(axis))
        result = self._record(row, (self,), {"axis": axes, "keepdims": keepdim})
        return labelled(result, f"{name.title()}0")

    def aminmax(
        self: Tensor, *, dim: int | None = None, keepdim: bool = False
    ) -> return_types.aminmax:
        """The smallest and the largest number, of all or along `dim`: (..., N) → (...,) each.

        >>> Tensor([1.0, 5.0]).aminmax().max
        tensor(5.)
        """
        where = () if dim is None else self._axis(dim)
        return return_types.aminmax(
            *(labelled(f(where, keepdim), "Aminmax0") for f in (self.amin, self.amax))
        )

    def count_nonzero(self: Tensor, dim: Dim = None) -> Tensor:
        """How many numbers are not 0, of all or along `dim`: (..., N) → (...,).

        >>> tensor([0, 5, 7]).count_nonzero()
        tensor(2)
        """
        return (self != 0).sum(dim)

    def nansum(
        self: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None
    ) -> Tensor:
        """The sum of the numbers that are not NaN, of all or along `dim`: (..., N) → (...,).

        >>> Tensor([1.0, float("nan")]).nansum()
        tensor(1.)
        """
        return self._without_nan().sum(dim, keepdim, dtype=dtype)

    def nanmean(
        self: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None
    ) -> Tensor:
        """The average of the numbers that are not NaN, of all or along `dim`: (..., N) → (...,).

        >>> Tensor([1.0, float("nan"), 3.0]).nanmean()
        tensor(2.)
        """
        self._must_be_floating("nanmean(): expected input to have floating point dtype")
        count = self.isnan().logical_not().sum(dim, keepdim)
        return self.nansum(dim, keepdim, dtype=dtype) / count

    def _without_nan(self: Tensor) -> Tensor:
        if self._array.dtype.kind != "f":
            return self
        return rules.where(self.isnan(), 0.0, self)

    def nan_to_num(
        self: Tensor,
        nan: float | None = None,
        posinf: float | None = None,
        neginf: float | None = None,
    ) -> Tensor:
        """NaN as 0 or this number, infinities as the largest numbers or these: (...,) → (...,).

        >>> Tensor([float("nan"), 1.0]).nan_to_num()
        tensor([0., 1.])
        """
        if self._array.dtype.kind != "f":
            return self.clone()
        limits = np.finfo(self._array.dtype)
        ends = (
            (np.inf, float(limits.max) if posinf is None else posinf),
            (-np.inf, float(limits.min) if neginf is None else neginf),
        )
        result = rules.where(self.isnan(), 0.0 if nan is None else nan, self)
        for end, value in ends:
            result = rules.where(self == end, value, result)
        return result

    @overload
    def median(self: Tensor, dim: None = None, keepdim: bool = False) -> Tensor: ...

    @overload
    def median(self: Tensor, dim: int, keepdim: bool = False) -> return_types.median: ...

    def median(
        self: Tensor, dim: int | None = None, keepdim: bool = False
    ) -> Tensor | return_types.median:
        """The middle of all numbers in order, or along `dim` with its index: (..., N) → (...,).

        The lower one of two; NaN if there is one.

        >>> Tensor([3.0, 1.0, 2.0, 4.0]).median()
        tensor(2.)
        """
        if dim is None:
            if not self._array.size:
                if self._array.dtype.kind == "f":
                    return self.sum() * float("nan")
                kind = self._array.dtype  # NaN as a whole number, as PyTorch has it
                return self._of(np.array(np.iinfo(kind).min * (kind.itemsize > 2), dtype=kind))
            return labelled(self.reshape(-1).median(0).values, "Median0")
        axis = self._axis(dim)
        if not self._array.ndim:
            return return_types.median(self.clone(), self._of(np.zeros((), dtype=np.int64)))
        self._must_have_some("median", axis)
        numbers, places = self.sort(axis)
        middle = (self._array.shape[axis] - 1) // 2
        last = self._array.shape[axis] - 1
        at = numbers.narrow(axis, last, 1).isnan() * (last - middle) + middle
        found = [x.gather(axis, at) for x in (numbers, places)]
        if not keepdim:
            found = [x.squeeze(axis) for x in found]
        return return_types.median(labelled(found[0], "Median1"), found[1])
