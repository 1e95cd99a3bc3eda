"""Moves: the same numbers in another shape."""

import math
from typing import overload

import numpy as np

from ..graph import Primitive
from .numbers import Array, Result


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    back = [0] * len(axes)
    for new, old in enumerate(axes):
        back[old] = new
    return tuple(back)


def _expanded(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A view of another shape; it can be written to where nothing is repeated."""
    only_ones = (1,) * (len(shape) - x.ndim) + x.shape == tuple(shape)
    return x.reshape(shape) if only_ones else np.broadcast_to(x, shape)


@overload
def in_rows(y: np.ndarray) -> np.ndarray: ...


@overload
def in_rows(y: Result) -> Result: ...


def in_rows(y: Result) -> Result:
    """(...) → the same numbers, in memory in the order of their axes.

    So PyTorch lays out what it makes anew.
    """
    return y if y.flags.c_contiguous else y.copy()


def _cat_gradient(
    g: Array, position: int, shapes: tuple[tuple[int, ...], ...], *, axis: int
) -> Array:
    """The part of `g` that lies where the input at `position` was put."""
    axis %= len(g.shape)
    start = sum(shape[axis] for shape in shapes[:position])
    key = (slice(None),) * axis + (slice(start, start + shapes[position][axis]),)
    return g[key]


reshape: Primitive = Primitive(
    "reshape",
    lambda x, *, shape: x.reshape(shape),
    gradients=[lambda g, _y, x_shape, *, shape: reshape(g, shape=x_shape)],
    is_view=True,
)

permute: Primitive = Primitive(
    "permute",
    lambda x, *, axes: x.transpose(axes),
    gradients=[lambda g, _y, _x, *, axes: permute(g, axes=_inverse(axes))],
    is_view=True,
)

# What a broadcast repeats, the walk backwards adds up again: so its own gradient is just g.
expand = Primitive(
    "expand",
    lambda x, *, shape: _expanded(x, shape),
    gradients=[lambda g, _y, _x, *, shape: g],
    is_view=True,
)

cat = Primitive(
    "cat",
    lambda *xs, axis: in_rows(np.concatenate(xs, axis=axis)),
    every=_cat_gradient,
)


def swap_last(x: Array) -> Array:
    """(..., A, B) → (..., B, A), of an array or a Tensor."""
    count = len(x.shape)
    return permute(x, axes=(*range(count - 2), count - 1, count - 2))


def add_axis(x: Array, axis: int) -> Array:
    """A new axis of size 1; `axis` counts in the result and may be negative."""
    shape = list(x.shape)
    shape.insert(axis % (len(shape) + 1), 1)
    return reshape(x, shape=tuple(shape))


def without_axes(shape: tuple[int, ...], axes: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """The shape that is left when these axes, or all, are reduced."""
    gone = set(range(len(shape))) if axes is None else {axes} if isinstance(axes, int) else {*axes}
    return tuple(n for i, n in enumerate(shape) if i not in gone)


def size_of(shape: tuple[int, ...], axis: int | tuple[int, ...] | None) -> int:
    """How many numbers a reduction over `axis` puts together."""
    if axis is None:
        return math.prod(shape)
    axes = (axis,) if isinstance(axis, int) else axis
    return math.prod(shape[i] for i in axes)


def _flipped(x: np.ndarray, *, axes: tuple[int, ...]) -> np.ndarray:
    key = [slice(None)] * x.ndim
    for axis in axes:
        key[axis] = slice(None, None, -1)
    return x[tuple(key)].copy()


flip: Primitive = Primitive(
    "flip", _flipped, gradients=[lambda g, _y, _x, *, axes: flip(g, axes=axes)]
)

# `order` is that of the copy in memory: "K" as it was, "C" the order of the axes.
cast = Primitive(
    "cast",
    lambda x, *, dtype, order="K": x.astype(dtype, order=order),
    gradients=[lambda g, _y, _x, *, dtype, order="K": g],
)

# The same bits, read as numbers of another dtype.
bits = Primitive("bits", lambda x, *, dtype: x.view(dtype), is_view=True)


def cast_as(x: Array, like: Array) -> Array:
    """x in the dtype of another array or Tensor."""
    return cast(x, dtype=np.dtype(like.dtype))
