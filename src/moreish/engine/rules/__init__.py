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
from .arithmetic import add, divide, matmul, multiply, negative, subtract
from .elementwise import (
    absolute,
    elu,
    erf,
    exp,
    leaky_relu,
    log,
    power,
    relu,
    sigmoid,
    sign,
    softplus,
    sqrt,
    tanh,
    where,
)
from .fused import affine, cross_entropy, embedding, log_softmax, rows_added, softmax
from .index import put, put_view, scatter, select
from .reduce import largest, sum
from .shape import cast, cat, expand, permute, reshape

TABLE: dict[str, Primitive] = {
    row.name: row
    for group in (arithmetic, elementwise, reduce, shape, index, fused)
    for row in vars(group).values()
    if isinstance(row, Primitive)
}

__all__ = [
    "TABLE",
    "absolute",
    "add",
    "affine",
    "cast",
    "cat",
    "cross_entropy",
    "divide",
    "elu",
    "embedding",
    "erf",
    "exp",
    "expand",
    "largest",
    "leaky_relu",
    "log",
    "log_softmax",
    "matmul",
    "multiply",
    "negative",
    "permute",
    "power",
    "put",
    "put_view",
    "relu",
    "reshape",
    "rows_added",
    "scatter",
    "select",
    "sigmoid",
    "sign",
    "softmax",
    "softplus",
    "sqrt",
    "subtract",
    "sum",
    "tanh",
    "where",
]
