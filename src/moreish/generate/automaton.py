"""What an item may look like, as a deterministic automaton over tokens.

A prefix, a suffix, a part that must be in it, a regular expression (see `patterns`): each is a
table of which state follows which at each token, and several are one by crossing them. This module
knows no model.

Source: E. Moore, "Gedanken-Experiments on Sequential Machines", 1956 (the smallest automaton).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import OptionError
from ..text.short_repr import brief
from ..text.sorted_arrays import distinct, not_in, union

__all__ = ["Automaton", "anything", "begins", "crossed", "ends", "holds"]

MOST_STATES = 4_000


@dataclass(frozen=True)
class Automaton:
    """S states: which follows at each of V tokens, and in which of them an item may end."""

    __repr__ = brief

    table: np.ndarray  # (S, V) intp; column 0, the boundary, is not used
    accepts: np.ndarray  # (S,) bool
    start: int

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def alive(self) -> np.ndarray:
        """(S,) from which states an item can still come to a good end."""
        alive = self.accepts.copy()
        while True:
            more = alive | alive[self.table[:, 1:]].any(axis=1)
            if np.array_equal(more, alive):
                return alive
            alive = more

    @cached_property
    def forces(self) -> np.ndarray:
        """(S,) in which states only one thing can follow."""
        can = self.alive[self.table]
        can[:, 0] = self.accepts
        forces: np.ndarray = can.sum(axis=1) == 1
        return forces

    def takes(self, tokens: Iterable[int]) -> bool:
        """Whether an item of these tokens is as it should be."""
        state = self.start
        for token in tokens:
            state = int(self.table[state, token])
        return bool(self.accepts[state])

    def smallest(self) -> "Automaton":
        """The same items with as few states as there can be."""
        here = self._reachable()
        ways = np.unique(here.table[:, 1:], axis=1)  # most tokens lead where others do
        names = here.accepts.astype(np.intp)
        while True:
            first, found = _told_apart(names, ways)
            if found.max() == names.max():
                start = int(found[here.start])
                return Automaton(found[here.table[first]], here.accepts[first], start)
            names = found

    def _reachable(self) -> "Automaton":
        """Without the states that no item comes to."""
        is_reached = np.zeros(len(self), dtype=bool)
        new = np.array([self.start])
        while len(new):
            is_reached[new] = True
            follows = distinct(self.table[new, 1:])
            new = follows[~is_reached[follows]]
        reached = np.flatnonzero(is_reached)
        where = np.cumsum(is_reached) - 1
        return Automaton(where[self.table[reached]], self.accepts[reached], int(where[self.start]))


def _told_apart(names: np.ndarray, ways: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S,) names from 0 on, and (S, W) the states that follow → new names: two states have the same
    only if they had, and all that follows them had; (N,) the first state of each, (S,) which."""
    count = int(names.max()) + 1
    found = names
    for way in ways.T:
        if int(found.max()) >= 2**62 // count:
            found = np.unique(found, return_inverse=True)[1]
        found = found * count + names[way]
    _, first, found = np.unique(found, return_index=True, return_inverse=True)
    return first, found


def anything(vocabulary_size: int) -> Automaton:
    """All items.

    >>> anything(3).takes([2, 1, 1])
    True
    """
    table = np.zeros((1, vocabulary_size), dtype=np.intp)
    return Automaton(table, np.ones(1, dtype=bool), 0)


def begins(tokens: Sequence[int], vocabulary_size: int) -> Automaton:
    """Items that begin with these tokens.

    >>> begins([2, 1], 3).takes([2, 1, 1]), begins([2, 1], 3).takes([1, 2, 1])
    (True, False)
    """
    count = len(tokens)
    table = np.full((count + 2, vocabulary_size), count + 1, dtype=np.intp)
    for place, token in enumerate(tokens):
        table[place, token] = place + 1
    table[count] = count
    return Automaton(table, np.arange(count + 2) == count, 0)


def ends(tokens: Sequence[int], vocabulary_size: int) -> Automaton:
    """Items that end with these tokens.

    >>> ends([2, 1], 3).takes([2, 2, 1]), ends([2, 1], 3).takes([2, 1, 1])
    (True, False)
    """
    table = _overlaps(tokens, vocabulary_size)
    return Automaton(table, np.arange(len(table)) == len(tokens), 0)


def holds(tokens: Sequence[int], vocabulary_size: int) -> Automaton:
    """Items that have these tokens somewhere, side by side.

    >>> holds([2, 1], 3).takes([1, 2, 1, 1]), holds([2, 1], 3).takes([2, 2])
    (True, False)
    """
    table = _overlaps(tokens, vocabulary_size)
    table[-1] = len(tokens)
    return Automaton(table, np.arange(len(table)) == len(tokens), 0)


def _overlaps(tokens: Sequence[int], vocabulary_size: int) -> np.ndarray:
    """(n + 1, V) how many of the n tokens the last ones seen are the first of.

    Source: D. Knuth, J. Morris, V. Pratt, "Fast Pattern Matching in Strings", 1977.
    """
    table = np.zeros((len(tokens) + 1, vocabulary_size), dtype=np.intp)
    back = 0  # where one would be without the first token
    for place, token in enumerate(tokens):
        table[place] = table[back]
        table[place, token] = place + 1
        back = int(table[back, token]) if place else 0
    table[-1] = table[back]
    return table


def crossed(one: Automaton, other: Automaton) -> Automaton:
    """Items that both take. OptionError if that needs too many states.

    >>> both = crossed(begins([1], 3), ends([2], 3))
    >>> both.takes([1, 2]), both.takes([1]), both.takes([2, 2])
    (True, False, False)
    """
    width = len(other)
    known = np.array([one.start * width + other.start])
    frontier = known
    rows: dict[int, np.ndarray] = {}
    while len(frontier):
        a, b = np.divmod(frontier, width)
        after = one.table[a] * width + other.table[b]
        rows.update(zip(frontier.tolist(), after, strict=True))
        frontier = not_in(known, after[:, 1:])
        known = union(known, frontier)
        if len(known) > MOST_STATES:
            raise OptionError(too_many("the constraints together need"))
    table = np.searchsorted(known, np.stack([rows[key] for key in known.tolist()])).clip(
        max=len(known) - 1
    )
    a, b = np.divmod(known, width)
    start = int(np.searchsorted(known, one.start * width + other.start))
    return Automaton(table, one.accepts[a] & other.accepts[b], start).smallest()


def too_many(what: str) -> str:
    """The sentence for what needs more states than there may be."""
    return f"{what} an automaton of more than {MOST_STATES:,} states: make it simpler"
