"""Bigram: the next token depends on the one before it, as often as was counted."""

from typing import ClassVar, Self

import numpy as np

from ..storage.validation import checked_amounts, checked_whole, no_others
from ..text import ContextCounts, Corpus, find_in_rows, gather_rows, row_sums, table_of
from ..text.sorted_arrays import find
from .base import Counted
from .leave_one_out import Without
from .ngram_counts import check_rows
from .smoothing import added


class Bigram(Counted):
    """p(next | before) = (count + k) / (total + k V), with `smoothing` k added to each count.

    With k = 0 what was never seen has probability 0, a log-probability of minus infinity. The
    counts stay sparse, so a large vocabulary costs what it contains.

    >>> from moreish.text import count_contexts
    >>> counts = count_contexts(np.array([1, 2, 0, 1, 0]), block_size=1, vocabulary_size=3)
    >>> model = Bigram(3, smoothing=0).fit(counts)
    >>> np.exp(model.next_log_probs(np.array([[0], [1]])))
    array([[0. , 1. , 0. ],
           [0.5, 0. , 0.5]])
    """

    name: ClassVar[str] = "bigram"
    option_names: ClassVar[tuple[str, ...]] = ("smoothing",)
    block_size = 1

    def __init__(self, vocabulary_size: int, *, smoothing: float = 0.5) -> None:
        self.vocabulary_size = vocabulary_size
        self.smoothing = added(smoothing)
        self._starts = np.zeros(vocabulary_size + 1, dtype=np.intp)
        self._tokens = np.zeros(0, dtype=np.intp)
        self._counts = np.zeros(0)
        self._totals = np.zeros(vocabulary_size)

    def fit(
        self,
        counts: Corpus,
        dev: Corpus | None = None,
        once: ContextCounts | None = None,
    ) -> Self:
        """Take over the counts of contexts of one token."""
        counts = table_of(counts)
        sizes = np.zeros(self.vocabulary_size, dtype=np.intp)
        sizes[counts.contexts[:, 0]] = np.diff(counts.starts)
        self._take(np.append(0, np.cumsum(sizes)), counts.tokens, counts.counts)
        return self

    def _take(self, starts: np.ndarray, tokens: np.ndarray, counts: np.ndarray) -> None:
        self._starts, self._tokens = starts.astype(np.intp), tokens.astype(np.intp)
        self._counts = counts
        self._totals = row_sums(self._starts, counts)

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, 1) contexts → (B, V) log-probabilities in nats.

        After a token that was never seen anything is as likely as anything else.
        """
        before = contexts[:, -1]
        table = np.full((len(before), self.vocabulary_size), self.smoothing)
        rows, places = gather_rows(self._starts, before)
        table[rows, self._tokens[places]] += self._counts[places]
        totals = self._totals[before] + self.smoothing * self.vocabulary_size
        table[totals == 0] = 1
        totals[totals == 0] = self.vocabulary_size
        with np.errstate(divide="ignore"):
            return np.log(table / totals[:, None])

    def log_probs_of(self, contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(N, 1) contexts and (N,) what followed → (N,) its log-probability in nats."""
        before = contexts[:, -1]
        counts = np.zeros(len(before))
        which, places = find_in_rows(self._starts, self._tokens, before, tokens)
        counts[which] = self._counts[places]
        return self._smoothed(counts, self._totals[before])

    def _smoothed(self, counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
        """(N,) how often tokens came, and (N,) what they came after → (N,) in nats."""
        counts = counts + self.smoothing
        totals = totals + self.smoothing * self.vocabulary_size
        counts[totals == 0], totals[totals == 0] = 1, self.vocabulary_size
        with np.errstate(divide="ignore"):
            log_probs: np.ndarray = np.log(counts / totals)
        return log_probs

    def log_probs_without(self, left: Without) -> np.ndarray:
        """(M,) the log-probabilities in nats of items' tokens, each from its list without it."""
        level = left.levels[1]
        counts, totals = np.zeros(len(left.tokens)), np.zeros(len(left.tokens))
        which, places = level.find(left.keys[1], left.tokens)
        counts[which] = level.counts[places]
        which, places = find(level.keys, left.keys[1])
        totals[which] = level.sums(level.counts)[places]
        return self._smoothed(counts, totals)

    def arrays(self) -> dict[str, np.ndarray]:
        """The counts, sparse."""
        return {"starts": self._starts, "tokens": self._tokens, "counts": self._counts}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over the counts that `arrays` gave."""
        no_others("the model", arrays, self.arrays())
        size, count = self.vocabulary_size, arrays["counts"].size
        starts = checked_whole("starts", arrays["starts"], (size + 1,), end=count + 1)
        tokens = checked_whole("tokens", arrays["tokens"], (count,), end=size)
        counts = checked_amounts("counts", arrays["counts"], (count,))
        check_rows("the table of counts", starts, tokens, size)
        self._take(starts, tokens, counts)

    @property
    def parameter_count(self) -> int:
        """A probability for each pair of tokens."""
        return self.vocabulary_size**2
