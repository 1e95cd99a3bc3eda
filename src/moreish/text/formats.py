"""Lists in other clothes than one item a line: tables with a header (CSV, TSV), and JSON lines.

Each row comes as its line number, its text and its weight. This module knows nothing of items.
"""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..errors import DataError, OptionError

FORMATS = ("lines", "csv", "tsv", "jsonl")
ENDINGS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
HEAVIEST = 1e15  # of weights, so that their sums stay numbers

Row = tuple[int, str, float]  # line number, text, weight


class Columns(NamedTuple):
    """What the columns of a table, or the keys of objects, are called; None for none."""

    text: str | None
    weight: str | None

    def named(self) -> list[str]:
        """Those that were named; a name may be empty."""
        return [name for name in self if name is not None]


def format_of(name: str, format: str | None, column: str | None) -> str:
    """How a file is to be read: as it was said, or as its name says, ".gz" aside.

    A file whose name says nothing is a table if a column of it is wanted. OptionError for a format
    that there is not.

    >>> format_of("a.tsv.gz", None, None), format_of("a.txt", None, None), format_of("-", "csv", "")
    ('tsv', 'lines', 'csv')
    """
    if format is not None:
        if format not in FORMATS:
            raise OptionError(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
        return format
    plain = name.lower().removesuffix(".gz")
    by_name = [format for ending, format in ENDINGS.items() if plain.endswith(ending)]
    return by_name[0] if by_name else "lines" if column is None else "csv"


def rows_of(lines: Iterator[str], format: str, name: str, columns: Columns) -> Iterator[Row]:
    """The rows of a table or of JSON lines.

    DataError if a row can't be read, with its line; OptionError for a column that there is not.

    >>> list(rows_of(iter(["name,n", "emma,3"]), "csv", "a.csv", Columns("name", "n")))
    [(2, 'emma', 3.0)]
    """
    if format == "jsonl":
        return _json_rows(lines, name, columns)
    table = csv.reader(lines, delimiter="\t" if format == "tsv" else ",")
    return _table_rows(table, name, columns)


def _table_rows(table: Any, name: str, columns: Columns) -> Iterator[Row]:
    """The rows of a table whose first line names its columns."""
    header = next(_read(table, name), [])
    if columns.text is None:
        raise OptionError(
            f"{name} is a table with the columns {', '.join(header) or '(none)'}: say which "
            f"one holds the items with --column"
        )
    for wanted in columns.named():
        if wanted not in header:
            raise DataError(
                f"{name} has no column {wanted!r}; it has {', '.join(map(repr, header)) or 'none'}"
            )
        if header.count(wanted) > 1:
            raise DataError(
                f"{name} has {header.count(wanted)} columns {wanted!r}: give them different names"
            )
    text_at = header.index(columns.text)
    weight_at = None if columns.weight is None else header.index(columns.weight)
    for row in _read(table, name):
        if not row:
            yield table.line_num, "", 1
        elif len(row) != len(header):
            raise DataError(
                f"line {table.line_num:,} of {name} has {len(row)} columns where the header has "
                f"{len(header)}"
            )
        else:
            weight = 1.0 if weight_at is None else _weight(row[weight_at], table.line_num, name)
            yield table.line_num, row[text_at], weight


def _read(table: Iterator[list[str]], name: str) -> Iterator[list[str]]:
    try:
        yield from table
    except csv.Error as error:
        line = getattr(table, "line_num", 0)
        raise DataError(f"line {line:,} of {name} can't be read as a table: {error}") from None


def _json_rows(lines: Iterator[str], name: str, columns: Columns) -> Iterator[Row]:
    """The rows of JSON lines: a text each, or an object with the text under a key."""
    for number, line in enumerate(lines, 1):
        where = f"line {number:,} of {name}"
        if not line.strip():
            yield number, "", 1
            continue
        try:
            thing = json.loads(line.rstrip())
        except json.JSONDecodeError as error:
            why = error.msg.lower().removesuffix(" at")
            raise DataError(f"{where} is no JSON: {why} at character {error.pos + 1:,}") from None
        except (ValueError, RecursionError):
            raise DataError(f"{where} is no JSON that can be read") from None
        if isinstance(thing, dict):
            yield number, *_of_object(thing, number, name, columns)
        elif not isinstance(thing, str):
            raise DataError(f"{where} is {_kind(thing)}: a text or an object was wanted")
        elif columns.text is not None:
            raise DataError(f"{where} is a text, not an object with {columns.text!r} in it")
        else:
            yield number, thing, 1


def _of_object(
    thing: Mapping[str, Any], number: int, name: str, columns: Columns
) -> tuple[str, float]:
    """The text and the weight in an object."""
    where, keys = f"line {number:,} of {name}", ", ".join(map(repr, thing)) or "none"
    if columns.text is None:
        raise OptionError(
            f"{name} has objects with the keys {keys}: say which one holds the items with --column"
        )
    for wanted in columns.named():
        if wanted not in thing:
            raise DataError(f"{where} has no {wanted!r}; it has {keys}")
    text = thing[columns.text]
    if not isinstance(text, str):
        raise DataError(f"{where} has {_kind(text)} as its {columns.text!r}: a text was wanted")
    return text, 1 if columns.weight is None else _weight(thing[columns.weight], number, name)


def _kind(thing: Any) -> str:
    """What a JSON value is, in words."""
    kinds = {type(None): "null", bool: "true or false", dict: "an object", list: "an array"}
    return kinds.get(type(thing), "a number" if isinstance(thing, (int, float)) else "a text")


def _weight(thing: Any, line: int, name: str) -> float:
    try:
        weight = math.nan if isinstance(thing, bool) else float(thing)
    except (ValueError, TypeError, OverflowError):
        weight = math.nan
    if not 0 <= weight <= HEAVIEST:
        raise DataError(
            f"line {line:,} of {name} has the weight {thing!r}: a number of 0 or more, and at most "
            f"{HEAVIEST:g}, was wanted"
        )
    return weight
