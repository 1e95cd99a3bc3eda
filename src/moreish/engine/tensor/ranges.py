"""Evenly spaced numbers, rounded as PyTorch rounds them.

PyTorch makes a range in blocks: the first number of a block from the start, the others from that
first one. So `arange(-5, 5, 0.2)` is not 0 in the middle but -2.98e-9. This is what it gives on
x86-64 with AVX2 or AVX-512 in one thread; without them a double is rounded twice. From 32,769
numbers on its threads begin blocks of their own, which depends on how many there are.
"""

from typing import Any

import numpy as np

from ..fused_multiply_add import multiply_add
from .arguments import DType
from .promotion import number_within

Array = np.ndarray
BLOCK = {"float16": 16, "float32": 8, "float64": 4}  # numbers that its code for vectors makes


def rising(start: float, end: float, step: float, dtype: DType) -> Array:
    """Numbers from `start` by `step` up to `end`, which is left out: (N,).

    RuntimeError for a step of 0, one that leads away from `end`, or too many numbers. ValueError
    for a step that int64 cuts down to 0.

    >>> rising(-5, 5, 0.2, np.float32)[24:27]
    array([-2.0000000e-01, -2.9802323e-09,  2.0000000e-01], dtype=float32)
    """
    dtype = np.dtype(dtype)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError(
            f"upper bound and lower bound inconsistent with step sign: from {start} to {end} in "
            f"steps of {step}"
        )
    exact: Any = int if dtype.kind != "f" else np.float32 if dtype == np.float16 else np.float64
    first, last, by = exact(start), exact(end), exact(step)
    if dtype == np.int64:
        if not by:
            raise ValueError(f"step must be nonzero, and as int64 {step} is 0")
        count = -((first - last) // by)
    else:
        size = np.divide(float(end) - float(start), float(step))
        if not size < 2**62:
            raise RuntimeError(f"invalid size: {size} numbers were asked for")
        count = int(np.ceil(size))
    if dtype.kind != "f":
        return (first + by * np.arange(count)).astype(dtype)
    with np.errstate(all="ignore"):
        return _in_blocks(first, by, count, dtype)


def _in_blocks(first: Any, by: Any, count: int, dtype: np.dtype[Any]) -> Array:
    exact = type(first)
    numbers = multiply_add(np.arange(count).astype(exact), by, first).astype(dtype)
    size = BLOCK[dtype.name]
    blocks = count // (2 * size) * 2  # it makes two at a time
    starts = numbers[: blocks * size : size, None].astype(exact)
    within = multiply_add(np.arange(size).astype(exact), by, starts)
    numbers[: blocks * size] = within.astype(dtype).reshape(-1)
    return numbers


def spaced(start: float, end: float, steps: int, dtype: DType) -> Array:
    """`steps` numbers from start to end: one half reckoned from either end.

    >>> spaced(0, 10, 4, np.int64)
    array([ 0,  3,  6, 10])
    """
    dtype = np.dtype(dtype)
    if steps < 2:
        return np.full(steps, number_within(start, dtype) if steps else 0, dtype=dtype)
    first, last = number_within(start, dtype), number_within(end, dtype)
    exact: Any = dtype.type if dtype.kind == "f" else np.float64
    places = np.arange(steps)
    with np.errstate(all="ignore"):
        step = (exact(last) - exact(first)) / exact(steps - 1)
        up, down = places.astype(exact), (steps - 1 - places).astype(exact)
        if dtype == np.float16:  # rounded after each step
            from_first, from_last = first + step * up, last - step * down
        else:
            from_first = multiply_add(up, step, exact(first))
            from_last = multiply_add(down, -step, exact(last))
        is_early = places < steps // 2
        return np.where(is_early, from_first, from_last).astype(dtype)
