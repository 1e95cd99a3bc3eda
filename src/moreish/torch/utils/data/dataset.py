"""Data sets: examples that are asked for by index."""

import math
import warnings
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Generic, TypeVar

from ....engine.default_generator import drawn
from ....engine.generator import Generator
from ....engine.tensor import Tensor

T = TypeVar("T", covariant=True)


class Dataset(Generic[T]):
    """What data sets inherit from: `__getitem__` gives an example, `__len__` says how many."""

    def __getitem__(self, index: Any) -> T:
        raise NotImplementedError(f"{type(self).__name__} does not say what its examples are")


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors of B examples each; an example is the row of each. AssertionError for other sizes.

    >>> TensorDataset(tensor([1, 2]), tensor([3, 4]))[1]
    (tensor(2), tensor(4))
    """

    def __init__(self, *tensors: Tensor) -> None:
        sizes = [len(x) for x in tensors]
        if len(set(sizes)) != 1:
            raise AssertionError(f"tensors of the same length were wanted, got lengths {sizes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(x[index] for x in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset[T]):
    """The examples of a data set at some indices.

    NotImplementedError for a subclass with a `__getitem__` of its own and no `__getitems__`, which
    a DataLoader asks.

    >>> Subset("abcd", [3, 0])[0]
    'd'
    """

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        own = type(self)
        if own.__getitem__ != Subset.__getitem__ and own.__getitems__ == Subset.__getitems__:
            raise NotImplementedError(
                f"{own.__name__} has a __getitem__ of its own: give it __getitems__(indices), too"
            )
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> T:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: list[int]) -> list[T]:
        return examples_at(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def examples_at(dataset: Any, indices: list[int]) -> list[Any]:
    """Several examples of a data set, at once where it can do that."""
    if getattr(dataset, "__getitems__", None):
        return dataset.__getitems__(indices)
    return [dataset[i] for i in indices]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator | None = None
) -> list[Subset[Any]]:
    """Parts of a data set, drawn at random, that have no example in common.

    `lengths` are numbers of examples, or fractions whose sum is 1. ValueError for numbers whose sum
    is another than the data set's length, and for fractions below 0; UserWarning for an empty part.

    >>> [len(part) for part in random_split(range(10), [0.85, 0.15])]
    [9, 1]
    """
    total = sum(lengths)
    if math.isclose(total, 1) and total <= 1:
        lengths = _lengths_of(lengths, len(dataset))
    if sum(lengths) != len(dataset):
        raise ValueError(
            f"lengths whose sum is {len(dataset)} were wanted, as the data set has, got {lengths}"
        )
    order = drawn(generator, "randperm", len(dataset)).tolist()
    ends = accumulate(int(length) for length in lengths)
    return [
        Subset(dataset, order[end - int(n) : end]) for end, n in zip(ends, lengths, strict=True)
    ]


def _lengths_of(fractions: Sequence[float], count: int) -> list[int]:
    """Numbers of examples: rounded down, and those that are left one to each part in turn."""
    for fraction in fractions:
        if not 0 <= fraction <= 1:
            raise ValueError(f"fractions from 0 to 1 were wanted, got {fraction}")
    lengths = [math.floor(count * fraction) for fraction in fractions]
    for i in range(count - sum(lengths)):
        lengths[i % len(lengths)] += 1
    for i, length in enumerate(lengths):
        if length == 0:
            warnings.warn(f"part {i} of the split is empty", UserWarning, stacklevel=3)
    return lengths
