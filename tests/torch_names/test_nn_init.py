"""moreish.torch.nn.init: the draws of torch.nn.init, to the bit, and its refusals."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.both import HAS_VECTORS
from torch_names.alike import LIBRARIES, check, check_normal

UNIFORM: list[Callable[[Any, Any], Any]] = [
    lambda i, w: i.uniform_(w),
    lambda i, w: i.uniform_(w, -0.3, b=0.7),
    lambda i, w: i.zeros_(w),
    lambda i, w: i.ones_(w),
    lambda i, w: i.constant_(w, 0.3),
    lambda i, w: i.kaiming_uniform_(w),
    lambda i, w: i.kaiming_uniform_(w, a=5**0.5),
    lambda i, w: i.kaiming_uniform_(w, 0.1, "fan_out", "tanh"),
    lambda i, w: i.kaiming_uniform_(w, mode="FAN_OUT", nonlinearity="relu"),
    lambda i, w: i.xavier_uniform_(w),
    lambda i, w: i.xavier_uniform_(w, gain=i.calculate_gain("tanh")),
]
NORMAL: list[Callable[[Any, Any], Any]] = [
    lambda i, w: i.normal_(w),
    lambda i, w: i.normal_(w, mean=0.0, std=0.02),
    lambda i, w: i.normal_(w, 2, 0.5),
    lambda i, w: i.kaiming_normal_(w),
    lambda i, w: i.kaiming_normal_(w, 0.2, mode="fan_out", nonlinearity="leaky_relu"),
    lambda i, w: i.kaiming_normal_(w, nonlinearity="selu"),
    lambda i, w: i.xavier_normal_(w),
    lambda i, w: i.xavier_normal_(w, 5 / 3),
]
SHAPES = [(3, 4), (30, 50), (4, 3, 5), (1, 1)]


def drawn(library: Any, function: Callable[[Any, Any], Any], shape: Any, kind: str) -> Any:
    weight = library.nn.Parameter(library.empty(shape, dtype=getattr(library, kind)))
    result = function(library.nn.init, weight)
    assert result is weight
    assert weight.is_leaf
    return weight.detach(), library.rand(1)


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("number", range(len(UNIFORM)))
def test_uniform_draws(number: int, shape: tuple[int, ...], kind: str) -> None:
    check(lambda t: drawn(t, UNIFORM[number], shape, kind), exact=HAS_VECTORS)


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("number", range(len(NORMAL)))
def test_normal_draws(number: int, shape: tuple[int, ...], kind: str) -> None:
    check_normal(lambda t: drawn(t, NORMAL[number], shape, kind)[0])
    check(lambda t: drawn(t, NORMAL[number], shape, kind)[1], exact=True)


@pytest.mark.parametrize("name", ["uniform_", "normal_", "kaiming_uniform_", "xavier_normal_"])
def test_a_generator_of_ones_own(name: str) -> None:
    def run(library: Any) -> Any:
        generator = library.Generator().manual_seed(3)
        weight = library.zeros(2, 3, dtype=library.float64)
        return getattr(library.nn.init, name)(weight, generator=generator), library.rand(1)

    check(run, exact="uniform" in name and HAS_VECTORS)


GAINS = ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu", "gelu", "", "conv9d"]


@pytest.mark.parametrize("name", GAINS)
@pytest.mark.parametrize("param", [None, 0.2, 1, True, "x"])
def test_gains(name: str, param: Any) -> None:
    check(lambda t: t.nn.init.calculate_gain(name, param))


@pytest.mark.parametrize(
    "name", ["kaiming_uniform_", "kaiming_normal_", "xavier_uniform_", "xavier_normal_"]
)
def test_a_fan_needs_two_axes(name: str) -> None:
    for library in LIBRARIES:
        with pytest.raises(ValueError, match="Fan in and fan out"):
            getattr(library.nn.init, name)(library.ones(3))


def test_another_mode_is_refused() -> None:
    for library in LIBRARIES:
        with pytest.raises(ValueError, match="Mode fan not supported"):
            library.nn.init.kaiming_normal_(library.ones(3, 2), mode="fan")


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_nothing_to_draw_is_said(name: str) -> None:
    for library in LIBRARIES:
        with pytest.warns(UserWarning, match="no-op"):
            getattr(library.nn.init, name)(library.ones(0, 2))


def test_a_layer_without_inputs_draws_its_bias_from_nothing() -> None:
    with pytest.warns(UserWarning, match="no-op"):
        check(lambda t: (t.nn.Linear(0, 2).bias, t.rand(1)), exact=True)
