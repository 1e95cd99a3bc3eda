"""How surprising an item is, token by token, and how that compares with items known to belong.

Surprise is in nats: minus the log-probability. Items that a model was made from are judged as by
the model of the list without them, where it is counted and not trained (leave-one-out).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np

from ..errors import DataError, OptionError
from ..models import LanguageModel
from ..models.base import contexts_at_once
from ..models.leave_one_out import WholeList
from ..text import Vocabulary, contexts_of, item_sizes
from ..text.short_repr import brief

__all__ = ["Ranking", "Scores", "item_nats", "nats_without", "token_nats"]

ROUNDING = 1e-9
TIE = 9  # digits in which items must differ for one to be more surprising


@dataclass(frozen=True)
class Scores:
    """How N items compare."""

    __repr__ = brief

    nats: np.ndarray  # (N,) of the whole item, its end included
    tokens: np.ndarray  # (N,) the end included
    percentile: np.ndarray | None  # (N,) see `Ranking`; None where nothing was held out
    as_if_new: np.ndarray  # (N,) bool: was trained on, and is scored as though it had not been
    in_part: np.ndarray  # (N,) bool: the same, but for what a trained part of the model learnt
    flagged: np.ndarray | None = None  # (N,) bool: does not belong, at the rate that was asked for

    @property
    def nats_per_token(self) -> np.ndarray:
        """(N,) the mean surprise of a token of the item, in nats."""
        return self.nats / self.tokens


def token_nats(model: LanguageModel, tokens: np.ndarray, unknown: float) -> np.ndarray:
    """The tokens of items, a 0 after each → (M,) nats of every token and end. A token that the
    vocabulary does not have costs `unknown` nats, and what follows it is judged as at the start of
    an item.

    >>> from moreish.models.bigram import Bigram
    >>> tokens = Vocabulary("ab").encode(["ab", "x"])
    >>> token_nats(Bigram(3), tokens, unknown=20.0).round(2)  # not fitted: each is as likely
    array([ 1.1,  1.1,  1.1, 20. ,  1.1])
    """
    contexts = contexts_of(tokens, model.block_size, model.vocabulary_size)
    nats = np.full(len(tokens), unknown, dtype=np.float64)
    known = tokens != model.vocabulary_size
    nats[known] = -model.log_probs_of(contexts[known], tokens[known])
    nats += 0.0  # no minus zero
    return nats


def item_nats(
    model: LanguageModel, tokens: np.ndarray, unknown: float
) -> tuple[np.ndarray, np.ndarray]:
    """The tokens of N items, a 0 after each → (N,) nats of each whole item, its end included, and
    (N,) its tokens.

    >>> from moreish.models.bigram import Bigram
    >>> item_nats(Bigram(3), Vocabulary("ab").encode(["ab", "x"]), unknown=20.0)[0].round(2)
    array([ 3.3, 21.1])
    """
    nats, sizes = token_nats(model, tokens, unknown), item_sizes(tokens)
    if not len(sizes):
        return np.zeros(0), sizes
    return np.add.reduceat(nats, np.cumsum(sizes) - sizes), sizes


def nats_without(
    model: LanguageModel,
    whole: WholeList,
    vocabulary: Vocabulary,
    texts: Sequence[str],
    counts: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """N items of the list that a model was made from, and (N,) how often each came → (M,) nats of
    every token as though that item had not been in the list, and (N,) how many each item has.

    >>> from moreish.models.bigram import Bigram
    >>> from moreish.text import count_contexts
    >>> vocabulary, table = Vocabulary("ab"), count_contexts(np.array([1, 0, 2, 0]), 1, 3)
    >>> model = Bigram(3, smoothing=1.0).fit(table)
    >>> nats_without(model, WholeList(table), vocabulary, ["a"], np.array([1]))[0].round(2)
    array([1.39, 1.1 ])
    """
    sizes = np.array([len(vocabulary.split(text)) + 1 for text in texts], dtype=np.intp)
    ends = np.cumsum(sizes)
    parts, first = [np.zeros(0)], 0
    while first < len(texts):
        reached = ends[first] - sizes[first] + contexts_at_once(model)
        last = max(int(np.searchsorted(ends, reached, side="right")), first + 1)
        last = min(last, first + whole.most_items)
        left = whole.without(vocabulary.encode(texts[first:last]), counts[first:last])
        parts.append(-model.log_probs_without(left) + 0.0)
        first = last
    return np.concatenate(parts), sizes


class Ranking:
    """Items known to belong, (D,) their nats and tokens, by length.

    An item is ranked among those of its length. Where those are few, those of the nearest lengths
    help until there are enough: each is taken as so much more or less surprising than items of its
    length mostly are. That is a straight line, through zero where there are few items at all, with
    a spread that grows as the root of the length. DataError for nats that are no numbers.

    >>> ranking = Ranking(np.array([5.0, 10.0, 15.0, 36.0]), np.array([5, 5, 5, 9]))
    >>> ranking.percentiles(np.array([5.0, 12.5]), np.array([5, 5]), least=3).round(1)
    array([100. ,  33.3])
    """

    LEAST = 100  # of how many, where there are as many

    def __init__(self, nats: np.ndarray, tokens: np.ndarray) -> None:
        self.tokens = tokens
        self._start, self._slope = _line(tokens, nats, through_zero=len(nats) < self.LEAST)
        self._excess = self._beyond(nats, tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    def _beyond(self, nats: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(N,) how much more surprising items are than those of their length mostly are."""
        if np.isnan(nats).any():
            raise DataError(
                "the model gives an item a probability that is no number, so it can't be ranked: "
                "make the model again from its list"
            )
        excess: np.ndarray = (nats - (self._start + self._slope * tokens)) / np.sqrt(tokens)
        return excess.round(TIE)

    def _places(
        self, excess: np.ndarray, tokens: np.ndarray, least: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """(N,) how many are as surprising or more, and (N,) of how many."""
        above, among = np.zeros(len(tokens)), np.zeros(len(tokens))
        small = tokens.astype(np.min_scalar_type(int(tokens.max(initial=0))))  # quicker to sort
        order, sizes = np.argsort(small, kind="stable"), np.bincount(tokens)
        ends = np.cumsum(sizes)
        for length in np.flatnonzero(sizes).tolist():
            own = order[ends[length] - sizes[length] : ends[length]]
            away = np.abs(self.tokens - length)
            enough = np.partition(away, least - 1)[least - 1] if least < len(self) else away.max()
            ranked = np.sort(self._excess[away <= enough])
            among[own] = len(ranked)
            above[own] = len(ranked) - np.searchsorted(ranked, excess[own], side="left")
        return above, among

    def percentiles(self, nats: np.ndarray, tokens: np.ndarray, least: int = LEAST) -> np.ndarray:
        """(N,) nats and tokens of items → (N,) percent of those known to belong that are as
        surprising or more: 50 is typical, 0 is like none of them. DataError for nats that are no
        numbers."""
        above, among = self._places(self._beyond(nats, tokens), tokens, least)
        return 100 * above / among

    def flags(self, nats: np.ndarray, tokens: np.ndarray, rate: float) -> np.ndarray:
        """(N,) nats and tokens of items → (N,) bool: more surprising than all but a share of `rate`
        of the items that belong.

        An item is ranked for its length, and that rank among those that the items that belong have
        themselves: so the rate is kept where lengths differ in more than a line, too. OptionError
        for a rate that can't be told from so few items, DataError for nats that are no numbers.

        Source: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", 2005
        (conformal prediction: an item's rank among those known to belong is as likely as another).

        >>> ranking = Ranking(np.arange(99.0), np.full(99, 5))
        >>> ranking.flags(np.array([98.5, 97.5, 50.0]), np.full(3, 5), rate=0.01).tolist()
        [True, False, False]
        """
        if not isinstance(rate, Real) or not 0 < rate < 1:
            raise OptionError(f"the flag rate is a share between 0 and 1, as 0.01; got {rate!r}")
        most = rate * (len(self) + 1) + ROUNDING  # how many are flagged
        if most < 1:
            least = 1 / (len(self) + 1)
            digits = 2 - math.floor(math.log10(least))
            least = math.ceil(least * 10**digits - ROUNDING) / 10**digits
            raise OptionError(
                f"a flag rate of {rate:g} can't be told from {len(self):,} held-out items: "
                f"{least:.3g} or more is wanted, or a longer list"
            )
        least = max(self.LEAST, math.ceil(10 / rate))  # so many that the rate is met well
        above, among = self._places(self._excess, self.tokens, least)
        known = np.sort(above / among)  # each is among them itself
        above, among = self._places(self._beyond(nats, tokens), tokens, least)
        below = np.searchsorted(known, (1 + above) / (among + 1), side="right")
        flags: np.ndarray = 1 + below <= most
        return flags


def _line(tokens: np.ndarray, nats: np.ndarray, through_zero: bool) -> tuple[float, float]:
    """Where the line of nats over tokens starts, and its slope; the spread grows as the root."""
    known = np.isfinite(nats)
    x, y = tokens[known].astype(np.float64), nats[known]
    if not len(x) or x.min() == x.max() or through_zero:
        return 0.0, float(y.sum() / max(x.sum(), 1))
    slope, start = np.polyfit(x, y, 1, w=x**-0.5)
    return float(start), float(slope)
