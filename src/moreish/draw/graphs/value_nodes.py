"""The nodes of a graph of Values, and of the plain numbers that they were computed with."""

import math
from collections.abc import Iterator

from ...engine.graph import order
from ...engine.source_lines import Line
from ...engine.value import Value
from .nodes import CONSTANT, LEAF, RESULT, Node, shown


class ValueNode(Node):
    """A Value."""

    __slots__ = ()

    @property
    def line(self) -> Line | None:
        """The line that made it; None for a leaf."""
        return self.thing._line if self.op else None

    @property
    def is_alarming(self) -> bool:
        """Whether its number or its gradient is not finite."""
        return not all(math.isfinite(x) for x in self.numbers())

    def numbers(self) -> tuple[float, float]:
        """Its number and its gradient."""
        gradient = self.thing.grad
        return self.thing.data, float(getattr(gradient, "data", gradient))

    def cells(self) -> list[str]:
        """Both in short."""
        data, gradient = self.numbers()
        return [f"data {shown(data)}", f"grad {shown(gradient)}"]

    def words(self) -> list[str]:
        """Both in full."""
        data, gradient = self.numbers()
        return [f"data {data!r}", f"grad {gradient!r}"]


class NumberNode(Node):
    """A plain number that a Value was computed with."""

    __slots__ = ()

    def cells(self) -> list[str]:
        """The number."""
        return [shown(self.thing)]

    def words(self) -> list[str]:
        """That it is one."""
        return [f"the plain number {self.thing!r}"]


def nodes_of_value(root: Value) -> Iterator[Node]:
    """What a Value was computed from, inputs first, itself last."""
    nodes: dict[Value, Node] = {}
    for value in reversed(list(order(root))):
        if value._row is None:
            node: Node = ValueNode(LEAF, value)
        else:
            inputs = []
            op = value._op
            for x in (value._a, value._b):
                if type(x) is Value:
                    inputs.append(nodes[x])
                elif x is not None and not (op.startswith("**") and len(op) > 2):
                    constant = NumberNode(CONSTANT, x)
                    yield constant
                    inputs.append(constant)
            node = ValueNode(RESULT, value, op, tuple(inputs))
            node.code, node.position = value._code, value._position
        node.label = value.label
        nodes[value] = node
        yield node
