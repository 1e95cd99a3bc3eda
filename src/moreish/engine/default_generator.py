"""The one stream that all draw from who are given no generator; in what order arrays are filled.

PyTorch fills an array in the order in which its numbers lie in memory, whatever its axes are.
"""

from functools import cache
from typing import Any

import numpy as np

from .generator import Generator
from .graph import _mode


@cache
def default() -> Generator:
    """The stream that `manual_seed` begins anew."""
    _mode.following, following = None, _mode.following  # to make it is no part of a tape
    try:
        return Generator()
    finally:
        _mode.following = following


def drawn(generator: Generator | None, kind: str, *args: Any) -> np.ndarray:
    """What a stream gives, in the shape that is asked for; a replay of a captured call draws again.

    TypeError if the generator is none.
    """
    stream = default() if generator is None else generator
    if not isinstance(stream, Generator):
        raise TypeError(f"argument 'generator' must be a Generator, not {type(stream).__name__}")
    if _mode.following is not None:
        return _mode.following.draw(stream, kind, *args)
    return getattr(stream, kind)(*args)


def memory_order(array: np.ndarray) -> list[int]:
    """The axes of an array of any shape, slowest first.

    An axis of one number or of stride 0 has no place of its own and stays beside its neighbours.

    >>> memory_order(np.zeros((2, 3, 4)).transpose(2, 0, 1))
    [1, 2, 0]
    """
    order = list(range(array.ndim))[::-1]
    for i in range(1, array.ndim):
        at = i
        for before in range(i - 1, -1, -1):
            place = _compared(array, order[before], order[at])
            if place < 0:
                break
            if place > 0:
                order[before], order[at] = order[at], order[before]
                at = before
    return order[::-1]


def _compared(array: np.ndarray, one: int, other: int) -> int:
    a, b = array.strides[one], array.strides[other]
    if not a or not b or array.shape[one] == 1 or array.shape[other] == 1:
        return 0
    if a == b:
        return int(array.shape[one] > array.shape[other])
    return 1 if a > b else -1
