"""Grids of coordinates, places of triangles, and tensors repeated to one shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .arguments import DeviceName, DType
from .core import Tensor
from .creation import _lengths, _on
from .method_functions import _checked
from .mixin import numpys, whole
from .operands import must_broadcast
from .promotion import INT

__all__ = ["broadcast_tensors", "meshgrid", "tril_indices", "triu_indices"]


def broadcast_tensors(*tensors: Tensor | Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Each repeated to the shape that all of them have together, without a copy.

    >>> [x.shape for x in broadcast_tensors(Tensor([[1.0], [2.0]]), Tensor([1.0, 2.0, 3.0]))]
    [torch.Size([2, 3]), torch.Size([2, 3])]
    """
    parts = [_checked("broadcast_tensors", x) for x in _together(tensors)]
    shapes = [x.shape for x in parts]
    must_broadcast(*shapes)
    together = np.broadcast_shapes(*shapes)
    return tuple(x.expand(together) for x in parts)


def meshgrid(
    *tensors: Tensor | Sequence[Tensor], indexing: str | None = None
) -> tuple[Tensor, ...]:
    """The coordinates of a grid: from vectors of N, M, ... one Tensor (N, M, ...) for each.

    With `indexing` "xy" (M, N, ...), as a picture has its rows first. RuntimeError for vectors of
    several axes or dtypes, or another `indexing`.

    >>> meshgrid(Tensor([1.0, 2.0]), Tensor([3.0, 4.0]), indexing="ij")[0]
    tensor([[1., 1.],
            [2., 2.]])
    """
    rows = [_checked("meshgrid", x) for x in _together(tensors)]
    if not rows:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(
            f"torch.meshgrid: indexing must be one of 'xy' or 'ij', but received: {indexing}"
        )
    for x in rows:
        if x.ndim > 1:
            raise RuntimeError(f"Expected 0D or 1D tensor in the tensor list but got: {x.ndim}D")
        if x.dtype != rows[0].dtype:
            raise RuntimeError("torch.meshgrid expects all tensors to have the same dtype")
    swapped = indexing == "xy" and len(rows) > 1
    if swapped:
        rows[:2] = rows[1::-1]
    sizes = [x.numel() for x in rows]
    grids = [
        x.reshape([-1 if i == j else 1 for j in range(len(rows))]).expand(sizes)
        for i, x in enumerate(rows)
    ]
    if swapped:
        grids[:2] = grids[1::-1]
    return tuple(grids)


def _together(given: Sequence[Tensor | Sequence[Tensor]]) -> Sequence[object]:
    """Tensors, whether they came one by one or in a list."""
    return given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given


def _places(chosen: np.ndarray, dtype: DType) -> Tensor:
    """(2, N): the rows and the columns where it is true."""
    return Tensor._of(np.stack(np.nonzero(chosen)).astype(numpys(dtype)))


def tril_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: DType = INT,
    device: DeviceName | None = None,
) -> Tensor:
    """(2, N): the rows and the columns of a matrix's places on and below a diagonal.

    >>> tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    _on(device)
    rows, columns = _lengths((row, col))
    return _places(np.tri(rows, columns, whole(offset, "offset"), dtype=bool), dtype)


def triu_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: DType = INT,
    device: DeviceName | None = None,
) -> Tensor:
    """(2, N): the rows and the columns of a matrix's places on and above a diagonal.

    >>> triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    _on(device)
    rows, columns = _lengths((row, col))
    return _places(~np.tri(rows, columns, whole(offset, "offset") - 1, dtype=bool), dtype)
