"""What makes a line an item: no blanks around it, composed Unicode (NFC), and what is refused.

Plain ASCII lines are told apart from the bytes alone, so that they need no cleaning. This module
knows lines, and nothing of files.
"""

import re
from collections.abc import Sequence

import numpy as np

from ..errors import DataError
from .normalization import composed, is_composed

BLANK, END = 32, 10  # all of ASCII's blanks are at most the first; a line ends with the second
PRINTABLE = bytes(range(BLANK, 127))
BLANKS = " \t\v\f"  # of ASCII, within a line


def count_plain_lines(chunk: bytes, max_length: int) -> int:
    """How many lines of plain ASCII text there are, LF after each: items that need no mending and
    no note, none blank, longer than `max_length` or with blanks around it. 0 if it can't be said so
    quickly.

    >>> count_plain_lines(b"emma\\nmary ann\\n", 10), count_plain_lines(b"emma\\n ava\\n", 10)
    (2, 0)
    """
    if not chunk.isascii() or b"\r" in chunk or b"\x7f" in chunk:
        return 0
    codes = np.frombuffer(chunk, np.uint8)
    ends, low = codes == END, codes <= BLANK
    lines = int(np.count_nonzero(ends))
    at_edges = ends[1:] & low[:-1]
    if np.count_nonzero(low) > lines:
        if np.count_nonzero(codes < BLANK) > lines + chunk.count(b"\t"):  # control characters
            return 0
        at_edges |= low[1:] & ends[:-1]
    if low[0] or at_edges.any():
        return 0
    # A line that is too long spans one at least of the blocks of half that size.
    block = min(max_length, len(codes)) // 2 + 1
    if not ends[: len(ends) // block * block].reshape(-1, block).any(axis=1).all():
        longest = np.diff(np.flatnonzero(ends), prepend=-1).max() - 1
        if longest > max_length:
            return 0
    return lines


def clean(
    line: str,
    number: int = 1,
    name: str = "the list",
    lower: bool = False,
    words: bool = False,
    verbatim: bool = False,
) -> str:
    """The item in a line: no blanks around it, in NFC, in lower case if `lower`, with one blank
    between its `words`. `verbatim` knows ASCII's blanks alone, and no NFC.

    DataError if there can't be one.

    >>> clean(" emma "), clean("Emma", lower=True), clean("mary  ann", words=True)
    ('emma', 'emma', 'mary ann')
    """
    where = f"line {number:,} of {name}"
    if not isinstance(line, str):
        raise DataError(f"{where} is {line!r}: a text was wanted")
    if verbatim:
        text = line.strip(BLANKS + "\r\n")
        text = " ".join(words_of(text)) if words else text
    else:
        text = line.strip()
        text = one_blank(text) if words else text
    if lower:
        text = text.lower()
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
        code = ord(text[error.start])
        if not 0xDC80 <= code <= 0xDCFF:
            raise DataError(f"{where} has half a character (U+{code:04X}) in it") from None
        raise DataError(
            f"{where} is not in the expected encoding (byte 0x{code & 0xFF:02x} where a "
            f"character should be): say which it is, as with --encoding latin-1"
        ) from None
    return text if verbatim else composed(text)


def words_of(text: str) -> list[str]:
    """The words of a line that is taken verbatim: what is between blanks of ASCII.

    >>> words_of("red  fo\u00a0x ")
    ['red', 'fo\xa0x']
    """
    return [word for word in re.split(f"[{BLANKS}]", text) if word]


def one_blank(text: str) -> str:
    """With one blank wherever there are some; line breaks stay, to be refused."""
    has_more = "  " in text or not text.isprintable()
    return " ".join(text.split()) if has_more and len(text.splitlines()) < 2 else text


def plain_lines(texts: Sequence[str], words: bool) -> bytes:
    """ASCII items that `clean` would not change, LF after each; none where some might not be so.

    >>> plain_lines(["emma", "mary ann"], False), plain_lines(["ava", "emma "], False)
    (b'emma\\nmary ann\\n', b'')
    """
    try:
        joined = "\n".join(texts) + "\n"
    except TypeError:  # not all are texts
        return b""
    lines = joined.encode() if joined.isascii() else b""
    blank = b" " in lines and (
        lines.startswith(b" ") or b"\n " in lines or b" \n" in lines or (words and b"  " in lines)
    )
    are_plain = not blank and lines.translate(None, PRINTABLE) == b"\n" * len(texts)
    return lines if are_plain else b""


def only_items(texts: Sequence[str], verbatim: bool = False) -> list[str]:
    """Those texts that are items as they are: `clean` would neither change nor empty them.

    >>> only_items(["mary ann", "mary ", " ", "\u00e9", "e\u0301"])
    ['mary ann', 'é']
    """
    if verbatim:
        return [text for text in texts if text and text == text.strip(BLANKS)]
    return [text for text in texts if text and text == text.strip() and is_composed(text)]


def are_clean(texts: Sequence[str]) -> bool:
    """Whether `clean` would change none of these texts without blanks around them."""
    joined = "\n".join(texts)
    if "\0" in joined or "\r" in joined or joined.count("\n") >= max(len(texts), 1):
        return False
    if joined.isascii():
        return True
    try:
        joined.encode()
    except UnicodeEncodeError:
        return False
    return is_composed(joined)
