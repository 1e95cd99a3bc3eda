"""Drawings of a learner's own class of Values, and Tensors that are called as in their source."""

import math
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish import draw
from moreish.errors import OptionError
from moreish.micrograd.nn import Neuron


class Mine:
    """As a learner writes it after the lecture."""

    def __init__(self, data: float, children: Any = (), op: str = "", label: str = "") -> None:
        self.data, self.grad, self._prev, self._op, self.label = data, 0.0, set(children), op, label

    def __add__(self, other: Any) -> "Mine":
        other = other if isinstance(other, Mine) else Mine(other)
        return Mine(self.data + other.data, (self, other), "+")

    def __mul__(self, other: Any) -> "Mine":
        other = other if isinstance(other, Mine) else Mine(other)
        return Mine(self.data * other.data, (self, other), "*")

    def tanh(self) -> "Mine":
        return Mine(math.tanh(self.data), (self,), "tanh")


def rows(root: Any) -> dict[str, str]:
    """What is said of each node, by its name."""
    return {line.split()[0]: line for line in draw.graph(root).text().splitlines()[1:]}


def test_a_class_of_ones_own() -> None:
    a, b = Mine(2.0, label="a"), Mine(-3.0, label="b")
    c = a * b
    c.label = "c"
    root = ((c + 7) * (c + 7)).tanh()
    c.grad = 0.5
    found = rows(root)
    assert found["c"].split() == ["c", "a", "*", "b", "data", "-6.0000", "grad", "0.5000"]
    assert draw.graph(root).text().startswith("9 nodes, 4 operations deep: 2 *, 2 +, 1 tanh")
    assert draw.graph(root).svg().startswith("<svg")


def test_operands_stand_in_one_order_and_twice_where_they_are_used_twice() -> None:
    a = Mine(2.0, label="a")
    assert "a * a" in draw.graph(a * a).text()
    assert "a + b" in draw.graph(Mine(1.0, label="b") + a).text()


def test_a_long_chain_is_no_trouble() -> None:
    x = Mine(1.0)
    for _ in range(3_000):
        x = x + 1
    assert draw.graph(x).text().startswith("6,001 nodes, 3,000 operations deep")


def test_a_value_that_was_computed_from_itself() -> None:
    a = Mine(1.0)
    b = a + 1
    a._prev = {b}
    with pytest.raises(ValueError, match=r"data 2.0 was computed from itself"):
        draw.graph(b)


def test_what_learners_leave_out() -> None:
    a = Mine(2)
    a.grad, a.label = None, None  # type: ignore[assignment]
    a._prev = None  # type: ignore[assignment]
    assert draw.graph(a + np.float32(1)).text().splitlines()[1].split()[1:] == [
        *("data", "1.0000", "grad", "0.0000")
    ]
    assert "None" not in draw.graph(a + 1).svg()


@pytest.mark.parametrize("data", [np.ones(2), "two", None, 1j, 10**400])
def test_data_that_is_no_number(data: Any) -> None:
    root = Mine(1.0)
    for _ in range(2):  # in a leaf alone, and in a set beside another
        with pytest.raises(TypeError, match=r"the data of a Value is one number.*got \w+"):
            draw.graph(Mine(1.0, (root, Mine(data)), "+"))
        root = Mine(data)
    with pytest.raises(TypeError, match="the data of a Value"):
        draw.graph(root)


def test_a_model_of_ones_own_values() -> None:
    with pytest.raises(OptionError, match="leave model out"):
        draw.graph(Mine(1.0) + 1, model={"w": Mine(1.0)})


def test_operands_that_are_no_values() -> None:
    with pytest.raises(TypeError, match=r"_prev holds the Values.* float 2.0"):
        draw.graph(Mine(1.0, (2.0,), "+"))


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"data, grad, _prev and _op\); got Neuron"):
        draw.graph(Neuron(2))


def test_tensors_are_called_as_in_their_lines() -> None:
    logits = torch.tensor([[1.0, 2.0], [0.5, 0.25]], requires_grad=True)
    counts = logits.exp()
    counts_sum = counts.sum(1, keepdim=True)
    probs = counts / counts_sum
    loss = -probs.log().mean()
    found = rows(loss)
    assert "divide(counts, counts_sum)" in found["probs"]
    assert "negative(" in found["loss"]
    assert sum(name.startswith("#") for name in found) == 3  # logits, log and mean


def test_only_what_a_line_ends_with_has_its_name() -> None:
    h = torch.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        h = F.softmax(h * 2, 0) + 1
    lines = draw.graph(h.sum()).text().splitlines()
    assert [line.split()[1][:3] for line in lines if line.startswith("h ")] == ["add", "add"]


def test_what_a_lambda_or_a_comprehension_computes_is_not_what_the_line_assigns() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    doubles = [lambda t: t * 2]
    rows = [doubles[0](x) for _ in range(2)]
    total = sum(row + 1 for row in rows)
    parts = [total * i for i in range(2)]
    loss = parts[0] @ parts[1]
    lines = draw.graph(loss).text().splitlines()
    names = {line.split()[0] for line in lines[1:] if line.split()[0][0] != "#"}
    assert names == {"total", "loss"}


def test_what_a_layer_keeps_is_called_as_there() -> None:
    class Linear:
        def __call__(self, x: Any) -> Any:
            self.out = x * 2
            self.out += 1
            return self.out

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    lines = draw.graph(Linear()(x) @ x).text().splitlines()
    assert [line.split()[1][:3] for line in lines if line.startswith("out")] == ["mul", "add"]
