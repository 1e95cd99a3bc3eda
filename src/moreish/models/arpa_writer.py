r"""ARPA files: an n-gram model as text that other programs read, and theirs as a model.

Each line is a gram: the decimal logarithm of the probability of its last token after the others,
the tokens, and the logarithm of the back-off weight where the gram is a context. Characters are
written as words of one character. The boundary mark is `<s>` before an item and `</s>` after it;
`<unk>` stands for every token that is not known, in contexts too. A blank in a token is written
`<U+0020>`, with its number, and so is the `<` of a token that would be taken for one of these.
This module writes files and says what is one; `arpa_reader` reads them. It knows nothing of lists.
"""

import gzip
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

import numpy as np

from ..errors import OptionError
from ..storage.model_file import write_whole
from ..text import BOUNDARY, Vocabulary
from ..text.sorted_arrays import find
from ..text.vocabulary import UNKNOWN
from .backoff import NEVER, BackOff, log_probs_of
from .base import LanguageModel
from .ngram import NGram

__all__ = ["is_arpa", "opened", "unwritten", "write_arpa", "written"]

START, END = "<s>", "</s>"
HEAD, FOOT = "\\data\\", "\\end\\"
LN10 = float(np.log(10))
ESCAPED = re.compile(r"<U\+([0-9A-F]{4,6})>")
GZIP = b"\x1f\x8b"
ASIDE = b" \t\r\xef\xbb\xbf\xff\xfe"  # blanks, and byte-order marks
FAR = 1 << 18  # bytes: so much at most stands before the head, or is blank between grams


# ---- out


def write_arpa(
    path: str | os.PathLike[str], model: LanguageModel, vocabulary: Vocabulary, unknown_nats: float
) -> None:
    r"""Write a model and its vocabulary; an `NGram` without an unknown token gets one of so many
    nats.

    OptionError for other models than an n-gram.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from moreish.models.ngram import NGram
    >>> from moreish.text import count_contexts
    >>> model = NGram(2, block_size=1).fit(count_contexts(np.array([1, 0]), 1, 2))
    >>> with TemporaryDirectory() as folder:
    ...     write_arpa(f"{folder}/a.arpa", model, Vocabulary("a"), unknown_nats=20.0)
    ...     print(Path(folder, "a.arpa").read_text()[:26])
    \data\
    ngram 1=4
    ngram 2=2
    """
    if isinstance(model, NGram):
        model = BackOff.of(model, None if vocabulary.has_unknown else unknown_nats)
        vocabulary = Vocabulary(vocabulary.tokens, vocabulary.kind, has_unknown=True)
    if not isinstance(model, BackOff):
        raise OptionError(
            f"only an ngram can be an ARPA file, and this is a {model.name}; a bigram is an ngram "
            f"with a block size of 1 and a number for smoothing"
        )
    names = np.array([END, *map(written, vocabulary.tokens), UNKNOWN], dtype=object)
    sections = [_lines_of(model, o, grams, names) for o, grams in enumerate(model.listed(), 1)]
    while not sections[-1] and not model.grams[len(sections) - 1].back_offs.any():
        sections.pop()  # it says nothing; of unigrams alone there are contexts, too, in a model
    lines = [HEAD, *(f"ngram {order}={len(own)}" for order, own in enumerate(sections, 1))]
    for order, own in enumerate(sections, 1):
        lines += ["", f"\\{order}-grams:", *own]
    write_whole(path, "\n".join([*lines, "", FOOT, ""]).encode())


def _lines_of(model: BackOff, order: int, grams: np.ndarray, names: np.ndarray) -> list[str]:
    """A line for each of the grams of an order."""
    V = model.vocabulary_size
    back_offs = np.zeros(len(grams))
    if order <= model.block_size:
        which, places = find(model.grams[order].keys, grams)
        back_offs[which] = model.grams[order].back_offs[places]
    words = [names[grams // V**place % V] for place in range(order - 1, -1, -1)]
    lines = []
    if order == 1:
        lines, back_offs[BOUNDARY] = [_line(NEVER, START, back_offs[BOUNDARY])], 0.0
    else:
        words[0] = np.where(words[0] == END, START, words[0])
    texts = map(" ".join, zip(*words, strict=True))
    log_probs = log_probs_of(grams, model.grams[:order])
    return lines + [_line(*row) for row in zip(log_probs, texts, back_offs, strict=True)]


def _line(log_prob: float, gram: str, back_off: float) -> str:
    return f"{log_prob / LN10:.12g}\t{gram}" + (f"\t{back_off / LN10:.12g}" if back_off else "")


def written(token: str) -> str:
    """A token as it stands in an ARPA file.

    >>> written(" "), written("<s>"), written("a")
    ('<U+0020>', '<U+003C>s>', 'a')
    """
    if token in (START, END, UNKNOWN, UNKNOWN.upper()) or "<U+" in token:
        token = token.replace("<", "<U+003C>")
    return "".join(c if c.isprintable() and not c.isspace() else f"<U+{ord(c):04X}>" for c in token)


def unwritten(word: str) -> str:
    """The token that stands so in an ARPA file; a number that is no character stays as it is.

    >>> unwritten("<U+0020>"), unwritten("<U+003C>s>"), unwritten("<U+D800>")
    (' ', '<s>', '<U+D800>')
    """
    return ESCAPED.sub(_character, word)


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    is_one = number < 0xD800 or 0xDFFF < number < 0x110000
    return chr(number) if is_one else match[0]


# ---- in


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where they are packed with gzip.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a").write_bytes(gzip.compress(b"text"))
    ...     with opened(f"{folder}/a") as file:
    ...         print(file.read())
    b'text'
    """
    with open(path, "rb") as file:
        if file.peek(len(GZIP)).startswith(GZIP):
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield cast(BinaryIO, unpacked)
        else:
            yield file


def is_arpa(path: str | os.PathLike[str]) -> bool:
    """Whether the file is there and has the head of such files near its beginning.

    What is packed with gzip, or in UTF-16, counts too: `read_arpa` says what is wrong with it.

    >>> is_arpa("nowhere")
    False
    """
    try:
        with open(path, "rb") as file:
            start = file.read(FAR)
        size = os.path.getsize(path)
    except OSError:
        return False
    if start.startswith(GZIP):
        return True  # no other model is packed
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < size:
        return False  # safetensors, whose list may have any text in it
    lines = start.replace(b"\0", b"").split(b"\n")
    return any(line.strip(ASIDE) == HEAD.encode() for line in lines)
