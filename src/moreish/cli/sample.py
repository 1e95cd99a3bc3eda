"""moreish sample: more items like those of the list."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from ..errors import MoreishError, OptionError
from ..model import load
from ..rows import Row, drawn_nats, made_rows, summed
from . import options
from .output import put, put_json, say

AT_ONCE = 1_000


@click.command(short_help="Print new items.")
@click.argument("model")
@click.option("-n", "count", type=int, default=20, show_default=True, metavar="N", help="How many.")
@options.sampling
@options.blank
@click.option(
    "--summary", is_flag=True, help="Say at the end what they have from the list, in shares."
)
@options.as_json
def sample(
    model: str, count: int, blank: str | None, summary: bool, as_json: bool, **chosen: Any
) -> None:
    """Print N new items from a MODEL file, one a line.

    With --json each has its surprise, whether it is new, the nearest item of the list and how many
    edits it is away, and the longest run that is copied from the list. Of documents passages are
    printed, of 50 words or 300 characters if --max-length does not say; prefixes go with them.
    """
    if count < 0:
        raise OptionError(f"-n is a number of items, 0 or more; got {count}")
    loaded, asked = load(model, blank=blank), options.given(**chosen)
    items = islice(loaded.samples(**asked), min(count, sys.maxsize))
    all_items = []
    for part in _parts(items):
        if summary:
            all_items += part
        if as_json:
            for row in made_rows(loaded, part, drawn_nats(loaded, part, asked.get("max_length"))):
                put_json(row)
        else:
            put("\n".join(part))
    if summary:
        _say_summary(summed(loaded, all_items, **asked))


def _parts(items: Iterator[str]) -> Iterator[list[str]]:
    """Some items at a time; those that came before an error are given before it is raised."""
    while True:
        part: list[str] = []
        try:
            part.extend(islice(items, AT_ONCE))
        except MoreishError:
            if part:
                yield part
            raise
        if not part:
            return
        yield part


def _say_summary(summary: Row) -> None:
    new = "not known" if summary["new"] is None else f"{100 * summary['new']:.1f} %"
    say(f"{summary['items']:,} items: {new} new, {100 * summary['distinct']:.1f} % distinct.")
    if (share := summary["probability"]) is not None and share < 1:
        say(f"Of all that the model makes, {100 * share:.3g} % meets the constraints.")
    if (longest := summary["longest_copied"]) is not None:
        runs = f"{longest:,} tokens" if longest else "none that can be told"
        say(f"Longest copied run: {runs}.")
    say("tokens  of these  of the list")
    for row in summary["lengths"]:
        here, there = 100 * row["share"], 100 * row["share_of_list"]
        say(f"{row['tokens']:>6}  {here:>6.1f} %  {there:>9.1f} %")
