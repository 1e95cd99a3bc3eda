"""Numbers at even distances, and powers of them: arange, linspace, logspace."""

from __future__ import annotations

import numpy as np

from .arguments import DeviceName, DType, Operand
from .core import Tensor
from .creation import _finished, _number, _on, _or
from .mixin import _plain, numpys, whole
from .promotion import FLOAT, INT
from .ranges import rising, spaced

__all__ = ["arange", "linspace", "logspace"]


def arange(
    start: Operand,
    end: Operand | None = None,
    step: Operand = 1,
    *,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from `start`, or 0, up to `end`, which is left out: (N,).

    RuntimeError for a step of 0, one that leads away from `end`, or numbers that are not finite.

    >>> arange(3)
    tensor([0, 1, 2])
    """
    _on(device)
    if end is None:
        start, end = 0, start
    first, last, by = (_number("arange", _plain(x)) for x in (start, end, step))
    if not np.isfinite([first, last, by]).all():
        raise RuntimeError(f"unsupported range: from {first} to {last} in steps of {by}")
    if dtype is not None and numpys(dtype).kind == "b":
        raise NotImplementedError("arange is not implemented for bool: use a kind of number")
    if dtype is None:
        whole = all(isinstance(x, (int, np.integer)) for x in (first, last, by))
        dtype = INT if whole else FLOAT
    return _finished(rising(first, last, by, numpys(dtype)), requires_grad)


def linspace(
    start: Operand,
    end: Operand,
    steps: int,
    *,
    dtype: DType | None = FLOAT,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers, evenly spaced from `start` to `end`, both included: (steps,).

    TypeError for what is no number, RuntimeError for fewer than 0 of them.

    >>> linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    _on(device)
    first, last = (_number("linspace", _plain(x)) for x in (start, end))
    count = whole(steps, "steps")
    if count < 0:
        raise RuntimeError(f"number of steps must be non-negative, got {count}")
    if _or(dtype).kind == "b":
        raise NotImplementedError("linspace is not implemented for bool: use a kind of number")
    return _finished(spaced(first, last, count, _or(dtype)), requires_grad)


def logspace(
    start: Operand,
    end: Operand,
    steps: int,
    base: float = 10.0,
    *,
    dtype: DType | None = FLOAT,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` powers of `base`, with exponents evenly spaced from `start` to `end`: (steps,).

    >>> logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    exponents = linspace(start, end, steps, dtype=np.float64, device=device)._array
    with np.errstate(all="ignore"):
        return _finished(np.power(float(base), exponents).astype(_or(dtype)), requires_grad)
