"""How far a loss can be trusted, which of two models is better, and what a loss says about a model.

Items are the unit: they are drawn anew from those that were judged, again and again, and whatever
varies with the draw is not to be trusted (the bootstrap). Two models are compared on the same
draws, since what is hard for one is mostly hard for the other. This module knows sums of nats and
tokens, no model and no text.

Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..engine.generator import Generator

__all__ = ["Interval", "Verdict", "difference", "interval", "share_interval", "verdict"]

DRAWS = 1_000
GROUPS = 2_000  # items are drawn in at most so many groups, put together at random
LEVEL = 0.95
Z = 1.959964  # as many standard deviations from the middle of a normal distribution, at 95 %

APART = 0.05  # dev over train, as a share of dev: from here on a model overfits
EQUAL = 0.005  # nearer than that no share is told
TOGETHER = 0.02  # up to here dev and train are about the same, and a model underfits
FALLING = 0.002  # of the dev loss, over the last tenth of the training


class Interval(NamedTuple):
    """From where to where, at 95 %."""

    low: float
    high: float


def interval(nats: np.ndarray, tokens: np.ndarray, seed: int = 1) -> Interval:
    """(N,) nats and (N,) tokens of N items → the interval of their nats per token.

    >>> low, high = interval(np.array([2.0, 6.0] * 50), np.array([1.0, 3.0] * 50))
    >>> round(low, 9), round(high, 9)  # every token costs the same
    (2.0, 2.0)
    """
    if not np.isfinite(nats).all():  # something was impossible, and costs without end
        return Interval(math.inf, math.inf)
    if len(nats) < 2:  # one item says nothing of how items vary
        return Interval(math.nan, math.nan)
    sums, lengths = _redrawn(nats, tokens, seed)
    return _middle(sums / lengths)


def sample_interval(nats: np.ndarray, tokens: np.ndarray, share: float, loss: float) -> Interval:
    """(N,) nats and tokens of a sample → the interval of all items, in nats per token.

    The sample is this share of all items, and `loss` is theirs. The interval is around it, and as
    narrow as that of all the items would be.

    >>> low, high = sample_interval(np.array([2.0, 6.0] * 50), np.array([1.0, 3.0] * 50), 0.25, 2.1)
    >>> round(low, 9), round(high, 9)
    (2.1, 2.1)
    """
    own = float(nats.sum() / tokens.sum())
    low, high = (loss + (bound - own) * math.sqrt(share) for bound in interval(nats, tokens))
    return Interval(low, high)


def difference(nats: np.ndarray, others: np.ndarray, tokens: np.ndarray, seed: int = 1) -> Interval:
    """(N,) nats of one model, of another, and (N,) tokens of the same N items → the interval of
    the first one's nats per token less the other's: below 0, the first is better.

    >>> nats, tokens = np.array([2.0, 9.0, 4.0, 1.0] * 25), np.ones(100)
    >>> low, high = difference(nats, nats + 0.5, tokens)
    >>> round(low, 9), round(high, 9)  # what varies from item to item does not matter
    (-0.5, -0.5)
    """
    if len(nats) < 2:
        return Interval(math.nan, math.nan)
    more, lengths = _redrawn(nats - others, tokens, seed)
    return _middle(more / lengths)


def share_interval(count: int, total: int) -> Interval:
    """`count` of `total` → from where to where the share may be.

    Source: E. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    1927.

    >>> low, high = share_interval(30, 3_000)
    >>> round(low, 4), round(high, 4)
    (0.007, 0.0142)
    """
    share, spread = count / total, Z**2 / total
    middle = (share + spread / 2) / (1 + spread)
    width = math.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
    return Interval(max(middle - width, 0.0), min(middle + width, 1.0))


def _redrawn(nats: np.ndarray, tokens: np.ndarray, seed: int) -> np.ndarray:
    """(N,) nats and tokens of items → (2, draws) their sums over items that were drawn anew."""
    figures = np.stack([nats, tokens])[:, tokens > 0]
    generator = Generator().manual_seed(seed)
    count = figures.shape[1]
    groups = min(count, GROUPS)
    where = np.arange(count) if count == groups else generator.randint(0, groups, (count,))
    sums = np.stack([np.bincount(where, weights=row, minlength=groups) for row in figures])
    drawn = generator.randint(0, groups, (DRAWS, groups)) + groups * np.arange(DRAWS)[:, None]
    times = np.bincount(drawn.reshape(-1), minlength=DRAWS * groups).reshape(DRAWS, groups)
    result: np.ndarray = sums @ times.T.astype(np.float64)
    return result


def _middle(values: np.ndarray) -> Interval:
    edge = (1 - LEVEL) / 2
    return Interval(*np.quantile(values, [edge, 1 - edge]).tolist())


@dataclass(frozen=True)
class Verdict:
    """What the losses say of a model, in a word, and the sentence with the figures."""

    word: str  # "overfits", "underfits", "could train longer", "has not learnt", "fits", "unknown"
    sentence: str


def verdict(
    train: float,
    dev: float,
    curve: Sequence[tuple[int, float]] = (),
    *,
    as_if_new: float | None = None,
    free_choice: float = math.inf,
) -> Verdict:
    """The losses on train and dev, and (step, dev loss) as training went on → what they say.

    `as_if_new` is that on train with each item scored as if it had not been there, where that is
    known: then it says what is overfitted, since a model that counts has seen what it was shown.
    `free_choice` is the loss of a guess between all tokens.

    Losses in nats per token. A model whose dev loss was still falling could train longer; one that
    is far worse on dev than on train overfits; one that is about the same on both underfits, as it
    has not even learnt what it was shown.

    >>> verdict(2.1, 2.5).sentence
    'overfits: dev 2.500 is 19 % above train 2.100; it knows what it was shown better than the rest'
    >>> verdict(2.1, 2.11).word, verdict(2.1, 2.18).word
    ('underfits', 'fits')
    >>> verdict(2.1, 2.11, [(900, 2.2), (1000, 2.11)]).word
    'could train longer'
    """
    if dev == math.inf:
        return Verdict(
            "has not learnt",
            "finds some of dev impossible: a model with smoothing above 0 does not",
        )
    if dev > free_choice:
        return Verdict(
            "has not learnt",
            f"has not learnt: dev {dev:.3f} is above {free_choice:.3f}, a mere guess between all "
            f"tokens; a lower learning rate may help, and find-lr suggests one",
        )
    fell = _fell_at_the_end(curve)
    if fell > FALLING * dev:
        return Verdict(
            "could train longer",
            f"could train longer: dev fell by {fell:.3f} in the last tenth of the training",
        )
    above, figures = _beside(dev, train)
    if above < TOGETHER:
        more = " or a longer training" if curve else ""
        return Verdict("underfits", f"underfits: {figures}; a larger model{more} could learn more")
    if as_if_new is not None:
        above, figures = _beside(dev, as_if_new)
        figures += ", whose items are scored as if they had not been there"
    if above > APART:
        return Verdict(
            "overfits", f"overfits: {figures}; it knows what it was shown better than the rest"
        )
    return Verdict("fits", f"fits: {figures}")


def _beside(dev: float, train: float) -> tuple[float, str]:
    """How far dev is above train, as a share of train, and in words."""
    above = (dev - train) / train if train > 0 else math.inf
    if abs(above) < EQUAL:
        return above, f"dev {dev:.3f} and train {train:.3f} are practically equal"
    side = "above" if above >= 0 else "below"
    return above, f"dev {dev:.3f} is {100 * abs(above):.0f} % {side} train {train:.3f}"


def _fell_at_the_end(curve: Sequence[tuple[int, float]]) -> float:
    """By how much the dev loss fell in the last tenth, if it was best at the end."""
    if len(curve) < 2 or min(loss for _, loss in curve) < curve[-1][1]:
        return 0.0
    before = [loss for step, loss in curve if step <= 0.9 * curve[-1][0]]
    return before[-1] - curve[-1][1] if before else 0.0
