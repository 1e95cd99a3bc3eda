"""moreish score: how well each item fits the list."""

import sys
from typing import Any

import click

from ..errors import OptionError
from ..model import Model, load
from ..text import read_each
from . import options
from .output import put, put_json, say

AT_ONCE = 50_000


@click.command(short_help="How well does each item fit the list?")
@click.argument("model")
@options.files
@options.reading
@options.as_json
def score(model: str, files: tuple[str, ...], as_json: bool, **chosen: Any) -> None:
    """Say how surprising each item of FILE is to a MODEL, a row an item.

    The columns are: nats of the whole item, nats per token, percentile among held-out items of
    the list (50 is typical, 0 is like none of them), the item. Several files are read as one
    list; "-" is standard input. Without FILE, the items that the model was made from are scored.
    """
    options.check_own_list(files, **chosen)
    loaded = load(model)
    if not files and not len(loaded.memory.items):
        raise OptionError(f"{model} has no list of its own: which FILE shall be scored?")
    source = options.source_of(files) or loaded.memory.items.texts
    items, remarks = read_each(source, lower=loaded.memory.lower, **options.given(**chosen))
    for remark in remarks:
        say(f"Note: {remark}.")
    _name_unknown(loaded, items)
    if sys.stdout.isatty() and not as_json:
        say("nats\tper token\tpercentile\titem")
    for first in range(0, len(items), AT_ONCE):
        _put_scores(loaded, items[first : first + AT_ONCE], as_json)


def _put_scores(model: Model, items: list[str], as_json: bool) -> None:
    scores = model.scores(items)
    percentiles = [None] * len(items) if scores.percentile is None else scores.percentile.tolist()
    rows = zip(
        items,
        scores.nats.tolist(),
        scores.nats_per_token.tolist(),
        scores.tokens.tolist(),
        percentiles,
        strict=True,
    )
    for item, nats, per_token, tokens, percentile in rows:
        if as_json:
            put_json(
                {
                    "item": item,
                    "nats": nats,
                    "nats_per_token": per_token,
                    "tokens": tokens,
                    "percentile": percentile,
                    "in": model.memory.known.get(item),
                }
            )
        else:
            rank = "-" if percentile is None else f"{percentile:.1f}"
            put(f"{nats:.3f}\t{per_token:.3f}\t{rank}\t{item}")


def _name_unknown(model: Model, items: list[str]) -> None:
    unknown = sorted(
        {t for item in items for t in model.vocabulary.split(item)} - set(model.vocabulary.numbers)
    )
    if unknown:
        names = ", ".join(map(repr, unknown[:8])) + (", ..." if len(unknown) > 8 else "")
        say(f"Note: not in the training data, so {model.unknown_nats:.1f} nats each: {names}.")
