"""Every row of the table against measured slopes and against PyTorch."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from moreish.engine import rules
from moreish.engine.rules.index import ARRAY
from moreish.torch import Tensor, from_numpy, no_grad, tensor

F = torch.nn.functional


def numbers(*shape: int, seed: int = 0, positive: bool = False) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal(shape)
    return np.abs(drawn) + 0.5 if positive else drawn


INTS = np.array([1, 0, 1, 3])
PLACES = np.array([0, 4, 3, 4])  # of 4, where 4 is none of them
CHOICE = numbers(3, 4, seed=5) > 0
# Steps: their slopes are 0.
FLAT = ("sign", "round", "floor", "ceil", "trunc", "rounded_quotient")
VIEWS = [(rules.reshape, {"shape": (2, 2)}), (rules.select, {"key": (slice(None), 0)})]
PUT = {"key": slice(1, 3)}
ALONG = np.array([[0, 1, 0], [3, 3, 3]])
APART = np.array([[0, 1, 2], [3, 1, 0]])


def _folded(g: torch.Tensor) -> torch.Tensor:
    """What the gradient of PyTorch's unfold is, written out."""
    result = torch.zeros(6, 4, dtype=g.dtype)
    for i in range(3):
        result = result.index_add(0, torch.tensor([i, i + 2]), g[..., i])
    return result


