"""moreish classify: to which of several lists does each item belong?"""

from pathlib import Path
from typing import Any

import click

from ..classifier import Classifier
from ..errors import OptionError
from ..model import Model, load
from ..text import read_each
from . import options
from .output import put, put_json, put_table, say


@click.command(short_help="To which of several lists does each item belong?")
@click.argument("models", metavar="MODEL MODEL...", nargs=-1, required=True)
@click.option(
    "--items",
    "files",
    metavar="FILE",
    multiple=True,
    help='Classify these; "-" is standard input. Without it the test items of all lists are '
    "classified, to see how well that goes.",
)
@options.reading
@options.as_json
def classify(models: tuple[str, ...], files: tuple[str, ...], as_json: bool, **chosen: Any) -> None:
    """Say to which class each item belongs: each MODEL stands for one, called as its file is.

    The columns are: the class, how likely the item is of it and not of another, the item. The
    probabilities are calibrated on the held-out items of all lists, and a longer list is likelier
    beforehand.
    """
    options.check_own_list(files, **chosen)
    classifier = Classifier(_named(models))
    if not files:
        _put_judged(classifier, as_json)
        return
    source = options.source_of(files)
    items, remarks = read_each(source, **classifier.reading, **options.given(**chosen))
    for remark in remarks:
        say(f"Note: {remark}.")
    for item, row in zip(items, classifier.probabilities(items).tolist(), strict=True):
        probabilities = dict(zip(classifier.names, row, strict=True))
        best = max(classifier.names, key=probabilities.__getitem__)
        if as_json:
            put_json({"item": item, "class": best, "probabilities": probabilities})
        else:
            put(f"{best}\t{probabilities[best]:.3f}\t{item}")


def _named(files: tuple[str, ...]) -> dict[str, Model]:
    """Each model by the name of its file; OptionError for one that is given twice."""
    if len(set(files)) < len(files):
        raise OptionError("a model was given twice: one model for each class is wanted")
    stems = [Path(file).stem for file in files]
    names = [
        stem if stems.count(stem) == 1 else file for stem, file in zip(stems, files, strict=True)
    ]
    return {name: load(file) for name, file in zip(names, files, strict=True)}


def _put_judged(classifier: Classifier, as_json: bool) -> None:
    found = classifier.judge()
    if as_json:
        put_json(
            {
                "items": found.items,
                "right": found.right,
                "accuracy": found.accuracy,
                "confidence": found.confidence,
                "nats": found.nats,
            }
        )
        return
    put_table(
        ("class", "items of test", "right"),
        (
            (name, f"{count:,}", _percent(found.right[name] / max(count, 1)))
            for name, count in found.items.items()
        ),
    )
    put(
        f"{_percent(found.accuracy)} right, and as sure as {_percent(found.confidence)}; "
        f"{found.nats:.3f} nats an item, where {found.nats_by_size:.3f} are had by the "
        f"lengths of the lists alone"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
