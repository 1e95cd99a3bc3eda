"""Exact means exact: held against every item there is, one by one."""

import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.engine.generator import Generator
from moreish.errors import DataError
from moreish.generate.automaton import Automaton, anything, begins, crossed, ends, holds
from moreish.generate.chain import TooLarge, chain_of
from moreish.generate.exact import Exact
from moreish.generate.patterns import matches
from moreish.models import LanguageModel
from moreish.models.mlp import MLP
from moreish.text import Vocabulary

VOCABULARY = Vocabulary("ab")
V = 3


class Table(LanguageModel):
    """A model that is a table of chances."""

    name = "table"
    option_names = ()

    def __init__(self, vocabulary_size: int = V, *, block_size: int = 2, seed: int = 0) -> None:
        self.vocabulary_size, self.block_size = vocabulary_size, block_size
        draw = np.random.default_rng(seed)
        shape = (vocabulary_size,) * (block_size + 1)
        table = draw.gamma(0.5, size=shape) + 0.02
        table[..., 0] += 0.3
        self.table = table / table.sum(-1, keepdims=True)

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        return np.log(self.table[tuple(contexts.T)])

    def arrays(self) -> dict[str, np.ndarray]:
        return {"table": self.table}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        self.table = arrays["table"]

    @property
    def parameter_count(self) -> int:
        return self.table.size

    def row(self, context: tuple[int, ...]) -> np.ndarray:
        return self.table[context]

    def probability(self, tokens: tuple[int, ...]) -> float:
        context, chance = (0,) * self.block_size, 1.0
        for token in (*tokens, 0):
            chance *= self.row(context)[token]
            context = (*context[1:], token)
        return float(chance / (1 - self.row((0,) * self.block_size)[0]))


class Sparse(Table):
    """A table that sees of two tokens only the longest ending that is among those it knows."""

    def __init__(self, *, seed: int) -> None:
        super().__init__(seed=seed)
        draw = np.random.default_rng(seed)
        self.known = [np.flatnonzero(draw.random(V**n) < (1, 0.5, 0.5)[n]) for n in range(3)]

    def endings(self) -> list[np.ndarray]:
        return self.known

    def row(self, context: tuple[int, ...]) -> np.ndarray:
        one, two = context
        if max(context) < V and one * V + two in self.known[2]:
            return self.table[one, two]
        return self.table[0, two] if two in self.known[1] else self.table[0, 0]

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        return np.log([self.row(tuple(context)) for context in contexts.tolist()])


ANYTHING = anything(V)
ITEMS = [item for size in range(1, 8) for item in product((1, 2), repeat=size)]
TOKENS = st.lists(st.integers(1, 2), max_size=3)


@st.composite
def constraints(draw: st.DrawFn) -> Automaton:
    automaton = ANYTHING
    for kind in draw(st.lists(st.sampled_from([begins, ends, holds]), max_size=2)):
        automaton = crossed(automaton, kind(draw(TOKENS), V))
    if draw(st.booleans()):
        pattern = draw(st.sampled_from(["(ab)*.", "a.*|b", "[^b]*b?.{2,4}", "(a|ba)+", ".*aa.*"]))
        automaton = crossed(automaton, matches(pattern, VOCABULARY))
    return automaton


def flat(items: list[tuple[int, ...]]) -> np.ndarray:
    return np.array([token for item in items for token in (*item, 0)], dtype=np.intp)


def unflat(tokens: np.ndarray) -> list[tuple[int, ...]]:
    parts = np.split(tokens, np.flatnonzero(tokens == 0) + 1)[:-1]
    return [tuple(part[:-1].tolist()) for part in parts]


