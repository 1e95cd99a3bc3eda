"""Tensor: an array that remembers how it was made, with PyTorch's names on NumPy."""

from .core import Size, Tensor

__all__ = ["Size", "Tensor"]
