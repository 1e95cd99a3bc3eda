"""Functions of each number, and powers; the same rules serve floats, arrays and Tensors."""

import math

import numpy as np

from ..graph import Primitive, no_gradient
from .arithmetic import divide
from .numbers import Numbers, Plain, Result

ARRAYS = (np.ndarray, np.generic)  # what NumPy computes with; other numbers are Python's
array_erf = np.frompyfunc(math.erf, 1, 1)  # NumPy has none; Python's is exact


def _number_power(a: float, b: float) -> float:
    """As arrays have it: infinite where it is too large, no number where it would be complex."""
    try:
        y = a**b
    except ZeroDivisionError:
        return math.copysign(math.inf, a) if b % 2 == 1 else math.inf
    except OverflowError:
        return -math.inf if a < 0 and b % 2 == 1 else math.inf
    return y if type(y) is not complex else math.nan


def _power_base(g: Numbers, _y: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """The derivative in the base; an exponent of 0 gives 0 even at base 0, not NaN."""
    if isinstance(b, (int, float)):
        return g * b * power(a, b - 1) if b else g * 0
    return g * b * power(a, b - 1 + (b == 0))


def _power_exponent(g: Numbers, y: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """The derivative in the exponent; 0 to a power of 0 or more gives 0, not NaN."""
    return g * where((a == 0) & (b >= 0), 0.0, y * log(a))


def _power(a: Plain, b: Plain) -> Result:
    """As PyTorch has it at the edges, where NumPy refuses or takes a root."""
    if not isinstance(b, ARRAYS):
        if isinstance(a, np.ndarray) and a.dtype == np.float16:  # never a root
            return _power(a.astype(np.float32), np.float32(b)).astype(np.float16)
        return np.power(a, b) if b != -0.5 else np.reciprocal(np.sqrt(a))
    if b.dtype.kind == "i" and np.any(b < 0):  # whole numbers are cut towards 0
        one_or_less = np.where(
            np.abs(a) == 1, np.where(np.remainder(b, 2) == 0, np.multiply(a, a), a), 0
        )
        return np.where(b < 0, one_or_less, np.power(a, np.where(b < 0, 0, b)))
    if b.dtype.kind == "f" and isinstance(a, ARRAYS):
        # NumPy takes the root: of -0.0 it is -0.0, and of -inf NaN, where the power is 0 and inf
        a = np.where((b == 0.5) & ((a == 0) | (a == -np.inf)), np.abs(a), a)
    return np.power(a, b)


def _half_or_none(g: Numbers, a: Numbers, b: Numbers, is_behind: Numbers) -> Numbers:
    """What the larger, or smaller, of two passes on: both half where they are equal."""
    return where(is_behind, g * 0.0, where(a == b, g * 0.5, g))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1, small) / (1 + small)


def _number_sigmoid(x: float) -> float:
    small = math.exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1.0 + small)


def _number_exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:  # arrays give infinity; so do numbers
        return math.inf


def _number_log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def _softplus(x: np.ndarray, *, beta: float = 1.0, threshold: float = 20.0) -> np.ndarray:
    scaled = x * beta
    soft = np.maximum(scaled, 0) + np.log1p(np.exp(-np.abs(scaled)))  # never overflows
    return np.where(scaled > threshold, x, soft / beta)


def _number_softplus(x: float, *, beta: float = 1.0, threshold: float = 20.0) -> float:
    scaled = x * beta
    if scaled > threshold:
        return x
    return (max(scaled, 0.0) + math.log1p(math.exp(-abs(scaled)))) / beta


def _softplus_gradient(
    g: Numbers, _y: Numbers, x: Numbers, *, beta: float = 1.0, threshold: float = 20.0
) -> Numbers:
    return g * where(x * beta > threshold, 1.0, sigmoid(x * beta))


def _elu(x: np.ndarray, *, alpha: float = 1.0) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _elu_gradient(g: Numbers, y: Numbers, x: Numbers, *, alpha: float = 1.0) -> Numbers:
    return g * where(x <= 0, y + alpha, 1.0)


def _log10(x: np.ndarray) -> np.ndarray:
    """In double precision, so that powers of ten come out exact, as in PyTorch."""
    return np.log10(x.astype(np.float64)).astype(x.dtype)


def _rounded(x: np.ndarray, decimals: int) -> np.ndarray:
    """Halves go to the even neighbour; whole numbers are what they are."""
    if x.dtype.kind != "f":
        return x.copy()
    if not decimals:
        return np.rint(x)
    scale = x.dtype.type(10.0 ** abs(decimals))
    return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale


def _number_sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0 else math.nan


power: Primitive = Primitive(
    "power", _power, _number_power, gradients=[_power_base, _power_exponent]
)

maximum: Primitive = Primitive(
    "maximum",
    np.maximum,
    gradients=[
        lambda g, _y, a, b: _half_or_none(g, a, b, a < b),
        lambda g, _y, a, b: _half_or_none(g, a, b, b < a),
    ],
)

minimum: Primitive = Primitive(
    "minimum",
    np.minimum,
    gradients=[
        lambda g, _y, a, b: _half_or_none(g, a, b, a > b),
        lambda g, _y, a, b: _half_or_none(g, a, b, b > a),
    ],
)


def _erf(x: np.ndarray) -> np.ndarray:
    y = array_erf(x)
    return y.astype(x.dtype) if isinstance(y, np.ndarray) else x.dtype.type(y)


exp = Primitive("exp", np.exp, _number_exp, gradients=[lambda g, y, _x: g * y], floating=True)

