"""The same batches in the same order as torch.utils.data, and a generator that stands as there."""

from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch as ours
import moreish.torch.utils.data.dataloader

Point = namedtuple("Point", ["x", "y"])


def plain(thing: Any) -> Any:
    """What a batch is made of, to be compared across the libraries."""
    if hasattr(thing, "numpy") and not isinstance(thing, np.generic):
        return [str(thing.dtype).removeprefix("torch."), thing.tolist()]
    if isinstance(thing, dict):
        return type(thing).__name__, {key: plain(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return type(thing).__name__, [plain(value) for value in thing]
    return thing


def both(run: Any) -> None:
    """What `run` gives of each library, and what both draw after it, are the same."""
    found = []
    for lib in (ours, torch):
        lib.manual_seed(7)
        given = lib.Generator().manual_seed(11)
        found.append(
            [plain(run(lib, given)), plain(lib.rand(3)), plain(lib.rand(3, generator=given))]
        )
    assert found[0] == found[1]


def data(lib: Any, count: int = 11) -> Any:
    x = lib.arange(2 * count).reshape(count, 2).float()
    return lib.utils.data.TensorDataset(x, lib.arange(count))


def epochs(loader: Any) -> Any:
    """Two epochs, an iterator that is left half read, another epoch, and the length."""
    whole = [list(loader), list(loader)]
    half = list(islice(loader, 2))
    return whole, half, list(loader), len(loader)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch_size": 4},
        {"batch_size": 4, "drop_last": True},
        {"batch_size": 20, "drop_last": True},
        {"batch_size": 11, "drop_last": True},
        {"batch_size": 3, "shuffle": True},
        {"batch_size": 3, "shuffle": True, "drop_last": True},
        {"batch_size": None},
        {"batch_size": None, "shuffle": True},
        {"batch_size": 3, "collate_fn": len},
    ],
)
@pytest.mark.parametrize("is_given", [False, True])
def test_batches_are_pytorchs(options: dict, is_given: bool) -> None:
    def run(lib: Any, given: Any) -> Any:
        generator = {"generator": given} if is_given else {}
        return epochs(lib.utils.data.DataLoader(data(lib), **options, **generator))

    both(run)


def test_workers_and_pinned_memory_change_nothing() -> None:
    """PyTorch's workers give these batches too; here none is started."""

    def run(options: dict) -> Any:
        ours.manual_seed(3)
        loader = ours.utils.data.DataLoader(data(ours), batch_size=4, shuffle=True, **options)
        return plain(epochs(loader)), ours.rand(2).tolist()

    more = {"num_workers": 4, "pin_memory": True, "persistent_workers": True, "timeout": 3}
    assert run({}) == run(more) == run({"num_workers": 2, "prefetch_factor": 3})


