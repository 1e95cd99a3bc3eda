"""Read a list: which lines are items, which are left out, and which can't be read, by number.

An item is a line without the blanks around it, in Unicode's composed form (NFC). What comes out
are the distinct items in order of first appearance, each with how often it came, so memory
follows what the list contains and not how long it is. This module knows nothing of tokens.
"""

import csv
import io
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sized
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError, OptionError

Source = str | os.PathLike[str] | Iterable[str]

BUNDLED = Path(__file__).parent.parent / "data" / "names.csv"
LONGEST = 1_000


@dataclass(frozen=True)
class Items:
    """Distinct items and how often each came."""

    texts: list[str]  # in order of first appearance
    counts: np.ndarray  # (N,) int64 where lines were counted, float64 where they had weights
    name: str  # what the list is called in messages
    remarks: list[str]  # what was left out and why, a sentence each

    def __len__(self) -> int:
        return len(self.texts)

    def chosen(self, which: np.ndarray) -> "Items":
        """The items where `which` (N,) is true."""
        places = np.flatnonzero(which).tolist()
        return Items([self.texts[i] for i in places], self.counts[which], self.name, [])

    def once(self) -> "Items":
        """The same, each item counted once."""
        return Items(self.texts, np.ones(len(self), dtype=np.int64), self.name, [])


def read_items(
    source: Source | None,
    *,
    encoding: str = "utf-8",
    column: str | None = None,
    weights: str | None = None,
    max_length: int = LONGEST,
) -> Items:
    """The items of a file ("-" is standard input), of any iterable of lines, or the bundled list.

    `column` and `weights` name columns of a table with a header line (.csv, .tsv): the items,
    and how much each counts. Lines longer than `max_length` characters are left out and named in
    the remarks. DataError if there is nothing to read or something that can't be read.

    >>> items = read_items(["emma", "olivia ", "", "emma"])
    >>> items.texts, items.counts.tolist()
    (['emma', 'olivia'], [2, 1])
    """
    counts: dict[str, float] = {}
    with _reading(source, encoding, column, weights, max_length) as (reader, pairs):
        for text, weight in pairs:
            if weight:
                counts[text] = counts.get(text, 0) + weight
    reader.must_have(counts)
    dtype = np.int64 if weights is None else np.float64
    return Items(
        list(counts),
        np.fromiter(counts.values(), dtype, len(counts)),
        reader.name,
        reader.remarks(),
    )


def read_each(
    source: Source | None,
    *,
    encoding: str = "utf-8",
    column: str | None = None,
    max_length: int = LONGEST,
) -> tuple[list[str], list[str]]:
    """Every item in its place, repeats too, and the remarks; see `read_items`.

    >>> read_each(["ava", "", "ava"])
    (['ava', 'ava'], ['1 blank line was left out'])
    """
    with _reading(source, encoding, column, None, max_length) as (reader, pairs):
        texts = [text for text, _ in pairs]
    reader.must_have(texts)
    return texts, reader.remarks()


@contextmanager
def _reading(
    source: Source | None,
    encoding: str,
    column: str | None,
    weights: str | None,
    max_length: int,
) -> Iterator[tuple["_Reader", Iterator[tuple[str, float]]]]:
    """A reader for the source, and the items with their weights as they come."""
    if max_length < 1:
        raise OptionError(f"the longest item must have at least 1 character, got {max_length}")
    if source is None:
        source, column = BUNDLED, column or "name"
    reader = _Reader(_name_of(source), max_length)
    with _opened(source, encoding) as lines:
        rows = _rows(lines, reader.name, column, weights, str(source).endswith(".tsv"))
        yield reader, reader.texts(rows)


def _name_of(source: Source) -> str:
    if source == "-":
        return "standard input"
    if source == BUNDLED:
        return "the bundled list"
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else "the list"


def _opened(source: Source, encoding: str) -> AbstractContextManager[Iterable[str]]:
    """The lines; bytes that don't fit the encoding come as surrogates, which `clean` finds."""
    if not isinstance(source, (str, os.PathLike)):
        if isinstance(source, (bytes, bytearray)):
            raise DataError("a list of text was wanted, got bytes: decode them first")
        return nullcontext(source)
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"  # drops a byte-order mark
    try:
        if source == "-":
            return io.TextIOWrapper(sys.stdin.buffer, encoding, errors="surrogateescape")
        return open(source, encoding=encoding, errors="surrogateescape")
    except OSError as error:
        raise DataError(f"can't read {source}: {(error.strerror or str(error)).lower()}") from None
    except LookupError:
        raise OptionError(f"there is no encoding called {encoding!r}; utf-8 is the usual") from None


