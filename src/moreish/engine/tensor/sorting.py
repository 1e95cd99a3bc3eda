"""Where the numbers stand in order, which are not 0, and how many fall into each bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

import numpy as np

from .. import rules
from ..graph import Primitive
from . import return_types
from .mixin import Part, whole
from .ranges import spaced

if TYPE_CHECKING:
    from .core import Tensor


def _bin_edges(x: np.ndarray, *, bins: int, range: tuple[float, float] | None) -> np.ndarray:
    """Edges of equal bins over a range, or from the smallest number to the largest."""
    if range is not None:
        low, high = range
    elif x.size:
        low, high = float(x.min()), float(x.max())
    else:
        low, high = 0.0, 0.0
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(f"the range [{low}, {high}] of a histogram must be finite")
    if low > high:
        raise RuntimeError(f"the range of a histogram must rise, but got [{low}, {high}]")
    if low == high:
        low, high = (low - 0.5, high + 0.5) if x.size or range else (0.0, 1.0)
    return spaced(low, high, bins + 1, x.dtype)


BIN_EDGES = Primitive("bin_edges", _bin_edges)  # a row that stands here for the sake of `spaced`


class Ordering(Part):
    """What is found by comparing numbers.

    Shapes are given for the last axis; `dim` may name another.
    """

    __slots__ = ()

    def _order(self: Tensor, dim: int, descending: bool) -> tuple[Tensor, int]:
        """Where the numbers in order are along an axis, equal ones as they come; and the axis."""
        axis = self._axis(dim)
        return self._record(rules.argsort, (self,), {"axis": axis, "descending": descending}), axis

    def sort(
        self: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = True
    ) -> return_types.sort:
        """The numbers in order along `dim`, and where each was: (..., N) → (..., N) each.

        NaN counts as the largest. Equal numbers stay in the order that they had, also without
        `stable`.

        >>> Tensor([3.0, 1.0]).sort().values
        tensor([1., 3.])
        """
        if not self._array.ndim:
            self._axis(dim)
            return return_types.sort(self.clone(), self._record(rules.argmax, (self,), {}))
        places, axis = self._order(dim, descending)
        return return_types.sort(self._take_along(places, axis), places)

    def argsort(
        self: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = True
    ) -> Tensor:
        """The indices of the numbers in order along `dim`: (..., N) → (..., N).

        >>> Tensor([3.0, 1.0, 2.0]).argsort()
        tensor([1, 2, 0])
        """
        return self.detach().sort(dim, descending).indices

    def topk(
        self: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> return_types.topk:
        """The `k` largest numbers along `dim` and where they are: (..., N) → (..., k) each.

        They come in order. Without `largest` they are the smallest. RuntimeError if there are not
        so many, or for truth values.

        >>> Tensor([1.0, 3.0, 2.0]).topk(2).values
        tensor([3., 2.])
        """
        count, axis = whole(k, "k"), self._axis(dim)
        size = self._array.shape[axis] if self._array.ndim else 1
        if not 0 <= count <= size:
            raise RuntimeError(f"selected index k out of range: {count} of {size} were asked for")
        if self._array.dtype.kind == "b":
            raise RuntimeError("topk does not support bool dtypes: convert it with .long()")
        if not self._array.ndim:
            return return_types.topk(*self.sort(dim))
        places, _ = self._order(dim, largest)
        places = places.narrow(axis, 0, count).contiguous()
        return return_types.topk(self._take_along(places, axis), places)

    @overload
    def nonzero(self: Tensor, *, as_tuple: Literal[False] = False) -> Tensor: ...

    @overload
    def nonzero(self: Tensor, *, as_tuple: Literal[True]) -> tuple[Tensor, ...]: ...

    def nonzero(self: Tensor, *, as_tuple: bool = False) -> Tensor | tuple[Tensor, ...]:
        """The indices of the numbers that are not 0: (...,) → (n, axes).

        As a tuple, (n,) for each axis.

        >>> tensor([0, 5, 7]).nonzero()
        tensor([[1],
                [2]])
        """
        if as_tuple:
            return (self if self._array.ndim else self.reshape(1)).nonzero().unbind(1)
        return self._record(rules.nonzero, (self,), {})

    def histogram(
        self: Tensor,
        bins: int | Tensor = 100,
        *,
        range: tuple[float, float] | None = None,
        weight: Tensor | None = None,
        density: bool = False,
    ) -> return_types.histogram:
        """How many numbers fall into each bin, and the edges: (...,) → (bins,), (bins + 1,).

        `bins` of equal width from the smallest to the largest, or over `range`; or a Tensor of
        edges that rise. `weight` says how much each number counts; with `density` the areas of the
        bins add up to 1. RuntimeError for a range that is empty or not finite, or edges or weights
        that don't fit.

        >>> Tensor([1.0, 2.0, 2.0]).histogram(2).hist
        tensor([1., 2.])
        """
        dtype = self._array.dtype
        if dtype not in (np.float32, np.float64):
            raise NotImplementedError(f"histogram is for float32 and float64, not {dtype}")
        flat = self.reshape(-1)
        edges = self._edges(bins, flat, range)
        weights = self._weights_of(weight)
        inputs = (flat, edges) if weights is None else (flat, edges, weights)
        hist = self._record(rules.histogram, inputs, {"density": density})
        return return_types.histogram(hist, edges)

    def _edges(
        self: Tensor, bins: int | Tensor, flat: Tensor, range: tuple[float, float] | None
    ) -> Tensor:
        """The edges of the bins, in the dtype of the numbers."""
        dtype = self._array.dtype
        if isinstance(bins, Part):
            edges = bins._array
            if edges.dtype != dtype or edges.ndim != 1 or edges.size < 2 or range is not None:
                raise RuntimeError(
                    f"the edges of bins must be {dtype} along one axis, without a range: got "
                    f"{edges.dtype} of shape {list(edges.shape)}"
                )
            return self._record(rules.cast, (bins,), {"dtype": dtype}).detach()
        if whole(bins, "bins") <= 0:
            raise RuntimeError(f"bins must be > 0, but got {bins}")
        ends = None if range is None else tuple(float(end) for end in range)
        return self._record(BIN_EDGES, (flat,), {"bins": int(bins), "range": ends})

    def _weights_of(self: Tensor, weight: Tensor | None) -> Tensor | None:
        if weight is None:
            return None
        if weight._array.shape != self._array.shape or weight._array.dtype != self._array.dtype:
            raise RuntimeError(
                f"weight must be as the numbers are, {self._array.dtype} of shape "
                f"{list(self._array.shape)}: got {weight._array.dtype} of shape "
                f"{list(weight._array.shape)}"
            )
        return weight.reshape(-1)
