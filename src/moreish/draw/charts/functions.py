"""Charts: the activation functions with their derivatives, and what a classifier has learnt.

The derivatives come from the engine's own walk back, not from formulas.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine import Value
from ...engine.activations import ACTIVATIONS
from ...errors import OptionError
from ...torch import from_numpy, no_grad
from .chart import Chart

__all__ = ["activations", "boundary"]

ACROSS = 4  # charts side by side
FUNCTION, DERIVATIVE = "#2f5d9f", "#c2571a"
CLASSES = ("#b5542b", "#2b6cb0")
SHADES = ("#f3d3c4", "#cfe1f3")


def activations(x: Any = None) -> Chart:
    """Every activation function of the engine, each with its derivative, at the numbers `x`.

    x (N,), by default np.arange(-5, 5, 0.2) → a Chart. OptionError if `x` is not a row of finite
    numbers.

    >>> print(activations(np.array([-1.0, 0.0, 2.0])).text().splitlines()[4])
    tanh              -0.7616  0.4200     0.0000  1.0000     0.9640  0.0707
    """
    points = np.arange(-5, 5, 0.2) if x is None else np.asarray(x, dtype=np.float64)
    if points.ndim != 1 or not points.size or not np.isfinite(points).all():
        raise OptionError(
            f"a row of finite numbers was wanted, as np.linspace(-3, 3, 100); got an array of "
            f"shape {points.shape}"
        )
    curves = {name: _with_derivative(f, points) for name, f in ACTIVATIONS.items()}

    def draw(figure: Any) -> None:
        rows = -(-len(curves) // ACROSS)
        figure.set_size_inches(2.6 * ACROSS, 2.1 * rows + 0.4)
        charts = figure.subplots(rows, ACROSS, sharex=True, squeeze=False)
        for chart, (name, (y, slopes)) in zip(charts.flat, curves.items(), strict=False):
            lines = chart.plot(points, y, color=FUNCTION, linewidth=1.8)
            lines += chart.plot(points, slopes, color=DERIVATIVE, linewidth=1.4, linestyle="--")
            chart.set_title(name, fontsize=9.5)
            chart.axhline(0, color="#9aa4af", linewidth=0.7, zorder=0)
            chart.axvline(0, color="#9aa4af", linewidth=0.7, zorder=0)
        for chart in charts.flat[len(curves) :]:
            chart.set_visible(False)
        figure.legend(lines, ["function", "derivative"], loc="outside lower center", ncols=2)

    return Chart("the activation functions", draw, _table(points, curves))


def _with_derivative(
    function: Callable[[Any], Any], points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x = from_numpy(points.copy()).requires_grad_()
    y = function(x)
    y.sum().backward()
    assert x.grad is not None
    return y.detach().numpy(), x.grad.numpy()


def _table(points: np.ndarray, curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """The functions and slopes at the first, the middle and the last of the points."""
    shown = list(dict.fromkeys([0, len(points) // 2, len(points) - 1]))
    heads = "".join(f"{f'x = {round(points[i], 6) + 0.0:g}':>19}" for i in shown)
    lines = [f"{'':<14}{heads}"]
    for name, (y, slopes) in curves.items():
        pairs = [(round(y[i], 4) + 0.0, round(slopes[i], 4) + 0.0) for i in shown]  # no -0
        cells = "".join(f"{value:>11.4f}{slope:>8.4f}" for value, slope in pairs)
        lines.append(f"{name:<14}{cells}")
    return "\n".join([*lines, "At each x: the function, then its derivative."])


def boundary(
    score: Callable[[np.ndarray], Any],
    points: Any,
    classes: Any,
    *,
    threshold: float = 0.0,
    margin: float = 1.0,
    steps: int = 100,
) -> Chart:
    """Where a binary classifier changes its mind, with the points that it should tell apart.

    `score` takes an array (M, 2) and gives a number for each row, (M,): over `threshold` is the
    second class. points (N, 2); classes (N,), two different numbers as -1 and 1 or 0 and 1, the
    larger being the second class → a Chart. `margin` is how far the picture goes beyond the points,
    and `steps` how many places along each side are asked. OptionError for other shapes, other
    classes, or a score that is not a number for each row.

    >>> chart = boundary(lambda x: x[:, 0] + x[:, 1], [[1.0, 2.0], [-1.0, -3.0]], [1, -1])
    >>> print(chart.text())
    2 points, 2 on their side of the boundary: 100.00 %.
    class -1: 1 of 1
    class 1: 1 of 1
    """
    points, classes = np.asarray(points, dtype=np.float64), np.asarray(classes)
    first, second = _two_classes(points, classes)
    own = _scores(score, points)
    if steps < 2:
        raise OptionError(f"a picture has at least 2 steps along each side; got {steps}")
    if not 0 < margin < float("inf"):
        raise OptionError(f"a margin is a number over 0; got {margin}")
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    across, up = np.linspace(low[0], high[0], steps), np.linspace(low[1], high[1], steps)
    mesh = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    scores = _scores(score, mesh).reshape(steps, steps)
    is_second = classes == second

    def draw(figure: Any) -> None:
        across_to_up = (high[1] - low[1]) / (high[0] - low[0])
        figure.set_size_inches(5.4, min(9.0, max(2.4, 5.0 * across_to_up + 0.2)))
        chart = figure.subplots()
        least, most = min(scores.min(), threshold) - 1, max(scores.max(), threshold) + 1
        chart.contourf(across, up, scores, levels=[least, threshold, most], colors=SHADES)
        if scores.min() <= threshold <= scores.max() and scores.min() < scores.max():
            chart.contour(across, up, scores, levels=[threshold], colors="#3b4550", linewidths=1.2)
        for one, colour, mark in ((first, CLASSES[0], "o"), (second, CLASSES[1], "s")):
            mine = points[classes == one]
            chart.scatter(
                *mine.T,
                s=26,
                c=colour,
                marker=mark,
                edgecolors="white",
                linewidths=0.6,
                label=f"{one:g}",
            )
        chart.set_xlim(low[0], high[0])
        chart.set_ylim(low[1], high[1])
        chart.grid(visible=False)
        chart.set_aspect("equal", adjustable="box")
        chart.legend(title="class", loc="upper right", framealpha=0.9)

    right = (own > threshold) == is_second
    lines = [
        f"{len(points):,} points, {int(right.sum()):,} on their side of the boundary: "
        f"{right.mean():.2%}.".replace("%", " %")
    ]
    for one, mine in ((first, ~is_second), (second, is_second)):
        lines.append(f"class {one:g}: {int(right[mine].sum()):,} of {int(mine.sum()):,}")
    return Chart("a decision boundary", draw, "\n".join(lines))


def _two_classes(points: np.ndarray, classes: np.ndarray) -> tuple[Any, Any]:
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise OptionError(f"points of shape (N, 2) were wanted; got {points.shape}")
    if not np.isfinite(points).all():
        raise OptionError("points in the plane were wanted; some are infinite or not a number")
    if classes.shape != (len(points),) or classes.dtype.kind not in "iufb":
        raise OptionError(
            f"a class for each of {len(points)} points was wanted, as -1 or 1; got an array of "
            f"shape {classes.shape} and dtype {classes.dtype}"
        )
    found = np.unique(classes)
    if len(found) > 2:
        raise OptionError(f"two classes were wanted; got {len(found)}: {found[:5].tolist()}")
    if len(found) == 2:
        return found[0], found[1]
    only = found[0]
    return (only, 1) if only <= 0 else (-1, only)


def _scores(score: Callable[[np.ndarray], Any], points: np.ndarray) -> np.ndarray:
    with no_grad():
        found: Any = score(points)
    if hasattr(found, "detach"):
        found = found.detach().numpy()
    if isinstance(found, (list, tuple)):
        found = [x.data if isinstance(x, Value) else x for x in found]
    array = np.asarray(found, dtype=np.float64)
    if array.shape != (len(points),):
        raise OptionError(
            f"the score must be a number for each row: for {len(points)} rows shape "
            f"({len(points)},) was wanted, got {array.shape}"
        )
    if not np.isfinite(array).all():
        raise OptionError("the score of some places is infinite or not a number")
    return array
