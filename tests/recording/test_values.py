"""A captured loss of Values is the loss, and so are its gradients, to rounding."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moreish import Value
from moreish.engine.activations import ACTIVATIONS
from moreish.micrograd.nn import MLP
from moreish.recording import CaptureError, capture
from moreish.torch import no_grad, tensor

CLOSE = {"rel": 1e-9, "abs": 1e-12}


def moons(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    turn = np.linspace(0, np.pi, count // 2)
    upper = np.stack([np.cos(turn), np.sin(turn)], 1)
    lower = np.stack([1 - np.cos(turn), 0.5 - np.sin(turn)], 1)
    points = np.concatenate([upper, lower]) + rng.normal(0, 0.1, (2 * (count // 2), 2))
    return points, np.repeat([-1, 1], count // 2)


def moons_loss(model: MLP, count: int = 20) -> Callable[[], Value]:
    X, y = moons(count)

    def loss() -> Value:
        inputs = [list(map(Value, row)) for row in X]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + 1e-4 * sum(p * p for p in model.parameters())

    return loss


def a_model(*sizes: int, **options: Any) -> MLP:
    random.seed(1337)
    return MLP(sizes[0], list(sizes[1:]), **options)


@pytest.mark.parametrize("activation", [Value.relu, Value.tanh, Value.sigmoid, Value.softplus])
def test_the_two_moons_of_micrograd_are_learnt_alike(activation: Any) -> None:
    models = [a_model(2, 8, 8, 1, activation=activation) for _ in range(2)]
    plain, captured = moons_loss(models[0]), capture(moons_loss(models[1]))
    for step in range(12):
        losses = plain(), captured()
        assert losses[1].data == pytest.approx(losses[0].data, **CLOSE)
        for model, loss in zip(models, losses, strict=True):
            model.zero_grad()
            loss.backward()
        for p, q in zip(*(model.parameters() for model in models), strict=True):
            assert q.grad == pytest.approx(p.grad, **CLOSE)
            p.data -= (1 - 0.05 * step) * p.grad
            q.data -= (1 - 0.05 * step) * q.grad
    (tape,) = captured.tapes
    tape.check()
    assert "matmul (20, 8) (8, 8) + a row" in str(tape)


NAMES = ["add", "sub", "mul", "div", "pow", "neg", "tanh", "exp", "elu", "plain", "reuse"]


def build(script: list[tuple[str, int, int, float]], leaves: list[Value]) -> Value:
    """A graph from a list of moves, any of whose nodes may be used again."""
    nodes = list(leaves)
    for name, i, j, number in script:
        a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
        nodes.append(
            {
                "add": lambda a=a, b=b: a + b,
                "sub": lambda a=a, b=b: a - b,
                "mul": lambda a=a, b=b: a * b,
                "div": lambda a=a, b=b: a / (b * b + 1.0),
                "pow": lambda a=a: (a * a + 0.5) ** 1.5,
                "neg": lambda a=a: -a,
                "tanh": lambda a=a: a.tanh(),
                "exp": lambda a=a: (-a * a).exp(),
                "elu": lambda a=a: a.elu(),
                "plain": lambda a=a, n=number: (n - a) * n + a / 3.0 + n * (a - n),
                "reuse": lambda a=a: a * a + a + a,
            }[name]()
        )
    total = nodes[-1]
    for node in nodes[-4:-1]:
        total = total + node.tanh()
    return total


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(0, 30), st.integers(0, 30), st.floats(-2, 2)),
        max_size=25,
    ),
    st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3),
    st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3),
)
def test_any_graph(
    script: list[tuple[str, int, int, float]], first: list[float], second: list[float]
) -> None:
    leaves, own = [Value(x) for x in first], [Value(x) for x in first]
    captured = capture(lambda: build(script, own))
    for numbers in (first, second):
        for x, y, number in zip(leaves, own, numbers, strict=True):
            x.data = y.data = number
            x.grad = y.grad = 0.0
        with np.errstate(all="ignore"):
            plain, replayed = build(script, leaves), captured()
            plain.backward()
            (replayed * 2 - replayed).backward()
        assert replayed.data == pytest.approx(plain.data, **CLOSE)
        scale = max(abs(x.grad) for x in leaves)
        for x, y in zip(leaves, own, strict=True):
            assert y.grad == pytest.approx(x.grad, rel=1e-8, abs=1e-10 * max(scale, 1))
    captured.tapes[0].check()


@pytest.mark.parametrize(
    "name", [n for n in ACTIVATIONS if n not in ("binary step", "parametric relu")]
)
def test_every_activation(name: str) -> None:
    xs = [Value(x) for x in (-2.0, -0.5, 0.3, 4.0)]
    function = ACTIVATIONS[name]
    captured = capture(lambda: sum((function(x) * x for x in xs), Value(0.0)))
    captured()
    for x in xs:
        x.data = x.data * 0.7
    plain = sum((function(x) * x for x in xs), Value(0.0))
    plain.backward()
    slopes = [x.grad for x in xs]
    for x in xs:
        x.grad = 0.0
    replayed = captured()
    replayed.backward()
    assert replayed.data == pytest.approx(plain.data, **CLOSE)
    assert [x.grad for x in xs] == pytest.approx(slopes, **CLOSE)


def test_values_and_numbers_as_arguments_and_several_results() -> None:
    w = Value(2.0)

    def function(x: Value, pair: list[Value], scale: float = 1.0) -> Any:
        y = w * x + pair[0] * pair[1]
        return {"loss": y * scale, "parts": (y, x * x, scale)}

    captured = capture(function)
    for number in (1.0, 2.0, 3.0):
        x, pair = Value(number), [Value(number + 1), Value(-number)]
        found = captured(x, pair)
        assert found["loss"].data == 2.0 * number - (number + 1) * number
        assert (found["parts"][1].data, found["parts"][2]) == (number**2, 1.0)
        x.grad = w.grad = 0.0
        found["loss"].backward()
        found["parts"][1].backward()
        assert (x.grad, w.grad, pair[1].grad) == (2.0 + 2 * number, number, number + 1)
    assert len(captured.tapes) == 1
    assert captured(x, pair, 2.0)["loss"].data == 2 * found["loss"].data


def test_over_many_examples_is_the_sum_over_them() -> None:
    model, other = a_model(2, 5, 1), a_model(2, 5, 1)
    X, y = moons(30)

    def loss(x: list[Value], y: Value) -> Value:
        return (1 + -y * model(x)).relu() + model.layers[0].neurons[0].b ** 2

    captured = capture(loss)
    total = captured.over(X, y)
    total.backward()
    plain = sum(
        (
            (1 + -float(t) * other([float(a) for a in x])).relu()
            + other.layers[0].neurons[0].b ** 2
            for x, t in zip(X, y, strict=True)
        ),
        Value(0.0),
    )
    plain.backward()
    assert total.data == pytest.approx(plain.data, **CLOSE)
    for p, q in zip(other.parameters(), model.parameters(), strict=True):
        assert q.grad == pytest.approx(p.grad, **CLOSE)
    more = captured.over(np.concatenate([X, X]), np.concatenate([y, y]))
    assert more.data == pytest.approx(2 * plain.data, **CLOSE)
    with pytest.raises(ValueError, match="as many rows each as there are examples"):
        captured.over(X, y[:3])


def test_inside_no_grad_the_number_is_the_same_and_has_no_history() -> None:
    w = Value(3.0)
    captured = capture(lambda: w * w)
    for _ in range(2):
        with no_grad():
            y = captured()
        assert (y.data, y._prev) == (9.0, set())
    captured().backward()
    assert w.grad == 6.0


def test_arrays_that_it_reads_are_watched() -> None:
    w, data = Value(2.0), np.array([1.0, 2.0])
    table = tensor([1.0, 2.0])
    captured = capture(lambda: sum((w * float(x) for x in data), Value(0.0)) + len(table))
    assert captured().data == 8.0
    data[0] = 5.0
    assert captured().data == 16.0
    w.data = 1.0
    assert captured().data == 9.0


def test_results_are_values_that_nobody_overwrites() -> None:
    w = Value(2.0)
    captured = capture(lambda: w * w)
    first = captured()
    w.data = 3.0
    assert (captured().data, first.data) == (9.0, 4.0)


W = Value(1.5)


@pytest.mark.parametrize(
    "function",
    [
        lambda: W * 2 if W > 0 else W,
        lambda: W * W.data,
        lambda: max(W, W * 2),
        lambda: W * 2 if W else W,
        lambda: Value(float(f"{W:.2f}")) * W,
        lambda: setattr(W, "data", 2.0) or W * 2,
        lambda: setattr(W, "grad", 1.0) or W * 2,
        lambda: (W * 2).backward() or W * 2,
        lambda: W.binary_step(),
        lambda: W * random.random(),
    ],
)
def test_what_a_replay_could_not_follow_is_refused(function: Callable[[], Any]) -> None:
    captured = capture(function)
    with pytest.raises(CaptureError, match="captured"):
        captured()
    assert W.data == 1.5 and W > 0  # noqa: PT018
    assert not captured.tapes


def test_a_graph_that_is_gone_or_stale_or_asked_for_slopes_of_slopes() -> None:
    w = Value(2.0)
    captured = capture(lambda: w * w * w)
    first, second = captured(), captured()
    with pytest.raises(CaptureError, match="called again since"):
        first.backward()
    with pytest.raises(CaptureError, match="gradients of gradients"):
        second.backward(create_graph=True)
    w.grad = 0.0
    second.backward()
    assert w.grad == 12.0
    third = captured()
    w.data = 5.0
    with pytest.raises(RuntimeError, match="was changed after"):
        third.backward()


def test_values_and_tensors_are_not_mixed() -> None:
    table = tensor([1.0, 2.0])
    with pytest.raises(CaptureError, match="can't work on Tensors, too"):
        capture(lambda: table.add_(1.0) is table and W * 2)()


def test_an_argument_with_a_history() -> None:
    captured = capture(lambda x: x * W)
    with pytest.raises(CaptureError, match="has a history"):
        captured(W * 2)


def test_a_constant_loss_has_no_parameters_and_is_right() -> None:
    captured = capture(lambda: Value(2.0) * 3)
    for _ in range(2):
        y = captured()
        y.backward()
        assert y.data == 6.0


@pytest.mark.parametrize(
    ("examples", "sentence"),
    [
        (3.0, "one example at least"),
        ([], "one example at least"),
        (None, "one example at least"),
        ([[1.0], [1.0, 2.0]], "rows of one length"),
        ([{"a": 1}], "rows of one length"),
        (["a"], "rows of one length"),
    ],
)
def test_examples_that_are_none(examples: object, sentence: str) -> None:
    loss = capture(lambda x, y: x * y)
    with pytest.raises(ValueError, match=sentence):
        loss.over([1.0, 2.0], examples)


def test_what_is_no_function_of_one_step() -> None:
    def steps():
        yield 1

    with pytest.raises(CaptureError, match="steps does not return what it computes but yields"):
        capture(steps)
    with pytest.raises(TypeError, match="wants a function, got 3"):
        capture(3)
