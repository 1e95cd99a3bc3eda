"""How tokens are written in a chart, and which of them there is room for.

It knows their names and how often they came, and nothing of the charts.
"""

from collections.abc import Sequence

import numpy as np

from ...errors import OptionError
from ...text import BOUNDARY

MARK = "."  # stands for the boundary
LONGEST = 12  # characters of a word


def labels_of(tokens: Sequence[str], size: int) -> list[str]:
    """V - 1 tokens → V labels, the boundary's first. OptionError if they are not so many.

    >>> labels_of(["a", " ", "\\u200b", "incomprehensible"], 5)
    ['.', 'a', '␣', 'U+200B', 'incomprehen…']
    """
    if isinstance(tokens, str) or len(tokens) != size - 1:
        raise OptionError(
            f"a list of the {size - 1} tokens was wanted, in their order; got {tokens!r:.60}"
        )
    return [MARK, *map(_label, tokens)]


def _label(token: str) -> str:
    if token == " ":
        return "␣"
    if not token.isprintable():
        return "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in token)
    if token == MARK:
        return "'.'"
    return token if len(token) <= LONGEST else f"{token[: LONGEST - 1]}…"


def most_frequent(counts: np.ndarray, limit: int) -> np.ndarray:
    """(V,) how often each came → at most `limit` of the numbers, the boundary's always among them,
    in their order. OptionError for a limit below 1.

    >>> most_frequent(np.array([1, 5, 9, 7]), limit=3)
    array([0, 2, 3])
    """
    if limit < 1:
        raise OptionError(f"a limit of 1 token or more was wanted, got {limit}")
    order = np.argsort(-np.asarray(counts, dtype=np.float64), kind="stable")
    return np.sort(np.append(BOUNDARY, order[order != BOUNDARY][: limit - 1]))
