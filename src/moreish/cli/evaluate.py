"""moreish evaluate: how well a model predicts, on its own splits or on another list."""

import math

import click

from ..errors import OptionError
from ..model import load
from ..text import read_items
from . import options
from .output import put_json, put_table, say


@click.command(short_help="How well does a model predict?")
@click.argument("model")
@click.argument("file", required=False)
@options.column
@click.option("--weights", metavar="NAME", help="The column that says how much each item counts.")
@options.encoding
@options.as_json
def evaluate(
    model: str,
    file: str | None,
    column: str | None,
    weights: str | None,
    encoding: str,
    as_json: bool,
) -> None:
    """Print the loss of a MODEL on each split of its own list, or on all of FILE.

    The column "95 %" says how far the loss may be from that of all such items.
    FILE may be "-" for standard input. Its figure is called "test".
    """
    loaded = load(model)
    if file is None and not len(loaded.memory.items):
        raise OptionError(f"{model} has no list of its own: which FILE shall be evaluated?")
    if file is None:
        lists = {name: loaded.memory.split(name) for name in ("train", "dev", "test")}
    else:
        items = read_items(file, encoding=encoding, column=column, weights=weights)
        for remark in items.remarks:
            say(f"Note: {remark}.")
        known = sum(loaded.memory.known.get(text) == "train" for text in items.texts)
        if known:
            say(f"Note: {known:,} of the {len(items):,} distinct items were trained on.")
        lists = {"test": items}
    lists = {name: items for name, items in lists.items() if len(items)}
    totals = {name: loaded.evaluate(items) for name, items in lists.items()}
    intervals = {name: loaded.interval(items) for name, items in lists.items()}
    if as_json:
        put_json(
            {
                "model": loaded.language_model.name,
                "parameters": loaded.language_model.parameter_count,
                "seconds": round(loaded.report.seconds, 3),
                "nats_per_token": {name: t.nats_per_token for name, t in totals.items()},
                "interval": intervals,
                "perplexity": {name: t.perplexity for name, t in totals.items()},
                "tokens": {name: t.tokens for name, t in totals.items()},
                "items": {name: len(items) for name, items in lists.items()},
            }
        )
        return
    put_table(
        ("split", "items", "tokens", "nats per token", "95 %", "bits per token", "perplexity"),
        (
            (
                name,
                f"{len(lists[name]):,}",
                f"{total.tokens:,.0f}",
                f"{total.nats_per_token:.4f}",
                "{:.4f} to {:.4f}".format(*intervals[name]),
                f"{total.nats_per_token / math.log(2):.4f}",
                f"{total.perplexity:.3f}",
            )
            for name, total in totals.items()
        ),
    )
