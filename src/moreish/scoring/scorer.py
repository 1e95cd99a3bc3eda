"""Scorer: a model with its list, that says of items how well they belong to it, and what is odd.

Items that were trained on are judged as by the model of the list without them, as far as it is
counted and not trained. It knows nothing of files, and makes no items but small changes to them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import DataError
from ..models import LanguageModel, Mixed, learnt_parts
from ..models.leave_one_out import WholeList
from ..models.state_table import StateTable, tabled
from ..text import Chunk, Vocabulary, item_sizes, only_items
from ..text.dataset import Dataset
from .edits import edited_nats, edits_of, likeliest
from .ranking import Ranking, Scores, item_nats, nats_without, token_nats

__all__ = ["Explanation", "Scorer"]

MANY = 20_000  # items, from which it pays to make the model a table
TIE = 9  # digits in which costs must differ for one edit to be better than an earlier one


@dataclass(frozen=True)
class Explanation:
    """What is surprising about an item, and the one edit that makes it least so."""

    item: str
    tokens: list[str]  # of the item, without its end
    nats: np.ndarray  # (tokens + 1,) how surprising each is, and the end
    repair: str | None  # the likeliest item that is one edit away, if it is likelier than this
    edit: str | None  # what that edit is, in words
    repaired_nats: float | None  # of all of the repaired item
    saved: float | None  # nats, both judged by the model as it is


class Scorer:
    """Scores of items by a model, beside the items of the list that were held out.

    >>> from moreish import train
    >>> model = train(["anna", "hannah", "nan", "ann"], model="bigram", split=(100, 0, 0))
    >>> scorer = Scorer(model.language_model, model.vocabulary, model.dataset, model.unknown_nats)
    >>> scorer.scores(["anna", "nana"]).as_if_new.tolist()
    [True, False]
    >>> scorer.explain("anxna").edit
    "without 'x' at 3"
    """

    def __init__(
        self, model: LanguageModel, vocabulary: Vocabulary, dataset: Dataset, unknown_nats: float
    ) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.dataset = dataset
        self.unknown_nats = unknown_nats

    def scores(self, texts: Sequence[str], flag_rate: float | None = None) -> Scores:
        """N items → their nats and tokens, how they rank, and which are flagged at that rate.

        OptionError for a rate that can't be, DataError where nothing was held out to tell it.
        """
        nats, tokens = self.plain([Chunk(texts)])
        taken_back = np.zeros(len(texts), dtype=bool)
        if self._can_forget:
            taken_back[:] = [text in self._trained for text in texts]
            chosen = np.flatnonzero(taken_back)
            own = [texts[place] for place in chosen.tolist()]
            without = self._nats_without
            distinct = [text for text in dict.fromkeys(own) if text not in without]
            sums = (part.sum() for part in self._tokens_without(distinct))
            without.update(zip(distinct, sums, strict=True))
            nats[chosen] = [without[text] for text in own]
        none = np.zeros_like(taken_back)
        as_if_new, in_part = (none, taken_back) if self.cannot_forget else (taken_back, none)
        ranking = self._held_out
        flagged = None
        if flag_rate is not None:
            if not len(ranking):
                raise DataError(
                    "a flag rate is told from items that were held out, and this model has none: "
                    "train it with a part for dev"
                )
            flagged = ranking.flags(nats, tokens, flag_rate)
        percentile = ranking.percentiles(nats, tokens) if len(ranking) else None
        return Scores(nats, tokens, percentile, as_if_new, in_part, flagged)

    def plain(self, chunks: Iterable[Chunk]) -> tuple[np.ndarray, np.ndarray]:
        """N items → (N,) nats by the model as it is, and (N,) tokens."""
        smallest = np.min_scalar_type(self.vocabulary.unknown)  # memory is what takes time
        encode = self.vocabulary.encode
        parts = [encode(chunk.mended, smallest, chunk.plain) for chunk in chunks]
        tokens = np.concatenate([np.zeros(0, smallest), *parts])
        sizes = item_sizes(tokens)
        table = self._table if len(sizes) >= MANY else None
        if table is None:
            return item_nats(self.model, tokens.astype(np.intp), self.unknown_nats)
        return table.item_nats(tokens, sizes), sizes

    @cached_property
    def _table(self) -> StateTable | None:
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
        train = self.dataset.split("train")
        return dict(zip(train.texts, train.counts.tolist(), strict=True))

    @cached_property
    def _whole_list(self) -> WholeList:
        block_size = self.model.block_size
        return WholeList(
            self.dataset.counts("train", self.vocabulary, block_size),
            self.dataset.counts_once(self.vocabulary, block_size),
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
        if not self.dataset.has_texts:
            return Ranking(*self.dataset.held_out)
        tokens = self.vocabulary.encode(self.dataset.split("dev").texts)
        return Ranking(*item_nats(self.model, tokens, self.unknown_nats))

    # ---- what is odd

    def explain(self, text: str) -> Explanation:
        """How surprising each token is, and the likeliest item that is one edit away (`edits`)."""
        tokens, numbers = list(self.vocabulary.split(text)), self.vocabulary.encode([text])
        nats = token_nats(self.model, numbers, self.unknown_nats)
        tried = likeliest(self.model, numbers[:-1], self.vocabulary.unknown)
        edits = edits_of(numbers[:-1], tried)
        costs, own = edited_nats(self.model, numbers, nats, edits, self.unknown_nats), nats.sum()
        if self._can_forget and text in self._trained:
            (nats,) = self._tokens_without([text])
        between = "" if self.vocabulary.kind == "characters" else " "
        for best in np.argsort(costs.round(TIE), kind="stable").tolist():
            if not costs[best] < own:
                break
            place, taken = int(edits.places[best]), int(edits.taken[best])
            put = [tokens[place + 1], tokens[place]] if taken == 2 else self._put(edits.put[best])
            repair = between.join([*tokens[:place], *put, *tokens[place + taken :]])
            if repair != text and only_items([repair], self.vocabulary.verbatim):
                edit = _in_words(tokens[place : place + taken], put, place + 1)
                saved = float(own - costs[best])
                return Explanation(text, tokens, nats, repair, edit, float(costs[best]), saved)
        return Explanation(text, tokens, nats, None, None, None, None)

    def _put(self, numbers: np.ndarray) -> list[str]:
        return [self.vocabulary.tokens[number - 1] for number in numbers.tolist() if number > 0]


def _in_words(taken: list[str], put: list[str], place: int) -> str:
    """An edit, as it is said."""
    if not put:
        return f"without {taken[0]!r} at {place}"
    if len(taken) == 2:
        return f"{put[0]!r} before {put[1]!r} at {place}"
    return f"{put[0]!r} for {taken[0]!r} at {place}" if taken else f"with {put[0]!r} at {place}"
