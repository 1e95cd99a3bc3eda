"""A model that looks back T tokens is a chain: which state follows which, and how likely.

A state is one of the model's own (see `States`) together with the state of an automaton that says
what an item may look like. Only those are made that an item can come to and from which it can still
come to a good end. Each of the model's states is asked of it once.
"""

from dataclasses import dataclass

import numpy as np

from ..models import Predictor, States, states_of
from ..text import BOUNDARY
from ..text.short_repr import brief
from ..text.sorted_arrays import not_in, union
from .automaton import Automaton

__all__ = ["Chain", "TooLarge", "chain_of"]

MOST_CELLS = 8_000_000  # states times tokens
AT_ONCE = 8_192


class TooLarge(Exception):
    """The chain would have more states than can be held."""


@dataclass(frozen=True)
class Chain:
    """P states, and how an item goes on from each of them."""

    __repr__ = brief

    chances: np.ndarray  # (P, V) of each token; column 0 is the end; 0 for what leads nowhere
    after: np.ndarray  # (P, V) intp the state that follows; P, which is none, where there is none
    start: int
    empty: float  # the chance of an item without tokens, which is none

    def __len__(self) -> int:
        return len(self.chances)


def chain_of(
    model: Predictor,
    automaton: Automaton,
    longest: int | None = None,
    forced: Predictor | None = None,
) -> Chain:
    """The chain of a model under an automaton; TooLarge if it has too many states.

    States that are more than `longest` tokens away from the start are left out. Where only one
    token can follow, its chance is that of `forced`, if that is given.

    >>> from moreish.generate.automaton import begins
    >>> from moreish.models.bigram import Bigram
    >>> len(chain_of(Bigram(3), begins([2], 3)))  # before and after the first token, then 1 or 2
    3
    """
    size, width = model.vocabulary_size, len(automaton)
    states = states_of(model)
    if states is None or states.count * width >= 2**63:
        raise TooLarge
    contexts, alive = _Rows(model, states), automaton.alive
    if forced is not None and forced is not model:
        contexts = _Forced(contexts, _Rows(forced, states), automaton)
    start = states.start * width + automaton.start
    known = frontier = np.array([start] if alive[automaton.start] else [], dtype=np.int64)
    asked, onward = [], []
    while len(frontier):
        asked.append(frontier)
        onward.append(_following(frontier, contexts, automaton, alive))
        if longest is not None and len(asked) > longest:
            break
        frontier = not_in(known, onward[-1][onward[-1] >= 0])
        known = union(known, frontier)
        if len(known) * size > MOST_CELLS:
            raise TooLarge
    rows = contexts.rows(known // width, known % width)
    follows = np.concatenate([np.zeros((0, size), dtype=np.int64), *onward])
    follows = follows[np.argsort(np.concatenate([known[:0], *asked]))]
    places = np.searchsorted(known, follows).clip(max=max(len(known) - 1, 0))
    after = np.where((known[places] == follows) & (follows >= 0), places, len(known))
    rows[:, 1:] *= after[:, 1:] < len(known)
    rows[:, BOUNDARY] *= automaton.accepts[known % width]
    empty = float(contexts.asked(np.array([states.start], dtype=np.int64))[0, BOUNDARY])
    return Chain(rows, after, int(np.searchsorted(known, start)), empty)


def _following(
    states: np.ndarray, contexts: "_Rows", automaton: Automaton, alive: np.ndarray
) -> np.ndarray:
    """(B,) states → (B, V) those that follow at each token; -1 where none does."""
    keys, inside = np.divmod(states, len(automaton))
    there = automaton.table[inside]
    follows = contexts.states.after(keys) * len(automaton) + there
    possible = (contexts.rows(keys, inside) > 0) & alive[there]
    possible[:, BOUNDARY] = False
    return np.where(possible, follows, -1)


class _Rows:
    """The chances in each state of the model, which is asked once."""

    def __init__(self, model: Predictor, states: States) -> None:
        self.model = model
        self.states = states
        self.keys = np.zeros(0, dtype=np.int64)  # in order
        self.table = np.zeros((0, model.vocabulary_size))

    def rows(self, keys: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """(B,) states of the model, and of the automaton → (B, V) the chances of the next token."""
        return self.asked(keys)

    def asked(self, keys: np.ndarray) -> np.ndarray:
        """(B,) → (B, V) the chances of the next token, of sum 1."""
        new = not_in(self.keys, keys)
        if len(new):
            table = np.concatenate([self.table, *map(self._table, _parts(new))])
            keys_now = np.concatenate([self.keys, new])
            order = np.argsort(keys_now, kind="stable")
            self.keys, self.table = keys_now[order], table[order]
        found: np.ndarray = self.table[np.searchsorted(self.keys, keys)]
        return found

    def _table(self, keys: np.ndarray) -> np.ndarray:
        contexts = self.states.contexts(keys)
        chances: np.ndarray = np.exp(self.model.next_log_probs(contexts).astype(np.float64))
        return chances / chances.sum(axis=1, keepdims=True)


class _Forced(_Rows):
    """The same, but for the chances of what must come, which are those of another model."""

    def __init__(self, rows: _Rows, forced: _Rows, automaton: Automaton) -> None:
        super().__init__(rows.model, rows.states)
        self.forced = forced
        self.forces = automaton.forces

    def rows(self, keys: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """See `_Rows`."""
        found, forced = self.asked(keys), self.forces[inside]
        if forced.any():
            found = found.copy()
            found[forced] = self.forced.asked(keys[forced])
        return found


def _parts(keys: np.ndarray) -> list[np.ndarray]:
    return [keys[first : first + AT_ONCE] for first in range(0, len(keys), AT_ONCE)]
