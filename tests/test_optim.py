"""The same steps as torch.optim."""

import numpy as np
import pytest
import torch

from moreish.engine import tensor
from moreish.optim import SGD, AdamW, cosine


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
        ("AdamW", {"lr": 0.1}),
        ("AdamW", {"lr": 0.01, "betas": (0.8, 0.99), "weight_decay": 0.3, "eps": 1e-6}),
    ],
)
def test_twenty_steps_are_pytorchs(name: str, options: dict) -> None:
    start = np.random.default_rng(0).standard_normal((3, 4))
    ours, theirs = tensor(start, requires_grad=True), torch.tensor(start, requires_grad=True)
    mine = {"SGD": SGD, "AdamW": AdamW}[name]([ours], **options)
    reference = getattr(torch.optim, name)([theirs], **options)
    for _ in range(20):
        for x, optimizer in ((ours, mine), (theirs, reference)):
            optimizer.zero_grad()
            (x * x * x * x).sum().backward()
            optimizer.step()
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-12)


def test_groups_have_their_own_options() -> None:
    a, b = tensor([1.0], requires_grad=True), tensor([1.0], requires_grad=True)
    (a + b).sum().backward()
    SGD([{"params": [a], "lr": 0.5}, {"params": [b]}], lr=0.1).step()
    assert (a.item(), round(b.item(), 6)) == (0.5, 0.9)


def test_no_parameters_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="empty parameter list"):
        SGD([], lr=0.1)


def test_the_schedule_rises_and_falls() -> None:
    factors = [cosine(step, 100, warm_up=10) for step in range(101)]
    assert factors[:10] == sorted(factors[:10])
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert (max(factors), factors[100]) == (1.0, pytest.approx(0))
