"""Items drawn exactly from those that meet all constraints, and how likely such an item is at all.

From the end backwards, each state of the chain is told how likely an item that is there comes to a
good end: the messages. Forwards, each token is drawn in proportion to its chance times the message
behind it. So every draw is an item that meets the constraints, with the probability that the model
gives it among all that do; nothing is drawn in vain.

Source: L. Rabiner, "A Tutorial on Hidden Markov Models", 1989, for the messages.
"""

import numpy as np

from ..engine.generator import Generator
from ..errors import DataError
from ..text import BOUNDARY
from .chain import Chain
from .exclusion_trie import ExclusionTrie
from .token_rows import TokenRows

__all__ = ["Exact", "among_items"]

SETTLED = 1e-15  # a message that moves by less than such a share of it stays
ROUNDS = 300  # after which messages that have not settled are worked out at once
SOLVED = 2_500  # states at most for that
PATIENCE = 20_000  # rounds, for more states
LEAST = 1e-290  # a share that is less can't be told from none: its parts are no normal numbers
FOR_EVER = 1e6  # tokens still to come; as many times as much is lost by rounding
MOST_TOKENS = 20_000  # of an item
RUNS_ON = (
    "under these constraints generation would practically never stop: set --max-length, or a "
    "higher temperature"
)
AT_ONCE = 16_384


def among_items(share: float, empty: float) -> float:
    """A share of everything, the empty item too, as a share of the items; 0 if there are none.

    >>> among_items(0.25, empty=0.5), among_items(0.0, empty=1.0)
    (0.5, 0.0)
    """
    return share / (1 - empty) if empty < 1 else 0.0


