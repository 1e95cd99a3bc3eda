"""The range test sees where the loss turns, in spite of noise, and says why."""

import numpy as np
import pytest

import moreish
from moreish.errors import DivergedError, OptionError
from moreish.training import Run, Settings, sweep

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]


class Valley(Run):
    """A run whose loss at each rate is known: lowest at `bottom`, with noise."""

    def __init__(self, bottom: float, noise: float, seed: int) -> None:
        self.settings = Settings()
        self.bottom = bottom
        self.noise = np.random.default_rng(seed)
        self.scale = noise

    def _move(self, rate: float) -> float:
        depth = np.log10(rate / self.bottom)
        return 2 + 0.3 * depth**2 + self.scale * self.noise.standard_normal()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("bottom", [0.003, 0.03, 0.1])
def test_noise_does_not_move_it_far(bottom: float, seed: int) -> None:
    found = sweep(Valley(bottom, 0.1, seed))
    assert bottom / 6 < found.suggestion < bottom * 1.5
    assert "half of that leaves room" in found.reason


def test_the_smoothed_curve_keeps_to_the_losses() -> None:
    found = sweep(Valley(0.01, 0.0, 0), points=200)
    assert len(found.rates) == len(found.losses) == len(found.smoothed) == 200
    np.testing.assert_allclose(found.smoothed, found.losses, atol=0.08)
    np.testing.assert_allclose(np.diff(np.log10(found.rates)), 4 / 199)


def test_a_turn_that_was_not_seen_is_said() -> None:
    assert "lowest rate there is" in sweep(Valley(1e-9, 0, 0)).reason
    assert "highest rate tried" in sweep(Valley(1e9, 0, 0)).reason


def test_the_rate_is_one_to_train_with() -> None:
    options = {"model": "mlp", "hidden_size": 20, "block_size": 2}
    options |= {"split": (100, 0, 0), "seed": 3}
    found = moreish.find_learning_rate(NAMES, points=300, **options)
    assert found.losses[0] == pytest.approx(np.log(14), abs=0.3)
    losses = {
        rate: moreish.train(
            NAMES, steps=60, learning_rate=rate, weight_decay=0.0, **options
        ).nats_per_token("train")
        for rate in (found.suggestion, found.suggestion / 30, found.suggestion * 60)
    }
    assert min(losses, key=losses.__getitem__) == found.suggestion


def test_the_course_chose_nearly_the_same() -> None:
    found = moreish.find_learning_rate(recipe="course", points=500)
    assert 0.05 < found.suggestion < 0.2  # it reads 0.1 off its curve


def test_where_the_loss_grows_without_bounds_it_ends() -> None:
    found = moreish.find_learning_rate(
        NAMES, optimizer="sgd", lowest=1e-3, highest=1e6, points=200, hidden_size=20
    )
    assert len(found.losses) < 200
    assert found.highest < 1e6
    assert np.isfinite(found.losses).all()
    assert found.suggestion < found.highest
    with pytest.raises(DivergedError, match="--lowest"):
        moreish.find_learning_rate(NAMES, lowest=1e20, highest=1e30, points=200, hidden_size=20)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"lowest": 0.0}, "must rise"),
        ({"lowest": 1.0, "highest": 0.1}, "must rise"),
        ({"lowest": -1.0}, "must rise"),
        ({"highest": np.inf}, "must rise"),
        ({"points": 3}, "20 points or more"),
        ({"model": "bigram"}, "bigram is counted, not trained"),
        ({"hops": 3}, "--hops is not an option"),
    ],
)
def test_what_cannot_be(wrong: dict, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        moreish.find_learning_rate(NAMES, **wrong)
