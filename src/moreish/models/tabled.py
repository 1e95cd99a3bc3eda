"""A model as one table: what each token costs in each state, and which state follows.

So many items are judged side by side, with a look-up for each token, where the model has not too
many states.
"""

import numpy as np

from ..text import BOUNDARY
from .base import Predictor
from .states import States, states_of

__all__ = ["Tabled", "tabled"]

MOST_CELLS = 8_000_000  # states times tokens
AT_ONCE = 8_192  # states


def tabled(model: Predictor, unknown: float) -> "Tabled | None":
    """The table of a model; None where it would be too large. A token that the vocabulary does not
    have costs `unknown` nats, and what follows it is judged as at the start of an item.

    >>> from moreish.models.bigram import Bigram
    >>> table = tabled(Bigram(3), unknown=20.0)  # not fitted: each of three is as likely
    >>> table.item_nats(np.array([1, 2, 0, 3, 0])).round(2)
    array([ 3.3, 21.1])
    """
    states = states_of(model)
    if states is None or states.count * (model.vocabulary_size + 1) > MOST_CELLS:
        return None
    return Tabled(model, states, unknown)


class Tabled:
    """What each token costs in each of S states, and what follows: (S, V + 1) both."""

    def __init__(self, model: Predictor, states: States, unknown: float) -> None:
        self.start = states.start
        self.width = model.vocabulary_size + 1
        costs = np.full((states.count, self.width), unknown)
        after = np.full((states.count, self.width), states.start, dtype=np.int32)
        reached = np.zeros(states.count, dtype=bool)
        new = np.array([states.start])
        while len(new):  # those that no item comes to are not asked
            reached[new] = True
            for first in range(0, len(new), AT_ONCE):
                part = new[first : first + AT_ONCE]
                costs[part, :-1] = 0.0 - model.next_log_probs(states.contexts(part))
                after[part, :-1] = states.after(part)
            follows = np.unique(after[new, 1:])
            new = follows[~reached[follows]]
        self._costs = costs.reshape(-1)
        self._after = (after * self.width).reshape(-1)  # where the row of each begins

    def item_nats(self, tokens: np.ndarray) -> np.ndarray:
        """The tokens of N items, a 0 after each, V for one that is not known → (N,) nats."""
        ends = np.flatnonzero(tokens == BOUNDARY)
        firsts = np.append(0, ends[:-1] + 1)
        order = np.argsort(firsts - ends, kind="stable")  # the longest first, so that
        running = firsts[order]  # those that go on are the first of them
        left = (ends - firsts + 1)[order]
        going = np.searchsorted(-left, -np.arange(1, left.max(initial=0) + 1), side="right")
        nats = np.zeros(len(order))
        rows = np.full(len(order), self.start * self.width, dtype=np.int32)
        for place, count in enumerate(going.tolist()):
            cells = rows[:count] + tokens[running[:count] + place].astype(np.int32)
            nats[:count] += self._costs[cells]
            rows = self._after[cells]
        result = np.empty(len(order))
        result[order] = nats
        return result
