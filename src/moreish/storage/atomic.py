"""Files that are whole or not there: written beside their place, synced and renamed.

- What replaces a file keeps its permissions, and a symbolic link stays one: its target is replaced.
- `locked` is held while a file is made, so that two processes don't make the same one. The lock is
  the operating system's and ends with its process. Where there is none to be had (Windows, a web
  page, some network drives) nothing is locked; what came meanwhile is still not replaced.

This module knows nothing of what is in the files.
"""

import errno
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import OptionError

try:
    import fcntl
except ImportError:  # Windows, a web page
    fcntl = None  # type: ignore[assignment]

__all__ = ["clear_unfinished", "locked", "reason_of", "write_atomically"]

LONG = 200  # bytes of a name; what is much longer a file system can't take
PERMISSIONS = 0o7777


def write_atomically(path: str | os.PathLike[str], content: bytes, replace: bool = True) -> None:
    """All of the bytes into a file, or none. OSError if it can't be done.

    FileExistsError if the file is there and `replace` is False.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(f"{folder}/m", b"whole")
    ...     os.listdir(folder)
    ['m']
    """
    if not replace and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(path))
    place = Path(os.path.realpath(path))
    if place.exists() and not (place.is_file() or place.is_dir()):
        raise OSError(errno.EINVAL, "it is a device or a pipe, and no file")
    number, unfinished = tempfile.mkstemp(
        dir=place.parent, prefix=_beginning(place), suffix=".unfinished"
    )
    try:
        with open(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _keep_permissions(unfinished, place)
        if replace:
            os.replace(unfinished, place)
        else:
            _put(unfinished, place)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)
    _sync_folder(place.parent)


def _keep_permissions(unfinished: str, place: Path) -> None:
    """Those of the file that is replaced, and its owner where that may be; else the usual ones."""
    try:
        before = os.stat(place)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(unfinished, 0o666 & ~mask)
        return
    with suppress(OSError, AttributeError):  # only some may give files away; Windows can't
        os.chown(unfinished, before.st_uid, before.st_gid)
    os.chmod(unfinished, before.st_mode & PERMISSIONS)


def _put(unfinished: str, place: Path) -> None:
    """Give a file its name. FileExistsError if that has come into use."""
    try:
        os.link(unfinished, place)
    except FileExistsError:
        raise
    except (OSError, AttributeError, NotImplementedError):  # a drive without hard links
        if os.path.lexists(place):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place)) from None
        os.replace(unfinished, place)


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk too, where the system can do that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def clear_unfinished(path: str | os.PathLike[str]) -> None:
    """Remove what processes that were killed have left beside `path`.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, ".m.x.unfinished").write_text("")
    ...     clear_unfinished(f"{folder}/m")
    ...     os.listdir(folder)
    []
    """
    place = Path(os.path.realpath(path))
    left = re.compile(rf"{re.escape(_beginning(place))}[^.]*\.unfinished")
    for name in os.listdir(place.parent):
        if left.fullmatch(name):
            (place.parent / name).unlink(missing_ok=True)


@contextmanager
def locked(path: str | os.PathLike[str]) -> Iterator[None]:
    """Hold the lock of a file that is being made. OptionError if another process holds it.

    >>> with tempfile.TemporaryDirectory() as folder, locked(f"{folder}/m"):
    ...     os.listdir(folder)
    ['.m.lock']
    """
    place = Path(os.path.realpath(path))
    lock = place.parent / f"{_beginning(place)}lock"
    number = _lock(lock)
    if number == BUSY:
        raise OptionError(
            f"another process is making {path}: wait until it has ended, or name another place"
        )
    try:
        yield
    finally:
        if number is not None:
            with suppress(OSError):
                lock.unlink()  # while it is held: whoever waits for this one looks again
            os.close(number)


BUSY = -1


def _lock(lock: Path) -> int | None:
    """The open file that is locked; BUSY if another process has it, None if nothing can be."""
    while fcntl is not None:
        try:
            number = os.open(lock, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError:
            return None
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(number), os.stat(lock)):
                return number
        except BlockingIOError:
            os.close(number)
            return BUSY
        except FileNotFoundError:
            pass
        except OSError:  # a drive that has no locks
            os.close(number)
            return None
        os.close(number)  # its holder has just removed it: again, with a new one
    return None


def reason_of(error: OSError) -> str:
    """Why a file can't be read or written, in words.

    >>> reason_of(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full'
    """
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return (error.strerror or str(error)).lower()


def _beginning(place: Path) -> str:
    """What the names of helpers of a file begin with; of a long name a part and a digest."""
    name = place.name
    if len(os.fsencode(name)) > LONG:
        name = f"{name[: LONG // 4]}.{zlib.crc32(os.fsencode(name)):08x}"
    return f".{name}."
