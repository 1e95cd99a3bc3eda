"""From a list of any length to its table of counts, in one pass; from tokens and items to theirs.

Tokens get their numbers as they appear, and the table those of a vocabulary in order at the end.
Plain ASCII never becomes text: it goes from the bytes of the file to the counts.
"""

from typing import Any

import numpy as np

from .counts import ContextCounts
from .items import Items
from .ngram_keys import (
    add_up,
    check_block_size,
    context_windows,
    contexts_of,
    item_sizes,
    longest_in_window,
)
from .reading import Reading
from .sources import Source
from .tally import WINDOWS, Tally
from .vocabulary import BOUNDARY, Numbering, Vocabulary


def count(
    source: Source | None = None, *, block_size: int, words: bool = False, **options: Any
) -> ContextCounts:
    """The table of contexts of `block_size` tokens of a list, and what followed.

    `source` and options are those of `train` for reading: a path, paths, "-", any iterable of
    texts, or without one the bundled list; `encoding`, `column`, `weights`, `format`, `lower`,
    `max_length`. `words` makes tokens of words and not of characters. What was left out stands in
    the table's `remarks`. DataError if the list can't be counted, OptionError for options that
    don't fit, as a block size that is too long for so many tokens.

    >>> table = count(["anna", "ann"], block_size=2)
    >>> table.total, len(table), table.vocabulary.tokens
    (9.0, 5, ('a', 'n'))
    """
    check_block_size(block_size, 2, WINDOWS)
    reading = Reading(source, words=words, **options)
    numbering = Numbering("words" if words else "characters")
    tally = Tally(block_size)
    for chunk in reading.chunks():
        tokens = numbering.encode(chunk.mended, chunk.plain)
        weights = None if chunk.weights is None else np.array(chunk.weights)
        tally.add(tokens, len(numbering), weights)
    vocabulary, numbers = numbering.in_order()
    windows, counts = tally.windows(numbers, len(vocabulary))
    return ContextCounts.of_windows(
        windows, counts, block_size, vocabulary, remarks=reading.remarks
    )


def count_contexts(
    tokens: np.ndarray,
    block_size: int,
    vocabulary_size: int,
    weights: np.ndarray | None = None,
    vocabulary: Vocabulary | None = None,
) -> ContextCounts:
    """(N,) tokens with a 0 after each item, (items,) how much each counts → the table.

    A token of number V is unknown. OptionError where contexts are too long for a table.

    >>> table = count_contexts(np.array([1, 2, 0, 1, 0]), block_size=1, vocabulary_size=3)
    >>> table.contexts.tolist(), table.dense().tolist()
    ([[0], [1], [2]], [[0.0, 2.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    """
    check_block_size(block_size, vocabulary_size)
    known = tokens < vocabulary_size
    each = np.ones(len(tokens), dtype=np.int64)
    if weights is not None:
        each = np.repeat(weights, item_sizes(tokens))
    whose, unknown = vocabulary or vocabulary_size, each[~known].sum()
    if block_size > longest_in_window(vocabulary_size):
        contexts = contexts_of(tokens, block_size, vocabulary_size)
        rows, followed = np.flatnonzero(known), tokens[known]
        return ContextCounts.of_pairs(contexts, rows, followed, each[known], whose, unknown)
    seen = np.where(known, tokens, BOUNDARY)
    windows = context_windows(seen, block_size, vocabulary_size) * vocabulary_size + tokens
    windows, counts = add_up(windows[known].astype(np.int64), each[known])
    return ContextCounts.of_windows(windows, counts, block_size, whose, unknown)


def count_items(items: Items, vocabulary: Vocabulary, block_size: int) -> ContextCounts:
    """The table of N items, each counted as often as it came.

    >>> from moreish.text import read_items
    >>> count_items(read_items(["ab", "ab", "b"]), Vocabulary("ab"), block_size=1).total
    8.0
    """
    tokens = vocabulary.encode(items.texts)
    return count_contexts(tokens, block_size, len(vocabulary), items.counts, vocabulary)
