"""Reductions: many numbers become one."""

from typing import Any

import numpy as np

from ..graph import Primitive
from .shape import expand, reshape

Axis = int | tuple[int, ...] | None


def keep_axes(g: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """A reduced `g` with the axes that were reduced back in place, of size 1."""
    if axis is None:
        axes = set(range(len(shape)))
    else:
        axes = {i % len(shape) for i in ((axis,) if isinstance(axis, int) else axis)}
    return reshape(g, shape=tuple(1 if i in axes else n for i, n in enumerate(shape)))


def _sum_gradient(
    g: Any, _y: Any, x_shape: tuple[int, ...], *, axis: Axis = None, keepdims: bool = False
) -> Any:
    return expand(g if keepdims else keep_axes(g, x_shape, axis), shape=x_shape)


sum = Primitive(
    "sum",
    lambda x, *, axis=None, keepdims=False: np.sum(x, axis=axis, keepdims=keepdims),
    gradients=[_sum_gradient],
)


def _largest_gradient(g: Any, y: Any, x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """To the largest; where several are, in equal parts."""
    if not keepdims:
        g, y = keep_axes(g, x.shape, axis), keep_axes(y, x.shape, axis)
    chosen = (x == y) * 1.0
    return g * chosen / sum(chosen, axis=axis, keepdims=True)


largest = Primitive(
    "largest",
    lambda x, *, axis=None, keepdims=False: np.max(x, axis=axis, keepdims=keepdims),
    gradients=[_largest_gradient],
)
