"""Read a list: which lines are items, which are left out, and which can't be read, by number.

An item is a line without the blanks around it, in Unicode's composed form (NFC), in lower case
where that is asked for. Items come in chunks and what was left out is counted, so memory follows
the size of a chunk. This module knows nothing of tokens.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ..errors import DataError, OptionError
from .cleaning import are_clean, clean, count_plain_lines, one_blank, plain_lines
from .control_characters import first_control
from .formats import Row, format_of, json_rows, table_rows
from .normalization import MOST_PARTS
from .short_repr import brief
from .sources import Name, Source, byte_chunks, called, is_utf8, lines_of, parts_of, text_chunks

LONGEST = 1_000  # characters of an item
AT_ONCE = 16_384  # rows of a table, or things of an iterable


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


@dataclass
class LeftOut:
    """The lines of one file that were left out for one reason."""

    file: str  # what it is called in messages
    why: str  # "blank", "too long" or "weight 0"
    first: int  # line number
    length: int  # of the first, in characters
    limit: int  # what is longer is too long
    lines: int = 0

    def __str__(self) -> str:
        """A sentence without its full stop.

        >>> str(LeftOut("names.txt", "blank", first=7, length=0, limit=1_000, lines=2))
        '2 blank lines were left out, the first is line 7'
        """
        if self.why == "too long":
            others = f" and {self.lines - 1:,} more were" if self.lines > 1 else " was"
            return (
                f"line {self.first:,} ({self.length:,} characters){others} left out: longer than "
                f"{self.limit:,} (--max-length)"
            )
        kind = "blank line" if self.why == "blank" else f"line of {self.why}"
        if self.lines == 1:
            return f"1 {kind} was left out, line {self.first:,}"
        kind = kind.replace("line", "lines")
        return f"{self.lines:,} {kind} were left out, the first is line {self.first:,}"


@dataclass
class _File:
    """How far a file was read, and what was left out of it, by reason."""

    name: str
    lines: int = 0
    items: int = 0
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    controlled: int = 0  # items with control characters in them
    first_controlled: str = ""  # where the first of these is, and which character it has
    is_foreign: bool = False  # whether it begins with other characters than the files before it

    def leave_out(self, why: str, number: int, text: str, limit: int) -> None:
        """Count a line that is no item."""
        first = LeftOut(self.name, why, number, len(text), limit)
        self.left_out.setdefault(why, first).lines += 1

    def look_for_controls(self, texts: Sequence[str], numbers: Sequence[int]) -> None:
        """Count items that hold control characters."""
        for text, number in zip(texts, numbers, strict=True):
            if not text.isprintable() and (found := first_control(text)):
                if not self.controlled:
                    self.first_controlled = f"line {number:,} (U+{ord(found):04X})"
                self.controlled += 1

    @property
    def remarks(self) -> list[str]:
        """What was left out, and what is noticed of the rest, a sentence each."""
        remarks = [str(left) for left in self.left_out.values()]
        if self.controlled:
            hold = "1 item holds" if self.controlled == 1 else f"{self.controlled:,} items hold"
            remarks.append(
                f"{hold} control or bidirectional characters, the first is {self.first_controlled}"
            )
        return remarks


class Reading:
    """A list on its way in: take its chunks, then ask what was left out.

    `column` and `weights` name columns of a table, or keys of JSON lines; `format` is "lines",
    "csv", "tsv" or "jsonl" where the name of a file does not say it. `lower` makes all of it
    lower case, lines longer than `max_length` characters are left out, and where items are of
    `words` there is one blank between them. `verbatim` leaves other blanks than ASCII's as they are
    and knows no NFC. DataError if there is something that can't be read, OptionError for options
    that don't fit.

    >>> reading = Reading(["emma", "olivia ", "", "emma"])
    >>> [chunk.texts for chunk in reading.chunks()], reading.remarks
    ([['emma', 'olivia', 'emma']], ['1 blank line was left out, line 3'])
    """

    def __init__(
        self,
        source: Source | None,
        *,
        encoding: str = "utf-8",
        column: str | None = None,
        weights: str | None = None,
        format: str | None = None,
        lower: bool = False,
        words: bool = False,
        verbatim: bool = False,
        max_length: int = LONGEST,
    ) -> None:
        if max_length < 1:
            raise OptionError(f"the longest item must have at least 1 character, got {max_length}")
        self.parts = parts_of(source)
        if source is None and column is None:
            column = "name"
        if weights is not None and column is None:
            raise OptionError(
                f"--weights names a column of a table, so --column is wanted too, to read "
                f"{self.name}"
            )
        self.encoding, self.is_utf8 = encoding, is_utf8(encoding)
        self.column, self.weights, self.format = column, weights, format
        self.lower, self.words, self.max_length = lower, words, max_length
        self.verbatim = verbatim
        self.files: list[_File] = []
        self._characters: set[str] = set()  # with which files began

    @property
    def name(self) -> str:
        """What the list is called in messages."""
        if not isinstance(self.parts, list):
            return "the list"
        first, *more = [called(name) for name in self.parts]
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
            return [remark for file in self.files for remark in file.remarks]
        remarks = [f"{file.name}: {remark}" for file in self.files for remark in file.remarks]
        for file in self.files:
            if not file.lines:
                remarks.append(f"{file.name} is empty")
            if file.is_foreign:
                remarks.append(
                    f"{file.name} has no character in common with what was read before it"
                )
        return remarks

    def chunks(self) -> Iterator[Chunk]:
        """The items with their weights, as they come.

        DataError if there is none, OptionError for a column of what is no table.
        """
        if isinstance(self.parts, list):
            for name in self.parts:
                file = self._next_file(called(name))
                chunks = self._of_file(name, file)
                for first in islice(chunks, 1):
                    self._look_at_characters(first, file)
                    yield first
                yield from chunks
        else:
            yield from self._of_iterable(self.parts, self._next_file("the list"))
        if not any(file.items for file in self.files):
            why = "; ".join(self.remarks) or "it is empty"
            raise DataError(f"there are no items in {self.name}: {why}. One item a line is wanted")

    def _next_file(self, name: str) -> _File:
        self.files.append(_File(name))
        return self.files[-1]

    def _look_at_characters(self, chunk: Chunk, file: _File) -> None:
        """Of the first chunk of each of several files."""
        if isinstance(self.parts, list) and len(self.parts) > 1:
            characters = set("".join(chunk.texts))
            file.is_foreign = bool(self._characters) and self._characters.isdisjoint(characters)
            self._characters |= characters

    def _of_file(self, name: Name, file: _File) -> Iterator[Chunk]:
        format = format_of(os.fspath(name), self.format, self.column)
        if format != "lines":
            texts = text_chunks(name, self.encoding)
            lines = (f"{line}\n" for text in texts for line in lines_of(text))
            yield from self._of_rows(lines, format, file)
        elif self.column is not None:
            raise OptionError(
                f"{file.name} has a line an item, so there is no column {self.column!r}"
            )
        elif self.is_utf8:
            for chunk in byte_chunks(name):
                yield from self._of_bytes(chunk, file)
        else:
            for text in text_chunks(name, self.encoding):
                yield from self._of_lines(lines_of(text), file)

    def _of_iterable(self, things: Iterable[object], file: _File) -> Iterator[Chunk]:
        batches = _batches(things, file.name)
        format = format_of("", self.format, self.column)
        if format != "lines":
            lines = (line for batch in batches for line in batch)
            yield from self._of_rows(lines, format, file)
        else:
            for batch in batches:
                yield from self._of_lines(batch, file)

    def _of_rows(self, lines: Iterator[str], format: str, file: _File) -> Iterator[Chunk]:
        if format == "jsonl":
            rows: Iterator[Row] = json_rows(lines, file.name, self.column, self.weights)
        else:
            delimiter = "\t" if format == "tsv" else ","
            rows = table_rows(lines, file.name, self.column, self.weights, delimiter)
        while batch := list(islice(rows, AT_ONCE)):
            numbers, texts, weights = zip(*batch, strict=True)
            yield from self._kept(
                texts, numbers, weights if self.weights is not None else None, file
            )
            file.lines = numbers[-1]

    def _of_bytes(self, chunk: bytes, file: _File) -> Iterator[Chunk]:
        plain = chunk.replace(b"\r\n", b"\n") if b"\r" in chunk else chunk
        if not plain.endswith(b"\n"):
            plain += b"\n"
        is_even = not self.words or (b"  " not in plain and b"\t" not in plain)
        if is_even and (count := count_plain_lines(plain, self.max_length)):
            file.lines += count
            file.items += count
            yield Chunk(plain=plain.lower() if self.lower else plain)
        else:
            yield from self._of_lines(lines_of(chunk.decode("utf-8", "surrogateescape")), file)

    def _of_lines(self, lines: Sequence[str], file: _File) -> Iterator[Chunk]:
        numbers = range(file.lines + 1, file.lines + 1 + len(lines))
        yield from self._kept(lines, numbers, None, file)
        file.lines += len(lines)

    def _kept(
        self,
        lines: Sequence[str],
        numbers: Sequence[int],
        weights: Sequence[float] | None,
        file: _File,
    ) -> Iterator[Chunk]:
        """The lines that are items, mended; the others are counted."""
        if self.verbatim:
            texts = [
                clean(line, n, file.name, self.lower, self.words, verbatim=True)
                for line, n in zip(lines, numbers, strict=True)
            ]
        else:
            texts = self._mended(lines, numbers, file)
        lengths = list(map(len, texts)) or [0]
        if min(lengths) == 0 or max(lengths) > self.max_length or (weights and 0 in weights):
            places = []
            for place, (text, number) in enumerate(zip(texts, numbers, strict=True)):
                if not text:
                    file.leave_out("blank", number, text, self.max_length)
                elif len(text) > self.max_length:
                    file.leave_out("too long", number, text, self.max_length)
                elif weights and not weights[place]:
                    file.leave_out("weight 0", number, text, self.max_length)
                else:
                    places.append(place)
            texts = [texts[place] for place in places]
            numbers = [numbers[place] for place in places]
            weights = weights and [weights[place] for place in places]
        if texts:
            file.items += len(texts)
            file.look_for_controls(texts, numbers)
            yield Chunk(texts, weights)

    def _mended(self, lines: Sequence[str], numbers: Sequence[int], file: _File) -> list[str]:
        texts = list(map(str.strip, lines))
        if self.words:
            texts = [one_blank(text) for text in texts]
        if self.lower:
            texts = list(map(str.lower, texts))
        if not are_clean(texts):
            most = MOST_PARTS * self.max_length  # what is longer is too long in NFC, too
            texts = [
                text if len(text) > most else clean(text, n, file.name)
                for text, n in zip(texts, numbers, strict=True)
            ]
        return texts


def as_read(
    texts: Iterable[str],
    name: str,
    lower: bool = False,
    words: bool = False,
    verbatim: bool = False,
) -> Iterator[Chunk]:
    """Items as they would be read from the lines of a list, but that all stay; some at a time.

    DataError for what no line of a list can be.

    >>> [chunk.texts for chunk in as_read([" Emma", "ava", ""], "these", lower=True)]
    [['emma', 'ava', '']]
    """
    texts, first = iter(texts), 1
    while batch := list(islice(texts, AT_ONCE)):
        if plain := plain_lines(batch, words):
            yield Chunk(plain=plain.lower()) if lower else Chunk(batch, plain=plain)
        else:
            numbered = enumerate(batch, first)
            yield Chunk([clean(text, n, name, lower, words, verbatim) for n, text in numbered])
        first += len(batch)


def _batches(things: Iterable[object], name: str) -> Iterator[list[str]]:
    """The lines of an iterable, some at a time; what goes wrong with it becomes a sentence."""
    things = iter(things)
    while True:
        try:
            batch = list(islice(things, AT_ONCE))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DataError(f"can't read {name}: {reason}") from None
        except UnicodeError as error:
            raise DataError(f"can't decode {name}: {error}") from None
        if not batch:
            return
        texts = [thing for thing in batch if isinstance(thing, str)]
        if len(texts) < len(batch):
            wrong = next(thing for thing in batch if not isinstance(thing, str))
            raise DataError(f"an item must be text, got {wrong!r} of {type(wrong).__name__}")
        yield texts
