"""Gradients that were worked out by hand: which path was forgotten, doubled, or has a wrong sign.

The gradient of a node is a sum over the paths from the result to it. A slip at one edge of the
graph changes that sum by a multiple of what the edge adds. So the difference between the answer and
the gradient is compared with what each edge adds (see `engine.edges`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..engine.edges import Edge, Graph, Node, TensorGraph, ValueGraph
from ..engine.tensor import Tensor
from ..engine.value import Value
from ..errors import OptionError
from .feedback import Feedback, line_told
from .numbers import array_of

__all__ = ["gradient"]

SLIPS = {"forgotten": -1.0, "doubled": 1.0, "sign": -2.0}  # and how often the edge is added
DONE = {
    "forgotten": "forgot the path through",
    "doubled": "counted twice the path through",
    "sign": "has the wrong sign on the path through",
}
ON_ALL = {
    "forgotten": "forgot every path",
    "doubled": "counted every path twice",
    "sign": "has the wrong sign on every path",
}
ROUNDINGS = 64  # as many may add up in an answer that is right
CLOSEST = 1e-8  # so near is equal, however exact the numbers are
ROUGHLY = 1e-3  # so near are numbers that somebody rounded
MORE = 5  # further lines that are told


def gradient(result: Value | Tensor, answers: Iterable[tuple[Value | Tensor, Any]]) -> Feedback:
    """Which slip explains the first wrong one of the gradients that a learner worked out?

    `answers` are pairs of a node and the gradient of `result` with respect to it, in the order in
    which they were worked out. One pair is enough; with all of them the line is known exactly, as
    earlier answers are right. `result` is a Value, or a Tensor of one number. A gradient has the
    shape of its node, but for axes of length 1 in front. It works before and after `backward`, and
    changes no `.grad`.

    TypeError for what is no Value or Tensor. OptionError if `answers` is empty, if `result` was not
    computed from a node, and for a gradient of another shape or with NaN or infinity in it.

    >>> x = Value(3.0, label="x")
    >>> double = x * 2
    >>> y = x * double
    >>> feedback = gradient(y, [(double, 3.0), (x, 6.0)])
    >>> feedback.right, feedback.slip, feedback.operation
    (False, 'forgotten', '*')
    >>> gradient(y, [(double, 3.0), (x, 12.0)])
    All 2 gradients are right.
    """
    graph = _graph(result)
    checked = [_checked(graph, i, *pair) for i, pair in enumerate(_pairs(answers), start=1)]
    for i, answer in enumerate(checked):
        if not answer.is_right:
            return _explained(graph, answer, {earlier.key for earlier in checked[:i]})
    n = len(checked)
    return Feedback(True, "The gradient is right." if n == 1 else f"All {n} gradients are right.")


class _Answer(NamedTuple):
    """An answer beside the gradient; what differs by less than `tolerance` is rounding."""

    node: Value | Tensor
    key: Node  # the node in the graph
    name: str
    given: np.ndarray
    true: np.ndarray
    precision: float
    size: float

    @property
    def tolerance(self) -> float:
        """How closely numbers of this size and precision must agree."""
        return max(ROUNDINGS * self.precision, CLOSEST) * self.size

    @property
    def is_right(self) -> bool:
        """Whether nothing differs by more than rounding."""
        return bool(np.max(np.abs(self.given - self.true), initial=0.0) <= self.tolerance)


# ---- what was given


def _graph(result: object) -> Graph:
    if isinstance(result, Value):
        return ValueGraph(result)
    if not isinstance(result, Tensor):
        raise TypeError(f"result is a Value or a Tensor, got {type(result).__name__}")
    if result.numel() != 1:
        raise OptionError(
            f"result is one number, as a loss is, and this has shape {list(result.shape)}: reduce "
            f"it first, as with .sum()"
        )
    if not result.requires_grad:
        raise OptionError(
            "result remembers nothing that it was computed from: set requires_grad=True on the "
            "parameters before it is computed, and not within no_grad()"
        )
    return TensorGraph(result)


def _pairs(answers: object) -> list[tuple[Any, Any]]:
    is_other = isinstance(answers, (Mapping, Tensor, str))
    pairs = list(answers) if isinstance(answers, Iterable) and not is_other else None
    if pairs is None or not all(isinstance(p, (tuple, list)) and len(p) == 2 for p in pairs):
        raise TypeError(
            "answers is a list of pairs, a node and your gradient of it, as in [(h, dh), (W, dW)]"
        )
    if not pairs:
        raise OptionError("answers is empty: give at least one pair, as in [(h, dh)]")
    return [(node, answer) for node, answer in pairs]


def _checked(graph: Graph, number: int, node: object, given: object) -> _Answer:
    kind = Value if isinstance(graph, ValueGraph) else Tensor
    if not isinstance(node, kind):
        raise TypeError(
            f"answer {number} is about a {type(node).__name__}: its first part is a "
            f"{kind.__name__}, as result is"
        )
    key = graph.find(node)
    if key is None:
        hint = (
            ""
            if isinstance(node, Value) or node.requires_grad
            else ": it has no requires_grad=True"
        )
        raise OptionError(f"result was not computed from the node of answer {number}{hint}")
    name = f"`{graph.name(key)}`" if graph.name(key) else f"answer {number}"
    true, precision = graph.gradient(key), graph.precision(key)
    array = array_of(given, f"your gradient of {name}")
    if _without_leading_ones(array.shape) == _without_leading_ones(true.shape):
        array = array.reshape(true.shape)
    if array.shape != true.shape:
        raise OptionError(
            f"your gradient of {name} has shape {list(array.shape)}, and the node has "
            f"{list(true.shape)}: a gradient has the shape of its node; what was broadcast is "
            f"summed over"
        )
    if not np.isfinite(true).all():
        raise OptionError(f"the gradient of {name} is itself not finite: see moreish.explain")
    if array.dtype.kind == "f":
        precision = max(precision, float(np.finfo(array.dtype).eps))
    array = array.astype(np.float64)
    return _Answer(node, key, name, array, true, precision, graph.size(key) or 1.0)


def _without_leading_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    ones = next((i for i, n in enumerate(shape) if n != 1), len(shape))
    return shape[ones:]


# ---- what explains it


def _explained(graph: Graph, answer: _Answer, fixed: set[Node]) -> Feedback:
    directions = graph.directions(answer.key)
    difference = answer.given - answer.true
    seen = [float(np.sum(difference * direction)) for direction in directions]
    rounding = answer.precision * answer.size * difference.size**0.5
    length = float(np.linalg.norm(difference))
    bound = min(4 * answer.tolerance / answer.size * length + 8 * rounding, length / 4)
    edges = sorted(graph.edges(answer.key, fixed), key=lambda edge: edge.distance)
    found = [
        (slip, edge)
        for slip, times in SLIPS.items()
        for edge in edges
        if all(abs(times * e - s) <= bound for e, s in zip(edge.effects, seen, strict=True))
    ]
    if not found:
        return _whole(graph, answer, [edge.user for edge in edges if edge.distance == 1])
    return _slip(graph, answer, found[0][0], [edge for _, edge in found])


def _slip(graph: Graph, answer: _Answer, slip: str, edges: list[Edge]) -> Feedback:
    lines = tuple(dict.fromkeys(line for edge in edges if (line := graph.line(edge.user))))
    nearest = edges[0].user
    operation = graph.operation(nearest)
    at = line_told(graph.line(nearest))
    through = graph.name(nearest) or operation
    sentence = f"The gradient of {answer.name} {DONE[slip]} `{through}`{at}."
    if len(lines) > 1:
        numbers = [str(line.number) for line in lines[1:]]
        more = f" and {len(numbers) - MORE} more" if len(numbers) > MORE else ""
        sentence += f" The same numbers come from a slip in line {', '.join(numbers[:MORE])}{more}."
    return Feedback(False, sentence, slip, answer.node, operation, lines)


def _whole(graph: Graph, answer: _Answer, users: list[Node]) -> Feedback:
    """The same slip on every path; else, that no slip explains it."""
    for slip, times in SLIPS.items():
        off = np.abs(answer.given - (1 + times) * answer.true)
        if np.max(off, initial=0.0) <= answer.tolerance:
            lines = tuple(dict.fromkeys(line for user in users if (line := graph.line(user))))
            if not users:
                own = f"The gradient of {answer.name} with respect to itself is 1, and yours is"
                return Feedback(False, f"{own} {answer.given.item():g}.", slip, answer.node)
            through = graph.name(users[0]) or graph.operation(users[0])
            sentence = (
                f"The gradient of {answer.name} {ON_ALL[slip]}, as through `{through}`"
                f"{line_told(graph.line(users[0]))}."
            )
            operation = graph.operation(users[0])
            return Feedback(False, sentence, slip, answer.node, operation, lines)
    return Feedback(False, _unexplained(answer), node=answer.node)


def _unexplained(answer: _Answer) -> str:
    difference = np.abs(answer.given - answer.true)
    worst = np.unravel_index(np.argmax(difference), answer.true.shape)
    where = f" at {[int(i) for i in worst]}" if worst else ""
    sentence = (
        f"The gradient of {answer.name} is wrong, and no single slip explains it: it is "
        f"{answer.true[worst]:.6g}{where}, and yours is {answer.given[worst]:.6g}."
    )
    if difference[worst] <= ROUGHLY * abs(answer.true[worst]):
        return f"{sentence} They are close, as rounded numbers are: give all digits."
    factor = float(np.sum(answer.given * answer.true) / (np.sum(answer.true**2) or 1.0))
    off = np.max(np.abs(answer.given - factor * answer.true))
    if answer.true.size > 1 and off <= max(1.0, abs(factor)) * answer.tolerance and factor:
        sentence += f" All of yours is {factor:.6g} times the gradient."
    return sentence
