"""moreish find-lr: which learning rate suits a list?"""

from typing import Any

import click

from ..draw import rates
from ..learning import find_learning_rate
from ..storage.places import place_for
from ..text import parse_shares
from . import options
from .output import put, put_json, put_table, say

ROWS = 13


@click.command(
    name="find-lr",
    cls=options.HeadedCommand,
    short_help="Which learning rate suits a list?",
)
@options.files
@options.learning
@click.option("--lowest", type=float, metavar="X", help="The rate to begin with.")
@click.option("--highest", type=float, metavar="X", help="The rate to end with.")
@click.option("--points", type=int, default=1_000, show_default=True, metavar="N", help="Rates.")
@click.option("-o", "--output", metavar="PICTURE", help="Draw the curve: .svg or .png.")
@click.option("--force", is_flag=True, help="Replace the picture if it exists.")
@options.as_json
def find_lr(
    files: tuple[str, ...],
    split: str | None,
    output: str | None,
    force: bool,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Try learning rates from low to high on FILE, a step each, and suggest one.

    The options are those of train; the model is thrown away. What comes out is the curve, thinned
    out, and on the last line the suggestion; why that one is said on standard error. With --json,
    all of the curve is in one object.
    """
    shares = None if split is None else parse_shares(split)
    place = None if output is None else place_for(output, force)
    source = options.source_of(files, chosen["dev"], chosen["test"])
    sweep = find_learning_rate(source, split=shares, **options.given(**chosen))
    if place is not None:
        rates(sweep.rates, sweep.smoothed, sweep.suggestion).save(place)
        say(f"The curve is drawn in {place}.")
    if as_json:
        put_json(
            {
                "suggestion": sweep.suggestion,
                "reason": sweep.reason,
                "rates": sweep.rates.tolist(),
                "losses": sweep.losses.tolist(),
                "smoothed": sweep.smoothed.tolist(),
            }
        )
        return
    last = len(sweep.rates) - 1
    rows = [round(last * part / (ROWS - 1)) for part in range(ROWS)]
    put_table(
        ("learning rate", "loss", "smoothed"),
        (
            (f"{sweep.rates[i]:.2g}", f"{sweep.losses[i]:.4f}", f"{sweep.smoothed[i]:.4f}")
            for i in rows
        ),
    )
    say(f"{sweep.reason[0].upper()}{sweep.reason[1:]}.")
    put(f"--learning-rate {sweep.suggestion:g}")