log = Primitive(
    "log", np.log, _number_log, gradients=[lambda g, _y, x: divide(g, x)], floating=True
)

sqrt = Primitive(
    "sqrt",
    np.sqrt,
    _number_sqrt,
    gradients=[lambda g, y, _x: divide(g, y * 2)],
    floating=True,
)

# As `std` and `norm` have it: where the root is 0 they have no derivative, and 0 is taken.
root: Primitive = Primitive(
    "root",
    np.sqrt,
    gradients=[
        lambda g, y, _x: where(y == 0, g * 0.0, divide(g, where(y == 0, 1.0, y) * 2)),
    ],
    floating=True,
)

log10 = Primitive(
    "log10",
    _log10,
    gradients=[lambda g, _y, x: divide(g, x * math.log(10))],
    floating=True,
)

log1p = Primitive(
    "log1p",
    np.log1p,
    gradients=[lambda g, _y, x: divide(g, x + 1)],
    floating=True,
)

sin: Primitive = Primitive("sin", np.sin, gradients=[lambda g, _y, x: g * cos(x)], floating=True)

cos: Primitive = Primitive("cos", np.cos, gradients=[lambda g, _y, x: -g * sin(x)], floating=True)

# A step function: its derivative is 0 wherever it has one.
round: Primitive = Primitive(
    "round",
    lambda x, *, decimals=0: _rounded(x, decimals),
    gradients=[lambda g, _y, _x, *, decimals=0: g * 0],
)

tanh = Primitive(
    "tanh", np.tanh, math.tanh, gradients=[lambda g, y, _x: g * (1 - y * y)], floating=True
)

sigmoid: Primitive = Primitive(
    "sigmoid",
    _sigmoid,
    _number_sigmoid,
    gradients=[lambda g, y, _x: g * y * (1 - y)],
    floating=True,
)

# As in PyTorch: the derivative at 0 is 0; what is no number stays none, and has the derivative 1.
relu = Primitive(
    "relu",
    lambda x: np.maximum(x, 0),
    lambda x: x if x > 0 or x != x else 0.0,
    gradients=[lambda g, y, _x: g * (y != 0)],
)

sign = Primitive(
    "sign",
    lambda x: np.sign(np.where(x == x, x, 0)).astype(x.dtype),
    lambda x: math.copysign(1.0, x) if x else 0.0,
    gradients=[lambda g, _y, _x: g * 0],
)

absolute = Primitive("absolute", np.abs, abs, gradients=[lambda g, _y, x: g * sign(x)])

where: Primitive = Primitive(
    "where",
    np.where,
    lambda condition, a, b: a if condition else b,
    gradients=[
        no_gradient,
        lambda g, _y, condition, _a, _b: where(condition, g, 0.0),
        lambda g, _y, condition, _a, _b: where(condition, 0.0, g),
    ],
)

# As `where`, of single numbers that remember: their condition is plainly True or False.
choose: Primitive = Primitive(
    "choose",
    lambda a, b, *, condition: np.where(condition, a, b),
    lambda a, b, *, condition: a if condition else b,
    gradients=[
        lambda g, _y, _a, _b, *, condition: choose(g, 0.0, condition=condition),
        lambda g, _y, _a, _b, *, condition: choose(0.0, g, condition=condition),
    ],
)


def _clamp(x: np.ndarray, low: Plain | None, high: Plain | None) -> np.ndarray:
    """Numbers within their bounds are what they are; where the bounds are crossed `high` counts."""
    inside: np.ndarray | np.bool_ = np.True_
    value = x
    if low is not None:
        inside, value = x >= low, np.maximum(value, low)
    if high is not None:
        inside, value = inside & (x <= high), np.minimum(value, high)
    return np.where(inside, x, value)


def _clamp_gradient(
    g: Numbers, _y: Numbers, x: Numbers, low: Numbers | None, high: Numbers | None
) -> Numbers:
    if low is None or high is None:
        return where(x <= high if low is None else x >= low, g, 0.0)
    return where((x >= low) & (x <= high), g, 0.0)


def _clamp_low(
    g: Numbers, y: Numbers, x: Numbers, low: Numbers | None, high: Numbers | None
) -> Numbers:
    below = (x < low) & (y == y)
    return where(below if high is None else below & (low < high), g, 0.0)


def _clamp_high(
    g: Numbers, y: Numbers, x: Numbers, low: Numbers | None, high: Numbers | None
) -> Numbers:
    above = x > high if low is None else (x > high) | (low > high)
    return where(above & (y == y), g, 0.0)


# A bound that is None is none.
clamp = Primitive("clamp", _clamp, gradients=[_clamp_gradient, _clamp_low, _clamp_high])

leaky_relu = Primitive(
    "leaky_relu",
    lambda x, *, slope: np.where(x > 0, x, x * slope),
    lambda x, *, slope: x if x > 0 else x * slope,
    gradients=[lambda g, _y, x, *, slope: where(x > 0, g, g * slope)],
)

elu = Primitive(
    "elu",
    _elu,
    lambda x, *, alpha=1.0: x if x > 0 else alpha * math.expm1(x),
    gradients=[_elu_gradient],
    floating=True,
)

softplus = Primitive(
    "softplus", _softplus, _number_softplus, gradients=[_softplus_gradient], floating=True
)

erf = Primitive(
    "erf",
    _erf,
    math.erf,
    gradients=[lambda g, _y, x: g * exp(-x * x) * (2 / math.sqrt(math.pi))],
    floating=True,
)
