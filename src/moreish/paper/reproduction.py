"""The table again: its parts are learnt, its rows mixed and measured."""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelFileError, OptionError, check_seed
from ..models.interpolation import learn_weights
from ..storage.atomic import locked, reason_of
from ..storage.places import check_name
from ..text.short_repr import brief
from ..training import Record
from .brown import BROWN, TEXTS, checksum_of, read_texts
from .parts import Part, begun, file_of, identity, make_part
from .stream import Stream, stream_of
from .table_1 import DEL_INT, KN5, Row, parts_of, rows_named
from .workers import side_by_side

__all__ = ["Reproduction", "Result", "reproduce"]


@dataclass(frozen=True)
class Result:
    """A row of the table: perplexities here and in the paper, and how they compare."""

    row: Row
    valid: float  # perplexity
    test: float
    test_over_kn5: float
    test_over_del_int: float
    minutes: float  # of learning, of all of its parts

    def about(self) -> dict[str, Any]:
        """The figures by name."""
        figures = {name: value for name, value in vars(self).items() if name != "row"}
        return {"row": self.row.name, **figures}


@dataclass
class Reproduction:
    """Rows of Table 1 that are to be learnt: iterate to learn, then take the `results`.

    What it yields is the name of a part and a record of its training, or None when the part is
    there. Networks are trained side by side, one on each core. All that is learnt is kept in
    `folder`, and goes on from there. `reproduce` makes one.
    """

    __repr__ = brief

    stream: Stream
    rows: Sequence[Row]
    folder: Path
    seed: int = 1
    minutes: float | None = None  # of training, for each network
    remarks: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The parts."""
        return parts_of(self.rows)

    def __iter__(self) -> Iterator[tuple[str, Record | None]]:
        """Learn what is not there yet. MoreishError for what goes wrong; see `make_part`.

        Before anything is learnt it is checked that what is there is of the same texts and options.
        """
        jobs = {
            name: partial(make_part, name, self.stream, self.folder, self.seed, self.minutes)
            for name in self.names
        }
        with locked(self.folder / "table"):
            for name in self.names:
                of = identity(name, self.stream, self.seed, self.minutes)
                begun(file_of(self.folder, name), of, self.stream)
            yield from side_by_side(jobs, at_once=os.cpu_count() or 1)

    def part(self, name: str) -> Part:
        """A part that is there. ModelFileError where it isn't."""
        of = identity(name, self.stream, self.seed, self.minutes)
        return Part.read(file_of(self.folder, name), of, self.stream)

    def results(self) -> list[Result]:
        """The rows, once all parts are there."""
        parts = {name: self.part(name) for name in self.names}
        tests = {name: perplexity(parts[name].log_probs["test"]) for name in (KN5, DEL_INT)}
        results = []
        for row in self.rows:
            own = [parts[name] for name in row.parts]
            valid, test = _mixed(own, row.is_learnt)
            over = {name: perplexity(test) / tests[name] for name in tests}
            minutes = sum(part.seconds for part in own) / 60
            figures = (perplexity(valid), perplexity(test), over[KN5], over[DEL_INT], minutes)
            results.append(Result(row, *figures))
        return results


def perplexity(log_probs: np.ndarray) -> float:
    """(N,) nats → the geometric mean of 1 / p.

    >>> perplexity(np.log([0.5, 0.125]))
    4.0
    """
    return math.exp(-float(log_probs.mean()))


def _mixed(parts: Sequence[Part], is_learnt: bool) -> tuple[np.ndarray, np.ndarray]:
    """What the parts give together to the words of valid and of test, in nats."""
    valid, test = (np.exp([part.log_probs[split] for part in parts]) for split in ("valid", "test"))
    weights = np.full(len(parts), 1 / len(parts))
    if is_learnt:
        each, bins = np.ones(valid.shape[1]), np.zeros(valid.shape[1], dtype=np.intp)
        weights = learn_weights(valid, each, bins, np.ones((1, len(parts))))[0]
    return np.log(weights @ valid), np.log(weights @ test)


def reproduce(
    place: str | os.PathLike[str],
    rows: Sequence[str] | None = None,
    *,
    folder: str | os.PathLike[str],
    minutes: float | None = None,
    seed: int = 1,
) -> Reproduction:
    """Rows of Table 1 of Bengio et al., to be learnt from the Brown corpus in `place`.

    `place` is a folder or an archive; `rows` are names of rows, all by default. In `folder` all
    that is learnt is kept. With `minutes` each network is trained so long, whatever it needs.
    OptionError for a row that there is not, and for minutes that are not more than 0; DataError
    for what is not Brown; ModelFileError where the folder can't be made.

    >>> reproduce("nowhere", folder="out")
    Traceback (most recent call last):
    moreish.errors.DataError: nowhere is no folder and no archive: the Brown corpus was wanted: ...
    """
    chosen = rows_named(rows)
    check_seed(seed)
    for name in (place, folder):
        check_name(os.fspath(name))
    if minutes is not None and not 0 < minutes < math.inf:
        raise OptionError(f"minutes must be more than 0, got {minutes:g}")
    texts = read_texts(place)
    checksum = checksum_of(texts)
    remarks = []
    if checksum != BROWN:
        remarks.append(
            f"this is not the whole Brown corpus: {TEXTS} texts with the checksum {BROWN} were "
            f"wanted, and {len(texts)} came, with {checksum}. So its perplexities can't be set "
            f"beside the paper's"
        )
    keep = Path(folder)
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelFileError(f"can't make the folder {keep}: {reason_of(error)}") from None
    return Reproduction(stream_of(texts, checksum), chosen, keep, seed, minutes, remarks)
