"""What a run yields, keeps and refuses."""

import numpy as np
import pytest

import moreish
from moreish.engine import rules
from moreish.engine.generator import Generator
from moreish.errors import DataError, DivergedError, ModelFileError, OptionError
from moreish.models.mlp import MLP
from moreish.scoring.evaluate import evaluate
from moreish.text import Vocabulary, contexts_of, count_contexts
from moreish.torch import from_numpy
from moreish.training import Run, Settings
from moreish.training.batches import DrawnContexts, WholeTable

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
VOCABULARY = Vocabulary.of(NAMES)
V = len(VOCABULARY)
TRAIN = count_contexts(VOCABULARY.encode(NAMES[:7]), 2, V)
DEV = count_contexts(VOCABULARY.encode(NAMES[7:]), 2, V)


def a_run(dropout: float = 0.0, **settings: object) -> Run:
    model = MLP(V, block_size=2, embedding_size=3, hidden_size=8, dropout=dropout)
    model.initialise(seed=1)
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


@pytest.mark.long
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
    draw = DrawnContexts(TRAIN, 8, Generator().manual_seed(2))
    even = np.full(8, 1 / 8, dtype=np.float32)
    drawn = np.array([gradient(*next(draw.next(0))[:2], even) for _ in range(4_000)])
    error = drawn.std(axis=0) / np.sqrt(len(drawn)) + 1e-6
    assert (np.abs(drawn.mean(axis=0) - whole) < 5 * error).all()


def test_a_loss_that_is_no_number_stops_the_run() -> None:
    run = a_run(learning_rate=1e38)
    with np.errstate(all="ignore"), pytest.raises(DataError, match=r"learning rate 1e.38"):
        list(run)


