"""Unicode's composed form (NFC), in a time that grows with the length of the text.

Python's own function sorts the marks of a character by insertion: where very many marks follow one
another it takes the square of their number, and nothing interrupts it. Here they come sorted to it.

Source: Unicode Standard Annex #15, "Unicode Normalization Forms", sections 9 and 13.
"""

import re
import unicodedata

MOST_PARTS = 4  # characters that NFC makes one of at most: no code point decomposes into more
LONG_RUN = re.compile(r"[^\0-\x7f]{101,}")  # none of these ends a run of marks for certain


def composed(text: str) -> str:
    """A text in NFC.

    >>> composed("e\u0301"), len(composed("e" + "\u0301\u0323" * 100_000))
    ('é', 200000)
    """
    return unicodedata.normalize("NFC", _in_order(text) if LONG_RUN.search(text) else text)


def is_composed(text: str) -> bool:
    """Whether it is in NFC.

    >>> is_composed("é"), is_composed("e\u0301")
    (True, False)
    """
    if LONG_RUN.search(text):
        return composed(text) == text
    return unicodedata.is_normalized("NFC", text)


def _in_order(text: str) -> str:
    """The same characters to NFC, taken apart, the marks of each in Unicode's order."""
    parts = {ord(character): unicodedata.normalize("NFD", character) for character in set(text)}
    apart = text.translate(parts)
    classes = {character: unicodedata.combining(character) for character in set(apart)}
    if not any(classes.values()):
        return text
    keyed: list[tuple[int, int, str]] = []
    base = 0
    for character in apart:
        kind = classes[character]
        base += kind == 0
        keyed.append((base, kind, character))
    keyed.sort(key=lambda item: item[:2])  # which keeps the order of what is alike
    return "".join(character for *_, character in keyed)
