"""How a Tensor shows itself: as PyTorch would, to the letter.

Four digits; whole numbers in floating point as `1.`; powers of ten where the smallest and the
largest are far apart; beyond 1000 numbers only the three at each edge; lines of 80 characters.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

DIGITS = 4
EDGE = 3
MOST = 1_000
LINE = 80


def text_of(array: np.ndarray, suffixes: list[str]) -> str:
    """An array of any shape as `tensor(...)`, with suffixes as "requires_grad=True" behind it."""
    if array.size == 0:
        content = "[]"
        if array.ndim != 1:
            suffixes = [f"size={tuple(array.shape)}", *suffixes]
    else:
        shortened = array.size > MOST
        show, width = _formatter(_edges(array) if shortened else array)
        content = _block(array, len("tensor("), shortened, show, width)
    kind = [] if _usual(array) else [f"dtype=torch.{array.dtype.name}"]
    if array.size == 0 and array.ndim != 1:
        suffixes[1:1] = kind
    else:
        suffixes = [*kind, *suffixes]
    text = "tensor(" + content
    last = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if last + len(suffix) + 2 > LINE:
            text += ",\n" + " " * len("tensor(") + suffix
            last = len("tensor(") + len(suffix)
        else:
            text += ", " + suffix
            last += len(suffix) + 2
    return text + ")"


def _usual(array: np.ndarray) -> bool:
    """Whether a list of these numbers would be read as this dtype again."""
    return array.dtype.name in ("float32", "int64", "bool")[: 1 if not array.size else 3]


def _edges(array: np.ndarray) -> np.ndarray:
    """Only what is shown of a large array."""
    for axis, size in enumerate(array.shape):
        if size > 2 * EDGE:
            kept = [*range(EDGE), *range(size - EDGE, size)]
            array = np.take(array, kept, axis=axis)
    return array


def _formatter(array: np.ndarray) -> tuple[Callable[[Any], str], int]:
    """How each number is written, and the width that it is filled up to.

    As in PyTorch zeros, infinities and NaN do not count, and may be wider.
    """
    values = array.reshape(-1)
    if array.dtype.kind != "f":
        width = max(len(str(value)) for value in values.tolist())
        return lambda value: str(value).rjust(width), width
    shown = values[np.isfinite(values) & (values != 0)].astype(np.float64)
    whole = bool((shown == np.ceil(shown)).all())
    powers = False
    if shown.size:
        small, large = float(np.abs(shown).min()), float(np.abs(shown).max())
        powers = large / small > 1_000 or large > 1e8 or small < 1e-4

    def write(value: float) -> str:
        if powers:
            return f"{value:.{DIGITS}e}"
        if whole:
            return f"{value:.0f}" + ("." if math.isfinite(value) else "")
        return f"{value:.{DIGITS}f}"

    width = max((len(write(value)) for value in shown.tolist()), default=1)
    return lambda value: write(value).rjust(width), width


def _block(
    array: np.ndarray, indent: int, shortened: bool, show: Callable[[Any], str], width: int
) -> str:
    if array.ndim == 0:
        return show(array.item())
    cut = shortened and len(array) > 2 * EDGE
    if array.ndim == 1:
        if not len(array):
            return "[]"
        values = [show(v) for v in (array[:EDGE] if cut else array).tolist()]
        if cut:
            values += [" ...", *(show(v) for v in array[-EDGE:].tolist())]
        a_line = max(1, (LINE - indent) // (width + 2))
        lines = [", ".join(values[i : i + a_line]) for i in range(0, len(values), a_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    shown = [*array[:EDGE], *array[-EDGE:]] if cut else array
    rows = [_block(row, indent + 1, shortened, show, width) for row in shown]
    if cut:
        rows.insert(EDGE, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(rows) + "]"
