"""`device=` wherever PyTorch takes it: "cpu" is taken, another is refused in a sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch
from torch_names.alike import check

# What takes a device, as a function of (library, device).
TAKES: list[Callable[[Any, Any], Any]] = [
    lambda t, d: t.tensor([1.0], device=d),
    lambda t, d: t.as_tensor([1.0], device=d),
    lambda t, d: t.zeros(2, device=d),
    lambda t, d: t.ones(2, device=d),
    lambda t, d: t.empty(0, device=d),
    lambda t, d: t.full((2,), 3, device=d),
    lambda t, d: t.arange(3, device=d),
    lambda t, d: t.linspace(0, 1, 3, device=d),
    lambda t, d: t.eye(2, device=d),
    lambda t, d: t.zeros_like(t.ones(2), device=d),
    lambda t, d: t.ones_like(t.ones(2), device=d),
    lambda t, d: t.full_like(t.ones(2), 3, device=d),
    lambda t, d: t.empty_like(t.ones(0), device=d),
    lambda t, d: t.rand(2, device=d),
    lambda t, d: t.rand_like(t.ones(2), device=d),
    lambda t, d: t.randn(20, device=d).shape,
    lambda t, d: t.randn_like(t.ones(20), device=d).shape,
    lambda t, d: t.randint(0, 5, (3,), device=d),
    lambda t, d: t.randperm(3, device=d),
    lambda t, d: t.normal(0.0, 0.0, (2,), device=d),
    lambda t, d: t.ones(2).to(d),
    lambda t, d: t.ones(2).to(device=d, dtype=t.float64),
    lambda t, d: t.ones(2).to(d, t.float64),
    lambda t, d: t.ones(2).to(d, non_blocking=True),
    lambda t, d: t.ones(2).to(d, t.float64, True),
    lambda t, d: t.Generator(device=d).manual_seed(3).initial_seed(),
    lambda t, d: repr(t.nn.Linear(2, 2, device=d)),
    lambda t, d: repr(t.nn.Embedding(2, 2, device=d)),
    lambda t, d: repr(t.nn.LayerNorm(2, device=d)),
    lambda t, d: repr(t.nn.BatchNorm1d(2, device=d)),
    lambda t, d: t.nn.BatchNorm1d(2).to(d).state_dict(),
    lambda t, d: t.nn.BatchNorm1d(2).to(d, t.float64).state_dict(),
]
EACH = pytest.mark.parametrize("number", range(len(TAKES)))


@EACH
@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_the_processor(number: int, device: str) -> None:
    check(lambda t: TAKES[number](t, device))
    check(lambda t: TAKES[number](t, t.device(device)))


@EACH
@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_anything_else_is_refused_in_a_sentence(number: int, device: str) -> None:
    with pytest.raises(RuntimeError, match=f"device '{device}' is not there: moreish computes"):
        TAKES[number](moreish.torch, device)


DEVICES: list[Callable[[Any], Any]] = [
    lambda t: repr(t.device("cpu")),
    lambda t: repr(t.device("cpu", 1)),
    lambda t: str(t.device("cpu:1")),
    lambda t: (t.device("cpu", 1).type, t.device("cpu", 1).index, t.device("cpu").index),
    lambda t: t.ones(2).device == t.device("cpu"),
    lambda t: repr(t.ones(2).device),
    lambda t: next(t.nn.Linear(2, 2).parameters()).device.type,
    lambda t: "cuda" in str(t.ones(2).device),
    lambda t: t.cuda.is_available(),
    lambda t: t.cuda.device_count(),
    lambda t: (t.cuda.manual_seed_all(3), t.cuda.manual_seed(3), t.rand(2)),
    lambda t: t.zeros(2, device=t.ones(2).device),
]


@pytest.mark.parametrize("number", range(len(DEVICES)))
def test_devices_and_cuda(number: int) -> None:
    check(DEVICES[number], exact=True)


def entered(t: Any, *contexts: Any) -> list[bool]:
    """Whether gradients are recorded in contexts within each other, and after each."""
    found = []
    for context in contexts:
        context.__enter__()
        found.append(t.is_grad_enabled())
        found.append((t.ones(1, requires_grad=True) * 2).requires_grad)
    for context in reversed(contexts):
        context.__exit__(None, None, None)
        found.append(t.is_grad_enabled())
    return found


INFERENCE: list[Callable[[Any], Any]] = [
    lambda t: entered(t, t.inference_mode()),
    lambda t: entered(t, t.inference_mode(True), t.inference_mode()),
    lambda t: entered(t, t.inference_mode(), t.inference_mode(mode=False)),
    lambda t: entered(t, t.no_grad(), t.inference_mode(False)),
    lambda t: entered(t, t.inference_mode(), t.no_grad()),
    lambda t: t.inference_mode()(t.is_grad_enabled)(),
    lambda t: t.no_grad()(t.inference_mode(False)(t.is_grad_enabled))(),
    lambda t: t.inference_mode(t.is_grad_enabled)(),
    lambda t: t.no_grad(t.is_grad_enabled)(),
    lambda t: t.inference_mode()(lambda x: (x * 2).requires_grad)(t.ones(1, requires_grad=True)),
]


@pytest.mark.parametrize("number", range(len(INFERENCE)))
def test_inference_mode(number: int) -> None:
    check(INFERENCE[number])


def test_a_function_in_inference_mode_may_call_itself() -> None:
    def run(t: Any) -> Any:
        @t.inference_mode()
        def count(n: int) -> list[bool]:
            return [t.is_grad_enabled()] + (count(n - 1) if n else [])

        return count(3), count.__name__, t.is_grad_enabled()

    check(run)


def test_roll_and_topk_as_programs_call_them() -> None:
    x = np.random.default_rng(0).standard_normal((3, 7))
    check(lambda t: t.roll(t.tensor(x), 1, 1), exact=True)
    check(lambda t: tuple(t.topk(t.tensor(x), 3)), exact=True)
    check(lambda t: tuple(t.topk(t.tensor(x), k=1, dim=-1)), exact=True)
