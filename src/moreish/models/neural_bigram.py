"""Neural bigram: a row of log-odds for each token, found by going down the gradient.

The network of one layer that the makemore course begins with: the token before, one-hot, times a
matrix W of (V, V), and a softmax. It learns what `bigram` counts: at the lowest loss each row gives
each token the share that it had, and the pull of the regularisation towards 0 does what a number
added to each count does. To second order, `regularisation` r is a `smoothing` of 2 r n / V² among
n tokens.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from ..engine import rules
from ..engine.generator import Generator
from ..errors import OptionError
from ..text import Corpus
from ..torch import Tensor, as_tensor, from_numpy, no_grad
from .base import Learnt

SMOOTHING = 0.5  # bigram's


class NeuralBigram(Learnt):
    """softmax(one-hot @ W); the loss has `regularisation` times the mean of W² added.

    Without a number for it, it is what a smoothing of 0.5 is on the list, that of `bigram`.
    OptionError for one below 0.

    >>> model = NeuralBigram(27).initialise(seed=2147483647)
    >>> model.parameters["weight"][0, :3]
    tensor([ 1.5674, -0.2373, -0.0274], grad_fn=<SliceBackward0>)
    >>> model.next_log_probs(np.array([[0], [1]])).shape
    (2, 27)
    """

    name: ClassVar[str] = "neural-bigram"
    option_names: ClassVar[tuple[str, ...]] = ("regularisation",)
    training: ClassVar[Mapping[str, Any]] = {
        "steps": 1_000,
        "learning_rate": 1.0,
        "weight_decay": 0.0,
    }
    block_size = 1

    def __init__(self, vocabulary_size: int, *, regularisation: float | None = None) -> None:
        if regularisation is not None and not 0 <= regularisation < np.inf:
            raise OptionError(f"the regularisation must be 0 or more, got {regularisation}")
        self.vocabulary_size = vocabulary_size
        self.regularisation = None if regularisation is None else float(regularisation)
        self._pull = self.regularisation or 0.0  # it, or what follows from the list
        self._weight = from_numpy(np.zeros((vocabulary_size, vocabulary_size), np.float32))
        self._weight.requires_grad = True

    def settle(self, corpus: Corpus) -> None:
        """The regularisation that is as strong as `bigram`'s smoothing, if no other is wanted."""
        if self.regularisation is None:
            self._pull = SMOOTHING * self.vocabulary_size**2 / (2 * corpus.total)

    def initialise(self, seed: int) -> Self:
        """Normal draws of variance 1, as in the course."""
        array = self._weight.detach().numpy()
        array[...] = Generator().manual_seed(seed).randn(array.shape)
        return self

    @property
    def parameters(self) -> dict[str, Tensor]:
        """By name: weight (V, V), the log-odds of each token (column) after each (row)."""
        return {"weight": self._weight}

    def logits(self, contexts: np.ndarray | Tensor) -> Tensor:
        """(B, 1) contexts → (B, V) log-odds: one-hot @ W is a row of W for each."""
        logits: Tensor = rules.embedding(as_tensor(contexts)[:, -1], self._weight)
        return logits

    def penalty(self) -> Tensor | None:
        """() what is added to the loss: the mean of W², times the regularisation."""
        if not self._pull:
            return None
        return (self._weight * self._weight).mean() * self._pull

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, 1) contexts → (B, V) log-probabilities in nats, of sum 1 in double precision."""
        with no_grad():
            logits = self.logits(contexts).numpy().astype(np.float64)
        log_probs: np.ndarray = rules.log_softmax(logits)
        return log_probs
