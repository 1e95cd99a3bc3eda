"""Which kind of number comes out when two kinds meet: PyTorch's rules, which are not NumPy's.

Kinds are ranked truth value, whole number, floating point. An array with axes decides; one without
axes or a Python number only matters if its kind ranks higher, and then gives the default dtype of
that kind.

Source: "Tensor Attributes: type promotion" in PyTorch's documentation.
"""

from __future__ import annotations

from typing import Any, overload

import numpy as np

from .arguments import Number

FLOAT = np.dtype(np.float32)
INT = np.dtype(np.int64)
BOOL = np.dtype(np.bool_)
RANK = {"b": 0, "u": 1, "i": 1, "f": 2}
DEFAULTS = (BOOL, INT, FLOAT)
TRUTHS = (bool, np.bool_)
WHOLES = (int, np.integer)
PLAIN = (bool, int, float)  # numbers that have no dtype of their own


def rank_of(value: object) -> int:
    """0 for truth values, 1 for whole numbers, 2 for floating point."""
    if isinstance(value, np.ndarray):
        return RANK[value.dtype.kind]
    return 0 if isinstance(value, TRUTHS) else 1 if isinstance(value, WHOLES) else 2


def result_type(*values: object) -> np.dtype[Any]:
    """The dtype that an operation on these arrays and Python numbers has.

    >>> result_type(np.zeros(2, np.int64), 2.5)
    dtype('float32')
    >>> result_type(np.zeros(2, np.float32), np.zeros((), np.float64))
    dtype('float32')
    """
    chosen: np.dtype[Any] | None = None
    groups = (
        [v.dtype for v in values if isinstance(v, np.ndarray) and v.ndim],
        [v.dtype for v in values if isinstance(v, np.ndarray) and not v.ndim],
        [DEFAULTS[rank_of(v)] for v in values if not isinstance(v, np.ndarray)],
    )
    for group in groups:
        if group:
            own = group[0]
            for dtype in group[1:]:
                own = promoted(own, dtype)
            if chosen is None or RANK[own.kind] > RANK[chosen.kind]:
                chosen = own
    assert chosen is not None
    return chosen


def promoted(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype that holds numbers of both, as PyTorch has it.

    >>> promoted(np.dtype(np.int64), np.dtype(np.float32))
    dtype('float32')
    """
    if RANK[a.kind] != RANK[b.kind]:
        return a if RANK[a.kind] > RANK[b.kind] else b
    return np.promote_types(a, b)


def common(arrays: list[Any]) -> list[Any]:
    """The same arrays and numbers, in the dtype that their operation has."""
    first = arrays[0]
    if isinstance(first, np.ndarray) and len(arrays) == 2:
        other = arrays[1]
        if isinstance(other, np.ndarray):
            if first.dtype == other.dtype:
                return arrays
        elif first.dtype.kind == "f" and type(other) in PLAIN:
            return arrays
    dtype = result_type(*arrays)
    return [as_dtype(a, dtype) for a in arrays]


@overload
def as_dtype(x: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray: ...


@overload
def as_dtype(x: Number, dtype: np.dtype[Any]) -> np.generic: ...


def as_dtype(x: np.ndarray | Number, dtype: np.dtype[Any]) -> np.ndarray | np.generic:
    """An array or a number as this dtype, as silently as PyTorch does it: (...,) → (...,)."""
    if not isinstance(x, np.ndarray):
        return number_as(x, dtype)
    if x.dtype == dtype:
        return x
    with np.errstate(all="ignore"):
        return x.astype(dtype)


def number_as(value: Number, dtype: np.dtype[Any]) -> np.generic:
    """A number as this dtype; one that is too large for whole numbers wraps around.

    OverflowError for one that does not even fit into 64 bits.

    >>> number_as(300, np.dtype(np.uint8))
    np.uint8(44)
    """
    if dtype.kind in "iu" and isinstance(value, WHOLES):
        return np.int64(value).astype(dtype)
    return dtype.type(value)


def number_within(value: Any, dtype: np.dtype[Any]) -> np.generic:
    """A number as this dtype; RuntimeError if it is beyond what the dtype can hold.

    As in PyTorch a fraction is cut off, infinity stays, and unsigned dtypes take whole numbers
    below 0, which wrap around.

    >>> number_within(2.7, np.dtype(np.int64))
    np.int64(2)
    """
    fits = True
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        wraps = dtype.kind == "u" and isinstance(value, WHOLES)
        lowest = -int(limits.max) if wraps else int(limits.min)
        fits = value == value and lowest <= value <= int(limits.max)
        value = int(value) if fits else value
    elif dtype.kind == "f":
        fits = not np.isfinite(float(value)) or abs(value) <= float(np.finfo(dtype).max)
    if not fits:
        raise RuntimeError(
            f"value cannot be converted to type {dtype} without overflow: got {value!r}"
        )
    return number_as(value, dtype)
