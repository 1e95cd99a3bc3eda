"""What a model keeps of documents: a hash of each, and of the few tokens that begin at each place.

The text itself stays out. A document that comes again is known by its hash. The longest run of
tokens that is copied is found by the short runs, as they follow each other in the documents. One
hash has 32 bits, which alone would be too few to tell: a run that counts has two of them at least.
Whoever has the vocabulary can try out what goes with the hashes: they keep no secret. Of documents
that were held out the nats are kept, too, so that others can be ranked among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..storage.validation import checked_whole
from .items import Items
from .ngram_keys import item_sizes
from .short_repr import brief
from .sorted_arrays import find
from .splits import marks_of
from .vocabulary import BOUNDARY, Vocabulary

__all__ = ["RUN", "HashedDocuments"]

RUN = {"words": 5, "characters": 25}  # tokens of the shortest run that is told
KEY = np.uint64(0x9E3779B97F4A7C15)  # an odd number without a pattern: 2**64 by the golden ratio
PARTS = ("marks", "sizes", "held_out", "runs")  # in a file
MOST_TOKENS = 2**48  # of a document, from a file


@dataclass(frozen=True)
class HashedDocuments:
    """N documents, each by its hash and how many tokens it has, and the short runs in them.

    >>> from moreish.text import read_items
    >>> texts = ["it was the best of times it was the worst of times", "call me ishmael"]
    >>> vocabulary = Vocabulary.of(texts, "words")
    >>> documents = HashedDocuments.of(read_items(texts), vocabulary)
    >>> documents.place_of("call me ishmael"), documents.sizes.tolist()
    (1, [12, 3])
    >>> documents.copied("so it was the best of times said he".split(), vocabulary)
    (1, 7)
    """

    __repr__ = brief

    marks: np.ndarray  # (N,) uint64
    sizes: np.ndarray  # (N,) int64, without the end
    held_out: np.ndarray  # (D,) nats of those of dev; empty before a model has judged them
    runs: np.ndarray  # (R,) uint32, by place; 0 where a run would see across the end of a document

    @classmethod
    def of(cls, items: Items, vocabulary: Vocabulary) -> "HashedDocuments":
        """The hashes of documents."""
        tokens = vocabulary.encode(items.texts)
        sizes = item_sizes(tokens) - 1
        runs = _hashes(tokens, vocabulary)
        return cls(marks_of(items.texts), sizes.astype(np.int64), np.zeros(0), runs)

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it, by name."""
        return {f"documents.{name}": array for name, array in vars(self).items() if name in PARTS}

    @classmethod
    def stored(cls, arrays: Mapping[str, np.ndarray], kind: str) -> "HashedDocuments":
        """What `arrays` gave, out of a file. KeyError or ValueError if it isn't that."""
        marks, runs = (arrays[f"documents.{name}"] for name in ("marks", "runs"))
        held_out = arrays.get("documents.held_out", np.zeros(0))  # older files have none
        if marks.dtype != np.uint64 or runs.dtype != np.uint32 or marks.ndim != 1:
            raise ValueError("there are no hashes of documents")
        sizes = checked_whole(
            "documents.sizes", arrays["documents.sizes"], marks.shape, end=MOST_TOKENS
        ).astype(np.int64)
        if runs.shape != (max(int((sizes + 1).sum()) - RUN[kind] + 2, 0),):
            raise ValueError("there are not as many hashes of runs as tokens")
        if held_out.dtype != np.float64 or held_out.ndim != 1 or not (held_out >= 0).all():
            raise ValueError("there are no nats of the documents that were held out")
        return cls(marks, sizes, held_out, runs)

    def place_of(self, text: str) -> int | None:
        """Which of the documents a text is; None where it is none of them."""
        return self._places.get(int(marks_of([text])[0]))

    @cached_property
    def _places(self) -> dict[int, int]:
        """Where each hash stands, the first time."""
        marks = self.marks.tolist()
        return dict(zip(reversed(marks), range(len(marks) - 1, -1, -1), strict=True))

    def copied(self, tokens: Sequence[str], vocabulary: Vocabulary) -> tuple[int, int]:
        """Tokens → from where to where the longest run goes that is copied, the first of them.

        Fewer tokens than `RUN` can't be told: then it is (0, 0).
        """
        numbers = np.array(
            [vocabulary.numbers.get(token, vocabulary.unknown) for token in tokens], dtype=np.intp
        )
        hashes = _hashes(np.append(numbers, BOUNDARY), vocabulary)
        order, ranked = self._order
        lows, highs = (np.searchsorted(ranked, hashes, side) for side in ("left", "right"))
        best, end = 1, 0
        before, sizes = np.zeros(0, np.intp), np.zeros(0, np.intp)
        for place, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
            here = order[low:high] if hashes[place] else order[:0]  # rising
            longer = np.ones(len(here), dtype=np.intp)
            which, places = find(before, here - 1)
            longer[which] += sizes[places]
            if len(here) and longer.max() > best:
                best, end = int(longer.max()), place
            before, sizes = here, longer
        return (end - best + 1, end + RUN[vocabulary.kind] - 1) if best > 1 else (0, 0)

    @cached_property
    def _order(self) -> tuple[np.ndarray, np.ndarray]:
        """(R,) the places of the runs by their hashes, those of one hash rising; and the hashes."""
        order = np.argsort(self.runs, kind="stable")
        return order, self.runs[order]


def _hashes(tokens: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """(M,) tokens, a 0 after each item → (R,) uint32 a hash of the tokens at each place, one fewer
    than in a run; 0 where they are not in one item, or not all known."""
    size = RUN[vocabulary.kind] - 1
    count = max(len(tokens) - size + 1, 0)
    is_token = (tokens != BOUNDARY) & (tokens != vocabulary.unknown)
    hashes, is_run = np.zeros(count, dtype=np.uint64), np.ones(count, dtype=bool)
    for place in range(size):
        hashes = (hashes ^ tokens[place : place + count].astype(np.uint64)) * KEY
        hashes ^= hashes >> np.uint64(29)
        is_run &= is_token[place : place + count]
    short = np.maximum((hashes >> np.uint64(32)).astype(np.uint32), 1)
    return np.where(is_run, short, 0).astype(np.uint32)
