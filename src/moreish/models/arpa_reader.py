r"""Reads ARPA files, of other programs too, line by line; says what is wrong with one, and where.

Text before the head, a byte-order mark and what is packed with gzip are taken as they come. In a
file that begins with `iARPA` each number above order 1 is a smoothed frequency, to which the
back-off weight times the probability of the shorter gram is added. Dataset follows the number of
grams, whatever a packed file may unpack to.

Source: M. Federico, N. Bertoldi, M. Cettolo, "IRSTLM: an Open Source Toolkit for Handling Large
Scale Language Models", Interspeech 2008 (iARPA, as its `lmtable` reads it).
"""

import codecs
import gzip
import math
import os
import re
import zlib
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..errors import ModelFileError
from ..text import BOUNDARY, Vocabulary, digits_of, longest_in_window
from ..text.sorted_arrays import find
from ..text.vocabulary import UNKNOWN
from .arpa_writer import END, FAR, FOOT, HEAD, LN10, START, opened, unwritten
from .backoff import LARGEST, NEVER, BackOff, Grams, log_probs_of

__all__ = ["read_arpa"]

LONGEST = 1 << 16  # bytes of a line
ABSENT = -100.0  # the decimal logarithm that KenLM takes where there is no <unk>
MANY = 1 << 16  # grams, from which on repeats are looked for as they come
COUNT = re.compile(rb"ngram\s+(\d{1,18})\s*=\s*(\d{1,18})")
MARKS = {mark.encode(): mark for mark in (START, END)}
UNKNOWNS = (UNKNOWN.encode(), UNKNOWN.upper().encode())

Lines = Iterator[tuple[int, bytes]]  # from 1 on, as they are


class Row(NamedTuple):
    """A gram."""

    line: int
    log_prob: float  # decimal logarithms, both
    words: list[bytes]
    back_off: float


def read_arpa(path: str | os.PathLike[str], blank: str | None = None) -> tuple[BackOff, Vocabulary]:
    r"""The model, and its vocabulary with a token for unknown ones.

    The tokens are characters where all are of one character, and else words; with a `blank` they
    are characters, and that word stands for a blank. ModelFileError if the file is wrong.

    >>> from tempfile import TemporaryDirectory
    >>> text = "\\data\\\nngram 1=3\n\n\\1-grams:\n-99 <s>\n-0.3 a\n-0.3 </s>\n\n\\end\\\n"
    >>> with TemporaryDirectory() as folder:
    ...     with open(f"{folder}/a.arpa", "w") as file:
    ...         _ = file.write(text)
    ...     model, vocabulary = read_arpa(f"{folder}/a.arpa")
    >>> vocabulary.tokens, np.exp(model.next_log_probs(np.array([[0]]))).round(2)
    (('a',), array([[0.5, 0.5, 0. ]]))
    """
    try:
        with opened(path) as file:
            lines = _lines(iter(lambda: file.readline(LONGEST + 1), b""))
            found = _model_of(lines, blank)
            file.read(FAR)  # up to the end, where what is packed has its checksum
            return found
    except ValueError as error:
        why = str(error)
    except gzip.BadGzipFile:
        why = "what follows its packed part is not packed with gzip"
    except (EOFError, zlib.error):
        why = "it is packed with gzip and damaged or cut short"
    except OSError as error:
        why = (error.strerror or str(error)).lower()
    raise ModelFileError(f"can't read the ARPA file {path}: {why}")


