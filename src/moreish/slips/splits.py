"""A split that leaks: items that are in two splits, or in none."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ..errors import OptionError
from .feedback import Feedback

__all__ = ["split"]


def split(splits: Mapping[str, Iterable[str]], items: Iterable[str] | None = None) -> Feedback:
    """Which slip is in a split that a learner made of a list?

    `splits` are lists of items by name, as {"train": ..., "dev": ..., "test": ...}. With `items`,
    the list that was split, what was lost or came from elsewhere is seen too. Slips are "empty",
    "leak" (an item in two splits), "lost" and "foreign".

    OptionError for fewer than two splits, TypeError for a text in place of a list.

    >>> split({"train": ["ada", "eve"], "dev": ["max"]}).right
    True
    >>> split({"train": ["ada", "eve"], "dev": ["eve"]})
    The split leaks: 1 of 1 items of dev is in train, too, as 'eve'.
    """
    if len(splits) < 2:
        raise OptionError("two splits at least were wanted, as {'train': [...], 'dev': [...]}")
    for name, these in (*splits.items(), ("items", items)):
        if isinstance(these, str):
            raise TypeError(f"{name} is a list of items, got the text {these!r:.60}")
    lists = {name: list(these) for name, these in splits.items()}
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
    return _whole(lists, items) or Feedback(True, "The split is right: no item is in two parts.")


def _leak(common: list[str], these: list[str], later: str, earlier: str) -> str:
    are = "is" if len(common) == 1 else "are"
    sentence = (
        f"The split leaks: {len(common):,} of {len(these):,} items of {later} {are} in {earlier}, "
        f"too, as {common[0]!r:.60}"
    )
    if len(common) == len(these):
        return f"{sentence}."
    return f"{sentence}. Split the distinct items, and let slices begin where the last one ended."


def _whole(lists: Mapping[str, list[str]], items: Iterable[str] | None) -> Feedback | None:
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
            return Feedback(False, f"{sentence} {min(those)!r:.60}.", slip)
    return None
