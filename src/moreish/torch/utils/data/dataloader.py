"""DataLoader: batches of a data set, in the order of a sampler."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from ....engine.default_generator import drawn
from ....engine.generator import Generator
from .collate import default_collate, default_convert
from .dataset import examples_at
from .sampler import BatchSampler, RandomSampler, SequentialSampler

__all__ = ["DataLoader"]

T = TypeVar("T", covariant=True)
FIXED = frozenset({"batch_sampler", "batch_size", "dataset", "drop_last", "persistent_workers",
                   "sampler"})  # fmt: skip


class DataLoader(Generic[T]):
    """Batches of a data set, each as `collate_fn` makes it of a list of examples.

    The order is that of the data set, or random with `shuffle`. A `sampler` gives another order, a
    `batch_sampler` the indices of each batch. With `batch_size=None` there are no batches: each
    example comes by itself.

    No processes are started and no memory is pinned: `num_workers`, `pin_memory` and what belongs
    to them are accepted, and the batches are the same. As in PyTorch, each epoch draws a seed from
    the `generator`, or from the one that all share.

    ValueError for options that exclude each other.

    >>> list(DataLoader([(1, "a"), (2, "b"), (3, "c")], batch_size=2))
    [[tensor([1, 2]), ('a', 'b')], [tensor([3]), ('c',)]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: object = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(
            num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context
        )
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "a batch_sampler says what is in each batch: leave batch_size, shuffle, "
                    "sampler and drop_last out"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None makes no batches, so there is no last one to drop")
        if sampler is None:
            sampler = _sampler_of(dataset, bool(shuffle), generator)
        elif shuffle:
            raise ValueError("a sampler says the order itself: leave shuffle out")
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.drop_last = drop_last
        self.generator = generator
        usual = default_convert if batch_sampler is None else default_collate
        self.collate_fn = collate_fn or usual
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.persistent_workers = persistent_workers
        self.multiprocessing_context = multiprocessing_context
        self.worker_init_fn = worker_init_fn
        self.timeout = timeout
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.in_order = in_order

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and name in vars(self):
            raise ValueError(f"{name} can't be set any more: make another DataLoader")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        indices: Iterator[Any] = iter(self._index_sampler)
        drawn(self.generator, "random", ())  # the seed that PyTorch has for its workers
        return self._loaded(indices)

    @property
    def _index_sampler(self) -> Any:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _loaded(self, indices: Iterator[Any]) -> Iterator[Any]:
        for index in indices:
            if self.batch_sampler is None:
                yield self.collate_fn(self.dataset[index])
            else:
                yield self.collate_fn(examples_at(self.dataset, index))

    def __len__(self) -> int:
        return len(self._index_sampler)


def _sampler_of(dataset: Any, shuffle: bool, generator: Generator | None) -> Iterable[int]:
    return RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)


def _check_workers(
    count: int, timeout: float, prefetch_factor: int | None, persistent: bool, context: object
) -> None:
    """ValueError for options of processes that PyTorch refuses, though none are started."""
    if count < 0:
        raise ValueError(f"num_workers must be 0 or more, got {count}")
    if timeout < 0:
        raise ValueError(f"timeout must be 0 or more, got {timeout}")
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError(f"prefetch_factor must be 0 or more, got {prefetch_factor}")
    if count == 0 and (prefetch_factor is not None or persistent or context is not None):
        raise ValueError(
            "prefetch_factor, persistent_workers and multiprocessing_context go with num_workers "
            "above 0"
        )
