"""The trigram that the paper compares with: deleted interpolation, weighed by how often a context
of two words came.

    p(w | u v) = a0 / V + a1 p(w) + a2 p(w | v) + a3 p(w | u v)

There are four weights a0 to a3 for each frequency of u v, on a logarithmic scale. They are learnt
on valid, by expectation maximisation.
"""

import numpy as np

from ..models.interpolation import bins_of
from ..models.ngram import INTERPOLATION, NGram
from ..models.ngram_counts import Level

__all__ = ["PaperTrigram"]


class PaperTrigram(NGram):
    """The smoothed trigram of the paper.

    An `NGram` with the smoothing "deleted-interpolation" is better: a context that never came has
    weights of its own there, by how often its last word did.

    >>> from moreish.text import count_contexts
    >>> counts = count_contexts(np.array([1, 2, 1, 2, 2, 1, 2, 0]), 2, vocabulary_size=3)
    >>> model = PaperTrigram(3).fit(counts, dev=counts)
    >>> np.exp(model.log_probs_of(np.array([[2, 1]]), np.array([2]))).round(2)
    array([1.])
    """

    def __init__(self, vocabulary_size: int) -> None:
        super().__init__(vocabulary_size, block_size=2, smoothing=INTERPOLATION)

    def _binned(self, levels: list[Level]) -> list[np.ndarray]:
        """All contexts that did not come have one bin, as have those of fewer than two words."""
        bins = bins_of(levels)
        bins[:2] = (np.zeros_like(own) for own in bins[:2])
        bins[2] = bins[2] - bins[2].min(initial=0) + 1
        return bins
