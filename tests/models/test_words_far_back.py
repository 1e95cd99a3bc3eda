"""N-grams of so many words that a context and what follows are no number of 63 bits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from models.plain_ngram import PlainAddK, PlainKneserNey, PlainWittenBell, log_probability
from moreish.errors import OptionError
from moreish.models import LanguageModel, family
from moreish.models.arpa_writer import write_arpa
from moreish.models.context_states import states_of
from moreish.models.leave_one_out import WholeList
from moreish.models.ngram import METHODS, NGram
from moreish.scoring.evaluate import evaluate
from moreish.text import Positions, Vocabulary, contexts_of, count_contexts, longest_in_window

V, T = 55_108, 4  # the most words of which four fit
FAR = {"a": 1, "b": 30_000, "c": V - 1}
PLAIN = {"kneser-ney": PlainKneserNey, "witten-bell": PlainWittenBell, 0.5: PlainAddK}
ITEMS = st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=9)

MODELS: list[tuple[str, dict[str, Any]]] = [
    *(("ngram", {"smoothing": smoothing}) for smoothing in [*METHODS, 0.5]),
    ("class-ngram", {"classes": 2}),
    ("mixture", {"mixture": "ngram,class-ngram", "classes": 2}),
]
each_model = pytest.mark.parametrize(("name", "options"), MODELS, ids=str)


def encoded(items: list[str]) -> np.ndarray:
    return np.array([number for item in items for number in [*map(FAR.get, item), 0]])


def fitted(name: str, options: dict[str, Any], items: list[str], dev: list[str]) -> LanguageModel:
    model = family(name)(V, block_size=T, **options)
    tables = [count_contexts(encoded(texts), T, V) for texts in (items, dev)]
    for part in getattr(model, "parts", (model,)):
        part.fit(*tables)
    if name == "mixture":
        model.mix(*tables)
    return model


def log_probs(model: LanguageModel, items: list[str]) -> np.ndarray:
    tokens = encoded(items)
    return model.log_probs_of(contexts_of(tokens, T, V), tokens)


def test_it_is_past_the_limit_of_windows() -> None:
    assert longest_in_window(V) == T - 1
    with pytest.raises(OptionError, match=r"with 55,109 different tokens .* at most 3 of them"):
        count_contexts(np.array([1, 0]), T, V + 1)


@pytest.mark.parametrize("smoothing", PLAIN)
@settings(deadline=None, max_examples=25)
@given(items=ITEMS, others=ITEMS)
def test_as_the_plain_one(items: list[str], others: list[str], smoothing: float | str) -> None:
    model = fitted("ngram", {"smoothing": smoothing}, items, others)
    plain = PLAIN[smoothing](items, T + 1)
    plain.size = V
    expected = np.concatenate([log_probability(plain, item) for item in [*items, *others]])
    np.testing.assert_allclose(log_probs(model, [*items, *others]), expected, atol=1e-10)


@each_model
@settings(deadline=None, max_examples=10)
@given(items=ITEMS, dev=ITEMS)
def test_rows_look_ups_and_arrays_agree(
    name: str, options: dict[str, Any], items: list[str], dev: list[str]
) -> None:
    model = fitted(name, options, items, dev)
    tokens = encoded(dev)[:20]
    contexts = contexts_of(tokens, T, V)
    rows = model.next_log_probs(contexts)
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, atol=1e-9)
    found = model.log_probs_of(contexts, tokens)
    np.testing.assert_allclose(found, rows[np.arange(len(tokens)), tokens], rtol=1e-12)
    again = family(name)(V, **model.options())
    again.restore(model.arrays())
    assert (again.log_probs_of(contexts, tokens) == found).all()


@each_model
@settings(deadline=None, max_examples=10)
@given(items=st.lists(st.text("abc", min_size=1, max_size=6), min_size=2, max_size=6, unique=True))
def test_as_though_an_item_had_not_been(
    name: str, options: dict[str, Any], items: list[str]
) -> None:
    """One at a time: of more than that the contexts are no numbers of 63 bits."""
    is_learnt = name != "ngram" or options["smoothing"] == "deleted-interpolation"
    model = fitted(name, options, items, ["abc"])
    whole = WholeList(count_contexts(encoded(items), T, V))
    assert whole.most_items == 1
    for item in items:
        found = model.log_probs_without(whole.without(encoded([item]), np.ones(1)))
        assert len(found) == len(item) + 1
        if not is_learnt:  # neither classes nor weights, which would be others
            others = [other for other in items if other != item]
            expected = log_probs(fitted(name, options, others, ["abc"]), [item])
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("smoothing", [*METHODS, 0.5])
def test_one_stream_as_it_stands(smoothing: float | str) -> None:
    """As one long item, whose end never comes."""
    stream = np.random.default_rng(1).integers(1, 40, 3_000) * 1_000
    train, dev = stream[:2_000], stream[2_000:]
    one, two = (Positions(part, np.array([1]), T, V) for part in (train, dev))
    model = NGram(V, block_size=T, smoothing=smoothing).fit(one, two)
    table = count_contexts(train, T, V)
    assert one.table() == table
    other = NGram(V, block_size=T, smoothing=smoothing).fit(table, count_contexts(dev, T, V))
    found = model.log_probs_of(contexts_of(dev, T, V), dev)
    assert (found == other.log_probs_of(contexts_of(dev, T, V), dev)).all()
    assert evaluate(model, two).nats == pytest.approx(-found.sum())


def test_states_are_followed_and_arpa_files_refused(tmp_path: Path) -> None:
    model = fitted("ngram", {}, ["abcab", "cab"], ["ab"])
    states = states_of(model)
    assert states is not None
    assert states.contexts(np.array([states.count - 1])).shape == (1, T)
    words = Vocabulary([f"w{number:05}" for number in range(V - 1)], "words")
    with pytest.raises(OptionError, match=r"of an ARPA file can have at most 2 of them"):
        write_arpa(tmp_path / "a.arpa", model, words, 20.0)
    assert not list(tmp_path.iterdir())


def test_from_a_list_to_samples(tmp_path: Path) -> None:
    """With 7,000 words windows of five don't fit."""
    draw = np.random.default_rng(1)
    lines = [" ".join(f"w{n}" for n in draw.zipf(1.3, 7) % 7_000) for _ in range(300)]
    lines += [" ".join(f"w{n}" for n in range(first, first + 7)) for first in range(0, 7_000, 7)]
    model = moreish.train(lines, words=True, model="ngram", block_size=4, split=(90, 10, 0))
    assert len(model.vocabulary) > 6_209  # to the power of five is 2 to the power of 63
    model.save(tmp_path / "model")
    again = moreish.load(tmp_path / "model")
    assert again.nats_per_token("dev") == model.nats_per_token("dev")
    assert (again.score_samples(lines[:9]) == model.score_samples(lines[:9])).all()
    assert again.scores(lines[:9]).as_if_new.any()
    assert again.sample(3, seed=1) == model.sample(3, seed=1)
    (begun,) = again.sample(1, seed=1, prefix="w1 w2")
    assert begun.startswith("w1 w2")
