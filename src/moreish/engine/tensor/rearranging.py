"""Parts of a tensor, and copies of it side by side or in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .. import rules
from .arguments import Sizes
from .mixin import Part, _sizes, whole

if TYPE_CHECKING:
    from .core import Tensor


class Pieces(Part):
    """What takes a tensor apart along an axis, and what repeats or reorders it.

    Shapes are given for the first axis; `dim` may name another.
    """

    __slots__ = ()

    def repeat(self: Tensor, *sizes: Sizes) -> Tensor:
        """Copies side by side, so many along each axis: (N, M) → (N * a, M * b).

        RuntimeError if an axis has no count, or one below 0.

        >>> Tensor([1.0, 2.0]).repeat(2)
        tensor([1., 2., 1., 2.])
        """
        result = self
        counts = _sizes(sizes)
        if len(counts) < self._array.ndim or min(counts, default=0) < 0:
            raise RuntimeError(
                f"repeat: a number of times, 0 or more, for each of the {self._array.ndim} axes "
                f"was wanted, got {list(counts)}"
            )
        if all(count == 1 for count in counts):
            result = self.clone()
        while result._array.ndim < len(counts):
            result = result.unsqueeze(0)
        for axis, count in enumerate(counts):
            parts = (result,) * count
            result = (
                self._record(rules.cat, parts, {"axis": axis})
                if count
                else result.narrow(axis, 0, 0)
            )
        return result

    def narrow(self: Tensor, dim: int, start: int, length: int) -> Tensor:
        """`length` positions along `dim` from `start` on: (N, ...) → (length, ...).

        A negative `start` counts from the end. IndexError for a start beyond the axis, RuntimeError
        if there are not so many.

        >>> Tensor([1.0, 2.0, 3.0]).narrow(0, 1, 2)
        tensor([2., 3.])
        """
        axis, total = self._axis_there(dim), self._array.shape[self._axis(dim)]
        first, count = whole(start, "start"), whole(length, "length")
        if not -total <= first <= total:
            raise IndexError(f"start {first} is beyond the {total} places along axis {dim}")
        first = first + total if first < 0 else first
        if count < 0 or first + count > total:
            raise RuntimeError(
                f"narrow: {count} places from {first} on were asked for, and there are {total}"
            )
        return self[(slice(None),) * axis + (slice(first, first + count),)]

    def unbind(self: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
        """The slices along `dim`, as a tuple: (N, ...) → N times (...,).

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).unbind(1)
        (tensor([1., 3.]), tensor([2., 4.]))
        """
        axis = self._axis_there(dim)
        before = (slice(None),) * axis
        return tuple(self[(*before, i)] for i in range(self._array.shape[axis]))

    def split(self: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
        """Parts of this size along `dim`, the last perhaps smaller: (N, ...) → (size, ...) each.

        Given several sizes, parts of those. RuntimeError if they are below 0 or don't add up.

        >>> [len(part) for part in Tensor([1.0, 2.0, 3.0]).split(2)]
        [2, 1]
        """
        axis = self._axis_there(dim)
        total = self._array.shape[axis]
        if isinstance(split_size, (list, tuple)):
            sizes = list(_sizes((split_size,)))
            if sum(sizes) != total or min(sizes, default=0) < 0:
                raise RuntimeError(
                    f"split_with_sizes expects split_sizes to sum exactly to {total} (input "
                    f"tensor's size at dimension {dim}), but got split_sizes={sizes}"
                )
        else:
            size = whole(split_size, "split_size")
            if size < 0 or (not size and total):
                raise RuntimeError(f"split expects split_size be positive, but got {size}")
            sizes = [min(size, total - i) for i in range(0, total, size)] if total else [0]
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        return tuple(self.narrow(axis, s, n) for s, n in zip(starts, sizes, strict=True))

    def chunk(self: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
        """At most so many parts of equal size along `dim`: (N, ...) → (size, ...) each.

        RuntimeError if fewer than 1 are asked for.

        >>> [len(part) for part in Tensor([1.0, 2.0, 3.0]).chunk(2)]
        [2, 1]
        """
        axis, count = self._axis_there(dim), whole(chunks, "chunks")
        if count <= 0:
            raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {count}")
        total = self._array.shape[axis]
        if not total:
            return self.split([0] * count, axis)
        return self.split(-(-total // count), axis)

    def flip(self: Tensor, *dims: Sizes) -> Tensor:
        """A copy with the order along these axes reversed: (...,) → (...,).

        TypeError if no axis is named, RuntimeError if one is named twice.

        >>> Tensor([1.0, 2.0]).flip(0)
        tensor([2., 1.])
        """
        if not dims:
            raise TypeError("flip(): the axes to reverse were wanted, as flip(0)")
        axes = [self._axis(dim) for dim in _sizes(dims)]
        if len(set(axes)) < len(axes):
            raise RuntimeError(f"flip: dims {axes} name the same axis several times")
        axes = axes if self._array.ndim else []
        return self._record(rules.flip, (self,), {"axes": tuple(axes)})

    def roll(self: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] = ()) -> Tensor:
        """Moved along `dims` by `shifts` positions: (...,) → (...,).

        What leaves at the end comes in at the beginning. Without `dims` it moves as if it had one
        axis. RuntimeError if there are not as many shifts as axes.

        >>> Tensor([1.0, 2.0, 3.0]).roll(1)
        tensor([3., 1., 2.])
        """
        steps = (
            _sizes((shifts,)) if isinstance(shifts, (tuple, list)) else (whole(shifts, "shifts"),)
        )
        axes = _sizes((dims,))
        if not axes and len(steps) == 1:
            return self.reshape(-1 if self._array.size else 0).roll(steps, 0).reshape(self.shape)
        if len(steps) != len(axes) or not steps:
            raise RuntimeError(
                f"shifts and dimensions must align. shifts: {len(steps)}, dims: {len(axes)}"
            )
        result = self.clone()
        if not self._array.size:
            return result
        for step, dim in zip(steps, axes, strict=True):
            axis = self._axis_there(dim)
            size = self._array.shape[axis]
            start = -step % size if size else 0
            if start:
                parts = (result.narrow(axis, start, size - start), result.narrow(axis, 0, start))
                result = self._record(rules.cat, parts, {"axis": axis})
        return result
