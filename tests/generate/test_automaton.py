"""Automata take what they should: held against Python's own strings and regular expressions."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moreish.errors import OptionError
from moreish.generate.automaton import (
    Automaton,
    _told_apart,
    begins,
    crossed,
    ends,
    holds,
)
from moreish.generate.patterns import matches
from moreish.text import Vocabulary

LETTERS = "abé"
VOCABULARY = Vocabulary(LETTERS)
V = len(VOCABULARY)
ITEMS = ["".join(word) for size in range(7) for word in product(LETTERS, repeat=size)]
PARTS = st.text(LETTERS, max_size=4)


def numbers(text: str) -> list[int]:
    return [VOCABULARY.numbers[letter] for letter in text]


@settings(max_examples=60, deadline=None)
@given(PARTS)
def test_prefixes_suffixes_and_parts(part: str) -> None:
    tokens = numbers(part)
    three = begins(tokens, V), ends(tokens, V), holds(tokens, V)
    for item in ITEMS:
        wanted = item.startswith(part), item.endswith(part), part in item
        assert tuple(automaton.takes(numbers(item)) for automaton in three) == wanted


ATOMS = st.sampled_from(
    ["a", "b", "é", ".", "[ab]", "[^a]", r"\w", r"\d", r"\W", "[a-c]", "(?i:A)"]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map("".join),
        several.map("|".join).map("({})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}", "*?", "{0}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    )


PATTERNS = st.recursive(ATOMS, _grown, max_leaves=6)


@settings(max_examples=200, deadline=None)
@given(PATTERNS)
def test_regular_expressions_are_pythons(pattern: str) -> None:
    automaton, expression = matches(pattern, VOCABULARY), re.compile(pattern)
    for item in ITEMS[:400]:
        assert automaton.takes(numbers(item)) == bool(expression.fullmatch(item)), item


@pytest.mark.parametrize(
    "pattern", ["", "^a+$", "a^b", "a$|b", "(?i)[^A]b", "(?x) a  b", "(^a)?b$"]
)
def test_anchors_and_flags_are_pythons(pattern: str) -> None:
    automaton = matches(pattern, VOCABULARY)
    for item in ITEMS[:400]:
        assert automaton.takes(numbers(item)) == bool(re.fullmatch(pattern, item)), item


@pytest.mark.parametrize("pattern", ["[[a]b", "[a||b]", "[b&&a]", "[a~~b]"])
def test_what_python_may_read_otherwise_one_day_is_read_as_it_does_now(pattern: str) -> None:
    with pytest.warns(FutureWarning):
        expression = re.compile(pattern)
    automaton = matches(pattern, VOCABULARY)  # without a warning, which would be an error here
    for item in ITEMS[:400]:
        assert automaton.takes(numbers(item)) == bool(expression.fullmatch(item)), item


@pytest.mark.parametrize("pattern", ["(){4294967294}a", "(?:(?:){4294967294}){0,5}a", "^a"])
def test_nothing_is_repeated_as_often_as_one_likes(pattern: str) -> None:
    automaton = matches(pattern, VOCABULARY)
    assert [item for item in ITEMS if automaton.takes(numbers(item))] == ["a"]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("a{4294967296}", "repeats so often that it needs an automaton of more than 4,000 states"),
        ("a{4294967294}", "more than 4,000 states"),
        ("(a{0}){0,4294967294}", "more than 4,000 states"),
        ("(" * 100_000, "nested too deeply"),
        ("(" * 9_999 + ")" * 9_999, "nested too deeply"),
        ("[" * 9_000, "unterminated character set, at the arrow:\n  [[["),
        ("a" * 9_000 + "[" + "b" * 900, "character set, at the arrow:\n  ...aaa"),
        ("a" * 9_000 + "(?=b)" + "b" * 900, "can't be turned into an automaton (assert)"),
    ],
)
def test_what_is_far_too_much_is_said_in_a_few_words(pattern: str, told: str) -> None:
    with pytest.raises(OptionError) as error:
        matches(pattern, VOCABULARY)
    assert told in str(error.value)
    assert len(str(error.value)) < 250


def test_the_arrow_points_at_the_fault_in_a_long_pattern() -> None:
    for before in range(100):
        with pytest.raises(OptionError) as error:
            matches("a" * before + "[" + "b" * 100, VOCABULARY)
        *_, shown, arrow = str(error.value).split("\n")
        assert shown[arrow.index("^")] == "["


def test_words_are_tokens_and_the_gaps_between_them_letters() -> None:
    vocabulary = Vocabulary(["big", "cat", "cats", "dog"], "words")
    words = [[1, 2], [2], [1, 3], [1, 1, 4], [4, 1], []]
    for pattern in ("big cats?", ".*cat.*", r"(big )+\w+", "dogbig", "d.g.*g", ""):
        automaton = matches(pattern, vocabulary)
        for tokens in words:
            text = " ".join(vocabulary.tokens[token - 1] for token in tokens)
            assert automaton.takes(tokens) == bool(re.fullmatch(pattern, text)), (pattern, text)


@settings(max_examples=60, deadline=None)
@given(PARTS, PARTS, PATTERNS)
def test_crossed_takes_what_all_take(part: str, other: str, pattern: str) -> None:
    several = begins(numbers(part), V), holds(numbers(other), V), matches(pattern, VOCABULARY)
    both = crossed(crossed(*several[:2]), several[2])
    for item in ITEMS[:400]:
        tokens = numbers(item)
        assert both.takes(tokens) == all(automaton.takes(tokens) for automaton in several)


def test_the_smallest_has_no_two_states_that_are_alike() -> None:
    automaton = matches("(a|b)*a(a|b)", VOCABULARY)
    assert len(automaton) == 5  # the last two letters, or nothing more can come
    assert automaton.alive.sum() == 4
    assert len(matches("(a|é|b)*|a+|b", VOCABULARY)) == 1
    assert not matches("z", VOCABULARY).alive.any()


def test_a_long_suffix_of_repeats() -> None:
    tokens = numbers("aabaaab")
    automaton = ends(tokens, V)
    draw = np.random.default_rng(1)
    for _ in range(300):
        text = "".join(draw.choice(["a", "b"], 12)) + "aabaaab"[draw.integers(7) :]
        assert automaton.takes(numbers(text)) == text.endswith("aabaaab")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(ab", r"unterminated subpattern, at the arrow:\n  \(ab\n  \^"),
        ("a[b", r"at the arrow:\n  a\[b\n   \^"),
        ("a**", "multiple repeat"),
        (r"(a)\1", "groupref"),
        ("(?=a)b", "assert"),
        (r"\ba", "at boundary"),
        ("(?>a)", "atomic group"),
        ("a++", "possessive repeat"),
        ("(a|b)*a(a|b){14}", "more than 4,000 states"),
        ("(a{9999}){9999}", "more than 4,000 states"),
        ("(" * 3000 + ")" * 3000, "nested too deeply"),
    ],
)
def test_what_can_not_be_is_said(pattern: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        matches(pattern, VOCABULARY)


def test_limits_that_are_too_many_together_are_said() -> None:
    one, other = (
        matches("(a|b|é)*a(a|b|é){8}", VOCABULARY),
        matches("(a|b|é)*b(a|b|é){9}", VOCABULARY),
    )
    with pytest.raises(OptionError, match="the constraints together need"):
        crossed(one, other)


@given(st.integers(1, 300), st.integers(2, 40), st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_the_smallest_takes_the_same_and_has_no_two_states_alike(
    states: int, width: int, seed: int, copies: int
) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, states, (states, width))
    accepts = rng.random(states) < 0.5
    which = np.repeat(np.arange(states), copies)  # each state several times over
    one = rng.integers(0, copies, (len(which), width))
    many = Automaton(table[which] * copies + one, accepts[which], start=0)
    small = many.smallest()
    assert len(small) <= states
    for _ in range(20):
        tokens = rng.integers(1, width, rng.integers(0, 12)).tolist()
        assert small.takes(tokens) == many.takes(tokens)
    names, told = small.accepts.astype(int).tolist(), 0  # told apart by rows as a whole
    while len(set(names)) > told:
        told, known = len(set(names)), {}
        rows = [(names[i], *(names[j] for j in row)) for i, row in enumerate(small.table[:, 1:])]
        names = [known.setdefault(row, len(known)) for row in rows]
    assert told == len(small)


def test_states_that_differ_in_the_first_of_many_tokens_alone() -> None:
    """As one number a row would have more than 64 bits, and lose the first of them."""
    ways = np.zeros((4, 100), dtype=np.intp)
    ways[1, 0] = 2
    first, found = _told_apart(np.array([0, 0, 1, 1]), ways)
    assert (first.tolist(), found.tolist()) == ([0, 1, 2], [0, 1, 2, 2])


SMALL, LARGE, LAST = "\u03c3", "\u03a3", "\u03c2"  # sigma, which has two small letters


@pytest.mark.parametrize(
    "pattern",
    [f"{SMALL}.*{SMALL}", f"{LARGE}.*{LARGE}", f"[{LARGE}-{LAST}].*{LAST}", f"[^{SMALL}].*"],
)
def test_letters_of_three_cases(pattern: str) -> None:
    pattern = f"(?i){pattern}"
    items = [f"{SMALL}a{LAST}", f"{SMALL}o{SMALL}{LAST}", f"a{LAST}", f"{LARGE}a{LAST}", "o"]
    vocabulary = Vocabulary.of(items)
    taken = [matches(pattern, vocabulary).takes(vocabulary.encode([t])[:-1]) for t in items]
    assert taken == [re.fullmatch(pattern, item) is not None for item in items]


@pytest.mark.long
def test_a_pattern_that_is_all_in_all_too_large() -> None:
    with pytest.raises(OptionError, match="more than 4,000 states"):
        matches("(([a-z]{1,20}){1,20}){1,40}", Vocabulary("abc"))


@pytest.mark.parametrize(
    "pattern",
    [r"(?a)\w", r"(?ai)\w", r"(?a)\W", r"(?a)[^\W\xc9]", r"(?a)\d", r"\w", r"(?a)(?u:\w)"],
)
def test_what_ascii_alone_means(pattern: str) -> None:
    letters = "a1\xdf\xb5\xc9\u0663"
    taken = [matches(pattern, Vocabulary(letters)).takes([n]) for n in range(1, len(letters) + 1)]
    assert taken == [re.fullmatch(pattern, letter) is not None for letter in letters]
