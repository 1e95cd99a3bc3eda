"""What the methods and functions of Tensors take, by the names that their signatures use."""

from collections.abc import Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..device import Device
from ..dtypes import DType as DType

if TYPE_CHECKING:
    from .core import Tensor

Number: TypeAlias = float | np.number[Any] | np.bool_  # int and bool are floats for a checker
Operand: TypeAlias = "Tensor | Number"
Array: TypeAlias = "Tensor | np.ndarray"
Dim: TypeAlias = int | Sequence[int] | None  # None for all axes
Sizes: TypeAlias = int | Sequence[int]  # sizes may come one by one or together
DeviceName: TypeAlias = Device | str

# What stands in brackets: `list[Any]` is nested, with whole numbers or truth values in it.
Index: TypeAlias = "int | slice | EllipsisType | range | list[Any] | Array | None"
Key: TypeAlias = "Index | tuple[Index, ...]"
