"""Memory follows what is drawn, not how long the longest item could be."""

import random
from pathlib import Path

import numpy as np
import pytest

import moreish
from memory import run_measured
from moreish.text import read_items
from mutations.mutate import parsed, written

MOST = 300  # MB
NAMES = read_items(None).texts[:2_000]


def with_one_long_item(folder: Path, length: int, **options: object) -> Path:
    """A model of short names and one item of so many letters."""
    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=length))
    options = {"split": (100, 0, 0), "max_length": length, **options}
    moreish.train([*NAMES, long], **options).save(folder / "m")
    return folder / "m"


def test_one_long_item(tmp_path: Path) -> None:
    with_one_long_item(tmp_path, 5_000, model="bigram")
    ran = run_measured(tmp_path, "sample", "m", "-n", "20000")
    assert (ran.code, ran.out.count("\n")) == (0, 20_000)
    assert ran.megabytes < MOST


@pytest.mark.long
@pytest.mark.parametrize("length", [1_000, 5_000])
@pytest.mark.parametrize("model", ["bigram", "ngram", "mlp", "mixture"])
@pytest.mark.parametrize("options", [(), ("--new",)])
def test_one_long_item_in_every_way(
    tmp_path: Path, length: int, model: str, options: tuple[str, ...]
) -> None:
    steps = {} if model in ("bigram", "ngram") else {"steps": 100}
    with_one_long_item(tmp_path, length, model=model, **steps)
    ran = run_measured(tmp_path, "sample", "m", "-n", "20000", *options)
    assert "Traceback" not in ran.err
    assert ran.code in (0, 1)
    assert ran.megabytes < MOST


@pytest.mark.long
@pytest.mark.parametrize("ends", [1e-12, 1 / 20_000])
def test_a_crafted_file_whose_items_hardly_end(tmp_path: Path, ends: float) -> None:
    place = with_one_long_item(tmp_path, 5_000, model="bigram", smoothing=0)
    about, arrays = parsed(place.read_bytes()) or ({}, {})
    tokens, counts = arrays["model.tokens"], np.ones(len(arrays["model.tokens"]))
    counts[tokens == 0] = ends
    arrays["model.counts"] = counts
    place.write_bytes(written(about, arrays))
    ran = run_measured(tmp_path, "sample", "m", "-n", "50")
    assert "Traceback" not in ran.err
    assert ran.code == (0 if ends > 1e-6 else 1)
    assert ran.megabytes < MOST


@pytest.mark.long
def test_a_word_among_many(tmp_path: Path) -> None:
    """What a model says of contexts is asked a part at a time."""
    words = [f"w{number}" for number in range(20_000)]
    lines = [" ".join(words[number : number + 2]) for number in range(0, len(words), 2)]
    options = {"model": "bigram", "smoothing": 0, "words": True, "split": (100, 0, 0)}
    moreish.train(lines, **options).save(tmp_path / "m")
    ran = run_measured(tmp_path, "sample", "m", "-n", "3000")
    assert ran.code == 0
    assert ran.megabytes < MOST
