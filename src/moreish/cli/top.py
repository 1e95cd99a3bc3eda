"""moreish top: the most likely items, in order."""

from typing import Any

import click

from ..model import load
from ..rows import made_rows
from . import options
from .output import put, put_json


@click.command(short_help="Print the most likely items.")
@click.argument("model")
@click.option("-n", "count", type=int, default=20, show_default=True, metavar="N", help="How many.")
@options.constraints
@options.blank
@options.as_json
def top(model: str, count: int, blank: str | None, as_json: bool, **chosen: Any) -> None:
    """Print the N most likely items of a MODEL file, the likeliest first."""
    loaded = load(model, blank=blank)
    for item, log_prob in loaded.tops(count, **options.given(**chosen)):
        if as_json:
            put_json(*made_rows(loaded, [item], [-log_prob]))
        else:
            put(item)
