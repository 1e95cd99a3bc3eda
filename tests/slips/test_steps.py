"""Right steps of training are called right; of wrong ones the slip is named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
from moreish import Value, slips
from moreish.errors import OptionError
from moreish.torch import optim

X, Y = torch.randn((8, 3)), torch.randn((8, 1))


class Learner:
    """A linear model with a method for each way to train it."""

    def __init__(self) -> None:
        self.w = torch.full((3, 1), 0.5, requires_grad=True)
        self.b = torch.zeros(1, requires_grad=True)
        self.parameters = [self.w, self.b]
        self.value = Value(3.0, label="v")

    def loss(self) -> Any:
        return ((X @ self.w + self.b - Y) ** 2).mean()

    def halves(self) -> list[Any]:
        return [
            ((X[part] @ self.w + self.b - Y[part]) ** 2).mean()
            for part in (slice(0, 4), slice(4, 8))
        ]

    def zero(self) -> None:
        for p in self.parameters:
            p.grad = None

    def down(self, rate: float = 0.1) -> None:
        for p in self.parameters:
            p.data -= rate * p.grad

    def trained(self, *what: Callable[[], object]) -> Any:
        def train() -> None:
            for one in what:
                one()

        return slips.step(train, self.loss, self.parameters)


def backward(m: Learner) -> Callable[[], None]:
    return lambda: m.loss().backward()


def with_optimizer(make: Any) -> Callable[[Learner], Any]:
    def said(m: Learner) -> Any:
        optimizer = make(m.parameters)
        return m.trained(optimizer.zero_grad, backward(m), optimizer.step)

    return said


def by_parts(is_added: bool) -> Callable[[Learner], Any]:
    def said(m: Learner) -> Any:
        def train() -> None:
            m.zero()
            for loss in m.halves():
                if not is_added:
                    m.zero()
                loss.backward()
            m.down()

        return slips.step(train, m.halves, m.parameters)

    return said


def of_value(*lines: str) -> Callable[[Learner], Any]:
    def said(m: Learner) -> Any:
        def train() -> None:
            for line in lines:
                exec(line, {"v": m.value})

        return slips.step(train, lambda: m.value * m.value, [m.value])

    return said


BACK, DOWN = "(v * v).backward()", "v.data -= 0.1 * v.grad"
RIGHT: dict[str, Callable[[Learner], Any]] = {
    "by hand": lambda m: m.trained(m.zero, backward(m), m.down),
    "zeroed at the end": lambda m: m.trained(backward(m), m.down, m.zero),
    "a small rate": lambda m: m.trained(m.zero, backward(m), lambda: m.down(1e-4)),
    "SGD": with_optimizer(lambda p: optim.SGD(p, lr=0.1)),
    "momentum": with_optimizer(lambda p: optim.SGD(p, lr=0.1, momentum=0.9)),
    "Adam": with_optimizer(lambda p: optim.Adam(p, lr=0.1)),
    "AdamW": with_optimizer(lambda p: optim.AdamW(p, lr=0.01)),
    "in parts": by_parts(True),
    "a Value": of_value("v.grad = 0.0", BACK, DOWN),
    "a Value, zeroed at the end": of_value(BACK, DOWN, "v.grad = 0.0"),
}
WRONG: dict[str, tuple[Callable[[Learner], Any], str | None]] = {
    "no zero_grad": (lambda m: m.trained(backward(m), m.down), "accumulated"),
    "zeroed one alone": (
        lambda m: m.trained(lambda: setattr(m.w, "grad", None), backward(m), m.down),
        "accumulated",
    ),
    "a Value, no zero_grad": (of_value(BACK, DOWN), "accumulated"),
    "assigned": (by_parts(False), "assigned"),
    "upwards": (lambda m: m.trained(m.zero, backward(m), lambda: m.down(-0.1)), "sign"),
    "a Value, upwards": (of_value("v.grad = 0.0", BACK, "v.data += 0.1 * v.grad"), "sign"),
    "no update": (lambda m: m.trained(m.zero, backward(m)), "unchanged"),
    "one is forgotten": (
        lambda m: m.trained(m.zero, backward(m), optim.SGD([m.w], lr=0.1).step),
        "unchanged",
    ),
    "no backward": (lambda m: m.trained(m.zero), "missing"),
    "zeroed before the update": (
        of_value(BACK, "v.grad = 0.0", DOWN),
        "missing",
    ),
    "twice the loss": (
        lambda m: m.trained(m.zero, lambda: (m.loss() * 2).backward(), m.down),
        None,
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    said = RIGHT[name](Learner())
    assert said.right, said


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    check, slip = WRONG[name]
    said = check(Learner())
    assert (said.right, said.slip) == (False, slip), said


def test_the_line_is_told() -> None:
    m = Learner()

    def train() -> None:
        m.loss().backward()
        m.w.data -= 0.1 * m.w.grad
        m.b.data += 0.1 * m.b.grad

    def helped() -> None:
        m.zero()
        backward(m)()
        m.down(-0.1)

    said = slips.step(train, m.loss, [m.w])
    assert (said.slip, said.line.text) == ("accumulated", "m.loss().backward()")
    assert str(said).endswith(f", line {said.line.number}: m.loss().backward()")
    m.zero()
    said = slips.step(helped, m.loss, [m.w])
    assert (said.slip, said.line.text) == ("sign", "def helped() -> None:")
    m.zero()
    space: dict[str, Any] = {"m": m}
    exec("def typed(): m.loss().backward()", space)
    said = slips.step(space["typed"], m.loss, [m.w])
    assert (said.slip, said.line, str(said)[-1]) == ("unchanged", None, ".")


def test_parameters_and_gradients_are_what_they_were() -> None:
    m = Learner()
    m.loss().backward()
    before = [(p.detach().numpy().copy(), p.grad.numpy().copy()) for p in m.parameters]
    assert m.trained(backward(m), m.down).slip == "accumulated"
    assert m.trained(m.zero, backward(m), m.down).right
    for p, (data, grad) in zip(m.parameters, before, strict=True):
        assert np.array_equal(p.detach().numpy(), data)
        assert np.array_equal(p.grad.numpy(), grad)


def test_what_does_not_fit() -> None:
    v = Value(1.0)
    with pytest.raises(OptionError, match="no parameters"):
        slips.step(lambda: None, lambda: v, [])
    with pytest.raises(TypeError, match="got float"):
        slips.step(lambda: None, lambda: v, [1.0])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"loss\(\) gives a Value or a Tensor, got float"):
        slips.step(lambda: None, lambda: [1.0], [v])  # type: ignore[list-item, return-value]
    with pytest.raises(TypeError, match=r"loss\(\) gives a Value or a Tensor, got float"):
        slips.step(lambda: None, lambda: 1.0, [v])  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="train is a function, got NoneType"):
        slips.step(None, lambda: v, [v])  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="gradient of the loss is 0 for every parameter"):
        slips.step(lambda: None, lambda: Value(1.0) * 2, [v])
