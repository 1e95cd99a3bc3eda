"""The laws that every model obeys; a new file in moreish/models is found by itself."""

from typing import Any

import numpy as np
import pytest

import moreish
from moreish.errors import OptionError
from moreish.models import Counted, LanguageModel, Learnt, Mixed, families, family, learnt_parts
from moreish.models.ngram import METHODS
from moreish.text import Vocabulary, contexts_of, count_contexts

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]
VOCABULARY = Vocabulary.of(NAMES)
V = len(VOCABULARY)
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in sorted(families())),
    *(("ngram", {"smoothing": smoothing, "block_size": 3}) for smoothing in [*METHODS, 0.2]),
    ("bigram", {"smoothing": 0}),
    ("mlp", {"direct": True, "dropout": 0.4, "hidden_size": 9, "block_size": 2}),
    ("mlp", {"tied": True, "direct": True, "bag": 3, "hidden_size": 9, "block_size": 5}),
    ("mlp", {"bag": 1, "hidden_size": 9, "block_size": 3}),
    ("mixture", {"mixture": "bigram,neural-bigram", "share": "learnt"}),
    ("mixture", {"mixture": "ngram,ngram", "share": 0.3}),
    ("class-ngram", {"classes": 3, "block_size": 1}),
    ("class-ngram", {"classes": 4, "smoothing": "deleted-interpolation"}),
    ("mixture", {"mixture": "class-ngram,bigram", "classes": 3}),
    ("mixture", {"mixture": "mlp,mlp", "hidden_size": 9}),
]

each_model = pytest.mark.parametrize(
    ("name", "options"), VARIANTS, ids=[" ".join(map(str, [n, *o.values()])) for n, o in VARIANTS]
)


def made(name: str, options: dict[str, Any]) -> LanguageModel:
    return learnt(family(name)(V, **options))


def learnt(model: LanguageModel) -> LanguageModel:
    counts = count_contexts(VOCABULARY.encode(NAMES), model.block_size, V)
    if isinstance(model, Counted):
        model.fit(counts, dev=counts)
    elif isinstance(model, Learnt):
        model.initialise(seed=1)
    elif isinstance(model, Mixed):
        for part in model.parts:
            learnt(part)
        model.mix(counts, dev=counts)
    return model


def steps(name: str, options: dict[str, Any], count: int) -> dict[str, int]:
    model = family(name)(V, **options)
    parts = model.parts if isinstance(model, Mixed) else [model]
    return {"steps": count} if any(isinstance(part, Learnt) for part in parts) else {}


def some_contexts(model: LanguageModel) -> np.ndarray:
    return np.random.default_rng(0).integers(0, V, (50, model.block_size)).astype(np.intp)


def known_contexts(model: LanguageModel) -> np.ndarray:
    return contexts_of(VOCABULARY.encode(NAMES), model.block_size, unknown=V)


def test_there_are_models() -> None:
    assert {"bigram", "ngram", "class-ngram", "neural-bigram", "mlp", "mixture"} <= set(families())


@each_model
def test_probabilities_sum_to_one(name: str, options: dict[str, Any]) -> None:
    for model in (made(name, options), family(name)(V, **options)):
        log_probs = model.next_log_probs(some_contexts(model))
        assert log_probs.shape == (50, V)
        np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, atol=1e-12)


@each_model
def test_a_context_is_judged_alike_in_any_company(name: str, options: dict[str, Any]) -> None:
    model = made(name, options)
    contexts = some_contexts(model)
    alone = np.concatenate([model.next_log_probs(context[None]) for context in contexts])
    np.testing.assert_allclose(model.next_log_probs(contexts), alone, rtol=1e-4, atol=1e-5)
    assert (model.next_log_probs(contexts) == model.next_log_probs(contexts)).all()
    assert model.next_log_probs(contexts[:0]).shape == (0, V)


