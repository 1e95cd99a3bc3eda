"""Keys, assignments and dtypes that once came out otherwise than in PyTorch; see test_kinds.py."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch
from engine.test_kinds import CUBE, INF, NAN, f, same

KEYS: list[Callable[[Any], Any]] = [
    lambda t: (0, ..., [1]),
    lambda t: (0, slice(None), t.tensor([1, 2])),
    lambda t: (slice(None), True, slice(None), 0),
    lambda t: ([0, 1], slice(None), [1, 2]),
    lambda t: (slice(0, 1), [0, 2], [1, 1]),
    lambda t: ([0, 1], [1, 2], slice(1, 3)),
    lambda t: (slice(None), [0, 2], slice(1, None, 2)),
    lambda t: ([1], 0),
    lambda t: ([1], 0, [2]),
    lambda t: (None, [1], None, 0),
    lambda t: (t.tensor([[0], [1]]), 1, t.tensor([0, 3])),
    lambda t: (0, None, [0, 2], ...),
    lambda t: (False, 0),
    lambda t: (..., t.tensor(2)),
    lambda t: [],
    lambda t: (slice(None), []),
    lambda t: ([], [0]),
    lambda t: t.tensor([], dtype=t.int64),
    lambda t: t.tensor([1, 0], dtype=t.uint8),
    lambda t: (slice(None), t.tensor([1, 0, 1], dtype=t.uint8)),
    lambda t: t.tensor([0], dtype=t.int8),
    lambda t: t.tensor([0], dtype=t.int16),
    lambda t: t.tensor([0], dtype=t.int32),
    lambda t: t.tensor([0.0]),
    lambda t: [[0, 1], [1, 2]],
    lambda t: [slice(None), 0],
    lambda t: range(2),
    lambda t: (),
    lambda t: (0, 0, 0),
    lambda t: (0, 0, 0, 0),
    lambda t: "a",
    lambda t: 1.0,
    lambda t: False,
    lambda t: (..., ...),
    lambda t: (..., 0, ...),
    lambda t: (0, ..., None, ...),
    lambda t: (..., [1, 0], ..., 1, 0),
    lambda t: (False, t.tensor([[0, 1, 0], [1, 0, 0]], dtype=t.uint8)),
    lambda t: (t.tensor([1, 0], dtype=t.uint8), [1]),
    lambda t: (None, t.tensor([[0, 1, 0], [1, 0, 0]], dtype=t.uint8)),
]


@pytest.mark.parametrize("number", range(len(KEYS)))
def test_keys(number: int) -> None:
    same(lambda t, x: x[KEYS[number](t)], CUBE)

    def put(t: Any, x: Any) -> Any:
        y = x * 1
        y[KEYS[number](t)] = 5.0
        return y

    same(put, CUBE)


def _put(key: Any, value: Callable[[Any], Any]) -> Callable[..., Any]:
    def put(t: Any, x: Any) -> Any:
        y = x.clone()
        y[key] = value(t)
        return y

    return put


ASSIGNED: list[Callable[[Any], Any]] = [
    lambda t: t.tensor([5.0]),
    lambda t: t.tensor([[5.0]]),
    lambda t: t.tensor([5.0, 6.0]),
    lambda t: NAN,
    lambda t: 2.7,
    lambda t: 300,
    lambda t: -0.5,
    lambda t: -1.5,
    lambda t: 127.9,
    lambda t: -1,
    lambda t: -300,
    lambda t: True,
    lambda t: INF,
    lambda t: 1e39,
    lambda t: "a",
    lambda t: [1.0],
    lambda t: None,
    lambda t: np.ones(1),
]


@pytest.mark.parametrize("number", range(len(ASSIGNED)))
@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "uint8", "int8", "bool"])
def test_assigned_numbers(number: int, dtype: str) -> None:
    x = np.zeros(3, dtype=dtype)
    same(_put(0, ASSIGNED[number]), x)
    same(_put(slice(0, 1), ASSIGNED[number]), x)
    same(_put(False, ASSIGNED[number]), x)
    same(lambda t, x: x.clone().fill_(ASSIGNED[number](t)), x)
    same(lambda t, x: x.masked_fill(x == 0, ASSIGNED[number](t)), x)


NUMBERS = (2, -3, 0, 2.0, 0.5, True)
LEFT = [np.array([7, -7, 0]), f(1, -2.5), np.array([7], dtype=np.int32), np.array([True, False])]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("which", range(len(LEFT)))
def test_division_remainders_bits_and_powers_with_a_number(number: Any, which: int) -> None:
    x = LEFT[which]
    signs: list[Callable[[Any, Any], Any]] = [
        lambda a, b: a // b,
        lambda a, b: a % b,
        lambda a, b: a**b,
        lambda a, b: a & b,
        lambda a, b: a | b,
        lambda a, b: a ^ b,
        lambda a, b: a << b,
        lambda a, b: a >> b,
        lambda a, b: a - b,
    ]
    if number is True and x.dtype == bool:
        del signs[2]  # a truth value to the power of one: PyTorch has it for numbers alone
    for sign in signs:
        same(lambda t, x, sign=sign: sign(x.detach(), number), x, exact=False)
        same(lambda t, x, sign=sign: sign(number, x.detach()), x, exact=False)


MIXED = [
    lambda t: t.tensor([1.0]) // t.tensor([2]),
    lambda t: t.tensor([7], dtype=t.int32) // t.tensor(2),
    lambda t: t.tensor([7], dtype=t.int32) % t.tensor(2),
    lambda t: t.tensor([7]) % t.tensor([2.5]),
    lambda t: t.tensor([1, 2]) // t.tensor([1, 0]),
    lambda t: t.tensor([1, 2]) % 0,
    lambda t: t.tensor([10, 1, -1, 2, 0]) ** t.tensor([-1, -1, -1, 3, -2]),
    lambda t: t.tensor([-1]) ** t.tensor([-2, -3]),
    lambda t: t.tensor([2]) ** -1,
    lambda t: 2 ** t.tensor([-1, 3]),
    lambda t: t.tensor([255], dtype=t.uint8) / -1,
    lambda t: t.tensor([250], dtype=t.uint8) + 10,
    lambda t: t.tensor([True]) - t.tensor([True]),
    lambda t: -t.tensor([True]),
    lambda t: t.tensor([1.0]) & 1,
    lambda t: t.tensor([1, 2]) << t.tensor([70, -1]),
    lambda t: t.tensor([16777217]) == 16777216.0,
    lambda t: t.tensor([1]) + 2**70,
]


@pytest.mark.parametrize("number", range(len(MIXED)))
def test_dtypes_that_meet(number: int) -> None:
    same(MIXED[number])


WHOLE_KEYS = [(), ..., slice(None), slice(0, 2), (slice(None), slice(None)), (..., slice(None))]
PARTS = [0, slice(0, 1), slice(-2, None), slice(None, None, 2), None, [0], (..., 0)]
PARTS += [(slice(None), slice(0, 1))]


@pytest.mark.parametrize("key", [*WHOLE_KEYS, *PARTS], ids=str)
def test_a_second_walk_through_what_was_assigned(key: Any) -> None:
    """PyTorch keeps how a part lies in its tensor, and nothing where all of it is assigned."""
    refused = []
    for library in (moreish.torch, torch):
        y = library.zeros((2, 2), requires_grad=True).clone()
        y[key] = 0
        y.sum().backward()
        try:
            y.sum().backward()
            refused.append(False)
        except RuntimeError:
            refused.append(True)
    assert refused == [key not in WHOLE_KEYS] * 2


PICKED: list[Callable[[Any], Any]] = [
    lambda t: (slice(None), [0, 1]),
    lambda t: (0, ..., [1, 2]),
    lambda t: ([0, 1], slice(None), [1, 2]),
    lambda t: (0, slice(None), t.tensor([1, 2])),
    lambda t: (slice(None), t.tensor([True, True])),
    lambda t: None,
    lambda t: (slice(None), None),
    lambda t: (..., None),
]


@pytest.mark.parametrize("key", PICKED)
@pytest.mark.parametrize("part", [slice(0, 2), slice(1, 3)])
def test_what_was_picked_lies_as_in_pytorch(key: Callable[[Any], Any], part: slice) -> None:
    ours, theirs = (
        library.tensor(CUBE)[:, part][key(library)] for library in (moreish.torch, torch)
    )
    assert ours.stride() == tuple(theirs.stride())
    assert ours.is_contiguous() == theirs.is_contiguous()


NESTED: list[Callable[[Any], Any]] = [
    lambda t: [t.tensor(1.0), 2.5],
    lambda t: [np.float32(1), 2],
    lambda t: [t.tensor(1), 2.5],
    lambda t: [[t.tensor(1), 2], [True, 3]],
    lambda t: [t.tensor(1.0, dtype=t.float64), 2],
    lambda t: [t.tensor(True), False],
    lambda t: [t.tensor([1.0, 2.0]), [3.0, 4.0]],
    lambda t: [t.arange(2), t.arange(2)],
    lambda t: [t.tensor([1.0]), 2.5],
    lambda t: [t.tensor([1.0]), t.tensor([[2.0]])],
    lambda t: [[t.tensor([1])], [t.tensor(2)]],
]


@pytest.mark.parametrize("nested", NESTED)
def test_lists_of_numbers_and_tensors(nested: Callable[[Any], Any]) -> None:
    found = []
    for library in (moreish.torch, torch):
        try:
            x = library.tensor(nested(library))
            found.append((str(x.dtype), x.tolist()))
        except (TypeError, ValueError):
            found.append(("refused", None))
    assert found[0] == found[1]
