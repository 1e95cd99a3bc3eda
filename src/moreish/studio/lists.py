"""Lists as they come into the studio: pasted, bundled, dropped as a file, or named when it starts.

A file that is dropped is written to a folder for as long as its list is known, as formats and gzip
are told by a file and its name.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import MoreishError, shortened
from ..learning import Learning, learn
from ..text.sources import lines_of
from .examples import source_of

LONGEST_NAME = 60  # characters of the name of a file that was dropped
MODELS = (".safetensors", ".arpa", ".arpa.gz", ".checkpoint")


@dataclass
class List:
    """A list that can be learnt from, again and again."""

    name: str  # what it is called in messages and in a model file
    source: str | Sequence[str] | None = field(repr=False)  # what `learn` reads
    options: dict[str, Any] = field(default_factory=dict)  # how
    is_dropped: bool = False  # and known to the user by its name, not by where it is kept

    @cached_property
    def reading(self) -> Learning:
        """What it holds, ready to be looked at; a model learns from a reading of its own."""
        return self.learn()

    def learn(self, **options: Any) -> Learning:
        """Read it, with a model to learn; see `moreish.learn`."""
        if not self.is_dropped:
            return learn(self.source, **self.options, **options)
        place = str(self.source)
        with renamed(place, self.name):
            learning = learn(place, **self.options, **options)
        dataset = learning.dataset
        learning.dataset = replace(dataset, items=replace(dataset.items, name=self.name))
        learning.remarks = [remark.replace(place, self.name) for remark in learning.remarks]
        return learning


def pasted(text: str) -> List:
    """A text with an item a line.

    >>> pasted("anna\\nnan").source
    ['anna', 'nan']
    """
    return List("the list", lines_of(text))


def example(name: str) -> List:
    """A bundled list. OptionError if there is none of that name.

    >>> example("names").learn(model="bigram").dataset.items.texts[0]
    'emma'
    """
    return List(name, source_of(name))


def dropped(content: bytes, name: str, column: str | None = None) -> List:
    """A file with its name; of a table, `column` has the items.

    >>> dropped(b"name,born\\nanna,1990\\nnan,1991\\n", "a.csv", "name").learn().dataset.items.texts
    ['anna', 'nan']
    """
    folder = tempfile.mkdtemp(prefix="moreish-")
    ending = "".join(Path(name).suffixes[-2:])[-20:].replace("\0", "")
    path = os.path.join(folder, f"file{ending}")
    Path(path).write_bytes(content)
    options = {} if not column else {"column": column}
    found = List(shortened(name, LONGEST_NAME), path, options, is_dropped=True)
    weakref.finalize(found, shutil.rmtree, folder, ignore_errors=True)
    return found


@contextmanager
def renamed(path: str, name: str) -> Iterator[None]:
    """Errors that name a file by where it is kept name it as the user knows it.

    >>> with renamed("/tmp/x/file.txt", "names.txt"):
    ...     raise MoreishError("/tmp/x/file.txt is empty")
    Traceback (most recent call last):
    moreish.errors.MoreishError: names.txt is empty
    """
    try:
        yield
    except MoreishError as error:
        error.args = (str(error).replace(path, name),)
        raise


def is_model(name: str, beginning: bytes) -> bool:
    """Whether a file is to be a model's, by its name or by how it begins.

    >>> is_model("a.safetensors", b""), is_model("a", bytes([64, *[0] * 7]) + b"{")
    (True, True)
    >>> is_model("a.txt", b"anna")
    False
    """
    return name.lower().endswith(MODELS) or (b"\0\0" in beginning[:8] and beginning[8:9] == b"{")
