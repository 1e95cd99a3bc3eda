"""torch.save and torch.load: Tensors in safetensors files, and never a pickle.

- A file has the Tensors, under the names of the keys that lead to them.
- One JSON text says how they are nested, and has the numbers and texts between them.
- Nothing is executed when it is read, and a checksum finds a flipped bit.
- The name of a file does not matter: `torch.save(state, "model.pt")` writes safetensors, too.
"""

import os
from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.device import Device
from ..engine.tensor import Size, Tensor
from ..engine.tensor.creation import from_numpy
from ..errors import ModelFileError
from ..storage.model_file import read_file, reading, write_file
from ..storage.validation import checked_flag, checked_number, checked_text, no_others

__all__ = ["load", "save"]

KIND = "tensors"
CONTAINERS = {kind.__name__: kind for kind in (dict, OrderedDict, Counter, list, tuple, Size)}
PLAIN = (bool, int, float, str, type(None))
DEEPEST = 100
PICKLES = (b"PK\x03\x04", b"\x80")  # how zip files and pickles begin

Arrays = dict[str, np.ndarray]


def save(obj: object, f: str | os.PathLike[str]) -> None:
    """Write Tensors, numbers and texts, in dictionaries, lists and tuples, as a safetensors file.

    The file is whole or not there. A Tensor that occurs twice is written once; Tensors that share
    memory are written one by one. TypeError for what can't be written: of a module or an optimizer
    write the `state_dict()`. ValueError if it is nested more than 100 deep. ModelFileError if the
    file can't be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save({"weight": tensor([1.0, 2.0]), "step": 5}, f"{folder}/model.safetensors")
    ...     load(f"{folder}/model.safetensors")
    {'weight': tensor([1., 2.]), 'step': 5}
    """
    arrays: Arrays = {}
    tree = _packed(obj, (), arrays, {})
    write_file(_path_of(f), {"file": KIND, "tree": tree}, arrays)


def load(
    f: str | os.PathLike[str],
    map_location: Device | str | None = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
) -> Any:
    """What `save` wrote; of a safetensors file of another program, its Tensors by name.

    `weights_only` and `mmap` are accepted and change nothing: no file is executed, and all of it is
    read. TypeError for what is no path. RuntimeError for a `map_location` other than "cpu".
    ModelFileError for a pickle, as a `.pt` file of PyTorch's is one, and for a file that is
    damaged.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save([tensor([1.0, 2.0])], f"{folder}/x.pt")
    ...     load(f"{folder}/x.pt", map_location="cpu")
    [tensor([1., 2.])]
    """
    path = _path_of(f)
    if map_location is not None:
        Device(map_location)
    _refuse_pickles(path)
    about, arrays = read_file(path, KIND, others=True)
    with reading(path):
        if not about:
            return {name: from_numpy(array) for name, array in arrays.items()}
        tensors: dict[str, Tensor] = {}
        result = _unpacked(about["tree"], arrays, tensors)
        no_others("it", arrays, tensors)
        return result


def _path_of(f: object) -> str:
    if not isinstance(f, (str, os.PathLike)):
        raise TypeError(f"the path of a file was wanted, got {type(f).__name__}")
    return os.fspath(f)


def _refuse_pickles(path: str) -> None:
    try:
        with open(path, "rb") as file:
            beginning = file.read(9)
    except OSError:
        return  # which reading it says in words
    is_safetensors = beginning[8:] == b"{"  # after the length of its text, whose bytes may be any
    if beginning.startswith(PICKLES) and not is_safetensors:
        raise ModelFileError(
            f"{path} is a pickle, which could run code when it is read: in PyTorch, convert it by "
            f"safetensors.torch.save_file(torch.load({os.path.basename(path)!r}), "
            f"'model.safetensors'), and load that"
        )


def _packed(thing: Any, path: tuple[str, ...], arrays: Arrays, names: dict[int, str]) -> Any:
    """What JSON can say of it; its Tensors go to the arrays, their names by identity to `names`."""
    if len(path) > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep: does it contain itself?")
    if isinstance(thing, Tensor):
        if id(thing) not in names:
            names[id(thing)] = _free_name("/".join(path), arrays)
            arrays[names[id(thing)]] = thing.detach().numpy()
        return {"tensor": names[id(thing)], "requires_grad": thing.requires_grad}
    kind = type(thing)
    if kind in PLAIN:
        return checked_text("a text", thing) if kind is str else thing
    if kind not in CONTAINERS.values():
        place = f" at {'/'.join(path)!r}" if path else ""
        raise TypeError(
            f"tensors, numbers and texts, in dicts, lists and tuples, can be saved, got "
            f"{kind.__name__}{place}: of a module or an optimizer save its state_dict(), of an "
            f"array torch.from_numpy(array), of a number of NumPy's its item()"
        )
    if isinstance(thing, Mapping):
        for key in thing:
            if type(key) not in PLAIN:
                raise TypeError(f"keys are texts or numbers, got {type(key).__name__}")
        items: list[Any] = [
            [key, _packed(value, (*path, str(key)), arrays, names)] for key, value in thing.items()
        ]
    else:
        items = [_packed(x, (*path, str(i)), arrays, names) for i, x in enumerate(thing)]
    return {kind.__name__: items}


def _free_name(name: str, arrays: Arrays) -> str:
    """A name that no other Tensor has, nor safetensors keeps for itself."""
    free, number = name or "tensor", 1
    while free in arrays or free == "__metadata__":
        number += 1
        free = f"{name}#{number}"
    return free


def _unpacked(node: Any, arrays: Arrays, tensors: dict[str, Tensor]) -> Any:
    """What `_packed` gave it for; the Tensors that it meets are kept by name."""
    if type(node) in PLAIN:
        return node
    if type(node) is not dict or not node:
        raise ValueError(f"a {type(node).__name__} is in the place of a value")
    if "tensor" in node:
        name = checked_text("a name", node["tensor"])
        if name not in tensors:
            tensors[name] = from_numpy(arrays[name])
        if checked_flag("requires_grad", node["requires_grad"]):
            tensors[name].requires_grad_(True)
        return tensors[name]
    ((name, items),) = node.items()
    kind = CONTAINERS[name]
    if kind is Size:
        return Size(checked_number("a size", size, whole=True, least=0) for size in items)
    if not issubclass(kind, Mapping):
        return kind([_unpacked(item, arrays, tensors) for item in items])
    pairs = {}
    for key, value in items:
        if type(key) not in PLAIN or key in pairs:
            raise ValueError(f"{key!r} can't be a key")
        pairs[key] = _unpacked(value, arrays, tensors)
    return kind(pairs)
