"""The nodes of a graph of Tensors: a leaf, or what a step gave.

Reading changes nothing: gradients that Tensors do not keep are computed anew and not added to any.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...engine.graph import order
from ...engine.source_lines import Line
from ...engine.tensor import Tensor
from ...engine.tensor.grad_fn import Step
from .nodes import CONSTANT, INPUT, PARAMETER, RESULT, Node, shown

FEW = 3  # numbers of an array that are shown one by one


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


def nodes_of_tensor(root: Tensor) -> Iterator[Node]:
    """What a Tensor of any shape was computed from, inputs first, itself last."""
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
    _name(list(nodes.values()))
    last = nodes[end]
    last.array = root.detach().numpy()
    last.shape, last.dtype = last.array.shape, last.array.dtype
    _add_gradients(root, nodes)
    yield from nodes.values()


def _name(nodes: list[TensorNode]) -> None:
    """What a line of source assigns is called as there: it is what the line computed last."""
    lines = {node: node.line for node in nodes if node.op}
    last: dict[Any, int] = {}
    for node, line in lines.items():
        if line is not None:
            last[line] = max(node.position, last.get(line, 0))
    inner = {
        x for node in lines for x in node.inputs
        if x.op and (x.code, x.position) == (node.code, node.position)
    }  # fmt: skip
    for node, line in lines.items():
        if line is not None and node.position == last[line] and node not in inner:
            node.label = line.assigned


def _leaf(tensor: Tensor) -> TensorNode:
    node = TensorNode(PARAMETER if tensor.requires_grad else INPUT, tensor)
    node.array = tensor.detach().numpy()
    node.shape, node.dtype = node.array.shape, node.array.dtype
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
            node.gradient = thing.grad.detach().numpy()
            walked = True
    if not walked or root.numel() != 1 or not root.requires_grad:
        return
    try:
        for thing, gradient, _ in root._walk(None, False, only_looks=True):
            if not isinstance(thing, Tensor):
                nodes[thing].gradient = gradient
    except RuntimeError:  # something was changed since; then they are not known
        for thing, node in nodes.items():
            if not isinstance(thing, Tensor):
                node.gradient = None
