"""Table 1 of Bengio et al. (2003) again: the paper's models on the Brown corpus, and newer ones."""

from .nearest_words import WORDS, nearest_words
from .networks import BATCH
from .reproduction import Reproduction, Result, reproduce
from .table_1 import DEL_INT, KN5, ROWS

__all__ = [
    "BATCH",
    "DEL_INT",
    "KN5",
    "ROWS",
    "WORDS",
    "Reproduction",
    "Result",
    "nearest_words",
    "reproduce",
]
