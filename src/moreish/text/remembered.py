"""A list, and lists for dev and test, read and split: ready to be learnt from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import DataError, OptionError, is_whole, shortened
from .counting import count_items
from .dataset import SPLITS, Dataset
from .documents import ITEMS
from .hashed_documents import HashedDocuments
from .ingest import Gathered, gather
from .items import Items, read_items, whole_numbers
from .left_out import LeftOut
from .short_repr import brief
from .sources import Source
from .splits import TRAIN, USUAL
from .vocabulary import BOUNDARY, UNKNOWN, Vocabulary

__all__ = ["Remembered", "remember"]


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
    min_count: int = 1,
    seed: int = 1,
    block_size: int = 1,
    may_be_shorter: bool = False,
    **reading: Any,
) -> Remembered:
    """Read a list and split it in these shares, or take lists of their own for "dev" and "test".

    Tokens that come fewer than `min_count` times in what there is to train on are unknown ones.
    `block_size` is that of the counts of a list that is too long to be kept. Other options, and
    what is raised: those of `Reading`. DataError if a list has no token in common with the one to
    train on or if no token comes so often, OptionError for a split together with lists of their
    own, and for a `min_count` below 1.

    >>> found = remember(["emma", "ava"], {"dev": ["mia", "ava"]}, None)
    >>> found.dataset.split("dev").texts, found.vocabulary.tokens, found.longest
    (['mia', 'ava'], ('a', 'e', 'm', 'v'), 4)
    >>> found.remarks
    ['1 of the 2 distinct items of the list is also in the list, so its loss is too good']
    """
    given = {name: file for name, file in files.items() if file is not None}
    if given and shares is not None:
        raise OptionError("either a split is wanted, or files for dev or test, not both")
    if not is_whole(min_count) or min_count < 1:
        raise OptionError(f"--min-count: a whole number, 1 or more, was wanted; got {min_count!r}")
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
    item_per = reading.get("item_per", "line")
    train = dataset.split("train").texts
    unit = ITEMS[item_per] if "weights" not in reading else None
    remarks = _remarks(gathered, others, dataset, unit)
    if min_count > 1:
        vocabulary, remark = _without_rare(dataset, vocabulary, min_count)
        remarks.append(remark)
    longest = max(len(vocabulary.split(text)) for text in train) if dataset.is_whole else None
    if words and longest == 1 and len(train) > 1:
        remarks.append(
            "each item is one word, so no word follows another: leave out --words to learn letters"
        )
    if item_per != "line":
        hashed = HashedDocuments.of(dataset.items, vocabulary)
        dataset = replace(dataset, item_per=item_per, documents=hashed)
    return Remembered(
        dataset,
        vocabulary,
        remarks,
        [left for items in (gathered.items, *others.values()) for left in items.left_out],
        longest,
    )


def _vocabulary(gathered: Gathered, words: bool) -> Vocabulary:
    """The tokens that there are to train on."""
    if gathered.tables:
        vocabulary = gathered.tables[TRAIN].vocabulary
        assert vocabulary is not None
        return vocabulary
    train = gathered.items.chosen(gathered.splits == TRAIN)
    return Vocabulary.of(train.texts, "words" if words else "characters")


def _without_rare(
    dataset: Dataset, vocabulary: Vocabulary, min_count: int
) -> tuple[Vocabulary, str]:
    """The vocabulary without rare tokens, and how many these are."""
    counts = dataset.counts("train", vocabulary, 0)
    frequencies = np.bincount(counts.tokens, counts.counts, len(vocabulary))
    frequencies[BOUNDARY] = 0  # ends are no tokens of the list
    kind, times = vocabulary.kind, f"{min_count:,} times"
    common = vocabulary.without_rare(frequencies, min_count)
    if not common.tokens:
        most = int(frequencies.argmax())
        raise DataError(
            f"none of the {len(vocabulary.tokens):,} different {kind} that are trained on came "
            f"{times}; the most frequent one, {shortened(vocabulary.tokens[most - 1])!r}, came "
            f"{frequencies[most]:,.15g}: a smaller --min-count is wanted"
        )
    if not common.folded:
        return common, f"all {kind} came {times} or more, so there is no {UNKNOWN}"
    kept = frequencies[[vocabulary.numbers[token] for token in common.tokens]].sum()
    percent = 100 * (1 - kept / frequencies.sum())
    return common, (
        f"{common.folded:,} of {len(vocabulary.tokens):,} different {kind} came fewer than {times} "
        f"and are {UNKNOWN}: {percent:.1f} % of all {kind} that are trained on"
    )


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
    gathered: Gathered, others: dict[str, Items], dataset: Dataset, unit: str | None
) -> list[str]:
    """What one should know of the lists before anything is learnt from them. `unit` is what was
    counted, if not weights."""
    items = gathered.items
    remarks = list(items.remarks)
    lines = int(items.counts.sum())
    if not dataset.is_whole:
        remarks.append(
            f"{items.name} has about {sum(map(dataset.size, SPLITS)):,} distinct items, too many "
            f"to keep: the model keeps the counts of all of them and a sample of {len(items):,}, "
            f"so what is new can't be told"
        )
    elif unit is not None and lines > len(items) and not others:
        remarks.append(
            f"{lines - len(items):,} of {lines:,} {unit} are repeats; all {unit} of an item are in "
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
        more = ": --item-per paragraph, or line, makes more of it" if unit == "files" else ""
        remarks.append(f"there is only one item to learn from, which says little of others{more}")
    return remarks
