"""The most likely items, in order.

Exact for any model: beginnings are followed best first, and an item is next when it is better than
whatever can still come of every beginning that is left. How good that can be is known to the last
digit where the model can be made a chain; else a beginning's own probability is the bound.

Source: P. Hart, N. Nilsson, B. Raphael, "A Formal Basis for the Heuristic Determination of Minimum
Cost Paths", 1968.
"""

import heapq
from collections.abc import Iterator, Set
from typing import Protocol

import numpy as np

from ..errors import DataError
from ..models import Predictor
from ..text import BOUNDARY, Vocabulary, only_items
from .automaton import Automaton
from .chain import MOST_CELLS, Chain, TooLarge, chain_of
from .limits import Limits

__all__ = ["top_items"]

AT_ONCE = 2_048
MOST_BEGINNINGS = 4_000_000

Beginning = tuple[int, ...]


def top_items(
    model: Predictor,
    vocabulary: Vocabulary,
    limits: Limits,
    n: int,
    known: Set[str] = frozenset(),
) -> Iterator[tuple[str, float]]:
    """The `n` most likely items and their log-probabilities in nats, the likeliest first.

    They meet the limits, are not among the `known`, and have no blanks around them. Fewer come
    where there are no more; DataError where they can't be found.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> [item for item, _ in top_items(model, vocabulary, Limits(), 3, known={"b"})]
    ['a', 'aa', 'ab']
    """
    ways = _ways(model, limits.automaton(vocabulary), limits)
    most = np.inf if limits.max_length is None else limits.max_length
    # heaps, likeliest first: (bound, what it cost so far, tokens, state), and those that ended
    open_ones: list[tuple[float, float, Beginning, int]] = [(0.0, 0.0, (), ways.start)]
    ended: list[tuple[float, Beginning]] = []
    floor: list[float] = []  # the n best that ended, the worst of them first
    given = followed = 0
    while open_ones or ended:
        while ended and given < n and (not open_ones or ended[0][0] <= open_ones[0][0]):
            cost, tokens = heapq.heappop(ended)
            yield vocabulary.decode(np.array([*tokens, BOUNDARY]))[0], -cost
            given += 1
        if given >= n or not open_ones:
            return
        part = [
            heapq.heappop(open_ones)
            for _ in range(min(AT_ONCE, len(open_ones)))
            if not ended or open_ones[0][0] < ended[0][0]
        ]
        followed += len(part)
        if followed > MOST_BEGINNINGS:
            raise DataError(
                f"after {followed:,} beginnings there are only {given:,} such items: ask for fewer"
            )
        steps, states, ahead = ways.onward([entry[2] for entry in part], [e[3] for e in part])
        costs = np.array([entry[1] for entry in part])[:, None] + steps
        bounds = costs + ahead
        worst = -floor[0] if len(floor) >= n else np.inf
        for row, token in np.argwhere(bounds < worst).tolist():
            tokens, cost = part[row][2], float(costs[row, token])
            if token != BOUNDARY:
                if len(tokens) < most:
                    bound = float(bounds[row, token])
                    entry = (bound, cost, (*tokens, token), int(states[row, token]))
                    heapq.heappush(open_ones, entry)
            elif tokens and len(tokens) >= limits.min_length:
                item = vocabulary.decode(np.array([*tokens, BOUNDARY]))[0]
                if item in known or not only_items([item]):
                    continue
                heapq.heappush(ended, (cost, tokens))
                (heapq.heappush if len(floor) < n else heapq.heappushpop)(floor, -cost)


class _Ways(Protocol):
    """How beginnings go on."""

    start: int

    def onward(
        self, beginnings: list[Beginning], states: list[int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """B beginnings and their states → (B, V) nats of each token, endless for what can't be;
        the states that follow; and what the rest costs at least."""


def _ways(model: Predictor, automaton: Automaton, limits: Limits) -> _Ways:
    try:
        return _Chained(chain_of(model, automaton, limits.max_length), limits)
    except TooLarge:
        return _Asked(model, automaton)


class _Chained:
    """By a chain, where the best that can still come is known exactly."""

    def __init__(self, chain: Chain, limits: Limits) -> None:
        self.start = chain.start
        nowhere = np.full((1, chain.chances.shape[1]), len(chain))
        self.after = np.concatenate([chain.after, nowhere])
        with np.errstate(divide="ignore"):
            costs = -np.log(chain.chances)
        self.costs = np.concatenate([costs, np.full(nowhere.shape, np.inf)])
        self.best = self._backwards(max(limits.min_length, 1), limits.max_length)

    def _backwards(self, shortest: int, longest: int | None) -> np.ndarray:
        """(L, P + 1) the least cost of a good end from each state, with 0, 1, ... tokens so far;
        the last row is for all that are more. Of lengths too many to hold there is one row."""
        states = len(self.after)
        last = shortest if longest is None else longest + 1
        if last * states > MOST_CELLS:
            shortest, longest, last = 0, None, 0
        best = np.full(states, np.inf)
        if longest is None:
            for _ in range(states):  # at the latest: no best way visits a state twice
                better = self._step(best, may_end=True)
                if np.array_equal(better, best):
                    break
                best = better
        rows = [best]
        for tokens in range(last - 1, -1, -1):
            rows.append(self._step(rows[-1], may_end=tokens >= shortest))
        return np.stack(rows[::-1])

    def _step(self, best: np.ndarray, may_end: bool) -> np.ndarray:
        through: np.ndarray = (self.costs[:, 1:] + best[self.after[:, 1:]]).min(axis=1)
        return np.minimum(self.costs[:, BOUNDARY], through) if may_end else through

    def onward(
        self, beginnings: list[Beginning], states: list[int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `_Ways`."""
        costs, after = self.costs[states], self.after[states]
        tokens = np.array([len(beginning) + 1 for beginning in beginnings])
        ahead = self.best[tokens.clip(max=len(self.best) - 1)[:, None], after]
        ahead[:, BOUNDARY] = 0
        return costs, after, ahead


class _Asked:
    """By asking the model; a beginning costs nothing more for sure."""

    def __init__(self, model: Predictor, automaton: Automaton) -> None:
        self.model = model
        self.automaton = automaton
        self.alive = automaton.alive
        self.start = automaton.start

    def onward(
        self, beginnings: list[Beginning], states: list[int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `_Ways`."""
        costs = -self.model.next_log_probs(_contexts(beginnings, self.model.block_size))
        after = self.automaton.table[states]
        can = self.alive[after]
        can[:, BOUNDARY] = self.automaton.accepts[states]
        return np.where(can, costs, np.inf), after, np.zeros(costs.shape)


def _contexts(beginnings: list[Beginning], block_size: int) -> np.ndarray:
    """(B, T) the contexts after these tokens."""
    filled = [(*(BOUNDARY,) * block_size, *tokens)[-block_size:] for tokens in beginnings]
    return np.array(filled, dtype=np.intp).reshape(len(filled), block_size)
