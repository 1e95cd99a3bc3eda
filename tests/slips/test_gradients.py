"""`slips.gradient` names the slip that was planted, and accuses nobody; bad input is refused."""

import time
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch
from moreish import Value, slips
from moreish.errors import OptionError
from slips.exercise import forward, inputs

FACTORS = {"forgotten": 0.0, "doubled": 2.0, "sign": -1.0}
PARAMETERS = ["W2", "b2", "bngain", "bnbias", "W1", "b1", "C"]
CHANGES_NOTHING = {("b1", "hprebn"), ("logits", "logit_maxes"), ("logit_maxes", "norm_logits")}


def made_by(t: Any, dtype: str, use: Any = lambda x, _name, _user: x, seed: int = 0) -> dict:
    given = {}
    for name, array in inputs(seed).items():
        is_parameter = array.dtype.kind == "f"
        kind = getattr(t, dtype) if is_parameter else t.int64
        given[name] = t.tensor(array.tolist(), dtype=kind, requires_grad=is_parameter)
    return forward(t, given, use)


def by_hand(dtype: str, edge: tuple[str, str] | None, factor: float, seed: int = 0) -> dict:
    """All gradients by PyTorch, where one use of one result counts `factor` times."""

    def use(x: Any, name: str, user: str) -> Any:
        used = x.view_as(x)
        if (name, user) == edge:
            used.register_hook(lambda g: g * factor)
        return used

    made = {k: x for k, x in made_by(torch, dtype, use, seed).items() if k not in ("X", "Y")}
    for x in made.values():
        x.retain_grad()
    made["loss"].backward()
    return {name: x.grad for name, x in made.items()}


def edges() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    made_by(torch, "float32", lambda x, name, user: (found.append((name, user)), x)[1])
    return found


def in_order(made: dict) -> list[str]:
    return [k for k in reversed(made) if k not in (*PARAMETERS, "X", "Y")] + PARAMETERS


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("slip", FACTORS)
def test_every_slip_in_the_exercise_is_named(slip: str, dtype: str) -> None:
    ours = made_by(moreish.torch, dtype)
    kinds = []
    for name, user in edges():
        answers = by_hand(dtype, (name, user), FACTORS[slip])
        said = slips.gradient(ours["loss"], [(ours[k], answers[k]) for k in in_order(ours)])
        if (name, user) in CHANGES_NOTHING:
            assert said.right, said
            continue
        assert (said.right, said.slip) == (False, slip), (name, user, said)
        assert said.node is ours[name]
        assert said.line is not None
        assert said.line.assigned == user or f'made["{user}"]' in said.line.text, said
        alone = slips.gradient(ours["loss"], [(ours[name], answers[name])])
        kinds.append(alone.slip == slip)
        assert said.line in alone.lines
        for deep in ("W1", "C"):
            far = slips.gradient(ours["loss"], [(ours[deep], answers[deep])])
            assert far.right or said.line in far.lines, (name, user, far)
    assert len(kinds) > 25
    assert np.mean(kinds) >= 0.95


@pytest.mark.parametrize("seed", range(20))
def test_right_answers_are_called_right(seed: int) -> None:
    ours = made_by(moreish.torch, "float32", seed=seed)
    answers = by_hand("float32", None, 1.0, seed)
    for name in in_order(ours):
        assert slips.gradient(ours["loss"], [(ours[name], answers[name])]).right, name


def test_a_wrong_answer_that_no_slip_explains() -> None:
    ours = made_by(moreish.torch, "float64")
    answers = by_hand("float64", None, 1.0)
    wrong = answers["W1"].clone()
    wrong[3, 5] += 1.0
    said = slips.gradient(ours["loss"], [(ours["h"], answers["h"]), (ours["W1"], wrong)])
    assert (said.right, said.slip, said.line, said.lines) == (False, None, None, ())
    assert "no single slip explains it" in str(said)
    assert "[3, 5]" in str(said)


