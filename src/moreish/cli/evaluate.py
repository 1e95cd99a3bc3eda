"""moreish evaluate: how well a model predicts, on its own splits or on another list."""

import math
from typing import Any

import click

from ..errors import OptionError
from ..model import Model, load
from ..rows import remarks_on_unknown
from ..scoring.diagnosis import share_interval
from ..text import Items, read_items
from . import options
from .output import between, put, put_json, put_table, say


@click.command(short_help="How well does a model predict?")
@click.argument("model")
@options.files
@options.reading
@options.weights
@options.blank
@click.option(
    "--flag-rate",
    type=float,
    metavar="X",
    help="Say how many items of test would be marked as not belonging by score --flag-rate X.",
)
@options.as_json
def evaluate(
    model: str,
    files: tuple[str, ...],
    blank: str | None,
    flag_rate: float | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Print the loss of a MODEL on each split of its own list, or on all of FILE.

    The column "95 %" says how far the loss may be from that of all such items.
    Several files are judged as one list; "-" is standard input. Its figure is called "test".
    """
    options.check_own_list(files, **chosen)
    loaded = load(model, blank=blank)
    if not files and not len(loaded.dataset.items):
        raise OptionError(f"{model} has no list of its own: which FILE shall be evaluated?")
    judged: dict[str, Items | str] = {}
    if files:
        source = options.source_of(files)
        items = read_items(source, **loaded.reading, **options.given(**chosen))
        for remark in items.remarks + remarks_on_unknown(loaded, items.texts):
            say(f"Note: {remark}.")
        known = sum(loaded.dataset.known.get(text) == "train" for text in items.texts)
        if known:
            least = "" if loaded.dataset.is_whole else "at least "
            say(f"Note: {least}{known:,} of the {len(items):,} distinct items were trained on.")
        judged["test"], sizes = items, {"test": len(items)}
    else:
        sizes = {name: loaded.dataset.size(name) for name in ("train", "dev", "test")}
        judged = {name: name for name, size in sizes.items() if size}
    totals = {name: loaded.evaluate(items) for name, items in judged.items()}
    intervals = {name: loaded.interval(items) for name, items in judged.items()}
    flagged = None if flag_rate is None else _flagged(loaded, judged, flag_rate)
    if as_json:
        put_json(
            {
                "model": loaded.language_model.name,
                "parameters": loaded.language_model.parameter_count,
                "seconds": round(loaded.report.seconds, 3),
                "nats_per_token": {name: t.nats_per_token for name, t in totals.items()},
                "interval": intervals,
                "perplexity": {name: t.perplexity for name, t in totals.items()},
                "tokens": {name: t.tokens for name, t in totals.items()},
                "items": {name: sizes[name] for name in judged},
            }
            | ({} if flagged is None else {"flagged": flagged})
        )
        return
    put_table(
        ("split", "items", "tokens", "nats per token", "95 %", "bits per token", "perplexity"),
        (
            (
                name,
                f"{sizes[name]:,}",
                f"{total.tokens:,.0f}",
                f"{total.nats_per_token:.4f}",
                between(intervals[name]),
                f"{total.nats_per_token / math.log(2):.4f}",
                f"{total.perplexity:.3f}",
            )
            for name, total in totals.items()
        ),
    )
    if flagged is not None:
        low, high = (100 * bound for bound in flagged["interval"])
        put(
            f"flagged at a rate of {flag_rate:g}: {flagged['flagged']:,} of {flagged['items']:,} "
            f"items of test, {100 * flagged['rate']:.2f} % (95 %: {low:.2f} to {high:.2f} %)"
        )


def _flagged(model: Model, judged: dict[str, Items | str], rate: float) -> dict[str, Any]:
    """How many of the test items would be flagged, and from where to where that share may be."""
    if "test" not in judged:
        raise OptionError("a flag rate is seen on test, and this model has no test split")
    items = judged["test"]
    texts = items.texts if isinstance(items, Items) else model.dataset.split(items).texts
    flagged = model.scores(texts, flag_rate=rate).flagged
    assert flagged is not None
    count = int(flagged.sum())
    return {
        "asked": rate,
        "flagged": count,
        "items": len(texts),
        "rate": count / len(texts),
        "interval": share_interval(count, len(texts)),
    }
