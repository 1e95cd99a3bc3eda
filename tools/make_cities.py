"""Make the bundled list of cities from the PyPI package tzdata, where that is installed.

The last part of each zone's name that is of a place: "America/New_York" is New York.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

PLACE = Path(__file__).parent.parent / "src" / "moreish" / "data" / "examples" / "cities.txt"
AREAS = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


def main() -> None:
    package = find_spec("tzdata")
    if package is None or package.origin is None:
        sys.exit("tzdata is wanted: pip install tzdata")
    zones = (Path(package.origin).parent / "zones").read_text().split()
    cities = {zone.split("/")[-1].replace("_", " ") for zone in zones if is_of_place(zone)}
    PLACE.write_text("\n".join(sorted(cities)) + "\n", encoding="utf-8")
    print(f"{len(cities)} cities in {PLACE.name}")


def is_of_place(name: str) -> bool:
    """Whether a zone is called after a place: not by a number, an abbreviation or a region."""
    return name.split("/")[0] in AREAS and not name[-2:].isupper()


if __name__ == "__main__":
    main()
