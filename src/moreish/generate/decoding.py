"""Temperature, top-k and top-p applied to a model.

Source: A. Fan, M. Lewis, Y. Dauphin, "Hierarchical Neural Story Generation", 2018 (top-k);
A. Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020 (top-p).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..models import Predictor
from .constraints import Constraints

__all__ = ["Decoding", "decoded", "with_temperature"]


def decoded(model: Predictor, constraints: Constraints) -> Predictor:
    """The model with temperature, top-k and top-p applied; the model itself where none is set.

    >>> from moreish.models.bigram import Bigram
    >>> model = Bigram(3)
    >>> decoded(model, Constraints(prefix="a")) is model
    True
    """
    usual = constraints.temperature == 1 and constraints.top_k is None and constraints.top_p is None
    return model if usual else Decoding(model, constraints)


def with_temperature(model: Predictor, constraints: Constraints) -> Predictor:
    """The model with the temperature of the constraints alone: of forced tokens none is left out.

    >>> from moreish.models.bigram import Bigram
    >>> model = Bigram(3)
    >>> with_temperature(model, Constraints(top_k=1)) is model
    True
    """
    return decoded(model, replace(constraints, top_k=None, top_p=None))


class Decoding(Predictor):
    """A model, its probabilities to the power of 1 / temperature, and unlikely tokens left out."""

    def __init__(self, model: Predictor, constraints: Constraints) -> None:
        self.vocabulary_size = model.vocabulary_size
        self.block_size = model.block_size
        self._model = model
        self._limits = constraints

    def endings(self) -> Sequence[np.ndarray] | None:
        """Those of the model: (C,) for each length; see `LanguageModel.endings`."""
        return self._model.endings()

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities in nats; what is left out has none."""
        constraints = self._limits
        scores = self._model.next_log_probs(contexts)
        with np.errstate(over="ignore"):  # of a temperature near 0: what is not likeliest has none
            scores = (scores - scores.max(axis=1, keepdims=True)) / constraints.temperature
        chances: np.ndarray = np.exp(scores)
        order = np.argsort(-chances, axis=1, kind="stable")
        ranked = np.take_along_axis(chances, order, axis=1)
        allowed = np.ones_like(ranked, dtype=bool)
        if constraints.top_k is not None:
            allowed[:, constraints.top_k :] = False
        if constraints.top_p is not None:
            before = np.cumsum(ranked, axis=1) - ranked
            allowed &= before < constraints.top_p * ranked.sum(axis=1, keepdims=True)
        np.put_along_axis(chances, order, ranked * allowed, axis=1)
        with np.errstate(divide="ignore"):
            return np.log(chances / chances.sum(axis=1, keepdims=True))
