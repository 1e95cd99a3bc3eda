"""What is read, what is left out, and what is refused in one sentence."""

import io
import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import DataError, OptionError
from moreish.text import Vocabulary, as_read, clean, read_each, read_items, reading


def written(folder: Path, content: bytes, name: str = "list.txt") -> str:
    place = folder / name
    place.write_bytes(content)
    return str(place)


def test_items_are_distinct_and_counted_in_order_of_first_appearance(tmp_path: Path) -> None:
    items = read_items(written(tmp_path, b"emma\nava\nemma\nzoe\nemma\n"))
    assert items.texts == ["emma", "ava", "zoe"]
    assert items.counts.tolist() == [3, 1, 1]


@pytest.mark.parametrize(
    "content",
    [
        b"emma\nava",
        b"emma\r\nava\r\n",
        b"emma\rava\r",
        b"\xef\xbb\xbfemma\nava\n",
        b"  emma \t\n\n \nava\n\n",
    ],
    ids=["no end", "CRLF", "CR", "byte-order mark", "blanks"],
)
def test_the_same_two_items_in_other_clothes(tmp_path: Path, content: bytes) -> None:
    assert read_items(written(tmp_path, content)).texts == ["emma", "ava"]


def test_blank_lines_are_counted_in_a_remark(tmp_path: Path) -> None:
    assert read_items(written(tmp_path, b"emma\n\n \nava\n")).remarks == [
        "2 blank lines were left out, the first is line 2"
    ]


@pytest.mark.parametrize(
    "control", ["\x1b", "\x7f", "\x0b", "\x9b", "\u200b", "\u202e", "\U000e0041"]
)
@pytest.mark.parametrize("name", ["list.txt", "list.csv", "list.jsonl", ""])
def test_control_characters_are_noted(tmp_path: Path, control: str, name: str) -> None:
    texts = ["emma", "ava", f"an{control}na", f"{control.join('abcd')}", "mary ann"]
    source: object = texts
    if name:
        quoted = [json.dumps(text) for text in texts] if name.endswith("jsonl") else texts
        header = ["name", ""] if name.endswith("csv") else ["", ""]
        content = "\n".join((header if "jsonl" not in name else []) + quoted) + "\n"
        source = written(tmp_path, content.encode(), name)
    line = {"list.txt": 5, "list.csv": 5, "list.jsonl": 3, "": 3}[name]
    items = read_items(source, **({"column": "name"} if name.endswith("csv") else {}))
    assert items.texts == texts
    assert items.remarks[-1] == (
        f"2 items hold control or bidirectional characters, the first is line {line} "
        f"(U+{ord(control):04X})"
    )


def test_what_is_seen_or_belongs_to_a_script_is_not_noted(tmp_path: Path) -> None:
    texts = ["a\tb", "می\u200cشود", "👩\u200d🚀", "क्\u200dष", "\u0600\u0661", "a\u00a0b", "\ue000"]
    assert read_items(texts).remarks == []
    assert read_items(written(tmp_path, "\n".join(texts).encode())).remarks == []
    assert "first is line 2 (U+200D)" in read_items(["a", "an\u200dna"]).remarks[0]


def test_composed_and_decomposed_accents_are_one_item() -> None:
    composed = "jos\u00e9"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    items = read_items([composed, decomposed])
    assert items.texts == [composed]
    assert items.counts.tolist() == [2]


@pytest.mark.parametrize("text", ["王芳", "Ольгж", "👩‍🚀🚀", "محمد"])
def test_any_script_is_like_any_other(text: str) -> None:
    assert read_items([text]).texts == [text]


def test_a_line_of_a_million_characters_is_left_out_and_named(tmp_path: Path) -> None:
    items = read_items(written(tmp_path, b"emma\n" + b"x" * 1_000_000 + b"\nava\n"))
    assert items.texts == ["emma", "ava"]
    assert items.remarks == [
        "line 2 (1,000,000 characters) was left out: longer than 1,000 (--max-length)"
    ]
    longest = read_items(str(tmp_path / "list.txt"), max_length=1_000_000)
    assert len(longest) == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty"),
        (b"\n \n\r\n", "3 blank lines were left out"),
        (b"emma\nol\0ivia\n", "line 2 .* NUL"),
        (b"emma\nava\njos\xe9\n", "line 3 .*byte 0xe9 .*--encoding latin-1"),
    ],
    ids=["empty", "blank", "NUL", "not UTF-8"],
)
def test_what_cannot_be_learnt_from_is_said_with_its_line(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        read_items(written(tmp_path, content))


def test_the_right_encoding_helps(tmp_path: Path) -> None:
    place = written(tmp_path, "josé\n".encode("latin-1"))
    assert read_items(place, encoding="latin-1").texts == ["josé"]
    place = written(tmp_path, "josé\nava\n".encode("utf-16"))
    assert read_items(place, encoding="utf-16").texts == ["josé", "ava"]
    with pytest.raises(OptionError, match="no encoding called 'klingon'"):
        read_items(place, encoding="klingon")


def test_utf16_cut_in_the_middle_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected encoding"):
        read_items(written(tmp_path, "josé".encode("utf-16")[:-1]), encoding="utf-16")


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_items(str(tmp_path / "nothing.txt"))
    with pytest.raises(DataError, match="directory"):
        read_items(tmp_path)


@pytest.mark.parametrize("thing", [3, None, b"emma"])
def test_an_item_that_is_no_text(thing: object) -> None:
    with pytest.raises(DataError, match="must be text"):
        read_items([thing])  # type: ignore[list-item]


def test_bytes_are_no_list() -> None:
    with pytest.raises(DataError, match="bytes"):
        read_items(b"emma")  # type: ignore[arg-type]


def test_an_item_with_a_line_break() -> None:
    with pytest.raises(DataError, match="line break"):
        read_items(["em\nma"])


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(DataError, match=r"half a character \(U\+D83D\)"):
        read_items(["em\ud83dma"])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"emma\nava\n")))
    assert read_items("-").texts == ["emma", "ava"]


