"""A split that leaks: items that are in two splits, or in none."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

from ..errors import OptionError
from .feedback import Feedback

__all__ = ["split"]


def split(
    splits: Mapping[str, Iterable[object]], items: Iterable[object] | None = None
) -> Feedback:
    """Which slip is in a split that a learner made of a list?

    `splits` are lists of items by name, as {"train": ..., "dev": ..., "test": ...}. With `items`,
    the list that was split, what was lost or came from elsewhere is seen too. Slips are "empty",
    "leak" (an item in two splits), "lost" and "foreign". Items may be lists, and the rows of an
    array or a Tensor: they are the same if their numbers are. No line is told, as a list does not
    know where it was made.

    OptionError for fewer than two splits, TypeError for splits without names, and for what is no
    list of items, as a text.

    >>> split({"train": ["ada", "eve"], "dev": ["max"]}).right
    True
    >>> split({"train": ["ada", "eve"], "dev": ["eve"]})
    The split leaks: 1 of 1 items of dev is in train, too, as 'eve'.
    """
    if not isinstance(splits, Mapping):
        raise TypeError(
            f"lists of items by name were wanted, as {{'train': [...], 'dev': [...]}}, got "
            f"{type(splits).__name__}"
        )
    if len(splits) < 2:
        raise OptionError("two splits at least were wanted, as {'train': [...], 'dev': [...]}")
    lists = {name: _items(name, these) for name, these in splits.items()}
    whole = None if items is None else _items("items", items)
    for name, these in lists.items():
        if not these:
            return Feedback(False, f"The split is wrong: {name} is empty.", "empty")
    names = list(lists)
    for i, later in enumerate(names):
        for earlier in names[:i]:
            known = set(lists[earlier])
            common = [item for item in lists[later] if item in known]
            if common:
                return Feedback(False, _leak(common, lists[later], later, earlier), "leak")
    return _whole(lists, whole) or Feedback(True, "The split is right: no item is in two parts.")


def _items(name: str, these: object) -> list[Hashable]:
    """What can be compared with other items: an array is a tuple of its numbers."""
    if isinstance(these, str):
        raise TypeError(f"{name} is a list of items, got the text {these!r:.60}")
    if not isinstance(these, Iterable) or getattr(these, "ndim", 1) == 0:
        raise TypeError(f"{name} is a list of items, got {type(these).__name__}")
    return [_comparable(item) for item in these]


def _comparable(item: object) -> Hashable:
    if hasattr(item, "tolist"):
        item = item.tolist()
    if isinstance(item, (list, tuple)):
        return tuple(_comparable(part) for part in item)
    return item if isinstance(item, Hashable) else repr(item)


def _leak(common: list[Hashable], these: list[Hashable], later: str, earlier: str) -> str:
    are = "is" if len(common) == 1 else "are"
    sentence = (
        f"The split leaks: {len(common):,} of {len(these):,} items of {later} {are} in {earlier}, "
        f"too, as {common[0]!r:.60}"
    )
    if len(common) == len(these):
        return f"{sentence}."
    return f"{sentence}. Split the distinct items, and let slices begin where the last one ended."


def _whole(lists: Mapping[str, list[Hashable]], items: list[Hashable] | None) -> Feedback | None:
    """What is wrong beside the list that was split; None if nothing is."""
    if items is None:
        return None
    wanted = Counter(items)
    held = Counter(item for these in lists.values() for item in these)
    lost, foreign = wanted.keys() - held.keys(), held.keys() - wanted.keys()
    for slip, those, where in (("lost", lost, "in no part"), ("foreign", foreign, "not in items")):
        if those:
            are = "item is" if len(those) == 1 else "items are"
            sentence = f"The split is wrong: {len(those):,} {are} {where}, as"
            return Feedback(False, f"{sentence} {min(those, key=repr)!r:.60}.", slip)
    return None
