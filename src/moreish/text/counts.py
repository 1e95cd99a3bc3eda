"""The table of counts: each distinct context, and how often each token came next.

For a model that looks back T tokens this table is a sufficient statistic: a loss over it is the
loss over the whole list, and costs what the list contains, not how long it is. A context reaches
back to the start of its item and is filled up with boundary marks; nothing is seen across items.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import OptionError
from .lines import Items
from .vocabulary import BOUNDARY, Vocabulary


@dataclass(frozen=True)
class ContextCounts:
    """C distinct contexts of T tokens and what followed, sparse, in rows as SciPy's CSR.

    Row c is the context `contexts[c]` (C, T); `tokens` and `counts` (P,) from `starts[c]` up to
    `starts[c + 1]` say which tokens followed and how often.
    """

    contexts: np.ndarray  # (C, T) intp, the oldest token first
    starts: np.ndarray  # (C + 1,) intp
    tokens: np.ndarray  # (P,) intp, rising in each row
    counts: np.ndarray  # (P,) int64 or float64
    vocabulary_size: int  # V
    unknown: float = 0.0  # how often a token came that the vocabulary does not have

    def __len__(self) -> int:
        return len(self.contexts)

    @property
    def block_size(self) -> int:
        """T: how many tokens a context has."""
        return self.contexts.shape[1]

    @property
    def rows(self) -> np.ndarray:
        """(P,) the row of each count."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @property
    def totals(self) -> np.ndarray:
        """(C,) how often each context came."""
        ends = np.concatenate([[0], np.cumsum(self.counts)])
        return ends[self.starts[1:]] - ends[self.starts[:-1]]

    @property
    def total(self) -> float:
        """How many tokens there are, the ends of items and unknown tokens included."""
        return float(self.counts.sum()) + self.unknown

    def dense(self, dtype: type = np.float64) -> np.ndarray:
        """(C, V) the counts, zeros included."""
        table: np.ndarray = np.zeros((len(self), self.vocabulary_size), dtype=dtype)
        table[self.rows, self.tokens] = self.counts
        return table


def gather_rows(starts: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of a sparse table the rows `which` (B,), one after another: (Q,) in which of the B each
    entry is, and (Q,) where it stands in the table.

    >>> gather_rows(np.array([0, 2, 3]), np.array([1, 0]))
    (array([0, 1, 1]), array([2, 0, 1]))
    """
    sizes = starts[which + 1] - starts[which]
    rows = np.repeat(np.arange(len(which)), sizes)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rows, starts[which][rows] + within


def contexts_of(tokens: np.ndarray, block_size: int, unknown: int) -> np.ndarray:
    """(N,) tokens, a 0 after each item → (N, T): the tokens that stand before each.

    Whatever stands before an end or an unknown token is not seen: there is a 0 in its place.

    >>> contexts_of(np.array([5, 6, 0, 7, 0]), 2, unknown=9).tolist()
    [[0, 0], [0, 5], [5, 6], [0, 0], [0, 7]]
    """
    contexts = np.zeros((len(tokens), block_size), dtype=np.intp)
    seen = np.ones(len(tokens), dtype=bool)
    for back in range(1, min(block_size, len(tokens)) + 1):
        before = np.zeros_like(tokens)
        before[back:] = tokens[:-back]
        seen &= (before != BOUNDARY) & (before != unknown)
        contexts[:, -back] = np.where(seen, before, BOUNDARY)
    return contexts


def longest_block_size(vocabulary_size: int) -> int:
    """The largest T for which T tokens and the one that follows fit into 63 bits.

    >>> longest_block_size(27), longest_block_size(10_000)
    (12, 3)
    """
    longest = 0
    while vocabulary_size ** (longest + 2) < 2**63:
        longest += 1
    return longest


def check_block_size(block_size: int, vocabulary_size: int) -> None:
    """OptionError where T tokens and the one that follows don't fit into 63 bits.

    >>> check_block_size(12, vocabulary_size=27)
    """
    longest = longest_block_size(vocabulary_size)
    if block_size > longest:
        raise OptionError(
            f"with {vocabulary_size:,} different tokens a context can have at most {longest} of "
            f"them, and the block size is {block_size:,}"
        )


def context_keys(contexts: np.ndarray, vocabulary_size: int) -> np.ndarray:
    """(N, T) contexts → (N,) int64: each as one number to the base V.

    OptionError where they don't fit; see `check_block_size`.

    >>> context_keys(np.array([[0, 1], [2, 0]]), vocabulary_size=10)
    array([ 1, 20])
    """
    check_block_size(contexts.shape[1], vocabulary_size)
    keys = np.zeros(len(contexts), dtype=np.int64)
    for column in contexts.T:
        keys = keys * vocabulary_size + column
    return keys


def distinct_contexts(contexts: np.ndarray, vocabulary_size: int) -> tuple[np.ndarray, np.ndarray]:
    """(N, T) contexts → (C, T) the distinct ones, and (N,) which of them each is.

    >>> distinct_contexts(np.array([[0, 1], [2, 0], [0, 1]]), vocabulary_size=3)
    (array([[0, 1],
           [2, 0]]), array([0, 1, 0]))
    """
    _, places, where = np.unique(
        context_keys(contexts, vocabulary_size), return_index=True, return_inverse=True
    )
    return contexts[places], where


def count_contexts(
    tokens: np.ndarray,
    block_size: int,
    vocabulary_size: int,
    weights: np.ndarray | None = None,
) -> ContextCounts:
    """(N,) tokens with a 0 after each item, (items,) how much each counts → the table.

    >>> table = count_contexts(np.array([1, 2, 0, 1, 0]), block_size=1, vocabulary_size=3)
    >>> table.contexts.tolist(), table.dense().tolist()
    ([[0], [1], [2]], [[0.0, 2.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    """
    keys = context_keys(contexts_of(tokens, block_size, vocabulary_size), vocabulary_size)
    each = np.ones(len(tokens), dtype=np.int64)
    if weights is not None:
        ends = np.flatnonzero(tokens == BOUNDARY)
        each = np.repeat(weights, np.diff(ends, prepend=-1))
    known = tokens < vocabulary_size
    pairs, where = np.unique(keys[known] * vocabulary_size + tokens[known], return_inverse=True)
    counts = np.bincount(where, weights=each[known], minlength=len(pairs)).astype(each.dtype)
    rows, starts = np.unique(pairs // vocabulary_size, return_index=True)
    powers = vocabulary_size ** np.arange(block_size - 1, -1, -1, dtype=np.int64)
    return ContextCounts(
        contexts=(rows[:, None] // powers % vocabulary_size).astype(np.intp),
        starts=np.append(starts, len(pairs)).astype(np.intp),
        tokens=(pairs % vocabulary_size).astype(np.intp),
        counts=counts,
        vocabulary_size=vocabulary_size,
        unknown=float(each[~known].sum()),
    )


def count_items(items: Items, vocabulary: Vocabulary, block_size: int) -> ContextCounts:
    """The table of N items, each counted as often as it came.

    >>> from moreish.text import read_items
    >>> count_items(read_items(["ab", "ab", "b"]), Vocabulary("ab"), block_size=1).total
    8.0
    """
    return count_contexts(vocabulary.encode(items.texts), block_size, len(vocabulary), items.counts)
