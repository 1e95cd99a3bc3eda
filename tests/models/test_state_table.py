"""Items by look-ups against items one after another."""

from typing import Any

import numpy as np
import pytest

import moreish
from moreish.models.state_table import tabled
from moreish.scoring.ranking import item_nats
from moreish.text import item_sizes, read_items

NAMES = read_items(None).texts[:2_000]
ODD = ["", "é", "annaéanna", "x" * 40, "éé", "zz"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("bigram", {}),
        ("ngram", {}),
        ("ngram", {"block_size": 2, "smoothing": 0.1}),
        ("ngram", {"smoothing": "deleted-interpolation"}),
        ("mlp", {"block_size": 2, "steps": 20, "hidden_size": 10}),
        ("class-ngram", {"classes": 3}),
        ("neural-bigram", {"steps": 20}),
        ("mixture", {"mixture": "ngram,bigram"}),
    ],
)
def test_it_is_what_the_model_says(name: str, options: dict[str, Any]) -> None:
    model = moreish.train(NAMES, model=name, **options)
    table = tabled(model.language_model, unknown=20.0)
    assert table is not None
    texts = [text for text in NAMES[::3] + model.sample(300) + ODD if text]
    tokens = model.vocabulary.encode(texts)
    expected, sizes = item_nats(model.language_model, tokens, 20.0)
    found = table.item_nats(tokens, sizes)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert table.item_nats(tokens[:0], sizes[:0]).shape == (0,)


def test_what_is_impossible_costs_without_end() -> None:
    model = moreish.train(["ab", "ba"], model="bigram", smoothing=0, split=(100, 0, 0))
    table = tabled(model.language_model, unknown=20.0)
    assert table is not None
    tokens = model.vocabulary.encode(["aa", "ab"])
    assert table.item_nats(tokens, item_sizes(tokens))[0] == np.inf


def test_what_is_too_large_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    model = moreish.train(NAMES[:100], model="mlp", block_size=6, steps=1)
    assert tabled(model.language_model, unknown=20.0) is None


def test_many_items_are_scored_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    model = moreish.train(NAMES, model="ngram")
    texts = [*model.sample(200), "été", " anna ", "Anna"]
    few = model.scores(texts)
    monkeypatch.setattr("moreish.scoring.scorer.MANY", 1)
    many = model.scores(texts)
    for one, other in ((few.nats, many.nats), (few.percentile, many.percentile)):
        np.testing.assert_allclose(one, other, rtol=1e-9)
    np.testing.assert_array_equal(few.tokens, many.tokens)
