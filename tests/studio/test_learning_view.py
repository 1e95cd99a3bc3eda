"""What the Learning view asks for: looks inside a training, and how it is steered."""

import json
import math
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from moreish import learn
from moreish.errors import DivergedError, OptionError
from moreish.studio import runs
from moreish.studio.background import Background
from moreish.studio.inside import BINS, TOKENS
from moreish.studio.runs import Run
from moreish.studio.service import Studio
from moreish.training import go_back

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
TEXT = "\n".join(NAMES * 3)


class Driven:
    """A studio of which the work is done by hand, and its one run."""

    def __init__(self, text: str = TEXT, **options: Any) -> None:
        work: list[Run] = []
        self.studio = Studio(work.append)
        self.list = self.studio.call("read", {"text": text})["list"]
        begun = self.studio.call("begin", {"list": self.list, "model": "mlp", **options})
        self.id, self.run = begun["run"], work[0]
        self.steps = self.run.steps()

    def take(self, count: int) -> list[float]:
        return [next(self.steps) for _ in range(count)]

    def finish(self) -> None:
        for _ in self.steps:
            pass

    def steer(self, **wanted: Any) -> None:
        self.studio.call("steer", {"run": self.id, **wanted})

    def rows(self, kind: str) -> list[dict[str, Any]]:
        rows = self.studio.call("log", {"run": self.id})["rows"]
        json.dumps(rows, allow_nan=False)
        return [row for row in rows if row["kind"] == kind]


def test_a_look_shows_the_inside() -> None:
    driven = Driven()
    driven.steer(paused=True, steps=3)
    driven.take(3)
    first, *_, last = driven.rows("look")
    assert (first["step"], last["step"]) == (2, 3)  # the training is there after its first step
    assert math.isfinite(last["loss"])
    assert len(last["drafts"]) == 8
    network = learn(NAMES * 3, model="mlp").language_model
    assert set(last["moved"]) == set(network.parameters)
    assert all(-6 < share < 0 for share in last["moved"].values())
    places = last["plane"]
    assert len(places["x"]) == len(places["y"]) == len(places["tokens"]) <= TOKENS
    assert set(last["layers"]) == {"embedding", "hidden", "output"}
    for name, layer in last["layers"].items():
        assert len(layer["activations"]["bins"]) == BINS
        assert sum(layer["activations"]["bins"]) > 0
        assert (layer["saturated"] is not None) == (name == "hidden")
    assert 0 < last["layers"]["hidden"]["saturated"] < 0.5


def test_embeddings_move_and_do_not_turn() -> None:
    driven = Driven()
    driven.steer(paused=True, steps=11)
    driven.take(11)
    places = [np.array([row["plane"]["x"], row["plane"]["y"]]) for row in driven.rows("look")]
    assert len(places) == 10
    moves = [np.abs(b - a).max() for a, b in pairwise(places)]
    assert 0 < max(moves) < 0.5


def test_looks_change_nothing_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = learn(NAMES * 3, model="mlp")
    losses = [record.train_loss for record in plain]
    monkeypatch.setattr(runs, "LOOK", 0.0)
    driven = Driven()
    driven.finish()
    assert len(driven.rows("look")) == plain.run.step  # not after the first step, and at the end
    assert [row["train_loss"] for row in driven.rows("record")] == losses
    assert not driven.rows("ended")[0]["is_steered"]


