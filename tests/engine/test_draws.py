"""Draws in place, masks and what stands in memory in another order: PyTorch's for the same seed."""

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish.torch
import moreish.torch.nn.functional as F
from engine.both import HAS_VECTORS, bound_of_normal_draws, name_of
from moreish.engine.fused_multiply_add import multiply_add
from moreish.recording import capture
from moreish.torch import Tensor

pytestmark = pytest.mark.numeric

SHAPES = [(), (0,), (1,), (15,), (16,), (17,), (5, 7), (2, 3, 4), (3, 0, 2), (1, 40)]
FLOATS = ["float16", "float32", "float64"]
DTYPES = [*FLOATS, "bool", "uint8", "int8", "int16", "int32", "int64"]


def turned(library: Any, shape: tuple[int, ...], dtype: str, layout: int) -> Any:
    """Zeros of a shape that lie in memory as they come, turned round, or with gaps."""
    kind = getattr(library, dtype)
    if layout == 1 and len(shape) > 1:
        return library.zeros(shape[::-1], dtype=kind).permute(*range(len(shape))[::-1])
    if layout == 2 and shape:
        return library.zeros((*shape[:-1], 2 * shape[-1]), dtype=kind)[..., ::2]
    return library.zeros(shape, dtype=kind)


def agree(ours: Any, theirs: torch.Tensor, kind: str) -> None:
    """To the bit, or within a bound where the two round differently."""
    a, b = ours.numpy(), theirs.numpy()
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    if kind in ("normal", "randn_like"):
        mean, std = (0.3, 1.7) if kind == "normal" else (0, 1)
        eps = float(np.finfo(a.dtype).eps)
        bound = std * bound_of_normal_draws(a.dtype) + mean * eps
        if HAS_VECTORS and a.dtype != np.float64 and a.size >= 16 and a.flags.c_contiguous:
            bound = 0
    elif kind == "exponential":  # at most -log(2**-53) / 0.7
        bound = 53 * 4 * float(np.finfo(a.dtype).eps)
    elif kind == "uniform" and not HAS_VECTORS:  # a product below 9.2 is rounded, and is not here
        bound = 9.2 * float(np.finfo(a.dtype).eps)
    else:
        bound = 0
    np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=0, atol=bound)


# What is drawn, as a function of (library, tensor, generator), and for which dtypes.
IN_PLACE: dict[str, tuple[Callable[..., Any], list[str]]] = {
    "uniform": (lambda L, x, g: x.uniform_(-3.3, 5.9, generator=g), FLOATS),
    "normal": (lambda L, x, g: x.normal_(0.3, 1.7, generator=g), FLOATS),
    "exponential": (lambda L, x, g: x.exponential_(0.7, generator=g), FLOATS),
    "bernoulli": (lambda L, x, g: x.bernoulli_(0.3, generator=g), DTYPES),
    "random": (lambda L, x, g: x.random_(generator=g), DTYPES),
    "random to": (lambda L, x, g: x.random_(100, generator=g), DTYPES[:3] + DTYPES[4:]),
    "random from": (lambda L, x, g: x.random_(-9, None, generator=g), ["int32", "int64"]),
    "random from, to": (lambda L, x, g: x.random_(-9, 2**40, generator=g), ["int64"]),
    "random of 64 bits": (lambda L, x, g: x.random_(-(2**63), None, generator=g), ["int64"]),
    "rand_like": (lambda L, x, g: L.rand_like(x, generator=g), FLOATS),
    "randn_like": (lambda L, x, g: L.randn_like(x, generator=g), FLOATS),
    "torch.bernoulli": (lambda L, x, g: L.bernoulli(x + 0.25, generator=g), FLOATS[1:]),
}
CASES = [(kind, dtype) for kind, (_, dtypes) in IN_PLACE.items() for dtype in dtypes]


@pytest.mark.parametrize(("kind", "dtype"), CASES)
def test_draws_and_what_comes_after_them(kind: str, dtype: str) -> None:
    draw, _ = IN_PLACE[kind]
    for seed, shape in enumerate(SHAPES):
        for layout in range(3):
            ours = moreish.torch.Generator().manual_seed(seed)
            theirs = torch.Generator().manual_seed(seed)
            a = draw(moreish.torch, turned(moreish.torch, shape, dtype, layout), ours)
            b = draw(torch, turned(torch, shape, dtype, layout), theirs)
            agree(a, b, kind)
            after = torch.rand(3, generator=theirs).numpy()
            np.testing.assert_array_equal(ours.rand(3), after, err_msg=f"{shape} {layout}")


