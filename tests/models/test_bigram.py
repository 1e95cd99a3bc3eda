"""Counts, and the figures of the course."""

from pathlib import Path

import numpy as np
import pytest

import moreish
from moreish.errors import OptionError


@pytest.mark.parametrize(
    ("smoothing", "loss"), [(0, 2.4540145), (1, 2.4545768), (0.01, 2.4540190), (5, 2.4576827)]
)
def test_the_courses_losses_over_all_lines(
    course_names: Path, smoothing: float, loss: float
) -> None:
    model = moreish.train(course_names, model="bigram", smoothing=smoothing, split=(100, 0, 0))
    assert model.nats_per_token("train") == pytest.approx(loss, abs=5e-8)
    assert model.evaluate(model.dataset.items).tokens == 228_146


def test_the_courses_probabilities(course_names: Path) -> None:
    model = moreish.train(course_names, model="bigram", smoothing=0, split=(100, 0, 0))
    assert np.exp(-model.surprise("emma")).round(4).tolist() == [
        0.0478,
        0.0377,
        0.0253,
        0.3899,
        0.1960,
    ]
    assert model.score_samples(["andrejq"])[0] == -np.inf


def test_what_was_never_seen_is_anyones_guess() -> None:
    model = moreish.train(["ab"], model="bigram", smoothing=0, split=(100, 0, 0))
    assert np.exp(model.next_log_probs(np.array([[2]]))).tolist() == [[1, 0, 0]]


@pytest.mark.parametrize("smoothing", [-1, np.nan, np.inf])
def test_smoothing_that_is_none(smoothing: float) -> None:
    with pytest.raises(OptionError, match="0 or more"):
        moreish.train(["ab"], model="bigram", smoothing=smoothing)


@pytest.mark.parametrize(
    "damage",
    [
        {"tokens": np.array([1, 2, 3])},
        {"tokens": np.array([1, 2, -1])},
        {"counts": np.ones(2)},
        {"starts": np.array([0, 4, 2, 3])},
        {"starts": np.array([1, 1, 2, 3])},
    ],
)
def test_a_damaged_table_is_refused(damage: dict[str, np.ndarray]) -> None:
    model = moreish.train(["ab"], model="bigram", split=(100, 0, 0)).language_model
    assert len(model.arrays()["tokens"]) == 3
    with pytest.raises(ValueError, match=r"tokens|counts|starts|the table of counts"):
        model.restore({**model.arrays(), **damage})
