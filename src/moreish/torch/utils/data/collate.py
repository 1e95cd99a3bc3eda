"""Collating: from a list of examples to one batch of Tensors, of the same structure."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from ....engine.tensor import Tensor
from ....engine.tensor.creation import as_tensor, tensor
from ....engine.tensor.joining import stack

NUMPY_NUMBERS = (np.bool_, np.number)
NO_NUMBERS = "SUO"  # kinds of NumPy's dtypes: bytes, text, objects


def default_collate(batch: Sequence[Any]) -> Any:
    """B examples → one batch: Tensors are stacked, numbers become a Tensor, texts stay a list.

    Tuples, lists and dictionaries are collated item by item, and a tuple becomes a list. Floats
    become float64. TypeError for what has no place in a batch, RuntimeError for lists of other
    lengths.

    >>> default_collate([(tensor([1, 2]), 0.5), (tensor([3, 4]), 1.0)])
    [tensor([[1, 2],
            [3, 4]]), tensor([0.5000, 1.0000], dtype=torch.float64)]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(list(batch))
    if isinstance(first, np.ndarray) and first.dtype.kind not in NO_NUMBERS:
        return stack([as_tensor(x) for x in batch])
    if isinstance(first, NUMPY_NUMBERS):
        return as_tensor(np.array(batch))
    if isinstance(first, float):
        return tensor(list(batch), dtype=np.float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([x[key] for x in batch]) for key in first})
    if isinstance(first, Sequence):
        if len({len(x) for x in batch}) > 1:
            raise RuntimeError("examples of one length were wanted: lists in the batch differ")
        return _like(first, [default_collate(x) for x in zip(*batch, strict=True)])
    found = first.dtype if isinstance(first, np.ndarray) else type(first).__name__
    raise TypeError(
        f"a batch is made of tensors, arrays, numbers, texts, lists and dicts, got {found}: give "
        f"the DataLoader a collate_fn"
    )


def default_convert(data: Any) -> Any:
    """An example with Tensors in the place of arrays; what a DataLoader does without batches.

    >>> default_convert({"x": np.array([1, 2]), "name": "emma"})
    {'x': tensor([1, 2]), 'name': 'emma'}
    """
    if isinstance(data, (np.ndarray, *NUMPY_NUMBERS)):
        return data if data.dtype.kind in NO_NUMBERS else as_tensor(data)
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _like(data, [default_convert(value) for value in data])
    return data


def _like(first: Any, items: Any) -> Any:
    """The items in a container of the kind of the first; a list where there is no other way."""
    if isinstance(first, tuple):
        return type(first)(*items) if hasattr(first, "_fields") else items
    if isinstance(first, MutableMapping):
        made = copy(first)
        made.update(items)
        return made
    kind: Callable[[Any], Any] = type(first)
    try:
        return kind(items)
    except TypeError:  # as of a range
        return items
