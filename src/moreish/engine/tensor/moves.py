"""The same numbers in another shape: sizes, strides, storage, views."""

import math
from typing import Any

import numpy as np

from .. import rules
from .part import Part, _owner, _sizes


class Moves(Part):
    """Shapes, and views of them."""

    __slots__ = ()

    def size(self, dim: Any = None) -> Any:
        """The shape, or the size along `dim`."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> Any:
        """How many axes it has."""
        return self._array.ndim

    ndim = property(dim)

    def numel(self) -> Any:
        """How many numbers it holds.

        >>> Tensor([1.0, 2.0]).numel()
        2
        """
        return self._array.size

    nelement = numel

    def stride(self, dim: Any = None) -> Any:
        """How many numbers in storage a step along each axis passes over."""
        strides = tuple(s // self._array.itemsize for s in self._array.strides)
        if not self._array.size:
            strides, step = (), 1
            for n in reversed(self._array.shape):
                strides, step = (step, *strides), step * max(n, 1)
        return strides if dim is None else strides[dim]

    def storage_offset(self) -> Any:
        """Where in the storage its first number stands."""
        base = _owner(self._array)
        return (self.data_ptr() - base.__array_interface__["data"][0]) // self._array.itemsize

    def data_ptr(self) -> Any:
        """The address of its first number."""
        return self._array.__array_interface__["data"][0]

    def storage(self) -> Any:
        """The numbers in memory, one after another; all views share it."""
        base = _owner(self._array)
        if not base.flags.c_contiguous:
            base = base.T if base.T.flags.c_contiguous else np.ascontiguousarray(base)
        return self._of(base.reshape(-1)).detach()

    untyped_storage = storage

    def is_contiguous(self) -> Any:
        """Whether its numbers stand in memory in the order of its axes."""
        return self._array.flags.c_contiguous

    def contiguous(self) -> Any:
        """Itself if it is contiguous, else a copy that is."""
        return self if self._array.flags.c_contiguous else self.clone()

    def clone(self) -> Any:
        """A copy, through which gradients flow.

        >>> Tensor([1.0]).clone()
        tensor([1.])
        """
        return self._record(rules.cast, (self,), {"dtype": self._array.dtype})

    def view(self, *shape: Any) -> Any:
        """The same storage in another shape; -1 is worked out. RuntimeError if it needs a copy.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).view(-1)
        tensor([1., 2., 3., 4.])
        """
        result = self._reshaped(_sizes(shape))
        if self._array.size and not np.may_share_memory(result._array, self._array):
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one "
                "dimension spans across two contiguous subspaces). Use .reshape(...) instead"
            )
        return result

    def reshape(self, *shape: Any) -> Any:
        """Another shape; a view if it can be, else a copy. -1 is worked out.

        >>> Tensor([1.0, 2.0]).reshape(2, 1)
        tensor([[1.],
                [2.]])
        """
        return self._reshaped(_sizes(shape))

    def _reshaped(self, sizes: tuple[Any, ...]) -> Any:
        known = math.prod(size for size in sizes if size != -1)
        fits = (
            known == self._array.size
            if -1 not in sizes
            else (known and not self._array.size % known)
        )
        if not fits:
            raise RuntimeError(
                f"shape '{list(sizes)}' is invalid for input of size {self._array.size}"
            )
        return self._record(rules.reshape, (self,), {"shape": sizes})

    def flatten(self, start_dim: Any = 0, end_dim: Any = -1) -> Any:
        """Axes from `start_dim` to `end_dim` made one.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).flatten()
        tensor([1., 2., 3., 4.])
        """
        sizes = self._array.shape
        end = end_dim % max(len(sizes), 1) + 1
        return self.reshape(*sizes[:start_dim], -1, *sizes[end:])

    def permute(self, *dims: Any) -> Any:
        """The axes in another order.

        >>> Tensor([[1.0, 2.0]]).permute(1, 0).shape
        torch.Size([2, 1])
        """
        axes = tuple(axis % self._array.ndim for axis in _sizes(dims))
        if sorted(axes) != list(range(self._array.ndim)):
            raise RuntimeError(
                f"permute(dims): {_sizes(dims)} must name each of the {self._array.ndim} axes once"
            )
        return self._record(rules.permute, (self,), {"axes": axes})

    def transpose(self, dim0: Any, dim1: Any) -> Any:
        """Two axes swapped.

        >>> Tensor([[1.0, 2.0]]).transpose(0, 1).shape
        torch.Size([2, 1])
        """
        if not self._array.ndim:
            return self.view(())
        axes = list(range(self._array.ndim))
        first, second = self._axes(dim0) % len(axes), self._axes(dim1) % len(axes)
        axes[first], axes[second] = second, first
        return self._record(rules.permute, (self,), {"axes": tuple(axes)})

    def t(self) -> Any:
        """The transpose of a matrix."""
        return self.transpose(0, 1) if self._array.ndim > 1 else self

    @property
    def T(self) -> Any:
        """Its axes in reverse order."""
        axes = tuple(range(self._array.ndim))[::-1]
        return self._record(rules.permute, (self,), {"axes": axes})

    def squeeze(self, dim: Any = None) -> Any:
        """Without its axes of size 1, or without axis `dim` if that is one.

        >>> Tensor([[1.0]]).squeeze()
        tensor(1.)
        """
        sizes = self._array.shape
        if dim is None:
            return self._reshaped(tuple(n for n in sizes if n != 1))
        if not sizes:
            return self._reshaped(())
        axis = self._axes(dim) % len(sizes)
        return self._reshaped(sizes[:axis] + sizes[axis + 1 :] if sizes[axis] == 1 else sizes)

    def unsqueeze(self, dim: Any) -> Any:
        """With a new axis of size 1 at `dim`.

        >>> Tensor([1.0]).unsqueeze(0)
        tensor([[1.]])
        """
        count = self._array.ndim + 1
        if not -count <= dim < count:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but "
                f"got {dim})"
            )
        sizes = list(self._array.shape)
        sizes.insert(dim % count, 1)
        return self._reshaped(tuple(sizes))

    def expand(self, *sizes: Any) -> Any:
        """Repeated along axes of size 1, without a copy; -1 keeps a size.

        >>> Tensor([[1.0], [2.0]]).expand(2, 3).sum()
        tensor(9.)
        """
        wanted = list(_sizes(sizes))
        gap = len(wanted) - self._array.ndim
        for i, size in enumerate(wanted):
            if size == -1 and i >= gap:
                wanted[i] = self._array.shape[i - gap]
        return self._record(rules.expand, (self,), {"shape": tuple(wanted)})

    def expand_as(self, other: Any) -> Any:
        """Repeated to the shape of another tensor."""
        return self.expand(*other.shape)

    def repeat(self, *sizes: Any) -> Any:
        """Copies side by side: so many along each axis.

        >>> Tensor([1.0, 2.0]).repeat(2)
        tensor([1., 2., 1., 2.])
        """
        result: Any = self
        counts = _sizes(sizes)
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

    def narrow(self: Any, dim: Any, start: Any, length: Any) -> Any:
        """`length` places along `dim` from `start` on."""
        key = (slice(None),) * (dim % self._array.ndim) + (slice(start, start + length),)
        return self[key]

    def unbind(self: Any, dim: Any = 0) -> Any:
        """The slices along `dim`, as a tuple.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).unbind(1)
        (tensor([1., 3.]), tensor([2., 4.]))
        """
        before = (slice(None),) * (self._axes(dim) % self._array.ndim)
        return tuple(self[(*before, i)] for i in range(self._array.shape[dim]))

    def split(self: Any, split_size: Any, dim: Any = 0) -> Any:
        """Parts of this size along `dim`, the last perhaps smaller; or parts of these sizes.

        >>> [len(part) for part in Tensor([1.0, 2.0, 3.0]).split(2)]
        [2, 1]
        """
        total = self._array.shape[dim]
        if isinstance(split_size, int):
            sizes = [min(split_size, total - i) for i in range(0, total, split_size)] or [0]
        else:
            sizes = list(split_size)
            if sum(sizes) != total:
                raise RuntimeError(
                    f"split_with_sizes expects split_sizes to sum exactly to {total} (input "
                    f"tensor's size at dimension {dim}), but got split_sizes={sizes}"
                )
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        return tuple(self.narrow(dim, s, n) for s, n in zip(starts, sizes, strict=True))

    def chunk(self, chunks: Any, dim: Any = 0) -> Any:
        """At most so many parts of equal size along `dim`.

        >>> [len(part) for part in Tensor([1.0, 2.0, 3.0]).chunk(2)]
        [2, 1]
        """
        return self.split(max(-(-self._array.shape[dim] // chunks), 1), dim)
