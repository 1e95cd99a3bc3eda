"""Why a gradient is what it is: the paths that carry it, and where it broke.

The gradient of a parameter is a sum over all paths from the loss back to it; along a path, the
derivatives multiply. `explain` tells the paths that carry most, where a number first became
infinite or none, and where a unit passes nothing on, with the line of the user's code.
"""

import heapq
import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from .graph import _mode, order
from .source_lines import Line
from .tensor import Tensor
from .tensor.grad_fn import Step
from .value import Value

__all__ = ["Explanation", "Path", "Stage", "Trouble", "explain"]

MOST = 5_000  # steps along paths of Tensors that are taken, at most
SHOWN = 8  # derivatives along a path, and operations in a line, when it is told
COUNTED = 10**15  # so many paths are told exactly
SATURATED = 1e-3  # a unit whose slope is less passes on almost nothing
GATES = frozenset({"relu", "leaky_relu", "tanh", "sigmoid", "elu", "softplus", "sign", "where"})
WIDTH = 90  # of a line of source, when it is told


class Stage(NamedTuple):
    """An operation on a path, what came out of it, and the line that it stands in."""

    operation: str
    result: str
    line: Line | None


class Path(NamedTuple):
    """One way from the parameter to the loss, and what it adds to the gradient.

    Where the parameter has several numbers, that is counted along the direction of the gradient:
    what all paths add makes up its length.
    """

    stages: tuple[Stage, ...]
    amount: float
    derivatives: tuple[float, ...] = ()  # of each stage's result; of Tensors they are matrices

    def product(self) -> str:
        """What the path adds, as the product of its derivatives.

        >>> Path((), -1.5, (-3.0, 1.0, 0.5)).product()
        '-3 · 1 · 0.5 = -1.5'
        """
        if len(self.derivatives) < 2:
            return f"{self.amount:+.6g}"
        factors = [f"{derivative:.4g}" for derivative in self.derivatives]
        if len(factors) > SHOWN:
            factors[SHOWN - 2 : -1] = ["…"]
        return f"{' · '.join(factors)} = {self.amount:.6g}"

    def told(self) -> Iterator[str]:
        """A row for each line of source on the path."""
        rows = []
        for line, together in groupby(self.stages, key=lambda stage: stage.line and stage.line[:2]):
            stages = list(together)
            names = [stage.operation for stage in stages]
            if len(names) > SHOWN:
                names[SHOWN - 2 : -1] = [f"… {len(names) - SHOWN + 1:,} more …"]
            operations = " ".join(names)
            text = "" if line is None else str(stages[-1].line)
            rows.append((operations, stages[-1].result, text))
        wide = max((len(row[0]) for row in rows), default=0)
        for operations, result, text in rows:
            gives = f"→ {result}" if result else ""
            yield f"{operations:<{wide}}  {gives:<12}{_cut(text)}".rstrip()


class Trouble(NamedTuple):
    """Where something went wrong."""

    kind: str  # "nan", "infinity", "dead" or "saturated"
    sentence: str
    line: Line | None


@dataclass(frozen=True)
class Explanation:
    """What `explain` found; `print` it."""

    name: str
    gradient: float  # its length where the parameter has several numbers
    count: int  # how many paths there are
    paths: tuple[Path, ...]  # those that carry most, the first the most
    troubles: tuple[Trouble, ...]

    def __str__(self) -> str:
        exact, power = self.count < COUNTED, math.log10(max(self.count, 1))
        paths = f"{self.count:,} paths" if exact else f"about 10^{power:.0f} paths"
        paths = "one path" if self.count == 1 else paths
        lines = [f"The gradient of {self.name} is {self.gradient:.6g}, by {paths}."]
        for path in self.paths:
            counts = self.gradient and math.isfinite(self.gradient)
            share = f"{path.amount / self.gradient:.1%}" if counts else ""
            lines.append(f"{share:>8}  {path.product()}")
            lines += [f"          {row}" for row in path.told()]
        lines += [f"{trouble.kind}: {trouble.sentence}" for trouble in self.troubles]
        return "\n".join(lines)


