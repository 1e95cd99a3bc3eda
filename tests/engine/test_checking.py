"""check_gradient: every rule passes, and every planted mistake is named with its line."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.test_rules import CASES, FLAT
from moreish import GradientError, Value, check_gradient, explain
from moreish.engine import rules
from moreish.engine.graph import Gradient, Primitive
from moreish.micrograd.nn import MLP
from moreish.torch import Tensor, is_grad_enabled, no_grad, tensor
from moreish.torch.nn.functional import cross_entropy, layer_norm


def leaf(array: np.ndarray) -> Tensor:
    return tensor(array, requires_grad=array.dtype.kind == "f")


# ---- what is right passes


@pytest.mark.parametrize(("name", "_theirs", "inputs", "options"), CASES)
def test_every_row_of_the_table_is_right(
    name: str, _theirs: Any, inputs: list[np.ndarray], options: dict[str, Any]
) -> None:
    checked = check_gradient(lambda *xs: rules.TABLE[name](*xs, **options), *map(leaf, inputs))
    assert checked.steps == 1
    assert checked.worst < 1e-6


def test_a_network_of_values() -> None:
    model = MLP(2, [3, 1], activation=Value.gelu)
    checked = check_gradient(lambda *xs: model(xs) ** 2, Value(0.3), Value(-0.8))
    assert checked.steps > 20
    assert checked.worst < 1e-5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_network_of_tensors(dtype: type) -> None:
    draw = np.random.default_rng(1)
    table, weight = (leaf(draw.standard_normal(s).astype(dtype)) for s in [(5, 4), (8, 5)])
    contexts, answers = tensor([[0, 1], [4, 4], [2, 0]]), tensor([1, 0, 4])

    def loss(table: Tensor, weight: Tensor) -> Tensor:
        hidden = layer_norm(table[contexts].view(3, 8).tanh(), (8,))
        return cross_entropy(hidden @ weight, answers)

    assert check_gradient(loss, table, weight).steps >= 10


def test_gradients_and_modes_are_left_as_they_were() -> None:
    x, t = Value(2.0), leaf(np.array([1.0, 2.0]))
    x.grad, t.grad = 5.0, tensor([7.0, 8.0], dtype=np.float64)
    check_gradient(lambda x: x * x, x)
    check_gradient(lambda t: t * t, t)
    assert x.grad == 5.0
    assert t.grad.tolist() == [7.0, 8.0]
    with pytest.raises(ZeroDivisionError):
        check_gradient(lambda t: (t * t) / (1 // 0), t)
    assert check_gradient(lambda t: t + t, t).steps == 1  # nothing of the failed call is left
    assert is_grad_enabled()
    loss = x * 3
    loss.backward()
    check_gradient(lambda x: x * x, x)
    assert explain(x).gradient == 3  # of the loss, still


def test_kinks_and_edges_are_no_mistakes() -> None:
    assert check_gradient(lambda x: x.relu() + abs(x), Value(0.0)).steps == 3
    check_gradient(lambda t: t.relu().sum(), leaf(np.array([0.0, -1.0, 2.0])))
    check_gradient(lambda x: x.sqrt(), Value(0.0))  # infinitely steep: nothing can be measured
    check_gradient(lambda t: t.max(), leaf(np.array([1.0, 1.0, 0.0])))


# ---- what is wrong is named


def sine_with(slope: Callable[..., Any]) -> Primitive:
    return Primitive("sine", np.sin, math.sin, gradients=[slope])


WRONG: list[Callable[..., Any]] = [
    lambda g, _y, x: g * (np.cos(x) if isinstance(x, np.ndarray) else math.cos(x)) * 1.0005,
    lambda g, _y, x: -g * (np.cos(x) if isinstance(x, np.ndarray) else math.cos(x)),
    lambda g, y, _x: g * y,
    lambda g, _y, _x: g * 0,
    lambda g, _y, _x: g * math.nan,
]


@pytest.mark.parametrize("slope", WRONG)
def test_a_wrong_rule_is_named_with_its_line(slope: Callable[..., Any]) -> None:
    sine = sine_with(slope)

    def function(x: Any) -> Any:
        return (sine(x * 2) + x).tanh()  # it is used here

    for x in (Value(0.4), leaf(np.array([0.4, -0.7]))):
        with pytest.raises(GradientError, match="'sine' with respect to input 0") as error:
            check_gradient(function, x)
        assert "# it is used here" in str(error.value)


NAMED = [case for case in CASES if case[0] not in FLAT]


@pytest.mark.parametrize(("name", "_theirs", "inputs", "options"), NAMED)
def test_a_mistake_in_any_row_is_named(
    name: str,
    _theirs: Any,
    inputs: list[np.ndarray],
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = rules.TABLE[name]
    if row.every is not None:
        every = row.every
        monkeypatch.setattr(row, "every", lambda *args, **own: every(*args, **own) * 1.0005)
    else:
        monkeypatch.setattr(row, "gradients", tuple(map(_a_little_wrong, row.gradients)))
    with pytest.raises(GradientError, match=f"'{name}'"):
        check_gradient(lambda *xs: row(*xs, **options), *map(leaf, inputs))


def _a_little_wrong(right: Gradient) -> Gradient:
    wrong = Gradient(right.function)
    wrong.function = lambda *args, **own: (
        None if (g := right.function(*args, **own)) is None else g * 1.0005
    )
    return wrong


def test_the_wrong_input_is_named() -> None:
    product = Primitive(
        "product",
        np.multiply,
        lambda a, b: a * b,
        gradients=[lambda g, _y, _a, b: g * b, lambda g, _y, _a, b: g * b],
    )
    with pytest.raises(GradientError, match="'product' with respect to input 1"):
        check_gradient(lambda a, b: product(a, b), Value(2.0), Value(3.0))


def test_what_the_walk_back_does_not_see_is_told() -> None:
    def leaky(t: Tensor) -> Tensor:
        with no_grad():
            scale = t.exp()
        return t * scale

    hidden: list[tuple[Callable[..., Any], Any]] = [
        (lambda x: x * x.data, Value(2.0)),
        (lambda t: t * t.detach(), leaf(np.array([2.0, 3.0]))),
        (lambda t: t * t.sum().item(), leaf(np.array([2.0, 3.0], dtype=np.float32))),
        (leaky, leaf(np.array([2.0, 3.0]))),
    ]
    for function, x in hidden:
        with pytest.raises(GradientError, match="not seen by the walk back"):
            check_gradient(function, x)


def test_what_can_not_be_checked_is_said() -> None:
    with pytest.raises(TypeError, match="Values or Tensors"):
        check_gradient(lambda x: x, 2.0)
    with pytest.raises(TypeError, match="gave float"):
        check_gradient(lambda x: x.data, Value(2.0))
    with pytest.raises(GradientError, match="nothing that a gradient goes through"):
        check_gradient(lambda t: t * 2, tensor([1.0]))


def test_it_is_for_users() -> None:
    assert issubclass(GradientError, AssertionError)  # so it is a failure in any test runner
    assert list(inspect.signature(check_gradient).parameters)[:1] == ["function"]
