"""How commands speak: results to standard output, everything else to standard error.

Where that is a terminal, control characters are escaped, wherever they come from: an item, a token
or the name of a file. What can't be written to standard error is lost, and nothing else with it.
"""

import io
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from ..text.control_characters import escaped

if TYPE_CHECKING:
    from ..learning import Learning
    from ..scoring.diagnosis import Interval
    from ..training import Record

LONGEST = 2_000  # characters of a remark
HUGE = 1e9  # a perplexity of which only the size is shown
FAR = 700.0  # nats: beyond, a perplexity is no number of double precision


class _Lenient(io.FileIO):
    """A file that takes everything; what it can't write is gone."""

    def write(self, content: Any) -> int:
        """All of it, or as much as goes at once."""
        with suppress(OSError):
            return super().write(content) or len(content)
        return len(content)


@contextmanager
def lenient_stderr() -> Iterator[None]:
    """Where standard error is closed, full or a broken pipe, what is said there is not heard, and
    the command goes on."""
    before = sys.stderr
    if before is None:
        while os.open(os.devnull, os.O_RDWR) < 3:  # else the next file would be standard error
            pass
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    elif (  # a console of Windows is no plain file
        isinstance(before, io.TextIOWrapper) and before is sys.__stderr__ and os.name == "posix"
    ):
        binary = io.BufferedWriter(_Lenient(before.fileno(), "w", closefd=False))
        sys.stderr = io.TextIOWrapper(binary, before.encoding, before.errors, line_buffering=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = before


def say(remark: str) -> None:
    """A remark, on standard error; a line, maybe with empty ones before it. It may quote what was
    typed, whatever that is: of what is very long, the middle is left out."""
    if len(remark) > LONGEST:
        remark = f"{remark[: LONGEST // 2]} ... {remark[-LONGEST // 2 :]}"
    if sys.stderr.isatty():
        sentence = remark.lstrip("\n")
        before = remark[: len(remark) - len(sentence)]
        # A sentence of ours goes on in indented lines; other line breaks come from what it quotes.
        lines = re.sub("\n(?!  )", r"\\n", sentence).split("\n")
        remark = before + "\n".join(map(escaped, lines))
    sys.stderr.write(remark.encode(errors="backslashreplace").decode() + "\n")


def put(line: str) -> None:
    """A line of the result, or several."""
    sys.stdout.write(f"{_plain(line)}\n")


def put_coloured(cells: Iterable[tuple[str, str | None]]) -> None:
    """A line of cells, shifted to the right, each in its colour where that can be seen."""
    is_seen = sys.stdout.isatty()
    shown = (
        click.style(_plain(cell), fg=colour) if colour and is_seen else _plain(cell)
        for cell, colour in cells
    )
    sys.stdout.write(f"    {'  '.join(shown)}\n")


def _plain(text: str) -> str:
    return escaped(text) if sys.stdout.isatty() else text


def put_json(thing: Mapping[str, Any]) -> None:
    """One object a line; a number that JSON can't write, such as infinity, is null."""
    from ..rows import finite  # which loads the models' code: not before there is a result

    put(json.dumps(finite(thing), ensure_ascii=False))


def put_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Columns under a header, the first to the left, the others to the right."""
    for line in table_lines([_plain(cell) for cell in row] for row in (header, *rows)):
        put(line)


def table_lines(rows: Iterable[Iterable[str]]) -> list[str]:
    """Columns, the first to the left, the others to the right."""
    table = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def between(found: "Interval") -> str:
    """From where to where, or a dash where that is not known."""
    return "-" if math.isnan(found.low) else f"{found.low:.4f} to {found.high:.4f}"


@contextmanager
def progress(learning: "Learning | None" = None) -> Iterator[Callable[["Record"], None]]:
    """A bar with the losses on standard error; where that is no terminal, a line now and then.

    Where `learning` is of words there is their perplexity, too, and the pace.
    """
    words = learning if learning is not None and learning.vocabulary.kind == "words" else None
    if not sys.stderr.isatty():
        yield _occasionally(words)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        TextColumn("{task.completed}/{task.total} steps"),
        TextColumn("{task.fields[losses]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, losses="", visible=False)  # until there is a step

        def show(record: "Record") -> None:
            bar.update(
                task,
                total=record.steps,
                completed=record.step,
                losses=_losses(record, words is not None) + _pace(words, record),
                visible=True,
            )

        yield show


def _occasionally(words: "Learning | None") -> Callable[["Record"], None]:
    """A line for each tenth of the steps, and the last."""
    said = -1

    def show(record: "Record") -> None:
        nonlocal said
        tenth = 10 * record.step // record.steps
        if tenth > said:
            left = "" if words is None else f"  {time_left(record)}"
            losses = _losses(record, words is not None)
            say(f"{record.step:>6} of {record.steps} steps  {losses}{_pace(words, record)}{left}")
            said = tenth

    return show


def _losses(record: "Record", of_words: bool) -> str:
    losses = {"train": record.train_loss, "dev": record.dev_loss}
    return "  ".join(
        f"{split} {loss:.4f}" + (f" (perplexity {perplexity(loss)})" if of_words else "")
        for split, loss in losses.items()
        if loss is not None
    )


def perplexity(nats: float, digits: int = 1) -> str:
    """Of a loss in nats per token.

    >>> perplexity(5.7), perplexity(5.7, digits=3), perplexity(50), perplexity(1e9)
    ('298.9', '298.867', '5.2e+21', 'inf')
    """
    found = math.inf if nats > FAR else math.exp(nats)
    return f"{found:.1e}" if HUGE <= found < math.inf else f"{found:,.{digits}f}"


def _pace(words: "Learning | None", record: "Record") -> str:
    """Words a second, where a step takes a number of them."""
    size = None if words is None or words.run is None else words.run.settings.batch_size
    if not isinstance(size, int) or not record.seconds:
        return ""
    return f"  {words_a_second(record, size)}"


def words_a_second(record: "Record", batch_size: int) -> str:
    """How fast a training goes, in words."""
    return f"{record.step * batch_size / record.seconds:,.0f} words a second"


def time_left(record: "Record") -> str:
    """How long a training takes from here on, at its pace so far."""
    seconds = record.seconds * (record.steps / record.step - 1)
    return f"{seconds:.0f} s left" if seconds < 100 else f"{seconds / 60:.0f} min left"
