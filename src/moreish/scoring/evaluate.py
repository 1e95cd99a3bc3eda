"""How well a model predicts: sums of surprise and counts of tokens, kept apart, divided once.

Only this module turns sums into losses. A token that the vocabulary does not have is charged as
`unknown_nats` says, so models with different vocabularies can be compared.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..models import Predictor, log_probs_at
from ..text import BOUNDARY, Corpus, contexts_of

__all__ = ["Total", "evaluate", "item_log_probs", "unknown_nats"]

# How many characters Unicode 15.1 has assigned; which one an unseen one is, is anyone's guess.
UNICODE_CHARACTERS = 149_813


@dataclass(frozen=True)
class Total:
    """Nats and tokens, summed; the ends of items are tokens too."""

    nats: float
    tokens: float

    @property
    def nats_per_token(self) -> float:
        """The mean surprise of a token, in nats: the loss."""
        return self.nats / self.tokens if self.tokens else math.nan

    @property
    def perplexity(self) -> float:
        """As uncertain as a free choice among this many tokens."""
        try:
            return math.exp(self.nats_per_token)
        except OverflowError:
            return math.inf


def evaluate(model: Predictor, corpus: Corpus, unknown: float = math.inf) -> Total:
    """The surprise of `model` at everything in the list; `unknown` nats for an unknown token.

    >>> import numpy as np
    >>> from moreish.models.bigram import Bigram
    >>> from moreish.text import count_contexts
    >>> counts = count_contexts(np.array([1, 1, 0]), block_size=1, vocabulary_size=2)
    >>> evaluate(Bigram(2, smoothing=0).fit(counts), counts)
    Total(nats=1.3862943611198906, tokens=3.0)
    """
    nats = -float(log_probs_at(model, corpus) @ corpus.counts) + 0.0  # no minus zero
    if corpus.unknown:
        nats += corpus.unknown * unknown
    return Total(nats, corpus.total)


def unknown_nats(trained_tokens: float) -> float:
    """What a token costs that was never seen among `trained_tokens`, in nats.

    As though it had been the next one seen, one in n + 1, and could be any character of Unicode.

    >>> round(unknown_nats(228_146), 2)
    24.25
    """
    return math.log(trained_tokens + 1) + math.log(UNICODE_CHARACTERS)


def item_log_probs(model: Predictor, tokens: np.ndarray) -> np.ndarray:
    """The tokens of N items, a 0 after each, all of them known → (N,) log-probabilities in nats.

    >>> from moreish.models.bigram import Bigram
    >>> item_log_probs(Bigram(4), np.array([1, 2, 0, 3, 0])).round(3)  # anything is as likely
    array([-4.159, -2.773])
    """
    contexts = contexts_of(tokens, model.block_size, model.vocabulary_size)
    reached = np.cumsum(model.log_probs_of(contexts, tokens))
    return np.diff(np.append(0, reached[tokens == BOUNDARY]))
