"""Windows are counted alike in a table with a place for each and by sorting, in one go or many."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import OptionError
from moreish.text import ngram_keys
from moreish.text import tally as tallies
from moreish.text.ngram_keys import context_windows, distinct_contexts, find_in_rows, renumbered
from moreish.text.tally import Tally

ITEMS = st.lists(st.lists(st.integers(1, 40), max_size=6), min_size=1, max_size=12)
CHUNKS = st.lists(ITEMS, min_size=1, max_size=6)


def joined(items: list[list[int]]) -> np.ndarray:
    return np.array([token for item in items for token in [*item, 0]], dtype=np.intp)


def by_hand(items: list[list[int]], block_size: int, base: int) -> Counter:
    """One token after another: the window that ends with each, as a number."""
    found: Counter = Counter()
    for item in items:
        padded = [0] * block_size + item + [0]
        for end in range(block_size, len(padded)):
            window = 0
            for token in padded[end - block_size : end + 1]:
                window = window * base + token
            found[window] += 1
    return found


@pytest.mark.parametrize("dense", [0, 1 << 30], ids=["sorted", "dense"])
@pytest.mark.parametrize("block", [7, 1 << 15])
@given(CHUNKS, st.integers(0, 4), st.sampled_from([1, 20, 1 << 22]))
def test_it_counts_what_counting_by_hand_counts(
    dense: int, block: int, chunks: list, block_size: int, pending: int
) -> None:
    """Whatever the sizes of chunks and blocks, and while new tokens still come."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngram_keys, "BLOCK", block)
        patch.setattr(tallies, "BLOCK", block)
        patch.setattr(tallies, "PENDING", pending)
        patch.setattr(Tally, "_most", lambda self, tokens: min(dense, 1 << 20))
        tally, size = Tally(block_size), 1
        for chunk in chunks:
            tokens = joined(chunk)
            size = max(size, int(tokens.max()) + 1)
            tally.add(tokens.astype(np.uint8), size)
        found, counts = tally.windows(np.arange(size), size)
    expected = by_hand([item for chunk in chunks for item in chunk], block_size, size)
    assert found.tolist() == sorted(expected)
    assert counts.tolist() == [expected[window] for window in sorted(expected)]


@given(CHUNKS, st.integers(1, 3), st.lists(st.integers(0, 3), min_size=80, max_size=80))
def test_a_weight_counts_as_so_many_items(chunks: list, block_size: int, weights: list) -> None:
    weighted, repeated = Tally(block_size), Tally(block_size)
    for chunk in chunks:
        own = weights[: len(chunk)]
        weighted.add(joined(chunk), 41, np.array(own, dtype=float))
        again = [item for item, times in zip(chunk, own, strict=True) for _ in range(times)]
        repeated.add(joined(again), 41)
    found, counts = weighted.windows(np.arange(41), 41)
    expected = repeated.windows(np.arange(41), 41)
    assert found[counts > 0].tolist() == expected[0].tolist()
    assert counts[counts > 0].tolist() == expected[1].tolist()


@given(ITEMS, st.integers(1, 3), st.permutations(range(1, 41)))
def test_other_numbers_for_the_tokens_are_as_if_they_had_been_there_before(
    items: list, block_size: int, order: list
) -> None:
    """Tokens that got the number of the unknown one are where sight ends."""
    numbers = np.array([0, *(min(number, 30) for number in order)])
    tally = Tally(block_size)
    tally.add(joined(items), 41)
    found, counts = tally.windows(np.arange(41), 41)
    found = renumbered(found, block_size + 1, 41, numbers, 30)
    tokens = numbers[joined(items)]
    seen = np.where(tokens == 30, 0, tokens)
    expected = context_windows(seen, block_size, 30).astype(np.int64) * 30 + tokens
    expected[tokens == 30] = -1
    repeats = Counter(np.repeat(found, counts).tolist())
    assert repeats == Counter(expected.tolist())


def test_long_windows_to_the_last_bit() -> None:
    """12 tokens of 27 and the next take 62 bits."""
    items = [[26] * 20, [1] * 20]
    tally = Tally(12)
    tally.add(joined(items), 27)
    found, counts = tally.windows(np.arange(27), 27)
    expected = by_hand(items, 12, 27)
    assert found.tolist() == sorted(expected)
    assert counts.sum() == 42


def test_windows_that_do_not_fit_are_refused_when_the_tokens_come() -> None:
    tally = Tally(12)
    tally.add(np.array([1, 0]), 2)
    with pytest.raises(OptionError, match=r"with 40 different tokens .* can have at most 10"):
        tally.add(np.array([39, 0]), 40)


def test_nothing_was_added() -> None:
    found, counts = Tally(3).windows(np.zeros(1, int), 1)
    assert len(found) == len(counts) == 0


@given(
    st.integers(1, 9).flatmap(
        lambda length: st.lists(
            st.lists(st.sampled_from([0, 1, 99_998, 99_999]), min_size=length, max_size=length),
            max_size=12,
        ).map(lambda rows: np.array(rows, dtype=np.intp).reshape(len(rows), length))
    )
)
def test_distinct_contexts_of_any_length_in_order(contexts: np.ndarray) -> None:
    distinct, where = distinct_contexts(contexts, 100_000)
    assert (distinct[where] == contexts).all()
    assert distinct.tolist() == list(map(list, sorted(set(map(tuple, contexts.tolist())))))


@given(st.lists(st.sets(st.integers(0, 30), max_size=9), min_size=1, max_size=6), st.data())
def test_what_is_found_in_rows(rows: list[set[int]], data: st.DataObject) -> None:
    starts = np.append(0, np.cumsum(list(map(len, rows))))
    tokens = np.array([token for row in rows for token in sorted(row)], dtype=np.intp)
    asked = data.draw(st.lists(st.tuples(st.integers(0, len(rows) - 1), st.integers(-1, 31))))
    which, places = find_in_rows(starts, tokens, *np.array(asked, dtype=np.intp).reshape(-1, 2).T)
    assert which.tolist() == [i for i, (row, token) in enumerate(asked) if token in rows[row]]
    for i, place in zip(which.tolist(), places.tolist(), strict=True):
        row, token = asked[i]
        assert tokens[place] == token
        assert starts[row] <= place < starts[row + 1]
