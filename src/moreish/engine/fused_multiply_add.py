"""a b + c with a single rounding, as processors with a fused multiplication and addition do it.

NumPy rounds the product first. Here the product is kept whole: in single precision it fits into a
double, in double precision into two.

Source: S. Boldo, G. Melquiond, "Emulation of a FMA and Correctly-Rounded Sums: Proved Algorithms
Using Rounding to Odd", 2008; T. Dekker, "A Floating-Point Technique for Extending the Available
Precision", 1971, for the product in two.
"""

import numpy as np

__all__ = ["multiply_add"]

Array = np.ndarray
MIDDLE = 1 << 28  # of the 29 bits that a double has more than a single: just between two singles
SPLIT = 2.0**27 + 1


def multiply_add(a: Array, b: Array | float, c: Array | float) -> Array:
    """a b + c in the precision of `a`, float32 or float64, rounded once.

    >>> third = np.float32(1 / 3)
    >>> float(multiply_add(np.array([third]), 3.0, -1.0)[0]), float(third * np.float32(3) - 1)
    (2.9802322387695312e-08, 0.0)
    """
    x, y, z = (np.asarray(n, a.dtype).astype(np.float64) for n in (a, b, c))
    if a.dtype == np.float64:
        return _in_double_precision(x, y, z)
    total = np.asarray(x * y + z)
    is_middle = total.view(np.int64) & 2 * MIDDLE - 1 == MIDDLE
    if is_middle.any():  # which may be the first of two roundings
        x, y, z = (np.broadcast_to(n, total.shape)[is_middle] for n in (x, y, z))
        total[is_middle] = _to_odd(*_sum(x * y, z))
    result: Array = total.astype(np.float32)
    return result


def _in_double_precision(x: Array, y: Array, z: Array) -> Array:
    high, low = _product(x, y)
    other, rest = _sum(z, low)
    total, missing = _sum(high, other)
    result = total + _to_odd(*_sum(rest, missing))
    return np.where(np.isfinite(result), result, x * y + z)  # too large to be taken apart


def _sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded sum, and what the rounding took away."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded product, and what the rounding took away."""
    product = a * b
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    return product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2


def _halves(a: Array) -> tuple[Array, Array]:
    large = a * SPLIT
    high = large - (large - a)
    return high, a - high


def _to_odd(total: Array, missing: Array) -> Array:
    """A sum that is not exact, rounded to the neighbour whose last bit is 1."""
    is_even = total.view(np.int64) & 1 == 0
    beyond = np.nextafter(total, np.copysign(np.inf, missing))
    return np.where((missing != 0) & is_even, beyond, total)
