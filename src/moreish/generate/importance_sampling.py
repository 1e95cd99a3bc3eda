"""Items of a model that is too large to be followed, by way of a smaller one.

Items are drawn exactly from a smaller model under all constraints. Each is weighted by how much
likelier the large model finds it, and the result is drawn from them by weight. How many independent
draws that is worth is the effective sample size; where it is small, more are drawn.

Source: D. Rubin, "The Calculation of Posterior Distributions by Data Augmentation: Comment", 1987
(sampling importance resampling); A. Kong, "A Note on Importance Sampling using Standardized
Weights", 1992 (the effective sample size).
"""

import warnings

import numpy as np

from ..engine.generator import Generator
from ..errors import ApproximateWarning, DataError
from ..models import Predictor
from ..models.backoff import BackOff
from ..models.drawn import Drawn
from ..models.ngram import NGram
from ..scoring.evaluate import item_log_probs
from ..text import BOUNDARY, Vocabulary, contexts_of, longest_block_size
from ..text.dataset import Dataset
from .automaton import Automaton
from .constraints import Constraints
from .decoding import decoded, with_temperature
from .exact import Exact, among_items

__all__ = ["Weighted", "smaller_models"]

TIMES = 10  # as many are drawn as are given, at first
MOST = 100_000  # items at once
TOKENS = 500_000  # of all of them, about
BACK, FOLLOWED = 4, 2_000_000  # tokens that a smaller model looks back; its contexts times tokens


def smaller_models(model: Predictor, dataset: Dataset, vocabulary: Vocabulary) -> list[Predictor]:
    """N-gram models of the same list: the first looks back as far as is followed at little cost,
    each a token farther than the next.

    >>> from moreish import train
    >>> made = train(["anna", "hannah", "nan"], model="mlp", steps=5, split=(100, 0, 0))
    >>> models = smaller_models(made.language_model, made.dataset, made.vocabulary)
    >>> [smaller.block_size for smaller in models]
    [4, 3, 2, 1]
    """
    size = len(vocabulary)
    found: list[Predictor] = []
    for block_size in range(min(model.block_size, longest_block_size(size), BACK), 0, -1):
        if isinstance(model, BackOff):
            smaller: BackOff | NGram = model.shorter(block_size)
        else:
            counts = dataset.counts("train", vocabulary, block_size)
            smaller = NGram(size, block_size=block_size).fit(counts)
        if size * sum(map(len, smaller.endings())) <= FOLLOWED or block_size == 1:
            found.append(Drawn(smaller) if vocabulary.has_unknown else smaller)
    return found


class Weighted:
    """Draws of `proposal`, an exact chain of `smaller` under the constraints, weighed by `model`.

    `effective` is the effective sample size of the last draw, `share` the estimate of how likely
    an item is that meets the constraints, among all items of the model.
    """

    def __init__(
        self,
        model: Predictor,
        smaller: Predictor,
        proposal: Exact,
        constraints: Constraints,
        automaton: Automaton,
    ) -> None:
        self.model, self.warm = decoded(model, constraints), with_temperature(model, constraints)
        self.smaller = with_temperature(smaller, constraints)
        self.proposal = proposal
        self.automaton = automaton
        self.effective = 0.0
        self.share = 0.0

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """(M,) the tokens of `count` items, one after another, a 0 after each.

        DataError if the model makes hardly any of what the smaller one makes.
        """
        wanted, most = min(count * TIMES, MOST), MOST
        while True:
            tokens = self.proposal.draw(min(wanted, most), generator)
            weights = self._weights(tokens)
            most = max(min(MOST, TOKENS * len(weights) // len(tokens)), count)
            if not weights.any():
                raise DataError(
                    "the model makes hardly any of the items that a smaller one makes under these "
                    "constraints: a higher temperature, top-k or top-p is wanted"
                )
            self.effective = float(weights.sum() ** 2 / (weights**2).sum())
            if self.effective >= 2 * count or len(weights) >= most:
                break
            wanted = 4 * len(weights)
        empty = np.zeros((1, self.model.block_size), dtype=np.intp)
        large = float(np.exp(self.model.next_log_probs(empty)[0, BOUNDARY]))
        small = 1 - self.proposal.chain.empty
        self.share = among_items(float(weights.mean()) * self.proposal.share * small, large)
        reach = np.cumsum(weights)
        places = (np.arange(count) + generator.rand((count,), np.float64)) / count
        chosen = np.searchsorted(reach, places * reach[-1], side="right")
        chosen = chosen.clip(max=len(weights) - 1)
        chosen = chosen[generator.randperm(count)]
        ends = np.flatnonzero(tokens == BOUNDARY)
        starts = np.append(0, ends[:-1] + 1)
        return np.concatenate([tokens[starts[i] : ends[i] + 1] for i in chosen])

    def warn(self, count: int) -> None:
        """Say how good the draw of `count` items was."""
        warnings.warn(
            f"the model is too large to sample exactly under these constraints, so items of a "
            f"smaller one are drawn by the weights that it gives them; {count:,} of them are worth "
            f"{min(self.effective, count):,.0f} exact ones (effective sample size)",
            ApproximateWarning,
            stacklevel=2,
        )

    def _weights(self, tokens: np.ndarray) -> np.ndarray:
        """How much likelier the large model finds each item than the smaller one does."""
        large = self._log_probs(tokens)
        weights: np.ndarray = np.exp(large - item_log_probs(self.smaller, tokens))
        return weights

    def _log_probs(self, tokens: np.ndarray) -> np.ndarray:
        """(N,) of each item by the model; what had to come is not left out by top-k or top-p."""
        contexts = contexts_of(tokens, self.model.block_size, self.model.vocabulary_size)
        log_probs = self.model.log_probs_of(contexts, tokens)
        if self.warm is not self.model:
            forced = self._forced(tokens)
            log_probs[forced] = self.warm.log_probs_of(contexts[forced], tokens[forced])
        ends = np.flatnonzero(tokens == BOUNDARY)
        return np.add.reduceat(log_probs, np.append(0, ends[:-1] + 1))

    def _forced(self, tokens: np.ndarray) -> np.ndarray:
        """Which tokens were the only ones that could come in their place."""
        forced, forces = np.zeros(len(tokens), dtype=bool), self.automaton.forces
        ends = np.flatnonzero(tokens == BOUNDARY)
        places = np.append(0, ends[:-1] + 1)
        states = np.full(len(ends), self.automaton.start)
        while len(places):
            forced[places] = forces[states]
            now = tokens[places]
            goes_on = now != BOUNDARY
            states = self.automaton.table[states[goes_on], now[goes_on]]
            places = places[goes_on] + 1
        return forced