def _rows(
    lines: Iterable[str], name: str, column: str | None, weights: str | None, tabs: bool
) -> Iterator[tuple[int, str, float]]:
    """(line number, text, weight) for each line or row."""
    if column is None and weights is None:
        if name.endswith((".csv", ".tsv")):
            header = next(iter(csv.reader(lines, delimiter="\t" if tabs else ",")), [])
            raise OptionError(
                f"{name} is a table with the columns {', '.join(header) or '(none)'}: say which "
                f"one holds the items with --column"
            )
        yield from ((number, line, 1) for number, line in enumerate(_guarded(lines, name), 1))
        return
    if column is None:
        raise OptionError("--weights names a column of a table, so --column is wanted too")
    table = csv.reader(_guarded(lines, name), delimiter="\t" if tabs else ",")
    header = next(table, [])
    for wanted in filter(None, (column, weights)):
        if wanted not in header:
            raise DataError(
                f"{name} has no column {wanted!r}; it has {', '.join(map(repr, header))}"
            )
    text_at, weight_at = header.index(column), header.index(weights) if weights else -1
    for row in table:
        if not row:
            yield table.line_num, "", 1
        elif len(row) != len(header):
            raise DataError(
                f"line {table.line_num} of {name} has {len(row)} columns where the header has "
                f"{len(header)}"
            )
        else:
            weight = _weight(row[weight_at], table.line_num, name) if weights else 1
            yield table.line_num, row[text_at], weight


def _guarded(lines: Iterable[str], name: str) -> Iterator[str]:
    """The lines; an error of the system or of the decoder becomes a sentence."""
    try:
        for line in lines:
            if not isinstance(line, str):
                raise DataError(f"an item must be text, got {line!r} of {type(line).__name__}")
            yield line
    except OSError as error:
        raise DataError(f"can't read {name}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeError as error:
        raise DataError(f"can't decode {name}: {error}. --encoding says what it is in") from None


def _weight(text: str, line: int, name: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight < np.inf:
        raise DataError(
            f"line {line} of {name} has the weight {text!r}: a number of 0 or more was wanted"
        )
    return weight


class _Reader:
    """Goes through the rows of a list once and remembers what it left out."""

    def __init__(self, name: str, max_length: int) -> None:
        self.name = name
        self.max_length = max_length
        self.blank = 0
        self.too_long: list[tuple[int, int]] = []

    def texts(self, rows: Iterator[tuple[int, str, float]]) -> Iterator[tuple[str, float]]:
        """The items with their weights."""
        for number, line, weight in rows:
            text = clean(line, number, self.name)
            if not text:
                self.blank += 1
            elif len(text) > self.max_length:
                self.too_long.append((number, len(text)))
            else:
                yield text, weight

    def remarks(self) -> list[str]:
        """A sentence for each kind of line that was left out."""
        remarks = []
        if self.blank:
            lines = "lines were" if self.blank > 1 else "line was"
            remarks.append(f"{self.blank:,} blank {lines} left out")
        if self.too_long:
            number, length = self.too_long[0]
            more = len(self.too_long) - 1
            others = f" and {more:,} more were" if more else " was"
            remarks.append(
                f"line {number} ({length:,} characters){others} left out: longer than "
                f"{self.max_length:,} (--max-length)"
            )
        return remarks

    def must_have(self, items: Sized) -> None:
        """DataError where nothing is left."""
        if not items:
            why = "; ".join(self.remarks()) or "it is empty"
            raise DataError(f"there are no items in {self.name}: {why}. One item a line is wanted")


def clean(line: str, number: int = 1, name: str = "the list") -> str:
    """The item in a line: no blanks around it, in NFC. DataError if there can't be one.

    >>> clean(" emma ")
    'emma'
    """
    text = line.strip()
    where = f"line {number:,} of {name}"
    if "\0" in text:
        raise DataError(
            f"{where} has a NUL character: is this a text file? If it is in another encoding, "
            f"as UTF-16, say so with --encoding"
        )
    if "\n" in text or "\r" in text:
        raise DataError(f"{where} has a line break inside: one item a line is wanted")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) - 0xDC00
        raise DataError(
            f"{where} is not in the expected encoding (byte 0x{byte & 0xFF:02x} where a "
            f"character should be): say which it is, as with --encoding latin-1"
        ) from None
    return unicodedata.normalize("NFC", text)
