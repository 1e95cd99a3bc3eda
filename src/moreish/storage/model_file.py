"""Model files, checkpoints and files of counts: arrays and one readable JSON text in the
safetensors format.

- Nothing in a file is executed when it is read.
- There is never half of one (see `atomic`).
- A checksum over the text and the arrays stands in the text, so that a flipped bit is found.

Only this module reads and writes them. Whether values make sense, those know that they belong to.
"""

import json
import os
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import ModelFileError
from . import safetensors_format
from .atomic import reason_of, write_atomically
from .validation import checked_text

__all__ = ["read_file", "reading", "write_file", "write_whole"]

Arrays = dict[str, np.ndarray]
KEY = "moreish"
VERSION = 2
THINGS = {  # what a file can hold
    "model": "a model: `moreish.load` reads it",
    "checkpoint": "a training that has not ended, which its own command ends with --resume",
    "counts": "a table of counts: `moreish.ContextCounts.load` reads it",
    "tensors": "tensors: `moreish.torch.load` reads it",
}
OF_TEXT = {  # what to do with text in place of such a file
    "model": "if it is a list, moreish train {} makes a model of it",
    "counts": "if it is a list, moreish.count({!r}, block_size=3) makes a table of it",
    "tensors": "open({!r}).read() reads it; load reads what save wrote, or safetensors files",
}


def write_file(
    path: str | os.PathLike[str],
    about: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    replace: bool = True,
) -> None:
    """Write `about` (anything JSON can say) and the arrays; ModelFileError if it can't be done.

    The text is one entry with its keys in order, so the same model gives the same bytes.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_file(f"{folder}/m", {"model": "none"}, {"weights": np.zeros(3)})
    ...     os.listdir(folder)
    ['m']
    """
    arrays = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    about = {"version": VERSION, **about}
    text = _text({**about, "checksum": _checksum(about, arrays)})
    write_whole(path, _bytes_of(dict(arrays), {KEY: text}), replace)


def write_whole(path: str | os.PathLike[str], content: bytes, replace: bool = True) -> None:
    """All of the bytes into a file, or none; ModelFileError if it can't be done.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(f"{folder}/missing/m", b"whole")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    moreish.errors.ModelFileError: can't write ...: no such file or directory
    """
    try:
        write_atomically(path, content, replace)
    except FileExistsError:
        raise ModelFileError(
            f"{path} has come into being meanwhile, and is not replaced without being asked to"
        ) from None
    except OSError as error:
        raise ModelFileError(f"can't write {path}: {reason_of(error)}") from None


