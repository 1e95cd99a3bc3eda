"""Sampled softmax: a loss that looks at few of the tokens, where there are many.

Of V tokens S are drawn for a batch, frequent ones more often than rare ones. What a token that was
drawn adds to the sum of exponentials is divided by the probability that it would be. So that sum is
right on average, at S / V of the work.

Sources: Y. Bengio, J.-S. Senécal, "Adaptive Importance Sampling to Accelerate Training of a Neural
Probabilistic Language Model", IEEE Transactions on Neural Networks 19 (2008) 713-722; S. Jean, K.
Cho, R. Memisevic, Y. Bengio, "On Using Very Large Target Vocabulary for Neural Machine
Translation", ACL 2015; W. Madow, "On the Theory of Systematic Sampling, II", Annals of Mathematical
Statistics 20 (1949) 333-354, for draws of exactly S.
"""

import math
from typing import NamedTuple

import numpy as np

from ..engine import rules
from ..engine.generator import Generator
from ..errors import OptionError
from ..torch import Tensor

__all__ = ["Candidates", "Drawn", "is_of_use", "sampled_loss"]

MOST = 2_000  # tokens that are drawn for a batch
POWER = 0.75  # of the frequency, by which they are drawn


def is_of_use(vocabulary_size: int, size: int | None = None) -> bool:
    """Whether `size` tokens, 2,000 if nothing is said, are far from all of V.

    >>> is_of_use(27), is_of_use(17_908)
    (False, True)
    """
    return 2 * (MOST if size is None else size) <= vocabulary_size


class Drawn(NamedTuple):
    """S tokens for a batch of B."""

    tokens: np.ndarray  # (S,) different ones, rising
    log_chances: np.ndarray  # (S,) float32: the logarithm of the probability of each to be drawn
    places: np.ndarray  # (B,) where what followed stands among them, S if it doesn't


class Candidates:
    """(V,) how often each token came → `size` different ones are drawn, frequent ones more often.

    2,000 if nothing is said. OptionError where that would be about all of them.

    >>> candidates = Candidates(np.array([8.0, 4, 2, 1, 1]), size=2)
    >>> candidates.chances.round(2)
    array([0.84, 0.5 , 0.3 , 0.18, 0.18])
    >>> drawn = candidates.draw(np.array([4, 0]), Generator().manual_seed(1))
    >>> len(set(drawn.tokens.tolist()))
    2
    """

    def __init__(self, frequencies: np.ndarray, size: int | None = None) -> None:
        size = MOST if size is None else size
        if not is_of_use(len(frequencies), size):
            raise OptionError(
                f"the sampled softmax draws {size:,} tokens for a step, and there are only "
                f"{len(frequencies):,}: leave out --softmax sampled"
            )
        wanted = np.maximum(frequencies, 1.0) ** POWER
        chances = np.zeros(len(wanted))
        while True:  # what would be drawn more than once is drawn always
            rest = chances < 1
            chances[rest] = wanted[rest] * ((size - (~rest).sum()) / wanted[rest].sum())
            if chances.max() <= 1:
                break
            chances = np.minimum(chances, 1.0)
        self.size = size
        self.chances = chances

    def draw(self, followed: np.ndarray, generator: Generator) -> Drawn:
        """(B,) what followed → S different tokens."""
        numbers = np.arange(len(self.chances), dtype=np.int64)
        order = (numbers * self._stride(generator)) % len(numbers)
        reach = np.cumsum(self.chances[order])
        steps = np.arange(self.size) + generator.rand((1,), np.float64)
        places = np.searchsorted(reach, steps * (reach[-1] / self.size), side="right")
        tokens = np.sort(order[places.clip(max=len(order) - 1)])
        where = np.searchsorted(tokens, followed).clip(max=self.size - 1)
        where[tokens[where] != followed] = self.size
        return Drawn(tokens, np.log(self.chances[tokens]).astype(np.float32), where)

    def _stride(self, generator: Generator) -> int:
        """A number that has no factor in common with V: its multiples are all tokens, mixed."""
        size = len(self.chances)
        while True:
            stride = int(generator.randint(1, size, (1,))[0])
            if math.gcd(stride, size) == 1:
                return stride


def sampled_loss(own: Tensor, others: Tensor, log_chances: Tensor, places: Tensor) -> Tensor:
    """(B,) log-odds of what followed, (B, S) of tokens that were drawn, (S,) the logarithms of
    their probabilities, (B,) places as in `Drawn` → (B,) nats, right on average.

    >>> own, others, places = Tensor([0.0]), Tensor([[0.0, 0.0, 0.0]]), tensor([1])
    >>> halves = tensor(np.log([0.5, 0.5, 0.5]))
    >>> round(sampled_loss(own, others, halves, places).exp().item(), 4)  # 1 + 2 + 2
    5.0
    """
    losses: Tensor = rules.sampled_cross_entropy(own, others - log_chances, places)
    return losses
