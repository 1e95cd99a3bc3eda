"""Each smoothing against a plain and slow one, and what weights, damage and tiny lists do to it."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from models.plain_ngram import (
    PlainAddK,
    PlainKneserNey,
    PlainWittenBell,
    log_probability,
)
from moreish.errors import DataError, OptionError
from moreish.models.interpolation import bin_of_each, bins_of, learn_weights, weights_of
from moreish.models.ngram import METHODS, NGram
from moreish.models.ngram_counts import find_suffixes, levels_of
from moreish.models.smoothing import chances_of, discounts, times_of
from moreish.scoring.evaluate import evaluate
from moreish.scoring.ranking import token_nats
from moreish.text import Vocabulary, count_contexts, read_items
from moreish.text.ngram_keys import context_keys

NAMES = read_items(None).texts
PLAIN = {"kneser-ney": PlainKneserNey, "witten-bell": PlainWittenBell, 0.5: PlainAddK}

few_items = st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=12)


def fitted(
    items: list[str], order: int, smoothing: float | str, held_out: Sequence[str] = ()
) -> tuple:
    vocabulary = Vocabulary.of(items)
    tables = [
        count_contexts(vocabulary.encode(texts), order - 1, len(vocabulary))
        for texts in (items, held_out)
    ]
    model = NGram(len(vocabulary), block_size=order - 1, smoothing=smoothing)
    return model.fit(tables[0], tables[1] if held_out else None), vocabulary, tables


def surprises(model: NGram, vocabulary: Vocabulary, item: str) -> np.ndarray:
    return -token_nats(model, vocabulary.encode([item]), unknown=np.inf)


@pytest.mark.parametrize("smoothing", PLAIN)
@pytest.mark.parametrize("order", [2, 3, 4, 5, 6])
def test_as_the_plain_one_on_names(order: int, smoothing: float | str) -> None:
    model, vocabulary, _ = fitted(NAMES[:3_000], order, smoothing)
    plain = PLAIN[smoothing](NAMES[:3_000], order)
    unseen = [n for n in NAMES[20_000:] if set(n) <= set(vocabulary.tokens)]
    for name in [*NAMES[:60], *unseen[:60], "xqzt", "q" * 9]:
        np.testing.assert_allclose(
            surprises(model, vocabulary, name), log_probability(plain, name), atol=1e-10
        )


@settings(deadline=None, max_examples=60)
@given(items=few_items, order=st.integers(2, 6), smoothing=st.sampled_from(list(PLAIN)))
def test_as_the_plain_one_on_any_list(items: list[str], order: int, smoothing) -> None:
    model, vocabulary, _ = fitted(items, order, smoothing)
    plain = PLAIN[smoothing](items, order)
    for item in [*items, *(vocabulary.tokens[0] * n for n in (1, 3, 8))]:
        np.testing.assert_allclose(
            surprises(model, vocabulary, item), log_probability(plain, item), atol=1e-10
        )


@settings(deadline=None, max_examples=60)
@given(items=few_items, block_size=st.integers(1, 4), smoothing=st.sampled_from(list(PLAIN)))
def test_one_by_one_the_probabilities_are_those_of_the_table(
    items: list[str], block_size: int, smoothing
) -> None:
    """`chances_of` looks up what is asked; the model makes whole rows."""
    model, vocabulary, _ = fitted(items, block_size + 1, smoothing)
    V = len(vocabulary)
    whole = np.arange(V**block_size)  # every context there can be
    contexts = np.stack(np.unravel_index(whole, (V,) * block_size), axis=1)
    sees_across = (contexts[:, :-1] > 0) & (contexts[:, 1:] == 0)
    starts_too_far_back = (contexts[:, :-1] == 0) & (contexts[:, 1:] == 0)
    contexts = contexts[~(sees_across | starts_too_far_back).any(axis=1)].astype(np.intp)
    keys, tokens = np.repeat(context_keys(contexts, V), V), np.tile(np.arange(V), len(contexts))
    found = chances_of(model.shares, keys, tokens, V).reshape(-1, V)
    np.testing.assert_allclose(found, np.exp(model.next_log_probs(contexts)), atol=1e-14)


@settings(deadline=None, max_examples=60)
@given(
    items=few_items,
    weights=st.lists(st.floats(1e-3, 1e6), min_size=12, max_size=12),
    smoothing=st.sampled_from([*METHODS, 0.3]),
    once=st.booleans(),
    block_size=st.integers(1, 5),
)
def test_every_distribution_sums_to_one_whatever_the_weights(
    items: list[str], weights: list[float], smoothing, once: bool, block_size: int
) -> None:
    vocabulary = Vocabulary.of(items)
    V = len(vocabulary)
    tokens = vocabulary.encode(items)
    counts = count_contexts(tokens, block_size, V, np.array(weights[: len(items)]))
    plain = count_contexts(tokens, block_size, V)
    model = NGram(V, block_size=block_size, smoothing=smoothing)
    model.fit(counts, dev=counts, once=plain if once else None)
    anything = np.random.default_rng(1).integers(0, V, (200, block_size)).astype(np.intp)
    chances = np.exp(model.next_log_probs(np.concatenate([counts.contexts, anything])))
    assert (chances > 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-9)


def test_an_item_start_is_a_context_of_its_own() -> None:
    """What came after `b` inside items says nothing of what items begin with."""
    model, vocabulary, _ = fitted(["ab"] * 50 + ["cab"] * 50, 4, "kneser-ney")
    begins = np.exp(model.next_log_probs(np.zeros((1, 3), dtype=np.intp)))[0]
    assert begins[vocabulary.numbers["a"]] == pytest.approx(0.5, abs=0.02)
    assert begins[vocabulary.numbers["b"]] < 0.02


def discounts_of(times: np.ndarray) -> np.ndarray:
    return discounts(times_of(times))


class TestDiscounts:
    def test_by_the_formula_where_it_holds(self) -> None:
        n1, n2, n3, n4 = 2000, 700, 350, 210
        y = n1 / (n1 + 2 * n2)
        expected = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        times = np.repeat([1.0, 2, 3, 4, 9], [n1, n2, n3, n4, 99])
        assert tuple(discounts_of(times)) == expected

    @pytest.mark.parametrize(
        ("sizes", "expected"),
        [
            ((10, 5, 0, 3), (0.5, 1.0, 1.5)),  # nothing came three times
            ((10, 5, 1, 99), (0.5, 1.0, 1.5)),  # more than was there would be taken
            ((6, 0, 0, 0), (0.75, 1.5, 2.25)),
            ((0, 4, 3, 2), (0.5, 1.0, 1.5)),
            ((0, 0, 0, 0), (0.5, 1.0, 1.5)),
        ],
    )
    def test_where_it_does_not(self, sizes: tuple, expected: tuple) -> None:
        assert tuple(discounts_of(np.repeat([1.0, 2, 3, 4], sizes))) == expected

    def test_a_count_between_is_either_as_often_as_is_right(self) -> None:
        """Many fractions rounded up or down at random have the same discounts."""
        rng = np.random.default_rng(2)
        counts = rng.gamma(0.8, 2.0, 300_000)
        rounded = np.floor(counts) + (rng.random(len(counts)) < counts % 1)
        assert discounts_of(counts) == pytest.approx(discounts_of(rounded), abs=0.02)

    @given(st.lists(st.floats(1e-6, 1e9), max_size=20))
    def test_never_more_than_there_is(self, times: list[float]) -> None:
        for count, discount in enumerate(discounts_of(np.array(times)), 1):
            assert 0 < discount <= count


class TestWeights:
    ITEMS = ("anna", "hanna", "nan", "ann", "nina")
    WEIGHTS = np.array([3.0, 100.0, 0.5, 7.0, 1.0])

    def fit(self, smoothing: str, weights: np.ndarray) -> NGram:
        vocabulary = Vocabulary.of(self.ITEMS)
        tokens, V = vocabulary.encode(self.ITEMS), len(vocabulary)
        return NGram(V, block_size=3, smoothing=smoothing).fit(
            count_contexts(tokens, 3, V, weights), once=count_contexts(tokens, 3, V)
        )

    @pytest.mark.parametrize("smoothing", ["kneser-ney", "witten-bell"])
    def test_weights_of_one_are_no_weights(self, smoothing: str) -> None:
        weighted = self.fit(smoothing, np.ones(5))
        plain, _, (counts, _) = fitted(list(self.ITEMS), 4, smoothing)
        contexts = counts.contexts
        assert (weighted.next_log_probs(contexts) == plain.next_log_probs(contexts)).all()

    @pytest.mark.parametrize("smoothing", ["kneser-ney", "witten-bell"])
    def test_only_their_proportions_matter(self, smoothing: str) -> None:
        one, thousand = (self.fit(smoothing, self.WEIGHTS * times) for times in (1, 1000))
        contexts = np.random.default_rng(1).integers(0, 5, (50, 3)).astype(np.intp)
        np.testing.assert_allclose(
            one.next_log_probs(contexts), thousand.next_log_probs(contexts), atol=1e-12
        )

    def test_the_heavier_is_the_likelier(self) -> None:
        model = self.fit("kneser-ney", self.WEIGHTS)
        vocabulary = Vocabulary.of(self.ITEMS)
        assert (
            surprises(model, vocabulary, "hanna").sum() > surprises(model, vocabulary, "anna").sum()
        )

    def test_a_column_of_weights_is_heeded(self, tmp_path: Path) -> None:
        with open(tmp_path / "t.csv", "w", newline="") as file:
            csv.writer(file).writerows(
                [("who", "often"), *zip(self.ITEMS, self.WEIGHTS * 1e4, strict=True)]
            )
        model = moreish.train(
            tmp_path / "t.csv",
            column="who",
            weights="often",
            model="ngram",
            block_size=3,
            split=(100, 0, 0),
        )
        expected = self.fit("kneser-ney", self.WEIGHTS)
        contexts = np.array([[0, 0, 0], [0, 2, 1], [1, 4, 4]])
        np.testing.assert_allclose(
            model.next_log_probs(contexts), expected.next_log_probs(contexts), atol=1e-12
        )

    def test_tables_of_other_contexts_are_refused(self) -> None:
        one, other = (fitted(items, 3, 0.5)[2][0] for items in (["ab"], ["ba"]))
        with pytest.raises(ValueError, match="different contexts"):
            levels_of(one, other)


class TestDeletedInterpolation:
    TRAIN, DEV = NAMES[:4_000:2], NAMES[1:4_000:2]

    def test_dev_is_likelier_than_under_any_one_order(self) -> None:
        model, _, (_, dev) = fitted(self.TRAIN, 4, "deleted-interpolation", self.DEV)
        loss = evaluate(model, dev).nats_per_token
        for order in (2, 3, 4):
            other, _, (_, theirs) = fitted(self.TRAIN, order, 0.01, self.DEV)
            assert loss < evaluate(other, theirs).nats_per_token - 0.02

    def test_as_a_sum_over_lengths_by_hand(self) -> None:
        model, vocabulary, (train, _) = fitted(self.TRAIN, 3, "deleted-interpolation", self.DEV)
        levels, V = levels_of(train), len(vocabulary)
        a, n = (vocabulary.numbers[token] for token in "an")
        context = np.array([[a, n]])
        weights = model.arrays()["weights"][
            bins_of(levels)[2][np.flatnonzero(levels[2].keys == a * V + n)[0]]
        ]
        text = ["".join(["^", name, "$"]) for name in self.TRAIN]
        for token in "a$":
            relative = [
                sum(t.count(token) for t in text) / sum(len(t) - 1 for t in text),
                sum(t.count("n" + token) for t in text) / sum(t.count("n") for t in text),
                sum(t.count("an" + token) for t in text) / sum(t.count("an") for t in text),
            ]
            number = 0 if token == "$" else a
            expected = weights @ [1 / V, *relative]
            assert np.exp(model.next_log_probs(context)[0, number]) == pytest.approx(expected)

    def test_without_dev_there_is_nothing_to_learn_from(self) -> None:
        with pytest.raises(OptionError, match="nothing is held out"):
            moreish.train(
                NAMES[:50], model="ngram", smoothing="deleted-interpolation", split=(100, 0, 0)
            )

    def test_weights_that_make_dev_likeliest(self) -> None:
        """No step away from the weights of a bin makes its tokens likelier, beyond the prior."""
        rng = np.random.default_rng(3)
        chances = rng.random((3, 9_000))
        counts = rng.integers(1, 5, 9_000).astype(float)
        bins = np.repeat([0, 1], 4_500)
        chances[1, bins == 1] *= 2
        weights = learn_weights(chances, counts, bins, np.ones((2, 3)))
        assert weights.sum(axis=1) == pytest.approx(1)
        for number in (0, 1):
            own = bins == number

            def loss(w: np.ndarray, own: np.ndarray = own) -> float:
                return -np.log(w @ chances[:, own]) @ counts[own] / counts[own].sum()

            best = loss(weights[number])
            for _ in range(200):
                step = rng.normal(0, 0.05, 3)
                other = np.clip(weights[number] + step - step.mean(), 1e-9, None)
                assert loss(other / other.sum()) > best - 1e-5

    @pytest.mark.parametrize("enough", [1e-2, 1e-3, 1e-5])
    def test_it_ends_with_the_first_round_that_gains_too_little(
        self, enough: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rng = np.random.default_rng(4)
        chances, counts = rng.random((3, 200)), rng.integers(1, 5, 200).astype(float)

        def learnt(rounds: int, enough: float) -> np.ndarray:
            monkeypatch.setattr("moreish.models.interpolation.ROUNDS", rounds)
            monkeypatch.setattr("moreish.models.interpolation.ENOUGH", enough)
            return learn_weights(chances, counts, np.zeros(200, dtype=np.intp), np.ones((1, 3)))

        after = [learnt(rounds, -np.inf) for rounds in range(60)]
        losses = [float(-np.log(w[0] @ chances) @ counts) / counts.sum() for w in after]
        number = int(np.flatnonzero(-np.diff(losses) < enough)[0]) + 1
        assert (learnt(100, enough) == after[number]).all()

    def test_a_bin_that_dev_never_met_has_the_weights_of_all(self) -> None:
        chances = np.array([[0.9, 0.9, 0.9], [0.1, 0.1, 0.1]])
        weights = learn_weights(chances, np.ones(3), np.array([0, 0, 1]), np.ones((4, 2)))
        assert weights[3, 0] > 0.9
        assert weights[2] == pytest.approx(weights[3])

    @given(st.integers(0, 4), st.lists(st.integers(0, 4), max_size=6))
    def test_each_context_has_the_weights_of_its_bin(self, count: int, bins: list[int]) -> None:
        weights = np.random.default_rng(1).random((count, 3))
        numbers = np.array(bins, dtype=np.intp)
        if any(number >= count for number in bins) or not count:
            with pytest.raises(DataError, match="not the one that its weights were learnt with"):
                weights_of(weights, numbers)
        else:
            found = weights_of(weights, numbers)
            assert found.tolist() == [weights[number].tolist() for number in bins]

    @given(few_items, st.integers(1, 4), st.sampled_from([None, 1.0, 1e4]))
    def test_bins_are_by_length_start_and_rarity(
        self, items: list[str], block_size: int, total: float | None
    ) -> None:
        """Two contexts are in one bin if and only if all three agree, by the paper's formula."""
        _, vocabulary, (train, _) = fitted(items, block_size + 1, 0.5)
        levels, V = levels_of(train), len(vocabulary)
        n = sum(len(item) + 1 for item in items) if total is None else total
        highest = max(math.ceil(math.log(n)), 0)
        bin_of: dict[tuple[int, bool, int], int] = {}
        for level, bins in zip(levels, bins_of(levels, total), strict=True):
            for row, (key, number) in enumerate(zip(level.keys, bins, strict=True)):
                came = level.times[level.rows == row].sum()
                rarity = min(max(math.ceil(math.log(n / (1 + came))), 0), highest)
                is_start = bool(level.length) and int(key) < V ** (level.length - 1)
                assert bin_of.setdefault((level.length, is_start, rarity), number) == number
        assert len(set(bin_of.values())) == len(bin_of)
        assert min(bin_of.values()) >= 0

    def test_the_bin_of_the_longest_part_that_is_known(self) -> None:
        _, vocabulary, (train, _) = fitted(["anna", "nan"], 3, 0.5)
        levels = levels_of(train)
        bins = bins_of(levels)
        a, n = (vocabulary.numbers[token] for token in "an")
        contexts = np.array([[a, n], [a, a], [0, 0]])
        found = find_suffixes([level.keys for level in levels], contexts, len(vocabulary))
        numbers = bin_of_each(found, bins, 3)
        assert numbers[0] == bins[2][levels[2].keys.tolist().index(a * 3 + n)]
        assert numbers[1] == bins[1][levels[1].keys.tolist().index(a)]
        assert numbers[2] == bins[1][levels[1].keys.tolist().index(0)]
        assert len(set(numbers.tolist())) == 3