CASES = st.tuples(
    constraints(),
    st.integers(1, 3),  # T
    st.integers(0, 9),  # seed
    st.integers(0, 3),  # shortest
    st.integers(3, 7),  # longest
    st.lists(st.sampled_from(ITEMS), max_size=12),  # known
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_the_share_is_what_adding_up_gives(case) -> None:
    automaton, block_size, seed, shortest, longest, known, new = case
    model = Table(block_size=block_size, seed=seed)
    chain = chain_of(model, automaton)
    exact = Exact(chain, shortest, longest, flat(known) if new else None)
    added = sum(
        model.probability(item)
        for item in ITEMS
        if shortest <= len(item) <= longest
        and automaton.takes(item)
        and not (new and item in known)
    )
    assert exact.share == pytest.approx(added, rel=1e-11, abs=1e-15)


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_what_must_come_has_the_probability_that_another_model_gives_it(case) -> None:
    automaton, block_size, seed, shortest, longest, _, is_chosen = case
    model, other = (Table(block_size=block_size, seed=number) for number in (seed, seed + 1))
    chain = chain_of(model, automaton, longest if is_chosen else None, forced=other)
    added = 0.0
    for item in ITEMS:
        if shortest <= len(item) <= longest and automaton.takes(item):
            context, state, chance = (0,) * block_size, automaton.start, 1.0
            for token in (*item, 0):
                one = other if automaton.forces[state] else model
                chance *= one.table[context][token]
                context, state = (*context[1:], token), int(automaton.table[state, token])
            added += chance
    share = added / (1 - model.table[(0,) * block_size][0])
    assert Exact(chain, shortest, longest).share == pytest.approx(share, rel=1e-11, abs=1e-15)


@settings(max_examples=40, deadline=None)
@given(CASES)
def test_frequencies_are_the_probabilities(case) -> None:
    automaton, block_size, seed, shortest, longest, known, new = case
    model = Table(block_size=block_size, seed=seed)
    exact = Exact(chain_of(model, automaton), shortest, longest, flat(known) if new else None)
    if exact.share == 0:
        with pytest.raises(DataError, match="no item"):
            exact.draw(1, Generator().manual_seed(1))
        return
    count = 4_000
    drawn = unflat(exact.draw(count, Generator().manual_seed(seed)))
    assert len(drawn) == count
    statistic, cells, rest = 0.0, 0, 0.0
    seen = {item: drawn.count(item) for item in set(drawn)}
    for item in ITEMS:
        fits = shortest <= len(item) <= longest and automaton.takes(item)
        if not fits or (new and item in known):
            assert item not in seen
            continue
        expected = count * model.probability(item) / exact.share
        if expected >= 5:
            statistic += (seen.get(item, 0) - expected) ** 2 / expected
            cells += 1
        else:
            rest += expected
    assert statistic <= cells + 6 * np.sqrt(2 * cells) + 20


@settings(max_examples=150, deadline=None)
@given(constraints(), st.integers(0, 99), st.integers(1, 3), st.integers(3, 7), st.booleans())
def test_contexts_that_are_seen_alike_are_one_state(
    automaton: Automaton, seed: int, shortest: int, longest: int, is_cut: bool
) -> None:
    model = Sparse(seed=seed)
    fits = [x for x in ITEMS if shortest <= len(x) <= longest and automaton.takes(x)]
    chain = chain_of(model, automaton, longest if is_cut else None)
    share = Exact(chain, shortest, longest).share
    assert share == pytest.approx(sum(map(model.probability, fits)), rel=1e-11, abs=1e-15)


def test_without_a_longest_the_messages_settle() -> None:
    model = Table(block_size=1, seed=3)
    for shortest in (0, 1, 4):
        exact = Exact(chain_of(model, ANYTHING), shortest)
        shorter = sum(model.probability(item) for item in ITEMS if len(item) < shortest)
        assert exact.share == pytest.approx(1 - shorter, rel=1e-12)
    new = Exact(chain_of(model, ANYTHING), 1, None, flat(ITEMS))
    assert new.share == pytest.approx(1 - sum(map(model.probability, ITEMS)), rel=1e-9)
    assert min(map(len, unflat(new.draw(500, Generator().manual_seed(1))))) == 8


def test_only_states_that_matter_are_made() -> None:
    model = Table(block_size=3)
    assert len(chain_of(model, ANYTHING)) == 2**3 + 2**2 + 2 + 1
    one = begins([1, 1, 1, 1, 1], V)
    assert len(chain_of(model, one, longest=6)) <= 8
    assert len(chain_of(model, matches("z", VOCABULARY))) == 0
    assert Exact(chain_of(model, matches("z", VOCABULARY))).share == 0


def test_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moreish.generate.chain.MOST_CELLS", 44)
    with pytest.raises(TooLarge):
        chain_of(Table(block_size=3), ANYTHING)
    chain_of(Table(block_size=3), begins([1, 1, 1], V), longest=4)


def test_states_that_fit_63_bits_alone_but_not_with_the_automaton() -> None:
    model = MLP(V, block_size=38, hidden_size=2).initialise(1)
    assert V**38 < 2**63 < V**40
    assert len(chain_of(model, begins([], V), longest=1)) == 3
    with pytest.raises(TooLarge):
        chain_of(model, begins([1] * 8, V), longest=9)


def test_an_ngram_that_looks_far_back_is_followed_exactly(tmp_path) -> None:
    """Six tokens of 26 letters back: as a model of the list, and from an ARPA file."""
    names = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "emilia", "alma"]
    model = moreish.train(names, model="ngram", block_size=6, split=(100, 0, 0))
    model.save_arpa(tmp_path / "names.arpa")
    for one in (model, moreish.load(tmp_path / "names.arpa")):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            drawn = one.sample(200, suffix="a", max_length=9, contains="m", new=one is model)
            share = one.probability(max_length=3)
        assert all(x.endswith("a") and "m" in x and len(x) <= 9 for x in drawn)
        assert one is not model or not set(drawn) & set(names)
        letters = one.vocabulary.tokens
        items = ["".join(x) for n in (1, 2, 3) for x in product(letters, repeat=n)]
        empty = np.exp(one.next_log_probs(np.zeros((1, 6), dtype=np.intp))[0, 0])
        added = np.exp(one.score_samples(items)).sum() / (1 - empty)
        assert share == pytest.approx(added, rel=1e-9 if one is model else 1e-5)


