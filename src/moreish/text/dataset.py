"""Dataset: a list as it is read to be learnt from, and what a model keeps of it.

All distinct items, where there are not too many; else a sample of them, with the tables of counts
of the whole. It knows nothing of models.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import DataError, OptionError
from ..storage.validation import (
    MOST_WHOLE,
    checked_amounts,
    checked_flag,
    checked_number,
    checked_text,
    checked_whole,
    no_others,
)
from .counts import ContextCounts, count_items
from .ingest import Gathered, gather
from .items import Items, read_items, whole_numbers
from .reading import LeftOut
from .short_repr import brief
from .sources import Source
from .splits import DEV, TEST, TRAIN, USUAL
from .vocabulary import Vocabulary

__all__ = ["SPLITS", "Dataset", "Remembered", "remember"]

SPLITS = {"train": TRAIN, "dev": DEV, "test": TEST}
OFTEN = 2  # times that an item comes on average, from which counts are taken for weights


@dataclass(frozen=True)
class Dataset:
    """The list a model was made from: distinct items, how often each came, and which split.

    >>> from moreish.text import read_items
    >>> dataset = Dataset(read_items(["emma", "ava", "emma"]), np.array([0, 1]))
    >>> dataset.split("train").texts, dataset.known["ava"], dataset.size("dev"), dataset.is_whole
    (['emma'], 'dev', 1, True)
    """

    __repr__ = brief

    items: Items
    splits: np.ndarray  # (N,) 0 train, 1 dev, 2 test
    lower: bool = False  # whether the list was made lower case
    has_weights: bool = False  # whether a column said how much each item counts
    tables: Mapping[str, ContextCounts] = field(default_factory=dict)  # of splits kept in part
    shares: Mapping[str, float] = field(default_factory=dict)  # how much of their items is kept

    # ---- into a file and back

    def about(self) -> dict[str, Any]:
        """What JSON can say of it; with the arrays it is the whole dataset."""
        about = {"list": self.items.name, "lower": self.lower, "has_weights": self.has_weights}
        if not self.is_whole:
            about["shares"] = dict(self.shares)
            about["tables"] = {name: table.about() for name, table in self.tables.items()}
        return about

    def arrays(self) -> dict[str, np.ndarray]:
        """The items one a line, how often each came and its split; the tables of a long list."""
        text = "\n".join(self.items.texts).encode()
        arrays = {
            "list.items": np.frombuffer(text, dtype=np.uint8),
            "list.counts": self.items.counts,
            "list.splits": self.splits,
        }
        for split, table in self.tables.items():
            arrays |= {f"{split}.{name}": array for name, array in table.arrays().items()}
        return arrays

    @classmethod
    def stored(
        cls, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray], vocabulary: Vocabulary
    ) -> "Dataset":
        """What `about` and `arrays` gave, with more arrays or without, out of a file.

        ValueError if it isn't that, or does not go with the vocabulary; KeyError if something is
        missing.
        """
        content = checked_whole("list.items", arrays["list.items"], (None,), end=256)
        if (content == ord("\n")).sum() + (content.size > 0) != arrays["list.counts"].size:
            raise ValueError("there are not as many counts as items")
        text = content.astype(np.uint8).tobytes().decode()
        texts = text.split("\n") if text else []
        if not all(texts):
            raise ValueError("there is an item that is empty")
        shape = (len(texts),)
        counts = checked_amounts("list.counts", arrays["list.counts"], shape)
        lengths = np.fromiter(map(len, texts), np.float64, len(texts))
        if counts.dtype == np.int64 and counts @ (lengths + 1) >= MOST_WHOLE:
            raise ValueError("list.counts has numbers that are too large")
        splits = checked_whole("list.splits", arrays["list.splits"], shape, end=len(SPLITS))
        tables, shares = dict(about.get("tables", {})), dict(about.get("shares", {}))
        no_others("the list", tables, SPLITS)
        no_others("the list", shares, tables)
        if tables and "train" not in tables:
            raise ValueError("there are no counts of what was trained on")
        dataset = cls(
            Items(texts, counts, checked_text("the name of the list", about["list"]), []),
            splits.astype(np.uint8),
            checked_flag("lower", about["lower"]),
            checked_flag("has_weights", about["has_weights"]),
            {
                split: ContextCounts.restored(
                    stored, {name: arrays[f"{split}.{name}"] for name in ("windows", "counts")}
                )
                for split, stored in tables.items()
            },
            {name: checked_number("a share", s, least=1e-9, most=1) for name, s in shares.items()},
        )
        for table in dataset.tables.values():
            if table.vocabulary is None or table.vocabulary.kind != vocabulary.kind:
                raise ValueError("the counts of the list are of other tokens")
        seen = Vocabulary.of(dataset.split("train").texts, vocabulary.kind).numbers
        if not seen.keys() <= vocabulary.numbers.keys():
            raise ValueError("the list has tokens that the vocabulary does not have")
        return dataset

    @property
    def is_whole(self) -> bool:
        """Whether every item of the list is here."""
        return not self.tables

    @property
    def longest_block_size(self) -> float:
        """How many tokens a context to be counted can have: no end where every item is here."""
        return min((table.block_size for table in self.tables.values()), default=math.inf)

    def split(self, name: str) -> Items:
        """The items of "train", "dev" or "test"; of a list that is too long a sample of them."""
        return self.items.chosen(self.splits == SPLITS[name])

    def size(self, name: str) -> int:
        """How many distinct items a split has; of a list that is too long about how many."""
        kept = int((self.splits == SPLITS[name]).sum())
        return max(round(kept / self.shares.get(name, 1.0)), int(name in self.tables))

    def counts(self, name: str, vocabulary: Vocabulary, block_size: int) -> ContextCounts:
        """The table of contexts of a split, of all its items. DataError if it can't be had."""
        if name not in self.tables:
            return count_items(self.split(name), vocabulary, block_size)
        table = self.tables[name]
        if table.block_size < block_size:
            raise DataError(
                f"of this list there are the counts of contexts of {table.block_size} tokens and "
                f"not all items, so not those of {block_size} tokens"
            )
        return table.shorter(block_size).numbered(vocabulary)

    def counts_once(self, vocabulary: Vocabulary, block_size: int) -> ContextCounts | None:
        """The table for training with each item counted once, where counts are weights.

        They are if a column says so, and if most items come again and again: then how often a
        thing came does not say how often it was met. None where they are not, and of a list that
        is too long to be kept.
        """
        train = self.split("train")
        if not self.is_whole or not (self.has_weights or train.counts.sum() >= OFTEN * len(train)):
            return None
        return count_items(train.once(), vocabulary, block_size)

    @cached_property
    def known(self) -> dict[str, str]:
        """The split of every item here; of one that is in several, the first."""
        names = list(SPLITS)
        pairs = zip(self.items.texts, self.splits.tolist(), strict=True)
        return {text: names[split] for text, split in reversed(list(pairs))}

    def all_known(self) -> dict[str, str]:
        """`known`, of a list that is here as a whole. DataError if it is not."""
        if not len(self.items):
            raise DataError(
                "this model came without its list, as from an ARPA file, so what is new can't be "
                "told"
            )
        if not self.is_whole:
            raise DataError(
                f"the list was too long to be kept ({self.size('train'):,} distinct items to "
                f"train on), so what is new can't be told"
            )
        return self.known

    def is_new(self, item: str) -> bool | None:
        """Whether an item is not in the list; None where that can't be told."""
        if item in self.known:
            return False
        return True if self.is_whole and len(self.items) else None


