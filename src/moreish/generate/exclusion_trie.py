"""The items of a list as a tree of their beginnings, to leave them out exactly.

As long as an item is the beginning of one that is known, its place in the tree is its state; a
known item may not end where it would be whole. Any step out of the tree leads to the chain alone.

Source: E. Fredkin, "Trie Memory", Communications of the ACM 3 (1960) 490-499.
"""

from collections.abc import Callable

import numpy as np

from ..text import BOUNDARY, gather_rows
from ..text.sorted_arrays import distinct
from .chain import Chain

__all__ = ["ExclusionTrie"]


class ExclusionTrie:
    """N places, the root first, those with fewer tokens before those with more.

    `tokens` (M,) are those of the items, one after another, a 0 after each.
    """

    def __init__(self, chain: Chain, tokens: np.ndarray) -> None:
        size = chain.chances.shape[1]
        ends = np.flatnonzero(tokens == BOUNDARY)
        here = np.append(0, ends[:-1] + 1)[: len(ends)]  # where each item stands now
        places = np.zeros(len(ends), dtype=np.intp)
        states, parents, over = [np.array([chain.start])], [], []
        listed: list[int] = []
        self.levels = [0, 1]
        while len(here):
            now = tokens[here]
            listed += distinct(places[now == BOUNDARY]).tolist()
            goes_on = (now != BOUNDARY) & (now < size)
            here, now, places = here[goes_on] + 1, now[goes_on], places[goes_on]
            ways, where = np.unique(places * size + now, return_inverse=True)
            parent, token = np.divmod(ways, size)
            after = chain.after[np.concatenate(states)[parent], token]
            lives = after < len(chain)
            number = np.cumsum(lives) - 1 + self.levels[-1]
            keep = lives[where]
            here, places = here[keep], number[where[keep]]
            if lives.any():
                states.append(after[lives])
                parents.append(parent[lives])
                over.append(token[lives])
                self.levels.append(self.levels[-1] + int(lives.sum()))
        none = np.zeros(0, dtype=np.intp)
        self.states = np.concatenate(states)  # (N,) of the chain
        self.listed = np.isin(np.arange(len(self.states)), listed)  # (N,) where an item is whole
        self.over = np.concatenate(
            [none, *over]
        )  # (N - 1,) the token that leads to each but the root
        sizes = np.bincount(np.concatenate([none, *parents]), minlength=len(self.states))
        self.starts = np.append(0, np.cumsum(sizes))  # of the ways from each place
        self.inside = np.zeros(len(self.states))  # the chance of a good end from each

    def total(self, rows_of: Callable[[np.ndarray, int], np.ndarray]) -> None:
        """Fill in `inside`, the longest beginnings first.

        `rows_of` takes (B,) places and the number of tokens so far, and gives (B, V): how likely
        each token is followed by a good end.
        """
        for tokens in range(len(self.levels) - 2, -1, -1):
            places = np.arange(self.levels[tokens], self.levels[tokens + 1])
            self.inside[places] = rows_of(places, tokens).sum(axis=1)

    def without(self, rows: np.ndarray, places: np.ndarray, chances: np.ndarray) -> np.ndarray:
        """(B, V) what would be drawn from these places → the same, known items left out."""
        which, ways = gather_rows(self.starts, places)
        tokens = self.over[ways]
        rows[which, tokens] = chances[self.states[places[which]], tokens] * self.inside[ways + 1]
        rows[self.listed[places], BOUNDARY] = 0
        return rows

    def after(self, places: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """(B,) places (-1 is outside) and the tokens that came → (B,) places."""
        result = np.full(len(places), -1, dtype=np.intp)
        inside = np.flatnonzero(places >= 0)
        which, ways = gather_rows(self.starts, places[inside])
        found = self.over[ways] == tokens[inside][which]
        result[inside[which[found]]] = ways[found] + 1
        return result
