"""How much the service takes on."""

from dataclasses import dataclass

from ..errors import OptionError

MOST_SEATS = 100
MOST_CHARACTERS = 1_000_000  # that the items of one request have at least, all together


@dataclass(frozen=True)
class Bounds:
    """What one request may ask for, and how many are worked on. OptionError for what can't be."""

    bytes: int = 1_000_000
    items: int = 10_000
    seconds: float = 10.0  # waiting included
    seats: int = 2  # requests of each kind (plain, with constraints, long) at a time

    def __post_init__(self) -> None:
        for number, what in ((self.bytes, "--max-bytes"), (self.items, "--max-items")):
            if number < 1:
                raise OptionError(f"{what} must be 1 or more, got {number}")
        if not 0 < self.seconds < 10**6:
            raise OptionError(
                f"--seconds must be more than 0 and less than a million, got {self.seconds:g}"
            )
        if not 1 <= self.seats <= MOST_SEATS:
            raise OptionError(f"--seats must be from 1 to {MOST_SEATS}, got {self.seats}")
