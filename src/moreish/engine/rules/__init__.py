"""The table of derivative rules: every primitive with its gradient, grouped by kind.

Only this package knows derivatives. Each row is a `Primitive`: what it computes, and beside it
the gradient with respect to each input, written with operators and other primitives so that one
rule serves numbers, arrays and Tensors, and the gradient of a gradient costs nothing extra. A
gradient may have the shape of the result: undoing a broadcast is the Tensor's business. What can
be made from other operations has no row; a few fused rows are here for speed, each equal to its
composition. Adding a row never touches the engine.
"""

import numpy as np

from ..graph import Primitive
from . import (
    along,
    arithmetic,
    elementwise,
    fused,
    index,
    pairs,
    predicates,
    reduce,
    scans,
    shape,
    transcendental,
    windows,
)
from .arithmetic import add, divide, matmul, multiply, negative, subtract
from .elementwise import (
    absolute,
    cos,
    elu,
    erf,
    exp,
    floor_divide,
    leaky_relu,
    log,
    log1p,
    log10,
    maximum,
    minimum,
    power,
    relu,
    remainder,
    root,
    round,
    sigmoid,
    sign,
    sin,
    softplus,
    sqrt,
    tanh,
    where,
)
from .fused import affine, cross_entropy, embedding, log_softmax, rows_added, softmax
from .index import put, put_view, scatter, select
from .reduce import cumsum, largest, mean, norm, prod, smallest, sum
from .shape import cast, cat, expand, flip, permute, reshape
from .transcendental import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    ceil,
    cosh,
    exp2,
    expm1,
    floor,
    log2,
    reciprocal,
    rsqrt,
    sinh,
    tan,
    trunc,
)

GROUPS = (
    *(arithmetic, elementwise, transcendental, pairs, predicates),
    *(reduce, scans, shape, windows, index, along, fused),
)

TABLE: dict[str, Primitive] = {
    row.name: row for group in GROUPS for row in vars(group).values() if isinstance(row, Primitive)
}

# NumPy's functions that have a rule, so that np.tanh(tensor) has a gradient.
OF_UFUNC: dict[np.ufunc, Primitive] = {
    **{row.array: row for row in TABLE.values() if isinstance(row.array, np.ufunc)},
    np.sqrt: sqrt,
    np.log10: log10,
    np.power: power,
    np.remainder: remainder,
    np.floor_divide: floor_divide,
}

__all__ = [
    "OF_UFUNC",
    "TABLE",
    "absolute",
    "acos",
    "acosh",
    "add",
    "affine",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cast",
    "cat",
    "ceil",
    "cos",
    "cosh",
    "cross_entropy",
    "cumsum",
    "divide",
    "elu",
    "embedding",
    "erf",
    "exp",
    "exp2",
    "expand",
    "expm1",
    "flip",
    "floor",
    "floor_divide",
    "largest",
    "leaky_relu",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "norm",
    "permute",
    "power",
    "prod",
    "put",
    "put_view",
    "reciprocal",
    "relu",
    "remainder",
    "reshape",
    "root",
    "round",
    "rows_added",
    "rsqrt",
    "scatter",
    "select",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "smallest",
    "softmax",
    "softplus",
    "sqrt",
    "subtract",
    "sum",
    "tan",
    "tanh",
    "trunc",
    "where",
]
