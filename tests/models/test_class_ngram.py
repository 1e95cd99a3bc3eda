"""Classes of words against sums made anew, and the n-gram of classes against what it is."""

import math
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.errors import OptionError
from moreish.models.class_ngram import ADDED, ClassNGram
from moreish.models.leave_one_out import WholeList
from moreish.models.ngram import METHODS, NGram
from moreish.models.word_classes import Exchange, in_classes, word_classes
from moreish.text import ContextCounts, Items, Vocabulary, contexts_of, count_contexts, count_items

LETTERS = "abcdef"
V = 1 + len(LETTERS)
SMOOTHINGS = [*METHODS, 0.3]
few_items = st.lists(
    st.lists(st.integers(1, V - 1), min_size=1, max_size=6), min_size=1, max_size=9
)
items_with_unknown = st.lists(  # a token V; what stands before it is seen before nothing
    st.lists(st.integers(1, V), min_size=1, max_size=6), min_size=1, max_size=9
)
some_classes = st.lists(st.integers(1, 3), min_size=V - 1, max_size=V - 1).map(
    lambda classes: np.array([0, *classes], dtype=np.intp)
)


def table_of(
    items: list[list[int]], block_size: int, weights: list[float] | None = None
) -> ContextCounts:
    tokens = np.array([token for item in items for token in (*item, 0)], dtype=np.intp)
    return count_contexts(tokens, block_size, V, None if weights is None else np.array(weights))


def criterion_of(counts: ContextCounts, classes: np.ndarray) -> float:
    """The sums as they are written down, one pair after another."""
    both, before, after = Counter(), Counter(), Counter()
    rows = zip(counts.contexts[counts.rows, 0], counts.tokens, counts.counts, strict=True)
    for one, two, count in rows:
        both[classes[one], classes[two]] += count
        before[classes[one]] += count
        after[classes[two]] += count
    sums = [sum(n * math.log(n) for n in own.values()) for own in (both, before, after)]
    return sums[0] - sums[1] - sums[2]


class TestExchange:
    @settings(max_examples=200, deadline=None)
    @given(items_with_unknown, some_classes, st.booleans(), st.data())
    def test_a_move_gains_what_the_criterion_says(
        self, items: list[list[int]], classes: np.ndarray, weighted: bool, data: st.DataObject
    ) -> None:
        amounts = st.lists(st.floats(0.1, 9), min_size=len(items), max_size=len(items))
        counts = table_of(items, 1, data.draw(amounts) if weighted else None)
        exchange = Exchange(counts, classes, 4)
        for word in data.draw(st.lists(st.integers(1, V - 1), max_size=6)):
            before = exchange.classes.copy()
            gain = exchange.move(word)
            assert gain >= 0
            others = [np.where(np.arange(V) == word, place, before) for place in (1, 2, 3)]
            best = max(criterion_of(counts, other) for other in [before, *others])
            assert criterion_of(counts, exchange.classes) == pytest.approx(best, abs=1e-9)
            assert gain == pytest.approx(best - criterion_of(counts, before), abs=1e-9)
            assert exchange.criterion == pytest.approx(best, abs=1e-9)
            anew = Exchange(counts, exchange.classes, 4)
            np.testing.assert_allclose(exchange.table, anew.table, atol=1e-12)
            np.testing.assert_allclose(exchange.totals, anew.totals, atol=1e-12)

    @settings(max_examples=100, deadline=None)
    @given(items_with_unknown, some_classes, st.sets(st.integers(1, V - 1), min_size=1))
    def test_the_likeliest_class_for_the_neighbours_of_words(
        self, items: list[list[int]], classes: np.ndarray, words: set[int]
    ) -> None:
        counts = table_of(items, 1)
        table = in_classes(counts, classes, 4).dense()  # of contexts that came
        both = np.ones((4, 4))
        both[in_classes(counts, classes, 4).contexts[:, 0]] += table
        after, before = both / both.sum(axis=1, keepdims=True), both / both.sum(axis=0)
        nats = np.zeros(4)
        for one, two, count in zip(
            counts.contexts[counts.rows, 0], counts.tokens, counts.counts, strict=True
        ):
            if one != two:
                nats -= (two in words) * count * np.log(before[classes[one]])
                nats -= (one in words) * count * np.log(after[:, classes[two]])
        chosen = Exchange(counts, classes, 4).likeliest(np.array(sorted(words)))
        assert chosen > 0
        assert nats[chosen] == pytest.approx(nats[1:].min())

    @settings(max_examples=50, deadline=None)
    @given(few_items, st.integers(1, 7))
    def test_no_round_makes_it_worse(self, items: list[list[int]], size: int) -> None:
        counts = table_of(items, 1)
        rounds = [word_classes(counts, size, rounds) for rounds in range(4)]
        for one, two in pairwise(rounds):
            assert criterion_of(counts, two) >= criterion_of(counts, one) - 1e-9
        assert (word_classes(counts, size, 3) == rounds[-1]).all()

    @settings(max_examples=300, deadline=None)
    @given(few_items, st.integers(1, 6))
    def test_no_class_is_empty_and_the_boundary_is_alone(
        self, items: list[list[int]], size: int
    ) -> None:
        classes = word_classes(table_of(items, 1), size)
        assert sorted(set(classes.tolist())) == list(range(size + 1))
        assert (classes == 0).tolist() == [True] + [False] * (V - 1)

    def test_the_classes_that_there_are_are_found(self) -> None:
        """Words of three kinds, ten of each; their numbers say nothing of their kind."""
        chance = np.random.default_rng(0)
        kinds = chance.permutation(np.repeat([0, 1, 2], 10))
        words = [1 + np.flatnonzero(kinds == kind) for kind in range(3)]
        orders = [(0, 1, 2), (0, 2), (1, 2, 0, 1), (2, 2)]
        items = [
            [int(chance.choice(words[kind])) for kind in orders[chance.integers(4)]]
            for _ in range(2_000)
        ]
        tokens = np.array([token for item in items for token in (*item, 0)])
        classes = word_classes(count_contexts(tokens, 1, 31), 3)
        assert len(set(zip(kinds.tolist(), classes[1:].tolist(), strict=True))) == 3

    def test_words_that_never_came_are_with_the_rare_ones(self) -> None:
        """1 to 4 end an item and come often; 5 begins one, and came once, as 6 did."""
        items = [[5, 1], [6, 2], *([[7 + n % 2, 1 + n % 4] for n in range(40)])]
        tokens = np.array([token for item in items for token in (*item, 0)])
        classes = word_classes(count_contexts(tokens, 1, 12), 2)
        assert classes[5:9].tolist() == [classes[5]] * 4 != classes[1:5].tolist()
        assert classes[9:].tolist() == [classes[5]] * 3


