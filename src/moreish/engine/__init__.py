"""The engine: arrays and numbers that know their gradients. It knows nothing of text."""

from .graph import is_grad_enabled, no_grad, set_grad_enabled
from .tensor import Tensor, float32, float64, from_numpy, int64, tensor

__all__ = [
    "Tensor",
    "float32",
    "float64",
    "from_numpy",
    "int64",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
    "tensor",
]
