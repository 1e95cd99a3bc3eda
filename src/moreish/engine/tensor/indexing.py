"""Some of the numbers, chosen by place or by mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import rules
from ..graph import Primitive, holds
from .arguments import Key, Operand
from .index_keys import is_mask, keys_of, must_be_assignable
from .mixin import Part, whole
from .operands import must_be_a_mask, promoted, value_for
from .promotion import as_dtype

if TYPE_CHECKING:
    from .core import Tensor


NO_PYTHON_NUMBER = (np.ndarray, np.bool_, np.float16, np.float32, np.longdouble)  # as PyTorch's


class Choices(Part):
    """What picks numbers out, and what is assigned to them.

    Shapes are given for the last axis; `dim` may name another.
    """

    __slots__ = ()

    def __getitem__(self: Tensor, key: Key) -> Tensor:
        result = self
        view, choice, arrays = keys_of(key, self._array.shape)
        try:
            if view is not None:
                result = self._record(rules.select, (self,), {"key": view})
            if choice is not None:
                row = rules.select_by_mask if any(map(is_mask, arrays)) else rules.select
                result = self._record(row, (result, *arrays), {"key": choice})
        except IndexError as error:
            raise IndexError(f"{error}; the tensor has shape {list(self.shape)}") from None
        return result

    def __setitem__(self: Tensor, key: Key, value: Operand) -> None:
        if isinstance(value, NO_PYTHON_NUMBER):
            kind = type(value).__name__
            how = "see from_numpy()" if isinstance(value, np.ndarray) else "use .item()"
            raise TypeError(
                f"can't assign a numpy.{kind} to a tensor of {self._array.dtype}: {how}"
            )
        view, choice, arrays = keys_of(key, self._array.shape)
        must_be_assignable(self._array.dtype, key, value)
        if self._array.dtype == np.float16 and isinstance(value, (int, float)):
            value = self._of(
                as_dtype(np.asarray(value), self._array.dtype)
            )  # infinite if too large
        if key is False:  # nothing is chosen; PyTorch looks at a number, and not at a tensor
            promoted(rules.put, [self._array, 0 if isinstance(value, Part) else value])
            return
        if isinstance(value, Part) and value._array.shape[:1] == (1,):
            value = value._without_leading_ones()
        target = self
        if choice is None:
            choice = view
        elif view is not None:
            target = self[view]
        try:
            target._change(rules.put, (value, *arrays), {"key": choice})
        except (ValueError, RuntimeError) as error:
            if "broadcast" not in str(error):
                raise
            raise RuntimeError(f"shape mismatch in assignment: {error}") from None

    def _without_leading_ones(self: Tensor) -> Tensor:
        sizes = self._array.shape
        while sizes[:1] == (1,):
            sizes = sizes[1:]
        return self._reshaped(sizes)

    def masked_fill(self: Tensor, mask: Tensor, value: Operand) -> Tensor:
        """`value` where the mask is true, elsewhere its own: (...,), mask (...,) → (...,).

        >>> Tensor([1.0, 2.0]).masked_fill(tensor([True, False]), 0.0)
        tensor([0., 2.])
        """
        must_be_a_mask("masked_fill", self, mask, value)
        own = self._array.dtype
        filled = value.to(own) if isinstance(value, Part) else value_for(own, value)
        return self._record(rules.where, (mask, filled, self), {})

    def tril(self: Tensor, diagonal: int = 0) -> Tensor:
        """Zeros above the diagonal: (..., N, M) → (..., N, M).

        RuntimeError for fewer than two axes.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).tril()
        tensor([[1., 0.],
                [3., 4.]])
        """
        return self._triangle(rules.tril, diagonal)

    def triu(self: Tensor, diagonal: int = 0) -> Tensor:
        """Zeros below the diagonal: (..., N, M) → (..., N, M).

        RuntimeError for fewer than two axes.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).triu()
        tensor([[1., 2.],
                [0., 4.]])
        """
        return self._triangle(rules.triu, diagonal)

    def _triangle(self: Tensor, row: Primitive, diagonal: int) -> Tensor:
        if self._array.ndim < 2:
            raise RuntimeError(f"{row.name}: input tensor must have at least 2 dimensions")
        return self._record(row, (self,), {"diagonal": whole(diagonal, "diagonal")})

    def _take_along(self: Tensor, places: Tensor, axis: int) -> Tensor:
        return self._record(rules.take_along, (self, places), {"axis": axis})

    def gather(self: Tensor, dim: int, index: Tensor) -> Tensor:
        """The numbers at `index` along `dim`: (..., N), index (..., M) → (..., M).

        RuntimeError for an index that is not there or does not fit, TypeError if it is no Tensor.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).gather(1, tensor([[1], [0]]))
        tensor([[2.],
                [3.]])
        """
        axis = self._axis(dim)
        if not isinstance(index, Part):
            raise TypeError(f"gather(): the index must be a Tensor, not {type(index).__name__}")
        places, wider = index._array, self
        if places.size and places.dtype not in (np.int64, np.int32):
            raise RuntimeError(f"gather(): Expected dtype int64 for index, got {places.dtype}")
        if not places.size:
            return self.reshape(-1)[:0].reshape(places.shape)
        if not self._array.ndim:
            wider = self.reshape(1)
        if wider._array.ndim == 1 and not places.ndim:
            return wider.gather(0, index.reshape(1)).reshape(())
        if wider is not self:
            return wider.gather(0, index)
        if places.ndim != self._array.ndim:
            raise RuntimeError(
                "Index tensor must have the same number of dimensions as input tensor: "
                f"{self._array.ndim} were wanted, got {places.ndim}"
            )
        for i, (wanted, size) in enumerate(zip(places.shape, self._array.shape, strict=True)):
            if i != axis and wanted > size:
                raise RuntimeError(
                    f"Size does not match at dimension {i}: the index may have no more than {size} "
                    f"there, and has {wanted}"
                )
        size = self._array.shape[axis]
        if not holds(rules.within(index, low=0, high=size)):
            raise RuntimeError(f"index out of bounds for dimension {axis} with size {size}")
        return self._take_along(index, axis)
