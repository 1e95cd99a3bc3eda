"""Are the derivative rules right? Each is held against the slope that is measured.

For the table's own tests and for those who add a rule: a function is run once, and then every step
that it took is checked alone, so that a mistake is told by the name of its rule and by the line
that used it.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from .generator import Generator
from .graph import Primitive, _mode, order
from .rules.numbers import Plain
from .source_lines import Line
from .tensor import Tensor
from .tensor.grad_fn import fit
from .value import Value

__all__ = ["Checked", "GradientError", "check_gradient"]

NUDGE = 1e-6


class GradientError(AssertionError):
    """A derivative rule is wrong, or something is not seen by the walk back."""


class Checked(NamedTuple):
    """What a check found to be right."""

    steps: int  # how many operations were checked
    worst: float  # the largest error, as a share of the slope


class _Taken(NamedTuple):
    """One operation that was done, with everything that went in."""

    row: Primitive
    inputs: tuple[Any, ...]
    wanted: tuple[bool, ...]
    options: dict[str, Any]
    line: Line | None


def check_gradient(
    function: Callable[..., Any], *inputs: Any, tolerance: float = 1e-5, seed: int = 0
) -> Checked:
    """Hold every rule that `function(*inputs)` uses against the measured slope.

    The inputs are Values, or Tensors that require gradients. GradientError if a rule is wrong, with
    its input and the line that used it; or if all rules are right but the function does something
    that the walk back does not see. TypeError for other inputs. Slopes are measured in double
    precision, by central differences.

    >>> check_gradient(lambda a, b: (a * b).tanh() + a**2, Value(0.5), Value(-2.0)).steps
    4
    """
    if not any(isinstance(x, (Value, Tensor)) for x in inputs):
        raise TypeError("check_gradient wants a function and the Values or Tensors to call it with")
    draw = Generator().manual_seed(seed)
    _mode.watching = []
    try:
        result = function(*inputs)
        taken = [_Taken(*seen) for seen in _mode.watching]
    finally:
        _mode.watching = None
    if isinstance(result, Value):
        taken = list(_of_values(result))
    elif not isinstance(result, Tensor):
        raise TypeError(
            f"the function must give a Value or a Tensor, this one gave {type(result).__name__}"
        )
    if not taken:
        raise GradientError(
            "the function did nothing that a gradient goes through: its inputs must be Values, or "
            "Tensors with requires_grad=True"
        )
    worst = max(_error(step, tolerance, draw) for step in taken)
    _check_the_whole(function, inputs, result, tolerance, draw)
    return Checked(len(taken), worst)


def _of_values(root: Value) -> Iterator[_Taken]:
    for node in order(root):
        if node._row is not None:
            given = (node._a,) if node._b is None else (node._a, node._b)
            wanted = tuple(type(x) is Value for x in given)
            numbers = tuple(x._data if type(x) is Value else x for x in given)
            yield _Taken(node._row, numbers, wanted, node._options, node._line)


def _error(step: _Taken, tolerance: float, draw: Generator) -> float:
    """The largest error of one step's rules; GradientError if it is too large.

    At a kink, as ReLU's at 0, there is no slope to measure: a step that is wrong is measured once
    more beside its point.
    """
    worst = 0.0
    for i, wanted in enumerate(step.wanted):
        if not wanted:
            continue
        by_rule, measured, scale = _slopes(step, i, draw)
        if not _agree(by_rule, measured, scale, tolerance) and np.isfinite(by_rule):
            beside = step._replace(inputs=tuple(_moved(x, draw) for x in step.inputs))
            by_rule, measured, scale = _slopes(beside, i, draw)
        if not _agree(by_rule, measured, scale, tolerance):
            where = f" It was used at {step.line}." if step.line else ""
            raise GradientError(
                f"the rule of {step.row.name!r} with respect to input {i} is wrong: it gives the "
                f"slope {by_rule:.6g} along a random direction, and {measured:.6g} was "
                f"measured.{where}"
            )
        if np.isfinite(by_rule):
            worst = max(worst, abs(by_rule - measured) / (scale or 1.0))
    return worst


def _agree(a: float, b: float, scale: float, tolerance: float) -> bool:
    if not np.isfinite(b):
        return True  # at the edge of where the function is defined: nothing to hold it against
    return bool(abs(a - b) <= tolerance * max(scale, 1e-3))


def _normal(draw: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return draw.randn(shape, np.float64)


def _moved(x: Any, draw: Generator) -> Plain:
    if isinstance(x, np.ndarray):
        if x.dtype.kind != "f":
            return x
        return x + 1e-3 * _normal(draw, x.shape) * np.maximum(np.abs(x), 1)
    return x + 1e-3 * float(_normal(draw, ())) * max(abs(x), 1)


def _slopes(step: _Taken, i: int, draw: Generator) -> tuple[float, float, float]:
    """By the rule and measured, both along one random direction, and the size of what adds up."""
    row, options = step.row, step.options
    numbers = not any(isinstance(x, np.ndarray) for x in step.inputs)
    if numbers:
        compute: Callable[..., Any] = row.number  # type: ignore[assignment]
        inputs: list[Any] = [float(x) for x in step.inputs]
        direction: Plain = 1.0
    else:
        compute = row.array
        inputs = [_double(x) for x in step.inputs]
        direction = _normal(draw, inputs[i].shape)
    with np.errstate(all="ignore"):
        result = compute(*inputs, **options)
        weight = 1.0 if numbers else _normal(draw, np.shape(result))
        slope = _by_rule(row, i, weight, result, inputs, options)
        ends = []
        nudge = NUDGE * max(1.0, float(np.max(np.abs(inputs[i]), initial=0)))
        for sign in (-1, 1):
            moved = list(inputs)
            moved[i] = inputs[i] + sign * nudge * direction
            ends.append(np.sum((compute(*moved, **options) - result) * weight))
        parts = slope * direction
        scale = float(np.sqrt(np.sum(parts * parts)))
        measured = float(ends[1] - ends[0]) / (2 * nudge)
    return float(np.sum(parts)), measured, max(scale, abs(measured) if np.isfinite(measured) else 0)


def _double(x: Plain) -> Plain:
    array = np.asarray(x)
    return array.astype(np.float64) if array.dtype.kind == "f" else x


def _by_rule(
    row: Primitive, i: int, weight: Plain, result: Plain, inputs: list[Any], options: dict[str, Any]
) -> Plain:
    """The gradient of the weighted sum of the result with respect to input i."""
    shapes = tuple(np.shape(x) for x in inputs)
    if row.every is not None:
        slope = row.every(weight, i, shapes, **options)
    else:
        slope = row.gradients[i].of(weight, (result, *inputs), ((), *shapes), options)
    if isinstance(inputs[i], np.ndarray):
        slope = fit(np.asarray(slope, dtype=np.float64), shapes[i], np.dtype(np.float64))
    return slope


def _check_the_whole(
    function: Callable[..., Any],
    inputs: tuple[Any, ...],
    result: Value | Tensor,
    tolerance: float,
    draw: Generator,
) -> None:
    """All rules are right; is the gradient of the whole function, along a random direction?

    What can't be told from it is allowed for: a kink, where the slopes on both sides differ, and
    the rounding of single precision.
    """
    leaves = {id(x): x for x in inputs if isinstance(x, Value) or _is_asked(x)}
    directions = {key: _normal(draw, getattr(x, "shape", ())) for key, x in leaves.items()}
    weight = _normal(draw, getattr(result, "shape", ()))
    slopes = _gradients(list(leaves.values()), result, weight)
    parts = [
        float(np.sum(slope * directions[key])) for key, slope in zip(leaves, slopes, strict=True)
    ]
    single = any(isinstance(x, Tensor) and x.dtype != np.float64 for x in leaves.values())
    nudge, loose = (1e-2, 1e-2) if single else (NUDGE, max(tolerance, 1e-4))

    def along(distance: float) -> float:
        moved = {key: _moved_by(x, distance * directions[key]) for key, x in leaves.items()}
        return float(np.sum(_array(function(*[moved.get(id(x), x) for x in inputs])) * weight))

    before, here, after = along(-nudge), float(np.sum(_array(result) * weight)), along(nudge)
    left, right = (here - before) / nudge, (after - here) / nudge
    by_rule, measured = sum(parts), (left + right) / 2
    rounding = np.finfo(np.float32 if single else np.float64).eps * 8
    unsure = (
        abs(right - left) / 2 + rounding * float(np.sum(np.abs(_array(result) * weight))) / nudge
    )
    size = max(float(np.linalg.norm(parts)), abs(measured))
    if np.isfinite(measured) and not abs(by_rule - measured) <= loose * size + unsure:
        raise GradientError(
            f"every rule is right, but the gradient of the whole is not: {by_rule:.6g} along a "
            f"random direction, and {measured:.6g} was measured. Something that the function does "
            f"is not seen by the walk back: .data, .item(), detach(), no_grad() or random numbers"
        )


def _is_asked(x: object) -> bool:
    return isinstance(x, Tensor) and x.is_leaf and x.requires_grad


def _array(x: Value | Tensor) -> np.ndarray | float:
    return x.data if isinstance(x, Value) else x._array


def _gradients(leaves: list[Any], result: Value | Tensor, weight: np.ndarray) -> list[Any]:
    """The gradient of the weighted result with respect to each leaf."""
    kept, root = [x.grad for x in leaves], _mode.last_root
    for x in leaves:
        x.grad = 0.0 if isinstance(x, Value) else None
    if isinstance(result, Tensor):
        result.backward(Tensor._of(weight.astype(result.dtype)))
    else:
        (result * float(weight)).backward()
    slopes = [x.grad for x in leaves]
    _mode.last_root = root
    for x, grad in zip(leaves, kept, strict=True):
        x.grad = grad
    return [0.0 if s is None else s if isinstance(s, float) else s._array for s in slopes]


def _moved_by(x: Value | Tensor, distance: np.ndarray) -> Value | Tensor:
    if isinstance(x, Value):
        return Value(x.data + float(distance), label=x.label)
    moved = Tensor._of((x._array + distance).astype(x.dtype))
    moved.requires_grad = True
    return moved
