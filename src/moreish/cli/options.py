"""Options that several commands share."""

from collections.abc import Callable
from typing import Any

import click

from ..text import Files

Command = Callable[..., Any]

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
files = click.argument("files", metavar="[FILE]...", nargs=-1)


def number_or_name(text: str) -> float | str:
    """A number where it is one, and else the text."""
    try:
        return float(text)
    except ValueError:
        return text


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several options as one decorator, in this order in the help."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def given(**options: Any) -> dict[str, Any]:
    """The options that were typed."""
    return {name: value for name, value in options.items() if value is not None}


def source_of(names: tuple[str, ...]) -> str | Files | None:
    """What is to be read: nothing, a file, or several."""
    if len(names) < 2:
        return names[0] if names else None
    return Files(names)


reading = together(
    click.option("--column", metavar="NAME", help="The column, or key, that holds the items."),
    click.option(
        "--format",
        metavar="NAME",
        help="lines, csv, tsv or jsonl.  [default: as the file's name says]",
    ),
    click.option(
        "--encoding", default="utf-8", show_default=True, help="What the text is encoded in."
    ),
    click.option("--max-length", type=int, metavar="N", help="Longer lines are left out."),
)
weights = click.option(
    "--weights", metavar="NAME", help="The column, or key, that says how much each item counts."
)

learning = together(
    click.option(
        "--model",
        metavar="NAME",
        help="bigram, ngram, neural-bigram, mlp or mixture.  [default: mlp]",
    ),
    click.option("--block-size", type=int, metavar="T", help="How many tokens it looks back."),
    click.option("--embedding-size", type=int, metavar="E", help="Numbers for each token."),
    click.option("--hidden-size", type=int, metavar="H", help="Units of the hidden layer."),
    click.option(
        "--smoothing",
        type=number_or_name,
        metavar="K|NAME",
        help="A number is added to each count (bigram, ngram); or kneser-ney, witten-bell or "
        "deleted-interpolation (ngram).  [default: 0.5 (bigram), kneser-ney (ngram)]",
    ),
    click.option(
        "--regularisation", type=float, metavar="R", help="Times the mean of W² (neural-bigram)."
    ),
    click.option("--direct", is_flag=True, default=None, help="From embeddings to output (mlp)."),
    click.option("--dropout", type=float, metavar="P", help="Of hidden units in training (mlp)."),
    click.option("--mixture", metavar="A,B", help="Two models.  [default: ngram,mlp]"),
    click.option(
        "--share",
        type=number_or_name,
        metavar="X|NAME",
        help="Of the first model of a mixture: a number, or as learnt on dev: learnt or "
        "by-frequency.  [default: by-frequency]",
    ),
    click.option("--words", is_flag=True, help="Tokens are words, not characters."),
    click.option("--seed", type=int, default=1, show_default=True, metavar="N"),
    click.option("--steps", type=int, metavar="N", help="How long to train."),
    click.option("--batch-size", type=int, metavar="B", help="Contexts in a step."),
    click.option("--learning-rate", type=float, metavar="X", help="The highest."),
    click.option("--weight-decay", type=float, metavar="X", help="Pulls weights towards 0."),
)

limits = together(
    click.option("--prefix", metavar="S", help="What items begin with."),
    click.option("--suffix", metavar="S", help="What items end with."),
    click.option("--contains", metavar="S", help="What is somewhere in them."),
    click.option("--matches", metavar="REGEX", help="A pattern that covers the whole item."),
    click.option("--min-length", type=int, metavar="N", help="Tokens at least."),
    click.option("--max-length", type=int, metavar="N", help="Tokens at most."),
    click.option("--new", is_flag=True, help="None that is in the list."),
)

sampling = together(
    click.option("--seed", type=int, default=1, show_default=True, metavar="N"),
    click.option("--temperature", type=float, metavar="X", help="Below 1 safer, above 1 bolder."),
    click.option("--top-k", type=int, metavar="K", help="Only the K likeliest tokens each time."),
    click.option("--top-p", type=float, metavar="P", help="Only the likeliest that make up P."),
    limits,
    click.option("--unique", is_flag=True, help="None twice."),
)