class TestTables:
    table = b'name,born\n"O\'Neil, Jr",3\nava,2.5\nava,1\n'

    def test_columns(self, tmp_path: Path) -> None:
        place = written(tmp_path, self.table, "list.csv")
        items = read_items(place, column="name", weights="born")
        assert items.texts == ["O'Neil, Jr", "ava"]
        assert items.counts.tolist() == [3, 3.5]
        assert read_items(place, column="name").counts.tolist() == [1, 2]

    def test_tabs(self, tmp_path: Path) -> None:
        place = written(tmp_path, b"name\tborn\nava\t2\n", "list.tsv")
        assert read_items(place, column="name").texts == ["ava"]

    @pytest.mark.parametrize(
        ("options", "error", "sentence"),
        [
            ({}, OptionError, "columns name, born: .*--column"),
            ({"column": "first"}, DataError, "no column 'first'; it has 'name', 'born'"),
            ({"weights": "born"}, OptionError, "--column is wanted too"),
            ({"column": "born", "weights": "name"}, DataError, "line 2 .* weight"),
        ],
    )
    def test_what_does_not_fit(
        self, tmp_path: Path, options: dict[str, str], error: type, sentence: str
    ) -> None:
        with pytest.raises(error, match=sentence):
            read_items(written(tmp_path, self.table, "list.csv"), **options)

    @pytest.mark.parametrize("weight", ["-1", "nan", "inf", "1e308", "", "many"])
    def test_a_weight_that_is_none(self, tmp_path: Path, weight: str) -> None:
        place = written(tmp_path, f"name,born\nava,{weight}\n".encode(), "list.csv")
        with pytest.raises(DataError, match="0 or more"):
            read_items(place, column="name", weights="born")

    def test_rows_of_unequal_length(self, tmp_path: Path) -> None:
        place = written(tmp_path, b"name,born\nava,1\nzoe\n", "list.csv")
        with pytest.raises(DataError, match=r"line 3 .* 1 columns .* 2"):
            read_items(place, column="name")


def test_every_item_in_its_place() -> None:
    assert read_each(["ava", "zoe", "", "ava"])[0] == ["ava", "zoe", "ava"]


def test_the_bundled_list() -> None:
    items = read_items(None)
    assert len(items) > 25_000
    assert "olivia" in items.texts
    weighted = read_items(None, weights="births")
    assert weighted.texts == items.texts
    assert weighted.counts.sum() > 3_000_000


def test_a_length_beyond_all_lines(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("emma\n")
    assert read_items(tmp_path / "list.txt", max_length=10**20).texts == ["emma"]


ODD = st.text(alphabet=" aB\t\v\x1c\x7f~é\u0301\u2028", max_size=4)
GIVEN = st.lists(st.one_of(st.just("anna"), st.just("mary ann"), ODD), max_size=6)


@given(GIVEN, st.booleans(), st.booleans())
def test_items_that_are_given_are_read_as_lines_are(
    texts: list[str], lower: bool, words: bool
) -> None:
    wanted: list[str] | None
    try:
        wanted = [clean(text, lower=lower, words=words) for text in texts]
    except DataError:
        wanted = None
    chunks = []
    try:
        for chunk in as_read(texts, "these", lower=lower, words=words):
            chunks.append(chunk)
    except DataError:
        assert wanted is None
        return
    assert [text for chunk in chunks for text in chunk.texts] == wanted
    for kind in ("characters", "words"):
        vocabulary = Vocabulary.of(["aB~ e"], kind)
        encoded = [vocabulary.encode(chunk.mended, plain=chunk.plain) for chunk in chunks]
        numbers = [number for part in encoded for number in part.tolist()]
        assert numbers == vocabulary.encode(wanted or []).tolist()


def test_the_place_of_what_can_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "AT_ONCE", 2)
    with pytest.raises(DataError, match="line 5 of these"):
        list(as_read(["a", "b", "c ", "d", "e\nf"], "these"))