def read_file(
    path: str | os.PathLike[str], kind: str = "model", others: bool = False
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What `write_file` wrote. ModelFileError if the file is not such a one.

    `kind` is what `about` has under "file", a "model" where it has nothing. With `others` files
    that another program wrote are read, too, and `about` is empty then.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_file(f"{folder}/m", {"model": "none"}, {"weights": np.zeros(3)})
    ...     read_file(f"{folder}/m")
    ({'model': 'none', 'version': 2}, {'weights': array([0., 0., 0.])})
    """
    try:
        with open(path, "rb") as opened:
            beginning = opened.read(1_024)
    except OSError as error:
        raise ModelFileError(f"can't read the {kind} {path}: {reason_of(error)}") from None
    if not beginning:
        raise ModelFileError(f"{path} is empty: it is no {kind} file")
    if kind in OF_TEXT and _is_text(beginning):
        what = OF_TEXT[kind].format(os.fspath(path))
        raise ModelFileError(f"{path} is text, not a {kind} file: {what}")
    try:
        with _opened(path) as (texts, take):
            text = texts.get(KEY)
            is_ours = any('"checksum"' in own for own in texts.values())  # though its key is hurt
            if text is None and (is_ours or not others):
                raise ModelFileError(f"{path} is a safetensors file, but moreish did not make it")
            about = {} if text is None else _parsed(path, text)
            arrays = take()
    except (ModelFileError, MemoryError):
        raise
    except Exception as error:
        if "bfloat16" in str(error):
            raise ModelFileError(
                f"{path} has numbers of the kind bfloat16, which NumPy does not have: write it "
                f"again with the tensors as .float()"
            ) from None
        raise ModelFileError(
            f"{path} is not a whole {kind} file: {_short(error)}. Was it cut short?"
        ) from None
    if not about:
        return about, arrays
    with reading(path):
        if about.pop("checksum", None) != _checksum(about, arrays):
            raise ValueError("its checksum is not that of what it holds")
        found = checked_text("what it holds", about.get("file", "model"))
    if found != kind:
        holds = THINGS.get(found, f"something else ({found[:40]!r})")
        raise ModelFileError(f"{path} is not a {kind} file: it holds {holds}")
    return about, arrays


def _bytes_of(arrays: dict[str, np.ndarray], texts: dict[str, str]) -> bytes:
    try:
        from safetensors.numpy import save
    except ImportError:  # as in a web page
        return safetensors_format.save(arrays, texts)
    content: bytes = save(arrays, texts)
    return content


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[tuple[dict[str, str], Callable[[], Arrays]]]:
    """The texts of a file, and what takes its arrays."""
    try:
        from safetensors import safe_open
    except ImportError:
        with open(path, "rb") as whole:
            texts, arrays = safetensors_format.load(whole.read())
        yield texts, lambda: arrays
        return
    with safe_open(path, framework="numpy") as file:
        names = file.keys()
        yield file.metadata() or {}, lambda: {name: file.get_tensor(name) for name in names}


def _is_text(beginning: bytes) -> bool:
    """Whether a file that begins so is UTF-8; safetensors begin with a number of 8 bytes."""
    try:
        getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return len(beginning) > 8 and b"\0" not in beginning


def _parsed(path: str | os.PathLike[str], text: str) -> dict[str, Any]:
    """The text of a file of this version."""
    try:
        about = json.loads(text)
        version = about["version"]
        if type(about) is not dict or type(version) is not int:
            raise TypeError
    except (ValueError, TypeError, LookupError, RecursionError):
        raise ModelFileError(f"{path} is a safetensors file, but moreish did not make it") from None
    if version > VERSION:
        raise ModelFileError(
            f"{path} is of version {version}, and this moreish knows up to {VERSION}: a newer "
            f"moreish wrote it, and can read it"
        )
    if version < VERSION:
        raise ModelFileError(
            f"{path} is of version {version}, which has no checksum, and this moreish reads "
            f"version {VERSION}: an older moreish wrote it. Make it again from its list"
        )
    return about


@contextmanager
def reading(path: str | os.PathLike[str]) -> Iterator[None]:
    """ModelFileError if anything fails while a file is read: that is damage to it.

    >>> with reading("names.safetensors"):
    ...     raise KeyError("tokens")
    Traceback (most recent call last):
    moreish.errors.ModelFileError: names.safetensors is damaged: it has no 'tokens'
    """
    try:
        yield
    except ModelFileError:
        raise
    except MemoryError:
        raise ModelFileError(f"{path} asks for more memory than there is") from None
    except KeyError as error:
        raise ModelFileError(f"{path} is damaged: it has no {_short(error)}") from None
    except Exception as error:
        raise ModelFileError(f"{path} is damaged: {_short(error)}") from None


def _short(error: Exception) -> str:
    """What an error says, in one line."""
    line = " ".join(str(error).split()) or type(error).__name__
    return line if len(line) <= 200 else f"{line[:197]}..."


def _text(about: Mapping[str, Any]) -> str:
    return json.dumps(about, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(number: Any) -> Any:
    """A number of NumPy as Python's own, which JSON can write."""
    return number.item()


def _checksum(about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> str:
    """A digest of the text and of the arrays: names, types, shapes and values."""
    from hashlib import blake2b  # it takes a while to load

    digest = blake2b(_text(about).encode("utf-8", "surrogatepass"), digest_size=16)
    for name, array in sorted(arrays.items()):
        digest.update(json.dumps([name, array.dtype.str, array.shape]).encode())
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
