"""A model as one table: what each token costs in each state, and which state follows.

So many items are judged side by side, with a look-up for each token, where the model has not too
many states.
"""

import numpy as np

from ..text.sorted_arrays import distinct
from .base import Predictor
from .context_states import States, states_of

__all__ = ["StateTable", "tabled"]

MOST_CELLS = 8_000_000  # states times tokens
AT_ONCE = 16_384  # states, or items
# What a token costs, and where in the table the row of the state begins that follows. Both are
# wanted at the same time, so they lie side by side: a table is larger than what is near.
STEP = np.dtype([("nats", np.float64), ("row", np.intp)])


def tabled(model: Predictor, unknown: float) -> "StateTable | None":
    """The table of a model; None where it would be too large. A token that the vocabulary does not
    have costs `unknown` nats, and what follows it is judged as at the start of an item.

    >>> from moreish.models.bigram import Bigram
    >>> table = tabled(Bigram(3), unknown=20.0)  # not fitted: each of three is as likely
    >>> table.item_nats(np.array([1, 2, 0, 3, 0]), sizes=np.array([3, 2])).round(2)
    array([ 3.3, 21.1])
    """
    states = states_of(model)
    if states is None or states.count * (model.vocabulary_size + 1) > MOST_CELLS:
        return None
    return StateTable(model, states, unknown)


class StateTable:
    """A `STEP` for each of S states and each token: (S, V + 1)."""

    def __init__(self, model: Predictor, states: States, unknown: float) -> None:
        self.start = states.start
        self.width = model.vocabulary_size + 1
        steps = np.empty((states.count, self.width), dtype=STEP)
        steps["nats"] = unknown
        steps["row"] = states.start * self.width
        reached = np.zeros(states.count, dtype=bool)
        new = np.array([states.start])
        while len(new):  # those that no item comes to are not asked
            reached[new] = True
            for first in range(0, len(new), AT_ONCE):
                part = new[first : first + AT_ONCE]
                steps["nats"][part, :-1] = 0.0 - model.next_log_probs(states.contexts(part))
                steps["row"][part, :-1] = states.after(part) * self.width
            follows = distinct(steps["row"][new, 1:]) // self.width
            new = follows[~reached[follows]]
        self._steps = steps.reshape(-1)

    def item_nats(self, tokens: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        """The tokens of N items, a 0 after each, V for one that is not known; (N,) how many each
        has, that 0 included → (N,) nats."""
        firsts = np.cumsum(sizes) - sizes
        sizes = sizes.astype(np.min_scalar_type(int(sizes.max(initial=0))))  # quicker to sort
        nats = np.empty(len(sizes))
        for first in range(0, len(sizes), AT_ONCE):  # what is at hand stays in the cache
            part = slice(first, first + AT_ONCE)
            nats[part] = self._nats(tokens, firsts[part], sizes[part])
        return nats

    def _nats(self, tokens: np.ndarray, firsts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        """Where items begin among the tokens, and how many each has, its end included."""
        order = np.argsort(sizes, kind="stable")[::-1]  # the longest first, so that
        going = np.cumsum(np.bincount(sizes)[::-1])[::-1]  # those that go on are the first of them
        places = firsts.take(order)
        nats = np.zeros(len(order))
        rows = np.full(len(order), self.start * self.width, dtype=np.intp)
        for count in going[1:].tolist():
            places = places[:count]
            cells = rows[:count] + tokens.take(places)
            steps = self._steps.take(cells)
            nats[:count] += steps["nats"]
            rows = steps["row"]
            places += 1
        result = np.empty(len(order))
        result[order] = nats
        return result
