"""How surprising an item is, token by token, and how that compares with items known to belong.

It knows of a model only `next_log_probs`. Surprise is in nats: minus the log-probability.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .evaluate import log_probs_of
from .models import LanguageModel
from .text import BOUNDARY, Vocabulary, contexts_of

__all__ = ["Scores", "item_nats", "percentiles", "token_nats"]


@dataclass(frozen=True)
class Scores:
    """How N items compare."""

    nats: np.ndarray  # (N,) of the whole item, its end included
    tokens: np.ndarray  # (N,) the end included
    percentile: np.ndarray | None  # (N,) see `percentiles`; None where nothing was held out

    @property
    def nats_per_token(self) -> np.ndarray:
        """(N,) the mean surprise of a token of the item."""
        return self.nats / self.tokens


def token_nats(
    model: LanguageModel, vocabulary: Vocabulary, texts: Sequence[str], unknown: float
) -> tuple[np.ndarray, np.ndarray]:
    """N items → (M,) nats of every token and end, one item after another, and (N,) how many each
    item has. A token that the vocabulary does not have costs `unknown` nats, and what follows it
    is judged as at the start of an item.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> nats, sizes = token_nats(model, vocabulary, ["ab", "x"], unknown=20.0)
    >>> nats.round(2), sizes
    (array([ 1.1,  1.1,  1.1, 20. ,  1.1]), array([3, 2]))
    """
    tokens = vocabulary.encode(texts)
    contexts = contexts_of(tokens, model.block_size, vocabulary.unknown)
    nats = np.full(len(tokens), unknown)
    known = tokens != vocabulary.unknown
    nats[known] = -log_probs_of(model, contexts[known], tokens[known])
    nats += 0.0  # no minus zero
    return nats, np.diff(np.flatnonzero(tokens == BOUNDARY), prepend=-1)


def item_nats(
    model: LanguageModel, vocabulary: Vocabulary, texts: Sequence[str], unknown: float
) -> tuple[np.ndarray, np.ndarray]:
    """N items → (N,) nats of each whole item, its end included, and (N,) its tokens.

    >>> from moreish.models.bigram import Bigram
    >>> item_nats(Bigram(3), Vocabulary("ab"), ["ab", "x"], unknown=20.0)[0].round(2)
    array([ 3.3, 21.1])
    """
    nats, sizes = token_nats(model, vocabulary, texts, unknown)
    if not len(sizes):
        return np.zeros(0), sizes
    return np.add.reduceat(nats, np.cumsum(sizes) - sizes), sizes


def percentiles(nats_per_token: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(N,) and the same of items known to belong → (N,) percent of those that are as surprising
    or more: 50 is typical, 0 is like none of them.

    >>> percentiles(np.array([1.0, 2.5]), known=np.array([1.0, 2.0, 3.0, 4.0]))
    array([100.,  50.])
    """
    ranked = np.sort(known)
    places: np.ndarray = np.searchsorted(ranked, nats_per_token, side="left")
    return 100.0 * (len(ranked) - places) / max(len(ranked), 1)