def explain(
    parameter: Value | Tensor, loss: Value | Tensor | None = None, paths: int = 3
) -> Explanation:
    """The paths that carry most of the gradient of `loss` to `parameter`, and what went wrong.

    Without `loss`, that on which `backward` was called last. Both are Values, or both Tensors of
    any shape. ValueError if the loss was not computed from the parameter, RuntimeError if there is
    no loss to speak of, TypeError for anything but Values and Tensors.

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
        with np.errstate(all="ignore"):
            return _of_tensor(parameter, loss, paths)
    raise TypeError(
        f"a parameter and the loss it belongs to were wanted, both Values or both Tensors; got "
        f"{type(parameter).__name__} and {type(loss).__name__}"
    )


def _paths_from(nodes: Sequence[Any], target: Hashable) -> dict[Any, int]:
    """For each node that was made from the target, the number of paths down to it.

    `nodes` are in the order of the walk back, the loss first. ValueError if the loss has none.
    """
    counts = {target: 1}
    for node in reversed(nodes):
        if node is not target:
            below = sum(counts.get(x, 0) for x in node._parents)
            if below:
                counts[node] = below
    if nodes[0] not in counts:
        raise ValueError("the loss was not computed from this parameter")
    return counts


# ---- Values

Slopes = dict[Value, list[tuple[Value, float]]]  # of each node, with respect to what it is made of


def _of_value(parameter: Value, loss: Value, most: int) -> Explanation:
    nodes = list(order(loss))
    counts = _paths_from(nodes, parameter)
    slopes: Slopes = {node: list(node._slopes()) for node in nodes}
    arrived = dict.fromkeys(nodes, 0.0)
    arrived[loss] = 1.0
    for node in nodes:
        for x, slope in slopes[node]:
            arrived[x] += arrived[node] * slope
    found = tuple(
        Path(tuple(map(_stage_of, reversed(way))), amount, tuple(reversed(derivatives)))
        for way, derivatives, amount in _largest_paths(parameter, nodes, slopes, counts, most)
    )
    troubles = (*_broken_values(nodes, slopes, arrived), *_closed_values(nodes, slopes, counts))
    name = parameter.label or f"Value({parameter.data:g})"
    return Explanation(name, arrived[parameter], counts[loss], found, troubles)


def _largest_paths(
    parameter: Value, nodes: list[Value], slopes: Slopes, counts: dict[Value, int], most: int
) -> Iterator[tuple[list[Value], list[float], float]]:
    """The `most` largest paths, from the loss on: of each node, those down from it are known.

    Each is its nodes, the derivative at each of them, and the product of these.
    """
    best: dict[Value, list[tuple[float, float, Value | None, int]]] = {
        parameter: [(1.0, 1.0, None, 0)]
    }
    for node in reversed(nodes):
        if node in counts and node is not parameter:
            ways = [
                (slope * amount, slope, x, rank)
                for x, slope in slopes[node]
                for rank, (amount, *_) in enumerate(best.get(x, ()))
                if abs(slope * amount) > 0  # neither nothing nor no number
            ]
            best[node] = heapq.nlargest(most, ways, key=lambda way: abs(way[0]))
    for rank, (amount, *_) in enumerate(best[nodes[0]][: max(most, 0)]):
        way, derivatives, node = [], [], nodes[0]
        while node is not parameter:
            _, derivative, below, rank = best[node][rank]
            way.append(node)
            derivatives.append(derivative)
            assert below is not None
            node = below
        yield way, derivatives, amount


def _stage_of(node: Value) -> Stage:
    return Stage(node._op, f"{node.data:.4g}" + f" {node.label}".rstrip(), node._line)


def _broken_values(
    nodes: list[Value], slopes: Slopes, arrived: dict[Value, float]
) -> Iterator[Trouble]:
    """The first number that is infinite or none, and the first slope between sound numbers."""
    for node in reversed(nodes):
        if not math.isfinite(node._data):
            yield Trouble(_kind(node._data), _how_it_broke(node), node._line)
            break
    for node in nodes:
        if math.isnan(node._data) or not math.isfinite(arrived[node]):
            continue
        for x, slope in slopes[node]:
            if not math.isfinite(slope) and math.isfinite(x._data):
                sentence = f"the slope of '{node._op}' at {x._data:g} is {slope}{_at(node._line)}"
                yield Trouble(_kind(slope), sentence, node._line)
                return


def _how_it_broke(node: Value) -> str:
    if node._row is None:
        return f"the leaf{' ' + node.label if node.label else ''} holds {node._data}"
    inputs = [x._data if type(x) is Value else x for x in (node._a, node._b) if x is not None]
    given = " and ".join(f"{x:g}" for x in inputs)
    return f"'{node._op}' of {given} gives {node._data}{_at(node._line)}"


def _closed_values(
    nodes: list[Value], slopes: Slopes, counts: dict[Value, int]
) -> Iterator[Trouble]:
    """Activation functions on the way that pass on nothing, or almost nothing, by their line."""
    uses: Counter[Hashable] = Counter()
    closed: dict[Hashable, list[Value]] = {}
    for node in nodes:
        if node._row is not None and node._row.name in GATES and node in counts:
            place: Hashable = (node._op, node._code, node._position)
            uses[place] += 1
            if all(abs(slope) < SATURATED for _, slope in slopes[node]):
                closed.setdefault(place, []).append(node)
    for where, those in closed.items():
        node = those[0]
        kind, passed = ("dead", "no") if node._data == 0 else ("saturated", "almost no")
        sentence = (
            f"'{node._op}' passes {passed} gradient on in {len(those)} of {uses[where]} uses"
            f"{_at(node._line)}"
        )
        yield Trouble(kind, sentence, node._line)


# ---- Tensors


def _of_tensor(parameter: Tensor, loss: Tensor, most: int) -> Explanation:
    target: Step | Tensor = parameter._history() or parameter
    root: Step | Tensor = loss._history() or loss
    nodes = list(order(root))
    counts = _paths_from(nodes, target)
    start = np.ones_like(loss._array)
    arrived, broken = _walked(nodes, start)
    gradient = arrived[target]
    size = float(np.linalg.norm(gradient))
    found = [
        Path(_stages(way), float(np.sum(part * gradient)) / (size or 1))
        for way, part in _followed(root, target, start, counts)
    ]
    found.sort(key=lambda path: -abs(path.amount))
    name = f"a Tensor of shape {list(parameter.shape)}" if parameter.ndim else "a Tensor"
    troubles = (*_broken_results(nodes), *broken, *_closed_steps(nodes, counts))
    told = tuple(path for path in found[: max(most, 0)] if path.amount)
    return Explanation(name, size, counts[root], told, troubles)


def _walked(nodes: list[Any], start: np.ndarray) -> tuple[dict[Any, Any], list[Trouble]]:
    """The gradient of each node, and where the first is infinite or none."""
    arrived: dict[Any, Any] = {nodes[0]: start}
    troubles: list[Trouble] = []
    for step in nodes:
        if isinstance(step, Tensor):
            continue
        for parent, part in step.pull(arrived[step]):
            bad = _first_bad(part)
            if bad is not None and not troubles:
                sentence = f"the slope of '{step.primitive.name}' gives {bad}{_at(step.line)}"
                troubles.append(Trouble(_kind(bad), sentence, step.line))
            arrived[parent] = arrived[parent] + part if parent in arrived else part
    return arrived, troubles


def _followed(
    root: Step | Tensor, target: Step | Tensor, start: np.ndarray, counts: dict[Any, int]
) -> Iterator[tuple[tuple[Step, ...], np.ndarray]]:
    """The paths to the target, each with the gradient that it brings; at each fork the larger
    part first, and no further than `MOST` steps in all."""
    waiting: list[tuple[Any, np.ndarray, tuple[Step, ...]]] = [(root, start, ())]
    for _ in range(MOST):
        if not waiting:
            return
        node, g, way = waiting.pop()
        if node is target:
            yield way, g
            continue
        parts = [(parent, part) for parent, part in node.pull(g) if parent in counts]
        parts.sort(key=lambda pair: float(np.linalg.norm(pair[1])))
        waiting += [(parent, part, (*way, node)) for parent, part in parts]


def _stages(way: tuple[Step, ...]) -> tuple[Stage, ...]:
    return tuple(Stage(step.primitive.name, "", step.line) for step in reversed(way))


def _broken_results(nodes: list[Any]) -> Iterator[Trouble]:
    """The first step whose numbers are infinite or none."""
    for step in reversed(nodes):
        is_leaf = isinstance(step, Tensor)
        bad = _first_bad(step._array if is_leaf else _result_of(step))
        if bad is not None:
            line = None if is_leaf else step.line
            what = "a leaf holds" if is_leaf else f"'{step.primitive.name}' gives"
            yield Trouble(_kind(bad), f"{what} {bad}{_at(line)}", line)
            return


def _result_of(step: Step) -> np.ndarray | None:
    """What came out of a step, if it is known: kept for the walk back, or computed again."""
    result, *inputs = step.kept
    if result is None and all(x is not None for x in inputs):
        result = step.primitive.array(*inputs, **step.options)
    return result


def _first_bad(array: np.ndarray | None) -> float | None:
    if array is None or np.asarray(array).dtype.kind != "f":
        return None
    bad = np.asarray(array)[~np.isfinite(array)]
    return float(bad.flat[0]) if bad.size else None


def _closed_steps(nodes: list[Any], counts: dict[Any, int]) -> Iterator[Trouble]:
    """Units, columns of the last axis, that pass on nothing in any of the examples."""
    for step in nodes:
        if isinstance(step, Tensor) or step.primitive.name not in GATES or step not in counts:
            continue
        result = _result_of(step)
        if result is None or not result.ndim:
            continue
        slope = sum(np.abs(part) for _, part in step.pull(np.ones_like(result)))
        rows = np.broadcast_to(slope, result.shape).reshape(-1, result.shape[-1])
        closed = int((rows < SATURATED).all(axis=0).sum())
        if closed:
            kind = "dead" if step.primitive.name == "relu" else "saturated"
            sentence = (
                f"{closed} of {rows.shape[1]} units of '{step.primitive.name}' pass on almost no "
                f"gradient in any of {len(rows)} examples{_at(step.line)}"
            )
            yield Trouble(kind, sentence, step.line)


# ---- words


def _at(line: Line | None) -> str:
    return f", at {_cut(str(line))}" if line else ""


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _kind(number: float) -> str:
    return "nan" if math.isnan(number) else "infinity"
