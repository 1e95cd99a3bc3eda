"""What a type checker, and so an editor, knows of a program: `make types` asks one."""

from typing import assert_type

import numpy as np

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish import Value
from moreish.engine.rules.numbers import Array, Numbers
from moreish.torch import Tensor, nn


def program() -> None:
    """It is never run."""
    x = torch.randn(4, 3)
    y = torch.tensor([1, 0, 1, 2])
    w = torch.randn((3, 3), requires_grad=True)

    # Operators, and what stands in brackets.
    assert_type(x @ w, Tensor)
    assert_type(2.0 * x - 1, Tensor)
    assert_type(2**x, Tensor)
    assert_type(-x, Tensor)
    assert_type(x > 0, Tensor)
    assert_type(x == y, Tensor)
    assert_type(x[:, 0], Tensor)
    assert_type(x[[1, 2], None], Tensor)
    x[y == 1] = 0.0
    x += 1
    assert_type(x, Tensor)

    # Methods.
    assert_type(x.exp().sum(1, keepdim=True), Tensor)
    assert_type(x.view(-1, 2).float().to("cpu").T, Tensor)
    assert_type(x.masked_fill(x > 0, float("-inf")), Tensor)
    assert_type(x.max(), Tensor)
    assert_type(x.max(1).indices, Tensor)
    assert_type(x.size(0), int)
    assert_type(x.shape[0], int)
    assert_type(x.split(1, dim=1), tuple[Tensor, ...])
    assert_type(x.nonzero(), Tensor)
    assert_type(x.nonzero(as_tuple=True), tuple[Tensor, ...])

    # The same as functions, and others.
    assert_type(torch.exp(x), Tensor)
    assert_type(torch.max(x), Tensor)
    assert_type(torch.max(x, 1).values, Tensor)
    assert_type(torch.topk(x, 2).indices, Tensor)
    assert_type(torch.where(x > 0, x, 0.0), Tensor)
    assert_type(torch.cat([x, x], dim=1), Tensor)
    assert_type(torch.einsum("ij,jk->ik", x, w), Tensor)
    assert_type(torch.multinomial(F.softmax(x, dim=1), num_samples=1), Tensor)
    assert_type(F.cross_entropy(x, y), Tensor)
    assert_type(F.relu(x), Tensor)
    assert_type(nn.Sequential(nn.Linear(3, 4), nn.Tanh())[0], nn.Module)

    # A mistake is told.
    x.reshape("2")  # type: ignore[arg-type]
    x.transpose(0)  # type: ignore[call-arg]
    torch.exp(1.0)  # type: ignore[arg-type]
    torch.topk(x, k=2.5)  # type: ignore[arg-type]

    # micrograd's.
    a = Value(2.0)
    assert_type(a * 2 + 1, Value)
    assert_type((1 - a).tanh(), Value)

    # What a rule computes with.
    numbers: list[Numbers] = [1.0, np.zeros(2), x, a]
    arrays: list[Array] = [np.zeros(2), x]
    arrays.append(a)  # type: ignore[arg-type]
    assert numbers