class TestValues:
    def test_the_same_input_twice(self) -> None:
        a = Value(3.0, label="a")
        b = a + a
        assert slips.gradient(b, [(a, 2.0)]).right
        said = slips.gradient(b, [(a, 1.0)])
        assert (said.slip, said.operation, said.node) == ("forgotten", "+", a)
        assert str(said).startswith("The gradient of `a` forgot the path through `b`, line ")
        assert slips.gradient(b, [(a, 3.0)]).slip == "doubled"
        assert slips.gradient(b, [(a, 5.0)]).slip is None

    def test_a_chain_gives_all_its_lines(self) -> None:
        a = Value(0.5)
        b = a.tanh()
        c = b * 3
        d = c.exp()
        said = slips.gradient(d, [(a, 0.0)])
        assert said.slip == "forgotten"
        assert [line.assigned for line in said.lines] == ["b", "c", "d"]
        assert [*slips.gradient(d, [(b, 3 * d.data), (a, 0.0)]).lines] == [said.line]

    def test_earlier_answers_say_where(self) -> None:
        a = Value(2.0)
        b = a * 3
        c = b * a
        said = slips.gradient(c, [(b, -2.0), (a, 12.0)])
        assert (said.node, said.slip) == (b, "sign")
        later = slips.gradient(c, [(b, 2.0), (a, 6.0)])
        assert (later.node, later.slip) == (a, "forgotten")

    def test_gradients_stay_as_they_are(self) -> None:
        a = Value(2.0)
        b = a * a
        b.backward()
        assert not slips.gradient(b, [(a, 1.0)]).right
        assert (a.grad, b.grad) == (4.0, 1.0)

    def test_all_paths_at_once(self) -> None:
        a = Value(2.0, label="a")
        b = a * 3
        c = a.tanh()
        d = b * c
        for slip, factor in FACTORS.items():
            true = 3 * c.data + 6 * (1 - c.data**2)
            said = slips.gradient(d, [(b, c.data), (c, 6.0), (a, factor * true)])
            assert said.slip == slip
            assert [line.assigned for line in said.lines] == ["b", "c"]
            assert ", as through `b`, line " in str(said)
            assert "every path" in str(said)
        said = slips.gradient(d, [(d, -1.0)])
        assert said.slip == "sign"
        assert str(said) == "The gradient of `d` with respect to itself is 1, and yours is -1."

    def test_numbers_that_were_rounded(self) -> None:
        a = Value(1 / 3)
        assert "give all digits" in str(slips.gradient(a * a, [(a, 0.6667)]))
        assert "give all digits" not in str(slips.gradient(a * a, [(a, 0.7)]))


class TestTensors:
    def test_what_was_broadcast_may_lack_its_leading_axis(self) -> None:
        bias = moreish.torch.ones(1, 3, requires_grad=True)
        row = moreish.torch.ones(3, requires_grad=True)
        loss = (moreish.torch.ones(4, 3) * bias * row).sum()
        assert slips.gradient(loss, [(bias, [4.0] * 3), (row, [[4.0] * 3])]).right

    def test_a_factor_of_all_numbers(self) -> None:
        x = moreish.torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        loss = (x * x).mean()
        said = slips.gradient(loss, [(x, [2.0, 4.0, 6.0])])  # without the 1 / 3
        assert str(said).endswith("All of yours is 3 times the gradient.")
        assert "times" not in str(slips.gradient(loss, [(x, [2.0, 4.0, 7.0])]))

    def test_pairs_may_come_one_by_one(self) -> None:
        x = moreish.torch.ones(3, requires_grad=True)
        assert slips.gradient((x * 2).sum(), zip([x], [[2.0] * 3], strict=True)).right

    def test_broadcast(self) -> None:
        x = moreish.torch.ones(4, 3, requires_grad=True)
        bias = moreish.torch.zeros(3, requires_grad=True)
        y = (x + bias) * x
        loss = y.sum()
        assert slips.gradient(loss, [(bias, [4.0, 4.0, 4.0])]).right
        said = slips.gradient(loss, [(x, np.ones((4, 3)))])
        assert said.slip == "forgotten"
        assert said.line is not None
        assert said.line.assigned == "y"

    def test_a_slip_lies_below_earlier_answers(self) -> None:
        x = moreish.torch.ones(2, 3, requires_grad=True)
        y = x @ moreish.torch.ones(3, 4)
        z = y.tanh()
        loss = z.sum()
        alone = slips.gradient(loss, [(x, np.zeros((2, 3)))])
        assert [line.assigned for line in alone.lines] == ["y", "z", "loss"]
        after = slips.gradient(loss, [(y, 1 - z.detach() ** 2), (x, np.zeros((2, 3)))])
        assert [line.assigned for line in after.lines] == ["y"]

    def test_after_the_last_walk_back(self) -> None:
        x = moreish.torch.tensor([1.0, 2.0], requires_grad=True)
        loss = (x.exp() * x).sum()
        loss.backward()
        before = x.grad.clone()
        assert slips.gradient(loss, [(x, x.grad)]).right
        assert slips.gradient(loss, [(x, -x.grad)]).slip == "sign"
        assert (x.grad == before).all()


