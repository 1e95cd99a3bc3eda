"""A learning-rate range test: rates from low to high, a step each, and what the losses say.

Source: L. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017. The sweep and its
curve are his; the rate is read off where the smoothed loss is lowest, as docs/notes.md measures.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..errors import DivergedError, OptionError
from ..text.short_repr import brief
from .run import Run

# Lowest and highest for each optimizer.
RANGES = {"sgd": (1e-3, 10.0), "momentum": (1e-4, 1.0), "adamw": (1e-4, 1.0)}
FEWEST, MOST = 20, 1_000_000  # points
HOPELESS = 4  # times the first loss; there the sweep ends


@dataclass(frozen=True)
class Sweep:
    """The curve of a range test: rates, the loss of the batch before each step, and advice."""

    __repr__ = brief

    rates: np.ndarray  # (N,) rising, evenly spaced exponents; fewer than asked for if it diverged
    losses: np.ndarray  # (N,) nats per token
    smoothed: np.ndarray  # (N,) the losses, averaged with their neighbours
    suggestion: float  # a learning rate
    reason: str  # why that one

    @property
    def lowest(self) -> float:
        """The first learning rate."""
        return float(self.rates[0])

    @property
    def highest(self) -> float:
        """The last learning rate that was tried."""
        return float(self.rates[-1])


def sweep(
    run: Run, *, lowest: float | None = None, highest: float | None = None, points: int = 1_000
) -> Sweep:
    """Move the model of a fresh run at `points` learning rates from low to high, a step each.

    The model is trained by that, and of no other use. OptionError for rates that are no range,
    DivergedError if the loss is no number before there is a curve.

    >>> from moreish.models.mlp import MLP
    >>> from moreish.text import count_contexts
    >>> table = count_contexts(np.array([1, 2, 0, 2, 1, 0]), block_size=2, vocabulary_size=3)
    >>> curve = sweep(Run(MLP(3, block_size=2).initialise(1), table), points=50)
    >>> len(curve.losses) <= 50, curve.lowest
    (True, 0.0001)
    """
    usual = RANGES[run.settings.optimizer]
    lowest = usual[0] if lowest is None else lowest
    highest = usual[1] if highest is None else highest
    if not 0 < lowest < highest < math.inf:
        raise OptionError(
            f"the rates must rise from more than 0 to the highest, got {lowest:g} to {highest:g}"
        )
    if not FEWEST <= points <= MOST:
        raise OptionError(f"a curve needs {FEWEST} points or more, {MOST:,} at most; got {points}")
    rates = np.geomspace(lowest, highest, points)
    losses: list[float] = []
    for rate in rates.tolist():
        with np.errstate(over="ignore", invalid="ignore"):
            loss = run._move(rate)
        if not loss <= HOPELESS * (losses or [math.inf])[0]:
            break
        losses.append(loss)
    if len(losses) < FEWEST:
        raise DivergedError(
            f"the loss grew without bounds at a learning rate of {rates[len(losses)]:g} already: "
            f"sweep from a lower one, with --lowest"
        )
    tried = rates[: len(losses)]
    smoothed = _smooth(np.array(losses), points // 20)
    best = int(smoothed.argmin())
    suggestion, reason = _advice(tried, smoothed, best)
    return Sweep(tried, np.array(losses), smoothed, suggestion, reason)


def _smooth(losses: np.ndarray, width: int) -> np.ndarray:
    """(N,) averages weighted by a Hann window, narrower at the ends, so nothing is made up."""
    weights = np.hanning(2 * width + 3)[1:-1]
    ones = np.convolve(np.ones(len(losses)), weights)[width : width + len(losses)]
    return np.convolve(losses, weights)[width : width + len(losses)] / ones


def _advice(rates: np.ndarray, smoothed: np.ndarray, best: int) -> tuple[float, str]:
    """Half of the rate with the lowest smoothed loss, in two digits."""
    rate, loss = float(rates[best]), float(smoothed[best])
    suggestion = float(f"{rate / 2:.1e}")
    lowest = f"the smoothed loss is lowest, {loss:.4f}, at {rate:.2g}"
    if best == 0:
        return rate, f"{lowest}, the lowest rate there is: a sweep from a lower one says more"
    if best == len(rates) - 1:
        return suggestion, f"{lowest}, the highest rate tried: a sweep to a higher one says more"
    return suggestion, f"{lowest}, and rises beyond it; half of that leaves room"
