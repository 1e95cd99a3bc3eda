"""Picking numbers out, and putting them back in their places."""

from itertools import pairwise
from typing import Any

import numpy as np

from ..graph import Primitive


def is_basic(key: Any) -> bool:
    """Whether NumPy answers `x[key]` with a view: integers, slices, None and ... only."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(
        part is None
        or part is Ellipsis
        or (isinstance(part, (slice, int, np.integer)) and not isinstance(part, (bool, np.bool_)))
        for part in parts
    )


LARGEST_PRODUCT = 4_000_000  # numbers in a matrix of ones and zeros


def one_hot_rows(indices: np.ndarray, count: int, dtype: Any) -> np.ndarray:
    """(B,) whole numbers in [0, count) → (B, count): a row of the identity matrix for each."""
    return np.equal.outer(indices, np.arange(count)).astype(dtype)


def add_rows(g: np.ndarray, indices: np.ndarray, count: int) -> np.ndarray:
    """(..., E) gradients and (...) rows they belong to → (count, E) sums.

    A small table adds up by one matrix product; a large one number by number.
    """
    flat = indices.reshape(-1)
    width = g.shape[-1]
    g = g.reshape(flat.size, width)
    if count * flat.size <= LARGEST_PRODUCT:
        return one_hot_rows(flat, count, g.dtype).T @ g
    result = np.zeros_like(g, shape=(count * width,))
    places = flat.reshape(-1, 1) * width + np.arange(width)
    np.add.at(result, places.reshape(-1), g.reshape(-1))
    return result.reshape(count, width)


def _scatter(g: np.ndarray, *, key: Any, shape: tuple[int, ...]) -> np.ndarray:
    if _picks_rows(key, g, shape):
        return add_rows(g, np.where(key < 0, key + shape[0], key), shape[0])
    result = np.zeros_like(g, shape=shape)
    if is_basic(key):
        result[key] = g
    else:
        np.add.at(result, key, g)  # a place that was picked twice gets both
    return result


def _picks_rows(key: Any, g: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether an array of whole numbers picks rows of a matrix of numbers."""
    is_whole = isinstance(key, np.ndarray) and key.dtype.kind in "iu"
    is_small = is_whole and key.size * shape[0] <= LARGEST_PRODUCT
    return is_small and len(shape) == 2 and g.dtype.kind == "f"


def _selected(x: np.ndarray, *, key: Any) -> Any:
    """Numbers that are picked one by one stand in memory in the order of their axes, if those of
    `x` do; NumPy may give them in another."""
    result = x[key]
    if result.flags.c_contiguous or is_basic(key):
        return result
    falls = all(a >= b for a, b in pairwise(x.strides))
    return result.copy() if falls else result


select = Primitive(
    "select",
    _selected,
    gradients=[lambda g, _y, x_shape, *, key: scatter(g, key=key, shape=x_shape)],
    is_view=True,
)

scatter: Primitive = Primitive(
    "scatter",
    _scatter,
    gradients=[lambda g, _y, _x, *, key, shape: select(g, key=key)],
)


def _put(x: np.ndarray, value: Any, *, key: Any) -> np.ndarray:
    result = x.copy()
    result[key] = value
    return result


def _put_value(g: Any, _y: Any, _x: Any, _v: Any, *, key: Any) -> Any:
    return g[key]


# x with `value` at `key`: what an assignment means.
put: Primitive = Primitive(
    "put",
    _put,
    gradients=[lambda g, _y, _x, _v, *, key: put(g, 0.0, key=key), _put_value],
)


def seen_through(x: Any, views: Any) -> Any:
    """What a chain of views, (primitive, options) each, shows of x."""
    for primitive, options in views:
        x = primitive(x, **options)
    return x


def _put_view(x: np.ndarray, value: Any, *, views: Any) -> np.ndarray:
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
