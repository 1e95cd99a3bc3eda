"""moreish train: learn from a list and write a model file."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from ..errors import ModelFileError, MoreishError
from ..learn import Learning, learn
from ..model import Model
from ..text import LeftOut, parse_shares
from . import options
from .main import STOPPED
from .output import place_for, progress, put, put_json, put_table, say


@click.command(short_help="Learn from a list and write a model file.")
@options.files
@click.option("-o", "--output", metavar="MODEL", help="Where to.  [default: FILE.safetensors]")
@click.option("--force", is_flag=True, help="Replace the model file if it exists.")
@click.option("--dev", metavar="FILE", help="A list to choose by; all of FILE is then trained on.")
@click.option("--test", metavar="FILE", help="A list to judge by; it is read once, at the end.")
@click.option("--split", metavar="A/B/C", help="Shares of train/dev/test.  [default: 80/10/10]")
@options.learning
@options.reading
@options.weights
@click.option("--lower", is_flag=True, help="Make all of it lower case.")
@options.as_json
def train(
    files: tuple[str, ...],
    output: str | None,
    force: bool,
    split: str | None,
    as_json: bool,
    **chosen: Any,
) -> int:
    """Learn from FILE, a list with one item a line, and write a model file.

    Several files are read as one list. A file may be "-" for standard input, a table (.csv, .tsv)
    or JSON lines (.jsonl, .ndjson) with --column, and packed with gzip. Without FILE, the bundled
    list of names is learnt. Ctrl-C keeps the model as it is then.
    """
    place = _output_place(files, output, force)
    shares = parse_shares(split) if split else None
    learning = learn(options.source_of(files), split=shares, **options.given(**chosen))
    for remark in learning.remarks:
        say(f"Note: {remark}.")
    whole = _watch(learning)
    model = learning.model()
    if chosen["test"] is not None:
        model.report.nats_per_token["test"] = model.nats_per_token("test")
    place = _save(model, place)
    _report(model, learning.left_out, place, whole, as_json)
    return 0 if whole else STOPPED


def _output_place(files: tuple[str, ...], output: str | None, force: bool) -> Path:
    """Where the model will be; whatever would keep it from being written is said now."""
    if output is None:
        first = files[0] if files else "names"
        stem = "model" if first == "-" else Path(Path(first).name.removesuffix(".gz")).stem
        output = f"{stem}.safetensors"
    return place_for(output, force)


def _watch(learning: Learning) -> bool:
    """Train with a progress bar; whether it came to its end."""
    try:
        with progress() as show:
            for record in learning:
                show(record)
    except KeyboardInterrupt:
        if not learning.steps:
            raise
        steps = f"{learning.steps:,} of {learning.settings.steps:,} steps"
        say(f"\nStopped after {steps}; the model so far is kept.")
        return False
    return True


def _save(model: Model, place: Path) -> Path:
    """Write the file; where that fails, somewhere else, so that no work is lost."""
    try:
        model.save(place)
    except MoreishError as error:
        with tempfile.NamedTemporaryFile(
            prefix=f"{place.stem}-", suffix=place.suffix, delete=False
        ) as spare:
            pass
        try:
            model.save(spare.name)
        except MoreishError:
            os.unlink(spare.name)
            raise error from None
        raise ModelFileError(f"{error}. The model is in {spare.name} instead") from None
    return place


def _report(model: Model, left_out: list[LeftOut], place: Path, whole: bool, as_json: bool) -> None:
    report = model.report
    items = {name: model.memory.size(name) for name in ("train", "dev", "test")}
    if as_json:
        put_json(
            {
                "model": model.language_model.name,
                "parameters": model.language_model.parameter_count,
                "seconds": round(report.seconds, 3),
                "nats_per_token": report.nats_per_token,
                "options": model.language_model.options(),
                "tokens": len(model.vocabulary),
                "items": items,
                "left_out": [vars(left) for left in left_out],
                "steps": report.steps,
                "finished": whole,
                "seed": report.seed,
                "path": str(place),
            }
        )
        return
    name, count = model.language_model.name, model.language_model.parameter_count
    say(f"{name}: {count:,} parameters, {len(model.vocabulary)} tokens, {report.seconds:.1f} s")
    put_table(
        ("split", "items", "nats per token"),
        (
            (split, f"{items[split]:,}", f"{nats:.4f}")
            for split, nats in report.nats_per_token.items()
        ),
    )
    put(f"saved in {place}")
