"""The same numbers in another shape: sizes, strides, storage, views."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast, overload

import numpy as np

from .. import rules
from .arguments import Dim, DType, Sizes
from .mixin import Part, _owner, _sizes, is_dtype

if TYPE_CHECKING:
    from .core import Size, Tensor


class Moves(Part):
    """Shapes, and views of them."""

    __slots__ = ()

    @overload
    def size(self: Tensor, dim: None = None) -> Size: ...

    @overload
    def size(self: Tensor, dim: int) -> int: ...

    def size(self: Tensor, dim: int | None = None) -> Size | int:
        """The shape, or the size along `dim`. IndexError for the `dim` of a tensor without axes."""
        return self.shape if dim is None else self.shape[self._axis_there(dim)]

    def _axis_there(self: Tensor, dim: int) -> int:
        """An axis that there is: a single number has none."""
        if not self._array.ndim:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        return self._axis(dim)

    def dim(self: Tensor) -> int:
        """How many axes it has: (N, M) has 2."""
        return self._array.ndim

    ndim = property(dim)

    def numel(self: Tensor) -> int:
        """How many numbers it holds: (N, M) has N * M.

        >>> Tensor([1.0, 2.0]).numel()
        2
        """
        return self._array.size

    nelement = numel

    @overload
    def stride(self: Tensor, dim: None = None) -> tuple[int, ...]: ...

    @overload
    def stride(self: Tensor, dim: int) -> int: ...

    def stride(self: Tensor, dim: int | None = None) -> tuple[int, ...] | int:
        """How many numbers in storage a step along each axis passes over: (N, M) has (M, 1).

        IndexError for the `dim` of a tensor without axes.
        """
        strides = tuple(s // self._array.itemsize for s in self._array.strides)
        if not self._array.size:
            strides, step = (), 1
            for n in reversed(self._array.shape):
                strides, step = (step, *strides), step * max(n, 1)
        strides = _with_new_axes(self._array.shape, strides)
        return strides if dim is None else strides[self._axis_there(dim)]

    def storage_offset(self: Tensor) -> int:
        """Where in the storage the first number of a tensor of any shape stands."""
        base = _owner(self._array)
        return (self.data_ptr() - base.__array_interface__["data"][0]) // self._array.itemsize

    def data_ptr(self: Tensor) -> int:
        """The address of the first number of a tensor of any shape."""
        return self._array.__array_interface__["data"][0]

    def storage(self: Tensor) -> Tensor:
        """The numbers in memory, one after another: (...,) → (N,).

        All views share it.
        """
        base = _owner(self._read())
        if not base.flags.c_contiguous:
            base = base.T if base.T.flags.c_contiguous else np.ascontiguousarray(base)
        return self._of(base.reshape(-1)).detach()

    untyped_storage = storage

    def is_contiguous(self: Tensor) -> bool:
        """Whether its numbers stand in memory in the order of its axes: (N, M) row by row."""
        return self._array.flags.c_contiguous

    def contiguous(self: Tensor) -> Tensor:
        """Itself if it is contiguous, else a copy that is: (...,) → (...,)."""
        if self._array.flags.c_contiguous:
            return self
        return self._record(rules.cast, (self,), {"dtype": self._array.dtype, "order": "C"})

    def clone(self: Tensor) -> Tensor:
        """A copy, through which gradients flow: (...,) → (...,).

        >>> Tensor([1.0]).clone()
        tensor([1.])
        """
        return self._record(rules.cast, (self,), {"dtype": self._array.dtype})

    @overload
    def view(self: Tensor, *shape: Sizes) -> Tensor: ...

    @overload
    def view(self: Tensor, dtype: DType, /) -> Tensor: ...

    def view(self: Tensor, *shape: Any) -> Tensor:
        """The same storage in another shape; -1 is worked out. RuntimeError if it needs a copy.

        Given a dtype, the same bits read as numbers of that kind.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).view(-1)
        tensor([1., 2., 3., 4.])
        >>> Tensor([1.0]).view(np.int32)
        tensor([1065353216], dtype=torch.int32)
        """
        if len(shape) == 1 and is_dtype(shape[0]):
            return self._bits_as(np.dtype(shape[0]))
        result = self._reshaped(_sizes(shape))
        if self._array.size and not np.may_share_memory(result._array, self._array):
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one "
                "dimension spans across two contiguous subspaces). Use .reshape(...) instead"
            )
        return result

    def reshape(self: Tensor, *shape: Sizes) -> Tensor:
        """The same numbers in another shape: a view if it can be, else a copy.

        One size may be -1, which is worked out. RuntimeError if the shape holds another number of
        them.

        >>> Tensor([1.0, 2.0]).reshape(2, 1)
        tensor([[1.],
                [2.]])
        """
        return self._reshaped(_sizes(shape))

    def view_as(self: Tensor, other: Tensor) -> Tensor:
        """The same storage in the shape of another tensor."""
        return self.view(*other.shape)

    def _bits_as(self: Tensor, dtype: np.dtype[Any]) -> Tensor:
        """The same bits as numbers of another kind, along the last axis more or fewer."""
        array = self._array
        if dtype == array.dtype:
            return self._reshaped(array.shape)
        if not array.ndim and dtype.itemsize != array.itemsize:
            raise RuntimeError("self.dim() cannot be 0 to view numbers of other sizes")
        refused = f"{array.dtype} of shape {list(array.shape)} can't be viewed as {dtype}: "
        if dtype.itemsize != array.itemsize and array.strides[-1] != array.itemsize:
            raise RuntimeError(f"{refused}the numbers along the last axis don't lie side by side")
        if any(stride % dtype.itemsize for stride in array.strides[:-1]):
            raise RuntimeError(f"{refused}the strides must be divisible by its size")
        try:
            return self._record(rules.bits, (self,), {"dtype": dtype})
        except ValueError as error:
            raise RuntimeError(f"{refused}{error}") from None

    def _reshaped(self: Tensor, sizes: tuple[int, ...]) -> Tensor:
        if any(size < -1 for size in sizes) or sizes.count(-1) > 1:
            raise RuntimeError(
                f"invalid shape {list(sizes)}: sizes are 0 or more, and one may be -1, which is "
                f"worked out"
            )
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

    def flatten(self: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """The axes from `start_dim` to `end_dim` made one: (N, M, ...) → (N * M, ...).

        RuntimeError if they are named in the other order.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).flatten()
        tensor([1., 2., 3., 4.])
        """
        sizes = self._array.shape
        start, end = self._axis(start_dim), self._axis(end_dim) + 1
        if start >= end:
            raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
        if len(sizes) and end - start == 1:
            return self
        return self.reshape(*sizes[:start], math.prod(sizes[start:end]), *sizes[end:])

    def permute(self: Tensor, *dims: Sizes) -> Tensor:
        """The axes in another order: of `permute(2, 0, 1)`, (A, B, C) → (C, A, B).

        RuntimeError if not each is named once.

        >>> Tensor([[1.0, 2.0]]).permute(1, 0).shape
        torch.Size([2, 1])
        """
        axes = tuple(self._axis(axis) for axis in _sizes(dims))
        if sorted(axes) != list(range(self._array.ndim)):
            raise RuntimeError(
                f"permute(dims): {_sizes(dims)} must name each of the {self._array.ndim} axes once"
            )
        return self._record(rules.permute, (self,), {"axes": axes})

    def transpose(self: Tensor, dim0: int, dim1: int) -> Tensor:
        """Two axes swapped: (..., N, M) → (..., M, N).

        >>> Tensor([[1.0, 2.0]]).transpose(0, 1).shape
        torch.Size([2, 1])
        """
        first, second = self._axis(dim0), self._axis(dim1)
        axes = list(range(self._array.ndim))
        if axes:
            axes[first], axes[second] = second, first
        return self._record(rules.permute, (self,), {"axes": tuple(axes)})

    def t(self: Tensor) -> Tensor:
        """The transpose of a matrix: (N, M) → (M, N); a vector stays.

        RuntimeError for more axes.
        """
        if self._array.ndim > 2:
            raise RuntimeError(
                f"t() expects a tensor with <= 2 dimensions, but self is {self._array.ndim}D: see "
                f"transpose() and permute()"
            )
        return self.T

    @property
    def T(self: Tensor) -> Tensor:
        """The axes in reverse order: (A, B, C) → (C, B, A)."""
        axes = tuple(range(self._array.ndim))[::-1]
        return self._record(rules.permute, (self,), {"axes": axes})

    def squeeze(self: Tensor, *dims: int | Sequence[int], dim: Dim = None) -> Tensor:
        """Without its axes of size 1, or those of `dims` that are of size 1: (N, 1, M) → (N, M).

        RuntimeError if one is named twice.

        >>> Tensor([[1.0]]).squeeze()
        tensor(1.)
        """
        sizes = self._array.shape
        if dims:
            dim = dims[0] if len(dims) == 1 else cast("tuple[int, ...]", dims)
        if dim is None:
            gone = set(range(len(sizes)))
        elif isinstance(dim, (tuple, list)):
            self._axes(dim)
            gone = {self._axis(axis) for axis in dim}
        else:
            gone = {self._axis(dim)}
        return self._reshaped(tuple(n for i, n in enumerate(sizes) if n != 1 or i not in gone))

    def unsqueeze(self: Tensor, dim: int) -> Tensor:
        """With a new axis of size 1 at `dim`: of `unsqueeze(1)`, (N, M) → (N, 1, M).

        >>> Tensor([1.0]).unsqueeze(0)
        tensor([[1.]])
        """
        sizes = list(self._array.shape)
        sizes.insert(self._axis(dim, len(sizes) + 1), 1)
        return self._reshaped(tuple(sizes))

    def expand(self: Tensor, *sizes: Sizes) -> Tensor:
        """Repeated along axes of size 1, without a copy: (N, 1) → (N, M); -1 keeps a size.

        RuntimeError for sizes that don't fit.

        >>> Tensor([[1.0], [2.0]]).expand(2, 3).sum()
        tensor(9.)
        """
        wanted = list(_sizes(sizes))
        gap = len(wanted) - self._array.ndim
        for i, size in enumerate(wanted):
            if size == -1 and i >= gap:
                wanted[i] = self._array.shape[i - gap]
        if gap < 0 or min(wanted, default=0) < 0:
            raise RuntimeError(
                f"expand: sizes {wanted} don't fit a tensor of shape {list(self._array.shape)}: "
                f"one for each axis was wanted, new ones first, and -1 only for an axis that is "
                f"there"
            )
        return self._record(rules.expand, (self,), {"shape": tuple(wanted)})

    def expand_as(self: Tensor, other: Tensor) -> Tensor:
        """Repeated to the shape of another tensor."""
        return self.expand(*other.shape)


def _with_new_axes(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...]:
    """Axes of size 1 that None made have the stride 0 in NumPy; in PyTorch they pass over all that
    is behind them."""
    found: list[int] = []
    behind = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        found.append(behind if size == 1 and stride == 0 else stride)
        behind = size * found[-1]
    return tuple(reversed(found))
