"""Products for layers with very many outputs, as those of words are.

Each is cut into the same two parts, whether they run side by side or one after the other. So the
bits do not depend on the number of processors. The command lets them run side by side where
nobody has said how many threads there should be (`MOREISH_THREADS`). NumPy's own threads would
share the products alone; here exponentials and whatever else is done number by number are shared.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache

import numpy as np

from ..graph import Primitive, no_gradient
from .elementwise import exp
from .numbers import Array
from .reduce import sum
from .shape import add_axis, swap_last

STEP = 64  # parts begin at a multiple of it, as processors take so many numbers together
NEAR = 65_536  # numbers that stay in a processor's cache


def in_two(work: Callable[[slice], None], count: int) -> None:
    """Do some work for both halves of so many, on two threads if there may be two.

    >>> in_two(lambda part: print(part.start, part.stop), 200)
    0 64
    64 200
    """
    middle = count // 2 // STEP * STEP
    first, second = slice(0, middle), slice(middle, count)
    if not middle or os.environ.get("MOREISH_THREADS") != "2":
        work(first)
        work(second)
        return
    other = _helper(os.getpid()).submit(copy_context().run, work, second)  # its errstate, too
    try:
        work(first)
    finally:
        other.result()


@cache
def _helper(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "moreish-wide")


def _rows_into(out: np.ndarray, x: np.ndarray, weight: np.ndarray) -> None:
    def work(part: slice) -> None:
        np.matmul(x[part], weight, out=out[part])

    in_two(work, len(x))


def _columns_into(out: np.ndarray, x: np.ndarray, weight: np.ndarray) -> None:
    def work(part: slice) -> None:
        np.matmul(x, weight[:, part], out=out[:, part])

    in_two(work, weight.shape[1])


def _affine_into(out: np.ndarray, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> None:
    def work(part: slice) -> None:
        np.matmul(x[part], weight, out=out[part])
        out[part] += bias

    in_two(work, len(x))


def _surplus_into(
    out: np.ndarray, log_probs: np.ndarray, targets: np.ndarray, g: np.ndarray
) -> None:
    at_once = max(NEAR // max(log_probs.shape[1], 1), 1)

    def work(part: slice) -> None:
        for first in range(part.start, part.stop, at_once):
            own = slice(first, min(first + at_once, part.stop))
            rows = np.exp(log_probs[own], out=out[own])
            rows[np.arange(len(rows)), targets[own]] -= 1
            rows *= g[own, None]

    in_two(work, len(log_probs))


def _made(into: Callable[..., None], columns: int) -> Callable[..., np.ndarray]:
    """The function that makes the memory, too, with as many columns as that input has."""

    def function(x: np.ndarray, *others: np.ndarray) -> np.ndarray:
        out = np.empty((len(x), (x, *others)[columns].shape[1]), x.dtype)
        into(out, x, *others)
        return out

    return function


# (N, K) times (K, M); the second has its columns cut, as it is for few rows and many columns.
wide_columns = Primitive(
    "wide_columns",
    _made(_columns_into, 1),
    gradients=[
        lambda g, _y, _x, weight: g @ swap_last(weight),
        lambda g, _y, x, _w: swap_last(x) @ g,
    ],
    into=_columns_into,
)
wide_matmul: Primitive = Primitive(
    "wide_matmul",
    _made(_rows_into, 1),
    gradients=[
        lambda g, _y, _x, weight: wide_matmul(g, swap_last(weight)),
        lambda g, _y, x, _w: wide_columns(swap_last(x), g),
    ],
    into=_rows_into,
)
# (N, K) times (K, M), plus (M,).
wide_affine = Primitive(
    "wide_affine",
    _made(_affine_into, 1),
    gradients=[
        lambda g, _y, _x, weight, _b: wide_matmul(g, swap_last(weight)),
        lambda g, _y, x, _w, _b: wide_columns(swap_last(x), g),
        lambda g, _y, _x, _w, _b: g,
    ],
    into=_affine_into,
)


def _without(log_probs: Array, targets: Array) -> Array:
    return surplus(log_probs, targets, sum(log_probs, axis=1) * 0 + 1)


# (B, V) log-probabilities, (B,) right answers and (B,) weights → (B, V): what is expected less what
# is right, times the weight. It is the gradient of the cross-entropy, in one go over the memory.
surplus: Primitive = Primitive(
    "surplus",
    _made(_surplus_into, 0),
    gradients=[
        lambda g, _y, log_probs, _t, weight: g * exp(log_probs) * add_axis(weight, -1),
        no_gradient,
        lambda g, _y, log_probs, targets, _w: sum(g * _without(log_probs, targets), axis=1),
    ],
    into=_surplus_into,
)
