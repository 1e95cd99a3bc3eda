"""The same numbers as PyTorch for the same seed.

To the bit where PyTorch runs its code for vectors, elsewhere within a bound.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.both import HAS_VECTORS, bound_of_normal_draws
from moreish.engine.generator import Generator

pytestmark = pytest.mark.numeric

SEEDS = [0, 1, 42, 1337, 2147483647, 2**32 - 1, 2**32 + 5, 2**63, 2**64 - 1, -1, -(2**40)]
SIZES = [0, 1, 2, 7, 15, 16, 17, 31, 32, 100, 625, 5000]


def pair(seed: int) -> tuple[Generator, torch.Generator]:
    return Generator().manual_seed(seed), torch.Generator().manual_seed(seed)


def assert_normal(ours: np.ndarray, theirs: torch.Tensor) -> None:
    """The same normal numbers: to the bit where they are made of vectors, else within a bound."""
    reference = theirs.numpy()
    assert ours.dtype == reference.dtype
    if ours.dtype != np.float64 and ours.size >= 16 and HAS_VECTORS:
        np.testing.assert_array_equal(ours, reference)
    else:
        bound = bound_of_normal_draws(ours.dtype)
        np.testing.assert_allclose(ours, reference, rtol=0, atol=bound)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rand_bit_for_bit(seed: int, dtype: type) -> None:
    ours, theirs = pair(seed)
    for size in SIZES:
        wanted = torch.rand(size, generator=theirs, dtype=getattr(torch, dtype.__name__))
        assert (ours.rand(size, dtype) == wanted.numpy()).all()
    assert ours.initial_seed() == theirs.initial_seed()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_randn_also_when_sizes_alternate(seed: int, dtype: type) -> None:
    ours, theirs = pair(seed)
    for size in [*SIZES, 3, 16, 1, 1, 33, 5]:
        wanted = torch.randn(size, generator=theirs, dtype=getattr(torch, dtype.__name__))
        assert_normal(ours.randn(size, dtype), wanted)


def test_a_million_normal_numbers() -> None:
    ours, theirs = pair(7)
    assert_normal(ours.randn(1_000_000), torch.randn(1_000_000, generator=theirs))


@given(st.integers(0, 2**32), st.integers(-(2**40), 2**40), st.integers(1, 2**45))
def test_randint_bit_for_bit(seed: int, low: int, span: int) -> None:
    ours, theirs = pair(seed)
    wanted = torch.randint(low, low + span, (50,), generator=theirs)
    assert (ours.randint(low, low + span, 50) == wanted.numpy()).all()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 1000, 40_000])
def test_randperm_bit_for_bit(count: int) -> None:
    ours, theirs = pair(5)
    for _ in range(2):
        assert (ours.randperm(count) == torch.randperm(count, generator=theirs).numpy()).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_exponential(size: int, dtype: type) -> None:
    ours, theirs = pair(11)
    empty = torch.empty(size, dtype=getattr(torch, dtype.__name__))
    wanted = empty.exponential_(1.0, generator=theirs)
    # The logarithm of either library, by 1 unit at most, and what it is rounded to.
    eps = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(ours.exponential(size, 1.0, dtype), wanted, rtol=4 * eps, atol=0)


@settings(deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(1, 4),
    st.integers(1, 40),
    st.integers(1, 60),
    st.booleans(),
)
def test_multinomial_chooses_the_same(
    seed: int, rows: int, size: int, count: int, replacement: bool
) -> None:
    weights = np.random.default_rng(seed).random((rows, size), dtype=np.float32) + 1e-3
    if not replacement:
        count = min(count, size)
    ours, theirs = pair(seed)
    for chances in (weights, weights[0]):
        wanted = torch.multinomial(
            torch.tensor(chances), count, replacement=replacement, generator=theirs
        )
        assert (ours.multinomial(chances, count, replacement) == wanted.numpy()).all()


@pytest.mark.parametrize(
    ("weights", "count"),
    [
        (np.array([-1.0, 2.0]), 1),
        (np.array([np.nan, 2.0]), 1),
        (np.array([np.inf, 2.0]), 1),
        (np.zeros(3), 1),
        (np.ones(3), 4),
        (np.ones(3), 0),
        (np.ones(3, dtype=np.int64), 1),
        (np.ones((2, 2, 2)), 1),
    ],
)
def test_weights_that_are_none_are_refused_as_pytorch_does(weights: np.ndarray, count: int) -> None:
    with pytest.raises(RuntimeError):
        torch.multinomial(torch.tensor(weights), count)
    with pytest.raises(RuntimeError):
        Generator().multinomial(weights, count)


def test_a_state_goes_from_one_library_to_the_other_and_back() -> None:
    ours, theirs = pair(3)
    for draws in (0, 5, 619, 624, 625, 700):
        ours.rand(draws), torch.rand(draws, generator=theirs)
        ours.randn(3), torch.randn(3, generator=theirs)
        state = ours.get_state()
        fresh = torch.Generator()
        fresh.set_state(torch.tensor(state))
        assert (torch.rand(700, generator=fresh).numpy() == ours.rand(700)).all()
        again = Generator()
        again.set_state(theirs.get_state().numpy())
        assert_normal(again.randn(5), torch.randn(5, generator=theirs))
        again.set_state(state)
        ours.set_state(state)
        assert (again.rand(20) == ours.rand(20)).all()
        torch.rand(20, generator=theirs), again.rand(20)


def test_states_and_seeds_that_are_none() -> None:
    with pytest.raises(RuntimeError, match="5056 bytes"):
        Generator().set_state(np.zeros(7, dtype=np.uint8))
    with pytest.raises(RuntimeError, match="64 bits"):
        Generator().manual_seed(2**64)
    with pytest.raises(RuntimeError, match="from=3 >= to=3"):
        Generator().randint(3, 3, 1)
    assert Generator().seed() != Generator().seed()
