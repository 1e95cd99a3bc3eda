"""Items of any model that only have to begin with something, drawn a token at a time."""

from functools import cached_property

import numpy as np

from ..engine.generator import Generator
from ..errors import DataError
from ..models import Predictor, states_of
from ..models.base import contexts_at_once
from ..text import BOUNDARY, Vocabulary, contexts_of, distinct_contexts
from .alias_sampling import MOST_TOKENS, AliasSampler
from .constraints import Constraints
from .decoding import decoded
from .token_rows import TokenRows

__all__ = ["AncestralSampler"]

TRIES, AGAIN = 5, 64  # rounds without an item that fits, before saying so; items in one at least


class AncestralSampler:
    """Items that only have to begin with something, drawn a token at a time."""

    def __init__(
        self,
        model: Predictor,
        vocabulary: Vocabulary,
        constraints: Constraints,
        longest: int,
        is_cut: bool = False,
    ) -> None:
        self.model, self._plain = decoded(model, constraints), model
        self.prefix = constraints.prefix
        self.start = constraints.tokens_of("prefix", vocabulary)
        self.longest = longest if is_cut else max(longest, 2 * len(self.start))
        self.is_cut = is_cut  # whether items end after `longest` tokens, and are not left out
        self.spent = 0  # tokens of the last draw, of what was left out too

    @cached_property
    def can_begin(self) -> bool:
        """Whether the model begins any item so, be it as seldom as it may."""
        contexts = contexts_of(self.start, self.model.block_size, self.model.vocabulary_size)
        return bool(np.isfinite(self._plain.log_probs_of(contexts, self.start)).all())

    @cached_property
    def by_lookup(self) -> AliasSampler | None:
        """The same by look-ups, which pays for many items; None where that can't be."""
        states = states_of(self.model)
        if states is None or self.model.vocabulary_size > MOST_TOKENS:
            return None
        return AliasSampler(self.model, states, self.start.tolist(), self.longest)

    def draw(self, count: int, generator: Generator) -> np.ndarray:
        """(M,) the tokens of `count` items, a 0 after each.

        Items that would run on for ever are left out. DataError if hardly any comes to an end.
        """
        parts: list[np.ndarray] = []
        found = tries = self.spent = 0
        while found < count:
            missing = count - found
            drawn, endless = self._drawn(max(missing, AGAIN) if tries else missing, generator)
            self.spent += int(drawn.lengths.sum())
            ended = drawn.lengths > 1
            ended[endless] = False
            tries = 0 if ended.any() else tries + 1
            if tries == TRIES:
                begun = f" that begin with {self.prefix!r}" * bool(self.prefix)
                raise DataError(
                    f"items{begun} do not come to an end within {self.longest:,} tokens: a longest "
                    f"length is wanted (--max-length), or a higher temperature, top-k or top-p"
                )
            fits = ended & (np.cumsum(ended) <= missing)
            parts.append(drawn.tokens(fits))
            found += int(fits.sum())
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)

    def _drawn(self, count: int, generator: Generator) -> tuple[TokenRows, np.ndarray]:
        """The tokens of `count` items, and which of them have not come to an end in time."""
        drawn, running = TokenRows(count), np.arange(count)
        contexts = np.full((count, self.model.block_size), BOUNDARY, dtype=np.intp)
        for token in self.start:
            tokens = np.full(count, token)
            drawn.add(running, tokens)
            contexts = _moved_on(contexts, tokens)
        for _ in range(len(self.start), self.longest + (not self.is_cut)):
            tokens = self._next(contexts, generator)
            drawn.add(running, tokens)
            goes_on = tokens != BOUNDARY
            contexts, running = _moved_on(contexts, tokens)[goes_on], running[goes_on]
            if not len(running):
                break
        if self.is_cut and len(running):
            drawn.add(running, np.full(len(running), BOUNDARY))
            running = running[:0]
        return drawn, running

    def _next(self, contexts: np.ndarray, generator: Generator) -> np.ndarray:
        """(B, T) contexts → (B,) tokens drawn."""
        distinct, where = distinct_contexts(contexts, self.model.vocabulary_size)
        draws = generator.rand((len(contexts),), np.float64)
        tokens = np.empty(len(contexts), dtype=np.intp)
        at_once = contexts_at_once(self.model)
        for first in range(0, len(distinct), at_once):
            part = distinct[first : first + at_once]
            reach = np.cumsum(np.exp(self.model.next_log_probs(part)), axis=1)
            own = np.flatnonzero((where >= first) & (where < first + at_once))
            for some in np.array_split(own, -(-len(own) // at_once)):
                rows = reach[where[some] - first]
                tokens[some] = (rows <= (draws[some] * rows[:, -1])[:, None]).sum(axis=1)
        return tokens


def _moved_on(contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """(B, T) contexts and the (B,) tokens that came → (B, T) the contexts after them."""
    return np.concatenate([contexts[:, 1:], tokens[:, None]], axis=1)
