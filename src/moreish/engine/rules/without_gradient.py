"""Rows that have no gradient: what is true, what is counted, and where something is."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Primitive
from .numbers import Result
from .reduce import Axis

equal = Primitive("equal", np.equal)
not_equal = Primitive("not_equal", np.not_equal)
less = Primitive("less", np.less)
less_equal = Primitive("less_equal", np.less_equal)
greater = Primitive("greater", np.greater)
greater_equal = Primitive("greater_equal", np.greater_equal)

bitwise_and = Primitive("bitwise_and", np.bitwise_and)
bitwise_or = Primitive("bitwise_or", np.bitwise_or)
bitwise_xor = Primitive("bitwise_xor", np.bitwise_xor)
left_shift = Primitive("left_shift", np.left_shift)
right_shift = Primitive("right_shift", np.right_shift)
invert = Primitive("invert", np.invert)

logical_and = Primitive("logical_and", np.logical_and)
logical_or = Primitive("logical_or", np.logical_or)
logical_xor = Primitive("logical_xor", np.logical_xor)
logical_not = Primitive("logical_not", np.logical_not)

isnan = Primitive("isnan", np.isnan)
isinf = Primitive("isinf", np.isinf)
isfinite = Primitive("isfinite", np.isfinite)
signbit = Primitive("signbit", lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0)


def _isclose(
    a: np.ndarray, b: np.ndarray, *, rtol: float, atol: float, equal_nan: bool
) -> np.ndarray:
    """Whether |a - b| is at most atol + rtol |b|, or the two are equal."""
    with np.errstate(all="ignore"):
        apart = np.abs(a.astype(np.float64) - b if a.dtype.kind in "iub" else a - b)
        near = np.isfinite(apart) & (apart <= atol + np.abs(rtol * b))
    close = (a == b) | near
    return close | ((a != a) & (b != b)) if equal_nan else close


isclose = Primitive("isclose", _isclose)


def _within(x: np.ndarray, *, low: int, high: int, besides: int | None = None) -> np.ndarray:
    if low == 0 and besides is None and x.dtype == np.int64:
        return x.view(np.uint64) < high  # what is below 0 is very large there
    inside = (x >= low) & (x < high)
    return inside if besides is None else inside | (x == besides)


# Whether each is in [low, high), or that one number besides.
within = Primitive("within", _within)


def _truth(name: str, function: Callable[..., Any]) -> Primitive:
    def compute(x: np.ndarray, *, axis: Axis = None, keepdims: bool = False) -> Result:
        return function(x, axis=axis, keepdims=keepdims)

    return Primitive(name, compute)


all = _truth("all", np.all)
any = _truth("any", np.any)


def _place(name: str, function: Callable[..., Any]) -> Primitive:
    """Where an extreme is: the first of equal ones, counted along `axis` or over all."""

    def compute(x: np.ndarray, *, axis: int | None = None, keepdims: bool = False) -> Result:
        return function(x, axis=axis, keepdims=keepdims).astype(np.int64, copy=False)

    return Primitive(name, compute)


argmax = _place("argmax", np.argmax)
argmin = _place("argmin", np.argmin)


def _argsort(x: np.ndarray, *, axis: int, descending: bool = False) -> np.ndarray:
    """Where the numbers in order are along an axis, equal ones as they come."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable").astype(np.int64, copy=False)
    back = (slice(None),) * axis + (slice(None, None, -1),)
    places = np.argsort(x[back], axis=axis, kind="stable")[back]
    return (x.shape[axis] - 1 - places).astype(np.int64, copy=False)


argsort = Primitive("argsort", _argsort)

# (n, axes): where the numbers that are not 0 stand.
nonzero = Primitive(
    "nonzero",
    lambda x: np.argwhere(x).astype(np.int64, copy=False),
    shape_depends_on_numbers=True,
)


def _bincount(x: np.ndarray, weights: np.ndarray | None = None, *, minlength: int) -> np.ndarray:
    if weights is None:
        return np.bincount(x, minlength=minlength).astype(np.int64)
    found = np.bincount(x, weights=weights.astype(np.float64), minlength=minlength)
    return found.astype(weights.dtype if weights.dtype == np.float32 else np.float64)


bincount = Primitive("bincount", _bincount, shape_depends_on_numbers=True)


def _histogram(
    x: np.ndarray, edges: np.ndarray, weights: np.ndarray | None = None, *, density: bool = False
) -> np.ndarray:
    """(N) numbers, (B + 1) edges that rise → (B): how many fall into each bin, or their weights."""
    places = np.searchsorted(edges, x, side="right") - 1
    places = np.where(x == edges[-1], len(edges) - 2, places)
    inside = (x >= edges[0]) & (x <= edges[-1])
    counted = None if weights is None else weights[inside]
    found = np.bincount(places[inside], weights=counted, minlength=len(edges) - 1)
    hist = found.astype(x.dtype)
    with np.errstate(all="ignore"):
        return (hist / hist.sum() / np.diff(edges)).astype(x.dtype) if density else hist


histogram = Primitive("histogram", _histogram)
