"""Splits that keep apart are called right; of others the slip is named."""

from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
from moreish import slips
from moreish.errors import OptionError

WORDS = [a + b for a in "abcdefghij" for b in "klmnopqrst"]
PARTS = ("train", "dev", "test")


def parts(*bounds: tuple[int, int], words: list[str] = WORDS) -> dict[str, list[str]]:
    return {name: words[a:b] for name, (a, b) in zip(PARTS, bounds, strict=False)}


@pytest.mark.parametrize(
    "splits",
    [
        parts((0, 80), (80, 90), (90, 100)),
        parts((0, 10), (10, 20), (20, 100)),
        parts((0, 50), (50, 100)),
        parts((0, 99), (99, 100)),
        parts((0, 80), (80, 90), (90, 100), words=WORDS[::-1]),
        {"train": [*WORDS[:80], *WORDS[:80]], "dev": WORDS[80:]},
        {"train": WORDS[::2], "test": WORDS[1::2]},
        {"a": WORDS[:25], "b": WORDS[25:50], "c": WORDS[50:75], "d": WORDS[75:]},
        {"train": tuple(WORDS[:80]), "dev": set(WORDS[80:])},
        {"train": iter(WORDS[:80]), "dev": (word for word in WORDS[80:])},
    ],
)
def test_right(splits: Any) -> None:
    said = slips.split(splits, WORDS)
    assert said.right, said


@pytest.mark.parametrize(
    ("splits", "slip"),
    [
        (parts((0, 80), (79, 90), (90, 100)), "leak"),
        (parts((0, 80), (80, 90), (80, 100)), "leak"),
        (parts((0, 100), (80, 90), (90, 100)), "leak"),
        (parts((0, 80), (0, 90), (90, 100)), "leak"),
        ({"train": WORDS, "dev": WORDS}, "leak"),
        ({"train": [*WORDS[:80], "zz"], "dev": ["zz", *WORDS[80:]]}, "leak"),
        (parts((0, 80), (80, 80), (80, 100)), "empty"),
        ({"train": [], "dev": WORDS}, "empty"),
        (parts((0, 80), (81, 90), (90, 100)), "lost"),
        (parts((0, 80), (80, 90)), "lost"),
        ({"train": [*WORDS[:80], "zz"], "dev": WORDS[80:]}, "foreign"),
    ],
)
def test_wrong(splits: Any, slip: str) -> None:
    said = slips.split(splits, WORDS)
    assert (said.right, said.slip) == (False, slip), said


def test_without_the_list_only_leaks_are_seen() -> None:
    assert slips.split(parts((0, 80), (81, 90))).right
    said = slips.split(parts((0, 80), (79, 90)))
    assert str(said).startswith("The split leaks: 1 of 11 items of dev is in train, too, as 'ht'")


@pytest.mark.parametrize("made", [torch.tensor, np.array, list, lambda rows: map(list, rows)])
def test_items_of_several_numbers(made: Any) -> None:
    rows = [[1, 2], [3, 4], [5, 6]]
    assert slips.split({"train": made(rows[:2]), "dev": made(rows[2:])}, made(rows)).right
    said = slips.split({"train": made(rows[:2]), "dev": made(rows[1:])})
    assert (said.slip, "as (3, 4)." in str(said).replace(". Split", ".")) == ("leak", True), said
    said = slips.split({"train": made(rows[:1]), "dev": made(rows[2:])}, made(rows))
    assert said.slip == "lost"


def test_numbers_of_a_tensor() -> None:
    assert slips.split({"train": torch.arange(3), "dev": torch.arange(2, 5)}).slip == "leak"
    assert slips.split({"train": torch.arange(3), "dev": np.arange(3, 5)}).right


def test_what_does_not_fit() -> None:
    with pytest.raises(TypeError, match=r"by name were wanted.*got list"):
        slips.split([["a"], ["b"]])  # type: ignore[arg-type]
    for no_list in (3, None, torch.tensor(3)):
        with pytest.raises(TypeError, match="dev is a list of items, got "):
            slips.split({"train": ["a"], "dev": no_list})  # type: ignore[dict-item]
    with pytest.raises(OptionError, match="two splits at least"):
        slips.split({"train": WORDS})
    with pytest.raises(TypeError, match="dev is a list of items, got the text 'max'"):
        slips.split({"train": ["ada"], "dev": "max"})
