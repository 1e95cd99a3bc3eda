"""Windows: T tokens and the one that follows, as one number, counted chunk after chunk.

A window is a number to some base, its digits the tokens, the oldest first. What stands before an
end or an unknown token is not seen: those digits are 0. Dataset follows how many different windows
there are and not how many were counted. This module knows nothing of text.
"""

import numpy as np

from ..errors import OptionError
from .vocabulary import BOUNDARY

BLOCK = 1 << 15  # tokens that fit into a processor's cache with all that is made of them
DENSE = 1 << 24  # the most windows there can be for a table with a place for each
PENDING = 1 << 23  # windows that are sorted at once


def longest_block_size(vocabulary_size: int) -> int:
    """The largest T for which T tokens and the one that follows fit into 63 bits.

    >>> longest_block_size(27), longest_block_size(10_000)
    (12, 3)
    """
    longest = 0
    while max(vocabulary_size, 2) ** (longest + 2) < 2**63:
        longest += 1
    return longest


def check_block_size(block_size: int, vocabulary_size: int) -> None:
    """OptionError where T tokens and the one that follows don't fit into 63 bits.

    >>> check_block_size(12, vocabulary_size=27)
    """
    if block_size < 0:
        raise OptionError(f"the block size must be 0 or more, got {block_size}")
    longest = longest_block_size(vocabulary_size)
    if block_size > longest:
        raise OptionError(
            f"with {vocabulary_size:,} different tokens a context can have at most {longest} of "
            f"them, and the block size is {block_size:,}"
        )


def context_keys(contexts: np.ndarray, vocabulary_size: int) -> np.ndarray:
    """(N, T) contexts → (N,) int64: each as one number to the base V.

    OptionError where they don't fit; see `check_block_size`.

    >>> context_keys(np.array([[0, 1], [2, 0]]), vocabulary_size=10)
    array([ 1, 20])
    """
    check_block_size(contexts.shape[1], vocabulary_size)
    keys = np.zeros(len(contexts), dtype=np.int64)
    for column in contexts.T:
        keys = keys * vocabulary_size + column
    return keys


def distinct_contexts(contexts: np.ndarray, vocabulary_size: int) -> tuple[np.ndarray, np.ndarray]:
    """(N, T) contexts → (C, T) the distinct ones, and (N,) which of them each is.

    >>> distinct_contexts(np.array([[0, 1], [2, 0], [0, 1]]), vocabulary_size=3)
    (array([[0, 1],
           [2, 0]]), array([0, 1, 0]))
    """
    _, places, where = np.unique(
        context_keys(contexts, vocabulary_size), return_index=True, return_inverse=True
    )
    return contexts[places], where


def contexts_of(tokens: np.ndarray, block_size: int, unknown: int) -> np.ndarray:
    """(N,) tokens, a 0 after each item → (N, T): the tokens that stand before each.

    Whatever stands before an end or an unknown token is not seen: there is a 0 in its place.

    >>> contexts_of(np.array([5, 6, 0, 7, 0]), 2, unknown=9).tolist()
    [[0, 0], [0, 5], [5, 6], [0, 0], [0, 7]]
    """
    contexts = np.zeros((len(tokens), block_size), dtype=np.intp)
    seen = np.ones(len(tokens), dtype=bool)
    for back in range(1, min(block_size, len(tokens)) + 1):
        before = np.zeros_like(tokens)
        before[back:] = tokens[:-back]
        seen &= (before != BOUNDARY) & (before != unknown)
        contexts[:, -back] = np.where(seen, before, BOUNDARY)
    return contexts


def item_sizes(tokens: np.ndarray) -> np.ndarray:
    """(N,) tokens, a 0 after each item → how many each item has, its end included.

    >>> item_sizes(np.array([1, 2, 0, 3, 0]))
    array([3, 2])
    """
    return np.diff(np.flatnonzero(tokens == BOUNDARY), prepend=-1)


