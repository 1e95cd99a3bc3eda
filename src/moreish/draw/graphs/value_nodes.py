"""The nodes of a graph of Values, and of the plain numbers that they were computed with.

A learner's own class of Values is read as micrograd's: `data`, `grad`, `_prev` and `_op`.
"""

import math
from collections.abc import Iterator
from typing import Any

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


class OwnNode(ValueNode):
    """A Value of a class that a learner wrote."""

    __slots__ = ()

    @property
    def line(self) -> Line | None:
        """Not known."""
        return None

    def numbers(self) -> tuple[float, float]:
        """Its number and its gradient, which is 0 if it is None.

        TypeError if one of them is no number.
        """
        return _number(self.thing.data, "data"), _number(self.thing.grad, "grad")


def _number(given: Any, what: str) -> float:
    if given is None and what == "grad":  # as before the first backward()
        return 0.0
    try:
        return float(given)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"the {what} of a Value is one number, to draw it; got {type(given).__name__}"
        ) from None


def is_own_value(thing: Any) -> bool:
    """Whether it has what micrograd's Values have."""
    return all(hasattr(thing, name) for name in ("data", "grad", "_prev", "_op"))


def nodes_of_own_value(root: Any) -> Iterator[Node]:
    """What such a Value was computed from, inputs first, itself last.

    The operands of a set, as micrograd's `_prev`, come by their labels and numbers. ValueError for
    a Value that was computed from itself, TypeError where `_prev` holds anything but such Values,
    and for a `data` or `grad` that is no number.
    """
    nodes: dict[int, OwnNode | None] = {}
    waiting = [(root, False)]
    while waiting:
        value, is_ready = waiting.pop()
        operands = _operands(value)
        if not is_ready:
            if id(value) not in nodes:
                nodes[id(value)] = None
                waiting += [(value, True), *((x, False) for x in reversed(operands))]
            elif nodes[id(value)] is None:
                raise ValueError(f"the Value of data {value.data} was computed from itself")
            continue
        inputs = tuple(node for x in operands if (node := nodes[id(x)]) is not None)
        node = OwnNode(
            RESULT if operands else LEAF, value, str(value._op) if operands else "", inputs
        )
        node.label = _label(value)
        node.numbers()  # refused here, if they are none
        nodes[id(value)] = node
        yield node


def _label(value: Any) -> str:
    return str(getattr(value, "label", None) or "")


def _operands(value: Any) -> list[Any]:
    operands = list(value._prev or ())
    for x in operands:
        if not is_own_value(x):
            raise TypeError(
                f"_prev holds the Values that this one was computed from; it holds "
                f"{type(x).__name__} {x!r:.40}"
            )
    if isinstance(value._prev, (set, frozenset)):
        operands.sort(key=lambda x: (_label(x), _number(x.data, "data")))
        if len(operands) == 1 and value._op in ("+", "*"):  # a + a: a set holds it once
            operands *= 2
    return operands
