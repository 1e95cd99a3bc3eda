"""Picking numbers out, and putting them back in their places.

A key is an option, and plain: whole numbers, slices, None and `...`. Where an array picks, the key
has `ARRAY`, and the array is the row's next input; so `x[:, [1, 0]]` is
`select(x, np.array([1, 0]), key=(slice(None), ARRAY))`.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from types import EllipsisType
from typing import Any, TypeAlias, TypeGuard, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from ..graph import Primitive
from .numbers import Array, Plain

# A part of a key that NumPy answers with a view.
Basic: TypeAlias = int | slice | EllipsisType | None


class _Array:
    """The place of an array in a key."""

    def __repr__(self) -> str:
        return "ARRAY"

    def __reduce__(self) -> str:
        return "ARRAY"  # copied or unpickled, it is the same


ARRAY = _Array()
# The key of a row, and the steps that lead from an array to a view of it.
Key: TypeAlias = Basic | _Array | tuple[Basic | _Array, ...]
Views: TypeAlias = Sequence[tuple[Primitive, dict[str, Any]]]
Seen = TypeVar("Seen", bound=Array)


def filled(key: Any, arrays: tuple[np.ndarray, ...]) -> Any:
    """The key as NumPy takes it: each array, (...), in its place."""
    if not arrays:
        return key
    if key is ARRAY:
        return arrays[0]
    rest = iter(arrays)
    return tuple([next(rest) if part is ARRAY else part for part in key])


def is_basic(key: object) -> TypeGuard[Basic | tuple[Basic, ...]]:
    """Whether NumPy answers `x[key]` with a view: integers, slices, None and ... only."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(
        part is None
        or part is Ellipsis
        or (isinstance(part, (slice, int, np.integer)) and not isinstance(part, (bool, np.bool_)))
        for part in parts
    )


LARGEST_PRODUCT = 4_000_000  # numbers in a matrix of ones and zeros
LARGEST_IDENTITY = 256  # rows of an identity matrix that is kept


@cache
def _identity(count: int, dtype: np.dtype[Any]) -> np.ndarray:
    """(count + 2, count) the identity matrix, with a row of zeros before and after it."""
    return np.eye(count + 2, count, -1, dtype=dtype)


def one_hot_rows(indices: np.ndarray, count: int, dtype: DTypeLike) -> np.ndarray:
    """(...) whole numbers → (..., count): a row of the identity matrix for each in [0, count).

    For other numbers a row of zeros.
    """
    if count > LARGEST_IDENTITY or indices.dtype != np.int64:
        return np.equal.outer(indices, np.arange(count)).astype(dtype)
    return _identity(count, np.dtype(dtype)).take(indices + 1, 0, mode="clip")


def _one_hot_into(out: np.ndarray, indices: np.ndarray, *, count: int, dtype: DTypeLike) -> None:
    if count > LARGEST_IDENTITY or indices.dtype != np.int64:
        out[...] = one_hot_rows(indices, count, dtype)
    else:
        _identity(count, out.dtype).take(indices + 1, 0, out, "clip")


one_hot = Primitive(
    "one_hot",
    lambda indices, *, count, dtype: one_hot_rows(indices, count, dtype),
    into=_one_hot_into,
)


def add_rows(g: np.ndarray, indices: np.ndarray, count: int) -> np.ndarray:
    """(..., E) gradients and (...) rows they belong to, also from the end → (count, E) sums.

    A small table adds up by one matrix product; a large one number by number.
    """
    flat = indices.reshape(-1)
    if _is_small(flat, count):
        return _identity(count, g.dtype)[1:-1].take(flat, 0).T @ g.reshape(flat.size, g.shape[-1])
    if count * flat.size <= LARGEST_PRODUCT:
        flat = np.where(flat < 0, flat + count, flat)
        return one_hot_rows(flat, count, g.dtype).T @ g.reshape(flat.size, g.shape[-1])
    result = np.empty_like(g, shape=(count, g.shape[-1]), order="C")
    add_rows_into(result, g, indices, count=count)
    return result


def add_rows_into(out: np.ndarray, g: np.ndarray, indices: np.ndarray, *, count: int) -> None:
    """The same into (count, E) memory that is there, without another array of that size."""
    flat, width = indices.reshape(-1), g.shape[-1]
    if count * flat.size <= LARGEST_PRODUCT or not out.flags.c_contiguous:
        out[...] = add_rows(g, indices, count)
        return
    out.fill(0)
    places = np.where(flat < 0, flat + count, flat).reshape(-1, 1) * width + np.arange(width)
    np.add.at(out.reshape(-1), places.reshape(-1), g.reshape(-1))


def _is_small(flat: np.ndarray, count: int) -> bool:
    return count <= LARGEST_IDENTITY and count * flat.size <= LARGEST_PRODUCT


def _scatter_into(
    out: np.ndarray, g: np.ndarray, *arrays: np.ndarray, key: Key, shape: tuple[int, ...]
) -> None:
    if key is ARRAY and _picks_rows(arrays[0], g, shape) and _is_small(arrays[0], shape[0]):
        flat = arrays[0].reshape(-1)
        rows = _identity(shape[0], g.dtype)[1:-1].take(flat, 0)
        np.dot(rows.T, g.reshape(flat.size, shape[1]), out)
    elif _picks_columns(key, arrays, shape) and out.flags.c_contiguous:
        _add_columns(out, arrays[0], g)
    else:
        out[...] = _scatter(g, *arrays, key=key, shape=shape)


