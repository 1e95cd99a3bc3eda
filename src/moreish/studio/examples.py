"""The bundled example lists, by name. Their sources and licences stand in data/README.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import OptionError

FOLDER = Path(__file__).parent.parent / "data" / "examples"


@dataclass(frozen=True)
class Example:
    """A list that comes with the package."""

    name: str
    title: str
    about: str
    items: int  # distinct ones


EXAMPLES = (
    Example("names", "First names", "given in the United States in 2017", 29_910),
    Example("cities", "Cities", "and islands that time zones are named after", 463),
    Example("elements", "Chemical elements", "in English", 118),
    Example("constellations", "Constellations", "in Latin", 88),
    Example("colours", "Colours", "the names that CSS has", 148),
    Example("countries", "Страны мира", "countries of the world, in Russian", 190),
)


def source_of(name: str) -> str | Sequence[str] | None:
    """What `learn` reads for an example: a file, or None for the bundled list of names.

    OptionError if there is no such example.

    >>> source_of("names") is None, str(source_of("elements"))[-12:]
    (True, 'elements.txt')
    """
    if name not in [example.name for example in EXAMPLES]:
        there_are = ", ".join(example.name for example in EXAMPLES)
        raise OptionError(f"there is no example {name[:40]!r}; there are {there_are}")
    return None if name == "names" else str(FOLDER / f"{name}.txt")
