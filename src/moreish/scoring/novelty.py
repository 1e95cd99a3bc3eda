"""What items that were made have from the list: new or not, the nearest item, the longest copy.

Of documents the model has hashes: there the longest copied run tells what is new, and no nearest.
It knows lists and tokens, and no models.
"""

import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from itertools import takewhile
from operator import eq

import numpy as np

from ..text import Vocabulary
from ..text.dataset import Dataset

__all__ = ["Entry", "Ledger", "Summary", "edit_distances"]

NO_TOKEN = "\0"  # between items; no item has it
MANY = 50  # items, for which it is worth to sort what the list's items end in
AT_ONCE = 4_000_000  # distances
INDEXED = 1_000_000  # tokens of a list for which that is done: about 100 bytes each


@dataclass(frozen=True)
class Entry:
    """Where an item stands beside the list."""

    item: str
    new: bool | None  # whether it is not in the list; None where not all of the list is known
    split: str | None  # the split that it is in
    nearest: str | None  # the item of the list with the fewest edits in between, the first of them
    distance: int | None  # how many: tokens left out, put in or taken for another
    copied: str  # the longest run of tokens that is the same in an item of the list


@dataclass(frozen=True)
class Summary:
    """What many items have from the list."""

    items: int
    new: float | None  # the share that is not in the list
    distinct: float  # the share that came for the first time
    lengths: dict[
        int, tuple[float, float]
    ]  # tokens: the share of these items, of those of the list
    longest_copied: int | None = None  # tokens of the longest run from documents, in any of these


