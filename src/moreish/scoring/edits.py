"""All that is one edit away from an item, and how surprising each of it is.

An edit leaves a token out, puts one in, takes another for it, or swaps it with the next. It changes
what the model thinks of the tokens it puts and of the T after it, so only those are asked anew.
Of many tokens, as words are, only the likeliest at each place are put there: trying all would take
a network minutes an item.

Source: F. Damerau, "A Technique for Computer Detection and Correction of Spelling Errors",
Communications of the ACM 7 (1964) 171-176.
"""

from dataclasses import dataclass

import numpy as np

from ..models import Predictor
from ..models.base import contexts_at_once
from ..text import BOUNDARY, contexts_of
from ..text.short_repr import brief

__all__ = ["Edits", "edited_nats", "edits_of", "likeliest"]

NONE = -1
AT_ONCE = 4_096  # edits
MANY, TRIED = 1_000, 100  # of more tokens than MANY so many are tried at each place


@dataclass(frozen=True)
class Edits:
    """N edits: at a place some tokens are taken out, and others put there."""

    __repr__ = brief

    places: np.ndarray  # (N,)
    taken: np.ndarray  # (N,) how many: 0, 1 or 2
    put: np.ndarray  # (N, 2) the tokens, NONE where there is none

    def __len__(self) -> int:
        return len(self.places)


def likeliest(model: Predictor, tokens: np.ndarray, vocabulary_size: int) -> np.ndarray:
    """(L,) tokens of an item, without its end → (L + 1, K) the tokens to try at each place, rising:
    all from 1 on, or of many the likeliest after what stands before.

    >>> from moreish.models.bigram import Bigram
    >>> likeliest(Bigram(4), np.array([1, 2]), vocabulary_size=4).tolist()
    [[1, 2, 3], [1, 2, 3], [1, 2, 3]]
    """
    every = np.arange(1, vocabulary_size)
    if len(every) <= MANY:
        return np.tile(every, (len(tokens) + 1, 1))
    whole = np.append(tokens, BOUNDARY)
    contexts = contexts_of(whole, model.block_size, model.vocabulary_size)
    at_once, found = contexts_at_once(model), np.empty((len(whole), TRIED), dtype=np.intp)
    for first in range(0, len(whole), at_once):
        log_probs = model.next_log_probs(contexts[first : first + at_once])[:, every]
        best = np.argpartition(-log_probs, TRIED, axis=1)[:, :TRIED]
        found[first : first + at_once] = every[np.sort(best, axis=1)]
    return found


def edits_of(tokens: np.ndarray, tried: np.ndarray) -> Edits:
    """(L,) tokens of an item, without its end, and (L + 1, K) those to put at each place → all
    edits, those that put one in last.

    >>> edits = edits_of(np.array([1, 2]), np.array([[1, 2]] * 3))
    >>> edits.places.tolist(), edits.taken.tolist()
    ([0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 2, 2], [1, 2, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    >>> edits.put[:4].tolist()  # 1 is left out, swapped with 2, 1 or 2 is taken for it
    [[-1, -1], [2, 1], [1, -1], [2, -1]]
    """
    count, many = len(tokens), tried.shape[1]
    here, gaps = np.arange(count), np.arange(count + 1)
    new = np.stack([tried.reshape(-1), np.full(tried.size, NONE)], axis=1)
    swapped = np.stack([tokens[1:], tokens[:-1]], axis=1)
    changes = (
        (here, 1, np.full((count, 2), NONE)),
        (here[:-1], 2, swapped),
        (here.repeat(many), 1, new[: count * many]),
    )
    places = np.concatenate([place for place, _, _ in changes])
    order = np.argsort(places, kind="stable")
    taken = np.repeat([take for _, take, _ in changes], [len(place) for place, _, _ in changes])
    put = np.concatenate([tokens for _, _, tokens in changes])
    added = gaps.repeat(many)
    return Edits(
        np.concatenate([places[order], added]),
        np.concatenate([taken[order], np.zeros_like(added)]),
        np.concatenate([put[order], new]),
    )


def edited_nats(
    model: Predictor, tokens: np.ndarray, nats: np.ndarray, edits: Edits, unknown: float
) -> np.ndarray:
    """(L + 1,) tokens of an item with its end, (L + 1,) their nats, and N edits → (N,) nats of each
    edited item as a whole. A token that the vocabulary does not have costs `unknown` nats.

    >>> from moreish.models.bigram import Bigram
    >>> model, tokens = Bigram(3), np.array([1, 2, 0])  # not fitted: each of three is as likely
    >>> edits = edits_of(tokens[:-1], np.array([[1, 2]] * 3))
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
