"""What each part of a Tensor may use of it.

The methods of a Tensor stand in files of their own, by what they are about; each is a `Part`, and
knows the Tensor only by what is named here.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..graph import _mode

Dim = int | Sequence[int] | None


class Part:
    """A part of what a Tensor can do."""

    __slots__ = ()

    _array: np.ndarray
    _record: Any
    _change: Any
    _of: Any
    shape: Any

    def _axes(self, dim: Dim) -> Any:
        """The axes as NumPy wants them; IndexError as PyTorch's for one that there is not."""
        if dim is None:
            return None
        count = max(self._array.ndim, 1)
        for axis in (dim,) if isinstance(dim, int) else dim:
            if not -count <= axis < count:
                raise IndexError(
                    f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], "
                    f"but got {axis})"
                )
        if not self._array.ndim:
            return ()
        return dim if isinstance(dim, int) else tuple(dim) or None

    def _must_be_floating(self, what: str) -> None:
        if self._array.dtype.kind != "f":
            raise RuntimeError(f"{what}; it holds {self._array.dtype}: convert it with .float()")


class ValuesAndIndices(NamedTuple):
    """What a reduction along an axis found, and where."""

    values: Any
    indices: Any


def _array_of(thing: Any) -> Any:
    return thing._array if isinstance(thing, Part) else thing


def _plain(thing: Any) -> Any:
    """Nested lists, arrays and Tensors without the Tensors."""
    if isinstance(thing, Part):
        return thing._array
    if isinstance(thing, (list, tuple)):
        if _mode.following is not None and any(isinstance(part, Part) for part in thing):
            _mode.following.refuse()
        return [_plain(part) for part in thing]
    if _mode.following is not None and isinstance(thing, np.ndarray):
        return _mode.following.foreign_array(thing)
    return thing


def _owner(array: np.ndarray) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes, whether they came one by one or together."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = tuple(given[0])
    return tuple(int(size) for size in given)
