"""The repr of what holds a list, or large arrays: one short line, which never shows the list.

A notebook prints the repr of what a cell ends in, and a list is often private.
"""

from collections.abc import Sized
from dataclasses import fields, is_dataclass
from typing import Any

__all__ = ["brief"]

LONGEST = 160  # characters


def brief(self: object) -> str:
    """How many there are of each thing it holds; of texts nothing is shown.

    As a `__repr__`: `__repr__ = brief` in a class.

    >>> class Pair:
    ...     __repr__ = brief
    ...     def __init__(self):
    ...         self.items, self.count, self.name = ["anna", "nan"], 2, "private"
    >>> Pair()
    <Pair: 2 items, count 2>
    """
    names = [own.name for own in fields(self)] if is_dataclass(self) else list(vars(self))
    told = [_told(name, getattr(self, name)) for name in names if not name.startswith("_")]
    line = ", ".join(filter(None, told))
    line = line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
    return f"<{type(self).__name__}: {line}>" if line else f"<{type(self).__name__}>"


def _told(name: str, value: Any) -> str:
    """A thing in a few words; nothing of texts, and of what is no simple thing."""
    words = name.replace("_", " ")
    shape = getattr(value, "shape", None)
    if isinstance(value, str | bytes) or value is None:
        return ""
    if isinstance(shape, tuple):
        return f"{words} {tuple(map(int, shape))}"
    if isinstance(value, bool | int | float):
        return f"{words} {value:g}" if isinstance(value, float) else f"{words} {value}"
    return f"{len(value):,} {words}" if isinstance(value, Sized) else ""
