"""The counts of an n-gram model, by length of context: what followed, and how often.

A context that reaches back to the start of its item begins with one boundary mark, and no longer
one is told from it: what stands before an item is nothing. So the contexts of an item's start are
shorter than the others, as they are in other people's n-gram models. This module knows nothing of
smoothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..storage.validation import checked_whole
from ..text import BOUNDARY, ContextCounts, Corpus, check_block_size, table_of
from ..text.short_repr import brief
from ..text.sorted_arrays import find


@dataclass(frozen=True)
class Level:
    """The C distinct contexts of m tokens and the P different pairs of one and what followed."""

    __repr__ = brief

    length: int  # m
    vocabulary_size: int  # V
    keys: np.ndarray  # (C,) int64, rising: each context as one number to the base V
    pairs: np.ndarray  # (P,) int64, rising: the number of a context among them times V, plus what
    # followed: this fits where the context's key times V does not
    counts: np.ndarray  # (P,) float64: how often, or with what weight
    times: np.ndarray  # (P,) float64: how often with each distinct item counted once

    @cached_property
    def starts(self) -> np.ndarray:
        """(C + 1,) where the pairs of each context begin, and the end."""
        firsts = np.flatnonzero(np.diff(self.rows, prepend=-1))
        return np.append(firsts, len(self.pairs)).astype(np.intp)

    @cached_property
    def rows(self) -> np.ndarray:
        """(P,) the context of each pair."""
        return (self.pairs // self.vocabulary_size).astype(np.intp)

    @property
    def tokens(self) -> np.ndarray:
        """(P,) what followed."""
        return (self.pairs % self.vocabulary_size).astype(np.intp)

    @property
    def at_start(self) -> np.ndarray:
        """(C,) whether the context begins with the boundary mark."""
        return at_start(self.keys, self.length, self.vocabulary_size)

    def find(self, keys: np.ndarray, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(B,) contexts as numbers to the base V, and (B,) tokens → which of the B came, and where
        they stand among the pairs, both (F,)."""
        known, rows = find(self.keys, keys)
        which, places = find(self.pairs, rows * self.vocabulary_size + tokens[known])
        return known[which], places

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(P,) a value for each pair → (C,) their sums for each context."""
        if not len(values):
            return np.zeros(0)
        return np.add.reduceat(values, self.starts[:-1])


def levels_of(counts: Corpus, once: ContextCounts | None = None) -> list[Level]:
    """The table of contexts of T tokens → T + 1 levels, of contexts of 0 to T tokens.

    `once` is the same table with each distinct item counted once; without it, `counts` is taken
    for that. ValueError if it is of other contexts; OptionError where contexts are too long to be
    numbers.

    >>> from moreish.text import count_contexts
    >>> table = count_contexts(np.array([1, 2, 0, 1, 0]), block_size=2, vocabulary_size=3)
    >>> [(level.pairs.tolist(), level.counts.tolist()) for level in levels_of(table)]
    [([0, 1, 2], [2.0, 2.0, 1.0]), ([1, 3, 5, 6], [2.0, 1.0, 1.0, 1.0]), ([0, 2, 3], ...)]
    """
    counts, size = table_of(counts), counts.vocabulary_size
    check_block_size(counts.block_size, size)
    if once is None:
        once = counts
    elif not (
        np.array_equal(once.contexts, counts.contexts) and len(once.tokens) == len(counts.tokens)
    ):
        raise ValueError("the tables with weights and without are of different contexts")
    rows, tokens = counts.rows, counts.tokens.astype(np.int64)
    place = np.zeros(len(counts), dtype=np.int64)  # of each context among those of a length
    is_whole = np.ones(len(counts), dtype=bool)  # no token of it stands before its item
    levels = []
    for length, keys in enumerate(suffix_keys(counts.contexts, size)):
        if length > 1:
            is_whole &= counts.contexts[:, 1 - length] != BOUNDARY
        known, place[is_whole] = np.unique(keys[is_whole], return_inverse=True)
        chosen = is_whole[rows]
        pairs, where = np.unique(place[rows[chosen]] * size + tokens[chosen], return_inverse=True)
        sums, times = (
            np.bincount(where, weights=table.counts[chosen], minlength=len(pairs))
            for table in (counts, once)
        )
        levels.append(Level(length, size, known, pairs, sums, times))
    return levels


def at_start(keys: np.ndarray, length: int, vocabulary_size: int) -> np.ndarray:
    """(C,) contexts of so many tokens as numbers to the base V, which may have more digits before
    them → (C,) whether each begins with the boundary mark.

    >>> at_start(np.array([3, 13]), length=2, vocabulary_size=10).tolist()
    [True, False]
    """
    if not length:
        return np.zeros(len(keys), dtype=bool)
    is_mark: np.ndarray = keys // vocabulary_size ** (length - 1) % vocabulary_size == BOUNDARY
    return is_mark


def suffix_keys(contexts: np.ndarray, vocabulary_size: int) -> Iterator[np.ndarray]:
    """(B, T) contexts → for each length from 0 to T the last tokens as one number, (B,) int64.

    >>> [keys.tolist() for keys in suffix_keys(np.array([[3, 4], [0, 5]]), vocabulary_size=10)]
    [[0, 0], [4, 5], [34, 5]]
    """
    keys = np.zeros(len(contexts), dtype=np.int64)
    yield keys
    for back in range(1, contexts.shape[1] + 1):
        keys = keys + contexts[:, -back].astype(np.int64) * vocabulary_size ** (back - 1)
        yield keys


def find_suffixes(
    keys: Sequence[np.ndarray], contexts: np.ndarray, vocabulary_size: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Known contexts of each length as numbers, rising, and (B, T) contexts → for each length which
    of the B end in one that is known, and where it stands among those, both (F,).

    >>> found = find_suffixes([np.array([0]), np.array([3, 5])], np.array([[5], [4]]), 10)
    >>> [(rows.tolist(), places.tolist()) for rows, places in found]
    [([0, 1], [0, 0]), ([0], [1])]
    """
    wanted = suffix_keys(contexts, vocabulary_size)
    return [find(known, suffixes) for known, suffixes in zip(keys, wanted, strict=False)]


