"""What a network of Values is trained on, and how often it is right.

Predictions are Values, one an example, and targets plain numbers. A loss is one Value: the mean
over the examples. It knows nothing of networks.
"""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from ..engine import Value
from ..engine.activations import relu, softplus

__all__ = ["accuracy", "binary_cross_entropy_with_logits", "max_margin", "mean_squared_error"]


def mean_squared_error(predictions: Sequence[Value], targets: Sequence[float]) -> Value:
    """B predictions, B targets → the mean of (prediction - target) squared.

    ValueError if there are not as many of both, or none. TypeError if they are no numbers.

    >>> mean_squared_error([Value(1.0), Value(3.0)], [1.0, 1.0]).data
    2.0
    """
    pairs = _pairs(predictions, targets)
    return _mean([(prediction - target) ** 2 for prediction, target in pairs])


def max_margin(scores: Sequence[Value], labels: Sequence[float]) -> Value:
    """B scores, B labels -1 or +1 → the mean of how far each score falls short of 1 on its side.

    Also called the hinge loss, of support vector machines. ValueError for other labels, TypeError
    if they are no numbers.

    >>> max_margin([Value(0.25), Value(-3.0)], [1, -1]).data
    0.375
    """
    pairs = _pairs(scores, labels, allowed=(-1, 1))
    return _mean([relu(1 + -label * score) for score, label in pairs])


def binary_cross_entropy_with_logits(scores: Sequence[Value], labels: Sequence[float]) -> Value:
    """B log-odds, B labels 0 or 1 → the mean surprise at the right answers, in nats.

    ValueError for other labels, TypeError if they are no numbers.

    >>> round(binary_cross_entropy_with_logits([Value(0.0), Value(2.0)], [1, 1]).data, 4)
    0.41
    """
    pairs = _pairs(scores, labels, allowed=(0, 1))
    losses = [softplus(score, threshold=math.inf) - score * label for score, label in pairs]
    return _mean(losses)


def accuracy(scores: Sequence[Value], labels: Sequence[float]) -> float:
    """B scores, B labels → the share of scores that are above 0 where the label is, and else not.

    ValueError if there are not as many of both, or none. TypeError if they are no numbers.

    >>> accuracy([Value(0.3), Value(-0.2), Value(-5.0), Value(1.0)], [1, -1, 1, 1])
    0.75
    """
    pairs = _pairs(scores, labels)
    right = sum((_number(score) > 0) == (label > 0) for score, label in pairs)
    return right / len(pairs)


def _pairs(
    predictions: Sequence[Any], targets: Sequence[Any], allowed: tuple[int, ...] = ()
) -> list[tuple[Any, float]]:
    """Each prediction with its target, as a plain number."""
    if isinstance(predictions, Value):
        raise TypeError("a list of predictions was wanted, got one Value: put it in a list")
    given, wanted = list(predictions), [_target(target) for target in targets]
    if len(given) != len(wanted) or not given:
        raise ValueError(
            f"one target for each prediction was wanted, and at least one; got {len(given)} "
            f"predictions and {len(wanted)} targets"
        )
    for target in wanted:
        if allowed and target not in allowed:
            raise ValueError(
                f"labels must be {' or '.join(map(str, allowed))} here, and one is {target:g}"
            )
    return list(zip(given, wanted, strict=True))


def _target(target: Any) -> float:
    """A target as a plain number: it may be NumPy's, or a Value of which no gradient is wanted."""
    number = _number(target)
    if not isinstance(number, Real) and getattr(number, "shape", None) != ():
        raise TypeError(f"a target is one number, got {type(target).__name__}")
    return float(number)


def _number(thing: Any) -> Any:
    return thing.data if isinstance(thing, Value) else thing


def _mean(losses: list[Value]) -> Value:
    total: Any = sum(losses)
    return total * (1.0 / len(losses))