@pytest.mark.parametrize("block_size", [0, -1])
def test_contexts_of_nothing(block_size: int) -> None:
    with pytest.raises(OptionError, match="block size must be 1 or more"):
        moreish.train(["ab"], model="ngram", block_size=block_size)


@pytest.mark.parametrize(
    ("smoothing", "sentence"),
    [
        ("good-turing", "no smoothing 'good-turing'; there are kneser-ney, witten-bell, deleted-"),
        (-1, "0 or more, got -1"),
        (np.nan, "0 or more, got nan"),
        (np.inf, "0 or more, got inf"),
        (1e308, r"0 or more, got 1e\+308 \(at most 1e\+15\)"),
    ],
)
def test_smoothing_that_is_none(smoothing: float | str, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        moreish.train(["ab"], model="ngram", smoothing=smoothing)


@pytest.mark.parametrize("smoothing", [*METHODS, 0.5])
@pytest.mark.parametrize(
    "items", [["a"], ["a", "b"], ["a"] * 9, ["abc"] * 5, ["ab", "ab", "ba", "ba", "aab", "aab"]]
)
def test_tiny_lists(items: list[str], smoothing: float | str) -> None:
    model, vocabulary, _ = fitted(items, 6, smoothing, held_out=items)
    for item in items:
        assert np.isfinite(surprises(model, vocabulary, item)).all()


@pytest.mark.parametrize("smoothing", [*METHODS, 0.5])
@pytest.mark.parametrize(
    "damage",
    [
        lambda a: a.pop("keys.0"),
        lambda a: a.pop("shares.2"),
        lambda a: a.update({"keys.2": a["keys.2"][::-1]}),
        lambda a: a.update({"keys.2": a["keys.2"].astype(np.int64) + 1000}),
        lambda a: a.update({"starts.2": a["starts.2"][:-1]}),
        lambda a: a.update({"starts.2": a["starts.2"].astype(np.int64) + 1}),
        lambda a: a.update({"tokens.1": a["tokens.1"].astype(np.int64) + 100}),
        lambda a: a.update({"tokens.1": -1 - a["tokens.1"].astype(np.int64)}),
        lambda a: a.update({"shares.1": a["shares.1"][1:]}),
        lambda a: a.pop("rest.1" if "rest.1" in a else "bins.1"),
        lambda a: a.update(
            {"rest.1": a["rest.1"][1:]} if "rest.1" in a else {"bins.1": a["bins.1"][1:]}
        ),
        lambda a: a.update({"weights": np.zeros((1, 4))}),
        lambda a: a.update({"vocabulary_size": np.array([3])}),
    ],
)
def test_damaged_arrays_are_refused(smoothing: float | str, damage) -> None:
    model, vocabulary, _ = fitted(["anna", "hannah", "nina"], 3, smoothing, held_out=["annah"])
    arrays = model.arrays()
    damage(arrays)
    with pytest.raises((KeyError, ValueError)):
        NGram(len(vocabulary), block_size=2, smoothing=smoothing).restore(arrays)