def check_rows(what: str, starts: np.ndarray, tokens: np.ndarray, vocabulary_size: int) -> None:
    """ValueError where (P,) tokens do not rise in each of the rows that begin at (C + 1,) starts.

    >>> check_rows("the table", np.array([0, 2]), np.array([1, 1]), vocabulary_size=3)
    Traceback (most recent call last):
    ValueError: the table has rows whose tokens do not rise
    """
    sizes = np.diff(starts)
    if starts[0] != 0 or starts[-1] != len(tokens) or (sizes < 0).any():
        raise ValueError(f"{what} has rows that do not follow each other")
    rows = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    if not (np.diff(rows * vocabulary_size + tokens) > 0).all():
        raise ValueError(f"{what} has rows whose tokens do not rise")


def check_keys(
    what: str, keys: Sequence[np.ndarray], vocabulary_size: int, nested: bool = False
) -> None:
    """ValueError where (C,) contexts of each length from 0 on are no rising numbers to the base V.

    If `nested`, also where one has an ending that is not among the shorter ones.

    >>> check_keys("the contexts", [np.array([0]), np.array([3])], vocabulary_size=3)
    Traceback (most recent call last):
    ValueError: the contexts of length 1 has numbers that are not from 0 to 2
    """
    for length, own in enumerate(keys):
        end = vocabulary_size**length
        checked_whole(f"{what} of length {length}", own, (None,), end=end, rises=True)
        if nested:
            shorter = keys[length - 1] if length else np.zeros(1, dtype=np.int64)
            endings = own % (end // vocabulary_size) if length else own
            if not np.isin(endings, shorter).all() or not len(keys[0]):
                raise ValueError(f"{what} of length {length} have endings that are not known")


def packed(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers from 0 on, of any shape, in as few bytes as they take.

    >>> packed(np.array([3, 255])).dtype
    dtype('uint8')
    """
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
