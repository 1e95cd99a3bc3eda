"""Lists of any length: kept while they are short, counted and sampled when they are not."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import DataError, OptionError
from moreish.text import (
    DEV,
    TEST,
    TRAIN,
    Vocabulary,
    count_items,
    gather,
    read_items,
    sources,
    split_items,
)
from moreish.text.splits import marks_of, split_by_marks
from text.lists import some_items

SHARES = (80.0, 10.0, 10.0)


def test_a_short_list_is_kept_as_it_is() -> None:
    lines = some_items(500)
    gathered = gather(lines, SHARES, 3, block_size=2)
    items = read_items(lines)
    assert gathered.items.texts == items.texts
    assert gathered.items.counts.tolist() == items.counts.tolist()
    assert gathered.splits.tolist() == split_items(items.texts, SHARES, 3).tolist()
    assert (gathered.share, gathered.tables) == (1, {})


@pytest.mark.parametrize("most", [1, 40, 300])
@pytest.mark.parametrize("kind", ["characters", "words"])
def test_of_a_long_one_every_line_is_counted_and_the_sample_is_one(
    most: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "AT_ONCE", 400)
    lines = [text.replace("d", " ") for text in some_items(5_000)]
    truth = read_items(lines, words=kind == "words")
    which = split_by_marks(marks_of(truth.texts, 7), SHARES)
    gathered = gather(lines, SHARES, 7, block_size=3, kind=kind, most=most)

    vocabulary = Vocabulary.of(truth.chosen(which == TRAIN).texts, kind)
    for split in (TRAIN, DEV, TEST):
        expected = count_items(truth.chosen(which == split), vocabulary, 3)
        assert gathered.tables[split].numbered(vocabulary) == expected

    assert len(gathered.items) <= most
    times = dict(zip(truth.texts, truth.counts.tolist(), strict=True))
    for text, count in zip(gathered.items.texts, gathered.items.counts.tolist(), strict=True):
        assert times[text] == count
    splits = dict(zip(truth.texts, which.tolist(), strict=True))
    assert gathered.splits.tolist() == [splits[text] for text in gathered.items.texts]
    if most == 300:
        estimate = len(gathered.items) / gathered.share
        assert estimate == pytest.approx(len(truth), rel=0.3)


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=1), st.permutations(range(4)))
def test_neither_order_nor_chunks_matter(lines: list[str], order: list[int]) -> None:
    parts = [lines[place::4] for place in range(4)]
    turned = [text for place in order for text in parts[place]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "AT_ONCE", 2)
        one, two = (gather(ls, (100, 0, 0), 1, block_size=2, most=3) for ls in (lines, turned))
    if one.tables:
        assert one.tables == two.tables
        assert Counter(dict(zip(one.items.texts, one.items.counts.tolist(), strict=True))) == (
            Counter(dict(zip(two.items.texts, two.items.counts.tolist(), strict=True)))
        )


def test_an_items_split_is_the_same_in_a_long_list_but_for_those_at_the_limits() -> None:
    texts = list(dict.fromkeys(some_items(8_000)))
    ranked, marked = split_items(texts, SHARES, 1), split_by_marks(marks_of(texts, 1), SHARES)
    assert (ranked != marked).mean() < 0.02


def test_the_sample_does_not_depend_on_the_split() -> None:
    """Of each split about the same share is kept."""
    texts = list(dict.fromkeys(some_items(8_000)))
    gathered = gather(texts, (50, 25, 25), 1, block_size=1, most=1_000)
    whole = np.bincount(split_by_marks(marks_of(texts, 1), (50, 25, 25)))
    kept = np.bincount(gathered.splits) / whole / gathered.share
    assert kept == pytest.approx([1, 1, 1], abs=0.25)


def test_weights_and_what_was_left_out(tmp_path: Path) -> None:
    place = tmp_path / "list.csv"
    place.write_text("name,n\nab,2\n,1\nb,0.5\nab,1\nc,4\n")
    gathered = gather(
        place, (100, 0, 0), 1, block_size=1, most=1, column="name", weights="n", lower=True
    )
    assert gathered.tables[TRAIN].total == 3 * 3 + 0.5 * 2 + 4 * 2
    assert gathered.items.remarks == ["1 blank line was left out, line 3"]
    assert [left.first for left in gathered.items.left_out] == [3]


@pytest.mark.parametrize("most", [2, 100])
def test_items_that_are_watched_for(most: int) -> None:
    watched = ["emma", "mia", "nobody"]
    lines = ["emma", "ava", "mia", "zoe"]
    gathered = gather(lines, (100, 0, 0), 1, block_size=1, watched=watched, most=most)
    assert gathered.met == {"emma", "mia"}


def test_contexts_get_shorter_where_tokens_are_too_many() -> None:
    lines = [f"{one} {two}" for one in range(150) for two in range(30)]
    gathered = gather(lines, SHARES, 1, block_size=9, may_be_shorter=True, kind="words", most=1_000)
    assert {table.block_size for table in gathered.tables.values()} == {7}
    longer = gather(lines, SHARES, 1, block_size=7, kind="words", most=1_000)
    assert longer.tables == gathered.tables
    with pytest.raises(OptionError, match=r"with .* different tokens a context of a list"):
        gather(lines, SHARES, 1, block_size=9, kind="words", most=1_000)


def test_nothing_and_no_split() -> None:
    with pytest.raises(DataError, match="no items in the list"):
        gather([], SHARES, 1, block_size=1)
    with pytest.raises(ValueError, match="that of train more than 0"):
        gather(["a", "b"], (0, 50, 50), 1, block_size=1, most=1)