def _lines(parts: Iterator[bytes]) -> Lines:
    """Lines with their numbers; ValueError for what can't be one."""
    for number, line in enumerate(parts, 1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise ValueError("line 1 is in UTF-16: save the file in UTF-8")
        if b"\0" in line:
            raise ValueError(
                f"line {number:,} has a NUL character: is the file in UTF-16? UTF-8 is wanted"
            )
        if len(line) > LONGEST:
            raise ValueError(f"line {number:,} is longer than {LONGEST:,} bytes")
        yield number, line


def _model_of(lines: Lines, blank: str | None) -> tuple[BackOff, Vocabulary]:
    is_interpolated, sizes = _head(lines)
    rows = {}
    for row in _rows(lines, 1, sizes):
        if row.words[0] in rows:
            raise ValueError(f"line {row.line:,} has the token {_shown(row.words[0])} again")
        rows[row.words[0]] = row
    vocabulary, numbers = _vocabulary(rows, blank)
    V, longest = len(vocabulary), longest_in_window(len(vocabulary) + 1)
    if len(sizes) > longest + 1:
        raise ValueError(
            f"it is of order {len(sizes)} and has {len(vocabulary.tokens):,} tokens, which is too "
            f"large: with so many tokens order {longest + 1} at most can be read"
        )
    log_probs = np.full(V, ABSENT)
    for word, row in rows.items():
        if word != START.encode():
            log_probs[numbers[word]] = row.log_prob
    grams = [Grams(V, np.arange(V), log_probs * LN10, np.zeros(1, np.int64), np.zeros(1))]
    weights = {numbers[word]: row.back_off for word, row in rows.items() if word != END.encode()}
    contexts = np.array(sorted(weights), dtype=np.int64)
    back_offs = np.array([weights[number] for number in contexts.tolist()])
    for order in range(2, max(len(sizes), 2) + 1):
        if order > len(sizes):  # of unigrams alone
            own, logs, more = np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
        else:
            own, logs, more = _section(_rows(lines, order, sizes), order, numbers, V)
        given = back_offs != 0
        found = Grams.of(V, own, logs * LN10, contexts[given], back_offs[given] * LN10)
        if is_interpolated:
            found = _interpolated(found, grams, order)
        grams.append(found)
        goes_on = own % V != BOUNDARY
        contexts, back_offs = own[goes_on], more[goes_on]
    return BackOff.given(V, grams), vocabulary


def _head(lines: Lines) -> tuple[bool, list[int]]:
    """Whether the numbers are those of iARPA, and how many grams of each order there are."""
    first, skipped = b"", 0
    for _, line in lines:
        text = line.strip()
        if text == HEAD.encode():
            break
        first = first or text
        skipped += len(line)
        if skipped > FAR:
            raise ValueError(f"there is no line {HEAD} within {FAR:,} bytes")
    else:
        raise ValueError(f"it has no line {HEAD}")
    sizes: list[int] = []
    for number, line in lines:
        text = line.strip()
        skipped += len(line)
        if skipped > 2 * FAR:
            raise ValueError(f"line {number:,} is still in its head, after {FAR:,} bytes")
        if match := COUNT.fullmatch(text):
            if int(match[1]) != len(sizes) + 1:
                raise ValueError(f"line {number:,} is {_shown(text)}, not ngram {len(sizes) + 1}=")
            sizes.append(int(match[2]))
        elif sizes and text == b"\\1-grams:":
            return first == b"iARPA", sizes
        elif text:
            raise ValueError(
                f"line {number:,} is {_shown(text)}: after {HEAD} lines as ngram 1=5 were wanted, "
                f"and then \\1-grams:"
            )
    raise ValueError("it ends within its head: was it cut short?")


def _rows(lines: Lines, order: int, sizes: list[int]) -> Iterator[Row]:
    """The grams of an order, up to the line that begins the next; ValueError where they are not
    as many as the head says."""
    end = FOOT if order == len(sizes) else f"\\{order + 1}-grams:"
    size, found, skipped = sizes[order - 1], 0, 0
    for number, line in lines:
        fields = line.split()
        if not fields:
            skipped += len(line)
            if skipped > FAR:
                raise ValueError(f"line {number:,} is one of more than {FAR:,} blank bytes")
        elif fields[0].startswith(b"\\"):
            if fields != [end.encode()]:
                raise ValueError(f"line {number:,} is {_shown(line)}, where {end} was wanted")
            if found < size:
                raise ValueError(
                    f"line {number:,} ends the grams of order {order}: there are {found:,}, and "
                    f"not {size:,} as its head says"
                )
            return
        elif len(fields) not in (order + 1, order + 2):
            raise ValueError(f"line {number:,} is no gram of order {order}: {_shown(line)}")
        elif found == size:
            raise ValueError(
                f"line {number:,} is one gram of order {order} more than the {size:,} of its head"
            )
        else:
            found, skipped = found + 1, 0
            log_prob = _logarithm(fields[0], number)
            if log_prob > 0:
                raise ValueError(
                    f"line {number:,} has {_shown(fields[0])} for the logarithm of a probability: "
                    f"0 or less was wanted"
                )
            back_off = _logarithm(fields[-1], number) if len(fields) == order + 2 else 0.0
            yield Row(number, log_prob, fields[1 : order + 1], back_off)
    raise ValueError(f"it ends before a line {end} - was it cut short?")


def _logarithm(field: bytes, line: int) -> float:
    """A number; ValueError if it is none. What is less than any becomes the logarithm of 0."""
    try:
        number = float(field)
    except ValueError:
        point = field.replace(b",", b".")
        if re.fullmatch(rb"[-+]?\d+\.\d+(e[-+]?\d+)?", point):
            why = f"with a decimal comma: a point is wanted, {point.decode()}"
        else:
            why = "where a number was wanted"
        raise ValueError(f"line {line:,} has {_shown(field)} {why}") from None
    if math.isnan(number) or number == math.inf:
        raise ValueError(f"line {line:,} has {_shown(field)} where a number was wanted")
    if number == -math.inf:
        return NEVER / LN10
    if abs(number) * LN10 > LARGEST:
        raise ValueError(f"line {line:,} has {_shown(field)}, which is too large for a logarithm")
    return number


def _vocabulary(rows: dict[bytes, Row], blank: str | None) -> tuple[Vocabulary, dict[bytes, int]]:
    """The tokens, and the number of each word of the file, marks and all."""
    for mark, text in MARKS.items():
        if mark not in rows:
            other = next((w for w in rows if w.lower() == mark), None)
            case = f", but {_shown(other)}: marks are in lower case" if other else ""
            raise ValueError(f"it has no {text} among the grams of order 1{case}")
    if all(word in rows for word in UNKNOWNS):
        line = max(rows[word].line for word in UNKNOWNS)
        raise ValueError(f"line {line:,} has {UNKNOWN} again")
    words = [word for word in rows if word not in (*MARKS, *UNKNOWNS)]
    texts = {word: _text(rows[word]) for word in words}
    tokens = {word: unwritten(text) for word, text in texts.items()}
    if blank is not None:
        if blank.encode() not in tokens:
            raise ValueError(f"it has no token {blank!r}, which was to stand for a blank")
        tokens[blank.encode()] = " "
    longer = next((token for token in tokens.values() if len(token) > 1), None)
    if blank is not None and longer:
        raise ValueError(
            f"with {blank!r} for a blank tokens are characters, and {longer!r} is longer than one"
        )
    if longer:  # items are split at blanks, so a word with one would be found nowhere
        tokens = {w: texts[w] if re.search(r"[ \t\n\v\f\r]", t) else t for w, t in tokens.items()}
    seen: dict[str, bytes] = {}
    for word, token in tokens.items():
        if token in seen or token in "\r\n\0":
            what = f"the token {token!r} again" if token in seen else f"{token!r} for a token"
            raise ValueError(f"line {rows[word].line:,} has {what}")
        seen[token] = word
    kind = "words" if longer else "characters"
    vocabulary = Vocabulary(sorted(seen), kind, has_unknown=True)
    numbers = {word: vocabulary.numbers[token] for token, word in seen.items()}
    numbers |= dict.fromkeys(MARKS, BOUNDARY) | dict.fromkeys(UNKNOWNS, vocabulary.unknown)
    return vocabulary, numbers


def _text(row: Row) -> str:
    """The word of a unigram; ValueError where it is not in UTF-8."""
    try:
        return row.words[0].decode()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"line {row.line:,} is not in UTF-8 (byte 0x{row.words[0][error.start]:02x}): save the "
            f"file in UTF-8"
        ) from None


