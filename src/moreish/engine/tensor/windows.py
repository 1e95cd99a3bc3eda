"""Diagonals, windows, and axes in another order or another number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..rules import windows
from .arguments import Sizes
from .mixin import Part, _sizes, whole

if TYPE_CHECKING:
    from .core import Tensor


class Windows(Part):
    """Views that slices don't reach, and other ways to look at the axes.

    Shapes are given for the first axis; `dim` may name another.
    """

    __slots__ = ()

    # ---- diagonals and windows

    def diagonal(self: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
        """A view of the diagonal of two axes, as the last axis: (N, N, ...) → (..., N).

        `offset` counts to the right. RuntimeError if both are the same axis.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).diagonal()
        tensor([1., 4.])
        """
        axes = self._axis_there(dim1), self._axis_there(dim2)
        if axes[0] == axes[1]:
            raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
        options = {"offset": whole(offset, "offset"), "axes": axes}
        return self._record(windows.diagonal, (self,), options)

    def diag(self: Tensor, diagonal: int = 0) -> Tensor:
        """A matrix with these numbers on the diagonal: (N,) → (N, N).

        Of a matrix, a copy of its diagonal: (N, N) → (N,). RuntimeError for another number of axes.

        >>> Tensor([1.0, 2.0]).diag()
        tensor([[1., 0.],
                [0., 2.]])
        """
        offset = whole(diagonal, "diagonal")
        if self._array.ndim == 2:
            return self.diagonal(offset).clone()
        if self._array.ndim != 1:
            raise RuntimeError(
                f"diag(): Supports 1D or 2D tensors. Got {self._array.ndim}D: see diagonal()"
            )
        return self.diag_embed(offset)

    def diag_embed(self: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
        """The last axis as the diagonal of two, zeros elsewhere: (..., N) → (..., N, N).

        RuntimeError if both are the same axis.

        >>> Tensor([1.0, 2.0]).diag_embed(1).shape
        torch.Size([3, 3])
        """
        count = self._array.ndim + 1
        axes = self._axis(dim1, count), self._axis(dim2, count)
        if axes[0] == axes[1]:
            raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
        offset, size = whole(offset, "offset"), self._array.shape[-1] + abs(offset)
        rest = iter(self._array.shape[:-1])
        shape = tuple(size if i in axes else next(rest) for i in range(count))
        options = {"offset": offset, "axes": axes, "shape": shape}
        return self._record(windows.put_diagonal, (self,), options)

    def trace(self: Tensor) -> Tensor:
        """The sum of the diagonal of a matrix: (N, M) → ().

        RuntimeError for another number of axes.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).trace()
        tensor(5.)
        """
        if self._array.ndim != 2:
            raise RuntimeError(f"trace: expected a matrix, but got tensor with {self.ndim} axes")
        if self._array.dtype.kind == "b":
            raise NotImplementedError("trace is not implemented for bool: use .long()")
        return self.diagonal().sum()

    def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
        """A view of windows along an axis, one every `step`: (N,) → (windows, size).

        The positions within a window are a new last axis. RuntimeError for a window that is larger
        than the axis, or a step below 1.

        >>> Tensor([1.0, 2.0, 3.0]).unfold(0, 2, 1)
        tensor([[1., 2.],
                [2., 3.]])
        """
        axis = self._axis(dimension)
        width, every = whole(size, "size"), whole(step, "step")
        if not self._array.ndim:
            return self.reshape(1).unfold(0, width, every)[0]
        there = self._array.shape[axis]
        if not 0 <= width <= there:
            raise RuntimeError(
                f"maximum size for tensor at dimension {axis} is {there} but size is {width}"
            )
        if every < 1:
            raise RuntimeError(f"step is {every} but must be > 0")
        options = {"axis": axis, "size": width, "step": every}
        return self._record(windows.unfold, (self,), options)

    # ---- axes

    def movedim(
        self: Tensor, source: int | Sequence[int], destination: int | Sequence[int]
    ) -> Tensor:
        """The axes `source` moved to `destination`, the others in their order.

        Of `movedim(0, 2)`, (A, B, C) → (B, C, A). RuntimeError if they are not equally many, or one
        is named twice.

        >>> Tensor([[1.0, 2.0]]).movedim(0, 1).shape
        torch.Size([2, 1])
        """
        old = [self._axis(axis) for axis in _sizes((source,))]
        new = [self._axis(axis) for axis in _sizes((destination,))]
        if len(old) != len(new):
            raise RuntimeError(
                f"movedim: Invalid source or destination dims: source ({old}) should contain the "
                f"same number of dims as destination ({new})"
            )
        if len(set(old)) < len(old) or len(set(new)) < len(new):
            raise RuntimeError(f"movedim: repeated dim in `source` ({old}) or destination ({new})")
        rest = iter(axis for axis in range(self._array.ndim) if axis not in old)
        found = dict(zip(new, old, strict=True))
        return self.permute([found[i] if i in found else next(rest) for i in range(self.ndim)])

    def swapaxes(self: Tensor, axis0: int, axis1: int) -> Tensor:
        """Two axes swapped: (..., N, M) → (..., M, N).

        >>> Tensor([[1.0, 2.0]]).swapaxes(0, 1).shape
        torch.Size([2, 1])
        """
        return self.transpose(axis0, axis1)

    def unflatten(self: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
        """One axis as several of these sizes: (N * M, ...) → (N, M, ...).

        One of them may be -1. RuntimeError if they don't multiply up to its size.

        >>> Tensor([1.0, 2.0, 3.0, 4.0]).unflatten(0, (2, 2))
        tensor([[1., 2.],
                [3., 4.]])
        """
        axis, wanted = self._axis_there(dim), list(_sizes((sizes,)))
        size = self._array.shape[axis]
        if not wanted:
            raise RuntimeError("unflatten: sizes must be non-empty")
        if wanted.count(-1) == 1:
            known = -math.prod(wanted)
            wanted[wanted.index(-1)] = size // known if known else -1
        if math.prod(wanted) != size or min(wanted) < 0:
            raise RuntimeError(
                f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim "
                f"{dim} ({size}) in the input tensor"
            )
        shape = self._array.shape
        return self.reshape(*shape[:axis], *wanted, *shape[axis + 1 :])

    def ravel(self: Tensor) -> Tensor:
        """All numbers along one axis: (N, M) → (N * M,); a view of a contiguous tensor.

        >>> Tensor([[1.0], [2.0]]).ravel()
        tensor([1., 2.])
        """
        return self.contiguous().reshape(-1)

    def rot90(self: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
        """A copy turned by 90 degrees `k` times, from the first of two axes to the second.

        Turned once, (N, M) → (M, N). RuntimeError if both are the same axis.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).rot90()
        tensor([[2., 4.],
                [1., 3.]])
        """
        first, second = (self._axis_there(axis) for axis in dims)
        if first == second:
            raise RuntimeError(f"expected rotation dims to be different, but got {tuple(dims)}")
        turns = whole(k, "k") % 4
        if turns == 2:
            return self.flip(first, second)
        if not turns:
            return self.clone()
        turned = self.flip(second if turns == 1 else first)
        return turned.transpose(first, second).contiguous()

    def fliplr(self: Tensor) -> Tensor:
        """A copy with its second axis reversed: (N, M) → (N, M).

        RuntimeError for fewer than two axes.

        >>> Tensor([[1.0, 2.0]]).fliplr()
        tensor([[2., 1.]])
        """
        if self._array.ndim < 2:
            raise RuntimeError("Input must be >= 2-d.")
        return self.flip(1)

    def flipud(self: Tensor) -> Tensor:
        """A copy with its first axis reversed: (N, ...) → (N, ...).

        RuntimeError for a tensor without axes.

        >>> Tensor([1.0, 2.0]).flipud()
        tensor([2., 1.])
        """
        if self._array.ndim < 1:
            raise RuntimeError("Input must be >= 1-d.")
        return self.flip(0)

    def tile(self: Tensor, *dims: Sizes) -> Tensor:
        """As `repeat`, with 1 for axes that are not named: (N, M) → (N, M * count).

        >>> Tensor([[1.0], [2.0]]).tile(2)
        tensor([[1., 1.],
                [2., 2.]])
        """
        counts = _sizes(dims)
        return self.repeat(*(1,) * (self._array.ndim - len(counts)), *counts)

    def select(self: Tensor, dim: int, index: int) -> Tensor:
        """A view of the slice at `index` along `dim`: (N, ...) → (...,).

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).select(1, 0)
        tensor([1., 3.])
        """
        return self[(slice(None),) * self._axis_there(dim) + (whole(index, "index"),)]

    def broadcast_to(self: Tensor, size: Sequence[int]) -> Tensor:
        """Repeated to the shape `size`, without a copy.

        >>> Tensor([1.0, 2.0]).broadcast_to((2, 2))
        tensor([[1., 2.],
                [1., 2.]])
        """
        return self.expand(*_sizes((size,)))

    def tensor_split(
        self: Tensor, indices_or_sections: int | Sequence[int], dim: int = 0
    ) -> tuple[Tensor, ...]:
        """So many parts along `dim`, the first ones larger by one: (N, ...) → (size, ...) each.

        Given indices, the parts that end there. RuntimeError if fewer than 1 are asked for.

        >>> [len(part) for part in Tensor([1.0, 2.0, 3.0]).tensor_split(2)]
        [2, 1]
        """
        axis = self._axis_there(dim)
        size = self._array.shape[axis]
        if isinstance(indices_or_sections, (tuple, list)):
            ends = [*_sizes((indices_or_sections,)), size]
        else:
            count = whole(indices_or_sections, "sections")
            if count <= 0:
                raise RuntimeError(f"number of sections must be larger than 0, got {count}")
            each, more = divmod(size, count)
            ends = [i * each + min(i, more) for i in range(1, count + 1)]
        before = (slice(None),) * axis
        starts = [0, *ends[:-1]]
        return tuple(self[(*before, slice(a, b))] for a, b in zip(starts, ends, strict=True))
