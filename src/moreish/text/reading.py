"""Read a list: which lines are items, which are left out, and which can't be read, by number.

A list is opened, decoded, parsed, cleaned and given in chunks: a line of generators, each of which
takes what the one before it yields. An item is a line without the blanks around it, in Unicode's
composed form (NFC), in lower case where that is asked for. What was left out is counted, so memory
follows the size of a chunk. This module knows nothing of tokens.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, InitVar, dataclass
from itertools import islice

from ..errors import DataError, OptionError
from .cleaning import are_clean, clean, count_plain_lines, one_blank, plain_lines
from .documents import LONGEST as DOCUMENT
from .documents import WANTED, check_item_per, documents_of, files_in, in_one_line
from .formats import Columns, Row, format_of, rows_of
from .left_out import FileNotes, LeftOut
from .normalization import MOST_PARTS
from .short_repr import brief
from .sources import (
    AT_ONCE,
    Part,
    Source,
    byte_chunks,
    called,
    is_utf8,
    lines_of,
    lists_of_lines,
    parts_of,
)

LONGEST = 1_000  # characters of an item
DOCUMENTS = 256  # that are mended at once


@dataclass(frozen=True)
class Chunk:
    """Some items: as texts, or as bytes of plain ASCII, LF after each, or as both."""

    __repr__ = brief

    mended: Sequence[str] = ()
    weights: Sequence[float] | None = None  # one an item; None where each is a line
    plain: bytes = b""

    @property
    def texts(self) -> Sequence[str]:
        """The items."""
        return self.mended or self.plain.decode("ascii").split("\n")[:-1]


@dataclass(frozen=True)
class Lines:
    """Some lines of a file, parsed: their texts, or bytes of plain ASCII that need no mending."""

    __repr__ = brief

    numbers: Sequence[int]
    texts: Sequence[str] = ()
    weights: Sequence[float] | None = None  # None where each is a line
    plain: bytes = b""


@dataclass(repr=False, eq=False)
class Reading:
    """A list on its way in: take its chunks, then ask what was left out.

    `column` and `weights` name columns of a table, or keys of JSON lines; `format` is "lines",
    "csv", "tsv" or "jsonl" where the name of a file does not say it. `lower` makes all of it
    lower case, lines longer than `max_length` characters (1,000) are left out, and where items are
    of `words` there is one blank between them. `verbatim` leaves other blanks than ASCII's as they
    are and knows no NFC. With `item_per` "paragraph" or "file" an item is a document, of any
    length; see `documents`. DataError if there is something that can't be read, OptionError for
    options that don't fit.

    >>> reading = Reading(["emma", "olivia ", "", "emma"])
    >>> [chunk.texts for chunk in reading.chunks()], reading.remarks
    ([['emma', 'olivia', 'emma']], ['1 blank line was left out, line 3'])
    """

    source: InitVar[Source | None]
    _: KW_ONLY
    encoding: str = "utf-8"
    column: str | None = None
    weights: str | None = None
    format: str | None = None
    lower: bool = False
    words: bool = False
    verbatim: bool = False
    item_per: str = "line"
    max_length: int | None = None

    def __post_init__(self, source: Source | None) -> None:
        if self.max_length is not None and self.max_length < 1:
            raise OptionError(
                f"the longest item must have at least 1 character, got {self.max_length}"
            )
        check_item_per(self.item_per)
        self.longest = self.max_length or (LONGEST if self.item_per == "line" else DOCUMENT)
        self.parts = parts_of(source)
        if self.item_per != "line":
            self.parts = list(files_in(self.parts))
        if source is None and self.column is None:
            self.column = "name"
        if self.weights is not None and self.column is None:
            raise OptionError(
                f"--weights names a column of a table, so --column is wanted too, to read "
                f"{self.name}"
            )
        self._is_utf8 = is_utf8(self.encoding)
        self.files: list[FileNotes] = []
        self._characters: set[str] = set()  # with which files began

    @property
    def name(self) -> str:
        """What the list is called in messages."""
        first, *more = map(called, self.parts)
        if not more:
            return first
        return f"{first} and {more[0] if len(more) == 1 else f'{len(more)} more files'}"

    @property
    def left_out(self) -> list[LeftOut]:
        """What was left out so far, by file and reason."""
        return [left for file in self.files for left in file.left_out.values()]

    @property
    def remarks(self) -> list[str]:
        """The same as sentences, and what is noticed of the rest; of several files also which had
        nothing in them."""
        if len(self.files) < 2:
            return [remark for file in self.files for remark in [*file.remarks, *self._one_item]]
        remarks = [f"{file.name}: {remark}" for file in self.files for remark in file.remarks]
        for file in self.files:
            if not file.lines:
                remarks.append(f"{file.name} is empty")
            if file.is_foreign:
                remarks.append(
                    f"{file.name} has no character in common with what was read before it"
                )
        return remarks

    @property
    def _one_item(self) -> list[str]:
        """What is said of a file that may be a list, and was taken for running text."""
        if self.item_per != "paragraph" or self.files[0].items != 1:
            return []
        return [
            f"{self.name} has no blank line in between, so all of it is one item: --item-per line "
            f"makes an item of each line"
        ]

    def chunks(self) -> Iterator[Chunk]:
        """The items with their weights, as they come.

        DataError if there is none, OptionError for a column of what is no table.
        """
        for part in self.parts:
            file = FileNotes(called(part), self.item_per)
            self.files.append(file)
            chunks = self._cleaned(self._parsed(part, file.name), file)
            for first in islice(chunks, 1):
                self._look_at_characters(first, file)
                yield first
            yield from chunks
        if not any(file.items for file in self.files):
            why = "; ".join(self.remarks) or "it is empty"
            wanted = WANTED[self.item_per]
            raise DataError(f"there are no items in {self.name}: {why}. {wanted}")

    def _look_at_characters(self, chunk: Chunk, file: FileNotes) -> None:
        """Of the first chunk of each of several files."""
        if len(self.parts) > 1:
            characters = set("".join(chunk.texts))
            file.is_foreign = bool(self._characters) and self._characters.isdisjoint(characters)
            self._characters |= characters

    def _parsed(self, part: Part, name: str) -> Iterator[Lines]:
        """The lines of a file or an iterable, opened, decoded and parsed."""
        path = os.fspath(part) if isinstance(part, str | os.PathLike) else None
        format = format_of(path or "", self.format, self.column)
        if format != "lines" and self.item_per != "line":
            raise OptionError(
                f"{name} has a row an item, so --item-per {self.item_per} does not go with it"
            )
        if format != "lines":
            end = "" if path is None else "\n"
            lists = lists_of_lines(part, self.encoding)
            lines = (f"{line}{end}" for lines in lists for line in lines)
            rows = rows_of(lines, format, name, Columns(self.column, self.weights))
            return _in_batches(rows, is_weighted=self.weights is not None)
        if self.column is not None:
            raise OptionError(f"{name} has a line an item, so there is no column {self.column!r}")
        if self.item_per != "line":
            documents = documents_of(part, self.encoding, self.item_per, self.max_length)
            return _in_batches(((n, text, 1.0) for n, text in documents), False, DOCUMENTS)
        if isinstance(part, str | os.PathLike) and self._is_utf8:
            return self._lines_of_bytes(byte_chunks(part))
        return _numbered(lists_of_lines(part, self.encoding))

    def _lines_of_bytes(self, chunks: Iterator[bytes]) -> Iterator[Lines]:
        """Decoded, where they are not plain ASCII that needs no mending."""
        before = 0
        for chunk in chunks:
            plain = chunk.replace(b"\r\n", b"\n") if b"\r" in chunk else chunk
            if not plain.endswith(b"\n"):
                plain += b"\n"
            is_even = not self.words or (b"  " not in plain and b"\t" not in plain)
            count = count_plain_lines(plain, self.longest) if is_even else 0
            texts = [] if count else lines_of(chunk.decode("utf-8", "surrogateescape"))
            numbers = range(before + 1, before + 1 + (count or len(texts)))
            yield Lines(numbers, texts, plain=plain if count else b"")
            before += len(numbers)

    def _cleaned(self, batches: Iterator[Lines], file: FileNotes) -> Iterator[Chunk]:
        """The lines that are items, mended; the others are counted."""
        for lines in batches:
            if lines.numbers:
                file.lines = lines.numbers[-1]
            if lines.plain:
                file.items += len(lines.numbers)
                yield Chunk(plain=lines.plain.lower() if self.lower else lines.plain)
                continue
            texts = self._mended(lines.texts, lines.numbers, file)
            kept = self._kept(Lines(lines.numbers, texts, lines.weights), file)
            if kept.texts:
                file.items += len(kept.texts)
                file.look_for_controls(kept.texts, kept.numbers)
                yield Chunk(kept.texts, kept.weights)

    def _kept(self, lines: Lines, file: FileNotes) -> Lines:
        """Without those that are no items."""
        lengths, weights = list(map(len, lines.texts)) or [0], lines.weights
        if min(lengths) > 0 and max(lengths) <= self.longest and 0 not in (weights or ()):
            return lines
        places = []
        for place, (text, number) in enumerate(zip(lines.texts, lines.numbers, strict=True)):
            if not text:
                file.leave_out("blank", number, text, self.longest)
            elif len(text) > self.longest:
                file.leave_out("too long", number, text, self.longest)
            elif weights and not weights[place]:
                file.leave_out("weight 0", number, text, self.longest)
            else:
                places.append(place)
        return Lines(
            [lines.numbers[place] for place in places],
            [lines.texts[place] for place in places],
            weights and [weights[place] for place in places],
        )

    def _mended(self, lines: Sequence[str], numbers: Sequence[int], file: FileNotes) -> list[str]:
        if self.verbatim:
            return [
                clean(line, n, file.name, self.lower, self.words, verbatim=True)
                for line, n in zip(lines, numbers, strict=True)
            ]
        texts = list(map(str.strip, lines))
        if self.words:
            texts = [one_blank(text) for text in texts]
        if self.lower:
            texts = list(map(str.lower, texts))
        if not are_clean(texts):
            most = MOST_PARTS * self.longest  # what is longer is too long in NFC, too
            texts = [
                text if len(text) > most else clean(text, n, file.name)
                for text, n in zip(texts, numbers, strict=True)
            ]
        return texts


def _numbered(lists: Iterator[list[str]]) -> Iterator[Lines]:
    """Lines with their numbers."""
    before = 0
    for texts in lists:
        yield Lines(range(before + 1, before + 1 + len(texts)), texts)
        before += len(texts)


def _in_batches(rows: Iterator[Row], is_weighted: bool, at_once: int = AT_ONCE) -> Iterator[Lines]:
    """Rows, some at a time."""
    while batch := list(islice(rows, at_once)):
        numbers, texts, weights = zip(*batch, strict=True)
        yield Lines(numbers, texts, weights if is_weighted else None)


def as_read(
    texts: Iterable[str],
    name: str,
    lower: bool = False,
    words: bool = False,
    verbatim: bool = False,
    item_per: str = "line",
) -> Iterator[Chunk]:
    """Items as they would be read from the lines of a list, but that all stay; some at a time.
    Where items are documents, each text is one.

    DataError for what no line of a list can be.

    >>> [chunk.texts for chunk in as_read([" Emma", "ava", ""], "these", lower=True)]
    [['emma', 'ava', '']]
    """
    texts, first = iter(texts), 1
    while batch := list(islice(texts, AT_ONCE)):
        if item_per != "line":
            batch = [in_one_line(text) if isinstance(text, str) else text for text in batch]
        if plain := plain_lines(batch, words):
            yield Chunk(plain=plain.lower()) if lower else Chunk(batch, plain=plain)
        else:
            numbered = enumerate(batch, first)
            yield Chunk([clean(text, n, name, lower, words, verbatim) for n, text in numbered])
        first += len(batch)
