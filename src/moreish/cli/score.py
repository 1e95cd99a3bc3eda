"""moreish score: how well each item fits the list."""

import sys
from typing import Any

import click

from ..errors import OptionError
from ..model import Model, load
from ..rows import explained, remarks_on, scored_rows
from ..scoring.scorer import Explanation
from ..text import read_each
from . import options
from .output import put, put_coloured, put_json, say

AT_ONCE = 50_000
SHADES = (None, "yellow", "red")  # of a token that is usual, surprising, very surprising
STEPS = (1.0, 3.0)  # nats above what a token costs on average, from which on it is the next shade


@click.command(short_help="How well does each item fit the list?")
@click.argument("model")
@options.files
@options.reading
@options.blank
@click.option(
    "--flag-rate",
    type=float,
    metavar="X",
    help="Mark what does not belong, so that a share of X of what does would be marked, as 0.01.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Say how surprising each token is, and which one edit makes the item likeliest.",
)
@options.as_json
def score(
    model: str,
    files: tuple[str, ...],
    blank: str | None,
    flag_rate: float | None,
    explain: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Say how surprising each item of FILE is to a MODEL, a row an item.

    The columns are: nats of the whole item, nats per token, percentile among held-out items of
    its length (50 is typical, 0 is like none of them), with --flag-rate "flagged" or "-", and the
    item. Several files are read as one list; "-" is standard input. Without FILE, the items that
    the model was made from are scored. An item that was trained on is scored as if it had not
    been, as far as the model is counted and not trained.
    """
    options.check_own_list(files, **chosen)
    loaded = load(model, blank=blank)
    if not files and not len(loaded.dataset.items):
        raise OptionError(f"{model} has no list of its own: which FILE shall be scored?")
    source = options.source_of(files) or loaded.dataset.items.texts
    items, remarks = read_each(source, **loaded.reading, **options.given(**chosen))
    for remark in remarks + remarks_on(loaded, items):
        say(f"Note: {remark}.")
    if sys.stdout.isatty() and not as_json:
        say("nats\tper token\tpercentile\t" + "\t" * (flag_rate is not None) + "item")
    for first in range(0, len(items), AT_ONCE):
        _put_scores(loaded, items[first : first + AT_ONCE], flag_rate, explain, as_json)


def _put_scores(
    model: Model, items: list[str], flag_rate: float | None, explain: bool, as_json: bool
) -> None:
    for row in scored_rows(model, items, flag_rate=flag_rate):
        if as_json:
            put_json(row | explained(model.explain(row["item"])) if explain else row)
            continue
        rank = "-" if row["percentile"] is None else f"{row['percentile']:.1f}"
        flag = {None: "", True: "flagged\t", False: "-\t"}[row.get("flagged")]
        put(f"{row['nats']:.3f}\t{row['nats_per_token']:.3f}\t{rank}\t{flag}{row['item']}")
        if explain:
            _put_explanation(model, model.explain(row["item"]))


def _put_explanation(model: Model, found: Explanation) -> None:
    """The tokens with their nats, coloured where that can be seen, and the repair."""
    usual = model.report.nats_per_token.get("dev", model.report.nats_per_token.get("train", 0.0))
    put_coloured(
        (f"{token} {nats:.1f}", SHADES[sum(nats > usual + step for step in STEPS)])
        for token, nats in zip([*found.tokens, "end"], found.nats.tolist(), strict=True)
    )
    if found.repair is not None:
        put(f"    {found.repair}: {found.edit}, {found.saved:.1f} nats less")
