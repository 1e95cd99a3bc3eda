import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import DataError
from moreish.text import Vocabulary

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), min_size=1)


@given(st.lists(texts, min_size=1))
def test_what_is_encoded_is_decoded(items: list[str]) -> None:
    vocabulary = Vocabulary.of(items)
    numbers = vocabulary.encode(items)
    assert vocabulary.decode(numbers) == items
    assert (numbers < len(vocabulary)).all()


@given(st.lists(texts, min_size=1), st.lists(texts, min_size=1))
def test_unknown_characters_have_the_number_past_the_last(known: list[str], new: list[str]) -> None:
    vocabulary = Vocabulary.of(known)
    expected = [
        vocabulary.numbers.get(character, len(vocabulary)) if character else 0
        for text in new
        for character in [*text, ""]
    ]
    assert vocabulary.encode(new).tolist() == expected


def test_numbers_that_have_no_room_in_a_byte() -> None:
    vocabulary = Vocabulary(["a", "z", *map(chr, range(0x4E00, 0x4E00 + 300))])
    assert vocabulary.encode(["za", "b"]).tolist() == [2, 1, 0, vocabulary.unknown, 0]
    assert vocabulary.encode([], plain=b"za\nb\n").tolist() == [2, 1, 0, 303, 0]
    assert vocabulary.encode(["z\u4e00"]).tolist() == [2, 3, 0]


def test_words() -> None:
    vocabulary = Vocabulary.of(["red apple", "green apple"], kind="words")
    assert vocabulary.tokens == ("apple", "green", "red")
    numbers = vocabulary.encode(["red  apple", "blue apple"])
    assert numbers.tolist() == [3, 1, 0, 4, 1, 0]
    assert vocabulary.decode(np.array([3, 1, 0, 2, 0])) == ["red apple", "green"]


def test_a_prefix_that_no_item_can_have() -> None:
    vocabulary = Vocabulary.of(["emma"])
    assert vocabulary.must_know("ame", "the prefix").tolist() == [1, 3, 2]
    with pytest.raises(DataError, match="'x'"):
        vocabulary.must_know("exa", "the prefix")
