"""Options that several commands share."""

from collections.abc import Callable
from typing import Any

import click

from ..errors import OptionError, as_typed
from ..text import Files

Command = Callable[..., Any]


class Headed(click.Option):
    """An option that stands under a heading in the help."""

    def __init__(self, *arguments: Any, heading: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.heading = heading


class HeadedCommand(click.Command):
    """A command whose help has a section for each heading, after the options without one."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                heading = getattr(parameter, "heading", "Options")
                sections.setdefault(heading, []).append(record)
        sections["Options"] = sections.pop("Options")
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def headed(heading: str, *names: str, **options: Any) -> Callable[[Command], Command]:
    """An option under a heading."""
    return click.option(*names, cls=Headed, heading=heading, **options)


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
blank = click.option(
    "--blank",
    metavar="WORD",
    help="The word of an ARPA file that stands for a blank, as '<space>' or '|'. Its tokens are "
    "characters then.",
)
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


def source_of(names: tuple[str, ...], *others: str | None) -> str | Files | None:
    """What is to be read: nothing, a file, or several. `others` are files for something else."""
    if (*names, *others).count("-") > 1:
        raise OptionError('"-" is standard input, which can be read once: only one file can be "-"')
    if len(names) < 2:
        return names[0] if names else None
    return Files(names)


def check_own_list(files: tuple[str, ...], **reading: Any) -> None:
    """OptionError for options of a FILE where there is none."""
    own = {"encoding": "utf-8"}
    typed = [name for name, value in reading.items() if value not in (None, own.get(name))]
    if typed and not files:
        raise OptionError(
            f"{as_typed(*typed)} is for reading a FILE, and none was given: the list of the model "
            f"itself is as it was read"
        )


LIST, MODEL, TRAINING = "The list", "The model", "Training, of models that are not counted"


def _number_or_word(context: click.Context, option: click.Parameter, value: str) -> int | str:
    try:
        return int(value)
    except (ValueError, TypeError):
        return value


reading = together(
    headed(LIST, "--column", metavar="NAME", help="The column, or key, that holds the items."),
    headed(
        LIST,
        "--format",
        metavar="NAME",
        help="lines, csv, tsv or jsonl.  [default: as the file's name says]",
    ),
    headed(LIST, "--encoding", default="utf-8", show_default=True, help="What it is encoded in."),
    headed(
        LIST,
        "--max-length",
        type=int,
        metavar="N",
        help="Items of more characters are left out.  [default: 1000; none for documents]",
    ),
)
weights = headed(
    LIST, "--weights", metavar="NAME", help="The column, or key, that says how much each counts."
)

of_list = together(
    headed(LIST, "--dev", metavar="FILE", help="A list to choose by; all of FILE is trained on."),
    headed(LIST, "--test", metavar="FILE", help="A list to judge by; it is read at the end."),
    headed(LIST, "--split", metavar="A/B/C", help="Shares of train/dev/test.  [default: 80/10/10]"),
    reading,
    weights,
    headed(LIST, "--lower", is_flag=True, help="Make all of it lower case."),
    headed(
        LIST,
        "--item-per",
        metavar="WHAT",
        help="What is an item: a line, paragraph (blank lines in between) or file.  "
        "[default: line]",
    ),
    headed(LIST, "--words", is_flag=True, help="Tokens are words, not characters."),
    headed(
        LIST,
        "--min-count",
        type=int,
        metavar="N",
        help="Tokens that come fewer than N times in train are one, <unk>.  [default: 1]",
    ),
)

of_model = together(
    headed(
        MODEL,
        "--model",
        metavar="NAME",
        help="bigram, ngram, class-ngram, neural-bigram, mlp or mixture.  [default: mixture, or "
        "ngram for more than 50,000 items or 1,000 tokens]",
    ),
    headed(
        MODEL,
        "--block-size",
        type=int,
        metavar="T",
        help="How many tokens it looks back.  [default: 6 (ngram), 5 (mlp), 2 (class-ngram)]",
    ),
    headed(
        MODEL,
        "--classes",
        type=int,
        metavar="C",
        help="Into how many classes words are put (class-ngram).  [default: 500]",
    ),
    headed(
        MODEL,
        "--embedding-size",
        type=int,
        metavar="E",
        help="Numbers for each token.  [default: 24]",
    ),
    headed(
        MODEL,
        "--hidden-size",
        type=int,
        metavar="H",
        help="Units of the hidden layer; beside --direct it may be 0.  [default: 400]",
    ),
    headed(
        MODEL,
        "--smoothing",
        type=number_or_name,
        metavar="K|NAME",
        help="A number is added to each count (bigram, ngram, class-ngram); or kneser-ney, "
        "witten-bell or deleted-interpolation (not bigram).  [default: 0.5 (bigram), kneser-ney]",
    ),
    headed(
        MODEL,
        "--regularisation",
        type=float,
        metavar="R",
        help="Times the mean of W² (neural-bigram).  [default: as strong as --smoothing 0.5]",
    ),
    headed(MODEL, "--direct", is_flag=True, default=None, help="From embeddings to output (mlp)."),
    headed(
        MODEL, "--tied", is_flag=True, default=None, help="Embeddings are the output layer (mlp)."
    ),
    headed(
        MODEL,
        "--bag",
        type=int,
        metavar="L",
        help="The oldest L tokens are one input, a weighted sum (mlp).  [default: 0]",
    ),
    headed(MODEL, "--dropout", type=float, metavar="P", help="Of hidden units in training (mlp)."),
    headed(MODEL, "--mixture", metavar="A,B", help="Two models.  [default: ngram,mlp]"),
    headed(
        MODEL,
        "--share",
        type=number_or_name,
        metavar="X|NAME",
        help="Of the first model of a mixture: a number, or as learnt on dev: learnt or "
        "by-frequency.  [default: by-frequency; 0.5 without dev]",
    ),
)

of_training = together(
    headed(
        TRAINING,
        "--recipe",
        metavar="NAME",
        help="table: contexts with all that followed. course: drawn examples, SGD, N(0, 1) at the "
        "start, as in the makemore course.  [default: table]",
    ),
    headed(
        TRAINING,
        "--steps",
        type=int,
        metavar="N",
        help="How long.  [default: depends on the size of the list]",
    ),
    headed(TRAINING, "--minutes", type=float, metavar="X", help="How long, by the clock."),
    headed(
        TRAINING,
        "--batch-size",
        callback=_number_or_word,
        metavar="B",
        help="Contexts in a step, or all.  [default: 256]",
    ),
    headed(
        TRAINING,
        "--optimizer",
        metavar="NAME",
        help="adamw, momentum or sgd.  [default: adamw]",
    ),
    headed(TRAINING, "--learning-rate", type=float, metavar="X", help="The highest; see find-lr."),
    headed(
        TRAINING,
        "--schedule",
        metavar="NAME",
        help="How the rate falls: cosine, step or constant.  [default: cosine]",
    ),
    headed(TRAINING, "--warm-up", type=int, metavar="N", help="Steps in which the rate rises."),
    headed(TRAINING, "--weight-decay", type=float, metavar="X", help="Pulls weights towards 0."),
    headed(TRAINING, "--momentum", type=float, metavar="X", help="[default: 0.9]"),
    headed(
        TRAINING,
        "--patience",
        type=int,
        metavar="N",
        help="Stop when dev was no better for N looks; there are 50 in a run.",
    ),
    headed(
        TRAINING,
        "--softmax",
        metavar="NAME",
        help="full, or sampled: a step looks at 2,000 of many words.  [default: full]",
    ),
)

seed = click.option("--seed", type=int, default=1, show_default=True, metavar="N")
learning = together(of_list, of_model, of_training, seed)

constraints = together(
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
    constraints,
    click.option("--unique", is_flag=True, help="None twice."),
)
