"""A Tensor as something else: NumPy's array, Python's numbers and lists, a truth value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import rules
from ..graph import _mode
from .arguments import DType, Operand
from .mixin import Part
from .operands import NUMBERS

if TYPE_CHECKING:
    from .core import Tensor


class Conversions(Part):
    """What Python and NumPy ask of a Tensor."""

    __slots__ = ()

    requires_grad: bool

    def numpy(self: Tensor) -> np.ndarray:
        """The array itself, not a copy: (...,) → (...,).

        RuntimeError if it requires a gradient.
        """
        if self.requires_grad and _mode.recording:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy()"
            )
        return self._read()

    def __array__(self: Tensor, dtype: DType | None = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __array_ufunc__(
        self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Tensor:
        """`np.tanh(t)` is a Tensor with its history where there is a rule, else a plain one."""
        row = rules.OF_UFUNC.get(ufunc)
        if method == "__call__" and row is not None and not options:
            taken = [
                x if isinstance(x, Part) else self._of(x) if isinstance(x, np.ndarray) else x
                for x in inputs
            ]
            return self._record(row, tuple(taken), {})
        arrays = [x.numpy() if isinstance(x, Conversions) else x for x in inputs]
        return self._of(getattr(ufunc, method)(*arrays, **options))

    def item(self: Tensor) -> Any:
        """The one number in a tensor of any shape, as Python's own.

        RuntimeError if it holds more than one, or none.

        >>> Tensor([2.5]).item()
        2.5
        """
        if self._array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._array.size} elements cannot be converted to Scalar: "
                f"reduce it first, or use .tolist()"
            )
        return self._read().item()

    def tolist(self: Tensor) -> Any:
        """Its numbers in lists, nested as its shape is.

        >>> Tensor([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
        """
        return self._read().tolist()

    def __len__(self: Tensor) -> int:
        if not self._array.ndim:
            raise TypeError("len() of a 0-d tensor: it is one number, and has no length")
        return len(self._array)

    def __iter__(self: Tensor) -> Iterator[Tensor]:
        if not self._array.ndim:
            raise TypeError("iteration over a 0-d tensor: it is one number; see item()")
        return iter([self[i] for i in range(len(self._array))])

    def __bool__(self: Tensor) -> bool:
        if self._array.size != 1:
            raise RuntimeError(
                "Boolean value of Tensor with more than one value is ambiguous: use .any() or "
                ".all()"
            )
        return bool(self._read().item())

    def __float__(self: Tensor) -> float:
        return float(self._only("float"))

    def __int__(self: Tensor) -> int:
        return int(self._only("int"))

    def _only(self: Tensor, kind: str) -> float:
        if self._array.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars: {kind}() was asked "
                f"of one with {self._array.size}"
            )
        return self._read().item()

    def __index__(self: Tensor) -> int:
        if self._array.dtype.kind not in "iub" or self._array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._read().item())

    def __contains__(self: Tensor, item: Operand) -> bool:
        if not isinstance(item, (Part, np.ndarray, *NUMBERS)):
            raise RuntimeError(
                f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
                f"{type(item).__name__}"
            )
        return bool(self._record(rules.equal, (self, item), {}).any())

    def __format__(self: Tensor, specification: str) -> str:
        if not self._array.ndim:
            return format(self.item(), specification)
        return object.__format__(self, specification)
