"""How an n-gram model shares out probability: less than was counted to what was seen, and the rest.

Each method gives the pairs of a context and a token their shares, and each context the rest that
it passes on to the context that is one token shorter, and the shortest to all tokens alike:

    p(token | context) = share(context, token) + rest(context) p(token | shorter context)

A method sees the counts of all lengths. Where a list has weights, what is counted (with weights)
says how likely things are, and how many distinct items speak for it says how far to trust that.

Sources: S. Chen, J. Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling",
Computer Speech and Language 13 (1999) 359-394; I. Witten, T. Bell, "The Zero-Frequency Problem",
IEEE Transactions on Information Theory 37 (1991) 1085-1094.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..errors import OptionError
from ..storage.validation import ROUNDING, check_sums, checked_fractions, checked_whole
from ..text import find_in_rows
from ..text.short_repr import brief
from ..text.sorted_arrays import find
from .ngram_counts import Level, check_rows

MOST = 1e15  # that can be added to a count: as much as a line can weigh
UNKNOWN_DISCOUNTS = (0.5, 1.0, 1.5)  # KenLM's, where it is told to fall back


def added(smoothing: float | str) -> float:
    """A number that is added to each count; OptionError if it is none.

    >>> added(1)
    1.0
    """
    if isinstance(smoothing, str) or not 0 <= smoothing <= MOST:
        raise OptionError(
            f"smoothing is added to each count: 0 or more, got {smoothing} (at most {MOST:g})"
        )
    return float(smoothing)


@dataclass(frozen=True)
class Shares:
    """What the contexts of one length do with their probability."""

    __repr__ = brief

    keys: np.ndarray  # (C,) int64, rising
    starts: np.ndarray  # (C + 1,) intp
    tokens: np.ndarray  # (P,) intp
    shares: np.ndarray  # (P,) float64
    rest: np.ndarray | None  # (C,) float64; None where weights that were learnt say it

    @property
    def keys_of_each(self) -> np.ndarray:
        """(P,) int64: the context of each token."""
        return np.repeat(self.keys, np.diff(self.starts))

    @classmethod
    def stored(
        cls, arrays: Mapping[str, np.ndarray], length: int, vocabulary_size: int
    ) -> "Shares":
        """Those of contexts of `length` tokens out of a file; ValueError where they can't be."""
        of = {name: f"{name}.{length}" for name in ("keys", "starts", "tokens", "shares", "rest")}
        count, end = arrays[of["tokens"]].size, vocabulary_size**length
        keys = checked_whole(of["keys"], arrays[of["keys"]], (None,), end=end, rises=True)
        starts = checked_whole(of["starts"], arrays[of["starts"]], (len(keys) + 1,), end=count + 1)
        tokens = checked_whole(of["tokens"], arrays[of["tokens"]], (count,), end=vocabulary_size)
        check_rows(f"the table of contexts of {length} tokens", starts, tokens, vocabulary_size)
        least, most = -ROUNDING, 1 + ROUNDING
        shares = checked_fractions(
            of["shares"], arrays[of["shares"]], (count,), least=least, most=most
        )
        rest = arrays.get(of["rest"])
        if rest is not None:
            rest = checked_fractions(of["rest"], rest, (len(keys),), least=least, most=most)
        return cls(keys, starts.astype(np.intp), tokens.astype(np.intp), shares, rest)

    def check_sums(self, length: int) -> None:
        """ValueError where what a context shares out and its rest are not 1 together."""
        rows = np.repeat(np.arange(len(self.keys)), np.diff(self.starts))
        sums = np.bincount(rows, self.shares, len(self.keys))
        rest = 0 if self.rest is None else self.rest
        check_sums(f"the table of contexts of {length} tokens", sums + rest)


def chances_of(
    levels: Sequence[Shares], keys: np.ndarray, tokens: np.ndarray, vocabulary_size: int
) -> np.ndarray:
    """(G,) contexts of the longest length as numbers, and (G,) what follows → (G,) its probability.

    Of levels that have rests.
    """
    chances = np.full(len(keys), 1 / vocabulary_size)
    for length, own in enumerate(levels):
        which, places = find(own.keys, keys % vocabulary_size**length)
        assert own.rest is not None
        chances[which] *= own.rest[places]
        came, entries = find_in_rows(own.starts, own.tokens, places, tokens[which])
        chances[which[came]] += own.shares[entries]
    return chances


def add_k(levels: list[Level], k: float) -> list[Shares]:
    """(count + k) / (total + k V), of contexts that are as long as they can be; no others help."""
    result = []
    for level in levels:
        is_whole = level.at_start | (level.length == len(levels) - 1)
        totals = level.sums(level.counts) + k * level.vocabulary_size
        shares = level.counts / totals[level.rows]
        result.append(_chosen(level, shares, k * level.vocabulary_size / totals, is_whole))
    return result


def witten_bell(levels: list[Level]) -> list[Shares]:
    """The rest is the chance of something new: as often as there was a first time.

    Of the n tokens that came after a context, k different ones, k came for the first time: so k
    in n + k is for what did not come yet.
    """
    result = []
    for level in levels:
        different = np.diff(level.starts)
        rest = different / (level.sums(level.times) + different)
        shares = (1 - rest)[level.rows] * level.counts / level.sums(level.counts)[level.rows]
        result.append(_chosen(level, shares, rest))
    return result


