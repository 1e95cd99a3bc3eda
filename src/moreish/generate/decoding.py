"""A model that dares more or less than it was taught to."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..models import Predictor
from .constraints import Limits

__all__ = ["Bold", "as_bold", "as_warm"]


def as_bold(model: Predictor, limits: Limits) -> Predictor:
    """The model with the temperature, top-k and top-p of the limits; itself where there are none.

    >>> from moreish.models.bigram import Bigram
    >>> model = Bigram(3)
    >>> as_bold(model, Limits(prefix="a")) is model
    True
    """
    usual = limits.temperature == 1 and limits.top_k is None and limits.top_p is None
    return model if usual else Bold(model, limits)


def as_warm(model: Predictor, limits: Limits) -> Predictor:
    """The model with the temperature of the limits alone: of forced tokens none is left out.

    >>> from moreish.models.bigram import Bigram
    >>> model = Bigram(3)
    >>> as_warm(model, Limits(top_k=1)) is model
    True
    """
    return as_bold(model, replace(limits, top_k=None, top_p=None))


class Bold:
    """A model, its probabilities to the power of 1 / temperature, and unlikely tokens left out.

    Source of top-p: A. Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020.
    """

    def __init__(self, model: Predictor, limits: Limits) -> None:
        self.vocabulary_size = model.vocabulary_size
        self.block_size = model.block_size
        self._model = model
        self._limits = limits

    def endings(self) -> Sequence[np.ndarray] | None:
        """Those of the model."""
        return self._model.endings()

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities in nats; what is left out has none."""
        limits = self._limits
        scores = self._model.next_log_probs(contexts)
        with np.errstate(over="ignore"):  # of a temperature near 0: what is not likeliest has none
            scores = (scores - scores.max(axis=1, keepdims=True)) / limits.temperature
        chances: np.ndarray = np.exp(scores)
        order = np.argsort(-chances, axis=1, kind="stable")
        ranked = np.take_along_axis(chances, order, axis=1)
        allowed = np.ones_like(ranked, dtype=bool)
        if limits.top_k is not None:
            allowed[:, limits.top_k :] = False
        if limits.top_p is not None:
            before = np.cumsum(ranked, axis=1) - ranked
            allowed &= before < limits.top_p * ranked.sum(axis=1, keepdims=True)
        np.put_along_axis(chances, order, ranked * allowed, axis=1)
        with np.errstate(divide="ignore"):
            return np.log(chances / chances.sum(axis=1, keepdims=True))