@pytest.mark.parametrize("suffix", ["b", "bb", "bbbb", "abbbbbbb"])
def test_of_what_comes_seldom_the_long_items_are_in_too(suffix: str) -> None:
    """However small their probability is: what is likely among those that fit is drawn."""
    model = Table(block_size=1)
    model.table = np.array([[0.1, 0.9 - 1e-6, 1e-6], [0.3, 0.7 - 1e-6, 1e-6], [0.9, 0.1, 1e-6]])
    chain = chain_of(model, ends(VOCABULARY.encode([suffix])[:-1].tolist(), V))
    shares = [Exact(chain).share, Exact(chain, longest=200).share]
    assert shares[0] == pytest.approx(shares[1], rel=1e-9)
    assert 0 < shares[0] < 1e-5
    drawn = unflat(Exact(chain).draw(4_000, Generator().manual_seed(1)))
    within = unflat(Exact(chain, longest=200).draw(4_000, Generator().manual_seed(2)))
    lengths = [np.mean([len(item) for item in items]) for items in (drawn, within)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.1)
    assert lengths[0] > len(suffix) + 1


class TestWhatRunsOn:
    """A model that hardly ever ends: its messages settle after tens of thousands of rounds."""

    @pytest.mark.parametrize("length", [1_000, 20_000])
    def test_the_share_is_exact(self, length: int) -> None:
        texts = ["a" * length, "b"]
        model = moreish.train(
            texts, model="bigram", smoothing=0, split=(100, 0, 0), max_length=length
        )
        assert model.probability(suffix="a") == pytest.approx(0.5, rel=1e-9)
        assert model.probability(contains="b") == pytest.approx(0.5, rel=1e-9)

    def test_what_never_ends_has_no_share(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("moreish.generate.exact.ROUNDS", 1)
        table = Table()
        table.table[:] = [0.0, 0.5, 0.5]  # never
        table.table[0, 0] = [0.0, 1.0, 0.0]
        table.table[0, 1] = [0.25, 0.75, 0.0]  # after the first a an item ends, or never does
        with np.errstate(divide="ignore"):
            assert Exact(chain_of(table, anything(V))).share == pytest.approx(0.25, rel=1e-12)

    @pytest.mark.parametrize("rounds", [1, 7, 300])
    def test_worked_out_or_settled_it_is_the_same(
        self, rounds: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = moreish.train(["ab", "ba", "abab", "bbb"], model="bigram", split=(100, 0, 0))
        constraints = ({"suffix": "aaaaaa"}, {"matches": ".{9}(ab){1,5}.*"}, {"contains": "bbbb"})
        for limit in constraints:
            monkeypatch.setattr("moreish.generate.exact.ROUNDS", 10**6)
            settled = model.probability(**limit)
            model._sampler._idle.clear()
            monkeypatch.setattr("moreish.generate.exact.ROUNDS", rounds)
            assert model.probability(**limit) == pytest.approx(settled, rel=1e-12)
            model._sampler._idle.clear()

    def test_too_many_states_to_be_worked_out_are_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("moreish.generate.exact.SOLVED", 0)
        monkeypatch.setattr("moreish.generate.exact.PATIENCE", 500)
        model = moreish.train(["a" * 1_000], model="bigram", smoothing=0, split=(100, 0, 0))
        with pytest.raises(DataError, match="practically never stop"):
            model.probability(suffix="a")

    @pytest.mark.parametrize("temperature", [1e-3, 0.01, 0.03])
    def test_what_runs_on_almost_for_ever_is_refused(self, temperature: float) -> None:
        texts = ["anna", "hannah", "nan", "ann"]  # the likeliest way is a circle
        model = moreish.train(texts, model="bigram", split=(100, 0, 0))
        with pytest.raises(DataError, match="practically never stop"):
            model.sample(2, temperature=temperature, suffix="n")
        assert model.sample(1, temperature=temperature, suffix="n", max_length=9)

    @pytest.mark.parametrize("temperature", [0.1, 0.08, 0.05, 0.02, 0.01])
    def test_what_can_not_be_worked_out_is_refused(self, temperature: float) -> None:
        for texts in (
            ["ab" * k for k in range(5, 40)],
            ["bananabananabananas", "anananan", "nab", "bananas", "x"],
        ):
            model = moreish.train(texts, model="bigram", split=(100, 0, 0))
            with pytest.raises(DataError, match="practically never stop"):
                model.sample(2, temperature=temperature, min_length=3)

    def test_a_share_that_is_no_normal_number_is_none(self) -> None:
        model = moreish.train(["ab", "ba", "abab"], model="bigram", split=(100, 0, 0))
        for shortest in range(500, 3_000, 100):
            share = model.probability(min_length=shortest)
            assert share == 0 or share > 1e-291
            if share:
                assert len(model.sample(1, min_length=shortest)[0]) >= shortest
            else:
                with pytest.raises(DataError, match="so seldom"):
                    model.sample(1, min_length=shortest)


class TestWhatTheListHasOfIt:
    """The share of new items that begin with something, of a model that is drawn along."""

    def test_items_with_tokens_that_were_not_trained_on(self) -> None:
        lists = {"split": (60, 20, 20), "model": "mlp", "block_size": 8, "steps": 5}
        names = [f"ma{letter}{number}" for letter in "abcdefgh" for number in range(10)]
        model = moreish.train([*names, *(f"ma{chr(0xE0 + i)}" for i in range(30))], **lists)
        unseen = set("".join(model.dataset.all_known())) - set(model.vocabulary.tokens)
        assert unseen
        own = [t for t in model.dataset.all_known() if not unseen & set(t)]
        empty = np.exp(model.score_samples([""])[0])
        share = model.probability(prefix="ma")
        share -= np.exp(model.score_samples(own)).sum() / (1 - empty)
        assert model.probability(prefix="ma", new=True) == pytest.approx(share, rel=1e-5)

    @pytest.mark.long
    def test_a_first_word_is_a_whole_one(self) -> None:
        lines = [
            f"{first} w{a} w{b}" for first in ("new", "newark") for a in range(9) for b in "xy"
        ]
        model = moreish.train(lines, words=True, model="mlp", block_size=6, steps=50)
        own = [t for t in model.dataset.all_known() if t.startswith("new ")]
        empty = np.exp(model.score_samples([""])[0])
        share = model.probability(prefix="new")
        share -= np.exp(model.score_samples(own)).sum() / (1 - empty)
        assert model.probability(prefix="new", new=True) == pytest.approx(share, rel=1e-5)
