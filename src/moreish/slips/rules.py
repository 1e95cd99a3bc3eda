"""A derivative that was written by hand, against the measured slope of its function."""

from collections.abc import Callable, Sequence

import numpy as np

from ..engine.source_lines import line_at
from ..errors import OptionError
from .feedback import Feedback

__all__ = ["rule"]

NUDGE, NEAR = 1e-5, 1e-5  # of a point; of a slope
POINTS = (-1.7, -0.9, -0.3, 0.4, 0.8, 1.9)
WORDS = {
    "sign": "it has the wrong sign",
    "result": "it is right in terms of the result: call it with the function's result, not its "
    "input",
    "reciprocal": "it is one over the slope",
    "function": "it is the function itself and not its derivative",
    "factor": "it is {0:.4g} times the slope",
    "constant": "it is the slope plus {0:.4g}",
}

Function = Callable[[float], float]


def rule(function: Function, derivative: Function, points: Sequence[float] = POINTS) -> Feedback:
    """Which slip explains a derivative that was written by hand?

    The derivative is compared with the measured slope of the function (a central difference) at
    the `points`, which are three different ones at least, away from kinks.

    OptionError for fewer points, and where the function or the slope is not finite there.

    >>> import math
    >>> rule(math.tanh, lambda x: 1 - math.tanh(x) ** 2).right
    True
    >>> rule(math.tanh, lambda x: 1 - x**2).slip
    'result'
    """
    if len(set(points)) < 3:
        raise OptionError(f"three different points at least were wanted, got {list(points)}")
    at = [float(x) for x in points]
    nudges = [NUDGE * max(1.0, abs(x)) for x in at]
    results = _taken(function, at)
    ends = zip(
        _taken(function, [x - h for x, h in zip(at, nudges, strict=True)]),
        _taken(function, [x + h for x, h in zip(at, nudges, strict=True)]),
        strict=True,
    )
    slopes = np.array([(b - a) / (2 * h) for (a, b), h in zip(ends, nudges, strict=True)])
    given = _taken(derivative, at)
    wrong = ~_near(given, slopes)
    if not wrong.any():
        return Feedback(True, f"The derivative agrees with the slope at {len(at)} points.")
    k = int(np.argmax(np.abs(given - slopes) * wrong))
    code = getattr(derivative, "__code__", None)
    line = line_at(code, 0)
    begin = f"The derivative at {at[k]:.4g} is {given[k]:.6g}, and {slopes[k]:.6g} was measured"
    lines = (line,) if line else ()
    for slip, seen in _mistaken(derivative, given, slopes, results):
        if seen is not None:
            sentence = f"{begin}: {WORDS[slip].format(seen)}."
            return Feedback(False, sentence, slip, lines=lines)
    return Feedback(False, f"{begin}. No single slip explains it.", lines=lines)


def _taken(function: Function, points: Sequence[float]) -> np.ndarray:
    try:
        numbers = np.array([float(function(float(x))) for x in points])
    except (ArithmeticError, ValueError) as error:
        raise OptionError(f"the function can't be taken at all points: {error}") from None
    if not np.isfinite(numbers).all():
        where = points[int(np.argmax(~np.isfinite(numbers)))]
        raise OptionError(f"it is not finite at {where:.6g}: choose other points")
    return numbers


def _near(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    scale = np.maximum(np.abs(b), 1e-3 * np.max(np.abs(b), initial=1e-3))
    return np.asarray(np.abs(a - b) <= NEAR * scale + 1e-8)


def _mistaken(
    derivative: Function, given: np.ndarray, slopes: np.ndarray, results: np.ndarray
) -> list[tuple[str, float | None]]:
    """Each slip, with a number to tell it by; None where it does not explain the numbers."""

    def fits(other: np.ndarray, number: float = 0.0) -> float | None:
        return number if _near(given, other).all() else None

    try:
        of_results = _taken(derivative, list(results))
    except OptionError:
        of_results = np.full(len(given), np.inf)
    with np.errstate(all="ignore"):
        factor = float(np.median(given / slopes))
        constant = float(np.median(given - slopes))
        return [
            ("sign", fits(-slopes)),
            ("result", 0.0 if _near(of_results, slopes).all() else None),
            ("function", fits(results)),
            ("reciprocal", fits(1 / slopes)),
            ("factor", fits(factor * slopes, factor) if factor else None),
            ("constant", fits(slopes + constant, constant)),
        ]
