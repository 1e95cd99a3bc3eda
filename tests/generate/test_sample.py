"""Items are drawn from the model's own distribution, with the constraints that were asked for."""

import pickle
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import islice, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish
from moreish.errors import ApproximateWarning, DataError, OptionError
from moreish.generate import Sampler, alias_sampling, sample
from moreish.generate.chain import Chain, TooLarge, chain_of
from moreish.generate.constraints import Constraints
from moreish.generate.sample import KEPT
from moreish.models import Predictor

NAMES = ["ab", "abb", "ba", "b", "aab", "bab", "a", "abab"]
MODEL = moreish.train(NAMES, model="bigram", split=(100, 0, 0))


def frequencies_fit(drawn: list[str], chances: dict[str, float]) -> bool:
    """A chi-square test at about one in a hundred thousand; rare items are put together."""
    expected = {item: p * len(drawn) for item, p in chances.items() if p * len(drawn) >= 10}
    rest = len(drawn) - sum(expected.values())
    counted = {item: drawn.count(item) for item in expected}
    square = sum((counted[item] - e) ** 2 / e for item, e in expected.items())
    others = len(drawn) - sum(counted.values())
    square += (others - rest) ** 2 / rest if rest > 1 else 0
    freedom = len(expected)
    return square < freedom + 5 * np.sqrt(2 * freedom) + 10


def enumerated(longest: int, keep) -> dict[str, float]:
    """The probability of every item up to a length that `keep` likes, made to sum to one."""
    items = ["".join(letters) for n in range(1, longest + 1) for letters in product("ab", repeat=n)]
    items = [item for item in items if keep(item)]
    chances = np.exp(MODEL.score_samples(items))
    return dict(zip(items, chances / chances.sum(), strict=True))


@pytest.mark.parametrize(
    ("options", "keep"),
    [
        ({}, lambda item: True),
        ({"prefix": "ba"}, lambda item: item.startswith("ba")),
        ({"min_length": 2, "max_length": 4}, lambda item: 2 <= len(item) <= 4),
        ({"new": True}, lambda item: item not in NAMES),
        ({"suffix": "ab", "contains": "ba"}, lambda item: item.endswith("ab") and "ba" in item),
        (
            {"matches": "a+b.*", "max_length": 6},
            lambda item: len(item) <= 6 and re.fullmatch("a+b.*", item),
        ),
        (
            {"prefix": "a", "suffix": "b", "min_length": 3, "new": True},
            lambda item: item[0] == "a" and item[-1] == "b" and len(item) > 2 and item not in NAMES,
        ),
    ],
)
def test_frequencies_are_the_probabilities(options: dict, keep) -> None:
    drawn = MODEL.sample(20_000, seed=5, **options)
    assert all(keep(item) for item in drawn)
    assert frequencies_fit(drawn, enumerated(14, keep))


def test_a_wrong_distribution_would_be_seen() -> None:
    drawn = MODEL.sample(20_000, seed=5)
    assert not frequencies_fit(drawn, enumerated(14, lambda item: item != "ab"))


def test_a_seed_repeats_and_another_does_not() -> None:
    assert MODEL.sample(50, seed=1) == MODEL.sample(50, seed=1) != MODEL.sample(50, seed=2)
    assert MODEL.sample(500, seed=1)[:50] == MODEL.sample(50, seed=1)


def test_temperature_zero_is_the_likeliest_item() -> None:
    for constraints in ({}, {"prefix": "ba", "new": True}, {"matches": "(ab)+b"}):
        assert MODEL.sample(3, temperature=0, **constraints) == MODEL.top(1, **constraints) * 3
    for near in (1e-320, 1e-300, 1e-5):  # to 0, so that each token is the likeliest in its place
        assert MODEL.sample(3, temperature=near) == MODEL.sample(3, top_k=1)
    cold, hot = (np.mean(MODEL.score_samples(MODEL.sample(500, temperature=t))) for t in (0.3, 3.0))
    assert cold > hot


def _chain_of_little(model: Predictor, *rest) -> Chain:
    """Only of models that look back one token."""
    if model.block_size > 1:
        raise TooLarge
    return chain_of(model, *rest)