# For each row of the table: what PyTorch does, the inputs, and the options on our side.
ROWS: dict[str, list[tuple[Callable, list[np.ndarray], dict]]] = {
    "add": [(torch.add, [numbers(3, 1), numbers(4)], {})],
    "subtract": [(torch.subtract, [numbers(3, 1), numbers(2, 1, 4)], {})],
    "multiply": [(torch.multiply, [numbers(3, 4), numbers(3, 1)], {})],
    "divide": [(torch.divide, [numbers(3, 4), numbers(4, positive=True)], {})],
    "power": [(torch.pow, [numbers(3, 4, positive=True), numbers(4)], {})],
    "remainder": [(torch.remainder, [numbers(3, 4), numbers(4, positive=True)], {})],
    "floor_divide": [],  # a step function, without a gradient in PyTorch: see below
    "maximum": [(torch.maximum, [numbers(3, 1), numbers(4)], {})],
    "minimum": [(torch.minimum, [numbers(3, 1), numbers(4)], {})],
    "negative": [(torch.neg, [numbers(3)], {})],
    "matmul": [
        (torch.matmul, [numbers(*a), numbers(*b)], {})
        for a, b in [
            ((3, 4), (4, 5)),
            ((4,), (4,)),
            ((2, 3, 4), (4,)),
            ((4,), (2, 4, 3)),
            ((2, 3, 4), (4, 5)),
            ((2, 1, 3, 4), (5, 4, 2)),
        ]
    ],
    "exp": [(torch.exp, [numbers(3, 4)], {})],
    "log": [(torch.log, [numbers(3, 4, positive=True)], {})],
    "log10": [(torch.log10, [numbers(3, 4, positive=True)], {})],
    "log1p": [(torch.log1p, [numbers(3, 4, positive=True)], {})],
    "tan": [(torch.tan, [numbers(3, 4)], {})],
    "asin": [(torch.asin, [numbers(3, 4) / 9], {})],
    "acos": [(torch.acos, [numbers(3, 4) / 9], {})],
    "atan": [(torch.atan, [numbers(3, 4)], {})],
    "sinh": [(torch.sinh, [numbers(3, 4)], {})],
    "cosh": [(torch.cosh, [numbers(3, 4)], {})],
    "asinh": [(torch.asinh, [numbers(3, 4)], {})],
    "acosh": [(torch.acosh, [1.5 + numbers(3, 4, positive=True)], {})],
    "atanh": [(torch.atanh, [numbers(3, 4) / 9], {})],
    "exp2": [(torch.exp2, [numbers(3, 4)], {})],
    "expm1": [(torch.expm1, [numbers(3, 4)], {})],
    "log2": [(torch.log2, [numbers(3, 4, positive=True)], {})],
    "rsqrt": [(torch.rsqrt, [numbers(3, 4, positive=True)], {})],
    "reciprocal": [(torch.reciprocal, [numbers(3, 4, positive=True)], {})],
    "floor": [(torch.floor, [3 * numbers(3, 4)], {})],
    "ceil": [(torch.ceil, [3 * numbers(3, 4)], {})],
    "trunc": [(torch.trunc, [3 * numbers(3, 4)], {})],
    "sin": [(torch.sin, [numbers(3, 4)], {})],
    "cos": [(torch.cos, [numbers(3, 4)], {})],
    "round": [(torch.round, [3 * numbers(3, 4)], {})],
    "root": [(torch.sqrt, [numbers(3, 4, positive=True)], {})],
    "tanh": [(torch.tanh, [numbers(3, 4)], {})],
    "sigmoid": [(torch.sigmoid, [numbers(3, 4)], {})],
    "relu": [(torch.relu, [numbers(3, 4)], {})],
    "sqrt": [(torch.sqrt, [numbers(3, 4, positive=True)], {})],
    "sign": [(torch.sign, [numbers(3, 4)], {})],
    "absolute": [(torch.abs, [numbers(3, 4)], {})],
    "erf": [(torch.erf, [numbers(3, 4)], {})],
    "where": [
        (torch.where, [CHOICE, numbers(3, 4), numbers(4)], {}),
    ],
    "choose": [
        (
            lambda a, b, which=which: torch.where(torch.tensor(which), a, b),
            [numbers(3, 4), numbers(4)],
            {"condition": which},
        )
        for which in (True, False)
    ],
    "clamp": [
        (torch.clamp, [numbers(3, 4), numbers(4, seed=1) - 1, numbers(3, 1, seed=2) + 0.5], {}),
        (torch.clamp, [numbers(3, 4), numbers(4, seed=1), numbers(3, 4, seed=2)], {}),
    ],
    "leaky_relu": [(lambda x: F.leaky_relu(x, 0.1), [numbers(3, 4)], {"slope": 0.1})],
    "elu": [(lambda x: F.elu(x, 0.7), [numbers(3, 4)], {"alpha": 0.7})],
    "softplus": [
        (lambda x: F.softplus(x, 2.0, 3.0), [3 * numbers(3, 4)], {"beta": 2.0, "threshold": 3.0})
    ],
    "sum": [
        (lambda x: x.sum(), [numbers(3, 4)], {}),
        (lambda x: x.sum(1), [numbers(3, 4)], {"axis": 1}),
        (lambda x: x.sum((0, 2), True), [numbers(3, 4, 2)], {"axis": (0, -1), "keepdims": True}),
    ],
    "largest": [
        (torch.amax, [numbers(3, 4)], {}),
        (lambda x: x.amax(1), [np.array([[1.0, 2.0, 2.0], [3.0, 0.0, 1.0]])], {"axis": 1}),
        (lambda x: x.amax(0, True), [numbers(3, 4)], {"axis": 0, "keepdims": True}),
    ],
    "smallest": [
        (torch.amin, [numbers(3, 4)], {}),
        (lambda x: x.amin(1), [np.array([[1.0, 2.0, 1.0], [3.0, 0.0, 1.0]])], {"axis": 1}),
    ],
    "mean": [
        (lambda x: x.mean(), [numbers(3, 4)], {}),
        (lambda x: x.mean(1, True), [numbers(3, 4)], {"axis": 1, "keepdims": True}),
    ],
    "norm": [
        (lambda x: x.norm(3), [numbers(3, 4)], {"p": 3.0}),
        (
            lambda x: x.norm(-0.5, 1, True),
            [numbers(3, 4)],
            {"p": -0.5, "axis": 1, "keepdims": True},
        ),
    ],
    "cumsum": [(lambda x: x.cumsum(1), [numbers(3, 4)], {"axis": 1})],
    "prod": [
        (lambda x: x.prod(), [numbers(3, 4, positive=True)], {}),
        (lambda x: x.prod(), [np.array([[1.0, 0.0], [2.0, 3.0]])], {}),
        (lambda x: x.prod(0), [np.array([[1.0, 0.0], [0.0, 0.0], [2.0, 3.0]])], {"axis": 0}),
        (lambda x: x.prod(1, True), [numbers(3, 4, 2)], {"axis": 1, "keepdims": True}),
    ],
    "flip": [(lambda x: x.flip(0, 2), [numbers(3, 4, 2)], {"axes": (0, 2)})],
    "cast": [(lambda x: x.double(), [numbers(3)], {"dtype": np.dtype(np.float64)})],
    "reshape": [(lambda x: x.reshape(2, 6), [numbers(3, 4)], {"shape": (2, 6)})],
    "permute": [(lambda x: x.permute(2, 0, 1), [numbers(3, 4, 2)], {"axes": (2, 0, 1)})],
    "expand": [(lambda x: x.expand(5, 3, 4), [numbers(3, 1)], {"shape": (5, 3, 4)})],
    "cat": [(lambda a, b: torch.cat([a, b], 1), [numbers(3, 2), numbers(3, 4)], {"axis": 1})],
    "select": [
        (lambda x: x[1:, 0], [numbers(3, 4)], {"key": (slice(1, None), 0)}),
        (lambda x, i: x[i], [numbers(4, 2), INTS], {"key": ARRAY}),
        (lambda x, i: x[:, i], [numbers(2, 4), INTS], {"key": (slice(None), ARRAY)}),
        (lambda x, i, j: x[i, j], [numbers(4, 4), INTS, INTS[::-1].copy()], {"key": (ARRAY,) * 2}),
    ],
    "select_by_mask": [(lambda x, m: x[m], [numbers(3, 4), CHOICE], {"key": ARRAY})],
    "tril": [(lambda x: x.tril(1), [numbers(2, 3, 4)], {"diagonal": 1})],
    "triu": [(lambda x: x.triu(-1), [numbers(3, 4)], {"diagonal": -1})],
    "put": [
        (
            lambda x, v, i: torch.index_put(x, (i,), v),
            [numbers(4, 2), numbers(2, 2), np.array([0, 2])],
            {"key": ARRAY},
        ),
        (lambda x, v: torch.slice_scatter(x, v, 0, 1, 3), [numbers(4), numbers(2)], PUT),
    ],
    "put_view": [
        (
            lambda x, v: torch.select_scatter(x.reshape(2, 2), v, 1, 0).reshape(4),
            [numbers(4), numbers(2)],
            {
                "views": [
                    (rules.reshape, {"shape": (2, 2)}),
                    (rules.select, {"key": (slice(None), 0)}),
                ]
            },
        )
    ],
    "scatter": [
        (
            lambda x, i: torch.zeros(5, 2, dtype=x.dtype).index_add(0, i, x),
            [numbers(4, 2), INTS],
            {"key": ARRAY, "shape": (5, 2)},
        ),
        (
            lambda x, i: torch.zeros(2, 5, dtype=x.dtype).index_add(1, i % 5, x),
            [numbers(2, 4), np.array([1, 0, 1, -2])],
            {"key": (slice(None), ARRAY), "shape": (2, 5)},
        ),
    ],
    "rounded_quotient": [
        (
            lambda a, b, mode=mode: torch.div(a, b, rounding_mode=mode),
            [3 * numbers(3, 4), numbers(4, positive=True)],
            {"mode": mode},
        )
        for mode in ("trunc", "floor")
    ],
    "fmod": [(torch.fmod, [3 * numbers(3, 4), numbers(4, positive=True)], {})],
    "binary_cross_entropy": [
        (
            lambda x, y: F.binary_cross_entropy(x, y, reduction="none"),
            [np.abs(np.tanh(numbers(3, 4))), np.abs(np.tanh(numbers(3, 4, seed=1)))],
            {},
        )
    ],
    "logaddexp": [(torch.logaddexp, [numbers(3, 1), numbers(4)], {})],
    "hypot": [(torch.hypot, [numbers(3, 1), numbers(4)], {})],
    "atan2": [(torch.atan2, [numbers(3, 1), numbers(4)], {})],
    "copysign": [(torch.copysign, [numbers(3, 1), numbers(4)], {})],
    "cumprod": [
        (lambda x: x.cumprod(1), [numbers(3, 4)], {"axis": 1}),
        (lambda x: x.cumprod(0), [np.array([[1.0, 0.0], [2.0, 3.0], [0.0, 0.0]])], {"axis": 0}),
    ],
    "logcumsumexp": [(lambda x: x.logcumsumexp(0), [numbers(4, 3)], {"axis": 0})],
    "take_along": [(lambda x, i: x.gather(1, i), [numbers(3, 4), ALONG], {"axis": 1})],
    "spread_along": [
        (
            lambda src, i: torch.zeros(3, 4, dtype=src.dtype).scatter_add(1, i, src),
            [numbers(2, 3), ALONG],
            {"axis": 1, "shape": (3, 4)},
        )
    ],
    "put_along": [
        (
            lambda x, i, src: x.scatter(1, i, src),
            [numbers(3, 4), APART, numbers(2, 3, seed=1)],
            {"axis": 1},
        )
    ],
    **{
        name: [
            (
                lambda x, i, src, reduce=reduce, own=own: x.scatter_reduce(
                    1, i, src, reduce, include_self=own
                ),
                [numbers(3, 4), ALONG, numbers(2, 3, seed=1)],
                {"axis": 1, "include_self": own},
            )
            for own in (True, False)
        ]
        for name, reduce in (
            ("multiply_along", "prod"),
            ("largest_along", "amax"),
            ("smallest_along", "amin"),
        )
    },
    "diagonal": [
        (lambda x: x.diagonal(1, 0, 2), [numbers(3, 2, 4)], {"offset": 1, "axes": (0, 2)})
    ],
    "put_diagonal": [
        (
            lambda x: torch.diag_embed(x, -1),
            [numbers(2, 3)],
            {"offset": -1, "axes": (1, 2), "shape": (2, 4, 4)},
        )
    ],
    "unfold": [(lambda x: x.unfold(0, 3, 2), [numbers(6, 2)], {"axis": 0, "size": 3, "step": 2})],
    "fold": [
        (
            _folded,
            [numbers(2, 4, 3)],
            {"axis": 0, "size": 3, "step": 2, "shape": (6, 4)},
        )
    ],
    "pad": [
        (
            lambda x: F.pad(x, (1, 2, 0, 1), value=5.0),
            [numbers(2, 3)],
            {"widths": ((0, 1), (1, 2)), "value": 5.0},
        )
    ],
    "affine": [
        (lambda x, w, b: x @ w + b, [numbers(*s), numbers(4, 2), numbers(2)], {})
        for s in [(3, 4), (5, 3, 4)]
    ]
    + [(lambda x, w, b: x @ w + b, [numbers(3, 0), numbers(0, 2), numbers(2)], {})],
    **{
        name: [(lambda x, w: x @ w, [numbers(*s), numbers(4, 150)], {}) for s in [(3, 4), (130, 4)]]
        for name in ("wide_matmul", "wide_columns")
    },
    "wide_affine": [
        (lambda x, w, b: x @ w + b, [numbers(*s), numbers(4, 6), numbers(6)], {})
        for s in [(3, 4), (130, 4)]
    ],
    "surplus": [
        (
            lambda y, t, g: (y.exp() - F.one_hot(t, 5)) * g[:, None],
            [numbers(4, 5), INTS, numbers(4)],
            {},
        )
    ],
    "softmax": [(lambda x: torch.softmax(x, -1), [numbers(3, 4)], {})],
    "log_softmax": [(lambda x: torch.log_softmax(x, 0), [numbers(3, 4)], {"axis": 0})],
    "embedding": [(lambda i, t: F.embedding(i, t), [INTS.reshape(2, 2), numbers(5, 3)], {})],
    "rows_added": [
        (
            lambda g, i: torch.zeros(5, 3, dtype=g.dtype).index_add(0, i, g),
            [numbers(4, 3), INTS],
            {"count": 5},
        )
    ],
    "cross_entropy": [
        (
            lambda x, t: F.cross_entropy(x, t, reduction="none"),
            [numbers(4, 5), INTS],
            {},
        ),
        (
            lambda x, t: F.cross_entropy(x, t, reduction="none"),
            [numbers(4, 5), numbers(4, 5, positive=True)],
            {},
        ),
    ],
    "one_less": [(lambda x, i: x - F.one_hot(i, 5), [numbers(4, 5), INTS], {})],
    "blanked": [(lambda x, i: x * (1 - F.one_hot(i, 5)[:, :4]), [numbers(4, 4), PLACES], {})],
    "sampled_cross_entropy": [
        (
            lambda own, others, i: (
                torch.cat([own[:, None], others - 1e9 * F.one_hot(i, 5)[:, :4]], 1).logsumexp(1)
                - own
            ),
            [numbers(4), numbers(4, 4, seed=1), PLACES],
            {},
        )
    ],
}
CASES = [(name, *case) for name, cases in ROWS.items() for case in cases]
BITS = np.array([0, 1, 6, 12])
# The same of the rows that have no gradient.
OTHERS: dict[str, list[tuple[Callable, list[np.ndarray], dict]]] = {
    **{
        name: [(theirs, [INTS, BITS], {}), (theirs, [numbers(3, 1), numbers(4)], {})]
        for name, theirs in {
            "equal": torch.eq,
            "not_equal": torch.ne,
            "less": torch.lt,
            "less_equal": torch.le,
            "greater": torch.gt,
            "greater_equal": torch.ge,
        }.items()
    },
    **{
        name: [(getattr(torch, theirs), [INTS, BITS], {})]
        for name, theirs in {
            "bitwise_and": "bitwise_and",
            "bitwise_or": "bitwise_or",
            "bitwise_xor": "bitwise_xor",
            "left_shift": "bitwise_left_shift",
            "right_shift": "bitwise_right_shift",
        }.items()
    },
    "invert": [(torch.bitwise_not, [BITS], {}), (torch.bitwise_not, [CHOICE], {})],
    **{
        name: [(getattr(torch, name), [np.array([0.0, np.nan, np.inf, -np.inf])], {})]
        for name in ("isnan", "isinf", "isfinite")
    },
    "isclose": [
        (
            lambda a, b: torch.isclose(a, b, 0.1, 0.0, equal_nan=True),
            [np.array([1.0, 1.0, np.nan]), np.array([1.05, 1.2, np.nan])],
            {"rtol": 0.1, "atol": 0.0, "equal_nan": True},
        ),
        (
            lambda a, b: torch.isclose(a, b, 0.1, 1.0),
            [np.array([1, 9, -3]), np.array([2, 7, 3])],
            {"rtol": 0.1, "atol": 1.0, "equal_nan": False},
        ),
    ],
    "signbit": [(torch.signbit, [np.array([1.0, -0.0, -np.inf])], {})],
    **{
        name: [(getattr(torch, name), [np.array([0, 0, 2, 3]), np.array([0.0, 1.0, 0.0, 2.0])], {})]
        for name in ("logical_and", "logical_or", "logical_xor")
    },
    "logical_not": [(torch.logical_not, [INTS], {})],
    **{
        f"{name}_places": [
            (
                lambda x, name=name: getattr(x, name)(0).indices,
                [np.array([1.0, np.nan, 1.0, 0.0])[order]],
                {"axis": 0},
            )
            for order in ([0, 2, 3], [0, 1, 3])
        ]
        for name in ("cummax", "cummin")
    },
    "repeated_places": [(torch.repeat_interleave, [np.array([2, 0, 1])], {})],
    "within": [(lambda x: (x >= 1) & (x < 6), [BITS], {"low": 1, "high": 6})],
    **{
        name: [
            (lambda x, f=theirs: f(x), [INTS > 0], {}),
            (lambda x, f=theirs: f(x, 1, keepdim=True), [CHOICE], {"axis": 1, "keepdims": True}),
        ]
        for name, theirs in {"all": torch.all, "any": torch.any}.items()
    },
    **{
        name: [
            (lambda x, f=theirs: f(x), [numbers(3, 4)], {}),
            (lambda x, f=theirs: f(x, 0), [numbers(3, 4)], {"axis": 0}),
        ]
        for name, theirs in {"argmax": torch.argmax, "argmin": torch.argmin}.items()
    },
    "argsort": [
        (
            lambda x, down=down: torch.argsort(x, stable=True, dim=1, descending=down),
            [np.round(numbers(3, 9))],
            {"axis": 1, "descending": down},
        )
        for down in (False, True)
    ],
    "nonzero": [(torch.nonzero, [CHOICE], {})],
    "one_hot": [(lambda i: F.one_hot(i, 4), [INTS], {"count": 4, "dtype": np.dtype(np.int64)})],
    "bincount": [
        (lambda x: torch.bincount(x, minlength=6), [INTS], {"minlength": 6}),
        (torch.bincount, [INTS, numbers(4)], {"minlength": 0}),
    ],
    "histogram": [
        (
            lambda x, e, w: torch.histogram(x, e, weight=w, density=True).hist,
            [numbers(9), np.array([-1.0, 0.0, 0.5, 2.0]), numbers(9, positive=True)],
            {"density": True},
        )
    ],
    "bits": [(lambda x: x.view(torch.int64), [numbers(3)], {"dtype": np.dtype(np.int64)})],
}
OTHER_CASES = [(name, *case) for name, cases in OTHERS.items() for case in cases]


