"""How the result of a step changes, if its inputs change along tangents: a walk forward.

A rule gives the product with the transposed Jacobian alone, as the walk back needs it. For most
rows of the rule table one array call gives the product with the Jacobian itself:

- EACH_NUMBER: the Jacobian is diagonal, and SYMMETRIC, so both products are the same.
- LINEAR: the row itself, of the tangent.
- REDUCING: each number of the input has a part in one number of the result. So the gradient of all
  results together is the Jacobian, and it is added up as the row does.

For all other rows the transposed product is recorded. It is linear in what arrives, so its own
gradient is the product that is wanted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import rules
from .graph import Primitive, _mode
from .rules import along, index, windows
from .tensor import Tensor
from .tensor.arguments import Array
from .tensor.grad_fn import Step

__all__ = ["EACH_NUMBER", "pushed"]

EACH_NUMBER = frozenset(
    row
    for module in (rules.arithmetic, rules.elementwise)
    for row in vars(module).values()
    if isinstance(row, Primitive) and row not in (rules.matmul, rules.reshape)
)
SYMMETRIC = frozenset({rules.softmax})
LINEAR = frozenset(  # in each of their inputs
    {
        *(rules.matmul, rules.reshape, rules.permute, rules.expand, rules.select, rules.flip),
        *(rules.cat, rules.sum, rules.mean, rules.cumsum, rules.embedding, rules.take_along),
        *(rules.put, rules.put_view, rules.scatter, along.spread_along),
        *(index.tril, index.triu, windows.diagonal, windows.put_diagonal, windows.unfold),
    }
)
REDUCING = frozenset({rules.largest, rules.smallest, rules.prod, rules.norm, rules.cross_entropy})
AT_ONCE = EACH_NUMBER | SYMMETRIC | LINEAR | REDUCING | {rules.log_softmax}

Tangents = Mapping[Any, Sequence[np.ndarray]]  # of each input, along each direction


def pushed(step: Step, g: np.ndarray, tangents: Tangents, directions: int) -> list[np.ndarray]:
    """How the result of a step changes along each direction; `g` has the result's shape.

    >>> x = Tensor([0.0, 2.0]).requires_grad_()
    >>> (change,) = pushed((x * x).grad_fn, np.ones(2), {x: [np.array([1.0, 1.0])]}, 1)
    >>> change.tolist()
    [0.0, 4.0]
    """
    if step.primitive not in AT_ONCE:
        return _recorded(step, g, tangents, directions)
    changes = [np.zeros(g.shape) for _ in range(directions)]
    for i, x in enumerate(step._parents):
        for k, tangent in enumerate(tangents.get(x, ()) if x is not None else ()):
            changes[k] += _moved(step, i, tangent, g.shape)
    return changes


def _moved(step: Step, i: int, tangent: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How the result of a step changes along the tangent of its input `i`, in one array call."""
    row = step.primitive
    if row in LINEAR:
        pairs = zip(step.kept[1:], step.shapes, strict=True)  # what is not kept is only added
        inputs = [np.zeros(shape) if kept is None else kept for kept, shape in pairs]
        inputs[i] = tangent
        return np.asarray(row.array(*inputs, **step.options))
    if row is rules.log_softmax:
        axis = step.options.get("axis", -1)
        probabilities = np.exp(np.asarray(step.kept[0], dtype=np.float64))
        return tangent - np.sum(probabilities * tangent, axis=axis, keepdims=True)
    arriving = np.ones(shape) if row in REDUCING else np.broadcast_to(tangent, shape)
    slope = row.gradients[i].of(arriving, step.kept, ((), *step.shapes), step.options)
    if row in REDUCING:
        axis = -1 if row is rules.cross_entropy else step.options.get("axis")
        slope = np.sum(slope * tangent, axis=axis)
    return np.asarray(slope).reshape(shape)


def _recorded(step: Step, g: np.ndarray, tangents: Tangents, directions: int) -> list[np.ndarray]:
    before, _mode.recording = _mode.recording, True
    try:
        arriving = Tensor._of(g.copy())
        arriving.requires_grad = True
        parts = list(step.pull(arriving, _in_double, np.dtype(np.float64)))
        return [_slope(parts, tangents, k, arriving) for k in range(directions)]
    finally:
        _mode.recording = before


def _in_double(array: np.ndarray, _source: object) -> Tensor:
    """What a step kept, as a Tensor: its rules take Tensors of one dtype."""
    return Tensor._of(array.astype(np.float64) if array.dtype.kind == "f" else array)


def _slope(
    parts: Sequence[tuple[Any, Array]], tangents: Tangents, k: int, of: Tensor
) -> np.ndarray:
    total = sum(
        ((Tensor._of(tangents[x][k]) * part).sum() for x, part in parts if x in tangents),
        Tensor._of(np.zeros(())),
    )
    of.grad = None
    if total.requires_grad:
        for node, g, _ in total._walk(None, create_graph=False):
            if node is of:
                return np.asarray(g)
    return np.zeros(of.shape)
