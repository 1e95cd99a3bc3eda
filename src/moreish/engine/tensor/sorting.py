"""Where the numbers stand in order, which are not 0, and how many fall into each bin."""

from typing import Any

import numpy as np

from . import return_types
from .mixin import Part, whole
from .ranges import spaced


class Ordering(Part):
    """What is found by comparing numbers."""

    __slots__ = ()

    def _order(self, dim: Any, descending: bool) -> tuple[np.ndarray, int]:
        """Where the numbers in order are along an axis, equal ones as they come; and the axis."""
        axis = self._axis(dim)
        array = self._array
        if not descending:
            return np.argsort(array, axis=axis, kind="stable"), axis
        back = (slice(None),) * axis + (slice(None, None, -1),)
        places = np.argsort(array[back], axis=axis, kind="stable")[back]
        return array.shape[axis] - 1 - places, axis

    def sort(self: Any, dim: int = -1, descending: bool = False, *, stable: bool = True) -> Any:
        """The numbers in order along `dim`, and where each was; NaN counts as the largest.

        Equal numbers always stay in the order that they had, also without `stable`.

        >>> Tensor([3.0, 1.0]).sort().values
        tensor([1., 3.])
        """
        if not self._array.ndim:
            self._axis(dim)
            return return_types.sort(self.clone(), self._of(np.zeros((), dtype=np.int64)))
        places, axis = self._order(dim, descending)
        return return_types.sort(self._take_along(places, axis), self._of(places.astype(np.int64)))

    def argsort(self: Any, dim: int = -1, descending: bool = False, *, stable: bool = True) -> Any:
        """Where the numbers in order along `dim` are.

        >>> Tensor([3.0, 1.0, 2.0]).argsort()
        tensor([1, 2, 0])
        """
        return self.detach().sort(dim, descending).indices

    def topk(self: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
        """The `k` largest numbers along `dim`, or the smallest, in order, and where they are.

        RuntimeError if there are not so many.

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
        places = places[(slice(None),) * axis + (slice(count),)]
        return return_types.topk(self._take_along(places, axis), self._of(places.astype(np.int64)))

    def nonzero(self, *, as_tuple: bool = False) -> Any:
        """(n, axes) where the numbers that are not 0 stand; or (n) for each axis, as a tuple.

        >>> tensor([0, 5, 7]).nonzero()
        tensor([[1],
                [2]])
        """
        array = self._array
        if as_tuple:
            found = np.nonzero(array.reshape(array.shape or (1,)))
            return tuple(self._of(places.astype(np.int64)) for places in found)
        return self._of(np.argwhere(array).astype(np.int64))

    def histogram(
        self: Any,
        bins: Any = 100,
        *,
        range: Any = None,
        weight: Any = None,
        density: bool = False,
    ) -> Any:
        """How many numbers fall into each bin, and the edges of the bins.

        `bins` of equal width from the smallest to the largest, or over `range`; or a Tensor of
        edges that rise. `weight` says how much each number counts; with `density` the areas of
        the bins add up to 1. RuntimeError for a range that is empty or not finite.

        >>> Tensor([1.0, 2.0, 2.0]).histogram(2).hist
        tensor([1., 2.])
        """
        array = self._array
        if array.dtype not in (np.float32, np.float64):
            raise NotImplementedError(f"histogram is for float32 and float64, not {array.dtype}")
        flat = array.reshape(-1)
        edges = self._edges(bins, flat, range)
        weights = self._weights_of(weight)
        with np.errstate(all="ignore"):
            places = np.searchsorted(edges, flat, side="right") - 1
            places = np.where(flat == edges[-1], len(edges) - 2, places)
            inside = (flat >= edges[0]) & (flat <= edges[-1])
            counted = weights[inside] if weights is not None else None
            found = np.bincount(places[inside], weights=counted, minlength=len(edges) - 1)
            hist = found.astype(array.dtype)
            if density:
                hist = (hist / hist.sum() / np.diff(edges)).astype(array.dtype)
        return return_types.histogram(self._of(hist), self._of(edges))

    def _edges(self, bins: Any, flat: np.ndarray, range: Any) -> np.ndarray:
        """The edges of the bins, in the dtype of the numbers."""
        if isinstance(bins, Part):
            edges = bins._array
            if edges.dtype != flat.dtype or edges.ndim != 1 or edges.size < 2 or range is not None:
                raise RuntimeError(
                    f"the edges of bins must be {flat.dtype} along one axis, without a range: got "
                    f"{edges.dtype} of shape {list(edges.shape)}"
                )
            return edges.copy()
        if whole(bins, "bins") <= 0:
            raise RuntimeError(f"bins must be > 0, but got {bins}")
        if range is not None:
            low, high = (float(end) for end in range)
        elif flat.size:
            low, high = float(flat.min()), float(flat.max())
        else:
            low, high = 0.0, 0.0
        if not (np.isfinite(low) and np.isfinite(high)):
            raise RuntimeError(f"the range [{low}, {high}] of a histogram must be finite")
        if low > high:
            raise RuntimeError(f"the range of a histogram must rise, but got [{low}, {high}]")
        if low == high:
            low, high = (low - 0.5, high + 0.5) if flat.size or range else (0.0, 1.0)
        return spaced(low, high, int(bins) + 1, flat.dtype)

    def _weights_of(self, weight: Any) -> Any:
        if weight is None:
            return None
        if weight._array.shape != self._array.shape or weight._array.dtype != self._array.dtype:
            raise RuntimeError(
                f"weight must be as the numbers are, {self._array.dtype} of shape "
                f"{list(self._array.shape)}: got {weight._array.dtype} of shape "
                f"{list(weight._array.shape)}"
            )
        return weight._array.reshape(-1)