@dataclass(frozen=True)
class Remembered:
    """A list, and lists for dev and test, ready to be learnt from."""

    __repr__ = brief

    dataset: Dataset
    vocabulary: Vocabulary  # of what there is to train on
    remarks: list[str]  # what was left out, and what else one should know
    left_out: list[LeftOut]  # in numbers
    longest: int | None  # tokens of the longest item; None where not all are known


def remember(
    source: Source | None,
    files: Mapping[str, Source | None],
    shares: tuple[float, float, float] | None,
    *,
    words: bool = False,
    seed: int = 1,
    block_size: int = 1,
    may_be_shorter: bool = False,
    **reading: Any,
) -> Remembered:
    """Read a list and split it in these shares, or take lists of their own for "dev" and "test".

    `block_size` is that of the counts of a list that is too long to be kept. Other options, and
    what is raised: those of `Reading`. DataError if a list has no token in common with the one to
    train on, OptionError for a split together with lists of their own.

    >>> found = remember(["emma", "ava"], {"dev": ["mia", "ava"]}, None)
    >>> found.dataset.split("dev").texts, found.vocabulary.tokens, found.longest
    (['mia', 'ava'], ('a', 'e', 'm', 'v'), 4)
    >>> found.remarks
    ['1 of the 2 distinct items of the list is also in the list, so its loss is too good']
    """
    given = {name: file for name, file in files.items() if file is not None}
    if given and shares is not None:
        raise OptionError("either a split is wanted, or files for dev or test, not both")
    others = {name: read_items(file, words=words, **reading) for name, file in given.items()}
    gathered = gather(
        source,
        (100, 0, 0) if others else shares or USUAL,
        seed,
        block_size=block_size,
        may_be_shorter=may_be_shorter,
        kind="words" if words else "characters",
        watched={text for other in others.values() for text in other.texts},
        **reading,
    )
    vocabulary = _vocabulary(gathered, words)
    for other in others.values():
        _must_have_tokens_in_common(other, gathered.items, vocabulary)
    dataset = _dataset(
        gathered, others, vocabulary, reading.get("lower", False), "weights" in reading
    )
    train = dataset.split("train").texts
    return Remembered(
        dataset,
        vocabulary,
        _remarks(gathered, others, dataset, counted="weights" not in reading),
        [left for items in (gathered.items, *others.values()) for left in items.left_out],
        max(len(vocabulary.split(text)) for text in train) if dataset.is_whole else None,
    )


