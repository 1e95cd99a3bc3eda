"""What a Tensor can do, beyond remembering: operators, functions, reductions, moves, choices.

Each method says what it is in PyTorch's words and is made of primitives, so that gradients come by
themselves. `Methods` is a part of Tensor and knows it only as itself.
"""

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple, Self

import numpy as np

from .. import activations, rules
from ..graph import Primitive

Dim = int | Sequence[int] | None


class ValuesAndIndices(NamedTuple):
    """What a reduction along an axis found, and where."""

    values: Any
    indices: Any


def _operator(primitive: Primitive) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """An operator and its reflected form."""

    def operate(self: Any, other: Any) -> Any:
        return self._record(primitive, (self, other), {})

    def reflected(self: Any, other: Any) -> Any:
        return self._record(primitive, (other, self), {})

    return operate, reflected


def _in_place(primitive: Primitive) -> Callable[..., Any]:
    def change(self: Any, other: Any) -> Any:
        return self._change(primitive, (other,), {})

    return change


def _comparison(function: Callable[..., Any]) -> Callable[..., Any]:
    def compare(self: Any, other: Any) -> Any:
        if isinstance(other, Methods):
            other = other._array
        elif not isinstance(other, (int, float, np.ndarray, np.generic)):
            return NotImplemented
        return self._of(function(self._array, other))

    return compare


