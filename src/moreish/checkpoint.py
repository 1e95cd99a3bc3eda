"""A training that has not ended, in a file: where it stood, and of which data and options it is.

It says in a sentence what differs when someone goes on with other data or options. How a run
gives and takes its state, `training` knows; how a file is written, `file` knows.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ModelFileError, OptionError
from .file import read_file, write_file
from .models import LanguageModel
from .text import Items
from .training import Run, Settings

__all__ = ["checkpoint_of", "identity", "read_checkpoint", "write_checkpoint"]

KIND = "checkpoint"
State = tuple[dict[str, Any], dict[str, np.ndarray]]


def identity(
    model: LanguageModel, tokens: str, splits: Mapping[str, Items], settings: Settings
) -> dict[str, Any]:
    """What makes a training this one: the model, its options, the settings and the items.

    >>> from moreish.models.bigram import Bigram
    >>> items = Items(["anna"], np.array([2]), "names", [])
    >>> identity(Bigram(3), "characters", {"train": items}, Settings())["items of train"]
    '1 (2 lines, bed33169)'
    """
    return {
        "model": model.name,
        "tokens": tokens,
        **{_spoken(name): value for name, value in model.options().items()},
        **{_spoken(name): value for name, value in settings.options().items()},
        **{f"items of {split}": _fingerprint(items) for split, items in splits.items()},
    }


def write_checkpoint(
    path: str | os.PathLike[str], runs: Sequence[Run], identity: Mapping[str, Any]
) -> None:
    """Write where the runs stand, the last of them after a record; there is never half a file.

    >>> write_checkpoint  # doctest: +ELLIPSIS
    <function write_checkpoint at ...>
    """
    states = [run.state() for run in runs]
    arrays = {f"{n}/{k}": a for n, (_, own) in enumerate(states) for k, a in own.items()}
    about = {"kind": KIND, "of": identity, "runs": [about for about, _ in states]}
    write_file(path, about, arrays)


def read_checkpoint(path: str | os.PathLike[str], identity: Mapping[str, Any]) -> list[State]:
    """What `Run.resume` goes on from, for each run.

    OptionError says what differs if it is of another training.

    >>> read_checkpoint("nowhere", {})
    Traceback (most recent call last):
    moreish.errors.ModelFileError: can't read the model nowhere: no such file or directory
    """
    about, arrays = read_file(path)
    if about.get("kind") != KIND or not {"of", "runs"} <= about.keys():
        raise ModelFileError(f"{path} is a model file, and no checkpoint of a training")
    different = list(_differences(about["of"], identity))
    if different:
        raise OptionError(
            f"{path} is of another training: {'; '.join(different)}. The same list and options "
            f"go on with it, and --force in place of --resume begins anew"
        )
    return [
        (own, {k.split("/", 1)[1]: a for k, a in arrays.items() if k.startswith(f"{n}/")})
        for n, own in enumerate(about["runs"])
    ]


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*then, *now]):
        was, is_now = then.get(name), now.get(name)
        if was == is_now:
            continue
        if name.startswith("items of "):
            yield f"the {name} were {was or 'none'} and are {is_now or 'none'}"
        else:
            yield f"{name} was {_shown(was)} and is {_shown(is_now)}"


def _shown(value: Any) -> str:
    return "not set" if value is None else f"{value:g}" if isinstance(value, float) else f"{value}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _fingerprint(items: Items) -> str:
    """How many items, and a digest of them in their order and how often each came."""
    digest = hashlib.blake2b("\n".join(items.texts).encode(), digest_size=4)
    digest.update(np.ascontiguousarray(items.counts).tobytes())
    return f"{len(items):,} ({items.counts.sum():,} lines, {digest.hexdigest()})"


def checkpoint_of(model_path: str | os.PathLike[str]) -> Path:
    """Where the checkpoint of a model file stands while it is trained.

    >>> checkpoint_of("names.safetensors").name
    'names.safetensors.checkpoint'
    """
    return Path(f"{model_path}.checkpoint")
