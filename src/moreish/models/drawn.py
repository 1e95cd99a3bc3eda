"""What items are drawn by where a model has an unknown token: no item that is made has one."""

from collections.abc import Sequence

import numpy as np

from ..text import rebased
from .backoff import NEVER
from .base import Predictor

__all__ = ["Drawn"]


class Drawn(Predictor):
    """A model without its unknown token, the last: V is 1 less, and the probabilities of the others
    are made to sum to 1. What an ARPA file writes as the logarithm of 0 never comes, if anything
    else can.

    >>> from moreish.models.bigram import Bigram
    >>> np.exp(Drawn(Bigram(5)).next_log_probs(np.array([[0]])))  # not fitted: all are as likely
    array([[0.25, 0.25, 0.25, 0.25]])
    """

    def __init__(self, model: Predictor) -> None:
        self._model = model
        self.vocabulary_size = model.vocabulary_size - 1
        self.block_size = model.block_size

    def endings(self) -> Sequence[np.ndarray] | None:
        """Those of the model that have known tokens alone: (C,) for each length."""
        found, V = self._model.endings(), self._model.vocabulary_size
        if found is None:
            return None
        return [_without_last(keys, length, V) for length, keys in enumerate(found)]

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities of the next token, in nats."""
        contexts = contexts + (contexts == self.vocabulary_size)  # V, here and there, is not seen
        log_probs = self._model.next_log_probs(contexts)[:, :-1].copy()
        best = log_probs.max(axis=1, keepdims=True, initial=-np.inf)
        log_probs[(log_probs <= NEVER + 1e-6) & (best > NEVER + 1e-6)] = -np.inf
        log_probs -= best
        log_probs -= np.log(np.exp(log_probs).sum(axis=1, keepdims=True))
        return log_probs


def _without_last(numbers: np.ndarray, length: int, V: int) -> np.ndarray:
    """Numbers of `length` digits to the base V, those without the last digit, to the base V - 1."""
    keep = np.ones(len(numbers), dtype=bool)
    for place in range(length):
        keep &= numbers // V**place % V != V - 1
    return rebased(numbers[keep], length, V, V - 1)
