"""Many items from a model: each token is a look-up in a table, many items side by side.

In each state a draw of 32 bits chooses one of V columns, and the rest of it whether that column's
own token comes or the one it is paired with. So a token costs the same however many there are, and
its probability is right to one part in four thousand million. A state gets its row in the table
when the first item comes to it, so those that are often come to lie together.

Source: A. Walker, "An Efficient Method for Generating Discrete Random Variables with General
Distributions", 1977; M. Vose, "A Linear Algorithm for Generating Random Numbers with a Given
Distribution", 1991.
"""

from collections.abc import Sequence

import numpy as np

from ..engine.generator import Generator
from ..models import Predictor, States
from ..text import BOUNDARY
from ..text.sorted_arrays import distinct

__all__ = ["MOST_TOKENS", "AliasSampler", "paired"]

MOST_TOKENS = 255  # in the vocabulary, so that one and a mark for none fit into a byte
MOST_CELLS = 8_000_000  # of the table; when it is full it is begun anew
FEW_CELLS = 1_500_000  # of a table that is made at once
AT_ONCE = 16_384  # items; as many states must have room
WIDEST = 128  # and in others
CELLS = 262_144  # of a table of items that are looked at side by side
WIDE = 32  # tokens that there is room for in the first table
ASKED = 8_192  # contexts
ROUNDS = 8  # tokens in which items have been where they often are
ENDED = 0  # the row of an item that came to its end


