"""Samplers: the order in which a data set is read, as indices or as lists of them.

Random ones draw PyTorch's numbers. They draw them when they are iterated over, a few at a time.
"""

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

import numpy as np

from ....engine.default_generator import drawn
from ....engine.generator import Generator
from ....engine.tensor import Tensor

T = TypeVar("T", covariant=True)
AT_ONCE = 32  # indices that are drawn together with replacement


class Sampler(Generic[T]):
    """What samplers inherit from: `__iter__` gives indices, `__len__` says how many."""

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError(f"{type(self).__name__} does not say its order")


class SequentialSampler(Sampler[int]):
    """All examples, in their order.

    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All examples in a random order, or `num_samples` of them; with `replacement` any at any time.

    Without a `generator`, one is seeded from the generator that all share. TypeError for a
    replacement that is no bool, ValueError for a number of samples that is not above 0.

    >>> sampler = RandomSampler(range(5), replacement=True, num_samples=10**10)
    >>> len(sampler), 0 <= next(iter(sampler)) < 5
    (10000000000, True)
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement is True or False, got {replacement!r}")
        _check_count("num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices there are: as many as examples, if no number was given."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        stream, size, left = self.generator, len(self.data_source), self.num_samples
        if stream is None:
            stream = Generator().manual_seed(int(drawn(None, "random", ())))
        if self.replacement:
            for _ in range(left // AT_ONCE):
                yield from stream.randint(0, size, AT_ONCE).tolist()
            yield from stream.randint(0, size, left % AT_ONCE).tolist()
        else:
            for _ in range(left // size):
                yield from stream.randperm(size).tolist()
            yield from stream.randperm(size).tolist()[: left % size]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """These indices, in a random order.

    >>> sorted(SubsetRandomSampler([7, 5]))
    [5, 7]
    """

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in drawn(self.generator, "randperm", len(self.indices)).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """`num_samples` indices, drawn in proportion to the (B,) weights.

    ValueError for weights of another shape, or a number of samples that is not above 0.

    >>> list(WeightedRandomSampler([0.0, 1.0], 3))
    [1, 1, 1]
    """

    def __init__(
        self,
        weights: Sequence[float] | Tensor,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        _check_count("num_samples", num_samples)
        _check_flag("replacement", replacement)
        given: Any = weights.numpy() if isinstance(weights, Tensor) else weights
        array = np.asarray(given, dtype=np.float64)
        if array.ndim != 1:
            raise ValueError(f"a list of weights was wanted, got the shape {array.shape}")
        self.weights = Tensor._of(array)
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        asked = (self.weights.numpy(), self.num_samples, self.replacement)
        yield from drawn(self.generator, "multinomial", *asked).tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """What another sampler gives, in lists of `batch_size`; the last is shorter, or dropped.

    ValueError for a size that is not above 0, or a `drop_last` that is no bool.

    >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        _check_count("batch_size", batch_size)
        _check_flag("drop_last", drop_last)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]  # TypeError for what has no length
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def _check_count(name: str, count: object) -> None:
    if not isinstance(count, int) or isinstance(count, bool) or count <= 0:
        raise ValueError(f"{name} is a whole number above 0, got {count!r}")


def _check_flag(name: str, flag: object) -> None:
    if not isinstance(flag, bool):
        raise ValueError(f"{name} is True or False, got {flag!r}")