STEPS: dict[str, Any] = {
    "Value": lambda y, x: (y * 0.9 + x).tanh(),
    "Tensor": lambda y, x: (y * 0.9 + x).tanh(),
    "rows": lambda y, x: (y + x[0]).T,
}


@pytest.mark.long
@pytest.mark.parametrize("kind", STEPS)
def test_the_time_grows_with_the_edges_and_not_with_their_square(kind: str) -> None:
    """How long it takes, `benchmarks/slips.py` says."""

    def seconds(steps: int) -> float:
        x: Any = Value(0.5)
        if kind != "Value":
            x = moreish.torch.full((4, 4), 0.5, requires_grad=True)
        y = x
        for _ in range(steps):
            y = STEPS[kind](y, x)
        loss = y if kind == "Value" else y.sum()
        answer = 0.3 if kind == "Value" else np.ones((4, 4))
        start = time.process_time()
        assert slips.gradient(loss, [(x, answer)]).slip is None
        return time.process_time() - start

    seconds(100)
    few, many = (min(seconds(steps) for _ in range(3)) for steps in (500, 4_000))
    assert many < 20 * few  # 8 times as many; their square is 64 times as many


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x[[0, 1, 1]],
        lambda x: x[:, 1:],
        lambda x: x.T,
        lambda x: x.unsqueeze(0).expand(4, 2, 3),
        lambda x: x.mean(1, keepdim=True),
        lambda x: x[moreish.torch.tensor([True, False])],
    ],
)
def test_a_slip_above_rows_that_only_move_numbers(function: Any) -> None:
    x = moreish.torch.tensor([[1.0, 2.0, -1.0], [0.5, 3.0, 2.0]], requires_grad=True)
    moved = function(x)
    high = moved.exp()
    low = moved * 3
    loss = (high * low).sum()
    (high.detach() * low).sum().backward()
    said = slips.gradient(loss, [(x, x.grad)])
    assert said.slip == "forgotten"
    assert "high" in [line.assigned for line in said.lines]


A = Value(2.0, label="a")
B = A * 3
X = moreish.torch.ones(2, 3, requires_grad=True)
LOSS = (X * 2).sum()


@pytest.mark.parametrize(
    ("result", "answers", "error", "words"),
    [
        (B, [], OptionError, "answers is empty"),
        (B, [(Value(1.0), 1.0)], OptionError, "not computed from"),
        (LOSS, [(moreish.torch.ones(2), 1.0)], OptionError, "requires_grad=True"),
        (LOSS, [(X, [1.0, 2.0, 3.0])], OptionError, r"shape \[3\].*\[2, 3\]"),
        (LOSS, [(X, [[1.0, 2.0, float("nan")]] * 2)], OptionError, r"nan at \[0, 2\]"),
        (B, [(A, float("inf"))], OptionError, "`a` is inf"),
        (LOSS, [(X, X.grad)], OptionError, "None was given"),
        (X * 2, [(X, 2.0)], OptionError, r"shape \[2, 3\]: reduce it first"),
        (LOSS.detach(), [(X, 2.0)], OptionError, "remembers nothing"),
        (3.0, [(A, 3.0)], TypeError, "result is a Value or a Tensor"),
        (B, [(X, 3.0)], TypeError, "its first part is a Value"),
        (B, [A, 3.0], TypeError, "list of pairs"),
        (B, {A: 3.0}, TypeError, "list of pairs"),
        (B, [(A, "three")], TypeError, "numbers, got str"),
        (LOSS, [(X, [[1.0], [2.0, 3.0]])], TypeError, "numbers, got list"),
    ],
)
def test_what_does_not_fit(result: Any, answers: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        slips.gradient(result, answers)
