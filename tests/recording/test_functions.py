"""Functions of tensors, captured: a replay gives what an eager call gives, or they are refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish.recording import CaptureError, capture
from moreish.torch import tensor

FOLLOWED: list[Callable[[Any], Any]] = [
    lambda x: x.cumsum(1),
    lambda x: x.prod(0),
    lambda x: x.roll(1, 0) + x.flip(1),
    lambda x: torch.maximum(x, x.t().t() * 2),
    lambda x: torch.minimum(x, x * x),
    lambda x: x.clamp(-0.5, 0.5),
    lambda x: x.clamp(min=x.detach() * 0),
    lambda x: x.norm() + x.norm(1) + x.norm(3, 1).sum(),
    lambda x: x.std(1) + x.var(1, unbiased=False),
    lambda x: x.logsumexp(1),
    lambda x: (x * x + 0.1).log1p() + x.sin() * x.cos() + (x * x + 0.1).log10(),
    lambda x: x.square().mean(0) + x.round(decimals=1).sum(0),
    lambda x: x.max(1).values + x.min(1).values + x.max() + x.min(),
    lambda x: x.sort(1, descending=True).values,
    lambda x: x.topk(2, 1).values,
    lambda x: x.sort(1).values * x.argsort(1).float(),
    lambda x: x.gather(1, torch.tensor([[0], [2], [1]])),
    lambda x: torch.einsum("ij,kj->ik", x, x) + torch.outer(x[0], x[1]),
    lambda x: x % 0.7 + (x // 0.3).detach(),
    lambda x: x[1:, [0, 2]] + x[0, [1, 1]],
    lambda x: x[:, None, 1] * x[2, 0],
    lambda x: x.t().contiguous().view(9) + x.contiguous().view(9),
    lambda x: torch.where(x > 0, x, 0.0) + torch.where(x < 0, -1.0, x),
    lambda x: x.tril() + x.triu(1) + x.masked_fill(x > 1, 0.0),
    lambda x: F.cross_entropy(x, torch.tensor([0, 2, -100]), label_smoothing=0.1),
    lambda x: F.nll_loss(x.log_softmax(1), torch.tensor([0, 2, 1]), torch.ones(3)),
    lambda x: F.linear(x, x) + F.layer_norm(x, (3,)),
    lambda x: x.squeeze((0, 1)).double().float() + x.isinf().float(),
]
REFUSED: list[Callable[[Any], Any]] = [
    lambda x: x.nonzero(),
    lambda x: torch.where(x > 0),
    lambda x: x[x > 0],
    lambda x: torch.bincount((x > 0).long().view(-1)),
    lambda x: x.allclose(x),
    lambda x: x.equal(x),
    lambda x: 0.5 in x,
]


def inputs() -> list[np.ndarray]:
    return [np.random.default_rng(i).standard_normal((3, 3)).astype(np.float32) for i in range(4)]


@pytest.mark.parametrize("number", range(len(FOLLOWED)))
def test_a_replay_is_the_call(number: int) -> None:
    function = FOLLOWED[number]
    parameter = tensor(np.zeros((3, 3), dtype=np.float32), requires_grad=True)

    def loss(x: Any) -> Any:
        y = function(x + parameter)
        parameter.grad = None
        (y * y).sum().backward()
        return y.detach()

    captured = capture(loss)
    for array in inputs():
        shown = captured(tensor(array)).numpy().copy()
        assert parameter.grad is not None
        grad = parameter.grad.numpy().copy()
        expected = loss(tensor(array)).numpy()
        np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-6)
        scale = max(1.0, float(np.abs(parameter.grad.numpy()).max()))
        np.testing.assert_allclose(grad, parameter.grad.numpy(), rtol=1e-5, atol=1e-5 * scale)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_a_replay_could_not_follow_is_refused(number: int) -> None:
    with pytest.raises(CaptureError):
        capture(REFUSED[number])(tensor(inputs()[0]))
