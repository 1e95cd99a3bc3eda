"""Tokens and their numbers. A token is a character, or a word; number 0 is the boundary mark.

The mark stands before the first token of an item and after the last, and is no character, so
any character can be part of an item. A token that the vocabulary does not have gets the number
one past the last. This module knows nothing of models.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..errors import DataError, shortened
from ..storage.validation import checked_flag, checked_number, checked_text
from .cleaning import words_of
from .normalization import is_composed
from .sorted_arrays import distinct

BOUNDARY = 0
KINDS = ("characters", "words")
UNKNOWN = "<unk>"  # what the unknown token is called
NEW = 255  # stands for a byte that was not seen before


class Vocabulary:
    """The distinct tokens of some items, in order, numbered from 1.

    >>> vocabulary = Vocabulary.of(["emma", "ava"])
    >>> vocabulary.tokens, len(vocabulary)
    (('a', 'e', 'm', 'v'), 5)
    >>> vocabulary.encode(["eva", "max"]).tolist()
    [2, 4, 1, 0, 3, 1, 5, 0]

    With `has_unknown` the number of tokens that it does not have counts as one of its own: the
    model has a probability for it, as ARPA files have for `<unk>`.

    >>> len(Vocabulary("aemv", has_unknown=True))
    6

    `folded` says for how many different rare tokens of a list it stands; see `without_rare`.
    """

    def __init__(
        self,
        tokens: Iterable[str],
        kind: str = "characters",
        *,
        has_unknown: bool = False,
        folded: int = 0,
    ) -> None:
        self.tokens = tuple(tokens)
        self.kind = kind
        self.has_unknown = has_unknown or folded > 0
        self.folded = folded
        self.numbers = {token: number for number, token in enumerate(self.tokens, 1)}

    @classmethod
    def of(cls, texts: Iterable[str], kind: str = "characters") -> "Vocabulary":
        """The vocabulary of these items; `kind` is "characters" or "words"."""
        found: set[str] = set()
        for text in texts:
            found.update(text if kind == "characters" else text.split())
        return cls(sorted(found), kind)

    @classmethod
    def stored(cls, about: Mapping[str, Any]) -> "Vocabulary":
        """What `about` gave, out of a file. KeyError, TypeError or ValueError if it isn't that.

        >>> Vocabulary.stored({"kind": "characters", "list": ["b", "a"], "has_unknown": False})
        Traceback (most recent call last):
        ValueError: the tokens are not distinct and in order
        """
        kind, tokens, has_unknown = about["kind"], about["list"], about["has_unknown"]
        if type(tokens) is not list or kind not in KINDS:
            raise ValueError(f"a list of {' or '.join(KINDS)} was wanted, got {kind!r}")
        for token in tokens:
            checked_text("a token", token)
        if not all(one < other for one, other in pairwise(tokens)):
            raise ValueError("the tokens are not distinct and in order")
        has_unknown = checked_flag("has_unknown", has_unknown)
        folded = checked_number("folded", about.get("folded", 0), least=0, whole=True)
        if folded and not has_unknown:
            raise ValueError("tokens were folded into one that is not there")
        vocabulary = cls(tokens, kind, has_unknown=has_unknown, folded=folded)
        if not all(map(vocabulary.is_token, tokens)):
            raise ValueError(f"not all its tokens are {kind}")
        return vocabulary

    def is_token(self, text: str) -> bool:
        """Whether a text is one of the kind of its tokens: a character, or a word."""
        return list(self.split(text)) == [text] and text != "\n"

    def about(self) -> dict[str, Any]:
        """What JSON can say of it: all there is."""
        about = {"kind": self.kind, "list": self.tokens, "has_unknown": self.has_unknown}
        return about | ({"folded": self.folded} if self.folded else {})

    def __repr__(self) -> str:
        return f"<Vocabulary: {len(self.tokens):,} {self.kind}>"

    def __len__(self) -> int:
        """V: the tokens, the boundary mark, and the unknown token where there is one."""
        return len(self.tokens) + 1 + self.has_unknown

    @property
    def unknown(self) -> int:
        """The number that stands for every token not in the vocabulary."""
        return len(self.tokens) + 1

    def of_tokens(self, tokens: Iterable[str]) -> "Vocabulary":
        """One of other tokens, with an unknown token if this has one."""
        return Vocabulary(tokens, self.kind, has_unknown=self.has_unknown, folded=self.folded)

    @property
    def names(self) -> tuple[str, ...]:
        """What the numbers from 1 on are called: the tokens, and the unknown token's name."""
        return (*self.tokens, UNKNOWN) if self.has_unknown else self.tokens

    def without_rare(self, frequencies: np.ndarray, min_count: int) -> "Vocabulary":
        """(V,) how often each token came → the same without those that came fewer than `min_count`
        times, which are unknown tokens then, and so is one that is written `<unk>`.

        >>> vocabulary = Vocabulary.of(["anna", "ann"])
        >>> vocabulary.without_rare(np.array([2, 3, 4]), min_count=4).names
        ('n', '<unk>')
        """
        often = frequencies[1 : len(self.tokens) + 1] >= min_count
        if often.all() and UNKNOWN not in self.numbers:
            return self
        kept = [t for t, o in zip(self.tokens, often.tolist(), strict=True) if o and t != UNKNOWN]
        return Vocabulary(kept, self.kind, folded=len(self.tokens) - len(kept))

    @cached_property
    def known(self) -> "Vocabulary":
        """The same without an unknown token; it still says how many were `folded`."""
        if not self.has_unknown:
            return self
        known = Vocabulary(self.tokens, self.kind)
        known.verbatim, known.folded = self.verbatim, self.folded
        return known

    @cached_property
    def verbatim(self) -> bool:
        """Whether items are taken as they are, and not in NFC: so ARPA files have it, whose words
        end at blanks of ASCII alone. Characters are, where some of them are not in NFC. What was
        `folded` comes from a list, which was read as all lists are.

        >>> Vocabulary(["red", "fox"], "words", has_unknown=True).verbatim
        True
        """
        if not self.has_unknown or self.folded:
            return False
        return self.kind == "words" or not is_composed("\n".join(self.tokens))

    def split(self, text: str) -> Sequence[str]:
        """The tokens of an item, known or not."""
        if self.kind == "characters":
            return text
        return words_of(text) if self.verbatim else text.split()

    def encode(
        self, texts: Sequence[str], dtype: DTypeLike = np.intp, plain: bytes = b""
    ) -> np.ndarray:
        """N items, or bytes of ASCII items with LF after each → (M,) the numbers of all their
        tokens, one after another, each item then a 0.

        >>> Vocabulary("abc").encode(["ba", "cx"]), Vocabulary("abc").encode([], plain=b"ba\\n")
        (array([2, 1, 0, 3, 4, 0]), array([2, 1, 0]))
        """
        if self.kind == "words":
            texts = texts or plain.decode("ascii").split("\n")[:-1]
            words = [[*map(self._number, self.split(text)), BOUNDARY] for text in texts]
            return np.array([number for item in words for number in item], dtype=dtype)
        if not texts and not plain:
            return np.zeros(0, dtype=dtype)
        joined = "" if plain else "\n".join(texts) + "\n"
        if joined.isascii():
            lines = plain or joined.encode()
            if self.unknown <= 255:
                numbers = np.frombuffer(lines.translate(self._of_ascii.tobytes()), np.uint8)
                return numbers.astype(dtype, copy=False)
            return self._of_ascii[np.frombuffer(lines, np.uint8)].astype(dtype, copy=False)
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        own = np.array([ord(token) for token in self.tokens], dtype=np.uint32)
        places = np.searchsorted(own, points)
        known = places < len(own)
        known[known] = own[places[known]] == points[known]
        numbers = np.where(known, places + 1, self.unknown).astype(dtype)
        numbers[points == ord("\n")] = BOUNDARY
        return numbers

    def _number(self, token: str) -> int:
        return self.numbers.get(token, self.unknown)

    @cached_property
    def _of_ascii(self) -> np.ndarray:
        """The number of each byte of ASCII text, as tokens are characters; of one byte each, if
        they all have room in it."""
        numbers = [
            BOUNDARY if code == ord("\n") else self._number(chr(code)) for code in range(256)
        ]
        return np.array(numbers, dtype=np.min_scalar_type(self.unknown))

    def decode(self, numbers: np.ndarray) -> list[str]:
        """(M,) numbers with a 0 after each item → the items.

        >>> Vocabulary("abc").decode(np.array([2, 1, 0, 3, 0]))
        ['ba', 'c']
        """
        if self.kind == "characters":
            points = np.array([ord("\n"), *map(ord, self.tokens)], dtype="<u4")
            if points.max() < 256 and len(points) <= 256:
                plain = bytes(points.astype(np.uint8)).ljust(256, b"\n")
                text = numbers.astype(np.uint8).tobytes().translate(plain).decode("latin-1")
            else:
                text = points[numbers].tobytes().decode("utf-32-le")
            return text.split("\n")[:-1]
        ends = np.flatnonzero(numbers == BOUNDARY)
        starts = [0, *(ends[:-1] + 1).tolist()]
        names = ("", *self.tokens)
        return [
            " ".join(names[i] for i in numbers[start:end])
            for start, end in zip(starts, ends.tolist(), strict=True)
        ]

    def must_know(self, text: str, what: str) -> np.ndarray:
        """(M,) the numbers of the tokens of `text`. DataError if one is not known."""
        for token in self.split(text):
            if token not in self.numbers:
                where = "too seldom or nowhere" if self.folded else "nowhere"
                raise DataError(
                    f"{what} {shortened(text)!r} has {shortened(token)!r} in it, which was {where} "
                    f"in the training data, so no item can have it"
                )
        return self.encode([text])[:-1]


