"""The one face of all models: how likely each token is after a context.

`next_log_probs` is all that sampling knows of a model, and `log_probs_of` all that scoring and
evaluation do. A model knows token numbers only, no text and no list. `Counted` models are fitted to
the table of counts in one go; `Learnt` ones have parameters, which `training` moves; `Mixed` ones
are made of others. A model is one file in this folder, found by walking it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from ..engine.generator import Generator
from ..errors import OptionError
from ..storage.validation import checked_fractions, no_others
from ..text import ContextCounts, Corpus, distinct_contexts, table_of
from ..torch import Tensor

if TYPE_CHECKING:
    from .leave_one_out import Without

AT_ONCE = 8_192  # contexts
CELLS = 4_194_304  # of a table of contexts and tokens
BYTES = 24  # of a parameter in training
EMBEDDED = 32  # numbers that stand for a token of a context, about


class Predictor(ABC):
    """What is asked of a model by all that use one."""

    vocabulary_size: int  # V, the boundary mark included
    block_size: int  # T

    @abstractmethod
    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities of the next token, in nats."""

    def log_probs_of(self, contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(N, T) contexts and (N,) what followed → (N,) its log-probability in nats.

        A model that can look one up does so; of others each distinct context is computed once.

        >>> from moreish.models.bigram import Bigram
        >>> model = Bigram(4)  # not fitted: anything is as likely as anything else
        >>> model.log_probs_of(np.array([[0], [2]]), np.array([1, 0])).round(3)
        array([-1.386, -1.386])
        """
        distinct, where = distinct_contexts(contexts, self.vocabulary_size)
        log_probs = np.empty(len(tokens))
        order = np.argsort(where, kind="stable")
        at_once = contexts_at_once(self)
        for first in range(0, len(distinct), at_once):
            start, end = np.searchsorted(where, [first, first + at_once], sorter=order)
            chosen, part = order[start:end], distinct[first : first + at_once]
            log_probs[chosen] = self._picked(part, where[chosen] - first, tokens[chosen])
        return log_probs

    def _picked(self, contexts: np.ndarray, rows: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(B, T) contexts, (N,) which of them and (N,) what followed it → (N,) in nats."""
        log_probs: np.ndarray = self.next_log_probs(contexts)[rows, tokens]
        return log_probs

    def endings(self) -> Sequence[np.ndarray] | None:
        """For each length from 0 on (C,) the contexts known, as rising numbers to the base V:
        the longest that a context ends in is all that is seen of it. None if all of it is.
        """
        return None


class LanguageModel(Predictor):
    """Predicts the next token from the T tokens before it.

    The constructor takes the size of the vocabulary and, by keyword, the options of the model;
    each option is kept under its name, and can be read back with `options`.
    """

    name: ClassVar[str]  # what it is called on the command line and in files
    option_names: ClassVar[tuple[str, ...]]

    @abstractmethod
    def __init__(self, vocabulary_size: int, **options: Any) -> None: ...

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything learnt, by name; with the options it is the whole model."""

    @abstractmethod
    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Take over what `arrays` gave. KeyError or ValueError if it isn't from such a model."""

    @property
    @abstractmethod
    def parameter_count(self) -> int:
        """How many numbers were learnt."""

    def log_probs_without(self, left: "Without") -> np.ndarray:
        """(M,) the log-probabilities in nats of items' tokens, each from its list without it.

        As they are, where nothing else is known: what was learnt by gradients can't be taken back.
        """
        return self.log_probs_of(left.contexts[:, -self.block_size :], left.tokens)

    @property
    def needs_dev(self) -> bool:
        """Whether something of it is learnt on dev."""
        return False

    def options(self) -> dict[str, Any]:
        """The options it was made with."""
        return {name: getattr(self, name) for name in self.option_names}


class Counted(LanguageModel):
    """A model that is a formula of the counts."""

    @abstractmethod
    def fit(
        self,
        counts: Corpus,
        dev: Corpus | None = None,
        once: ContextCounts | None = None,
    ) -> Self:
        """Learn from the table of counts, or from a list as it stands.

        Of a list with weights `once` is the table with each distinct item counted once.
        OptionError where something is to be learnt on `dev` and there is none.
        """

    @abstractmethod
    def log_probs_without(self, left: "Without") -> np.ndarray:
        """(M,) the log-probabilities in nats of items' tokens, each from its list without it."""


class Learnt(LanguageModel):
    """A model with parameters, moved along the gradient of its loss."""

    training: ClassVar[Mapping[str, Any]] = {}  # settings that are its own, by name
    has_sampled_loss: ClassVar[bool] = False  # whether it can be trained with `sampled_loss`

    def training_on(self, corpus: Corpus) -> Mapping[str, Any]:
        """Settings by name that were measured to be good on such a list."""
        return self.training

    def settle(self, corpus: Corpus) -> None:
        """Choose what no option says and what follows from the list, before it is trained."""

    @abstractmethod
    def initialise(self, seed: int) -> Self:
        """Draw the parameters that training starts from."""

    @property
    @abstractmethod
    def parameters(self) -> dict[str, Tensor]:
        """The parameters by name."""

    @abstractmethod
    def logits(self, contexts: np.ndarray | Tensor) -> Tensor:
        """(B, T) contexts → (B, V) log-odds of the next token, through which gradients flow."""

    def sampled_loss(
        self,
        contexts: Tensor,
        followed: Tensor,
        tokens: Tensor,
        log_chances: Tensor,
        places: Tensor,
    ) -> Tensor:
        """(B, T) contexts, (B,) what followed, and what `sampled_softmax.Drawn` holds: (S,), (S,)
        and (B,) → (B,) losses in nats, right on average.

        OptionError for a model that has none.
        """
        raise OptionError(f"the sampled softmax is not for {self.name}: leave out --softmax")

    @property
    def generator(self) -> Generator | None:
        """What is drawn from in training, if anything is; `initialise` seeds it."""
        return None

    def penalty(self) -> Tensor | None:
        """() what is added to the loss in training, if anything."""
        return None

    @property
    def parameter_count(self) -> int:
        """How many numbers the parameters hold."""
        return sum(parameter.detach().numpy().size for parameter in self.parameters.values())

    def bytes_of_training(self, batch_size: int) -> int:
        """About how many bytes it takes while it is trained: each parameter, its gradient, what the
        optimizer keeps of it, and the best so far. A batch is no matter here, but see `MLP`."""
        return BYTES * self.parameter_count

    def arrays(self) -> dict[str, np.ndarray]:
        """Copies of the parameters."""
        return {name: p.detach().numpy().copy() for name, p in self.parameters.items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        """Put the numbers of `arrays` into the parameters, in place. ValueError if they are others
        in name or shape, or can't be computed with."""
        no_others("the model", arrays, self.parameters)
        for name, parameter in self.parameters.items():
            own = parameter.detach().numpy()
            own[...] = checked_fractions(name, arrays[name], own.shape, dtype=own.dtype)
        self.check()

    def check(self) -> None:
        """ValueError if the parameters can't be computed with: if they are not finite, or so large
        that what follows from them may be not."""
        for name, array in self.arrays().items():
            checked_fractions(name, array, array.shape, dtype=array.dtype)


class Mixed(LanguageModel):
    """A model made of others, which are trained by themselves."""

    parts: tuple[LanguageModel, ...]

    @property
    @abstractmethod
    def share_range(self) -> tuple[float, float]:
        """The least and the largest share that the first part has in a prediction."""

    @abstractmethod
    def mix(
        self,
        counts: Corpus,
        dev: Corpus | None = None,
        once: ContextCounts | None = None,
    ) -> Self:
        """Learn how to mix the parts, once they are trained; see `Counted.fit`."""


def learnt_parts(model: LanguageModel) -> list[Learnt]:
    """What of a model is trained and not counted: it, or parts of it, or nothing.

    >>> from moreish.models.bigram import Bigram
    >>> learnt_parts(Bigram(3))
    []
    """
    parts = model.parts if isinstance(model, Mixed) else (model,)
    return [part for part in parts if isinstance(part, Learnt)]


def held_out(dev: Corpus | None) -> ContextCounts:
    """What something is to be learnt on; OptionError where that is nothing.

    >>> from moreish.text import count_contexts
    >>> held_out(count_contexts(np.array([1, 0]), block_size=1, vocabulary_size=2)).total
    2.0
    """
    if dev is None or not len(dev):
        raise OptionError(
            "deleted interpolation and the shares of a mixture are learnt on dev, and nothing is "
            "held out for that: a split with a part for dev, or a file for it, is wanted"
        )
    return table_of(dev)


def contexts_at_once(model: Predictor) -> int:
    """How many contexts to ask a model for, so that the tables of answers and of what stands before
    them have their limits."""
    widest = max(model.vocabulary_size, EMBEDDED * model.block_size)
    return max(min(AT_ONCE, CELLS // widest), 1)


def log_probs_at(model: Predictor, corpus: Corpus) -> np.ndarray:
    """(P,) the log-probabilities in nats of what followed in a table of counts, or at each place.

    The contexts may be longer than those of the model.

    >>> from moreish.models.bigram import Bigram
    >>> from moreish.text import count_contexts
    >>> table = count_contexts(np.array([1, 0]), block_size=2, vocabulary_size=2)
    >>> log_probs_at(Bigram(2), table).round(3)  # not fitted: each of two is as likely
    array([-0.693, -0.693])
    """
    parts = (
        model.log_probs_of(contexts[:, -model.block_size :], tokens)
        for contexts, tokens in corpus.parts(AT_ONCE)
    )
    return np.concatenate([np.zeros(0), *parts])
