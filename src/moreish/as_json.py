"""Items and scores as rows for JSON: what commands print with `--json`, and what is served.

It prints nothing and knows no HTTP.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .model import Model

__all__ = ["finite", "made_rows", "scored_rows"]

Row = dict[str, Any]


def finite(thing: Any) -> Any:
    """The same with None for each number that JSON can't write, such as infinity.

    >>> finite({"nats": [float("inf"), 1.5]})
    {'nats': [None, 1.5]}
    """
    if isinstance(thing, float):
        return thing if math.isfinite(thing) else None
    if isinstance(thing, Mapping):
        return {key: finite(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [finite(value) for value in thing]
    return thing


def made_rows(
    model: Model, items: Sequence[str], nats: Sequence[float], *, ledger: bool = True
) -> list[Row]:
    """Items that a model made, and their nats → where each stands beside the list; with a `ledger`
    also what it has from it, which takes a millisecond an item.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> made_rows(model, ["anna"], [1.5], ledger=False)
    [{'item': 'anna', 'nats': 1.5, 'new': False, 'in': 'train'}]
    """
    memory = model.memory
    rows: list[Row] = [
        {"item": item, "nats": cost, "new": memory.is_new(item), "in": memory.known.get(item)}
        for item, cost in zip(items, nats, strict=True)
    ]
    if ledger:
        for row, entry in zip(rows, model.ledger(items), strict=True):
            row |= {name: getattr(entry, name) for name in ("nearest", "distance", "copied")}
    return rows


def scored_rows(model: Model, items: Sequence[str], *, flag_rate: float | None = None) -> list[Row]:
    """Items → how well each belongs; see `Model.scores`.

    >>> from moreish import train
    >>> model = train(["anna", "hannah"], model="bigram", split=(100, 0, 0))
    >>> list(scored_rows(model, ["anna"])[0])
    ['item', 'nats', 'nats_per_token', 'tokens', 'percentile', 'in', 'as_if_new']
    """
    scores, none = model.scores(items, flag_rate=flag_rate), [None] * len(items)
    columns = {
        "item": items,
        "nats": scores.nats.tolist(),
        "nats_per_token": scores.nats_per_token.tolist(),
        "tokens": scores.tokens.tolist(),
        "percentile": none if scores.percentile is None else scores.percentile.tolist(),
        "in": [model.memory.known.get(item) for item in items],
        "as_if_new": scores.as_if_new.tolist(),
    }
    if scores.flagged is not None:
        columns["flagged"] = scores.flagged.tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
