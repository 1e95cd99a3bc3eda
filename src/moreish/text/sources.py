"""What a list can be read from: files, standard input, any iterable; and its text, in chunks.

What is packed with gzip is unpacked, by what is in it and not by its name. A chunk ends where a
line ends, so memory follows the size of a chunk. This module knows nothing of items.
"""

import codecs
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, AnyStr

from ..errors import DataError, OptionError

BUNDLED = Path(__file__).parent.parent / "data" / "names.csv.gz"
GZIP = b"\x1f\x8b"
CHUNK = 1 << 18  # bytes
AT_ONCE = 16_384  # things of an iterable, or rows of a table
LONGEST_LINE = 1 << 28  # bytes, or characters; what is longer is no line

Name = str | os.PathLike[str]


@dataclass(frozen=True)
class Files:
    """Several files that are read as one list, one after another."""

    names: tuple[Name, ...]


Source = Name | Files | Iterable[str] | Iterable[os.PathLike[str]]
Part = Name | Iterable[object]  # a file, or an iterable of lines


def files(*names: Name) -> Files:
    """Several files as one list; "-" is standard input. OptionError if there is none.

    >>> files("girls.txt", "boys.txt.gz").names
    ('girls.txt', 'boys.txt.gz')
    """
    if not names:
        raise OptionError("one file at least is wanted")
    for name in names:
        if not isinstance(name, (str, os.PathLike)):
            raise OptionError(f"the name of a file was wanted, got {name!r}: files(*names)?")
    return Files(names)


def parts_of(source: Source | None) -> list[Part]:
    """The files of a source, or the one iterable that it is; without one the bundled list.

    What an iterable gives first says which of the two it is: paths are files, texts are lines.
    DataError for bytes, or for an iterable that gives both.

    >>> parts_of("names.txt"), parts_of([Path("a.txt"), Path("b.txt")])
    (['names.txt'], [PosixPath('a.txt'), PosixPath('b.txt')])
    >>> [list(part) for part in parts_of(["emma", "ava"])]
    [['emma', 'ava']]
    """
    if source is None:
        return [BUNDLED]
    if isinstance(source, (str, os.PathLike)):
        return [source]
    if isinstance(source, Files):
        return list(source.names)
    if isinstance(source, (bytes, bytearray)):
        raise DataError("a list of text was wanted, got bytes: decode them first")
    things = iter(source)
    start = list(islice(things, 1))
    if not start or not isinstance(start[0], os.PathLike):
        return [chain[object](start, things)]
    names: list[Part] = []
    for name in chain[object](start, things):
        if not isinstance(name, os.PathLike):
            raise DataError(
                f"the list begins with the path {str(start[0])!r} and has {name!r} in it: paths of "
                f"files are wanted, or items"
            )
        names.append(name)
    return names


def byte_chunks(name: Name) -> Iterator[bytes]:
    """What is in a file, unpacked, in chunks of whole lines, without a byte-order mark.

    DataError if it can't be read.
    """
    with _told(name), _opened(name) as stream:
        chunks = _whole_lines(iter(lambda: stream.read(CHUNK), b""), b"\n", b"\r", called(name))
        yield next(chunks, b"").removeprefix(codecs.BOM_UTF8)
        yield from chunks


def text_chunks(name: Name, encoding: str) -> Iterator[str]:
    """The text of a file in chunks of whole lines. Bytes that are no UTF-8 come as surrogates.

    DataError if it can't be read or decoded, OptionError if there is no such encoding.
    """
    if is_utf8(encoding):
        for chunk in byte_chunks(name):
            yield chunk.decode("utf-8", "surrogateescape")
        return
    with _told(name), _opened(name) as stream:
        pieces = iter(lambda: stream.read(CHUNK), b"")
        texts = codecs.iterdecode(pieces, encoding, "surrogateescape")
        yield from _whole_lines(texts, "\n", "\r", called(name))


def lists_of_lines(part: Part, encoding: str) -> Iterator[list[str]]:
    """The lines of a file or of an iterable, some at a time. DataError for what is no text."""
    if isinstance(part, str | os.PathLike):
        yield from map(lines_of, text_chunks(part, encoding))
        return
    with _told(part):
        things = iter(part)
        while batch := list(islice(things, AT_ONCE)):
            texts = [thing for thing in batch if isinstance(thing, str)]
            if len(texts) < len(batch):
                wrong = next(thing for thing in batch if not isinstance(thing, str))
                raise DataError(f"an item must be text, got {wrong!r} of {type(wrong).__name__}")
            yield texts


