"""A computation graph as plain nodes, inputs first: what a drawing reads of Values and Tensors.

A node says what it is and how it was made. Nothing here knows how a node looks, and reading changes
nothing: gradients that Tensors do not keep are computed anew and not added to any.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.graph import order
from ...engine.source_lines import Line
from ...engine.tensor import Tensor
from ...engine.tensor.grad_fn import Step
from ...engine.value import Value

LEAF, PARAMETER, INPUT, CONSTANT = "leaf", "parameter", "input", "number"
RESULT, MANY = "result", "kind"
LONGEST = 24  # characters of a label that are shown
FEW = 3  # numbers of an array that are shown one by one


class Node:
    """Something computed, or something that it was computed from."""

    __slots__ = (
        "code",
        "inputs",
        "kind",
        "label",
        "layer",
        "number",
        "op",
        "part",
        "place",
        "position",
        "thing",
    )

    def __init__(self, kind: str, thing: Any, op: str = "", inputs: "tuple[Node, ...]" = ()):
        self.kind = kind
        self.thing = thing
        self.op = op  # how it was made; "" for what was not
        self.inputs = inputs  # what from, in the order of the operands
        self.label = ""
        self.number = 0  # its place in the list
        self.code: Any = None  # the user's code that made it,
        self.position = 0  # and where in it
        self.layer: Any = None  # the code of the layer of torch.nn that made it, if one did
        self.place: Any = None  # the group that it belongs to
        self.part: Any = None  # the part of the model whose parameter it is

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return shortened(self.label) or f"#{self.number}"

    @property
    def line(self) -> Line | None:
        """The line of the user's code that made it."""
        return None

    @property
    def is_alarming(self) -> bool:
        """Whether its number or its gradient is infinite or none."""
        return False

    def cells(self) -> list[str]:
        """What stands in its box, beside the label."""
        raise NotImplementedError

    def words(self) -> list[str]:
        """Lines that tell all of it."""
        raise NotImplementedError

    def numbers(self) -> tuple[float | None, float | None]:
        """Its number and its gradient, where it is one number."""
        return None, None

    def title(self) -> str:
        """All that can be said of it, a line each."""
        own = self.label or (f"#{self.number}" if self.kind != CONSTANT else "")
        head = " = ".join(text for text in (own, self.made()) if text)
        lines = [head, *self.words(), "" if self.op else self.kind, str(self.line or "")]
        return "\n".join(printable(line) for line in lines if line)

    def made(self) -> str:
        """How it was made, as one would write it: "a * b", "tanh(n)"."""
        if not self.op:
            return ""
        if not self.inputs:
            return f"{self.op} of what is left out"
        names = [n.cells()[0] if n.kind == CONSTANT else n.name for n in self.inputs]
        if self.op.startswith("**") and len(self.op) > 2:
            return f"{names[0]} {self.op[:2]} {self.op[2:]}"
        if not self.op[0].isalpha():
            return f"{names[0]} {self.op} {names[1]}" if len(names) > 1 else f"{self.op}{names[0]}"
        return f"{self.op}({', '.join(names)})"


def read(root: Any) -> list[Node]:
    """All nodes of the graph of a Value or a Tensor, inputs first, `root` last.

    TypeError for anything else.
    """
    if isinstance(root, Value):
        nodes = list(_of_value(root))
    elif isinstance(root, Tensor):
        nodes = list(_of_tensor(root))
    else:
        raise TypeError(
            f"a Value or a Tensor was wanted, to draw what it was computed from; got "
            f"{type(root).__name__}"
        )
    for number, node in enumerate(nodes):
        node.number = number
    return nodes


def depth(nodes: list[Node]) -> int:
    """How many operations the longest path to the last node has."""
    depths = [0] * len(nodes)
    for node in nodes:
        if node.op:
            depths[node.number] = 1 + max((depths[x.number] for x in node.inputs), default=0)
    return max(depths, default=0)


# ---- text


def shown(number: float) -> str:
    """A number in short.

    >>> shown(2.0), shown(-1.5e-7), shown(float("nan"))
    ('2.0000', '-1.500e-07', 'nan')
    """
    if not math.isfinite(number):
        return str(float(number))
    size = abs(number)
    return f"{number:.4f}" if size == 0 or 1e-4 <= size < 1e6 else f"{number:.3e}"


def many(count: int, word: str) -> str:
    """So many of something.

    >>> many(1, "node"), many(2_000, "leaf")
    ('1 node', '2,000 leaves')
    """
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word.removesuffix('f') + 'ves' if word.endswith('f') else word + 's'}"


