"""Activation functions made of pieces, and others without a rule of their own."""

import math

from ...engine.activations import softplus
from ...engine.rules import where
from ...engine.tensor import Tensor
from ...engine.tensor.arguments import DType
from .losses import floating

__all__ = [
    "celu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "logsigmoid",
    "mish",
    "relu6",
    "softmin",
    "softshrink",
    "softsign",
    "tanhshrink",
    "threshold",
]


def _clamped(x: Tensor, low: float, high: float) -> Tensor:
    """Between two bounds, at which the derivative is 0 already; NaN passes through."""
    return where((x <= low) | (x >= high), x.detach().clamp(low, high), x)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """(...) → (...): x between two bounds, else the bound.

    ValueError if they are not in order.

    >>> hardtanh(tensor([-2.0, 0.5]))
    tensor([-1.0000,  0.5000])
    """
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    if isinstance(input, Tensor) and input.dtype.kind in "iu":
        return input.clamp(int(min_val), int(max_val))
    return _clamped(floating("hardtanh", input), min_val, max_val)


def relu6(input: Tensor) -> Tensor:
    """(...) → (...): x between 0 and 6, else the bound.

    Source: A. Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010.

    >>> relu6(tensor([-2.0, 3.0, 8.0]))
    tensor([0., 3., 6.])
    """
    return hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: Tensor) -> Tensor:
    """(...) → (...): x / 6 + 1/2 between 0 and 1, a sigmoid of three straight lines.

    Source: A. Howard et al., "Searching for MobileNetV3", 2019.

    >>> hardsigmoid(tensor([-4.0, 0.0]))
    tensor([0.0000, 0.5000])
    """
    return _clamped(floating("hardsigmoid", input) + 3, 0.0, 6.0) / 6


def hardswish(input: Tensor) -> Tensor:
    """(...) → (...): x times `hardsigmoid` of x.

    Source: A. Howard et al., "Searching for MobileNetV3", 2019.

    >>> hardswish(tensor([0.0, 4.0]))
    tensor([0., 4.])
    """
    return input * _clamped(floating("hardswish", input) + 3, 0.0, 6.0) / 6


def celu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """(...) → (...): x above 0, else alpha (exp(x / alpha) - 1).

    RuntimeError for an alpha of 0. Source: J. T. Barron, "Continuously Differentiable Exponential
    Linear Units", 2017.

    >>> celu(tensor([2.0]))
    tensor([2.])
    """
    if not alpha:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    x = floating("celu", input)
    return where(x <= 0, (x.clamp(max=0) / alpha).expm1() * alpha, x)


def softsign(input: Tensor) -> Tensor:
    """(...) → (...): x / (1 + |x|).

    Source: J. Bergstra et al., "Quadratic Polynomials Learn Better Image Features", 2009.

    >>> softsign(tensor([3.0]))
    tensor([0.7500])
    """
    return input / (abs(input) + 1)


def mish(input: Tensor) -> Tensor:
    """(...) → (...): x tanh(softplus(x)).

    Source: D. Misra, "Mish", 2019.

    >>> mish(tensor([0.0]))
    tensor([0.])
    """
    return input * softplus(floating("mish", input)).tanh()


def logsigmoid(input: Tensor) -> Tensor:
    """(...) → (...): log(sigmoid(x)) in nats, exact also far below 0.

    >>> logsigmoid(tensor([0.0]))
    tensor([-0.6931])
    """
    return -softplus(-floating("logsigmoid", input), threshold=math.inf)


def threshold(input: Tensor, threshold: float, value: float) -> Tensor:
    """(...) → (...): x where it is above a threshold, else this value.

    >>> threshold(tensor([0.5, 2.0]), 1.0, -1.0)
    tensor([-1.,  2.])
    """
    return where(input <= threshold, value, input)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """(...) → (...): 0 from -lambd to lambd, else x.

    Source: D. Donoho, I. Johnstone, "Ideal Spatial Adaptation by Wavelet Shrinkage", 1994.

    >>> hardshrink(tensor([0.3, 2.0]))
    tensor([0., 2.])
    """
    x = floating("hardshrink", input)
    return where((x >= -lambd) & (x <= lambd), 0.0, x)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """(...) → (...): each moved by lambd towards 0, and 0 if it is not that far away.

    RuntimeError for a lambd below 0. Source: as for `hardshrink`.

    >>> softshrink(tensor([0.3, 2.0]))
    tensor([0.0000, 1.5000])
    """
    if lambd < 0:
        raise RuntimeError(f"lambda must be greater or equal to 0, but found to be {lambd}")
    x = floating("softshrink", input)
    return where((x >= -lambd) & (x <= lambd), x * 0, x - x.sign() * lambd)


def tanhshrink(input: Tensor) -> Tensor:
    """(...) → (...): x - tanh(x).

    >>> tanhshrink(tensor([0.0]))
    tensor([0.])
    """
    return input - input.tanh()


def softmin(input: Tensor, dim: int | None = None, dtype: DType | None = None) -> Tensor:
    """(...) → (...): `softmax` of -x, so that the smallest has the largest probability.

    >>> softmin(tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    from .functional import softmax

    return softmax(-input, dim, dtype)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """(..., 2 * H) → (..., H): half of the numbers along `dim` times the sigmoid of the other half.

    RuntimeError if there is an odd number of them. Source: Y. Dauphin et al., "Language Modeling
    with Gated Convolutional Networks", 2017.

    >>> glu(tensor([4.0, 0.0]))
    tensor([2.])
    """
    axis = input._axis(dim)
    if not input.ndim or input.shape[axis] % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim} is of {list(input.shape)}"
        )
    first, second = input.chunk(2, axis)
    return first * second.sigmoid()
