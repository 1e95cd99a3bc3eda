"""What each edge of a graph adds to the gradient of one node: an edge is one use of one input.

The gradient of a node is a sum over paths, and an edge adds the product of two factors. The walk
back gives the first: the gradient that arrives at the edge. A walk forward gives the second: how
the lower end of the edge changes with the node (a Jacobian-vector product). So one pass back and
one forward serve all edges. An array is told by its products with two random directions, as two
different arrays agree in both by no accident.
"""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from .generator import Generator
from .graph import order
from .source_lines import Line
from .tangents import pushed
from .tensor import Tensor
from .tensor.arguments import Array
from .tensor.grad_fn import Step
from .value import Value

__all__ = ["Edge", "Graph", "Node", "TensorGraph", "ValueGraph", "line_of"]

Node: TypeAlias = Any  # of a graph: a Value; or a step, or a Tensor that is a leaf

DIRECTIONS = 2


class Edge(NamedTuple):
    """A use of an input, and what it adds to the gradient of the node that was asked for."""

    user: Node  # the node of the graph that uses the input
    distance: int  # operations from the node that was asked for to the user, at least
    effects: tuple[float, ...]  # along each direction


class ValueGraph:
    """All that a Value was computed from, with the gradient of each."""

    def __init__(self, result: Value) -> None:
        self.nodes = list(order(result))
        self.slopes = {node: list(node._slopes()) for node in self.nodes}
        self.gradients = dict.fromkeys(self.nodes, 0.0)
        self.sizes = dict.fromkeys(self.nodes, 0.0)  # of what adds up
        self.gradients[result] = self.sizes[result] = 1.0
        for node in self.nodes:
            for x, slope in self.slopes[node]:
                part = self.gradients[node] * slope
                self.gradients[x] += part
                self.sizes[x] += abs(part)

    def find(self, node: Value | Tensor) -> Node:
        """The node, of any shape, in this graph; None if the result was not computed from it."""
        return node if node in self.gradients else None

    def gradient(self, node: Node) -> np.ndarray:
        """The gradient of the result with respect to the node, of the node's shape."""
        return np.asarray(self.gradients[node])

    def size(self, node: Node) -> float:
        """The sum of the sizes of what adds up to the gradient: rounding is a share of that."""
        return self.sizes[node]

    def precision(self, _node: Node) -> float:
        """The rounding of its numbers, as a share of each."""
        return float(np.finfo(np.float64).eps)

    def name(self, node: Node) -> str:
        """What the user calls the node; empty if that is not known."""
        return node.label or (node._line.assigned if node._line else "")

    def operation(self, node: Node) -> str:
        """How the node was made, in a word or a sign; empty for a leaf."""
        return node._op

    def line(self, node: Node) -> Line | None:
        """The line of the user's code that made it; None for a leaf."""
        return node._line

    def directions(self, _node: Node) -> list[np.ndarray]:
        """The one direction that a number has, of shape ()."""
        return [np.asarray(1.0)]

    def edges(self, target: Node, fixed: Collection[Node]) -> Iterator[Edge]:
        """Every edge between the result and the target; none into or through the fixed nodes."""
        tangents, distances = {target: 1.0}, {target: 0}
        for node in reversed(self.nodes):
            used = [(x, slope) for x, slope in self.slopes[node] if x in tangents]
            if node is target or not used:
                continue
            distance = 1 + min(distances[x] for x, _ in used)
            for x, slope in used:
                effect = self.gradients[node] * slope * tangents[x]
                yield Edge(node, distance, (effect,))
            if node not in fixed:
                tangents[node] = sum(slope * tangents[x] for x, slope in used)
                distances[node] = distance


