"""The composed form is Python's, and takes a time that grows with the length."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moreish.errors import OptionError
from moreish.learning import train
from moreish.text import composed, read_items
from moreish.text.normalization import MOST_PARTS, is_composed

EVERY = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]  # above: no parts
MARKS = [character for character in EVERY if unicodedata.combining(character)]
APART = [c for c in EVERY if unicodedata.normalize("NFD", c) != c]
JAMO = ["\u1100", "\u1161", "\u11a8", "\uac00"]
LETTERS = st.one_of(*(st.sampled_from(some) for some in (MARKS, APART, JAMO, list("aeo \n"))))
MANY = "\u0301\u0323" * 500_000  # Python's function takes a quarter of an hour for these


@settings(max_examples=200, deadline=None)
@given(st.text(LETTERS, max_size=12), st.integers(1, 40))
def test_the_composed_form_is_pythons(text: str, times: int) -> None:
    text *= times
    wanted = unicodedata.normalize("NFC", text)
    assert composed(text) == wanted
    assert is_composed(text) == (wanted == text)
    assert MOST_PARTS * len(wanted) >= len(text)


def test_no_character_has_more_parts() -> None:
    assert max(len(unicodedata.normalize("NFD", c)) for c in APART) == MOST_PARTS


@pytest.mark.long
def test_many_marks_take_no_square_of_their_number() -> None:
    began = time.process_time()
    assert len(composed(MANY)) == len(MANY)
    assert not is_composed(MANY)
    items = read_items(["a" + MANY, "ava", "e\u0301" * 1_000, "e\u0301" * 1_001])
    assert items.texts == ["ava", "é" * 1_000]
    assert items.remarks == [
        "line 1 (1,000,001 characters) and 1 more were left out: longer than 1,000 (--max-length)"
    ]
    model = train(["ava", "eva"], model="bigram", split=(100, 0, 0))
    assert len(model.score_samples(["a" + MANY])) == 1
    with pytest.raises(OptionError, match="--prefix can have at most 10,000 characters, got 1,000"):
        model.sample(1, prefix=MANY)
    assert time.process_time() - began < 60
