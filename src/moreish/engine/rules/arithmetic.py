"""The operators: + - * / @ and the sign."""

import math
import operator

import numpy as np

from ..graph import Primitive
from .numbers import Array, Numbers
from .shape import add_axis, reshape, swap_last


def _number_divide(a: float, b: float) -> float:
    """As arrays divide: by 0 it is infinite, or no number."""
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or a != a:
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _matmul_left(g: Array, _y: Numbers, a_shape: tuple[int, ...], b: Array) -> Numbers:
    if len(b.shape) == 1:
        return add_axis(g, -1) * b
    if len(a_shape) == 1:
        column = b @ add_axis(g, -1)
        return reshape(column, shape=column.shape[:-1])
    return g @ swap_last(b)


def _matmul_right(g: Array, _y: Numbers, a: Array, b_shape: tuple[int, ...]) -> Numbers:
    if len(a.shape) == 1:
        return add_axis(a, -1) * add_axis(g, -2) if len(b_shape) > 1 else a * g
    if len(b_shape) == 1:
        row = add_axis(g, -2) @ a
        return reshape(row, shape=(*row.shape[:-2], row.shape[-1]))
    return swap_last(a) @ g


add = Primitive(
    "add",
    np.add,
    operator.add,
    gradients=[lambda g, _y, _a, _b: g, lambda g, _y, _a, _b: g],
)

subtract = Primitive(
    "subtract",
    np.subtract,
    operator.sub,
    gradients=[lambda g, _y, _a, _b: g, lambda g, _y, _a, _b: -g],
)

multiply = Primitive(
    "multiply",
    np.multiply,
    operator.mul,
    gradients=[lambda g, _y, _a, b: g * b, lambda g, _y, a, _b: g * a],
)

divide: Primitive = Primitive(
    "divide",
    np.true_divide,
    _number_divide,
    gradients=[lambda g, _y, _a, b: divide(g, b), lambda g, y, _a, b: divide(-g * y, b)],
    floating=True,
)

negative = Primitive(
    "negative",
    np.negative,
    operator.neg,
    gradients=[lambda g, _y, _x: -g],
)

matmul = Primitive(
    "matmul",
    np.matmul,
    gradients=[_matmul_left, _matmul_right],
)