def test_looks_are_few_and_become_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(runs.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(runs, "LOOKS", 3)
    driven = Driven()
    seen = []
    for _ in range(60):
        driven.take(1)
        seen.append(len(driven.rows("look")))
        now[0] += 0.125
    assert seen[:9] == [0, 1, 1, 1, 1, 2, 2, 2, 2]  # the run is there after its first step
    gaps = np.diff([0, *np.flatnonzero(np.diff(seen))])
    assert gaps.tolist() == sorted(gaps.tolist())
    assert gaps.max() >= 8


def test_it_is_paused_and_goes_a_step_at_a_time() -> None:
    driven = Driven()
    driven.take(5)
    driven.steer(paused=True)
    assert driven.take(3) == [runs.PAUSE] * 3
    driven.steer(steps=2)
    assert driven.take(3) == [0.0, 0.0, runs.PAUSE]
    assert [row["step"] for row in driven.rows("look")][-2:] == [6, 7]
    driven.steer(paused=False, slower=0.25)
    assert driven.take(2) == [0.25, 0.25]
    assert driven.rows("look")[-1]["step"] == 9
    driven.steer(slower=0.0)
    driven.finish()
    assert driven.rows("ended")[0]["how"] == "done"


def test_one_that_is_paused_can_be_stopped() -> None:
    driven = Driven()
    driven.take(3)
    driven.steer(paused=True)
    driven.take(2)
    driven.studio.call("stop", {"run": driven.id})
    driven.finish()
    assert driven.rows("ended")[0]["how"] == "stopped"


def test_the_learning_rate_and_dropout_change_while_it_runs() -> None:
    driven, other = Driven(), Driven()
    driven.take(20)
    driven.steer(learning_rate=0.0, dropout=0.5)
    driven.take(1)
    assert driven.run.steering.changes == {}
    (row,) = driven.rows("change")
    assert (row["step"], row["learning_rate"], row["dropout"]) == (20, 0.0, 0.5)
    driven.steer(paused=True, steps=2)
    driven.take(2)
    assert all(share is None for share in driven.rows("look")[-1]["moved"].values())
    one, two = (row["loss"] for row in driven.rows("look")[-2:])
    assert one != two  # another batch, and other units are left out
    driven.steer(paused=False, learning_rate=0.01, dropout=0.0)
    driven.finish()
    other.finish()
    assert driven.rows("ended")[0]["is_steered"]
    assert driven.rows("record")[0] == other.rows("record")[0] | {
        "seconds": driven.rows("record")[0]["seconds"]
    }
    assert driven.rows("record")[-1]["train_loss"] != other.rows("record")[-1]["train_loss"]


def test_after_divergence_it_goes_back_to_the_best_step() -> None:
    driven = Driven(steered=True)
    driven.take(40)
    best = driven.rows("record")[-1]
    driven.steer(learning_rate=1e6)
    while driven.take(1) == [0.0]:
        pass
    (row,) = driven.rows("diverged")
    assert row["best_step"] <= best["step"] < row["step"]
    assert "became NaN or infinite" in row["error"]
    assert driven.take(2) == [runs.PAUSE] * 2
    driven.steer(back=0.005)
    driven.finish()
    (back,) = driven.rows("back")
    assert (back["step"], back["learning_rate"]) == (row["best_step"], 0.005)
    ended = driven.rows("ended")[0]
    assert (ended["how"], ended["is_steered"]) == ("done", True)
    curve = [step for step, *_ in driven.run.trained.report.curve]
    assert curve == sorted(set(curve))
    assert ended["nats_per_token"]["dev"] < math.log(15)


def test_to_go_back_from_nowhere_changes_nothing() -> None:
    driven = Driven(model="neural-bigram")
    driven.take(20)
    driven.steer(back=0.5, dropout=0.5)
    driven.finish()
    assert not driven.rows("change")
    (ended,) = driven.rows("ended")
    assert (ended["how"], ended["is_steered"]) == ("done", False)


def test_one_that_diverged_can_be_stopped_and_keeps_the_best() -> None:
    driven = Driven(steered=True)
    driven.take(40)
    driven.steer(learning_rate=1e6)
    while driven.take(1) == [0.0]:
        pass
    driven.studio.call("stop", {"run": driven.id})
    driven.finish()
    assert driven.rows("ended")[0]["how"] == "diverged"
    assert len(driven.run.trained.sample(3)) == 3


def test_one_that_diverges_before_its_first_record() -> None:
    driven = Driven(steered=True, learning_rate=1e18)
    while driven.take(1) == [0.0]:
        pass
    assert driven.rows("diverged")[0]["best_step"] == 0
    driven.steer(back=0.01)
    driven.finish()
    plain = learn(NAMES * 3, model="mlp", learning_rate=0.01)
    losses = [record.train_loss for record in plain]
    assert [row["train_loss"] for row in driven.rows("record")] == losses


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"learning_rate": -1.0}, "learning rate: 0 to 1e\\+06 was wanted, got -1"),
        ({"learning_rate": math.nan}, "learning rate: .* got nan"),
        ({"dropout": 1.0}, "dropout: 0 to 0.95 was wanted, got 1"),
        ({"steps": -1}, "steps: 0 to 1000 was wanted"),
        ({"slower": 60.0}, "slower: 0 to 10 was wanted"),
        ({"paused": 1}, "for 'paused' true or false was wanted, got 1"),
    ],
)
def test_what_can_not_be_set(wanted: dict[str, Any], said: str) -> None:
    driven = Driven()
    driven.take(1)
    with pytest.raises(OptionError, match=said):
        driven.steer(**wanted)
    assert driven.run.steering.changes == {}


