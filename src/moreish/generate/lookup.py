"""Many items from a chain: each token is a look-up in a table, all items side by side.

In each state a draw of 32 bits chooses one of V columns, and the rest of it whether that column's
own token comes or the one it is paired with. So a token costs the same however many there are, and
its probability is right to one part in four thousand million.

Source: A. Walker, "An Efficient Method for Generating Discrete Random Variables with General
Distributions", 1977.
"""

import numpy as np

from ..engine.generator import Generator
from ..text import BOUNDARY
from .chain import Chain

__all__ = ["Lookup", "paired"]

AT_ONCE = 65_536


class Lookup:
    """Draws of all items of a chain that are not empty."""

    def __init__(self, chain: Chain) -> None:
        chances = chain.chances.copy()
        chances[chain.start, BOUNDARY] = 0
        self.size = chances.shape[1]
        self.start = chain.start
        shares, others = paired(chances)
        own = np.broadcast_to(np.arange(self.size), others.shape)
        self._below = np.minimum(np.rint(shares * 2.0**32), 2**32 - 1).astype(np.uint32).reshape(-1)
        # two entries for each column: its own token, and the other
        kind = np.min_scalar_type(self.size)
        self._tokens = np.stack([own, others], axis=2).astype(kind).reshape(-1)
        places = chain.after.clip(max=max(len(chain) - 1, 0))
        after = [places, np.take_along_axis(places, others, axis=1)]
        self._after = np.stack(after, axis=2).astype(np.int32).reshape(-1)

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """The tokens of `count` items, one after another, a 0 after each."""
        parts = [
            self._drawn(min(AT_ONCE, count - first), generator)
            for first in range(0, count, AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)

    def _drawn(self, count: int, generator: Generator) -> np.ndarray:
        running = np.arange(count)
        states = np.full(count, self.start, dtype=np.int64)
        columns: list[np.ndarray] = []
        while len(running):
            draws = generator.bits32(len(running)) * np.uint64(self.size)
            slots = states * self.size + (draws >> np.uint64(32)).astype(np.int64)
            entries = 2 * slots + (draws.astype(np.uint32) >= self._below[slots])
            tokens = self._tokens[entries]
            column = np.full(count, self.size, dtype=self._tokens.dtype)
            column[running] = tokens
            columns.append(column)
            goes_on = tokens != BOUNDARY
            running, states = running[goes_on], self._after[entries[goes_on]].astype(np.int64)
        rows = np.stack(columns, axis=1)
        return rows[rows < self.size]


def paired(chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(P, V) chances → (P, V) how often each column, each taken one time in V, gives its own
    token, and (P, V) which other it gives else.

    >>> shares, others = paired(np.array([[0.5, 0.25, 0.25]]))
    >>> shares.round(2).tolist(), others.tolist()
    ([[1.0, 0.75, 0.75]], [[0, 0, 0]])
    """
    count, size = chances.shape
    left = chances / chances.sum(axis=1, keepdims=True) * size
    shares = np.ones((count, size))
    others = np.broadcast_to(np.arange(size), (count, size)).copy()
    open_ones = np.ones((count, size), dtype=bool)
    rows = np.arange(count)
    for _ in range(size - 1):  # what is short of its column is filled up from what has most
        least = np.where(open_ones, left, np.inf).argmin(axis=1)
        most = np.where(open_ones, left, -np.inf).argmax(axis=1)
        share = np.minimum(left[rows, least], 1)
        shares[rows, least], others[rows, least] = share, most
        open_ones[rows, least] = False
        left[rows, most] -= 1 - share
    return shares, others
