"""A training that has not ended, in a file: where it stood, and of which data and options it is.

It says in a sentence what differs when someone goes on with other data or options. How a run
gives and takes its state, `training` knows; how a file is written, `file` knows.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import OptionError
from ..models import LanguageModel, Mixed
from ..storage.model_file import read_file, reading, write_file
from ..storage.validation import checked_number
from ..text import BOUNDARY, Vocabulary
from ..text.dataset import SPLITS, Dataset
from . import Run, Settings

__all__ = ["check_same", "checkpoint_of", "identity", "read_checkpoint", "write_checkpoint"]

KIND = "checkpoint"
MOST_NAMED = 5  # differences in a sentence
ADVICE = "The same list and options go on with it, and --force in place of --resume begins anew"
State = tuple[dict[str, Any], dict[str, np.ndarray]]


def identity(
    model: LanguageModel, vocabulary: Vocabulary, dataset: Dataset, settings: Settings
) -> dict[str, Any]:
    """What makes a training this one: the model, its options, the settings and the items.

    >>> from moreish.models.bigram import Bigram
    >>> from moreish.text import Items
    >>> dataset = Dataset(Items(["anna"], np.array([2]), "names", []), np.zeros(1))
    >>> identity(Bigram(3), Vocabulary("an"), dataset, Settings())["items of train"]
    '1 (2 lines, bed33169)'
    """
    return {
        "model": model.name,
        "tokens": vocabulary.kind,
        **({"rare tokens": vocabulary.folded} if vocabulary.folded else {}),
        **_options_of(model),
        **{_spoken(name): value for name, value in settings.options().items()},
        **{f"items of {split}": _fingerprint(dataset, split, vocabulary) for split in SPLITS},
    }


def write_checkpoint(
    path: str | os.PathLike[str], runs: Sequence[Run], identity: Mapping[str, Any]
) -> None:
    """Write where the runs stand, the last of them after a record; there is never half a file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_checkpoint(f"{folder}/c", [], {"steps": 5})
    ...     read_checkpoint(f"{folder}/c", {"steps": 6})
    Traceback (most recent call last):
    moreish.errors.OptionError: ...c is of another training: steps was 5 and is 6. The same ...
    """
    states = [run.state() for run in runs]
    arrays = {f"{n}/{k}": a for n, (_, own) in enumerate(states) for k, a in own.items()}
    about = {"file": KIND, "of": identity, "runs": [about for about, _ in states]}
    write_file(path, about, arrays)


def read_checkpoint(
    path: str | os.PathLike[str], identity: Mapping[str, Any], advice: str = ADVICE
) -> list[State]:
    """What `Run.resume` goes on from, for each run.

    OptionError says what differs if it is of another training, and gives the advice.

    >>> read_checkpoint("nowhere", {})
    Traceback (most recent call last):
    moreish.errors.ModelFileError: can't read the checkpoint nowhere: no such file or directory
    """
    about, arrays = read_file(path, KIND)
    with reading(path):
        then, states = dict(about["of"]), [dict(own) for own in about["runs"]]
        parts: list[dict[str, np.ndarray]] = [{} for _ in states]
        for own in states:
            checked_number("step", own["step"], whole=True, least=1)
            checked_number("seconds", own["seconds"], least=0, most=sys.float_info.max)
        for name, array in arrays.items():
            number, own_name = name.split("/", 1)
            parts[range(len(parts)).index(int(number))][own_name] = array
    check_same(path, then, identity, advice)
    return list(zip(states, parts, strict=True))


def check_same(
    path: str | os.PathLike[str],
    then: Mapping[str, Any],
    now: Mapping[str, Any],
    advice: str = ADVICE,
) -> None:
    """OptionError if the file is of another training than this one, with what differs.

    >>> check_same("m", {"steps": 5}, {"steps": 5})
    """
    with reading(path):
        different = list(_differences(then, now))
    if len(different) > MOST_NAMED:
        more = len(different) - MOST_NAMED + 1
        different[MOST_NAMED - 1 :] = [f"{more} more differ"]
    if different:
        raise OptionError(f"{path} is of another training: {'; '.join(different)}. {advice}")


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*then, *now]):
        was, is_now = then.get(name), now.get(name)
        if was == is_now:
            continue
        if name.startswith("items of "):
            yield f"the {name} were {_shown(was or 'none')} and are {_shown(is_now or 'none')}"
        else:
            yield f"{name} was {_shown(was)} and is {_shown(is_now)}"


def _shown(value: Any) -> str:
    text = "not set" if value is None else f"{value:g}" if isinstance(value, float) else f"{value}"
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _options_of(model: LanguageModel) -> dict[str, Any]:
    """The options of a model by their spoken names, and those of its parts."""
    parts = model.parts if isinstance(model, Mixed) else ()
    options = {_spoken(name): own for name, own in model.options().items() if name != "parts"}
    for number, part in enumerate(parts):
        is_alone = [other.name for other in parts].count(part.name) == 1
        name = part.name if is_alone else f"{part.name} {number + 1}"
        options |= {f"{_spoken(key)} of {name}": own for key, own in part.options().items()}
    return options


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _fingerprint(dataset: Dataset, split: str, vocabulary: Vocabulary) -> str:
    """How many items, and a digest of them in their order and how often each came.

    Of a list that is too long to be kept, of the sample and the counts of tokens.
    """
    from hashlib import blake2b  # it takes a while to load

    which = dataset.splits == SPLITS[split]
    texts = "\n".join(dataset.split(split).texts).encode()
    if dataset.documents is not None:
        texts = dataset.documents.marks[which].tobytes()
    counts_of = dataset.items.counts[which]
    digest = blake2b(texts, digest_size=4)
    digest.update(np.ascontiguousarray(counts_of).tobytes())
    lines = counts_of.sum()
    if dataset.tables and dataset.size(split):
        counts = dataset.counts(split, vocabulary, 1)
        digest.update(counts.tokens.tobytes() + counts.counts.tobytes())
        lines = counts.counts[counts.tokens == BOUNDARY].sum()
    return f"{dataset.size(split):,} ({lines:,} lines, {digest.hexdigest()})"


def checkpoint_of(model_path: str | os.PathLike[str]) -> Path:
    """Where the checkpoint of a model file stands while it is trained.

    >>> checkpoint_of("names.safetensors").name
    'names.safetensors.checkpoint'
    """
    return Path(f"{model_path}.checkpoint")