@settings(max_examples=50, deadline=None)
@given(few_items, some_classes, st.integers(0, 3))
def test_a_table_of_classes_is_that_of_the_list_in_classes(
    items: list[list[int]], classes: np.ndarray, block_size: int
) -> None:
    in_numbers = [classes[item].tolist() for item in items]
    tokens = np.array([token for item in in_numbers for token in (*item, 0)])
    expected = count_contexts(tokens, block_size, 4)
    assert in_classes(table_of(items, block_size), classes, 4) == expected


ITEMS = [[1, 2, 3], [2, 3, 4], [5, 1, 1], [6, 2], [3, 3, 3, 2, 1], [4]]
CONTEXTS = np.array([[0, 0], [0, 3], [3, 3], [6, 5], [1, 6], [V, 2], [V, V]])


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_with_a_class_for_each_word_it_is_the_ngram(smoothing: float | str) -> None:
    counts, dev = table_of(ITEMS, 2), table_of(ITEMS[2:], 2)
    plain = NGram(V, block_size=2, smoothing=smoothing).fit(counts, dev)
    model = ClassNGram(V, smoothing=smoothing).fit(counts, dev)
    np.testing.assert_allclose(model.next_log_probs(CONTEXTS), plain.next_log_probs(CONTEXTS))


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_with_one_class_words_are_as_likely_as_they_are_frequent(smoothing: float | str) -> None:
    counts = table_of(ITEMS, 2)
    model = ClassNGram(V, classes=1, smoothing=smoothing).fit(counts, table_of(ITEMS, 2))
    added = model.arrays()["added"][0]
    words = np.exp(model.next_log_probs(CONTEXTS))[:, 1:]
    frequencies = np.bincount(np.concatenate(ITEMS))[1:] + added
    expected = np.tile(frequencies / frequencies.sum(), (len(CONTEXTS), 1))
    np.testing.assert_allclose(words / words.sum(axis=1, keepdims=True), expected)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_each_word_has_its_class_and_its_share_of_it(smoothing: float | str) -> None:
    counts = table_of(ITEMS, 2)
    model = ClassNGram(V, classes=3, smoothing=smoothing).fit(counts, counts)
    size = 4
    of_classes = NGram(size, block_size=2, smoothing=smoothing)
    of_classes.fit(*[in_classes(counts, model.class_of, size)] * 2)
    seen = np.append(model.class_of, size)[CONTEXTS]
    chances = np.exp(model.next_log_probs(CONTEXTS))
    sums = np.array([np.bincount(model.class_of, row, size) for row in chances])
    np.testing.assert_allclose(sums, np.exp(of_classes.next_log_probs(seen)))


