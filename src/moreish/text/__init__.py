"""From a list of lines to a table of counts."""

from .composed import composed
from .counts import ContextCounts, count_contexts, count_items
from .gather import Gathered, gather
from .items import Items, read_each, read_items
from .lines import Chunk, LeftOut, Reading, as_read, clean, only_items
from .sources import Files, Source, files
from .splits import DEV, TEST, TRAIN, parse_shares, split_items
from .stream import count
from .vocabulary import BOUNDARY, Vocabulary
from .windows import (
    check_block_size,
    context_keys,
    contexts_of,
    digits_of,
    distinct_contexts,
    gather_rows,
    item_sizes,
    longest_block_size,
    rebased,
    row_sums,
)

__all__ = [
    "BOUNDARY",
    "DEV",
    "TEST",
    "TRAIN",
    "Chunk",
    "ContextCounts",
    "Files",
    "Gathered",
    "Items",
    "LeftOut",
    "Reading",
    "Source",
    "Vocabulary",
    "as_read",
    "check_block_size",
    "clean",
    "composed",
    "context_keys",
    "contexts_of",
    "count",
    "count_contexts",
    "count_items",
    "digits_of",
    "distinct_contexts",
    "files",
    "gather",
    "gather_rows",
    "item_sizes",
    "longest_block_size",
    "only_items",
    "parse_shares",
    "read_each",
    "read_items",
    "rebased",
    "row_sums",
    "split_items",
]
