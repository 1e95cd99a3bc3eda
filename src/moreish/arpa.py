r"""ARPA files: an n-gram model as text that other programs read, and theirs as a model.

Each line is a gram: the decimal logarithm of the probability of its last token after the others,
the tokens, and the logarithm of what goes to the shorter context where the gram is the context.
Characters are written as words of one character. The boundary mark is `<s>` before an item and
`</s>` after it; the probability of `<unk>` says what a token costs that is not known. A blank in a
token is written `<U+0020>`, with its number, and so is the `<` of a token that would be taken for
one of these. This module knows nothing of lists.
"""

import os
import re

import numpy as np

from .errors import ModelFileError, OptionError
from .file import write_whole
from .models.ngram import NGram
from .models.smoothing import Shares
from .sets import find, union
from .text import BOUNDARY, Vocabulary, check_block_size

__all__ = ["is_arpa", "read_arpa", "write_arpa"]

START, END, UNKNOWN = "<s>", "</s>", "<unk>"
HEAD, FOOT = "\\data\\", "\\end\\"
NEVER = -99.0  # how such files write the logarithm of 0
ESCAPED = re.compile(r"<U\+([0-9A-F]{4,6})>")


# ---- out


def write_arpa(
    path: str | os.PathLike[str], model: NGram, vocabulary: Vocabulary, unknown_nats: float
) -> None:
    r"""Write the file; OptionError where the smoothing has no such form.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from moreish.text import count_contexts
    >>> model = NGram(2, block_size=1).fit(count_contexts(np.array([1, 0]), 1, 2))
    >>> with TemporaryDirectory() as folder:
    ...     write_arpa(f"{folder}/a.arpa", model, Vocabulary("a"), unknown_nats=20.0)
    ...     print(Path(folder, "a.arpa").read_text()[:26])
    \data\
    ngram 1=4
    ngram 2=2
    """
    if any(shares.rest is None for shares in model.shares):
        raise OptionError(
            f"{model.smoothing} has no ARPA form, as its weights depend on the whole context; "
            f"kneser-ney, witten-bell and a number have one"
        )
    names = np.array([END, *map(written, vocabulary.tokens)], dtype=object)
    sections = [
        _lines_of(model, length, grams, names, unknown_nats)
        for length, grams in enumerate(_grams(model))
    ]
    lines = [HEAD, *(f"ngram {order}={len(own)}" for order, own in enumerate(sections, 1))]
    for order, own in enumerate(sections, 1):
        lines += ["", f"\\{order}-grams:", *own]
    write_whole(path, "\n".join([*lines, "", FOOT, ""]).encode())


def _grams(model: NGram) -> list[np.ndarray]:
    """For each order from 1 to T + 1 (G,) the grams as numbers, rising.

    They are those with a share, those that are contexts, and all ends of longer ones, without
    which some programs do not find the longer ones.
    """
    V, grams = model.vocabulary_size, []
    longer = contexts = np.zeros(0, dtype=np.int64)
    for length in range(model.block_size, -1, -1):
        own = model.shares[length]
        ends = longer % V ** (length + 1)
        longer = union(_pairs(own, V), contexts, ends)
        grams.append(longer if length else np.arange(V))
        contexts = own.keys
    return grams[::-1]


