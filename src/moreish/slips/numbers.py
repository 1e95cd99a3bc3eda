"""What learners hand over: Values, Tensors, arrays and lists as numbers, and functions."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ..engine.tensor import Tensor
from ..engine.value import Value
from ..errors import OptionError

__all__ = ["Numbers", "array_of", "function_of"]

Numbers: TypeAlias = Tensor | np.ndarray | Sequence[float] | Sequence[Sequence[float]]


def array_of(given: object, name: str) -> np.ndarray:
    """A number, a list, an array or a Tensor as an array of the same shape.

    TypeError for what is no numbers, OptionError for None and for NaN or infinity in it.

    >>> array_of([[1, 2]], "your answer").shape
    (1, 2)
    """
    if given is None:
        raise OptionError(f"{name} is missing: None was given")
    if isinstance(given, Value):
        given = given.data
    if hasattr(given, "detach"):
        given = given.detach().numpy()
    try:
        array = np.asarray(given)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind == "b":  # as x > 0, the derivative of relu
        array = array.astype(np.float64)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} is numbers, got {type(given).__name__}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = f" at {bad[0].tolist()}" if array.ndim else ""
        raise OptionError(f"{name} is {array[tuple(bad[0])]}{where}")
    return array


def function_of(given: Any, name: str) -> Callable[..., Any]:
    """What can be called; TypeError for anything else, as for the result of a call.

    >>> function_of(abs, "function")(-3)
    3
    """
    if not callable(given):
        raise TypeError(
            f"{name} is a function, got {type(given).__name__}: give it without calling it"
        )
    return given
