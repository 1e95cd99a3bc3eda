"""Intervals hold what they promise, pairs are compared as pairs, verdicts give their figures."""

import math

import numpy as np
import pytest

from moreish.scoring.diagnosis import GROUPS, difference, interval, verdict


def items(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(count,) nats and tokens of items that cost 2 nats per token, more or less."""
    draw = np.random.default_rng(seed)
    tokens = draw.integers(3, 12, count).astype(float)
    return np.maximum(tokens * 2 + draw.normal(0, 3, count), 0.1), tokens


@pytest.mark.parametrize("count", [200, pytest.param(3 * GROUPS, marks=pytest.mark.long)])
def test_the_truth_is_inside_nineteen_times_of_twenty(count: int) -> None:
    nats, tokens = items(400_000, seed=0)
    truth = nats.sum() / tokens.sum()
    inside = 0
    for seed in range(100):
        low, high = interval(*items(count, seed + 1))
        inside += low <= truth <= high
        assert high - low < 3 / math.sqrt(count)
    assert 87 <= inside <= 100


def test_the_middle_is_the_loss() -> None:
    nats, tokens = items(1_000, seed=1)
    low, high = interval(nats, tokens)
    assert low < nats.sum() / tokens.sum() < high
    assert (low, high) == interval(nats, tokens)
    assert (low, high) != interval(nats, tokens, seed=2)


def test_weights_are_part_of_the_sums() -> None:
    nats, tokens = np.array([2.0, 90.0, 4.0]), np.array([2.0, 3.0, 4.0])
    counted = np.array([5.0, 0.0, 5.0])  # the expensive one never came
    assert interval(nats * counted, tokens * counted)[1] <= 1.0 + 1e-12


def test_a_pair_is_told_apart_where_each_alone_is_not() -> None:
    nats, tokens = items(300, seed=3)
    draw = np.random.default_rng(4)
    better = nats - 0.2 + draw.normal(0, 0.3, 300)
    first, second = interval(better, tokens), interval(nats, tokens)
    assert first.high > second.low, "alone they were meant to overlap"
    low, high = difference(better, nats, tokens)
    assert low < high < 0
    assert difference(nats, better, tokens) == pytest.approx((-high, -low))


def test_two_that_are_the_same_differ_by_nothing() -> None:
    nats, tokens = items(50, seed=5)
    assert difference(nats, nats, tokens) == (0.0, 0.0)


def test_one_item_says_nothing_of_how_items_vary() -> None:
    assert np.isnan(interval(np.array([3.0]), np.array([2.0]))).all()
    assert np.isnan(difference(np.array([3.0]), np.array([2.0]), np.array([2.0]))).all()


def test_what_is_impossible_costs_without_end() -> None:
    assert interval(np.array([1.0, math.inf]), np.array([1.0, 1.0])) == (math.inf, math.inf)


def test_verdicts() -> None:
    assert verdict(2.0, 2.2).word == "overfits"
    assert "dev 2.200 is 10 % above train 2.000" in verdict(2.0, 2.2).sentence
    assert "dev 1.900 is 5 % below train 2.000" in verdict(2.0, 1.9).sentence
    assert verdict(2.0, 2.08).sentence == "fits: dev 2.080 is 4 % above train 2.000"
    assert verdict(0.0, 1.0).word == "overfits"


def test_could_train_longer() -> None:
    falling = [(step, 3 - step / 1000) for step in range(100, 1001, 100)]
    assert verdict(1.9, 2.0, falling).word == "could train longer"
    assert "fell by 0.100 in the last tenth" in verdict(1.9, 2.0, falling).sentence
    risen = [*falling[:-1], (1000, 2.5)]
    assert verdict(1.9, 2.5, risen).word == "overfits"
    flat = [(step, 2.0 - step * 1e-9) for step in range(100, 1001, 100)]
    assert verdict(1.99, 2.0, flat).word == "underfits"
    assert verdict(1.99, 2.0, [(1000, 2.0)]).word == "underfits"


def test_what_was_not_learnt_is_said() -> None:
    assert verdict(2.0, math.inf).word == "has not learnt"
    said = verdict(50.0, 51.9, free_choice=3.3)
    assert said.word == "has not learnt"
    assert "find-lr" in said.sentence
    assert verdict(2.0, 2.01, [(1, 2.01)]).sentence.endswith(
        "or a longer training could learn more"
    )


def test_a_model_that_counts_has_seen_what_it_was_shown() -> None:
    said = verdict(1.6, 2.0, as_if_new=2.02)
    assert said.word == "fits"
    assert "dev 2.000 is 1 % below train 2.020, whose items are scored as if" in said.sentence
    assert verdict(1.6, 2.0, as_if_new=1.8).word == "overfits"
    assert verdict(1.99, 2.0, as_if_new=1.8).word == "underfits"
