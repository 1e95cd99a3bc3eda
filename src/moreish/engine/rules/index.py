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


def _put(x: np.ndarray, value: Any, *, key: Any) -> np.ndarray:
    result = x.copy()
    result[key] = value
    return result


def _put_value(g: Any, _y: Any, _x: Any, _v: Any, *, key: Any) -> Any:
    return g[key]


# x with `value` at `key`: what an assignment means.
put: Primitive = Primitive(
    "put",
    _put,
    gradients=[lambda g, _y, _x, _v, *, key: put(g, 0.0, key=key), _put_value],
)


def seen_through(x: Any, views: Any) -> Any:
    """What a chain of views, (primitive, options) each, shows of x."""
    for primitive, options in views:
        x = primitive(x, **options)
    return x


def _put_view(x: np.ndarray, value: Any, *, views: Any) -> np.ndarray:
    result = x.copy(order="K")
    seen_through(result, views)[...] = value
    return result


# x with `value` in what a chain of views shows of it: what changing a view means for its base.
put_view: Primitive = Primitive(
    "put_view",
    _put_view,
    gradients=[
        lambda g, _y, _x, _v, *, views: put_view(g, 0.0, views=views),
        lambda g, _y, _x, _v, *, views: seen_through(g, views),
    ],
)
