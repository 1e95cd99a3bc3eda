"""Numbers at even distances, and powers of them: arange, linspace, logspace."""

from typing import Any

import numpy as np

from .core import Tensor
from .creation import _finished, _number, _on, _or
from .mixin import _plain, numpys, whole
from .promotion import FLOAT, INT
from .ranges import rising, spaced

__all__ = ["arange", "linspace", "logspace"]


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from `start` up to `end`, which is left out; from 0 if one is given.

    RuntimeError for a step of 0, or one that leads away from `end`.

    >>> arange(3)
    tensor([0, 1, 2])
    """
    _on(device)
    if end is None:
        start, end = 0, start
    start, end, step = (_number("arange", _plain(x)) for x in (start, end, step))
    if not np.isfinite([start, end, step]).all():
        raise RuntimeError(f"unsupported range: from {start} to {end} in steps of {step}")
    if dtype is not None and numpys(dtype).kind == "b":
        raise NotImplementedError("arange is not implemented for bool: use a kind of number")
    if dtype is None:
        whole = all(isinstance(x, (int, np.integer)) for x in (start, end, step))
        dtype = INT if whole else FLOAT
    return _finished(rising(start, end, step, numpys(dtype)), requires_grad)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = FLOAT,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers, evenly spaced from `start` to `end`, both included.

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
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = FLOAT,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` powers of `base`, with exponents evenly spaced from `start` to `end`.

    >>> logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    exponents = linspace(start, end, steps, dtype=np.float64, device=device)._array
    with np.errstate(all="ignore"):
        return _finished(np.power(float(base), exponents).astype(_or(dtype)), requires_grad)
