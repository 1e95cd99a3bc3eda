"""Tensor and torch's functions: each line runs through both libraries."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, broadcastable_shapes, mutually_broadcastable_shapes

import moreish.torch as ours
from engine.both import assert_same, check, results
from moreish.torch import Tensor

# PyTorch says so, once a process, of gradients of some empty tensors.
pytestmark = pytest.mark.filterwarnings("ignore:grad and param do not obey")

A = np.random.default_rng(1).standard_normal((3, 4))
B = np.random.default_rng(2).standard_normal((3, 4))
CUBE = np.random.default_rng(3).standard_normal((2, 3, 4))
SQUARE = np.random.default_rng(4).standard_normal((4, 4))
WHOLE = np.arange(12).reshape(3, 4) - 5
TRUTH = A > 0
POSITIVE = np.abs(A) + 0.1

# (what is computed, with `t` the library; what of)
FUNCTIONS: list[tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = [
    # operators, with numbers on either side
    (lambda t, x, y: x + y, (A, B)),
    (lambda t, x, y: x - y, (A, B)),
    (lambda t, x, y: x * y, (A, B)),
    (lambda t, x, y: x / y, (A, B)),
    (lambda t, x, y: x**y, (POSITIVE, B)),
    (lambda t, x: 2 + x * 3 - 1, (A,)),
    (lambda t, x: 1 - x, (A,)),
    (lambda t, x: 2.5 / x, (POSITIVE,)),
    (lambda t, x: x**2, (A,)),
    (lambda t, x: x**0, (A,)),
    (lambda t, x: x**-1.5, (POSITIVE,)),
    (lambda t, x: 2**x, (A,)),
    (lambda t, x: -x, (A,)),
    (lambda t, x: +x, (A,)),
    (lambda t, x: abs(x), (A,)),
    (lambda t, x, y: x @ y, (A, SQUARE)),
    (lambda t, x, y: t.matmul(x, y), (CUBE, SQUARE)),
    (lambda t, x, y: x @ y[0], (CUBE, SQUARE)),
    (lambda t, x: x % 3, (WHOLE,)),
    (lambda t, x: x // 3, (WHOLE,)),
    (lambda t, x: ~x, (TRUTH,)),
    (lambda t, x, y: (x & y, x | y, x ^ y), (TRUTH, ~TRUTH)),
    (lambda t, x, y: (x < y, x <= y, x > y, x >= y, x == y, x != y), (A, B)),
    (lambda t, x: (x < 0, x > 0, x == 0), (WHOLE,)),
    # whole numbers and kinds
    (lambda t, x: (x + 1, x * 2.5, x / 2, x**2, -x), (WHOLE,)),
    (lambda t, x, y: (x + y, x * y, x / y), (WHOLE, A)),
    (lambda t, x: (x.float(), x.double(), x.long(), x.int(), x.bool()), (WHOLE,)),
    (lambda t, x: (x.long(), x.int(), x.bool()), (A * 3,)),
    (lambda t, x: (x.to(t.float64), x.to(t.float32).to(t.float64)), (A,)),
    (lambda t, x: x + True, (WHOLE,)),
    (lambda t, x: (x.sum(), x.float().mean(), x.sum(0), x + 1, x + 0.5), (TRUTH,)),
    # functions of each number
    (lambda t, x: (t.exp(x), x.exp()), (A,)),
    (lambda t, x: (t.log(x), x.log()), (POSITIVE,)),
    (lambda t, x: (t.log10(x), x.log10()), (POSITIVE,)),
    (lambda t, x: (t.sqrt(x), x.sqrt()), (POSITIVE,)),
    (lambda t, x: (t.tanh(x), x.tanh()), (A,)),
    (lambda t, x: (t.sigmoid(x), x.sigmoid()), (A * 9,)),
    (lambda t, x: (t.relu(x), x.relu()), (A,)),
    (lambda t, x: (t.abs(x), x.abs(), t.sign(x)), (A,)),
    (lambda t, x: t.erf(x), (A,)),
    (lambda t, x: (x.clamp(-0.5, 0.5), t.clamp(x, min=0), t.clamp(x, max=1)), (A,)),
    (lambda t, x: (t.pow(x, 2), x.pow(3)), (A,)),
    (lambda t, x: t.isnan(x), (np.array([0.0, np.nan]),)),
    (lambda t, x: (t.exp(x), t.tanh(x), t.sigmoid(x)), (WHOLE,)),
    (lambda t, x: (t.softmax(x, 1), x.softmax(dim=0)), (A,)),
    (lambda t, x: (t.log_softmax(x, 1), x.log_softmax(-2)), (A,)),
    (lambda t, x, y: t.where(x > 0, x, y), (A, B)),
    (lambda t, x: t.where(x > 0, x, 0.0), (A,)),
    (lambda t, x: t.where(x > 0), (A,)),
    (lambda t, x, y: (t.maximum(x, y), t.minimum(x, y)), (A, B)),
    (lambda t, x: t.maximum(x, x * 1), (A,)),
    # reductions
    (lambda t, x: (x.sum(), t.sum(x), x.sum(0), x.sum(1, keepdim=True), x.sum((0, -1))), (CUBE,)),
    (lambda t, x: (x.sum(dim=-1), t.sum(x, dim=(1, 2), keepdim=True), x.sum(0, True)), (CUBE,)),
    (lambda t, x: (x.sum(), x.sum(0), x.sum(dtype=t.float64)), (WHOLE,)),
    (lambda t, x: (x.mean(), t.mean(x, 0), x.mean((0, 2)), x.mean(1, keepdim=True)), (CUBE,)),
    (lambda t, x: (x.var(), t.var(x, 0), x.var(1, keepdim=True), x.var(0, correction=0)), (CUBE,)),
    (lambda t, x: (x.std(), t.std(x, 0), x.std(1, keepdim=True), x.std((0, 1))), (CUBE,)),
    (lambda t, x: (x.sum(axis=1, keepdims=True), t.mean(x, axis=0), x.std(1, keepdims=True)), (A,)),
    (lambda t, x: (*x.max(1, keepdims=True), x.argmax(axis=0), x.unsqueeze(axis=1)), (A,)),
    (lambda t, x: (x.max(), x.min(), t.max(x), t.min(x)), (A,)),
    (lambda t, x: (*x.max(0), *x.min(1), *t.max(x, 1, keepdim=True), *x.min(-1, True)), (A,)),
    (lambda t, x: (x.max(0).values, x.max(0).indices, x.max(1)[0]), (A,)),
    (lambda t, x: (x.max(), x.min(), *x.max(0)), (np.array([1.0, 3.0, 3.0, 0.0]),)),
    (lambda t, x: (x.max(), *x.min(0)), (WHOLE,)),
    (lambda t, x: (x.argmax(), x.argmax(0), t.argmax(x, 1, keepdim=True), x.argmin(1)), (A,)),
    (lambda t, x: ((x > 0).all(), (x > 0).any(0), t.any(x > 9), t.all(x > 0, 1)), (A,)),
    (lambda t, x: (x.cumsum(0), t.cumsum(x, 1), x.cumsum(-2)), (CUBE,)),
    (lambda t, x: (*x.sort(), *t.sort(x, 0, descending=True)), (A,)),
    (lambda t, x: x.gather(1, t.tensor([[0, 3], [1, 1], [2, 0]])), (A,)),
    (lambda t, x: t.bincount(x), (np.array([1, 1, 3]),)),
    # moves
    (lambda t, x: (x.view(4, 3), x.view(-1), x.view((2, 6)), x.view(3, 2, -1)), (A,)),
    (lambda t, x: (x.reshape(4, 3), x.T.reshape(-1), t.reshape(x, (2, 6)), x.flatten(1)), (A,)),
    (lambda t, x: (x.T, x.t(), t.transpose(x, 0, 1), x.transpose(-1, 0)), (A,)),
    (lambda t, x: (x.permute(2, 0, 1), t.permute(x, (1, 2, 0)), x.permute(-1, 0, 1)), (CUBE,)),
    (lambda t, x: (x[:, :1].squeeze(), x[:, :1].squeeze(1), x.squeeze(0), x[0].squeeze()), (A,)),
    (lambda t, x: (x.unsqueeze(0), t.unsqueeze(x, -1), x.unsqueeze(1)), (A,)),
    (lambda t, x: (x[:1].expand(5, 4), x.expand(2, -1, -1), x[:, :1].expand_as(x)), (A,)),
    (lambda t, x: (x.repeat(2, 3), x[0].repeat(2, 1)), (A,)),
    (lambda t, x: (*t.unbind(x), *x.unbind(1), *t.unbind(x, -1)), (A,)),
    (lambda t, x: (*x.split(2), *t.split(x, 3, 1), *x.split([1, 3], 1), *t.chunk(x, 2, 1)), (A,)),
    (lambda t, x: (*x.chunk(5), x.narrow(1, 1, 2)), (A,)),
    (lambda t, x, y: (t.cat([x, y]), t.cat((x, y), 1), t.cat([x, y], dim=-1)), (A, B)),
    (lambda t, x: t.cat(t.unbind(x, 1), 1), (CUBE,)),
    (lambda t, x, y: t.cat([x, y]), (A, WHOLE)),
    (lambda t, x, y: (t.stack([x, y]), t.stack((x, y), 1), t.stack([x, y], dim=-1)), (A, B)),
    (lambda t, x: (x.clone(), x.contiguous(), x.T.contiguous()), (A,)),
    (lambda t, x: (x.tril(), t.triu(x), x.tril(-1), x.triu(1)), (SQUARE,)),
    (lambda t, x: (x.masked_fill(x > 0, 0.0), x.masked_fill(x < 0, float("-inf"))), (A,)),
    (lambda t, x: (x.size(), x.size(1), x.shape, x.dim(), x.ndim, x.numel(), x.nelement()), (A,)),
    (lambda t, x: (x.stride(), x.T.stride(), x[1:, ::2].stride(), x[1:].storage_offset()), (A,)),
    (lambda t, x: (x.is_contiguous(), x.T.is_contiguous(), x.T.storage_offset()), (A,)),
    (lambda t, x: t.allclose(x, x + 1e-9), (A,)),
    (lambda t, x: (x.tolist(), x.sum().item(), len(x), t.is_tensor(x), t.numel(x)), (WHOLE,)),
    # choices
    (lambda t, x: (x[0], x[-1], x[1, 2], x[1:], x[:, 1], x[::2, 1:3], x[...], x[..., 0]), (A,)),
    (lambda t, x: (x[None], x[:, None], x[..., None], x[None, ..., 0], x[0, None, 1]), (A,)),
    (lambda t, x: (x[[0, 2]], x[t.tensor([2, 0, 2])], x[t.tensor([[0, 1], [1, 1]])]), (A,)),
    (lambda t, x: (x[t.tensor([0, 1]), t.tensor([3, 3])], x[t.arange(3), [1, 2, 3]]), (A,)),
    (lambda t, x: (x[:, t.tensor([3, 0, 0])], x[1:, t.tensor([1])], x[t.tensor(1)]), (A,)),
    (lambda t, x: (x[x > 0], x[x[:, 0] > 0], x[:, x[0] > 0]), (A,)),
    (lambda t, x: (x[t.tensor([True, False, True])], x[t.tensor([0, 2]), 1:3]), (A,)),
    (lambda t, x: list(x), (A,)),
]


def _single(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype.kind == "f" else array


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
@pytest.mark.parametrize("single", [True, False])
def test_it_is_as_in_pytorch(number: int, single: bool) -> None:
    function, inputs = FUNCTIONS[number]
    check(function, *[_single(x) if single else x for x in inputs])


# ---- shapes drawn: broadcasts, empty arrays, no axes


def _steps(x: Any) -> Any:
    """Its strides; those of an empty tensor mean nothing, and PyTorch has several."""
    return x.stride() if x.numel() else ()


FLOATS = st.floats(-3, 3, width=32).filter(lambda x: abs(x) > 0.05)
SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_broadcasts_of_any_shape(data: st.DataObject) -> None:
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3))
    x, y = (data.draw(arrays(np.float64, s, elements=FLOATS)) for s in shapes.input_shapes)
    check(lambda t, x, y: (x + y, x - y, x * y, x / y, t.where(x > y, x, y)), x, y)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_reductions_of_any_shape(data: st.DataObject) -> None:
    shape = data.draw(SHAPES)
    x = data.draw(arrays(np.float64, shape, elements=FLOATS, unique=True))
    keepdim = data.draw(st.booleans())
    check(lambda t, x: (x.sum(), t.exp(x), t.tanh(x).sum(), x.numel(), _steps(x)), x)
    if shape:
        dim = data.draw(st.integers(-len(shape), len(shape) - 1))
        check(lambda t, x: (x.sum(dim, keepdim), x.mean(dim, keepdim), x.cumsum(dim)), x)
        if shape[dim]:
            check(lambda t, x: (*x.max(dim, keepdim), x.argmin(dim), x.softmax(dim)), x)
        if shape[dim] > 1 and x.size:
            check(lambda t, x: (x.var(dim, keepdim=keepdim), x.std(dim)), x)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_moves_of_any_shape(data: st.DataObject) -> None:
    shape = data.draw(SHAPES)
    x = data.draw(arrays(np.float64, shape, elements=FLOATS))
    order = data.draw(st.permutations(range(len(shape))))
    check(
        lambda t, x: (x.permute(order), x.permute(order).reshape(-1), x.T if x.ndim == 2 else x), x
    )
    check(lambda t, x: (x.squeeze(), x.unsqueeze(-1), _steps(x.reshape(-1))), x)
    wider = data.draw(broadcastable_shapes(shape, min_dims=len(shape), max_side=3, min_side=0))
    if np.broadcast_shapes(shape, wider) == wider:
        check(lambda t, x: x.expand(wider), x)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_slices_of_any_shape(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    x = data.draw(arrays(np.float64, shape, elements=FLOATS))
    key: list[Any] = []
    for size in shape:
        kind = data.draw(st.sampled_from(["integer", "slice", "none", "stop"]))
        if kind == "stop":
            break
        if kind == "none":
            key.append(None)
        if kind == "integer":
            key.append(data.draw(st.integers(-size, size - 1)))
        else:
            start, stop = data.draw(st.integers(-size, size)), data.draw(st.integers(-size, size))
            key.append(slice(start, stop, data.draw(st.integers(1, 3))))
    check(lambda t, x: (x[tuple(key)], (x * 2)[tuple(key)]), x)

    def put(t: Any, x: Any) -> Any:
        y = x * 1
        y[tuple(key)] = 5.0
        y[tuple(key)] *= 2
        return y * y

    check(put, x)


# ---- changing in place


def _added(t: Any, x: Any) -> Any:
    y = x * 2
    y += 1
    y *= x
    y -= 0.5
    y /= 2
    return y


def _through_a_view(t: Any, x: Any) -> Any:
    y = x * 2
    row = y[1]
    row *= 3
    y[:, 0] = 0
    return y.sum() + row.sum()


def _view_after_base(t: Any, x: Any) -> Any:
    y = x * 2
    flat = y.view(-1)
    y.mul_(x)
    return flat * flat


def _base_after_view(t: Any, x: Any) -> Any:
    y = x * 1
    y.T[0].mul_(2)
    y.view(-1)[2:5].add_(x[0, 0])
    return y**2


def _assigned(t: Any, x: Any) -> Any:
    y = t.zeros(4, 4, dtype=x.dtype)
    y[0] = x[0]
    y[1:3, :2] = x[1:, 1:3]
    y[y > 0.5] = 0.25
    y[t.tensor([3, 3]), t.tensor([0, 1])] = x[0, :2]
    return y


def _filled(t: Any, x: Any) -> Any:
    y = x.clone()
    y.zero_()
    z = x.clone()
    z[0].fill_(2.0)
    z.masked_fill_(z > 1, -1.0)
    w = t.zeros_like(x)
    w.copy_(x)
    return y, z, w.add_(x, alpha=2).sub_(1).div_(3)


IN_PLACE = [_added, _through_a_view, _view_after_base, _base_after_view, _assigned, _filled]


@pytest.mark.parametrize("function", IN_PLACE)
def test_changes_in_place(function: Callable[..., Any]) -> None:
    check(function, A)


def _counts(t: Any) -> Any:
    n = t.zeros((3, 3), dtype=t.int32)
    for i, j in [(0, 1), (0, 1), (2, 2)]:
        n[i, j] += 1
    p = (n + 1).float()
    p /= p.sum(1, keepdim=True)
    return n, p, n[0], n[:, 1], n.sum(1)


def test_counting_as_the_course_does() -> None:
    for a, b in zip(_counts(ours), _counts(torch), strict=True):
        assert_same(a, b)


def _versions(t: Any) -> list[int]:
    x = t.zeros(3)
    y = x.view(3, 1)
    y += 1
    x[0] = 2
    return [x._version, y._version, x.detach()._version, x.data._version, x.clone()._version]


def test_version_counters() -> None:
    assert _versions(ours) == _versions(torch)


# ---- made from nothing

MADE: list[Callable[[Any], Any]] = [
    lambda t: t.tensor([1, 2, 3]),
    lambda t: t.tensor([1.0, 2]),
    lambda t: t.tensor(3.5),
    lambda t: t.tensor([]),
    lambda t: t.tensor([[True], [False]]),
    lambda t: t.tensor([1, 2], dtype=t.float64),
    lambda t: t.tensor(np.array([1.5, 2.5])),
    lambda t: t.tensor([t.tensor(1.0), t.tensor(2.0)]),
    lambda t: t.tensor(np.float64(1.5)),
    lambda t: t.Tensor([1, 2]),
    lambda t: t.Tensor(),
    lambda t: t.zeros(2, 3),
    lambda t: t.zeros((2, 3), dtype=t.int32),
    lambda t: t.zeros([2]),
    lambda t: t.zeros(()),
    lambda t: t.ones(3, dtype=t.long),
    lambda t: t.ones(2, requires_grad=True),
    lambda t: t.empty(2, 0).shape,
    lambda t: t.full((2, 2), 7),
    lambda t: t.full((2,), 0.5),
    lambda t: t.full((2,), True),
    lambda t: t.arange(5),
    lambda t: t.arange(2, 7, 2),
    lambda t: t.arange(-5, 5, 0.2),
    lambda t: t.arange(3.0),
    lambda t: t.arange(5, 0, -2),
    lambda t: t.arange(4, dtype=t.float32),
    lambda t: t.linspace(-3, 3, 100),
    lambda t: t.linspace(0, 1, 1),
    lambda t: t.linspace(-3, 0, 1000, dtype=t.float64),
    lambda t: t.eye(3),
    lambda t: t.eye(2, 3, dtype=t.int64),
    lambda t: t.zeros_like(t.ones(2, 3, dtype=t.float64)),
    lambda t: t.ones_like(t.arange(3)),
    lambda t: t.full_like(t.ones(2), 4),
    lambda t: t.from_numpy(np.arange(3.0)),
    lambda t: t.as_tensor(np.arange(3)),
    lambda t: t.tensor([1.0]).to(t.float64) + t.tensor([1.0]),
    lambda t: t.ones(2) + t.tensor(1.0, dtype=t.float64),
    lambda t: t.ones(2, dtype=t.int64) + t.tensor(1.5),
    lambda t: t.tensor(1) + t.tensor([True]),
    lambda t: t.ones(2, dtype=t.uint8) + t.ones(2, dtype=t.int8),
    lambda t: t.tensor([5, -5]) // 2,
    lambda t: (t.tensor([0.0, -1.0, 1.0]) / 0.0, t.log(t.tensor([0.0, -1.0]))),
    lambda t: (t.tensor([-8.0]) ** (1 / 3), t.tensor([0.0]) ** -1, t.exp(t.tensor([1000.0]))),
    lambda t: (t.relu(t.tensor([float("nan")])), t.sign(t.tensor([float("nan"), -0.0]))),
    lambda t: (t.tensor([1000.0, -1000.0]).tanh(), t.sigmoid(t.tensor([1000.0, -1000.0]))),
]


@pytest.mark.parametrize("number", range(len(MADE)))
def test_made(number: int) -> None:
    mine, reference = results(MADE[number](ours)), results(MADE[number](torch))
    for a, b in zip(mine, reference, strict=True):
        assert_same(a, b)


# ---- errors: of the same class in both libraries

ERRORS: list[Callable[[Any], Any]] = [
    lambda t: t.zeros(3) + t.zeros(4),
    lambda t: t.zeros(3, 4) @ t.zeros(3, 4),
    lambda t: t.zeros(3) @ t.zeros(3, dtype=t.float64),
    lambda t: t.zeros(3).view(4),
    lambda t: t.zeros(3, 4).T.view(12),
    lambda t: t.zeros(3).reshape(2, -1),
    lambda t: t.zeros(3)[5],
    lambda t: t.zeros(3)[0, 0],
    lambda t: t.zeros(3)[1.5],
    lambda t: t.zeros(3)[t.tensor([0.5])],
    lambda t: t.zeros(3)[t.tensor([7])],
    lambda t: t.zeros(3)[::-1],
    lambda t: t.zeros(3).sum(1),
    lambda t: t.zeros(3).item(),
    lambda t: bool(t.zeros(3)),
    lambda t: float(t.zeros(3)),
    lambda t: len(t.zeros(())),
    lambda t: list(t.zeros(())),
    lambda t: t.zeros(3).backward(),
    lambda t: t.zeros(3, requires_grad=True).backward(),
    lambda t: t.zeros(3, requires_grad=True).numpy(),
    lambda t: t.arange(3).mean(),
    lambda t: t.tensor([1, 2], requires_grad=True),
    lambda t: t.tensor([[1], [1, 2]]),
    lambda t: t.tensor(["a"]),
    lambda t: t.tensor("a"),
    lambda t: t.tensor([None]),
    lambda t: t.ones(2) + "a",
    lambda t: t.ones(2) * None,
    lambda t: t.cat([]),
    lambda t: t.cat([t.zeros(2, 3), t.zeros(3, 2)]),
    lambda t: t.cat(t.zeros(2)),
    lambda t: t.stack([t.zeros(2), t.zeros(3)]),
    lambda t: t.exp(2.0),
    lambda t: t.arange(0, 5, -1),
    lambda t: t.arange(0, 5, 0),
    lambda t: t.linspace(0, 1, -1),
    lambda t: t.zeros(2).max(dim=3),
    lambda t: t.zeros(0).max(),
    lambda t: t.zeros(2, 3).permute(0, 0),
    lambda t: t.zeros(2).unsqueeze(5),
    lambda t: t.zeros(2, 3).expand(2, 4),
    lambda t: t.zeros(4).split([1, 2]),
    lambda t: ~t.zeros(2),
    lambda t: t.arange(3) ** -1,
    lambda t: t.arange(3).__iadd__(0.5),
    lambda t: t.zeros(2).__iadd__(t.zeros(3, 2)),
    lambda t: t.zeros(2).masked_fill(t.zeros(2), 1.0),
    lambda t: t.where(t.zeros(2), 1.0, 0.0),
    lambda t: t.from_numpy([1.0]),
    lambda t: t.zeros(2, requires_grad=True).__iadd__(1),
    lambda t: t.zeros(2, requires_grad=True).__setitem__(0, 1.0),
    lambda t: t.zeros(2, requires_grad=True)[:1].__iadd__(1),
    lambda t: (t.zeros(2, requires_grad=True) * 2).requires_grad_(False),
    lambda t: t.zeros(3).__setitem__(0, t.zeros(2)),
    lambda t: t.zeros(2, 3).squeeze(5),
    lambda t: t.multinomial(t.tensor([1.0, -1.0]), 1),
    lambda t: t.multinomial(t.tensor([1, 2]), 1),
    lambda t: t.multinomial(t.tensor([1.0]), 2),
    lambda t: t.randint(3, 3, (1,)),
    lambda t: t.randperm(-1),
    lambda t: t.zeros(2).softmax(3),
]


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors_are_of_pytorchs_class_and_say_something(number: int) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        ERRORS[number](torch)
    with pytest.raises(theirs.type) as mine:
        ERRORS[number](ours)
    assert len(str(mine.value)) > 12


def _stale(t: Any) -> None:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    y += 1
    y.sum().backward()


def _stale_input(t: Any) -> None:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    w = t.tensor([1.0, 2.0])
    y = x * w
    w.zero_()
    y.sum().backward()


def _stale_view(t: Any) -> None:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    w = t.ones(4)
    y = x * w[1:3]
    w[2] = 5
    y.sum().backward()


@pytest.mark.parametrize("function", [_stale, _stale_input, _stale_view])
def test_what_changed_after_it_was_used_is_noticed(function: Callable[[Any], None]) -> None:
    for library in (torch, ours):
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            function(library)


def test_a_change_that_no_gradient_needs_is_allowed() -> None:
    def function(t: Any, x: Any) -> Any:
        w = t.ones(3, 4, dtype=x.dtype)
        y = x + w
        w.zero_()
        return y

    check(function, A)


# ---- walks back


def test_gradients_accumulate_and_a_second_walk_doubles_them() -> None:
    x = ours.tensor([2.0], requires_grad=True)
    y = x * x
    y.backward(retain_graph=True)
    assert x.grad is not None
    assert x.grad.item() == 4
    y.backward()
    assert x.grad.item() == 8
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()
    x.grad = None
    (x * 3).backward()
    assert x.grad.item() == 3  # type: ignore[unreachable]


def test_gradients_of_inner_tensors_are_kept_if_asked() -> None:
    for t in (torch, ours):
        x = t.tensor([2.0], requires_grad=True)
        y = x * x
        y.retain_grad()
        (y * 3).backward()
        assert y.grad.item() == 3


def test_grad_of_grad_to_the_third_order() -> None:
    for t, grad in ((ours, ours.grad), (torch, torch.autograd.grad)):
        x = t.tensor([0.7, -0.3], dtype=t.float64, requires_grad=True)
        y = (x.tanh() * x**3).sum()
        orders = []
        for _ in range(3):
            (y,) = grad(y, x, create_graph=True)
            orders.append(y.detach().numpy().copy())
            y = y.sum()
        if t is ours:
            expected = orders
        else:
            np.testing.assert_allclose(expected, orders, rtol=1e-12)


def test_grad_says_what_was_not_used() -> None:
    x, z = ours.ones(1, requires_grad=True), ours.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="not have been used"):
        ours.grad((x * 2).sum(), [z])
    assert ours.grad((x * 2).sum(), [x, z], allow_unused=True)[1] is None
    assert x.grad is None


def test_no_grad_as_context_and_decorator() -> None:
    x = ours.ones(1, requires_grad=True)
    with ours.no_grad():
        assert not (x * 2).requires_grad
        x += 1
    assert (x * 2).requires_grad

    @ours.no_grad()
    def double(x: Tensor) -> Tensor:
        return x * 2

    assert not double(x).requires_grad
    assert ours.is_grad_enabled()


def test_a_long_chain_is_no_problem() -> None:
    x = ours.ones(1, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y * 1.0
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 1


# ---- memory that is shared


@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_views_share_storage_with_pytorchs_strides() -> None:
    for t in (torch, ours):
        x = t.arange(12).view(3, 4)
        row = x[1]
        row[0] = 100
        assert x[1, 0].item() == 100
        assert x.T.storage().data_ptr() == x.storage().data_ptr()
        assert list(x.T[1].storage()) == list(x.storage())
        assert (x[1:, ::2].stride(), x[1:, ::2].storage_offset()) == ((4, 2), 4)
        assert x.detach().data_ptr() == x.data_ptr()


def test_numpy_shares_memory() -> None:
    array = np.zeros(3, dtype=np.float32)
    x = ours.from_numpy(array)
    array[0] = 5
    x.numpy()[1] = 6
    assert x.tolist() == [5, 6, 0]
    assert np.asarray(x) is array or np.shares_memory(np.asarray(x), array)


def test_numpys_functions() -> None:
    x = ours.tensor([0.5, 1.0], requires_grad=True)
    y = np.tanh(x)
    assert isinstance(y, Tensor)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1 - np.tanh([0.5, 1.0]) ** 2, rtol=1e-6)  # type: ignore[union-attr]
    assert isinstance(np.ones(2, dtype=np.float32) * x, Tensor)
    assert np.arctan(x.detach()).tolist() == pytest.approx(np.arctan([0.5, 1.0]).tolist())
    assert np.spacing(x.detach()).tolist() == np.spacing(x.detach().numpy()).tolist()
    with pytest.raises(RuntimeError, match="detach"):
        np.spacing(x)
    for function in (np.sin, np.power, np.remainder, np.maximum):
        inputs = (x,) if function is np.sin else (x, 2.0)
        assert function(*inputs).requires_grad


def test_data_is_seen_by_both() -> None:
    x = ours.tensor([1.0, 2.0], requires_grad=True)
    x.data += 1
    x.data[0] = 9
    assert x.tolist() == [9, 3]
    x.data = ours.tensor([0.0, 0.0])
    assert x.tolist() == [0, 0]
    assert x.requires_grad


def test_copies_and_pickles() -> None:
    x = ours.tensor([1.0, 2.0], requires_grad=True)
    (x * 2).sum().backward()
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.equal(x)
        assert other.requires_grad
        assert other.grad.equal(x.grad)
        assert other.data_ptr() != x.data_ptr()
    with pytest.raises(RuntimeError, match="detach"):
        copy.deepcopy(x * 2)


# ---- printing

PRINTED: list[Callable[[Any], Any]] = [
    lambda t: t.tensor(3.0),
    lambda t: t.tensor(3),
    lambda t: t.tensor(True),
    lambda t: t.tensor([1.5, -2.25]),
    lambda t: t.tensor([1.0, 2.0, 300.0]),
    lambda t: t.tensor([1e-5, 1.0]),
    lambda t: t.tensor([1e10, 1.0]),
    lambda t: t.tensor([float("nan"), float("inf"), 1.5]),
    lambda t: t.tensor([float("nan"), float("-inf"), 1.0]),
    lambda t: t.tensor([0.0, -0.0]),
    lambda t: t.tensor([1, -20, 300]),
    lambda t: t.tensor([True, False]),
    lambda t: t.zeros(2, 3),
    lambda t: t.zeros(2, 3, 2),
    lambda t: t.zeros(2, 2, 2, 2),
    lambda t: t.zeros(0),
    lambda t: t.zeros(2, 0),
    lambda t: t.zeros(0, dtype=t.int64),
    lambda t: t.zeros(2, dtype=t.float64),
    lambda t: t.zeros((27, 27), dtype=t.int32),
    lambda t: t.arange(100),
    lambda t: t.arange(2000),
    lambda t: t.arange(2000.0).view(40, 50),
    lambda t: t.arange(4000.0).view(10, 20, 20),
    lambda t: t.linspace(-3, 3, 100),
    lambda t: t.ones(2, requires_grad=True),
    lambda t: t.ones(2, requires_grad=True) + 1,
    lambda t: (t.ones(3, 3, requires_grad=True) * 2).sum(),
    lambda t: t.ones(2, 3, requires_grad=True).view(-1).exp(),
    lambda t: t.ones(2, dtype=t.float64, requires_grad=True),
    lambda t: (t.arange(20.0) * 1.37).requires_grad_(),
    lambda t: t.eye(30),
    lambda t: t.tensor(1e-10),
    lambda t: t.tensor([123456.789]),
    lambda t: t.zeros(3).shape,
    lambda t: t.zeros(2, 3).size(),
]


@pytest.mark.parametrize("number", range(len(PRINTED)))
def test_it_prints_as_in_pytorch(number: int) -> None:
    assert repr(PRINTED[number](ours)) == repr(PRINTED[number](torch))


def test_formats() -> None:
    for t in (torch, ours):
        assert f"{t.tensor(0.12345):.3f}" == "0.123"
