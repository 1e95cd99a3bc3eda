"""Contexts that a model can't tell apart are one state: how many there are, and what follows what.

A model that looks back T tokens could have V to the power of T of them. One that sees of a context
only the longest part of it that it knows has about as many as it knows. This module asks a model
nothing but its `endings`.

Source: A. Aho, M. Corasick, "Efficient String Matching: An Aid to Bibliographic Search", 1975 (the
tree of what is known, and where to fall back to).
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..text import BOUNDARY, gather_rows
from ..text.sorted_arrays import find, union
from .base import Predictor

__all__ = ["States", "states_of"]


class States(Protocol):
    """Numbers for the contexts of T tokens, those that can't be told apart with the same one."""

    count: int  # how many there are
    start: int  # before the first token of an item

    def after(self, states: np.ndarray) -> np.ndarray:
        """(B,) states → (B, V) int64 those that follow at each token."""

    def contexts(self, states: np.ndarray) -> np.ndarray:
        """(B,) states → (B, T) a context of each; a token that the model does not see is V."""


def states_of(model: Predictor) -> States | None:
    """The states of a model; None where their keys would not fit into 63 bits.

    >>> from moreish.models.bigram import Bigram
    >>> states = states_of(Bigram(3))
    >>> states.count, states.after(np.array([states.start])).tolist()
    (3, [[0, 1, 2]])
    """
    size, block_size = model.vocabulary_size, model.block_size
    endings = model.endings()
    if size ** (block_size + (endings is None)) >= 2**63:
        return None
    if endings is None:
        return EveryContext(size, block_size)
    return KnownEndings(endings, size, block_size)


class EveryContext:
    """Each context is a state: its tokens as the digits of a number to the base V."""

    start = 0

    def __init__(self, size: int, block_size: int) -> None:
        self.size = size
        self.block_size = block_size
        self.count = size**block_size

    def after(self, states: np.ndarray) -> np.ndarray:
        """(B,) states → (B, V): the oldest token goes, a new one comes."""
        follows: np.ndarray = states[:, None] * self.size + np.arange(self.size, dtype=np.int64)
        return follows % self.count

    def contexts(self, states: np.ndarray) -> np.ndarray:
        """(B,) states → (B, T) the context that each is."""
        powers = self.size ** np.arange(self.block_size - 1, -1, -1, dtype=np.int64)
        return (states[:, None] // powers % self.size).astype(np.intp)


class KnownEndings:
    """Each known ending, and each beginning of one, is a state; a context is in the longest that
    it ends in. They are numbered by length, those of one length in the order of their keys.
    `endings` are (C,) contexts for each length.

    >>> states = KnownEndings([np.array([0]), np.array([0, 1]), np.array([5])], 3, block_size=2)
    >>> states.contexts(np.arange(states.count)).tolist()  # (), 0, 1 and 1 2
    [[3, 3], [3, 0], [3, 1], [1, 2]]
    >>> states.start, states.after(np.array([2])).tolist()
    (1, [[1, 2, 3]])
    """

    def __init__(self, endings: Sequence[np.ndarray], size: int, block_size: int) -> None:
        self.size = size
        self.block_size = block_size
        levels = [np.asarray(keys, dtype=np.int64) for keys in endings]
        for length in range(len(levels) - 1, 0, -1):
            levels[length - 1] = union(levels[length - 1], levels[length] // size)
        levels[:1] = [np.zeros(1, dtype=np.int64)]
        firsts = np.append(0, np.cumsum([len(keys) for keys in levels]))
        self.keys = np.concatenate(levels)
        self.count = len(self.keys)
        self.lengths = np.repeat(np.arange(len(levels)), np.diff(firsts))
        parents = [
            firsts[length] + np.searchsorted(levels[length], keys // size)
            for length, keys in enumerate(levels[1:])
        ]
        # the ways onward from each state lead to state after state, the first of all to the second
        ways = np.bincount(
            np.concatenate([np.zeros(0, dtype=np.intp), *parents]), minlength=len(self.keys)
        )
        self.starts = np.append(0, np.cumsum(ways))
        self.back = np.zeros(len(self.keys), dtype=np.intp)  # the longest that it ends in itself
        for length, keys in enumerate(levels):
            left = np.arange(len(keys))
            for shorter in range(length - 1, 0, -1):
                which, places = find(levels[shorter], keys[left] % size**shorter)
                self.back[firsts[length] + left[which]] = firsts[shorter] + places
                left = np.delete(left, which)
        self.start = 0
        for _ in range(block_size):
            self.start = int(self.after(np.array([self.start]))[0, BOUNDARY])

    def after(self, states: np.ndarray) -> np.ndarray:
        """(B,) states → (B, V): onward where there is a way; else as from what it ends in."""
        rows, here = np.arange(len(states)), np.asarray(states, dtype=np.intp)
        chain = []
        while True:
            rows, here = rows[here > 0], here[here > 0]
            if not len(rows):
                break
            chain.append((rows, here))
            here = self.back[here]
        follows = np.zeros((len(states), self.size), dtype=np.int64)
        follows[:, self.keys[1 : self.starts[1] + 1]] = np.arange(1, self.starts[1] + 1)
        for rows, here in reversed(chain):
            which, ways = gather_rows(self.starts, here)
            follows[rows[which], self.keys[ways + 1] % self.size] = ways + 1
        return follows

    def contexts(self, states: np.ndarray) -> np.ndarray:
        """(B,) states → (B, T) a context of each; V stands for what is not seen."""
        back = np.arange(self.block_size - 1, -1, -1, dtype=np.int64)
        tokens = self.keys[states][:, None] // self.size**back % self.size
        seen = back < self.lengths[states][:, None]
        return np.where(seen, tokens, self.size).astype(np.intp)
