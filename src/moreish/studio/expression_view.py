"""What a page shows of an expression: its graph, each step through it, and its leaves.

Every number is the engine's; the graph is laid out by `draw`. It knows no page.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..draw.graphs.graph import LIMIT, MANY, Graph, graph, read
from ..draw.graphs.nodes import shown
from ..engine import Value
from ..engine.checking import NUDGE
from ..engine.graph import no_grad
from ..errors import OptionError
from ..rows import Row
from .backpropagation import KEPT, RIGHT, explained, walk
from .expression_text import ExpressionError
from .expressions import Expression, Leaf

SHORT = 28  # characters of a text that names a node
MOST_LEAVES = 24  # that have a slider
FEW_LEAVES = 8  # of a graph with many nodes
AGREE = 1e-4  # so near are a gradient and a measured slope, relative to the larger
RANGES = (3.0, 6.0, 12.0)  # of a slider, on both sides of 0; and ten times as much, and so on


def expression(
    text: str,
    names: list[str] | None = None,
    numbers: list[float] | None = None,
    seed: int = 1,
    slip: str = RIGHT,
    fold: str | None = None,
) -> Row:
    """The graph of an expression with its steps; `names` are leaves that have other `numbers`.

    `slip` stages a mistake, `fold` is one of the answer's `foldings`. What is wrong with the text
    is answered as `error`, with its place. OptionError for other arguments that can't be.

    >>> answer = expression("a*b + b", ["a"], [3.0])
    >>> answer["result"], [leaf["gradient"] for leaf in answer["leaves"]]
    ('2.0000', ['0.5000', '4.0000'])
    >>> expression("a + cos(b)")["error"]["start"]
    4
    """
    names, numbers = names or [], numbers or []
    if len(names) != len(numbers):
        raise OptionError(f"a number for each of {len(names)} names was wanted, got {len(numbers)}")
    if not all(map(math.isfinite, numbers)):
        raise OptionError("a leaf is a finite number, and one of these is not")
    try:
        given = Expression(text, dict(zip(names, map(float, numbers), strict=True)), seed)
        return _described(given, given.compute(), slip, fold)
    except ExpressionError as error:
        return {"error": {"sentence": f"{error}.", "start": error.start, "end": error.end}}


def _described(given: Expression, root: Value, slip: str, fold: str | None) -> Row:
    nodes = read(root)
    for _ in range(2 if slip == KEPT else 1):
        root.backward()
    picture, remarks = _picture(given, root, len(nodes), fold)
    is_whole = not picture.folded and len(nodes) <= LIMIT
    leaves = given.leaves()
    shown_leaves = leaves[: MOST_LEAVES if len(nodes) <= MANY else FEW_LEAVES]
    if len(shown_leaves) < len(leaves):
        remarks.append(f"The first {len(shown_leaves)} of {len(leaves):,} leaves have a slider.")
    answer: Row = {
        "result": shown(root.data),
        "nodes": len(nodes),
        "remarks": given.remarks + remarks,
        "svg": picture.svg(sentences=False),
        "foldings": picture.foldings,
        "folded": picture.folded,
        "has_networks": bool(given.networks.modules),
        "steps": [],
        "wrong": [],
        "found": "",
    }
    told = {x.value: (x.value.data, x.value.grad) for x in shown_leaves}
    found = None
    if is_whole:
        found = walk(root, nodes, slip, dict(_texts(given)))
        places = {node.number: given.places.get(node.thing) for node in nodes if node.op}
        answer["steps"] = [vars(step) | {"place": places.get(step.node)} for step in found.steps]
        answer["wrong"] = found.wrong
    numbers = {node.thing: node.number for node in nodes if not node.op}
    if found is not None and slip != RIGHT:
        values = [leaf.value for leaf in leaves if leaf.value in numbers]
        answer["found"] = explained(slip, found, given.compute, values, root)
    answer["leaves"] = [  # last, as the leaves are moved
        _leaf(
            leaf, *told[leaf.value], numbers.get(leaf.value, -1), given, found and found.gradients
        )
        for leaf in shown_leaves
    ]
    return answer


def _picture(
    given: Expression, root: Value, count: int, fold: str | None
) -> tuple[Graph, list[str]]:
    """The drawing, and what is to be said of it."""
    modules: list[Any] = given.networks.modules
    if not modules:
        picture = graph(root)
    else:
        model = modules[0] if len(modules) == 1 else modules
        picture = graph(root, model=model, fold="" if count <= LIMIT else None)
        if fold in picture.foldings and fold != picture.folded:
            picture = graph(root, model=model, fold=fold)
    remarks = [picture.about]
    if picture.folded:
        remarks.append(f"Each {picture.folded} is folded to one box.")
    if count > MANY:
        remarks.append("Nodes that were made in the same way are drawn as one.")
    elif count > LIMIT and not picture.folded:
        remarks.append("The picture has the nodes nearest to the result.")
    if count > LIMIT:
        remarks.append(f"Steps are for graphs of at most {LIMIT} nodes.")
    elif picture.folded:
        remarks.append("Fold nothing to step through it.")
    return picture, remarks


def _texts(given: Expression) -> Iterator[tuple[Value, str]]:
    """What each node is in the text, where that is short."""
    for value, (start, end) in given.places.items():
        text = " ".join(given.text[start:end].split())
        if len(text) <= SHORT:
            yield value, text


def _leaf(
    leaf: Leaf, number: float, gradient: float, node: int, given: Expression, staged: Any
) -> Row:
    """A leaf with its gradient, and beside it the slope that is measured."""
    right = _measured(leaf.value, given)
    own = gradient if staged is None else staged.get(leaf.value, 0.0)
    size = max(1.0, abs(own), abs(right or 0.0))
    return {
        "name": leaf.name,
        "node": node,
        "is_parameter": leaf.is_parameter,
        "number": number,
        "most": _range(number),
        "gradient": shown(own),
        "measured": None if right is None else shown(right),
        "agrees": right is not None and abs(own - right) <= AGREE * size,
    }


def _range(number: float) -> float:
    """How far a slider goes on both sides of 0, so that there is room beyond a number."""
    scale = 1.0
    while True:
        for most in RANGES:
            if 1.25 * abs(number) <= most * scale or scale > 1e300:
                return most * scale
        scale *= 10.0


def _measured(value: Value, given: Expression) -> float | None:
    """The slope of the result along a leaf, by a central difference; None where there is none."""
    nudge = NUDGE * max(1.0, abs(value.data))
    ends = []
    for sign in (1, -1):
        with _moved(value, sign * nudge), no_grad():
            try:
                ends.append(given.compute().data)
            except ExpressionError:
                return None
    return (ends[0] - ends[1]) / (2 * nudge)


@contextmanager
def _moved(value: Value, by: float) -> Iterator[None]:
    """A leaf with another number for a while."""
    before = value.data
    value.data = before + by
    try:
        yield
    finally:
        value.data = before
