"""Draw items from a model, many at once, exactly as its probabilities and the limits have it.

What only has to begin with something is drawn a token at a time, until the boundary mark comes.
With other limits the model is made a chain and items are drawn from that (see `exact`); a model
with too many contexts for it lends its probabilities to items of a smaller one (see `importance`).
All know of a model only `next_log_probs`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from ..engine.generator import Generator
from ..errors import DataError, check_seed
from ..evaluate import item_log_probs, log_probs_of
from ..models import Predictor, states_of
from ..text import BOUNDARY, Vocabulary, contexts_of, distinct_contexts, only_items
from .bold import as_bold
from .chain import TooLarge, chain_of
from .exact import Exact
from .importance import Weighted
from .limits import Limits
from .lookup import MOST_TOKENS, Lookup

__all__ = ["exact_of", "sample_items", "share_of"]

FIRST, MOST = 64, 16_384  # items at once
MANY, LOOKED_UP = 4_096, 262_144  # when look-ups begin to pay, and how many then
DULL = 200  # as many times as many items are drawn as are wanted, before there are too few new ones
ESTIMATE = 10_000  # items that a share is estimated from
TOO_LARGE = (
    "this model has too many contexts to be followed under these limits; one with a smaller block "
    "size can be, or simpler limits"
)
TRIES = 50  # rounds without a single item that fits, before saying so


class Source(Protocol):
    """Where items come from."""

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """The tokens of `count` items, one after another, a 0 after each."""


def sample_items(
    model: Predictor,
    vocabulary: Vocabulary,
    limits: Limits,
    longest: int,
    seed: int,
    known: Sequence[str] | None = None,
    smaller: Callable[[], Predictor] | None = None,
) -> Iterator[str]:
    """Items without end, drawn from p(item | limits), none of the known ones.

    What no line of a list can be, as with a blank at its end, is drawn again. `longest` ends what
    would run on for ever, in tokens. If the model is too large to be followed,
    items are taken from what `smaller` gives. DataError where no item meets the limits.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> items = sample_items(model, vocabulary, Limits(prefix="b"), longest=50, seed=1)
    >>> next(items)
    'b'
    """
    check_seed(seed)
    generator = Generator().manual_seed(seed)
    source = _source(model, vocabulary, limits, longest, known, smaller)
    left_out = set(known or ()) if isinstance(source, _Along) else ()
    may_be_none = any(token.isspace() or not token.isascii() for token in vocabulary.tokens)
    count, given, misses = FIRST, 0, 0
    while True:
        items = vocabulary.decode(source.draw(count, generator))
        if isinstance(source, Weighted) and count == FIRST:
            source.warn(count)
        fresh = only_items(items) if may_be_none else items
        if left_out:
            fresh = [item for item in fresh if item not in left_out]
        given, misses = given + len(fresh), misses + len(items) - len(fresh)
        if misses > DULL * (given + 100):
            raise DataError(
                f"after {given:,} items that fit hardly any more come ({misses:,} draws in vain): "
                f"ask for fewer, or for a higher temperature"
            )
        yield from fresh
        if count == MANY and isinstance(source, _Along):
            source = source.faster()
        count = min(count * 4, LOOKED_UP if isinstance(source, Lookup) else MOST)


def _source(
    model: Predictor,
    vocabulary: Vocabulary,
    limits: Limits,
    longest: int,
    known: Sequence[str] | None,
    smaller: Callable[[], Predictor] | None,
) -> Source:
    """Where items come from, the exact way where there is one.

    What only has to begin with something needs no chain; where known items are left out and a
    chain would be too large, they are passed over as they come.
    """
    if limits.only_begins and known is None:
        return _Along(model, vocabulary, limits, longest)
    try:
        exact = exact_of(model, vocabulary, limits, known)
    except TooLarge:
        if limits.only_begins:
            return _Along(model, vocabulary, limits, longest)
        if smaller is None:
            raise DataError(TOO_LARGE) from None
        other = smaller()
        try:
            exact = exact_of(other, vocabulary, limits, known)
        except TooLarge:
            raise DataError(TOO_LARGE) from None
        return Weighted(as_bold(model, limits), as_bold(other, limits), exact)
    if exact.share <= 0:
        asked = limits.told() + " --new" * (known is not None)
        raise DataError(f"this model makes no item with {asked.strip()}")
    return exact


def exact_of(
    model: Predictor, vocabulary: Vocabulary, limits: Limits, known: Sequence[str] | None
) -> Exact:
    """The model as a chain under the limits; TooLarge if it can't be, DataError for no item.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> round(exact_of(model, vocabulary, Limits(suffix="b", max_length=2), ["b"]).share, 6)
    0.111111
    """
    automaton = limits.automaton(vocabulary)
    chain = chain_of(as_bold(model, limits), automaton, limits.max_length)
    tokens = None if known is None else vocabulary.encode(known)
    return Exact(chain, limits.min_length, limits.max_length, tokens)


class _Along:
    """Items that only have to begin with something, drawn a token at a time."""

    def __init__(
        self, model: Predictor, vocabulary: Vocabulary, limits: Limits, longest: int
    ) -> None:
        self.model = as_bold(model, limits)
        self.prefix = limits.prefix
        self.start = vocabulary.must_know(limits.prefix, "the prefix")
        self.longest = max(longest, 2 * len(self.start))

    def faster(self) -> Source:
        """The same by look-ups, which pays for many items; itself where that can't be."""
        states = states_of(self.model)
        if states is None or self.model.vocabulary_size > MOST_TOKENS:
            return self
        return Lookup(self.model, states, self.start.tolist(), self.longest)

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """The tokens of `count` items, a 0 after each; what would run on for ever is left out."""
        parts: list[np.ndarray] = []
        found = tries = 0
        while found < count:
            tokens, lengths = self._drawn(count - found, generator)
            ended = (lengths > 0) & (lengths <= self.longest)
            tries = 0 if ended.any() else tries + 1
            if tries == TRIES:
                raise DataError(
                    f"items that begin with {self.prefix!r} do not come to an end within "
                    f"{self.longest:,} tokens"
                )
            inside = np.arange(tokens.shape[1]) <= lengths[ended, None]
            parts.append(tokens[ended][inside])
            found += int(ended.sum())
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)

    def _drawn(self, count: int, generator: Generator) -> tuple[np.ndarray, np.ndarray]:
        """(count, longest + 1) tokens, zeros behind the end, and (count,) lengths."""
        most, block_size = self.longest, self.model.block_size
        tokens = np.full((count, most + 1), BOUNDARY, dtype=np.intp)
        tokens[:, : len(self.start)] = self.start
        lengths = np.full(count, most + 1)
        running = np.arange(count)
        for place in range(len(self.start), most + 1):
            contexts = np.full((len(running), block_size), BOUNDARY, dtype=np.intp)
            seen = min(place, block_size)
            if seen:
                contexts[:, -seen:] = tokens[running, place - seen : place]
            distinct, where = distinct_contexts(contexts, self.model.vocabulary_size)
            reach = np.cumsum(np.exp(self.model.next_log_probs(distinct)), axis=1)
            draws = generator.rand((len(running),), np.float64) * reach[where, -1]
            drawn = (reach[where] <= draws[:, None]).sum(axis=1)
            tokens[running, place] = drawn
            lengths[running[drawn == BOUNDARY]] = place
            running = running[drawn != BOUNDARY]
            if not len(running):
                break
        return tokens, lengths


