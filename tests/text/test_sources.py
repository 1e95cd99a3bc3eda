"""Files, packed or not, several at once, and what can't be read of them."""

import gzip
import io
import sys
from pathlib import Path

import pytest

import moreish
from moreish.errors import DataError, OptionError
from moreish.text import files, read_each, read_items, sources
from moreish.text.reading import Reading

LINES = b"emma\nava\n\nzo\xc3\xab\n" * 50


def stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


class TestGzip:
    @pytest.mark.parametrize("name", ["list.txt.gz", "list.txt", "list", "LIST.GZ"])
    def test_it_is_unpacked_whatever_it_is_called(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "plain").write_bytes(LINES)
        (tmp_path / name).write_bytes(gzip.compress(LINES))
        assert read_each(tmp_path / name) == read_each(tmp_path / "plain")

    def test_from_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stdin(monkeypatch, gzip.compress(LINES))
        assert read_items("-").texts == ["emma", "ava", "zoë"]
        assert sys.stdin.buffer.closed is False

    def test_several_put_one_after_another(self, tmp_path: Path) -> None:
        place = tmp_path / "list"
        place.write_bytes(gzip.compress(b"emma\na") + gzip.compress(b"va\nmia\n"))
        assert read_items(place).texts == ["emma", "ava", "mia"]

    def test_in_another_encoding(self, tmp_path: Path) -> None:
        place = tmp_path / "list"
        place.write_bytes(gzip.compress("josé\nzoë\n".encode("utf-16")))
        assert read_items(place, encoding="utf-16").texts == ["josé", "zoë"]

    def test_tables_and_json_lines(self, tmp_path: Path) -> None:
        for name, content in (
            ("list.csv.gz", b"name,n\nava,2\n"),
            ("list.tsv", b"name\tn\nava\t2\n"),
            ("list.jsonl.gz", b'{"name": "ava", "n": 2}\n'),
        ):
            (tmp_path / name).write_bytes(gzip.compress(content))
            items = read_items(tmp_path / name, column="name", weights="n")
            assert (items.texts, items.counts.tolist()) == (["ava"], [2])

    @pytest.mark.parametrize("left", [2, 5, 12, 40, -1])
    def test_cut_short(self, tmp_path: Path, left: int) -> None:
        place = tmp_path / "list.gz"
        place.write_bytes(gzip.compress(LINES)[:left])
        with pytest.raises(DataError, match=r"list.gz to its end: .* gzip and was cut short"):
            read_items(place)
        with pytest.raises(DataError, match="was cut short"):
            moreish.count(place, block_size=3)

    def test_damaged(self, tmp_path: Path) -> None:
        place = tmp_path / "list.gz"
        content = bytearray(gzip.compress(LINES))
        content[len(content) // 2] ^= 255
        place.write_bytes(content)
        with pytest.raises(DataError, match=r"can't read .*list.gz"):
            read_items(place)
        place.write_bytes(gzip.compress(LINES) + b"and more")
        with pytest.raises(DataError, match=r"gzip and damaged \(there is something else behind"):
            read_items(place)
        place.write_bytes(gzip.compress(LINES)[:-8] + bytes(8))
        with pytest.raises(DataError, match=r"gzip and damaged \(CRC check failed"):
            read_items(place)


class TestSeveral:
    def test_they_are_one_list(self, tmp_path: Path) -> None:
        one, two = tmp_path / "one.txt", tmp_path / "two.txt.gz"
        one.write_bytes(b"emma\nava")
        two.write_bytes(gzip.compress(b"mia\nemma\n"))
        for source in ([one, two], files(one, str(two)), (p for p in (one, two))):
            items = read_items(source)
            assert items.texts == ["emma", "ava", "mia"]
            assert items.counts.tolist() == [2, 1, 1]
            assert items.name == f"{one} and {two}"
        assert Reading([one, two, one]).name == f"{one} and 2 more files"

    def test_strings_in_a_list_are_items(self, tmp_path: Path) -> None:
        assert read_items(["one.txt", "two.txt"]).texts == ["one.txt", "two.txt"]

    def test_a_glob_is_a_list_of_files(self, tmp_path: Path) -> None:
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).write_text(f"{name}\n")
        assert sorted(read_items(tmp_path.glob("*.txt")).texts) == ["a.txt", "b.txt"]

    def test_each_in_its_own_clothes(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("name,n\nemma,3\n")
        (tmp_path / "b.jsonl").write_text('{"n": 2, "name": "ava"}\n')
        (tmp_path / "c.tsv").write_text("n\tname\n1\temma\n")
        items = read_items(sorted(tmp_path.iterdir()), column="name", weights="n")
        assert dict(zip(items.texts, items.counts.tolist(), strict=True)) == {"emma": 4, "ava": 2}

    def test_the_report_is_by_file_with_the_first_line_of_each_reason(self, tmp_path: Path) -> None:
        one, two, three = tmp_path / "one", tmp_path / "two", tmp_path / "three"
        one.write_bytes(b"emma\n\n \n" + b"x" * 20 + b"\n")
        two.write_bytes(b"mia\n" * 3 + b"y" * 30 + b"\n" + b"z" * 40 + b"\n\n")
        three.write_bytes(b"")
        reading = Reading([one, two, three], max_length=10)
        assert [text for chunk in reading.chunks() for text in chunk.texts] == [
            "emma",
            *["mia"] * 3,
        ]
        assert [(left.file, left.why, left.lines, left.first) for left in reading.left_out] == [
            (str(one), "blank", 2, 2),
            (str(one), "too long", 1, 4),
            (str(two), "too long", 2, 4),
            (str(two), "blank", 1, 6),
        ]
        assert reading.remarks == [
            f"{one}: 2 blank lines were left out, the first is line 2",
            f"{one}: line 4 (20 characters) was left out: longer than 10 (--max-length)",
            f"{two}: line 4 (30 characters) and 1 more were left out: longer than 10 "
            "(--max-length)",
            f"{two}: 1 blank line was left out, line 6",
            f"{three} is empty",
        ]

    def test_one_that_is_missing(self, tmp_path: Path) -> None:
        (tmp_path / "one").write_text("emma\n")
        with pytest.raises(DataError, match="nothing: no such file"):
            read_items([tmp_path / "one", tmp_path / "nothing"])

    def test_nothing_in_any(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            (tmp_path / name).write_text("")
        with pytest.raises(
            DataError, match=r"no items in .*one and .*two: .*one is empty; .*two is"
        ):
            read_items([tmp_path / "one", tmp_path / "two"])

    def test_what_is_no_list_of_files(self, tmp_path: Path) -> None:
        with pytest.raises(OptionError, match="one file at least"):
            files()
        with pytest.raises(OptionError, match=r"files\(\*names\)"):
            files(["a.txt"])  # type: ignore[arg-type]
        with pytest.raises(DataError, match="begins with the path 'a' and has 'emma' in it"):
            read_items([Path("a"), "emma"])  # type: ignore[list-item]
        with pytest.raises(DataError, match=r"an item must be text, got .*Path"):
            read_items(["emma", Path("a")])  # type: ignore[list-item]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_lines_are_whole_wherever_chunks_end(
    tmp_path: Path, end: str, encoding: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "list"
    place.write_bytes(end.join(["emma", "", "zoë", "josé maría", "a" * 50]).encode(encoding))
    monkeypatch.setattr(sources, "CHUNK", chunk)
    texts, remarks = read_each(place, encoding=encoding, max_length=40)
    assert texts == ["emma", "zoë", "josé maría"]
    assert [remark[:6] for remark in remarks] == ["1 blan", "line 5"]


def test_a_line_without_end_is_refused_before_memory_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LONGEST_LINE", 1_000)
    monkeypatch.setattr(sources, "CHUNK", 100)
    (tmp_path / "list").write_bytes(b"x" * 5_000)
    with pytest.raises(DataError, match="has a line of more than 1,000 characters"):
        read_items(tmp_path / "list")


@pytest.mark.parametrize("encoding", ["klingon", "base64", "undefined", ""])
def test_no_encoding(encoding: str) -> None:
    with pytest.raises(OptionError, match="there is no encoding called"):
        read_items(["emma"], encoding=encoding)
