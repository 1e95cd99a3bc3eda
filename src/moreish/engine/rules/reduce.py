"""Reductions: many numbers become one."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from ..graph import Primitive, holds
from .arithmetic import divide
from .elementwise import absolute, power, sign, where
from .numbers import Array, Result
from .shape import cast_as, expand, flip, in_rows, permute, reshape, size_of

Axis = int | tuple[int, ...] | None
BLOCK = 1024  # rows that are added up one after the other


def keep_axes(g: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """A reduced `g` with the axes that were reduced back in place, of size 1."""
    if axis is None:
        axes = set(range(len(shape)))
    else:
        axes = {i % len(shape) for i in ((axis,) if isinstance(axis, int) else axis)}
    return reshape(g, shape=tuple(1 if i in axes else n for i, n in enumerate(shape)))


def _sum_gradient(
    g: Array, _y: Array, x_shape: tuple[int, ...], *, axis: Axis = None, keepdims: bool = False
) -> Array:
    return expand(g if keepdims else keep_axes(g, x_shape, axis), shape=x_shape)


def _in_single(function: Callable[..., Result], x: np.ndarray, **options: Any) -> Result:
    """Half precision is added up in single precision, as PyTorch does, and rounded once."""
    if x.dtype != np.float16:
        return in_rows(function(x, **options))
    return in_rows(function(x.astype(np.float32), **options)).astype(np.float16)


def add_up(x: np.ndarray, *, axis: Axis = None, keepdims: bool = False) -> Result:
    """(...) numbers → their sum over `axis`, in blocks where NumPy would add one after the other.

    NumPy adds in pairs along a line of memory, and row by row across, which rounds once a row.
    """
    axes = range(x.ndim) if axis is None else _axes(axis)
    if _is_by_product(x, axes):
        total = _ones(len(x), x.dtype) @ x
        return total[None] if keepdims else total
    short = x.dtype.kind != "f" or size_of(x.shape, tuple(axes)) <= BLOCK
    if short or (len(axes) == x.ndim and x.flags.forc):
        return np.sum(x, axis=axis, keepdims=keepdims)
    total = x
    for i in sorted((i % x.ndim for i in axes), key=lambda i: abs(x.strides[i])):
        total = _along(total, i)
    return total if keepdims else total.squeeze(tuple(axes))


def _axes(axis: int | tuple[int, ...]) -> tuple[int, ...]:
    return (axis,) if isinstance(axis, int) else axis


def _is_by_product(x: np.ndarray, axes: Sequence[int]) -> bool:
    """Whether it sums the few rows of a matrix: a product with ones is quicker."""
    is_matrix = x.ndim == 2 and x.flags.c_contiguous and x.dtype.char in "fd"
    return is_matrix and 0 < len(x) <= BLOCK and tuple(axes) in ((0,), (-2,))


@cache
def _ones(count: int, dtype: np.dtype[Any]) -> np.ndarray:
    ones = np.ones(count, dtype)
    ones.flags.writeable = False
    return ones


def _along(x: np.ndarray, axis: int) -> np.ndarray:
    """The sum along one axis, which stays with size 1."""
    rows = x.shape[axis]
    if rows <= BLOCK or abs(x.strides[axis]) == min(map(abs, x.strides)):
        return np.sum(x, axis=axis, keepdims=True)
    before, after = (slice(None),) * axis, x.shape[axis + 1 :]
    whole = rows - rows % BLOCK
    blocks = x[(*before, slice(whole))].reshape(*x.shape[:axis], -1, BLOCK, *after)
    total = _along(np.sum(blocks, axis=axis + 1), axis)
    if whole == rows:
        return total
    return total + np.sum(x[(*before, slice(whole, None))], axis=axis, keepdims=True)


def _sum_into(out: np.ndarray, x: np.ndarray, *, axis: Axis = None, keepdims: bool = False) -> None:
    if not keepdims and axis is not None and _is_by_product(x, _axes(axis)):
        np.dot(_ones(len(x), x.dtype), x, out)
    else:
        out[...] = sum.array(x, axis=axis, keepdims=keepdims)


sum = Primitive(
    "sum",
    lambda x, *, axis=None, keepdims=False: _in_single(add_up, x, axis=axis, keepdims=keepdims),
    gradients=[_sum_gradient],
    into=_sum_into,
)


def _mean(x: np.ndarray, *, axis: Axis = None, keepdims: bool = False) -> Result:
    if x.dtype == np.float16:
        return _mean(x.astype(np.float32), axis=axis, keepdims=keepdims).astype(np.float16)
    return in_rows(add_up(x, axis=axis, keepdims=keepdims)) / float(size_of(x.shape, axis))


def _mean_gradient(
    g: Array, _y: Array, x_shape: tuple[int, ...], *, axis: Axis = None, keepdims: bool = False
) -> Array:
    spread = expand(g if keepdims else keep_axes(g, x_shape, axis), shape=x_shape)
    return divide(spread, float(size_of(x_shape, axis)))


def _mean_into(
    out: np.ndarray, x: np.ndarray, *, axis: Axis = None, keepdims: bool = False
) -> None:
    if x.ndim == 1 and x.dtype.char in "fd":
        np.add.reduce(x, 0, None, out, keepdims)  # type: ignore[call-overload]
        np.divide(out, x.size, out)
    else:
        out[...] = _mean(x, axis=axis, keepdims=keepdims)


mean = Primitive("mean", _mean, gradients=[_mean_gradient], into=_mean_into)


def _extreme_gradient(
    g: Array, y: Array, x: Array, *, axis: Axis = None, keepdims: bool = False
) -> Array:
    """To the largest, or smallest; where several are, in equal parts."""
    if not keepdims:
        g, y = keep_axes(g, x.shape, axis), keep_axes(y, x.shape, axis)
    chosen = (x == y) | ((x != x) & (y != y))
    count = cast_as(sum(chosen, axis=axis, keepdims=True), x)
    return where(chosen, divide(g, count), 0.0)


largest = Primitive(
    "largest",
    lambda x, *, axis=None, keepdims=False: np.max(x, axis=axis, keepdims=keepdims),
    gradients=[_extreme_gradient],
)

smallest = Primitive(
    "smallest",
    lambda x, *, axis=None, keepdims=False: np.min(x, axis=axis, keepdims=keepdims),
    gradients=[_extreme_gradient],
)


def _norm(x: np.ndarray, *, p: float, axis: Axis = None, keepdims: bool = False) -> Result:
    if not p:
        return np.sum(x != 0, axis=axis, keepdims=keepdims).astype(x.dtype)
    return np.power(in_rows(add_up(np.abs(x) ** p, axis=axis, keepdims=keepdims)), 1 / p)


def _norm_gradient(
    g: Array, y: Array, x: Array, *, p: float, axis: Axis = None, keepdims: bool = False
) -> Array:
    """sign(x) |x|^(p-1) / y^(p-1); where one of these powers would be infinite, 0 is taken."""
    if not keepdims:
        g, y = keep_axes(g, x.shape, axis), keep_axes(y, x.shape, axis)
    if not p:
        return expand(g * 0, shape=x.shape)
    size = absolute(x)
    own = where(x == 0, 0.0, power(where(x == 0, 1.0, size), p - 1))
    whole = power(y, 1 - p)
    if p >= 1:
        whole = where(y == 0, 0.0, power(where(y == 0, 1.0, y), 1 - p))
    return g * (sign(x) * own * whole)


# The p-norm, but for those of order 1, 2 and infinity, which are made from other operations.
norm = Primitive("norm", _norm, gradients=[_norm_gradient], floating=True)


def _cumsum(x: np.ndarray, *, axis: int) -> np.ndarray:
    """Added up in double precision, and rounded once a number, as in PyTorch."""
    wide = np.float64 if x.dtype.kind == "f" else x.dtype
    return in_rows(np.add.accumulate(x, axis=axis, dtype=wide).astype(x.dtype))


def _cumsum_gradient(g: Array, _y: Array, _x: Array, *, axis: int) -> Array:
    return flip(cumsum(flip(g, axes=(axis,)), axis=axis), axes=(axis,))


cumsum: Primitive = Primitive("cumsum", _cumsum, gradients=[_cumsum_gradient])


def _product_gradient(
    g: Array, y: Array, x: Array, *, axis: int | None = None, keepdims: bool = False
) -> Array:
    """The product of the others: of all divided by its own, or where one is 0 multiplied anew."""
    if not x.shape:
        return g
    if not keepdims:
        g, y = keep_axes(g, x.shape, axis), keep_axes(y, x.shape, axis)
    zeros = x == 0
    if holds(~zeros):
        return g * divide(y, x)
    if axis is None:
        if holds(sum(zeros) > 1):  # no product of others is without one, infinities or not
            return where(np.ones(x.shape, dtype=bool), 0.0, x)
        return reshape(g * _products_of_others(reshape(x, shape=(-1,))), shape=x.shape)
    order = (*(i for i in range(len(x.shape)) if i != axis % len(x.shape)), axis % len(x.shape))
    back = tuple(order.index(i) for i in range(len(order)))
    return g * permute(_products_of_others(permute(x, axes=order)), axes=back)


def _products_of_others(x: Array) -> Array:
    """(..., N) → (..., N): the product of all along the last axis but the one in its place."""
    count = x.shape[-1]
    rows = expand(reshape(x, shape=(*x.shape[:-1], 1, count)), shape=(*x.shape, count))
    return prod(where(np.eye(count, dtype=bool), 1.0, rows), axis=-1)


prod: Primitive = Primitive(
    "prod",
    lambda x, *, axis=None, keepdims=False: _in_single(np.prod, x, axis=axis, keepdims=keepdims),
    gradients=[_product_gradient],
)
