"""From a list of any length to its table of counts, in one pass.

Tokens get their numbers as they appear, and the table those of a vocabulary in order at the end.
Plain ASCII never becomes text: it goes from the bytes of the file to the counts.
"""

from typing import Any

import numpy as np

from .counts import ContextCounts
from .ngram_keys import check_block_size
from .reading import Reading
from .sources import Source
from .tally import Tally
from .vocabulary import Numbering


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
    check_block_size(block_size, 2)
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
