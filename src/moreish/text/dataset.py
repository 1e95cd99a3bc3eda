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
from .counting import count_items
from .counts import ContextCounts
from .documents import ITEMS, check_item_per
from .hashed_documents import HashedDocuments
from .items import Items
from .positions import Positions
from .short_repr import brief
from .splits import DEV, TEST, TRAIN
from .vocabulary import Vocabulary

__all__ = ["SPLITS", "Dataset"]

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
    item_per: str = "line"  # of a list; "paragraph" or "file" where items are documents
    documents: HashedDocuments | None = None  # what is kept of them

    # ---- into a file and back

    def about(self) -> dict[str, Any]:
        """What JSON can say of it; with the arrays it is the whole dataset."""
        about = {"list": self.items.name, "lower": self.lower, "has_weights": self.has_weights}
        if self.tables:
            about["shares"] = dict(self.shares)
            about["tables"] = {name: table.about() for name, table in self.tables.items()}
        return about | ({"item_per": self.item_per} if self.documents else {})

    def arrays(self) -> dict[str, np.ndarray]:
        """The items one a line, or the hashes of documents; how often each came and its split; the
        tables of a long list."""
        text = "\n".join(self.items.texts).encode()
        arrays = {"list.counts": self.items.counts, "list.splits": self.splits}
        if self.documents is None:
            arrays["list.items"] = np.frombuffer(text, dtype=np.uint8)
        else:
            arrays |= self.documents.arrays()
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
        item_per = about.get("item_per", "line")
        check_item_per(item_per)
        documents = None if item_per == "line" else HashedDocuments.stored(arrays, vocabulary.kind)
        texts = [] if documents else _texts(arrays)
        shape = documents.marks.shape if documents else (len(texts),)
        counts = checked_amounts("list.counts", arrays["list.counts"], shape)
        lengths = np.fromiter(map(len, texts), np.float64, len(texts))
        lengths = lengths if documents is None else documents.sizes
        if counts.dtype == np.int64 and counts @ (lengths + 1) >= MOST_WHOLE:
            raise ValueError("list.counts has numbers that are too large")
        splits = checked_whole("list.splits", arrays["list.splits"], shape, end=len(SPLITS))
        if documents and len(documents.held_out) not in (0, (splits == DEV).sum()):
            raise ValueError("there are not as many nats as documents that were held out")
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
            item_per,
            documents,
        )
        for table in dataset.tables.values():
            if table.vocabulary is None or table.vocabulary.kind != vocabulary.kind:
                raise ValueError("the counts of the list are of other tokens")
        seen = Vocabulary.of(dataset.split("train").texts, vocabulary.kind).numbers
        if not (vocabulary.has_unknown or seen.keys() <= vocabulary.numbers.keys()):
            raise ValueError("the list has tokens that the vocabulary does not have")
        return dataset

    @property
    def is_whole(self) -> bool:
        """Whether every item of the list is here."""
        return not self.tables and self.has_texts

    @property
    def has_texts(self) -> bool:
        """Whether the items are here, all or a sample: not those of documents from a file."""
        return len(self.items) == len(self.splits)

    @property
    def longest_block_size(self) -> float:
        """How many tokens a context to be counted can have: no end where every item is here."""
        return min((table.block_size for table in self.tables.values()), default=math.inf)

    def split(self, name: str) -> Items:
        """The items of "train", "dev" or "test"; of a list that is too long a sample of them, of
        documents from a file none."""
        if not self.has_texts:
            return Items([], np.zeros(0, np.int64), self.items.name, [])
        return self.items.chosen(self.splits == SPLITS[name])

    @property
    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """(D,) nats and tokens of the documents of dev, as their model judged them; else none."""
        if self.documents is None or not len(self.documents.held_out):
            return np.zeros(0), np.zeros(0, np.int64)
        return self.documents.held_out, self.documents.sizes[self.splits == DEV] + 1

    def must_have(self, name: str) -> Items:
        """The same. OptionError if there is no such split, DataError if nothing is in it."""
        if name not in SPLITS:
            raise OptionError(f"{name!r} is not a split; there are {', '.join(SPLITS)}")
        self._must_have_texts()
        items = self.split(name)
        if not len(items):
            raise DataError(f"this model has no {name} split")
        return items

    def _must_have_texts(self) -> None:
        if not self.has_texts:
            raise DataError(
                f"a model file has the hashes of {ITEMS[self.item_per]} and not their text, so "
                f"they are wanted again to be judged or counted"
            )

    def size(self, name: str) -> int:
        """How many distinct items a split has; of a list that is too long about how many."""
        kept = int((self.splits == SPLITS[name]).sum())
        return max(round(kept / self.shares.get(name, 1.0)), int(name in self.tables))

    def counts(self, name: str, vocabulary: Vocabulary, block_size: int) -> ContextCounts:
        """The table of contexts of a split, of all its items. DataError if it can't be had."""
        if name not in self.tables:
            self._must_have_texts()
            return count_items(self.split(name), vocabulary, block_size)
        table = self.tables[name]
        if table.block_size < block_size:
            raise DataError(
                f"of this list there are the counts of contexts of {table.block_size} tokens and "
                f"not all items, so not those of {block_size} tokens"
            )
        return table.shorter(block_size).numbered(vocabulary)

    def positions(self, name: str, vocabulary: Vocabulary, block_size: int) -> Positions:
        """The tokens of a split as they stand. DataError if not all its items are here."""
        if name in self.tables:
            raise DataError(
                "this list is too long to be kept, so its lines can't be drawn: leave out --recipe "
                "course"
            )
        items = self.split(name)
        tokens = vocabulary.encode(items.texts)
        return Positions(tokens, items.counts, block_size, len(vocabulary))

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

    def split_of(self, item: str) -> str | None:
        """The split of an item, of a document by its hash; None where it is in none."""
        if self.documents is None:
            return self.known.get(item)
        place = self.documents.place_of(item)
        return None if place is None else list(SPLITS)[self.splits[place]]

    def all_known(self) -> dict[str, str]:
        """`known`, of a list that is here as a whole. DataError if it is not, or of documents."""
        if self.documents is not None:
            raise DataError(
                f"whether a text is new is told of passages of {ITEMS[self.item_per]}, as sample "
                f"draws them, and not here"
            )
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
        if self.split_of(item) is not None:
            return False
        return True if not self.tables and len(self.splits) else None


def _texts(arrays: Mapping[str, np.ndarray]) -> list[str]:
    """The items of a list out of a file. ValueError if they can't be."""
    content = checked_whole("list.items", arrays["list.items"], (None,), end=256)
    if (content == ord("\n")).sum() + (content.size > 0) != arrays["list.counts"].size:
        raise ValueError("there are not as many counts as items")
    text = content.astype(np.uint8).tobytes().decode()
    texts = text.split("\n") if text else []
    if not all(texts):
        raise ValueError("there is an item that is empty")
    return texts
