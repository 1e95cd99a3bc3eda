"""Functions of two numbers: angles, lengths, logarithms, signs."""

import numpy as np

from ..graph import Primitive
from .arithmetic import divide
from .elementwise import ARRAYS, exp, log, log1p, maximum, where
from .numbers import Array, Numbers, Plain
from .shape import cast


def _log_of_sum(a: Plain, b: Plain) -> Plain:
    """Half precision is computed in single precision, as PyTorch does, and rounded once."""
    if isinstance(a, ARRAYS) and a.dtype == np.float16:
        return np.logaddexp(a.astype(np.float32), b).astype(np.float16)
    return np.logaddexp(a, b)


logaddexp = Primitive(
    "logaddexp",
    _log_of_sum,
    gradients=[
        lambda g, _y, a, b: divide(g, exp(b - a) + 1),
        lambda g, _y, a, b: divide(g, exp(a - b) + 1),
    ],
)

hypot = Primitive(
    "hypot",
    np.hypot,
    gradients=[lambda g, y, a, _b: g * divide(a, y), lambda g, y, _a, b: g * divide(b, y)],
)

# The angle of the point (x, y); at the origin it has no derivative, and 0 is taken.
atan2 = Primitive(
    "atan2",
    np.arctan2,
    gradients=[
        lambda g, _y, a, b: g * _per_square(g, b, a, b),
        lambda g, _y, a, b: -g * _per_square(g, a, a, b),
    ],
    floating=True,
)


def _per_square(g: Array, part: Array, a: Array, b: Array) -> Array:
    """One of the coordinates divided by the sum of their squares, in the dtype of `g`."""
    part, a, b = (cast(x, dtype=g.dtype) for x in (part, a, b))
    square = a * a + b * b
    is_zero = square == 0
    return where(is_zero, 0.0, divide(part, square + cast(is_zero, dtype=square.dtype)))


def _copied_sign(g: Numbers, y: Array, a: Numbers, _b: Numbers) -> Numbers:
    """The sign that was changed, or not; where the number is 0 there is no derivative: 0."""
    is_zero = a == 0
    return g * where(is_zero, 0.0, divide(y, a + cast(is_zero, dtype=y.dtype)))


def _clamped_log(x: Plain) -> Plain:
    return maximum(log(x), -100.0)


def _clamped_log1p(x: Plain) -> Plain:
    return maximum(log1p(-x), -100.0)


# From probabilities; a logarithm counts as -100 at least, and x (1 - x) as 1e-12.
binary_cross_entropy = Primitive(
    "binary_cross_entropy",
    lambda x, t: (t - 1) * _clamped_log1p(x) - t * _clamped_log(x),
    gradients=[
        lambda g, _y, x, t: g * divide(x - t, maximum((1 - x) * x, 1e-12)),
        lambda g, _y, x, _t: g * (log1p(-x) - log(x)),
    ],
)

copysign = Primitive(
    "copysign",
    np.copysign,
    gradients=[_copied_sign, lambda g, _y, _a, _b: g * 0],
    floating=True,
)
