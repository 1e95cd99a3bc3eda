"""Scans: each place holds what the numbers up to it come to."""

from collections.abc import Callable

import numpy as np

from ..graph import Primitive, holds
from .arithmetic import divide
from .elementwise import absolute, exp, log, where
from .numbers import Array
from .reduce import cumsum, sum
from .shape import add_axis, cast, expand, flip, in_rows, permute

LOG_OF_0 = -3e4  # as good as -inf, whose differences would be NaN; half precision holds it


def _in_double(accumulate: Callable[..., np.ndarray], x: np.ndarray, axis: int) -> np.ndarray:
    """Floating-point numbers are put together in double precision, and rounded once a number."""
    wide = np.float64 if x.dtype.kind == "f" else x.dtype
    return in_rows(accumulate(x, axis=axis, dtype=wide).astype(x.dtype))


def _backwards(row: Primitive, x: Array, axis: int) -> Array:
    """The scan from the end."""
    return flip(row(flip(x, axes=(axis,)), axis=axis), axes=(axis,))


def _cumprod_gradient(g: Array, y: Array, x: Array, *, axis: int) -> Array:
    """Each product with x in it, divided by x; where an x is 0 they are multiplied anew."""
    if x.shape[axis] == 1:
        return g
    if holds(x != 0):
        return divide(_backwards(cumsum, g * y, axis), x)
    count, axes = x.shape[axis], len(x.shape)
    order = (*(i for i in range(axes) if i != axis), axis)
    back = tuple(order.index(i) for i in range(axes))
    g, x = permute(g, axes=order), permute(x, axes=order)
    rows = expand(add_axis(x, -2), shape=(*x.shape, count))
    others = cumprod(where(np.eye(count, dtype=bool), 1.0, rows), axis=axes)
    behind = where(np.tri(count, dtype=bool).T, others, 0.0)
    return permute(sum(add_axis(g, -2) * behind, axis=-1), axes=back)


cumprod: Primitive = Primitive(
    "cumprod",
    lambda x, *, axis: _in_double(np.multiply.accumulate, x, axis),
    gradients=[_cumprod_gradient],
)


def _logcumsumexp_gradient(g: Array, y: Array, x: Array, *, axis: int) -> Array:
    """Sums over what is behind of g exp(x - y), in logarithms, for each sign of g by itself."""
    size = log(absolute(g) + cast(g == 0, dtype=g.dtype))
    positive, negative = where(g > 0, size, LOG_OF_0), where(g < 0, size, LOG_OF_0)
    gains = exp(_backwards(logcumsumexp, positive - y, axis) + x)
    return gains - exp(_backwards(logcumsumexp, negative - y, axis) + x)


logcumsumexp: Primitive = Primitive(
    "logcumsumexp",
    lambda x, *, axis: _in_double(np.logaddexp.accumulate, x, axis),
    gradients=[_logcumsumexp_gradient],
)


def _place_of_extreme(
    accumulate: Callable[..., np.ndarray], x: np.ndarray, axis: int
) -> np.ndarray:
    """Where the largest or smallest number so far is: the latest of equal ones, or of NaN."""
    is_extreme = (x == accumulate(x, axis=axis)) | (x != x)
    places = np.arange(x.shape[axis]).reshape(-1, *[1] * (x.ndim - 1 - axis))
    return np.maximum.accumulate(np.where(is_extreme, places, 0), axis=axis)


cummax_places = Primitive(
    "cummax_places", lambda x, *, axis: _place_of_extreme(np.maximum.accumulate, x, axis)
)

cummin_places = Primitive(
    "cummin_places", lambda x, *, axis: _place_of_extreme(np.minimum.accumulate, x, axis)
)
