"""What stands in brackets, taken apart as PyTorch does it, which is not as NumPy does it.

- Integers, slices, None and ... are one view. Lists and Tensors then pick from that view.
- So an integer beside a list does not count as a list: the axes stay in their places.
- A list is turned into a tuple if it holds anything but numbers and truth values.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np

from ..graph import _mode
from ..rules.index import ARRAY
from .arguments import Array
from .mixin import Part, _array_of

ALL = slice(None)
# The key of the view and that of the choice, None where there is none; and the choice's arrays.
Keys = tuple[Any, Any, tuple[Any, ...]]
# A part of a key, once lists are arrays.
Plain: TypeAlias = "int | slice | EllipsisType | Array | None"
ARRAYS = (np.ndarray, Part)


def keys_of(key: object, shape: tuple[int, ...]) -> Keys:
    """The view, then the choice and its arrays, that `key` means for a tensor of this shape.

    TypeError for text, IndexError for what else is no index or is one too many, or a mask of
    another shape. ValueError for a negative step or lists of unequal lengths.
    """
    count = len(shape)
    parts = _with_one_ellipsis([_plain(part) for part in _together(key)])
    if not any(isinstance(part, (bool, *ARRAYS)) for part in parts):
        return _with_room_for(parts, count), None, ()
    wanted = sum(_taken(part) for part in parts)
    if wanted > count:
        raise IndexError(f"too many indices for tensor of dimension {count}: {wanted} were given")
    _must_fit(parts, shape, wanted)
    view: list[Plain] = []
    choice: list[object] = []
    arrays: list[Array] = []
    for part in parts:
        if part is Ellipsis:
            view += [ALL] * (count - wanted)
            choice += [ALL] * (count - wanted)
        elif isinstance(part, int) and not isinstance(part, bool):
            view.append(part)
        elif part is None or isinstance(part, slice):
            view.append(part)
            choice.append(ALL)
        elif isinstance(part, bool) or not _array_of(part).ndim:  # a mask over a new axis
            view.append(None)
            choice.append(ARRAY)
            arrays.append(np.asarray([part]) if isinstance(part, bool) else part.reshape(1))
        else:
            view += [ALL] * _taken(part)
            choice.append(ARRAY)
            arrays.append(part)
    while choice and choice[-1] is ALL:
        choice.pop()
    picked = choice[0] if len(choice) == 1 else tuple(choice)
    return (None if all(part is ALL for part in view) else tuple(view)), picked, tuple(arrays)


def is_mask(places: Array) -> bool:
    """Whether an array or Tensor of places is one of truth values."""
    return bool(_array_of(places).dtype.kind == "b")


def _picks_by_arrays(key: object, size: int) -> bool:
    """Whether a key assigns `size` numbers place by place; one number by a mask fills instead."""
    if isinstance(key, (bool, np.bool_)):
        return False
    parts = _together(key)
    arrays = [part for part in map(_plain, parts) if isinstance(part, (bool, *ARRAYS))]
    masks = [part for part in arrays if isinstance(part, ARRAYS) and is_mask(part)]
    return bool(arrays) and not (size == 1 and len(arrays) == len(masks) == 1)


def _with_one_ellipsis(parts: list[Plain]) -> list[Plain]:
    """As PyTorch has it, the first ... stands for all axes that are left, and others for none."""
    places = [i for i, part in enumerate(parts) if part is ...]
    return [part for i, part in enumerate(parts) if i not in places[1:]]


def _must_fit(parts: list[Plain], shape: tuple[int, ...], wanted: int) -> None:
    """IndexError for a mask of another size than its axes: NumPy takes an empty one for size 1."""
    axis = 0
    for part in parts:
        if isinstance(part, ARRAYS) and is_mask(part):
            own = _array_of(part).shape
            theirs = shape[axis : axis + len(own)]
            if own != theirs:
                raise IndexError(
                    f"The shape of the mask {list(own)} does not match the shape "
                    f"{list(theirs)} of the axes from {axis} on"
                )
        axis += len(shape) - wanted if part is ... else _taken(part)


def must_be_assignable(own: np.dtype[Any], key: object, value: object) -> None:
    """RuntimeError for what PyTorch does not assign by this key to numbers of dtype `own`.

    IndexError for what is no index, TypeError for text, ValueError for a negative step or lists of
    unequal lengths.
    """
    numbers = value._array if isinstance(value, Part) else np.empty((), own)
    if numbers.size == 1 and _has_byte_mask(key):
        raise RuntimeError(
            "one number can't be assigned by a mask of bytes: use a mask of truth values, as "
            "mask != 0"
        )
    if numbers.dtype != own and _picks_by_arrays(key, numbers.size):
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {own} for the "
            f"destination and {numbers.dtype} for the source: convert it, as with .to(x.dtype)"
        )


def _has_byte_mask(key: object) -> bool:
    """Whether a mask of bytes alone chooses: PyTorch reads by it, and does not write one number."""
    arrays = [x for x in _together(key) if isinstance(_plain(x), (bool, *ARRAYS))]
    return len(arrays) == 1 and isinstance(arrays[0], Part) and arrays[0]._array.dtype == np.uint8


def _with_room_for(parts: list[Plain], count: int) -> Plain | tuple[Plain, ...]:
    wanted = sum(_taken(part) for part in parts)
    if wanted > count:
        raise IndexError(f"too many indices for tensor of dimension {count}: {wanted} were given")
    if wanted == count and all(type(part) is int for part in parts):
        return (*parts, ...)  # so that one number is a view, too
    return parts[0] if len(parts) == 1 and parts[0] is not None else tuple(parts)


def _taken(part: Plain) -> int:
    """How many axes a part of a key takes."""
    if isinstance(part, ARRAYS):
        array = _array_of(part)
        return array.ndim if array.dtype.kind == "b" else 1
    return int(isinstance(part, slice) or (isinstance(part, int) and not isinstance(part, bool)))


def _together(key: object) -> tuple[object, ...]:
    """The parts of a key."""
    if isinstance(key, tuple):
        return key
    if isinstance(key, list) and any(
        part is None or isinstance(part, (Part, np.ndarray, list, tuple, slice, type(...)))
        for part in key
    ):
        return tuple(key)
    return (key,)


def _plain(part: object) -> Plain:
    """A part of a key without lists: a number, slice, None, ..., bool, array or Tensor."""
    if part is None or part is Ellipsis or isinstance(part, (bool, np.bool_)):
        return bool(part) if isinstance(part, np.bool_) else part
    if isinstance(part, (int, np.integer)):
        return int(part)
    if isinstance(part, slice):
        return _slice(part)
    if isinstance(part, ARRAYS):
        return _array(part)  # type: ignore[arg-type]  # a Part is a Tensor
    if isinstance(part, (list, tuple, range)):
        return _from_list(part)
    error = TypeError if isinstance(part, (str, bytes)) else IndexError
    raise error(
        f"an index is a whole number, a slice, a tensor, a list, None or ..., not a "
        f"{type(part).__name__}"
    )


def _slice(part: slice) -> slice:
    ends = [end if end is None else index(end) for end in (part.start, part.stop, part.step)]
    if ends[2] is not None and ends[2] <= 0:
        raise ValueError("step must be greater than zero: PyTorch has no negative steps")
    return slice(*ends)


def _array(given: Array) -> Array | int:
    """Indices as an array or Tensor; one index alone as a number."""
    array = _array_of(given)
    if array.dtype == np.uint8:
        return given != 0  # bytes are a mask
    if array.dtype.kind == "b":
        return given
    if not array.ndim and array.dtype.kind == "i":
        return int(given)
    if array.dtype not in (np.int64, np.int32):
        raise IndexError(
            f"tensors used as indices must be long, int, byte or bool tensors, not {array.dtype}: "
            f"convert with .long()"
        )
    return given


def _from_list(part: Sequence[object]) -> np.ndarray:
    if _mode.following is not None and any(isinstance(inner, Part) for inner in part):
        _mode.following.read()
    try:
        array = np.asarray([x._read() if isinstance(x, Part) else x for x in part])
    except ValueError:
        raise ValueError("a list of indices must have the same length at every level") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"a list of indices holds whole numbers or truth values, not {part!r}")
    return array if array.dtype.kind == "b" else array.astype(np.int64)
