"""From bytes to counts: what never becomes text is counted as what does."""

import gzip
import io
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moreish.errors import DataError, MoreishError, OptionError
from moreish.text import Vocabulary, count, count_contexts, reading, sources
from moreish.text.cleaning import clean, count_plain_lines
from moreish.text.control_characters import holds_control
from moreish.text.reading import Reading

PIECES = [b"a", b"b", b"C", b"emma\n", b"ava\n", b"\n", b" ", b"\r\n", b"\r", b"\t", b"\x0b"]
ODD = [
    b"\x1c",
    b"\0",
    b"\x7f",
    b"\xc3\xa9",
    b"e\xcc\x81",
    b"\xff",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
]
PLAIN = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)
ANYTHING = st.lists(st.sampled_from(PIECES + ODD), max_size=30).map(b"".join)


def as_text(content: bytes, lower: bool, max_length: int) -> tuple[list[str], dict[str, list[int]]]:
    """The items of a file and the numbers of the lines left out, as one would read it by hand."""
    items, left_out = [], {"blank": [], "too long": []}
    file = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", errors="surrogateescape")
    for number, line in enumerate(file, 1):
        text = line.strip()
        if len(text) > reading.MOST_PARTS * max_length:  # what else it is, nobody asks
            left_out["too long"].append(number)
            continue
        text = unicodedata.normalize("NFC", text.lower() if lower else text)
        if "\0" in text or any(0xDC80 <= ord(character) <= 0xDCFF for character in text):
            raise DataError(f"line {number}")
        if not text:
            left_out["blank"].append(number)
        elif len(text) > max_length:
            left_out["too long"].append(number)
        else:
            items.append(text)
    if not items:
        raise DataError("there are no items")
    return items, left_out


@pytest.mark.parametrize("content", [PLAIN, ANYTHING], ids=["plain", "anything"])
@given(st.data(), st.booleans(), st.sampled_from([1, 3, 40]), st.integers(1, 3), st.integers(1, 12))
def test_bytes_are_counted_as_text_is(
    tmp_path_factory: pytest.TempPathFactory,
    content: st.SearchStrategy,
    data: st.DataObject,
    lower: bool,
    max_length: int,
    block_size: int,
    chunk: int,
) -> None:
    """The same table, vocabulary and report, wherever chunks begin and end."""
    place = tmp_path_factory.mktemp("list") / "list"
    place.write_bytes(data.draw(content))
    options = {"lower": lower, "max_length": max_length}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "CHUNK", chunk)
        try:
            items, left_out = as_text(place.read_bytes(), **options)
        except DataError as expected:
            with pytest.raises(DataError, match=str(expected)):
                count(place, block_size=block_size, **options)
            return
        table = count(place, block_size=block_size, **options)
        reading = Reading(place, **options)
        texts = [text for chunk in reading.chunks() for text in chunk.texts]
    vocabulary = Vocabulary.of(items)
    assert table == count_contexts(
        vocabulary.encode(items), block_size, len(vocabulary), vocabulary=vocabulary
    )
    assert texts == items
    report = {left.why: (left.first, left.lines) for left in reading.left_out}
    assert report == {why: (n[0], len(n)) for why, n in left_out.items() if n}
    assert list(table.remarks) == reading.remarks


@given(PLAIN, st.sampled_from([1, 2, 5, 30, 70]))
@example(b"a" * 70 + b"\n", 70)
@example(b"a" * 71 + b"\n", 70)
@example(b"ab\n" * 30 + b"a" * 71 + b"\nab\n", 70)
def test_what_is_called_plain_needs_no_mending(content: bytes, max_length: int) -> None:
    content = b"a" + content + b"\n"
    texts = content.decode("ascii").split("\n")[:-1]
    plain = all(text and text == text.strip() and len(text) <= max_length for text in texts)
    plain &= not any(map(holds_control, texts))
    assert count_plain_lines(content, max_length) == (len(texts) if plain else 0)


