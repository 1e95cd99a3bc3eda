"""What learners hand over as numbers: Values, Tensors, arrays, lists."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ..engine.tensor import Tensor
from ..engine.value import Value
from ..errors import OptionError

__all__ = ["Numbers", "array_of"]

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
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} is numbers, got {type(given).__name__}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = f" at {bad[0].tolist()}" if array.ndim else ""
        raise OptionError(f"{name} is {array[tuple(bad[0])]}{where}")
    return array
