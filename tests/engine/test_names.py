"""`grad_fn` has PyTorch's name for what made a tensor."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

import moreish.torch
import moreish.torch.nn.functional as F

MADE: list[Callable[[Any, Any, dict[str, Any]], Any]] = [
    lambda L, F, v: v["x"] + 1,
    lambda L, F, v: v["x"] + v["y"],
    lambda L, F, v: v["x"] - v["y"],
    lambda L, F, v: 1 - v["x"],
    lambda L, F, v: v["x"] * 2,
    lambda L, F, v: v["x"] / v["y"],
    lambda L, F, v: 2 / v["x"],
    lambda L, F, v: -v["x"],
    lambda L, F, v: v["x"] ** 2,
    lambda L, F, v: v["x"] ** v["y"],
    lambda L, F, v: 2 ** v["x"],
    lambda L, F, v: v["x"] @ v["y"].T,
    lambda L, F, v: v["x"] @ v["v"],
    lambda L, F, v: v["v"] @ v["v"],
    lambda L, F, v: v["v"] @ v["x"].T,
    lambda L, F, v: v["x"][None] @ v["y"].T,
    lambda L, F, v: v["x"].sum(),
    lambda L, F, v: v["x"].sum(1, keepdim=True),
    lambda L, F, v: v["x"].mean(),
    lambda L, F, v: v["x"].mean((0, 1)),
    lambda L, F, v: v["x"].std(),
    lambda L, F, v: v["x"].var(0),
    lambda L, F, v: v["x"].max(),
    lambda L, F, v: v["x"].min(),
    lambda L, F, v: v["x"].max(0).values,
    lambda L, F, v: L.min(v["x"], 1, keepdim=True)[0],
    lambda L, F, v: L.maximum(v["x"], v["y"]),
    lambda L, F, v: v["x"].logsumexp(0),
    lambda L, F, v: v["x"].exp(),
    lambda L, F, v: L.log(v["x"]),
    lambda L, F, v: v["x"].log1p(),
    lambda L, F, v: v["x"].log10(),
    lambda L, F, v: v["x"].abs(),
    lambda L, F, v: v["x"].sqrt(),
    lambda L, F, v: L.tanh(v["x"]),
    lambda L, F, v: v["x"].relu(),
    lambda L, F, v: v["x"].clamp(0, 1),
    lambda L, F, v: v["x"].softmax(0),
    lambda L, F, v: F.log_softmax(v["x"], 1),
    lambda L, F, v: v["x"][0],
    lambda L, F, v: v["x"][:, 0],
    lambda L, F, v: v["x"][0:1],
    lambda L, F, v: v["x"][0, 1:],
    lambda L, F, v: v["x"][None],
    lambda L, F, v: v["x"][v["i"]],
    lambda L, F, v: v["x"][range(2), v["i"]],
    lambda L, F, v: v["x"][v["x"] > 0],
    lambda L, F, v: v["x"].view(-1),
    lambda L, F, v: v["x"].T,
    lambda L, F, v: v["x"].t(),
    lambda L, F, v: v["x"].transpose(0, 1),
    lambda L, F, v: v["x"].permute(1, 0),
    lambda L, F, v: v["x"].squeeze(),
    lambda L, F, v: v["x"].unsqueeze(0),
    lambda L, F, v: v["x"].expand(2, 2, 3),
    lambda L, F, v: v["x"].clone(),
    lambda L, F, v: v["x"].double(),
    lambda L, F, v: v["x"].unbind(0)[1],
    lambda L, F, v: v["x"].sort().values,
    lambda L, F, v: v["x"].gather(1, v["i"][:, None]),
    lambda L, F, v: v["x"].masked_fill(v["x"] > 0, 0.0),
    lambda L, F, v: v["x"].tril(),
    lambda L, F, v: L.cat([v["x"], v["y"]]),
    lambda L, F, v: L.where(v["x"] > 0, v["x"], v["y"]),
    lambda L, F, v: v["x"].clone().zero_(),
    lambda L, F, v: v["x"].clone().uniform_(),
    lambda L, F, v: v["x"].clone().add_(1),
    lambda L, F, v: F.cross_entropy(v["x"], v["i"]),
    lambda L, F, v: F.nll_loss(v["x"], v["i"]),
    lambda L, F, v: F.mse_loss(v["x"], v["y"]),
    lambda L, F, v: F.dropout(v["x"], 0.5),
    lambda L, F, v: F.layer_norm(v["x"], (3,)),
    lambda L, F, v: v["x"].cumprod(0),
    lambda L, F, v: v["x"].cummax(0).values,
    lambda L, F, v: v["x"].div(2, rounding_mode="floor"),
    lambda L, F, v: v["x"].amax(0),
    lambda L, F, v: v["x"].aminmax(dim=0)[0],
    lambda L, F, v: v["x"].median(),
    lambda L, F, v: v["x"].median(0).values,
    lambda L, F, v: v["x"].diagonal(),
    lambda L, F, v: v["x"].diag_embed(),
    lambda L, F, v: v["x"].unfold(0, 1, 1),
    lambda L, F, v: v["x"].scatter(0, v["i"][None], 1.0),
    lambda L, F, v: v["x"].scatter(0, v["i"][None], v["y"]),
    lambda L, F, v: v["x"].scatter_add(0, v["i"][None], v["y"]),
    lambda L, F, v: v["x"].scatter_reduce(0, v["i"][None], v["y"], "mean"),
    lambda L, F, v: v["x"].index_select(0, v["i"]),
    lambda L, F, v: v["x"].index_add(0, v["i"], v["y"]),
    lambda L, F, v: v["x"].masked_select(v["x"] > 0),
    lambda L, F, v: v["x"].lerp(v["y"], 0.5),
    lambda L, F, v: v["x"].lerp(v["y"], v["y"]),
    lambda L, F, v: v["x"].trace(),
    lambda L, F, v: L.std_mean(v["x"])[0],
]


@pytest.mark.parametrize("number", range(len(MADE)))
def test_the_name_is_pytorchs(number: int) -> None:
    shown = []
    for library, functional in ((moreish.torch, F), (torch, torch.nn.functional)):
        values = {
            "x": library.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], requires_grad=True),
            "y": library.tensor([[0.3, 0.2, 0.3], [0.4, 0.5, 0.6]], requires_grad=True),
            "v": library.tensor([0.1, 0.2, 0.3], requires_grad=True),
            "i": library.tensor([0, 1]),
        }
        made = MADE[number](library, functional, values)
        shown.append(repr(made.detach()) and repr(made).split("grad_fn=")[1])
    assert shown[0] == shown[1]


def test_a_name_does_not_stick_to_what_a_method_only_passes_on() -> None:
    x = moreish.torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    for same in (y.squeeze(), y.contiguous(), y.float()):
        assert same is not None
    assert repr(y.grad_fn) == "<MulBackward0>"
