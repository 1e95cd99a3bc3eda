"""What the Expression view is told: steps, staged slips, measured slopes, and the picture."""

import json
import re
from typing import Any

import pytest

from moreish import Value
from moreish.draw.graphs.graph import read
from moreish.errors import OptionError
from moreish.studio.backpropagation import ASSIGNED, KEPT, RIGHT, walk
from moreish.studio.expressions import Expression
from moreish.studio.service import Studio

TEXTS = [
    "(a*b + b**3).tanh()",
    "a*a",
    "a/b - exp(-a*b)",
    "n = a*b + b\nn*n + n.relu()*a",
    'MLP(2, [3, 1], activation="tanh")([a, b])',
    "a",
]


def asked(text: str, **options: Any) -> dict[str, Any]:
    answer = Studio(lambda run: None).call("expression", {"text": text, **options})
    json.dumps(answer, allow_nan=False)
    return answer


def engine(text: str, passes: int = 1) -> dict[str, float]:
    """The gradient of each leaf by `backward` itself."""
    expression = Expression(text)
    for _ in range(passes):
        expression.compute().backward()
    return {leaf.name: leaf.value.grad for leaf in expression.leaves()}


def by_leaf(expression: Expression, found: Any) -> dict[str, float]:
    return {name: found.gradients.get(value, 0.0) for name, value, _ in expression.leaves()}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("slip", "passes"), [(RIGHT, 1), (KEPT, 2)])
def test_the_walk_ends_where_the_engine_does(text: str, slip: str, passes: int) -> None:
    expression = Expression(text)
    root = expression.compute()
    found = walk(root, read(root), slip)
    assert by_leaf(expression, found) == pytest.approx(engine(text, passes), rel=1e-12)
    assert bool(found.wrong) is (slip == KEPT)


def test_an_assigned_gradient_loses_what_was_there() -> None:
    a, b = Value(2.0, label="a"), Value(0.5, label="b")
    root = a * b + b
    found = walk(root, read(root), ASSIGNED)
    assert found.gradients[a] == 0.5
    assert found.gradients[b] in (1.0, 2.0)  # and not 3
    (step,) = [step for step in found.steps if any("assigned" in say for say in step.say)]
    assert re.search(r"the \d\.0000 that was there is lost: b has", " ".join(step.say))
    assert len(found.wrong) == 1


def test_each_step_is_a_node_and_says_its_numbers() -> None:
    answer = asked("(a*b + b**3).tanh()", names=["a", "b"], numbers=[3.0, 0.5])
    phases = [step["phase"] for step in answer["steps"]]
    assert phases == ["forward"] * 4 + ["backward"] * 5
    assert answer["steps"][0]["say"] == ["a*b = 3.0000 × 0.5000 = 1.5000."]  # noqa: RUF001
    text = "(a*b + b**3).tanh()"
    places = [text[slice(*step["place"])] for step in answer["steps"][:4]]
    assert places == ["a*b", "b**3", "a*b + b**3", text]
    last = " ".join(answer["steps"][-1]["say"])
    gradients = {leaf["name"]: leaf["gradient"] for leaf in answer["leaves"]}
    assert "b gets 3.0000 × " in last  # noqa: RUF001
    assert f"and has {gradients['b']} now" in last
    assert "other factor" in last


def test_the_picture_and_the_steps_are_of_the_same_nodes() -> None:
    for text in TEXTS:
        answer = asked(text)
        drawn = {int(found) for found in re.findall(r'data-node="(\d+)"', answer["svg"])}
        assert {step["node"] for step in answer["steps"]} <= drawn
        assert {leaf["node"] for leaf in answer["leaves"]} <= drawn
        for step in answer["steps"]:
            for number, what, said in step["numbers"]:
                assert number in drawn
                if what == "data":
                    assert f"data {said}" in answer["svg"]


@pytest.mark.parametrize("text", TEXTS)
def test_the_measured_slope_is_the_gradient(text: str) -> None:
    for leaf in asked(text)["leaves"]:
        assert leaf["agrees"]
        assert float(leaf["measured"]) == pytest.approx(float(leaf["gradient"]), abs=2e-4)