@pytest.mark.parametrize("model", ["bigram", "ngram", "neural-bigram", "mixture"])
def test_other_families_are_seen_as_far_as_they_can_be(model: str) -> None:
    driven = Driven(model=model)
    driven.finish()
    looks = driven.rows("look")
    assert bool(looks) == (model in ("neural-bigram", "mixture"))
    for row in looks:
        assert ("bigram" in row) == (model == "neural-bigram")
        assert ("plane" in row) == (model == "mixture")


def until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.025)
    raise AssertionError("this did not come about in ten seconds")


def test_a_run_that_is_paused_lets_the_others_go_on() -> None:
    background = Background()
    studio = Studio(background.add)
    key = studio.call("read", {"text": TEXT})["list"]
    first = studio.call("begin", {"list": key, "model": "mlp"})["run"]
    studio.call("steer", {"run": first, "paused": True})
    second = studio.call("begin", {"list": key, "model": "mlp"})["run"]
    until(lambda: studio.runs[second].has_ended)
    assert not studio.runs[first].has_ended
    assert threading.active_count() < 20
    studio.call("steer", {"run": first, "paused": False})
    background.wait()
    assert studio.runs[first].has_ended


def test_the_counted_bigram_from_counts_to_uniform() -> None:
    driven = Driven()
    found = driven.studio.call("bigram", {"list": driven.list, "smoothing": 0})
    assert found["tokens"][0] == "."
    table = np.array(found["probabilities"])
    assert table.sum(axis=1) == pytest.approx(1, abs=1e-3)
    size = len(found["tokens"])
    flat = driven.studio.call("bigram", {"list": driven.list, "smoothing": 1e9})
    assert np.allclose(flat["probabilities"], 1 / size, atol=1e-3)
    assert flat["losses"]["train"] == pytest.approx(math.log(size), abs=1e-4)
    assert flat["uniform"] == pytest.approx(math.log(size))
    with pytest.raises(OptionError, match="a smoothing from 0 to 1e"):
        driven.studio.call("bigram", {"list": driven.list, "smoothing": -1})
    chinese = "".join(chr(0x4E00 + n) for n in range(80))
    many = Driven("\n".join(chinese))
    assert many.studio.call("bigram", {"list": many.list})["probabilities"] is None


def test_the_neural_bigram_becomes_the_counted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LOOK", 0.0)
    driven = Driven(model="neural-bigram")
    driven.finish()
    counted = driven.studio.call("bigram", {"list": driven.list, "smoothing": 0.5})
    table = np.array(counted["probabilities"])
    looks = driven.rows("look")
    first, last = (np.abs(np.array(looks[i]["bigram"]) - table).mean() for i in (0, -2))
    assert last < first / 4


def test_the_range_test_suggests_a_rate() -> None:
    driven = Driven()
    found = driven.studio.call("range_test", {"list": driven.list, "model": "mlp"})
    assert len(found["rates"]) == len(found["losses"]) == len(found["smoothed"])
    assert 1e-4 < found["suggestion"] < 1
    with pytest.raises(OptionError, match="ngram is counted, not trained"):
        driven.studio.call("range_test", {"list": driven.list, "model": "ngram"})


def test_going_back_in_python() -> None:
    learning = learn(NAMES * 3, model="mlp", learning_rate=1e6)
    with pytest.raises(DivergedError):
        list(learning)
    go_back(learning.run, 0.01)
    assert [record.step for record in learning][-1] == learning.run.settings.steps
    with pytest.raises(OptionError, match="learning rate must be 0 or more"):
        go_back(learning.run, -1.0)
