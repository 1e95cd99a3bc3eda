"""Diagonals, windows and borders: parts of an array that slices don't reach, and room around it."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..graph import Primitive
from .numbers import Array


def _diagonal(x: np.ndarray, *, offset: int, axes: tuple[int, int]) -> np.ndarray:
    """A view that can be written to."""
    found = np.diagonal(x, offset, *axes)
    found.flags.writeable = x.flags.writeable
    return found


def _put_diagonal(
    g: np.ndarray, *, offset: int, axes: tuple[int, int], shape: tuple[int, ...]
) -> np.ndarray:
    result = np.zeros(shape, dtype=g.dtype)
    _diagonal(result, offset=offset, axes=axes)[...] = g
    return result


diagonal: Primitive = Primitive(
    "diagonal",
    _diagonal,
    gradients=[
        lambda g, _y, x_shape, *, offset, axes: put_diagonal(
            g, offset=offset, axes=axes, shape=x_shape
        )
    ],
    is_view=True,
)

# Zeros of a shape, with these numbers on a diagonal.
put_diagonal: Primitive = Primitive(
    "put_diagonal",
    _put_diagonal,
    gradients=[lambda g, _y, _x, *, offset, axes, shape: diagonal(g, offset=offset, axes=axes)],
)


def _unfold(x: np.ndarray, *, axis: int, size: int, step: int) -> np.ndarray:
    windows = sliding_window_view(x, size, axis, writeable=x.flags.writeable)
    return windows[(slice(None),) * axis + (slice(None, None, step),)]


def _fold(g: np.ndarray, *, axis: int, size: int, step: int, shape: tuple[int, ...]) -> np.ndarray:
    result = np.zeros(shape, dtype=g.dtype)
    before, count = (slice(None),) * axis, g.shape[axis]
    for i in range(size):
        result[(*before, slice(i, i + (count - 1) * step + 1, step))] += g[..., i]
    return result


# Windows of `size` places along an axis, one every `step` places, along a new last axis.
unfold: Primitive = Primitive(
    "unfold",
    _unfold,
    gradients=[
        lambda g, _y, x_shape, *, axis, size, step: fold(
            g, axis=axis, size=size, step=step, shape=x_shape
        )
    ],
    is_view=True,
)

# What the windows hold, added up in the places that they show.
fold: Primitive = Primitive(
    "fold",
    _fold,
    gradients=[
        lambda g, _y, _x, *, axis, size, step, shape: unfold(g, axis=axis, size=size, step=step)
    ],
)


def _pad_gradient(
    g: Array,
    _y: Array,
    x_shape: tuple[int, ...],
    *,
    widths: tuple[tuple[int, int], ...],
    value: float,
) -> Array:
    pairs = zip(widths, x_shape, strict=True)
    return g[tuple(slice(before, before + size) for (before, _), size in pairs)]


# The same number around an array: `widths` before and after, for each axis.
pad = Primitive(
    "pad",
    lambda x, *, widths, value: np.pad(x, widths, constant_values=value),
    gradients=[_pad_gradient],
)

# Each place as often as its number says, in order.
repeated_places = Primitive(
    "repeated_places",
    lambda repeats: np.repeat(np.arange(repeats.size), repeats),
    shape_depends_on_numbers=True,
)
