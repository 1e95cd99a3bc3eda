"""MLP: the neural probabilistic language model of Bengio et al.

Each of the T tokens of the context is looked up in one table of embeddings; the rows, side by
side, go through a hidden layer of tanh, and a linear layer gives the log-odds of the next token.
With `direct` connections a linear layer from the embeddings adds to them. In training, `dropout`
takes each hidden unit away with that probability.

Source: Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, "A Neural Probabilistic Language Model",
Journal of Machine Learning Research 3 (2003) 1137-1155; its direct connections are optional. The
network of the makemore course is block_size=3, embedding_size=10, hidden_size=200.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from ..engine import rules
from ..engine.generator import Generator
from ..engine.random import rand
from ..errors import OptionError
from ..text import Corpus
from ..torch import Tensor, as_tensor, from_numpy, no_grad
from .base import Learnt

LARGEST = 1_000_000  # of the sizes
MIN_STEPS, MAX_STEPS = 100, 6_000
MAX_DECAY = 10.0  # of weights, times the learning rate


class MLP(Learnt):
    """A table of embeddings (V, E), T of its rows, a tanh layer of H, softmax over V tokens.

    OptionError for a size below 1, or a dropout that is not from 0 to below 1.

    >>> model = MLP(27, block_size=3, embedding_size=10, hidden_size=200).initialise(seed=1)
    >>> model.parameter_count
    11897
    >>> model.next_log_probs(np.zeros((2, 3), dtype=np.intp)).shape
    (2, 27)
    """

    name: ClassVar[str] = "mlp"
    option_names: ClassVar[tuple[str, ...]] = (
        "block_size",
        "embedding_size",
        "hidden_size",
        "direct",
        "dropout",
    )

    def __init__(
        self,
        vocabulary_size: int,
        *,
        block_size: int = 5,
        embedding_size: int = 24,
        hidden_size: int = 400,
        direct: bool = False,
        dropout: float = 0.0,
    ) -> None:
        sizes = {
            "block size": block_size,
            "embedding size": embedding_size,
            "hidden size": hidden_size,
        }
        for what, size in sizes.items():
            if size < 1:
                raise OptionError(f"the {what} must be 1 or more, got {size}")
            if size > LARGEST:
                raise OptionError(f"the {what} must be at most {LARGEST:,}, got {size}")
        if not 0 <= dropout < 1:
            raise OptionError(f"the dropout must be 0 or more, and less than 1; got {dropout}")
        self.vocabulary_size = vocabulary_size
        self.block_size = block_size
        self.embedding_size = embedding_size
        self.hidden_size = hidden_size
        self.direct = bool(direct)
        self.dropout = float(dropout)
        self._generator = Generator()  # of dropout
        inputs = block_size * embedding_size
        self._parameters = {
            "embedding": self._parameter(vocabulary_size, embedding_size),
            "hidden.weight": self._parameter(inputs, hidden_size),
            "hidden.bias": self._parameter(hidden_size),
            "output.weight": self._parameter(hidden_size, vocabulary_size),
            "output.bias": self._parameter(vocabulary_size),
        }
        if direct:
            self._parameters["direct.weight"] = self._parameter(inputs, vocabulary_size)

    @staticmethod
    def _parameter(*shape: int) -> Tensor:
        parameter = from_numpy(np.zeros(shape, dtype=np.float32))
        parameter.requires_grad = True
        return parameter

    def training_on(self, corpus: Corpus) -> Mapping[str, Any]:
        """More steps and less weight decay the more different pairs of context and token there are.

        Both powers were fitted to what was best on dev, see docs/notes.md.
        """
        pairs = max(corpus.pairs, 1)
        steps = min(max(round(4 * pairs**0.6), MIN_STEPS), MAX_STEPS)
        decay = min(4_600 / pairs**0.25 / steps, MAX_DECAY)
        return {"steps": steps, "weight_decay": decay}

    def initialise(self, seed: int) -> Self:
        """Normal draws: embeddings of variance 1, weights so that each layer keeps the variance.

        The output weights are a tenth of that, so that the first guesses are cautious; direct
        weights and biases are 0.
        """
        generator = self._generator.manual_seed(seed)
        inputs = self.block_size * self.embedding_size
        scales = {
            "embedding": 1.0,
            "hidden.weight": 5 / 3 / math.sqrt(inputs),
            "output.weight": 0.1 / math.sqrt(self.hidden_size),
        }
        for name, scale in scales.items():
            array = self._parameters[name].detach().numpy()
            array[...] = generator.randn(array.shape) * np.float32(scale)
        return self

    @property
    def parameters(self) -> dict[str, Tensor]:
        """By name: embedding (V, E), hidden (T E, H) and (H,), output (H, V) and (V,)."""
        return self._parameters

    def check(self) -> None:
        """See `Learnt.check`. ValueError if the layers could come to numbers that are infinite."""
        super().check()
        sizes = {name: np.abs(array).astype(np.float64) for name, array in self.arrays().items()}
        embedded = np.tile(sizes["embedding"].max(axis=0), self.block_size)
        hidden = embedded @ sizes["hidden.weight"] + sizes["hidden.bias"]
        output = sizes["output.weight"].sum(axis=0) + sizes["output.bias"]
        if self.direct:
            output += embedded @ sizes["direct.weight"]
        if max(hidden.max(), output.max()) > np.finfo(np.float32).max / 2:
            raise ValueError("its parameters are so large that nothing can be computed from them")

    @property
    def generator(self) -> Generator:
        """What dropout draws from."""
        return self._generator

    def logits(self, contexts: np.ndarray | Tensor) -> Tensor:
        """(B, T) contexts → (B, V) log-odds of the next token, in training: with dropout."""
        return self._layers(contexts, self.dropout)["output"]

    def layers(self, contexts: np.ndarray) -> dict[str, Tensor]:
        """(B, T) contexts → what each layer gives, without dropout: embedding (B, T E),
        hidden (B, H) and output (B, V), the log-odds."""
        return self._layers(contexts, 0.0)

    def _layers(self, contexts: np.ndarray | Tensor, dropout: float) -> dict[str, Tensor]:
        p = self._parameters
        embedded = rules.embedding(as_tensor(contexts), p["embedding"])
        inputs = embedded.view(len(contexts), self.block_size * self.embedding_size)
        hidden = rules.affine(inputs, p["hidden.weight"], p["hidden.bias"]).tanh()
        if dropout:
            kept = rand(*hidden.shape, generator=self._generator) >= dropout
            hidden = hidden * (kept.to(hidden.dtype) / (1 - dropout))
        logits: Tensor = rules.affine(hidden, p["output.weight"], p["output.bias"])
        if self.direct:
            logits = logits + inputs @ p["direct.weight"]
        return {"embedding": inputs, "hidden": hidden, "output": logits}

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities in nats, of sum 1 in double precision."""
        with no_grad():
            logits = self._layers(contexts, 0.0)["output"].numpy().astype(np.float64)
        log_probs: np.ndarray = rules.log_softmax(logits)
        return log_probs
