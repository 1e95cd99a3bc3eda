"""Is a value that came from a file what it must be? Types, shapes and ranges, in one place.

Each function gives back what it was given, or raises a ValueError that names it and says what was
wanted. A checksum tells that a file is as it was written. This tells that what was written can be
used, whoever wrote it. Which values a model needs, the model knows.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

__all__ = [
    "check_sums",
    "checked_amounts",
    "checked_flag",
    "checked_fractions",
    "checked_number",
    "checked_text",
    "checked_whole",
    "no_others",
]

Shape = tuple[int | None, ...]  # None: of any length

ROUNDING = 1e-6  # by how much probabilities may miss a sum of 1
MOST_WHOLE = 2**63 - 1
HEAVIEST = 1e30  # of weights and all their sums


def checked_whole(
    name: str,
    array: np.ndarray,
    shape: Shape,
    *,
    least: int = 0,
    end: int = MOST_WHOLE,
    rises: bool = False,
) -> np.ndarray:
    """Whole numbers of this shape from `least` on and below `end`, rising if it `rises`.

    ValueError if they are not.

    >>> checked_whole("starts", np.array([0, 3], np.uint8), (2,), end=3)
    Traceback (most recent call last):
    ValueError: starts has numbers that are not from 0 to 2
    """
    _check_form(name, array, shape, "iu", "whole numbers")
    if array.size and not least <= int(array.min()) <= int(array.max()) < end:
        raise ValueError(f"{name} has numbers that are not from {least} to {end - 1}")
    array = array if array.dtype == np.uint8 and not rises else array.astype(np.int64)
    if rises and not (np.diff(array) > 0).all():
        raise ValueError(f"{name} has numbers that do not rise")
    return array


def checked_fractions(
    name: str,
    array: np.ndarray,
    shape: Shape,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    dtype: DTypeLike = np.float64,
) -> np.ndarray:
    """Finite numbers of this shape, from `least` to `most`. ValueError if they are not.

    >>> checked_fractions("rest", np.array([0.5, np.nan]), (2,), least=0, most=1)
    Traceback (most recent call last):
    ValueError: rest has values that are no finite numbers
    """
    if array.dtype != dtype:
        raise ValueError(f"{name} is of {array.dtype}, and {np.dtype(dtype)} was wanted")
    _check_form(name, array, shape, "f", "numbers")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has values that are no finite numbers")
    if array.size and not least <= array.min() <= array.max() <= most:
        raise ValueError(f"{name} has numbers that are not from {least:g} to {most:g}")
    return array


def checked_amounts(name: str, array: np.ndarray, shape: Shape) -> np.ndarray:
    """How often things came, of this shape: more than 0, int64 or float64.

    ValueError if they are not, or their sum is no number.

    >>> checked_amounts("counts", np.array([2, 0]), (None,))
    Traceback (most recent call last):
    ValueError: counts has numbers that are not above 0
    """
    if array.dtype not in (np.int64, np.float64):
        raise ValueError(f"{name} is of {array.dtype}, and int64 or float64 was wanted")
    _check_form(name, array, shape, "if", "numbers")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has values that are no finite numbers")
    if not (array > 0).all():
        raise ValueError(f"{name} has numbers that are not above 0")
    with np.errstate(over="ignore"):
        total = array.sum(dtype=np.float64)
    if total >= (MOST_WHOLE if array.dtype == np.int64 else HEAVIEST):
        raise ValueError(f"{name} has numbers whose sum is too large")
    return array


def check_sums(name: str, sums: np.ndarray) -> None:
    """ValueError if one of (N,) probabilities of everything is not 1.

    >>> check_sums("shares", np.array([1.0, 0.9]))
    Traceback (most recent call last):
    ValueError: shares has probabilities whose sum is not 1
    """
    if not (np.abs(sums - 1) <= ROUNDING).all():
        raise ValueError(f"{name} has probabilities whose sum is not 1")


def checked_number(
    name: str,
    value: Any,
    *,
    whole: bool = False,
    least: float = -math.inf,
    most: float = math.inf,
) -> Any:
    """A finite number, or one that is infinite where `most` is. ValueError if it isn't.

    >>> checked_number("seconds", -1.0, least=0)
    Traceback (most recent call last):
    ValueError: seconds is -1.0, and a number from 0 to inf was wanted
    """
    kinds = (int,) if whole else (int, float)
    if type(value) not in kinds or not least <= value <= most:
        what = "a whole number" if whole else "a number"
        raise ValueError(f"{name} is {value!r}, and {what} from {least:g} to {most:g} was wanted")
    return value


def checked_flag(name: str, value: Any) -> bool:
    """True or False. ValueError if it is neither.

    >>> checked_flag("lower", 1)
    Traceback (most recent call last):
    ValueError: lower is 1, and true or false was wanted
    """
    if type(value) is not bool:
        raise ValueError(f"{name} is {value!r}, and true or false was wanted")
    return value


def checked_text(name: str, value: Any) -> str:
    """Text, which UTF-8 can write. ValueError if it isn't.

    >>> checked_text("a token", None)
    Traceback (most recent call last):
    ValueError: a token is None, and text was wanted
    """
    if type(value) is not str:
        raise ValueError(f"{name} is {value!r}, and text was wanted")
    value.encode()
    return value


def no_others(what: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """ValueError if something is there that nobody asked for: the file is not what it looks like.

    >>> no_others("the file", {"counts": 1, "extra": 2}, {"counts": 1})
    Traceback (most recent call last):
    ValueError: the file has 'extra', which is not known
    """
    for name in there:
        if name not in wanted:
            raise ValueError(f"{what} has {name!r}, which is not known")


def _check_form(name: str, array: np.ndarray, shape: Shape, kinds: str, what: str) -> None:
    if array.dtype.kind not in kinds:
        raise ValueError(f"{name} is of {array.dtype}, and {what} were wanted")
    if array.ndim != len(shape) or any(
        wanted is not None and own != wanted for own, wanted in zip(array.shape, shape, strict=True)
    ):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} has the shape {array.shape}, and ({wanted}) was wanted")
