"""Types say something: `Any` is for what is really free, in the engine and in PyTorch's names."""

import re

from project.structure import SOURCE

GIVEN, TAKEN = 34, 89  # at most so many `-> Any` and `: Any`: less is welcome, more is not


def count(pattern: str) -> int:
    """How often the pattern stands in the rooms that are held to it."""
    paths = [path for room in ("engine", "torch") for path in (SOURCE / room).rglob("*.py")]
    assert len(paths) > 80
    return sum(len(re.findall(pattern, path.read_text(encoding="utf-8"))) for path in paths)


def test_few_results_are_of_any_type() -> None:
    assert count(r"-> _?Any\b") <= GIVEN


def test_few_arguments_are_of_any_type() -> None:
    assert count(r": Any\b") <= TAKEN


def test_no_other_name_stands_for_any() -> None:
    assert count(r"(?m)^\w+(: TypeAlias)? = Any$") == 0
