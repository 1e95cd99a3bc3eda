"""Where a broadcast lines up the wrong axes: each axis is followed from where it first came.

Broadcasting aligns shapes from the right. If a square matrix (N, N) is divided by the sums of its
rows, (N,), each column is divided by the sum of a row, and no error tells. The axes of a result are
named after the leaves, or the operations, that brought them in; so two axes that meet can be told
apart though they are of the same length.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from . import rules
from .graph import order
from .source_lines import Line
from .tangents import EACH_NUMBER
from .tensor import Tensor
from .tensor.grad_fn import Step

__all__ = ["Crossed", "crossed"]

Axis: TypeAlias = "tuple[int, int] | None"  # who brought it in, and its position there


class Crossed(NamedTuple):
    """A broadcast that lined up axes that do not belong together."""

    kind: str  # "keepdim": an axis of the same tensor; "outer": each with all of the other
    operation: str
    line: Line | None
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    reduced: str  # what reduced the smaller operand, as "sum over axis 1"; empty if nothing did


def crossed(result: Tensor) -> Iterator[Crossed]:
    """Each broadcast in the graph of a Tensor, of any shape, that lined up the wrong axes.

    >>> x = Tensor([[1.0, 3.0], [2.0, 2.0]]).requires_grad_()
    >>> [found.kind for found in crossed(x / x.sum(1))], list(crossed(x / x.sum(0)))
    (['keepdim'], [])
    """
    nodes = list(order(result._history() or result))
    axes: dict[Any, tuple[Axis, ...]] = {}
    for node in reversed(nodes):
        if not isinstance(node, Step):
            continue
        given = [
            _axes_of(axes, x, shape) for x, shape in zip(node._parents, node.shapes, strict=True)
        ]
        if node.primitive in EACH_NUMBER and len(given) == 2 and not _has_constant(node):
            kind = _kind(given, node.shapes)
            if kind and not (kind == "outer" and _is_meant(node)):
                shapes = (node.shapes[0], node.shapes[1])
                yield Crossed(kind, node.primitive.name, node.line, shapes, _reduced(node))
        made = _made(node, given)
        if made is not None:
            axes[node] = made


def _is_meant(step: Step) -> bool:
    """Whether the column was written as one, as `a[:, None]`, to pair it with all of the other."""
    column = step._parents[len(step.shapes[0]) < len(step.shapes[1])]
    return (
        isinstance(column, Step)
        and column.primitive in (rules.reshape, rules.select)
        and len(column.shapes[0]) == 1
    )


def _has_constant(step: Step) -> bool:
    return any(x is None for x in step._parents)


def _axes_of(
    axes: dict[Any, tuple[Axis, ...]], node: object, shape: tuple[int, ...]
) -> tuple[Axis, ...]:
    known = axes.get(node)
    if node is None or known is None or len(known) != len(shape):
        known = tuple((id(node), i) for i in range(len(shape)))
    return tuple(axis if size != 1 else None for axis, size in zip(known, shape, strict=True))


def _made(step: Step, given: list[tuple[Axis, ...]]) -> tuple[Axis, ...] | None:
    """The axes of a result; None where it brings in its own."""
    row, options, first = step.primitive, step.options, given[0]
    if row in EACH_NUMBER:
        most = max(len(axes) for axes in given)
        padded = [(None,) * (most - len(axes)) + axes for axes in given]
        return tuple(
            next((axis for axis in together if axis), None)
            for together in zip(*sorted(padded, key=lambda p: p.count(None)), strict=True)
        )
    if "keepdims" in options:
        gone = _gone(options.get("axis"), len(first))
        if options["keepdims"]:
            return tuple(None if i in gone else axis for i, axis in enumerate(first))
        return tuple(axis for i, axis in enumerate(first) if i not in gone)
    if row is rules.take_along:
        return tuple(a if n != 1 else None for a, n in zip(first, step.shapes[1], strict=True))
    if row.name == "permute":
        return tuple(first[i] for i in options["axes"])
    if row.name == "cast":
        return first
    if row is rules.select:
        return _selected(options["key"], first)
    if row is rules.reshape:
        return _reshaped(step.shapes[0], options["shape"], first)
    return None


def _gone(axis: Any, count: int) -> set[int]:
    if axis is None:
        return set(range(count))
    return {i % count for i in (axis if isinstance(axis, tuple) else (axis,))}


def _selected(key: object, axes: tuple[Axis, ...]) -> tuple[Axis, ...] | None:
    """Of an index of slices, whole numbers, None and `...`; None of others."""
    keys = list(key) if isinstance(key, tuple) else [key]
    if not all(k is None or k is ... or type(k) in (int, slice) for k in keys):
        return None
    taken = sum(k is not None and k is not ... for k in keys)
    rest = [slice(None)] * (len(axes) - taken)
    place = next((i for i, k in enumerate(keys) if k is ...), len(keys))
    keys[place : place + 1] = rest
    left = iter(axes)
    found = [(k, None if k is None else next(left)) for k in keys]
    return tuple(axis for k, axis in found if not isinstance(k, int))


def _reshaped(
    before: tuple[int, ...], after: tuple[int, ...], axes: tuple[Axis, ...]
) -> tuple[Axis, ...] | None:
    """Of a reshape that adds or takes away axes of length 1 alone; None of others."""
    if [n for n in before if n != 1] != [n for n in after if n != 1]:
        return None
    left = iter([axis for axis, n in zip(axes, before, strict=True) if n != 1])
    return tuple(None if n == 1 else next(left) for n in after)


def _kind(given: list[tuple[Axis, ...]], shapes: tuple[tuple[int, ...], ...]) -> str:
    small, large = sorted(range(2), key=lambda i: len(shapes[i]))
    if len(shapes[small]) == len(shapes[large]) or not shapes[small]:
        return ""
    tail = given[large][len(given[large]) - len(given[small]) :]
    for mine, other in zip(given[small], tail, strict=True):
        if mine and other and mine[0] == other[0] and mine[1] != other[1]:
            return "keepdim"
    column = len(shapes[small]) == 1 and shapes[large] == (shapes[small][0], 1)
    other = given[large][0]
    if column and shapes[small][0] > 1 and other and given[small][0] != other:
        return "outer"
    return ""


def _reduced(step: Step) -> str:
    """What made the smaller operand smaller, as a learner would say it."""
    first, second = step.shapes
    small = step._parents[len(first) > len(second)]
    while isinstance(small, Step):
        if "keepdims" in small.options:
            return f"{small.primitive.name} over axis {small.options.get('axis')}"
        small = small._parents[0]
    return ""
