"""Moves: the same numbers in another shape."""

import math
from typing import Any

import numpy as np

from ..graph import Primitive


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    back = [0] * len(axes)
    for new, old in enumerate(axes):
        back[old] = new
    return tuple(back)


def _cat_gradient(g: Any, position: int, shapes: tuple[Any, ...], *, axis: int) -> Any:
    """The part of `g` that lies where the input at `position` was put."""
    axis %= len(g.shape)
    start = sum(shape[axis] for shape in shapes[:position])
    key = (slice(None),) * axis + (slice(start, start + shapes[position][axis]),)
    return g[key]


reshape: Primitive = Primitive(
    "reshape",
    lambda x, *, shape: x.reshape(shape),
    gradients=[lambda g, _y, x_shape, *, shape: reshape(g, shape=x_shape)],
)

permute: Primitive = Primitive(
    "permute",
    lambda x, *, axes: x.transpose(axes),
    gradients=[lambda g, _y, _x, *, axes: permute(g, axes=_inverse(axes))],
)

# What a broadcast repeats, the walk backwards adds up again: so its own gradient is just g.
expand = Primitive(
    "expand",
    lambda x, *, shape: np.broadcast_to(x, shape),
    gradients=[lambda g, _y, _x, *, shape: g],
)

cat = Primitive(
    "cat",
    lambda *xs, axis: np.concatenate(xs, axis=axis),
    every=_cat_gradient,
)


def swap_last(x: Any) -> Any:
    """The last two axes of an array or a Tensor, swapped."""
    count = len(x.shape)
    return permute(x, axes=(*range(count - 2), count - 1, count - 2))


def add_axis(x: Any, axis: int) -> Any:
    """A new axis of size 1; `axis` counts in the result and may be negative."""
    shape = list(x.shape)
    shape.insert(axis % (len(shape) + 1), 1)
    return reshape(x, shape=tuple(shape))


def size_of(shape: tuple[int, ...], axis: int | tuple[int, ...] | None) -> int:
    """How many numbers a reduction over `axis` puts together."""
    if axis is None:
        return math.prod(shape)
    axes = (axis,) if isinstance(axis, int) else axis
    return math.prod(shape[i] for i in axes)


cast = Primitive(
    "cast",
    lambda x, *, dtype: x.astype(dtype),
    gradients=[lambda g, _y, _x, *, dtype: g],
)