def lines_of(text: str) -> list[str]:
    """The lines of a chunk; they end with LF, CRLF or CR.

    >>> lines_of("emma\\r\\nava\\n\\nmia")
    ['emma', 'ava', '', 'mia']
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def is_utf8(encoding: str) -> bool:
    """Whether it is UTF-8, by any of its names. OptionError if there is no such encoding of text
    that can be read piece by piece."""
    try:
        "".encode(encoding)
        codecs.getincrementaldecoder(encoding)("surrogateescape").decode(b"", True)
    except (LookupError, ValueError):
        raise OptionError(
            f"there is no encoding called {encoding!r} for lists; utf-8 is the usual"
        ) from None
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def called(part: Part) -> str:
    """What a file is called in messages, or an iterable.

    >>> called("-"), called(Path("names.txt"))
    ('standard input', 'names.txt')
    """
    if not isinstance(part, str | os.PathLike):
        return "the list"
    if part == "-":
        return "standard input"
    return "the bundled list" if part == BUNDLED else readable(part) or "''"


def readable(name: Name) -> str:
    """The name of a file as text that can be printed and kept: bytes that are no UTF-8 become �.

    >>> readable("names.txt"), readable("\\udcff.txt")
    ('names.txt', '�.txt')
    """
    return os.fspath(name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@contextmanager
def _opened(name: Name) -> Iterator[io.BufferedIOBase]:
    """The bytes of a file, unpacked where they are packed."""
    with _file(name) as file:
        if file.peek(len(GZIP)).startswith(GZIP):
            import gzip

            yield gzip.GzipFile(fileobj=file)
        else:
            yield file


@contextmanager
def _file(name: Name) -> Iterator[io.BufferedReader]:
    """The bytes of a file as they are; standard input stays open."""
    if name == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise DataError("can't read standard input: it is closed; what is in it is wanted")
        stream: Any = sys.stdin.buffer
        if isinstance(stream, io.BufferedReader):
            yield stream
        else:
            reader = io.BufferedReader(stream)
            yield reader
            reader.detach()
        return
    try:
        file = open(name, "rb")  # noqa: SIM115
    except (OSError, ValueError) as error:  # ValueError: of names with a NUL
        raise DataError(f"can't read {called(name)}: {_reason(error)}") from None
    with file:
        yield file


@contextmanager
def _told(part: Part) -> Iterator[None]:
    """What goes wrong where a list is read, as a sentence."""
    name, is_file = called(part), isinstance(part, str | os.PathLike)
    try:
        yield
    except EOFError:
        raise DataError(
            f"can't read {name} to its end: it is packed with gzip and was cut short"
        ) from None
    except UnicodeError as error:
        hint = ". --encoding says what it is in" if is_file else ""
        raise DataError(f"can't decode {name}: {error}{hint}") from None
    except (OSError, zlib.error) as error:
        if isinstance(error, OSError) and (error.errno is not None or not is_file):
            raise DataError(f"can't read {name}: {_reason(error)}") from None
        rest = "there is something else behind it" if "Not a gzip" in str(error) else str(error)
        raise DataError(f"can't read {name}: it is packed with gzip and damaged ({rest})") from None


def _whole_lines(
    pieces: Iterator[AnyStr], newline: AnyStr, carriage_return: AnyStr, name: str
) -> Iterator[AnyStr]:
    """The same in chunks that end where a line ends; the last one where the file does."""
    nothing = newline[:0]
    waiting: list[AnyStr] = []
    size = 0
    for piece in pieces:
        end = piece.rfind(newline) + 1 or piece.rfind(carriage_return, 0, len(piece) - 1) + 1
        if end:
            waiting.append(piece[:end])
            yield nothing.join(waiting)
            waiting.clear()
            size = 0
        waiting.append(piece[end:])
        size += len(waiting[-1])
        if size > LONGEST_LINE:
            raise DataError(
                f"{name} has a line of more than {LONGEST_LINE:,} characters: is this a list with "
                f"one item a line?"
            )
    if size:
        yield nothing.join(waiting)


def _reason(error: OSError | ValueError) -> str:
    said = (getattr(error, "strerror", None) or str(error)).lower()
    is_folder = isinstance(error, IsADirectoryError)
    return f"{said}: --item-per file makes an item of each of its files" if is_folder else said
