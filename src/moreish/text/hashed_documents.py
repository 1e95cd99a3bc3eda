"""What a model keeps of documents: a hash of each, and hashes of the short runs of tokens in them.

The text itself stays out. A document that comes again is known by its hash. What is copied is told
by runs of a few tokens: where each run of `RUN` tokens in a row stands somewhere in the documents,
all of them together are taken for copied. Each may stand elsewhere, which is rare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..storage.validation import checked_whole
from .items import Items
from .ngram_keys import item_sizes
from .short_repr import brief
from .sorted_arrays import distinct, find
from .splits import marks_of
from .vocabulary import BOUNDARY, Vocabulary

__all__ = ["RUN", "HashedDocuments"]

RUN = {"words": 5, "characters": 25}  # tokens of the runs that are kept
KEY = np.uint64(0x9E3779B97F4A7C15)  # an odd number without a pattern: 2**64 by the golden ratio
MOST_TOKENS = 2**48  # of a document, from a file


@dataclass(frozen=True)
class HashedDocuments:
    """N documents, each by its hash and how many tokens it has, and their P distinct runs.

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
    runs: np.ndarray  # (P,) uint64, rising

    @classmethod
    def of(cls, items: Items, vocabulary: Vocabulary) -> "HashedDocuments":
        """The hashes of documents."""
        tokens = vocabulary.encode(items.texts)
        hashes, is_known = _hashes(tokens, vocabulary)
        sizes = item_sizes(tokens) - 1
        return cls(marks_of(items.texts), sizes.astype(np.int64), distinct(hashes[is_known]))

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it, by name."""
        return {f"documents.{name}": getattr(self, name) for name in ("marks", "sizes", "runs")}

    @classmethod
    def stored(cls, arrays: Mapping[str, np.ndarray]) -> "HashedDocuments":
        """What `arrays` gave, out of a file. KeyError or ValueError if it isn't that."""
        marks, runs = (arrays[f"documents.{name}"] for name in ("marks", "runs"))
        for name, array in (("marks", marks), ("runs", runs)):
            if array.dtype != np.uint64 or array.ndim != 1:
                raise ValueError(f"documents.{name} are no hashes")
        if not (runs[1:] > runs[:-1]).all():
            raise ValueError("documents.runs do not rise")
        sizes = checked_whole(
            "documents.sizes", arrays["documents.sizes"], marks.shape, end=MOST_TOKENS
        )
        return cls(marks, sizes.astype(np.int64), runs)

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

        Fewer tokens than those of a run can't be told: then it is (0, 0).
        """
        size = RUN[vocabulary.kind]
        numbers = np.array(
            [vocabulary.numbers.get(token, vocabulary.unknown) for token in tokens], dtype=np.intp
        )
        hashes, is_known = _hashes(np.append(numbers, BOUNDARY), vocabulary)
        which, _ = find(self.runs, hashes)
        is_copied = np.zeros(len(hashes) + 2, dtype=np.int8)
        is_copied[1 + which] = is_known[which]
        steps = np.diff(is_copied)
        starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        if not len(starts):
            return 0, 0
        longest = int((ends - starts).argmax())
        return int(starts[longest]), int(ends[longest]) + size - 1


def _hashes(tokens: np.ndarray, vocabulary: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """(M,) tokens, a 0 after each item → (M - RUN + 1,) a hash of each run of tokens, and whether
    it is one: in one item, and of known tokens."""
    size = RUN[vocabulary.kind]
    count = max(len(tokens) - size + 1, 0)
    is_token = (tokens != BOUNDARY) & (tokens != vocabulary.unknown)
    hashes, is_run = np.zeros(count, dtype=np.uint64), np.ones(count, dtype=bool)
    for place in range(size):
        part = tokens[place : place + count].astype(np.uint64)
        hashes = (hashes ^ part) * KEY
        hashes ^= hashes >> np.uint64(29)
        is_run &= is_token[place : place + count]
    return hashes, is_run
