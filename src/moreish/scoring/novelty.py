"""What items that were made have from the list: new or not, the nearest item, the longest copy.

Of documents the model has hashes: there the longest copied run tells what is new, and no nearest.
It knows lists and tokens, and no models.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..text import Vocabulary
from ..text.dataset import Dataset
from ..text.sorted_arrays import distinct

__all__ = ["Entry", "Ledger", "Summary", "edit_distances"]

NO_TOKEN = "\0"  # between items; no item has it


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

    def entry(self, item: str) -> Entry:
        """Where it stands beside the list; a list that is too long to be kept is known in part."""
        nearest, distance = None, None
        if self.dataset.documents is None:
            nearest, distance = self._nearest(self._numbers([item])[0])
        split, copied = self.dataset.split_of(item), self._copied(item)
        return Entry(item, self.is_new(item, copied), split, nearest, distance, copied)

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

    def _nearest(self, tokens: np.ndarray) -> tuple[str | None, int | None]:
        """The first of the items with the fewest edits; those of lengths that are too far away
        to have fewer are not looked at."""
        best, place = np.inf, None
        for length in sorted(self._by_length, key=lambda length: abs(length - len(tokens))):
            if abs(length - len(tokens)) > best:
                break
            places, columns = self._by_length[length]
            distances = edit_distances(tokens, columns)
            least = int(distances.argmin())
            if (distances[least], places[least]) < (best, np.inf if place is None else place):
                best, place = int(distances[least]), int(places[least])
        if place is None:
            return None, None
        return self.dataset.items.texts[place], int(best)

    @cached_property
    def _by_length(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """For each length (N,) where the items stand in the list, and (length, N) their tokens."""
        numbers = self._numbers(self.dataset.items.texts)
        sizes = np.array([len(own) for own in numbers], dtype=np.intp)
        found = {}
        for length in distinct(sizes).tolist():
            places = np.flatnonzero(sizes == length)
            rows = np.array([numbers[place] for place in places.tolist()], dtype=np.int32)
            found[length] = places, np.ascontiguousarray(rows.reshape(-1, length).T)
        return found

    def _numbers(self, texts: Sequence[str]) -> list[np.ndarray]:
        """A number for each token, the same for the same token, known to the model or not."""
        others = self._others
        numbers = self.vocabulary.numbers
        return [
            np.array(
                [
                    numbers.get(token) or others.setdefault(token, len(numbers) + len(others) + 1)
                    for token in self.vocabulary.split(text)
                ],
                dtype=np.int32,
            )
            for text in texts
        ]

    @cached_property
    def _others(self) -> dict[str, int]:
        return {}

    # ---- the longest run

    def _copied(self, item: str) -> str:
        """The longest run of tokens that is in the list, the first of them."""
        tokens = self.vocabulary.split(item)
        if self.dataset.documents is not None:
            run = tokens[slice(*self.dataset.documents.copied(tokens, self.vocabulary))]
            return run if isinstance(run, str) else " ".join(run)
        first, longest = 0, (0, 0)
        for last in range(1, len(tokens) + 1):
            while first < last and not self._has(tokens[first:last]):
                first += 1
            if last - first > longest[1] - longest[0]:
                longest = first, last
        run = tokens[slice(*longest)]
        return run if isinstance(run, str) else " ".join(run)

    def _has(self, run: Sequence[str]) -> bool:
        if isinstance(run, str):
            return run in self._joined
        return f" {' '.join(run)} " in self._joined

    @cached_property
    def _joined(self) -> str:
        if self.vocabulary.kind == "characters":
            return NO_TOKEN.join(self.dataset.items.texts)
        texts = (" ".join(text.split()) for text in self.dataset.items.texts)
        return NO_TOKEN.join(f" {text} " for text in texts)


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
