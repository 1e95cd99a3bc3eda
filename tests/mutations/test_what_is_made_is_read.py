"""No check of values refuses what was made from a list, however odd the list and the options."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import moreish
from moreish.errors import MoreishError

LETTERS = ("ab", "abcde ", "aé漢😀\u0301", "abcdefghijklmnopqrstuvwxyz'-")
WEIGHTS = (1, 0.5, 1e-9, 1e15, 3, 1e-300, 7.25)


def drawn_list(chance: random.Random) -> list[str]:
    letters = chance.choice(LETTERS)
    longest = chance.choice((1, 3, 8, 30))
    items = (
        "".join(chance.choices(letters, k=chance.randint(1, longest)))
        for _ in range(chance.choice((1, 2, 10, 60)))
    )
    return [item for item in items if item.strip()] or ["a"]


def drawn_options(chance: random.Random) -> dict[str, Any]:
    smoothings = (0, 0.5, 1e15, "kneser-ney", "witten-bell", "deleted-interpolation")
    size, smoothing = chance.choice((1, 2, 4)), chance.choice(smoothings)
    network = {"steps": np.int64(10), "hidden_size": 3}
    options: dict[str, Any] = chance.choice(
        (
            {"model": "bigram", "smoothing": chance.choice(smoothings[:3])},
            {"model": "ngram", "smoothing": smoothing, "block_size": size},
            {"model": "ngram", "smoothing": smoothing, "block_size": size},
            {"model": "class-ngram", "smoothing": smoothing, "classes": 1 + size},
            {"model": "neural-bigram", "steps": 10, "learning_rate": chance.choice((1, 1e3))},
            {"model": "mlp", **network, "learning_rate": chance.choice((0.1, 100.0, 1e4))},
            {"model": "mixture", **network, "share": chance.choice((None, 0, 1, 0.3, "learnt"))},
            {"model": "mixture", "mixture": "bigram,ngram", "share": "by-frequency"},
            {"model": "mixture", "mixture": ("ngram", "bigram"), "smoothing": 0.5},
        )
    )
    split = chance.choice(((100, 0, 0), (60, 30, 10), (50, 50, 0)))
    return {**options, "split": split, "words": chance.random() < 0.3, "seed": np.int64(3)}


def drawn_source(chance: random.Random) -> tuple[list[str], dict[str, Any]]:
    items = drawn_list(chance)
    if chance.random() < 0.6:
        return items * chance.choice((1, 3)), {}
    rows = [f'{{"a": "{item}", "w": {chance.choice(WEIGHTS)}}}' for item in items]
    return rows, {"format": "jsonl", "column": "a", "weights": "w"}


def trials(folder: Path, seed: int, count: int) -> int:
    read = 0
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        source, reading = drawn_source(chance)
        options = {**reading, **drawn_options(chance)}
        try:
            model = moreish.train(source, **options)
        except MoreishError:  # no dev to learn a share on, or the training diverged
            continue
        try:
            model.save(folder / "m")
            again = moreish.load(folder / "m")
            items = model.dataset.items.texts[:9]
            assert (again.score_samples(items) == model.score_samples(items)).all()
            assert again.language_model.options() == model.language_model.options()
        except BaseException as error:
            error.add_note(f"list {number} of seed {seed}: {source[:9]}, {options}")
            raise
        read += 1
    return read


def test_what_is_made_is_read(tmp_path: Path) -> None:
    assert trials(tmp_path, seed=1, count=60) > 30


@pytest.mark.long
def test_1000_that_are_made_are_read(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    assert trials(tmp_path, seed, count=1_000) > 500