def test_a_hundred_thousand() -> None:
    for kind, dtype in [("bernoulli", "float32"), ("uniform", "float64"), ("normal", "float32")]:
        draw, _ = IN_PLACE[kind]
        ours, theirs = moreish.torch.Generator().manual_seed(9), torch.Generator().manual_seed(9)
        agree(
            draw(moreish.torch, turned(moreish.torch, (100_000,), dtype, 0), ours),
            draw(torch, turned(torch, (100_000,), dtype, 0), theirs),
            kind,
        )


ONE_AFTER_ANOTHER: list[Callable[[Any, Any], Any]] = [
    lambda L, F: F.dropout(L.ones(8), 0.5),
    lambda L, F: F.dropout(L.ones(5, 7), 0.2),
    lambda L, F: F.dropout(L.ones(5, 7).T, 0.3),
    lambda L, F: F.dropout(L.ones(3, 1).expand(3, 4).T, 0.5),
    lambda L, F: F.dropout(L.ones(3, 1).expand(3, 4), 0.5, inplace=False),
    lambda L, F: F.dropout(L.ones(4, dtype=L.float64), 0.1),
    lambda L, F: F.dropout(L.ones(4), 1.0),
    lambda L, F: F.dropout(L.ones(4), 0.0),
    lambda L, F: F.dropout(L.ones(4), 0.5, False),
    lambda L, F: F.dropout(L.ones(4), 0.5, True, True),
    lambda L, F: F.dropout(L.ones(0), 0.5),
    lambda L, F: L.rand(3),
    lambda L, F: L.randint(5, (3,)),
    lambda L, F: L.randint(0, 5, (3,), dtype=L.float32),
    lambda L, F: L.randint(-(2**40), 2**40, (3,)),
    lambda L, F: L.randperm(6, device="cpu"),
    lambda L, F: L.randperm(256, dtype=L.uint8),
    lambda L, F: L.rand_like(L.zeros(3), device="cpu", dtype=L.float64),
    lambda L, F: L.zeros(3).bernoulli_(),
    lambda L, F: L.zeros(2, 3).bernoulli_(L.tensor([0.1, 0.5, 0.9])),
    lambda L, F: L.zeros(2, 3).bernoulli_(L.tensor([0.1, 0.5, 0.9], dtype=L.float64)),
    lambda L, F: L.bernoulli(L.tensor([1, 2, 3]), 0.5),
    lambda L, F: L.zeros(2, 3).T.bernoulli(0.5),
    lambda L, F: L.zeros(3, dtype=L.int64).random_(),
    lambda L, F: L.rand(17, dtype=L.float16),
    lambda L, F: L.tensor(L.initial_seed() % 1000),
    lambda L, F: L.get_rng_state()[:16],  # the seed, and how many words are left
]


@settings(deadline=None, max_examples=60)
@given(st.integers(-(2**63), 2**64 - 1), st.lists(st.sampled_from(range(len(ONE_AFTER_ANOTHER)))))
def test_one_stream_for_all(seed: int, chosen: list[int]) -> None:
    moreish.torch.manual_seed(seed)
    torch.manual_seed(seed)
    for i in chosen:
        a = ONE_AFTER_ANOTHER[i](moreish.torch, F)
        b = ONE_AFTER_ANOTHER[i](torch, torch.nn.functional)
        assert name_of(a.dtype) == name_of(b.dtype)
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=f"{i} of {chosen}")
    after = torch.rand(2).numpy()
    np.testing.assert_array_equal(moreish.torch.rand(2).numpy(), after)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_normal_draws_by_tensors(seed: int, sizes: list[int]) -> None:
    ours, theirs = (
        moreish.torch.Generator().manual_seed(seed),
        torch.Generator().manual_seed(seed),
    )
    for size in sizes:
        for mean, std in ((0.5, True), (True, 2.0), (True, True)):
            values = np.arange(size, dtype=np.float32) / 8
            a, b = (
                library.normal(
                    library.tensor(values) if mean is True else mean,
                    library.tensor(values) if std is True else std,
                    generator=generator,
                ).numpy()
                for library, generator in ((moreish.torch, ours), (torch, theirs))
            )
            bound = 5 * (bound_of_normal_draws(np.float32) + 6 * 2.0**-23)  # values up to 5
            np.testing.assert_allclose(a, b, rtol=0, atol=bound)
        a = moreish.torch.normal(0.3, 1.7, (size,), generator=ours)
        b = torch.normal(0.3, 1.7, (size,), generator=theirs)
        agree(a, b, "normal")
    np.testing.assert_array_equal(ours.rand(2), torch.rand(2, generator=theirs).numpy())


