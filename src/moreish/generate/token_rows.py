"""Tokens of many items as they are drawn side by side, one after another.

What is kept follows how many tokens there are: a few long items among many short ones cost what
they are long, and not a table as wide as the longest.
"""

import numpy as np

__all__ = ["TokenRows"]


class TokenRows:
    """The tokens of `count` items, the end of an item among them.

    >>> drawn = TokenRows(2)
    >>> drawn.add(np.array([0, 1]), np.array([5, 7]))
    >>> drawn.add(np.array([0, 1]), np.array([0, 8]))
    >>> drawn.add(np.array([1]), np.array([0]))
    >>> drawn.tokens(), drawn.tokens(np.array([False, True]))
    (array([5, 0, 7, 8, 0]), array([7, 8, 0]))
    """

    def __init__(self, count: int) -> None:
        self._steps: list[tuple[np.ndarray, np.ndarray]] = []
        self._dtype = np.min_scalar_type(count)
        self.lengths = np.zeros(count, dtype=np.intp)  # (count,) tokens so far

    def add(self, items: np.ndarray, tokens: np.ndarray) -> None:
        """(N,) which of the items go on, and with which tokens."""
        smallest = np.min_scalar_type(int(tokens.max(initial=0)))
        self._steps.append((items.astype(self._dtype), tokens.astype(smallest)))
        self.lengths[items] += 1

    def tokens(self, which: np.ndarray | None = None) -> np.ndarray:
        """The tokens of all items one after another, or of those where `which` (count,) is true."""
        lengths = self.lengths if which is None else self.lengths * which
        starts = np.cumsum(lengths) - lengths
        tokens = np.zeros(int(lengths.sum()), dtype=np.intp)
        for place, (items, own) in enumerate(self._steps):
            if which is not None:
                chosen = which[items]
                items, own = items[chosen], own[chosen]
            tokens[starts[items] + place] = own
        return tokens
