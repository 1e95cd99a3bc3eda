"""Picking numbers out, and putting them back in their places."""

from typing import Any

import numpy as np

from ..graph import Primitive


def is_basic(key: Any) -> bool:
    """Whether NumPy answers `x[key]` with a view: integers, slices, None and ... only."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(
        part is None
        or part is Ellipsis
        or (isinstance(part, (slice, int, np.integer)) and not isinstance(part, (bool, np.bool_)))
        for part in parts
    )


def _scatter(g: np.ndarray, *, key: Any, shape: tuple[int, ...]) -> np.ndarray:
    result = np.zeros(shape, dtype=g.dtype)
    if is_basic(key):
        result[key] = g
    else:
        np.add.at(result, key, g)  # a place that was picked twice gets both
    return result


select = Primitive(
    "select",
    lambda x, *, key: x[key],
    gradients=[lambda g, _y, x_shape, *, key: scatter(g, key=key, shape=x_shape)],
)

scatter: Primitive = Primitive(
    "scatter",
    _scatter,
    gradients=[lambda g, _y, _x, *, key, shape: select(g, key=key)],
)
