"""Models of the same list that look back less: what a large one is drawn by."""

from ..models import Predictor
from ..models.backoff import BackOff, Drawn
from ..models.ngram import NGram
from ..text import Vocabulary, longest_block_size
from ..text.dataset import Dataset

__all__ = ["smaller_models"]

BACK, FOLLOWED = 4, 2_000_000  # tokens that a smaller model looks back; its contexts times tokens


def smaller_models(model: Predictor, dataset: Dataset, vocabulary: Vocabulary) -> list[Predictor]:
    """N-gram models of the same list: the first looks back as far as is followed at little cost,
    each a token farther than the next.

    >>> from moreish import train
    >>> made = train(["anna", "hannah", "nan"], model="mlp", steps=5, split=(100, 0, 0))
    >>> models = smaller_models(made.language_model, made.dataset, made.vocabulary)
    >>> [smaller.block_size for smaller in models]
    [4, 3, 2, 1]
    """
    size = len(vocabulary.known)
    found: list[Predictor] = []
    for block_size in range(min(model.block_size, longest_block_size(size), BACK), 0, -1):
        if isinstance(model, BackOff):
            smaller: Drawn | NGram = Drawn(model.shorter(block_size))
        else:
            counts = dataset.counts("train", vocabulary, block_size)
            smaller = NGram(size, block_size=block_size).fit(counts)
        if size * sum(map(len, smaller.endings())) <= FOLLOWED or block_size == 1:
            found.append(smaller)
    return found
