"""explain: the paths add up to the gradient, and what broke is named with its line."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish.torch as torch
from engine.test_value import STEPS, _built
from moreish import Value, explain
from moreish.micrograd.nn import MLP
from moreish.torch import Tensor, tensor
from moreish.torch.nn.functional import cross_entropy


def asked(data: object) -> Tensor:
    return tensor(data, dtype=torch.float64, requires_grad=True)


# ---- paths


@settings(max_examples=150, deadline=None)
@given(STEPS, st.lists(st.floats(-2, 2), min_size=2, max_size=4))
def test_all_paths_of_values_add_up_to_the_gradient(
    steps: list[tuple[str, int, int]], numbers: list[float]
) -> None:
    leaves = [Value(n) for n in numbers]
    root = _built(leaves, steps[:9])
    root.backward()
    for leaf in leaves:
        try:
            explanation = explain(leaf, root, paths=600)
        except ValueError:
            assert leaf.grad == 0
            continue
        amounts = [path.amount for path in explanation.paths]
        assert explanation.gradient == pytest.approx(leaf.grad, rel=1e-9, abs=1e-12)
        assert sum(amounts) == pytest.approx(leaf.grad, rel=1e-9, abs=1e-9)
        assert [abs(a) for a in amounts] == pytest.approx(sorted(map(abs, amounts), reverse=True))
        assert len(amounts) <= explanation.count  # those that carry nothing are not told


def test_paths_of_tensors_add_up_to_the_length_of_the_gradient() -> None:
    draw = np.random.default_rng(1)
    x, w = asked(draw.standard_normal((5, 3))), asked(draw.standard_normal((3, 4)))
    hidden = (x @ w).tanh()
    loss = cross_entropy(hidden + hidden * hidden, tensor([0, 1, 2, 3, 0])) + (w**2).mean()
    loss.backward()
    for leaf, count in ((w, 4), (x, 3)):
        explanation = explain(leaf, paths=99)
        assert explanation.count == count
        assert explanation.gradient == pytest.approx(float((leaf.grad**2).sum().sqrt()))
        assert sum(p.amount for p in explanation.paths) == pytest.approx(explanation.gradient)


@pytest.mark.long
def test_the_number_of_paths_is_counted_and_not_walked() -> None:
    x, t = Value(1.0), asked(1.0)
    y, u = x, t
    for _ in range(60):
        y, u = (y + y) * 0.5, (u + u) * 0.5
    for leaf, root in ((x, y), (t, u)):
        explanation = explain(leaf, root, paths=2)
        assert explanation.count == 2**60
        assert explanation.gradient == pytest.approx(1.0)
        assert [p.amount for p in explanation.paths] == pytest.approx([2.0**-60] * 2)


def test_the_lines_of_a_path() -> None:
    a, b = Value(2.0, label="a"), Value(3.0)
    c = a * b  # the product
    d = c.tanh() + b  # the sum
    d.label = "d"
    (path,) = explain(a, d).paths
    assert [stage.operation for stage in path.stages] == ["*", "tanh", "+"]
    assert [stage.line.text for stage in path.stages if stage.line] == [
        "c = a * b  # the product",
        "d = c.tanh() + b  # the sum",
        "d = c.tanh() + b  # the sum",
    ]
    first, second = path.told()
    assert first.startswith("*       → 6")
    assert first.endswith("# the product")
    assert second.startswith("tanh +  → 4 d")
    assert "test_explaining.py:" in second


def test_what_is_printed() -> None:
    a = Value(2.0, label="a")
    text = str(explain(a, a * 3 + a))
    assert text.startswith("The gradient of a is 4, by 2 paths.\n   75.0%  3 · 1 = 3\n")
    assert "   25.0%  +1\n" in text
    assert str(explain(a, a * 3)).startswith("The gradient of a is 3, by one path.")
    y = a
    for _ in range(20):
        y = y * 1.5
    assert "1.5 · 1.5 · 1.5 · 1.5 · 1.5 · 1.5 · … · 1.5 = 3325.26\n" in str(explain(a, y))
    t = asked([1.0, 2.0])
    assert str(explain(t, t.sum())).startswith("The gradient of a Tensor of shape [2] is 1.41421")


def test_what_is_long_is_told_in_short() -> None:
    x = Value(0.5, label="x")
    y = x
    for _ in range(16_000):  # a count of 4,817 digits, which Python does not write
        y = y + y
    first, second, row = str(explain(x, y, 1)).splitlines()[:3]
    assert first == "The gradient of x is inf, by about 10^4816 paths."
    assert second.split("  ")[-1] == "1 · 1 · 1 · 1 · 1 · 1 · … · 1 = 1"
    assert row.strip().startswith("+ + + + + + … 15,993 more … +  → inf")


def test_without_a_loss_it_is_the_last() -> None:
    x, t = Value(2.0), asked([1.0])
    y = x * x
    y.backward()
    assert explain(x).gradient == 4
    loss = (t * 3).sum()
    loss.backward()
    assert explain(t).gradient == pytest.approx(3)
    del loss
    with pytest.raises(RuntimeError, match="no loss to explain"):
        explain(t)


def test_what_can_not_be_explained_is_said() -> None:
    x, t = Value(2.0), asked([1.0])
    with pytest.raises(ValueError, match="not computed from"):
        explain(Value(2.0), x * 2)
    with pytest.raises(ValueError, match="not computed from"):
        explain(asked([1.0]), (t * 2).sum())
    with pytest.raises(TypeError, match="got Value and Tensor"):
        explain(x, t.sum())
    with pytest.raises(TypeError, match="got float and Value"):
        explain(2.0, x)


# ---- what broke


def kinds(parameter: object, loss: object) -> dict[str, str]:
    return {t.kind: t.sentence for t in explain(parameter, loss).troubles}


def test_where_an_infinity_and_a_nan_began() -> None:
    x = Value(0.0, label="x")
    y = x * 2
    z = y.log()  # infinite
    w = z * 0 + x
    found = explain(x, w).troubles
    assert [t.kind for t in found] == ["infinity", "infinity"]
    assert found[0].sentence.startswith("'log' of 0 gives -inf, at test_explaining.py:")
    assert found[1].sentence.startswith("the slope of 'log' at 0 is inf")
    assert all(t.line and t.line.text == "z = y.log()  # infinite" for t in found)
    (trouble,) = explain(x, (x - 8) ** (1 / 3)).troubles
    assert trouble.sentence.startswith("'**0.333333' of -8 and 0.333333 gives nan")
    bad = Value(math.nan, label="bad")
    (leaf,) = explain(bad, bad * 1).troubles
    assert (leaf.sentence, leaf.line) == ("the leaf bad holds nan", None)


def test_where_a_tensor_broke() -> None:
    t = asked([1.0, -1.0])
    u = t.log()  # no number
    (trouble,) = explain(t, (u * 2).sum()).troubles
    assert trouble.kind == "nan"
    assert trouble.line is not None
    assert trouble.line.text == "u = t.log()  # no number"
    zero = asked([0.0, 4.0])
    root = zero.sqrt()  # infinitely steep
    (steep,) = explain(zero, root.sum()).troubles
    assert steep.kind == "infinity"
    assert steep.sentence.startswith("the slope of 'sqrt' gives inf, at test_explaining.py:")
    endless = asked([math.inf])
    (leaf,) = explain(endless, (endless * 2).sum()).troubles
    assert leaf.sentence == "a leaf holds inf"


def test_dead_and_saturated_values() -> None:
    x = Value(-5.0)
    found = kinds(x, (x * 3).relu() + (x * 9).tanh())
    assert found["dead"].startswith("'ReLU' passes no gradient on in 1 of 1 uses, at ")
    assert found["saturated"].startswith("'tanh' passes almost no gradient on in 1 of 1 uses")
    y = Value(0.5)
    assert kinds(y, y.relu() + y.tanh()) == {}


def test_dead_neurons_are_counted_by_their_uses() -> None:
    random.seed(4)
    model = MLP(2, [8, 1])
    for neuron in model.layers[0].neurons[:3]:
        neuron.b.data = -100.0
    loss = model([0.5, 0.25]) + model([-0.5, 1.0])
    found = kinds(model.layers[0].neurons[0].b, loss)
    assert "2 of 2 uses" in found["dead"]  # its own, in two examples
    assert "nn.py:" in found["dead"]
    assert "Neuron.__call__" in found["dead"]


def test_dead_and_saturated_units_of_tensors() -> None:
    t = asked(np.linspace(-1, 1, 12).reshape(4, 3))
    shift = tensor([0.0, -9.0, 50.0], dtype=torch.float64)
    found = kinds(t, ((t + shift).relu() + (t + shift).tanh()).sum())
    assert found["dead"].startswith("1 of 3 units of 'relu' pass on almost no gradient in any of 4")
    assert found["saturated"].startswith("2 of 3 units of 'tanh'")
    assert kinds(t, t.tanh().sum()) == {}
