"""What random numbers may be asked for: PyTorch's refusals, and what a dtype can hold."""

from typing import Any

import numpy as np

DType = np.dtype[Any]


def check_bounds(low: float, high: float, dtype: DType) -> None:
    """RuntimeError if uniform numbers can't be drawn between these bounds."""
    if dtype.kind != "f":
        raise NotImplementedError(f"uniform numbers are floating-point: {dtype} was asked for")
    most = float(np.finfo(dtype).max)
    for name, bound in (("from", low), ("to", high)):
        if not -most <= bound <= most:
            raise RuntimeError(f"{name} is out of bounds for {dtype}: {bound}")
    if low > high or high - low > most:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={low}, to={high}: from "
            f"<= to was wanted, and at most {most:g} between them"
        )


def check_range(low: int, last: int, dtype: DType) -> None:
    """RuntimeError if whole numbers can't be drawn between these bounds, both included."""
    if dtype.kind == "f":
        most = min(float(np.finfo(dtype).max), 2.0**63 - 2**10)
        least = -most
    else:
        least, most = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    for name, bound in (("from", low), ("to - 1", last)):
        if not least <= bound <= most:
            raise RuntimeError(f"{name} is out of bounds for {dtype}: {bound}")


def largest(dtype: DType) -> int:
    """The largest whole number of a dtype; of a floating-point one, up to which all are exact.

    >>> largest(np.dtype(np.int8)), largest(np.dtype(np.float32))
    (127, 16777216)
    """
    if dtype.kind == "f":
        return 1 << int(np.finfo(dtype).nmant) + 1
    return 1 if dtype.kind == "b" else int(np.iinfo(dtype).max)


def exact_range(low: int, high: int, dtype: DType) -> tuple[int, int]:
    """[low, high) without the ends that a floating-point dtype would round out of it.

    RuntimeError if nothing is left of it.

    >>> exact_range(0, 65504, np.dtype(np.float16))
    (0, 65472)
    """
    following, before = int(dtype.type(low + 1)), int(dtype.type(high - 1))
    if following < low:
        low = following + _gap(low + 1, dtype)
    if before >= high:
        high = before - _gap(high - 1, dtype)
    if high <= low:
        raise RuntimeError(f"no whole number from {low} to {high - 1} can be held by {dtype}")
    return low, high


def _gap(number: int, dtype: DType) -> int:
    """How far apart the neighbours of a large number are."""
    return 1 << max(abs(number).bit_length() - 1 - int(np.finfo(dtype).nmant), 0)


def check_weights(rows: np.ndarray, ndim: int, count: int, replacement: bool) -> None:
    """(B, V) what `multinomial` draws from. RuntimeError if it can't, as PyTorch has it."""
    if ndim not in (1, 2):
        raise RuntimeError(f"prob_dist must be 1 or 2 dim, got {ndim} dimensions")
    if rows.dtype.kind != "f":
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {rows.dtype}; "
            f"convert the weights with .float()"
        )
    if count <= 0:
        raise RuntimeError(f"cannot sample n_sample <= 0 samples, got {count}")
    if not replacement and count > rows.shape[1]:
        raise RuntimeError(
            f"cannot sample n_sample > prob_dist.size(-1) samples without replacement: "
            f"{count} of {rows.shape[1]} were wanted"
        )
    if not np.isfinite(rows).all() or (rows < 0).any():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not (rows.sum(axis=1) > 0).all():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
