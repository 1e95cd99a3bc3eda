"""Schedules rise and fall as they say, and as PyTorch's where that has them."""

import numpy as np
import pytest
import torch

from moreish.training.schedules import SCHEDULES, cosine, step_decay


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
