"""Functions of one number, applied to each."""

import math
from typing import Any

import numpy as np

from ..graph import Primitive


def _sigmoid(x: np.ndarray) -> np.ndarray:
    """By way of tanh, which overflows for no x."""
    return np.tanh(x * 0.5) * 0.5 + 0.5


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:  # arrays give infinity; so do numbers
        return math.inf


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def _relu_gradient(g: Any, _y: Any, x: Any) -> Any:
    return g * (x > 0)


exp = Primitive(
    "exp",
    np.exp,
    _exp,
    gradients=[lambda g, y, _x: g * y],
    floating=True,
)

log = Primitive(
    "log",
    np.log,
    _log,
    gradients=[lambda g, _y, x: g / x],
    floating=True,
)

tanh = Primitive(
    "tanh",
    np.tanh,
    math.tanh,
    gradients=[lambda g, y, _x: g * (1 - y * y)],
    floating=True,
)

sigmoid = Primitive(
    "sigmoid",
    _sigmoid,
    lambda x: math.tanh(x * 0.5) * 0.5 + 0.5,
    gradients=[lambda g, y, _x: g * y * (1 - y)],
    floating=True,
)

relu = Primitive(
    "relu",
    lambda x: np.maximum(x, 0),
    lambda x: x if x > 0 or x != x else 0.0,
    gradients=[_relu_gradient],
)
