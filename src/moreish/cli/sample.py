"""moreish sample: more items like those of the list."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from ..as_json import made_rows
from ..errors import MoreishError, OptionError
from ..ledger import Summary
from ..model import load
from . import options
from .output import put, put_json, say

AT_ONCE = 1_000


@click.command(short_help="Print new items.")
@click.argument("model")
@click.option("-n", "count", type=int, default=20, show_default=True, metavar="N", help="How many.")
@options.sampling
@click.option(
    "--summary", is_flag=True, help="Say at the end what they have from the list, in shares."
)
@options.as_json
def sample(model: str, count: int, summary: bool, as_json: bool, **chosen: Any) -> None:
    """Print N new items from a MODEL file, one a line.

    With --json each has its surprise, whether it is new, the nearest item of the list and how many
    edits it is away, and the longest run that is copied from the list.
    """
    if count < 0:
        raise OptionError(f"-n is a number of items, 0 or more; got {count}")
    loaded = load(model)
    items = islice(loaded.samples(**options.given(**chosen)), min(count, sys.maxsize))
    all_items = []
    for part in _parts(items):
        if summary:
            all_items += part
        if as_json:
            for row in made_rows(loaded, part, (-loaded.score_samples(part)).tolist()):
                put_json(row)
        else:
            put("\n".join(part))
    if summary:
        _say_summary(loaded.summary(all_items))


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


def _say_summary(summary: Summary) -> None:
    new = "not known" if summary.new is None else f"{100 * summary.new:.1f} %"
    say(f"{summary.items:,} items: {new} new, {100 * summary.distinct:.1f} % distinct.")
    say("tokens  of these  of the list")
    for length, (here, there) in summary.lengths.items():
        say(f"{length:>6}  {100 * here:>6.1f} %  {100 * there:>9.1f} %")
