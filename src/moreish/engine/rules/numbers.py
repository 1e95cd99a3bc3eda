"""What rules compute with, by what they use of it."""

from typing import Any, Protocol, Self, TypeAlias

import numpy as np

# What NumPy computes with; Python's numbers are floats for a checker.
Plain: TypeAlias = np.ndarray | np.number[Any] | float
Result: TypeAlias = np.ndarray | np.number[Any]  # of all axes NumPy gives a number of its own


class Numbers(Protocol):
    """A number, an array or a Tensor: one rule serves them all, as it only uses these operators."""

    def __add__(self, other: Any, /) -> Self: ...

    def __radd__(self, other: Any, /) -> Self: ...

    def __sub__(self, other: Any, /) -> Self: ...

    def __rsub__(self, other: Any, /) -> Self: ...

    def __mul__(self, other: Any, /) -> Self: ...

    def __rmul__(self, other: Any, /) -> Self: ...

    def __neg__(self) -> Self: ...

    def __eq__(self, other: Any, /) -> Any: ...

    def __lt__(self, other: Any, /) -> Any: ...

    def __le__(self, other: Any, /) -> Any: ...

    def __gt__(self, other: Any, /) -> Any: ...

    def __ge__(self, other: Any, /) -> Any: ...


class Array(Numbers, Protocol):
    """An array or a Tensor: it also has a shape and a dtype, parts, and a product of matrices."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The size along each axis."""

    @property
    def dtype(self) -> Any:
        """The kind of number it holds."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def __matmul__(self, other: Any, /) -> Self: ...