def _scatter(g: np.ndarray, *arrays: np.ndarray, key: Key, shape: tuple[int, ...]) -> np.ndarray:
    places = filled(key, arrays)
    if _picks_rows(places, g, shape):
        return add_rows(g, places, shape[0])
    if _picks_columns(key, arrays, shape):
        result = np.empty_like(g, shape=shape, order="C")
        _add_columns(result, arrays[0], g)
        return result
    result = np.zeros_like(g, shape=shape)
    if is_basic(places):
        result[places] = g
    else:
        np.add.at(result, places, g)  # a place that was picked twice gets both
    return result


def _add_columns(out: np.ndarray, columns: np.ndarray, g: np.ndarray) -> None:
    out.fill(0)
    rows = np.arange(0, out.size, out.shape[1])[:, None]
    np.add.at(out.reshape(-1), (rows + columns % out.shape[1]).reshape(-1), g.reshape(-1))


def _picks_rows(key: Any, g: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether an array of whole numbers picks rows of a matrix of numbers."""
    is_whole = isinstance(key, np.ndarray) and key.dtype.kind in "iu"
    is_small = is_whole and key.size * shape[0] <= LARGEST_PRODUCT
    return is_small and len(shape) == 2 and g.dtype.kind == "f"


def _picks_columns(key: Key, arrays: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> bool:
    """Whether a row of whole numbers picks columns of a matrix, as in x[:, [1, 0]]."""
    is_of_columns = isinstance(key, tuple) and len(key) == len(shape) == 2
    return (
        is_of_columns
        and key == (slice(None), ARRAY)
        and arrays[0].dtype.kind in "iu"
        and (arrays[0].ndim == 1)
    )


def _selected(x: np.ndarray, *arrays: np.ndarray, key: Key) -> np.ndarray:
    """What `x[key]` gives, in memory in the order of its axes where `x` is.

    Of arrays that pick one by one NumPy may give them in another order.
    """
    if key is ARRAY and arrays[0].dtype == np.int64:
        return x.take(arrays[0], 0)  # as x[array], and quicker
    result = x[filled(key, arrays)]
    if result.flags.c_contiguous or is_basic(key):
        return result
    falls = all(a >= b for a, b in pairwise(x.strides))
    return result.copy() if falls else result


def _select_gradient(
    g: Array, _y: Array, x_shape: tuple[int, ...], *arrays: Array, key: Key
) -> Array:
    return scatter(g, *arrays, key=key, shape=x_shape)


select = Primitive("select", _selected, gradients=[_select_gradient], is_view=True)

# As `select`, where an array is a mask: as many numbers come out as are true in it.
select_by_mask = Primitive(
    "select_by_mask", _selected, gradients=[_select_gradient], shape_depends_on_numbers=True
)


def picked(x: Array, *arrays: Array, key: Key) -> Array:
    """`select`, or `select_by_mask` if one of the arrays is a mask."""
    has_mask = any(array.dtype.kind == "b" for array in arrays)
    return (select_by_mask if has_mask else select)(x, *arrays, key=key)


scatter: Primitive = Primitive(
    "scatter",
    _scatter,
    gradients=[lambda g, _y, _x, *arrays, key, shape: picked(g, *arrays, key=key)],
    into=_scatter_into,
)


def _put(x: np.ndarray, value: Plain, *arrays: np.ndarray, key: Key) -> np.ndarray:
    result = x.copy()
    result[filled(key, arrays)] = value
    return result


# x with `value` at `key`: what an assignment means.
put: Primitive = Primitive(
    "put",
    _put,
    gradients=[
        lambda g, _y, _x, _v, *arrays, key: put(g, 0.0, *arrays, key=key),
        lambda g, _y, _x, _v, *arrays, key: picked(g, *arrays, key=key),
    ],
)


def _triangle(name: str, is_kept: Callable[[int, int, int], np.ndarray]) -> Primitive:
    """The numbers on one side of a diagonal of matrices, and 0 on the other."""

    def compute(x: np.ndarray, *, diagonal: int) -> np.ndarray:
        rows, columns = x.shape[-2:]
        return np.where(is_kept(rows, columns, diagonal), x, x.dtype.type(0))

    row: Primitive = Primitive(
        name,
        compute,
        gradients=[lambda g, _y, _x, *, diagonal: row(g, diagonal=diagonal)],
    )
    return row


tril = _triangle("tril", lambda rows, columns, k: np.tri(rows, columns, k, dtype=bool))
triu = _triangle("triu", lambda rows, columns, k: ~np.tri(rows, columns, k - 1, dtype=bool))


def seen_through(x: Seen, views: Views) -> Seen:
    """What a chain of views, (primitive, options) each, shows of x."""
    for primitive, options in views:
        x = primitive(x, **options)
    return x


def _put_view(x: np.ndarray, value: Plain, *, views: Views) -> np.ndarray:
    result = x.copy(order="K")
    seen_through(result, views)[...] = value
    return result


# x with `value` in what a chain of views shows of it: what changing a view means for its base.
put_view: Primitive = Primitive(
    "put_view",
    _put_view,
    gradients=[
        lambda g, _y, _x, _v, *, views: put_view(g, 0.0, views=views),
        lambda g, _y, _x, _v, *, views: seen_through(g, views),
    ],
)
