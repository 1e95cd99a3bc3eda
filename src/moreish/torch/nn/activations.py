"""Activation functions as modules, so that they stand in a Sequential; none has parameters."""

from ...engine import rules
from ...engine.tensor import Tensor
from . import functional as F
from .module import Module

__all__ = ["GELU", "LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Softmin", "Tanh"]


class Tanh(Module):
    """The hyperbolic tangent of each number, between -1 and 1.

    >>> Tanh()(tensor([0.0]))
    tensor([0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) the tangent of each."""
        return F.tanh(input)


class Sigmoid(Module):
    """1 / (1 + exp(-x)) of each number, between 0 and 1.

    >>> Sigmoid()(tensor([0.0]))
    tensor([0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) the sigmoid of each."""
        return F.sigmoid(input)


class ReLU(Module):
    """Each number where it is more than 0, else 0; `inplace` changes the input itself.

    >>> ReLU()(tensor([-2.0, 3.0]))
    tensor([0., 3.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) the positive part of each."""
        return input._change(rules.relu, (), {}) if self.inplace else F.relu(input)

    def extra_repr(self) -> str:
        """Whether it changes its input."""
        return "inplace=True" if self.inplace else ""


class GELU(Module):
    """Each number times the probability that a normal variable is below it.

    `approximate` is "none", or "tanh" for the form with a tangent, which comes near. Source: D.
    Hendrycks, K. Gimpel, "Gaussian Error Linear Units", 2016.

    >>> GELU()(tensor([1.0]))
    tensor([0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) the GELU of each."""
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self) -> str:
        """Which form it computes."""
        return f"approximate={self.approximate!r}"


class Softmax(Module):
    """Probabilities along `dim`, in proportion to exp of each number.

    >>> Softmax(dim=0)(tensor([0.0, 0.0]))
    tensor([0.5000, 0.5000])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) probabilities that sum to 1 along `dim`."""
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The axis that sums to 1."""
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of `Softmax`, without its rounding.

    >>> LogSoftmax(dim=0)(tensor([0.0, 0.0]))
    tensor([-0.6931, -0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) log-probabilities in nats."""
        return F.log_softmax(input, self.dim)


class Softmin(Softmax):
    """`Softmax` of -x: the smallest has the largest probability.

    >>> Softmin(dim=0)(tensor([0.0, 0.0]))
    tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) probabilities that sum to 1 along `dim`."""
        return F.softmin(input, self.dim)
