"""Windows counted chunk after chunk: memory follows how many different ones there are."""

import numpy as np

from .ngram_keys import (
    BLOCK,
    add_up,
    check_block_size,
    context_windows,
    item_sizes,
    renumbered,
)

DENSE = 1 << 24  # the most windows there can be for a table with a place for each
WINDOWS = "of a list that is counted while it is read"
PENDING = 1 << 23  # windows that are sorted at once


class Tally:
    """How often each window came in the chunks that were added.

    >>> tally = Tally(block_size=1)
    >>> tally.add(np.array([1, 2, 0]), 3)
    >>> tally.add(np.array([1, 0]), 3)
    >>> tally.windows(np.array([0, 1, 2]), 3)
    (array([1, 3, 5, 6]), array([2, 1, 1, 1]))
    """

    def __init__(self, block_size: int) -> None:
        self.block_size = block_size
        self.base = 0
        self._dense: np.ndarray | None = None  # how often each window came, seen or not
        self._unsorted: list[np.ndarray] = []
        self._waiting = 0
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []  # each less than half the one before

    def add(self, tokens: np.ndarray, size: int, weights: np.ndarray | None = None) -> None:
        """(N,) tokens below `size`, a 0 after each item; (items,) how much each counts.

        OptionError where windows of `size` different tokens don't fit.
        """
        self._widen(size)
        if weights is not None:
            windows = self._windows(tokens).astype(np.int64)
            self._keep(*add_up(windows, np.repeat(weights, item_sizes(tokens))))
        elif self._dense is not None or self.base ** (self.block_size + 1) <= self._most(tokens):
            self._add_densely(tokens)
        else:
            self._unsorted.append(self._windows(tokens))
            self._waiting += len(tokens)
            if self._waiting >= PENDING:
                self._sort()

    def shorten(self, block_size: int) -> None:
        """Count contexts of at most so many tokens, from now on and so far."""
        if block_size < self.block_size:
            self._empty()
            self._parts = [
                add_up(windows % self.base ** (block_size + 1), counts)
                for windows, counts in self._parts
            ]
            self.block_size = block_size

    def windows(self, numbers: np.ndarray, base: int) -> tuple[np.ndarray, np.ndarray]:
        """All that was added: (P,) the distinct windows, rising, and (P,) how often each came.

        Each token d becomes `numbers[d]`, which is below `base`.
        """
        self._empty()
        if not self._parts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        while len(self._parts) > 1:
            self._merge()
        ((windows, counts),) = self._parts
        windows = renumbered(windows, self.block_size + 1, self.base, numbers, base)
        return add_up(windows, counts)

    def _most(self, tokens: np.ndarray) -> int:
        """How many places a table may have: not many more than there are tokens to come."""
        return min(DENSE, 8 * max(len(tokens), self._waiting))

    def _windows(self, tokens: np.ndarray) -> np.ndarray:
        """(N,) windows, those of N tokens that follow what was before them."""
        parts = []
        for first in range(0, len(tokens), BLOCK):
            start = max(first - self.block_size, 0)
            block = tokens[start : first + BLOCK]
            windows = context_windows(block, self.block_size, self.base)
            windows *= self.base
            windows += block
            parts.append(windows[first - start :])
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def _add_densely(self, tokens: np.ndarray) -> None:
        """Into a table with a place for each window; what can't be seen is taken out later."""
        size = self.block_size + 1
        if self._dense is None:
            self._dense = np.zeros(self.base**size, np.int64)
        dtype = np.uint16 if self.base <= 2**16 else np.uint32
        tokens = np.append(np.zeros(self.block_size, dtype), tokens.astype(dtype))
        for first in range(0, len(tokens) - self.block_size, BLOCK):
            block = tokens[first : first + BLOCK + self.block_size]
            np.add.at(self._dense, _unseen_too(block, size, self.base).astype(np.intp), 1)

    def _widen(self, size: int) -> None:
        """Make room for tokens up to `size`, with some to spare where there is space."""
        if size <= self.base:
            return
        check_block_size(self.block_size, size, WINDOWS)
        self._empty()
        base = size
        spare = size + max(size // 4, 4) if self.base else size
        while base < spare and (base + 1) ** (self.block_size + 1) < 2**63:
            base += 1
        same = np.arange(max(self.base, 1))
        self._parts = [
            (renumbered(windows, self.block_size + 1, self.base, same, base), counts)
            for windows, counts in self._parts
        ]
        self.base = base

    def _empty(self) -> None:
        """Put what is in the dense table, and what waits, among the sorted parts."""
        self._sort()
        if self._dense is not None:
            windows = np.flatnonzero(self._dense)
            counts = self._dense[windows]
            self._dense = None
            same = np.arange(self.base)
            windows = renumbered(windows, self.block_size + 1, self.base, same, self.base)
            self._keep(*add_up(windows, counts))

    def _sort(self) -> None:
        """Count what waits."""
        if not self._waiting:
            return
        windows = np.concatenate(self._unsorted)
        self._unsorted, self._waiting = [], 0
        windows.sort()
        firsts = np.flatnonzero(np.append(True, windows[1:] != windows[:-1]))
        counts = np.diff(firsts, append=len(windows))
        self._keep(windows[firsts].astype(np.int64), counts.astype(np.int64))

    def _keep(self, windows: np.ndarray, counts: np.ndarray) -> None:
        """Put a part among the others, and together what is of one size."""
        self._parts.append((windows, counts))
        while len(self._parts) > 1 and 2 * len(self._parts[-1][0]) > len(self._parts[-2][0]):
            self._merge()

    def _merge(self) -> None:
        """Put the last two parts together; each is in order and has every window once.

        The last bit of what is sorted says from which of the two a window is.
        """
        others, own = self._parts.pop(), self._parts.pop()
        marked = np.concatenate([own[0], others[0]]).astype(np.uint64)
        marked <<= np.uint64(1)
        marked[len(own[0]) :] |= np.uint64(1)
        marked.sort()
        is_other = (marked & np.uint64(1)).astype(bool)
        marked >>= np.uint64(1)
        counts = np.empty(len(marked), np.result_type(own[1], others[1]))
        counts[~is_other] = own[1]
        counts[is_other] = others[1]
        firsts = np.flatnonzero(np.append(True, marked[1:] != marked[:-1]))
        self._parts.append((marked[firsts].astype(np.int64), np.add.reduceat(counts, firsts)))


def _unseen_too(tokens: np.ndarray, size: int, base: int) -> np.ndarray:
    """(N,) tokens → (N - size + 1,) each `size` of them as a number, ends in them or not."""
    if size == 1:
        return tokens
    half = size // 2
    left = _unseen_too(tokens, size - half, base)
    right = _unseen_too(tokens, half, base) if size % 2 else left
    count = len(tokens) - size + 1
    most = base**size
    dtype = np.uint16 if most <= 2**16 else np.uint32 if most <= 2**32 else np.int64
    windows = np.multiply(left[:count], base**half, dtype=dtype)
    windows += right[size - half :].astype(dtype, copy=False)
    return windows
