"""The table of counts: each distinct context, and how often each token came next.

For a model that looks back T tokens this table is a sufficient statistic: a loss over it is the
loss over the whole list, and costs what the list contains, not how long it is. A context reaches
back to the start of its item and is filled up with boundary marks; nothing is seen across items.

Tables add up: that of two lists is the sum of theirs, to the last count, and one of long contexts
contains that of shorter ones.
"""

from dataclasses import replace

import numpy as np

from ..errors import DataError, OptionError
from .context_table import MOST, WINDOWS, ContextTable
from .items import whole_numbers
from .ngram_keys import add_up, check_block_size, digits_of, renumbered
from .vocabulary import BOUNDARY, Vocabulary

ROUNDING = 1e-9  # of sums of weights that are no whole numbers, as a share


class ContextCounts(ContextTable):
    """C distinct contexts of T tokens and what followed, which add up; see `ContextTable`.

    Tables of equal T are added and taken away from each other, those of different vocabularies by
    joining them, and multiplied by numbers: a line may count as any number of lines.

    >>> from moreish import count
    >>> some, more = count(["anna", "ann"], block_size=2), count(["nan"], block_size=2)
    >>> some + more == count(["anna", "nan", "ann"], block_size=2), (some + more) - more == some
    (True, True)
    >>> (2 * some).total, some.shorter(1) == count(["anna", "ann"], block_size=1)
    (18.0, True)
    """

    def shorter(self, block_size: int) -> "ContextCounts":
        """The table of contexts of fewer tokens: that of the same list, exactly.

        OptionError where these contexts have fewer.
        """
        if not 0 <= block_size <= self.block_size:
            raise OptionError(
                f"a table of contexts of {self.block_size} tokens contains those of 0 to "
                f"{self.block_size}, not of {block_size}"
            )
        table = self.of_pairs(
            self.contexts[:, self.block_size - block_size :],
            self.rows,
            self.tokens,
            self.counts,
            self.vocabulary or self.vocabulary_size,
            self.unknown,
        )
        return replace(table, remarks=self.remarks)

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
        size, unknown_number = len(vocabulary), vocabulary.unknown
        check_block_size(self.block_size, size, WINDOWS)
        named = (vocabulary.numbers.get(token, unknown_number) for token in own.names)
        numbers = np.array([BOUNDARY, *named])
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
        return self.numbered(self.vocabulary.of_tokens(tokens))

    def _count_of(self, window: int) -> float:
        return float(self.counts[self.windows == window].sum())

    def _refuse(self, window: int, counts: tuple[float, float]) -> None:
        """Say which count would be below zero."""
        (*context, token) = (
            int(digit[0])
            for digit in digits_of(np.array([window]), self.block_size + 1, self.vocabulary_size)
        )
        names = ["the end", *self.names]
        if self.vocabulary is not None:
            names[1:] = map(repr, names[1:])
        before = " ".join(names[number] for number in context if number)
        where = f"after {before}" if before else "at the start of an item"
        here, there = (f"{count:,.15g} time{'s' * (count != 1)}" for count in counts)
        raise DataError(
            f"{where}, {names[token]} came {here} in this table, and {there} can't be taken away"
        )


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
    if (ours.names, ours.kind) == (theirs.names, theirs.kind):
        return one, two
    widest = theirs if theirs.has_unknown else ours
    joined = widest.of_tokens(sorted({*ours.tokens, *theirs.tokens}))
    return one.numbered(joined), two.numbered(joined)
