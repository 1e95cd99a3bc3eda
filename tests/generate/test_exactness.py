"""Draws under random constraints against all items there are: 100 cases (500), small models."""

import math
import re
from collections import Counter
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.errors import DataError, OptionError

LONGEST, DRAWS, LEAST = 5, 2_000, 5.0
BOUND = 3.72  # standard deviations: one in 10,000 is beyond
LISTS = (
    ["ab", "abba", "bab", "aa", "baab", "ba"],
    ["abc", "cab", "caab", "bcb", "acca", "c", "bb"],
)
MODELS: tuple[dict[str, Any], ...] = (
    {"model": "bigram"},
    {"model": "ngram", "block_size": 2},
    {"model": "ngram", "block_size": 4, "smoothing": "witten-bell"},
    {"model": "class-ngram", "classes": 3},
    {"model": "neural-bigram", "steps": 20},
    {"model": "mlp", "block_size": 2, "hidden_size": 5, "steps": 20},
    {"model": "mixture", "mixture": "ngram,bigram", "share": 0.3, "block_size": 2},
)
TEXTS = st.text("ab", max_size=2)
PATTERNS = (None, "a.*", ".*b", "(ab|ba)+.*", "[ab]{2,4}", "(.a)*.?", ".*(aa|bb).*")


@cache
def model_of(which: int, alphabet: int) -> moreish.Model:
    model = moreish.train(LISTS[alphabet], split=(100, 0, 0), **MODELS[which])
    if MODELS[which]["model"] == "mlp":  # in single precision other contexts beside change digits
        parameters = model.language_model.parameters
        parameters.update({name: tensor.double() for name, tensor in parameters.items()})
    return model


@cache
def all_items(which: int, alphabet: int) -> tuple[list[str], np.ndarray]:
    """Every item of up to five letters, and how likely it is among all that are not empty."""
    model = model_of(which, alphabet)
    letters = model.vocabulary.tokens
    items = [
        "".join(letters_of)
        for length in range(1, LONGEST + 1)
        for letters_of in product(letters, repeat=length)
    ]
    start = np.zeros((1, model.language_model.block_size), dtype=np.intp)
    empty = np.exp(model.next_log_probs(start)[0, 0])
    return items, np.exp(model.score_samples(items)) / (1 - empty)


def deviation(counts: np.ndarray, expected: np.ndarray) -> float:
    """Chi-square in standard deviations, by the transformation of Wilson and Hilferty (1931)."""
    order = np.argsort(expected)
    cells, cell = [], np.zeros(2)
    for place in order:  # what is expected seldom is put together
        cell = cell + np.array([counts[place], expected[place]])
        if cell[1] >= LEAST:
            cells.append(cell)
            cell = np.zeros(2)
    if cells:
        cells[-1] = cells[-1] + cell
    if len(cells) < 2:
        return 0.0
    seen, wanted = np.array(cells).T
    free = len(cells) - 1
    square = float(((seen - wanted) ** 2 / wanted).sum())
    return ((square / free) ** (1 / 3) - (1 - 2 / (9 * free))) / math.sqrt(2 / (9 * free))


CASES = given(
    which=st.integers(0, len(MODELS) - 1),
    alphabet=st.integers(0, 1),
    prefix=TEXTS,
    suffix=TEXTS,
    contains=TEXTS,
    matches=st.sampled_from(PATTERNS),
    shortest=st.integers(1, 3),
    longest=st.integers(3, LONGEST),
    new=st.booleans(),
    seed=st.integers(0, 99),
)


@pytest.mark.parametrize("cases", [100, pytest.param(500, marks=pytest.mark.long)])
def test_draws_and_shares_are_those_of_all_items(cases: int) -> None:
    settings(max_examples=cases, deadline=None)(CASES(check))()


def check(
    which: int,
    alphabet: int,
    prefix: str,
    suffix: str,
    contains: str,
    matches: str | None,
    shortest: int,
    longest: int,
    new: bool,
    seed: int,
) -> None:
    model = model_of(which, alphabet)
    items, chances = all_items(which, alphabet)
    fits = np.array(
        [
            shortest <= len(item) <= longest
            and item.startswith(prefix)
            and item.endswith(suffix)
            and contains in item
            and (matches is None or re.fullmatch(matches, item) is not None)
            and not (new and item in LISTS[alphabet])
            for item in items
        ]
    )
    constraints: dict[str, Any] = {"min_length": shortest, "max_length": longest, "new": new}
    texts = {"prefix": prefix, "suffix": suffix, "contains": contains, "matches": matches}
    constraints |= {name: text for name, text in texts.items() if text}
    share = float(chances[fits].sum())
    if not fits.any():
        try:
            assert model.sample(1, **constraints) == []
        except (DataError, OptionError):
            return
        raise AssertionError(f"there is no such item: {constraints}")
    assert abs(model.probability(**constraints) - share) < 1e-9
    drawn = Counter(model.sample(DRAWS, seed=seed, **constraints))
    allowed = [item for item, fit in zip(items, fits, strict=True) if fit]
    assert drawn.keys() <= set(allowed)
    counts = np.array([drawn[item] for item in allowed], dtype=np.float64)
    assert deviation(counts, DRAWS * chances[fits] / share) < BOUND


def test_a_small_mistake_is_seen() -> None:
    """Were one item in twenty drawn twice as often, the deviation would be beyond the bound."""
    expected = np.full(20, DRAWS / 20)
    rng = np.random.default_rng(1)
    assert deviation(rng.multinomial(DRAWS, expected / DRAWS), expected) < BOUND
    chances = expected / DRAWS
    chances[0] *= 2
    assert deviation(rng.multinomial(DRAWS, chances / chances.sum()), expected) > BOUND
