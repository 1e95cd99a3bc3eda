"""Broadcasts that line up the wrong axes, and raise no error."""

from collections.abc import Callable

import numpy as np

from ..engine.axes import Crossed, crossed
from ..engine.graph import set_grad_enabled
from ..engine.tensor import Tensor
from ..errors import OptionError
from .feedback import Feedback, line_told
from .numbers import function_of

__all__ = ["shapes"]


def shapes(function: Callable[..., Tensor], *inputs: Tensor) -> Feedback:
    """Does a function line up the axes of its Tensors as they belong?

    The function is called once, with copies of the `inputs`, Tensors of any shape, as floating-
    point numbers; indices stay whole numbers. Slips are "keepdim" (a matrix divided by the sums of
    its rows, (N, N) by (N,), divides columns) and "outer" ((N, 1) with (N,) gives (N, N)). They
    raise no error by themselves.

    TypeError for inputs that are no Tensors, and for a function that gives none. OptionError if its
    result was not computed from them.

    >>> from moreish.torch import ones
    >>> shapes(lambda counts: counts / counts.sum(1, keepdim=True), ones(27, 27)).right
    True
    >>> shapes(lambda counts: counts / counts.sum(1), ones(27, 27)).slip
    'keepdim'
    """
    if not inputs or not all(isinstance(x, Tensor) for x in inputs):
        raise TypeError("a function and the Tensors to call it with were wanted")
    result = _called(function_of(function, "function"), inputs)
    if not isinstance(result, Tensor):
        raise TypeError(f"the function must give a Tensor, this one gave {type(result).__name__}")
    if not result.requires_grad:
        raise OptionError(
            "the result was not computed from the Tensors that the function was called with, or "
            "is no floating-point number, so no axis can be followed: give them as its arguments"
        )
    found = list(crossed(result))
    if not found:
        return Feedback(True, "The broadcasts are right: every axis meets its own.")
    lines = tuple(dict.fromkeys(one.line for one in found if one.line))
    return Feedback(
        False, _told(found[0]), found[0].kind, operation=found[0].operation, lines=lines
    )


def _called(function: Callable[..., Tensor], inputs: tuple[Tensor, ...]) -> object:
    """What it gives for copies that remember; whole numbers stay so if it can't take others."""
    with set_grad_enabled(True):
        # copies of copies: what is no leaf may be changed in place
        floating = [x.detach().float().requires_grad_() * 1 for x in inputs]
        whole = [np.dtype(x.dtype).kind != "f" for x in inputs]
        try:
            return function(*floating)
        except (IndexError, TypeError, RuntimeError):
            if not any(whole):
                raise
        pairs = zip(inputs, floating, whole, strict=True)
        return function(*(x.detach().clone() if is_whole else y for x, y, is_whole in pairs))


def _told(one: Crossed) -> str:
    first, second = (str(list(shape)) for shape in one.shapes)
    at = line_told(one.line)
    begin = f"{first} {one.operation} {second}"
    if one.kind == "outer":
        return (
            f"{begin} pairs each number with all of the other tensor{at}. Give both the same "
            f"shape, as with .view(-1, 1) or .squeeze(1)."
        )
    what = f"The {one.reduced}" if one.reduced else f"{second}"
    return (
        f"{begin} lines up the wrong axes{at}.\n{what} lost its axis: use keepdim=True, or "
        f"unsqueeze it."
    )
