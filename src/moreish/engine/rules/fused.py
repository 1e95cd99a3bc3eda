"""Several operations in one row, for speed; each is tested equal to its composition."""

from typing import Any

import numpy as np

from ..graph import Primitive, no_gradient
from .elementwise import exp
from .index import add_rows, one_hot
from .numbers import Array
from .reduce import BLOCK, add_up, sum
from .shape import add_axis, in_rows, reshape, swap_last


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
    """The same, into memory that is there, for a matrix whose rows are short."""
    if x.ndim != 2 or axis not in (-1, 1) or x.dtype.char not in "fd" or x.shape[1] > BLOCK:
        out[...] = _log_softmax(x, axis=axis)
        return
    one = np.empty((len(x), 1), x.dtype)
    largest: Any = np.maximum.reduce
    total: Any = np.add.reduce
    largest(x, 1, None, one, True)
    np.subtract(x, one, out)
    total(np.exp(out), 1, None, one, True)
    np.subtract(out, np.log(one, one), out)


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
    probabilities = exp(log_softmax(logits, axis=-1))
    if len(targets.shape) == len(logits.shape):
        expected = probabilities * sum(targets, axis=-1, keepdims=True)
    else:
        expected = probabilities
        targets = one_hot(targets, count=logits.shape[-1], dtype=np.dtype(logits.dtype))
    return (expected - targets) * add_axis(g, -1)


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
    rows = reshape(x, shape=(-1, weight_shape[0]))
    return swap_last(rows) @ reshape(g, shape=(-1, weight_shape[1]))


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
)