class Numbering:
    """Numbers for tokens in the order in which they appear, from 1.

    >>> numbering = Numbering("characters")
    >>> numbering.encode(["emma"]).tolist(), numbering.encode([], plain=b"ava\\n").tolist()
    ([2, 3, 3, 1, 0], [1, 4, 1, 0])
    >>> vocabulary, numbers = numbering.in_order()
    >>> vocabulary.tokens, numbers.tolist()
    (('a', 'e', 'm', 'v'), [0, 1, 2, 3, 4])
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.numbers: dict[str, int] = {}
        self._points = np.zeros(0, dtype=np.int32)  # the number of each character of Unicode, or 0
        self._bytes = bytearray(NEW for _ in range(256))  # the number of each byte, or NEW
        self._bytes[ord("\n")] = BOUNDARY

    def __len__(self) -> int:
        """How many numbers there are, the boundary mark's included."""
        return len(self.numbers) + 1

    def encode(self, texts: Sequence[str], plain: bytes = b"") -> np.ndarray:
        """N items, or bytes of ASCII items with LF after each → (M,) the numbers of their tokens,
        one after another, each item then a 0.
        """
        if self.kind == "words":
            return self._of_words(texts or plain.decode("ascii").split("\n")[:-1])
        if plain and len(self) < NEW - 128:
            return self._of_bytes(plain)
        points = np.frombuffer(plain, np.uint8)
        if not plain:
            joined = "\n".join(texts) + "\n"
            points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        return self._of_points(points)

    def _of_words(self, texts: Sequence[str]) -> np.ndarray:
        numbers = self.numbers
        found = []
        for text in texts:
            found += [numbers.setdefault(word, len(numbers) + 1) for word in text.split()]
            found.append(BOUNDARY)
        return np.array(found, dtype=np.intp)

    def _of_bytes(self, plain: bytes) -> np.ndarray:
        numbers = np.frombuffer(plain.translate(self._bytes), np.uint8)
        if numbers.size and numbers.max() == NEW:
            for byte in sorted(set(plain)):
                if byte != ord("\n"):
                    self._bytes[byte] = self._number(chr(byte))
            numbers = np.frombuffer(plain.translate(self._bytes), np.uint8)
        return numbers

    def _of_points(self, points: np.ndarray) -> np.ndarray:
        if not len(self._points):
            self._points = np.zeros(0x110000, dtype=np.int32)
            for token, number in self.numbers.items():
                self._points[ord(token)] = number
        numbers = self._points[points]
        new = distinct(points[(numbers == 0) & (points != ord("\n"))]).tolist()
        for point in new:
            self._points[point] = self._number(chr(point))
        return self._points[points] if new else numbers

    def _number(self, token: str) -> int:
        return self.numbers.setdefault(token, len(self.numbers) + 1)

    def in_order(self) -> tuple[Vocabulary, np.ndarray]:
        """The vocabulary of all tokens, and (K,) the number in it of each number given so far."""
        vocabulary = Vocabulary(sorted(self.numbers), self.kind)
        numbers = np.zeros(len(self), dtype=np.int64)
        numbers[list(self.numbers.values())] = [vocabulary.numbers[t] for t in self.numbers]
        return vocabulary, numbers
