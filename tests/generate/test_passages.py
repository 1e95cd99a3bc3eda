"""Passages of documents: how long they are, how likely, which are new, and what can't be asked."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest

import moreish
from moreish.errors import DataError, OptionError
from moreish.generate import Constraints, passages
from moreish.models.bigram import Bigram
from moreish.text import Vocabulary

WORDS = [f"w{n}" for n in range(12)]
RNG = np.random.default_rng(3)
TEXTS = [" ".join(RNG.choice(WORDS, 120)) for _ in range(20)]
OPTIONS = {"item_per": "file", "words": True, "model": "ngram", "block_size": 2}


@pytest.fixture(scope="module")
def model() -> moreish.Model:
    return moreish.train(TEXTS, split=(100, 0, 0), **OPTIONS)


def test_they_are_cut_at_their_length(model: moreish.Model) -> None:
    sizes = [len(item.split()) for item in model.sample(200, seed=1)]
    assert max(sizes) == 50
    assert sizes.count(50) > 100
    assert max(len(item.split()) for item in model.sample(200, max_length=7)) == 7
    letters = moreish.train(TEXTS, **{**OPTIONS, "words": False})
    assert max(map(len, letters.sample(50))) == 300
    assert model.sample(50, seed=4) == model.sample(50, seed=4)


def test_they_are_as_likely_as_the_model_says() -> None:
    """Each token and the end alike: of passages of two tokens, which may end after one."""
    made = passages(Bigram(3), Vocabulary("ab"), Constraints(max_length=2), seed=1)
    found = Counter(islice(made, 6_000))
    expected = {"a": 1 / 6, "b": 1 / 6, "aa": 1 / 6, "ab": 1 / 6, "ba": 1 / 6, "bb": 1 / 6}
    assert found.keys() == expected.keys()
    for item, share in expected.items():
        assert abs(found[item] / 6_000 - share) < 0.02


def test_a_prefix(model: moreish.Model) -> None:
    start = " ".join(TEXTS[0].split()[:3])
    for item in model.sample(20, prefix=start, max_length=6):
        assert item.startswith(start)
        assert 3 <= len(item.split()) <= 6
    assert model.sample(1, prefix=start, max_length=3) == [start]
    with pytest.raises(OptionError, match="has 3 tokens, and a passage 2 at most"):
        model.sample(1, prefix=start, max_length=2)


@pytest.mark.parametrize(
    "asked", [{"suffix": "w1"}, {"contains": "w1"}, {"matches": ".*"}, {"min_length": 3}]
)
def test_what_is_for_whole_items(model: moreish.Model, asked: dict[str, object]) -> None:
    with pytest.raises(OptionError, match="is for whole items; of documents passages are drawn"):
        model.sample(1, **asked)


def test_no_temperature_of_0(model: moreish.Model) -> None:
    with pytest.raises(OptionError, match="--top-k 1"):
        model.sample(1, temperature=0)
    (greedy,) = model.sample(1, top_k=1)
    with pytest.raises(DataError, match="after 1 passages that fit hardly any more come"):
        model.sample(2, top_k=1, unique=True)
    assert greedy


def test_new_ones_are_not_copied_as_a_whole() -> None:
    """Of a model that knows its documents by heart most passages are."""
    texts = [" ".join(f"w{n}" for n in RNG.integers(0, 300, 120)) for _ in range(20)]
    model = moreish.train(texts, split=(100, 0, 0), **{**OPTIONS, "smoothing": 1e-4})
    drawn = model.sample(300, seed=1, max_length=8)
    text = "  ".join(f" {text} " for text in texts)
    is_copied = [f" {item} " in text for item in drawn]
    assert 30 < sum(is_copied) < 300
    entries = model.ledger(drawn)
    assert [not entry.new for entry in entries] == is_copied
    assert {entry.nearest for entry in entries} == {None}
    for entry in entries:
        assert f" {entry.copied} " in text or len(entry.copied.split()) > 5
    for item in model.sample(50, seed=1, max_length=8, new=True):
        assert f" {item} " not in text
    found = model.summary(drawn)
    assert found.longest_copied == 8
    assert round(300 * found.new) == 300 - sum(is_copied)


def test_a_document_that_comes_whole_is_not_new(model: moreish.Model) -> None:
    short = moreish.train([*TEXTS, "w1 w2"], split=(100, 0, 0), **OPTIONS)
    (entry,) = short.ledger(["w1 w2"])
    assert (entry.new, entry.split, entry.copied) == (False, "train", "")
    assert model.ledger(["w1 w2"])[0].new
