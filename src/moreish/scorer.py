"""Scorer: a model with its list, that says of items how well they belong to it, and what is odd.

Items that were trained on are judged as by the model of the list without them, as far as it is
counted and not trained. It knows nothing of files, and makes no items but small changes to them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .errors import DataError
from .memory import Memory
from .models import LanguageModel, Mixed, learnt_parts
from .models.tabled import Tabled, tabled
from .models.without import WholeList
from .score import Ranking, Scores, item_nats, nats_without, token_nats
from .text import BOUNDARY, Vocabulary, only_items

__all__ = ["Explanation", "Scorer"]

MANY = 20_000  # items, from which it pays to make the model a table


@dataclass(frozen=True)
class Explanation:
    """What is surprising about an item, and the one edit that makes it least so."""

    item: str
    tokens: list[str]  # of the item, without its end
    nats: np.ndarray  # (tokens + 1,) how surprising each is, and the end
    repair: str | None  # the likeliest item that is one edit away, if it is likelier than this
    edit: str | None  # what that edit is, in words
    repaired_nats: float | None  # of all of the repaired item


class Scorer:
    """Scores of items by a model, beside the items of the list that were held out.

    >>> from moreish import train
    >>> model = train(["anna", "hannah", "nan", "ann"], model="bigram", split=(100, 0, 0))
    >>> scorer = Scorer(model.language_model, model.vocabulary, model.memory, model.unknown_nats)
    >>> scorer.scores(["anna", "nana"]).as_if_new.tolist()
    [True, False]
    >>> scorer.explain("anxna").edit
    "without 'x' at 3"
    """

    def __init__(
        self, model: LanguageModel, vocabulary: Vocabulary, memory: Memory, unknown_nats: float
    ) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.memory = memory
        self.unknown_nats = unknown_nats

    def scores(self, texts: Sequence[str], flag_rate: float | None = None) -> Scores:
        """N items → their nats and tokens, how they rank, and which are flagged at that rate.

        OptionError for a rate that can't be, DataError where nothing was held out to tell it.
        """
        nats, tokens = self.plain(texts)
        as_if_new = np.zeros(len(texts), dtype=bool)
        if self._can_forget:
            as_if_new[:] = [text in self._trained for text in texts]
            chosen = np.flatnonzero(as_if_new)
            own = [texts[place] for place in chosen.tolist()]
            without = self._nats_without
            distinct = [text for text in dict.fromkeys(own) if text not in without]
            sums = (part.sum() for part in self._tokens_without(distinct))
            without.update(zip(distinct, sums, strict=True))
            nats[chosen] = [without[text] for text in own]
        ranking, per_token = self._held_out, nats / np.maximum(tokens, 1)
        flagged, least = None, Ranking.LEAST
        if flag_rate is not None:
            if not len(ranking):
                raise DataError(
                    "a flag rate is told from items that were held out, and this model has none: "
                    "train it with a part for dev"
                )
            flagged = ranking.flags(per_token, tokens, flag_rate)
            least = Ranking.least_for(flag_rate)
        percentile = ranking.percentiles(per_token, tokens, least) if len(ranking) else None
        return Scores(nats, tokens, percentile, as_if_new, flagged)

    def plain(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """N items → (N,) nats by the model as it is, and (N,) tokens."""
        table = self._table if len(texts) >= MANY else None
        if table is None:
            return item_nats(self.model, self.vocabulary, texts, self.unknown_nats)
        smallest = np.min_scalar_type(self.vocabulary.unknown)
        tokens = self.vocabulary.encode(texts, smallest)  # memory is what takes time
        return table.item_nats(tokens), np.diff(np.flatnonzero(tokens == BOUNDARY), prepend=-1)

    @cached_property
    def _table(self) -> Tabled | None:
        return tabled(self.model, self.unknown_nats)

    @property
    def cannot_forget(self) -> list[str]:
        """The names of the parts that are trained: they can't tell what they would be without an
        item."""
        return [part.name for part in learnt_parts(self.model)]

    @cached_property
    def _can_forget(self) -> bool:
        parts = self.model.parts if isinstance(self.model, Mixed) else (self.model,)
        return bool(self._trained) and len(self.cannot_forget) < len(parts)

    @cached_property
    def _trained(self) -> dict[str, float]:
        """How often each item came that was trained on."""
        train = self.memory.split("train")
        return dict(zip(train.texts, train.counts.tolist(), strict=True))

    @cached_property
    def _whole_list(self) -> WholeList:
        block_size = self.model.block_size
        return WholeList(
            self.memory.counts("train", self.vocabulary, block_size),
            self.memory.counts_once(self.vocabulary, block_size),
        )

    @cached_property
    def _nats_without(self) -> dict[str, float]:
        """Of items that were trained on and have been judged."""
        return {}

    def _tokens_without(self, texts: list[str]) -> list[np.ndarray]:
        """Items that were trained on → the nats of each one's tokens, as though it had not been."""
        if not texts:
            return []
        counts = np.array([self._trained[text] for text in texts])
        nats, sizes = nats_without(self.model, self._whole_list, self.vocabulary, texts, counts)
        return np.split(nats, np.cumsum(sizes)[:-1])

    @cached_property
    def _held_out(self) -> Ranking:
        """The dev items, to rank others among."""
        texts = self.memory.split("dev").texts
        nats, sizes = item_nats(self.model, self.vocabulary, texts, self.unknown_nats)
        return Ranking(nats / np.maximum(sizes, 1), sizes)

    # ---- what is odd

    def explain(self, text: str) -> Explanation:
        """How surprising each token is, and the likeliest item that is one edit away.

        An edit leaves a token out, puts one in, takes another for it, or swaps it with the next.
        """
        if self._can_forget and text in self._trained:
            (nats,) = self._tokens_without([text])
        else:
            nats, _ = token_nats(self.model, self.vocabulary, [text], self.unknown_nats)
        tokens = list(self.vocabulary.split(text))
        edits = dict(reversed(list(self._edits(tokens))))
        edits.pop(text, None)
        texts = only_items(list(edits))
        if texts:
            costs, _ = item_nats(self.model, self.vocabulary, texts, self.unknown_nats)
            best = int(costs.argmin())
            if costs[best] < nats.sum():
                repair = texts[best]
                return Explanation(text, tokens, nats, repair, edits[repair], float(costs[best]))
        return Explanation(text, tokens, nats, None, None, None)

    def _edits(self, tokens: list[str]) -> Iterator[tuple[str, str]]:
        """Each item that is one edit away, and the edit in words."""
        between = "" if self.vocabulary.kind == "characters" else " "
        for place, own in enumerate(tokens):
            before, after = tokens[:place], tokens[place + 1 :]
            yield between.join(before + after), f"without {own!r} at {place + 1}"
            if after:
                swapped = [*before, after[0], own, *after[1:]]
                yield between.join(swapped), f"{after[0]!r} before {own!r} at {place + 1}"
            for token in self.vocabulary.tokens:
                changed = between.join([*before, token, *after])
                yield changed, f"{token!r} for {own!r} at {place + 1}"
        for place in range(len(tokens) + 1):
            for token in self.vocabulary.tokens:
                added = between.join([*tokens[:place], token, *tokens[place:]])
                yield added, f"with {token!r} at {place + 1}"