def _lines_of(
    model: NGram, length: int, grams: np.ndarray, names: np.ndarray, unknown_nats: float
) -> list[str]:
    """A line for each of the grams of a context of `length` tokens and one more."""
    V = model.vocabulary_size
    rests = dict[int, float]()
    if length < model.block_size:
        longer = model.shares[length + 1]
        assert longer.rest is not None
        rests = dict(zip(longer.keys.tolist(), _logarithms(longer.rest).tolist(), strict=True))
    lines = []
    if length == 0:
        lines = [f"{-unknown_nats / np.log(10):.12g}\t{UNKNOWN}"]
        lines += [_line(NEVER, START, rests.pop(BOUNDARY, None))]
    words = [names[grams // V**place % V] for place in range(length, -1, -1)]
    if length:
        words[0] = np.where(words[0] == END, START, words[0])
    texts = map(" ".join, zip(*words, strict=True))
    chances = _logarithms(_chances(model.shares[: length + 1], grams, V)).tolist()
    own = [rests.get(gram) for gram in grams.tolist()]
    return lines + [_line(*gram) for gram in zip(chances, texts, own, strict=True)]


def _line(chance: float, gram: str, rest: float | None) -> str:
    return f"{chance:.12g}\t{gram}" + ("" if rest is None else f"\t{rest:.12g}")


def _pairs(shares: Shares, vocabulary_size: int) -> np.ndarray:
    """(P,) each context and what followed as one number, rising."""
    keys = np.repeat(shares.keys, np.diff(shares.starts))
    pairs: np.ndarray = keys * vocabulary_size + shares.tokens
    return pairs


def _chances(levels: list[Shares], grams: np.ndarray, vocabulary_size: int) -> np.ndarray:
    """(G,) grams of the longest contexts there are → (G,) the probability of the last token."""
    chances = np.full(len(grams), 1 / vocabulary_size)
    for length, shares in enumerate(levels):
        ends = grams % vocabulary_size ** (length + 1)
        which, places = find(shares.keys, ends // vocabulary_size)
        assert shares.rest is not None
        chances[which] *= shares.rest[places]
        which, places = find(_pairs(shares, vocabulary_size), ends)
        chances[which] += shares.shares[places]
    return chances


def _logarithms(chances: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        logarithms: np.ndarray = np.maximum(np.log10(chances), NEVER)
    return logarithms


def written(token: str) -> str:
    """A token as it stands in an ARPA file.

    >>> written(" "), written("<s>"), written("a")
    ('<U+0020>', '<U+003C>s>', 'a')
    """
    if token in (START, END, UNKNOWN, UNKNOWN.upper()) or "<U+" in token:
        token = token.replace("<", "<U+003C>")
    return "".join(c if c.isprintable() and not c.isspace() else f"<U+{ord(c):04X}>" for c in token)


def unwritten(word: str) -> str:
    """The token that stands so in an ARPA file.

    >>> unwritten("<U+0020>"), unwritten("<U+003C>s>")
    (' ', '<s>')
    """
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), word)


# ---- in


def is_arpa(path: str | os.PathLike[str]) -> bool:
    """Whether the file is there and begins as such files do.

    >>> is_arpa("nowhere")
    False
    """
    try:
        with open(path, "rb") as file:
            return file.read(200).lstrip().startswith(HEAD.encode())
    except OSError:
        return False


def read_arpa(path: str | os.PathLike[str]) -> tuple[NGram, Vocabulary, float | None]:
    r"""The model, its vocabulary, and the nats of an unknown token where the file says so.

    The tokens are characters where all are of one character, and else words. Of a file of another
    program each probability is taken as it is. ModelFileError says what is wrong with a file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with open(f"{folder}/a.arpa", "w") as file:
    ...         _ = file.write("\\data\\\nngram 1=2\n\n\\1-grams:\n-0.3 a\n-0.3 </s>\n\n\\end\\\n")
    ...     model, vocabulary, unknown_nats = read_arpa(f"{folder}/a.arpa")
    >>> vocabulary.tokens, np.exp(model.next_log_probs(np.array([[0]]))).round(2)
    (('a',), array([[0.5, 0.5]]))
    """
    try:
        with open(path, encoding="utf-8", newline="\n") as file:
            sections = _sections(file.read().split("\n"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelFileError(f"can't read the model {path}: {reason}") from None
    except UnicodeDecodeError:
        raise ModelFileError(f"{path} is not in UTF-8, as ARPA files are") from None
    except ValueError as error:
        raise ModelFileError(f"{path} is damaged: {error}") from None
    try:
        return _model_of(sections)
    except (ValueError, OptionError) as error:
        raise ModelFileError(f"{path} is damaged: {error}") from None


Gram = tuple[float, list[str], float]  # the logarithm, the words, the logarithm of the rest


def _sections(lines: list[str]) -> list[list[Gram]]:
    """The grams of each order. ValueError where they are not what the head says."""
    counts: list[int] = []
    sections: list[list[Gram]] = []
    for number, line in enumerate(lines, 1):
        text = line.strip(" \t\r")
        if text == FOOT:
            break
        if not text or text == HEAD:
            continue
        if text.startswith("ngram ") and not sections:
            counts.append(int(text.partition("=")[2]))
        elif text == f"\\{len(sections) + 1}-grams:":
            sections.append([])
        else:
            fields = [field for field in re.split(r"[ \t]+", text) if field]
            order = len(sections)
            if not order or len(fields) not in (order + 1, order + 2):
                raise ValueError(f"line {number} is no gram of order {order}: {text[:60]!r}")
            chance, rest = float(fields[0]), float((*fields, "0")[order + 1])
            if not chance <= 0 or np.isnan(rest):
                raise ValueError(f"line {number} has no logarithm of a probability: {text[:60]!r}")
            sections[-1].append((chance, fields[1 : order + 1], rest))
    else:
        raise ValueError(f"it has no {FOOT} at its end: was it cut short?")
    if not counts or counts != [len(section) for section in sections]:
        raise ValueError("there are not as many grams as it says at its head")
    return sections


def _model_of(sections: list[list[Gram]]) -> tuple[NGram, Vocabulary, float | None]:
    words = [gram[0] for _, gram, _ in sections[0] if gram[0] not in (START, END, UNKNOWN, "<UNK>")]
    tokens = sorted(map(unwritten, words))
    if len(set(tokens)) < len(tokens):
        raise ValueError("a token is there twice")
    kind = "characters" if all(len(token) == 1 for token in tokens) else "words"
    vocabulary = Vocabulary(tokens, kind)
    V = len(vocabulary)
    check_block_size(max(len(sections) - 1, 1), V)
    numbers = {word: vocabulary.numbers[unwritten(word)] for word in words}
    levels: list[Shares] = []
    rests = {0: 0.0}  # of the contexts of the length that is next
    for section in [*sections, []][: max(len(sections), 2)]:
        chances: dict[int, float] = {}
        following: dict[int, float] = {}
        for chance, gram, rest in section:
            if gram == [START]:
                following[BOUNDARY] = _chance(rest)
                continue
            if START in gram[1:] or END in gram[:-1] or {UNKNOWN, "<UNK>"} & set(gram):
                continue
            key = 0
            for word in gram:
                if word not in (START, END) and word not in numbers:
                    raise ValueError(f"{word!r} is in a gram, and not in those of order 1")
                key = key * V + (BOUNDARY if word in (START, END) else numbers[word])
            if key in chances:
                raise ValueError(f"the gram {' '.join(gram)!r} is there twice")
            chances[key] = _chance(chance)
            if gram[-1] != END and rest:
                following[key] = _chance(rest)
        levels.append(_level(chances, rests, levels, V))
        rests = following
    unknown = [chance for chance, gram, _ in sections[0] if gram[0].lower() == UNKNOWN]
    nats = -unknown[0] * float(np.log(10)) if unknown else None
    return NGram.given(V, levels), vocabulary, nats


def _chance(logarithm: float) -> float:
    return 0.0 if logarithm <= NEVER else 10.0**logarithm


def _level(
    chances: dict[int, float], rests: dict[int, float], levels: list[Shares], V: int
) -> Shares:
    """Probabilities of grams and rests of contexts → the shares above what shorter ones give."""
    pairs = np.array(sorted(chances), dtype=np.int64)
    given = np.array([chances[pair] for pair in pairs.tolist()])
    keys = union(pairs // V, np.array(list(rests), dtype=np.int64))
    rest = np.array([rests.get(key, 1.0) for key in keys.tolist()])
    starts = np.append(np.searchsorted(pairs // V, keys), len(pairs)).astype(np.intp)
    own = rest[np.searchsorted(keys, pairs // V)]
    shorter = _chances(levels, pairs % V ** len(levels), V)
    return Shares(keys, starts, (pairs % V).astype(np.intp), given - own * shorter, rest)
