"""The table against counting by hand, and its algebra: adding, taking away, multiplying."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import moreish
from moreish.errors import DataError, ModelFileError, OptionError
from moreish.storage.model_file import read_file, write_file
from moreish.text import (
    ContextCounts,
    Positions,
    Vocabulary,
    count,
    count_contexts,
    count_items,
    gather_rows,
    read_items,
)

ITEMS = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)
OTHERS = st.lists(st.text("bcdeé", min_size=1, max_size=6), min_size=1, max_size=12)
BLOCK_SIZES = st.integers(1, 4)


def slowly(items: list[str], block_size: int, vocabulary: Vocabulary) -> Counter:
    """One token after another, as one would by hand; an unknown token is where sight ends."""
    counts: Counter = Counter()
    for item in items:
        context = [0] * block_size
        for token in [*item, ""]:
            number = vocabulary.numbers.get(token, vocabulary.unknown) if token else 0
            counts[tuple(context[len(context) - block_size :]), number] += 1
            context.append(number)
            if number == vocabulary.unknown:
                context = [0] * block_size
    return counts


@given(ITEMS, ITEMS, st.integers(0, 4))
def test_the_table_is_what_counting_by_hand_gives(
    known: list[str], items: list[str], block_size: int
) -> None:
    vocabulary = Vocabulary.of(known)
    table = count_contexts(vocabulary.encode(items), block_size, len(vocabulary))
    by_hand = slowly(items, block_size, vocabulary)
    unknown = sum(count for (_, n), count in by_hand.items() if n == vocabulary.unknown)
    assert table.unknown == unknown
    assert table.total == sum(by_hand.values())
    assert table.items == len(items)
    found = {
        (tuple(table.contexts[row].tolist()), int(token)): int(count)
        for row, token, count in zip(table.rows, table.tokens, table.counts, strict=True)
    }
    assert found == {key: n for key, n in by_hand.items() if key[1] != vocabulary.unknown}


@given(ITEMS, ITEMS, st.integers(0, 4), st.sampled_from([[1, 2, 3], [0.5, 1.0, 7.25]]))
def test_it_is_the_same_without_windows(
    known: list[str], items: list[str], block_size: int, weights: list[float]
) -> None:
    """Forced, where windows would fit: of shorter contexts, too."""
    vocabulary = Vocabulary.of(known)
    tokens, times = vocabulary.encode(items), np.resize(np.array(weights), len(items))
    table = count_contexts(tokens, block_size, len(vocabulary), times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moreish.text.counting.longest_in_window", lambda size: -1)
        assert count_contexts(tokens, block_size, len(vocabulary), times) == table
    assert Positions(tokens, times, block_size, len(vocabulary)).table() == table
    for shorter in range(block_size):
        expected = count_contexts(tokens, shorter, len(vocabulary), times)
        assert table.shorter(shorter) == expected


def test_without_windows_a_table_is_not_kept_or_added_up(tmp_path: Path) -> None:
    table = count_contexts(np.array([1, 9_999, 0]), 4, 10_000)
    assert table.contexts.tolist() == [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 9_999]]
    assert table.shorter(1).contexts.tolist() == [[0], [1], [9_999]]
    refused = pytest.raises(OptionError, match=r"of a table that is kept, .* at most 3 of them")
    with refused:
        table + table
    with refused:
        table.save(tmp_path / "table")
    assert not list(tmp_path.iterdir())


@given(ITEMS, BLOCK_SIZES)
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


def test_contexts_too_long_for_numbers_are_refused_with_the_longest_that_fits() -> None:
    with pytest.raises(OptionError, match="at most 6 "):
        count_contexts(np.array([1, 0]), 7, 1_000)


class TestAlgebra:
    @given(ITEMS, OTHERS, BLOCK_SIZES)
    def test_the_tables_of_two_halves_are_that_of_the_whole(
        self, one: list[str], two: list[str], block_size: int
    ) -> None:
        """Whichever tokens each has; and taking one away leaves the other."""
        first, second = count(one, block_size=block_size), count(two, block_size=block_size)
        whole = count(one + two, block_size=block_size)
        assert first + second == whole == second + first == sum([first, second])
        assert whole - second == first
        assert whole - first == second

    @given(ITEMS, OTHERS, BLOCK_SIZES)
    def test_it_is_what_the_other_functions_count(
        self, one: list[str], two: list[str], block_size: int
    ) -> None:
        vocabulary = Vocabulary.of(one)
        table = count(one, block_size=block_size)
        assert table == count_items(read_items(one), vocabulary, block_size)
        other = count(two, block_size=block_size).numbered(vocabulary)
        assert other == count_items(read_items(two), vocabulary, block_size)

    @given(ITEMS, BLOCK_SIZES)
    def test_long_contexts_contain_the_shorter(self, items: list[str], block_size: int) -> None:
        table = count(items, block_size=block_size)
        for size in range(block_size + 1):
            assert table.shorter(size) == count(items, block_size=size)

    @given(ITEMS, OTHERS, st.integers(2, 4))
    def test_shorter_contexts_of_unknown_tokens_too(
        self, known: list[str], items: list[str], block_size: int
    ) -> None:
        vocabulary = Vocabulary.of(known)
        found = count_items(read_items(items), vocabulary, block_size)
        assert found.shorter(1) == count_items(read_items(items), vocabulary, 1)

    @given(ITEMS, BLOCK_SIZES, st.integers(1, 3))
    def test_so_many_times_a_table(self, items: list[str], block_size: int, times: int) -> None:
        table = count(items, block_size=block_size)
        assert times * table == table * times == count(items * times, block_size=block_size)
        assert 0.5 * (2 * table) == table

    def test_weights_that_are_no_whole_numbers(self, tmp_path: Path) -> None:
        place = tmp_path / "list.csv"
        place.write_text("name,n\nab,0.1\nb,0.2\nab,0.7\n")
        table = count(place, block_size=1, column="name", weights="n")
        assert table.counts.dtype == np.float64
        assert table.total == pytest.approx(0.8 * 3 + 0.2 * 2)
        some = count(["b"], block_size=1) * 0.2
        assert (table - some).vocabulary.tokens == ("a", "b")
        assert (table - table).total == 0
        assert len(table - table) == 0

    def test_nothing_is_left_of_what_was_nothing_but_rounding(self) -> None:
        table = count(["ab"], block_size=1)
        assert 0.1 + 0.2 != 0.3
        assert len((0.1 * table + 0.2 * table) - 0.3 * table) == 0
        assert len(0.3 * table - 0.1 * table - 0.2 * table) == 0

    def test_whole_numbers_stay_exact(self) -> None:
        """Where a double would have run out of bits."""
        table = (2**60 + 1) * count(["a"], block_size=1)
        assert table.counts.tolist() == [2**60 + 1] * 2
        assert Fraction(int((table + table).counts[0])) == 2 * (2**60 + 1)

    def test_less_than_nothing_is_refused_in_words(self) -> None:
        table = count(["ann", "bnnb"], block_size=2)
        for taken, sentence in (
            (["ann", "bnn"], "after 'n' 'n', the end came 1 time in this table, and 2 times can't"),
            (["c"], "at the start of an item, 'c' came 0 times in this table, and 1 time can't"),
            (["b", "b"], "after 'b', the end came 0 times in this table, and 2 times can't be"),
        ):
            with pytest.raises(DataError, match=sentence):
                table - count(taken, block_size=2)
        numbers = count_contexts(np.array([1, 0]), 1, 2)
        with pytest.raises(DataError, match="at the start of an item, token 1 came 1 time"):
            numbers - 2 * numbers
        with pytest.raises(DataError, match="0 unknown tokens, and 1 can't"):
            count_contexts(np.array([0, 1, 0]), 1, 2) - count_contexts(np.array([2, 0, 1, 0]), 1, 2)

    def test_tables_that_do_not_fit_together(self) -> None:
        table = count(["ab"], block_size=2)
        with pytest.raises(OptionError, match=r"of 2 tokens and the other of 1: take .shorter"):
            table + count(["ab"], block_size=1)
        with pytest.raises(OptionError, match="counts words and the other characters"):
            table + count(["ab"], block_size=2, words=True)
        with pytest.raises(OptionError, match="does not know the tokens"):
            table + count_contexts(np.array([1, 0]), 2, 3)
        with pytest.raises(OptionError, match="has 3 different tokens and the other 4"):
            count_contexts(np.array([1, 0]), 2, 3) + count_contexts(np.array([1, 0]), 2, 4)
        for times in (0, -1, np.nan, np.inf):
            with pytest.raises(OptionError, match="above 0"):
                times * table
        with pytest.raises(OptionError, match="contains those of 0 to 2, not of 3"):
            table.shorter(3)
        for nonsense in (lambda: table + 1, lambda: table - "a", lambda: table * table):
            with pytest.raises(TypeError):
                nonsense()

    def test_tables_of_numbers_alone(self) -> None:
        one, two = (count_contexts(np.array(tokens), 1, 4) for tokens in ([1, 0], [3, 1, 0, 4, 0]))
        whole = count_contexts(np.array([1, 0, 3, 1, 0, 4, 0]), 1, 4)
        assert one + two == whole
        assert whole - two == one
        assert whole != one
        assert one != count(["abc"], block_size=1)
        assert one != 3

    def test_what_was_left_out_comes_along(self) -> None:
        table = count(["ab", ""], block_size=1) + count(["", "", "b"], block_size=1)
        assert table.remarks == (
            "1 blank line was left out, line 2",
            "2 blank lines were left out, the first is line 1",
        )
        assert (2 * table).shorter(0).remarks == table.remarks


class TestFiles:
    @given(ITEMS, BLOCK_SIZES, st.sampled_from([1, 0.3]))
    def test_what_comes_back_is_what_went_in(
        self, tmp_path_factory: pytest.TempPathFactory, items: list, block_size: int, times: float
    ) -> None:
        place = tmp_path_factory.mktemp("counts") / "table"
        for words in (False, True):
            table = times * count([*items, "é", ""], block_size=block_size, words=words)
            table.save(place)
            again = ContextCounts.load(place)
            assert again == table
            assert again.remarks == table.remarks
            assert again.counts.dtype == table.counts.dtype

    def test_numbers_alone(self, tmp_path: Path) -> None:
        table = count_contexts(np.array([1, 3, 0]), 2, 3)
        table.save(tmp_path / "table")
        assert ContextCounts.load(tmp_path / "table") == table

    def test_a_table_is_no_model_and_a_model_no_table(self, tmp_path: Path) -> None:
        count(["ab"], block_size=1).save(tmp_path / "table")
        with pytest.raises(ModelFileError, match=r"not a model file: it holds a table of counts"):
            moreish.load(tmp_path / "table")
        moreish.train(["ab"], model="bigram").save(tmp_path / "model")
        with pytest.raises(ModelFileError, match=r"not a counts file: it holds a model"):
            ContextCounts.load(tmp_path / "model")
        with pytest.raises(ModelFileError, match=r"can't read the counts .*no such file"):
            ContextCounts.load(tmp_path / "nothing")
        write_file(tmp_path / "other", {"file": "poems"}, {"a": np.zeros(1)})
        with pytest.raises(ModelFileError, match=r"something else \('poems'\)"):
            ContextCounts.load(tmp_path / "other")

    @pytest.mark.parametrize(
        "damage",
        [
            lambda about, arrays: about.pop("block_size"),
            lambda about, arrays: about.update(block_size=-1),
            lambda about, arrays: about.update(block_size=80),
            lambda about, arrays: about.update(tokens=3),
            lambda about, arrays: about.update(vocabulary_size=4),
            lambda about, arrays: arrays.pop("windows"),
            lambda about, arrays: arrays.update(more=np.zeros(1)),
            lambda about, arrays: arrays.update(windows=arrays["windows"][::-1].copy()),
            lambda about, arrays: arrays.update(windows=arrays["windows"] + 1000),
            lambda about, arrays: arrays.update(windows=arrays["windows"].astype(float)),
            lambda about, arrays: arrays.update(counts=arrays["counts"][:-1].copy()),
            lambda about, arrays: arrays.update(counts=arrays["counts"] * 0),
        ],
    )
    def test_what_does_not_fit_together_is_damage(self, tmp_path: Path, damage) -> None:
        count(["ab"], block_size=1).save(tmp_path / "m")
        about, arrays = read_file(tmp_path / "m", "counts")
        damage(about, arrays)
        write_file(tmp_path / "n", about, arrays)
        with pytest.raises(ModelFileError, match="is damaged"):
            ContextCounts.load(tmp_path / "n")


def test_counts_that_whole_numbers_can_not_hold_become_others(tmp_path) -> None:
    rows = "".join(f"n{number},1000000000000000\n" for number in range(12_000))
    (tmp_path / "large.csv").write_text("name,n\n" + rows)
    options = {"column": "name", "weights": "n"}
    model = moreish.train(tmp_path / "large.csv", model="bigram", **options)
    assert model.dataset.items.counts.sum() == 1.2e19
    assert model.unknown_nats == pytest.approx(np.log(model.evaluate("train").tokens), abs=12)
    table = moreish.count(["ab"], block_size=1)
    assert (10**15 * (10**6 * table)).counts.max() == 1e21
    assert ((4 * 10**18 * table) + (4 * 10**18 * table)).counts.max() == 8e18


@pytest.mark.parametrize("tokens", [[0], [1, 0], [1, 1, 0]])
@pytest.mark.parametrize("times", [2**61, 2**62, 2**63 - 2**10, 2**63, 2**64])
def test_as_often_as_whole_numbers_just_hold(tokens: list[int], times: int) -> None:
    table = count_contexts(np.array(tokens), 1, 2)
    many = times * table
    assert many.total == pytest.approx(len(tokens) * times, rel=1e-15)
    assert (many.counts == times * table.counts.astype(object)).all()
    is_whole = len(tokens) * times < 2**63
    assert many.counts.dtype == (np.int64 if is_whole else np.float64)


def test_sums_that_are_too_large_for_whole_numbers_are_fractions() -> None:
    table = 2**60 * count(["ab"], block_size=1)
    assert table.counts.dtype == np.int64
    both = table + table + table
    assert (both.counts > 0).all()
    assert both.total == 9 * 2.0**60
