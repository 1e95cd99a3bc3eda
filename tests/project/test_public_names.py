"""The public names are a list, in order, and each is there and explained."""

import inspect
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


MODULES = {
    "moreish": {"slips"},
    "moreish.engine": {"activations", "rules"},
    "moreish.torch": {"cuda", "nn", "optim", "utils"},
    "moreish.torch.nn": {"functional", "init"},
    "moreish.torch.optim": {"lr_scheduler"},
    "moreish.torch.utils": {"data"},
}


def test_no_module_hides_a_name() -> None:
    """Importing `moreish.x` sets the name x in `moreish`: it must not have been a function."""
    for module in modules():
        if module.name != "__main__":
            import_module(f"moreish.{module.name}".strip("."))
    found = 0
    for name in LISTED:
        full = f"moreish.{name}".strip(".")
        package = import_module(full)
        hidden = {item for item in package.__all__ if inspect.ismodule(getattr(package, item))}
        assert hidden == MODULES.get(full, set()), f"in {full} modules hide {hidden}"
        found += len(package.__all__)
    assert found > 300


def test_what_is_promised_is_there() -> None:
    import moreish

    assert set(moreish.__all__) >= PROMISED
