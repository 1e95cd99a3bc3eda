"""moreish sample: more items like those of the list."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from ..errors import MoreishError, OptionError
from ..model import Model, load
from . import options
from .output import put, put_json

AT_ONCE = 1_000


@click.command(short_help="Print new items.")
@click.argument("model")
@click.option("-n", "count", type=int, default=20, show_default=True, metavar="N", help="How many.")
@options.sampling
@options.as_json
def sample(model: str, count: int, as_json: bool, **chosen: Any) -> None:
    """Print N new items from a MODEL file, one a line."""
    if count < 0:
        raise OptionError(f"-n is a number of items, 0 or more; got {count}")
    loaded = load(model)
    items = islice(loaded.samples(**options.given(**chosen)), min(count, sys.maxsize))
    for part in _parts(items):
        if as_json:
            put_items(loaded, part)
        else:
            put("\n".join(part))


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


def put_items(model: Model, items: list[str]) -> None:
    """Each item as JSON: its surprise under the model as it is, and whether it is new."""
    for item, nats in zip(items, model.scores(items).nats.tolist(), strict=True):
        memory = model.memory
        row = {"item": item, "nats": nats}
        put_json({**row, "new": memory.is_new(item), "in": memory.known.get(item)})
