"""The table of derivative rules: every primitive with its gradient, grouped by kind.

Only this package knows derivatives. Each row is a `Primitive`: what it computes, and beside it
the gradient with respect to each input, written with operators and other primitives so that one
rule serves numbers, arrays and Tensors, and the gradient of a gradient costs nothing extra. A
gradient may have the shape of the result: undoing a broadcast is the Tensor's business. What can
be made from other operations has no row; a few fused rows are here for speed, each equal to its
composition. Adding a row never touches the engine.
"""

from ..graph import Primitive
from . import arithmetic, elementwise, fused, index, reduce, shape
from .arithmetic import add, divide, matmul, multiply, negative, power, subtract
from .elementwise import exp, log, relu, sigmoid, tanh
from .fused import affine, cross_entropy, embedding, log_softmax, rows_added, softmax
from .index import scatter, select
from .reduce import sum
from .shape import cat, expand, permute, reshape

TABLE: dict[str, Primitive] = {
    row.name: row
    for group in (arithmetic, elementwise, reduce, shape, index, fused)
    for row in vars(group).values()
    if isinstance(row, Primitive)
}

__all__ = [
    "TABLE",
    "add",
    "affine",
    "cat",
    "cross_entropy",
    "divide",
    "embedding",
    "exp",
    "expand",
    "log",
    "log_softmax",
    "matmul",
    "multiply",
    "negative",
    "permute",
    "power",
    "relu",
    "reshape",
    "rows_added",
    "scatter",
    "select",
    "sigmoid",
    "softmax",
    "subtract",
    "sum",
    "tanh",
]
