"""Contexts of T tokens as one number; windows, which are a context and the token that follows.

They are numbers to some base, its digits the tokens, the oldest first. What stands before an
end or an unknown token is not seen: those digits are 0. This module knows nothing of text.
"""

import numpy as np

from ..errors import OptionError
from .vocabulary import BOUNDARY

BLOCK = 1 << 15  # tokens that fit into a processor's cache with all that is made of them


def longest_block_size(vocabulary_size: int) -> int:
    """The largest T for which a context of T tokens fits into 63 bits, as n-grams need it.

    >>> longest_block_size(27), longest_block_size(55_108)
    (13, 4)
    """
    longest = 1
    while max(vocabulary_size, 2) ** (longest + 1) < 2**63:
        longest += 1
    return longest


def longest_in_window(vocabulary_size: int) -> int:
    """The largest T for which a window fits: T tokens and the one that follows.

    >>> longest_in_window(27), longest_in_window(55_108)
    (12, 3)
    """
    return longest_block_size(vocabulary_size) - 1


def check_block_size(block_size: int, vocabulary_size: int, windows: str = "") -> None:
    """OptionError where contexts of T tokens don't fit into 63 bits; where `windows` says what
    they are for, also where those don't.

    >>> check_block_size(13, vocabulary_size=27)
    """
    if block_size < 0:
        raise OptionError(f"the block size must be 0 or more, got {block_size}")
    longest = (longest_in_window if windows else longest_block_size)(vocabulary_size)
    if block_size > longest:
        raise OptionError(
            f"with {vocabulary_size:,} different tokens a context{windows and ' '}{windows} can "
            f"have at most {longest} of them, and the block size is {block_size:,}"
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

    They may have any number of tokens: what would not fit into 63 bits is numbered in between.

    >>> distinct_contexts(np.array([[0, 1], [2, 0], [0, 1]]), vocabulary_size=3)
    (array([[0, 1],
           [2, 0]]), array([0, 1, 0]))
    """
    keys, most = np.zeros(len(contexts), dtype=np.int64), 1
    for column in contexts.T:
        if most * vocabulary_size >= 2**63:
            keys, most = np.unique(keys, return_inverse=True)[1], len(contexts)
        keys, most = keys * vocabulary_size + column, most * vocabulary_size
    _, places, where = np.unique(keys, return_index=True, return_inverse=True)
    return contexts[places], where


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


def item_sizes(tokens: np.ndarray) -> np.ndarray:
    """(N,) tokens, a 0 after each item → how many each item has, its end included.

    >>> item_sizes(np.array([1, 2, 0, 3, 0]))
    array([3, 2])
    """
    return np.diff(np.flatnonzero(tokens == BOUNDARY), prepend=-1)


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


def find_in_rows(
    starts: np.ndarray, tokens: np.ndarray, rows: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of a sparse table (C + 1,) where its rows begin and (P,) its tokens, which rise in each row;
    (B,) a row and (B,) a token → which of the B are there, and where in the table, both (F,).

    >>> starts, tokens = np.array([0, 2, 3]), np.array([4, 7, 4])
    >>> find_in_rows(starts, tokens, rows=np.array([0, 1]), wanted=np.array([7, 7]))
    (array([0]), array([1]))
    """
    low, end = starts[rows], starts[rows + 1]
    high = end
    for _ in range(int((end - low).max(initial=0)).bit_length()):  # halved until nothing is between
        middle = (low + high) // 2
        is_below = (low < high) & (tokens.take(middle, mode="clip") < wanted)
        low, high = np.where(is_below, middle + 1, low), np.where(is_below, high, middle)
    which = np.flatnonzero(low < end)
    which = which[tokens[low[which]] == wanted[which]]
    return which, low[which]


def row_sums(starts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(C + 1,) where the rows of a sparse table begin, and (P,) values → (C,) their sums, each by
    itself: what is large in one row takes no digits from another.

    >>> row_sums(np.array([0, 1, 1, 3]), np.array([1e30, 0.25, 0.5])).tolist()
    [1e+30, 0.0, 0.75]
    """
    if values.dtype.kind in "iu":
        ends = np.append(0, np.cumsum(values))
        sums: np.ndarray = ends[starts[1:]] - ends[starts[:-1]]
        return sums
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return np.bincount(rows, values, len(starts) - 1)


def context_windows(tokens: np.ndarray, block_size: int, base: int) -> np.ndarray:
    """(N,) tokens, a 0 after each item → (N,) int32 or int64: the T tokens before each.

    >>> context_windows(np.array([5, 6, 0, 7]), block_size=2, base=10)
    array([ 0,  5, 56,  0], dtype=int32)
    """
    short = base ** (block_size + 1) < 2**31  # and so with the token that follows
    dtype: type = np.int32 if short else np.int64
    before: np.ndarray = np.zeros(len(tokens) + block_size, dtype)
    before[block_size:] = tokens
    factor: np.ndarray = np.not_equal(before, BOUNDARY).astype(dtype)
    factor *= base
    windows: np.ndarray = np.zeros(len(tokens), dtype)
    for place in range(block_size):
        part = slice(place, place + len(tokens))
        windows *= factor[part]
        windows += before[part]
    return windows


def add_up(windows: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,) windows and how often each was seen → the distinct ones, rising, and how often.

    >>> add_up(np.array([7, 3, 7]), np.array([1, 5, 2]))
    (array([3, 7]), array([5, 3]))
    """
    if not len(windows):
        return windows, counts
    order = np.argsort(windows)
    ranked = windows[order]
    firsts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    return ranked[firsts], np.add.reduceat(counts[order], firsts)


def renumbered(
    windows: np.ndarray, size: int, base: int, numbers: np.ndarray, new_base: int
) -> np.ndarray:
    """(N,) windows of `size` tokens → the same to another base, each token d now `numbers[d]`.

    A number of `new_base` or more is an unknown token: one that is the last makes the window
    negative.

    >>> renumbered(np.array([120, 213]), 3, 10, np.array([0, 2, 9, 1]), new_base=9)
    array([ 0, 19])
    """
    new = np.zeros(len(windows), np.int64)
    for first in range(0, len(windows), BLOCK):
        part = new[first : first + BLOCK]
        *context, token = digits_of(windows[first : first + BLOCK], size, base)
        for digit in context:
            number = numbers[digit]
            part *= new_base
            part += number
            part *= (number != BOUNDARY) & (number < new_base)
        number = numbers[token]
        part *= new_base
        part += number
        part[number >= new_base] = -1
    return new


def digits_of(windows: np.ndarray, size: int, base: int) -> list[np.ndarray]:
    """(N,) windows → `size` times (N,), their digits, the oldest token first.

    >>> [digit.tolist() for digit in digits_of(np.array([12, 5]), size=3, base=10)]
    [[0, 0], [1, 0], [2, 5]]
    """
    digits = []
    for _ in range(size):
        windows, digit = np.divmod(windows, base)
        digits.append(digit)
    return digits[::-1]


def rebased(windows: np.ndarray, size: int, base: int, new_base: int) -> np.ndarray:
    """(N,) numbers of `size` digits to a base → (N,) int64, the same digits to another.

    >>> rebased(np.array([12, 5]), size=2, base=10, new_base=100)
    array([102,   5])
    """
    numbers = np.zeros(len(windows), dtype=np.int64)
    for digit in digits_of(windows, size, base):
        numbers = numbers * new_base + digit
    return numbers
