"""All that is one edit away from an item, and how surprising each of it is.

An edit leaves a token out, puts one in, takes another for it, or swaps it with the next. It changes
what the model thinks of the tokens it puts and of the T after it, so only those are asked anew.

Source: F. Damerau, "A Technique for Computer Detection and Correction of Spelling Errors",
Communications of the ACM 7 (1964) 171-176.
"""

from dataclasses import dataclass

import numpy as np

from ..models import Predictor
from ..text import contexts_of
from ..text.short_repr import brief

__all__ = ["Edits", "edited_nats", "edits_of"]

NONE = -1
AT_ONCE = 4_096  # edits


@dataclass(frozen=True)
class Edits:
    """N edits: at a place some tokens are taken out, and others put there."""

    __repr__ = brief

    places: np.ndarray  # (N,)
    taken: np.ndarray  # (N,) how many: 0, 1 or 2
    put: np.ndarray  # (N, 2) the tokens, NONE where there is none

    def __len__(self) -> int:
        return len(self.places)


def edits_of(tokens: np.ndarray, vocabulary_size: int) -> Edits:
    """(L,) tokens of an item, without its end → all edits, those that put a token in last.

    >>> edits = edits_of(np.array([1, 2]), vocabulary_size=3)
    >>> edits.places.tolist(), edits.taken.tolist()
    ([0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 2, 2], [1, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    >>> edits.put[:4].tolist()  # 1 is left out, swapped with 2, 1 or 2 is taken for it
    [[-1, -1], [2, 1], [1, -1], [2, -1]]
    """
    count, each = len(tokens), np.arange(1, vocabulary_size)
    here, gaps = np.arange(count), np.arange(count + 1)
    new = np.stack([each, np.full_like(each, NONE)], axis=1)
    swapped = np.stack([tokens[1:], tokens[:-1]], axis=1)
    changes = (
        (here, 1, np.full((count, 2), NONE)),
        (here[:-1], 2, swapped),
        (here.repeat(len(each)), 1, np.tile(new, (count, 1))),
    )
    places = np.concatenate([place for place, _, _ in changes])
    order = np.argsort(places, kind="stable")
    taken = np.repeat([take for _, take, _ in changes], [len(place) for place, _, _ in changes])
    put = np.concatenate([tokens for _, _, tokens in changes])
    added = gaps.repeat(len(each))
    return Edits(
        np.concatenate([places[order], added]),
        np.concatenate([taken[order], np.zeros_like(added)]),
        np.concatenate([put[order], np.tile(new, (count + 1, 1))]),
    )


def edited_nats(
    model: Predictor, tokens: np.ndarray, nats: np.ndarray, edits: Edits, unknown: float
) -> np.ndarray:
    """(L + 1,) tokens of an item with its end, (L + 1,) their nats, and N edits → (N,) nats of each
    edited item as a whole. A token that the vocabulary does not have costs `unknown` nats.

    >>> from moreish.models.bigram import Bigram
    >>> model, tokens = Bigram(3), np.array([1, 2, 0])  # not fitted: each of three is as likely
    >>> edits = edits_of(tokens[:-1], 3)
    >>> edited_nats(model, tokens, np.full(3, np.log(3)), edits, 20.0)[:2].round(2)
    array([2.2, 3.3])
    """
    block_size, size, end = model.block_size, model.vocabulary_size, len(tokens) - 1
    back = np.arange(block_size)
    before = np.append(0.0, np.cumsum(nats))
    after = np.append(np.cumsum(nats[::-1])[::-1], 0.0)
    around = np.zeros(block_size, dtype=np.intp)
    wide = np.concatenate([around, tokens, around])
    result = np.empty(len(edits))
    count = (edits.put != NONE).sum(axis=1)
    for many in range(3):
        alike = np.flatnonzero(count == many)
        for first in range(0, len(alike), AT_ONCE):
            part = alike[first : first + AT_ONCE]
            places = edits.places[part]
            onward = places + edits.taken[part]
            rest = onward[:, None] + back
            rows = np.concatenate(
                [wide[places[:, None] + back], edits.put[part, :many], wide[rest + block_size]],
                axis=1,
            )
            contexts = contexts_of(rows.reshape(-1), block_size, size)
            contexts = contexts.reshape(*rows.shape, block_size)[:, block_size:]
            new = rows[:, block_size:]
            costs = np.where(new == size, unknown, 0.0)
            asked = new != size
            asked[:, many:] &= rest <= end
            costs[asked] = -model.log_probs_of(contexts[asked], new[asked])
            last = np.minimum(onward + block_size, end + 1)
            result[part] = before[places] + costs.sum(axis=1) + after[last]
    return result
