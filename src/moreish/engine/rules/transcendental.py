"""More functions of each number: trigonometric, hyperbolic, exponential, roots, and steps.

Each row is a function of NumPy and its derivative, as in `elementwise`.
"""

import math

import numpy as np

from ..graph import Primitive
from .arithmetic import divide
from .elementwise import sqrt

LN2 = math.log(2)


def _step(name: str, function: np.ufunc) -> Primitive:
    """A step function: its derivative is 0 wherever it has one. Whole numbers are what they are."""
    return Primitive(
        name,
        lambda x: function(x) if x.dtype.kind == "f" else x.copy(),
        gradients=[lambda g, _y, _x: g * 0],
    )


tan = Primitive("tan", np.tan, gradients=[lambda g, y, _x: g * (y * y + 1)], floating=True)

asin = Primitive(
    "asin",
    np.arcsin,
    gradients=[lambda g, _y, x: divide(g, sqrt(1 - x * x))],
    floating=True,
)

acos = Primitive(
    "acos",
    np.arccos,
    gradients=[lambda g, _y, x: -divide(g, sqrt(1 - x * x))],
    floating=True,
)

atan = Primitive(
    "atan", np.arctan, gradients=[lambda g, _y, x: divide(g, x * x + 1)], floating=True
)

sinh: Primitive = Primitive(
    "sinh", np.sinh, gradients=[lambda g, _y, x: g * cosh(x)], floating=True
)

cosh: Primitive = Primitive(
    "cosh", np.cosh, gradients=[lambda g, _y, x: g * sinh(x)], floating=True
)

asinh = Primitive(
    "asinh",
    np.arcsinh,
    gradients=[lambda g, _y, x: divide(g, sqrt(x * x + 1))],
    floating=True,
)

acosh = Primitive(
    "acosh",
    np.arccosh,
    gradients=[lambda g, _y, x: divide(g, sqrt(x * x - 1))],
    floating=True,
)

atanh = Primitive(
    "atanh", np.arctanh, gradients=[lambda g, _y, x: divide(g, 1 - x * x)], floating=True
)

exp2 = Primitive("exp2", np.exp2, gradients=[lambda g, y, _x: g * y * LN2], floating=True)

expm1 = Primitive("expm1", np.expm1, gradients=[lambda g, y, _x: g * (y + 1)], floating=True)

log2 = Primitive("log2", np.log2, gradients=[lambda g, _y, x: divide(g, x * LN2)], floating=True)

rsqrt = Primitive(
    "rsqrt",
    lambda x: np.reciprocal(np.sqrt(x)),
    gradients=[lambda g, y, _x: -0.5 * g * (y * y * y)],
    floating=True,
)

reciprocal = Primitive(
    "reciprocal", np.reciprocal, gradients=[lambda g, y, _x: -g * (y * y)], floating=True
)

floor = _step("floor", np.floor)
ceil = _step("ceil", np.ceil)
trunc = _step("trunc", np.trunc)