@each_model
def test_what_is_looked_up_is_what_stands_in_the_row(name: str, options: dict[str, Any]) -> None:
    """Also of contexts that come again, and of a model that nothing was learnt of."""
    draw = np.random.default_rng(1)
    for model in (made(name, options), family(name)(V, **options)):
        contexts = np.concatenate([some_contexts(model), some_contexts(model)])
        contexts = np.concatenate([contexts, known_contexts(model)])
        tokens = draw.integers(0, V, len(contexts)).astype(np.intp)
        rows = model.next_log_probs(contexts)[np.arange(len(contexts)), tokens]
        rtol = 1e-4 if learnt_parts(model) else 1e-13  # another company of a row, another rounding
        np.testing.assert_allclose(model.log_probs_of(contexts, tokens), rows, rtol=rtol)
        assert model.log_probs_of(contexts[:0], tokens[:0]).shape == (0,)


@each_model
def test_its_arrays_and_options_are_all_of_it(name: str, options: dict[str, Any]) -> None:
    model = made(name, options)
    again = family(name)(V, **model.options())
    again.restore(model.arrays())
    contexts = some_contexts(model)
    assert (model.next_log_probs(contexts) == again.next_log_probs(contexts)).all()
    assert again.parameter_count == model.parameter_count > 0
    assert again.options() == model.options()


@each_model
def test_arrays_of_another_size_are_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError)):
        family(name)(V + 1, **options).restore(made(name, options).arrays())


@each_model
def test_wrong_values_are_refused(name: str, options: dict[str, Any]) -> None:
    good = made(name, options).arrays()
    for key, array in good.items():
        wrong = [array[..., None], array.astype(bool), array.astype(np.complex64)]
        if array.size and array.dtype.kind == "f":
            wrong += [_first_is(array, value) for value in (np.nan, np.inf, -np.inf)]
        elif array.size:
            wrong += [_first_is(array.astype(np.int64), value) for value in (-1, 2**63 - 1)]
        for other in wrong:
            with pytest.raises((ValueError, KeyError)):
                family(name)(V, **options).restore({**good, key: other})
        with pytest.raises((ValueError, KeyError)):
            family(name)(V, **options).restore({k: a for k, a in good.items() if k != key})
        with pytest.raises(ValueError, match="is not known"):
            family(name)(V, **options).restore({**good, "new": array})


def _first_is(array: np.ndarray, value: float) -> np.ndarray:
    other = array.copy()
    other.reshape(-1)[0] = value
    return other


@each_model
def test_a_seed_repeats_to_the_bit(name: str, options: dict[str, Any]) -> None:
    given = {**options, **steps(name, options, 20)}
    one, two = (moreish.train(NAMES, model=name, seed=4, **given) for _ in range(2))
    for key, array in one.language_model.arrays().items():
        assert (array == two.language_model.arrays()[key]).all(), key


@each_model
def test_a_file_brings_it_back(name: str, options: dict[str, Any], tmp_path) -> None:
    model = moreish.train(NAMES, model=name, seed=4, **options, **steps(name, options, 5))
    model.save(tmp_path / "m")
    again = moreish.load(tmp_path / "m")
    assert again.sample(9, seed=2) == model.sample(9, seed=2)
    assert (again.score_samples(["emma", "xx"]) == model.score_samples(["emma", "xx"])).all()
    again.save(tmp_path / "n")
    assert (tmp_path / "n").read_bytes() == (tmp_path / "m").read_bytes()


@each_model
def test_it_learns_more_than_how_often_each_letter_comes(
    name: str, options: dict[str, Any]
) -> None:
    given = {**options, **steps(name, options, 300)}
    if name in ("bigram", "ngram") and not options:
        given["smoothing"] = 0.01
    model = moreish.train(NAMES, model=name, dev=NAMES, **given)
    letters = np.bincount(VOCABULARY.encode(NAMES), minlength=V)
    shares = letters[letters > 0] / letters.sum()
    assert model.nats_per_token("train") < -(shares * np.log(shares)).sum()


def test_a_model_that_nobody_knows() -> None:
    with pytest.raises(OptionError, match="no model 'crystal-ball'; there are bigram, class-ngram"):
        family("crystal-ball")
