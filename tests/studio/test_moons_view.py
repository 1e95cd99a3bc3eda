"""Two moons in the studio: they are those of the example, and each neuron's part adds up."""

import itertools
import json
import random
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from moreish import Value
from moreish.errors import OptionError
from moreish.studio.moons import ACROSS, LEFT, TOP, UP, Moons, described, moons
from moreish.studio.service import KEPT, Studio

EXAMPLE = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "two_moons.py"))


def test_points_are_those_of_the_example() -> None:
    points, labels = moons()
    wanted, signs = EXAMPLE["moons"]()
    assert (points == wanted).all()
    assert labels == signs


def test_it_learns_as_the_example_does() -> None:
    points, labels = moons()
    model = EXAMPLE["network"]()
    steps = itertools.islice(EXAMPLE["train"](model, points, labels, steps=100), 4)
    training = Moons([16, 16])
    for loss, right in steps:
        assert training.loss == pytest.approx(loss, rel=1e-9)
        assert training.accuracy() == pytest.approx(right)
        training.take(1)


def test_activations_are_those_of_the_values() -> None:
    training = Moons([3, 2])
    training.take(5)
    points = np.array([[0.5, -0.25], [2.0, 1.0]])
    found = training.activations(points)
    for i, (x, y) in enumerate(points):
        inner: Any = [Value(x), Value(y)]
        for layer, one in zip(training.model.layers, found, strict=True):
            inner = layer(inner)
            inner = inner if isinstance(inner, list) else [inner]
            assert one[i] == pytest.approx([value.data for value in inner])


def test_parts_of_the_last_hidden_layer_add_up_to_the_score() -> None:
    training = Moons([4])
    training.take(30)
    weights = np.array([w.data for w in training.model.layers[-1].neurons[0].w])
    bias = training.model.layers[-1].neurons[0].b.data
    hidden, score = training.activations(training.points)
    assert (hidden * weights).sum(axis=1) + bias == pytest.approx(score[:, 0])
    row = described(training, 1, 2)
    assert row["adds_up"]
    assert len(row["score"]) == len(row["part"]) == ACROSS * UP
    assert len(row["parts"]) == 4
    hidden, _ = training.activations(np.array([[LEFT, TOP]]))
    wanted = np.tanh(hidden[0] * weights)
    assert [part[0] for part in row["parts"]] == pytest.approx(100 * wanted, abs=0.51)
    assert row["part"][0] == row["parts"][1][0]
    assert not described(Moons([4, 4]), 1, None)["adds_up"]


def test_the_score_is_told_row_by_row_from_the_top() -> None:
    training = Moons([8, 8])
    training.take(100)
    score = np.array(described(training, 2, None)["score"]).reshape(UP, ACROSS)
    assert score[3, ACROSS // 3] < 0 < score[-4, 2 * ACROSS // 3]  # the upper moon is -1


def test_by_calls() -> None:
    studio = Studio(lambda run: None)
    begun = studio.call("moons", {"hidden": [4, 4], "seed": 3})
    assert len(begun["points"]) == len(begun["labels"]) == 100
    asked = {"training": begun["training"], "layer": 2}
    first = studio.call("moons_step", {**asked, "steps": 0})
    second = studio.call("moons_step", {**asked, "steps": 20, "neuron": 1})
    assert (first["step"], second["step"]) == (0, 20)
    assert second["loss"] < first["loss"]
    assert json.loads(json.dumps(second)) == second
    assert studio.call("moons_step", {**asked, "steps": 0})["loss"] == second["loss"]


def test_seeds_repeat_and_leave_the_generator_of_others_alone() -> None:
    state = random.getstate()
    first, same, other = (Moons([4], seed=seed).loss for seed in (5, 5, 6))
    assert random.getstate() == state
    assert first == same != other


def test_the_newest_few_are_kept() -> None:
    studio = Studio(lambda run: None)
    ids = [studio.call("moons", {"hidden": [1]})["training"] for _ in range(KEPT + 1)]
    studio.call("moons_step", {"training": ids[1]})
    with pytest.raises(OptionError, match="this network is not here any more: begin again"):
        studio.call("moons_step", {"training": ids[0]})


def test_steps_that_are_too_large_end_in_no_number_and_not_in_an_error() -> None:
    training = Moons([8, 8])
    for _ in range(30):
        training.take(10, 1e30)
    row = described(training, 1, None)
    assert not np.isfinite(row["loss"])
    assert all(-100 <= one <= 100 for one in row["score"])
    step = training.step
    training.take(1)
    assert training.step == step


@pytest.mark.parametrize(
    ("call", "arguments", "said"),
    [
        ("moons", {"hidden": []}, "1 to 3 hidden layers"),
        ("moons", {"hidden": [0]}, "of 1 to 16 neurons"),
        ("moons", {"hidden": [17]}, "of 1 to 16 neurons"),
        ("moons", {"hidden": [4] * 4}, "1 to 3 hidden layers"),
        ("moons", {"hidden": [4], "seed": -1}, "a seed is a whole number"),
        ("moons", {"hidden": [1.5]}, "for 'hidden' a list, each a whole number, was wanted"),
        ("moons_step", {"steps": 51}, "from 0 to 50 steps"),
        ("moons_step", {"steps": -1}, "from 0 to 50 steps"),
        ("moons_step", {"rate": 0}, "a learning rate is more than 0"),
        ("moons_step", {"rate": -1.0}, "a learning rate is more than 0"),
        ("moons_step", {"layer": 2}, "a hidden layer from 1 to 1"),
        ("moons_step", {"neuron": 5}, "a neuron from 1 to 4"),
        ("moons_step", {"neuron": 0}, "a neuron from 1 to 4"),
    ],
)
def test_what_can_not_be(call: str, arguments: dict, said: str) -> None:
    studio = Studio(lambda run: None)
    if call == "moons_step":
        arguments["training"] = studio.call("moons", {"hidden": [4]})["training"]
    with pytest.raises(OptionError, match=said):
        studio.call(call, arguments)
