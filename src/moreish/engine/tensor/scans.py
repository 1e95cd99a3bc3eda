"""Along an axis: what the numbers up to each place come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..graph import Primitive
from ..rules import scans
from . import return_types
from .arguments import DType
from .mixin import Part, numpys

if TYPE_CHECKING:
    from .core import Tensor


class Scans(Part):
    """Products, logarithms of sums and extremes so far; sums so far are in `Reductions`.

    Shapes are given for the last axis; `dim` may name another.
    """

    __slots__ = ()

    def cumprod(self: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
        """The product so far along `dim`: (..., N) → (..., N).

        >>> Tensor([1.0, 2.0, 3.0]).cumprod(0)
        tensor([1., 2., 6.])
        """
        x = self._to_add_up(dtype)
        axis = self._axis(dim)
        if dtype is not None and numpys(dtype).kind == "b" and self._array.ndim:
            raise NotImplementedError("cumprod is not implemented for bool: use .long()")
        result = (
            self._record(scans.cumprod, (x,), {"axis": axis}) if self._array.ndim else x.clone()
        )
        return result if dtype is None else result.to(dtype)

    def logcumsumexp(self: Tensor, dim: int) -> Tensor:
        """The logarithm of the sum of exp so far along `dim`: (..., N) → (..., N).

        It never overflows.

        >>> Tensor([0.0, 0.0]).logcumsumexp(0)
        tensor([0.0000, 0.6931])
        """
        axis = self._axis(dim)
        if self._array.dtype.kind != "f":
            raise NotImplementedError(
                f"logcumsumexp is not implemented for {self._array.dtype}: use .float()"
            )
        if not self._array.ndim:
            return self.clone()
        return self._record(scans.logcumsumexp, (self,), {"axis": axis})

    def cummax(self: Tensor, dim: int) -> return_types.cummax:
        """The largest number so far along `dim`, and its index: (..., N) → (..., N) each.

        >>> Tensor([1.0, 3.0, 2.0]).cummax(0).indices
        tensor([0, 1, 1])
        """
        return return_types.cummax(*self._extremes_so_far(scans.cummax_places, dim))

    def cummin(self: Tensor, dim: int) -> return_types.cummin:
        """The smallest number so far along `dim`, and its index: (..., N) → (..., N) each.

        >>> Tensor([2.0, 3.0, 1.0]).cummin(0).values
        tensor([2., 2., 1.])
        """
        return return_types.cummin(*self._extremes_so_far(scans.cummin_places, dim))

    def _extremes_so_far(self: Tensor, row: Primitive, dim: int) -> tuple[Tensor, Tensor]:
        axis = self._axis(dim)
        if not self._array.ndim:
            return self.clone(), self._of(np.zeros((), dtype=np.int64))
        places = self._record(row, (self.detach(),), {"axis": axis})
        return self.gather(axis, places), places
