"""Array at indices along an axis: taken, put, added up, multiplied, or compared there.

`index` has an axis for each of `x`: entry (i, j) of it along axis 0 means the place
(index[i, j], j) of `x`. Whole numbers from 0 are wanted, which is the Tensor's business.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Primitive, no_gradient
from .arithmetic import divide
from .elementwise import where
from .numbers import Array
from .shape import cast


def _places(index: np.ndarray, axis: int) -> tuple[np.ndarray, ...]:
    """The key with which NumPy picks what `index` means."""
    grid: list[np.ndarray] = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    grid[axis] = index
    return tuple(grid)


def _spread_along(
    src: np.ndarray, index: np.ndarray, *, axis: int, shape: tuple[int, ...]
) -> np.ndarray:
    result = np.zeros(shape, dtype=src.dtype)
    np.add.at(result, _places(index, axis), src)
    return result


def _put_along(x: np.ndarray, index: np.ndarray, src: Array, *, axis: int) -> np.ndarray:
    result = x.copy(order="C")
    result[_places(index, axis)] = src
    return result


take_along: Primitive = Primitive(
    "take_along",
    lambda x, index, *, axis: x[_places(index, axis)],
    gradients=[
        lambda g, _y, x_shape, index, *, axis: spread_along(g, index, axis=axis, shape=x_shape)
    ],
)

# Zeros of a shape, with each number of `src` added to the place that its index means.
spread_along: Primitive = Primitive(
    "spread_along",
    _spread_along,
    gradients=[lambda g, _y, _src, index, *, axis, shape: take_along(g, index, axis=axis)],
)

put_along: Primitive = Primitive(
    "put_along",
    _put_along,
    gradients=[
        lambda g, _y, _x, index, _src, *, axis: put_along(g, index, 0.0, axis=axis),
        no_gradient,
        lambda g, _y, _x, index, _src, *, axis: take_along(g, index, axis=axis),
    ],
)


def _gathered(
    function: np.ufunc, neutral: Callable[[np.dtype[Any]], float]
) -> Callable[..., np.ndarray]:
    """x with the numbers of `src` put together with what is there, or with themselves alone."""

    def compute(
        x: np.ndarray, index: np.ndarray, src: np.ndarray, *, axis: int, include_self: bool
    ) -> np.ndarray:
        result = x.copy(order="C")
        places = _places(index, axis)
        if not include_self:
            result[places] = neutral(x.dtype)
        function.at(result, places, src)
        return result

    return compute


def _lowest(dtype: np.dtype[Any]) -> float:
    return {"f": -np.inf, "b": False}[dtype.kind] if dtype.kind in "fb" else np.iinfo(dtype).min


def _highest(dtype: np.dtype[Any]) -> float:
    return {"f": np.inf, "b": True}[dtype.kind] if dtype.kind in "fb" else np.iinfo(dtype).max


def _own(g: Array, index: Array, axis: int, include_self: bool) -> Array:
    """The gradient of what was there: none where it was not included."""
    return g if include_self else put_along(g, index, 0.0, axis=axis)


def _multiplied_x(
    g: Array,
    _y: Array,
    x: Array,
    index: Array,
    src: Array,
    *,
    axis: int,
    include_self: bool,
) -> Array:
    one = x + cast(x == 0, dtype=x.dtype)
    others = multiply_along(one, index, src, axis=axis, include_self=include_self)
    return _own(divide(g * others, one), index, axis, include_self)


def _multiplied_src(
    g: Array, y: Array, x: Array, index: Array, src: Array, *, axis: int, include_self: bool
) -> Array:
    """The product of the others: all divided by its own, or where one alone is 0 without it."""
    is_zero = cast(src == 0, dtype=src.dtype)
    zeros = spread_along(is_zero, index, axis=axis, shape=x.shape)
    alone = is_zero * cast(take_along(zeros, index, axis=axis) == 1, dtype=src.dtype)
    options = {"axis": axis, "include_self": include_self}
    without = take_along(g * multiply_along(x, index, src + alone, **options), index, axis=axis)
    divided = divide(take_along(g * y, index, axis=axis), src + is_zero)
    return where(alone == 1, without, divided)


multiply_along: Primitive = Primitive(
    "multiply_along",
    _gathered(np.multiply, lambda dtype: 1),
    gradients=[_multiplied_x, no_gradient, _multiplied_src],
)


def _each(g: Array, y: Array, x: Array, index: Array, src: Array, axis: int) -> Array:
    """The gradient of each place in equal parts for all that are as the result there."""
    found = cast(src == take_along(y, index, axis=axis), dtype=x.dtype)
    count = cast(x == y, dtype=x.dtype) + spread_along(found, index, axis=axis, shape=x.shape)
    return divide(g, count)


def _extreme_x(
    g: Array, y: Array, x: Array, index: Array, src: Array, *, axis: int, include_self: bool
) -> Array:
    own = cast(x == y, dtype=x.dtype) * _each(g, y, x, index, src, axis)
    return _own(own, index, axis, include_self)


def _extreme_src(
    g: Array, y: Array, x: Array, index: Array, src: Array, *, axis: int, include_self: bool
) -> Array:
    found = cast(src == take_along(y, index, axis=axis), dtype=x.dtype)
    return found * take_along(_each(g, y, x, index, src, axis), index, axis=axis)


EXTREME: list[Callable[..., Any]] = [_extreme_x, no_gradient, _extreme_src]

largest_along = Primitive("largest_along", _gathered(np.maximum, _lowest), gradients=EXTREME)

smallest_along = Primitive("smallest_along", _gathered(np.minimum, _highest), gradients=EXTREME)
