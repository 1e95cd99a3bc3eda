"""Weights that are learnt on dev: how far to trust each of several predictions of the next token.

They may depend on the bin that a context is in: how long the longest part of it is that was seen
in training, and how often it was. The weights of a bin are those that make dev likeliest, found by
expectation maximisation.

Sources: F. Jelinek, R. Mercer, "Interpolated Estimation of Markov Source Parameters from Sparse
Data", 1980; bins of the logarithm of the frequency as in Y. Bengio et al., "A Neural Probabilistic
Language Model", Journal of Machine Learning Research 3 (2003) 1137-1155.
"""

import math

import numpy as np

from ..errors import DataError
from .ngram_counts import Level

ROUNDS = 100  # at most
ENOUGH = 1e-6  # nats per token that a round must gain for there to be another


def bins_of(levels: list[Level], total: float | None = None) -> list[np.ndarray]:
    """For each length (C,) the number of the bin that each context is in.

    Contexts that came f times among n tokens are in bin number ceil(log(n / (1 + f))), as in the
    paper; each length has bins of its own, and so have contexts that begin an item. `total` is n
    where the levels are not of all tokens.
    """
    total = float(levels[0].times.sum()) if total is None else total
    most = max(math.ceil(math.log(total)), 0) + 1
    numbers = []
    for level in levels:
        rarity = np.ceil(np.log(total / (1 + level.sums(level.times)))).clip(0, most - 1)
        kind = 2 * level.length + level.at_start
        numbers.append((kind * most + rarity).astype(np.intp))
    return numbers


def bin_of_each(
    found: list[tuple[np.ndarray, np.ndarray]], numbers: list[np.ndarray], count: int
) -> np.ndarray:
    """What `Known.find` found for B contexts → (B,) the bin of the longest part that is known."""
    bins = np.zeros(count, dtype=np.intp)
    for (rows, places), own in zip(found, numbers, strict=True):
        bins[rows] = own[places]
    return bins


def weights_of(weights: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """(Q, K) the weights of each bin, and (B,) bins of a list's contexts → (B, K) their weights.

    DataError where there is a bin that no weights were learnt for: they are of another list.
    """
    if bins.max(initial=0) >= len(weights):
        raise DataError(
            "the list of this model is not the one that its weights were learnt with: make the "
            "model again from its list"
        )
    found: np.ndarray = weights[bins]
    return found


def learn_weights(
    chances: np.ndarray,
    counts: np.ndarray,
    bins: np.ndarray,
    allowed: np.ndarray,
    prior: float = 1.0,
) -> np.ndarray:
    """(K, N) what K predictions give to N tokens of dev, (N,) how often each came, (N,) bins and
    (Q, K) which predictions there are in each bin → (Q, K) the weights of each bin, of sum 1.

    Each bin is given `prior` tokens beforehand, shared out as those of all bins together. Tokens
    that no prediction takes to be possible don't count; if there are no others, all weights of a
    bin are alike.

    >>> chances = np.array([[0.5, 0.5, 0.5, 0.5], [0.9, 0.9, 0.9, 0.1]])
    >>> learn_weights(chances, np.ones(4), np.zeros(4, dtype=np.intp), np.ones((1, 2))).round(2)
    array([[0.38, 0.62]])
    """
    possible = chances.sum(axis=0) > 0
    chances, counts, bins = chances[:, possible], counts[possible], bins[possible]
    weights = allowed / allowed.sum(axis=1, keepdims=True)
    before = math.inf
    for _ in range(ROUNDS if len(counts) else 0):
        parts = weights[bins].T * chances
        whole = parts.sum(axis=0)
        loss = -float(np.log(whole) @ counts) / float(counts.sum())
        if before - loss < ENOUGH:
            break
        before = loss
        parts *= counts / whole
        sums = [np.bincount(bins, part, minlength=len(allowed)) for part in parts]
        tokens = np.array(sums).T
        tokens = tokens + prior * allowed * tokens.sum(axis=0) / tokens.sum()
        weights = tokens / tokens.sum(axis=1, keepdims=True)
    return weights
