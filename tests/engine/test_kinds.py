"""Kinds of input that once came out otherwise than in PyTorch, each with its neighbours.

Every line runs through both libraries: both raise, or value, dtype, shape, strides and gradient
agree. What is drawn at random is in test_fuzz.py; these were reported, and stay.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch
import moreish.torch.nn.functional
from engine.fuzz_compare import run
from engine.fuzz_draws import Case, Given

INF, NAN = float("inf"), float("nan")
CUBE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
LOGITS = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], dtype=np.float32)
LOWEST = -(2**63)


def f(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float32)


def same(function: Callable[..., Any], *arrays: np.ndarray, exact: bool = True) -> None:
    inputs = [Given(np.asarray(a), grad=np.asarray(a).dtype.kind == "f") for a in arrays]
    run(Case(function, inputs, "kind", exact=exact, roundings=32, degree=2))


def functional(t: Any) -> Any:
    return torch.nn.functional if t is torch else moreish.torch.nn.functional


ORDERED = [
    np.array([LOWEST, 5]),
    np.array([5, LOWEST, LOWEST]),
    np.array([-128, 5, 127], dtype=np.int8),
    np.array([0, 255, 3], dtype=np.uint8),
    np.array([True, False, True]),
    f(1, NAN, -INF),
    f(NAN, NAN, 2),
    f(3),
    np.array(2.0, dtype=np.float32),
]


@pytest.mark.parametrize("number", range(len(ORDERED)))
def test_order_does_not_go_by_negation(number: int) -> None:
    x = ORDERED[number]
    same(lambda t, x: (x.min(), x.max()), x)
    same(lambda t, x: (*x.min(0), *x.max(0)), x)
    same(lambda t, x: x.sort(dim=0, descending=True, stable=True), x)
    same(lambda t, x: x.argsort(dim=0, descending=True, stable=True), x)
    if x.dtype != bool:
        same(lambda t, x: (x.topk(1), x.topk(1, largest=False)), x)
        same(lambda t, x: (x.argmax(), x.argmin(0)), x)


CUMULATED = [f(1, NAN, 2), f(INF, -INF), np.array([True, True]), np.array([1, 2], dtype=np.int32)]


@pytest.mark.parametrize("x", [*CUMULATED, np.array(3, dtype=np.uint8), np.zeros((2, 0, 3))])
def test_cumsum(x: np.ndarray) -> None:
    for dim in (0, -1, 1):
        same(lambda t, x, dim=dim: x.cumsum(dim), x)
    same(lambda t, x: x.cumsum(0, dtype=t.float64), x)


PAIRS = [
    (np.array([1]), np.array([1])),
    (np.array([2**53 + 1]), np.array([2**53 + 1])),
    (np.array([True, False, True]), np.array([True, True, False])),
    (f(NAN, 1, NAN), f(1, NAN, NAN)),
    (f(3e38, -INF), f(3e38, INF)),
    (np.array([1, 7]), f(1.5)),
    (np.array([1], dtype=np.int8), np.array([200], dtype=np.uint8)),
]


@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_maximum_and_minimum(number: int) -> None:
    same(lambda t, x, y: (t.maximum(x, y), t.minimum(x, y), t.max(x, y), x.min(y)), *PAIRS[number])


EDGES: list[tuple[Callable[..., Any], np.ndarray]] = [
    (lambda t, x: x.std(1), np.full((2, 3), 2.0, np.float32)),
    (lambda t, x: x.std(1, keepdim=True), np.full((2, 3), 2.0, np.float32)),
    (lambda t, x: (x.std(0, correction=0), x.var(0, correction=0)), np.ones((1, 3), np.float32)),
    (lambda t, x: (x.std(), x.var()), f(1)),
    (lambda t, x: x.norm(), np.zeros(3, np.float32)),
    (lambda t, x: (x.norm(1), x.norm(INF), x.norm(3), x.norm(0), x.norm(-1)), f(0, 0, 2)),
    (lambda t, x: (x.max(), x.min(), *x.max(0)), f(1, NAN, 2)),
    (lambda t, x: (x.clamp(0, 1), x.clamp(min=1), x.clamp(max=1), x.clamp(2, 1)), f(NAN, 0, 1, 5)),
    (lambda t, x: x.clamp(0, NAN), f(1, 2)),
    (lambda t, x: t.tensor(0.0) ** x, f(-1, 0, 1, 2)),
    (lambda t, x: t.tensor([0.0, -1.0, 2.0]) ** x, f(-1, 0.5, NAN)),
    (lambda t, x: (x**0, x**-1, x**2), f(0, 1, INF)),
    (lambda t, x: x.prod(), f(0, 2, 3)),
    (lambda t, x: x.prod(), f(0, 2, 0)),
    (lambda t, x: x.prod(), f(0, INF, 0)),
    (lambda t, x: (x**0.5, x**-0.5, x**1.5), f(-0.0, 0, -INF, INF, -2)),
    (lambda t, x: (x**0.5, x**-0.5, x**1.5), f(-0.0, 0, -INF, INF, -2).astype(np.float16)),
    (lambda t, x: (x.sum(dtype=t.int64), x.cumsum(0, dtype=t.int8)), f(2.5, -1.75, 0.9)),
    (lambda t, x: x ** t.tensor(1.5), f(-0.0, 0, -INF, INF, -2)),
    (lambda t, x: x ** t.tensor([0.5]), f(-0.0, 0, -INF, INF, -2)),
    (lambda t, x: t.tensor([1.0, 0.0, -1.0, 1.0]) % x, f(0, 0, INF, -0.0)),
    (lambda t, x: t.tensor(1) % x, f(0, 3, -2)),
    (lambda t, x: x.abs().sqrt(), f(0, 1)),
    (lambda t, x: (x.logsumexp(0), x.softmax(0)), f(-INF, -INF)),
]


@pytest.mark.parametrize("number", range(len(EDGES)))
def test_gradients_at_the_edge(number: int) -> None:
    same(*EDGES[number], exact=False)


WEIGHTS = [None, f(1, 2, 0.5), f(0, 0, 1), f(0, 0, 0)]
TARGETS = [np.array(t) for t in ([-100, -100], [0, -100], [-100, 2], [1, 0])]


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_of_what_is_ignored(weight: Any, smoothing: float) -> None:
    for target in TARGETS:
        for reduction in ("mean", "sum", "none"):
            options = {"reduction": reduction, "label_smoothing": smoothing}
            same(lambda t, x, y: _losses(t, x, y, weight, options), LOGITS, target, exact=False)  # noqa: B023


def _losses(t: Any, x: Any, y: Any, weight: Any, options: dict[str, Any]) -> Any:
    """Of two examples, of one, and of examples with an axis more."""
    own = None if weight is None else t.tensor(weight)
    cross_entropy = functional(t).cross_entropy
    return (
        cross_entropy(x, y, own, **options),
        cross_entropy(x[0], y[0], own, **options),
        cross_entropy(t.stack([x, x], 2), t.stack([y, y], 1), own, **options),
    )


MEMORY: list[Callable[[Any], Any]] = [
    lambda t: t.arange(6).view(2, 3).t().contiguous().view(6),
    lambda t: t.arange(6).view(2, 3).t().contiguous().stride(),
    lambda t: t.arange(6).view(2, 3).t().contiguous().is_contiguous(),
    lambda t: t.arange(24).view(2, 3, 4).permute(2, 0, 1).contiguous().stride(),
    lambda t: t.arange(6)[::2].contiguous().stride(),
    lambda t: t.zeros(3, 1).expand(3, 4).contiguous().stride(),
    lambda t: t.arange(6).view(2, 3).t().view(6),
    lambda t: t.zeros(0, 3).t().contiguous().view(0),
    lambda t: t.tensor([1.0, 2.0]).view(t.int32),
    lambda t: t.tensor([1, 2]).view(t.int32).view(t.int64),
    lambda t: t.tensor([[1, 2, 3]], dtype=t.int32).view(t.int64),
    lambda t: t.tensor(1.0).view(t.int64),
]


@pytest.mark.parametrize("number", range(len(MEMORY)))
def test_memory(number: int) -> None:
    same(MEMORY[number])


EMPTY: list[Callable[[Any], Any]] = [
    lambda t: t.zeros(0, 27).softmax(0),
    lambda t: t.zeros(0, 27).log_softmax(1),
    lambda t: t.zeros(0).argmax(),
    lambda t: t.zeros(2, 0).argmax(0),
    lambda t: t.zeros(2, 0).argmax(1),
    lambda t: t.zeros(2, 0).min(0),
    lambda t: t.zeros(2, 0).max(1),
    lambda t: t.zeros(0).max(),
    lambda t: t.zeros(0).sum(0),
    lambda t: t.zeros(0).prod(),
    lambda t: t.zeros(0).logsumexp(0),
    lambda t: t.zeros(0).norm(INF),
    lambda t: t.tensor(3.0).sort(),
    lambda t: t.tensor(3.0).argsort(),
    lambda t: t.tensor(3.0).argmax(0),
    lambda t: t.tensor(3.0).max(0),
    lambda t: t.tensor(3.0).unbind(),
    lambda t: t.tensor(3.0).topk(1),
    lambda t: t.tensor(3.0).squeeze(0),
    lambda t: t.tensor(3.0).squeeze(1),
    lambda t: t.zeros(1, 2, 1).squeeze((0, 2)),
    lambda t: t.zeros(1, 2, 1).squeeze((0, 0)),
    lambda t: t.zeros(1, 2).squeeze(1.0),
    lambda t: t.zeros(2, 3)[0:0].reshape(-1, 3),
    lambda t: t.zeros(2, 0).reshape(-1, 0),
    lambda t: t.zeros(0).gather(0, t.zeros(0, dtype=t.int64)),
]


@pytest.mark.parametrize("number", range(len(EMPTY)))
def test_empty_tensors_and_single_numbers(number: int) -> None:
    same(EMPTY[number], exact=False)


def _graded(t: Any, grad: Callable[[Any], Any]) -> Any:
    x = t.zeros(3, requires_grad=True)
    x.grad = grad(t)
    return x.grad


def _twice(retain: bool | None, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def function(t: Any) -> Any:
        x = t.ones(2, requires_grad=True)
        y = step(x).sum()
        y.backward(retain_graph=retain)
        y.backward()
        return x.grad

    return function


REFUSED: list[Callable[[Any], Any]] = [
    lambda t: functional(t).cross_entropy(t.zeros(2, 3), t.tensor([0, 1]), label_smoothing=1.5),
    lambda t: functional(t).cross_entropy(t.zeros(2, 3), t.tensor([0, 1]), t.ones(2)),
    lambda t: functional(t).nll_loss(t.zeros(2, 3), t.tensor([0, 1]), t.ones(4)),
    lambda t: functional(t).cross_entropy(t.zeros(2, 3), t.zeros(2, 3), ignore_index=1),
    lambda t: functional(t).batch_norm(t.zeros(2, 3), None, None),
    lambda t: functional(t).batch_norm(t.zeros(2, 3), t.zeros(3), None),
    lambda t: functional(t).layer_norm(t.zeros(2, 3), (3,), t.ones(1)),
    lambda t: functional(t).linear(t.zeros(2, 3), t.zeros(4, 3), t.zeros(5)),
    lambda t: functional(t).embedding(t.tensor([0]), t.zeros(3)),
    lambda t: functional(t).relu(1.0),
    lambda t: functional(t).elu(t.tensor([1])),
    lambda t: _graded(t, lambda t: t.zeros(4)),
    lambda t: _graded(t, lambda t: t.zeros(3, dtype=t.float64)),
    lambda t: _graded(t, lambda t: 1.0),
    lambda t: _graded(t, lambda t: t.zeros(3)),
    lambda t: _graded(t, lambda t: None),
    lambda t: t.zeros(3).clamp(),
    lambda t: t.linspace(0, 1, 2.0),
    lambda t: t.linspace("a", 1, 2),
    lambda t: t.linspace(0, 1),
    lambda t: t.linspace(0, 1, True),
    lambda t: t.linspace(None, 1, 2),
    lambda t: t.zeros(2.0),
    lambda t: t.zeros(-1),
    lambda t: t.zeros(True),
    lambda t: t.eye(-1),
    lambda t: t.full(2, 1),
    lambda t: t.full((2,), 300, dtype=t.uint8),
    lambda t: t.tensor(300, dtype=t.uint8),
    lambda t: t.tensor([NAN], dtype=t.int64),
    lambda t: t.zeros(2).sum(True),
    lambda t: t.zeros(2, 2).sum((0, 0)),
    lambda t: t.zeros(2, 2).argmax((0,)),
    lambda t: t.zeros(2, 2).gather(0, t.tensor([[-1]])),
    lambda t: t.zeros(2, 2).gather(0, t.tensor([0])),
    lambda t: t.zeros(2).allclose(t.zeros(2, dtype=t.float64)),
    lambda t: t.zeros(2).to("nowhere"),
    lambda t: t.zeros(2, 2, 2).t(),
    lambda t: t.zeros(3).tril(),
    lambda t: t.zeros(3).flip(),
    lambda t: t.zeros(3).to("float64"),
    lambda t: t.zeros(3, dtype="float64"),
    lambda t: t.zeros_like(t.zeros(3), dtype="float64"),
    lambda t: t.tensor([1], dtype="float64"),
    lambda t: t.as_tensor(np.zeros(2), dtype="float32"),
    lambda t: t.zeros(3).sum(dtype="float64"),
    lambda t: t.from_numpy(np.arange(3)[::-1]),
    lambda t: t.tensor(np.arange(3)[::-1]),
    lambda t: t.as_tensor(np.zeros((2, 3))[:, ::-1]),
    lambda t: t.tensor([2**63]),
    lambda t: t.tensor(2**63),
    lambda t: t.tensor([-(2**63) - 1]),
    *[lambda t, p=p: t.zeros(0).norm(p) for p in (-1, -2.5, INF, -INF)],
    lambda t: t.zeros(2).__setitem__([0], t.tensor(1.0, dtype=t.float64)),
    lambda t: t.zeros(2).__setitem__((slice(None), False), t.tensor(1)),
    lambda t: t.zeros(2).__setitem__(t.tensor([True, True]), t.tensor([1, 2])),
    lambda t: t.rand(-1),
    lambda t: t.tensor(None, dtype=t.float32),
    lambda t: t.as_tensor([1.0, None], dtype=t.float32),
    lambda t: t.zeros(0, 1).expand(1, 0),
    lambda t: t.zeros(0, 1).expand(1, 0, 0),
    lambda t: t.zeros(2, 1).expand(1, 2),
    lambda t: (lambda x: x.__setitem__(slice(1, None), x[:-1]))(t.arange(5.0)),
    *[lambda t, n=n: t.arange(3.0).copy_(t.ones(n)) for n in (0, 2)],
    lambda t: t.arange(3.0).copy_(t.ones(2, 3)),
    *[lambda t, n=n: t.full((2,), t.ones(n)) for n in (0, 1, 2, 3)],
    *[lambda t, n=n: t.full((2,), t.ones(n), dtype=t.int64) for n in (1, 2)],
    *[lambda t, n=n: t.full_like(t.ones(2), t.ones(n)) for n in (1, 2)],
    *[lambda t, x=x: t.full((2,), x) for x in (None, "a", [1.0], np.ones(2))],
    lambda t: (lambda x: x.copy_(x.t()))(t.arange(9.0).view(3, 3)),
    lambda t: (lambda x: x.add_(x.t()))(t.arange(9.0).view(3, 3)),
    lambda t: (lambda x: x[1:].add_(x[:-1]))(t.arange(3.0)),
    lambda t: (lambda x: x.__setitem__([0, 1], x[1:]))(t.arange(4.0).view(2, 2)),
    lambda t: t.zeros(3).expand(2, 3).add_(1),
    lambda t: t.zeros(),
    lambda t: t.rand(),
    lambda t: t.randint(0, 5, 3),
    lambda t: t.randint(0.0, 5, (2,)),
    lambda t: t.Generator().manual_seed(1.5),
    lambda t: t.Generator().manual_seed("a"),
    lambda t: t.rand(2, generator=3),
    lambda t: t.set_rng_state(t.zeros(5056, dtype=t.uint8)),
    lambda t: t.from_numpy(np.arange(3, dtype=">i4")),
    *[lambda t, a=a: t.zeros(()).add_((1.5,), alpha=a) for a in (1, 2)],
    *[lambda t, a=a: t.zeros(()).sub_([1.5], alpha=a) for a in (1, 2)],
    lambda t: t.randn(2, -3),
    lambda t: t.randint(0, 5, (-1, 2)),
    lambda t: t.zeros(3)["a"],
    lambda t: t.zeros(3, 1)[:, t.zeros(0, dtype=t.bool)],
    lambda t: t.zeros(0, 1).__setitem__((..., t.zeros(0, dtype=t.uint8)), 0),
    lambda t: t.tensor([True]).clamp(t.tensor([True]), t.tensor([True])),
    *[
        _twice(retain, step)
        for retain in (None, True, False)
        for step in (
            lambda x: x,
            lambda x: x + 1,
            lambda x: 1 - x,
            lambda x: x * 2,
            lambda x: x / 2,
            lambda x: x * x,
            lambda x: x.exp(),
            lambda x: x.mean(),
            lambda x: x[0],
            lambda x: x[[0]],
            lambda x: x.view(2, 1),
            lambda x: x.max(),
            lambda x: x.cumsum(0),
            lambda x: x.clamp(0, 1),
            lambda x: x.abs(),
        )
    ],
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_pytorch_refuses_is_refused(number: int) -> None:
    same(REFUSED[number], exact=False)


ADDED: list[tuple[Callable[..., Any], np.ndarray]] = [
    (
        lambda t, x: (x.var(unbiased=False), x.std(0, False), x.var(True), x.std(0, True, True)),
        CUBE,
    ),
    (lambda t, x: (x.roll(1), x.roll((1, -1), (0, 2)), t.roll(x, 2, 1), x.flip(0, 2)), CUBE),
    (lambda t, x: (x.topk(2), t.topk(x, 1, 0, False), t.argsort(x, 1)), CUBE),
    (lambda t, x: (x > 3).add_(True, alpha=2), CUBE),
    (lambda t, x: t.tensor(3).cumsum(0, dtype=t.bool), CUBE),
    (lambda t, x: (lambda y: (y.copy_(y), y.add_(y), y[::2].add_(y[1:])))(x.detach() * 1), CUBE),
    (lambda t, x: (lambda y: y.__setitem__(0, y[1]) or y)(x.detach() * 1), CUBE),
    (lambda t, x: x[:1].detach().clone().expand(1, 3, 4).add_(1), CUBE),
    (lambda t, x: (t.multinomial(t.zeros(0, 3), 2, True), t.pow(2, x / 24)), CUBE),
    (lambda t, x: (t.tensor(10**30, dtype=t.float32), t.tensor([2**70], dtype=t.float64)), CUBE),
    (lambda t, x: functional(t).nll_loss(x[0, 0, :1], t.tensor([0])), CUBE),
    (lambda t, x: (x[:, :1].squeeze(0, 1), x[:, :1].squeeze((0, 1)), t.flip(x, ())), CUBE),
    (
        lambda t, x: (x * np.float64(2), x + np.float32(2), np.float64(2) - x, x ** np.int64(2)),
        CUBE,
    ),
    (lambda t, x: (x.long() * np.int64(2), x.double() / np.float32(3)), CUBE),
    (lambda t, x: (x.logsumexp(1), t.logsumexp(x, (0, 2), True), x.prod(2), t.prod(x)), CUBE / 9),
    (lambda t, x: (x.norm(), x.norm(1, 0), t.norm(x, 2, (0, 1)), x.round(), x.square()), CUBE / 9),
    (lambda t, x: (x.nonzero(), t.nonzero(x > 3, as_tuple=True), x.isinf(), t.isinf(x)), CUBE),
    (lambda t, x: (x.sin(), x.cos(), x.log1p(), t.log1p(x), t.round(x * 1.7, decimals=1)), CUBE),
    (lambda t, x: (x.mean(dtype=t.float64), x.sort(stable=True), t.sort(x, stable=True)), CUBE),
    (lambda t, x: (t.outer(x[0, 0], x[0, 1]), t.einsum("abc,adc->abd", x, x)), CUBE / 9),
    (lambda t, x: t.histogram(x.detach(), 5), CUBE),
    (lambda t, x: x.detach().histogram(4, range=(0.0, 9.0), density=True), CUBE),
    (lambda t, x: t.bincount(x.long().view(-1), weights=x.detach().view(-1)), CUBE),
    (lambda t, x: (x.allclose(x, equal_nan=True), str(x.device), x.to("cpu"), x.type()), CUBE),
    (
        lambda t, x: (t.zeros(2, device="cpu"), t.tensor([1], device="cpu"), x.to("cpu", t.int64)),
        CUBE,
    ),
]


@pytest.mark.parametrize("number", range(len(ADDED)))
def test_functions_that_were_absent(number: int) -> None:
    function, x = ADDED[number]
    inputs = [Given(x, grad=True)]
    run(Case(function, inputs, "added", roundings=4 * x.size, degree=2, floor=30.0))


LONG: list[Callable[[Any], Any]] = [
    lambda x: x.sum(0),
    lambda x: x.sum((0, 1)),
    lambda x: x.mean(0, keepdim=True),
    lambda x: x.var(0),
    lambda x: x.norm(dim=0),
    lambda x: x.t()[:, ::2].sum(1),
    lambda x: x[:, :2].sum(),
    lambda x: x.view(400, 1000, 3).sum((0, 1)),
    lambda x: x.view(2, 200_000, 3).sum(1),
    lambda x: x.logsumexp(0),
    lambda x: x.log_softmax(0)[:1],
    lambda x: x.cumsum(0)[-1:],
]


@pytest.mark.parametrize("function", LONG)
def test_sums_of_many_rows_are_as_precise_as_of_few(function: Callable[[Any], Any]) -> None:
    x = np.random.default_rng(0).uniform(0.5, 1.5, (400_000, 3)).astype(np.float32)
    exact = function(moreish.torch.tensor(x.astype(np.float64))).numpy()
    got = function(moreish.torch.tensor(x)).numpy()
    # 1,024 numbers are added in a row, and then 390 sums: a walk of so many roundings, each evenly
    # within half a unit, of which 6 standard deviations are allowed.
    assert np.abs(got / exact - 1).max() < 6 * 2.0**-24 * np.sqrt(1414 / 3)
    captured = moreish.capture(lambda x: function(x))
    for _ in range(3):
        assert np.array_equal(captured(moreish.torch.tensor(x)).numpy(), got)


def test_a_planted_mistake_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.fuzz_compare import Differs

    right = moreish.torch.Tensor.cumsum
    wrong = lambda x, dim: right(x, dim) * (1 + 1e-4)  # noqa: E731
    monkeypatch.setattr(moreish.torch.Tensor, "cumsum", wrong)
    with pytest.raises(Differs, match="value"):
        same(lambda t, x: x.cumsum(0), f(1, 2, 3), exact=False)
    monkeypatch.setattr(moreish.torch.Tensor, "cumsum", lambda x, dim: right(x.detach(), dim))
    with pytest.raises(Differs, match="requires_grad"):
        same(lambda t, x: x.cumsum(0), f(1, 2, 3))