def _vocabulary(gathered: Gathered, words: bool) -> Vocabulary:
    """The tokens that there are to train on."""
    if gathered.tables:
        vocabulary = gathered.tables[TRAIN].vocabulary
        assert vocabulary is not None
        return vocabulary
    train = gathered.items.chosen(gathered.splits == TRAIN)
    return Vocabulary.of(train.texts, "words" if words else "characters")


def _must_have_tokens_in_common(other: Items, items: Items, vocabulary: Vocabulary) -> None:
    """DataError for two files of different alphabets: one says nothing of the other."""
    theirs = Vocabulary.of(other.texts, vocabulary.kind)
    if vocabulary.numbers.keys().isdisjoint(theirs.numbers):
        here, there = (", ".join(map(repr, v.tokens[:3])) for v in (vocabulary, theirs))
        raise DataError(
            f"{items.name} and {other.name} have no {vocabulary.kind[:-1]} in common (such as "
            f"{here} there, {there} here): lists of one kind, in one encoding, are wanted"
        )


def _dataset(
    gathered: Gathered,
    others: dict[str, Items],
    vocabulary: Vocabulary,
    lower: bool,
    has_weights: bool,
) -> Dataset:
    """The list, and the lists for dev and test, put together."""
    items, names = gathered.items, list(SPLITS)
    whole = Items(
        [text for part in (items, *others.values()) for text in part.texts],
        whole_numbers(np.concatenate([part.counts for part in (items, *others.values())])),
        items.name,
        [],
    )
    numbers = [np.full(len(o), SPLITS[name], dtype=np.uint8) for name, o in others.items()]
    splits = np.concatenate([gathered.splits, *numbers])
    if not gathered.tables:
        return Dataset(whole, splits, lower, has_weights)
    tables = {names[split]: table for split, table in gathered.tables.items()}
    shares = dict.fromkeys(tables, gathered.share)
    block_size = tables["train"].block_size
    for name, other in others.items():
        tables[name] = count_items(other, vocabulary, block_size)
    return Dataset(whole, splits, lower, has_weights, tables, shares)


def _remarks(
    gathered: Gathered, others: dict[str, Items], dataset: Dataset, counted: bool
) -> list[str]:
    """What one should know of the lists before anything is learnt from them."""
    items = gathered.items
    remarks = list(items.remarks)
    lines = int(items.counts.sum())
    if not dataset.is_whole:
        remarks.append(
            f"{items.name} has about {sum(map(dataset.size, SPLITS)):,} distinct items, too many "
            f"to keep: the model keeps the counts of all of them and a sample of {len(items):,}, "
            f"so what is new can't be told"
        )
    elif counted and lines > len(items) and not others:
        remarks.append(
            f"{lines - len(items):,} of {lines:,} lines are repeats; all lines of an item are in "
            f"one split"
        )
    for other in others.values():
        remarks += [f"{other.name}: {remark}" for remark in other.remarks]
        shared = len(gathered.met.intersection(other.texts))
        if shared:
            are = "is" if shared == 1 else "are"
            remarks.append(
                f"{shared:,} of the {len(other):,} distinct items of {other.name} {are} also in "
                f"{items.name}, so its loss is too good"
            )
    if len(dataset.split("train")) == 1:
        remarks.append("there is only one item to learn from, which says little of others")
    return remarks
