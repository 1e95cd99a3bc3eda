"""The table of counts: each distinct context, and how often each token came next.

For a model that looks back T tokens this table is a sufficient statistic: a loss over it is the
loss over the whole list, and costs what the list contains, not how long it is. A context reaches
back to the start of its item and is filled up with boundary marks; nothing is seen across items.

Tables add up: that of two lists is the sum of theirs, to the last count, and one of long contexts
contains that of shorter ones.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..errors import DataError, OptionError
from ..storage.model_file import read_file, reading, write_file
from ..storage.validation import (
    HEAVIEST,
    checked_amounts,
    checked_number,
    checked_text,
    checked_whole,
    no_others,
)
from .items import Items, whole_numbers
from .ngram_keys import (
    add_up,
    check_block_size,
    context_keys,
    context_windows,
    digits_of,
    item_sizes,
    renumbered,
    row_sums,
)
from .short_repr import brief
from .vocabulary import BOUNDARY, Vocabulary

ROUNDING = 1e-9  # of sums of weights that are no whole numbers, as a share

MOST = 2**63  # of what whole numbers may add up to


@dataclass(frozen=True, eq=False)
class ContextCounts:
    """C distinct contexts of T tokens and what followed, sparse, in rows as SciPy's CSR.

    Row c is the context `contexts[c]` (C, T); `tokens` and `counts` (P,) from `starts[c]` up to
    `starts[c + 1]` say which tokens followed and how often. Tables of equal T are added and taken
    away from each other, those of different vocabularies by joining them, and multiplied by
    numbers: a line may count as any number of lines.

    >>> from moreish import count
    >>> some, more = count(["anna", "ann"], block_size=2), count(["nan"], block_size=2)
    >>> some + more == count(["anna", "nan", "ann"], block_size=2), (some + more) - more == some
    (True, True)
    >>> (2 * some).total, some.shorter(1) == count(["anna", "ann"], block_size=1)
    (18.0, True)
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
        """(P,) int64: each context and what followed, as one number to the base V, rising."""
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
        return cls(
            contexts=contexts.astype(np.intp),
            starts=np.append(starts, len(windows)).astype(np.intp),
            tokens=(windows % size).astype(np.intp),
            counts=whole_numbers(counts, MOST),
            vocabulary_size=size,
            unknown=float(unknown),
            vocabulary=None if isinstance(vocabulary, int) else vocabulary,
            remarks=tuple(remarks),
        )

    # ---- the algebra

    def shorter(self, block_size: int) -> "ContextCounts":
        """The table of contexts of fewer tokens: that of the same list, exactly.

        OptionError where these contexts have fewer.
        """
        if not 0 <= block_size <= self.block_size:
            raise OptionError(
                f"a table of contexts of {self.block_size} tokens contains those of 0 to "
                f"{self.block_size}, not of {block_size}"
            )
        windows = self.windows % self.vocabulary_size ** (block_size + 1)
        return self._with(*add_up(windows, self.counts), block_size=block_size)

    def numbered(self, vocabulary: Vocabulary) -> "ContextCounts":
        """The same with the numbers of another vocabulary; what it does not have is unknown.

        OptionError where the tokens of this table are not known.

        >>> from moreish import count
        >>> table = count(["ab", "b"], block_size=1).numbered(Vocabulary("b"))
        >>> table.contexts.tolist(), table.tokens.tolist(), table.counts.tolist(), table.unknown
        ([[0], [1]], [1, 0], [2, 2], 1.0)
        """
        own = self._own_vocabulary()
        if own.kind != vocabulary.kind:
            raise OptionError(f"one table counts {own.kind} and the other {vocabulary.kind}")
        size = len(vocabulary)
        check_block_size(self.block_size, size)
        numbers = np.array(
            [BOUNDARY, *(vocabulary.numbers.get(token, size) for token in own.tokens)]
        )
        windows = renumbered(self.windows, self.block_size + 1, self.vocabulary_size, numbers, size)
        known = windows >= 0
        unknown = self.unknown + float(self.counts[~known].sum())
        windows, counts = add_up(windows[known], self.counts[known])
        return self._with(windows, counts, vocabulary=vocabulary, unknown=unknown)

    def __add__(self, other: "ContextCounts") -> "ContextCounts":
        if not isinstance(other, ContextCounts):
            return NotImplemented
        one, two = _alike(self, other)
        both = np.concatenate([one.counts, two.counts])
        if one.total + two.total >= MOST:
            both = both.astype(np.float64)
        windows, counts = add_up(np.concatenate([one.windows, two.windows]), both)
        return one._with(
            windows,
            whole_numbers(counts, MOST),
            unknown=one.unknown + two.unknown,
            remarks=(*one.remarks, *two.remarks),
        )

    def __sub__(self, other: "ContextCounts") -> "ContextCounts":
        if not isinstance(other, ContextCounts):
            return NotImplemented
        one, two = _alike(self, other)
        both = np.concatenate([one.windows, two.windows])
        windows, counts = add_up(both, np.concatenate([one.counts, -two.counts]))
        if counts.dtype != np.int64:
            _, sizes = add_up(both, np.concatenate([one.counts, two.counts]))
            counts[np.abs(counts) <= ROUNDING * sizes] = 0
        unknown = one.unknown - two.unknown
        if abs(unknown) <= ROUNDING * one.unknown:
            unknown = 0.0
        if (counts < 0).any():
            window = int(windows[np.argmin(counts)])
            one._refuse(window, (one._count_of(window), two._count_of(window)))
        if unknown < 0:
            raise DataError(
                f"there are {one.unknown:,.15g} unknown tokens, and {two.unknown:,.15g} can't be "
                f"taken away"
            )
        windows, counts = windows[counts > 0], counts[counts > 0]
        return one._with(windows, counts, unknown=unknown)._without_tokens_that_are_gone(one)

    def __mul__(self, times: float) -> "ContextCounts":
        if isinstance(times, ContextCounts):
            return NotImplemented
        if not 0 < times < np.inf:
            raise OptionError(f"a table can be taken a number of times above 0, got {times}")
        is_whole = isinstance(times, int) and self.total * times < MOST
        counts = self.counts * (times if is_whole else float(times))
        return replace(self, counts=whole_numbers(counts, MOST), unknown=self.unknown * times)

    __rmul__ = __mul__

    def __radd__(self, other: int) -> "ContextCounts":
        return self if other == 0 else NotImplemented  # so that sum(tables) is one

    def __eq__(self, other: object) -> bool:
        """Whether they say the same of the same tokens; remarks don't matter."""
        if not isinstance(other, ContextCounts):
            return NotImplemented
        arrays = ("contexts", "starts", "tokens", "counts")
        return (
            self.vocabulary_size == other.vocabulary_size
            and self.unknown == other.unknown
            and _tokens_of(self) == _tokens_of(other)
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays)
        )

    __hash__ = None  # type: ignore[assignment]

    def _with(self, windows: np.ndarray, counts: np.ndarray, **changes: object) -> "ContextCounts":
        about = {
            "block_size": self.block_size,
            "vocabulary": self.vocabulary or self.vocabulary_size,
            "unknown": self.unknown,
            "remarks": self.remarks,
            **changes,
        }
        return ContextCounts.of_windows(windows, counts, **about)  # type: ignore[arg-type]

    def _own_vocabulary(self) -> Vocabulary:
        if self.vocabulary is None:
            raise OptionError(
                "this table has numbers and does not know the tokens they stand for, so it can't "
                "be put together with one of a vocabulary"
            )
        return self.vocabulary

    def _without_tokens_that_are_gone(self, before: "ContextCounts") -> "ContextCounts":
        """Less those tokens that `before` had and that came nowhere but in what was taken away."""
        if self.vocabulary is None:
            return self
        gone = set(before.tokens.tolist()) - set(self.tokens.tolist())
        if not gone:
            return self
        tokens = [t for number, t in enumerate(self.vocabulary.tokens, 1) if number not in gone]
        return self.numbered(Vocabulary(tokens, self.vocabulary.kind))

    def _count_of(self, window: int) -> float:
        return float(self.counts[self.windows == window].sum())

    def _refuse(self, window: int, counts: tuple[float, float]) -> None:
        """Say which count would be below zero."""
        (*context, token) = (
            int(digit[0])
            for digit in digits_of(np.array([window]), self.block_size + 1, self.vocabulary_size)
        )
        names = ["the end", *_tokens_of(self)]
        if self.vocabulary is not None:
            names[1:] = map(repr, names[1:])
        before = " ".join(names[number] for number in context if number)
        where = f"after {before}" if before else "at the start of an item"
        here, there = (f"{count:,.15g} time{'s' * (count != 1)}" for count in counts)
        raise DataError(
            f"{where}, {names[token]} came {here} in this table, and {there} can't be taken away"
        )

    # ---- into a file and back

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table into a file; see `load`. ModelFileError if it can't be done."""
        write_file(path, {"file": "counts", **self.about()}, self.arrays())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The table in a file. ModelFileError if there is none in it.

        >>> from tempfile import TemporaryDirectory
        >>> from moreish import count
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
        check_block_size(block_size, size)
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


