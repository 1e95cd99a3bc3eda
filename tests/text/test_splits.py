import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import OptionError
from moreish.text import DEV, TEST, TRAIN, parse_shares, split_items
from moreish.text.splits import marks_of, split_by_marks

ITEMS = [f"item {number}" for number in range(1_000)]
SHARES = st.tuples(*[st.floats(0, 100)] * 3).filter(lambda shares: shares[TRAIN] > 0)


def test_shares_are_met_to_the_item() -> None:
    which = split_items(ITEMS, (80, 10, 10))
    assert np.bincount(which).tolist() == [800, 100, 100]


def test_the_order_of_the_list_does_not_matter_but_the_seed_does() -> None:
    which = dict(zip(ITEMS, split_items(ITEMS).tolist(), strict=True))
    turned = dict(zip(ITEMS[::-1], split_items(ITEMS[::-1]).tolist(), strict=True))
    assert which == turned
    assert which != dict(zip(ITEMS, split_items(ITEMS, seed=2).tolist(), strict=True))


@given(st.integers(1, 20), SHARES)
def test_train_has_an_item_and_test_gives_way_before_dev(count: int, shares: tuple) -> None:
    which = split_items(ITEMS[:count], shares)
    dev, test = (round(count * share / sum(shares)) for share in shares[DEV:])
    dev = min(dev, count - 1)
    test = min(test, count - 1 - dev)
    assert np.bincount(which, minlength=3).tolist() == [count - dev - test, dev, test]


@given(st.integers(1, 8), st.integers(0, 8), st.integers(0, 8), st.integers(1, 4))
def test_a_mark_at_a_limit_belongs_above_it(train: int, dev: int, test: int, times: int) -> None:
    """Of a power of 2 of parts each limit is a mark of its own; its neighbours are known too."""
    parts = 2 ** (train + dev + test - 1).bit_length()
    shares = (parts - dev - test, dev, test)
    limits = {limit * 2**64 // parts for limit in range(parts)}
    near = 2**12  # what a double tells apart
    marks = sorted({m + step for m in limits for step in (-near, 0, near) if m + step >= 0})
    expected = [
        DEV if m * parts < dev * 2**64 else TEST if m * parts < (dev + test) * 2**64 else TRAIN
        for m in marks
    ]
    scaled = tuple(float(share * times) for share in shares)
    assert split_by_marks(np.array(marks, dtype=np.uint64), scaled).tolist() == expected


@given(SHARES)
def test_by_marks_only_items_near_the_limits_are_elsewhere(shares: tuple) -> None:
    marks = marks_of(ITEMS)
    elsewhere = split_by_marks(marks, shares) != split_items(ITEMS, shares)
    dev, test = (share / sum(shares) for share in shares[DEV:])
    distances = np.abs((marks / 2.0**64)[:, None] - [dev, dev + test]).min(axis=1)
    assert (distances[elsewhere] < 0.05).all()  # so even are the marks of 1,000 items


@given(SHARES.filter(lambda shares: shares[TRAIN] > 1e-300), st.floats(1e-3, 1e3))
def test_only_the_proportions_of_shares_matter(shares: tuple, times: float) -> None:
    marks = np.linspace(0, 2.0**64, 99, endpoint=False).astype(np.uint64)
    other = tuple(share * times for share in shares)
    differ = split_by_marks(marks, shares) != split_by_marks(marks, other)
    assert differ.sum() <= 2  # one beside each limit, by rounding


def test_marks_are_spread_evenly() -> None:
    marks = marks_of([str(number) for number in range(20_000)])
    assert np.bincount((marks >> np.uint64(60)).astype(int)) == pytest.approx(1_250, abs=150)


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ("80/20", "three shares, train/dev/test, as in 80/10/10; got '80/20'"),
        ("a/b/c", "got 'a/b/c'"),
        ("", "got ''"),
        ("0/50/50", "that of train more than 0, .* got 0/50/50"),
        ("80/-10/30", "0 or more, .* got 80/-10/30"),
        ("80/10/-1", "0 or more, .* got 80/10/-1"),
        ("-1/10/10", "0 or more, .* got -1/10/10"),
        ("80/inf/10", "finite; got 80/inf/10"),
        ("80/nan/10", "got 80/nan/10"),
    ],
)
def test_shares_that_are_none(shares: str, sentence: str) -> None:
    for split in (lambda s: split_items(ITEMS, s), lambda s: split_by_marks(marks_of(ITEMS), s)):
        with pytest.raises(OptionError, match=sentence):
            split(parse_shares(shares))
