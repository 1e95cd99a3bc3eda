"""Items of any model that only have to begin with something, drawn a token at a time."""

from functools import cached_property

import numpy as np

from ..engine.generator import Generator
from ..errors import DataError
from ..evaluate import log_probs_of
from ..models import Predictor, states_of
from ..text import BOUNDARY, Vocabulary, contexts_of, distinct_contexts
from .bold import as_bold
from .limits import Limits
from .lookup import MOST_TOKENS, Lookup

__all__ = ["Along"]

TRIES, AGAIN = 5, 64  # rounds without an item that fits, before saying so; items in one at least


class Along:
    """Items that only have to begin with something, drawn a token at a time."""

    def __init__(
        self, model: Predictor, vocabulary: Vocabulary, limits: Limits, longest: int
    ) -> None:
        self.model, self._plain = as_bold(model, limits), model
        self.prefix = limits.prefix
        self.start = limits.tokens_of("prefix", vocabulary)
        self.longest = max(longest, 2 * len(self.start))

    @cached_property
    def can_begin(self) -> bool:
        """Whether the model begins any item so, be it as seldom as it may."""
        contexts = contexts_of(self.start, self.model.block_size, self.model.vocabulary_size)
        return bool(np.isfinite(log_probs_of(self._plain, contexts, self.start)).all())

    @cached_property
    def by_lookup(self) -> Lookup | None:
        """The same by look-ups, which pays for many items; None where that can't be."""
        states = states_of(self.model)
        if states is None or self.model.vocabulary_size > MOST_TOKENS:
            return None
        return Lookup(self.model, states, self.start.tolist(), self.longest)

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """The tokens of `count` items, a 0 after each; what would run on for ever is left out."""
        parts: list[np.ndarray] = []
        found = tries = 0
        while found < count:
            missing = count - found
            tokens, lengths = self._drawn(max(missing, AGAIN) if tries else missing, generator)
            ended = (lengths > 0) & (lengths <= self.longest)
            tries = 0 if ended.any() else tries + 1
            if tries == TRIES:
                begun = f" that begin with {self.prefix!r}" * bool(self.prefix)
                raise DataError(
                    f"items{begun} do not come to an end within {self.longest:,} tokens: a longest "
                    f"length is wanted (--max-length), or a higher temperature, top-k or top-p"
                )
            fits = np.flatnonzero(ended)[:missing]
            inside = np.arange(tokens.shape[1]) <= lengths[fits, None]
            parts.append(tokens[fits][inside])
            found += len(fits)
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
