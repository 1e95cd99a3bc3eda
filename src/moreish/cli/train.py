"""moreish train: learn from a list and write a model file."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

import click

from ..errors import DivergedError, OptionError
from ..learning import Keeper, Learning, learn, save_somewhere
from ..model import Model
from ..models import Mixed
from ..rows import described
from ..storage.atomic import locked
from ..storage.places import check_name, place_for, reachable
from ..text import parse_shares
from ..text.sources import readable
from ..training import Record
from ..training.checkpoint import checkpoint_of
from ..training.tensorboard import event_log
from . import options
from .output import perplexity, progress, put, put_json, put_table, say
from .signals import exit_code, signals_end_it

KEEP = "Keeping the work"
CHECKPOINT_EVERY = 1.0  # seconds


@click.command(cls=options.HeadedCommand, short_help="Learn from a list and write a model file.")
@options.files
@options.learning
@click.option(
    "-o",
    "--output",
    metavar="MODEL",
    help="Where to.  [default: the name of FILE, .safetensors, here]",
)
@click.option("--force", is_flag=True, help="Replace the model file if it exists.")
@options.headed(
    KEEP, "--resume", is_flag=True, help="Go on from MODEL.checkpoint, with the same bits."
)
@options.headed(
    KEEP,
    "--checkpoint-every",
    type=float,
    default=CHECKPOINT_EVERY,
    show_default=True,
    metavar="SECONDS",
    help="How often MODEL.checkpoint is written.",
)
@options.headed(KEEP, "--log-dir", metavar="DIR", help="Write logs for TensorBoard there.")
@options.as_json
@signals_end_it()
def train(
    files: tuple[str, ...],
    output: str | None,
    force: bool,
    resume: bool,
    checkpoint_every: float,
    log_dir: str | None,
    split: str | None,
    as_json: bool,
    **chosen: Any,
) -> int:
    """Learn from FILE, a list with one item a line, and write a model file.

    Several files are read as one list. A file may be "-" for standard input, a table (.csv, .tsv)
    or JSON lines (.jsonl, .ndjson) with --column, and packed with gzip. Without FILE, the bundled
    list of names is learnt. Ctrl-C, SIGTERM and SIGHUP keep the model as it is then. Whatever
    else stops a training, the same command with --resume goes on.
    """
    if resume and force:
        raise OptionError("--resume goes on and --force begins anew: only one of them can be")
    lists = [name for name in (*files, chosen["dev"], chosen["test"]) if name is not None]
    place = _output_place(files, lists, output, force, resume)
    replace = force or os.path.lexists(place)  # what was there was refused, or is to be replaced
    shares = None if split is None else parse_shares(split)
    source = options.source_of(files, chosen["dev"], chosen["test"])
    learning = learn(source, split=shares, **options.given(**chosen))
    for remark in learning.remarks:
        say(f"Note: {remark}.")
    keeper = Keeper(learning, place, checkpoint_every, say)
    if resume and keeper.resume():
        return 0
    try:
        code = _watch(learning, keeper, log_dir)
    except DivergedError as error:
        keeper.remove()
        if learning.run is not None and learning.run.best_step:
            best = f"the best so far, of step {learning.run.best_step:,}"
            raise DivergedError(
                f"{error}. {save_somewhere(learning.model(), place, replace or force)} has {best}"
            ) from None
        raise
    model = learning.model()
    if chosen["test"] is not None:
        model.report.nats_per_token["test"] = model.nats_per_token("test")
    place = save_somewhere(model, place, replace)
    if code == 0:
        keeper.remove()
    with suppress(OSError) if code else nullcontext():  # a terminal that hung up
        _report(model, learning, place, code == 0, as_json)
    return code


def _output_place(
    files: tuple[str, ...], lists: list[str], output: str | None, force: bool, resume: bool
) -> Path:
    """Where the model will be; whatever would keep it from being written is said now."""
    if output is None:
        first = files[0] if files else "names"
        stem = "model" if first == "-" else Path(Path(first).name.removesuffix(".gz")).stem
        output = f"{stem}.safetensors"
    check_name(output)
    click.get_current_context().with_resource(locked(output))
    unfinished = checkpoint_of(Path(output))
    with reachable(output):
        is_unfinished = unfinished.exists()
        if any(_is_same(Path(name), Path(output)) for name in lists):
            raise OptionError(f"{output} is a list that is learnt from: name another place")
    if is_unfinished and not (force or resume):
        raise OptionError(
            f"{unfinished} is of a training that has not ended: --resume goes on with it, "
            f"--force begins anew"
        )
    return place_for(output, force or resume)


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _watch(learning: Learning, keeper: Keeper, log_dir: str | None) -> int:
    """Train with a progress bar, a log and a checkpoint; the exit code, 0 if it came to its end."""
    try:
        with progress(learning) as show, _log(learning, log_dir) as log:
            for record in learning:
                show(record)
                log(record)
                keeper.keep()
    except KeyboardInterrupt as stopped:
        run = learning.run
        if run is None or not run.step:
            raise
        of = "" if run.settings.steps is None else f" of {run.settings.steps:,}"
        kept = f"; --resume goes on from {keeper.path}" if keeper.path.exists() else ""
        say(f"\nStopped after {run.step:,}{of} steps; keeping the model so far{kept}.")
        return exit_code(stopped)
    run = learning.run
    if run is not None and run.stopped_early:
        say(
            f"Stopped early, after {run.step:,} steps: dev was best at step {run.best_step:,}, and "
            f"{run.settings.patience} looks since were no better."
        )
    return 0


def _log(
    learning: Learning, folder: str | None
) -> AbstractContextManager[Callable[[Record], None]]:
    """What writes a record into the log, if one is wanted."""
    if folder is None:
        return nullcontext(lambda record: None)
    if not learning.is_trained:
        name = learning.language_model.name
        raise OptionError(f"--log-dir can't be: {name} is counted, not trained")
    return event_log(folder)


def _report(model: Model, learning: Learning, place: Path, whole: bool, as_json: bool) -> None:
    report, said = model.report, learning.verdict()
    items = {name: model.dataset.size(name) for name in ("train", "dev", "test")}
    mixed = model.language_model if isinstance(model.language_model, Mixed) else None
    if as_json:
        put_json(
            described(model)
            | {
                "nats_per_token": report.nats_per_token,
                "options": model.language_model.options(),
                "share": None if mixed is None else mixed.share_range,
                "tokens": len(model.vocabulary),
                "items": items,
                "left_out": [vars(left) for left in learning.left_out],
                "verdict": None if said is None else said.word,
                "steps": report.steps,
                "finished": whole,
                "seed": report.seed,
                "path": readable(place),
            }
        )
        return
    name, count = model.language_model.name, model.language_model.parameter_count
    say(f"{name}: {count:,} parameters, {len(model.vocabulary)} tokens, {report.seconds:.1f} s")
    if mixed is not None:
        low, high = mixed.share_range
        to = f" to {100 * high:.0f}" if high > low else ""
        say(f"{mixed.parts[0].name} has {100 * low:.0f}{to} % of a prediction.")
    of_words = model.vocabulary.kind == "words"
    put_table(
        ("split", "items", "nats per token", *(["perplexity"] if of_words else [])),
        (
            (split, f"{items[split]:,}", f"{nats:.4f}", *([perplexity(nats)] if of_words else []))
            for split, nats in report.nats_per_token.items()
        ),
    )
    if said is not None:
        say(f"It {said.sentence}.")
    put(f"saved in {readable(place)}")
