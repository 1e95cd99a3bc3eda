"""Broadcasts that line up the wrong axes, and raise no error."""

from collections.abc import Callable

import numpy as np

from ..engine.axes import Crossed, crossed
from ..engine.graph import set_grad_enabled
from ..engine.tensor import Tensor
from .feedback import Feedback, line_told

__all__ = ["shapes"]


def shapes(function: Callable[..., Tensor], *inputs: Tensor) -> Feedback:
    """Does a function line up the axes of its Tensors as they belong?

    The function is called once, with copies of the `inputs`, Tensors of any shape, as floating-
    point numbers. Slips are "keepdim" (a matrix divided by the sums of its rows, (N, N) by (N,),
    divides columns) and "outer" ((N, 1) with (N,) gives (N, N)). They raise no error by themselves.

    TypeError for inputs that are no Tensors, and for a function that gives none.

    >>> from moreish.torch import ones
    >>> shapes(lambda counts: counts / counts.sum(1, keepdim=True), ones(27, 27)).right
    True
    >>> shapes(lambda counts: counts / counts.sum(1), ones(27, 27)).slip
    'keepdim'
    """
    if not inputs or not all(isinstance(x, Tensor) for x in inputs):
        raise TypeError("a function and the Tensors to call it with were wanted")
    copies = []
    for x in inputs:
        is_floating = np.dtype(x.dtype).kind == "f"
        copy = x.detach().clone() if is_floating else x.detach().float()
        copies.append(copy.requires_grad_())
    with set_grad_enabled(True):
        result = function(*copies)
    if not isinstance(result, Tensor):
        raise TypeError(f"the function must give a Tensor, this one gave {type(result).__name__}")
    found = list(crossed(result))
    if not found:
        return Feedback(True, "The broadcasts are right: every axis meets its own.")
    lines = tuple(dict.fromkeys(one.line for one in found if one.line))
    return Feedback(
        False, _told(found[0]), found[0].kind, operation=found[0].operation, lines=lines
    )


def _told(one: Crossed) -> str:
    first, second = (str(list(shape)) for shape in one.shapes)
    at = line_told(one.line)
    begin = f"{first} {one.operation} {second}"
    if one.kind == "outer":
        return (
            f"{begin} pairs each number with all of the other tensor{at}. Give both the same "
            f"shape, as with .view(-1, 1) or .squeeze(1)."
        )
    by = f"The {one.reduced} lost its axis: use" if one.reduced else "Use"
    return f"{begin} lines up the wrong axes{at}.\n{by} keepdim=True, or unsqueeze it."
