"""Model: what `train` returns and `load` brings back: a language model and the list it is of.

It puts the rooms below together for people who have text in their hands. It does no work itself.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle, islice
from typing import Any

import numpy as np

from .errors import DataError, ModelFileError, OptionError
from .evaluate import Total, evaluate, unknown_nats
from .file import read_file, write_file
from .generate import Limits, sample_items, share_of, top_items
from .judge import Interval, interval
from .models import LanguageModel, family
from .models.ngram import NGram
from .score import Scores, item_nats, percentiles, token_nats
from .text import (
    BOUNDARY,
    DEV,
    TEST,
    TRAIN,
    Items,
    Vocabulary,
    clean,
    count_items,
    read_items,
)

__all__ = ["Memory", "Model", "Report", "load"]

Judged = Items | Sequence[str] | str  # items that were read, any texts, or the name of a split

SPLITS = {"train": TRAIN, "dev": DEV, "test": TEST}
FOLLOWED = 2_000_000  # contexts times tokens
DULL = 200  # as many times as many items are drawn as are wanted, before there are too few new ones


@dataclass(frozen=True)
class Memory:
    """The list a model was made from: distinct items, how often each came, and which split."""

    items: Items
    splits: np.ndarray  # (N,) 0 train, 1 dev, 2 test

    def split(self, name: str) -> Items:
        """The items of "train", "dev" or "test"."""
        return self.items.chosen(self.splits == SPLITS[name])

    @cached_property
    def known(self) -> dict[str, str]:
        """The split of every item; of one that is in several, the first."""
        names = list(SPLITS)
        pairs = zip(self.items.texts, self.splits.tolist(), strict=True)
        return {text: names[split] for text, split in reversed(list(pairs))}


@dataclass
class Report:
    """What is known of how a model was made."""

    seed: int
    seconds: float  # of training
    steps: int = 0  # of training, where there were any
    nats_per_token: dict[str, float] = field(default_factory=dict)  # of the splits that were read


@dataclass
class Model:
    """A language model with its vocabulary and its list.

    >>> from moreish import train
    >>> model = train(["anna", "hannah", "nan", "ann"], model="bigram", split=(100, 0, 0))
    >>> model.sample(3, seed=2)
    ['n', 'ah', 'h']
    >>> model.score_samples(["anna", "zoe"]).round(2)
    array([ -5.22, -47.37])
    """

    language_model: LanguageModel
    vocabulary: Vocabulary
    memory: Memory
    report: Report

    # ---- make more

    def sample(self, n: int = 20, *, seed: int = 1, **options: Any) -> list[str]:
        """`n` items drawn from the model; the same seed draws the same.

        Options: `prefix`, `suffix`, `contains`, `matches` (a regular expression that covers the
        whole item), `min_length` and `max_length` (in tokens), `new` (none that is in the list),
        `temperature`, `top_k`, `top_p`, `unique` (none twice). Items are drawn from exactly those
        that meet all limits; where the model has too many contexts for that, nearly so, and an
        ApproximateWarning says how nearly. DataError if there are no such items, OptionError if
        there can't be.
        """
        if n < 0:
            raise OptionError(f"a number of items, 0 or more, was wanted; got {n}")
        return list(islice(self.samples(seed=seed, **options), n))

    def samples(
        self, *, seed: int = 1, new: bool = False, unique: bool = False, **limits: Any
    ) -> Iterator[str]:
        """Items without end, as `sample` draws them."""
        if limits.get("temperature") == 0:  # the likeliest item, again and again
            del limits["temperature"]
            drawn: Iterator[str] = cycle(self.top(1, new=new, **limits))
        else:
            drawn = sample_items(
                self.language_model,
                self.vocabulary,
                Limits(**limits),
                self._longest,
                seed,
                list(self.memory.known) if new else None,
                self._smaller,
            )
        return self._different(drawn) if unique else drawn

    @staticmethod
    def _different(items: Iterator[str]) -> Iterator[str]:
        """Each item once; DataError when hardly any more are different."""
        seen: set[str] = set()
        for number, item in enumerate(items):
            if item not in seen:
                seen.add(item)
                yield item
            elif number > DULL * (len(seen) + 100):
                raise DataError(
                    f"after {len(seen):,} items that are different from each other hardly any more "
                    f"come ({number:,} were drawn): ask for fewer, or for a higher temperature"
                )
        if not seen:
            raise DataError("there is no such item")

    @cached_property
    def _smaller(self) -> LanguageModel:
        """An n-gram model of the same list that looks back as far as can be followed exactly."""
        size = len(self.vocabulary)
        block_size = 1
        while size ** (block_size + 2) <= FOLLOWED and block_size < 3:
            block_size += 1
        counts = count_items(self.memory.split("train"), self.vocabulary, block_size)
        return NGram(size, block_size=block_size).fit(counts)

    def top(self, n: int = 20, *, new: bool = False, **limits: Any) -> list[str]:
        """The `n` most likely items, the likeliest first; fewer if there are no more.

        Limits: those of `sample` that do not change what is likely.
        """
        return [item for item, _ in self.tops(n, new=new, **limits)]

    def tops(self, n: int, *, new: bool = False, **limits: Any) -> Iterator[tuple[str, float]]:
        """The items of `top` and their log-probabilities in nats, as they are found."""
        if n < 0:
            raise OptionError(f"a number of items, 0 or more, was wanted; got {n}")
        known = self.memory.known.keys() if new else frozenset()
        return top_items(self.language_model, self.vocabulary, _exact(limits), n, known)

    def probability(self, *, new: bool = False, **limits: Any) -> float:
        """The share of all items that meet the limits, which are those of `sample`.

        It is exact; where the model has too many contexts for that it is an estimate, and an
        ApproximateWarning says how good.
        """
        known = list(self.memory.known) if new else None
        return share_of(self.language_model, self.vocabulary, _exact(limits), known, self._smaller)

    @property
    def _longest(self) -> int:
        """Ten times the longest item: what is longer runs on for ever."""
        return 10 * max(len(self.vocabulary.split(text)) for text in self.memory.items.texts)

    # ---- say what belongs

    @cached_property
    def unknown_nats(self) -> float:
        """What a token costs that the training split does not have."""
        train = self.memory.split("train")
        ends = np.flatnonzero(self.vocabulary.encode(train.texts) == BOUNDARY)
        return unknown_nats(float(np.diff(ends, prepend=-1) @ train.counts))

    def scores(self, items: Sequence[str]) -> Scores:
        """N items → their nats, tokens and percentiles among the held-out (dev) items."""
        texts = _plain(items)
        nats, tokens = item_nats(self.language_model, self.vocabulary, texts, self.unknown_nats)
        known = self._held_out
        percentile = percentiles(nats / np.maximum(tokens, 1), known) if len(known) else None
        return Scores(nats, tokens, percentile)

    def score_samples(self, items: Sequence[str]) -> np.ndarray:
        """N items → (N,) the log-likelihood of each whole item in nats, its end included."""
        return -self.scores(items).nats

    def score(self, items: Sequence[str]) -> float:
        """The mean log-likelihood of an item in nats."""
        return float(self.score_samples(items).mean())

    def surprise(self, item: str) -> np.ndarray:
        """(tokens + 1,) the nats of each token of an item, and of its end."""
        texts = _plain([item])
        return token_nats(self.language_model, self.vocabulary, texts, self.unknown_nats)[0]

    @cached_property
    def _held_out(self) -> np.ndarray:
        """The nats per token of each dev item."""
        texts = self.memory.split("dev").texts
        nats, sizes = item_nats(self.language_model, self.vocabulary, texts, self.unknown_nats)
        return nats / np.maximum(sizes, 1)

    # ---- how well it predicts

    def evaluate(self, items: Items) -> Total:
        """The surprise at these items, each as often as it came: nats and tokens."""
        counts = count_items(items, self.vocabulary, self.language_model.block_size)
        return evaluate(self.language_model, counts, self.unknown_nats)

    def nats_per_token(self, items: Judged) -> float:
        """The mean surprise of a token in nats, over all tokens and ends of the items.

        `items` may be the name of a split: "train", "dev" or "test".
        """
        return self._total(items).nats_per_token

    def interval(self, items: Judged) -> Interval:
        """From where to where `nats_per_token` can be trusted, at 95 %: items are drawn anew from
        these, again and again."""
        chosen = self._items(items)
        nats, tokens = item_nats(
            self.language_model, self.vocabulary, chosen.texts, self.unknown_nats
        )
        return interval(nats * chosen.counts, tokens * chosen.counts)

    def perplexity(self, items: Judged) -> float:
        """e to the nats per token: as uncertain as a free choice among this many tokens."""
        return self._total(items).perplexity

    def _total(self, items: Judged) -> Total:
        return self.evaluate(self._items(items))

    def _items(self, items: Judged) -> Items:
        if isinstance(items, Items):
            return items
        if not isinstance(items, str):
            return read_items(items)
        if items not in SPLITS:
            raise OptionError(f"{items!r} is not a split; there are {', '.join(SPLITS)}")
        split = self.memory.split(items)
        if not len(split):
            raise DataError(f"this model has no {items} split")
        return split

    def next_log_probs(self, contexts: np.ndarray) -> np.ndarray:
        """(B, T) contexts → (B, V) log-probabilities of the next token, in nats."""
        return self.language_model.next_log_probs(np.asarray(contexts, dtype=np.intp))

    # ---- into a file and back

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model, its vocabulary and its list into one file; see `load`."""
        items = self.memory.items
        about = {
            "model": self.language_model.name,
            "options": self.language_model.options(),
            "tokens": {"kind": self.vocabulary.kind, "list": self.vocabulary.tokens},
            "list": items.name,
            "report": vars(self.report),
        }
        text = "\n".join(items.texts).encode()
        arrays = {
            "list.items": np.frombuffer(text, dtype=np.uint8),
            "list.counts": items.counts,
            "list.splits": self.memory.splits,
        }
        for name, array in self.language_model.arrays().items():
            arrays[f"model.{name}"] = array
        write_file(path, about, arrays)


