"""A step of training that was written by hand: what it does with gradients and parameters."""

import inspect
import re
from collections.abc import Callable, Sequence

import numpy as np

from ..engine.source_lines import Line
from ..engine.tensor import Tensor
from ..engine.value import Value
from ..errors import OptionError
from .feedback import Feedback, line_told
from .numbers import function_of

__all__ = ["step"]

NEAR = 1e-4  # relative to the largest number
OTHER = "other"
WORDS = {
    "accumulated": ".grad still holds the step before: zero it first (zero_grad)",
    "assigned": "the gradient of the last loss alone is in .grad: gradients are added (+=), not "
    "assigned",
    "missing": "it has no gradient after the step: call backward(), and zero_grad() before it",
    "unchanged": "it has a gradient and does not change: give it to the optimizer, and change it "
    "in place or by .data",
    OTHER: "its gradient is not that of the loss: train and loss must use the same batch",
    "sign": "it goes up along its gradient: subtract the gradient",
}
WHERE = {"unchanged": r"\.data\b|\.step\(|[-+]=", "sign": r"\.data\b|\.step\(|[-+]="}
BACKWARD = r"\.backward\(|\.grad\s*="  # where all other slips are

Parameter = Value | Tensor
Losses = Parameter | Sequence[Parameter]


def step(
    train: Callable[[], object], loss: Callable[[], Losses], parameters: Sequence[Parameter]
) -> Feedback:
    """Which slip is in a step of training that a learner wrote?

    `train()` takes one step, and is called twice. `loss()` computes the loss from the `parameters`
    as they are, Values, or Tensors of any shape; the gradient is worked out anew from it. If a step
    adds up the gradients of several losses, `loss()` gives a list of them. Parameters and their
    gradients are afterwards what they were; what else `train` keeps, such as momentum, is not.

    Slips are "accumulated" (a missing zero_grad), "assigned" (a gradient that was assigned and not
    added), "missing", "unchanged" and "sign". The line is that of `train` that goes back, or that
    moves the parameters; if it calls others for that, the line where it begins.

    OptionError if there are no parameters, or if the gradient is 0 for all of them. TypeError for
    parameters and losses that are no Values or Tensors.

    >>> w = Value(3.0, label="w")
    >>> def train():
    ...     (w * w).backward()
    ...     w.data -= 0.1 * w.grad
    >>> step(train, lambda: w * w, [w]).slip
    'accumulated'
    """
    train, loss = function_of(train, "train"), function_of(loss, "loss")
    these = list(parameters)
    if not these:
        raise OptionError("there are no parameters: give a list of Values or Tensors")
    for x in these:
        if not isinstance(x, Value | Tensor):
            raise TypeError(f"a parameter is a Value or a Tensor, got {type(x).__name__}")
    before = [(_data(x), x.grad) for x in these]
    for x in these:
        x.grad = 0.0 if isinstance(x, Value) else None if x.grad is None else x.grad * 0
    try:
        wrong = _taken(train, loss, these, is_first=True)
        wrong = wrong or _taken(train, loss, these, is_first=False)
    finally:
        for x, (data, grad) in zip(these, before, strict=True):
            _set(x, data)
            x.grad = grad
    right = Feedback(True, "The step is right: it goes down along the gradient of the loss.")
    return wrong or right


def _taken(
    train: Callable[[], object],
    loss: Callable[[], Losses],
    these: list[Parameter],
    is_first: bool,
) -> Feedback | None:
    """Take one step; what was wrong with it, None if nothing was."""
    gradients = _gradients(loss, these)
    if is_first and not any(part.any() for parts in gradients for part in parts):
        raise OptionError(
            "the gradient of the loss is 0 for every parameter, so no step can be judged: compute "
            "the loss from the parameters, and begin elsewhere than at its minimum"
        )
    was, older = [_data(x) for x in these], [_grad(x) for x in these]
    train()
    for i, x in enumerate(these):
        slip = _slip_of_gradient(_grad(x), [parts[i] for parts in gradients], older[i])
        if is_first:  # later, momentum may carry it up for a while
            slip = slip or _slip_of_move(_data(x) - was[i], _grad(x), gradients, i)
        if slip:
            name = f"`{x.label}`" if isinstance(x, Value) and x.label else f"parameter {i + 1}"
            line = _line(train, WHERE.get(slip, BACKWARD))
            sentence = f"The step is wrong at {name}: {WORDS[slip]}{line_told(line) or '.'}"
            lines = () if line is None else (line,)
            return Feedback(False, sentence, None if slip == OTHER else slip, node=x, lines=lines)
    return None


def _line(train: Callable[[], object], pattern: str) -> Line | None:
    """The first line of `train` that matches, or where it begins; None if its source is not known.

    >>> str(_line(_data, r"return"))[-35:]
    'detach().numpy(), dtype=np.float64)'
    """
    try:
        source, first = inspect.getsourcelines(train)
        code = inspect.unwrap(train).__code__
    except (OSError, TypeError, AttributeError):  # typed by hand; partial, or an object
        return None
    found = next((i for i, text in enumerate(source) if i and re.search(pattern, text)), 0)
    return Line(code.co_filename, first + found, code.co_qualname, source[found].strip())


def _data(x: Parameter) -> np.ndarray:
    return np.array(x.data if isinstance(x, Value) else x.detach().numpy(), dtype=np.float64)


def _set(x: Parameter, data: np.ndarray) -> None:
    if isinstance(x, Value):
        x.data = float(data)
    else:
        x.detach().numpy()[...] = data


def _gradients(loss: Callable[[], Losses], these: list[Parameter]) -> list[list[np.ndarray]]:
    """The gradient of each loss with respect to each parameter; `.grad` stays as it is."""
    kept = [x.grad for x in these]
    losses = loss()
    found = []
    for one in losses if isinstance(losses, list | tuple) else [losses]:
        if not isinstance(one, Value | Tensor):
            raise TypeError(f"loss() gives a Value or a Tensor, got {type(one).__name__}")
        for x in these:
            x.grad = 0.0 if isinstance(x, Value) else None
        one.backward()
        found.append([_grad(x) for x in these])
    for x, grad in zip(these, kept, strict=True):
        x.grad = grad
    return found


def _grad(x: Parameter) -> np.ndarray:
    if x.grad is None:
        return np.zeros(getattr(x, "shape", ()))
    grad = x.grad if isinstance(x, Value) else x.grad.numpy()
    return np.array(grad.data if isinstance(grad, Value) else grad, dtype=np.float64)


def _slip_of_gradient(given: np.ndarray, parts: list[np.ndarray], older: np.ndarray) -> str:
    """What is wrong with a gradient after the step; empty if it is right, or was set to zero."""
    wanted = np.sum(parts, axis=0)
    if _near(given, wanted) or not given.any():
        return ""
    if older.any() and _near(given, wanted + older):
        return "accumulated"
    if len(parts) > 1 and _near(given, parts[-1]):
        return "assigned"
    return OTHER


def _slip_of_move(
    moved: np.ndarray, given: np.ndarray, gradients: list[list[np.ndarray]], i: int
) -> str:
    """What is wrong with how a parameter moved; empty if it went down, or had nowhere to go."""
    wanted = np.sum([parts[i] for parts in gradients], axis=0)
    if not wanted.any():
        return ""
    if not moved.any():
        return "unchanged" if given.any() else "missing"
    return "sign" if float(np.sum(moved * wanted)) > 0 else ""


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    size = max(float(np.max(np.abs(b), initial=0.0)), 1e-12)
    return bool(np.max(np.abs(a - b), initial=0.0) <= NEAR * size)
