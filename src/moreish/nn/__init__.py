"""Networks of Values, with micrograd's names, and what they are trained on and judged by."""

from .losses import accuracy, binary_cross_entropy_with_logits, max_margin, mean_squared_error
from .modules import MLP, Layer, Module, Neuron

__all__ = [
    "MLP",
    "Layer",
    "Module",
    "Neuron",
    "accuracy",
    "binary_cross_entropy_with_logits",
    "max_margin",
    "mean_squared_error",
]
