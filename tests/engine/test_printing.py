"""A Tensor shows itself as PyTorch's does, to the letter."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import moreish.torch
from engine.both import HAS_VECTORS

FLOATS = ["float16", "float32", "float64"]
DTYPES = [*FLOATS, "bool", "uint8", "int8", "int16", "int32", "int64"]
SHAPES = [(), (1,), (3,), (30,), (0,), (2, 0), (0, 3), (4, 5), (2, 3, 4), (1, 1, 1, 2), (40, 2)]
LARGE = [(1001,), (3, 400), (400, 3), (7, 150), (8, 8, 20), (2, 3, 4, 50), (1000,), (10, 101)]


@st.composite
def numbers(draw: Any, shapes: list[tuple[int, ...]]) -> np.ndarray:
    """Arrays of any dtype: of one magnitude or of many, whole or not, with what is no number."""
    dtype, shape = np.dtype(draw(st.sampled_from(DTYPES))), draw(st.sampled_from(shapes))
    if dtype.kind != "f":
        return draw(arrays.arrays(dtype, shape))
    seed, low = draw(st.integers(0, 2**32 - 1)), draw(st.integers(-12, 12))
    high = low + draw(st.integers(0, 6))
    rng = np.random.default_rng(seed)
    values = rng.uniform(-10, 10, shape) * 10.0 ** rng.integers(low, high + 1, shape)
    if draw(st.booleans()):
        values = np.round(values)
    for special in draw(st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0]))):
        values = np.where(rng.random(shape) < 0.3, special, values)
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(dtype)


def written(thing: Any, array: np.ndarray) -> list[str]:
    t = thing.tensor(array)
    shown = [repr(t), str(t), f"{t}", f"{t!r:>3}"]
    if array.dtype.kind == "f":
        t.requires_grad = True
        shown += [repr(t), f"{t}", repr(t * 1), repr(t.detach())]
    if not array.ndim:
        shown += [f"{t:>12}", f"{t:8.4}" if array.dtype.kind == "f" else f"{t:5d}"]
    return shown


@settings(deadline=None, max_examples=200)
@given(numbers(SHAPES))
@example(np.zeros(30, dtype=np.float32))
@example(np.full(40, np.nan, dtype=np.float32))
@example(np.array([5e-324, 1e308]))
@example(np.array(-0.0, dtype=np.float32))
def test_every_tensor_is_written_as_in_pytorch(array: np.ndarray) -> None:
    assert written(moreish.torch, array) == written(torch, array)


@settings(deadline=None, max_examples=20)
@given(numbers(LARGE))
def test_of_large_ones_the_edges(array: np.ndarray) -> None:
    ours, theirs = moreish.torch.tensor(array), torch.tensor(array)
    assert repr(ours) == repr(theirs)
    assert repr(ours.T if array.ndim == 2 else ours) == repr(
        theirs.T if array.ndim == 2 else theirs
    )


@pytest.mark.long
@settings(deadline=None, max_examples=5_000)
@given(numbers([*SHAPES, *LARGE]))
def test_many_are_written_as_in_pytorch(array: np.ndarray) -> None:
    assert written(moreish.torch, array) == written(torch, array)


@pytest.mark.parametrize("dtype", DTYPES)
def test_in_a_sentence(dtype: str) -> None:
    ours = getattr(moreish.torch, dtype)
    theirs = getattr(torch, dtype)
    a, b = moreish.torch.ones((), dtype=ours), torch.ones((), dtype=theirs)
    assert f"{a} {a:>7}" + "{}".format(a) == f"{b} {b:>7}" + "{}".format(b)  # noqa: UP032
    assert "%s" % a == "%s" % b  # noqa: UP031
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{moreish.torch.ones(2, dtype=ours):.4f}"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{torch.ones(2, dtype=theirs):.4f}"


FOUND: list[Callable[[Any, Any], Any]] = [
    lambda L, x: x.max(0),
    lambda L, x: x.min(1, keepdim=True),
    lambda L, x: L.max(x, 0),
    lambda L, x: L.min(x, dim=0),
    lambda L, x: x.sort(0),
    lambda L, x: L.sort(x, descending=True),
    lambda L, x: x.topk(2),
    lambda L, x: L.topk(x, 1, 0),
    lambda L, x: x.max(0).values.max(0),
    lambda L, x: x.sum().topk(1),
    lambda L, x: x.histogram(3),
]


@pytest.mark.parametrize("number", range(len(FOUND)))
def test_results_with_names(number: int) -> None:
    data = [[1.5, -2.0, 7.0], [0.25, 3.0, 4.0]]
    ours = FOUND[number](moreish.torch, moreish.torch.tensor(data))
    theirs = FOUND[number](torch, torch.tensor(data))
    assert repr(ours) == repr(theirs)
    assert isinstance(ours, tuple)
    assert [repr(part) for part in ours] == [repr(part) for part in theirs]


@pytest.mark.numeric
class TestRanges:
    """`arange` and `linspace` round as PyTorch does, which is by blocks of its vectors."""

    CUT = 1  # what is beside a whole number is cut down to the one before

    def agree(self, function: Callable[[Any], Any], start: float, end: float) -> None:
        try:
            theirs = function(torch).numpy()
        except (RuntimeError, ValueError) as error:
            with pytest.raises(type(error)):
                function(moreish.torch)
            return
        ours = function(moreish.torch).numpy()
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        if HAS_VECTORS:
            np.testing.assert_array_equal(ours, theirs)
        else:  # a product and a sum are rounded twice, in a block and at its start
            eps = float(np.finfo(ours.dtype).eps) if ours.dtype.kind == "f" else 0
            bound = 4 * max(abs(start), abs(end)) * eps or self.CUT
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=bound)

    @settings(deadline=None, max_examples=150)
    @given(
        st.sampled_from(FLOATS),
        st.floats(-100, 100),
        st.floats(-5, 5),
        st.integers(0, 120),
        st.booleans(),
    )
    def test_arange(self, dtype: str, start: float, step: float, n: int, short: bool) -> None:
        if short:  # numbers as people write them
            start, step = round(start, 1), round(step, 1)
        end = start + n * step
        self.agree(lambda L: L.arange(start, end, step, dtype=getattr(L, dtype)), start, end + step)
        self.agree(lambda L: L.arange(start, end, step), start, end + step)

    @settings(deadline=None, max_examples=60)
    @given(
        st.sampled_from(DTYPES[4:]),
        *[st.one_of(st.integers(-100, 100), st.floats(-50, 50))] * 2,
        st.one_of(st.integers(-9, 9), st.floats(-5, 5)),
    )
    def test_arange_of_whole_numbers(self, dtype: str, start: Any, end: Any, step: Any) -> None:
        if dtype == "uint8":
            start, end = abs(start), abs(end)
        self.agree(lambda L: L.arange(start, end, step, dtype=getattr(L, dtype)), 0, 0)

    @settings(deadline=None, max_examples=100)
    @given(
        st.sampled_from([*FLOATS, *DTYPES[4:]]),
        st.floats(0, 100),
        st.floats(0, 100),
        st.integers(0, 90),
        st.sampled_from([1, 1e-3, 3e7]),
    )
    def test_linspace(self, dtype: str, start: float, end: float, n: int, scale: float) -> None:
        if dtype in ("float64", "float32", "int32", "int64"):
            start, end = start * scale, -end * scale
        self.agree(lambda L: L.linspace(start, end, n, dtype=getattr(L, dtype)), start, end)

    def test_the_middle_of_a_range(self) -> None:
        assert moreish.torch.arange(-5, 5, 0.2)[25] == torch.arange(-5, 5, 0.2)[25].item() != 0
        for large in (2**53 + 1, 2**62):
            ours, theirs = moreish.torch.arange(large, large + 3), torch.arange(large, large + 3)
            assert ours.tolist() == theirs.tolist()
        ours, theirs = moreish.torch.arange(0, 30_000, 0.9), torch.arange(0, 30_000, 0.9)
        if HAS_VECTORS and len(theirs) <= 32_768:
            assert (ours.numpy() == theirs.numpy()).all()
