"""Each operation by its cases, captured: replays give what calls give, values and gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
from moreish.recording import CaptureError, capture
from moreish.torch import tensor
from torch_names.test_operations import OPERATIONS

ERRORS = (RuntimeError, TypeError, ValueError, IndexError)
# Of these no case is replayed: they are refused, by us or as in PyTorch.
NOT_REPLAYED = {"masked_select", "linspace of truth values", "scatter_reduce other"}


def walked_back(function: Callable[..., Any], arrays: list[np.ndarray]) -> tuple[Any, list[Any]]:
    """The function of its inputs plus parameters of zeros, with a walk back; the parameters."""
    parameters = [
        tensor(np.zeros_like(a), requires_grad=True) for a in arrays if a.dtype.kind == "f"
    ]

    def call(*xs: Any) -> Any:
        rest = iter(parameters)
        given = [x + next(rest) if x.dtype.kind == "f" else x for x in xs]
        found = function(torch, *given)
        results = list(found) if isinstance(found, tuple) else [found]
        for parameter in parameters:
            parameter.grad = None
        for y in results:
            if y.requires_grad:
                (y * y).sum().backward(retain_graph=True)
        return [y.detach() for y in results]

    return call, parameters


def outcome(call: Any, parameters: list[Any], arrays: list[np.ndarray]) -> list[Any]:
    """What comes of it: results and gradients, or the kind of error."""
    torch.manual_seed(1)
    try:
        results = call(*map(tensor, arrays))
    except ERRORS as error:
        return [type(error)]
    return [x if x is None else x.numpy().copy() for x in [*results, *(p.grad for p in parameters)]]


def replayed(function: Callable[..., Any], arrays: list[np.ndarray]) -> bool:
    """Whether one recording served calls with other numbers; AssertionError if one was wrong."""
    call, parameters = walked_back(function, arrays)
    captured, draw = capture(call), np.random.default_rng(3)
    first, wanted = outcome(captured, parameters, arrays)[0], outcome(call, parameters, arrays)[0]
    if isinstance(first, type):
        assert first is CaptureError or first is wanted
        return False
    for _ in range(4):
        moved = [draw.permutation(a.reshape(-1)).reshape(a.shape) for a in arrays]
        found, wanted = (outcome(f, parameters, moved) for f in (captured, call))
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(a, b)
    return [len(found) for found in captured.recordings.values()] == [1]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_replay_is_the_call(name: str) -> None:
    found = [replayed(function, arrays) for function, arrays in OPERATIONS[name]]
    assert any(found) != (name in NOT_REPLAYED)
