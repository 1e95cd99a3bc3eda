"""Small experiments with a list: a counted bigram of any smoothing, and a learning-rate range test.

They keep nothing and change no run.
"""

import math

import numpy as np

from ..draw.charts.token_labels import labels_of
from ..errors import OptionError
from ..models.bigram import Bigram
from ..rows import Row, finite
from ..scoring.evaluate import evaluate
from ..training import sweep
from .inside import DIGITS, TOKENS
from .lists import List

POINTS = 300  # steps of a range test
MOST_SMOOTHING = 1e9  # which is uniform, as far as a screen can tell


def bigram(list: List, smoothing: float = 0.5) -> Row:
    """How likely each token is after each, by counts with `smoothing` added, and the losses.

    "probabilities" is (V, V), or None of more than 60 tokens; losses are in nats per token, and
    None where one would be infinite. OptionError for a smoothing that can't be.

    >>> from moreish.studio.lists import pasted
    >>> row = bigram(pasted("anna\\nnan"), smoothing=0)
    >>> row["tokens"], row["probabilities"][0]
    (['.', 'a', 'n'], [0.0, 0.5, 0.5])
    """
    if not 0 <= smoothing <= MOST_SMOOTHING:
        raise OptionError(f"a smoothing from 0 to {MOST_SMOOTHING:g} was wanted, got {smoothing}")
    learning = list.reading
    vocabulary, dataset = learning.vocabulary, learning.dataset
    model = Bigram(len(vocabulary), smoothing=smoothing)
    model.fit(dataset.counts("train", vocabulary, 1))
    losses = {
        split: evaluate(model, dataset.counts(split, vocabulary, 1)).nats_per_token
        for split in ("train", "dev")
        if dataset.size(split)
    }
    size = model.vocabulary_size
    probabilities = None
    if size <= TOKENS:
        contexts = np.arange(size, dtype=np.int64)[:, None]
        probabilities = np.exp(model.next_log_probs(contexts)).round(DIGITS).tolist()
    row: Row = finite(
        {
            "tokens": labels_of(vocabulary.names, size) if probabilities else [],
            "probabilities": probabilities,
            "losses": losses,
            "uniform": math.log(size),
        }
    )
    return row


def range_test(list: List, model: str = "mlp", seed: int = 1) -> Row:
    """Learning rates from low to high, a step each, and the loss of each step in nats per token.

    OptionError for a family that is counted, and DivergedError if no rate is low enough.
    """
    found = sweep(list.learn(model=model, seed=seed).start(), points=POINTS)
    row: Row = finite(
        {
            "rates": found.rates.tolist(),
            "losses": found.losses.round(DIGITS).tolist(),
            "smoothed": found.smoothed.round(DIGITS).tolist(),
            "suggestion": found.suggestion,
            "reason": found.reason,
        }
    )
    return row