class AliasSampler:
    """Draws of all items of a model that begin with some tokens and are not empty.

    What has not come to an end after `longest` tokens is left out.
    """

    def __init__(
        self, model: Predictor, states: States, start: Sequence[int], longest: int
    ) -> None:
        self.model, self.states = model, states
        self.size = model.vocabulary_size  # also the mark for no token
        self.width = self.size + 1
        self.begin = list(start)
        self.longest = longest
        self.spent = 0  # tokens that there was room for in the last draw
        self._forget(64)
        if states.count * self.width <= FEW_CELLS:
            self._fill()

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """(M,) the tokens of `count` items, one after another, a 0 after each."""
        parts: list[np.ndarray] = []
        self.spent = 0
        while count > 0:
            tokens = self._drawn(min(AT_ONCE, count), generator)
            parts.append(tokens)
            count -= int(np.count_nonzero(tokens == BOUNDARY))
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint8)

    def _drawn(self, count: int, generator: Generator) -> np.ndarray:
        running = np.arange(count)
        rows = np.full(count, self._first_row(), dtype=np.intp)
        blocks = _Blocks(count, len(self.begin) + WIDE, self.size)
        blocks.items[:, : len(self.begin)] = self.begin
        for place in range(len(self.begin), self.longest + 1):
            if place == blocks.end:
                running = blocks.begin_anew(running, min(WIDEST, self.longest + 1 - place))
            tokens, rows = self._step(rows, generator)
            blocks.put(running, place, tokens)
            ahead = np.flatnonzero(rows)
            if not len(ahead):
                break
            if 4 * len(ahead) < 3 * len(rows):  # to carry some that have ended costs less
                running, rows = running.take(ahead), rows.take(ahead)
        self.spent += blocks.size
        return blocks.tokens(running[rows != ENDED])

    def _step(self, rows: np.ndarray, generator: Generator) -> tuple[np.ndarray, np.ndarray]:
        """(N,) places where rows begin → (N,) tokens drawn, and the places after them."""
        draws = generator.bits32(len(rows)) * np.uint64(self.size)
        cells = rows + (draws >> np.uint64(32)).astype(np.intp)
        paired = draws.astype(np.uint32) >= self._below.take(cells)
        cells += cells
        cells += paired
        tokens = self._tokens.take(cells)
        over = rows + tokens
        after = self._after.take(over).astype(np.intp)
        if after.min() < 0:
            after = self._explored(over, after)
        return tokens, after

    # ---- the table

    def _forget(self, room: int) -> None:
        """An empty table with room for so many rows."""
        self._below = np.full(room * self.width, 2**32 - 1, dtype=np.uint32)
        self._tokens = np.full(2 * room * self.width, self.size, dtype=np.uint8)
        self._after = np.full(room * self.width, ENDED, dtype=np.int32)
        self._numbers = np.zeros(room, dtype=np.int64)  # the state of each row
        self._places: dict[int, int] = {}  # the row of each state
        self._start: int | None = None
        self.count = 1  # rows that are used: that of what has ended

    def _first_row(self) -> int:
        """Where the row begins that items start from; an empty one can't end there."""
        if self._start is None:
            state = np.array([self.states.start], dtype=np.int64)
            for token in self.begin:
                state = self.states.after(state)[:, token]
            chances = self._chances(state)
            if not self.begin:
                chances[:, BOUNDARY] = 0
            self._start = self.count * self.width
            self._write(state, chances)
        return self._start

    def _fill(self) -> None:
        """A row for each state, those that items come to most first."""
        every = np.arange(self.states.count, dtype=np.int64)
        parts = [every[first : first + ASKED] for first in range(0, len(every), ASKED)]
        follows = np.concatenate([self.states.after(part) for part in parts])
        chances = np.concatenate([self._chances(part) for part in parts])
        visits, here = np.zeros(len(every)), (every == self.states.start).astype(np.float64)
        for _ in range(ROUNDS):
            visits += here
            flow = (here[:, None] * chances)[:, 1:]
            here = np.bincount(follows[:, 1:].reshape(-1), flow.reshape(-1), len(every))
        order = np.argsort(-visits, kind="stable")
        self._first_row()
        places = np.empty(len(every), dtype=np.int32)
        places[order] = self.width * np.arange(self.count, self.count + len(every))
        self._write(order, chances[order])
        after = self._after.reshape(-1, self.width)[1 : self.count]
        states = self._numbers[1 : self.count]
        after[:, 1:-1] = places[follows[states, 1:]]

    def _explored(self, over: np.ndarray, after: np.ndarray) -> np.ndarray:
        """(N,) ways over a token, and where they lead, -1 for not known yet → the latter, known."""
        ways = distinct(over[after < 0])
        follows = self._following(ways)
        new = [state for state in distinct(follows).tolist() if state not in self._places]
        if (self.count + len(new) + AT_ONCE) * self.width > MOST_CELLS:
            return self._begun_anew(over, after)
        self._add_all(np.array(new, dtype=np.int64))
        self._after[ways] = self._found(follows)
        return self._after.take(over).astype(np.intp)

    def _begun_anew(self, over: np.ndarray, after: np.ndarray) -> np.ndarray:
        """The same where the table is full: only the states that items are in now stay."""
        ahead = np.flatnonzero(after != ENDED)
        follows = self._following(over[ahead])
        self._forget(64)
        self._first_row()
        states, where = np.unique(follows, return_inverse=True)
        self._add_all(states)
        after = np.full(len(over), ENDED, dtype=np.intp)
        after[ahead] = self._found(states)[where]
        return after

    def _following(self, ways: np.ndarray) -> np.ndarray:
        """(N,) ways over a token → (N,) the states that they lead to."""
        rows, tokens = np.divmod(ways, self.width)
        parts = [
            self.states.after(self._numbers[rows[first : first + ASKED]])[
                np.arange(len(rows[first : first + ASKED])), tokens[first : first + ASKED]
            ]
            for first in range(0, len(ways), ASKED)
        ]
        return np.concatenate(parts)

    def _found(self, states: np.ndarray) -> np.ndarray:
        """(N,) states that have rows → (N,) where those begin."""
        rows = [self._places[state] for state in states.tolist()]
        return np.array(rows, dtype=np.intp) * self.width

    def _add_all(self, states: np.ndarray) -> None:
        for first in range(0, len(states), ASKED):
            part = states[first : first + ASKED]
            self._places.update(
                zip(part.tolist(), range(self.count, self.count + len(part)), strict=True)
            )
            self._write(part, self._chances(part))

    def _chances(self, states: np.ndarray) -> np.ndarray:
        """(B,) states → (B, V) the chances of each token."""
        return np.exp(self.model.next_log_probs(self.states.contexts(states)))

    def _write(self, states: np.ndarray, chances: np.ndarray) -> None:
        """(B,) states and their (B, V) chances into the next rows; what follows is not known."""
        own = slice(self.count, self.count + len(states))
        self.count = own.stop
        while own.stop > len(self._numbers):
            self._numbers = np.concatenate([self._numbers, np.zeros_like(self._numbers)])
            for name in ("_below", "_tokens", "_after"):
                array = getattr(self, name)
                setattr(self, name, np.concatenate([array, np.zeros_like(array)]))
        self._numbers[own] = states
        shares, others = paired(chances)
        below = self._below.reshape(-1, self.width)
        below[own, :-1] = np.minimum(np.rint(shares * 2.0**32), 2**32 - 1)
        tokens = self._tokens.reshape(-1, self.width, 2)
        tokens[own, :-1, 0], tokens[own, :-1, 1] = np.arange(self.size), others
        after = self._after.reshape(-1, self.width)
        after[own] = -1
        after[own, BOUNDARY] = ENDED


