from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import OptionError
from moreish.text import Vocabulary, count_contexts, count_items, gather_rows, read_items

ITEMS = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)


def slowly(items: list[str], block_size: int, vocabulary: Vocabulary) -> Counter:
    """One token after another, as one would by hand; an unknown token is where sight ends."""
    counts: Counter = Counter()
    for item in items:
        context = [0] * block_size
        for token in [*item, ""]:
            number = vocabulary.numbers.get(token, vocabulary.unknown) if token else 0
            counts[tuple(context[-block_size:]), number] += 1
            context.append(number)
            if number == vocabulary.unknown:
                context = [0] * block_size
    return counts


@given(ITEMS, ITEMS, st.integers(1, 4))
def test_the_table_is_what_counting_by_hand_gives(
    known: list[str], items: list[str], block_size: int
) -> None:
    vocabulary = Vocabulary.of(known)
    table = count_contexts(vocabulary.encode(items), block_size, len(vocabulary))
    by_hand = slowly(items, block_size, vocabulary)
    unknown = sum(count for (_, n), count in by_hand.items() if n == vocabulary.unknown)
    assert table.unknown == unknown
    assert table.total == sum(by_hand.values())
    found = {
        (tuple(table.contexts[row].tolist()), int(token)): int(count)
        for row, token, count in zip(table.rows, table.tokens, table.counts, strict=True)
    }
    assert found == {key: n for key, n in by_hand.items() if key[1] != vocabulary.unknown}


@given(ITEMS, st.integers(1, 3))
def test_totals_dense_and_gathered_rows_agree(items: list[str], block_size: int) -> None:
    vocabulary = Vocabulary.of(items)
    table = count_contexts(vocabulary.encode(items), block_size, len(vocabulary))
    dense = table.dense()
    assert (dense.sum(axis=1) == table.totals).all()
    which = np.arange(len(table))[::-1].copy()
    rows, places = gather_rows(table.starts, which)
    again = np.zeros_like(dense)
    again[rows, table.tokens[places]] = table.counts[places]
    assert (again == dense[::-1]).all()


def test_a_repeat_counts_as_often_as_it_came_and_a_weight_as_much() -> None:
    vocabulary = Vocabulary.of(["ab"])
    thrice = count_items(read_items(["ab"] * 3), vocabulary, 2)
    assert thrice.counts.tolist() == [3, 3, 3]
    weighted = count_contexts(vocabulary.encode(["ab", "b"]), 1, 3, np.array([0.5, 2.0]))
    assert weighted.total == pytest.approx(0.5 * 3 + 2 * 2)


def test_contexts_too_long_for_their_keys_are_refused_with_the_longest_that_fits() -> None:
    with pytest.raises(OptionError, match="at most 5 "):
        count_contexts(np.array([1, 0]), 6, 1_000)
