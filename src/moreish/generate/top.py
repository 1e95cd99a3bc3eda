"""The most likely items, in order.

Exact for any model: beginnings are followed best first, and an item is next when it is better than
whatever can still come of every beginning that is left. How good that can be is known to the last
digit where the model can be made a chain; else a beginning's own probability is the bound.

Source: P. Hart, N. Nilsson, B. Raphael, "A Formal Basis for the Heuristic Determination of Minimum
Cost Paths", 1968.
"""

import heapq
import math
from collections.abc import Iterator, Sequence, Set
from typing import Any, Protocol

import numpy as np

from ..errors import DataError
from ..models import Predictor
from ..text import BOUNDARY, Vocabulary, only_items
from .automaton import Automaton
from .chain import MOST_CELLS, Chain, TooLarge, chain_of
from .constraints import Constraints

__all__ = ["top_items"]

FEW, AT_ONCE = 32, 2_048  # beginnings that are followed side by side

Beginning = tuple[int, ...]


def top_items(
    model: Predictor,
    vocabulary: Vocabulary,
    constraints: Constraints,
    n: int,
    known: Set[str] = frozenset(),
) -> Iterator[tuple[str, float]]:
    """The `n` most likely items and their log-probabilities in nats, the likeliest first.

    They meet the constraints, are not among the `known`, and have no blanks around them. Fewer come
    where there are no more; DataError where they can't be found.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> [item for item, _ in top_items(model, vocabulary, Constraints(), 3, known={"b"})]
    ['a', 'aa', 'ab']
    """
    ways = _ways(model, constraints.automaton(vocabulary), constraints)
    most = math.inf if constraints.max_length is None else constraints.max_length
    # heaps, likeliest first: ways onward, of each beginning only the best that is left; and items
    open_ones: list[tuple[float, Beginning, _Onward, int]] = []
    ended: list[tuple[float, Beginning]] = []
    part: list[tuple[Beginning, float, int]] = [((), 0.0, ways.start)]
    given = followed = 0
    while part or ended:
        followed += len(part)
        if followed > ways.most:
            raise DataError(
                f"after {followed:,} beginnings only {given:,} such items are sure to be the "
                f"likeliest: ask for fewer, or of a model with a smaller block size"
            )
        for beginning, onward in zip(part, ways.onward(part) if part else (), strict=True):
            onward.put(open_ones, beginning[0], 0)
        while ended and given < n and (not open_ones or ended[0][0] <= open_ones[0][0]):
            cost, tokens = heapq.heappop(ended)
            yield vocabulary.decode(np.array(tokens))[0], -cost
            given += 1
        part = []
        if given >= n:
            return
        wanted = ways.at_once(n - given)
        while open_ones and len(part) < wanted and not (ended and ended[0] < open_ones[0]):
            _, tokens, onward, place = heapq.heappop(open_ones)
            onward.put(open_ones, tokens[:-1], place + 1)
            cost, state = onward.at(place)
            if tokens[-1] != BOUNDARY:
                if len(tokens) <= most:
                    part.append((tokens, cost, state))
            elif len(tokens) > max(constraints.min_length, 1):
                item = vocabulary.decode(np.array(tokens))[0]
                if item not in known and only_items([item], vocabulary.verbatim):
                    heapq.heappush(ended, (cost, tokens))


class _Onward:
    """The ways onward from one beginning, the one with the best bound first."""

    def __init__(self, costs: np.ndarray, states: np.ndarray, bounds: np.ndarray) -> None:
        self.order = np.argsort(bounds, kind="stable")  # (V,) tokens
        self.costs, self.states, self.bounds = costs, states, bounds

    def put(self, heap: list[Any], beginning: Beginning, place: int) -> None:
        """Put the way at a place of the order on a heap, if there is one."""
        if place < len(self.order):
            token = int(self.order[place])
            bound = float(self.bounds[token])
            if bound < math.inf:
                heapq.heappush(heap, (bound, (*beginning, token), self, place))

    def at(self, place: int) -> tuple[float, int]:
        """What the beginning costs with the token at this place, and the state after it."""
        token = self.order[place]
        return float(self.costs[token]), int(self.states[token])


class _Ways(Protocol):
    """How beginnings go on."""

    start: int
    most: int  # beginnings that are followed in all

    def at_once(self, wanted: int) -> int:
        """How many to follow side by side when so many items are wanted still."""

    def onward(self, part: list[tuple[Beginning, float, int]]) -> list[_Onward]:
        """Beginnings, what each costs, and its state → the ways onward from each."""


def _ways(model: Predictor, automaton: Automaton, constraints: Constraints) -> _Ways:
    try:
        return _Chained(chain_of(model, automaton, constraints.max_length), constraints)
    except TooLarge:
        return _Asked(model, automaton)


class _Chained:
    """By a chain, where the best that can still come is known exactly."""

    most = 4_000_000

    def __init__(self, chain: Chain, constraints: Constraints) -> None:
        self.start = chain.start
        nowhere = np.full((1, chain.chances.shape[1]), len(chain))
        self.after = np.concatenate([chain.after, nowhere])
        with np.errstate(divide="ignore"):
            costs = -np.log(chain.chances)
        self.costs = np.concatenate([costs, np.full(nowhere.shape, np.inf)])
        self.best = self._backwards(max(constraints.min_length, 1), constraints.max_length)

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

    def at_once(self, wanted: int) -> int:
        """Few: as many lead to an item as there are items."""
        return min(max(wanted, FEW), AT_ONCE)

    def onward(self, part: list[tuple[Beginning, float, int]]) -> list[_Onward]:
        """See `_Ways`."""
        beginnings, before, states = zip(*part, strict=True)
        costs, after = self.costs[list(states)], self.after[list(states)]
        costs += np.array(before)[:, None]
        tokens = np.array([len(beginning) + 1 for beginning in beginnings])
        ahead = self.best[tokens.clip(max=len(self.best) - 1)[:, None], after]
        ahead[:, BOUNDARY] = 0
        return list(map(_Onward, costs, after, costs + ahead))


class _Asked:
    """By asking the model; a beginning costs nothing more for sure."""

    most = 500_000

    def __init__(self, model: Predictor, automaton: Automaton) -> None:
        self.model = model
        self.automaton = automaton
        self.alive = automaton.alive
        self.start = automaton.start

    def at_once(self, wanted: int) -> int:
        """Many: most lead nowhere."""
        return AT_ONCE

    def onward(self, part: list[tuple[Beginning, float, int]]) -> list[_Onward]:
        """See `_Ways`."""
        beginnings, before, states = zip(*part, strict=True)
        nats = -self.model.next_log_probs(_contexts(beginnings, self.model.block_size))
        after = self.automaton.table[list(states)]
        can = self.alive[after]
        can[:, BOUNDARY] = self.automaton.accepts[list(states)]
        costs = np.where(can, nats + np.array(before)[:, None], np.inf)
        return list(map(_Onward, costs, after, costs))


def _contexts(beginnings: Sequence[Beginning], block_size: int) -> np.ndarray:
    """(B, T) the contexts after these tokens."""
    filled = [(*(BOUNDARY,) * block_size, *tokens)[-block_size:] for tokens in beginnings]
    return np.array(filled, dtype=np.intp).reshape(len(filled), block_size)
