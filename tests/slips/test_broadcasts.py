"""Broadcasts that line up the axes as they belong are called right; of others the slip is named."""

from collections.abc import Callable
from typing import Any

import pytest

import moreish.torch as torch
from moreish import slips
from moreish.engine.axes import crossed
from moreish.errors import OptionError
from slips import exercise

N = torch.rand((6, 6))
M = torch.rand((4, 6))
COLUMN, ROW = torch.rand((6, 1)), torch.rand((6,))

RIGHT: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x: x / x.sum(1, keepdim=True), (N,)),
    (lambda x: x / x.sum(0), (N,)),
    (lambda x: x / x.sum(1).unsqueeze(1), (N,)),
    (lambda x: x / x.sum(1).view(-1, 1), (N,)),
    (lambda x: (x.T / x.sum(1)).T, (N,)),
    (lambda x: x + x.T, (N,)),
    (lambda x: x - x.max(1, keepdim=True).values, (N,)),
    (lambda x: (x - x.mean(0)) / x.std(0), (N,)),
    (lambda x, b: x @ x + b, (N, ROW)),
    (lambda a, b: (a.squeeze(1) - b) ** 2, (COLUMN, ROW)),
    (lambda a: a.unsqueeze(1) - a, (ROW,)),
    (lambda x: x / x.sum(), (N,)),
    (lambda x: x @ x.sum(1), (N,)),
    (lambda x: x.softmax(1) * x.sum(1)[:, None], (N,)),
    (lambda x: x / x.sum(1)[..., None], (N,)),
    (lambda x: x.sum(1)[:, None] + x.sum(1), (N,)),  # each pair of rows
    (lambda a, b: (a[:, 0] - b) ** 2, (COLUMN, ROW)),
    (lambda a, b: (a - b[:, None]) ** 2, (COLUMN, ROW)),
    (lambda a, b: a[:, None] * b, (ROW, torch.rand((6,)))),
    (lambda a, b: b - a.unsqueeze(1), (ROW, torch.rand((6,)))),
    (lambda x: x.div_(x.sum(1, keepdim=True)), (N,)),
    (lambda x, y: torch.nn.functional.cross_entropy(x, y), (N, torch.arange(6))),
    (lambda x, i: x[i] / x[i].sum(1, keepdim=True), (N, torch.arange(6))),
    (lambda x: x / x.sum(1, keepdim=True), (torch.ones((5, 5), dtype=torch.int64),)),
    (lambda x, y: (x.view(2, 2, 6) + y).sum(), (M, ROW)),
]
WRONG: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
    (lambda x: x / x.sum(1), (N,), "keepdim"),
    (lambda x: (x + 1) / (x + 1).sum(1), (N,), "keepdim"),
    (lambda x: x / x.sum(1, keepdim=True).squeeze(1), (N,), "keepdim"),
    (lambda x: x - x.max(1).values, (N,), "keepdim"),
    (lambda x: x - x.amax(1), (N,), "keepdim"),
    (lambda x: x - x.mean(1), (N,), "keepdim"),
    (lambda x: x.exp() / x.exp().sum(-1), (N,), "keepdim"),
    (lambda x: x.T / x.sum(0), (N,), "keepdim"),
    (lambda x: (lambda h: h / h.sum(1))(x @ x), (N,), "keepdim"),
    (lambda x: ((x / x.sum(1)).log()).mean(), (N,), "keepdim"),
    (lambda x: x / x.sum(1), (torch.ones((5, 5), dtype=torch.int64),), "keepdim"),
    (lambda x: x[1:, 1:] / x[1:, 1:].sum(1), (N,), "keepdim"),
    (lambda x: x[None, ..., None][0, :, :, 0] / x.sum(1), (N,), "keepdim"),
    (lambda x: x.div_(x.sum(1)), (N,), "keepdim"),
    (lambda x, i: (lambda h: h / h.sum(1))(x[i]), (N, torch.arange(6)), "keepdim"),
    (lambda a, b: (a - b) ** 2, (COLUMN, ROW), "outer"),
    (lambda a, b: ((b - a) ** 2).mean(), (COLUMN, ROW), "outer"),
]


@pytest.mark.parametrize(("function", "given"), RIGHT)
def test_right(function: Any, given: Any) -> None:
    said = slips.shapes(function, *given)
    assert said.right, said


@pytest.mark.parametrize(("function", "given", "slip"), WRONG)
def test_wrong(function: Any, given: Any, slip: str) -> None:
    said = slips.shapes(function, *given)
    assert (said.right, said.slip) == (False, slip), said


def test_the_line_is_told_and_inputs_stay() -> None:
    def normalized(counts: Any) -> Any:
        total = counts.sum(1)
        return counts / total

    said = slips.shapes(normalized, N)
    assert said.line is not None
    assert said.line.text == "return counts / total"
    assert "The sum over axis 1 lost its axis" in str(said)
    assert not N.requires_grad


@pytest.mark.parametrize("size", [16, 27, 30, 32])
def test_the_exercise_of_the_course_is_right(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where its sizes are such that axes could be mistaken."""
    monkeypatch.setattr(exercise, "EXAMPLES", size)
    monkeypatch.setattr(exercise, "HIDDEN", size)
    given = {name: torch.tensor(array.tolist()) for name, array in exercise.inputs().items()}
    for name in ("W1", "C", "b1"):
        given[name].requires_grad_()
    loss = exercise.forward(torch, given, lambda x, _name, _user: x)["loss"]
    assert list(crossed(loss)) == []


def test_what_does_not_fit() -> None:
    with pytest.raises(TypeError, match="the Tensors to call it with"):
        slips.shapes(lambda x: x, 3)
    with pytest.raises(TypeError, match="gave float"):
        slips.shapes(lambda x: x.sum().item(), N)
    with pytest.raises(OptionError, match="no axis can be followed"):
        slips.shapes(lambda _x: N / N.sum(1), N)
    with pytest.raises(OptionError, match="no axis can be followed"):
        slips.shapes(lambda x: (x / x.sum(1)).argmax(1), N)
