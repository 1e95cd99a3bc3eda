"""Positions: a list as it stands, with the T tokens before each place in it.

Where contexts come again and again, as those of characters do, the table of counts says the same in
less. Those of words hardly do: of 800,001 words of running text 746,524 pairs of a context of four
and what followed are different. Here a context may have any number of tokens, too: none is made
into a number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .counting import count_items
from .counts import ContextCounts
from .items import Items
from .ngram_keys import check_block_size, longest_in_window
from .short_repr import brief
from .vocabulary import BOUNDARY, Vocabulary

__all__ = ["Corpus", "Positions", "corpus_of", "table_of"]


@dataclass(frozen=True)
class Positions:
    """The N tokens of distinct items, a 0 after each, and how often each item came.

    What stands before an end or an unknown token is not seen, as in a table of counts.

    >>> positions = Positions(np.array([1, 2, 0, 1, 0]), np.array([1, 3]), 2, vocabulary_size=3)
    >>> positions.contexts(np.array([0, 1, 2, 3])).tolist()
    [[0, 0], [0, 1], [1, 2], [0, 0]]
    >>> positions.total, positions.places(np.array([0, 3, 4, 8])).tolist()
    (9.0, [0, 3, 3, 4])
    """

    __repr__ = brief

    tokens: np.ndarray  # (N,) of number V where one is not known
    times: np.ndarray  # (items,) how often each came, or how much it counts
    block_size: int  # T
    vocabulary_size: int  # V

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def _lengths(self) -> np.ndarray:
        """(items,) the tokens of each, its end included; the last may have none."""
        ends = np.flatnonzero(self.tokens == BOUNDARY) + 1
        if len(self.tokens) and self.tokens[-1] != BOUNDARY:
            ends = np.append(ends, len(self.tokens))
        return np.diff(ends, prepend=0)

    def beginning(self, size: int) -> "Positions":
        """The first N tokens, or all if there are no more."""
        tokens = self.tokens[:size]
        items = int((tokens[:-1] == BOUNDARY).sum()) + 1
        return Positions(tokens, self.times[:items], self.block_size, self.vocabulary_size)

    @cached_property
    def _reach(self) -> np.ndarray:
        """(items,) how many tokens there are up to the end of each, repeats counted."""
        return np.cumsum(self._lengths * self.times)

    @cached_property
    def _seen(self) -> np.ndarray:
        """(N,) how many tokens are seen before each."""
        places = np.arange(len(self.tokens))
        is_wall = (self.tokens == BOUNDARY) | ~self._is_known
        walls = np.maximum.accumulate(np.where(is_wall, places, -1))
        return places - 1 - np.append(-1, walls[:-1])[: len(places)]

    @cached_property
    def _is_known(self) -> np.ndarray:
        known: np.ndarray = self.tokens < self.vocabulary_size
        return known

    @property
    def _times_of_each(self) -> np.ndarray:
        """(N,) how often each token came."""
        return np.repeat(self.times, self._lengths)

    @property
    def total(self) -> float:
        """How many tokens there are, the ends of items, unknown tokens and repeats included."""
        return float(self._reach[-1]) if len(self._reach) else 0.0

    @property
    def unknown(self) -> float:
        """How often a token came that the vocabulary does not have."""
        return float(self._times_of_each[~self._is_known].sum())

    @property
    def pairs(self) -> int:
        """How many pairs there are of a context and a known token, the same ones too."""
        return int(self._is_known.sum())

    @cached_property
    def counts(self) -> np.ndarray:
        """(P,) how often each known token came, by place."""
        return self._times_of_each[self._is_known]

    @property
    def frequencies(self) -> np.ndarray:
        """(V,) how often each token came."""
        known = self.tokens[self._is_known]
        return np.bincount(known, self.counts, self.vocabulary_size)

    def parts(self, at_once: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(B, T) contexts and (B,) the known tokens that followed, by place, in parts."""
        known = np.flatnonzero(self._is_known)
        for first in range(0, len(known), at_once):
            places = known[first : first + at_once]
            yield self.contexts(places), self.tokens[places]

    def table(self) -> ContextCounts:
        """The table of counts of the same list. OptionError where contexts are too long for it."""
        check_block_size(self.block_size, self.vocabulary_size)
        known = np.flatnonzero(self._is_known)
        return ContextCounts.of_pairs(
            self.contexts(known),
            np.arange(len(known)),
            self.tokens[known],
            self.counts,
            self.vocabulary_size,
            self.unknown,
        )

    def contexts(self, places: np.ndarray) -> np.ndarray:
        """(B,) places → (B, T) the tokens before each, the oldest first."""
        back = np.arange(self.block_size, 0, -1)
        before = self.tokens.take(places[:, None] - back, mode="clip")
        return np.where(back <= self._seen[places][:, None], before, BOUNDARY)

    def places(self, numbers: np.ndarray) -> np.ndarray:
        """(B,) numbers from 0 to below `total` → (B,) the places that they fall on: each is as
        wide as it came often."""
        items = np.searchsorted(self._reach, numbers, side="right")
        items = items.clip(max=len(self._reach) - 1)  # where a number was rounded
        sizes, times = self._lengths[items], self.times[items]
        within = (numbers - (self._reach[items] - sizes * times)) / times
        firsts = (np.cumsum(self._lengths) - self._lengths)[items]
        places: np.ndarray = firsts + within.astype(np.intp).clip(0, sizes - 1)
        return places


Corpus = ContextCounts | Positions  # what a model is trained and judged by


def table_of(corpus: Corpus) -> ContextCounts:
    """A table as it is, and that of a list as it stands; OptionError as `Positions.table` says.

    >>> positions = Positions(np.array([1, 2, 0, 1, 0]), np.array([1, 3]), 1, vocabulary_size=3)
    >>> table_of(positions).dense().tolist()
    [[0.0, 4.0, 0.0], [3.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    return corpus.table() if isinstance(corpus, Positions) else corpus


def corpus_of(items: Items, vocabulary: Vocabulary, block_size: int) -> Corpus:
    """The table of counts of N items; the items as they stand where contexts are too long for one.

    >>> from moreish.text import read_items
    >>> corpus_of(read_items(["ab", "ab", "b"]), Vocabulary("ab"), block_size=99).total
    8.0
    """
    if block_size <= longest_in_window(len(vocabulary)):
        return count_items(items, vocabulary, block_size)
    return Positions(vocabulary.encode(items.texts), items.counts, block_size, len(vocabulary))
