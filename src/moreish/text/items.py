"""The distinct items of a list and how often each came; memory follows how many there are."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .left_out import LeftOut
from .reading import Chunk, Reading
from .short_repr import brief
from .sources import Source

EXACT = 2**53  # up to here floating-point numbers are exact


@dataclass(frozen=True)
class Items:
    """Distinct items and how often each came."""

    __repr__ = brief

    texts: list[str]  # in order of first appearance
    counts: np.ndarray  # (N,) int64 where all are whole numbers, else float64
    name: str  # what the list is called in messages
    remarks: list[str]  # what was left out and why, and what was noticed, a sentence each
    left_out: list[LeftOut] = field(default_factory=list)  # the same in numbers

    def __len__(self) -> int:
        return len(self.texts)

    def chosen(self, which: np.ndarray) -> "Items":
        """The items where `which` (N,) is true."""
        places = np.flatnonzero(which).tolist()
        return Items([self.texts[i] for i in places], self.counts[which], self.name, [])

    def once(self) -> "Items":
        """The same, each item counted once."""
        return Items(self.texts, np.ones(len(self), dtype=np.int64), self.name, [])


def read_items(source: Source | None, **options: Any) -> Items:
    """The distinct items of a file ("-" is standard input), of several, of any iterable of lines,
    or of the bundled list.

    Options, and what is raised: those of `Reading`. A line of weight 3 counts as three lines.

    >>> items = read_items(["emma", "olivia ", "", "emma"])
    >>> items.texts, items.counts.tolist()
    (['emma', 'olivia'], [2, 1])
    """
    reading = Reading(source, **options)
    counts: Counter[str] = Counter()
    for chunk in reading.chunks():
        add_chunk(counts, chunk)
    times = whole_numbers(np.array(list(counts.values())))
    return Items(list(counts), times, reading.name, reading.remarks, reading.left_out)


def add_chunk(counts: Counter[str], chunk: Chunk) -> None:
    """Count the items of a chunk, each with its weight.

    >>> counts = Counter({"ava": 2})
    >>> add_chunk(counts, Chunk(["emma", "ava"], weights=[0.5, 1]))
    >>> counts["emma"], counts["ava"]
    (0.5, 3)
    """
    if chunk.weights is None:
        counts.update(chunk.texts)
    else:
        for text, weight in zip(chunk.texts, chunk.weights, strict=True):
            counts[text] += weight  # type: ignore[assignment]


def read_each(source: Source | None, **options: Any) -> tuple[list[str], list[str]]:
    """Every item in its place, repeats too, and the remarks; see `read_items`.

    >>> read_each(["ava", "", "ava"])
    (['ava', 'ava'], ['1 blank line was left out, line 2'])
    """
    reading = Reading(source, **options)
    texts = [text for chunk in reading.chunks() for text in chunk.texts]
    return texts, reading.remarks


def whole_numbers(counts: np.ndarray, most: int = EXACT) -> np.ndarray:
    """(N,) counts → the same as int64 where all are whole and their sum below `most`, else as
    float64.

    >>> whole_numbers(np.array([2.0, 1.0])), whole_numbers(np.array([2.0, 0.5]))
    (array([2, 1]), array([2. , 0.5]))
    """
    is_whole = counts.dtype.kind != "f" or (counts == np.rint(counts)).all()
    is_exact = np.abs(counts.astype(np.float64)).sum() < most
    return counts.astype(np.int64 if is_whole and is_exact else np.float64, copy=False)
