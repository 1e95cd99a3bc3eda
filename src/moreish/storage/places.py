"""Where a file will be written: whatever would keep it from being written is said beforehand."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import ModelFileError, OptionError
from .atomic import reason_of


def place_for(file: str, force: bool) -> Path:
    """Where a file will be; whatever would keep it from being written is said now.

    OptionError for a name that can't be that of a new file; with `force` it may be that of an old
    one. ModelFileError if the folder can't be written to.

    >>> place_for("names.safetensors", force=True)
    PosixPath('names.safetensors')
    """
    place = Path(file)
    check_name(file)
    with reachable(file):
        if place.is_dir():
            raise OptionError(f"{place} is a folder: say which file in it")
        if os.path.lexists(place) and not force:
            raise OptionError(f"{place} exists: --force replaces it, or name another place")
        if place.exists() and not place.is_file():
            raise OptionError(f"{place} is a device or a pipe: name a file")
        folder = (Path(os.path.realpath(place)) if place.is_symlink() else place).parent
        if not folder.is_dir():
            raise OptionError(f"there is no folder {folder} to put it in")
        if not os.access(folder, os.W_OK):
            raise ModelFileError(f"the folder {folder} can't be written to")
    return place


def check_name(file: str) -> None:
    """OptionError for what can't be the name of a file."""
    if not file:
        raise OptionError("the name of a file or folder was wanted, got an empty one")
    if "\0" in file:
        raise OptionError(f"a name of a file can't hold a NUL, got {file!r}")


@contextmanager
def reachable(file: str) -> Iterator[None]:
    """ModelFileError where a look at a file that is to be written fails."""
    try:
        yield
    except OSError as error:
        raise ModelFileError(
            f"can't write {file}: {reason_of(error)}; name another place"
        ) from None
