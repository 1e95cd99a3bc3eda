"""More of the methods as functions, and what joins tensors or gives two things at once."""

from collections.abc import Sequence
from typing import Any

from .core import Tensor
from .functions import _checked, _function, _tensors, cat
from .grad_fn_names import labelled
from .methods import with_numpys_names

__all__ = [
    "add",
    "addmm",
    "amax",
    "amin",
    "aminmax",
    "atan2",
    "baddbmm",
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "bmm",
    "broadcast_to",
    "clip",
    "copysign",
    "count_nonzero",
    "cummax",
    "cummin",
    "cumprod",
    "diag",
    "diag_embed",
    "diagonal",
    "div",
    "divide",
    "dot",
    "dstack",
    "eq",
    "fliplr",
    "flipud",
    "floor_divide",
    "fmod",
    "ge",
    "gt",
    "hstack",
    "hypot",
    "index_add",
    "index_copy",
    "index_fill",
    "index_select",
    "inner",
    "isclose",
    "isfinite",
    "kron",
    "le",
    "lerp",
    "logaddexp",
    "logcumsumexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "masked_select",
    "median",
    "mm",
    "movedim",
    "mul",
    "multiply",
    "mv",
    "nan_to_num",
    "nanmean",
    "nansum",
    "narrow",
    "ne",
    "neg",
    "negative",
    "ravel",
    "remainder",
    "repeat_interleave",
    "rot90",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "select",
    "signbit",
    "std_mean",
    "sub",
    "subtract",
    "swapaxes",
    "take",
    "take_along_dim",
    "tensor_split",
    "tensordot",
    "tile",
    "trace",
    "true_divide",
    "unflatten",
    "var_mean",
    "vstack",
]

add = _function(Tensor.add)
addmm = _function(Tensor.addmm)
amax = _function(Tensor.amax)
amin = _function(Tensor.amin)
aminmax = _function(Tensor.aminmax)
atan2 = _function(Tensor.atan2)
baddbmm = _function(Tensor.baddbmm)
bitwise_and = _function(Tensor.bitwise_and)
bitwise_left_shift = _function(Tensor.bitwise_left_shift)
bitwise_not = _function(Tensor.bitwise_not)
bitwise_or = _function(Tensor.bitwise_or)
bitwise_right_shift = _function(Tensor.bitwise_right_shift)
bitwise_xor = _function(Tensor.bitwise_xor)
bmm = _function(Tensor.bmm)
clip = _function(Tensor.clip)
copysign = _function(Tensor.copysign)
count_nonzero = _function(Tensor.count_nonzero)
cummax = _function(Tensor.cummax)
cummin = _function(Tensor.cummin)
cumprod = _function(Tensor.cumprod)
diag = _function(Tensor.diag)
diag_embed = _function(Tensor.diag_embed)
diagonal = _function(Tensor.diagonal)
div = _function(Tensor.div)
divide = _function(Tensor.divide)
dot = _function(Tensor.dot)
eq = _function(Tensor.eq)
fliplr = _function(Tensor.fliplr)
flipud = _function(Tensor.flipud)
floor_divide = _function(Tensor.floor_divide)
fmod = _function(Tensor.fmod)
ge = _function(Tensor.ge)
gt = _function(Tensor.gt)
hypot = _function(Tensor.hypot)
index_add = _function(Tensor.index_add)
index_copy = _function(Tensor.index_copy)
index_fill = _function(Tensor.index_fill)
index_select = _function(Tensor.index_select)
inner = _function(Tensor.inner)
isclose = _function(Tensor.isclose)
isfinite = _function(Tensor.isfinite)
kron = _function(Tensor.kron)
le = _function(Tensor.le)
lerp = _function(Tensor.lerp)
logaddexp = _function(Tensor.logaddexp)
logcumsumexp = _function(Tensor.logcumsumexp)
logical_and = _function(Tensor.logical_and)
logical_not = _function(Tensor.logical_not)
logical_or = _function(Tensor.logical_or)
logical_xor = _function(Tensor.logical_xor)
lt = _function(Tensor.lt)
masked_select = _function(Tensor.masked_select)
median = _function(Tensor.median)
mm = _function(Tensor.mm)
movedim = _function(Tensor.movedim)
mul = _function(Tensor.mul)
multiply = _function(Tensor.multiply)
mv = _function(Tensor.mv)
nan_to_num = _function(Tensor.nan_to_num)
nanmean = _function(Tensor.nanmean)
nansum = _function(Tensor.nansum)
narrow = _function(Tensor.narrow)
ne = _function(Tensor.ne)
neg = _function(Tensor.neg)
negative = _function(Tensor.negative)
ravel = _function(Tensor.ravel)
remainder = _function(Tensor.remainder)
rot90 = _function(Tensor.rot90)
scatter = _function(Tensor.scatter)
scatter_add = _function(Tensor.scatter_add)
scatter_reduce = _function(Tensor.scatter_reduce)
select = _function(Tensor.select)
signbit = _function(Tensor.signbit)
sub = _function(Tensor.sub)
subtract = _function(Tensor.subtract)
swapaxes = _function(Tensor.swapaxes)
take = _function(Tensor.take)
take_along_dim = _function(Tensor.take_along_dim)
tensor_split = _function(Tensor.tensor_split)
trace = _function(Tensor.trace)
true_divide = _function(Tensor.true_divide)
unflatten = _function(Tensor.unflatten)


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Any:
    """Products summed over pairs of axes: the last `dims` and the first, or those in two lists.

    RuntimeError unless their sizes agree.

    >>> tensordot(Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]]), ([1], [1]))
    tensor([[11.]])
    """
    left: Any = _checked("tensordot", a)
    return left._tensordot(_checked("tensordot", b), dims)


