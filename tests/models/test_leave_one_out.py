"""Leave-one-out against fitting anew: each item's list is made, counted, and learnt from."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.models import LanguageModel, family
from moreish.models.leave_one_out import WholeList
from moreish.text import ContextCounts, Items, Vocabulary, contexts_of, count_items

LETTERS = "abc"
VOCABULARY = Vocabulary(LETTERS)
DEV = count_items(
    Items(["ab", "cab", "bb", "acca"], np.array([1, 2, 1, 1]), "dev", []), VOCABULARY, 3
)

MODELS: list[tuple[str, dict[str, Any]]] = [
    ("bigram", {"smoothing": 0.0}),
    ("bigram", {"smoothing": 0.5}),
    ("ngram", {"block_size": 1}),
    ("ngram", {"block_size": 3}),
    ("ngram", {"block_size": 2, "smoothing": 0.3}),
    ("ngram", {"block_size": 3, "smoothing": "witten-bell"}),
    ("mixture", {"mixture": "ngram,bigram", "share": 0.3, "block_size": 2}),
]


def table(items: list[str], counts: np.ndarray) -> ContextCounts:
    return count_items(Items(items, counts, "items", []), VOCABULARY, 3)


def fitted(
    model: LanguageModel, counts: ContextCounts, once: ContextCounts | None
) -> LanguageModel:
    for part in getattr(model, "parts", (model,)):
        part.fit(counts.shorter(part.block_size), None, once and once.shorter(part.block_size))
    return model


def made(name: str, options: dict[str, Any]) -> LanguageModel:
    return family(name)(len(VOCABULARY), **options)


def log_probs(model: LanguageModel, tokens: np.ndarray) -> np.ndarray:
    contexts = contexts_of(tokens, model.block_size, len(VOCABULARY))
    return model.next_log_probs(contexts)[np.arange(len(tokens)), tokens]


@pytest.mark.parametrize(("name", "options"), MODELS, ids=str)
@given(
    items=st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=2, max_size=9, unique=True),
    weighted=st.booleans(),
    data=st.data(),
)
def test_as_though_the_item_had_not_been(
    name: str, options: dict[str, Any], items: list[str], weighted: bool, data: st.DataObject
) -> None:
    kinds = st.sampled_from([0.5, 1.0, 2.0, 7.0]) if weighted else st.integers(1, 3)
    size = len(items)
    counts = np.array(data.draw(st.lists(kinds, min_size=size, max_size=size)))
    ones = np.ones(size)
    once = table(items, ones) if weighted else None
    model = fitted(made(name, options), table(items, counts), once)
    left = WholeList(table(items, counts), once).without(VOCABULARY.encode(items), counts)
    found = np.split(model.log_probs_without(left), np.flatnonzero(left.tokens == 0)[:-1] + 1)
    for number, item in enumerate(items):
        others = [other for other in items if other != item]
        stay = np.arange(size) != number
        anew = fitted(
            made(name, options),
            table(others, counts[stay]),
            table(others, ones[stay]) if weighted else None,
        )
        expected = log_probs(anew, VOCABULARY.encode([item]))
        np.testing.assert_allclose(found[number], expected, rtol=1e-9, atol=1e-9)
        assert item not in others


def test_weights_that_were_learnt_on_dev_stay() -> None:
    """Deleted interpolation: the relative frequencies are those of the others."""
    items, counts = ["ab", "cab", "bca", "aab"], np.array([1, 1, 2, 1])
    model = family("ngram")(len(VOCABULARY), block_size=1, smoothing="deleted-interpolation")
    model.fit(table(items, counts).shorter(1), DEV.shorter(1))
    left = WholeList(table(items, counts)).without(VOCABULARY.encode(["cab"]), np.array([1]))
    # "c" begins 1 of 5 items, and none of the other 4, where it is 2 of 15 tokens
    weights = model.arrays()["weights"]
    bin_of_start = model._bins[1][0]
    expected = weights[bin_of_start] @ [1 / 4, 2 / 15, 0 / 4]
    assert np.exp(model.log_probs_without(left)[0]) == pytest.approx(expected)
