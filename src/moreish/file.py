"""Model files, and files of counts: arrays and one readable JSON text in the safetensors format.

Nothing in a file is executed when it is read. A file is written beside its place and renamed, so
there is never half of one. Only this module reads and writes them.
"""

import errno
import glob
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ModelFileError

__all__ = ["clear_unfinished", "read_file", "write_file"]

KEY = "moreish"
VERSION = 1
LONG = 200  # bytes of a name; what is much longer a file system can't take
THINGS = {  # what a file can hold
    "model": "a model: `moreish.load` reads it",
    "checkpoint": "a training that has not ended, which its own command ends with --resume",
    "counts": "a table of counts: `moreish.ContextCounts.load` reads it",
}


def write_file(
    path: str | os.PathLike[str], about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> None:
    """Write `about` (anything JSON can say) and the arrays; ModelFileError if it can't be done.

    The text is one entry with its keys in order, so the same model gives the same bytes.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(f"{folder}/m", {"model": "none"}, {"weights": np.zeros(3)})
    ...     os.listdir(folder)
    ['m']
    """
    from safetensors.numpy import save

    text = json.dumps({"version": VERSION, **about}, ensure_ascii=False, sort_keys=True)
    write_whole(path, save({n: np.ascontiguousarray(a) for n, a in arrays.items()}, {KEY: text}))


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """All of the bytes into a file, or none; ModelFileError if it can't be done."""
    place = Path(path)
    unfinished = None
    try:
        number, unfinished = tempfile.mkstemp(
            dir=place.parent, prefix=_beginning(place), suffix=".unfinished"
        )
        with open(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(unfinished, 0o666 & ~_umask())
        os.replace(unfinished, place)
    except OSError as error:
        if unfinished is not None and os.path.exists(unfinished):
            os.unlink(unfinished)
        raise ModelFileError(f"can't write {place}: {_reason(error)}") from None
    except BaseException:
        if unfinished is not None and os.path.exists(unfinished):
            os.unlink(unfinished)
        raise


def read_file(
    path: str | os.PathLike[str], kind: str = "model"
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What `write_file` wrote. ModelFileError says why a file is not such a one.

    `kind` is what `about` has under "file", a "model" where it has nothing.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(f"{folder}/m", {"model": "none"}, {"weights": np.zeros(3)})
    ...     read_file(f"{folder}/m")
    ({'model': 'none', 'version': 1}, {'weights': array([0., 0., 0.])})
    """
    from safetensors import SafetensorError, safe_open

    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise ModelFileError(f"can't read the {kind} {path}: {_reason(error)}") from None
    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(KEY)
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError, TypeError, KeyError, OSError) as error:
        raise ModelFileError(
            f"{path} is not a whole {kind} file: {error}. Was it cut short, or is it a list?"
        ) from None
    try:
        about = json.loads(text) if text is not None else None
        version = int(about["version"]) if about is not None else None
    except (ValueError, TypeError, KeyError):
        about = version = None
    if about is None or version is None:
        raise ModelFileError(f"{path} is a safetensors file, but moreish did not make it")
    if version > VERSION:
        raise ModelFileError(
            f"{path} is of version {version}, and this moreish knows up to {VERSION}: a newer "
            f"moreish wrote it, and can read it"
        )
    found = about.get("file", "model")
    if found != kind:
        holds = THINGS.get(found, f"something else ({found})")
        raise ModelFileError(f"{path} is not a {kind} file: it holds {holds}")
    return about, arrays


def clear_unfinished(path: str | os.PathLike[str]) -> None:
    """Remove what processes that were killed have left beside `path`.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, ".m.x.unfinished").write_text("")
    ...     clear_unfinished(f"{folder}/m")
    ...     os.listdir(folder)
    []
    """
    place = Path(path)
    for left in place.parent.glob(f"{glob.escape(_beginning(place))}*.unfinished"):
        left.unlink(missing_ok=True)


def _beginning(place: Path) -> str:
    """What the name of an unfinished file begins with; of a long name only the beginning."""
    name = place.name
    return f".{name if len(os.fsencode(name)) <= LONG else name[: LONG // 4]}."


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return (error.strerror or str(error)).lower()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
