"""Several tensors as one."""

from collections.abc import Sequence

from .. import rules
from .core import Tensor

__all__ = ["cat", "dstack", "hstack", "stack", "vstack"]


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors one after another along `dim`: (N, ...), (M, ...) → (N + M, ...).

    RuntimeError if their other sizes differ, ValueError for an empty list, TypeError for what is no
    list of Tensors.

    >>> cat([Tensor([[1.0]]), Tensor([[2.0]])], 1)
    tensor([[1., 2.]])
    """
    parts = _tensors("cat", tensors)
    if len({part.ndim for part in parts}) > 1:  # PyTorch passes over empty tensors
        whole = [part for part in parts if part.shape != (0,)]
        sizes = list(whole[0].shape)
        sizes[whole[0]._axis(dim)] = 0
        parts = [part.reshape(*sizes) if part.shape == (0,) else part for part in parts]
    axis = parts[0]._axis(dim)
    if not parts[0].ndim:
        raise RuntimeError("zero-dimensional tensor can't be concatenated: use stack()")
    for i, part in enumerate(parts):
        own, first = list(part.shape), list(parts[0].shape)
        if len(own) == len(first):
            own[axis] = first[axis]
        if own != first:
            raise RuntimeError(
                f"Sizes of tensors must match except in dimension {dim}: tensor number {i} has "
                f"shape {list(part.shape)}, the first {list(parts[0].shape)}"
            )
    return Tensor._record(rules.cat, tuple(parts), {"axis": axis})


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape along a new axis at `dim`: N times (...,) → (N, ...).

    RuntimeError if the shapes differ or there is none, TypeError for what is no list of Tensors.

    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    tensor([[1., 2.],
            [3., 4.]])
    """
    parts = _tensors("stack", tensors)
    for i, part in enumerate(parts):
        if part.shape != parts[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(parts[0].shape)} at "
                f"entry 0 and {list(part.shape)} at entry {i}"
            )
    return cat([part.unsqueeze(dim) for part in parts], dim)


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors side by side: (N,), (M,) → (N + M,), or (K, N), (K, M) → (K, N + M).

    RuntimeError if other sizes differ or there is none, TypeError for what is no list of Tensors.

    >>> hstack([Tensor([1.0]), Tensor([2.0])])
    tensor([1., 2.])
    """
    parts = _with_axes("hstack", tensors, 1)
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors below each other, as rows of a matrix: (N,), (N,) → (2, N).

    RuntimeError if other sizes differ or there is none, TypeError for what is no list of Tensors.

    >>> vstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    tensor([[1., 2.],
            [3., 4.]])
    """
    return cat(_with_axes("vstack", tensors, 2), 0)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors one behind the other, along the third axis: (N, M), (N, M) → (N, M, 2).

    RuntimeError if other sizes differ or there is none, TypeError for what is no list of Tensors.

    >>> dstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).shape
    torch.Size([1, 2, 2])
    """
    return cat(_with_axes("dstack", tensors, 3), 2)


def _tensors(name: str, tensors: Sequence[Tensor]) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor"
        )
    parts = list(tensors)
    if not parts:
        error = ValueError if name == "cat" else RuntimeError  # as PyTorch has it
        raise error(f"{name} expects a non-empty list of Tensors")
    for i, part in enumerate(parts):
        if not isinstance(part, Tensor):
            raise TypeError(
                f"expected Tensor as element {i} in argument 0, but got {type(part).__name__}"
            )
    return parts


def _with_axes(name: str, tensors: Sequence[Tensor], count: int) -> list[Tensor]:
    """Each with at least so many axes: (N,) becomes (1, N), and (N, M) becomes (N, M, 1)."""
    found = []
    for x in _tensors(name, tensors):
        y = x if x.ndim else x.reshape(1)
        if y.ndim == 1 and count > 1:
            y = y.unsqueeze(0)
        found.append(y.unsqueeze(2) if y.ndim == 2 and count > 2 else y)
    return found
