"""In order and exact: compared with everything there is, written out."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.errors import OptionError

NAMES = ["ab", "abb", "ba", "b", "aab", "bab", "a", "abab"]
MODELS = {
    "bigram": moreish.train(NAMES, model="bigram", split=(100, 0, 0)),
    "mlp": moreish.train(NAMES, model="mlp", block_size=3, steps=80, split=(100, 0, 0)),
}
LONGEST = 13


def everything(model: moreish.Model) -> dict[str, float]:
    """Every item up to a length, with its probability."""
    items = ["".join(t) for n in range(1, LONGEST + 1) for t in product("ab", repeat=n)]
    return dict(zip(items, np.exp(model.score_samples(items)).tolist(), strict=True))


ALL = {name: everything(model) for name, model in MODELS.items()}
a_limit = st.fixed_dictionaries(
    {},
    optional={
        "prefix": st.text("ab", max_size=3),
        "new": st.booleans(),
        "min_length": st.integers(0, 4),
        "max_length": st.integers(4, LONGEST),
        "suffix": st.text("ab", max_size=2),
        "contains": st.text("ab", max_size=2),
        "matches": st.sampled_from(["(a|b)*", "a.*|b.*a", "[ab]{2,}", ".?.?.?(ab)*.*"]),
    },
)


def meets(
    item: str,
    prefix="",
    new=False,
    min_length=0,
    max_length=LONGEST,
    suffix="",
    contains="",
    matches=".*",
) -> bool:
    return (
        item.startswith(prefix)
        and item.endswith(suffix)
        and contains in item
        and re.fullmatch(matches, item) is not None
        and min_length <= len(item) <= max_length
        and not (new and item in NAMES)
    )


def is_impossible(constraints: dict) -> bool:
    """Whether no item of a and b can be: begun and ended so, it would not match."""
    ends = {name: constraints.get(name, "") for name in ("prefix", "suffix", "contains")}
    pattern = constraints.get("matches", ".*")
    items = ("".join(x) for size in range(9) for x in product("ab", repeat=size))
    return not any(meets(item, max_length=9, matches=pattern, **ends) for item in items)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["bigram", "mlp"]), a_limit, st.integers(0, 40))
def test_the_order_is_that_of_all_items(name: str, constraints: dict, n: int) -> None:
    if is_impossible(constraints):
        with pytest.raises(OptionError):
            MODELS[name].top(n, **constraints)
        return
    found = MODELS[name].top(n, **constraints)
    chances = ALL[name]
    best = sorted((p for item, p in chances.items() if meets(item, **constraints)), reverse=True)[
        :n
    ]
    assert len(found) == len(set(found)) == (len(best) if "max_length" in constraints else n)
    assert all(meets(item, **{**constraints, "max_length": 99}) for item in found)
    np.testing.assert_allclose([chances[item] for item in found], best, rtol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["bigram", "mlp"]), a_limit)
def test_the_probability_is_the_sum_over_all_items(name: str, constraints: dict) -> None:
    constraints = {"max_length": LONGEST, **constraints}
    if is_impossible(constraints):
        with pytest.raises(OptionError):
            MODELS[name].probability(**constraints)
        return
    total = MODELS[name].probability()
    assert total == pytest.approx(1)
    nonempty = 1 - np.exp(MODELS[name].next_log_probs([[0] * (3 if name == "mlp" else 1)]))[0, 0]
    expected = sum(p for item, p in ALL[name].items() if meets(item, **constraints)) / nonempty
    assert MODELS[name].probability(**constraints) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_without_a_longest_length_nothing_is_left_out() -> None:
    model = MODELS["bigram"]
    short = model.probability(prefix="a", max_length=4)
    assert model.probability(prefix="a", min_length=5) == pytest.approx(
        model.probability(prefix="a") - short
    )


def test_a_share_of_samples_is_the_probability() -> None:
    model = MODELS["mlp"]
    drawn = model.sample(20_000, seed=1)
    share = sum(item.startswith("ab") and item not in NAMES for item in drawn) / len(drawn)
    assert model.probability(prefix="ab", new=True) == pytest.approx(share, abs=0.015)


def test_there_may_be_fewer() -> None:
    model = moreish.train(["ab"], model="bigram", smoothing=0, split=(100, 0, 0))
    assert model.top(5) == ["ab"]
    assert model.top(5, new=True) == []


def test_what_cannot_be_asked() -> None:
    with pytest.raises(OptionError, match="temperature changes"):
        MODELS["bigram"].top(3, temperature=2)
    with pytest.raises(OptionError, match="0 or more"):
        MODELS["bigram"].top(-1)
