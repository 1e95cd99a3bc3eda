"""Control characters are those of Unicode's categories, but for what can be seen."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from moreish.text.control_characters import escaped, holds_control

CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
SEEN = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"


def test_every_character_by_its_category() -> None:
    found = {chr(code) for code in range(sys.maxunicode + 1) if holds_control(chr(code))}
    wanted = {
        c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in CATEGORIES
    }
    assert wanted - found == {"\t", "\n", *SEEN}
    assert all(unicodedata.category(c) == "Cn" for c in found - wanted)  # of a newer Unicode


@given(st.text())
def test_nothing_is_left_and_all_can_be_read_back(text: str) -> None:
    plain = escaped(text)
    assert not holds_control(plain)
    assert (plain == text) == (not holds_control(text))


def test_joiners_stay_where_they_join() -> None:
    for text in ("👩\u200d👩\u200d👧", "می\u200cشود"):
        assert escaped(text) == text
    for text in ("a\u200db", "\u200dж", "ж\u200d", "ж\u200d\u200dж", "ж\u202e\u200dж"):
        assert "\u200d" not in escaped(text)