@pytest.mark.parametrize("max_length", [1, 2, 3, 8, 9, 70])
def test_a_line_that_is_too_long_is_seen_wherever_it_stands(max_length: int) -> None:
    for offset in range(2 * max_length + 3):
        before, after = b"a\n" * (offset // 2), b"a\n" * (2 * max_length)
        if offset % 2:
            before += b"b" * min(max_length, 2) + b"\n"
        fits = before + b"x" * max_length + b"\n" + after
        assert count_plain_lines(fits, max_length) == fits.count(b"\n")
        long = before + b"x" * (max_length + 1) + b"\n" + after
        assert count_plain_lines(long, max_length) == 0


def test_plain_text_never_becomes_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With LF or CRLF after each line, from a packed file too, in lower case or not."""

    def never(*arguments: object) -> None:
        raise AssertionError("a plain line became text")

    content = b"emma\nmary ann\nAva\n" * 100
    expected = count(content.decode().split(), block_size=2)
    expected = count(content.decode().split("\n")[:-1], block_size=2)
    lowered = count(content.decode().lower().split("\n")[:-1], block_size=2)
    monkeypatch.setattr(reading, "lines_of", never)
    for name, packed in (("lf", content), ("crlf", content.replace(b"\n", b"\r\n"))):
        (tmp_path / name).write_bytes(packed)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(packed))
        for place in (tmp_path / name, tmp_path / f"{name}.gz"):
            assert count(place, block_size=2) == expected
            assert count(place, block_size=2, lower=True) == lowered


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=30))
def test_any_characters_and_words(items: list[str]) -> None:
    """New ones come until the last, and there may be hundreds."""
    try:
        items = list(map(clean, items))
    except MoreishError:
        return
    items = list(filter(None, items)) or ["a"]
    for words, kind in ((False, "characters"), (True, "words")):
        vocabulary = Vocabulary.of(items, kind)
        expected = count_contexts(
            vocabulary.encode(items), 2, len(vocabulary), vocabulary=vocabulary
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading, "AT_ONCE", 2)
            assert count(items, block_size=2, words=words) == expected


def test_plain_bytes_after_hundreds_of_other_characters(tmp_path: Path) -> None:
    place = tmp_path / "list"
    others = [chr(0x4E00 + number) for number in range(300)]
    for items in ([*others, "emma", "ava"], ["emma", *others, "mia"], ["emma", "é", "mia"]):
        place.write_text("\n".join(items), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sources, "CHUNK", 5)
            assert count(place, block_size=2) == count(items, block_size=2)


def test_weights_and_chunks(tmp_path: Path) -> None:
    place = tmp_path / "list.csv"
    place.write_text("name,n\nab,2\nb,0\nab,1\nc,4\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "AT_ONCE", 2)
        table = count(place, block_size=2, column="name", weights="n")
    assert table == count(["ab"] * 3 + ["c"] * 4, block_size=2)
    assert table.remarks == ("1 line of weight 0 was left out, line 3",)
    assert table.counts.dtype == np.int64


def test_the_bundled_list_is_counted_alike_by_column_and_by_line(tmp_path: Path) -> None:
    table = count(block_size=3)
    assert table.items == 32_469
    names = [
        line.split(",")[0]
        for line in gzip.decompress(sources.BUNDLED.read_bytes()).decode().split("\n")[1:-1]
    ]
    (tmp_path / "names").write_text("\n".join(names))
    assert count(tmp_path / "names", block_size=3) == table


def test_what_cannot_be_counted(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"of a list that is counted while .* at most 61"):
        count(["ab"], block_size=62)
    with pytest.raises(OptionError, match=r"with 27 different tokens .* at most 12"):
        count(["abcdefghijklmnopqrstuvwxyz"], block_size=13)
    with pytest.raises(OptionError, match="block size must be 0 or more, got -1"):
        count(["ab"], block_size=-1)
