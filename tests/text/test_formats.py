"""Tables and JSON lines: what they give, and the one sentence for what they can't."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moreish.errors import DataError, OptionError
from moreish.text import read_each, read_items


def written(folder: Path, content: str, name: str) -> Path:
    place = folder / name
    place.write_bytes(content.encode())
    return place


class TestFormats:
    def test_the_name_says_it_or_the_option(self, tmp_path: Path) -> None:
        table = written(tmp_path, "name;n\tname\nemma\tava\n", "list.txt")
        assert read_items(table, column="name", format="tsv").texts == ["ava"]
        assert read_items(table).texts == ["name;n\tname", "emma\tava"]
        texts = written(tmp_path, '"emma"\n"ava"\n', "list.ndjson")
        assert read_items(texts).texts == ["emma", "ava"]
        assert read_items(texts, format="lines").texts == ['"emma"', '"ava"']
        upper = written(tmp_path, '{"name": "ava"}\n', "LIST.JSONL")
        assert read_items(upper, column="name").texts == ["ava"]

    def test_a_column_of_a_file_whose_name_says_nothing_is_one_of_a_table(
        self, tmp_path: Path
    ) -> None:
        assert read_items(written(tmp_path, "a,b\n1,2\n", "list"), column="b").texts == ["2"]

    def test_lines_of_a_table_and_of_json_from_an_iterable(self) -> None:
        assert read_items(["name,n", "ava,3"], column="name").texts == ["ava"]
        assert read_items(iter(['{"a": "emma"}']), column="a", format="jsonl").texts == ["emma"]

    def test_what_does_not_fit(self, tmp_path: Path) -> None:
        place = written(tmp_path, "a\n", "list.txt")
        with pytest.raises(OptionError, match="no format 'xml'; there are lines, csv, tsv, jsonl"):
            read_items(place, format="xml")
        with pytest.raises(OptionError, match="has a line an item, so there is no column 'a'"):
            read_items(place, format="lines", column="a")
        with pytest.raises(OptionError, match="--column is wanted too"):
            read_items(place, weights="a")


class TestTables:
    def test_a_cell_with_a_line_break_is_refused(self, tmp_path: Path) -> None:
        place = written(tmp_path, 'name\nava\n"em\nma"\n', "list.csv")
        with pytest.raises(DataError, match=r"line 4 of .* has a line break inside"):
            read_items(place, column="name")

    def test_quotes_that_never_close(self, tmp_path: Path) -> None:
        place = written(tmp_path, 'name\n"ava\n' + "x" * 200_000, "list.csv")
        with pytest.raises(DataError, match=r"line 3 of .* can't be read as a table: field larger"):
            read_items(place, column="name")

    def test_two_columns_of_one_name(self, tmp_path: Path) -> None:
        place = written(tmp_path, "name,n,n\nava,1,2\n", "list.csv")
        assert read_items(place, column="name").texts == ["ava"]
        with pytest.raises(DataError, match="has 2 columns 'n': give them different names"):
            read_items(place, column="name", weights="n")

    def test_empty_tables(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="has no column 'name'; it has none"):
            read_items(written(tmp_path, "", "list.csv"), column="name")
        with pytest.raises(DataError, match="there are no items in"):
            read_items(written(tmp_path, "name\n", "list.csv"), column="name")

    def test_line_numbers_of_a_table_in_the_report(self, tmp_path: Path) -> None:
        place = written(tmp_path, 'name,n\nava,1\n\n" ",1\nmia,0\nzoe,0\n', "list.csv")
        items = read_items(place, column="name", weights="n")
        assert items.texts == ["ava"]
        assert items.remarks == [
            "2 blank lines were left out, the first is line 3",
            "2 lines of weight 0 were left out, the first is line 5",
        ]

    def test_whole_weights_stay_whole_numbers(self, tmp_path: Path) -> None:
        place = written(tmp_path, "name,n\nava,1.5\nava,1.5\nmia,2\n", "list.csv")
        items = read_items(place, column="name", weights="n")
        assert items.counts.dtype.kind == "i"
        assert items.counts.tolist() == [3, 2]


class TestJsonLines:
    @given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1))
    def test_texts_come_back(
        self, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
    ) -> None:
        """Other lines than texts that are items need not."""
        texts = [f"a{''.join(text.split())}".replace("\0", "") for text in texts]
        place = tmp_path_factory.mktemp("json") / "list.jsonl"
        for ascii_only in (True, False):
            lines = [json.dumps(text, ensure_ascii=ascii_only) for text in texts]
            place.write_bytes("\n".join(lines).encode())
            (place.parent / "plain").write_bytes("\n".join(texts).encode())
            assert read_each(place) == read_each(place.parent / "plain")

    def test_objects(self, tmp_path: Path) -> None:
        lines = '{"name": "Ava", "n": 2, "x": [1]}\n\n{"n": 1.0, "name": "ava"}\n'
        place = written(tmp_path, lines, "list.jsonl")
        items = read_items(place, column="name", weights="n", lower=True)
        assert (items.texts, items.counts.tolist()) == (["ava"], [3])
        assert items.remarks == ["1 blank line was left out, line 2"]

    @pytest.mark.parametrize(
        ("line", "options", "error", "sentence"),
        [
            ('{"name": "mia"', {"column": "name"}, DataError, "line 3 of .* is no JSON"),
            ("[" * 100_000, {}, DataError, "line 3 of .* is no JSON that can be read"),
            ("9" * 10_000, {}, DataError, "line 3 of .* is no JSON that can be read"),
            ('"mia', {}, DataError, "is no JSON: unterminated string starting at character 1"),
            ('{"name": "mia"}', {}, OptionError, "objects with the keys 'name': .*--column"),
            (
                '{"no": 1, "id": 2}',
                {"column": "name"},
                DataError,
                "line 3 .* no 'name'; .* 'id'",
            ),
            ("{}", {"column": "name"}, DataError, "no 'name'; it has none"),
            ('"mia"', {"column": "name"}, DataError, "is a text, not an object with 'name'"),
            ("3", {}, DataError, "line 3 of .* is a number: a text or an object was wanted"),
            ("null", {}, DataError, "is null"),
            ('["mia"]', {}, DataError, "is an array"),
            (
                '{"name": null}',
                {"column": "name"},
                DataError,
                "line 3 .* null as its 'name'",
            ),
            ('{"name": 3}', {"column": "name"}, DataError, "has a number as its 'name'"),
            (r'"a\nb"', {}, DataError, "line 3 of .* has a line break inside"),
            (r'"a\u0000b"', {}, DataError, "line 3 of .* NUL"),
            (r'"a\ud800b"', {}, DataError, r"line 3 of .* half a character \(U\+D800\)"),
        ],
    )
    def test_what_cannot_be(
        self, tmp_path: Path, line: str, options: dict, error: type, sentence: str
    ) -> None:
        first = '{"name": "ava"}' if options else '"ava"'
        place = written(tmp_path, f"{first}\n{first}\n{line}\n", "list.jsonl")
        with pytest.raises(error, match=sentence):
            read_items(place, **options)

    @pytest.mark.parametrize("weight", ["-1", "NaN", "Infinity", '"many"', "true", "null", "[1]"])
    def test_a_weight_that_is_none(self, tmp_path: Path, weight: str) -> None:
        place = written(tmp_path, f'{{"name": "ava", "n": {weight}}}\n', "list.jsonl")
        with pytest.raises(DataError, match=r"line 1 of .* has the weight .* 0 or more"):
            read_items(place, column="name", weights="n")

    def test_a_weight_that_is_missing(self, tmp_path: Path) -> None:
        place = written(tmp_path, '{"name": "ava"}\n', "list.jsonl")
        with pytest.raises(DataError, match=r"line 1 of .* has no 'n'; it has 'name'"):
            read_items(place, column="name", weights="n")
