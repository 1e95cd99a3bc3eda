"""What is shown of an item: how surprising each token is, and what followed its context.

The counts are those of the items that were trained on; the probabilities are the model's, which may
look back further than the context that is counted. It knows nothing of pages.
"""

import math

import numpy as np

from ..errors import OptionError
from ..model import Model
from ..rows import Row, explained, finite, remarks_on, scored_rows
from ..text import contexts_of
from .runs import Run

LONGEST = 1_000  # tokens of an item that is looked at
MOST_EDITS = 300_000  # that are tried for a repair: about a second
ENOUGH = 5  # times that a context should have come, for its counts to say something
SHOWN = 12  # tokens that are listed by their counts
LIKELIEST = 4  # and by their probabilities, if they are not among those
ITEMS = 6  # in which a token followed


def surprises(run: Run, item: str) -> Row:
    """An item → the nats of each token and of its end, and its best repair.

    OptionError for an item that is empty or too long to be looked at.

    >>> from moreish import train
    >>> run = Run("1", "names")
    >>> run.take(train(["anna", "hannah", "nan"], model="bigram", split=(100, 0, 0)))
    >>> row = surprises(run, "anxna")
    >>> row["tokens"], row["repair"], len(row["surprise"])
    (['a', 'n', 'x', 'n', 'a'], 'anna', 6)
    """
    model = run.trained
    item = _one_item(model, item)
    tokens = list(model.vocabulary.split(item))
    (row,) = scored_rows(model, [item])
    if 2 * len(tokens) * len(model.vocabulary) <= MOST_EDITS:
        row |= explained(model.explain(item))
    else:
        row |= {"surprise": model.surprise(item).tolist(), "repair": None, "too_long": True}
    row["tokens"] = tokens
    row["new"] = model.dataset.is_new(item)
    row["notes"] = remarks_on(model, [item])
    result: Row = finite(row)
    return result


def followers(run: Run, item: str, position: int, length: int | None = None) -> Row:
    """What followed the tokens before a position of an item, in the list and by the model.

    `length` is how many tokens back the counts look; without one, as many as came at least five
    times. One more than the position is as far as the beginning of the item. OptionError for a
    position that there is not.

    >>> from moreish import train
    >>> run = Run("1", "names")
    >>> run.take(train(["anna", "hannah", "nan"], model="bigram", split=(100, 0, 0)))
    >>> row = followers(run, "ann", 2, length=1)
    >>> row["context"], row["times"], [(f["token"], f["count"]) for f in row["followers"]]
    (['n'], 6.0, [('a', 3.0), ('n', 2.0), (None, 1.0), ('h', 0.0)])
    """
    model = run.trained
    item = _one_item(model, item)
    tokens = list(model.vocabulary.split(item))
    if not 0 <= position <= len(tokens):
        raise OptionError(f"a position from 0 to {len(tokens)} was wanted, got {position}")
    if not model.dataset.has_texts or not len(model.dataset.items):
        raise OptionError("this model came without its list, so there are no counts to show")
    numbers, block_size = model.vocabulary.encode([item]), model.language_model.block_size
    contexts = contexts_of(numbers, block_size, model.vocabulary.unknown)
    probabilities = np.exp(model.next_log_probs(contexts[position : position + 1])[0])
    places = _places(run, numbers[:position], min(block_size, position + 1))
    if length is None:
        often = [k for k, found in enumerate(places) if len(found) >= ENOUGH]
        length = often[-1] if often else 0
    length = min(max(length, 0), len(places) - 1)
    rows, times = _listed(run, places[length], probabilities, int(numbers[position]))
    return {
        "context": tokens[max(position - length, 0) : position],
        "from_beginning": length > position,
        "seen": tokens[max(position - block_size, 0) : position],
        "length": length,
        "longest": len(places) - 1,
        "times": times,
        "followers": rows,
    }


def _one_item(model: Model, item: str) -> str:
    (item,) = model.as_read([item])
    tokens = len(model.vocabulary.split(item))
    if not item or tokens > LONGEST:
        raise OptionError(f"an item of 1 to {LONGEST:,} tokens was wanted, got {tokens:,}")
    return item


def _places(run: Run, before: np.ndarray, longest: int) -> list[np.ndarray]:
    """(L,) tokens before a position → where the last k of them came in the list, for each k."""
    tokens, _ = run.trained_tokens
    places = [np.arange(len(tokens))]
    for back in range(1, longest + 1):
        wanted = before[-back] if back <= len(before) else 0
        here = places[-1]
        inside = here >= back
        found = np.zeros(len(here), dtype=bool)
        found[inside] = tokens[here[inside] - back] == wanted
        if wanted == 0:
            found |= here == back - 1  # the list begins where its first item does
        places.append(here[found])
    return places


def _listed(
    run: Run, places: np.ndarray, probabilities: np.ndarray, own: int
) -> tuple[list[Row], float]:
    """Where a context came → a row for each token that is worth one, and how often it came."""
    model, (tokens, owners) = run.trained, run.trained_tokens
    train, size = model.dataset.split("train"), len(probabilities)
    known = places[tokens[places] < size]
    counts = np.bincount(
        tokens[known].astype(np.intp), weights=train.counts[owners[known]], minlength=size
    )
    times = float(counts.sum())
    order = np.argsort(-counts, kind="stable")[:SHOWN]
    listed = [int(token) for token in order if counts[token]]
    likely = [int(token) for token in np.argsort(-probabilities, kind="stable")[:LIKELIEST]]
    listed += [token for token in (*likely, own) if token not in listed and token < size]
    rows = []
    for token in dict.fromkeys(listed):
        which = dict.fromkeys(owners[places[tokens[places] == token]].tolist())
        rows.append(
            {
                "token": None if token == 0 else model.vocabulary.names[token - 1],
                "count": float(counts[token]),
                "share": float(counts[token]) / times if times else math.nan,
                "probability": float(probabilities[token]),
                "items": [train.texts[place] for place in list(which)[:ITEMS]],
                "is_here": token == own,
            }
        )
    result: list[Row] = finite(rows)
    return result, times
