"""Starting weights, with torch.nn.init's names; the draws are PyTorch's, in its order.

Each function changes a Tensor in place, outside of any graph, and returns it. The *fan* of a weight
(O, H) is H on the way in and O on the way out.
"""

import math
import warnings

from ...engine.generator import Generator
from ...engine.graph import no_grad
from ...engine.tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2.0), "selu": 3 / 4}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights must be larger, so that variance survives this non-linearity.

    `param` is the negative slope of "leaky_relu". ValueError for a name that is not known.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity in GAINS:
        return GAINS[nonlinearity]
    if nonlinearity != "leaky_relu":
        raise ValueError(
            f"Unsupported nonlinearity {nonlinearity}: {', '.join(GAINS)} or leaky_relu was wanted"
        )
    slope = 0.01 if param is None else param
    if isinstance(slope, bool) or not isinstance(slope, (int, float)):
        raise ValueError(f"negative_slope {slope} not a valid number")
    return math.sqrt(2.0 / (1 + slope**2))


def uniform_(
    tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a Tensor, (...), with uniform numbers in [a, b).

    >>> bool((uniform_(tensor([0.0, 0.0]), 2, 3) >= 2).all())
    True
    """
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill a Tensor, (...), with normal numbers of this mean and standard deviation.

    >>> normal_(tensor([0.0, 0.0]), mean=5, std=0)
    tensor([5., 5.])
    """
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill a Tensor, (...), with `val`.

    >>> constant_(tensor([0.0, 0.0]), 0.5)
    tensor([0.5000, 0.5000])
    """
    with no_grad():
        return tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Fill a Tensor, (...), with 1.

    >>> ones_(tensor([0.0, 0.0]))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill a Tensor, (...), with 0.

    >>> zeros_(tensor([1.0, 2.0]))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


def xavier_uniform_(
    tensor: Tensor, gain: float = 1.0, generator: Generator | None = None
) -> Tensor:
    """Fill weights (O, H, ...) with uniform numbers of variance gain² * 2 / (fan in + fan out).

    ValueError for fewer than two axes. Source: X. Glorot, Y. Bengio, "Understanding the difficulty
    of training deep feedforward neural networks", 2010.

    >>> bool((xavier_uniform_(tensor([[0.0, 0.0]])).abs() <= 2**0.5).all())
    True
    """
    bound = math.sqrt(3.0) * (gain * math.sqrt(2.0 / float(sum(_fans(tensor)))))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill weights (O, H, ...) with normal numbers of variance gain² * 2 / (fan in + fan out).

    ValueError for fewer than two axes. Source: as for `xavier_uniform_`.

    >>> xavier_normal_(tensor([[1.0, 2.0]]), gain=0)
    tensor([[0., 0.]])
    """
    std = gain * math.sqrt(2.0 / float(sum(_fans(tensor))))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill weights (O, H, ...) with uniform numbers of variance gain² / fan.

    `a` is the negative slope of "leaky_relu". ValueError if `mode` is not "fan_in" or "fan_out",
    and for fewer than two axes. Source: K. He et al., "Delving Deep into Rectifiers", 2015.

    >>> bool((kaiming_uniform_(tensor([[0.0, 0.0]])).abs() <= 3**0.5).all())
    True
    """
    if 0 in tensor.shape:
        return _empty(tensor)
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """Fill weights (O, H, ...) with normal numbers of variance gain² / fan.

    Options as of `kaiming_uniform_`. ValueError if `mode` is not "fan_in" or "fan_out", and for
    fewer than two axes. Source: as for `kaiming_uniform_`.

    >>> kaiming_normal_(tensor([[1.0, 2.0]])).shape
    torch.Size([1, 2])
    """
    if 0 in tensor.shape:
        return _empty(tensor)
    return normal_(tensor, 0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _empty(tensor: Tensor) -> Tensor:
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return tensor


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    fan = _fans(tensor)[modes.index(mode.lower())]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _fans(tensor: Tensor) -> tuple[int, int]:
    """(O, H, ...) → how many numbers each output is made from, and how many each input goes to."""
    if tensor.ndim < 2:
        raise ValueError(
            f"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions: a "
            f"matrix was wanted, got the shape {list(tensor.shape)}"
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field
