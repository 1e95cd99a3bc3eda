"""moreish sample: more items like those of the list."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from ..errors import MoreishError, OptionError
from ..ledger import Entry, Summary
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
            scores = loaded.score_samples(part).tolist()
            for entry, score in zip(loaded.ledger(part), scores, strict=True):
                put_entry(entry, -score)
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


def put_entry(entry: Entry, nats: float) -> None:
    """An item as JSON: its surprise under the model as it is, and what it has from the list."""
    row = {"item": entry.item, "nats": nats, "new": entry.new, "in": entry.split}
    put_json(row | {name: getattr(entry, name) for name in ("nearest", "distance", "copied")})


def _say_summary(summary: Summary) -> None:
    new = "not known" if summary.new is None else f"{100 * summary.new:.1f} %"
    say(f"{summary.items:,} items: {new} new, {100 * summary.distinct:.1f} % distinct.")
    say("tokens  of these  of the list")
    for length, (here, there) in summary.lengths.items():
        say(f"{length:>6}  {100 * here:>6.1f} %  {100 * there:>9.1f} %")