SAMPLERS = [
    lambda d, n, g: d.SequentialSampler(range(n)),
    lambda d, n, g: d.RandomSampler(range(n)),
    lambda d, n, g: d.RandomSampler(range(n), generator=g),
    lambda d, n, g: d.RandomSampler(range(n), num_samples=3),
    lambda d, n, g: d.RandomSampler(range(n), num_samples=2 * n, generator=g),
    lambda d, n, g: d.RandomSampler(range(n), num_samples=2 * n + 3),
    lambda d, n, g: d.RandomSampler(range(n), replacement=True),
    lambda d, n, g: d.RandomSampler(range(n), replacement=True, num_samples=100),
    lambda d, n, g: d.RandomSampler(range(n), replacement=True, num_samples=64, generator=g),
    lambda d, n, g: d.SubsetRandomSampler(list(range(0, n, 2))),
    lambda d, n, g: d.SubsetRandomSampler(list(range(0, n, 2)), generator=g),
    lambda d, n, g: d.WeightedRandomSampler([0.5, 2, 3.0, 0, 1][:n] * (n // 5), 9),
    lambda d, n, g: d.WeightedRandomSampler([0.5, 2, 3.0, 0, 1] * (n // 5), 3, False, g),
    lambda d, n, g: d.BatchSampler(d.RandomSampler(range(n)), 3, True),
    lambda d, n, g: d.BatchSampler(d.SequentialSampler(range(n)), 3, False),
]


@pytest.mark.parametrize("make", SAMPLERS)
@pytest.mark.parametrize("count", [5, 50])
def test_samplers_are_pytorchs(make: Any, count: int) -> None:
    def run(lib: Any, given: Any) -> Any:
        sampler = make(lib.utils.data, count, given)
        return list(sampler), len(sampler), list(sampler), list(islice(sampler, 4))

    both(run)


def test_ten_thousand_million_samples_are_drawn_as_they_are_read() -> None:
    """As makemore reads its data."""

    def run(lib: Any, given: Any) -> Any:
        dataset = data(lib, 1000)
        sampler = lib.utils.data.RandomSampler(dataset, replacement=True, num_samples=int(1e10))
        loader = lib.utils.data.DataLoader(dataset, shuffle=False, sampler=sampler, batch_size=50)
        batches = iter(loader)
        return [next(batches) for _ in range(5)], len(loader)

    both(run)


def test_a_sampler_that_draws_at_once_draws_before_the_seed() -> None:
    def run(lib: Any, given: Any) -> Any:
        class Eager(lib.utils.data.Sampler):
            def __iter__(self) -> Iterator[Any]:
                return iter(lib.randperm(11).tolist())

            def __len__(self) -> int:
                return 11

        loader = lib.utils.data.DataLoader(data(lib), sampler=Eager(), batch_size=4)
        batches = [[3, 1], [2], [7, 8, 9]]
        other = lib.utils.data.DataLoader(data(lib), batch_sampler=batches)
        return epochs(loader), epochs(other), other.batch_size

    both(run)


EXAMPLES = [
    [1, 2],
    [True, False],
    [1.5, 2.0],
    ["a", "b"],
    [b"a", b"b"],
    [(1, "a"), (2, "b")],
    [[1, 2.0], [3, 4.0]],
    [{"x": 1, "y": [0.5]}, {"x": 2, "y": [1.5]}],
    [OrderedDict(b=1, a=(2, 3)), OrderedDict(b=3, a=(4, 5))],
    [defaultdict(int, a=1), defaultdict(int, a=2)],
    [Point(1, "a"), Point(2, "b")],
    [np.array([1, 2], np.int32), np.array([3, 4], np.int32)],
    [np.float32(1), np.float32(2)],
    [np.float64(1), np.float64(2)],
    [np.int64(1), np.int64(2)],
    [np.bool_(True), np.bool_(False)],
    [range(3), range(1, 4)],
    [([1, (2, {"a": 0.5})],), ([3, (4, {"a": 1.5})],)],
]


@pytest.mark.parametrize("batch", EXAMPLES, ids=repr)
def test_collating_is_pytorchs(batch: list) -> None:
    both(lambda lib, given: lib.utils.data.default_collate(batch))
    both(lambda lib, given: [lib.utils.data.default_convert(x) for x in batch])
    both(lambda lib, given: lib.utils.data.default_collate(
        [{"t": lib.ones(2, 3, dtype=lib.int16), "rest": x} for x in batch]))  # fmt: skip


class Squares:
    """A data set that is none of the library's classes."""

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"x": index, "square": float(index * index), "name": str(index)}

    def __len__(self) -> int:
        return 10


class AtOnce(Squares):
    def __getitems__(self, indices: list[int]) -> list[int]:
        return [-i for i in indices]


@pytest.mark.parametrize("dataset", [Squares(), AtOnce(), list(range(10)), "abcdefghij"])
def test_any_data_set_and_parts_of_it(dataset: Any) -> None:
    def run(lib: Any, given: Any) -> Any:
        d = lib.utils.data
        parts = d.random_split(dataset, [7, 3])
        parts += d.random_split(dataset, [0.5, 0.25, 0.25], generator=given)
        parts += d.random_split(parts[0], [0.55, 0.45], generator=given)
        parts += [d.Subset(dataset, [9, 0, 3])]
        read = [[part[i] for i in range(len(part))] for part in parts]
        return read, [list(d.DataLoader(part, batch_size=2, shuffle=True)) for part in parts]

    both(run)


@pytest.mark.parametrize(
    "refused",
    [
        lambda lib, d: d.DataLoader(data(lib), num_workers=-1),
        lambda lib, d: d.DataLoader(data(lib), timeout=-1),
        lambda lib, d: d.DataLoader(data(lib), prefetch_factor=2),
        lambda lib, d: d.DataLoader(data(lib), num_workers=1, prefetch_factor=-2),
        lambda lib, d: d.DataLoader(data(lib), persistent_workers=True),
        lambda lib, d: d.DataLoader(data(lib), multiprocessing_context="spawn"),
        lambda lib, d: d.DataLoader(data(lib), shuffle=True, sampler=[1]),
        lambda lib, d: d.DataLoader(data(lib), batch_sampler=[[1]], batch_size=2),
        lambda lib, d: d.DataLoader(data(lib), batch_sampler=[[1]], shuffle=True),
        lambda lib, d: d.DataLoader(data(lib), batch_sampler=[[1]], sampler=[1]),
        lambda lib, d: d.DataLoader(data(lib), batch_sampler=[[1]], drop_last=True),
        lambda lib, d: d.DataLoader(data(lib), batch_size=None, drop_last=True),
        lambda lib, d: d.DataLoader(data(lib), batch_size=0),
        lambda lib, d: d.DataLoader(data(lib), batch_size=2.0),
        lambda lib, d: d.DataLoader(data(lib), batch_size=True),
        lambda lib, d: d.DataLoader([], shuffle=True),
        lambda lib, d: setattr(d.DataLoader(data(lib)), "batch_size", 3),
        lambda lib, d: setattr(d.DataLoader(data(lib)), "sampler", [1]),
        lambda lib, d: len(d.DataLoader(data(lib), sampler=iter([1]))),
        lambda lib, d: list(d.DataLoader(data(lib), sampler=[99])),
        lambda lib, d: list(d.DataLoader([None, None], batch_size=2)),
        lambda lib, d: list(d.DataLoader([[1], [1, 2]], batch_size=2)),
        lambda lib, d: list(d.DataLoader([lib.ones(2), lib.ones(3)], batch_size=2)),
        lambda lib, d: d.default_collate([np.array(["a"]), np.array(["b"])]),
        lambda lib, d: d.BatchSampler([1], 2, 1),
        lambda lib, d: d.RandomSampler([1], replacement=1),
        lambda lib, d: d.RandomSampler([1], num_samples=0),
        lambda lib, d: d.RandomSampler([1], num_samples=1.5),
        lambda lib, d: d.RandomSampler([]),
        lambda lib, d: d.WeightedRandomSampler([1.0], 0),
        lambda lib, d: d.WeightedRandomSampler([1.0], 1, 1),
        lambda lib, d: d.WeightedRandomSampler([[1.0]], 1),
        lambda lib, d: list(d.WeightedRandomSampler([1.0, 2.0], 3, False)),
        lambda lib, d: d.TensorDataset(lib.ones(2), lib.ones(3)),
        lambda lib, d: d.Dataset()[0],
        lambda lib, d: iter(d.Sampler()),
        lambda lib, d: d.random_split(range(5), [2, 2]),
        lambda lib, d: d.random_split(range(5), [1.5, -0.5]),
        lambda lib, d: type("Own", (d.Subset,), {"__getitem__": lambda self, i: i})("ab", [0]),
    ],
)
def test_both_refuse(refused: Any) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        refused(torch, torch.utils.data)
    with pytest.raises(theirs.type):
        refused(ours, ours.utils.data)


@pytest.mark.parametrize("lib", [ours, torch])
def test_an_empty_part_is_warned_of(lib: Any) -> None:
    with pytest.warns(UserWarning, match="0|empty"):
        lib.utils.data.random_split(range(1), [0.5, 0.5])


def test_the_module_of_the_loader_is_there_too() -> None:
    assert moreish.torch.utils.data.dataloader.DataLoader is ours.utils.data.DataLoader

    class Letters(ours.utils.data.Dataset[str]):
        def __getitem__(self, index: int) -> str:
            return "abc"[index]

        def __len__(self) -> int:
            return 3

    assert list(ours.utils.data.DataLoader(Letters(), batch_size=2)) == [["a", "b"], ["c"]]