class Methods:
    """Everything that is written after the dot."""

    __slots__ = ()

    _array: np.ndarray
    _record: Any
    _change: Any
    _of: Any
    shape: Any

    # ---- operators

    __add__, __radd__ = _operator(rules.add)
    __sub__, __rsub__ = _operator(rules.subtract)
    __mul__, __rmul__ = _operator(rules.multiply)
    __truediv__, __rtruediv__ = _operator(rules.divide)
    __matmul__, __rmatmul__ = _operator(rules.matmul)
    __iadd__ = _in_place(rules.add)
    __isub__ = _in_place(rules.subtract)
    __imul__ = _in_place(rules.multiply)
    __itruediv__ = _in_place(rules.divide)
    __eq__ = _comparison(np.equal)
    __ne__ = _comparison(np.not_equal)
    __lt__ = _comparison(np.less)
    __le__ = _comparison(np.less_equal)
    __gt__ = _comparison(np.greater)
    __ge__ = _comparison(np.greater_equal)

    def __pow__(self, other: Any) -> Any:
        if isinstance(other, int) and other < 0 and self._array.dtype.kind in "iu":
            raise RuntimeError("Integers to negative integer powers are not allowed: use .float()")
        return self._record(rules.power, (self, other), {})

    def __rpow__(self, other: Any) -> Any:
        return self._record(rules.power, (other, self), {})

    def __ipow__(self, other: Any) -> Any:
        return self._change(rules.power, (other,), {})

    def __neg__(self) -> Any:
        return self._record(rules.negative, (self,), {})

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Any:
        return self.abs()

    def __invert__(self) -> Any:
        if self._array.dtype.kind == "f":
            raise TypeError(
                "~ (operator.invert) is only implemented on integer and Boolean tensors, this one "
                f"holds {self._array.dtype}"
            )
        return self._of(~self._array)

    def __and__(self, other: Any) -> Any:
        return self._of(self._array & _array_of(other))

    def __or__(self, other: Any) -> Any:
        return self._of(self._array | _array_of(other))

    def __xor__(self, other: Any) -> Any:
        return self._of(self._array ^ _array_of(other))

    def __floordiv__(self, other: Any) -> Any:
        return self._of(self._array // _array_of(other))

    def __mod__(self, other: Any) -> Any:
        return self._of(self._array % _array_of(other))

    # ---- changing in place

    def add_(self, other: Any, *, alpha: float = 1) -> Self:
        """Add alpha times other in place."""
        return self._change(rules.add, (other if alpha == 1 else other * alpha,), {})

    def sub_(self, other: Any, *, alpha: float = 1) -> Self:
        """Take alpha times other away in place."""
        return self._change(rules.subtract, (other if alpha == 1 else other * alpha,), {})

    def mul_(self, other: Any) -> Self:
        """Multiply in place."""
        return self._change(rules.multiply, (other,), {})

    def div_(self, other: Any) -> Self:
        """Divide in place."""
        return self._change(rules.divide, (other,), {})

    def fill_(self, value: Any) -> Self:
        """Every number becomes this one."""
        return self._change(rules.put, (value,), {"key": ...})

    def zero_(self) -> Self:
        """Every number becomes 0."""
        return self.fill_(0)

    def copy_(self, other: Any) -> Self:
        """Take over the numbers of another tensor."""
        return self._change(rules.put, (other,), {"key": ...})

    def masked_fill_(self, mask: Any, value: Any) -> Self:
        """Where the mask is true, every number becomes this one."""
        return self._change(rules.put, (value,), {"key": mask._array})

    # ---- functions of each number

    def exp(self) -> Any:
        """e to the power of each.

        >>> Tensor([0.0]).exp()
        tensor([1.])
        """
        return self._record(rules.exp, (self,), {})

    def log(self) -> Any:
        """The natural logarithm of each.

        >>> Tensor([1.0]).log()
        tensor([0.])
        """
        return self._record(rules.log, (self,), {})

    def log10(self) -> Any:
        """The logarithm to base 10 of each.

        >>> Tensor([1000.0]).log10()
        tensor([3.])
        """
        return self.log() * (1 / math.log(10))

    def sqrt(self) -> Any:
        """The square root of each.

        >>> Tensor([4.0]).sqrt()
        tensor([2.])
        """
        return self._record(rules.sqrt, (self,), {})

    def abs(self) -> Any:
        """Each without its sign.

        >>> Tensor([-4.0]).abs()
        tensor([4.])
        """
        return self._record(rules.absolute, (self,), {})

    def tanh(self) -> Any:
        """The hyperbolic tangent of each.

        >>> Tensor([0.0]).tanh()
        tensor([0.])
        """
        return self._record(rules.tanh, (self,), {})

    def sigmoid(self) -> Any:
        """1 / (1 + exp(-x)) of each.

        >>> Tensor([0.0]).sigmoid()
        tensor([0.5000])
        """
        return self._record(rules.sigmoid, (self,), {})

    def relu(self) -> Any:
        """Each, or 0 where it is less.

        >>> Tensor([-1.0, 2.0]).relu()
        tensor([0., 2.])
        """
        return self._record(rules.relu, (self,), {})

    def erf(self) -> Any:
        """The error function of each.

        >>> Tensor([0.0]).erf()
        tensor([0.])
        """
        return self._record(rules.erf, (self,), {})

    def sign(self) -> Any:
        """-1, 0 or 1 for each.

        >>> Tensor([-3.0, 0.0]).sign()
        tensor([-1.,  0.])
        """
        return self._record(rules.sign, (self,), {})

    def pow(self, exponent: Any) -> Any:
        """Each to this power.

        >>> Tensor([3.0]).pow(2)
        tensor([9.])
        """
        return self**exponent

    def matmul(self, other: Any) -> Any:
        """The matrix product.

        >>> Tensor([[1.0, 2.0]]).matmul(Tensor([[3.0], [4.0]]))
        tensor([[11.]])
        """
        return self @ other

    def clamp(self, min: float | None = None, max: float | None = None) -> Any:
        """Each, but at least `min` and at most `max`.

        >>> Tensor([-3.0, 3.0]).clamp(-1, 1)
        tensor([-1.,  1.])
        """
        result: Any = self
        for bound, beyond in ((min, np.less), (max, np.greater)):
            if bound is not None:
                too_far = beyond(result._array, bound)
                result = self._record(rules.where, (bound, result), {"condition": too_far})
        return result

    def isnan(self) -> Any:
        """Which are no numbers.

        >>> Tensor([float("nan"), 0.0]).isnan()
        tensor([ True, False])
        """
        return self._of(np.isnan(self._array))

    def softmax(self, dim: int) -> Any:
        """Shares along `dim` in proportion to exp of each.

        >>> Tensor([0.0, 0.0]).softmax(0)
        tensor([0.5000, 0.5000])
        """
        return self._record(rules.softmax, (self,), {"axis": self._axes(dim)})

    def log_softmax(self, dim: int) -> Any:
        """The logarithm of `softmax`, without its rounding.

        >>> Tensor([0.0, 0.0]).log_softmax(0)
        tensor([-0.6931, -0.6931])
        """
        return self._record(rules.log_softmax, (self,), {"axis": self._axes(dim)})

    def gelu(self, approximate: str = "none") -> Any:
        """See `moreish.engine.activations.gelu`."""
        return activations.gelu(self, approximate)

    # ---- reductions

    def _axes(self, dim: Dim) -> Any:
        """The axes as NumPy wants them; IndexError as PyTorch's for one that there is not."""
        if dim is None:
            return None
        count = max(self._array.ndim, 1)
        for axis in (dim,) if isinstance(dim, int) else dim:
            if not -count <= axis < count:
                raise IndexError(
                    f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], "
                    f"but got {axis})"
                )
        if not self._array.ndim:
            return ()
        return dim if isinstance(dim, int) else tuple(dim) or None

    def sum(self, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
        """All numbers added up, or those along `dim`.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(1, keepdim=True)
        tensor([[3.],
                [7.]])
        """
        x = self if dtype is None else self.to(dtype)
        if x._array.dtype.kind == "b" or (x._array.dtype.kind in "iu" and dtype is None):
            x = x.to(np.int64)
        return self._record(rules.sum, (x,), {"axis": self._axes(dim), "keepdims": keepdim})

    def mean(self, dim: Dim = None, keepdim: bool = False) -> Any:
        """The average of all numbers, or of those along `dim`.

        >>> Tensor([1.0, 2.0, 6.0]).mean()
        tensor(3.)
        """
        self._must_be_floating("mean(): could not infer output dtype")
        count = rules.shape.size_of(self._array.shape, self._axes(dim))
        return self.sum(dim, keepdim) / float(count)

    def var(self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False) -> Any:
        """The mean squared distance from the average, divided by n - correction.

        >>> Tensor([1.0, 2.0, 3.0]).var()
        tensor(1.)
        """
        self._must_be_floating("std and var only support floating point dtypes")
        count = rules.shape.size_of(self._array.shape, self._axes(dim))
        apart: Any = self - self.mean(dim, keepdim=True) if dim is not None else self - self.mean()
        return (apart * apart).sum(dim, keepdim) / float(max(count - correction, 0))

    def std(self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False) -> Any:
        """The square root of `var`.

        >>> Tensor([1.0, 2.0, 3.0]).std()
        tensor(1.)
        """
        return self.var(dim, correction=correction, keepdim=keepdim).sqrt()

    def max(self, dim: Any = None, keepdim: bool = False) -> Any:
        """The largest number; along `dim` also where it is; of two tensors, at each place.

        >>> Tensor([1.0, 5.0, 2.0]).max(0)
        ValuesAndIndices(values=tensor(5.), indices=tensor(1))
        """
        return self._extreme(dim, keepdim, np.argmax, np.greater, 1)

    def min(self, dim: Any = None, keepdim: bool = False) -> Any:
        """The smallest number; along `dim` also where it is; of two tensors, at each place.

        >>> Tensor([1.0, 5.0, 2.0]).min()
        tensor(1.)
        """
        return self._extreme(dim, keepdim, np.argmin, np.less, -1)

    def _extreme(self, dim: Any, keepdim: bool, argument: Any, better: Any, sign: int) -> Any:
        if isinstance(dim, Methods):
            mine: Any = self
            equal, first = mine._array == dim._array, better(mine._array, dim._array)
            halves = self._record(rules.where, ((mine + dim) / 2, dim), {"condition": equal})
            return self._record(rules.where, (mine, halves), {"condition": first})
        if not self._array.size and dim is None:
            raise RuntimeError(
                "max(): Expected reduction dim to be specified for input.numel() == 0"
            )
        if dim is None:
            signed = self if sign > 0 else -self
            largest = self._record(rules.largest, (signed,), {})
            return largest if sign > 0 else -largest
        axis = self._axes(dim)
        if axis == ():
            return ValuesAndIndices(self.clone(), self._of(np.zeros((), dtype=np.int64)))
        places = np.expand_dims(argument(self._array, axis=axis), axis)
        values = self._take_along(places, axis)
        if not keepdim:
            values, places = values.squeeze(axis), places.squeeze(axis)
        return ValuesAndIndices(values, self._of(places.astype(np.int64)))

    def _take_along(self, places: np.ndarray, axis: int) -> Any:
        grid = list(np.ogrid[tuple(slice(n) for n in places.shape)])
        grid[axis] = places
        return self._record(rules.select, (self,), {"key": tuple(grid)})

    def gather(self, dim: int, index: Any) -> Any:
        """The numbers at `index` along `dim`.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).gather(1, tensor([[1], [0]]))
        tensor([[2.],
                [3.]])
        """
        return self._take_along(index._array, self._axes(dim))

    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Where the largest number is; in the flattened tensor without `dim`.

        >>> Tensor([1.0, 5.0, 2.0]).argmax()
        tensor(1)
        """
        found = np.argmax(self._array, axis=self._axes(dim), keepdims=keepdim)
        return self._of(np.asarray(found, dtype=np.int64))

    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Where the smallest number is; in the flattened tensor without `dim`.

        >>> Tensor([1.0, 5.0, 2.0]).argmin()
        tensor(0)
        """
        found = np.argmin(self._array, axis=self._axes(dim), keepdims=keepdim)
        return self._of(np.asarray(found, dtype=np.int64))

    def all(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Whether all are true, or all along `dim`.

        >>> Tensor([1.0, 0.0]).all()
        tensor(False)
        """
        return self._of(np.all(self._array, axis=self._axes(dim), keepdims=keepdim))

    def any(self, dim: int | None = None, keepdim: bool = False) -> Any:
        """Whether any is true, or any along `dim`.

        >>> Tensor([1.0, 0.0]).any()
        tensor(True)
        """
        return self._of(np.any(self._array, axis=self._axes(dim), keepdims=keepdim))

    def cumsum(self, dim: int) -> Any:
        """The sums up to each place along `dim`.

        >>> Tensor([1.0, 2.0, 3.0]).cumsum(0)
        tensor([1., 3., 6.])
        """
        count = self._array.shape[dim] if self._array.ndim else 1
        steps = self._of(np.tri(count, dtype=self._array.dtype).T.copy())
        moved = self.transpose(dim, -1)
        return (moved @ steps).transpose(dim, -1)

    def sort(self, dim: int = -1, descending: bool = False) -> Any:
        """The numbers in order along `dim`, and where each was.

        >>> Tensor([3.0, 1.0]).sort().values
        tensor([1., 3.])
        """
        keys = -self._array if descending else self._array
        places = np.argsort(keys, axis=dim, kind="stable")
        axis = dim % max(self._array.ndim, 1)
        return ValuesAndIndices(self._take_along(places, axis), self._of(places.astype(np.int64)))

    def allclose(self, other: Any, rtol: float = 1e-05, atol: float = 1e-08) -> bool:
        """Whether the numbers are the same within atol + rtol times the other's.

        >>> Tensor([1.0]).allclose(Tensor([1.0 + 1e-7]))
        True
        """
        return bool(np.allclose(self._array, other._array, rtol=rtol, atol=atol))

    def equal(self, other: Any) -> bool:
        """Whether shape and all numbers are the same.

        >>> Tensor([1.0]).equal(Tensor([1.0, 1.0]))
        False
        """
        return bool(np.array_equal(self._array, other._array))

    def bincount(self, minlength: int = 0) -> Any:
        """How often each whole number comes.

        >>> tensor([1, 1, 3]).bincount()
        tensor([0, 2, 0, 1])
        """
        counted = np.bincount(self._array, minlength=minlength)
        return self._of(counted.astype(np.int64))

    # ---- kinds of number

    def to(self, dtype: Any) -> Any:
        """The same numbers as another kind; itself if they are of that kind already.

        >>> Tensor([1.7]).to(np.int64)
        tensor([1])
        """
        dtype = np.dtype(dtype)
        if dtype == self._array.dtype:
            return self
        if dtype.kind == "f" and self._array.dtype.kind == "f":
            return self._record(rules.cast, (self,), {"dtype": dtype})
        return self._of(self._array.astype(dtype))

    type = to
    astype = to

    def float(self) -> Any:
        """As float32."""
        return self.to(np.float32)

    def double(self) -> Any:
        """As float64."""
        return self.to(np.float64)

    def long(self) -> Any:
        """As int64, cut towards 0."""
        return self.to(np.int64)

    def int(self) -> Any:
        """As int32, cut towards 0."""
        return self.to(np.int32)

    def bool(self) -> Any:
        """False where it is 0, else True."""
        return self.to(np.bool_)

    def _must_be_floating(self, what: str) -> None:
        if self._array.dtype.kind != "f":
            raise RuntimeError(f"{what}; it holds {self._array.dtype}: convert it with .float()")

    # ---- moves

    def size(self, dim: Any = None) -> Any:
        """The shape, or the size along `dim`."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> Any:
        """How many axes it has."""
        return self._array.ndim

    ndim = property(dim)

    def numel(self) -> Any:
        """How many numbers it holds.

        >>> Tensor([1.0, 2.0]).numel()
        2
        """
        return self._array.size

    nelement = numel

    def stride(self, dim: Any = None) -> Any:
        """How many numbers in storage a step along each axis passes over."""
        strides = tuple(s // self._array.itemsize for s in self._array.strides)
        if not self._array.size:
            strides, step = (), 1
            for n in reversed(self._array.shape):
                strides, step = (step, *strides), step * max(n, 1)
        return strides if dim is None else strides[dim]

    def storage_offset(self) -> Any:
        """Where in the storage its first number stands."""
        base = _owner(self._array)
        return (self.data_ptr() - base.__array_interface__["data"][0]) // self._array.itemsize

    def data_ptr(self) -> Any:
        """The address of its first number."""
        return self._array.__array_interface__["data"][0]

    def storage(self) -> Any:
        """The numbers in memory, one after another; all views share it."""
        base = _owner(self._array)
        if not base.flags.c_contiguous:
            base = base.T if base.T.flags.c_contiguous else np.ascontiguousarray(base)
        return self._of(base.reshape(-1)).detach()

    untyped_storage = storage

    def is_contiguous(self) -> Any:
        """Whether its numbers stand in memory in the order of its axes."""
        return self._array.flags.c_contiguous

    def contiguous(self) -> Any:
        """Itself if it is contiguous, else a copy that is."""
        return self if self._array.flags.c_contiguous else self.clone()

    def clone(self) -> Any:
        """A copy, through which gradients flow.

        >>> Tensor([1.0]).clone()
        tensor([1.])
        """
        return self._record(rules.cast, (self,), {"dtype": self._array.dtype})

    def view(self, *shape: Any) -> Any:
        """The same storage in another shape; -1 is worked out. RuntimeError if it needs a copy.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).view(-1)
        tensor([1., 2., 3., 4.])
        """
        result = self._reshaped(_sizes(shape))
        if self._array.size and not np.may_share_memory(result._array, self._array):
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one "
                "dimension spans across two contiguous subspaces). Use .reshape(...) instead"
            )
        return result

    def reshape(self, *shape: Any) -> Any:
        """Another shape; a view if it can be, else a copy. -1 is worked out.

        >>> Tensor([1.0, 2.0]).reshape(2, 1)
        tensor([[1.],
                [2.]])
        """
        return self._reshaped(_sizes(shape))

    def _reshaped(self, sizes: tuple[Any, ...]) -> Any:
        known = math.prod(size for size in sizes if size != -1)
        fits = (
            known == self._array.size
            if -1 not in sizes
            else (known and not self._array.size % known)
        )
        if not fits:
            raise RuntimeError(
                f"shape '{list(sizes)}' is invalid for input of size {self._array.size}"
            )
        return self._record(rules.reshape, (self,), {"shape": sizes})

    def flatten(self, start_dim: Any = 0, end_dim: Any = -1) -> Any:
        """Axes from `start_dim` to `end_dim` made one.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).flatten()
        tensor([1., 2., 3., 4.])
        """
        sizes = self._array.shape
        end = end_dim % max(len(sizes), 1) + 1
        return self.reshape(*sizes[:start_dim], -1, *sizes[end:])

    def permute(self, *dims: Any) -> Any:
        """The axes in another order.

        >>> Tensor([[1.0, 2.0]]).permute(1, 0).shape
        torch.Size([2, 1])
        """
        axes = tuple(axis % self._array.ndim for axis in _sizes(dims))
        if sorted(axes) != list(range(self._array.ndim)):
            raise RuntimeError(
                f"permute(dims): {_sizes(dims)} must name each of the {self._array.ndim} axes once"
            )
        return self._record(rules.permute, (self,), {"axes": axes})

    def transpose(self, dim0: Any, dim1: Any) -> Any:
        """Two axes swapped.

        >>> Tensor([[1.0, 2.0]]).transpose(0, 1).shape
        torch.Size([2, 1])
        """
        if not self._array.ndim:
            return self.view(())
        axes = list(range(self._array.ndim))
        first, second = self._axes(dim0) % len(axes), self._axes(dim1) % len(axes)
        axes[first], axes[second] = second, first
        return self._record(rules.permute, (self,), {"axes": tuple(axes)})

    def t(self) -> Any:
        """The transpose of a matrix."""
        return self.transpose(0, 1) if self._array.ndim > 1 else self

    @property
    def T(self) -> Any:
        """Its axes in reverse order."""
        axes = tuple(range(self._array.ndim))[::-1]
        return self._record(rules.permute, (self,), {"axes": axes})

    def squeeze(self, dim: Any = None) -> Any:
        """Without its axes of size 1, or without axis `dim` if that is one.

        >>> Tensor([[1.0]]).squeeze()
        tensor(1.)
        """
        sizes = self._array.shape
        if dim is None:
            return self._reshaped(tuple(n for n in sizes if n != 1))
        if not sizes:
            return self._reshaped(())
        axis = self._axes(dim) % len(sizes)
        return self._reshaped(sizes[:axis] + sizes[axis + 1 :] if sizes[axis] == 1 else sizes)

    def unsqueeze(self, dim: Any) -> Any:
        """With a new axis of size 1 at `dim`.

        >>> Tensor([1.0]).unsqueeze(0)
        tensor([[1.]])
        """
        count = self._array.ndim + 1
        if not -count <= dim < count:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-count}, {count - 1}], but "
                f"got {dim})"
            )
        sizes = list(self._array.shape)
        sizes.insert(dim % count, 1)
        return self._reshaped(tuple(sizes))

    def expand(self, *sizes: Any) -> Any:
        """Repeated along axes of size 1, without a copy; -1 keeps a size.

        >>> Tensor([[1.0], [2.0]]).expand(2, 3).sum()
        tensor(9.)
        """
        wanted = list(_sizes(sizes))
        gap = len(wanted) - self._array.ndim
        for i, size in enumerate(wanted):
            if size == -1 and i >= gap:
                wanted[i] = self._array.shape[i - gap]
        return self._record(rules.expand, (self,), {"shape": tuple(wanted)})

    def expand_as(self, other: Any) -> Any:
        """Repeated to the shape of another tensor."""
        return self.expand(*other.shape)

    def repeat(self, *sizes: Any) -> Any:
        """Copies side by side: so many along each axis.

        >>> Tensor([1.0, 2.0]).repeat(2)
        tensor([1., 2., 1., 2.])
        """
        result: Any = self
        counts = _sizes(sizes)
        while result._array.ndim < len(counts):
            result = result.unsqueeze(0)
        for axis, count in enumerate(counts):
            parts = (result,) * count
            result = (
                self._record(rules.cat, parts, {"axis": axis})
                if count
                else result.narrow(axis, 0, 0)
            )
        return result

    def narrow(self, dim: Any, start: Any, length: Any) -> Any:
        """`length` places along `dim` from `start` on."""
        key = (slice(None),) * (dim % self._array.ndim) + (slice(start, start + length),)
        return self[key]

    def unbind(self, dim: Any = 0) -> Any:
        """The slices along `dim`, as a tuple.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).unbind(1)
        (tensor([1., 3.]), tensor([2., 4.]))
        """
        before = (slice(None),) * (self._axes(dim) % self._array.ndim)
        return tuple(self[(*before, i)] for i in range(self._array.shape[dim]))

    def split(self, split_size: Any, dim: Any = 0) -> Any:
        """Parts of this size along `dim`, the last perhaps smaller; or parts of these sizes.

        >>> [len(part) for part in Tensor([1.0, 2.0, 3.0]).split(2)]
        [2, 1]
        """
        total = self._array.shape[dim]
        if isinstance(split_size, int):
            sizes = [min(split_size, total - i) for i in range(0, total, split_size)] or [0]
        else:
            sizes = list(split_size)
            if sum(sizes) != total:
                raise RuntimeError(
                    f"split_with_sizes expects split_sizes to sum exactly to {total} (input "
                    f"tensor's size at dimension {dim}), but got split_sizes={sizes}"
                )
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        return tuple(self.narrow(dim, s, n) for s, n in zip(starts, sizes, strict=True))

    def chunk(self, chunks: Any, dim: Any = 0) -> Any:
        """At most so many parts of equal size along `dim`.

        >>> [len(part) for part in Tensor([1.0, 2.0, 3.0]).chunk(2)]
        [2, 1]
        """
        return self.split(max(-(-self._array.shape[dim] // chunks), 1), dim)

    # ---- choices

    def __getitem__(self, key: Any) -> Any:
        plain = _key(key, self._array)
        try:
            return self._record(rules.select, (self,), {"key": plain})
        except IndexError as error:
            raise IndexError(f"{error}; the tensor has shape {list(self.shape)}") from None

    def __setitem__(self, key: Any, value: Any) -> None:
        try:
            self._change(rules.put, (value,), {"key": _key(key, self._array)})
        except (ValueError, RuntimeError) as error:
            if "broadcast" not in str(error):
                raise
            raise RuntimeError(f"shape mismatch in assignment: {error}") from None

    def masked_fill(self, mask: Any, value: Any) -> Any:
        """Where the mask is true this value, elsewhere its own.

        >>> Tensor([1.0, 2.0]).masked_fill(tensor([True, False]), 0.0)
        tensor([0., 2.])
        """
        if mask._array.dtype.kind != "b":
            raise RuntimeError(
                f"masked_fill only supports boolean masks, but got mask of {mask._array.dtype}"
            )
        if not isinstance(value, Methods):
            value = self._of(np.asarray(value, dtype=self._array.dtype))
        return self._record(rules.where, (value, self), {"condition": mask._array.copy()})

    def tril(self, diagonal: Any = 0) -> Any:
        """Zeros above the diagonal.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).tril()
        tensor([[1., 0.],
                [3., 4.]])
        """
        mask = np.tril(np.ones(self._array.shape, dtype=bool), diagonal)
        return self.masked_fill(self._of(~mask), 0)

    def triu(self, diagonal: Any = 0) -> Any:
        """Zeros below the diagonal.

        >>> Tensor([[1.0, 2.0], [3.0, 4.0]]).triu()
        tensor([[1., 2.],
                [0., 4.]])
        """
        mask = np.triu(np.ones(self._array.shape, dtype=bool), diagonal)
        return self.masked_fill(self._of(~mask), 0)


def _with_numpys_names(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, called with NumPy's `axis` and `keepdims` too, as PyTorch allows."""

    @wraps(method)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        for theirs, ours in (("axis", "dim"), ("keepdims", "keepdim")):
            if theirs in options:
                options[ours] = options.pop(theirs)
        return method(self, *args, **options)

    return call


for _name, _method in list(vars(Methods).items()):
    if _name[0] != "_" and "dim" in getattr(_method, "__annotations__", ()):
        setattr(Methods, _name, _with_numpys_names(_method))


def _array_of(thing: Any) -> Any:
    return thing._array if isinstance(thing, Methods) else thing


def _owner(array: np.ndarray) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes, whether they came one by one or together."""
    if len(given) == 1 and isinstance(given[0], (tuple, list)):
        given = tuple(given[0])
    return tuple(int(size) for size in given)


def _key(key: Any, array: np.ndarray) -> Any:
    """An index as NumPy wants it: arrays for Tensors and lists. PyTorch's refusals in words."""
    if isinstance(key, tuple):
        return tuple(_key(part, array) for part in key)
    if isinstance(key, Methods):
        if key._array.dtype.kind == "f":
            raise IndexError(
                "tensors used as indices must be long, int, byte or bool tensors: convert with "
                ".long()"
            )
        return key._array if key._array.ndim or key._array.dtype.kind == "b" else int(key._array)
    if isinstance(key, list):
        return np.asarray([_array_of(part) for part in key])
    if isinstance(key, slice) and key.step is not None and key.step < 0:
        raise ValueError("step must be greater than zero: PyTorch has no negative steps")
    if isinstance(key, float):
        raise IndexError("an index is a whole number, a slice, a tensor, None or ..., not a float")
    return key
