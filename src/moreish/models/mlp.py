"""MLP: the neural probabilistic language model of Bengio et al.

Each of the T tokens of the context is looked up in one table of embeddings; the rows, side by
side, go through a hidden layer of tanh, and a linear layer gives the log-odds of the next token.
With `direct` connections a linear layer from the embeddings adds to them, and the hidden layer may
have no unit at all. In training, `dropout` takes each hidden unit away with that probability.

Two options are newer than the paper. With `tied` embeddings the output layer is the table of
embeddings itself, behind a linear layer of its size. The oldest `bag` tokens of the context are one
input: the sum of their embeddings, each place with a weight of its own.

Sources: Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, "A Neural Probabilistic Language Model",
Journal of Machine Learning Research 3 (2003) 1137-1155; its direct connections are optional. The
network of the makemore course is block_size=3, embedding_size=10, hidden_size=200. O. Press,
L. Wolf, "Using the Output Embedding to Improve Language Models", EACL 2017, for tied embeddings.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from ..engine import rules
from ..engine.generator import Generator
from ..engine.random import rand
from ..errors import OptionError
from ..text import Corpus, Positions
from ..torch import Tensor, as_tensor, cat, from_numpy, no_grad
from .base import Learnt
from .sampled_softmax import sampled_loss

LARGEST = 1_000_000  # of the sizes
MIN_STEPS, MAX_STEPS = 100, 6_000
MAX_DECAY = 10.0  # of weights, times the learning rate
MANY = 1_000  # tokens
ROWS = ((rules.affine, rules.matmul), (rules.wide_affine, rules.wide_matmul))  # of few, of many
FEW_LOOKS = 10  # at dev, of many tokens: each takes as long as a hundred steps
BATCH_BYTES = 100  # for each number of a batch of embeddings, as measured
AT_ONCE = 4  # rows of log-odds, so that those of many tokens stay in the cache


class MLP(Learnt):
    """A table of embeddings (V, E), T of its rows, a tanh layer of H, softmax over V tokens.

    OptionError for a size below 1, or a dropout that is not from 0 to below 1. Beside `direct`
    connections a hidden size of 0 can be.

    >>> model = MLP(27, block_size=3, embedding_size=10, hidden_size=200).initialise(seed=1)
    >>> model.parameter_count
    11897
    >>> model.next_log_probs(np.zeros((2, 3), dtype=np.intp)).shape
    (2, 27)
    """

    name: ClassVar[str] = "mlp"
    has_sampled_loss: ClassVar[bool] = True
    option_names: ClassVar[tuple[str, ...]] = (
        "block_size",
        "embedding_size",
        "hidden_size",
        "direct",
        "tied",
        "bag",
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
        tied: bool = False,
        bag: int = 0,
        dropout: float = 0.0,
    ) -> None:
        sizes = {
            "block size": block_size,
            "embedding size": embedding_size,
            "hidden size": hidden_size,
        }
        for what, size in sizes.items():
            least = 0 if what == "hidden size" and direct else 1
            if size < least:
                raise OptionError(f"the {what} must be {least} or more, got {size}")
            if size > LARGEST:
                raise OptionError(f"the {what} must be at most {LARGEST:,}, got {size}")
        if not 0 <= bag < block_size:
            raise OptionError(
                f"the bag is of the oldest of {block_size} tokens, so 0 to {block_size - 1} of "
                f"them; got {bag}"
            )
        if not 0 <= dropout < 1:
            raise OptionError(f"the dropout must be 0 or more, and less than 1; got {dropout}")
        self.vocabulary_size = vocabulary_size
        self.block_size = block_size
        self.embedding_size = embedding_size
        self.hidden_size = hidden_size
        self.direct, self.tied, self.bag = bool(direct), bool(tied), int(bag)
        self.dropout = float(dropout)
        self._generator = Generator()  # of dropout
        self._starting_bias: np.ndarray | float = 0.0  # of the output
        self._spread = 0.1 if tied else 1.0  # of embeddings at the start
        outputs = embedding_size if tied else vocabulary_size
        self._parameters = {
            "embedding": self._parameter(vocabulary_size, embedding_size),
            "hidden.weight": self._parameter(self._inputs, hidden_size),
            "hidden.bias": self._parameter(hidden_size),
            "output.weight": self._parameter(hidden_size, outputs),
            "output.bias": self._parameter(vocabulary_size),
        }
        if direct:
            self._parameters["direct.weight"] = self._parameter(self._inputs, outputs)
        if bag:
            self._parameters["bag.weight"] = self._parameter(bag, 1)

    @property
    def _inputs(self) -> int:
        """How many numbers go into the hidden layer."""
        return (self.block_size - self.bag + (self.bag > 0)) * self.embedding_size

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
        looks = {"records": FEW_LOOKS} if self.vocabulary_size > MANY else {}
        return {"steps": steps, "weight_decay": decay, **looks}

    def bytes_of_training(self, batch_size: int) -> int:
        """See `Learnt`; the embeddings of a batch come to more where it looks far back."""
        embedded = batch_size * self.block_size * self.embedding_size
        return super().bytes_of_training(batch_size) + BATCH_BYTES * embedded

    def settle(self, corpus: Corpus) -> None:
        """Of words the first guess is how often each came: the biases of the output. Most come
        seldom, so their embeddings start small: what was not learnt of them is not in the way."""
        if isinstance(corpus, Positions):
            frequencies = corpus.frequencies + 1
            self._starting_bias = np.log(frequencies / frequencies.sum())
            self._spread = 0.1

    def initialise(self, seed: int) -> Self:
        """Normal draws: embeddings of variance 1, weights so that each layer keeps the variance.

        The output weights are a tenth of that, so that the first guesses are cautious, and so are
        tied embeddings. Direct weights and biases are 0, but see `settle`; those of a bag are such
        that it has the variance of one embedding.
        """
        generator = self._generator.manual_seed(seed)
        for parameter in self._parameters.values():
            parameter.detach().numpy()[...] = 0
        scales = {
            "embedding": self._spread,
            "hidden.weight": 5 / 3 / math.sqrt(self._inputs),
            "output.weight": (1.0 if self.tied else 0.1) / math.sqrt(max(self.hidden_size, 1)),
        }
        for name, scale in scales.items():
            array = self._parameters[name].detach().numpy()
            array[...] = generator.randn(array.shape) * np.float32(scale)
        self._parameters["output.bias"].detach().numpy()[...] = self._starting_bias
        if self.bag:
            self._parameters["bag.weight"].detach().numpy()[...] = 1 / math.sqrt(self.bag)
        return self

    @property
    def parameters(self) -> dict[str, Tensor]:
        """By name: embedding (V, E), hidden (I, H) and (H,), output (H, V) and (V,), where I is
        T E, or (T - L + 1) E with a bag of L. Tied ones have an output of (H, E)."""
        return self._parameters

    def check(self) -> None:
        """See `Learnt.check`. ValueError if the layers could come to numbers that are infinite."""
        super().check()
        sizes = {name: np.abs(array).astype(np.float64) for name, array in self.arrays().items()}
        row = sizes["embedding"].max(axis=0)
        slots = [row] * (self.block_size - self.bag)
        if self.bag:
            slots.insert(0, row * sizes["bag.weight"].sum())
        embedded = np.concatenate(slots)
        hidden = embedded @ sizes["hidden.weight"] + sizes["hidden.bias"]
        features = sizes["output.weight"].sum(axis=0)
        if self.direct:
            features += embedded @ sizes["direct.weight"]
        output = sizes["embedding"] @ features if self.tied else features
        largest = max(hidden.max(initial=0), (output + sizes["output.bias"]).max())
        if largest > np.finfo(np.float32).max / 2:
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
        p, layers = self._parameters, self._hidden(contexts, dropout)
        inputs, hidden = layers["embedding"], layers["hidden"]
        if self.tied:
            features, weight = self._features(inputs, hidden), p["embedding"].t()
        else:
            features, weight = hidden, p["output.weight"]
        affine, matmul = ROWS[self.vocabulary_size > MANY]
        logits = affine(features, weight, p["output.bias"])
        if self.direct and not self.tied:
            logits = logits + matmul(inputs, p["direct.weight"])
        return {**layers, "output": logits}

    def _hidden(self, contexts: np.ndarray | Tensor, dropout: float) -> dict[str, Tensor]:
        """(B, T) → embedding (B, I) and hidden (B, H)."""
        p = self._parameters
        embedded = rules.embedding(as_tensor(contexts), p["embedding"])
        if self.bag:
            bag = p["bag.weight"].view(1, self.bag) @ embedded[:, : self.bag]
            embedded = cat([bag, embedded[:, self.bag :]], 1)
        inputs = embedded.view(len(contexts), self._inputs)
        hidden = rules.affine(inputs, p["hidden.weight"], p["hidden.bias"]).tanh()
        if dropout:
            kept = rand(*hidden.shape, generator=self._generator) >= dropout
            hidden = hidden * (kept.to(hidden.dtype) / (1 - dropout))
        return {"embedding": inputs, "hidden": hidden}

    def _features(self, inputs: Tensor, hidden: Tensor) -> Tensor:
        """(B, I) and (B, H) → (B, E) what is compared with each embedding, where they are tied."""
        p = self._parameters
        features = hidden @ p["output.weight"]
        return features + inputs @ p["direct.weight"] if self.direct else features

    def sampled_loss(
        self,
        contexts: Tensor,
        followed: Tensor,
        tokens: Tensor,
        log_chances: Tensor,
        places: Tensor,
    ) -> Tensor:
        """See `Learnt.sampled_loss`: (B, T), (B,), (S,), (S,) and (B,) → (B,) nats."""
        p, layers = self._parameters, self._hidden(contexts, self.dropout)
        inputs, hidden = layers["embedding"], layers["hidden"]
        asked, S = cat([tokens, followed]), len(tokens)  # looked up in one go
        bias = p["output.bias"][asked]
        if self.tied:
            features, rows = self._features(inputs, hidden), rules.embedding(asked, p["embedding"])
            own = (features * rows[S:]).sum(1)
            others = features @ rows[:S].t()
        else:
            own, others = _asked(hidden, p["output.weight"], asked, S)
            if self.direct:
                more = _asked(inputs, p["direct.weight"], asked, S)
                own, others = own + more[0], others + more[1]
        return sampled_loss(own + bias[S:], others + bias[:S], log_chances, places)

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities in nats, of sum 1 in double precision."""
        log_probs: np.ndarray = rules.log_softmax(self._plain_logits(contexts).astype(np.float64))
        return log_probs

    def _plain_logits(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) float32, without dropout."""
        with no_grad():
            return self._layers(contexts, 0.0)["output"].numpy()

    def _picked(self, contexts: np.ndarray, rows: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """Of many tokens the exponentials are in single precision, a few rows at a time."""
        if self.vocabulary_size <= MANY:
            return super()._picked(contexts, rows, tokens)
        logits = self._plain_logits(contexts)
        picked = logits[rows, tokens].astype(np.float64)
        log_sums = np.empty(len(logits))
        for first in range(0, len(logits), AT_ONCE):
            part = logits[first : first + AT_ONCE]
            largest = part.max(axis=1, keepdims=True)
            part -= largest
            sums = np.exp(part, out=part).sum(axis=1, dtype=np.float64)
            log_sums[first : first + AT_ONCE] = np.log(sums) + largest[:, 0]
        return picked - log_sums[rows]


def _asked(features: Tensor, weight: Tensor, asked: Tensor, S: int) -> tuple[Tensor, Tensor]:
    """(B, K) features, (K, V) weights, (S + B,) tokens that were drawn and then those that followed
    → (B,) the log-odds of the latter, and (B, S) those of the former."""
    columns = rules.select(weight, asked, key=(slice(None), rules.ARRAY))
    return (features * columns[:, S:].t()).sum(1), features @ columns[:, :S]
