"""The operators: + - * / ** @ and the sign."""

import operator
from typing import Any

import numpy as np

from ..graph import Primitive
from .elementwise import log
from .shape import add_axis, reshape, swap_last


def _power_base(g: Any, _y: Any, a: Any, b: Any) -> Any:
    """Slope in the base; an exponent of 0 gives 0 even at base 0, where 0 * 0**-1 would not."""
    if isinstance(b, (int, float)):
        return g * b * a ** (b - 1) if b else g * 0
    zero = b == 0
    return g * b * a ** (b - 1 + zero)


def _power_exponent(g: Any, y: Any, a: Any, _b: Any) -> Any:
    """Slope in the exponent; base 0 gives 0, where 0 * log(0) would not."""
    zero = a == 0
    return g * y * log(a + zero)


def _matmul_left(g: Any, _y: Any, a_shape: tuple[int, ...], b: Any) -> Any:
    if len(b.shape) == 1:
        return add_axis(g, -1) * b
    if len(a_shape) == 1:
        column = b @ add_axis(g, -1)
        return reshape(column, shape=column.shape[:-1])
    return g @ swap_last(b)


def _matmul_right(g: Any, _y: Any, a: Any, b_shape: tuple[int, ...]) -> Any:
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

divide = Primitive(
    "divide",
    np.true_divide,
    operator.truediv,
    gradients=[lambda g, _y, _a, b: g / b, lambda g, y, _a, b: -g * y / b],
    floating=True,
)

power = Primitive(
    "power",
    np.power,
    operator.pow,
    gradients=[_power_base, _power_exponent],
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
