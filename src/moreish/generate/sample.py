"""Draw items from a model, many at once, exactly as its probabilities and the constraints have it.

What only has to begin with something is drawn a token at a time, until the boundary mark comes
(see `ancestral`, and `alias_sampling` for many). With other constraints the model is made a chain
and items are drawn from that (see `exact`); a model with too many contexts for it lends its
probabilities to items of a smaller one (see `importance_sampling`). All know of a model only
`next_log_probs`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain as one_after_another
from itertools import cycle

import numpy as np

from ..engine.generator import Generator
from ..errors import DataError, OptionError, check_seed
from ..models import Predictor
from ..scoring.evaluate import item_log_probs
from ..text import BOUNDARY, Vocabulary, contexts_of, only_items
from .alias_sampling import AliasSampler
from .ancestral import AncestralSampler
from .automaton import Automaton
from .chain import TooLarge, chain_of
from .constraints import Constraints
from .decoding import decoded, with_temperature
from .exact import Exact, among_items
from .importance_sampling import Weighted
from .top import top_items

__all__ = ["Sampler"]

FIRST, MOST = 64, 16_384  # items at once
MOST_TOKENS = 2_097_152  # of them all, about
MANY = 4_096  # when look-ups begin to pay
KEPT = 4  # ways to draw that wait to be used again
DULL = 200  # as many times as many items are drawn as are wanted, before there are too few new ones
ESTIMATE = 10_000  # items that a share is estimated from
TOO_LARGE = (
    "this model has too many contexts to sample exactly under these constraints: use a model "
    "with a smaller block size, or simpler constraints"
)

Source = AncestralSampler | Exact | Weighted


class Sampler:
    """Draws items of a model. What was prepared for constraints is kept for the next request.

    `longest` ends what would run on for ever, in tokens. `known` gives the items that are not new.
    If the model is too large to be followed, items are taken from the first that is not of those
    that `smaller` gives.

    >>> from moreish.models.bigram import Bigram
    >>> sampler = Sampler(Bigram(3), Vocabulary("ab"))  # not fitted: each of three is as likely
    >>> next(sampler.items(Constraints(prefix="b"), seed=1))
    'b'
    >>> round(sampler.share(Constraints(prefix="a", max_length=2)), 6)
    0.277778
    """

    def __init__(
        self,
        model: Predictor,
        vocabulary: Vocabulary,
        longest: int = 50,
        known: Callable[[], Iterable[str]] = tuple,
        smaller: Callable[[], Iterable[Predictor]] = tuple,
    ) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.longest = longest
        self._known = known
        self._smaller = smaller
        self._idle: dict[tuple[Constraints, bool], Source] = {}  # those used last come last

    def likeliest(
        self, constraints: Constraints, new: bool = False, unique: bool = False
    ) -> Iterator[str]:
        """The likeliest item again and again, which is what a temperature of 0 draws.

        DataError where there is none; with `unique`, where another one is wanted. OptionError for
        `top_k` and `top_p`, which change nothing here.
        """
        for name, limit in (("top-k", constraints.top_k), ("top-p", constraints.top_p)):
            if limit is not None:
                raise OptionError(f"a temperature of 0 is the likeliest item, whatever {name} is")
        known = frozenset(self._known()) if new else frozenset()
        warm = replace(constraints, temperature=1.0)
        found = [item for item, _ in top_items(self.model, self.vocabulary, warm, 1, known)]
        if not found:
            raise DataError("there is no such item")
        return _once(found) if unique else cycle(found)

    def items(self, constraints: Constraints, seed: int, new: bool = False) -> Iterator[str]:
        """Items without end, drawn from p(item | constraints); with `new` none of the known ones.

        What no line of a list can be, as with a blank at its end, is drawn again. DataError where
        no item meets the constraints, before the first is drawn.
        """
        check_seed(seed)
        source = self._taken(constraints, new)
        exact = source.proposal if isinstance(source, Weighted) else source
        if not (exact.can_begin if isinstance(exact, AncestralSampler) else exact.share > 0):
            asked = constraints.told() + " --new" * new
            raise DataError(
                f"this model makes no item with {asked.strip()}, or so seldom that it can't be "
                f"told from never"
            )
        return one_after_another.from_iterable(self._parts(source, constraints, seed, new))

    def different(self, constraints: Constraints, seed: int, new: bool = False) -> Iterator[str]:
        """The same, each item once; DataError where there are no more, or hardly any more come."""
        return self._once(self.items(constraints, seed, new), constraints, seed, new)

    def _once(
        self, items: Iterator[str], constraints: Constraints, seed: int, new: bool
    ) -> Iterator[str]:
        seen: set[str] = set()
        for number, item in enumerate(items):
            if item not in seen:
                seen.add(item)
                yield item
            elif number > DULL * (len(seen) + 100):
                break
        yield from self._rest(seen, constraints, seed, new)

    def _rest(
        self, seen: set[str], constraints: Constraints, seed: int, new: bool
    ) -> Iterator[str]:
        """What is not among those seen, where hardly anything else comes: they are left out as
        known items are."""
        generator = Generator().manual_seed(seed)
        known = [*self._known()] if new else []
        automaton = constraints.automaton(self.vocabulary)
        while True:
            left_out = self.vocabulary.encode([*known, *seen])
            try:
                rest = _exact(self.model, automaton, constraints, left_out)
            except TooLarge:
                raise DataError(
                    f"after {len(seen):,} items that are different from each other hardly any more "
                    f"come: ask for fewer, or for a higher temperature"
                ) from None
            if rest.share <= 0:
                raise DataError(
                    f"no more than {len(seen):,} different items meet these constraints"
                )
            items = self.vocabulary.decode(rest.draw(len(seen) + 100, generator))
            fitting = only_items(items, self.vocabulary.verbatim)
            fresh = [item for item in dict.fromkeys(fitting) if item not in seen]
            if not fresh:
                raise DataError(f"hardly any items come but the {len(seen):,} that came already")
            seen.update(fresh)
            yield from fresh

    def _parts(
        self, source: Source, constraints: Constraints, seed: int, new: bool
    ) -> Iterator[list[str]]:
        generator = Generator().manual_seed(seed)
        left_out = frozenset(self._known() if new and isinstance(source, AncestralSampler) else ())
        may_be_none = any(t.isspace() or not t.isascii() for t in self.vocabulary.tokens)
        count, given, misses = FIRST, 0, 0
        try:
            while True:
                lookup = (
                    source.by_lookup
                    if count > MANY and isinstance(source, AncestralSampler)
                    else None
                )
                drawer = lookup or source
                tokens = drawer.draw(count, generator)
                items = self.vocabulary.decode(tokens)
                if isinstance(source, Weighted) and count == FIRST:
                    source.warn(count)
                fresh = only_items(items, self.vocabulary.verbatim) if may_be_none else items
                if left_out:
                    fresh = [item for item in fresh if item not in left_out]
                given, misses = given + len(fresh), misses + len(items) - len(fresh)
                if misses > DULL * (given + 100):
                    raise DataError(
                        f"after {given:,} items that fit hardly any more come ({misses:,} draws "
                        f"in vain): ask for fewer, or for a higher temperature"
                    )
                yield fresh
                spent = drawer.spent if isinstance(drawer, AncestralSampler | AliasSampler) else 0
                fits = MOST_TOKENS * count // max(len(tokens), spent)
                count = min(count * 4, MOST, max(fits, 1))
        finally:
            self._put_back(constraints, new, source)

    def share(self, constraints: Constraints, new: bool = False) -> float:
        """The probability of the constraints, exact where the model is small enough.

        Else it is estimated by way of a smaller model, with a warning. DataError if no smaller one
        can be followed.
        """
        source = self._taken(constraints, new)
        if isinstance(source, AncestralSampler):
            share = self._share_that_begins(source, new)
        else:
            if isinstance(source, Weighted):
                source.draw(ESTIMATE, Generator().manual_seed(1))
                source.warn(ESTIMATE)
            share = source.share
        self._put_back(constraints, new, source)
        return share

    # ---- ways to draw, each used by one at a time

    def _taken(self, constraints: Constraints, new: bool) -> Source:
        waiting = self._idle.pop((constraints, new), None)
        return self._made(constraints, new) if waiting is None else waiting

    def _put_back(self, constraints: Constraints, new: bool, source: Source) -> None:
        self._idle[constraints, new] = source
        for key in list(self._idle)[:-KEPT]:
            self._idle.pop(key, None)

    def _made(self, constraints: Constraints, new: bool) -> Source:
        """The exact way where there is one.

        What only has to begin with something needs no chain; where known items are left out and a
        chain would be too large, they are passed over as they come.
        """
        if constraints.only_begins and not new:
            return AncestralSampler(self.model, self.vocabulary, constraints, self.longest)
        automaton = constraints.automaton(self.vocabulary)
        known = self.vocabulary.encode(list(self._known())) if new else None
        try:
            return _exact(self.model, automaton, constraints, known)
        except TooLarge:
            if constraints.only_begins:
                return AncestralSampler(self.model, self.vocabulary, constraints, self.longest)
        uncut = replace(
            constraints, top_k=None, top_p=None
        )  # so that it misses none of the model's
        for other in self._others:
            try:
                exact = _exact(other, automaton, uncut, known)
            except TooLarge:
                continue
            return Weighted(self.model, other, exact, constraints, automaton)
        raise DataError(TOO_LARGE)

    @cached_property
    def _others(self) -> list[Predictor]:
        return list(self._smaller())

    def _share_that_begins(self, source: AncestralSampler, new: bool) -> float:
        """The product along the prefix, less what the known items have that begin so."""
        model, start = source.model, np.append(source.start, BOUNDARY)
        contexts = contexts_of(start, model.block_size, model.vocabulary_size)
        share = np.exp(model.log_probs_of(contexts, start)[:-1].sum())
        empty = np.exp(model.next_log_probs(contexts[:1])[0, BOUNDARY])
        split, numbers = self.vocabulary.split, self.vocabulary.numbers
        begun, count = split(source.prefix), len(source.start)
        listed = [
            text
            for text in (self._known() if new else ())
            if split(text)[:count] == begun and all(token in numbers for token in split(text))
        ]
        if len(start) == 1:
            share -= empty
        if listed:
            share -= np.exp(item_log_probs(model, self.vocabulary.encode(listed))).sum()
        return among_items(float(share), float(empty))


def _exact(
    model: Predictor, automaton: Automaton, constraints: Constraints, known: np.ndarray | None
) -> Exact:
    """The model as a chain under the constraints; TooLarge if it can't be."""
    bold, warm = decoded(model, constraints), with_temperature(model, constraints)
    chain = chain_of(bold, automaton, constraints.max_length, warm)
    return Exact(chain, constraints.min_length, constraints.max_length, known)


def _once(likeliest: list[str]) -> Iterator[str]:
    yield from likeliest
    raise DataError("one item is the likeliest, so there are no others at temperature 0")
