"""What a run yields, keeps and refuses."""

import numpy as np
import pytest

from moreish.engine import from_numpy, rules
from moreish.errors import DataError, OptionError
from moreish.evaluate import evaluate
from moreish.models.mlp import MLP
from moreish.text import Vocabulary, count_contexts
from moreish.training import Run, Settings
from moreish.training.run import _Batches

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
VOCABULARY = Vocabulary.of(NAMES)
V = len(VOCABULARY)
TRAIN = count_contexts(VOCABULARY.encode(NAMES[:7]), 2, V)
DEV = count_contexts(VOCABULARY.encode(NAMES[7:]), 2, V)


def a_run(**settings: object) -> Run:
    model = MLP(V, block_size=2, embedding_size=3, hidden_size=8).initialise(seed=1)
    return Run(model, TRAIN, DEV, Settings(**{"steps": 100, "batch_size": 16, **settings}))


def test_records_come_in_order_and_the_last_is_the_end() -> None:
    records = list(a_run(records=10))
    assert [record.step for record in records] == list(range(10, 101, 10))
    assert records[-1].train_loss < records[0].train_loss
    assert all(record.dev_loss is not None for record in records)


def test_what_did_best_on_dev_is_what_stays() -> None:
    run = a_run(steps=600, learning_rate=0.05)
    losses = [record.dev_loss for record in run]
    assert min(losses) < losses[-1], "this run was meant to overfit"
    assert evaluate(run.model, DEV).nats_per_token == pytest.approx(min(losses), abs=1e-12)


def test_whoever_stops_early_can_keep_the_best() -> None:
    run = a_run()
    for record in run:
        if record.step >= 20:
            break
    run.finish()
    assert np.isfinite(evaluate(run.model, TRAIN).nats_per_token)
    assert run.step == 20


def test_drawn_contexts_and_gradients_are_those_of_the_whole_list_on_average() -> None:
    model = MLP(V, block_size=2, embedding_size=3, hidden_size=8).initialise(seed=1)
    model.parameters["output.weight"].detach().numpy()[...] *= 10

    def gradient(contexts: np.ndarray, shares: np.ndarray, weights: np.ndarray) -> np.ndarray:
        losses = rules.cross_entropy(model.logits(contexts), from_numpy(shares))
        bias = model.parameters["output.bias"]
        bias.grad = None
        (losses * from_numpy(weights)).sum().backward()
        return bias.grad.numpy()

    shares = TRAIN.dense(np.float32) / TRAIN.totals[:, None].astype(np.float32)
    whole = gradient(TRAIN.contexts, shares, (TRAIN.totals / TRAIN.total).astype(np.float32))
    draw = _Batches(TRAIN, Settings(batch_size=8))
    even = np.full(8, 1 / 8, dtype=np.float32)
    drawn = np.array([gradient(*draw.next(), even) for _ in range(4_000)])
    error = drawn.std(axis=0) / np.sqrt(len(drawn)) + 1e-6
    assert (np.abs(drawn.mean(axis=0) - whole) < 5 * error).all()


def test_a_loss_that_is_no_number_stops_the_run() -> None:
    run = a_run(learning_rate=1e38)
    with np.errstate(all="ignore"), pytest.raises(DataError, match=r"learning rate 1e.38"):
        list(run)


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"batch_size": 0}, {"learning_rate": -1}, {"weight_decay": np.nan}]
)
def test_settings_that_are_none(wrong: dict) -> None:
    with pytest.raises(OptionError):
        Settings(**wrong)
