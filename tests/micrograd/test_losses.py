"""Losses of Values: PyTorch's values and slopes, and targets that can't be."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from moreish import Value
from moreish.micrograd.losses import (
    accuracy,
    binary_cross_entropy_with_logits,
    max_margin,
    mean_squared_error,
)

F = torch.nn.functional
SIGNS = st.sampled_from([-1.0, 1.0])
LOSSES: dict[str, tuple[Callable[..., Any], Callable[..., Any], Any]] = {
    "mean_squared_error": (mean_squared_error, F.mse_loss, st.floats(-5, 5)),
    "max_margin": (max_margin, lambda s, y: (1 - y * s).relu().mean(), SIGNS),
    "binary_cross_entropy": (
        binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits,
        st.sampled_from([0.0, 1.0]),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_values_and_slopes_are_pytorchs(name: str, data: st.DataObject) -> None:
    mine, theirs, targets = LOSSES[name]
    pairs = data.draw(st.lists(st.tuples(st.floats(-900, 900), targets), min_size=1, max_size=6))
    scores, labels = [s for s, _ in pairs], [y for _, y in pairs]
    values = [Value(s) for s in scores]
    tensors = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    loss, reference = (
        mine(values, labels),
        theirs(tensors, torch.tensor(labels, dtype=torch.float64)),
    )
    loss.backward()
    reference.backward()
    assert loss.data == pytest.approx(reference.item(), rel=1e-12, abs=1e-14)
    assert [v.grad for v in values] == pytest.approx(tensors.grad.tolist(), rel=1e-10, abs=1e-12)


def test_accuracy_with_labels_of_both_kinds() -> None:
    scores = [Value(2.0), Value(-1.0), Value(0.0), Value(-3.0)]
    assert accuracy(scores, [1, -1, -1, 1]) == 0.75
    assert accuracy(scores, [1, 0, 0, 1]) == 0.75
    assert accuracy([0.5], [True]) == 1.0
    assert accuracy([Value(math.nan)], [1]) == 0.0


def test_targets_of_other_kinds() -> None:
    scores = [Value(1.0), Value(2.0)]
    for targets in (np.array([1, -1]), np.array([1.0, -1.0], dtype=np.float32), (1, -1)):
        assert max_margin(scores, targets).data == 1.5
    assert mean_squared_error(scores, [Value(0.0), 0]).data == 2.5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: max_margin([Value(1.0)], [1, 1]), ValueError, "1 predictions and 2 targets"),
        (lambda: accuracy([], []), ValueError, "at least one"),
        (lambda: max_margin([Value(1.0)], [0]), ValueError, "-1 or 1 here, and one is 0"),
        (
            lambda: binary_cross_entropy_with_logits([Value(1.0)], [-1]),
            ValueError,
            "0 or 1 here, and one is -1",
        ),
        (lambda: mean_squared_error(Value(1.0), [1]), TypeError, "put it in a list"),
        (lambda: mean_squared_error([Value(1.0)], ["a"]), TypeError, "got str"),
        (lambda: mean_squared_error([Value(1.0)], [[1.0]]), TypeError, "got list"),
    ],
)
def test_what_can_not_be_is_said(
    call: Callable[[], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call()
