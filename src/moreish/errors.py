"""What can go wrong through no fault of ours, each with one sentence that says what to do.

    MoreishError
    ├── DataError          the list, or an item, can't be used as it is
    │   └── DivergedError  training came to a loss that is no number
    ├── DrawingError       a drawing can't be saved
    ├── MissingError       a library that is no part of a plain install: also an ImportError
    ├── ModelFileError     a model file can't be read or written
    └── OptionError        an option that does not fit: also a ValueError

A message says what was wanted, what came and what to do. The command line shows it without a
traceback. The engine raises what PyTorch raises, and is not part of this tree.
"""


class MoreishError(Exception):
    """Anything that a user can mend."""

    exit_code = 1


class DataError(MoreishError):
    """The list, or an item, can't be used as it is."""


class DivergedError(DataError):
    """Training came to a loss that is no number; what was best before stays in the model."""


class DrawingError(MoreishError):
    """A drawing can't be saved."""


class MissingError(MoreishError, ImportError):
    """A library that is no part of a plain install is wanted, and not there."""


class ModelFileError(MoreishError):
    """A model file can't be read or written."""


class OptionError(MoreishError, ValueError):
    """An option that does not fit the others, or has a value it can't have."""

    exit_code = 2


class ApproximateWarning(UserWarning):
    """What was asked for can only be had nearly; the warning says how nearly."""


def check_seed(seed: int) -> None:
    """OptionError if it can't be a seed."""
    if not is_whole(seed) or not 0 <= seed < 2**63:
        raise OptionError(f"a seed is a whole number, 0 or more, of at most 63 bits; got {seed}")


def check_count(n: int) -> None:
    """OptionError if it can't be a number of items."""
    if not is_whole(n) or n < 0:
        raise OptionError(f"a number of items, 0 or more, was wanted; got {n!r}")


def check_draw(seed: int, **switches: object) -> None:
    """OptionError if it can't be a seed, or for a switch that is neither True nor False."""
    check_seed(seed)
    for name, switch in switches.items():
        if not isinstance(switch, bool):
            raise OptionError(f"{name} is True or False, got {switch!r}")


def is_whole(thing: object) -> bool:
    """Whether it is a whole number, also one of NumPy's; True and False are none.

    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return hasattr(thing, "__index__") and not isinstance(thing, bool)


def shortened(text: str, most: int = 60) -> str:
    """A text of at most so many characters, for a message.

    >>> shortened("emma"), shortened("a" * 1_000_000, most=8)
    ('emma', 'aaaaa...')
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."


def as_typed(*names: str) -> str:
    """Options as they are typed.

    >>> as_typed("block_size", "seed")
    '--block-size, --seed'
    """
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)
