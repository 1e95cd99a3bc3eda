"""A model that is too large to be followed: nearly exact, and it says how nearly."""

import copy
import re

import numpy as np
import pytest

import moreish
from moreish.errors import ApproximateWarning
from moreish.generate import Sampler, chain
from moreish.models.bigram import Bigram
from moreish.text import count_items

NAMES = ["ab", "abb", "ba", "b", "aab", "bab", "a", "abab"]
MODEL = moreish.train(NAMES, model="mlp", block_size=3, steps=80, split=(100, 0, 0))
LIMITS: list[dict] = [
    {"suffix": "ab"},
    {"matches": "a.*b", "max_length": 6},
    {"contains": "bb", "new": True},
    {"min_length": 3, "max_length": 4, "temperature": 0.7},
]


@pytest.fixture(autouse=True)
def _by_way_of_bigrams(monkeypatch: pytest.MonkeyPatch) -> None:
    """In so small a vocabulary even a smaller model would be too large."""
    counts = count_items(MODEL.dataset.split("train"), MODEL.vocabulary, 1)
    smaller = Bigram(3).fit(counts)
    sampler = Sampler(MODEL.language_model, MODEL.vocabulary, 50, lambda: NAMES, lambda: [smaller])
    monkeypatch.setitem(vars(MODEL), "_sampler", sampler)


@pytest.fixture
def _too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many states as the bigram model needs, and no more."""
    monkeypatch.setattr(chain, "MOST_CELLS", 40)


@pytest.mark.parametrize("number", range(len(LIMITS)))
def test_frequencies_are_nearly_those_of_the_exact_way(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    constraints = LIMITS[number]
    exact = copy.deepcopy(MODEL).sample(20_000, seed=1, **constraints)
    monkeypatch.setattr(chain, "MOST_CELLS", 30)
    with pytest.warns(ApproximateWarning, match="effective sample size"):
        near = MODEL.sample(20_000, seed=2, **constraints)
    items = [item for item in set(exact) if exact.count(item) > 400]
    assert len(items) >= 3
    for item in items:
        assert near.count(item) == pytest.approx(exact.count(item), rel=0.2)
    assert set(near) <= {item for item in near if constraints.get("suffix", "") in item}
    assert all(re.fullmatch(constraints.get("matches", ".*"), item) for item in near)


def test_the_share_is_nearly_right(monkeypatch: pytest.MonkeyPatch) -> None:
    other = copy.deepcopy(MODEL)
    shares = [other.probability(suffix="ab"), other.probability(matches="a+b+", new=True)]
    monkeypatch.setattr(chain, "MOST_CELLS", 30)
    with pytest.warns(ApproximateWarning):
        near = [MODEL.probability(suffix="ab"), MODEL.probability(matches="a+b+", new=True)]
    assert near == pytest.approx(shares, rel=0.05)


@pytest.mark.usefixtures("_too_large")
def test_what_only_begins_with_something_is_exact_all_the_same() -> None:
    drawn = MODEL.sample(2_000, prefix="ab", new=True, seed=3)
    assert all(item.startswith("ab") and item not in NAMES for item in drawn)
    share = MODEL.probability(prefix="ab", new=True)
    every = MODEL.sample(20_000, seed=4)
    counted = np.mean([item.startswith("ab") and item not in NAMES for item in every])
    assert share == pytest.approx(counted, abs=0.012)


def test_the_exact_share_agrees_with_what_is_multiplied_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    constraints = [
        {"prefix": prefix, "new": new} for prefix in ("", "a", "bab") for new in (True, False)
    ]
    exact = [MODEL.probability(**some) for some in constraints]
    monkeypatch.setattr(chain, "MOST_CELLS", 10)
    assert [MODEL.probability(**some) for some in constraints] == pytest.approx(exact, rel=1e-3)
