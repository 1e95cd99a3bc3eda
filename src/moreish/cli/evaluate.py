"""moreish evaluate: how well a model predicts, on its own splits or on another list."""

import math
from typing import Any

import click

from ..errors import OptionError
from ..model import load
from ..rows import (
    Row,
    by_split,
    described,
    evaluated,
    flagged_share,
    remarks_on_known,
    remarks_on_unknown,
)
from ..text import Items, read_items
from ..text.dataset import SPLITS
from . import options
from .output import between, perplexity, put, put_json, put_table, say


@click.command(short_help="How well does a model predict?")
@click.argument("model")
@options.files
@options.reading
@options.weights
@options.blank
@click.option(
    "--flag-rate",
    type=float,
    metavar="X",
    help="Say how many items of test would be marked as not belonging by score --flag-rate X.",
)
@options.as_json
def evaluate(
    model: str,
    files: tuple[str, ...],
    blank: str | None,
    flag_rate: float | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Print the loss of a MODEL on each split of its own list, or on all of FILE.

    The column "95 %" says how far the loss may be from that of all such items.
    Several files are judged as one list; "-" is standard input. Its figure is called "test". Where
    the items are documents, those of FILE that the model knows are judged by their split.
    """
    options.check_own_list(files, **chosen)
    loaded = load(model, blank=blank)
    if not files and not len(loaded.dataset.items):
        raise OptionError(f"{model} has no list of its own: which FILE shall be evaluated?")
    judged: dict[str, Items | str] = {name: name for name in SPLITS if loaded.dataset.size(name)}
    if files:
        items = read_items(options.source_of(files), **loaded.reading, **options.given(**chosen))
        remarks = remarks_on_unknown(loaded, items.texts) + remarks_on_known(loaded, items)
        for remark in items.remarks + remarks:
            say(f"Note: {remark}.")
        judged = {"test": items}
        if loaded.dataset.documents is not None:
            judged = dict(by_split(loaded, items))
    rows = evaluated(loaded, judged)
    flagged = None if flag_rate is None else flagged_share(loaded, judged.get("test"), flag_rate)
    if as_json:
        keys = ("nats_per_token", "interval", "perplexity", "tokens", "items")
        by_key = {key: {name: row[key] for name, row in rows.items()} for key in keys}
        put_json(described(loaded) | by_key | ({} if flagged is None else {"flagged": flagged}))
        return
    put_table(
        ("split", "items", "tokens", "nats per token", "95 %", "bits per token", "perplexity"),
        (_cells(name, row) for name, row in rows.items()),
    )
    if flagged is not None:
        low, high = (100 * bound for bound in flagged["interval"])
        put(
            f"flagged at a rate of {flag_rate:g}: {flagged['flagged']:,} of {flagged['items']:,} "
            f"items of test, {100 * flagged['rate']:.2f} % (95 %: {low:.2f} to {high:.2f} %)"
        )


def _cells(name: str, row: Row) -> tuple[str, ...]:
    return (
        name,
        f"{row['items']:,}",
        f"{row['tokens']:,.0f}",
        f"{row['nats_per_token']:.4f}",
        between(row["interval"]),
        f"{row['nats_per_token'] / math.log(2):.4f}",
        perplexity(row["nats_per_token"], digits=3),
    )
