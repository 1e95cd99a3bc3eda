"""From a list of lines to a table of counts."""

from .cleaning import clean, only_items
from .counting import count, count_contexts, count_items
from .counts import ContextCounts
from .ingest import Gathered, gather
from .items import Items, read_each, read_items
from .left_out import LeftOut
from .ngram_keys import (
    check_block_size,
    context_keys,
    contexts_of,
    digits_of,
    distinct_contexts,
    find_in_rows,
    gather_rows,
    item_sizes,
    longest_block_size,
    longest_in_window,
    rebased,
    row_sums,
)
from .normalization import composed
from .positions import Corpus, Positions, corpus_of, table_of
from .reading import Chunk, Reading, as_read
from .sources import Files, Source, files
from .splits import DEV, TEST, TRAIN, parse_shares, split_items
from .vocabulary import BOUNDARY, Vocabulary

__all__ = [
    "BOUNDARY",
    "DEV",
    "TEST",
    "TRAIN",
    "Chunk",
    "ContextCounts",
    "Corpus",
    "Files",
    "Gathered",
    "Items",
    "LeftOut",
    "Positions",
    "Reading",
    "Source",
    "Vocabulary",
    "as_read",
    "check_block_size",
    "clean",
    "composed",
    "context_keys",
    "contexts_of",
    "corpus_of",
    "count",
    "count_contexts",
    "count_items",
    "digits_of",
    "distinct_contexts",
    "files",
    "find_in_rows",
    "gather",
    "gather_rows",
    "item_sizes",
    "longest_block_size",
    "longest_in_window",
    "only_items",
    "parse_shares",
    "read_each",
    "read_items",
    "rebased",
    "row_sums",
    "split_items",
    "table_of",
]