def test_where_it_diverges_the_best_before_stays() -> None:
    run = a_run(steps=400, schedule="constant", learning_rate=0.01)
    records = iter(run)
    losses = [next(records).dev_loss for _ in range(10)]
    run.model.parameters["hidden.weight"].detach().numpy()[...] = np.nan
    with pytest.raises(DivergedError, match=r"after 81 steps.*moreish find-lr"):
        next(records)
    assert evaluate(run.model, DEV).nats_per_token == pytest.approx(min(losses), abs=1e-12)
    assert run.records[run.best_step // 8 - 1].dev_loss == min(losses)


def test_without_dev_the_last_sound_parameters_stay() -> None:
    run = a_run(steps=50, records=50)
    run = Run(run.model, TRAIN, None, run.settings)
    for record in run:
        if record.step == 5:
            sound = run.model.arrays()
            run.model.parameters["output.bias"].detach().numpy()[0] = np.inf
            break
    run.step = 5
    with pytest.raises(DivergedError):
        list(run)
    for name, array in run.model.arrays().items():
        assert (array == sound[name]).all()


def test_a_last_step_that_leaves_no_numbers_is_seen() -> None:
    run = a_run()
    with pytest.raises(DivergedError):
        list(Run(run.model, TRAIN, None, Settings(steps=1, learning_rate=1e38, warm_up=0)))


def test_patience_goes_on_counting_after_a_break() -> None:
    settings = {"steps": 3_000, "learning_rate": 0.05, "records": 100, "patience": 3}
    whole = a_run(**settings)
    steps = [record.step for record in whole]
    first, second = a_run(**settings), a_run(**settings)
    second.resume(*next(first.state() for record in first if record.step == steps[-2]))
    assert [record.step for record in second] == steps[-1:]
    assert second.stopped_early


def test_patience_stops_it_and_the_best_stays() -> None:
    run = a_run(steps=3_000, learning_rate=0.05, records=100, patience=3)
    losses = [record.dev_loss for record in run]
    assert run.stopped_early
    assert run.step < 3_000
    assert losses[-4] == min(losses)
    assert evaluate(run.model, DEV).nats_per_token == pytest.approx(min(losses), abs=1e-12)
    with pytest.raises(OptionError, match="no dev split"):
        Run(run.model, TRAIN, None, run.settings)


def test_the_clock_can_decide() -> None:
    run = a_run(steps=None, minutes=0.3 / 60, records=5)
    records = list(run)
    assert 0.3 <= run.seconds < 30
    assert records[-1].step == records[-1].steps == run.step > 0
    assert all(record.step <= record.steps for record in records)
    assert records[-1].learning_rate < 0.005  # the schedule came to its end


def test_full_batch_has_the_gradient_of_the_whole_list() -> None:
    run = a_run(batch_size="all", optimizer="sgd", learning_rate=0.0, weight_decay=0.0)
    run._move(0.0)
    whole = {name: p.grad.numpy().copy() for name, p in run.model.parameters.items()}
    tokens = VOCABULARY.encode(NAMES[:7])
    contexts = contexts_of(tokens, 2, unknown=len(VOCABULARY))
    losses = rules.cross_entropy(run.model.logits(contexts), from_numpy(tokens))
    run._optimizer.zero_grad()
    losses.mean().backward()
    for name, p in run.model.parameters.items():
        np.testing.assert_allclose(whole[name], p.grad.numpy(), rtol=1e-4, atol=1e-6)
    run._batches = WholeTable(TRAIN, at_once=4)  # in parts it is the same
    run._move(0.0)
    for name, p in run.model.parameters.items():
        np.testing.assert_allclose(whole[name], p.grad.numpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("batch_size", ["all", 16])
def test_a_list_a_hundred_times_over_gives_the_same_bits(batch_size: int | str) -> None:
    often = np.arange(1, 8)
    one, hundred = (
        Run(
            a_run().model.initialise(seed=1),
            count_contexts(VOCABULARY.encode(NAMES[:7]), 2, V, times * often),
            count_contexts(VOCABULARY.encode(NAMES[7:]), 2, V, times * often[:3]),
            Settings(steps=60, batch_size=batch_size),
        )
        for times in (1, 100)
    )
    assert [(r.train_loss, r.dev_loss) for r in one] == [
        (r.train_loss, r.dev_loss) for r in hundred
    ]
    for name, array in one.model.arrays().items():
        assert (array == hundred.model.arrays()[name]).all()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw"])
@pytest.mark.parametrize("stop", [1, 7, 20])
def test_another_run_goes_on_with_the_same_bits(optimizer: str, stop: int) -> None:
    settings = {"steps": 40, "optimizer": optimizer, "records": 40, "learning_rate": 0.05}
    settings["dropout"] = 0.3
    whole = a_run(**settings)
    losses = [(r.step, r.train_loss, r.dev_loss) for r in whole]
    first = a_run(**settings)
    state = next(first.state() for record in first if record.step == stop)
    second = a_run(**settings)
    second.model.initialise(seed=9)
    second.resume(*state)
    rest = [(r.step, r.train_loss, r.dev_loss) for r in second]
    assert rest == losses[stop:]
    assert [(r.step, r.train_loss, r.dev_loss) for r in second.records] == losses
    for name, array in whole.model.arrays().items():
        assert (array == second.model.arrays()[name]).all()
    assert whole.model.generator.rand(3).tolist() == second.model.generator.rand(3).tolist()
    assert (second.best_loss, second.best_step) == (whole.best_loss, whole.best_step)


def test_a_state_is_of_a_record_and_whole() -> None:
    run = a_run(records=10)
    about, arrays = next(run.state() for record in run)
    run._losses.append(1.0)
    with pytest.raises(RuntimeError, match="not between two"):
        run.state()
    for damaged in ({}, {**arrays, "generator": np.zeros(3, np.uint8)}):
        with pytest.raises(ModelFileError, match="damaged"):
            a_run().resume(about, damaged)
    with pytest.raises(ModelFileError, match="damaged"):
        a_run().resume({}, arrays)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"steps": 0}, "steps must be 1 or more, got 0"),
        ({"steps": -3}, "steps must be 1 or more, got -3"),
        ({"minutes": 0}, "minutes must be more than 0, got 0"),
        ({"minutes": -1}, "minutes must be more than 0, got -1"),
        ({"minutes": np.nan}, "minutes must be more than 0, got nan"),
        ({"minutes": 1, "steps": 5}, "not in both"),
        ({"batch_size": 0}, "batch size must be 1 or more, got 0"),
        ({"batch_size": "most"}, "a number of contexts or 'all', got 'most'"),
        ({"learning_rate": -1}, "learning rate must be 0 or more, got -1"),
        ({"weight_decay": np.nan}, "weight decay must be 0 or more, got nan"),
        ({"optimizer": "momentum", "momentum": 1}, "momentum must be 0 or more and below 1"),
        ({"momentum": 0.5}, "--momentum goes with --optimizer momentum, and it is adamw"),
        ({"warm_up": 3_000}, "shorter than the 3,000 steps"),
        ({"warm_up": -1, "minutes": 1}, "0 steps or more, got -1"),
        ({"patience": 0}, "patience must be 1 or more"),
        ({"optimizer": "adam"}, "no optimizer 'adam'; there are sgd, momentum, adamw"),
        ({"schedule": "linear"}, "no schedule 'linear'; there are constant, step, cosine"),
        ({"recipe": "cake"}, "no recipe 'cake'; there are table, course"),
        ({"recipe": "course", "batch_size": "all"}, "draws examples"),
    ],
)
def test_settings_that_are_none(wrong: dict, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        Settings.chosen(**wrong)


def test_what_follows_from_the_recipe_and_the_optimizer() -> None:
    course = Settings.chosen(recipe="course")
    assert (course.steps, course.batch_size, course.learning_rate) == (200_000, 32, 0.1)
    assert [course.factor(step, 200_000) for step in (0, 99_999, 100_000)] == [1.0, 1.0, 0.1]
    assert Settings.chosen(recipe="course", steps=9).steps == 9
    assert Settings.chosen(recipe="course", minutes=2).steps is None
    assert Settings.chosen(recipe="course", optimizer="adamw").learning_rate == 0.01
    assert Settings.chosen(optimizer="sgd", learning_rate=0.3).learning_rate == 0.3
    assert Settings.chosen(steps=200).warm_up_steps == 20
    assert Settings.chosen() == Settings()
    usual = {"steps": 7, "learning_rate": 0.4}
    own = Settings.chosen(usual, weight_decay=0.3)
    assert (own.steps, own.learning_rate, own.weight_decay) == (7, 0.4, 0.3)
    assert Settings.chosen(usual, steps=8).steps == 8
    assert Settings.chosen(usual, minutes=1).steps is None
    assert Settings.chosen(usual, optimizer="sgd").learning_rate == 1.0
    assert Settings.chosen(usual, recipe="course").learning_rate == 0.1


def test_tables_too_large_for_a_product_of_matrices_are_trained_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The gradient of an embedding of many tokens, or in a large batch."""
    names = ["anna", "hannah", "susanna", "joanna", "ann"] * 3
    options: dict = {"model": "mlp", "steps": 2, "hidden_size": 10, "split": (100, 0, 0)}
    usual = moreish.train(names, **options).nats_per_token(names)
    monkeypatch.setattr("moreish.engine.rules.index.LARGEST_PRODUCT", 0)
    large = moreish.train(names, **options).nats_per_token(names)
    assert large == pytest.approx(usual, rel=1e-5)
