"""Items of a model that is too large to be followed, by way of a smaller one.

Items are drawn exactly from a smaller model under all limits, each is weighed by how much likelier
the large model finds it, and those that are given are drawn from them by weight. How many
independent draws that is worth is the effective sample size; where it is small, more are drawn.

Source: D. Rubin, "The Calculation of Posterior Distributions by Data Augmentation: Comment", 1987
(sampling importance resampling); A. Kong, "A Note on Importance Sampling using Standardized
Weights", 1992 (the effective sample size).
"""

import warnings

import numpy as np

from ..engine.generator import Generator
from ..errors import ApproximateWarning
from ..evaluate import item_log_probs
from ..models import Predictor
from ..text import BOUNDARY
from .exact import Exact

__all__ = ["Weighted"]

TIMES = 10  # as many are drawn as are given, at first
MOST = 100_000


class Weighted:
    """Draws of `proposal`, an exact chain of `smaller`, weighed by `model`.

    `effective` is the effective sample size of the last draw, `share` the estimate of how likely
    an item is that meets the limits, among all items of the model.
    """

    def __init__(self, model: Predictor, smaller: Predictor, proposal: Exact) -> None:
        self.models = model, smaller
        self.proposal = proposal
        self.effective = 0.0
        self.share = 0.0

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """The tokens of `count` items, one after another, a 0 after each."""
        wanted = min(count * TIMES, MOST)
        while True:
            tokens = self.proposal.draw(wanted, generator)
            weights = self._weights(tokens)
            self.effective = float(weights.sum() ** 2 / (weights**2).sum())
            if self.effective >= 2 * count or wanted == MOST:
                break
            wanted = min(wanted * 4, MOST)
        empty = np.zeros((1, self.models[0].block_size), dtype=np.intp)
        large = 1 - float(np.exp(self.models[0].next_log_probs(empty)[0, BOUNDARY]))
        small = 1 - self.proposal.chain.empty
        self.share = float(weights.mean()) * self.proposal.share * small / large
        reach = np.cumsum(weights)
        places = (np.arange(count) + generator.rand((count,), np.float64)) / count
        chosen = np.searchsorted(reach, places * reach[-1], side="right").clip(max=wanted - 1)
        chosen = chosen[generator.randperm(count)]
        ends = np.flatnonzero(tokens == BOUNDARY)
        starts = np.append(0, ends[:-1] + 1)
        return np.concatenate([tokens[starts[i] : ends[i] + 1] for i in chosen])

    def warn(self, count: int) -> None:
        """Say how good the draw of `count` items was."""
        warnings.warn(
            f"the model is too large to be followed under these limits, so items of a smaller one "
            f"are drawn by the weights that it gives them; {count:,} are as good as "
            f"{min(self.effective, count):,.0f} that are drawn exactly (effective sample size)",
            ApproximateWarning,
            stacklevel=2,
        )

    def _weights(self, tokens: np.ndarray) -> np.ndarray:
        """How much likelier the large model finds each item than the smaller one does."""
        large, small = (item_log_probs(model, tokens) for model in self.models)
        weights: np.ndarray = np.exp(large - small)
        return weights
