"""Normal numbers from uniform ones, to the bit as PyTorch's code for a processor with vectors.

In single precision PyTorch makes them by Box and Muller's method with the polynomials of the
Cephes library for the logarithm, the sine and the cosine; a multiplication and the addition behind
it are fused, with one rounding.

Sources: G. Box, M. Muller, "A Note on the Generation of Random Normal Deviates", 1958; S. Moshier,
"Methods and Programs for Mathematical Functions", 1989 (the Cephes library), for the coefficients.
"""

import math

import numpy as np

from .fused_multiply_add import multiply_add

__all__ = ["box_muller"]

Array = np.ndarray
single = np.float32

LOGARITHM = (
    *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1),
    *(-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1),
)
LOG_2 = (-2.12194440e-4, 0.693359375)  # its last digits, and the first, which are exact
COSINE = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
SINE = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
QUARTER_PI = (0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8)  # in three parts


def box_muller(uniform: Array) -> Array:
    """(blocks, 2, 8) numbers in [0, 1) → the same shape of normal ones, cosines first.

    >>> normal = box_muller(np.array([[[0.5], [0.25]]], dtype=np.float32))
    >>> [round(float(number), 4) for number in normal.reshape(-1)]
    [-0.0, 1.1774]
    """
    if uniform.dtype == single:
        radius = np.sqrt(single(-2) * _logarithm(1 - uniform[:, 0]))
        sine, cosine = _sine_and_cosine(single(2 * math.pi) * uniform[:, 1])
    else:
        radius = np.sqrt(-2 * np.log(1 - uniform[:, 0]))
        angle = 2 * math.pi * uniform[:, 1]
        sine, cosine = np.sin(angle), np.cos(angle)
    return np.stack([radius * cosine, radius * sine], axis=1)


def _polynomial(x: Array, coefficients: tuple[float, ...]) -> Array:
    """The highest power first."""
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y = multiply_add(y, x, coefficient)
    return y


def _logarithm(x: Array) -> Array:
    """Of positive numbers: that of the part in [1/2, 1), and of the power of two."""
    fraction, exponent = np.frexp(np.maximum(x, np.finfo(single).tiny))
    small = fraction < single(math.sqrt(0.5))
    power = exponent.astype(single) - small
    part = np.where(small, fraction + fraction, fraction) - single(1)
    square = part * part
    y = _polynomial(part, LOGARITHM) * part
    y = multiply_add(y, square, power * single(LOG_2[0]))
    y = multiply_add(-square, 0.5, y)
    return multiply_add(power, LOG_2[1], part + y)


def _sine_and_cosine(x: Array) -> tuple[Array, Array]:
    """Of angles that are not negative: by the octant, and what is left of the angle in it."""
    octant = (x * single(4 / math.pi)).astype(np.int32) + 1 & ~1
    for part in QUARTER_PI:
        x = multiply_add(octant.astype(single), -part, x)
    square = x * x
    cosine = _polynomial(square, COSINE) * square
    cosine = multiply_add(cosine, square, -(square * single(0.5))) + single(1)
    sine = multiply_add(_polynomial(square, SINE) * square, x, x)
    is_turned = octant & 2 != 0
    sine, cosine = np.where(is_turned, cosine, sine), np.where(is_turned, sine, cosine)
    return (
        np.where(octant & 4 != 0, -sine, sine),
        np.where((octant - 2) & 4 != 0, cosine, -cosine),
    )
