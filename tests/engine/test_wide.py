"""Layers of very many outputs: one thread or two, the bits are the same."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish.engine import rules
from moreish.engine.rules import wide
from moreish.models.mlp import MLP
from moreish.text import Positions
from moreish.training import Run, Settings

V = 1_500


@pytest.fixture(params=["1", "2"])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOREISH_THREADS", request.param)
    return request.param


def trained(threads: str, monkeypatch: pytest.MonkeyPatch, **options: object) -> bytes:
    monkeypatch.setenv("MOREISH_THREADS", threads)
    words = np.random.default_rng(1).integers(1, V, 2_000)
    model = MLP(V, block_size=2, embedding_size=8, hidden_size=16, **options)  # type: ignore[arg-type]
    model.initialise(1)
    run = Run(model, Positions(words, np.ones(1), 2, V), None, Settings(batch_size=200, steps=5))
    list(run)
    return b"".join(array.tobytes() for array in model.arrays().values())


@pytest.mark.parametrize("options", [{}, {"direct": True}, {"tied": True}])
def test_training_has_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, bool]
) -> None:
    submitted = []
    submit = ThreadPoolExecutor.submit

    def seen(self: ThreadPoolExecutor, *arguments: object) -> object:
        submitted.append(arguments)
        return submit(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ThreadPoolExecutor, "submit", seen)
    alone = trained("1", monkeypatch, **options)
    assert not submitted
    assert trained("2", monkeypatch, **options) == alone
    assert submitted


def test_it_is_the_plain_layer(threads: str) -> None:
    generator = torch.Generator().manual_seed(1)
    made = [torch.randn(size, generator=generator, dtype=torch.float64) for size in
            ((200, 16), (16, V), (V,))]  # fmt: skip
    targets = torch.randint(0, V, (200,), generator=generator)
    gradients = []
    for row in (rules.affine, rules.wide_affine):
        inputs = [x.clone().requires_grad_() for x in made]
        F.cross_entropy(row(*inputs), targets).backward()
        gradients.append([x.grad.numpy() for x in inputs if x.grad is not None])
    assert len(gradients[0]) == 3
    for plain, cut in zip(*gradients, strict=True):
        np.testing.assert_allclose(cut, plain, rtol=1e-9, atol=1e-14)


def test_every_row_is_done_once(threads: str) -> None:
    for count in (0, 1, 63, 127, 128, 1_000):
        done = np.zeros(count, dtype=int)

        def work(part: slice, done: np.ndarray = done) -> None:
            done[part] += 1

        wide.in_two(work, count)
        assert (done == 1).all()


@pytest.mark.parametrize("where", [0, 500])
def test_what_goes_wrong_is_raised(threads: str, where: int) -> None:
    def work(part: slice) -> None:
        if part.start == where or (where and part.start):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        wide.in_two(work, 1_000)


def test_floating_point_errors_are_those_that_are_wanted(threads: str) -> None:
    x = np.full((1_000, 1), 1e300)

    def work(part: slice) -> None:
        np.multiply(x[part], x[part])

    with pytest.raises(FloatingPointError):  # the tests raise them
        wide.in_two(work, 1_000)
    with np.errstate(over="ignore"):
        wide.in_two(work, 1_000)


def test_another_process_has_a_thread_of_its_own() -> None:
    assert wide._helper(os.getpid()) is wide._helper(os.getpid())
    assert wide._helper(os.getpid()) is not wide._helper(0)