REFUSED: list[Callable[[Any, Any], Any]] = [
    lambda L, F: L.zeros(3, dtype=L.int64).uniform_(),
    lambda L, F: L.zeros(3, dtype=L.int64).normal_(),
    lambda L, F: L.zeros(3, dtype=L.int64).exponential_(),
    lambda L, F: L.zeros(3).exponential_(0),
    lambda L, F: L.zeros(3).uniform_(1, 0),
    lambda L, F: L.zeros(0).uniform_(1, 0),
    lambda L, F: L.zeros(3).uniform_(0, float("inf")),
    lambda L, F: L.zeros(3).uniform_(-3e38, 3e38),
    lambda L, F: L.zeros(3).normal_(0, -1),
    lambda L, F: L.zeros(3).normal_(0, float("nan")),
    lambda L, F: L.zeros(3).bernoulli_(1.5),
    lambda L, F: L.zeros(3).bernoulli_(float("nan")),
    lambda L, F: L.zeros(3).bernoulli_(L.tensor(1.5)),
    lambda L, F: L.zeros(3).bernoulli_(L.tensor(1)),
    lambda L, F: L.zeros(3).bernoulli_(L.tensor([0.5, 0.5])),
    lambda L, F: L.zeros(3, requires_grad=True).bernoulli_(),
    lambda L, F: L.bernoulli(L.tensor([1, 0])),
    lambda L, F: L.zeros(3, dtype=L.uint8).random_(0, 300),
    lambda L, F: L.zeros(3, dtype=L.int8).random_(-200, 5),
    lambda L, F: L.zeros(3, dtype=L.bool).random_(0, 3),
    lambda L, F: L.zeros(3, dtype=L.float16).random_(0, 70_000),
    lambda L, F: L.zeros(3).random_(5, 5),
    lambda L, F: L.zeros(3, dtype=L.int32).random_(-(2**63), None),
    lambda L, F: L.zeros(3).random_(1, 2, 3),
    lambda L, F: L.randint(0, 300, (3,), dtype=L.uint8),
    lambda L, F: L.randint(0, 3, (2,), requires_grad=True),
    lambda L, F: L.randperm(3, dtype=L.bool),
    lambda L, F: L.randperm(257, dtype=L.uint8),
    lambda L, F: L.randperm(2050, dtype=L.float16),
    lambda L, F: L.randperm(3, requires_grad=True),
    lambda L, F: L.rand(3, device="nowhere"),
    lambda L, F: L.rand(2, dtype=L.int64),
    lambda L, F: L.randn(2, dtype=L.int64),
    lambda L, F: L.rand_like(L.tensor([1, 2])),
    lambda L, F: L.normal(0.0, L.tensor([-1.0])),
    lambda L, F: L.normal(0.0, -1.0, (2,)),
    lambda L, F: L.normal(L.tensor([1, 2]), 1.0),
    lambda L, F: F.dropout(L.ones(3), 1.5),
    lambda L, F: F.dropout(L.tensor([1, 2]), 0.5),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_pytorch_refuses_is_refused_with_its_kind_of_error(number: int) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        REFUSED[number](torch, torch.nn.functional)
    with pytest.raises(type(theirs.value)):
        REFUSED[number](moreish.torch, F)


@given(st.integers(0, 2**32), st.integers(-(2**26), 2**26), st.integers(1, 2**27))
def test_ends_that_a_dtype_rounds_are_moved_inwards(seed: int, low: int, span: int) -> None:
    for name in ("float32", "float64"):
        ours, theirs = (
            moreish.torch.Generator().manual_seed(seed),
            torch.Generator().manual_seed(seed),
        )
        a = moreish.torch.zeros(20, dtype=getattr(moreish.torch, name))
        b = torch.zeros(20, dtype=getattr(torch, name))
        try:
            with warnings.catch_warnings(action="ignore"):  # that the ends are not exact
                b.random_(low, low + span, generator=theirs)
        except RuntimeError:
            with pytest.raises(RuntimeError):
                a.random_(low, low + span, generator=ours)
            continue
        a.random_(low, low + span, generator=ours)
        np.testing.assert_array_equal(a.numpy(), b.numpy())


class TestCaptured:
    """A replay draws again, as if the function itself had been called."""

    @pytest.mark.parametrize(
        "draw",
        [
            lambda x, g: F.dropout(x, 0.5),
            lambda x, g: x * moreish.torch.bernoulli(x.detach() * 0 + 0.5, generator=g),
            lambda x, g: x * moreish.torch.zeros(4, 6).uniform_(1, 2, generator=g),
            lambda x, g: x * moreish.torch.zeros(6, 4).normal_(1, 2, generator=g).T,
            lambda x, g: x * moreish.torch.zeros(4, 6).exponential_(generator=g),
            lambda x, g: x * moreish.torch.zeros(4, 6).random_(9, generator=g),
            lambda x, g: x * moreish.torch.randn_like(x.detach().T, generator=g).T,
            lambda x, g: x * moreish.torch.randint(0, 9, (6,), generator=g, dtype=np.float32),
        ],
    )
    def test_it_draws_what_the_function_draws(self, draw: Callable[[Tensor, Any], Tensor]) -> None:
        results = []
        for wrap in (lambda function: function, capture):
            moreish.torch.manual_seed(4)
            generator = moreish.torch.Generator().manual_seed(5)
            x = moreish.torch.ones(4, 6)
            x.requires_grad = True
            step = wrap(lambda x=x, generator=generator: draw(x, generator).sum())
            losses = []
            for _ in range(5):
                x.grad = None
                loss = step()
                loss.backward()
                losses.append((float(loss.detach()), x.grad.numpy().copy()))
            results.append((losses, generator.rand(2), moreish.torch.rand(2).numpy()))
        for (a, grad_a), (b, grad_b) in zip(results[0][0], results[1][0], strict=True):
            assert a == b
            np.testing.assert_array_equal(grad_a, grad_b)
        np.testing.assert_array_equal(results[0][1], results[1][1])
        np.testing.assert_array_equal(results[0][2], results[1][2])
        assert len({a for a, _ in results[0][0]}) > 1


def test_history_of_what_is_filled() -> None:
    for library in (moreish.torch, torch):
        x = library.ones(3)
        x.requires_grad = True
        y = x * 2
        y.uniform_()
        y.sum().backward()
        assert x.grad.tolist() == [0, 0, 0]


def test_the_state_can_be_set_back() -> None:
    state = moreish.torch.get_rng_state()
    torch.set_rng_state(torch.tensor(state.numpy()))
    assert moreish.torch.rand(4).tolist() == torch.rand(4).tolist()
    again = copy.copy(state)
    moreish.torch.set_rng_state(again)
    torch.set_rng_state(torch.tensor(state.numpy()))
    assert moreish.torch.randn(40).shape == torch.randn(40).shape
    assert moreish.torch.rand(4).tolist() == torch.rand(4).tolist()
    assert moreish.torch.seed() == moreish.torch.initial_seed()


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
    st.integers(0, 3),
    st.sampled_from([np.float32, np.float64]),
)
def test_a_product_and_a_sum_are_rounded_once(numbers: list[float], kind: int, dtype: Any) -> None:
    from fractions import Fraction

    a, b, c = (dtype(number) for number in numbers)
    if kind == 1:
        c = -(a * b)  # what is left is the rounding of the product
    elif kind == 2:
        a, b, c = dtype(2.0**-12 + 2.0**-35), dtype(2.0**-12), dtype(1)  # just above a middle
    elif kind == 3:
        a, b = dtype(round(float(a))), dtype(round(float(b)))
    whole = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    ours = multiply_add(np.array([a]), b, c)[0]
    assert ours.dtype == dtype
    for neighbour in (np.nextafter(ours, dtype(-np.inf)), np.nextafter(ours, dtype(np.inf))):
        nearer = abs(Fraction(float(ours)) - whole)
        assert nearer <= abs(Fraction(float(neighbour)) - whole)
