"""Losses as a picture: while a model was trained, and over learning rates that were tried.

It is given the numbers, in nats per token, and trains nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import OptionError
from .chart import Chart

__all__ = ["losses", "rates"]

TRAIN, DEV, MARK = "#2f5d9f", "#c2571a", "#6e7781"
ROWS = 10  # of the text
FEW = 60  # points, each of which has a dot


def losses(
    steps: Sequence[int], train: Sequence[float], dev: Sequence[float | None] | None = None
) -> Chart:
    """The losses on train and dev while a model was trained.

    steps (N,); train and dev (N,), nats per token, as records have them; dev may be without, or
    None here and there → a Chart, in which the best on dev is marked. OptionError if they are not
    equally many, or none.

    >>> print(losses([10, 20, 30], [2.5, 2.1, 1.9], [2.6, 2.25, 2.3]).text())
    step   train     dev
      10  2.5000  2.6000
      20  2.1000  2.2500
      30  1.9000  2.3000
    Nats per token; the best on dev is 2.2500, after 20 steps.
    """
    at = _row("steps", steps)
    on_train = _row("losses on train", train, len(at))
    on_dev = np.full(len(at), np.nan)
    if dev is not None:
        on_dev = _row("losses on dev", [np.nan if x is None else x for x in dev], len(at))
    has_dev = bool(np.isfinite(on_dev).any())
    best = int(np.nanargmin(np.where(np.isfinite(on_dev), on_dev, np.inf))) if has_dev else 0

    def draw(figure: Any) -> None:
        figure.set_size_inches(6.4, 4.0)
        chart = figure.subplots()
        dots = "o" if len(at) == 1 else None
        chart.plot(at, on_train, color=TRAIN, linewidth=1.6, marker=dots, label="train")
        if has_dev:
            chart.plot(at, on_dev, color=DEV, linewidth=1.6, marker=dots, label="dev")
            label = f"best on dev: {on_dev[best]:.4f} after {at[best]:,.0f} steps"
            chart.plot(at[best], on_dev[best], "o", color=DEV, markersize=6, label=label)
        chart.set_xlabel("step")
        chart.set_ylabel("loss, nats per token")
        chart.set_title("the losses while it was trained")
        chart.legend()

    rows = [
        (f"{s:.0f}", _loss(t), *([_loss(d)] if has_dev else []))
        for s, t, d in zip(at, on_train, on_dev, strict=True)
    ]
    kept = sorted({*_spread(len(at)), *([best] if has_dev else [])})
    head = ("step", "train", *(["dev"] if has_dev else []))
    last = "Nats per token"
    if has_dev:
        last += f"; the best on dev is {on_dev[best]:.4f}, after {at[best]:.0f} steps"
    return Chart("loss curves", draw, _text([head, *(rows[i] for i in kept)], f"{last}."))


def rates(rates: Any, losses: Any, suggested: float | None = None) -> Chart:
    """The loss over learning rates that were tried, on a logarithmic scale.

    rates (N,) over 0; losses (N,), nats per token, which may be infinite or no number where a rate
    was too high; `suggested` is marked → a Chart. OptionError if they are not equally many, or a
    rate is not over 0.

    >>> print(rates([0.001, 0.01, 0.1, 1.0], [3.2, 2.6, 2.4, float("nan")], suggested=0.01).text())
     rate    loss
    0.001  3.2000
     0.01  2.6000
      0.1  2.4000
        1     nan
    Nats per token; the lowest loss is 2.4000, at 0.1; suggested: 0.01.
    """
    tried = _row("learning rates", rates)
    found = _row("losses", losses, len(tried))
    marks = [] if suggested is None else [float(suggested)]
    for rate in (*tried, *marks):
        if not 0 < rate < np.inf:
            raise OptionError(f"learning rates over 0 were wanted, got {rate:g}")
    order = np.argsort(tried, kind="stable")
    tried, found = tried[order], found[order]
    finite = np.isfinite(found)
    if not finite.any():
        raise OptionError("none of the losses is a number: lower learning rates are wanted")
    best = int(np.argmin(np.where(finite, found, np.inf)))

    def draw(figure: Any) -> None:
        figure.set_size_inches(6.4, 4.0)
        chart = figure.subplots()
        shown = np.where(finite, found, np.nan)
        dots = "o" if len(tried) <= FEW else None
        chart.plot(tried, shown, color=TRAIN, linewidth=1.6, marker=dots, markersize=3)
        low, first = found[best], found[finite][0]
        height = max(first - low, 0.05 * abs(low), 1e-3)  # what explodes is not followed
        chart.set_ylim(
            low - 0.1 * height, min(found[finite].max(), low + 2 * height) + 0.1 * height
        )
        chart.set_xscale("log")
        chart.set_xlim(tried[0] / 1.1, tried[-1] * 1.1)
        for mark in marks:
            chart.axvline(mark, color=DEV, linestyle="--", label=f"suggested: {mark:.3g}")
            chart.legend()
        chart.set_xlabel("learning rate")
        chart.set_ylabel("loss, nats per token")
        chart.set_title("the loss over learning rates")

    rows = [(f"{r:.3g}", _loss(x)) for r, x in zip(tried, found, strict=True)]
    kept = sorted({*_spread(len(tried)), best})
    last = f"Nats per token; the lowest loss is {found[best]:.4f}, at {tried[best]:.3g}"
    last += "".join(f"; suggested: {mark:.3g}" for mark in marks)
    table = _text([("rate", "loss"), *(rows[i] for i in kept)], f"{last}.")
    return Chart("a sweep of learning rates", draw, table)


def _row(what: str, numbers: Any, size: int | None = None) -> np.ndarray:
    """(N,) of these; OptionError if it is not a row, or not as long as the first."""
    try:
        row = np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError):
        raise OptionError(f"numbers were wanted for the {what}, got {numbers!r:.60}") from None
    if row.ndim != 1 or not row.size or (size is not None and len(row) != size):
        wanted = "one or more" if size is None else str(size)
        raise OptionError(f"a row of {wanted} {what} was wanted, got shape {row.shape}")
    return row


def _spread(size: int) -> list[int]:
    """At most ROWS places from the first to the last."""
    places: list[int] = np.linspace(0, size - 1, min(size, ROWS)).round().astype(int).tolist()
    return places


def _loss(loss: float) -> str:
    return f"{loss:.4f}"


def _text(rows: Sequence[Sequence[str]], last: str) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([*lines, last])
