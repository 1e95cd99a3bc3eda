import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import OptionError
from moreish.text import DEV, TEST, TRAIN, parse_shares, split_items

ITEMS = [f"item {number}" for number in range(1_000)]


def test_shares_are_met_to_the_item() -> None:
    which = split_items(ITEMS, (80, 10, 10))
    assert np.bincount(which).tolist() == [800, 100, 100]


def test_the_order_of_the_list_does_not_matter_but_the_seed_does() -> None:
    which = dict(zip(ITEMS, split_items(ITEMS).tolist(), strict=True))
    turned = dict(zip(ITEMS[::-1], split_items(ITEMS[::-1]).tolist(), strict=True))
    assert which == turned
    assert which != dict(zip(ITEMS, split_items(ITEMS, seed=2).tolist(), strict=True))


@given(st.integers(1, 20), st.tuples(*[st.floats(0, 100)] * 3).filter(lambda s: s[0] > 0))
def test_there_is_always_something_to_train_on(count: int, shares: tuple) -> None:
    which = split_items(ITEMS[:count], shares)
    assert (which == TRAIN).any()
    assert set(which.tolist()) <= {TRAIN, DEV, TEST}


@pytest.mark.parametrize("shares", ["80/20", "a/b/c", "", "0/50/50", "80/-10/30"])
def test_shares_that_are_none(shares: str) -> None:
    with pytest.raises(OptionError):
        split_items(ITEMS, parse_shares(shares))
