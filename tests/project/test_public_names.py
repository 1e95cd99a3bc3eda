"""The public names are a list, in order, and each is there and explained."""

import re
from importlib import import_module

import pytest

from project.structure import modules

LISTED = [
    module.name
    for module in modules()
    if "\n__all__ = [" in module.path.read_text(encoding="utf-8")
]
PROMISED = {"Model", "load", "train"}


def test_there_are_lists_of_names() -> None:
    assert {"", "engine", "text", "models"} <= set(LISTED)


@pytest.mark.parametrize("name", LISTED)
def test_names_are_sorted_there_and_explained(name: str) -> None:
    module = import_module(f"moreish.{name}".strip("."))
    public = module.__all__
    assert public == sorted(public, key=_natural)
    assert len(set(public)) == len(public)
    for item in public:
        thing = getattr(module, item)
        if callable(thing) and not hasattr(thing, "__origin__"):
            assert thing.__doc__, f"{name}.{item} has no docstring"


def _natural(name: str) -> tuple:
    """Constants, classes, functions; numbers in a name by their size."""
    parts = [part.zfill(9) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
    return not name.isupper(), not name[0].isupper(), parts


def test_what_is_promised_is_there() -> None:
    import moreish

    assert set(moreish.__all__) >= PROMISED
