"""Division with a whole quotient, and what is left over."""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ..graph import Face, Primitive, holds
from .elementwise import ARRAYS
from .numbers import Numbers, Plain


def _no_division(name: str) -> Callable[..., NoReturn]:
    def gradient(g: Numbers, _y: Numbers, _a: Numbers, _b: Numbers) -> NoReturn:
        raise RuntimeError(
            f"derivative for {name} is not implemented: it is a step function. Use / instead, or "
            f"detach() what is divided"
        )

    return gradient


def _divided(function: Callable[..., Plain]) -> Callable[..., Plain]:
    """// and % of arrays; whole numbers can't be divided by 0."""

    def compute(a: Plain, b: Plain, **options: Any) -> Plain:
        is_whole = isinstance(b, ARRAYS) and b.dtype.kind in "iu"
        if is_whole and np.size(a) and not holds(b != 0):
            raise RuntimeError("ZeroDivisionError: whole numbers can't be divided by 0")
        return function(a, b, **options)

    return compute


def _rounded_quotient(a: Plain, b: Plain, *, mode: str) -> Plain:
    """a / b without its fraction ("trunc") or rounded down ("floor")."""
    down = np.floor_divide(a, b)
    if mode == "floor":
        return down
    if np.result_type(a, b).kind == "f":
        return np.trunc(np.true_divide(a, b))
    is_negative = (np.less(a, 0) != np.less(b, 0)) & (np.fmod(a, b) != 0)
    return down + is_negative.astype(down.dtype)


def _remainder_divisor(g: Numbers, _y: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """What is left over falls by the quotient, which is a whole number."""
    if not isinstance(a, (np.ndarray, Face)):
        raise RuntimeError(
            "derivative for % with a number on the left is not implemented: write it as a tensor"
        )
    return -g * rounded_quotient(a, b, mode="floor")


floor_divide: Primitive = Primitive(
    "floor_divide",
    _divided(np.floor_divide),
    gradients=[_no_division("floor_divide"), _no_division("floor_divide")],
)

# A step function: its derivative is 0 wherever it has one.
rounded_quotient = Primitive(
    "rounded_quotient",
    _divided(_rounded_quotient),
    gradients=[lambda g, _y, _a, _b, *, mode: g * 0, lambda g, _y, _a, _b, *, mode: g * 0],
)

remainder: Primitive = Primitive(
    "remainder",
    _divided(np.remainder),
    gradients=[
        lambda g, _y, _a, _b: g,
        _remainder_divisor,
    ],
)

fmod = Primitive(
    "fmod",
    _divided(np.fmod),
    gradients=[
        lambda g, _y, _a, _b: g,
        lambda g, _y, a, b: -g * rounded_quotient(a, b, mode="trunc"),
    ],
)
