"""moreish.torch.nn.functional: each line runs through torch.nn.functional too."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch as ours
import moreish.torch.nn.functional
from engine.both import assert_same, check, name_of
from moreish.torch import Tensor

X = np.random.default_rng(1).standard_normal((5, 4))
Y = np.random.default_rng(2).standard_normal((5, 4))
CUBE = np.random.default_rng(3).standard_normal((5, 4, 3))
WEIGHT = np.random.default_rng(4).random(4) + 0.5
BIAS = np.random.default_rng(5).standard_normal(4)
SHARES = np.random.default_rng(6).dirichlet(np.ones(4), 5)
ANSWERS = np.array([0, 3, 1, 1, 2])
SOME = np.array([0, -100, 1, -100, 2])
MANY = np.array([[0, 1, 2], [3, 3, 3], [1, 1, 0], [0, 0, 0], [2, 1, 2]])


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 3, 4, 5)])
def test_softmax_without_an_axis_is_pytorchs_with_a_warning(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    for name in ("softmax", "log_softmax"):
        ours, theirs = (
            getattr(moreish.torch.nn.functional, name),
            getattr(torch.nn.functional, name),
        )
        with pytest.warns(UserWarning, match="dim=1"):
            mine = ours(moreish.torch.tensor(x)).numpy()
        with pytest.warns(UserWarning, match="[Ii]mplicit"):
            assert np.allclose(mine, theirs(torch.tensor(x)), atol=1e-14)


def functional(t: Any) -> Any:
    return torch.nn.functional if t is torch else moreish.torch.nn.functional


FUNCTIONS: list[tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = [
    (lambda F, i: (F.one_hot(i), F.one_hot(i, num_classes=6), F.one_hot(i, 4)), (ANSWERS,)),
    (lambda F, i: F.one_hot(i, 4), (MANY,)),
    (lambda F, x: (F.softmax(x, 1), F.softmax(x, dim=0), F.log_softmax(x, dim=-1)), (X,)),
    *[
        (lambda F, x, i, r=r: F.cross_entropy(x, i, reduction=r), (X, answers))
        for r in ("mean", "sum", "none")
        for answers in (ANSWERS, SOME)
    ],
    *[
        (
            lambda F, x, i, w, r=r: F.cross_entropy(x, i, w.detach(), reduction=r),
            (X, answers, WEIGHT),
        )
        for r in ("mean", "sum", "none")
        for answers in (ANSWERS, SOME)
    ],
    *[
        (lambda F, x, i, r=r: F.cross_entropy(x, i, reduction=r, label_smoothing=0.2), (X, answers))
        for r in ("mean", "sum", "none")
        for answers in (ANSWERS, SOME)
    ],
    (lambda F, x, p: F.cross_entropy(x, p), (X, SHARES)),
    (lambda F, x, p: F.cross_entropy(x, p, reduction="none", label_smoothing=0.1), (X, SHARES)),
    (lambda F, x, i: F.cross_entropy(x, i), (CUBE, MANY)),
    (lambda F, x, i: F.cross_entropy(x[0], i[0]), (X, ANSWERS)),
    *[
        (lambda F, x, i, r=r: F.nll_loss(x, i, reduction=r), (X, answers))
        for r in ("mean", "sum", "none")
        for answers in (ANSWERS, SOME)
    ],
    (lambda F, x, i: F.nll_loss(x, i), (CUBE, MANY)),
    *[(lambda F, x, y, r=r: F.mse_loss(x, y, reduction=r), (X, Y)) for r in ("mean", "sum")],
    (lambda F, x, y: F.mse_loss(x, y, reduction="none"), (X, Y)),
    (lambda F, x, y: F.binary_cross_entropy_with_logits(x * 30, y), (X, SHARES)),
    (lambda F, x, y: F.binary_cross_entropy_with_logits(x * 0, y), (X, SHARES)),
    (
        lambda F, x, y, w: (
            F.binary_cross_entropy_with_logits(x, y, w.detach(), reduction="none"),
            F.binary_cross_entropy_with_logits(x, y, pos_weight=w.detach(), reduction="sum"),
        ),
        (X, SHARES, WEIGHT),
    ),
    (lambda F, i, w: (F.embedding(i, w), F.embedding(i[0], w)), (MANY, X)),
    (lambda F, x, w, b: (F.linear(x, w), F.linear(x, w, b)), (X, Y[:4], BIAS)),
    (lambda F, x: (F.layer_norm(x, (4,)), F.layer_norm(x, (5, 4), eps=0.1)), (X,)),
    (lambda F, x, w, b: F.layer_norm(x, [4], w, b), (X, WEIGHT, BIAS)),
    (lambda F, x: F.batch_norm(x, None, None, training=True), (X,)),
    (lambda F, x, w, b: F.batch_norm(x, None, None, w, b, True), (CUBE, WEIGHT, BIAS)),
    (lambda F, x: (F.relu(x), F.sigmoid(x), F.tanh(x), F.silu(x), F.selu(x)), (X,)),
    (lambda F, x: (F.leaky_relu(x), F.leaky_relu(x, 0.3), F.elu(x), F.elu(x, 0.5)), (X,)),
    (lambda F, x: (F.softplus(x), F.softplus(x * 9, 2, 3), F.gelu(x)), (X,)),
    (lambda F, x: F.gelu(x, approximate="tanh"), (X,)),
    (lambda F, x: (F.softplus(x * 1000), F.sigmoid(x * 1000), F.silu(x * 1000)), (X,)),
    (lambda F, x: (F.elu(x * 1000), F.selu(x * 1000), F.gelu(x * 1000)), (X,)),
    (lambda F, x: (F.dropout(x, 0.0), F.dropout(x, 0.7, training=False), F.dropout(x, 1.0)), (X,)),
]


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
@pytest.mark.parametrize("single", [True, False])
def test_it_is_as_in_pytorch(number: int, single: bool) -> None:
    function, inputs = FUNCTIONS[number]
    given = [x.astype(np.float32) if single and x.dtype.kind == "f" else x.copy() for x in inputs]
    check(lambda t, *tensors: function(functional(t), *tensors), *given)


def test_prelu() -> None:
    check(lambda t, x, w: functional(t).prelu(x, w), X, np.array([0.25]))


def test_batch_norm_keeps_running_figures() -> None:
    kept = []
    for t in (torch, ours):
        mean, variance = t.zeros(4), t.ones(4)
        x = t.tensor(CUBE.astype(np.float32))
        for training in (True, True, False):
            y = functional(t).batch_norm(x, mean, variance, training=training)
        kept.append((mean, variance, y))
    for theirs, mine in zip(*kept, strict=True):
        assert_same(mine, theirs)


def test_dropout_keeps_the_mean_and_sets_the_share() -> None:
    ours.manual_seed(1)
    x = ours.ones(200, 300, requires_grad=True)
    y = moreish.torch.nn.functional.dropout(x, 0.3)
    zero = (y.detach() == 0).float().mean().item()
    assert 0.28 < zero < 0.32
    assert y.detach().max().item() == pytest.approx(1 / 0.7, rel=1e-6)
    y.sum().backward()
    assert isinstance(x.grad, Tensor)
    assert x.grad.equal(y.detach())


def test_dtypes_of_integers_are_kept() -> None:
    assert name_of(moreish.torch.nn.functional.one_hot(ours.tensor([1])).dtype) == "int64"


ERRORS: list[Callable[[Any, Any], Any]] = [
    lambda t, F: F.one_hot(t.tensor([-1, 2])),
    lambda t, F: F.one_hot(t.tensor([5]), 3),
    lambda t, F: F.one_hot(t.tensor([0.5])),
    lambda t, F: F.cross_entropy(t.zeros(2, 3), t.tensor([0, 3])),
    lambda t, F: F.cross_entropy(t.zeros(2, 3), t.tensor([0])),
    lambda t, F: F.cross_entropy(t.zeros(2, 3), t.tensor([0, 1]), reduction="median"),
    lambda t, F: F.cross_entropy(t.zeros(2, 3), t.zeros(2, 4)),
    lambda t, F: F.embedding(t.tensor([3]), t.zeros(3, 2)),
    lambda t, F: F.embedding(t.tensor([0.5]), t.zeros(3, 2)),
    lambda t, F: F.layer_norm(t.zeros(2, 3), (2,)),
    lambda t, F: F.batch_norm(t.zeros(1, 3), None, None, training=True),
    lambda t, F: F.dropout(t.zeros(2), 1.5),
    lambda t, F: F.binary_cross_entropy_with_logits(t.zeros(2), t.zeros(3)),
    lambda t, F: F.gelu(t.zeros(2), approximate="other"),
]


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors_are_of_pytorchs_class_and_say_something(number: int) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        ERRORS[number](torch, torch.nn.functional)
    with pytest.raises(theirs.type) as mine:
        ERRORS[number](ours, moreish.torch.nn.functional)
    assert len(str(mine.value)) > 20