def gather_rows(starts: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of a sparse table the rows `which` (B,), one after another: (Q,) in which of the B each
    entry is, and (Q,) where it stands in the table.

    >>> gather_rows(np.array([0, 2, 3]), np.array([1, 0]))
    (array([0, 1, 1]), array([2, 0, 1]))
    """
    sizes = starts[which + 1] - starts[which]
    rows = np.repeat(np.arange(len(which)), sizes)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rows, starts[which][rows] + within


def row_sums(starts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(C + 1,) where the rows of a sparse table begin, and (P,) values → (C,) their sums, each by
    itself: what is large in one row takes no digits from another.

    >>> row_sums(np.array([0, 1, 1, 3]), np.array([1e30, 0.25, 0.5])).tolist()
    [1e+30, 0.0, 0.75]
    """
    if values.dtype.kind in "iu":
        ends = np.append(0, np.cumsum(values))
        sums: np.ndarray = ends[starts[1:]] - ends[starts[:-1]]
        return sums
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return np.bincount(rows, values, len(starts) - 1)


def context_windows(tokens: np.ndarray, block_size: int, base: int) -> np.ndarray:
    """(N,) tokens, a 0 after each item → (N,) int32 or int64: the T tokens before each.

    >>> context_windows(np.array([5, 6, 0, 7]), block_size=2, base=10)
    array([ 0,  5, 56,  0], dtype=int32)
    """
    short = base ** (block_size + 1) < 2**31  # and so with the token that follows
    dtype: type = np.int32 if short else np.int64
    before: np.ndarray = np.zeros(len(tokens) + block_size, dtype)
    before[block_size:] = tokens
    factor: np.ndarray = np.not_equal(before, BOUNDARY).astype(dtype)
    factor *= base
    windows: np.ndarray = np.zeros(len(tokens), dtype)
    for place in range(block_size):
        part = slice(place, place + len(tokens))
        windows *= factor[part]
        windows += before[part]
    return windows


def add_up(windows: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) windows and how often each was seen → the distinct ones, rising, and how often.

    >>> add_up(np.array([7, 3, 7]), np.array([1, 5, 2]))
    (array([3, 7]), array([5, 3]))
    """
    if not len(windows):
        return windows, counts
    order = np.argsort(windows)
    ranked = windows[order]
    firsts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    return ranked[firsts], np.add.reduceat(counts[order], firsts)


def renumbered(
    windows: np.ndarray, size: int, base: int, numbers: np.ndarray, new_base: int
) -> np.ndarray:
    """(N,) windows of `size` tokens → the same to another base, each token d now `numbers[d]`.

    A number of `new_base` or more is an unknown token: one that is the last makes the window
    negative.

    >>> renumbered(np.array([120, 213]), 3, 10, np.array([0, 2, 9, 1]), new_base=9)
    array([ 0, 19])
    """
    new = np.zeros(len(windows), np.int64)
    for first in range(0, len(windows), BLOCK):
        part = new[first : first + BLOCK]
        *context, token = digits_of(windows[first : first + BLOCK], size, base)
        for digit in context:
            number = numbers[digit]
            part *= new_base
            part += number
            part *= (number != BOUNDARY) & (number < new_base)
        number = numbers[token]
        part *= new_base
        part += number
        part[number >= new_base] = -1
    return new


def digits_of(windows: np.ndarray, size: int, base: int) -> list[np.ndarray]:
    """(N,) windows → `size` times (N,), their digits, the oldest token first.

    >>> [digit.tolist() for digit in digits_of(np.array([12, 5]), size=3, base=10)]
    [[0, 0], [1, 0], [2, 5]]
    """
    digits = []
    for _ in range(size):
        windows, digit = np.divmod(windows, base)
        digits.append(digit)
    return digits[::-1]


def rebased(windows: np.ndarray, size: int, base: int, new_base: int) -> np.ndarray:
    """(N,) numbers of `size` digits to a base → (N,) int64, the same digits to another.

    >>> rebased(np.array([12, 5]), size=2, base=10, new_base=100)
    array([102,   5])
    """
    numbers = np.zeros(len(windows), dtype=np.int64)
    for digit in digits_of(windows, size, base):
        numbers = numbers * new_base + digit
    return numbers


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
        check_block_size(self.block_size, size)
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
