"""What the rows of the table are made of: counted models and networks, each learnt by itself.

Of each, the log-probabilities of the words of valid and test are kept in a file, so that rows that
mix several cost nothing more. A network's training goes on from its checkpoint.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np

from ..models import Counted, Predictor, log_probs_at
from ..models.class_ngram import ClassNGram
from ..models.mlp import MLP
from ..models.ngram import NGram
from ..storage.atomic import clear_unfinished
from ..storage.model_file import read_file, reading, write_file
from ..storage.validation import checked_fractions, checked_number
from ..text import count_contexts
from ..text.short_repr import brief
from ..training import Record, Run
from ..training.checkpoint import check_same, checkpoint_of, read_checkpoint, write_checkpoint
from ..training.optimizing import begin
from .deleted_interpolation import PaperTrigram
from .networks import NETWORKS
from .stream import Stream
from .table_1 import DEL_INT, KN5

__all__ = ["Part", "begun", "file_of", "make_part"]

KIND = "row"
HELD_OUT = ("valid", "test")
ADVICE = "The same texts and options go on in this folder; for others name another folder"
COUNTED: Mapping[str, Callable[[int], Counted]] = {
    DEL_INT: PaperTrigram,
    "kn3": lambda size: NGram(size, block_size=2),
    KN5: lambda size: NGram(size, block_size=4),
    "class-500": lambda size: ClassNGram(size, block_size=2, classes=500),
}


@dataclass(frozen=True)
class Part:
    """What a model says of the words that are held out, and what of it is shown."""

    __repr__ = brief

    log_probs: Mapping[str, np.ndarray]  # of valid and test, (N,) nats
    seconds: float  # of learning
    records: tuple[Record, ...] = ()
    embedding: np.ndarray | None = None  # (V, E)

    def write(self, path: Path, of: Mapping[str, Any]) -> None:
        """Into a file, with what it is of. ModelFileError if it can't be done."""
        about = {"file": KIND, "of": of, "seconds": self.seconds}
        records = {"records": [asdict(record) for record in self.records]}
        embedding = {} if self.embedding is None else {"embedding": self.embedding}
        write_file(path, about | records, {**self.log_probs, **embedding})

    @classmethod
    def read(cls, path: Path, of: Mapping[str, Any], stream: Stream) -> Self:
        """OptionError if the file is of something else, ModelFileError if it is not whole."""
        about, arrays = read_file(path, KIND)
        check_same(path, about.get("of", {}), of, ADVICE)
        with reading(path):
            log_probs = {
                split: checked_fractions(split, arrays[split], stream.parts[split].shape, most=0)
                for split in HELD_OUT
            }
            seconds = checked_number("seconds", about["seconds"], least=0)
            records = tuple(Record(**record) for record in about["records"])
        return cls(log_probs, seconds, records, arrays.get("embedding"))


def file_of(folder: Path, name: str) -> Path:
    """Where a part is kept.

    >>> file_of(Path("out"), "kn5").as_posix()
    'out/kn5.safetensors'
    """
    return folder / f"{name}.safetensors"


def make_part(
    name: str, stream: Stream, folder: Path, seed: int, minutes: float | None
) -> Iterator[Record]:
    """Learn a part and write its file; the records of its training, if it is trained.

    Where its file is, or a checkpoint, it goes on from there; OptionError where that is of other
    text, or of another training. ModelFileError for a file that can't be read or written.

    >>> from tempfile import TemporaryDirectory
    >>> from .stream import stream_of
    >>> stream = stream_of([["a", "b"] * 50])
    >>> with TemporaryDirectory() as folder:
    ...     for record in make_part("MLP9", stream, Path(folder), seed=1, minutes=None):
    ...         print(record.step, record.steps)
    1 1
    """
    of = identity(name, stream, seed, minutes)
    place = file_of(folder, name)
    if begun(place, of, stream):
        return
    if name in COUNTED:
        part = _counted(name, stream)
    else:
        part = yield from _trained(name, stream, place, of, seed, minutes)
    part.write(place, of)
    checkpoint_of(place).unlink(missing_ok=True)


def begun(place: Path, of: Mapping[str, Any], stream: Stream) -> bool:
    """Whether a part is there already; what a killed process could not finish is removed.

    OptionError if its file, or its checkpoint, is of something else.

    >>> from .stream import stream_of
    >>> begun(Path("nowhere", "kn3.safetensors"), {}, stream_of([["a", "b"] * 50]))
    False
    """
    checkpoint = checkpoint_of(place)
    for path in (place, checkpoint):
        with suppress(OSError):  # a folder that can't be written to
            clear_unfinished(path)
    if place.exists():
        Part.read(place, of, stream)
        return True
    if checkpoint.exists():
        read_checkpoint(checkpoint, of, ADVICE)
    return False


def identity(name: str, stream: Stream, seed: int, minutes: float | None) -> dict[str, Any]:
    """What makes a part this one."""
    of = {"row": name, "text": stream.checksum}
    if name in COUNTED:
        return of
    network = NETWORKS[name]
    settings = network.settings(len(stream.parts["train"]), stream.vocabulary_size, seed, minutes)
    return of | dict(network.options) | settings.options()


def _counted(name: str, stream: Stream) -> Part:
    size, began = stream.vocabulary_size, perf_counter()
    model = COUNTED[name](size)
    train, valid = (
        count_contexts(stream.parts[split], model.block_size, size) for split in ("train", "valid")
    )
    model.fit(train, valid)
    return Part(_log_probs(model, stream), perf_counter() - began)


def _trained(
    name: str,
    stream: Stream,
    place: Path,
    of: Mapping[str, Any],
    seed: int,
    minutes: float | None,
) -> Generator[Record, None, Part]:
    network, size = NETWORKS[name], stream.vocabulary_size
    model = MLP(size, **network.options)
    train, valid = (stream.positions(split, model.block_size) for split in ("train", "valid"))
    settings = network.settings(len(train), size, seed, minutes)
    model.settle(train)
    run = Run(model, train, valid, settings, begin(model, settings))
    checkpoint = checkpoint_of(place)
    if checkpoint.exists():
        run.resume(*read_checkpoint(checkpoint, of, ADVICE)[0])
    for record in run:
        write_checkpoint(checkpoint, [run], of)
        yield record
    embedding = model.parameters["embedding"].detach().numpy()
    return Part(_log_probs(model, stream), run.seconds, tuple(run.records), embedding)


def _log_probs(model: Predictor, stream: Stream) -> dict[str, np.ndarray]:
    return {
        split: log_probs_at(model, stream.positions(split, model.block_size)) for split in HELD_OUT
    }
