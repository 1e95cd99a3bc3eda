"""What a step looks at: contexts drawn from the table, all of the table, or drawn examples.

All three have the gradient of the whole list as their expectation. Only ratios of counts are
used, so a list repeated a hundred times gives the same batches to the bit, whole-numbered counts
provided.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from ..engine.generator import Generator
from ..errors import OptionError
from ..text import ContextCounts, contexts_of, gather_rows, item_sizes
from ..text.short_repr import brief
from ..torch import Tensor, as_tensor

KEPT = 16_777_216  # shares of the whole table that are worked out once and kept


class Batch(NamedTuple):
    """B contexts and what followed them."""

    contexts: np.ndarray  # (B, T)
    followed: np.ndarray  # (B, V) float32 shares of each token, or (B,) the tokens
    weights: np.ndarray | None = None  # (B,) float32 how much each counts; None: all the same

    def tensors(self) -> tuple[Tensor, ...]:
        """Those that there are, as Tensors: (B, T), (B, V) or (B,), and (B,)."""
        return tuple(as_tensor(array) for array in self if array is not None)


class Batches(Protocol):
    """Where batches come from."""

    def next(self) -> Iterator[Batch]:
        """The parts of the next batch, whose gradients add up."""


def in_smallest_numbers(counts: ContextCounts) -> ContextCounts:
    """The same table with whole counts divided by what divides them all; no loss changes.

    >>> from moreish.text import count_contexts
    >>> table = count_contexts(np.array([1, 0, 1, 0]), block_size=1, vocabulary_size=2)
    >>> table.counts.tolist(), in_smallest_numbers(table).counts.tolist()
    ([2, 2], [1, 1])
    """
    whole = counts.counts.dtype.kind in "iu" and float(counts.unknown).is_integer()
    divisor = int(np.gcd.reduce(counts.counts, initial=int(counts.unknown))) if whole else 1
    if divisor <= 1:
        return counts
    return replace(
        counts, counts=counts.counts // divisor, unknown=float(int(counts.unknown) // divisor)
    )


def shares_of(counts: ContextCounts, totals: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(B,) rows of the table → (B, V) float32: the share of each token among those that followed.

    >>> from moreish.text import count_contexts
    >>> table = count_contexts(np.array([1, 0, 1, 0, 0]), block_size=1, vocabulary_size=2)
    >>> shares_of(table, table.totals, np.array([1]))
    array([[1., 0.]], dtype=float32)
    """
    which, places = gather_rows(counts.starts, rows)
    shares = np.zeros((len(rows), counts.vocabulary_size), dtype=np.float32)
    shares[which, counts.tokens[places]] = counts.counts[places] / totals[rows][which]
    return shares


class DrawnContexts:
    """Contexts drawn as often as they come, each with the shares of what followed it."""

    def __init__(self, counts: ContextCounts, size: int, generator: Generator) -> None:
        self.counts = counts
        self.size = size
        self.totals = counts.totals
        self.reach = np.cumsum(self.totals) / self.totals.sum()
        self.generator = generator

    def next(self) -> Iterator[Batch]:
        """One draw from each of B equal parts of the list: the same expectation as B draws from
        all of it, and less variance.
        """
        draws = (np.arange(self.size) + self.generator.rand((self.size,))) / self.size
        rows = np.searchsorted(self.reach, draws).clip(max=len(self.counts) - 1)
        yield Batch(self.counts.contexts[rows], shares_of(self.counts, self.totals, rows))


class WholeTable:
    """Every context, with its share of the list: full batch, nothing is drawn."""

    def __init__(self, counts: ContextCounts, at_once: int) -> None:
        self.counts = counts
        self.at_once = at_once
        self.totals = counts.totals
        self.weights = (self.totals / self.totals.sum()).astype(np.float32)
        few = len(counts) * counts.vocabulary_size <= KEPT
        self.kept = list(self._parts()) if few else None

    def next(self) -> Iterator[Batch]:
        """The table in parts, always the same."""
        return self._parts() if self.kept is None else iter(self.kept)

    def _parts(self) -> Iterator[Batch]:
        for first in range(0, len(self.counts), self.at_once):
            rows = np.arange(first, min(first + self.at_once, len(self.counts)))
            shares = shares_of(self.counts, self.totals, rows)
            yield Batch(self.counts.contexts[rows], shares, self.weights[rows])


@dataclass(frozen=True)
class Examples:
    """The list as rows of context and next token, one for each token of each line.

    A list is kept as distinct items and how often each came, in order of first appearance; so
    lines that repeat an earlier one stand next to it. Draws among all rows are as likely as in
    the list as it was, and the very same for the same seed where no line repeats another.
    """

    __repr__ = brief

    contexts: np.ndarray  # (N, T) of the distinct items
    tokens: np.ndarray  # (N,) which followed
    firsts: np.ndarray  # (items,) the row at which each item begins
    lengths: np.ndarray  # (items,) tokens of each, its end included
    reach: np.ndarray  # (items,) rows up to its end, each item as often as it came

    @classmethod
    def of(cls, tokens: np.ndarray, weights: np.ndarray, block_size: int) -> "Examples":
        """(N,) tokens with a 0 after each item, (items,) how often each came → the rows.

        OptionError where an item came a fraction of a time.
        """
        counts = np.asarray(weights).astype(np.int64)
        if (counts != weights).any():
            raise OptionError(
                "the course's recipe draws whole lines, and some weights of this list are no "
                "whole numbers: leave out --recipe course"
            )
        lengths = item_sizes(tokens)
        return cls(
            contexts_of(tokens, block_size, unknown=-1),
            tokens,
            np.cumsum(lengths) - lengths,
            lengths,
            np.cumsum(lengths * counts),
        )

    def __len__(self) -> int:
        return int(self.reach[-1])

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """(B,) numbers of rows of the whole list → (B,) rows of `contexts` and `tokens`."""
        items = np.searchsorted(self.reach, numbers, side="right")
        return self.firsts[items] + (numbers - self.reach[items]) % self.lengths[items]


class DrawnExamples:
    """Rows of the list drawn with replacement, as the makemore course draws them."""

    def __init__(self, examples: Examples, size: int, generator: Generator) -> None:
        self.examples = examples
        self.size = size
        self.generator = generator

    def next(self) -> Iterator[Batch]:
        """B rows, each as likely as any other."""
        rows = self.examples.rows(self.generator.randint(0, len(self.examples), self.size))
        yield Batch(self.examples.contexts[rows], self.examples.tokens[rows])