def test_dev_says_what_is_added() -> None:
    counts = table_of(ITEMS, 2)
    assert ClassNGram(V, classes=2).fit(counts).arrays()["added"] == [0.5]
    for dev in (table_of([[6, 5, 4]], 2), table_of([[3, 3, 1]], 2)):
        model = ClassNGram(V, classes=2).fit(counts, dev)
        frequencies = np.bincount(counts.tokens, counts.counts, V)
        nats = []
        for added in ADDED:
            own = frequencies + added
            shares = own / np.bincount(model.class_of, own)[model.class_of]
            nats.append(-(np.log(shares[dev.tokens]) @ dev.counts))
        assert model.arrays()["added"] == [ADDED[int(np.argmin(nats))]]


def test_a_word_that_never_came_is_possible() -> None:
    model = ClassNGram(9, classes=2).fit(count_contexts(np.array([1, 2, 0, 1, 3, 0]), 2, 9))
    assert np.isfinite(model.next_log_probs(np.array([[0, 0], [1, 2], [8, 8]]))).all()


@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("smoothing", [s for s in SMOOTHINGS if s != "deleted-interpolation"])
@given(
    items=st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=2, max_size=9, unique=True),
    weighted=st.booleans(),
    data=st.data(),
)
def test_as_though_the_item_had_not_been_but_for_its_class(
    smoothing: float | str, items: list[str], weighted: bool, data: st.DataObject
) -> None:
    kinds = st.sampled_from([0.5, 1.0, 2.0, 7.0]) if weighted else st.integers(1, 3)
    counts = np.array(data.draw(st.lists(kinds, min_size=len(items), max_size=len(items))))
    vocabulary = Vocabulary(LETTERS)

    def tables(which: np.ndarray) -> tuple[ContextCounts, ContextCounts | None]:
        texts = [items[place] for place in np.flatnonzero(which)]
        own, once = (
            count_items(Items(texts, amounts, "items", []), vocabulary, 2)
            for amounts in (counts[which], np.ones(len(texts)))
        )
        return own, once if weighted else None

    every = np.ones(len(items), dtype=bool)
    table, once = tables(every)
    model = ClassNGram(V, classes=2, smoothing=smoothing).fit(table, None, once)
    left = WholeList(table, once).without(vocabulary.encode(items), counts)
    found = np.split(model.log_probs_without(left), np.flatnonzero(left.tokens == 0)[:-1] + 1)
    for place, item in enumerate(items):
        others, ones = tables(np.arange(len(items)) != place)
        anew = ClassNGram(V, classes=2, smoothing=smoothing)
        anew._count(model.class_of, others, None, ones)
        tokens = vocabulary.encode([item])
        expected = anew.log_probs_of(contexts_of(tokens, 2, V), tokens)
        np.testing.assert_allclose(found[place], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_small_vocabularies(size: int) -> None:
    tokens = np.array([*range(1, size), 0, *range(1, size), 0])
    model = ClassNGram(size, classes=2).fit(count_contexts(tokens, 2, size))
    chances = np.exp(model.next_log_probs(np.zeros((1, 2), dtype=np.intp)))
    assert chances.sum() == pytest.approx(1)
    again = ClassNGram(size, classes=2)
    again.restore(model.arrays())
    assert (again.next_log_probs(CONTEXTS[:1]) == model.next_log_probs(CONTEXTS[:1])).all()


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([1, 0, 1, 2, 3, 1, 1], "the boundary is not in a class of its own"),
        ([0, 0, 1, 2, 3, 1, 1], "the boundary is not in a class of its own"),
        ([0, 1, 1, 2, 2, 1, 1], "there are classes that no word is in"),
        ([0, 1, 1, 2, 3, 4, 1], "classes has numbers that are not from 0 to 3"),
    ],
)
def test_classes_that_can_not_be(classes: list[int], message: str) -> None:
    good = ClassNGram(V, classes=3).fit(table_of(ITEMS, 2)).arrays()
    with pytest.raises(ValueError, match=message):
        ClassNGram(V, classes=3).restore({**good, "classes": np.array(classes)})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": 0}, "classes is 1 to 3,000, or so many that each word has its own; got 0"),
        ({"classes": 3_001}, "1 to 3,000, or so many"),
        ({"classes": 2.5}, "got 2.5"),
        ({"block_size": 0}, "the block size must be 1 or more, got 0"),
        ({"smoothing": "good-turing"}, "there is no smoothing 'good-turing'"),
    ],
)
def test_options_that_can_not_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        ClassNGram(10_000, **options)


def test_it_takes_a_list_of_words_from_end_to_end(tmp_path) -> None:
    lines = [f"{a} {b} {c}" for a in ("a", "the") for b in ("red", "old") for c in ("hen", "fox")]
    model = moreish.train(lines, model="class-ngram", classes=3, words=True, split=(100, 0, 0))
    model.save(tmp_path / "m")
    again = moreish.load(tmp_path / "m")
    scores = again.scores([*lines, "hen a red"])
    assert scores.as_if_new.tolist() == [True] * 8 + [False]
    assert scores.nats[-1] > scores.nats[:-1].max()
    assert again.sample(5, seed=1) == model.sample(5, seed=1)
    assert again.explain("the red red fox").repair is not None
