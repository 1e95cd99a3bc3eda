"""The engine: numbers and arrays that know their gradients. It knows nothing of text.

This is the machinery: a graph of primitives, one table of derivative rules, `Value` for a number
and `Tensor` for an array, random numbers, and what explains and checks gradients. PyTorch's names
for it are in `moreish.torch`, micrograd's in `moreish.micrograd`.
"""

from . import activations, rules
from .checking import GradientError, check_gradient
from .explaining import explain
from .graph import Primitive
from .value import Value

__all__ = [
    "GradientError",
    "Primitive",
    "Value",
    "activations",
    "check_gradient",
    "explain",
    "rules",
]
