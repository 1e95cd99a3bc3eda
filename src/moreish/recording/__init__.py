"""Record once, replay after: `capture`.

The first call of a captured function is an ordinary one. Each row of the table that it applies is
written on a tape: forward, backward, the optimizer's step, the numbers that are drawn. Later calls
run the tape and not the function. What can't be replayed is recorded again or refused in a
sentence.
"""

from collections.abc import Callable
from inspect import iscoroutinefunction, isgeneratorfunction
from typing import Any

from .captured import Captured
from .tape import CaptureError, Tape

__all__ = ["CaptureError", "Captured", "Tape", "capture"]


def capture(function: Callable[..., Any]) -> Captured:
    """`function`, recorded at its first call and replayed at later ones, to the bit.

    TypeError for what is no function. CaptureError if it yields or awaits, and at a call for what
    can't be replayed.

    >>> from moreish.torch import tensor
    >>> w = tensor([1.0, 2.0], requires_grad=True)
    >>> @capture
    ... def step(x):
    ...     loss = ((x * w) ** 2).sum()
    ...     w.grad = None
    ...     loss.backward()
    ...     w.data -= 0.1 * w.grad
    ...     return loss.detach()
    >>> [round(step(tensor([1.0, 1.0])).item(), 4) for _ in range(3)]
    [5.0, 3.2, 2.048]
    """
    if not callable(function):
        raise TypeError(f"capture() wants a function, got {function!r}")
    if isgeneratorfunction(function) or iscoroutinefunction(function):
        raise CaptureError(
            f"{function.__name__} does not return what it computes but yields or awaits, and a "
            f"replay has nothing to run on: capture the function of one step"
        )
    return Captured(function)