class _Blocks:
    """Tokens of items in tables of bytes: when one is full, the next is for those that go on."""

    def __init__(self, count: int, width: int, none: int) -> None:
        self.none = none  # what stands where there is no token
        self.items = np.full((count, width), none, dtype=np.uint8)
        self.start, self.end = 0, width  # places of tokens that the table has
        self._whose: np.ndarray | None = None  # the item of each row; None: all, in order
        self._full: list[tuple[int, np.ndarray | None, np.ndarray]] = []
        self.size = self.items.size

    def begin_anew(self, running: np.ndarray, width: int) -> np.ndarray:
        """A new table for these rows of the last → the rows of the new one."""
        self._full.append((self.start, self._whose, self.items))
        self._whose = running if self._whose is None else self._whose[running]
        self.items = np.full((len(running), width), self.none, dtype=np.uint8)
        self.start, self.end = self.end, self.end + width
        self.size += self.items.size
        return np.arange(len(running))

    def put(self, running: np.ndarray, place: int, tokens: np.ndarray) -> None:
        """The tokens at a place of these rows."""
        own = running if len(running) < len(self.items) else slice(None)
        self.items[own, place - self.start] = tokens

    def tokens(self, endless: np.ndarray) -> np.ndarray:
        """All tokens, item by item; of these rows, which came to no end, none."""
        if not self._full:
            self.items[endless] = self.none
            content = self.items.tobytes().translate(None, bytes([self.none]))
            return np.frombuffer(content, dtype=np.uint8)
        assert self._whose is not None
        tables = [*self._full, (self.start, self._whose, self.items)]
        lengths = np.zeros(len(tables[0][2]), dtype=np.intp)
        for _, whose, items in tables:
            lengths[slice(None) if whose is None else whose] += (items != self.none).sum(axis=1)
        lengths[self._whose[endless]] = 0
        starts = np.cumsum(lengths) - lengths
        tokens = np.empty(int(lengths.sum()), dtype=np.uint8)
        for first, whose, items in tables:
            whose = np.arange(len(items)) if whose is None else whose
            at_once = max(CELLS // items.shape[1], 1)  # rows
            for row in range(0, len(items), at_once):
                part, own = items[row : row + at_once], whose[row : row + at_once]
                there = (part != self.none) & (lengths[own] > 0)[:, None]
                places = (starts[own] + first)[:, None] + np.arange(part.shape[1])
                tokens[places[there]] = part[there]
        return tokens


def paired(chances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(P, V) chances → (P, V) how often each column, each taken one time in V, gives its own
    token, and (P, V) which other it gives else.

    >>> shares, others = paired(np.array([[0.5, 0.25, 0.25]]))
    >>> shares.round(2).tolist(), others.tolist()
    ([[1.0, 0.75, 0.75]], [[0, 0, 0]])
    """
    count, size = chances.shape
    order = np.argsort(chances, axis=1)
    left = np.take_along_axis(chances, order, axis=1)
    left = np.ascontiguousarray(left.T) / left.sum(axis=1) * size  # (V, P), in each column rising
    shares, others = np.ones((size, count)), np.tile(np.arange(size), (count, 1)).T
    columns = np.arange(count)
    low = np.zeros(count, dtype=np.intp)  # the next that is short of 1
    high = np.full(count, size - 1)  # what fills it up, and how much that has
    rest = left[-1].copy()
    for _ in range(size - 1):
        fills = rest > 1
        which = np.where(fills, low, high)
        beside = np.where(fills, high, high - 1)
        share = np.minimum(np.where(fills, left[low, columns], rest), 1)
        shares[which, columns], others[which, columns] = share, beside
        rest = np.where(fills, rest, left[high - 1, columns]) - (1 - share)
        low, high = low + fills, high - ~fills
    placed = np.empty((2, count, size))
    np.put_along_axis(placed[0], order, shares.T, axis=1)
    np.put_along_axis(placed[1], order, np.take_along_axis(order, others.T, axis=1), axis=1)
    return placed[0], placed[1].astype(np.intp)