def share_of(
    model: Predictor,
    vocabulary: Vocabulary,
    limits: Limits,
    known: Sequence[str] | None = None,
    smaller: Callable[[], Predictor] | None = None,
) -> float:
    """The share of all items that meet the limits, exactly where the model can be followed.

    Else it is estimated by way of what `smaller` gives, with a warning; DataError without one.

    >>> from moreish.models.bigram import Bigram
    >>> model, vocabulary = Bigram(3), Vocabulary("ab")  # not fitted: each of three is as likely
    >>> round(share_of(model, vocabulary, Limits(prefix="a", max_length=2)), 6)
    0.277778
    """
    try:
        return exact_of(model, vocabulary, limits, known).share
    except TooLarge:
        if limits.only_begins:
            return _share_that_begins(as_bold(model, limits), vocabulary, limits.prefix, known)
        if smaller is None:
            raise DataError(TOO_LARGE) from None
    source = _source(model, vocabulary, limits, 0, known, smaller)
    assert isinstance(source, Weighted)
    source.draw(ESTIMATE, Generator().manual_seed(1))
    source.warn(ESTIMATE)
    return source.share


def _share_that_begins(
    model: Predictor, vocabulary: Vocabulary, prefix: str, known: Sequence[str] | None
) -> float:
    """The product along the prefix, less what the known items have that begin so."""
    start = np.append(vocabulary.must_know(prefix, "the prefix"), BOUNDARY)
    contexts = contexts_of(start, model.block_size, model.vocabulary_size)
    share = np.exp(log_probs_of(model, contexts, start)[:-1].sum())
    empty = np.exp(model.next_log_probs(contexts[:1])[0, BOUNDARY])
    listed = [text for text in known or () if text.startswith(prefix)]
    tokens = vocabulary.encode(listed)
    if len(start) == 1:
        share -= empty
    left_out = np.exp(item_log_probs(model, tokens)).sum() if listed else 0.0
    return float((share - left_out) / (1 - empty))