class Ledger:
    """The list of a model, ready for items to be looked up in.

    >>> from moreish.text import read_items
    >>> items = read_items(["anna", "hannah", "nina"])
    >>> ledger = Ledger(Dataset(items, np.zeros(3, np.uint8)), Vocabulary.of(items.texts))
    >>> ledger.entry("annah")
    Entry(item='annah', new=True, split=None, nearest='anna', distance=1, copied='annah')
    """

    def __init__(self, dataset: Dataset, vocabulary: Vocabulary) -> None:
        self.dataset = dataset
        self.vocabulary = vocabulary
        self._signs: dict[str, str] = {}  # of words
        self._is_indexed = False

    def entry(self, item: str) -> Entry:
        """Where it stands beside the list; a list that is too long to be kept is known in part."""
        return self.entries([item])[0]

    def entries(self, items: Sequence[str]) -> list[Entry]:
        """Where each stands beside the list; an index is made where many are asked for."""
        if len(items) >= MANY and self.dataset.documents is None:
            self._is_indexed = sum(map(len, self._listed)) <= INDEXED
        found = []
        for item, (nearest, distance) in zip(items, self._nearest(items), strict=True):
            split, copied = self.dataset.split_of(item), self._copied(item)
            new = self.is_new(item, copied)
            found.append(Entry(item, new, split, nearest, distance, copied))
        return found

    def is_new(self, item: str, copied: str | None = None) -> bool | None:
        """Whether it is not in the list. A passage of documents is new if it is not copied as a
        whole; one of too few tokens to tell is, if it is no document."""
        new = self.dataset.is_new(item)
        if not new or self.dataset.documents is None:
            return new
        return (self._copied(item) if copied is None else copied) != item

    def summary(self, items: Sequence[str]) -> Summary:
        """The shares of many items: new, distinct, and of each length beside the list's.

        A length's share of the list counts each distinct item once.
        """
        total = max(len(items), 1)
        is_new = [self.is_new(item) for item in items]
        split, documents = self.vocabulary.split, self.dataset.documents
        here = Counter(len(split(text)) for text in items)
        if documents is None:
            there = Counter(len(split(text)) for text in self.dataset.items.texts)
            shown, longest = here | there, None
        else:
            there, shown = Counter(documents.sizes.tolist()), here
            longest = max((len(split(self._copied(item))) for item in items), default=0)
        listed = max(there.total(), 1)
        return Summary(
            len(items),
            None if None in is_new else sum(map(bool, is_new)) / total,
            len(set(items)) / total,
            {n: (here[n] / total, there[n] / listed) for n in sorted(shown)},
            longest,
        )

    # ---- the nearest

    def _nearest(self, items: Sequence[str]) -> Iterator[tuple[str | None, int | None]]:
        """For each item the first in the list with the fewest edits, and how many these are."""
        if self.dataset.documents is not None or not self._listed:
            yield from [(None, None)] * len(items)
            return
        find = self._by_rapidfuzz if _is_rapidfuzz_there() else self._by_length
        for place, distance in find([self._coded(item) for item in items]):
            yield self.dataset.items.texts[place], distance

    def _by_rapidfuzz(self, items: Sequence[str]) -> Iterator[tuple[int, int]]:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        for some in _batched(items, max(AT_ONCE // len(self._listed), 1)):
            distances = cdist(some, self._listed, scorer=Levenshtein.distance, dtype=np.int32)
            places = distances.argmin(axis=1)
            least = distances[np.arange(len(some)), places]
            yield from zip(places.tolist(), least.tolist(), strict=True)

    def _by_length(self, items: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Those of lengths that are too far away to have fewer edits are not looked at."""
        for item in items:
            tokens, best = _numbers(item), (sys.maxsize, 0)
            for length in sorted(self._columns, key=lambda n: abs(n - len(tokens))):
                if abs(length - len(tokens)) <= best[0]:
                    places, columns = self._columns[length]
                    distances = edit_distances(tokens, columns)
                    index = int(distances.argmin())
                    best = min(best, (int(distances[index]), places[index]))
            yield best[1], best[0]

    @cached_property
    def _columns(self) -> dict[int, tuple[list[int], np.ndarray]]:
        """For each length (N,) where the items stand in the list, and (length, N) their tokens."""
        places = defaultdict(list)
        for place, coded in enumerate(self._listed):
            places[len(coded)].append(place)
        found = {}
        for length, own in places.items():
            rows = _numbers("".join(self._listed[place] for place in own)).reshape(-1, length)
            found[length] = own, np.ascontiguousarray(rows.T)
        return found

    # ---- the longest run

    def _copied(self, item: str) -> str:
        """The longest run of tokens that is in the list, the first of them."""
        tokens = self.vocabulary.split(item)
        if self.dataset.documents is not None:
            first, last = self.dataset.documents.copied(tokens, self.vocabulary)
        else:
            coded = self._coded(item)
            first, last = self._by_suffixes(coded) if self._is_indexed else self._by_search(coded)
        run = tokens[first:last]
        return run if isinstance(run, str) else " ".join(run)

    def _by_search(self, coded: str) -> tuple[int, int]:
        first, longest = 0, (0, 0)
        for last in range(1, len(coded) + 1):
            while first < last and coded[first:last] not in self._joined:
                first += 1
            if last - first > longest[1] - longest[0]:
                longest = first, last
        return longest

    def _by_suffixes(self, coded: str) -> tuple[int, int]:
        """What a suffix begins with that is in the list begins one of its two neighbours, too."""
        longest = 0, 0
        for first in range(len(coded)):
            rest = coded[first:]
            place = bisect_left(self._suffixes, rest)
            for other in self._suffixes[max(place - 1, 0) : place + 1]:
                length = sum(takewhile(bool, map(eq, rest, other)))
                if length > longest[1] - longest[0]:
                    longest = first, first + length
        return longest

    @cached_property
    def _joined(self) -> str:
        return NO_TOKEN.join(self._listed)

    @cached_property
    def _suffixes(self) -> list[str]:
        """What each item ends in, of any length, in order."""
        return sorted(coded[i:] for coded in self._listed for i in range(len(coded)))

    # ---- tokens as characters

    @cached_property
    def _listed(self) -> list[str]:
        return [self._coded(text) for text in self.dataset.items.texts]

    def _coded(self, item: str) -> str:
        """A character for each token, the same for the same token, known to the model or not.

        Of words there may be more than there are characters: all others share the last one.
        """
        if self.vocabulary.kind == "characters":
            return item
        signs = self._signs
        return "".join(
            signs.setdefault(word, chr(min(len(signs) + 1, sys.maxunicode)))
            for word in self.vocabulary.split(item)
        )


@cache
def _is_rapidfuzz_there() -> bool:
    """It is not in a web page; what answers there gives the same."""
    return find_spec("rapidfuzz") is not None


def _batched(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[i : i + size] for i in range(0, len(items), size))


def _numbers(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.int32)


def edit_distances(tokens: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(M,) tokens and (L, N) those of N items of L tokens, one item a column → (N,) how many tokens
    are to be left out, put in or taken for another to make the one of the other.

    Source: R. Wagner, M. Fischer, "The String-to-String Correction Problem", 1974.

    >>> edit_distances(np.array([1, 2, 3]), np.array([[1, 3], [3, 2]])).tolist()
    [1, 2]
    """
    length, count = columns.shape
    dtype = np.min_scalar_type(-max(len(tokens), length) - 2)
    before = np.repeat(np.arange(length + 1, dtype=dtype)[:, None], count, axis=1)
    after = np.empty_like(before)
    for row, token in enumerate(tokens, 1):
        after[0] = row
        changed = before[:-1] + (columns != token)
        np.minimum(changed, before[1:] + dtype.type(1), out=after[1:])
        for column in range(1, length + 1):
            np.minimum(after[column], after[column - 1] + dtype.type(1), out=after[column])
        before, after = after, before
    return before[-1]