def relative(levels: list[Level]) -> list[Shares]:
    """The relative frequencies, which deleted interpolation weighs."""
    return [
        _chosen(level, level.counts / level.sums(level.counts)[level.rows], None)
        for level in levels
    ]


def kneser_ney(levels: list[Level]) -> list[Shares]:
    """Modified Kneser-Ney: three discounts for each length, and shorter contexts by their variety.

    From each count a discount is taken, another for 1, 2, and 3 or more.
    """
    levels = varied(levels)
    return discounted(levels, [discounts(times_of(level.times)) for level in levels])


def varied(levels: list[Level]) -> list[Level]:
    """The same, but of a shorter context does not count how often a token followed it, but after
    how many different tokens it did so.

    The contexts of an item's start are counted as they are: nothing stands before them.
    """
    result = []
    for level, longer in pairwise(levels):
        shorter = longer.keys % level.vocabulary_size**level.length
        _, places = level.find(shorter[longer.rows], longer.tokens)
        variety = np.bincount(places, minlength=len(level.pairs)).astype(np.float64)
        at_start = level.at_start[level.rows]
        counts, times = (np.where(at_start, o, variety) for o in (level.counts, level.times))
        result.append(replace(level, counts=counts, times=times))
    return [*result, levels[-1]]


def discounted(levels: list[Level], three: Sequence[np.ndarray]) -> list[Shares]:
    """Shares and rests after discounts, for each length (3,), or (P, 3) for each pair its own."""
    result = []
    for level, own in zip(levels, three, strict=True):
        taken = _taken(level.times, own) / level.times  # as a share
        totals = level.sums(level.counts)
        shares = level.counts * (1 - taken) / totals[level.rows]
        result.append(_chosen(level, shares, level.sums(level.counts * taken) / totals))
    return result


def times_of(times: np.ndarray, groups: np.ndarray | None = None, count: int = 1) -> np.ndarray:
    """(P,) how often things came → (5,) how many came 0, 1, 2, 3 and 4 times; with (P,) groups
    below `count` → (count, 5).

    One between two whole numbers is taken for either, as much as makes it right on average.

    >>> times_of(np.array([1.0, 1, 2.5, 9])).tolist()
    [0.0, 2.0, 0.5, 0.5, 0.0]
    """
    below = np.minimum(np.floor(times), 5).astype(np.intp)
    above = times - np.floor(times)
    first = 0 if groups is None else 7 * groups
    sizes = sum(
        np.bincount(first + number, share, minlength=7 * count)
        for number, share in ((below, 1 - above), (below + 1, above))
    )
    table: np.ndarray = np.reshape(sizes, (count, 7))[:, :5]
    return table[0] if groups is None else table


def discounts(sizes: np.ndarray) -> np.ndarray:
    """(..., 5) how many things came 0, 1, 2, 3, 4 times → (..., 3) what to take from a count of
    1, of 2, and of 3 or more.

    Chen and Goodman's estimate from n1 to n4. Lists of few items or few tokens break it: one of the
    four is 0, or a discount is not between 0 and its count. Then the one discount n1 / (n1 + 2 n2)
    of Ney, Essen and Kneser is taken from each of the times a thing came, with n2 at least 1. Where
    nothing came once, the discounts are those that KenLM falls back to.

    Source: H. Ney, U. Essen, R. Kneser, "On Structuring Probabilistic Dependences in Stochastic
    Language Modelling", Computer Speech and Language 8 (1994) 1-38, for the one discount.

    >>> discounts(np.array([0.0, 40, 20, 12, 8])).round(3).tolist()
    [0.5, 1.1, 1.667]
    >>> discounts(np.array([[0.0, 2, 1, 0, 0], [0, 0, 0, 0, 0]])).tolist()
    [[0.5, 1.0, 1.5], [0.5, 1.0, 1.5]]
    """
    n1, n2, n3, n4 = np.moveaxis(sizes[..., 1:], -1, 0)
    counts = np.array([1.0, 2, 3])
    with np.errstate(divide="ignore", invalid="ignore"):
        one = n1 / (n1 + 2 * np.maximum(n2, 1))
        three = np.stack(
            [1 - 2 * one * n2 / n1, 2 - 3 * one * n3 / n2, 3 - 4 * one * n4 / n3], axis=-1
        )
        fits = (sizes[..., 1:, None] > 0).all(axis=-2)
        fits = fits & ((three > 0) & (three <= counts)).all(axis=-1, keepdims=True)
        three = np.where(fits, three, one[..., None] * counts)
    result: np.ndarray = np.where(sizes[..., 1:2] > 0, three, UNKNOWN_DISCOUNTS)
    return result


def _taken(times: np.ndarray, three: np.ndarray) -> np.ndarray:
    """(P,) what is taken from each, on straight lines between whole counts."""
    one, two, many = np.moveaxis(three, -1, 0)
    steps = (one, two - one, many - two)
    taken: np.ndarray = sum(step * (times - n).clip(0, 1) for n, step in enumerate(steps))
    return taken


def _chosen(
    level: Level, shares: np.ndarray, rest: np.ndarray | None, which: np.ndarray | None = None
) -> Shares:
    """The contexts of a level, or some of them, with their shares."""
    if which is None:
        return Shares(level.keys, level.starts, level.tokens, shares, rest)
    sizes = np.diff(level.starts)[which]
    starts = np.append(0, np.cumsum(sizes)).astype(np.intp)
    pairs = which[level.rows]
    rest = None if rest is None else rest[which]
    return Shares(level.keys[which], starts, level.tokens[pairs], shares[pairs], rest)
