"""Table 1 of the paper of the course again: its models on the Brown corpus, and newer ones.

Source: Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, "A Neural Probabilistic Language Model",
Journal of Machine Learning Research 3 (2003) 1137-1155.
"""

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
