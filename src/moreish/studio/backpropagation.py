"""Forward and backward through a graph of Values, a node at a time, with a sentence for each step.

- Numbers are the engine's, and so are the local derivatives.
- Two slips can be staged: a gradient that is assigned where it should be added (a forgotten +=),
  and gradients of the pass before that are still there (a forgotten zero_grad).

It knows no text and no page.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import slips
from ..draw.graphs.nodes import CONSTANT, Node, shown
from ..engine import Value
from ..engine.edges import ValueGraph
from ..errors import OptionError
from ..slips import Feedback
from ..text.short_repr import brief

RIGHT, ASSIGNED, KEPT = "right", "assigned", "kept"
SLIPS = (RIGHT, ASSIGNED, KEPT)
TIMES = "\N{MULTIPLICATION SIGN}"
UNNAMED = re.compile(r"#\d+")
WORDS = {"+": "sum", "-": "difference", "*": "product", "/": "quotient"}
WHY = {
    "+": "of a sum it is 1",
    "*": "of a product it is the other factor",
    "exp": "of exp it is the result itself",
    "tanh": "of tanh it is 1 minus the square of the result",
    "ReLU": "of relu it is 1 above 0, and else 0",
    "sigmoid": "of sigmoid it is the result times 1 minus the result",
}
PLAN = {"+": "{} + {}", "-": "{} - {}", "*": f"{{}} {TIMES} {{}}", "/": "{} / {}"}


@dataclass
class Step:
    """What happens at one node: numbers that appear, wires that carry them, and words."""

    __repr__ = brief

    phase: str
    node: int
    say: list[str]
    numbers: list[tuple[int, str, str]] = field(default_factory=list)  # node, "data" or "grad"
    wires: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Walk:
    """All steps, the gradients at the end, and of which nodes they are not those of the engine."""

    steps: list[Step]
    gradients: dict[Value, float]
    wrong: list[int]


def walk(
    root: Value, nodes: list[Node], slip: str = RIGHT, names: Mapping[Value, str] | None = None
) -> Walk:
    """Every step from the leaves to `root` and back; `nodes` are those of a drawing of it.

    `names` are what to call nodes that have no label. OptionError for a slip that there is not.

    >>> from ..draw.graphs.graph import read
    >>> a = Value(3.0, label="a")
    >>> y = a * a
    >>> for step in walk(y, read(y)).steps:
    ...     print(step.phase, step.numbers)
    forward [(1, 'data', '9.0000')]
    backward [(1, 'grad', '1.0000')]
    backward [(0, 'grad', '3.0000'), (0, 'grad', '6.0000')]
    """
    if slip not in SLIPS:
        raise OptionError(f"a slip is one of {', '.join(SLIPS)}; got {slip!r:.40}")
    graph = ValueGraph(root)
    called = _Names(nodes, names or {})
    steps = [_forward(node, called) for node in nodes if node.op]
    back = _Backward(graph, called, slip)
    steps += back.steps()
    wrong = [
        node.number
        for node in nodes
        if node.kind != CONSTANT and back.gradients[node.thing] != graph.gradients[node.thing]
    ]
    return Walk(steps, back.gradients, wrong)


class _Names:
    """What to call the nodes of a drawing."""

    def __init__(self, nodes: list[Node], names: Mapping[Value, str]) -> None:
        self.names = names
        self.nodes = {node.thing: node for node in nodes if node.kind != CONSTANT}

    def number(self, value: Value) -> int:
        """Of its node."""
        return self.nodes[value].number

    def short(self, node: Node) -> str:
        """Its label, its text, or how it was made; "the sum", where its operands have no names."""
        if node.kind == CONSTANT:
            return shown(node.thing)
        made = UNNAMED.sub("…", node.made())
        if all(x.kind != CONSTANT and UNNAMED.fullmatch(x.name) for x in node.inputs):
            made = f"the {_word(node) or node.op}"
        return node.label or self.names.get(node.thing) or made

    def long(self, value: Value) -> str:
        """The same with what it is: "the product a*b"."""
        node = self.nodes[value]
        word, short = _word(node), self.short(node)
        return short if short.startswith("the ") or not word else f"the {word} {short}"


def _word(node: Node) -> str:
    if node.op.startswith("**"):
        return "power"
    return "" if node.op == "-" and len(node.inputs) == 1 else WORDS.get(node.op, "")


def _capital(sentence: str) -> str:
    """A sentence that may begin with a name, which stays as it is."""
    return sentence.replace("the ", "The ", 1) if sentence.startswith("the ") else sentence


def _forward(node: Node, called: _Names) -> Step:
    numbers = [shown(x.thing if x.kind == CONSTANT else x.thing.data) for x in node.inputs]
    result = shown(node.thing.data)
    op = node.op
    if op in PLAN and len(numbers) == 2:
        sum_ = PLAN[op].format(*numbers)
    elif op.startswith("**"):
        sum_ = f"{numbers[0]} ** {numbers[1] if op == '**' else op[2:]}"
    else:
        sum_ = f"{op}{numbers[0]}" if op == "-" else f"{op}({', '.join(numbers)})"
    say = [_capital(f"{called.short(node)} = {sum_} = {result}.")]
    wires = [(x.number, node.number) for x in node.inputs]
    return Step("forward", node.number, say, [(node.number, "data", result)], wires)


class _Backward:
    """A walk back that adds, or stages a slip."""

    def __init__(self, graph: ValueGraph, called: _Names, slip: str) -> None:
        self.graph, self.called, self.slip = graph, called, slip
        self.gradients = dict.fromkeys(graph.nodes, 0.0)
        self.has: set[Value] = set()  # what has been given a gradient
        if slip == KEPT:
            for x in graph.nodes:
                if not graph.slopes[x]:
                    self.gradients[x] = graph.gradients[x]
                    self.has.add(x)

    def steps(self) -> Iterator[Step]:
        """The result's own gradient, then each node hands on."""
        root = self.graph.nodes[0]
        yield self._begin(root)
        for node in self.graph.nodes:
            if self.graph.slopes[node]:
                yield self._handed_on(node)

    def _begin(self, root: Value) -> Step:
        say = ["The gradient of the result with respect to itself is 1."]
        numbers = [
            (self.called.number(x), "grad", shown(g)) for x, g in self.gradients.items() if g
        ]
        if self.slip == KEPT:
            say.insert(
                0, "This is the second backward pass: leaves still have what the first gave."
            )
        self.gradients[root] += 1.0
        numbers.append((self.called.number(root), "grad", shown(self.gradients[root])))
        return Step("backward", self.called.number(root), say, numbers)

    def _handed_on(self, node: Value) -> Step:
        arriving, here = self.gradients[node], self.called.number(node)
        step = Step("backward", here, [])
        for x, slope in self.graph.slopes[node]:
            part, before = slope * arriving, self.gradients[x]
            self.gradients[x] = part if self.slip == ASSIGNED else before + part
            sum_ = f"{shown(slope)} {TIMES} {shown(arriving)} = {shown(part)}"
            name = self.called.short(self.called.nodes[x])
            say = _capital(f"{name} gets {sum_} from {self.called.long(node)}")
            if self.slip == ASSIGNED and x in self.has:
                lost = f"It is assigned, so the {shown(before)} that was there is lost"
                step.say.append(f"{say}. {lost}: {name} has {shown(part)} now.")
            else:
                step.say.append(f"{say}, and has {shown(self.gradients[x])} now.")
            self.has.add(x)
            number = self.called.number(x)
            step.numbers.append((number, "grad", shown(self.gradients[x])))
            step.wires.append((number, here))
        why = WHY.get(self.called.nodes[node].op)
        first = "The first number is the local derivative" + (f": {why}" if why else "")
        whose = self.called.short(self.called.nodes[node])
        step.say.append(f"{first}. The second is the gradient of {whose}.")
        return step


def _without_line(feedback: Feedback) -> str:
    """What a check says, without the line, which is one of ours."""
    said, *line = feedback.sentence.split(", line ")
    return f"{said.removesuffix('.')}." if line else said


def explained(
    slip: str, found: Walk, compute: Callable[[], Value], leaves: list[Value], root: Value
) -> str:
    """What `moreish.slips` says of a staged slip; "" where there is nothing to say."""
    try:
        with np.errstate(all="ignore"):  # gradients may be infinite
            return _told(slip, found, compute, leaves, root)
    except OptionError:
        return ""


def _told(
    slip: str, found: Walk, compute: Callable[[], Value], leaves: list[Value], root: Value
) -> str:
    if slip == ASSIGNED:
        pairs: list[tuple[Any, float]] = [
            (value, gradient) for value, gradient in found.gradients.items() if value is not root
        ]
        return _without_line(slips.gradient(root, pairs)) if pairs else ""
    if slip == KEPT:

        def train() -> None:
            compute().backward()
            for leaf in leaves:
                leaf.data -= 1e-3 * leaf.grad

        return _without_line(slips.step(train, compute, leaves))
    return ""
