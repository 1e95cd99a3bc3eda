"""Activation functions: the non-linear functions between the layers of a network.

Each works on a `Value`, a `Tensor`, an array or a number, is stable at plus and minus 1000, and has
PyTorch's values and slopes. Those with a derivative rule of their own are rows of the table; the
others are made from rows.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from . import rules
from .rules.numbers import Numbers

N = TypeVar("N", bound=Numbers)

__all__ = [
    "ACTIVATIONS",
    "binary_step",
    "elu",
    "gelu",
    "identity",
    "leaky_relu",
    "prelu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "swish",
    "tanh",
]

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def identity(x: N) -> N:
    """x itself, also called linear.

    >>> identity(-2.0)
    -2.0
    """
    return x


def binary_step(x: N) -> N:
    """1 where x is 0 or more, else 0; its slope is 0 everywhere, so nothing can be learnt by it.

    >>> binary_step(-2.0), binary_step(0.0)
    (0.0, 1.0)
    """
    flat = rules.sign(x) * 0.0 + 0.0
    return rules.where(x >= 0, 1.0, flat)


def sigmoid(x: N) -> N:
    """1 / (1 + exp(-x)), between 0 and 1.

    >>> sigmoid(0.0)
    0.5
    """
    return rules.sigmoid(x)


def tanh(x: N) -> N:
    """The hyperbolic tangent, between -1 and 1.

    >>> tanh(0.0)
    0.0
    """
    return rules.tanh(x)


def relu(x: N) -> N:
    """x where it is more than 0, else 0: the rectified linear unit.

    >>> relu(-2.0), relu(3.0)
    (0.0, 3.0)
    """
    return rules.relu(x)


def leaky_relu(x: N, negative_slope: float = 0.01) -> N:
    """x where it is more than 0, else `negative_slope` of it.

    >>> leaky_relu(-2.0)
    -0.02
    """
    return rules.leaky_relu(x, slope=negative_slope)


def prelu(x: N, weight: Numbers | float) -> N:
    """x where it is more than 0, else `weight` times x; the weight is learnt (parametric ReLU).

    >>> prelu(-2.0, 0.25)
    -0.5
    """
    return rules.where(x > 0, x, x * weight)


def elu(x: N, alpha: float = 1.0) -> N:
    """x where it is more than 0, else alpha (exp(x) - 1).

    >>> round(elu(-1.0), 4)
    -0.6321
    """
    return rules.elu(x, alpha=alpha)


def selu(x: N) -> N:
    """ELU, scaled so that layers keep mean 0 and variance 1.

    Source: G. Klambauer et al., "Self-Normalizing Neural Networks", 2017.

    >>> round(selu(1.0), 4)
    1.0507
    """
    return rules.elu(x, alpha=SELU_ALPHA) * SELU_SCALE


def softplus(x: N, beta: float = 1.0, threshold: float = 20.0) -> N:
    """log(1 + exp(beta x)) / beta, a smooth ReLU; x itself where beta x is over the threshold.

    >>> round(softplus(0.0), 4)
    0.6931
    """
    return rules.softplus(x, beta=beta, threshold=threshold)


def silu(x: N) -> N:
    """x sigmoid(x), also called swish.

    >>> round(silu(1.0), 4)
    0.7311
    """
    return x * rules.sigmoid(x)


swish = silu


def gelu(x: N, approximate: str = "none") -> N:
    """x times the share of a normal distribution that is below x; or the tanh form that comes near.

    RuntimeError for another `approximate` than "none" and "tanh".

    Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", 2016.

    >>> round(gelu(1.0), 4), round(gelu(1.0, approximate="tanh"), 4)
    (0.8413, 0.8412)
    """
    if approximate == "tanh":
        inner = (x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)
        return x * 0.5 * (rules.tanh(inner) + 1)
    if approximate != "none":
        raise RuntimeError(f"approximate argument must be either none or tanh, got {approximate!r}")
    return x * 0.5 * (rules.erf(x * math.sqrt(0.5)) + 1)


def softmax(values: Sequence[Any]) -> list[Any]:
    """A list of numbers or Values → shares that sum to 1, in proportion to exp of each.

    >>> [round(share, 4) for share in softmax([0.0, 0.0, 1000.0])]
    [0.0, 0.0, 1.0]
    """
    largest = max(getattr(v, "data", v) for v in values)
    powers = [rules.exp(v - largest) for v in values]
    total = powers[0]
    for power in powers[1:]:
        total = total + power
    return [power / total for power in powers]


def _quarter_prelu(x: N) -> N:
    return prelu(x, 0.25)


_quarter_prelu.__name__ = "prelu"

ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "identity": identity,
    "binary step": binary_step,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky relu": leaky_relu,
    "parametric relu": _quarter_prelu,
    "elu": elu,
    "selu": selu,
    "softplus": softplus,
    "silu": silu,
    "gelu": gelu,
}
