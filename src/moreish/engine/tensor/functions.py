"""torch's functions: what joins and chooses, `grad`, and the methods again as functions."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import rules
from .core import Tensor
from .mixin import _sizes
from .products import einsum as einsum

_METHODS: list[str] = []  # which of them are functions, too


def _function(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method as a function of its tensor."""
    _METHODS.append(method.__name__)

    @wraps(method)
    def call(input: Any, *args: Any, **options: Any) -> Any:
        return method(_checked(method.__name__, input), *args, **options)

    return call


def _checked(name: str, input: Any) -> Any:
    """The Tensor that a function wants; TypeError for anything else."""
    if not isinstance(input, Tensor):
        raise TypeError(
            f"{name}(): argument 'input' (position 1) must be Tensor, not "
            f"{type(input).__name__}; see tensor()"
        )
    return input


abs = _function(Tensor.abs)
all = _function(Tensor.all)
allclose = _function(Tensor.allclose)
any = _function(Tensor.any)
argmax = _function(Tensor.argmax)
argmin = _function(Tensor.argmin)
argsort = _function(Tensor.argsort)
bincount = _function(Tensor.bincount)
chunk = _function(Tensor.chunk)
clamp = _function(Tensor.clamp)
acos = _function(Tensor.acos)
acosh = _function(Tensor.acosh)
asin = _function(Tensor.asin)
asinh = _function(Tensor.asinh)
atan = _function(Tensor.atan)
atanh = _function(Tensor.atanh)
ceil = _function(Tensor.ceil)
cosh = _function(Tensor.cosh)
exp2 = _function(Tensor.exp2)
expm1 = _function(Tensor.expm1)
floor = _function(Tensor.floor)
log2 = _function(Tensor.log2)
reciprocal = _function(Tensor.reciprocal)
rsqrt = _function(Tensor.rsqrt)
sinh = _function(Tensor.sinh)
tan = _function(Tensor.tan)
trunc = _function(Tensor.trunc)
cos = _function(Tensor.cos)
cumsum = _function(Tensor.cumsum)
equal = _function(Tensor.equal)
erf = _function(Tensor.erf)
exp = _function(Tensor.exp)
flatten = _function(Tensor.flatten)
gather = _function(Tensor.gather)
histogram = _function(Tensor.histogram)
isinf = _function(Tensor.isinf)
isnan = _function(Tensor.isnan)
log = _function(Tensor.log)
log10 = _function(Tensor.log10)
log1p = _function(Tensor.log1p)
log_softmax = _function(Tensor.log_softmax)
logsumexp = _function(Tensor.logsumexp)
masked_fill = _function(Tensor.masked_fill)
matmul = _function(Tensor.matmul)
max = _function(Tensor.max)
mean = _function(Tensor.mean)
min = _function(Tensor.min)
nonzero = _function(Tensor.nonzero)
norm = _function(Tensor.norm)
numel = _function(Tensor.numel)
outer = _function(Tensor.outer)
permute = _function(Tensor.permute)


def pow(input: Any, exponent: Any) -> Any:
    """Each to a power; one of the two may be a number.

    >>> pow(2, Tensor([1.0, 3.0]))
    tensor([2., 8.])
    """
    if isinstance(input, (int, float)) and isinstance(exponent, Tensor):
        return input**exponent
    return _checked("pow", input).pow(exponent)


prod = _function(Tensor.prod)
relu = _function(Tensor.relu)
reshape = _function(Tensor.reshape)
roll = _function(Tensor.roll)
round = _function(Tensor.round)
sigmoid = _function(Tensor.sigmoid)
sign = _function(Tensor.sign)
sin = _function(Tensor.sin)
softmax = _function(Tensor.softmax)
sort = _function(Tensor.sort)
split = _function(Tensor.split)
sqrt = _function(Tensor.sqrt)
square = _function(Tensor.square)
squeeze = _function(Tensor.squeeze)
std = _function(Tensor.std)
sum = _function(Tensor.sum)
tanh = _function(Tensor.tanh)
topk = _function(Tensor.topk)
transpose = _function(Tensor.transpose)
tril = _function(Tensor.tril)
triu = _function(Tensor.triu)
unbind = _function(Tensor.unbind)
unsqueeze = _function(Tensor.unsqueeze)
var = _function(Tensor.var)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors one after another along `dim`; RuntimeError unless their other sizes agree.

    >>> cat([Tensor([[1.0]]), Tensor([[2.0]])], 1)
    tensor([[1., 2.]])
    """
    parts = _tensors("cat", tensors)
    if len({part.ndim for part in parts}) > 1:  # PyTorch passes over empty tensors
        whole = [part for part in parts if part.shape != (0,)]
        sizes = list(whole[0].shape)
        sizes[whole[0]._axis(dim)] = 0
        parts = [part.reshape(*sizes) if part.shape == (0,) else part for part in parts]
    axis = parts[0]._axes(dim)
    if axis == ():
        raise RuntimeError("zero-dimensional tensor can't be concatenated: use stack()")
    for i, part in enumerate(parts):
        own, first = list(part.shape), list(parts[0].shape)
        if len(own) == len(first):
            own[axis] = first[axis]
        if own != first:
            raise RuntimeError(
                f"Sizes of tensors must match except in dimension {dim}: tensor number {i} has "
                f"shape {list(part.shape)}, the first {list(parts[0].shape)}"
            )
    return Tensor._record(rules.cat, tuple(parts), {"axis": axis})


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Tensors of one shape along a new axis at `dim`; RuntimeError if the shapes differ.

    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])])
    tensor([[1., 2.],
            [3., 4.]])
    """
    parts = _tensors("stack", tensors)
    for i, part in enumerate(parts):
        if part.shape != parts[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(parts[0].shape)} at "
                f"entry 0 and {list(part.shape)} at entry {i}"
            )
    return cat([part.unsqueeze(dim) for part in parts], dim)


