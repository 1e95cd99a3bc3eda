"""Draw items from a model, many at once: a token at a time, until the boundary mark comes.

It knows of a model only `next_log_probs`. Contexts that several items share are computed once.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..engine.generator import Generator
from ..errors import DataError, OptionError, check_seed
from ..models import LanguageModel
from ..text import BOUNDARY, Vocabulary, distinct_contexts

AT_ONCE = 16_384
TRIES = 50  # rounds without a single item that fits, before saying so


@dataclass(frozen=True)
class Limits:
    """What is asked of the items, beside being likely."""

    prefix: str = ""  # what they begin with
    temperature: float = 1.0  # below 1 plays safe, above 1 dares more; 0 is the likeliest token
    top_k: int | None = None  # only the k likeliest tokens at each place
    top_p: float | None = None  # only the likeliest tokens that together have this probability
    min_length: int = 0  # in tokens, the prefix included
    max_length: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise OptionError(f"the temperature must be 0 or more, got {self.temperature:g}")
        if self.top_k is not None and self.top_k < 1:
            raise OptionError(f"top-k must be 1 or more, got {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise OptionError(f"top-p must be more than 0 and at most 1, got {self.top_p:g}")
        if self.min_length < 0:
            raise OptionError(f"the shortest length must be 0 or more, got {self.min_length}")
        if self.max_length is not None and self.max_length < max(self.min_length, 1):
            raise OptionError(
                f"no item can have at least {self.min_length} and at most {self.max_length} tokens"
            )


def sample_items(
    model: LanguageModel, vocabulary: Vocabulary, limits: Limits, longest: int, seed: int
) -> Iterator[str]:
    """Items without end, drawn from p(item | prefix and lengths): what doesn't fit is drawn again.

    `longest` ends what would run on for ever: an item with more tokens is drawn again as well.
    DataError where no item can fit, or hardly any.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> items = sample_items(model, vocabulary, Limits(prefix="b"), longest=50, seed=1)
    >>> next(items)
    'b'
    """
    check_seed(seed)
    start = vocabulary.must_know(limits.prefix, "the prefix")
    most = longest if limits.max_length is None else limits.max_length
    if len(start) > most:
        raise OptionError(
            f"the prefix {limits.prefix!r} is longer than the {most} tokens that an item may have"
        )
    generator = Generator().manual_seed(seed)
    misses = 0
    at_once = 64
    while True:
        tokens = _draw(model, start, at_once, most, limits, generator)
        ended = (tokens == BOUNDARY).any(axis=1)
        lengths = np.where(ended, (tokens == BOUNDARY).argmax(axis=1), most + 1)
        fits = ended & (lengths >= limits.min_length) & (lengths > 0)
        misses = 0 if fits.any() else misses + 1
        if misses == TRIES or (misses and limits.temperature == 0):
            raise DataError(
                f"no item came that begins with {limits.prefix!r} and has "
                f"{limits.min_length} to {most} tokens, in {at_once * misses:,} draws"
            )
        kept, sizes = tokens[fits], lengths[fits]
        inside = np.arange(kept.shape[1]) <= sizes[:, None]
        yield from vocabulary.decode(kept[inside])
        at_once = min(at_once * 4, AT_ONCE)


def _draw(
    model: LanguageModel,
    start: np.ndarray,
    count: int,
    most: int,
    limits: Limits,
    generator: Generator,
) -> np.ndarray:
    """(count, most + 1) tokens; from the first boundary mark on there are only such marks."""
    tokens = np.full((count, most + 1), BOUNDARY, dtype=np.intp)
    tokens[:, : len(start)] = start
    block_size = model.block_size
    running = np.arange(count)
    for place in range(len(start), most + 1):
        contexts = np.full((len(running), block_size), BOUNDARY, dtype=np.intp)
        seen = min(place, block_size)
        if seen:
            contexts[:, -seen:] = tokens[running, place - seen : place]
        distinct, where = distinct_contexts(contexts, model.vocabulary_size)
        reach = np.cumsum(_chances(model.next_log_probs(distinct), limits), axis=1)
        draws = generator.rand((len(running),), np.float64) * reach[where, -1]
        drawn = (reach[where] <= draws[:, None]).sum(axis=1)
        tokens[running, place] = drawn
        running = running[drawn != BOUNDARY]
        if not len(running):
            break
    tokens[running, most] = 1  # still running: it has no end
    return tokens


def _chances(log_probs: np.ndarray, limits: Limits) -> np.ndarray:
    """(B, V) log-probabilities → (B, V) what to draw in proportion to, the limits applied."""
    scores = log_probs.astype(np.float64)
    if limits.temperature == 0:
        scores = np.where(np.arange(scores.shape[1]) == scores.argmax(axis=1)[:, None], 0, -np.inf)
    else:
        scores = scores / limits.temperature
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    if limits.top_k is None and limits.top_p is None:
        return chances
    order = np.argsort(-chances, axis=1, kind="stable")
    ranked = np.take_along_axis(chances, order, axis=1)
    allowed = np.ones_like(ranked, dtype=bool)
    if limits.top_k is not None:
        allowed[:, limits.top_k :] = False
    if limits.top_p is not None:
        before = np.cumsum(ranked, axis=1) - ranked
        allowed &= before < limits.top_p * ranked.sum(axis=1, keepdims=True)
    np.put_along_axis(chances, order, ranked * allowed, axis=1)
    return chances