@pytest.mark.parametrize("cut", [{"top_k": 1}, {"top_p": 0.01}, {"top_k": 1, "temperature": 2}])
@pytest.mark.parametrize("too_large", [False, True])
def test_what_must_come_is_not_left_out_by_top_k_or_top_p(
    cut: dict, too_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The least likely beginning is met, however it is asked for."""
    model = moreish.train(NAMES, model="ngram", block_size=3, split=(100, 0, 0))
    first = min("ab", key=lambda letter: model.probability(prefix=letter))
    (begun,) = set(model.sample(50, prefix=first, **cut))
    if too_large:
        monkeypatch.setattr(sample, "chain_of", _chain_of_little)
        small = [moreish.train(NAMES, model="bigram", split=(100, 0, 0)).language_model]
        sampler = Sampler(model.language_model, model.vocabulary, smaller=lambda: small)
        monkeypatch.setitem(vars(model), "_sampler", sampler)
    for constraints in ({"prefix": first, "max_length": 12}, {"matches": f"{first}.*"}):
        with pytest.warns(ApproximateWarning) if too_large else nullcontext():
            assert set(model.sample(50, **constraints, **cut)) == {begun}


def test_top_p_keeps_the_likeliest() -> None:
    log_probs = MODEL.next_log_probs(np.array([[0]]))[0]
    first = MODEL.vocabulary.tokens[int(log_probs.argmax()) - 1]
    assert {item[0] for item in MODEL.sample(100, top_p=1e-9, max_length=60)} == {first}
    assert {item[0] for item in MODEL.sample(300, top_p=1.0)} == {"a", "b"}


@pytest.mark.parametrize("new", [False, True])
def test_of_few_items_that_meet_the_limits_each_is_drawn(new: bool) -> None:
    """The last of them comes once in millions of draws; it is not waited for."""
    every = {"".join(letters) for n in range(1, 5) for letters in product("ab", repeat=n)}
    every -= set(NAMES) if new else set()
    lines = [*NAMES, *["ab"] * 10_000]
    model = moreish.train(lines, model="bigram", smoothing=1e-3, split=(100, 0, 0))
    left = model.samples(unique=True, max_length=4, new=new)
    drawn = list(islice(left, len(every)))
    assert len(drawn) == len(every)
    assert set(drawn) == every
    with pytest.raises(DataError, match=f"no more than {len(every)} different items"):
        next(left)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n": 1.5}, "a number of items, 0 or more, was wanted; got 1.5"),
        ({"n": float("nan")}, "a number of items"),
        ({"n": "3"}, "a number of items"),
        ({"n": True}, "a number of items"),
        ({"seed": None}, "a seed is a whole number"),
        ({"seed": 1.5}, "a seed is a whole number"),
        ({"prefix": 5}, "prefix is a text, got 5"),
        ({"matches": re.compile("a")}, "matches is a text, got re.compile"),
        ({"min_length": 1.5}, "min length is a whole number, got 1.5"),
        ({"max_length": True}, "max length is a whole number"),
        ({"top_k": 2.0}, "top k is a whole number"),
        ({"temperature": "1"}, "temperature is a number, got '1'"),
        ({"temperature": 0, "top_p": 0.5}, "whatever top-p is"),
        ({"new": "no"}, "new is True or False, got 'no'"),
        ({"unique": 1}, "unique is True or False"),
        ({"matches": ""}, "no item can match an empty pattern"),
        ({"prefix": "ab", "contains": "bba", "max_length": 3}, "of at most 3 tokens can meet both"),
    ],
)
def test_what_cannot_be_asked_for_is_said(options: dict, sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        MODEL.sample(**{"n": 3, **options})


def test_numbers_of_numpy_are_numbers() -> None:
    options = {"seed": np.int64(3), "max_length": np.int32(4), "temperature": np.float32(0.5)}
    assert len(MODEL.sample(np.int64(3), **options)) == 3
    assert MODEL.sample(3, prefix=None, matches=None) == MODEL.sample(3)


def test_unique_items_are_different_and_run_out_in_a_sentence() -> None:
    assert len(set(MODEL.sample(40, unique=True))) == 40
    few = moreish.train(["ab"], model="bigram", smoothing=0, split=(100, 0, 0))
    assert few.sample(1, unique=True) == ["ab"]
    with pytest.raises(DataError, match="no more than 1 different items meet these constraints"):
        few.sample(2, unique=True)
    with pytest.raises(DataError, match="one item is the likeliest"):
        few.sample(2, unique=True, temperature=0)
    with pytest.raises(DataError, match="no item with --new"):
        few.sample(1, new=True)


def test_no_item_is_empty_and_none_runs_on_for_ever() -> None:
    loop = moreish.train(["a" * 500], model="bigram", split=(100, 0, 0), smoothing=0)
    assert all(loop.sample(5, seed=3))
    with pytest.raises(DataError, match="no item with --max-length 3"):
        moreish.train(["abcdef"], model="bigram", split=(100, 0, 0), smoothing=0).sample(
            1, max_length=3
        )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 30), st.sampled_from(["", "a", "bab"]), st.integers(1, 12))
def test_as_many_as_were_asked_for(n: int, prefix: str, most: int) -> None:
    if len(prefix) > most:
        with pytest.raises(OptionError, match="can meet --prefix"):
            MODEL.sample(1, prefix=prefix, max_length=most)
        return
    items = MODEL.sample(n, prefix=prefix, max_length=most)
    assert len(items) == n
    assert all(item.startswith(prefix) and len(item) <= most for item in items)


def test_which_limit_rules_the_others_out_is_said() -> None:
    with pytest.raises(OptionError, match=r"--matches \.\*a rules out all that --suffix b would"):
        MODEL.sample(suffix="b", matches=".*a")
    with pytest.raises(OptionError, match="no item of at most 3 tokens can meet --contains abab"):
        MODEL.sample(contains="abab", max_length=3)


def test_samples_never_end() -> None:
    assert len(list(islice(MODEL.samples(seed=1), 3_000))) == 3_000


@pytest.mark.parametrize(
    "options",
    [
        {"n": -1},
        {"temperature": -1},
        {"temperature": np.nan},
        {"top_k": 0},
        {"top_p": 0},
        {"top_p": 1.5},
        {"min_length": -1},
        {"min_length": 5, "max_length": 4},
        {"max_length": 0},
        {"seed": -1},
        {"matches": "(a"},
        {"matches": "c"},
        {"prefix": "b", "matches": "a.*"},
        {"suffix": "b", "matches": ".*a", "contains": "bb"},
        {"contains": "abab", "max_length": 3},
        {"matches": "a{3}", "min_length": 4},
    ],
)
def test_options_that_are_none(options: dict) -> None:
    with pytest.raises(OptionError):
        MODEL.sample(**options)


def test_a_prefix_that_the_model_never_saw_is_named() -> None:
    with pytest.raises(DataError, match="'z'"):
        MODEL.sample(1, prefix="az")


def test_words_are_tokens_too() -> None:
    model = moreish.train(
        ["red apple", "green apple", "red pear"], model="bigram", words=True, split=(100, 0, 0)
    )
    for item in model.sample(20, seed=2, prefix="red"):
        assert item.split()[0] == "red"
        assert set(item.split()) <= {"red", "green", "apple", "pear"}


class TestItemsAreAsLinesOfAList:
    """A list with blanks, and letters that are composed: what comes has none around it, in NFC."""

    MODELS = tuple(
        moreish.train(["a b", "b a", "b", "a b b a", "x\u0323", "\u00e9"], model=name, **options)
        for name, options in (
            ("bigram", {"split": (100, 0, 0)}),
            ("ngram", {"split": (100, 0, 0)}),
        )
    )

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.language_model.name)
    @pytest.mark.parametrize(
        "constraints",
        [
            {},
            {"new": True},
            {"max_length": 9},
            {"contains": " "},
            {"prefix": "b "},
            {"suffix": "\u0323"},
        ],
    )
    def test_every_way(self, model: moreish.Model, constraints: dict) -> None:
        items = model.sample(9_000 if not constraints else 500, seed=2, **constraints)
        items += model.top(20, **constraints)
        assert items == moreish.text.read_each(items)[0]
        if constraints.get("new"):
            assert not set(items) & set(model.dataset.known)
        for item, nats in model.tops(20, **constraints):
            assert nats == pytest.approx(model.score_samples([item])[0])

    def test_in_the_right_proportion(self) -> None:
        model = self.MODELS[0]
        drawn = model.sample(20_000, seed=3, max_length=2)
        tokens = ["", *model.vocabulary.tokens]
        items = {f"{one}{two}" for one in tokens for two in tokens} - {""}
        items = [item for item in sorted(items) if moreish.text.only_items([item])]
        chances = np.exp(model.score_samples(items))
        assert frequencies_fit(drawn, dict(zip(items, chances / chances.sum(), strict=True)))

    def test_what_is_asked_for_is_read_as_the_list_was(self) -> None:
        model = self.MODELS[0]
        for name in ("prefix", "suffix", "contains", "matches"):
            pattern = ".*e\u0301.*" if name == "matches" else "e\u0301"
            assert "\u00e9" in model.sample(1, **{name: pattern})[0]

    @pytest.mark.parametrize("constraints", [{"prefix": " a"}, {"suffix": "a "}])
    def test_no_blanks_around_can_be_asked_for(self, constraints: dict) -> None:
        for ask in (self.MODELS[0].sample, self.MODELS[0].top, self.MODELS[0].probability):
            with pytest.raises(OptionError, match="with a blank, as none is kept around"):
                ask(**constraints)

    def test_where_only_such_could_come_it_ends(self) -> None:
        with pytest.raises(DataError, match="0 items that fit hardly any more come"):
            self.MODELS[0].sample(1, matches=" b*")


def test_an_unknown_limit_names_those_there_are() -> None:
    for ask in (MODEL.sample, MODEL.top, MODEL.probability):
        with pytest.raises(OptionError, match="no limit 'prefx'; there are prefix, suffix"):
            ask(prefx="a")


def test_the_mean_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="one item at least"):
        MODEL.score([])


def test_lengths_that_no_item_has() -> None:
    for ask in (MODEL.sample, MODEL.top):
        assert ask(3, max_length=10**20) == ask(3)
        with pytest.raises(OptionError, match="at most 10,000 tokens"):
            ask(3, min_length=10**20)


class TestWhatWasMadeServesAgain:
    """Ways to draw are kept for the next who ask for the same; that is not to be noticed."""

    LIMITS = ({}, {"prefix": "a"}, {"suffix": "b"}, {"new": True}, {"max_length": 3, "new": True})

    @pytest.fixture
    def model(self) -> moreish.Model:
        return moreish.train(NAMES, model="ngram", block_size=3, split=(100, 0, 0))

    @pytest.mark.parametrize("constraints", LIMITS)
    def test_the_same_items_come(self, model: moreish.Model, constraints: dict) -> None:
        first = model.sample(20_000, seed=3, **constraints)
        assert model.sample(20_000, seed=3, **constraints) == first
        assert model.sample(20_000, seed=4, **constraints) != first
        assert pickle.loads(pickle.dumps(model)).sample(20_000, seed=3, **constraints) == first

    def test_two_that_draw_by_turns_do_not_disturb_each_other(self, model: moreish.Model) -> None:
        alone = [model.sample(20_000, seed=seed) for seed in (1, 2)]
        one, two = (model.samples(seed=seed) for seed in (1, 2))
        drawn: tuple[list[str], list[str]] = ([], [])
        for _ in range(20):
            drawn[0].extend(islice(one, 1_000))
            drawn[1].extend(islice(two, 1_000))
        assert list(drawn) == alone

    @pytest.mark.long
    def test_nor_do_threads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            alias_sampling, "FEW_CELLS", 0
        )  # so that the table is made while it is used
        monkeypatch.setattr(alias_sampling, "AT_ONCE", 64)
        monkeypatch.setattr(sample, "MANY", 64)
        monkeypatch.setattr(alias_sampling, "MOST_CELLS", 300)  # and made anew
        model = moreish.train(NAMES, model="ngram", split=(100, 0, 0))
        alone = [model.sample(2_000, seed=seed) for seed in range(4)]
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        try:
            with ThreadPoolExecutor(4) as threads:
                drawn = list(threads.map(lambda seed: model.sample(2_000, seed=seed), range(4)))
        finally:
            sys.setswitchinterval(before)
        assert drawn == alone

    def test_nor_does_what_was_weighed_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sample, "chain_of", _chain_of_little)
        large = moreish.train(NAMES, model="ngram", block_size=3, split=(100, 0, 0)).language_model
        small = [moreish.train(NAMES, model="bigram", split=(100, 0, 0)).language_model]
        kept = Sampler(large, MODEL.vocabulary, smaller=lambda: small)
        constraints = Constraints(suffix="a", max_length=6)
        for seed in (1, 2, 1):
            alone = Sampler(large, MODEL.vocabulary, smaller=lambda: small)
            with pytest.warns(ApproximateWarning):
                drawn = [list(islice(s.items(constraints, seed), 300)) for s in (kept, alone)]
            assert drawn[0] == drawn[1]
            with pytest.warns(ApproximateWarning):
                assert kept.share(constraints) == alone.share(constraints)

    def test_only_a_few_are_kept(self, model: moreish.Model) -> None:
        for length in range(1, 30):
            model.sample(1, max_length=length)
        assert len(model._sampler._idle) <= KEPT


@pytest.mark.parametrize("options", [{}, {"unique": True}, {"max_length": 9}, {"new": True}])
def test_what_the_model_never_begins_is_refused(options: dict) -> None:
    model = moreish.train(["ab", "abb", "b"], model="bigram", smoothing=0, split=(100, 0, 0))
    assert model.probability(prefix="ba") == 0
    for count in (0, 1):
        with pytest.raises((DataError, OptionError)):
            model.sample(count, prefix="ba", **options)


def test_a_long_part_is_refused_at_once() -> None:
    for where in ("prefix", "suffix", "contains"):
        with pytest.raises(OptionError, match="at most 3,998 tokens, got 4,000"):
            MODEL.sample(1, **{where: "ab" * 2_000})
    for where in ("prefix", "suffix", "contains", "matches"):
        with pytest.raises(OptionError, match="at most 10,000 characters, got 100,000"):
            MODEL.sample(1, **{where: "ab" * 50_000})