def _tensors(name: str, tensors: Sequence[Tensor]) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor"
        )
    parts = list(tensors)
    if not parts:
        error = ValueError if name == "cat" else RuntimeError  # as PyTorch has it
        raise error(f"{name} expects a non-empty list of Tensors")
    for i, part in enumerate(parts):
        if not isinstance(part, Tensor):
            raise TypeError(
                f"expected Tensor as element {i} in argument 0, but got {type(part).__name__}"
            )
    return parts


def flip(input: Tensor, dims: Sequence[int]) -> Tensor:
    """A copy with the order along these axes reversed.

    >>> flip(Tensor([1.0, 2.0]), (0,))
    tensor([2., 1.])
    """
    if not isinstance(dims, (tuple, list)):
        raise TypeError("flip(): argument 'dims' must be tuple of ints, as (0,)")
    return _checked("flip", input).flip(_sizes((dims,)))


def where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition is true, `other` elsewhere; alone, the places where it is true.

    >>> where(Tensor([1.0, -1.0]) > 0, 5.0, 0.0)
    tensor([5., 0.])
    """
    _checked("where", condition)
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if input is None or other is None:
        raise TypeError("where() takes a condition alone, or with an input and an other")
    if condition.dtype.kind != "b" and condition.dtype != np.uint8:
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, got {condition.dtype}: compare "
            f"first, as with > 0"
        )
    for x in (input, other):
        if not isinstance(x, (Tensor, int, float, np.number, np.bool_)):
            raise TypeError(f"where(): Tensors or numbers were wanted, not {type(x).__name__}")
    return Tensor._record(rules.where, (condition, input, other), {})


def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of two at each place; where they are equal each has half of the gradient.

    >>> maximum(Tensor([1.0, 4.0]), Tensor([3.0, 2.0]))
    tensor([3., 4.])
    """
    return Tensor._record(
        rules.maximum, (_checked("maximum", input), _checked("maximum", other)), {}
    )


def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of two at each place.

    >>> minimum(Tensor([1.0, 4.0]), Tensor([3.0, 2.0]))
    tensor([1., 2.])
    """
    return Tensor._record(
        rules.minimum, (_checked("minimum", input), _checked("minimum", other)), {}
    )


def is_tensor(obj: Any) -> bool:
    """Whether it is a Tensor.

    >>> is_tensor([1.0])
    False
    """
    return isinstance(obj, Tensor)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the sum of `outputs` with respect to each input, without touching `.grad`.

    With `create_graph` they have gradients themselves, to any order. RuntimeError for an input
    that the outputs were not computed from, unless `allow_unused`: then None.

    >>> x = Tensor([3.0]).requires_grad_()
    >>> (slope,) = grad((x**3).sum(), x, create_graph=True)
    >>> grad(slope.sum(), x)
    (tensor([18.]),)
    """
    roots = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    leaves = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    weights: list[Tensor | None] = [None] * len(roots)
    if grad_outputs is not None:
        weights = [grad_outputs] if isinstance(grad_outputs, Tensor) else list(grad_outputs)
    for i, given in enumerate(leaves):
        if not given.requires_grad:
            raise RuntimeError(
                f"One of the differentiated Tensors does not require grad: input {i}. Set its "
                f"requires_grad first"
            )
    retain_graph = create_graph if retain_graph is None else retain_graph
    found: list[Tensor | None] = [None] * len(leaves)
    wanted = [leaf._history() or leaf for leaf in leaves]
    for number, (root, weight) in enumerate(zip(roots, weights, strict=True), 1):
        retained = retain_graph or number < len(roots)
        for node, g, _ in root._walk(weight, create_graph, retained):
            for i, leaf in enumerate(wanted):
                if node is leaf:
                    part = g if isinstance(g, Tensor) else Tensor._of(g.copy())
                    known = found[i]
                    found[i] = part if known is None else known + part
    for i, slope in enumerate(found):
        if slope is None and not allow_unused:
            raise RuntimeError(
                f"One of the differentiated Tensors appears to not have been used in the graph: "
                f"input {i}. Pass allow_unused=True for None in its place"
            )
    return tuple(found)


_OWN = ("cat", "einsum", "flip", "grad", "is_tensor", "maximum", "minimum", "pow", "stack", "where")
__all__ = sorted([*_METHODS, *_OWN])
