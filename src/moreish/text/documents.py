"""Items that are documents: paragraphs, or whole files. Their lines are put together.

A line end inside a document becomes one blank, so a document is an item like any other, and windows
run across its sentences. This module knows nothing of cleaning and tokens.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import DataError, OptionError
from .sources import Part, called, lines_of, lists_of_lines

__all__ = ["ITEMS", "check_item_per", "documents_of", "files_in", "in_one_line"]

ITEMS = {"line": "lines", "paragraph": "paragraphs", "file": "files"}  # what an item may be
WANTED = {  # in a list without one
    "line": "One item a line is wanted",
    "paragraph": "Paragraphs with blank lines between them are wanted",
    "file": "Each file is an item, so some text is wanted in it",
}
LONGEST = 50_000_000  # characters of a document; its words take about ten times as many bytes


def check_item_per(item_per: str) -> None:
    """OptionError for what no item can be.

    >>> check_item_per("sentence")
    Traceback (most recent call last):
    moreish.errors.OptionError: an item is a line, paragraph or file (--item-per); got 'sentence'
    """
    if item_per not in ITEMS:
        *others, last = ITEMS
        raise OptionError(
            f"an item is a {', '.join(others)} or {last} (--item-per); got {item_per!r}"
        )


def in_one_line(text: str) -> str:
    """A document with one blank wherever a line ends.

    >>> in_one_line("Call me\\n Ishmael. \\n\\nSome years ago")
    'Call me Ishmael. Some years ago'
    """
    if "\n" not in text and "\r" not in text:
        return text
    return " ".join(line for line in map(str.strip, lines_of(text)) if line)


def files_in(parts: Iterable[Part]) -> Iterator[Part]:
    """The same, and in place of each folder the files in it and below, in order, without hidden
    ones. DataError for a folder without any.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("b.txt", ".a.txt"):
    ...         _ = Path(folder, name).write_text("It was the best of times")
    ...     [path.name for path in files_in([folder])]
    ['b.txt']
    """
    for part in parts:
        if not isinstance(part, str | os.PathLike) or not os.path.isdir(part):
            yield part
            continue
        folder = Path(part)
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        shown = [
            path for path in found if not any(n[0] == "." for n in path.relative_to(folder).parts)
        ]
        if not shown:
            raise DataError(f"the folder {called(part)} has no files in it")
        yield from shown


def documents_of(
    part: Part, encoding: str, item_per: str, max_length: int | None
) -> Iterator[tuple[int, str]]:
    """The documents of a file, or of an iterable of texts, each with the number of its first line.

    Between paragraphs there are blank lines. A text of an iterable ends a document, unless it is a
    line with its end. Of a document that is longer than `max_length` not all is given. DataError
    where one is too long to be held.

    >>> list(documents_of(["Call me\\n", "Ishmael.\\n", "\\n", "Some"], "utf-8", "paragraph", None))
    [(1, 'Call me Ishmael.'), (4, 'Some')]
    """
    held: list[str] = []
    size, first, number = 0, 1, 0
    for line in _lines(part, encoding, item_per):
        number += line is not None
        stripped = "" if line is None else line.strip()
        ends = line is None or (item_per == "paragraph" and not stripped)
        if ends and held:
            yield first, " ".join(held)
            held, size = [], 0
        if not stripped or (max_length is not None and size > max_length):
            continue
        first = first if held else number
        held.append(stripped)
        size += len(stripped) + 1
        if size > LONGEST and max_length is None:
            raise DataError(
                f"{called(part)} has a {'paragraph' if item_per == 'paragraph' else 'text'} of "
                f"more than {LONGEST:,} characters, from line {first:,} on, which is too long to "
                f"be one item: make smaller ones of it (--item-per paragraph, with blank lines in "
                f"between), or leave it out (--max-length)"
            )
    if held:
        yield first, " ".join(held)


def _lines(part: Part, encoding: str, item_per: str) -> Iterator[str | None]:
    """The lines of a file or of texts; None where a text ends a document."""
    is_file = isinstance(part, str | os.PathLike)
    for lines in lists_of_lines(part, encoding):
        for line in lines:
            if is_file:
                yield line
                continue
            yield from lines_of(line)
            if item_per == "file" or line.find("\n") != len(line) - 1 or not line:
                yield None