def _tokens_of(table: ContextCounts) -> tuple[str, ...]:
    """The tokens, or their numbers where they are not known."""
    if table.vocabulary is None:
        return tuple(f"token {number}" for number in range(1, table.vocabulary_size))
    return table.vocabulary.tokens


def _alike(one: ContextCounts, two: ContextCounts) -> tuple[ContextCounts, ContextCounts]:
    """Two tables with the same numbers for the same tokens. OptionError if that can't be."""
    if one.block_size != two.block_size:
        few, many = sorted((one.block_size, two.block_size))
        raise OptionError(
            f"one table has contexts of {one.block_size} tokens and the other of "
            f"{two.block_size}: take .shorter({few}) of that of {many}"
        )
    if one.vocabulary is None and two.vocabulary is None:
        if one.vocabulary_size != two.vocabulary_size:
            raise OptionError(
                f"one table has {one.vocabulary_size:,} different tokens and the other "
                f"{two.vocabulary_size:,}, and which are the same is not known"
            )
        return one, two
    ours, theirs = one._own_vocabulary(), two._own_vocabulary()
    if (ours.tokens, ours.kind) == (theirs.tokens, theirs.kind):
        return one, two
    joined = Vocabulary(sorted({*ours.tokens, *theirs.tokens}), ours.kind)
    return one.numbered(joined), two.numbered(joined)