class Exact:
    """The items that a chain makes with from `shortest` to `longest` tokens, none of the known.

    `known` are (M,) tokens of items, a 0 after each. `share` is the probability of what is left,
    among all items: 0 where there is none. DataError if items would run on almost for ever.
    """

    def __init__(
        self,
        chain: Chain,
        shortest: int = 1,
        longest: int | None = None,
        known: np.ndarray | None = None,
    ) -> None:
        self.chain = chain
        self.shortest = max(shortest, 1)
        self.longest = longest
        self._messages = self._backwards()
        self._known: ExclusionTrie | None = None
        self.share = 0.0
        if not len(chain):
            return
        reached = self._message(0)[chain.start]
        if known is not None:
            self._known = ExclusionTrie(chain, known)
            self._known.total(self._known_rows)
            reached = self._known.inside[0]
        share = among_items(float(reached), chain.empty)
        self.share = share if share >= LEAST else 0.0

    # ---- backwards

    def _backwards(self) -> list[np.ndarray]:
        """For 0, 1, ... tokens so far the (P + 1,) messages; the last is for all that are more."""
        if self.longest is None:
            last = self.shortest
            messages = [self._settled()]
        else:
            last = self.longest + 1
            messages = [np.zeros(len(self.chain) + 1)]
        for tokens in range(last - 1, -1, -1):
            messages.append(self._step(messages[-1], tokens))
        return messages[::-1]

    def _step(self, message: np.ndarray, tokens: int) -> np.ndarray:
        """The messages with so many tokens so far, given those with one more."""
        chain = self.chain
        before = np.zeros(len(chain) + 1)
        before[:-1] = np.einsum("pv,pv->p", chain.chances[:, 1:], message[chain.after[:, 1:]])
        if tokens >= self.shortest:
            before[:-1] += chain.chances[:, BOUNDARY]
        return before

    def _settled(self) -> np.ndarray:
        """The messages where the number of tokens does not matter any more.

        DataError where items run on almost for ever, so that they can't be told.
        """
        message = np.zeros(len(self.chain) + 1)
        for number in range(1, PATIENCE):
            before = self._step(message, self.shortest)
            still = (before - message <= SETTLED * before).all()
            message = before
            if still:
                return message
            if number == ROUNDS and len(self.chain) <= SOLVED:
                return self._step(self._solved(), self.shortest)
        raise DataError(RUNS_ON)

    def _solved(self) -> np.ndarray:
        """The same from the equations that they meet."""
        chain = self.chain
        ends = np.append(chain.chances[:, BOUNDARY] > 0, False)
        while True:  # from which an item can come to its end: of others the equations say nothing
            more = ends.copy()
            more[:-1] |= ((chain.chances[:, 1:] > 0) & ends[chain.after[:, 1:]]).any(axis=1)
            if np.array_equal(more, ends):
                break
            ends = more
        states = np.flatnonzero(ends)
        place = np.full(len(chain) + 1, len(states))
        place[states] = np.arange(len(states))
        width = len(states) + 1
        cells = np.arange(len(states))[:, None] * width + place[chain.after[states, 1:]]
        onward = np.bincount(
            cells.reshape(-1), chain.chances[states, 1:].reshape(-1), len(states) * width
        ).reshape(-1, width)
        message = np.zeros(len(chain) + 1)
        ends_now, one_more = chain.chances[states, BOUNDARY], np.ones(len(states))
        try:
            found, tokens = np.linalg.solve(
                np.eye(len(states)) - onward[:, :-1], np.stack([ends_now, one_more], axis=1)
            ).T
        except np.linalg.LinAlgError:  # it ends so seldom that 1 less that is 1
            raise DataError(RUNS_ON) from None
        if not ((tokens > 0) & (tokens < FOR_EVER)).all():
            raise DataError(RUNS_ON)
        message[states] = found.clip(0, 1)
        return message

    def _message(self, tokens: int) -> np.ndarray:
        return self._messages[min(tokens, len(self._messages) - 1)]

    # ---- forwards

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """(M,) the tokens of `count` items, one after another, a 0 after each.

        DataError where no item meets the constraints, or one would run on almost for ever.
        """
        if self.share <= 0:
            raise DataError("no item can meet these constraints")
        parts = [
            self._drawn(min(AT_ONCE, count - first), generator)
            for first in range(0, count, AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)

    def _drawn(self, count: int, generator: Generator) -> np.ndarray:
        running = np.arange(count)
        states = np.full(count, self.chain.start, dtype=np.intp)
        nodes = np.full(count, -1 if self._known is None else 0, dtype=np.intp)
        drawn = TokenRows(count)
        for place in range(MOST_TOKENS + 1):
            tokens = self._next(states, nodes, place, generator)
            drawn.add(running, tokens)
            goes_on = tokens != BOUNDARY
            if self._known is not None:
                nodes = self._known.after(nodes, tokens)
            states, nodes = self.chain.after[states, tokens][goes_on], nodes[goes_on]
            running = running[goes_on]
            if not len(running):
                return drawn.tokens()
        raise DataError(RUNS_ON)

    def _next(
        self, states: np.ndarray, nodes: np.ndarray, tokens: int, generator: Generator
    ) -> np.ndarray:
        """(N,) states, or places among the known → (N,) tokens drawn."""
        drawn = np.empty(len(states), dtype=np.intp)
        uniform = generator.rand((len(states),), np.float64)
        free = nodes < 0
        for which, places, rows_of in (
            (free, states, self._rows),
            (~free, nodes, self._known_rows),
        ):
            if which.any():
                distinct, where = np.unique(places[which], return_inverse=True)
                reach = np.cumsum(rows_of(distinct, tokens), axis=1)
                wanted = uniform[which] * reach[where, -1]
                drawn[which] = (reach[where] <= wanted[:, None]).sum(axis=1)
        return drawn

    def _rows(self, states: np.ndarray, tokens: int) -> np.ndarray:
        """(B, V) what to draw in proportion to, from these states."""
        chain = self.chain
        rows: np.ndarray = chain.chances[states] * self._message(tokens + 1)[chain.after[states]]
        ends = tokens >= self.shortest and (self.longest is None or tokens <= self.longest)
        rows[:, BOUNDARY] = chain.chances[states, BOUNDARY] * ends
        return rows

    def _known_rows(self, nodes: np.ndarray, tokens: int) -> np.ndarray:
        """The same from places among the known items: those are left out."""
        assert self._known is not None
        rows = self._rows(self._known.states[nodes], tokens)
        return self._known.without(rows, nodes, self.chain.chances)