def test_no_row_is_without_a_test() -> None:
    assert set(ROWS) == {name for name, row in rules.TABLE.items() if row.has_gradient}
    assert set(OTHERS) == {name for name, row in rules.TABLE.items() if not row.has_gradient}
    assert len(CASES) >= 30


@pytest.mark.parametrize(("name", "theirs", "inputs", "options"), OTHER_CASES)
def test_what_has_no_gradient_is_pytorchs_too(
    name: str, theirs: Callable, inputs: list[np.ndarray], options: dict
) -> None:
    ours = [tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    y, z = rules.TABLE[name](*ours, **options), theirs(*map(torch.tensor, inputs))
    assert not y.requires_grad
    assert str(y.dtype) == str(z.dtype)
    np.testing.assert_array_equal(y.numpy(), z.numpy())


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True")
@pytest.mark.parametrize(("name", "theirs", "inputs", "options"), CASES)
def test_value_gradient_and_second_gradient_are_pytorchs(
    name: str, theirs: Callable, inputs: list[np.ndarray], options: dict
) -> None:
    row = rules.TABLE[name]
    ours = [tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    reference = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    y, z = row(*ours, **options), theirs(*reference)
    np.testing.assert_allclose(y.detach().numpy(), z.detach().numpy(), rtol=1e-12, atol=1e-14)
    weights = numbers(*y.shape, seed=7)
    (y * y * tensor(weights)).sum().backward(create_graph=True)
    (z * z * torch.tensor(weights)).sum().backward(create_graph=True)
    wanted = [(a, b) for a, b in zip(ours, reference, strict=True) if b.requires_grad]
    for a, b in wanted:
        np.testing.assert_allclose(
            a.grad.detach().numpy(), b.grad.detach().numpy(), rtol=1e-11, atol=1e-13
        )
    first = [(a.grad, b.grad) for a, b in wanted if b.grad.requires_grad]
    if not first:
        assert name in FLAT  # its slope is 0 whatever comes, so PyTorch stops there
        return
    for a, b in wanted:
        a.grad = b.grad = None
    sum((g * g).sum() for g, _ in first).backward()
    sum((g * g).sum() for _, g in first).backward()
    for a, b in wanted:
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "theirs", "inputs", "options"), CASES)
def test_gradients_are_the_measured_slopes(
    name: str, theirs: Callable, inputs: list[np.ndarray], options: dict
) -> None:
    row = rules.TABLE[name]
    ours = [tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    y = row(*ours, **options)
    weights = numbers(*y.shape, seed=8)
    (y * tensor(weights)).sum().backward()
    checked = 0
    for which, x in enumerate(inputs):
        if x.dtype.kind != "f":
            continue
        direction = numbers(*x.shape, seed=9)
        ends = []
        for sign in (-1, 1):
            moved = [*inputs]
            moved[which] = x + sign * 1e-6 * direction
            ends.append(float((row(*moved, **options) * weights).sum()))
        measured = (ends[1] - ends[0]) / 2e-6
        assert float((ours[which].grad.numpy() * direction).sum()) == pytest.approx(
            measured, rel=1e-6, abs=1e-8
        )
        checked += 1
    assert checked


def test_a_step_function_has_no_gradient_in_either_library() -> None:
    for make in (torch.tensor, tensor):
        y = make([5.0], requires_grad=True) // 2
        assert y.requires_grad
        with pytest.raises(RuntimeError, match="not implemented"):
            y.backward()


def test_a_wrong_rule_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = rules.tanh.gradients[0].function
    monkeypatch.setattr(
        rules.tanh.gradients[0], "function", lambda g, y, x: right(g, y, x) * 1.0005
    )
    with pytest.raises(AssertionError):
        test_gradients_are_the_measured_slopes("tanh", torch.tanh, [numbers(3, 4)], {})


@settings(deadline=None)
@given(st.integers(0, 3), st.integers(0, 3), st.booleans(), st.booleans())
def test_broadcasts_also_of_empty_arrays(rows: int, columns: int, flat: bool, tall: bool) -> None:
    a, b = numbers(rows, 1 if flat else columns), numbers(*([1] if tall else []), columns)
    ours = [tensor(x, requires_grad=True) for x in (a, b)]
    theirs = [torch.tensor(x, requires_grad=True) for x in (a, b)]
    (ours[0] * ours[1] + ours[0]).sum().backward()
    (theirs[0] * theirs[1] + theirs[0]).sum().backward()
    for x, z in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(x.grad.numpy(), z.grad.numpy(), rtol=1e-12)


class TestTheWalk:
    def test_a_second_walk_adds_the_same_again(self) -> None:
        x = tensor([1.0, 2.0], requires_grad=True)
        y = (x * x).exp().sum()
        y.backward(retain_graph=True)
        once = x.grad.numpy().copy()
        y.backward()
        assert (x.grad.numpy() == 2 * once).all()

    def test_gradients_of_two_leaves_are_two_arrays(self) -> None:
        a, b = tensor([1.0], requires_grad=True), tensor([1.0], requires_grad=True)
        (a + b).sum().backward()
        a.grad[0] = 5.0
        assert b.grad.item() == 1.0

    @pytest.mark.long
    def test_a_chain_of_a_hundred_thousand(self) -> None:
        x = tensor(1.0, requires_grad=True)
        y = x
        for _ in range(100_000):
            y = y + 1.0
        y.backward()
        assert x.grad.item() == 1.0

    def test_nothing_is_remembered_inside_no_grad(self) -> None:
        x = tensor(1.0, requires_grad=True)

        @no_grad()
        def twice(t: Tensor) -> Tensor:
            return t * 2

        assert not twice(x).requires_grad
        assert (x * 2).requires_grad

    def test_what_was_changed_after_it_was_used_is_noticed(self) -> None:
        for lib in (torch, None):
            make = torch.tensor if lib else tensor
            w, x = make([2.0], requires_grad=True), make([3.0])
            y = w * x
            x[0] = 7.0
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                y.sum().backward()

    def test_what_was_changed_but_not_needed_does_not_matter(self) -> None:
        w, x = tensor([2.0], requires_grad=True), tensor([3.0])
        y = w + x
        x[0] = 7.0
        y.sum().backward()
        assert w.grad.item() == 1.0

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            (lambda lib: lib.tensor([1.0]).sum().backward(), "does not require grad"),
            (lambda lib: (lib.tensor([1.0, 2.0], requires_grad=True) * 2).backward(), "scalar"),
            (lambda lib: lib.tensor([1], requires_grad=True), "floating point"),
            (lambda lib: lib.tensor([1.0, 2.0]).item(), "Scalar"),
            (lambda lib: lib.tensor([1.0], requires_grad=True).numpy(), "detach"),
            (lambda lib: lib.tensor([1.0], requires_grad=True).__iadd__(1), "in-place operation"),
        ],
    )
    def test_mistakes_are_pytorchs_errors(self, wrong: Callable, words: str) -> None:
        import moreish.torch

        for lib in (torch, moreish.torch):
            with pytest.raises(RuntimeError, match=words):
                wrong(lib)


def test_a_large_table_of_embeddings_adds_up_as_a_small_one() -> None:
    indices = np.random.default_rng(0).integers(0, 9_000, 1_000)
    g = numbers(1_000, 3)
    large = rules.rows_added(g, indices, count=9_000)
    small = np.zeros((9_000, 3))
    np.add.at(small, indices, g)
    np.testing.assert_allclose(large, small, rtol=1e-12, atol=1e-14)


def test_from_numpy_shares_memory() -> None:
    array = np.zeros(2)
    from_numpy(array)[0] = 3.0
    assert array[0] == 3.0
