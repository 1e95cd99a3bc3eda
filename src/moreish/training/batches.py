"""What a step looks at: contexts drawn from the table, all of the table, or drawn positions.

All have the gradient of the whole list as their expectation. Only ratios of counts are
used, so a list repeated a hundred times gives the same batches to the bit, whole-numbered counts
provided.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np

from ..engine.generator import Generator
from ..errors import OptionError
from ..models import Learnt
from ..models.base import contexts_at_once
from ..text import ContextCounts, Corpus, Positions, gather_rows
from ..torch import Tensor, as_tensor
from .settings import Settings

GOLDEN = (math.sqrt(5) - 1) / 2
PASS = 1_000_003  # how far the seeds of two passes are apart
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

    def next(self, step: int) -> Iterator[Batch]:
        """The parts of the batch of a step, whose gradients add up."""


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

    def next(self, step: int) -> Iterator[Batch]:
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

    def next(self, step: int) -> Iterator[Batch]:
        """The table in parts, always the same."""
        return self._parts() if self.kept is None else iter(self.kept)

    def _parts(self) -> Iterator[Batch]:
        for first in range(0, len(self.counts), self.at_once):
            rows = np.arange(first, min(first + self.at_once, len(self.counts)))
            shares = shares_of(self.counts, self.totals, rows)
            yield Batch(self.counts.contexts[rows], shares, self.weights[rows])


class DrawnPositions:
    """Passes over the list as it stands: each place once in a pass, in an order of its own.

    The order is that of the multiples of a number modulo the length of the list. So a batch has
    places from all over the list, and nothing but the step says where a training is.
    """

    def __init__(self, positions: Positions, size: int, generator: Generator) -> None:
        self.positions = positions
        self.size = size
        self.generator = generator
        self.length = max(round(positions.total), 1)

    def next(self, step: int) -> Iterator[Batch]:
        """The batch of a step, from 0 on."""
        numbers = np.arange(step * self.size, (step + 1) * self.size)
        passes, numbers = np.divmod(numbers, self.length)
        for number in np.unique(passes).tolist():
            own = passes == number
            stride, start = self._order(number)
            numbers[own] = (numbers[own] * stride + start) % self.length
        yield self._batch(numbers * (self.positions.total / self.length))

    def _order(self, number: int) -> tuple[int, int]:
        """The number whose multiples are the order of a pass, near the golden section of the length
        as these spread best, and where it starts."""
        generator = Generator().manual_seed(
            (self.generator.initial_seed() + PASS * (number + 1)) % 2**63
        )
        start, away = (int(generator.randint(0, self.length, (1,))[0]) for _ in range(2))
        stride = round(self.length * GOLDEN) + away // 10
        while math.gcd(stride, self.length) > 1:
            stride += 1
        return stride, start

    def _batch(self, numbers: np.ndarray) -> Batch:
        places = self.positions.places(numbers)
        return Batch(self.positions.contexts(places), self.positions.tokens[places])


class DrawnExamples(DrawnPositions):
    """Rows of the list drawn with replacement, as the makemore course draws them.

    A list is kept as distinct items and how often each came, in order of first appearance; so
    draws are the very same for the same seed where no line repeats another. OptionError where an
    item came a fraction of a time.
    """

    def __init__(self, positions: Positions, size: int, generator: Generator) -> None:
        if (positions.times != positions.times.astype(np.int64)).any():
            raise OptionError(
                "the course's recipe draws whole lines, and some weights of this list are no "
                "whole numbers: leave out --recipe course"
            )
        super().__init__(positions, size, generator)

    def next(self, step: int) -> Iterator[Batch]:
        """B rows, each as likely as any other."""
        yield self._batch(self.generator.randint(0, int(self.positions.total), self.size))


def batches_of(corpus: Corpus, model: Learnt, settings: Settings, generator: Generator) -> Batches:
    """What a training looks at. OptionError for settings that don't go with what there is."""
    size = settings.batch_size
    if isinstance(corpus, Positions):
        kind = DrawnExamples if settings.recipe == "course" else DrawnPositions
        return kind(corpus, int(size), generator)
    if settings.recipe == "course":
        raise OptionError("the course's recipe draws examples, and a table of counts has none")
    if isinstance(size, str) or size >= len(corpus):
        return WholeTable(corpus, contexts_at_once(model))
    return DrawnContexts(corpus, size, generator)
