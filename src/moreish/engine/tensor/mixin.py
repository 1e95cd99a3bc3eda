"""What each part of a Tensor may use of it.

The methods of a Tensor stand in files of their own, by what they are about; each is a `Part`. Its
`self` is a Tensor, and is said to be one, so that each part may use the others. mypy takes that for
Protocols alone: this one check of its is off for these files, in pyproject.toml.
"""

from operator import index
from typing import Any, TypeGuard, TypeVar

import numpy as np

from ..dtypes import dtype
from ..graph import _mode
from .arguments import Dim, DType, Sizes

Other = TypeVar("Other")


class Part:
    """A part of what a Tensor can do."""

    __slots__ = ()

    _array: np.ndarray

    def _read(self) -> np.ndarray:
        """The array, for what leaves Tensors behind: Python's numbers and lists, and NumPy.

        While a call is captured that is refused: a replay would not look at them again.
        """
        if _mode.following is not None:
            _mode.following.read()
        return self._array

    def _axes(self, dim: Dim) -> int | tuple[int, ...] | None:
        """The axes as NumPy wants them; IndexError as PyTorch's for one that there is not."""
        if dim is None:
            return None
        if isinstance(dim, (tuple, list)):
            axes = tuple([self._axis(axis) for axis in dim])
            if len(set(axes)) < len(axes):
                raise RuntimeError(f"dim {dim} names the same axis several times")
            return axes if self._array.ndim and axes else None
        axis = self._axis(dim)
        return axis if self._array.ndim else ()

    def _axis(self, dim: object, count: int | None = None) -> int:
        """One axis of `count`, counted from 0; those that PyTorch would refuse are refused."""
        if not isinstance(dim, (int, np.integer)) or isinstance(dim, bool):
            raise TypeError(
                f"argument 'dim' must be a whole number, the number of an axis, not "
                f"{type(dim).__name__}"
            )
        count = max(self._array.ndim if count is None else count, 1)
        if not -count <= dim < count:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], "
                f"but got {dim})"
            )
        return int(dim) % count

    def _must_be_floating(self, what: str) -> None:
        if self._array.dtype.kind != "f":
            raise RuntimeError(f"{what}; it holds {self._array.dtype}: convert it with .float()")


def _array_of(thing: Part | Other) -> np.ndarray | Other:
    return thing._array if isinstance(thing, Part) else thing


def _plain(thing: object) -> Any:
    """Nested lists, arrays and Tensors without the Tensors."""
    if isinstance(thing, Part):
        return thing._read()
    if isinstance(thing, (list, tuple)):
        if _mode.following is not None and any(isinstance(part, Part) for part in thing):
            _mode.following.read()
        return [_as_number(part) if isinstance(part, Part) else _plain(part) for part in thing]
    return thing


def _as_number(part: Part) -> np.ndarray:
    """A Tensor in a list counts as a number if it holds one, whatever its axes."""
    return part._read().reshape(()) if part._array.size == 1 else part._read()


def _owner(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _sizes(given: tuple[Sizes, ...]) -> tuple[int, ...]:
    """Sizes, whether they came one by one or together."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = tuple(given[0])
    return tuple([whole(size, "size") for size in given])


def whole(value: object, name: str) -> int:
    """A whole number that was asked for as `name`; TypeError for what is none."""
    if isinstance(value, (bool, np.bool_)) or not hasattr(type(value), "__index__"):
        raise TypeError(
            f"argument '{name}' must be a whole number, or several, not {type(value).__name__}"
        )
    return index(value)  # type: ignore[arg-type]  # it has __index__


def numpys(kind: DType) -> np.dtype[Any]:
    """NumPy's dtype for one that was asked for; TypeError for a string, as in PyTorch."""
    if not isinstance(kind, (dtype, np.dtype, type)):
        raise TypeError(
            f"argument 'dtype' must be a dtype, as torch.float32, not {type(kind).__name__}"
        )
    return np.dtype(kind)


def is_dtype(thing: object) -> TypeGuard[DType]:
    """Whether it names a kind of number."""
    return isinstance(thing, (dtype, np.dtype)) or (
        isinstance(thing, type) and issubclass(thing, np.generic)
    )
