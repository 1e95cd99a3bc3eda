"""The same steps as torch.optim."""

import numpy as np
import pytest
import torch

from moreish.torch import tensor
from moreish.torch.optim import SCHEDULES, SGD, AdamW, cosine, step_decay


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


@pytest.mark.parametrize("to_none", [True, False])
def test_gradients_are_forgotten_or_set_to_zero(to_none: bool) -> None:
    for make, optimizer in ((tensor, SGD), (torch.tensor, torch.optim.SGD)):
        x, unused = make([1.0], requires_grad=True), make([1.0], requires_grad=True)
        (x * 2).sum().backward()
        optimizer([x, unused], lr=0.1).zero_grad(set_to_none=to_none)
        assert unused.grad is None
        assert x.grad is None if to_none else x.grad.item() == 0


def test_groups_have_their_own_options() -> None:
    a, b = tensor([1.0], requires_grad=True), tensor([1.0], requires_grad=True)
    (a + b).sum().backward()
    SGD([{"params": [a], "lr": 0.5}, {"params": [b]}], lr=0.1).step()
    assert (a.item(), round(b.item(), 6)) == (0.5, 0.9)


def test_no_parameters_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="empty parameter list"):
        SGD([], lr=0.1)


@pytest.mark.parametrize(
    ("name", "options"),
    [("SGD", {"lr": 0.1, "momentum": 0.9}), ("AdamW", {"lr": 0.01, "weight_decay": 0.3})],
)
def test_what_pytorch_kept_goes_on_here(name: str, options: dict) -> None:
    start = np.random.default_rng(0).standard_normal((3, 4))
    theirs = torch.tensor(start, requires_grad=True)
    reference = getattr(torch.optim, name)([theirs], **options)

    def move(x, optimizer) -> None:
        optimizer.zero_grad()
        (x * x * x * x).sum().backward()
        optimizer.step()

    for _ in range(5):
        move(theirs, reference)
    ours = tensor(theirs.detach().numpy().copy(), requires_grad=True)
    mine = {"SGD": SGD, "AdamW": AdamW}[name]([ours], **options)
    kept = reference.state_dict()["state"][0]
    mine.state[ours] = {key: np.atleast_1d(value.numpy()).copy() for key, value in kept.items()}
    for _ in range(5):
        move(theirs, reference)
        move(ours, mine)
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-12)
    assert set(mine.state[ours]) == set(kept)


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_every_schedule_rises_in_equal_parts_and_never_again(name: str) -> None:
    factors = [SCHEDULES[name](step, 100, 10) for step in range(100)]
    np.testing.assert_allclose(factors[:10], np.arange(1, 11) / 10)
    assert factors[9:] == sorted(factors[9:], reverse=True)
    assert min(factors) > 0


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (cosine, lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=50)),
        (step_decay, lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=25)),
    ],
)
def test_schedules_are_pytorchs(ours, theirs) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = theirs(optimizer)
    for step in range(50):
        assert ours(step, 50) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        optimizer.step()
        schedule.step()


def test_the_schedule_rises_and_falls() -> None:
    factors = [cosine(step, 100, warm_up=10) for step in range(101)]
    assert factors[:10] == sorted(factors[:10])
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert (max(factors), factors[100]) == (1.0, pytest.approx(0))
