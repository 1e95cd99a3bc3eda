"""Tokens and their numbers. A token is a character, or a word; number 0 is the boundary mark.

The mark stands before the first token of an item and after the last, and is no character, so
any character can be part of an item. A token that the vocabulary does not have gets the number
one past the last. This module knows nothing of models.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ..errors import DataError

BOUNDARY = 0
KINDS = ("characters", "words")


class Vocabulary:
    """The distinct tokens of some items, in order, numbered from 1.

    >>> vocabulary = Vocabulary.of(["emma", "ava"])
    >>> vocabulary.tokens, len(vocabulary)
    (('a', 'e', 'm', 'v'), 5)
    >>> vocabulary.encode(["eva", "max"]).tolist()
    [2, 4, 1, 0, 3, 1, 5, 0]
    """

    def __init__(self, tokens: Iterable[str], kind: str = "characters") -> None:
        self.tokens = tuple(tokens)
        self.kind = kind
        self.numbers = {token: number for number, token in enumerate(self.tokens, 1)}

    @classmethod
    def of(cls, texts: Iterable[str], kind: str = "characters") -> "Vocabulary":
        """The vocabulary of these items; `kind` is "characters" or "words"."""
        found: set[str] = set()
        for text in texts:
            found.update(text if kind == "characters" else text.split())
        return cls(sorted(found), kind)

    def __len__(self) -> int:
        """V: the tokens and the boundary mark."""
        return len(self.tokens) + 1

    @property
    def unknown(self) -> int:
        """The number that stands for every token not in the vocabulary."""
        return len(self)

    def split(self, text: str) -> Sequence[str]:
        """The tokens of an item, known or not."""
        return text if self.kind == "characters" else text.split()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """N items → the numbers of all their tokens, one after another, each item then a 0."""
        if self.kind == "words":
            words = [[*map(self._number, text.split()), BOUNDARY] for text in texts]
            return np.array([number for item in words for number in item], dtype=np.intp)
        if not texts:
            return np.zeros(0, dtype=np.intp)
        joined = "\n".join(texts) + "\n"
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        own = np.array([ord(token) for token in self.tokens], dtype=np.uint32)
        places = np.searchsorted(own, points)
        known = places < len(own)
        known[known] = own[places[known]] == points[known]
        numbers = np.where(known, places + 1, self.unknown).astype(np.intp)
        numbers[points == ord("\n")] = BOUNDARY
        return numbers

    def _number(self, token: str) -> int:
        return self.numbers.get(token, self.unknown)

    def decode(self, numbers: np.ndarray) -> list[str]:
        """Numbers with a 0 after each item → the items.

        >>> Vocabulary("abc").decode(np.array([2, 1, 0, 3, 0]))
        ['ba', 'c']
        """
        if self.kind == "characters":
            points = np.array([ord("\n"), *map(ord, self.tokens)], dtype="<u4")
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
        """The numbers of the tokens of `text`; DataError names one that is not known."""
        for token in self.split(text):
            if token not in self.numbers:
                raise DataError(
                    f"{what} {text!r} has {token!r} in it, which was nowhere in the training "
                    f"data, so no item can have it"
                )
        return self.encode([text])[:-1]
