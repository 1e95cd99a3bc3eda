"""Functions that say more than their method, or have none, and `grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from .. import rules
from .arguments import Dim, Operand
from .core import Tensor
from .grad_fn_names import labelled
from .method_functions import _checked
from .methods import with_numpys_names
from .mixin import _sizes
from .products import einsum as einsum
from .sequences import arange

__all__ = [
    "broadcast_to",
    "einsum",
    "flip",
    "grad",
    "is_tensor",
    "pow",
    "repeat_interleave",
    "std_mean",
    "tensordot",
    "tile",
    "var_mean",
    "where",
]


def pow(input: Operand, exponent: Operand) -> Tensor:
    """Each to a power, where one of the two may be a number: (...,), (...,) → (...,).

    >>> pow(2, Tensor([1.0, 3.0]))
    tensor([2., 8.])
    """
    if isinstance(input, (int, float)) and isinstance(exponent, Tensor):
        return input**exponent
    return _checked("pow", input).pow(exponent)


def flip(input: Tensor, dims: Sequence[int]) -> Tensor:
    """A copy with the order along these axes reversed: (...,) → (...,).

    TypeError if `dims` is no tuple or list.

    >>> flip(Tensor([1.0, 2.0]), (0,))
    tensor([2., 1.])
    """
    if not isinstance(dims, (tuple, list)):
        raise TypeError("flip(): argument 'dims' must be tuple of ints, as (0,)")
    return _checked("flip", input).flip(_sizes((dims,)))


def tile(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Copies side by side, so many along each of the last axes: (..., N) → (..., N * count).

    >>> tile(Tensor([1.0, 2.0]), (2,))
    tensor([1., 2., 1., 2.])
    """
    return _checked("tile", input).tile(dims)


def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """Repeated to the shape `size`, without a copy.

    >>> broadcast_to(Tensor([1.0, 2.0]), (2, 2))
    tensor([[1., 2.],
            [1., 2.]])
    """
    return _checked("broadcast_to", input).broadcast_to(size)


def repeat_interleave(
    input: Tensor,
    repeats: int | Tensor | None = None,
    dim: int | None = None,
    *,
    output_size: int | None = None,
) -> Tensor:
    """Each slice so often, copies side by side: (..., N) → (..., M).

    Of `repeats` alone, each index so often: (N,) → (M,).

    >>> repeat_interleave(Tensor([5.0, 6.0]), 2)
    tensor([5., 5., 6., 6.])
    """
    x = _checked("repeat_interleave", input)
    if repeats is not None:
        return x.repeat_interleave(repeats, dim, output_size=output_size)
    return arange(x.numel()).repeat_interleave(x, output_size=output_size)


@overload
def where(condition: Tensor) -> tuple[Tensor, ...]: ...


@overload
def where(condition: Tensor, input: Operand, other: Operand) -> Tensor: ...


def where(
    condition: Tensor, input: Operand | None = None, other: Operand | None = None
) -> Tensor | tuple[Tensor, ...]:
    """`input` where the condition is true, `other` elsewhere: (...,), (...,), (...,) → (...,).

    Of a condition alone, the indices along each axis where it is true. RuntimeError if it holds no
    truth values, TypeError for what is neither a Tensor nor a number.

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


def tensordot(a: Tensor, b: Tensor, dims: int | Sequence[Sequence[int]] = 2) -> Tensor:
    """Products summed over pairs of axes: the last `dims` and the first, or those in two lists.

    (..., N), (N, ...) → (..., ...). RuntimeError unless their sizes agree.

    >>> tensordot(Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]]), ([1], [1]))
    tensor([[11.]])
    """
    left = _checked("tensordot", a)
    return left._tensordot(_checked("tensordot", b), dims)


@with_numpys_names
def var_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool | None = None,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The variance and the mean, of all numbers or along `dim`: (..., N) → (...,) each.

    >>> var_mean(Tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))
    """
    return _with_mean("var", input, dim, unbiased, keepdim, correction)


@with_numpys_names
def std_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool | None = None,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean, of all numbers or along `dim`: (..., N) → (...,) each.

    >>> std_mean(Tensor([1.0, 2.0, 3.0]))
    (tensor(1.), tensor(2.))
    """
    return _with_mean("std", input, dim, unbiased, keepdim, correction)


def _with_mean(
    name: str,
    input: Tensor,
    dim: Dim,
    unbiased: bool | None,
    keepdim: bool | None,
    correction: float | None,
) -> tuple[Tensor, Tensor]:
    x = _checked(f"{name}_mean", input)
    spread = getattr(x, name)(dim, unbiased, keepdim, correction=correction)
    labelled(spread, f"{name.title()}Mean0")
    return spread, x.mean(None if isinstance(dim, bool) else dim, bool(keepdim))


def is_tensor(obj: object) -> bool:
    """Whether it is a Tensor.

    >>> is_tensor([1.0])
    False
    """
    return isinstance(obj, Tensor)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradient of the sum of `outputs` with respect to each input, of the input's shape.

    It is not added to `.grad`. With `create_graph` the gradients have gradients themselves, to any
    order. RuntimeError for an input that requires none, or that the outputs were not computed from,
    unless `allow_unused`: then None.

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
