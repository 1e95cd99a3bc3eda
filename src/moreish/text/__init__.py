"""From a list of lines to a table of counts."""

from .counts import (
    ContextCounts,
    check_block_size,
    context_keys,
    contexts_of,
    count_contexts,
    count_items,
    distinct_contexts,
    gather_rows,
    longest_block_size,
)
from .lines import Items, Source, clean, read_each, read_items
from .splits import DEV, TEST, TRAIN, parse_shares, split_items
from .vocabulary import BOUNDARY, Vocabulary

__all__ = [
    "BOUNDARY",
    "DEV",
    "TEST",
    "TRAIN",
    "ContextCounts",
    "Items",
    "Source",
    "Vocabulary",
    "check_block_size",
    "clean",
    "context_keys",
    "contexts_of",
    "count_contexts",
    "count_items",
    "distinct_contexts",
    "gather_rows",
    "longest_block_size",
    "parse_shares",
    "read_each",
    "read_items",
    "split_items",
]
