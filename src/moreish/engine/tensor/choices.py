"""Some of the numbers, chosen by place or by mask."""

from typing import Any

import numpy as np

from .. import rules
from ..graph import _mode
from .part import Part, _array_of


class Choices(Part):
    """What picks numbers out, and what is assigned to them."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        plain = _key(key, self._array)
        try:
            return self._record(rules.select, (self,), {"key": plain})
        except IndexError as error:
            raise IndexError(f"{error}; the tensor has shape {list(self.shape)}") from None

    def __setitem__(self, key: Any, value: Any) -> None:
        try:
            self._change(rules.put, (value,), {"key": _key(key, self._array)})
        except (ValueError, RuntimeError) as error:
            if "broadcast" not in str(error):
                raise
            raise RuntimeError(f"shape mismatch in assignment: {error}") from None

    def masked_fill(self, mask: Any, value: Any) -> Any:
        """Where the mask is true this value, elsewhere its own.

        >>> Tensor([1.0, 2.0]).masked_fill(tensor([True, False]), 0.0)
        tensor([0., 2.])
        """
        if mask._array.dtype.kind != "b":
            raise RuntimeError(
                f"masked_fill only supports boolean masks, but got mask of {mask._array.dtype}"
            )
        if not isinstance(value, Part):
            value = self._of(np.asarray(value, dtype=self._array.dtype))
        return self._record(rules.where, (value, self), {"condition": mask._array.copy()})

    def tril(self, diagonal: Any = 0) -> Any:
        """Zeros above the diagonal.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).tril()
        tensor([[1., 0.],
                [3., 4.]])
        """
        mask = np.tril(np.ones(self._array.shape, dtype=bool), diagonal)
        return self.masked_fill(self._of(~mask), 0)

    def triu(self, diagonal: Any = 0) -> Any:
        """Zeros below the diagonal.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).triu()
        tensor([[1., 2.],
                [0., 4.]])
        """
        mask = np.triu(np.ones(self._array.shape, dtype=bool), diagonal)
        return self.masked_fill(self._of(~mask), 0)

    def _take_along(self, places: np.ndarray, axis: int) -> Any:
        grid = list(np.ogrid[tuple(slice(n) for n in places.shape)])
        grid[axis] = places
        return self._record(rules.select, (self,), {"key": tuple(grid)})

    def gather(self, dim: int, index: Any) -> Any:
        """The numbers at `index` along `dim`.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).gather(1, tensor([[1], [0]]))
        tensor([[2.],
                [3.]])
        """
        return self._take_along(index._array, self._axes(dim))


def _key(key: Any, array: np.ndarray) -> Any:
    """An index as NumPy wants it: arrays for Tensors and lists. PyTorch's refusals in words."""
    if isinstance(key, tuple):
        return tuple(_key(part, array) for part in key)
    if isinstance(key, Part):
        if key._array.dtype.kind == "f":
            raise IndexError(
                "tensors used as indices must be long, int, byte or bool tensors: convert with "
                ".long()"
            )
        return key._array if key._array.ndim or key._array.dtype.kind == "b" else int(key._array)
    if isinstance(key, list):
        if _mode.following is not None and any(isinstance(part, Part) for part in key):
            _mode.following.refuse()
        return np.asarray([_array_of(part) for part in key])
    if isinstance(key, slice) and key.step is not None and key.step < 0:
        raise ValueError("step must be greater than zero: PyTorch has no negative steps")
    if isinstance(key, float):
        raise IndexError("an index is a whole number, a slice, a tensor, None or ..., not a float")
    return key
