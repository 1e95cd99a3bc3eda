"""Which words a network took to be alike: those whose embeddings point the same way."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["WORDS", "nearest_words"]

WORDS = (
    *("he", "she", "man", "children", "God"),
    *("Monday", "morning", "London", "house", "river"),
    *("two", "million", "red", "large", "never"),
    *("said", "went", "could", "under", "because"),
)
NEAREST = 5


def nearest_words(
    embedding: np.ndarray, words: Sequence[str], wanted: Sequence[str] = WORDS
) -> Mapping[str, list[str]]:
    """(V, E) embeddings, V - 1 words → for each that is wanted and known, the five nearest.

    Word n has row n + 1. What is compared is the angle (cosine similarity).

    >>> embedding = np.array([[0, 0], [1, 0], [9, 1], [0, 1]])
    >>> nearest_words(embedding, ["he", "she", "two"], ["he"])
    {'he': ['she', 'two']}
    """
    lengths = np.linalg.norm(embedding, axis=1, keepdims=True)
    rows = (embedding / np.maximum(lengths, np.finfo(np.float32).tiny))[1:]
    number = {word: n for n, word in enumerate(words)}
    found = {}
    for word in wanted:
        if word in number:
            alike = rows @ rows[number[word]]
            alike[number[word]] = -np.inf
            order = np.argsort(-alike, kind="stable")[: min(NEAREST, len(words) - 1)]
            found[word] = [words[n] for n in order]
    return found
