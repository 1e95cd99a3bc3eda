"""Why a gradient is what it is: the paths that carry it, and where it broke.

The gradient of a parameter is a sum over all paths from the loss back to it; along a path, the
slopes multiply. `explain` tells the paths that carry most, and where a number first became infinite
or none, or where a unit passes nothing on, with the line of the user's code.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .graph import _mode, order
from .lines import Line
from .tensor import Tensor
from .tensor.step import Step
from .value import Value

__all__ = ["Explanation", "Path", "Trouble", "explain"]

MOST = 20_000  # paths of Tensors looked at, at most
SATURATED = 1e-3  # a unit whose slope is less passes on almost nothing
GATES = ("relu", "leaky_relu", "tanh", "sigmoid", "elu", "softplus", "sign", "where")


class Path(NamedTuple):
    """One way from the parameter to the loss."""

    steps: tuple[str, ...]  # the operations, from the parameter on, each with its line
    amount: float  # what it adds to the gradient; its length where that has several numbers


class Trouble(NamedTuple):
    """Where something went wrong."""

    kind: str  # "nan", "infinity", "dead" or "saturated"
    sentence: str
    line: Line | None


@dataclass(frozen=True)
class Explanation:
    """What `explain` found; `print` it."""

    name: str
    gradient: float
    count: int | None  # how many paths there are; None where they were not counted
    paths: tuple[Path, ...]
    troubles: tuple[Trouble, ...]

    def __str__(self) -> str:
        many = (
            "many paths" if self.count is None else f"{self.count:,} path" + "s"[self.count == 1 :]
        )
        lines = [f"The gradient of {self.name} is {self.gradient:.6g}, by {many}."]
        total = self.gradient
        for path in self.paths:
            share = f"{path.amount / total:8.1%}" if total and math.isfinite(total) else " " * 8
            lines.append(f"{share}  {path.amount:+.6g}")
            lines += [f"            {step}" for step in path.steps]
        lines += [f"{trouble.kind}: {trouble.sentence}" for trouble in self.troubles]
        return "\n".join(lines)


def explain(parameter: Any, loss: Any = None, paths: int = 3) -> Explanation:
    """The paths that carry most of the gradient of `loss` to `parameter`, and what went wrong.

    Without `loss`, that on which `backward` was called last. Both are Values, or both Tensors; of
    a Tensor the amounts are lengths (norms). ValueError if the loss was not computed from the
    parameter; RuntimeError if there is no loss to speak of.

    >>> x = Value(2.0, label="x")
    >>> y = x * x * 3 + x
    >>> explanation = explain(x, y)
    >>> explanation.gradient, explanation.count
    (13.0, 3)
    >>> [path.amount for path in explanation.paths]
    [6.0, 6.0, 1.0]
    """
    if loss is None:
        loss = None if _mode.last_root is None else _mode.last_root()
        if loss is None:
            raise RuntimeError(
                "there is no loss to explain: call backward() on it first and keep it in a "
                "variable, or pass it, as in explain(parameter, loss)"
            )
    if isinstance(parameter, Value) and isinstance(loss, Value):
        return _of_value(parameter, loss, paths)
    if isinstance(parameter, Tensor) and isinstance(loss, Tensor):
        return _of_tensor(parameter, loss, paths)
    raise TypeError(
        f"a parameter and the loss it belongs to were wanted, both Values or both Tensors; got "
        f"{type(parameter).__name__} and {type(loss).__name__}"
    )


# ---- Values


def _of_value(parameter: Value, loss: Value, most: int) -> Explanation:
    nodes = list(order(loss))
    if not any(node is parameter for node in nodes):
        raise ValueError("the loss was not computed from this parameter")
    slopes = {node: [(x, s) for x, s in node._slopes()] for node in nodes if node._row is not None}
    counts: dict[Value, int] = {parameter: 1}  # of paths down to the parameter
    largest: dict[Value, float] = {parameter: 1.0}  # product of slopes on one of them
    for node in reversed(nodes):
        if node is parameter:
            continue
        below = [(x, s) for x, s in slopes.get(node, ()) if x in counts]
        if below:
            counts[node] = sum(counts[x] for x, _ in below)
            sizes = [abs(s) * largest[x] for x, s in below]
            largest[node] = max((size for size in sizes if size == size), default=0.0)
    arrived = dict.fromkeys(nodes, 0.0)
    arrived[loss] = 1.0
    for node in nodes:
        for x, s in slopes.get(node, ()):
            arrived[x] += arrived[node] * s
    found = [
        Path(tuple(_told(node) for node in reversed(way)), amount)
        for way, amount in _largest_paths(parameter, loss, slopes, largest, most)
    ]
    name = parameter.label or f"Value({parameter.data:g})"
    troubles = [*_broken_values(nodes, slopes, arrived), *_closed_gates(nodes, slopes, counts)]
    return Explanation(name, arrived[parameter], counts[loss], tuple(found), tuple(troubles))


def _largest_paths(
    parameter: Value,
    loss: Value,
    slopes: dict[Value, list[tuple[Value, float]]],
    largest: dict[Value, float],
    most: int,
) -> Iterator[tuple[tuple[Value, ...], float]]:
    """The paths in the order of their size: the best that can still come of each is known."""
    waiting: list[Any] = [(-largest[loss], 0, loss, 1.0, ())]
    made = 0
    while waiting and most:
        _, _, node, amount, way = heapq.heappop(waiting)
        if node is parameter:
            yield way, amount
            most -= 1
            continue
        for x, slope in slopes.get(node, ()):
            reach = abs(amount * slope) * largest.get(x, 0.0)
            if x in largest and reach > 0:
                made += 1
                heapq.heappush(waiting, (-reach, made, x, amount * slope, (*way, node)))


def _told(node: Value) -> str:
    label = f"{node.label} = " if node.label else ""
    place = f"   {node._line}" if node._line else ""
    return f"{label}{node._op} → {node.data:.4g}{place}"


def _broken_values(
    nodes: list[Value],
    slopes: dict[Value, list[tuple[Value, float]]],
    arrived: dict[Value, float],
) -> Iterator[Trouble]:
    """The first number, and the first gradient, that is infinite or none."""
    for node in reversed(nodes):
        if not math.isfinite(node._data):
            given = ", ".join(f"{x:g}" for x in _numbers_into(node))
            how = f"'{node._op}' of {given} gives" if node._row else "a leaf holds"
            yield Trouble(_kind(node._data), f"{how} {node._data}{_at(node._line)}", node._line)
            break
    for node in nodes:
        if not math.isfinite(arrived[node]):
            continue
        for x, slope in slopes.get(node, ()):
            if not math.isfinite(slope) and math.isfinite(x._data):
                sentence = f"the slope of '{node._op}' at {x._data:g} is {slope}{_at(node._line)}"
                yield Trouble(_kind(slope), sentence, node._line)
                return


def _numbers_into(node: Value) -> list[float]:
    return [x._data if type(x) is Value else x for x in (node._a, node._b) if x is not None]


def _closed_gates(
    nodes: list[Value], slopes: dict[Value, list[tuple[Value, float]]], counts: dict[Value, int]
) -> Iterator[Trouble]:
    """Activation functions on the way that pass on nothing, or almost nothing, by their line."""
    uses: Counter[Any] = Counter()
    closed: Counter[Any] = Counter()
    kinds: dict[Any, tuple[str, Line | None]] = {}
    for node in nodes:
        if node._row is None or node._row.name not in GATES or node not in counts:
            continue
        place = (node._op, node._code, node._position)
        uses[place] += 1
        if all(abs(s) < SATURATED for _, s in slopes[node]):
            closed[place] += 1
            kinds[place] = ("dead" if node._data == 0 else "saturated", node._line)
    for place, count in closed.items():
        kind, line = kinds[place]
        what = "passes no gradient on" if kind == "dead" else "passes almost no gradient on"
        sentence = f"'{place[0]}' {what} in {count} of {uses[place]} uses{_at(line)}"
        yield Trouble(kind, sentence, line)


def _at(line: Line | None) -> str:
    return f", at {line}" if line else ""


def _kind(number: float) -> str:
    return "nan" if math.isnan(number) else "infinity"


# ---- Tensors


def _of_tensor(parameter: Tensor, loss: Tensor, most: int) -> Explanation:
    target: Any = parameter._history() or parameter
    root: Any = loss._history() or loss
    nodes = list(order(root))
    if not any(node is target for node in nodes):
        raise ValueError("the loss was not computed from this parameter")
    leading = {target}
    for node in reversed(nodes):
        if any(parent in leading for parent in node._parents if parent is not None):
            leading.add(node)
    with np.errstate(all="ignore"):
        start = np.ones_like(loss._array)
        found, complete = _tensor_paths(target, root, start, leading)
        total = sum((amount for _, amount in found), np.zeros(parameter.shape))
        size = float(np.linalg.norm(total))
        found.sort(key=lambda path: -float(np.linalg.norm(path[1])))
        told = [
            Path(tuple(_step_told(step) for step in reversed(way)), float(np.linalg.norm(amount)))
            for way, amount in found[:most]
        ]
        troubles = [*_broken_steps(nodes, start), *_closed_steps(nodes, leading)]
    shape = f"shape {list(parameter.shape)}" if parameter.ndim else "one number"
    count = len(found) if complete else None
    return Explanation(f"a Tensor of {shape}", size, count, tuple(told), tuple(troubles))


def _tensor_paths(
    target: Any, root: Any, start: np.ndarray, leading: set[Any]
) -> tuple[list[tuple[tuple[Step, ...], np.ndarray]], bool]:
    """Every path to the target with the gradient it brings; if there are many, the largest."""
    waiting: list[Any] = [(0.0, 0, root, start, ())]
    found = []
    made = 0
    while waiting and made < MOST:
        _, _, node, g, way = heapq.heappop(waiting)
        if node is target:
            found.append((way, np.asarray(g)))
            continue
        for parent, part in node.pull(g):
            if parent in leading:
                made += 1
                size = -float(np.linalg.norm(part))
                heapq.heappush(waiting, (size, made, parent, part, (*way, node)))
    return found, not waiting


def _step_told(step: Step) -> str:
    place = f"   {step.line}" if step.line else ""
    return f"{step.primitive.name}{place}"


def _broken_steps(nodes: list[Any], start: np.ndarray) -> Iterator[Trouble]:
    """The first step whose numbers, and the first whose gradient, are infinite or none.

    A step keeps only what its gradient needs; what it did not keep is computed again.
    """
    for step in reversed(nodes):
        if isinstance(step, Tensor):
            bad = _first_bad(step._array)
            if bad is not None:
                yield Trouble(_kind(bad), f"a leaf holds {bad}", None)
                break
            continue
        bad = _first_bad(_result_of(step))
        if bad is not None:
            sentence = f"{step.primitive.name!r} gives {bad}{_at(step.line)}"
            yield Trouble(_kind(bad), sentence, step.line)
            break
    arrived: dict[Any, Any] = {nodes[0]: start}
    for step in nodes:
        g = arrived.pop(step)
        if isinstance(step, Tensor):
            continue
        for parent, part in step.pull(g):
            bad = _first_bad(part)
            if bad is not None:
                sentence = f"the slope of {step.primitive.name!r} gives {bad}{_at(step.line)}"
                yield Trouble(_kind(bad), sentence, step.line)
                return
            arrived[parent] = arrived[parent] + part if parent in arrived else part


def _result_of(step: Step) -> Any:
    result, *inputs = step.kept
    if result is None and all(x is not None for x in inputs):
        result = step.primitive.array(*inputs, **step.options)
    return result


def _first_bad(array: Any) -> float | None:
    if array is None or np.asarray(array).dtype.kind != "f":
        return None
    bad = np.asarray(array)[~np.isfinite(array)]
    return float(bad.flat[0]) if bad.size else None


def _closed_steps(nodes: list[Any], leading: set[Any]) -> Iterator[Trouble]:
    """Units, columns of the last axis, that pass on nothing in any of the examples."""
    for step in nodes:
        if isinstance(step, Tensor) or step.primitive.name not in GATES or step not in leading:
            continue
        result = _result_of(step)
        if result is None or not result.ndim:
            continue
        ((_, slope),) = list(step.pull(np.ones_like(result)))[:1]
        rows = np.abs(slope).reshape(-1, slope.shape[-1])
        closed = int((rows < SATURATED).all(axis=0).sum())
        if closed:
            kind = "dead" if step.primitive.name == "relu" else "saturated"
            sentence = (
                f"{closed} of {rows.shape[1]} units of {step.primitive.name!r} pass on almost no "
                f"gradient in any of {len(rows)} examples{_at(step.line)}"
            )
            yield Trouble(kind, sentence, step.line)
