"""moreish compare: every family on the same held-out items, in one table."""

import math
from typing import Any

import click

from ..comparison import Compared, comparing
from ..rows import described
from ..text import parse_shares
from . import options
from .output import between, perplexity, progress, put_json, put_table, say


@click.command(
    cls=options.HeadedCommand, short_help="Which family of models suits a list, in one table."
)
@options.files
@click.option("--models", metavar="A,B,...", help="Only these families.  [default: all]")
@options.of_list
@options.seed
@options.as_json
def compare(
    files: tuple[str, ...], models: str | None, split: str | None, as_json: bool, **chosen: Any
) -> None:
    """Learn each family of models from FILE, with its defaults, and print the best first.

    All are judged by dev, the same held-out items; the column "behind" says how far each is behind
    the first, from where to where at 95 %. A list for --test is judged too, and chooses nothing.
    """
    names = None if models is None else models.split(",")
    shares = None if split is None else parse_shares(split)
    comparison = comparing(options.source_of(files), names, split=shares, **options.given(**chosen))
    with progress() as show:
        for _, record in comparison:
            show(record)
    for remark in comparison.remarks:
        say(f"Note: {remark}.")
    ranking = comparison.ranking()
    if as_json:
        for one in ranking:
            put_json(_described(one))
        return
    has_test = "test" in ranking[0].model.report.nats_per_token
    header = ("model", "dev", "behind, 95 %", "bits", "perplexity", "train")
    put_table(
        (*header, *(["test"] if has_test else []), "parameters", "seconds", "kB"),
        (_row(one, has_test) for one in ranking),
    )


def _row(one: Compared, has_test: bool) -> tuple[str, ...]:
    report = one.model.report
    losses = report.nats_per_token
    return (
        one.name,
        f"{losses['dev']:.4f}",
        between(one.behind) if any(one.behind) else "",
        f"{losses['dev'] / math.log(2):.4f}",
        perplexity(losses["dev"], digits=3),
        f"{losses['train']:.4f}",
        *([f"{losses['test']:.4f}"] if has_test else []),
        f"{one.model.language_model.parameter_count:,}",
        f"{report.seconds:.1f}",
        f"{one.size / 1e3:,.0f}",
    )


def _described(one: Compared) -> dict[str, Any]:
    return described(one.model) | {
        "model": one.name,
        "nats_per_token": one.model.report.nats_per_token,
        "behind": one.behind,
        "bytes": one.size,
        "options": one.model.language_model.options(),
    }
