"""Right derivatives are called right; of wrong ones the slip is named."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import moreish.torch as torch
from moreish import Value, slips
from moreish.errors import OptionError


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


RIGHT: list[tuple[Callable[[float], float], Callable[[float], float]]] = [
    (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    (math.exp, math.exp),
    (math.sin, math.cos),
    (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    (lambda x: x**3, lambda x: 3 * x**2),
    (lambda x: 1 / x, lambda x: -1 / x**2),
    (lambda x: max(x, 0.0), lambda x: float(x > 0)),
    (lambda x: 5.0, lambda x: 0.0),
    (lambda x: x, lambda x: 1.0),
    (lambda x: math.log(1 + math.exp(x)), sigmoid),
    (lambda x: max(x, 0.0), lambda x: x > 0),
    (torch.tanh, lambda x: 1 - torch.tanh(x) ** 2),
    (lambda x: x.tanh(), lambda x: 1 - x.tanh() ** 2),
    (lambda x: Value(x).exp(), lambda x: Value(x).exp()),
    (lambda x: 1e10 + x, lambda x: 1.0),  # a slope that is measured with little precision
    (lambda x: math.sin(1000 * x), lambda x: 1000 * math.cos(1000 * x)),
]
WRONG: list[tuple[Callable[[float], float], Callable[[float], float], str | None]] = [
    (math.tanh, lambda x: 1 - x**2, "result"),
    (sigmoid, lambda x: x * (1 - x), "result"),
    (math.cos, math.sin, "sign"),
    (lambda x: 1 / x, lambda x: 1 / x**2, "sign"),
    (lambda x: x**2, lambda x: x, "factor"),
    (lambda x: x**3, lambda x: x**2, "factor"),
    (math.sin, math.sin, "function"),
    (lambda x: 4 * x, lambda x: 0.25, "reciprocal"),
    (lambda x: x**2 + x, lambda x: 2 * x, "constant"),
    (math.tanh, lambda x: 1 - math.tanh(x), None),
    (math.tanh, lambda x: 0.0, None),
    (lambda x: 1e-12 * x * x, lambda x: 1e-12 * x, "factor"),
]


@pytest.mark.parametrize(("function", "derivative"), RIGHT)
def test_right(function: Any, derivative: Any) -> None:
    said = slips.rule(function, derivative)
    assert said.right, said
    assert said.slip is None


@pytest.mark.parametrize(("function", "derivative", "slip"), WRONG)
def test_wrong(function: Any, derivative: Any, slip: str | None) -> None:
    said = slips.rule(function, derivative)
    assert (said.right, said.slip) == (False, slip), said


def test_the_line_of_the_rule_is_told() -> None:
    def slope(x: float) -> float:
        return 1 - x**2

    line = slips.rule(math.tanh, slope).line
    assert line is not None
    assert line.text == "def slope(x: float) -> float:"


def test_what_does_not_fit() -> None:
    with pytest.raises(OptionError, match="three different points"):
        slips.rule(math.tanh, math.tanh, [1.0, 1.0, 2.0])
    with pytest.raises(TypeError, match="derivative is a function, got float: give it without"):
        slips.rule(math.tanh, math.tanh(1.0))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"None at -1.7: return the result"):
        slips.rule(math.tanh, lambda x: None)
    with pytest.raises(TypeError, match="got complex"):
        slips.rule(lambda x: x**x, lambda x: x)
    with pytest.raises(OptionError, match="can't be taken"):
        slips.rule(math.log, lambda x: 1 / x)
    assert slips.rule(math.log, lambda x: 1 / x, [0.5, 1.0, 2.0]).right
    with pytest.raises(OptionError, match="gives at 2 is inf"):
        slips.rule(math.exp, lambda x: math.inf if x == 2 else math.exp(x), [0.0, 1.0, 2.0])
