"""A list on its way to be learnt from: its items and their splits, whatever its length.

The distinct items are kept while they are not too many, or too long in all. When there are more,
each is put in a split by its mark alone, its windows are counted, and what stays is a sample: items
of which another part of the mark is small enough, with how often each came. So memory has a bound.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np

from .counts import ContextCounts
from .items import Items, add_chunk, whole_numbers
from .ngram_keys import longest_in_window
from .reading import Reading
from .short_repr import brief
from .sorted_arrays import distinct
from .sources import Source
from .splits import DEV, TEST, TRAIN, marks_of, split_by_marks, split_items
from .tally import Tally
from .vocabulary import Numbering, Vocabulary

MOST = 1_000_000  # distinct items that are kept
MOST_CHARACTERS = 1_000_000_000  # of documents that are kept
AT_ONCE = 50_000  # items that are counted at once


@dataclass(frozen=True)
class Gathered:
    """The items of a list and their splits; of one that is too long, a sample and the counts."""

    __repr__ = brief

    items: Items
    splits: np.ndarray  # (N,) 0, 1 or 2: train, dev or test
    share: float = 1.0  # of all distinct items, how many are in `items`
    tables: dict[int, ContextCounts] = field(default_factory=dict)  # of each split, if share < 1;
    # that of train has the tokens to train on, the others all that came
    met: frozenset[str] = frozenset()  # the items that were watched for and came


def gather(
    source: Source | None,
    shares: tuple[float, float, float],
    seed: int,
    *,
    block_size: int,
    may_be_shorter: bool = False,
    kind: str = "characters",
    watched: Collection[str] = (),
    most: int = MOST,
    **options: Any,
) -> Gathered:
    """The items of a list, split by distinct item in these shares.

    The shares are met to the item where the list is kept as a whole, which it is up to `most`
    distinct items, or a billion characters of documents. The counts of a longer one are of contexts
    of `block_size` tokens, or, if they `may_be_shorter`, of as many as fit. Other options, and what
    is raised: those of `Reading`.

    >>> gathered = gather(["emma", "ava", "emma"], (100, 0, 0), 1, block_size=2)
    >>> gathered.items.texts, gathered.splits.tolist(), gathered.tables
    (['emma', 'ava'], [0, 0], {})
    """
    reading = Reading(source, words=kind == "words", **options)
    long: _Long | None = None
    watched = frozenset(watched)
    met: set[str] = set()
    counts: Counter[str] = Counter()
    held = 0  # characters, at most
    for chunk in reading.chunks():
        add_chunk(counts, chunk)
        held += sum(map(len, chunk.mended)) if reading.item_per != "line" else 0
        if held > MOST_CHARACTERS:
            held = sum(map(len, counts))
        if len(counts) > most or held > MOST_CHARACTERS:
            held = 0
            long = long or _Long(shares, seed, block_size, may_be_shorter, kind, most)
            long.add(counts)
            met |= watched & counts.keys()
            counts.clear()
    met |= watched & counts.keys()
    if long is None:
        items = _items(counts, reading)
        return Gathered(items, split_items(items.texts, shares, seed), met=frozenset(met))
    long.add(counts)
    return long.gathered(reading, frozenset(met))


class _Long:
    """What is kept of a list with more distinct items than are kept."""

    def __init__(
        self,
        shares: tuple[float, float, float],
        seed: int,
        block_size: int,
        may_be_shorter: bool,
        kind: str,
        most: int,
    ) -> None:
        self.shares, self.seed, self.most = shares, seed, most
        self.numbering, self.may_be_shorter = Numbering(kind), may_be_shorter
        self.tallies = {split: Tally(block_size) for split in (TRAIN, DEV, TEST)}
        self.sample: Counter[str] = Counter()
        self.halvings = 0  # so often half of the sample was let go

    def add(self, counts: Counter[str]) -> None:
        """Count items in their splits, and keep some."""
        texts, times = list(counts), np.array(list(counts.values()))
        for first in range(0, len(texts), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            self._add(texts[part], times[part])
        while len(self.sample) > self.most or sum(map(len, self.sample)) > MOST_CHARACTERS:
            self.halvings += 1
            kept = self._stays(marks_of(list(self.sample), self.seed)).tolist()
            self.sample = Counter(dict(compress(self.sample.items(), kept)))

    def _add(self, texts: list[str], times: np.ndarray) -> None:
        marks = marks_of(texts, self.seed)
        splits = split_by_marks(marks, self.shares)
        for split, tally in self.tallies.items():
            own = np.flatnonzero(splits == split)
            if len(own):
                tokens = self.numbering.encode([texts[place] for place in own.tolist()])
                if self.may_be_shorter:
                    tally.shorten(longest_in_window(len(self.numbering)))
                tally.add(tokens, len(self.numbering), times[own])
        stays = np.flatnonzero(self._stays(marks))
        for place, often in zip(stays.tolist(), times[stays].tolist(), strict=True):
            self.sample[texts[place]] += often

    def _stays(self, marks: np.ndarray) -> np.ndarray:
        """(N,) whether items of these marks are in the sample; their low half decides."""
        return (marks & np.uint64(2**32 - 1)) < 2 ** (32 - self.halvings)

    def gathered(self, reading: Reading, met: frozenset[str]) -> Gathered:
        """All of it, with the vocabulary of what is to be trained on."""
        vocabulary, numbers = self.numbering.in_order()
        tables = {}
        for split, tally in self.tallies.items():
            tally.shorten(min(tally.block_size for tally in self.tallies.values()))
            windows, counts = tally.windows(numbers, len(vocabulary))
            if len(windows):
                tables[split] = ContextCounts.of_windows(
                    windows, counts, tally.block_size, vocabulary
                )
        seen = distinct(tables[TRAIN].tokens).tolist()
        tokens = [vocabulary.tokens[number - 1] for number in seen if number]
        trained = Vocabulary(tokens, vocabulary.kind)
        items = _items(self.sample, reading)
        return Gathered(
            items,
            split_by_marks(marks_of(items.texts, self.seed), self.shares),
            share=0.5**self.halvings,
            tables=tables | {TRAIN: tables[TRAIN].numbered(trained)},
            met=met,
        )


def _items(counts: Counter[str], reading: Reading) -> Items:
    times = whole_numbers(np.array(list(counts.values())))
    return Items(list(counts), times, reading.name, reading.remarks, reading.left_out)
