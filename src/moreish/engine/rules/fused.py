"""Several operations in one row, for speed; each is tested equal to its composition."""

from math import prod
from typing import Any

import numpy as np

from ..graph import Primitive, no_gradient
from .elementwise import exp
from .index import add_rows, add_rows_into
from .numbers import Array
from .reduce import add_up, sum
from .shape import add_axis, in_rows, reshape, swap_last
from .wide import NEAR, in_two, surplus

MANY = 1_000  # columns from which on rows are shared among threads


def _single(x: np.ndarray) -> np.ndarray:
    """Half precision is computed in single precision, as PyTorch does, and rounded once."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def _log_softmax(x: np.ndarray, *, axis: int = -1) -> np.ndarray:
    """The largest is taken away first, so that no exponential overflows."""
    if not x.size:
        return x.copy()
    if x.dtype == np.float16:
        return _log_softmax(_single(x), axis=axis).astype(x.dtype)
    y = x - x.max(axis=axis, keepdims=True)
    y -= np.log(add_up(np.exp(y), axis=axis, keepdims=True))
    return in_rows(y)


def _log_softmax_into(out: np.ndarray, x: np.ndarray, *, axis: int = -1) -> None:
    """The same, into memory that is there; of a matrix a few rows at a time, which stay near."""
    if x.ndim != 2 or axis not in (-1, 1) or x.dtype.char not in "fd" or not x.flags.c_contiguous:
        out[...] = _log_softmax(x, axis=axis)
        return
    largest: Any = np.maximum.reduce
    total: Any = np.add.reduce
    at_once = max(NEAR // max(x.shape[1], 1), 1)

    def work(part: slice) -> None:
        for first in range(part.start, part.stop, at_once):
            own = slice(first, min(first + at_once, part.stop))
            rows, place = x[own], out[own]
            one = np.empty((len(rows), 1), x.dtype)
            largest(rows, 1, None, one, True)
            np.subtract(rows, one, place)
            total(np.exp(place), 1, None, one, True)
            np.subtract(place, np.log(one, one), place)

    if x.shape[1] >= MANY:
        in_two(work, len(x))
    else:
        work(slice(0, len(x)))


def _softmax(x: np.ndarray, *, axis: int = -1) -> np.ndarray:
    if not x.size:
        return x.copy()
    if x.dtype == np.float16:
        return _softmax(_single(x), axis=axis).astype(x.dtype)
    y = np.exp(x - x.max(axis=axis, keepdims=True))
    y /= add_up(y, axis=axis, keepdims=True)
    return in_rows(y)


def _nats(targets: np.ndarray, log_probs: np.ndarray) -> np.ndarray:
    """(B,) right answers or (B, V) probabilities, and (B, V) log-probabilities → (B,) nats."""
    if targets.ndim == log_probs.ndim:
        return -np.einsum("bv,bv->b", log_probs, targets)
    rows, columns = log_probs.shape
    places = targets + np.arange(0, rows * columns, columns)
    return -log_probs.reshape(-1).take(places)


def _cross_entropy_logits(g: Array, _y: Array, logits: Array, targets: Array) -> Array:
    """What the model expects less what is right, weighted by what arrives."""
    if len(targets.shape) < len(logits.shape) == 2 and logits.shape[1] >= MANY:
        return surplus(log_softmax(logits, axis=-1), targets, g)
    probabilities = exp(log_softmax(logits, axis=-1))
    if len(targets.shape) < len(logits.shape):
        return one_less(probabilities, targets) * add_axis(g, -1)
    expected = probabilities * sum(targets, axis=-1, keepdims=True)
    return (expected - targets) * add_axis(g, -1)


def _one_less_into(out: np.ndarray, x: np.ndarray, places: np.ndarray) -> None:
    np.copyto(out, x)
    out[np.arange(len(x)), places] -= 1


def _one_less(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    y = np.empty_like(x, order="C")
    _one_less_into(y, x, places)
    return y


# (B, V) numbers and (B,) a place in each row → the same with 1 taken away there.
one_less = Primitive(
    "one_less", _one_less, gradients=[lambda g, _y, _x, _p: g, no_gradient], into=_one_less_into
)


def _embedding(indices: np.ndarray, table: np.ndarray) -> np.ndarray:
    return table[indices]


log_softmax = Primitive(
    "log_softmax",
    _log_softmax,
    gradients=[
        lambda g, y, _x, *, axis=-1: g - exp(y) * sum(g, axis=axis, keepdims=True),
    ],
    floating=True,
    into=_log_softmax_into,
)

softmax = Primitive(
    "softmax",
    _softmax,
    gradients=[
        lambda g, y, _x, *, axis=-1: y * (g - sum(g * y, axis=axis, keepdims=True)),
    ],
    floating=True,
)

# (B, V) logits and (B,) right answers in [0, V), or (B, V) probabilities → (B,) nats.
cross_entropy = Primitive(
    "cross_entropy",
    lambda logits, targets: _nats(targets, _log_softmax(logits)),
    gradients=[
        _cross_entropy_logits,
        lambda g, _y, logits, _t: -log_softmax(logits, axis=-1) * add_axis(g, -1),
    ],
    floating=True,
    parts=((log_softmax, (0,), {"axis": -1}), (Primitive("nats", _nats), (1, 2), {})),
)


def _affine(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    y = x @ weight
    y += bias
    return y


def _affine_weight(g: Array, _y: Array, x: Array, weight_shape: tuple[int, ...]) -> Array:
    count = prod(x.shape[:-1])  # not -1: a layer may have no inputs, or no outputs
    rows = reshape(x, shape=(count, weight_shape[0]))
    return swap_last(rows) @ reshape(g, shape=(count, weight_shape[1]))


affine = Primitive(
    "affine",
    _affine,
    gradients=[
        lambda g, _y, _x, weight, _b: g @ swap_last(weight),
        lambda g, _y, x, weight_shape, _b: _affine_weight(g, _y, x, weight_shape),
        lambda g, _y, _x, _w, _b: g,
    ],
)

embedding = Primitive(
    "embedding",
    _embedding,
    gradients=[
        no_gradient,
        lambda g, _y, indices, table_shape: rows_added(g, indices, count=table_shape[0]),
    ],
)

rows_added: Primitive = Primitive(
    "rows_added",
    lambda g, indices, *, count: add_rows(g, indices, count),
    gradients=[lambda g, _y, _x, indices, *, count: embedding(indices, g)],
    into=add_rows_into,
)


def _blanked(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    y = x.copy()
    rows = np.flatnonzero(places < x.shape[1])
    y[rows, places[rows]] = 0
    return y


# (B, S) numbers and (B,) a place in each row → the same with 0 there; place S is in no row.
blanked: Primitive = Primitive(
    "blanked", _blanked, gradients=[lambda g, _y, _x, places: blanked(g, places), no_gradient]
)


def _sampled_cross_entropy(own: np.ndarray, others: np.ndarray, places: np.ndarray) -> np.ndarray:
    largest = np.maximum(others.max(axis=1), own)
    sums = others - add_axis(largest, -1)
    np.exp(sums, out=sums)
    rows = np.flatnonzero(places < others.shape[1])
    sums[rows, places[rows]] = 0
    total: np.ndarray = np.log(add_up(sums, axis=1) + np.exp(own - largest)) + largest - own
    return total


def _sampled_others(g: Array, y: Array, own: Array, others: Array, places: Array) -> Array:
    return blanked(exp(others - add_axis(y + own, -1)), places) * add_axis(g, -1)


# (B,) log-odds of what followed, (B, S) of others, (B,) its place among those, or S → (B,) nats.
sampled_cross_entropy = Primitive(
    "sampled_cross_entropy",
    _sampled_cross_entropy,
    gradients=[
        lambda g, y, _own, _others, _places: (exp(-y) - 1) * g,
        _sampled_others,
        no_gradient,
    ],
    floating=True,
)