def load(path: str | os.PathLike[str]) -> Model:
    """The model in a file. ModelFileError if it isn't one; nothing in it is executed.

    >>> from tempfile import TemporaryDirectory
    >>> from moreish import train
    >>> with TemporaryDirectory() as folder:
    ...     train(["anna", "nan"], model="bigram").save(f"{folder}/names.safetensors")
    ...     load(f"{folder}/names.safetensors").vocabulary.tokens
    ('a', 'n')
    """
    about, arrays = read_file(path)
    if about.get("kind") == "checkpoint":
        raise ModelFileError(
            f"{path} is a checkpoint of a training that has not ended: the command that began it "
            f"ends it with --resume"
        )
    try:
        tokens = about["tokens"]
        vocabulary = Vocabulary(tokens["list"], tokens["kind"])
        language_model = family(about["model"])(len(vocabulary), **about["options"])
        language_model.restore(
            {k.removeprefix("model."): a for k, a in arrays.items() if k.startswith("model.")}
        )
        texts = bytes(arrays["list.items"]).decode().split("\n")
        counts, splits = arrays["list.counts"], arrays["list.splits"]
        if not len(texts) == len(counts) == len(splits):
            raise ValueError("the list and its counts are of different length")
        memory = Memory(Items(texts, counts, about["list"], []), splits)
        return Model(language_model, vocabulary, memory, Report(**about["report"]))
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise ModelFileError(f"{path} is damaged: {error}") from None


def _exact(limits: dict[str, Any]) -> Limits:
    """Limits that don't change what is likely."""
    for name in limits:
        if name in ("temperature", "top_k", "top_p"):
            raise OptionError(f"{name} changes what is likely, so it does not go with this")
    return Limits(**limits)


def _plain(items: Sequence[str]) -> list[str]:
    """Items as they are read from a list: without blanks around them, in NFC; none is left out."""
    if isinstance(items, str):
        raise OptionError(f"a list of items was wanted, got the text {items!r}: put it in a list")
    return [clean(item, number, "the items") for number, item in enumerate(items, 1)]
