"""The laws that every model obeys; a new file in moreish/models is found by itself."""

import numpy as np
import pytest

import moreish
from moreish.errors import OptionError
from moreish.models import Counted, LanguageModel, Learnt, families, family
from moreish.text import Vocabulary, count_contexts

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
VOCABULARY = Vocabulary.of(NAMES)
V = len(VOCABULARY)

each_model = pytest.mark.parametrize("name", sorted(families()))


def made(name: str) -> LanguageModel:
    model = family(name)(V)
    if isinstance(model, Counted):
        model.fit(count_contexts(VOCABULARY.encode(NAMES), model.block_size, V))
    elif isinstance(model, Learnt):
        model.initialise(seed=1)
    return model


def some_contexts(model: LanguageModel) -> np.ndarray:
    return np.random.default_rng(0).integers(0, V, (50, model.block_size)).astype(np.intp)


def test_there_are_models() -> None:
    assert {"bigram", "mlp"} <= set(families())


@each_model
def test_probabilities_sum_to_one(name: str) -> None:
    model = made(name)
    log_probs = model.next_log_probs(some_contexts(model))
    assert log_probs.shape == (50, V)
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, atol=1e-12)


@each_model
def test_a_context_is_judged_alike_in_any_company(name: str) -> None:
    model = made(name)
    contexts = some_contexts(model)
    alone = np.concatenate([model.next_log_probs(context[None]) for context in contexts])
    np.testing.assert_allclose(model.next_log_probs(contexts), alone, rtol=1e-4, atol=1e-5)
    assert model.next_log_probs(contexts[:0]).shape == (0, V)


@each_model
def test_its_arrays_and_options_are_all_of_it(name: str) -> None:
    model = made(name)
    again = family(name)(V, **model.options())
    again.restore(model.arrays())
    contexts = some_contexts(model)
    assert (model.next_log_probs(contexts) == again.next_log_probs(contexts)).all()
    assert again.parameter_count == model.parameter_count > 0


@each_model
def test_arrays_of_another_size_are_refused(name: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        family(name)(V + 1).restore(made(name).arrays())


@each_model
def test_a_seed_repeats_to_the_bit(name: str) -> None:
    options = {"steps": 30} if issubclass(family(name), Learnt) else {}
    one, two = (moreish.train(NAMES, model=name, seed=4, **options) for _ in range(2))
    for key, array in one.language_model.arrays().items():
        assert (array == two.language_model.arrays()[key]).all(), key


@each_model
def test_it_learns_more_than_how_often_each_letter_comes(name: str) -> None:
    options = {"steps": 300} if issubclass(family(name), Learnt) else {"smoothing": 0.01}
    model = moreish.train(NAMES, model=name, split=(100, 0, 0), **options)
    letters = np.bincount(VOCABULARY.encode(NAMES), minlength=V)
    shares = letters[letters > 0] / letters.sum()
    assert model.nats_per_token("train") < -(shares * np.log(shares)).sum()


def test_a_model_that_nobody_knows() -> None:
    with pytest.raises(OptionError, match="no model 'crystal-ball'; there are bigram, mlp"):
        family("crystal-ball")
