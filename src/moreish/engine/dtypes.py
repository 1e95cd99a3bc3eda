"""PyTorch's names for the kinds of numbers that NumPy's arrays hold.

A `dtype` stands for one of NumPy's and shows itself as PyTorch's. NumPy takes it wherever it takes
its own, as it looks for the attribute `dtype`; inside the engine there are NumPy's alone.
"""

from functools import cache
from typing import Any, TypeAlias

import numpy as np


class dtype:  # PyTorch's name
    """A kind of number: `torch.float32` and its like. There is one of each.

    TypeError if another is to be made.

    >>> kind = tensor([1.0]).dtype
    >>> kind, kind.itemsize, kind == np.float32, np.zeros(2, dtype=kind).dtype
    (torch.float32, 4, True, dtype('float32'))
    """

    __slots__ = ("dtype",)

    dtype: np.dtype[Any]  # NumPy's

    def __init__(self, *_: object) -> None:
        raise TypeError("a dtype can't be made: take one that there is, as torch.float32")

    @property
    def itemsize(self) -> int:
        """The bytes that a number takes."""
        return self.dtype.itemsize

    @property
    def is_floating_point(self) -> bool:
        """Whether its numbers have a fraction."""
        return self.kind == "f"

    @property
    def is_complex(self) -> bool:
        """Whether its numbers have an imaginary part: none of them has."""
        return False

    @property
    def is_signed(self) -> bool:
        """Whether its numbers may be negative."""
        return self.kind in "fi"

    # What rules ask of arrays and of Tensors alike.

    @property
    def kind(self) -> str:
        """NumPy's letter: b, u, i or f."""
        return self.dtype.kind

    @property
    def name(self) -> str:
        """NumPy's name."""
        return self.dtype.name

    @property
    def type(self) -> type[np.generic]:
        """NumPy's class of one such number."""
        return self.dtype.type

    def __eq__(self, other: object) -> bool:
        if isinstance(other, dtype):
            return self is other
        is_numpys = isinstance(other, np.dtype) or (
            isinstance(other, type) and issubclass(other, np.generic)
        )
        return self.dtype == other if is_numpys else NotImplemented

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"torch.{self.dtype.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return dtype_of, (self.dtype,)


# What may be asked for: torch.float32, and what NumPy has for it.
DType: TypeAlias = dtype | np.dtype[Any] | type


@cache
def dtype_of(numpys: np.dtype[Any]) -> dtype:
    """The one that stands for one of NumPy's.

    >>> dtype_of(np.dtype("int64"))
    torch.int64
    """
    made = dtype.__new__(dtype)
    made.dtype = numpys
    return made
