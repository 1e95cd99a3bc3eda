"""The most likely items, in order, and how much probability items of a kind have together.

Both are exact for any model: they follow every beginning that can matter, and know of a model
only `next_log_probs`.
"""

import heapq
from collections.abc import Iterator, Set

import numpy as np

from ..errors import DataError
from ..models import LanguageModel
from ..text import BOUNDARY, Vocabulary, distinct_contexts
from .sample import Limits

AT_ONCE = 2_048
MOST_CONTEXTS = 600_000
MOST_BEGINNINGS = 4_000_000


def top_items(
    model: LanguageModel,
    vocabulary: Vocabulary,
    limits: Limits,
    n: int,
    known: Set[str] = frozenset(),
) -> Iterator[tuple[str, float]]:
    """The `n` most likely items and their log-probabilities in nats, the likeliest first.

    They begin with the prefix, have the length, and are not among the `known`. A beginning is at
    least as likely as every item that begins so; so beginnings are followed best first, and an
    item that is better than every beginning left is next. Fewer come where there are no more.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> [item for item, _ in top_items(model, vocabulary, Limits(), 3, known={"b"})]
    ['a', 'aa', 'ab']
    """
    start = tuple(vocabulary.must_know(limits.prefix, "the prefix").tolist())
    first = _log_probs_along(model, start)
    open_ones: list[tuple[float, tuple[int, ...]]] = [(-first, start)]
    ended: list[tuple[float, tuple[int, ...]]] = []  # a heap like the other, likeliest first
    floor: list[float] = []  # the n best that ended, the worst of them first
    given = followed = 0
    most = np.inf if limits.max_length is None else limits.max_length
    while open_ones or ended:
        while ended and given < n and (not open_ones or ended[0] <= open_ones[0]):
            cost, tokens = heapq.heappop(ended)
            yield vocabulary.decode(np.array([*tokens, BOUNDARY]))[0], -cost
            given += 1
        if given >= n or not open_ones:
            return
        part = [
            heapq.heappop(open_ones)
            for _ in range(min(AT_ONCE, len(open_ones)))
            if not ended or open_ones[0] < ended[0]
        ]
        followed += len(part)
        if followed > MOST_BEGINNINGS:
            raise DataError(
                f"after {followed:,} beginnings there are only {given:,} such items: ask for fewer"
            )
        costs = np.array([cost for cost, _ in part])[:, None] - model.next_log_probs(
            _contexts([tokens for _, tokens in part], model.block_size)
        )
        bound = -floor[0] if len(floor) >= n else np.inf
        for row, token in np.argwhere(costs < bound).tolist():
            tokens, cost = part[row][1], float(costs[row, token])
            if token != BOUNDARY:
                if len(tokens) < most:
                    heapq.heappush(open_ones, (cost, (*tokens, token)))
            elif tokens and len(tokens) >= limits.min_length:
                if known and vocabulary.decode(np.array([*tokens, BOUNDARY]))[0] in known:
                    continue
                heapq.heappush(ended, (cost, tokens))
                (heapq.heappush if len(floor) < n else heapq.heappushpop)(floor, -cost)


def probability(
    model: LanguageModel, vocabulary: Vocabulary, limits: Limits, left_out: float = 0.0
) -> float:
    """The share of all items that begin with the prefix and have the length, less those of them
    that are left out and have this probability together.

    The probability of every context is carried along, token by token. DataError where a limit on
    the length meets more contexts than can be followed.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> round(probability(model, vocabulary, Limits(prefix="a", max_length=2)), 6)
    0.277778
    """
    start = vocabulary.must_know(limits.prefix, "the prefix")
    empty = np.exp(model.next_log_probs(_contexts([()], model.block_size))[0, BOUNDARY])
    share = np.exp(_log_probs_along(model, tuple(start.tolist())))
    shortest, longest = max(limits.min_length, 1), limits.max_length
    ends = _ends(model, start, (shortest - 1 if longest is None else longest) - len(start))
    lengths = np.arange(len(ends)) + len(start)
    if longest is None:
        inside = 1 - ends[lengths < shortest].sum()
    else:
        inside = ends[lengths >= shortest].sum()
    return float((share * inside - left_out) / (1 - empty))


def _ends(model: LanguageModel, start: np.ndarray, steps: int) -> np.ndarray:
    """(steps + 1,) the probability that an item with this beginning ends after 0, 1, ... more."""
    contexts = _contexts([tuple(start.tolist())], model.block_size)
    mass: np.ndarray = np.ones(1)
    ends = []
    before, log_probs = None, np.zeros((0, 0))
    for _ in range(steps + 1):
        if before is None or not np.array_equal(before, contexts):
            if len(contexts) > MOST_CONTEXTS:
                raise DataError(
                    f"a limit on the length can't be answered exactly for this model: it would "
                    f"have to follow more than {MOST_CONTEXTS:,} contexts; a smaller block size "
                    f"has fewer"
                )
            log_probs = model.next_log_probs(contexts)
        before = contexts
        moved = np.exp(log_probs) * mass[:, None]
        ends.append(moved[:, BOUNDARY].sum())
        after = np.repeat(contexts[:, 1:], moved.shape[1] - 1, axis=0)
        tokens = np.tile(np.arange(1, moved.shape[1], dtype=np.intp), len(contexts))
        contexts, where = distinct_contexts(np.column_stack([after, tokens]), model.vocabulary_size)
        mass = np.bincount(where, weights=moved[:, 1:].reshape(-1))
    return np.array(ends)


def _contexts(beginnings: list[tuple[int, ...]], block_size: int) -> np.ndarray:
    """(B, T) the contexts after these tokens."""
    filled = [(*(BOUNDARY,) * block_size, *tokens)[-block_size:] for tokens in beginnings]
    return np.array(filled, dtype=np.intp).reshape(len(filled), block_size)


def _log_probs_along(model: LanguageModel, tokens: tuple[int, ...]) -> float:
    """The log-probability that an item begins with these tokens."""
    if not tokens:
        return 0.0
    contexts = _contexts([tokens[:i] for i in range(len(tokens))], model.block_size)
    return float(model.next_log_probs(contexts)[np.arange(len(tokens)), tokens].sum())
