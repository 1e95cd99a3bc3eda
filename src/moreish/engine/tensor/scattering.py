"""Numbers at indices along an axis: put, added up or multiplied there, and picked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import rules
from ..graph import holds
from ..rules import along, windows
from .arguments import Operand
from .grad_fn_names import labelled
from .mixin import Part, whole
from .operands import must_be_operand, must_broadcast, value_for

if TYPE_CHECKING:
    from .core import Tensor

REDUCTIONS = {
    "prod": along.multiply_along,
    "amax": along.largest_along,
    "amin": along.smallest_along,
}


class Scattering(Part):
    """What takes an index along an axis.

    Shapes are given for the last axis; `dim` may name another.
    """

    __slots__ = ()

    # ---- scatter

    def scatter(
        self: Tensor,
        dim: int,
        index: Tensor,
        src: Operand | None = None,
        *,
        value: Operand | None = None,
        reduce: str | None = None,
    ) -> Tensor:
        """A copy with the numbers of `src`, or one number, at `index` along `dim`.

        (..., N), index (..., M), src (..., M) → (..., N). With `reduce` "add" or "multiply" they
        are added to what is there, or multiply it. If an index comes twice, either number may stay.
        RuntimeError for an index that is not there or does not fit, TypeError for what is no
        Tensor.

        >>> Tensor([0.0, 0.0, 0.0]).scatter(0, tensor([2, 0]), Tensor([5.0, 7.0]))
        tensor([7., 0., 5.])
        """
        src = value if src is None else src
        if src is None:
            raise TypeError("scatter() takes src, a Tensor, or value, a number")
        label = "Scatter0" if isinstance(src, Part) else "Scatter1"
        if reduce not in (None, "add", "multiply"):
            raise RuntimeError(f"reduce argument must be either add or multiply, got {reduce}")
        must_be_operand("scatter", src)
        if not isinstance(src, Part):
            number = value_for(self._array.dtype, src)
            src = self._of(np.broadcast_to(number, index.shape).copy())
        if reduce == "add":
            return self.scatter_add(dim, index, src)
        if reduce == "multiply":
            return self.scatter_reduce(dim, index, src, "prod")
        x, axis, index, src = self._fitting("scatter", dim, index, src)
        result = self._record(along.put_along, (x, index, src), {"axis": axis})
        return labelled(result.reshape(self.shape), label)

    def scatter_add(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
        """A copy with the numbers of `src` added at `index` along `dim`.

        (..., N), index (..., M), src (..., M) → (..., N). RuntimeError for an index that is not
        there or does not fit, TypeError for what is no Tensor.

        >>> Tensor([0.0, 10.0]).scatter_add(0, tensor([1, 1, 0]), Tensor([1.0, 2.0, 3.0]))
        tensor([ 3., 13.])
        """
        x, axis, index, src = self._fitting("scatter_add", dim, index, src)
        return (x + self._spread(src, index, axis, x)).reshape(self.shape)

    def _spread(self: Tensor, src: Tensor, index: Tensor, axis: int, like: Tensor) -> Tensor:
        options = {"axis": axis, "shape": tuple(like.shape)}
        return self._record(along.spread_along, (src, index), options)

    def scatter_reduce(
        self: Tensor,
        dim: int,
        index: Tensor,
        src: Tensor,
        reduce: str,
        *,
        include_self: bool = True,
    ) -> Tensor:
        """A copy with the sum, prod, mean, amax or amin of what meets at `index` along `dim`.

        (..., N), index (..., M), src (..., M) → (..., N). With `include_self` what is there counts,
        too. RuntimeError for another `reduce`, or an index that is not there or does not fit.
        TypeError for what is no Tensor.

        >>> x, index = Tensor([1.0, 5.0]), tensor([0, 0, 1])
        >>> x.scatter_reduce(0, index, Tensor([3.0, 2.0, 4.0]), "amax")
        tensor([3., 5.])
        """
        if reduce not in ("sum", "mean", *REDUCTIONS):
            raise RuntimeError(
                f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
            )
        if reduce == "mean" and self._array.dtype.kind == "b":
            raise NotImplementedError("scatter_reduce: the mean is not implemented for bool")
        x, axis, index, src = self._fitting("scatter_reduce", dim, index, src)
        if reduce in REDUCTIONS:
            options = {"axis": axis, "include_self": include_self}
            return self._record(REDUCTIONS[reduce], (x, index, src), options).reshape(self.shape)
        kept = x
        if not include_self:
            zero = np.zeros((), dtype=self._array.dtype)
            kept = self._record(along.put_along, (x, index, zero), {"axis": axis})
        total = kept + self._spread(src, index, axis, x)
        if reduce == "mean":
            ones = self._of(np.ones(index.shape, dtype=self._array.dtype))
            count = self._spread(ones, index, axis, x) + int(include_self)
            total = total.div(
                count.clamp(min=1), rounding_mode=None if total.dtype.kind == "f" else "floor"
            )
        return total.reshape(self.shape)

    def _fitting(
        self: Tensor, name: str, dim: int, index: Tensor, src: Tensor
    ) -> tuple[Tensor, int, Tensor, Tensor]:
        """Itself, the axis, the index and the numbers, as the rows want them."""
        axis = self._axis(dim)
        for told, x in (("index", index), ("src", src)):
            if not isinstance(x, Part):
                raise TypeError(f"{name}(): {told} must be Tensor, not {type(x).__name__}")
        if index._array.size and index._array.dtype not in (np.int64, np.int32):
            raise RuntimeError(f"{name}(): Expected dtype int64 for index, got {index.dtype}")
        if src._array.dtype != self._array.dtype:
            raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
        x, index, src = (y if y._array.ndim else y.reshape(1) for y in (self, index, src))
        own, wanted, given = x._array.shape, index._array.shape, src._array.shape
        if not index._array.size:
            index = self._of(np.zeros((0,) * len(own), dtype=np.int64))
            return x, axis, index, src[tuple(slice(0) for _ in given)].reshape(index.shape)
        if not len(own) == len(wanted) == len(given) or any(
            n > size or (n > there and i != axis)
            for i, (n, there, size) in enumerate(zip(wanted, own, given, strict=True))
        ):
            raise RuntimeError(
                f"Expected index {list(wanted)} to be no larger than self {list(own)} apart from "
                f"dimension {axis} and to be no larger than src {list(given)}"
            )
        _must_be_there(index, axis, own[axis], RuntimeError)
        if given != wanted:
            src = src[tuple(slice(n) for n in wanted)]
        return x, axis, index, src

    def scatter_(
        self: Tensor,
        dim: int,
        index: Tensor,
        src: Operand | None = None,
        *,
        value: Operand | None = None,
        reduce: str | None = None,
    ) -> Tensor:
        """`scatter`, in place; its shape (...,) stays.

        >>> Tensor([0.0, 0.0]).scatter_(0, tensor([1]), 5.0)
        tensor([0., 5.])
        """
        return self._become(self.scatter(dim, index, src, value=value, reduce=reduce))

    def scatter_add_(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
        """`scatter_add`, in place; its shape (...,) stays.

        >>> Tensor([0.0, 1.0]).scatter_add_(0, tensor([1]), Tensor([5.0]))
        tensor([0., 6.])
        """
        return self._become(self.scatter_add(dim, index, src))

    # ---- rows

    def index_select(self: Tensor, dim: int, index: Tensor) -> Tensor:
        """The slices at `index` along `dim`, a copy: (..., N), index (M,) → (..., M).

        IndexError for an index that is not there or a matrix of them, RuntimeError for one that is
        not whole, TypeError for what is no Tensor.

        >>> Tensor([1.0, 2.0, 3.0]).index_select(0, tensor([2, 0]))
        tensor([3., 1.])
        """
        axis, index = self._axis(dim), _row_of_indices("index_select", index)
        x = self if self._array.ndim else self.reshape(1)
        _must_be_there(index, axis, x._array.shape[axis], IndexError)
        found = x[(slice(None),) * axis + (index,)]
        return found if x is self else found.reshape(())

    def index_add(
        self: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1
    ) -> Tensor:
        """A copy with alpha times the slices of `source` added at `index` along `dim`.

        (..., N), index (M,), source (..., M) → (..., N). RuntimeError for an index that is not
        there, not whole or does not fit, IndexError for a matrix of them, TypeError for what is no
        Tensor.

        >>> Tensor([0.0, 10.0]).index_add(0, tensor([1, 1]), Tensor([1.0, 2.0]))
        tensor([ 0., 13.])
        """
        axis, index = self._axis(dim), _row_of_indices("index_add", index)
        if alpha != 1:
            source = source * alpha
        return self.scatter_add(axis, self._along(axis, index, source), source)

    def index_copy(self: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
        """A copy with the slices of `source` at `index` along `dim`.

        (..., N), index (M,), source (..., M) → (..., N). RuntimeError for an index that is not
        there, not whole or does not fit, IndexError for a matrix of them, TypeError for what is no
        Tensor.

        >>> Tensor([0.0, 10.0]).index_copy(0, tensor([1]), Tensor([5.0]))
        tensor([0., 5.])
        """
        axis, index = self._axis(dim), _row_of_indices("index_copy", index)
        return self.scatter(axis, self._along(axis, index, source), source)

    def index_fill(self: Tensor, dim: int, index: Tensor, value: Operand) -> Tensor:
        """A copy with one number at `index` along `dim`: (..., N), index (M,) → (..., N).

        IndexError for an index that is not there or a matrix of them, RuntimeError for one that is
        not whole, TypeError for what is no Tensor.

        >>> Tensor([1.0, 2.0]).index_fill(0, tensor([1]), -1)
        tensor([ 1., -1.])
        """
        axis, index = self._axis(dim), _row_of_indices("index_fill", index)
        if not self._array.ndim:
            return self.reshape(1).index_fill(0, index, value).reshape(())
        sizes = list(self._array.shape)
        sizes[axis] = index.numel()
        _must_be_there(index, axis, self._array.shape[axis], IndexError, from_end=True)
        index = rules.where(index < 0, index + self._array.shape[axis], index)
        places = index.reshape([-1 if i == axis else 1 for i in range(len(sizes))]).expand(sizes)
        if isinstance(value, Part):
            value = value.expand(sizes)
        return self.scatter(axis, places, value)

    def _along(self: Tensor, axis: int, index: Tensor, source: Tensor) -> Tensor:
        """The index of each number of `source`."""
        sizes = [-1 if i == axis else 1 for i in range(source._array.ndim)]
        if source._array.ndim and source._array.shape[axis] != index.numel():
            raise RuntimeError(
                f"Number of indices ({index.numel()}) should be equal to source.size(dim) "
                f"({source._array.shape[axis]})"
            )
        return index.reshape(sizes).expand(source.shape)

    # ---- picking

    def take(self: Tensor, index: Tensor) -> Tensor:
        """The numbers at `index` of all of them in a row: (...,), index (N,) → (N,).

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).take(tensor([0, 3]))
        tensor([1., 4.])
        """
        return self.reshape(-1)[index]

    def take_along_dim(self: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
        """As `gather`, with shapes that broadcast: (..., N), indices (..., M) → (..., M).

        Without `dim` of all numbers in a row. RuntimeError if one has more axes than the other.

        >>> x = Tensor([[2.0, 1.0], [3.0, 4.0]])
        >>> x.take_along_dim(x.argsort(1), 1)
        tensor([[1., 2.],
                [3., 4.]])
        """
        if dim is None:
            return self.reshape(-1).gather(0, indices.reshape(-1))
        axis = self._axis(dim)
        own, wanted = list(self._array.shape), list(indices._array.shape)
        if len(own) != len(wanted):
            raise RuntimeError(
                f"take_along_dim(): input and indices should have the same number of dimensions, "
                f"but got {len(own)} and {len(wanted)}"
            )
        own[axis] = wanted[axis] = 1
        must_broadcast(tuple(own), tuple(wanted))
        sizes = list(np.broadcast_shapes(tuple(own), tuple(wanted)))
        both = [
            x.expand([-1 if i == axis else n for i, n in enumerate(sizes)]) for x in (self, indices)
        ]
        return both[0].gather(axis, both[1])

    def masked_select(self: Tensor, mask: Tensor) -> Tensor:
        """The numbers where the mask is true, along one axis: (...,), mask (...,) → (N,).

        RuntimeError if the mask holds no truth values, TypeError if it is no Tensor.

        >>> Tensor([1.0, 2.0, 3.0]).masked_select(tensor([True, False, True]))
        tensor([1., 3.])
        """
        if not isinstance(mask, Part):
            raise TypeError(f"masked_select(): mask must be Tensor, not {type(mask).__name__}")
        if mask._array.dtype.kind != "b":
            raise RuntimeError(
                f"masked_select: expected BoolTensor for mask, got {mask._array.dtype}"
            )
        must_broadcast(self._array.shape, mask._array.shape)
        sizes = np.broadcast_shapes(self._array.shape, mask._array.shape)
        return self.expand(sizes).reshape(-1)[mask.expand(sizes).reshape(-1)]

    def repeat_interleave(
        self: Tensor,
        repeats: int | Tensor,
        dim: int | None = None,
        *,
        output_size: int | None = None,
    ) -> Tensor:
        """Each slice along `dim` as often as `repeats` says: (..., N) → (..., M).

        Copies stand side by side. Without `dim` it repeats all numbers in a row. `output_size` is
        how many there will be, where that is known. RuntimeError for a number of times below 0, or
        for numbers that don't fit.

        >>> Tensor([1.0, 2.0]).repeat_interleave(2)
        tensor([1., 1., 2., 2.])
        >>> Tensor([1.0, 2.0]).repeat_interleave(tensor([0, 3]))
        tensor([2., 2., 2.])
        """
        x = self.reshape(-1) if dim is None else self
        axis = x._axis_there(0 if dim is None else dim)
        size = x._array.shape[axis]
        if isinstance(repeats, Part):
            places = self._repeated(repeats, size)
        else:
            count = whole(repeats, "repeats")
            _must_not_be_negative(count >= 0)
            places = self._of(np.repeat(np.arange(size), count))
        if output_size is not None and output_size != places._array.size:
            raise RuntimeError(f"allocated size does not match required size {output_size}")
        return x[(slice(None),) * axis + (places,)]

    def _repeated(self: Tensor, repeats: Tensor, size: int) -> Tensor:
        """Each of `size` places as often as `repeats` says."""
        if repeats._array.dtype not in (np.int64, np.int32):
            raise RuntimeError("repeats has to be Long or Int tensor")
        if repeats._array.size == 1 and repeats._array.ndim < 2:
            repeats = repeats.reshape(1).expand(size)
        if repeats._array.shape != (size,):
            raise RuntimeError(
                f"repeats must have the same size as input along dim, but got "
                f"{list(repeats.shape)} for {size}"
            )
        _must_not_be_negative(holds(repeats >= 0))
        return self._record(windows.repeated_places, (repeats,), {})


def _must_not_be_negative(is_right: bool) -> None:
    if not is_right:
        raise RuntimeError("repeats can not be negative")


def _row_of_indices(name: str, index: Tensor) -> Tensor:
    """Whole numbers along one axis, as an index of slices has to be."""
    if not isinstance(index, Part):
        raise TypeError(f"{name}(): index must be Tensor, not {type(index).__name__}")
    if index._array.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            f"{name}(): Expected dtype int32/int64 for index, got {index._array.dtype}"
        )
    if index._array.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector, got {index._array.ndim}-D")
    return index.reshape(-1)


def _must_be_there(
    index: Tensor, axis: int, size: int, error: type[Exception], from_end: bool = False
) -> None:
    if not holds(rules.within(index, low=-size * from_end, high=size)):
        raise error(f"index out of bounds for dimension {axis} with size {size}")