def _section(
    rows: Iterator[Row], order: int, numbers: dict[bytes, int], V: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The grams of an order above 1 as (P,) rising numbers, their (P,) decimal logarithms, and
    (P,) those of their back-off weights. What no item has, as a start after another token, is left
    out. ValueError where a token has no number, or a gram comes again."""
    numbers = {**numbers, START.encode(): V}  # told from an end, as long as they are read
    grams, lines, logs, back_offs = array("q"), array("q"), array("d"), array("d")
    look = MANY
    for line, log_prob, words, back_off in rows:
        gram = 0
        for word in words:
            number = numbers.get(word)
            if number is None:
                raise ValueError(
                    f"line {line:,} has {_shown(word)} in a gram, which is not among the grams of "
                    f"order 1"
                )
            gram = gram * (V + 1) + number
        grams.append(gram)
        lines.append(line)
        logs.append(log_prob)
        back_offs.append(back_off)
        if len(grams) == look:
            _must_differ(grams, lines)
            look *= 2
    _must_differ(grams, lines)
    digits = digits_of(np.array(grams, dtype=np.int64), order, V + 1)
    can_be = np.ones(len(grams), dtype=bool)
    for before, after in pairwise(digits):
        can_be &= (before != BOUNDARY) & (after != V)
    digits[0] = np.where(digits[0] == V, BOUNDARY, digits[0])
    found = sum(digit * V**place for place, digit in enumerate(reversed(digits)))
    rising = np.argsort(found)
    rising = rising[can_be[rising]]
    return found[rising], np.array(logs)[rising], np.array(back_offs)[rising]


def _must_differ(grams: "array[int]", lines: "array[int]") -> None:
    """ValueError names the line of a gram that comes again."""
    numbers = np.array(grams, dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    again = np.flatnonzero(np.diff(numbers[order]) == 0)
    if len(again):
        line = min(lines[place] for place in order[again + 1].tolist())
        raise ValueError(f"line {line:,} has a gram that was there before")


def _interpolated(found: Grams, shorter: list[Grams], order: int) -> Grams:
    """Grams with smoothed frequencies as grams with probabilities."""
    V = found.vocabulary_size
    lower = log_probs_of(found.pairs % V ** (order - 1), shorter)
    which, places = find(found.keys, found.pairs // V)
    lower[which] += found.back_offs[places]
    log_probs = np.minimum(np.logaddexp(found.log_probs, lower), 0.0)
    return Grams(V, found.pairs, log_probs, found.keys, found.back_offs)


def _shown(text: bytes) -> str:
    return repr(text.strip().decode("utf-8", "replace")[:60])