def test_where_there_is_a_kink_the_slopes_differ() -> None:
    (leaf,) = asked("relu(a)", names=["a"], numbers=[0.0])["leaves"]
    assert (leaf["gradient"], leaf["measured"], leaf["agrees"]) == ("0.0000", "0.5000", False)
    (leaf,) = asked("sqrt(a)", names=["a"], numbers=[0.0])["leaves"]
    assert (leaf["gradient"], leaf["measured"], leaf["agrees"]) == ("inf", None, False)


@pytest.mark.parametrize(
    ("slip", "said", "wrong"),
    [
        (ASSIGNED, "The gradient of `b` forgot the path through", {"b"}),
        (KEPT, "zero_grad", {"a", "b"}),
        (RIGHT, "", set()),
    ],
)
def test_a_staged_slip_is_named_and_the_measured_slope_tells(slip, said, wrong) -> None:
    answer = asked("(a*b + b**3).tanh()", slip=slip)
    assert said in answer["found"]
    assert bool(said) is bool(answer["found"])
    assert ", line " not in answer["found"]
    assert {leaf["name"] for leaf in answer["leaves"] if not leaf["agrees"]} == wrong
    leaves = {leaf["node"]: leaf["name"] for leaf in answer["leaves"]}
    assert {leaves[number] for number in answer["wrong"]} == wrong


def test_a_slip_that_changes_nothing() -> None:
    answer = asked("a*b", slip=ASSIGNED)
    assert (answer["wrong"], answer["found"]) == ([], "All 2 gradients are right.")


def test_a_large_graph_is_folded() -> None:
    answer = asked("MLP(2, [80, 80, 1])")
    assert answer["nodes"] == 20_243
    assert answer["folded"] == "Layer"
    assert answer["steps"] == []
    assert "Layer of 80 ReLUNeuron(2)" in answer["svg"]
    assert len(answer["svg"]) < 20_000
    assert all(leaf["agrees"] for leaf in answer["leaves"])
    assert "The first 8 of 6,803 leaves have a slider." in answer["remarks"]


def test_foldings() -> None:
    whole = asked("MLP(2, [3, 1])")
    assert whole["foldings"] == ["MLP", "Layer", "Neuron", ""]
    assert whole["folded"] == ""
    assert whole["steps"]
    folded = asked("MLP(2, [3, 1])", fold="Layer")
    assert folded["folded"] == "Layer"
    assert folded["steps"] == []
    assert "Fold nothing to step through it." in folded["remarks"]
    assert len(folded["svg"]) < len(whole["svg"])
    assert asked("MLP(2, [3, 1])", fold="Dense")["folded"] == ""  # an address from elsewhere


def test_names_and_markup_are_text() -> None:
    svg = asked("a*b")["svg"]
    assert "<script" not in svg
    assert " style=" not in svg  # which the page's policy would refuse
    assert " style=" not in asked("MLP(2, [3, 1])", fold="Neuron")["svg"]
    error = asked("'<img src=x>' + a")["error"]
    assert "<img src=x>" in error["sentence"]


def test_errors_have_their_place() -> None:
    error = asked("a + cos(b)")["error"]
    assert (error["start"], error["end"]) == (4, 7)
    assert error["sentence"].startswith("`cos` is not known here, at character 5: allowed are")
    error = asked("a/b", names=["b"], numbers=[0.0])["error"]
    assert error["sentence"].startswith("`a/b` divides by zero, at character 3: `b` is 0")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"slip": "sideways"}, "a slip is one of right, assigned, kept"),
        ({"names": ["a"]}, "a number for each of 1 names was wanted, got 0"),
        ({"names": ["a"], "numbers": [float("nan")]}, "a leaf is a finite number"),
        ({"names": ["a"], "numbers": ["1"]}, "for 'numbers' a list"),
        ({"seed": -1}, "a seed is a whole number"),
        ({"text": 5}, "for 'text' a text was wanted"),
    ],
)
def test_arguments_that_can_not_be(options: dict, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        asked(**{"text": "a*b", **options})