def broadcast_to(input: Tensor, size: Sequence[int]) -> Any:
    """Repeated to this shape, without a copy.

    >>> broadcast_to(Tensor([1.0, 2.0]), (2, 2))
    tensor([[1., 2.],
            [1., 2.]])
    """
    return _checked("broadcast_to", input).broadcast_to(size)


def tile(input: Tensor, dims: Sequence[int]) -> Any:
    """Copies side by side: so many along each of the last axes.

    >>> tile(Tensor([1.0, 2.0]), (2,))
    tensor([1., 2., 1., 2.])
    """
    return _checked("tile", input).tile(dims)


def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Each slice so often, copies side by side; of `repeats` alone, each place so often.

    >>> repeat_interleave(Tensor([5.0, 6.0]), 2)
    tensor([5., 5., 6., 6.])
    """
    x = _checked("repeat_interleave", input)
    if repeats is not None:
        return x.repeat_interleave(repeats, dim, output_size=output_size)
    from .creation import arange

    return arange(x.numel()).repeat_interleave(x, output_size=output_size)


@with_numpys_names
def var_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: Any = None,
    keepdim: bool | None = None,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """The variance, and the mean.

    >>> var_mean(Tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))
    """
    return _with_mean("var", input, dim, unbiased, keepdim, correction)


@with_numpys_names
def std_mean(
    input: Tensor,
    dim: Any = None,
    unbiased: Any = None,
    keepdim: bool | None = None,
    *,
    correction: float | None = None,
) -> tuple[Any, Any]:
    """The standard deviation, and the mean.

    >>> std_mean(Tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))
    """
    return _with_mean("std", input, dim, unbiased, keepdim, correction)


def _with_mean(
    name: str, input: Tensor, dim: Any, unbiased: Any, keepdim: Any, correction: Any
) -> tuple[Any, Any]:
    x: Any = _checked(f"{name}_mean", input)
    spread = getattr(x, name)(dim, unbiased, keepdim, correction=correction)
    labelled(spread, f"{name.title()}Mean0")
    return spread, x.mean(None if isinstance(dim, bool) else dim, bool(keepdim))


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors side by side: along the second axis, or the only one.

    >>> hstack([Tensor([1.0]), Tensor([2.0])])
    tensor([1., 2.])
    """
    parts = _with_axes("hstack", tensors, 1)
    return cat(parts, 0 if parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors below each other, as rows of a matrix.

    >>> vstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    tensor([[1., 2.],
            [3., 4.]])
    """
    return cat(_with_axes("vstack", tensors, 2), 0)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors one behind the other, along the third axis.

    >>> dstack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).shape
    torch.Size([1, 2, 2])
    """
    return cat(_with_axes("dstack", tensors, 3), 2)


def _with_axes(name: str, tensors: Sequence[Tensor], count: int) -> list[Any]:
    """Each with at least so many axes: (N) becomes (1, N), and (N, M) becomes (N, M, 1)."""
    found = []
    for x in _tensors(name, tensors):
        y: Any = x if x.ndim else x.reshape(1)
        if y.ndim == 1 and count > 1:
            y = y.unsqueeze(0)
        found.append(y.unsqueeze(2) if y.ndim == 2 and count > 2 else y)
    return found
