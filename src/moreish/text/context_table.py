"""A sparse table of contexts and of what followed each, in memory and in a file."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ..storage.model_file import read_file, reading, write_file
from ..storage.validation import (
    HEAVIEST,
    checked_amounts,
    checked_number,
    checked_text,
    checked_whole,
    no_others,
)
from .items import whole_numbers
from .ngram_keys import (
    add_up,
    check_block_size,
    context_keys,
    digits_of,
    distinct_contexts,
    gather_rows,
    row_sums,
)
from .short_repr import brief
from .vocabulary import BOUNDARY, Vocabulary

__all__ = ["MOST", "ContextTable"]

MOST = 2**63  # of what whole numbers may add up to
WINDOWS = "of a table that is kept, added up or renumbered"


@dataclass(frozen=True, eq=False)
class ContextTable:
    """C distinct contexts of T tokens and what followed, sparse, in rows as SciPy's CSR.

    Row c is the context `contexts[c]` (C, T); `tokens` and `counts` (P,) from `starts[c]` up to
    `starts[c + 1]` say which tokens followed and how often.
    """

    __repr__ = brief

    contexts: np.ndarray  # (C, T) intp, the oldest token first
    starts: np.ndarray  # (C + 1,) intp
    tokens: np.ndarray  # (P,) intp, rising in each row
    counts: np.ndarray  # (P,) int64 where all are whole, else float64
    vocabulary_size: int  # V
    unknown: float = 0.0  # how often a token came that the vocabulary does not have
    vocabulary: Vocabulary | None = None  # what the numbers stand for, where that is known
    remarks: tuple[str, ...] = ()  # what was left out of the list and why, a sentence each

    def __len__(self) -> int:
        return len(self.contexts)

    @property
    def block_size(self) -> int:
        """T: how many tokens a context has."""
        return self.contexts.shape[1]

    @property
    def rows(self) -> np.ndarray:
        """(P,) the row of each count."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @property
    def pairs(self) -> int:
        """P: how many different pairs there are of a context and a token."""
        return len(self.tokens)

    def parts(self, at_once: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(B, T) contexts and (B,) what followed, pair by pair, of so many contexts at a time."""
        for first in range(0, len(self), at_once):
            rows = np.arange(first, min(first + at_once, len(self)))
            which, places = gather_rows(self.starts, rows)
            yield self.contexts[rows][which], self.tokens[places]

    @property
    def totals(self) -> np.ndarray:
        """(C,) how often each context came."""
        return row_sums(self.starts, self.counts)

    @property
    def total(self) -> float:
        """How many tokens there are, the ends of items and unknown tokens included."""
        return float(self.counts.sum()) + self.unknown

    @property
    def items(self) -> float:
        """How many items there are, repeats too: how often an end came."""
        return float(self.counts[self.tokens == BOUNDARY].sum())

    def dense(self, dtype: type = np.float64) -> np.ndarray:
        """(C, V) the counts, zeros included."""
        table: np.ndarray = np.zeros((len(self), self.vocabulary_size), dtype=dtype)
        table[self.rows, self.tokens] = self.counts
        return table

    # ---- as one number a window, and back

    @property
    def windows(self) -> np.ndarray:
        """(P,) int64: each context and what followed, as one number to the base V, rising.

        OptionError where they don't fit; see `check_block_size`.
        """
        check_block_size(self.block_size, self.vocabulary_size, WINDOWS)
        keys = context_keys(self.contexts, self.vocabulary_size)
        return keys[self.rows] * self.vocabulary_size + self.tokens

    @classmethod
    def of_windows(
        cls,
        windows: np.ndarray,
        counts: np.ndarray,
        block_size: int,
        vocabulary: Vocabulary | int,
        unknown: float = 0.0,
        remarks: Iterable[str] = (),
    ) -> Self:
        """The table of (P,) distinct windows to the base V, rising, that came `counts` (P,) times.

        `vocabulary` may be its size V alone.
        """
        size = vocabulary if isinstance(vocabulary, int) else len(vocabulary)
        keys, starts = np.unique(windows // size, return_index=True)
        columns = digits_of(keys, block_size, size)
        contexts = np.stack(columns, axis=1) if columns else np.zeros((len(keys), 0))
        starts = np.append(starts, len(windows))
        return cls._of(contexts, starts, windows % size, counts, vocabulary, unknown, remarks)

    @classmethod
    def of_pairs(
        cls,
        contexts: np.ndarray,
        rows: np.ndarray,
        tokens: np.ndarray,
        counts: np.ndarray,
        vocabulary: Vocabulary | int,
        unknown: float = 0.0,
    ) -> Self:
        """(B, T) contexts, the same ones too; (N,) which of them, (N,) what followed and (N,) how
        often → the table. The contexts may have any number of tokens.
        """
        size = vocabulary if isinstance(vocabulary, int) else len(vocabulary)
        distinct, where = distinct_contexts(contexts, size)
        pairs, counts = add_up(where[rows].astype(np.int64) * size + tokens, counts)
        followed, starts = np.unique(pairs // size, return_index=True)
        starts = np.append(starts, len(pairs))
        return cls._of(distinct[followed], starts, pairs % size, counts, vocabulary, unknown)

    @classmethod
    def _of(
        cls,
        contexts: np.ndarray,
        starts: np.ndarray,
        tokens: np.ndarray,
        counts: np.ndarray,
        vocabulary: Vocabulary | int,
        unknown: float,
        remarks: Iterable[str] = (),
    ) -> Self:
        return cls(
            contexts=contexts.astype(np.intp),
            starts=starts.astype(np.intp),
            tokens=tokens.astype(np.intp),
            counts=whole_numbers(counts, MOST),
            vocabulary_size=vocabulary if isinstance(vocabulary, int) else len(vocabulary),
            unknown=float(unknown),
            vocabulary=None if isinstance(vocabulary, int) else vocabulary,
            remarks=tuple(remarks),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The tokens, or their numbers where they are not known."""
        if self.vocabulary is None:
            return tuple(f"token {number}" for number in range(1, self.vocabulary_size))
        return self.vocabulary.names

    def __eq__(self, other: object) -> bool:
        """Whether they say the same of the same tokens; remarks don't matter."""
        if not isinstance(other, ContextTable):
            return NotImplemented
        arrays = ("contexts", "starts", "tokens", "counts")
        return (
            self.vocabulary_size == other.vocabulary_size
            and self.unknown == other.unknown
            and self.names == other.names
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays)
        )

    __hash__ = None  # type: ignore[assignment]

    def _with(self, windows: np.ndarray, counts: np.ndarray, **changes: object) -> Self:
        about = {
            "block_size": self.block_size,
            "vocabulary": self.vocabulary or self.vocabulary_size,
            "unknown": self.unknown,
            "remarks": self.remarks,
            **changes,
        }
        return self.of_windows(windows, counts, **about)  # type: ignore[arg-type]

    # ---- into a file and back

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table into a file; see `load`. ModelFileError if it can't be done."""
        write_file(path, {"file": "counts", **self.about()}, self.arrays())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The table in a file. ModelFileError if there is none in it.

        >>> from tempfile import TemporaryDirectory
        >>> from moreish import ContextCounts, count
        >>> table = count(["anna", "nan"], block_size=2)
        >>> with TemporaryDirectory() as folder:
        ...     table.save(f"{folder}/names.counts")
        ...     ContextCounts.load(f"{folder}/names.counts") == table
        True
        """
        about, arrays = read_file(path, "counts")
        with reading(path):
            return cls.restored(about, arrays)

    def about(self) -> dict[str, Any]:
        """What JSON can say of it; with the arrays it is the whole table."""
        vocabulary = self.vocabulary
        return {
            "block_size": self.block_size,
            "vocabulary_size": self.vocabulary_size,
            "tokens": None if vocabulary is None else vocabulary.about(),
            "unknown": self.unknown,
            "remarks": self.remarks,
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """The windows and their counts."""
        return {"windows": self.windows, "counts": self.counts}

    @classmethod
    def restored(cls, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Self:
        """The table that `about` and `arrays` are of.

        ValueError if they are not what those gave; KeyError if something is missing.
        """
        size = checked_number("the size of the vocabulary", about["vocabulary_size"], whole=True)
        block_size = checked_number("the block size", about["block_size"], whole=True)
        check_block_size(block_size, size, WINDOWS)
        vocabulary = size if about["tokens"] is None else Vocabulary.stored(about["tokens"])
        if size < 1 or (isinstance(vocabulary, Vocabulary) and len(vocabulary) != size):
            raise ValueError("the vocabulary has another size")
        no_others("the table", arrays, {"windows": None, "counts": None})
        end = size ** (block_size + 1)
        windows = checked_whole("windows", arrays["windows"], (None,), end=end, rises=True)
        counts = checked_amounts("counts", arrays["counts"], windows.shape)
        unknown = checked_number("unknown", about["unknown"], least=0, most=HEAVIEST)
        if type(about["remarks"]) is not list:
            raise ValueError("a list of remarks was wanted")
        remarks = [checked_text("a remark", remark) for remark in about["remarks"]]
        table = cls.of_windows(windows, counts, block_size, vocabulary, unknown, remarks)
        before, after = table.contexts[:, :-1], table.contexts[:, 1:]
        if ((before != BOUNDARY) & (after == BOUNDARY)).any():
            raise ValueError("its windows see across items")
        return table
