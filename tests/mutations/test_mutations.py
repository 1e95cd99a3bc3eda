"""Files that are damaged, or made wrong on purpose, end in a sentence or are valid all the same."""

import os
import random
from pathlib import Path

import pytest

from moreish.errors import ModelFileError
from mutations.mutate import mutated, parsed, written
from mutations.originals import as_it_was, check, write_all


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_all(tmp_path_factory.mktemp("originals"))


def trials(originals: list[Path], folder: Path, seed: int, count: int) -> dict[str, int]:
    """So many mutated files, each kind in its turn, every second time with a right checksum."""
    told = {"refused": 0, "as it was": 0, "another, and valid": 0}
    for number in range(count):
        original = originals[number // 2 % len(originals)]
        repaired = number % 2 == 1
        place = folder / original.name
        chance = random.Random(f"{seed} {number}")
        place.write_bytes(mutated(original.read_bytes(), chance, repaired))
        try:
            same = not repaired and as_it_was(place, original)
        except ModelFileError:
            same = False
        try:
            taken = check(place, original.name)
            assert repaired or same or not taken, "it is another, and its checksum was not right"
        except BaseException as error:
            error.add_note(f"file {number} of seed {seed}, of {original.name}: {place}")
            raise
        told["as it was" if same else "another, and valid" if taken else "refused"] += 1
    return told


def test_what_is_good_is_taken(originals: list[Path], tmp_path: Path) -> None:
    for original in originals:
        place = tmp_path / original.name
        place.write_bytes(original.read_bytes())
        assert check(place, original.name)
        place.write_bytes(written(*(parsed(original.read_bytes()) or ({}, {}))))
        assert as_it_was(place, original)


def test_one_bit_is_always_found(originals: list[Path], tmp_path: Path) -> None:
    """Of the whole file: header, text, and arrays. A bit of a blank says nothing, and may be."""
    chance, found = random.Random(1), 0
    for original in originals:
        for number in range(60):
            content = bytearray(original.read_bytes())
            content[chance.randrange(len(content))] ^= 1 << number % 8
            place = tmp_path / original.name
            place.write_bytes(content)
            try:
                assert as_it_was(place, original)
            except ModelFileError:
                found += 1
    assert found > 50 * len(originals)


def test_mutated_files_are_refused_or_valid(originals: list[Path], tmp_path: Path) -> None:
    told = trials(originals, tmp_path, seed=13, count=200)
    assert told["refused"] > 100
    assert told["another, and valid"] > 5  # so the judge of what is valid is asked at all


@pytest.mark.long
def test_5000_mutated_files(originals: list[Path], tmp_path: Path) -> None:
    seed = int(os.environ.get("MUTATIONS_SEED", 0)) or random.SystemRandom().randrange(2**32)
    print(f"MUTATIONS_SEED={seed} makes these files again")
    print(trials(originals, tmp_path, seed, count=5_000))