def count_contexts(
    tokens: np.ndarray,
    block_size: int,
    vocabulary_size: int,
    weights: np.ndarray | None = None,
    vocabulary: Vocabulary | None = None,
) -> ContextCounts:
    """(N,) tokens with a 0 after each item, (items,) how much each counts → the table.

    A token of number V is unknown.

    >>> table = count_contexts(np.array([1, 2, 0, 1, 0]), block_size=1, vocabulary_size=3)
    >>> table.contexts.tolist(), table.dense().tolist()
    ([[0], [1], [2]], [[0.0, 2.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    """
    check_block_size(block_size, vocabulary_size)
    known = tokens < vocabulary_size
    seen = np.where(known, tokens, BOUNDARY)
    windows = context_windows(seen, block_size, vocabulary_size) * vocabulary_size + tokens
    each = np.ones(len(tokens), dtype=np.int64)
    if weights is not None:
        each = np.repeat(weights, item_sizes(tokens))
    windows, counts = add_up(windows[known].astype(np.int64), each[known])
    whose = vocabulary or vocabulary_size
    return ContextCounts.of_windows(windows, counts, block_size, whose, each[~known].sum())


def count_items(items: Items, vocabulary: Vocabulary, block_size: int) -> ContextCounts:
    """The table of N items, each counted as often as it came.

    >>> from moreish.text import read_items
    >>> count_items(read_items(["ab", "ab", "b"]), Vocabulary("ab"), block_size=1).total
    8.0
    """
    tokens = vocabulary.encode(items.texts)
    return count_contexts(tokens, block_size, len(vocabulary), items.counts, vocabulary)
