"""A list without one of its items, for each of many items: what is left to count (leave-one-out).

The counts without an item differ from those of the whole list only where the item itself goes, so
of each item's list just those contexts are made. All of them stand in one table: a context is told
from the same one of another item by the item's number, which stands before it as one more digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..text import BOUNDARY, ContextCounts, contexts_of, gather_rows, item_sizes
from ..text.short_repr import brief
from ..text.sorted_arrays import find
from .ngram_counts import Level, at_start, levels_of, suffix_keys
from .smoothing import discounts, times_of, varied
from .word_classes import in_classes

SAME = 1e-12  # of a sum of weights, what may be left of it when all of them are taken away


@dataclass(frozen=True)
class Own:
    """What items themselves add to a level, by item, as in a `Level`."""

    __repr__ = brief

    keys: np.ndarray  # (C,) int64, rising: item and context as one number to the base V
    pairs: np.ndarray  # (Q,) int64, rising: the number of such a key times V, plus the next token
    counts: np.ndarray  # (Q,)
    times: np.ndarray  # (Q,)


class WholeList:
    """The counts of all items, from which some are taken away, item by item.

    `once` is the table with each distinct item counted once, where counts are weights.
    """

    def __init__(self, counts: ContextCounts, once: ContextCounts | None = None) -> None:
        self.vocabulary_size = counts.vocabulary_size
        self.block_size = counts.block_size
        self.has_weights = once is not None
        self._tables = (counts, once)
        self.levels = levels_of(counts, once)
        self._varied: dict[int, list[Level]] = {}
        self._in_classes: dict[bytes, WholeList] = {}

    @property
    def total(self) -> float:
        """Of all tokens, those of each distinct item once."""
        return float(self.levels[0].times.sum())

    def varied(self, block_size: int) -> list[Level]:
        """The levels of Kneser-Ney up to contexts of so many tokens."""
        if block_size not in self._varied:
            self._varied[block_size] = varied(self.levels[: block_size + 1])
        return self._varied[block_size]

    def in_classes(self, classes: np.ndarray, size: int) -> "WholeList":
        """The same list with (V,) classes below `size` in place of tokens."""
        key = classes.tobytes()
        if key not in self._in_classes:
            counts, once = self._tables
            self._in_classes[key] = WholeList(
                in_classes(counts, classes, size),
                None if once is None else in_classes(once, classes, size),
            )
        return self._in_classes[key]

    @property
    def most_items(self) -> int:
        """Of how many items the numbers of their contexts fit into 63 bits."""
        return (2**63 - 1) // self.vocabulary_size**self.block_size

    def without(self, tokens: np.ndarray, counts: np.ndarray) -> "Without":
        """The tokens of N items, a 0 after each, and (N,) how often they came → their lists."""
        return Without(self, tokens, counts)


class Without:
    """N lists, each the whole one without an item; (M,) tokens of those items are to be judged.

    (N,) counts say how often each item came.

    >>> from moreish.text import count_contexts
    >>> whole = WholeList(count_contexts(np.array([1, 2, 0, 1, 0]), 1, vocabulary_size=3))
    >>> left = whole.without(np.array([1, 0]), np.array([1.0]))
    >>> [(level.pairs.tolist(), level.counts.tolist()) for level in left.levels]
    [([0, 1, 2], [1.0, 1.0, 1.0]), ([1, 5], [1.0, 1.0])]
    """

    def __init__(self, whole: WholeList, tokens: np.ndarray, counts: np.ndarray) -> None:
        self.whole = whole
        self.size = whole.vocabulary_size
        self.tokens = tokens
        self.contexts = contexts_of(tokens, whole.block_size, self.size)
        sizes = item_sizes(tokens)
        self.item = np.repeat(np.arange(len(sizes)), sizes)  # (M,)
        self._of_items = counts
        self._counts = counts.astype(np.float64)[self.item]
        self._times = np.ones(len(tokens)) if whole.has_weights else self._counts
        self.keys = [
            self.item * self.size**length + keys
            for length, keys in enumerate(suffix_keys(self.contexts, self.size))
        ]  # for each length (M,) item and context as one number

    def in_classes(self, classes: np.ndarray, size: int) -> "Without":
        """The same lists with (V,) classes below `size` in place of tokens."""
        whole = self.whole.in_classes(classes, size)
        return whole.without(classes[self.tokens], self._of_items)

    @property
    def frequencies(self) -> np.ndarray:
        """(M,) how often each token comes in the list without its item."""
        level, own = self.whole.levels[0], self._own[0]
        before = level.counts[np.searchsorted(level.pairs, own.pairs % self.size)]
        after = _taken_away(before, own.counts)
        return after[np.searchsorted(own.pairs, self.keys[0] * self.size + self.tokens)]

    @cached_property
    def _own(self) -> list[Own]:
        """For each length what the items add; of contexts that are whole, as in `levels_of`."""
        is_whole = np.ones(len(self.tokens), dtype=bool)
        result = []
        for length, keys in enumerate(self.keys):
            if length > 1:
                is_whole &= self.contexts[:, 1 - length] != BOUNDARY
            known, rows = np.unique(keys[is_whole], return_inverse=True)
            pairs, where = np.unique(rows * self.size + self.tokens[is_whole], return_inverse=True)
            sums = (np.bincount(where, own[is_whole]) for own in (self._counts, self._times))
            result.append(Own(known, pairs, *sums))
        return result

    @cached_property
    def levels(self) -> list[Level]:
        """What is left of each item's list, of contexts of 0 to T tokens."""
        return [
            self._left(level, own)[0]
            for level, own in zip(self.whole.levels, self._own, strict=True)
        ]

    def varied(self, block_size: int) -> tuple[list[Level], list[np.ndarray]]:
        """The levels of Kneser-Ney up to contexts of so many tokens, and for each (P, 3) the
        discounts of each pair, which are those of its item's list."""
        levels, three = [], []
        for level in self.whole.varied(block_size):
            own = self._own[level.length]
            if level.length < block_size:
                own = self._less_variety(level)
            left, before, after = self._left(level, own)
            count = len(self.tokens) and int(self.item[-1]) + 1
            modulus = self.size**level.length
            items = (own.keys // modulus)[own.pairs // self.size]
            sizes = times_of(level.times) - times_of(before, items, count)
            sizes += times_of(after, items, count)
            levels.append(left)
            three.append(discounts(sizes)[(left.keys // modulus)[left.rows]])
        return levels, three

    def _less_variety(self, level: Level) -> Own:
        """What the items add to a shorter context's variety: the pairs that no other item has.

        Those that begin an item are counted as they are.
        """
        own, longer = self._own[level.length], self._own[level.length + 1]
        _, _, after = self._left(self.whole.levels[level.length + 1], longer)
        rows, last = np.divmod(longer.pairs[after == 0], self.size)
        modulus = self.size**level.length
        shorter = longer.keys // (modulus * self.size) * modulus + longer.keys % modulus
        is_start = at_start(own.keys, level.length, self.size)[own.pairs // self.size]
        counts, times = (np.where(is_start, array, 0.0) for array in (own.counts, own.times))
        here = np.searchsorted(own.keys, shorter[rows])
        gone = np.searchsorted(own.pairs, here * self.size + last)
        for array in (counts, times):
            np.add.at(array, gone, 1.0)
        return Own(own.keys, own.pairs, counts, times)

    def _left(self, level: Level, own: Own) -> tuple[Level, np.ndarray, np.ndarray]:
        """The contexts of a level that items go through, less what is their own; and (Q,) how often
        those pairs came with the item and without it."""
        _, places = find(level.keys, own.keys % self.size**level.length)
        rows, entries = gather_rows(level.starts, places)
        pairs = rows * self.size + level.pairs[entries] % self.size
        where = np.searchsorted(pairs, own.pairs)
        counts, times = level.counts[entries], level.times[entries]
        before = times[where]
        after = _taken_away(before, own.times)
        counts[where] = _taken_away(counts[where], own.counts)
        times[where] = after
        stays = (times > 0) & (
            counts > 0
        )  # of a weight that is far below others nothing may be left
        visited, rows = np.unique(rows[stays], return_inverse=True)
        pairs = rows * self.size + pairs[stays] % self.size
        keys = own.keys[visited]
        left = Level(level.length, self.size, keys, pairs, counts[stays], times[stays])
        return left, before, after

    def find(self, keys: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each length (C,) known contexts → (F,) which of the M end in one, and (F,) where."""
        return [find(known, wanted) for known, wanted in zip(keys, self.keys, strict=False)]


def _taken_away(from_: np.ndarray, own: np.ndarray) -> np.ndarray:
    left = from_ - own
    left[left <= SAME * from_] = 0
    return left