class TensorGraph:
    """All that a Tensor of one number was computed from, with gradients of each one's shape.

    It computes in double precision from what the steps kept, also after a `backward` that was to
    be the last.
    """

    def __init__(self, result: Tensor) -> None:
        root: Node = result._history() or result
        self.nodes = list(order(root))
        self.gradients: dict[Node, np.ndarray] = {root: np.ones(result.shape)}
        self.users: dict[Node, list[Step]] = {}
        with np.errstate(all="ignore"):
            for node in self.nodes:
                for x, part in _pulled(node, self.gradients[node]):
                    self.users.setdefault(x, []).append(node)
                    before = self.gradients.get(x)
                    self.gradients[x] = np.asarray(part if before is None else before + part)

    def find(self, node: Value | Tensor) -> Node:
        """The node, of any shape, in this graph; None if the result was not computed from it."""
        found: Node = (node._history() if isinstance(node, Tensor) else None) or node
        return found if found in self.gradients else None

    def gradient(self, node: Node) -> np.ndarray:
        """The gradient of the result with respect to the node, of the node's shape."""
        return self.gradients[node]

    def size(self, node: Node) -> float:
        """The largest sum of the sizes of what adds up: rounding is a share of that."""
        total = np.zeros(())
        with np.errstate(all="ignore"):
            for user in set(self.users.get(node, ())):
                for g in (self.gradients[user], np.abs(self.gradients[user])):
                    parts = [np.abs(part) for x, part in _pulled(user, g) if x is node]
                    total = total + sum(parts)
        return float(np.max(total, initial=0.0))

    def precision(self, node: Node) -> float:
        """The rounding of its numbers, as a share of each."""
        users = self.users.get(node, ())
        dtypes = [
            d
            for user in users
            for x, d in zip(user._parents, user.dtypes, strict=True)
            if x is node
        ]
        return max((float(np.finfo(dtype).eps) for dtype in dtypes), default=2.0**-52)

    def name(self, node: Node) -> str:
        """What the user calls the node; empty if that is not known."""
        if isinstance(node, Tensor):
            return ""
        return node.label or (node.line.assigned if node.line else "")

    def operation(self, node: Node) -> str:
        """The primitive that made the node; empty for a leaf."""
        return "" if isinstance(node, Tensor) else str(node.primitive.name)

    def line(self, node: Node) -> Line | None:
        """The line of the user's code that made it; None for a leaf."""
        return None if isinstance(node, Tensor) else node.line

    def directions(self, node: Node) -> list[np.ndarray]:
        """Random directions of the node's shape, the same each time."""
        draw = Generator().manual_seed(0)
        shape = self.gradients[node].shape
        return [draw.randn(shape, np.float64) for _ in range(DIRECTIONS)]

    def edges(self, target: Node, fixed: Collection[Node]) -> Iterator[Edge]:
        """Every edge between the result and the target; none into or through the fixed nodes."""
        tangents: dict[Node, list[np.ndarray]] = {target: self.directions(target)}
        distances = {target: 0}
        for node in reversed(self.nodes):
            if node is target or not any(x in tangents for x in node._parents if x is not None):
                continue
            distance = 1 + min(distances[x] for x in node._parents if x in tangents)
            with np.errstate(all="ignore"):
                for x, part in _pulled(node, self.gradients[node]):
                    if x in tangents:
                        effects = tuple(float(np.sum(part * t)) for t in tangents[x])
                        yield Edge(node, distance, effects)
                if node not in fixed:
                    tangents[node] = pushed(node, self.gradients[node], tangents, DIRECTIONS)
                    distances[node] = distance


Graph: TypeAlias = ValueGraph | TensorGraph


def _pulled(node: Node, g: np.ndarray) -> Iterator[tuple[Node, Array]]:
    """What a step hands down to each of its inputs, in double precision."""
    if isinstance(node, Step):
        yield from node.pull(g, dtype=np.dtype(np.float64))


def line_of(given: object) -> Line | None:
    """The line that a Value or a Tensor was computed in last; None of leaves and plain numbers.

    >>> line_of(Value(2.0)), line_of(3.0)
    (None, None)
    """
    if isinstance(given, Value):
        return given._line
    step = given._history() if isinstance(given, Tensor) else None
    return None if step is None else step.line
