"""A derivative that was written by hand, against the measured slope of its function."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.source_lines import line_at
from ..engine.tensor.creation import tensor
from ..errors import OptionError
from .feedback import Feedback
from .numbers import array_of, function_of

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

Function = Callable[[Any], Any]


def rule(function: Function, derivative: Function, points: Sequence[float] = POINTS) -> Feedback:
    """Which slip explains a derivative that was written by hand?

    The derivative is compared with the measured slope of the function (a central difference) at
    the `points`, which are three different ones at least, away from kinks. Both take a number and
    give one; a function that takes no plain number gets a Tensor of shape ().

    OptionError for fewer points, and where the function or the slope is not finite there. TypeError
    for what is no function, and for one that gives no number.

    >>> import math
    >>> rule(math.tanh, lambda x: 1 - math.tanh(x) ** 2).right
    True
    >>> rule(math.tanh, lambda x: 1 - x**2).slip
    'result'
    """
    function, derivative = function_of(function, "function"), function_of(derivative, "derivative")
    if len(set(points)) < 3:
        raise OptionError(f"three different points at least were wanted, got {list(points)}")
    at = [float(x) for x in points]
    nudges = np.array([NUDGE * max(1.0, abs(x)) for x in at])
    results = _taken(function, at)
    slopes, wider = (_slopes(function, np.array(at), times * nudges) for times in (1, 2))
    slack = np.abs(wider - slopes) + 4 * np.finfo(float).eps * np.max(np.abs(results)) / nudges
    given = _taken(derivative, at)
    wrong = ~_near(given, slopes, slack)
    if not wrong.any():
        return Feedback(True, f"The derivative agrees with the slope at {len(at)} points.")
    k = int(np.argmax(np.abs(given - slopes) * wrong))
    code = getattr(derivative, "__code__", None)
    line = line_at(code, 0)
    begin = f"The derivative at {at[k]:.4g} is {given[k]:.6g}, and {slopes[k]:.6g} was measured"
    lines = (line,) if line else ()
    for slip, seen in _mistaken(derivative, given, slopes, results, slack):
        if seen is not None:
            sentence = f"{begin}: {WORDS[slip].format(seen)}."
            return Feedback(False, sentence, slip, lines=lines)
    return Feedback(False, f"{begin}. No single slip explains it.", lines=lines)


def _slopes(function: Function, at: np.ndarray, nudges: np.ndarray) -> np.ndarray:
    rise = _taken(function, list(at + nudges)) - _taken(function, list(at - nudges))
    return np.asarray(rise / (2 * nudges))


def _taken(function: Function, points: Sequence[float]) -> np.ndarray:
    try:
        with np.errstate(all="ignore"):
            numbers = np.array([_number(function, float(x)) for x in points])
    except (ArithmeticError, ValueError) as error:
        raise OptionError(
            f"it can't be taken at all points ({error}): choose others, as points=[0.5, 1, 2]"
        ) from None
    return numbers


def _number(function: Function, x: float) -> float:
    try:
        result = function(x)
    except (AttributeError, TypeError):  # as of torch.tanh, or of lambda x: x.tanh()
        result = function(tensor(np.array(x)))
    if result is None:
        raise TypeError(f"it gives one number, and None at {x:.6g}: return the result")
    result = array_of(result, f"what it gives at {x:.6g}")
    if result.size != 1:
        raise TypeError(f"it gives one number, got shape {list(result.shape)}")
    return float(result.reshape(()))


def _near(a: np.ndarray, b: np.ndarray, slack: np.ndarray) -> np.ndarray:
    scale = np.maximum(np.abs(b), 1e-3 * np.max(np.abs(b), initial=0.0))
    return np.asarray(np.abs(a - b) <= NEAR * scale + slack)


def _mistaken(
    derivative: Function,
    given: np.ndarray,
    slopes: np.ndarray,
    results: np.ndarray,
    slack: np.ndarray,
) -> list[tuple[str, float | None]]:
    """Each slip, with a number to tell it by; None where it does not explain the numbers."""

    def fits(other: np.ndarray, number: float = 0.0) -> float | None:
        return number if _near(given, other, slack).all() else None

    try:
        of_results = _taken(derivative, list(results))
    except (OptionError, TypeError):
        of_results = np.full(len(given), np.inf)
    with np.errstate(all="ignore"):
        factor = float(np.median(given / slopes))
        constant = float(np.median(given - slopes))
        return [
            ("sign", fits(-slopes)),
            ("result", 0.0 if _near(of_results, slopes, slack).all() else None),
            ("function", fits(results)),
            ("reciprocal", fits(1 / slopes)),
            ("factor", fits(factor * slopes, factor) if factor else None),
            ("constant", fits(slopes + constant, constant)),
        ]
