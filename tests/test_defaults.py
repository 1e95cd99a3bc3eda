"""What is chosen where nothing is said: the model, how long it is trained, how it is pulled."""

from importlib import import_module

import numpy as np
import pytest

import moreish
from moreish.errors import OptionError
from moreish.models.mlp import MAX_STEPS, MIN_STEPS, MLP
from moreish.text import count_contexts, read_items

NAMES = read_items(None).texts[:400]


def name_of(**options: object) -> str:
    return moreish.learn(NAMES, **options).language_model.name


class TestModel:
    def test_a_mixture_of_counts_and_a_network(self) -> None:
        model = moreish.learn(NAMES).language_model
        assert [part.name for part in model.parts] == ["ngram", "mlp"]
        assert model.share is None
        assert name_of(steps=3, hidden_size=5) == "mixture"

    def test_of_many_items_counts_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_module("moreish.learning.from_list"), "MANY", 100)
        assert name_of() == "ngram"
        assert name_of(smoothing="witten-bell", block_size=3) == "ngram"
        assert name_of(hidden_size=5) == "mixture", "who sets a network's option wants a network"
        assert name_of(steps=5) == "mixture"
        assert name_of(model="mlp") == "mlp"

    def test_the_courses_recipe_is_for_its_network(self) -> None:
        assert name_of(recipe="course") == "mlp"

    def test_without_dev_each_has_one_half(self) -> None:
        options = {"split": (100, 0, 0), "steps": 5, "hidden_size": 5}
        model = moreish.train(NAMES, **options)
        assert model.language_model.arrays()["weights"].tolist() == [[0.5, 0.5]]
        with pytest.raises(OptionError, match="nothing is held out"):
            moreish.train(NAMES, share="by-frequency", **options)

    @pytest.mark.long
    def test_it_does_better_than_either(self) -> None:
        losses = {
            name: moreish.train(NAMES, model=name, seed=2).nats_per_token("test")
            for name in ("mixture", "ngram", "mlp", "bigram")
        }
        assert min(losses, key=losses.__getitem__) == "mixture"


class TestTraining:
    model = MLP(27, hidden_size=5)

    @staticmethod
    def table(pairs: int, times: int = 1) -> moreish.ContextCounts:
        tokens = np.random.default_rng(pairs).integers(1, 27, pairs)
        return count_contexts(np.tile(np.append(tokens, 0), times), 5, 27)

    def test_more_steps_and_less_decay_the_more_there_is(self) -> None:
        usual = [self.model.training_on(self.table(pairs)) for pairs in (300, 3_000, 30_000)]
        steps, decays = ([settings[name] for settings in usual] for name in usual[0])
        assert MIN_STEPS < steps[0] < steps[1] < steps[2] < MAX_STEPS
        assert decays[0] > decays[1] > decays[2]
        assert self.model.training_on(self.table(2))["steps"] == MIN_STEPS

    def test_a_list_that_is_repeated_is_the_same(self) -> None:
        one, hundred = (self.model.training_on(self.table(500, times)) for times in (1, 100))
        assert one == hundred

    def test_what_is_said_is_done(self) -> None:
        run = moreish.learn(NAMES, model="mlp", steps=7, weight_decay=0.25).start()
        assert (run.settings.steps, run.settings.weight_decay) == (7, 0.25)
        usual = moreish.learn(NAMES, model="mlp").start().settings
        assert MIN_STEPS < usual.steps < 1_000


def test_items_that_come_again_and_again_do_not_count_as_met_again() -> None:
    """The discounts of an n-gram model are of distinct items, where most items are repeats."""
    few, many = (moreish.train(NAMES * times, model="ngram", split=(100, 0, 0)) for times in (1, 5))
    contexts = np.random.default_rng(1).integers(0, 20, (300, 6)).astype(np.intp)
    np.testing.assert_allclose(
        many.next_log_probs(contexts), few.next_log_probs(contexts), atol=1e-12
    )