def printable(text: str) -> str:
    """The text without what has no form on a line: line breaks, control signs, halves of signs."""
    return "".join(
        c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def shortened(text: str, most: int = LONGEST) -> str:
    """Its beginning, if it is long.

    >>> shortened("a label that goes on and on")
    'a label that goes on an…'
    """
    text = printable(str(text))
    return text if len(text) <= most else text[: most - 1] + "…"


# ---- Values


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


def _of_value(root: Value) -> Iterator[Node]:
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


# ---- Tensors


class TensorNode(Node):
    """A leaf, or what a step gave."""

    __slots__ = ("array", "dtype", "gradient", "shape")

    def __init__(self, kind: str, thing: Any, op: str = "", inputs: tuple[Node, ...] = ()) -> None:
        super().__init__(kind, thing, op, inputs)
        self.array: Any = None  # what it holds, where that is known
        self.gradient: Any = None
        self.shape: tuple[int, ...] = ()
        self.dtype: Any = None

    @property
    def line(self) -> Line | None:
        """The line that made it; None for a leaf."""
        return self.thing.line if self.op else None

    @property
    def is_alarming(self) -> bool:
        """Whether something in it, or in its gradient, is not finite."""
        arrays = [np.asarray(a) for a in (self.array, self.gradient) if a is not None]
        return not all(np.isfinite(a).all() for a in arrays)

    def numbers(self) -> tuple[float | None, float | None]:
        """Its number, if it is one, and the length of its gradient."""
        alone = self.array is not None and np.size(self.array) == 1
        data = float(np.asarray(self.array).item()) if alone else None
        return data, None if self.gradient is None else _norm(self.gradient)

    def _kind(self) -> str:
        size = f"({', '.join(map(str, self.shape))})"
        return size if self.dtype is None else f"{size} {self.dtype}"

    def cells(self) -> list[str]:
        """Shape and dtype, what it holds and the length of its gradient, where they are known."""
        if self.kind == CONSTANT:
            return [self._kind() if self.array is None else array_shown(self.array)]
        cells = [self._kind()]
        if self.array is not None:
            cells.append(array_shown(self.array))
        if self.gradient is not None:
            name = "grad" if np.size(self.gradient) == 1 else "|grad|"
            cells.append(f"{name} {shown(_size(self.gradient))}")
        return cells

    def words(self) -> list[str]:
        """The same, with more digits."""
        words = [self._kind()]
        if self.array is not None:
            words.append(array_shown(self.array))
        if self.gradient is not None:
            alone = np.size(self.gradient) == 1
            what = "gradient" if alone else "length (norm) of the gradient:"
            words.append(f"{what} {_size(self.gradient):.9g}")
        return words


def _norm(array: Any) -> float:
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(np.asarray(array, dtype=np.float64)))


def _size(array: Any) -> float:
    return float(np.asarray(array).item()) if np.size(array) == 1 else _norm(array)


def array_shown(array: Any) -> str:
    """What an array holds, in short.

    >>> array_shown(np.array([1.5, 2.0])), array_shown(np.arange(10.0))
    ('[1.5000, 2.0000]', '0.0000 … 9.0000')
    """
    array = np.asarray(array)
    write = (lambda x: shown(float(x))) if array.dtype.kind == "f" else str
    if not array.size:
        return "empty"
    if array.ndim <= 1 and array.size <= FEW:
        numbers = ", ".join(write(x) for x in array.reshape(-1).tolist())
        return f"[{numbers}]" if array.ndim else numbers
    if array.dtype.kind == "b":
        return f"{int(array.sum()):,} of {array.size:,} True"
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return f"{int((~np.isfinite(array)).sum()):,} of {array.size:,} not finite"
    return f"{write(array.min())} … {write(array.max())}"


def _of_tensor(root: Tensor) -> Iterator[Node]:
    end: Any = root._history() or root
    things = list(order(end))
    nodes: dict[Any, TensorNode] = {}
    for thing in reversed(things):
        if isinstance(thing, Tensor):
            node = _leaf(thing)
        else:
            node = TensorNode(RESULT, thing, thing.primitive.name)
            node.code, node.position, node.layer = thing.code, thing.position, thing.layer
            found = []
            for i, parent in enumerate(thing._parents):
                if parent is None:
                    other = _unwanted(thing, i)
                    yield other
                    found.append(other)
                else:
                    _learn(nodes[parent], thing, i)
                    found.append(nodes[parent])
            node.inputs = tuple(found)
            node.array = _fresh(thing, 0)
        nodes[thing] = node
    last = nodes[end]
    last.shape, last.dtype, last.array = tuple(root.shape), root._array.dtype, root._array
    _add_gradients(root, nodes)
    yield from nodes.values()


def _leaf(tensor: Tensor) -> TensorNode:
    node = TensorNode(PARAMETER if tensor.requires_grad else INPUT, tensor)
    node.shape, node.dtype, node.array = tuple(tensor.shape), tensor._array.dtype, tensor._array
    return node


def _unwanted(step: Step, i: int) -> TensorNode:
    """An input that needs no gradient: a step knows its shape, and keeps it only if it must."""
    dtype = step.dtypes[i]
    node = TensorNode(CONSTANT if dtype is None else INPUT, None)
    node.shape, node.dtype, node.array = step.shapes[i], dtype, _fresh(step, i + 1)
    return node


def _learn(node: TensorNode, step: Step, i: int) -> None:
    """What a step knows of its input is more than the input's own step knows of its result."""
    if node.op:
        node.shape, node.dtype = step.shapes[i], step.dtypes[i]
        if node.array is None:
            node.array = _fresh(step, i + 1)


def _fresh(step: Step, i: int) -> Any:
    """What a step kept, unless it was changed since."""
    version = step.versions[i]
    stale = version is not None and version[0].version != version[1]
    return None if stale else step.kept[i]


def _add_gradients(root: Tensor, nodes: dict[Any, TensorNode]) -> None:
    """Of leaves the gradient that they hold; of steps, after a walk back, that of `root`."""
    walked = False
    for thing, node in nodes.items():
        if isinstance(thing, Tensor) and thing.grad is not None:
            node.gradient = thing.grad._array
            walked = True
    if not walked or root._array.size != 1 or not root.requires_grad:
        return
    try:
        for thing, gradient, _ in root._walk(None, False, only_looks=True):
            if not isinstance(thing, Tensor):
                nodes[thing].gradient = gradient
    except RuntimeError:  # something was changed since; then they are not known
        for thing, node in nodes.items():
            if not isinstance(thing, Tensor):
                node.gradient = None
