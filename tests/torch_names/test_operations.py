"""Each operation by one lambda through both libraries: values, dtypes, gradients or errors agree.

`PYTHONPATH=src:tests python tests/torch_names/test_operations.py` counts them: how many agree,
differ, or are absent. `peer_operations.py` beside it counts with the tests of a peer.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch
import moreish.torch.nn.functional
from engine.both import check

Operation = tuple[Callable[..., Any], list[np.ndarray]]


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed + 10).standard_normal(shape)


def functional(t: Any) -> Any:
    return torch.nn.functional if t is torch else moreish.torch.nn.functional


X, Y, ROW, CUBE = drawn(3, 4), drawn(3, 4, seed=1), drawn(4, seed=2), drawn(2, 3, 4, seed=3)
SQUARE, VECTOR = drawn(3, 3, seed=4), drawn(3, seed=5)
SINGLE, POSITIVE = X.astype(np.float32), np.abs(X) + 0.5
ZEROS = np.array([[1.0, 0.0, 2.0, 0.0], [3.0, -1.0, 0.0, 2.0]])
TIES = np.array([[1.0, 2.0, 2.0, 0.0], [3.0, 3.0, 1.0, 3.0]])
ODD = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1.5, -2.5])
WHOLE, OTHER = np.array([[7, -7, 5], [-5, 0, 3]]), np.array([2, -3, 2])
TRUTH = np.array([True, False, True, True])
INDEX = np.array([[0, 1, 0], [2, 2, 2]])
APART = np.array([[0, 1, 2], [2, 0, 1]])
SOURCE, SLICES = drawn(2, 4, seed=6), np.array([2, 0])
EYE = np.eye(2, 4, dtype=np.float32)
EMPTY, NUMBER = np.zeros((0, 3)), np.array(1.5)
BOTH = [(X, Y), (X, ROW), (NUMBER, X), (WHOLE, OTHER), (X, WHOLE[:1, :1]), (ODD, ODD[::-1].copy())]


def pairs(name: str, *, of: list[tuple[Any, Any]] = BOTH) -> list[Operation]:
    """The function and the method, of tensors that broadcast and of a number."""
    return [
        *[(lambda t, a, b: getattr(t, name)(a, b), [*both]) for both in of],
        *[(lambda t, a, b: getattr(a, name)(b), [*both]) for both in of[:1]],
        (lambda t, a: getattr(t, name)(a, 2), [of[0][0]]),
    ]


def each(name: str, *arrays: np.ndarray) -> list[Operation]:
    """The method, or else the function, of one tensor."""
    return [(lambda t, a: method(t, a, name), [a]) for a in arrays]


def method(t: Any, x: Any, name: str) -> Any:
    return getattr(x, name)() if hasattr(x, name) else getattr(t, name)(x)


def along(name: str, *arrays: np.ndarray) -> list[Operation]:
    """Along each of two axes, as function and method."""
    return [
        *[(lambda t, a: tuple(getattr(t, name)(a, 0)), [a]) for a in arrays],
        *[(lambda t, a: tuple(getattr(a, name)(dim=-1)), [a]) for a in arrays],
    ]


def values_of(thing: Any) -> Any:
    return tuple(thing) if isinstance(thing, tuple) else (thing,)


def scattered(name: str, index: np.ndarray = INDEX) -> list[Operation]:
    return [
        (lambda t, x, i, s: getattr(x, name)(0, i, s), [SQUARE, index, SOURCE[:, :3]]),
        (lambda t, x, i, s: getattr(t, name)(x, 1, i, s), [X, index, SOURCE[:, :3]]),
    ]


def reduced(name: str, *arrays: np.ndarray) -> list[Operation]:
    """Of all numbers, along one axis, along one that stays."""
    return [
        *[(lambda t, a: getattr(t, name)(a), [a]) for a in arrays],
        *[(lambda t, a: getattr(a, name)(-1), [a]) for a in arrays],
        *[(lambda t, a: getattr(a, name)(0, keepdim=True), [a]) for a in arrays],
    ]


def of_functional(name: str, *arrays: np.ndarray, **options: Any) -> list[Operation]:
    return [(lambda t, *xs: getattr(functional(t), name)(*xs, **options), list(arrays))]


WHOLES = [(WHOLE, OTHER), (WHOLE, WHOLE)]
REAL = [both for both in BOTH if both[0].dtype.kind == "f"]
OPERATIONS: dict[str, list[Operation]] = {
    **{name: pairs(name) for name in ("add", "sub", "subtract", "mul", "multiply", "div")},
    **{name: pairs(name) for name in ("divide", "true_divide", "remainder", "fmod", "copysign")},
    **{name: pairs(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{name: pairs(name, of=REAL) for name in ("logaddexp", "hypot", "atan2")},
    **{name: pairs(name) for name in ("logical_and", "logical_or", "logical_xor", "maximum")},
    **{
        name: pairs(name, of=WHOLES)
        for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "floor_divide")
    },
    "bitwise_left_shift": [(lambda t, a: t.bitwise_left_shift(a, 2), [WHOLE])],
    "bitwise_right_shift": [(lambda t, a: a.bitwise_right_shift(1), [WHOLE])],
    "bitwise_not": each("bitwise_not", WHOLE, TRUTH),
    "add alpha": [
        (lambda t, a, b: t.add(a, b, alpha=2.5), [X, ROW]),
        (lambda t, a, b: a.sub(b, alpha=2), [WHOLE, OTHER]),
        (lambda t, a, b: a.add(b, alpha=0.5), [WHOLE, OTHER]),
        (lambda t, a: a.sub(3, alpha=2), [X]),
    ],
    "div rounding_mode": [
        (lambda t, a, b, mode=mode: t.div(a, b, rounding_mode=mode), [*both])
        for mode in ("trunc", "floor", None, "other")
        for both in ((X, Y), (WHOLE, OTHER), (ODD, VECTOR[:1]), (WHOLE, np.array(0)))
    ],
    "neg": each("neg", X, WHOLE, TRUTH),
    "negative": each("negative", X, TRUTH),
    "isfinite": each("isfinite", ODD, WHOLE, TRUTH),
    "signbit": each("signbit", ODD, WHOLE, TRUTH),
    "logical_not": each("logical_not", ODD, WHOLE, TRUTH),
    "nan_to_num": [
        *each("nan_to_num", ODD, WHOLE),
        (lambda t, a: t.nan_to_num(a, 1.0, posinf=2.0, neginf=-3.0), [ODD]),
    ],
    "clip": [(lambda t, a: (a.clip(-0.5, 0.5), t.clip(a, min=0)), [X])],
    "lerp": [
        (lambda t, a, b: t.lerp(a, b, 0.25), [X, Y]),
        (lambda t, a, b: a.lerp(b, 0.75), [X, ROW]),
        (lambda t, a, b, w: a.lerp(b, w), [X, Y, ROW]),
        (lambda t, a, b: a.lerp(b, 0.5), [X, SINGLE]),
        (lambda t, a, b: a.lerp(b, 1), [WHOLE, OTHER]),
    ],
    "isclose": [
        (lambda t, a, b: a.isclose(b), [ODD, ODD + 1e-9]),
        (lambda t, a, b: t.isclose(a, b, equal_nan=True), [ODD, ODD]),
        (lambda t, a, b: t.isclose(a, b, rtol=0.5, atol=1), [WHOLE, OTHER]),
        (lambda t, a, b: t.isclose(a, b, rtol=-1), [X, Y]),
        (lambda t, a, b: t.isclose(a, b), [X, SINGLE]),
    ],
    # ---- scans
    **{
        name: [
            *[(lambda t, a, n=name: getattr(t, n)(a, 0), [x]) for x in (X, ZEROS, CUBE, NUMBER)],
            *[(lambda t, a, n=name: getattr(a, n)(dim=1), [x]) for x in (X, ZEROS, CUBE, EMPTY)],
            (lambda t, a, n=name: getattr(a, n)(2), [X]),
        ]
        for name in ("cumprod", "logcumsumexp")
    },
    "cumprod of one number": [(lambda t, a: a.cumprod(0), [np.array([[np.inf, 2.0]])])],
    "cumprod of whole numbers": [
        (lambda t, a: a.cumprod(1), [WHOLE]),
        (lambda t, a: a.cumprod(1, dtype=t.float32), [WHOLE]),
    ],
    "logcumsumexp of large numbers": [
        (lambda t, a: a.logcumsumexp(0), [np.array([0.0, 1000.0, -1000.0, 5.0])]),
        (lambda t, a: a.logcumsumexp(0), [np.array([-np.inf, -np.inf, 1.0])]),
    ],
    **{
        name: along(name, X, TIES, CUBE, ODD, EMPTY, NUMBER, WHOLE) for name in ("cummax", "cummin")
    },
    # ---- reductions
    **{name: reduced(name, X, TIES, CUBE, WHOLE, NUMBER) for name in ("amax", "amin")},
    "amax of several axes": [
        (lambda t, a: (a.amax((0, 2)), a.amin((0, -1), keepdim=True)), [CUBE]),
        (lambda t, a: a.amax(()), [X]),
        (lambda t, a: a.amax(0), [EMPTY]),
        (lambda t, a: a.amax(1), [EMPTY]),
    ],
    "aminmax": [
        (lambda t, a: tuple(t.aminmax(a)), [TIES]),
        (lambda t, a: tuple(a.aminmax(dim=1, keepdim=True)), [X]),
    ],
    "count_nonzero": [
        (lambda t, a: (t.count_nonzero(a), a.count_nonzero(0), a.count_nonzero((0, 1))), [ZEROS])
    ],
    "nansum": reduced("nansum", ODD[:3], X, WHOLE),
    "nanmean": reduced("nanmean", ODD[:3], X),
    "median": [
        *[(lambda t, a: t.median(a), [a]) for a in (X, ROW, ODD, NUMBER, WHOLE)],
        *[(lambda t, a: tuple(a.median(-1)), [a]) for a in (X, CUBE, NUMBER)],
        (lambda t, a: tuple(a.median(0, keepdim=True)), [X]),
        (lambda t, a: a.median(0).values, [ODD]),
    ],
    **{
        name: [
            (lambda t, a, n=name: getattr(t, n)(a), [X]),
            (lambda t, a, n=name: getattr(t, n)(a, 1), [X]),
            (lambda t, a, n=name: getattr(t, n)(a, axis=0, keepdim=True, correction=0), [X]),
            (lambda t, a, n=name: getattr(t, n)(a, False), [X]),
            (lambda t, a, n=name: getattr(t, n)(a, (0, 2), correction=2), [CUBE]),
        ]
        for name in ("std_mean", "var_mean")
    },
    # ---- indices
    "scatter": [
        *scattered("scatter", APART),
        (lambda t, x, i: x.scatter(1, i, 5.0), [X, INDEX]),
        (lambda t, x, i: x.scatter(1, i, value=5), [WHOLE, INDEX]),
        (
            lambda t, x, i, s: x.detach().scatter(0, i, s.detach(), reduce="add"),
            [SQUARE, INDEX, SOURCE],
        ),
        (lambda t, x, i: x.detach().scatter(0, i, 2.0, reduce="multiply"), [SQUARE, INDEX]),
        (lambda t, x, i: t.zeros(3, 4).scatter_(1, i, 1.0), [X, INDEX]),
        (lambda t, x, i: x.scatter(0, i, x.float()), [SQUARE, INDEX]),
        (lambda t, x, i: x.scatter(0, i + 9, 1.0), [SQUARE, INDEX]),
        (lambda t, x, i: x.scatter(2, i, 1.0), [SQUARE, INDEX]),
        (lambda t, x, i: x.scatter(0, i[:, :0], 1.0), [SQUARE, INDEX]),
        (lambda t, x, i: x.scatter(0, i.reshape(-1), 1.0), [SQUARE, INDEX]),
        (lambda t, x, i: (x * 2).scatter_(1, i, 7.0), [X, INDEX]),
    ],
    "scatter_add": [
        *scattered("scatter_add"),
        (lambda t, x, i, s: (x * 1).scatter_add_(0, i, s), [SQUARE, INDEX, SOURCE[:, :3]]),
    ],
    **{
        f"scatter_reduce {reduce}": [
            (
                lambda t, x, i, s, r=reduce, own=own: x.scatter_reduce(
                    0, i, s, r, include_self=own
                ),
                [x, INDEX, s],
            )
            for own in (True, False)
            for x, s in (
                (SQUARE, SOURCE[:, :3]),
                (np.zeros((3, 3)), np.zeros((2, 3))),
                (np.ones((3, 3)), TIES[:, :3]),
                (np.arange(9).reshape(3, 3), WHOLE),
            )
        ]
        for reduce in ("sum", "prod", "mean", "amax", "amin", "other")
    },
    "index_select": [
        (lambda t, x, i: (t.index_select(x, 0, i), x.index_select(1, i)), [X, SLICES]),
        (lambda t, x, i: x.index_select(0, i), [NUMBER, np.array([0])]),
        (lambda t, x, i: x.index_select(0, i + 9), [X, SLICES]),
        (lambda t, x, i: x.index_select(0, -i), [X, SLICES]),
        (lambda t, x, i: x.index_select(0, i), [X, INDEX]),
    ],
    "index_add": [
        (lambda t, x, i, s: x.index_add(0, i, s), [X, SLICES, SOURCE]),
        (lambda t, x, i, s: t.index_add(x, 0, i, s, alpha=2), [X, np.array([1, 1]), SOURCE]),
        (lambda t, x, i, s: x.index_add(0, i, s), [X, np.array([1, 1, 1]), SOURCE]),
    ],
    "index_copy": [(lambda t, x, i, s: x.index_copy(0, i, s), [X, SLICES, SOURCE])],
    "index_fill": [
        (lambda t, x, i: (x.index_fill(0, i, 5.0), t.index_fill(x, 1, i, -1)), [X, SLICES]),
    ],
    "take": [
        (lambda t, x, i: (t.take(x, i), x.take(-i - 1)), [X, INDEX]),
        (lambda t, x, i: x.take(i + 99), [X, INDEX]),
    ],
    "take_along_dim": [
        (lambda t, x, i: x.take_along_dim(i, 0), [X, INDEX[:, :1]]),
        (lambda t, x: t.take_along_dim(x, x.argsort(1), dim=1), [X]),
        (lambda t, x, i: x.take_along_dim(i), [X, INDEX]),
    ],
    "masked_select": [
        (lambda t, x, m: t.masked_select(x, m), [X, TRUTH]),
        (lambda t, x: x.masked_select(x > 0), [X]),
        (lambda t, x: x.masked_select(t.tensor([[True], [False]])), [ROW]),
        (lambda t, x: x.masked_select(x), [X]),
    ],
    "repeat_interleave": [
        (lambda t, x: t.repeat_interleave(x, 2), [X]),
        (lambda t, x: x.repeat_interleave(3, dim=1), [X]),
        (lambda t, x: x.repeat_interleave(0, 0), [X]),
        (lambda t, x, i: x.repeat_interleave(i, 0), [X, np.array([2, 0, 1])]),
        (lambda t, x, i: x.repeat_interleave(i), [X, np.array([2])]),
        (lambda t, x, i: x.repeat_interleave(i, 0, output_size=3), [X, np.array([2, 0, 1])]),
        (lambda t, x, i: x.repeat_interleave(i, 0), [X, np.array([2, -1, 1])]),
        (lambda t, x, i: x.repeat_interleave(i, 0), [X, np.array([2, 1])]),
        (lambda t, x: x.repeat_interleave(-1), [X]),
        (lambda t, i: t.repeat_interleave(i), [np.array([2, 0, 1])]),
    ],
    # ---- views
    "diagonal": [
        (lambda t, x: (t.diagonal(x), x.diagonal(1), x.diagonal(-2), x.diagonal(9)), [X]),
        (lambda t, x: (x.diagonal(0, 1, 2), x.diagonal(1, -1, 0)), [CUBE]),
        (lambda t, x: x.diagonal(0, 1, 1), [X]),
        (lambda t, x: x.diagonal(), [ROW]),
    ],
    "a change through a diagonal": [(lambda t, x: _changed(x, lambda y: y.diagonal()), [X])],
    "a change through windows": [(lambda t, x: _changed(x, lambda y: y.unfold(0, 1, 2)), [X])],
    "diag": [
        (lambda t, x: (t.diag(x), x.diag(2), x.diag(-1)), [X]),
        (lambda t, x: (t.diag(x), x.diag(2), x.diag(-1)), [ROW]),
        (lambda t, x: t.diag(x), [CUBE]),
    ],
    "diag_embed": [
        (lambda t, x: (t.diag_embed(x), x.diag_embed(1), x.diag_embed(-2, 0, 2)), [X]),
    ],
    "trace": [*each("trace", SQUARE, X, ROW, WHOLE)],
    "unfold": [
        (lambda t, x: (x.unfold(0, 2, 1), x.unfold(1, 3, 2), x.unfold(-1, 0, 3)), [X]),
        (lambda t, x: x.unfold(1, 4, 9), [CUBE]),
        (lambda t, x: x.unfold(0, 9, 1), [X]),
        (lambda t, x: x.unfold(0, 1, 0), [X]),
        (lambda t, x: x.unfold(2, 1, 1), [X]),
        (lambda t, x: x.unfold(0, 1, 1), [NUMBER]),
    ],
    "movedim": [
        (lambda t, x: (t.movedim(x, 0, -1), x.movedim((0, 1), (2, 0)), x.movedim(1, 1)), [CUBE]),
        (lambda t, x: x.movedim((0, 1), (2,)), [CUBE]),
        (lambda t, x: x.movedim((0, 0), (2, 1)), [CUBE]),
    ],
    "swapaxes": [(lambda t, x: (t.swapaxes(x, 0, 2), x.swapaxes(-1, 1)), [CUBE])],
    "unflatten": [
        (lambda t, x: (t.unflatten(x, 1, (2, 2)), x.unflatten(-1, (2, -1))), [X]),
        (lambda t, x: x.unflatten(1, (3, 2)), [X]),
        (lambda t, x: x.unflatten(2, (2, 2)), [X]),
    ],
    "ravel": each("ravel", X, CUBE, NUMBER, EMPTY),
    "rot90": [
        (lambda t, x: (t.rot90(x), x.rot90(2), x.rot90(-1), x.rot90(4), x.rot90(1, (1, 0))), [X]),
        (lambda t, x: x.rot90(3, (2, 0)), [CUBE]),
        (lambda t, x: x.rot90(1, (0, 0)), [CUBE]),
    ],
    "fliplr": each("fliplr", X, ROW),
    "flipud": each("flipud", X, NUMBER),
    "tile": [(lambda t, x: (t.tile(x, (2,)), x.tile(2, 1, 3), x.tile((1, 2))), [X])],
    "select": [(lambda t, x: (t.select(x, 0, 1), x.select(-1, -1)), [X])],
    "narrow": [(lambda t, x: (t.narrow(x, 0, 1, 2), x.narrow(-1, 0, 1)), [X])],
    "broadcast_to": [
        (lambda t, x: (t.broadcast_to(x, (2, 4)), x.broadcast_to((3, 4))), [ROW]),
        (lambda t, x: x.broadcast_to((3, 5)), [ROW]),
    ],
    "tensor_split": [
        (lambda t, x: (*t.tensor_split(x, 3, 1), *x.tensor_split(2)), [X]),
        (lambda t, x: x.tensor_split((1, 3), dim=1), [X]),
        (lambda t, x: x.tensor_split(0), [X]),
    ],
    # ---- several tensors
    "broadcast_tensors": [(lambda t, a, b: t.broadcast_tensors(a, b), [X[:, :1], ROW])],
    "meshgrid": [
        (lambda t, a, b: (*t.meshgrid(a, b, indexing="ij"), *t.meshgrid(b, a, indexing="xy")), xy)
        for xy in ([ROW, VECTOR], [NUMBER, ROW])
    ]
    + [(lambda t, a: t.meshgrid(a, indexing="other"), [ROW])],
    **{
        name: [
            (lambda t, a, b, n=name: getattr(t, n)([a, b]), both)
            for both in ([X, Y], [ROW, ROW], [NUMBER, NUMBER], [CUBE, CUBE], [X, VECTOR])
        ]
        for name in ("hstack", "vstack", "dstack")
    },
    # ---- products
    "dot": [
        (lambda t, a, b: (t.dot(a, b), a.dot(b)), [ROW, ROW]),
        (lambda t, a, b: t.dot(a, b), [ROW, VECTOR]),
        (lambda t, a, b: t.dot(a, b), [X, ROW]),
    ],
    "inner": [(lambda t, a, b: (t.inner(a, b), a.inner(a), t.inner(b, b)), [X, ROW])],
    "mv": [(lambda t, a, b: (t.mv(a, b), a.mv(b)), [X, ROW]), (lambda t, a: a.mv(a), [X])],
    "mm": [(lambda t, a, b: (t.mm(a, b), a.mm(b)), [SQUARE, X]), (lambda t, a: a.mm(a), [X])],
    "bmm": [
        (lambda t, a, b: (t.bmm(a, b), a.bmm(b)), [CUBE, drawn(2, 4, 2)]),
        (lambda t, a, b: a.bmm(b), [CUBE, drawn(1, 4, 2)]),
    ],
    "addmm": [
        (lambda t, c, a, b: (t.addmm(c, a, b), c.addmm(a, b, beta=0.5, alpha=2)), [X, SQUARE, Y]),
        (lambda t, c, a, b: t.addmm(c, a, b, beta=0), [ROW, SQUARE, Y]),
    ],
    "baddbmm": [
        (lambda t, c, a, b: t.baddbmm(c, a, b, beta=2), [SQUARE[:, :2], CUBE, drawn(2, 4, 2)])
    ],
    "tensordot": [
        (lambda t, a, b: t.tensordot(a, b, 1), [CUBE, drawn(4, 2)]),
        (lambda t, a, b: t.tensordot(a, b, ([0, 1], [1, 0])), [CUBE, drawn(3, 2)]),
        (lambda t, a, b: t.tensordot(a, b, 0), [ROW, VECTOR]),
        (lambda t, a, b: t.tensordot(a, b), [X, Y]),
        (lambda t, a, b: t.tensordot(a, b, 1), [X, Y]),
    ],
    "kron": [(lambda t, a, b: (t.kron(a, b), b.kron(a)), [X, ROW])],
    # ---- made from nothing
    "logspace": [
        (lambda t: (t.logspace(0, 2, 5), t.logspace(-1, 1, 3, base=2, dtype=t.float64)), [])
    ],
    "linspace of truth values": [(lambda t: t.linspace(0, 1, 2, dtype=t.bool), [])],
    "tril_indices": [(lambda t: (t.tril_indices(3, 4), t.tril_indices(3, 2, -1)), [])],
    "triu_indices": [(lambda t: (t.triu_indices(3, 4), t.triu_indices(3, 2, 1)), [])],
    "randint": [
        (
            lambda t: (
                t.randint(5, size=(9,)),
                t.randint(high=5, size=(2, 2)),
                t.randint(3, 5, (9,)),
            ),
            [],
        )
    ],
    # ---- torch.nn.functional
    **{
        f"F.{name}": [
            *of_functional(name, 4 * X),
            *of_functional(name, np.array([-3.0, 0.0, 3.0, -1.0, 1.0, 6.0, 0.5, -0.5])),
            *of_functional(name, np.array([np.nan, np.inf, -np.inf, -90.0, 90.0])),
        ]
        for name in (
            *("hardtanh", "relu6", "softsign", "mish"),
            *("logsigmoid", "hardshrink", "softshrink", "tanhshrink"),
        )
    },
    **{  # PyTorch rounds their factors to single precision
        f"F.{name}": of_functional(name, (4 * X).astype(np.float32))
        + of_functional(name, np.array([-3.0, 0.0, 3.0, 6.0, 0.5, -90.0], np.float32))
        for name in ("hardsigmoid", "hardswish", "celu")
    },
    "F.threshold": of_functional("threshold", X, threshold=0.1, value=9.0),
    "F.softmin": of_functional("softmin", X, dim=1),
    "F.glu": [*of_functional("glu", X), *of_functional("glu", X, dim=0)],
    "F.celu of alpha": of_functional("celu", SINGLE, alpha=0.3),
    "F.hardtanh of bounds": of_functional("hardtanh", X, min_val=-0.2, max_val=0.7),
    "F.normalize": [
        *of_functional("normalize", X),
        *of_functional("normalize", X, p=1, dim=0),
        *of_functional("normalize", np.zeros((2, 3))),
    ],
    "F.cosine_similarity": [
        *of_functional("cosine_similarity", X, Y),
        *of_functional("cosine_similarity", X, Y, dim=0),
    ],
    "F.pairwise_distance": [
        *of_functional("pairwise_distance", X, Y),
        *of_functional("pairwise_distance", X, Y, p=1, keepdim=True),
    ],
    "F.pad": [
        *of_functional("pad", X, pad=(1, 2)),
        *of_functional("pad", CUBE, pad=(1, -1, 0, 2, -1, 1), value=3.0),
        *of_functional("pad", WHOLE, pad=(1, 0), value=2.7),
        *of_functional("pad", X, pad=(1,)),
        *of_functional("pad", X, pad=(-3, -3)),
        *of_functional("pad", X, pad=(1,) * 6),
        *of_functional("pad", X, pad=(1, 1), mode="other"),
        *[
            operation
            for mode in ("reflect", "replicate", "circular")
            for widths in ((1, 2), (3, 0), (2, 1, 1, 1), (-1, 1), (4, 4), (5, 0))
            for array in (X, CUBE, CUBE[None])
            for operation in of_functional("pad", array, pad=widths, mode=mode)
        ],
    ],
    **{
        f"F.{name}": [
            *of_functional(name, X, Y),
            *of_functional(name, X, Y, reduction="none"),
            *of_functional(name, X, Y, reduction="sum"),
            *of_functional(name, X, Y, reduction="other"),
            *of_functional(name, X, X),
        ]
        for name in ("l1_loss", "smooth_l1_loss", "huber_loss")
    },
    "F.kl_div": [
        *of_functional("kl_div", X, POSITIVE),
        *of_functional("kl_div", ZEROS, np.abs(ZEROS), reduction="batchmean"),
        *of_functional("kl_div", X, Y, reduction="none", log_target=True),
    ],
    "F.binary_cross_entropy": [
        *of_functional("binary_cross_entropy", np.abs(np.tanh(X)), np.abs(np.tanh(Y))),
        *of_functional("binary_cross_entropy", ZEROS > 0.5, np.eye(2, 4)),
        *of_functional("binary_cross_entropy", *(EYE, 1 - EYE), reduction="none"),
        *of_functional("binary_cross_entropy", X, np.abs(np.tanh(Y))),
        *of_functional("binary_cross_entropy", np.eye(2), np.ones((2, 4))),
    ],
    "F.scaled_dot_product_attention": [
        *of_functional("scaled_dot_product_attention", CUBE, CUBE, CUBE),
        *of_functional("scaled_dot_product_attention", CUBE, CUBE, CUBE, is_causal=True),
        *of_functional("scaled_dot_product_attention", CUBE, CUBE, CUBE, scale=0.1),
        *of_functional("scaled_dot_product_attention", CUBE, CUBE, CUBE, SQUARE > 0),
        *of_functional("scaled_dot_product_attention", CUBE, CUBE, CUBE, SQUARE),
        *of_functional("scaled_dot_product_attention", CUBE, CUBE, CUBE, SQUARE > 99),
        *of_functional("scaled_dot_product_attention", CUBE, CUBE, CUBE, SQUARE, is_causal=True),
    ],
}


def _changed(x: Any, view: Callable[[Any], Any]) -> Any:
    y = x * 1
    view(y).mul_(3)
    return y


def compare(function: Callable[..., Any], arrays: list[np.ndarray]) -> None:
    """AssertionError unless both raise, or give the same values and gradients."""
    try:
        function(torch, *[torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays])
    except Exception as error:
        kind = type(error) if type(error) in (IndexError, TypeError, ValueError) else Exception
        with pytest.raises(kind):
            function(
                moreish.torch,
                *[moreish.torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays],
            )
        return
    check(lambda t, *xs: values_of(seeded(t, function, xs)), *arrays)


def seeded(t: Any, function: Callable[..., Any], xs: Any) -> Any:
    t.manual_seed(1)
    return function(t, *xs)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_pytorchs(name: str) -> None:
    for function, arrays in OPERATIONS[name]:
        compare(function, arrays)


def count() -> dict[str, list[str]]:
    """The names of operations that agree, differ, and are absent."""
    found: dict[str, list[str]] = {"agree": [], "differ": [], "absent": []}
    for name, cases in OPERATIONS.items():
        kind = "agree"
        for function, arrays in cases:
            try:
                compare(function, arrays)
            except AttributeError:
                kind = "absent"
            except AssertionError:
                kind = "differ"
        found[kind].append(name)
    return found


if __name__ == "__main__":
    for kind, names in count().items():
        print(f"{len(names)} {kind}" + (f": {', '.join(names)}" if kind != "agree" else ""))
