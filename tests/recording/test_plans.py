"""What a plan does for speed changes no number, and nobody else sees it."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish
import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish.recording import CaptureError, capture
from moreish.torch import Tensor
from moreish.torch.optim import SGD, AdamW


class Course:
    """The course's network with its data, generator and step."""

    def __init__(
        self,
        batch: int = 32,
        wrap: Callable[..., Any] | None = None,
    ) -> None:
        data = np.random.default_rng(2)
        self.X = torch.tensor(data.integers(0, 27, (500, 3)))
        self.Y = torch.tensor(data.integers(0, 27, 500))
        self.generator = g = torch.Generator().manual_seed(5)
        shapes = [(27, 10), (30, 20), (20,), (20, 27), (27,)]
        drawn = [torch.randn(shape, generator=g) * 0.2 for shape in shapes]
        self.parameters = drawn
        for p in self.parameters:
            p.requires_grad = True
        C, W1, b1, W2, b2 = self.parameters
        X, Y, parameters = self.X, self.Y, self.parameters

        def step_on(ix: Tensor) -> Tensor:
            h = torch.tanh(C[X[ix]].view(-1, 30) @ W1 + b1)
            loss = F.cross_entropy(h @ W2 + b2, Y[ix])
            for p in parameters:
                p.grad = None
            loss.backward()
            for p in parameters:
                p.data += -0.1 * p.grad
            return loss

        def step() -> Tensor:
            return step_on(torch.randint(0, len(X), (batch,), generator=g))

        self.step, self.step_on = (f if wrap is None else wrap(f) for f in (step, step_on))


@pytest.mark.parametrize("batch", [5, 32, 400])
def test_a_step_that_draws_its_batch_is_the_same_to_the_bit(batch: int) -> None:
    plain, captured = Course(batch), Course(batch, capture)
    for i in range(40):
        assert captured.step().item() == plain.step().item()
        if i % 7 == 0:  # others draw from the same generator
            a, b = plain.generator, captured.generator
            np.testing.assert_array_equal(a.rand((3,)), b.rand((3,)))
        if i == 20:  # and the data may change
            plain.X[...] = 3
            captured.X[...] = 3
    for a, b in zip(plain.parameters, captured.parameters, strict=True):
        np.testing.assert_array_equal(a.data.numpy(), b.data.numpy())
        np.testing.assert_array_equal(a.grad.numpy(), b.grad.numpy())


def test_scan_takes_the_steps_of_all_batches() -> None:
    plain, captured = Course(), Course(wrap=capture)
    batches = torch.randint(0, 500, (200, 32))
    wanted = [plain.step_on(batch).item() for batch in batches]
    found = captured.step_on.scan(batches[:100]).tolist()
    found += captured.step_on.scan(batches[100:101]).tolist()
    found.append(captured.step_on(batches[101]).item())
    found += captured.step_on.scan(batches[102:]).tolist()
    assert found == wanted
    for a, b in zip(plain.parameters, captured.parameters, strict=True):
        np.testing.assert_array_equal(a.data.numpy(), b.data.numpy())
        np.testing.assert_array_equal(a.grad.numpy(), b.grad.numpy())
    assert [p._version for p in plain.parameters] == [p._version for p in captured.parameters]
    both = capture(lambda x, k: {"sum": x.sum(), "parts": (x * k, 3)}).scan(torch.ones(4, 2), 2)
    assert both["sum"].tolist() == [2.0] * 4
    assert (both["parts"][0].shape, both["parts"][1]) == ((4, 2), 3)


def test_scan_of_what_is_no_batches() -> None:
    step = capture(lambda *x: sum(x))
    for batches in [
        (),
        (2,),
        (torch.ones(()),),
        (torch.ones(0, 2),),
        (torch.ones(2), torch.ones(3)),
    ]:
        with pytest.raises(ValueError, match="axis for the calls in front"):
            step.scan(*batches)
    with pytest.raises(CaptureError, match="functions of Tensors"):
        capture(lambda x: moreish.Value(2.0) * 3).scan(torch.ones(2))


def test_two_captured_functions_share_a_generator() -> None:
    results = []
    for wrap in (capture, lambda f: f):
        g = torch.Generator().manual_seed(1)
        X = torch.arange(100)
        one = wrap(lambda g=g, X=X: X[torch.randint(0, 100, (4,), generator=g)])
        other = wrap(lambda g=g: torch.rand(3, generator=g) * 2)
        results.append([f().tolist() for _ in range(20) for f in (one, one, other)])
    assert results[0] == results[1]


def update(optimizer: Any, parameters: list[Tensor]) -> Callable[[], None]:
    def step() -> None:
        optimizer.zero_grad()
        sum((p * p * p).sum() for p in parameters).backward()
        optimizer.step()

    return step


def some_parameters() -> list[Tensor]:
    rng = np.random.default_rng(0)
    shapes = [(3, 4), (4,), (2, 2, 2), ()]
    return [
        torch.tensor(rng.standard_normal(s).astype(np.float32), requires_grad=True) for s in shapes
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda p: SGD(p, lr=0.01),
        lambda p: SGD(p, lr=0.01, momentum=0.9),
        lambda p: AdamW(p, lr=0.01),
        lambda p: AdamW([{"params": p[:2], "weight_decay": 0.0}, {"params": p[2:]}], lr=0.01),
    ],
)
def test_parameters_side_by_side_move_as_they_did(make: Any) -> None:
    ours, theirs = some_parameters(), some_parameters()
    optimizers = make(ours), make(theirs)
    captured, plain = capture(update(optimizers[0], ours)), update(optimizers[1], theirs)
    for i in range(12):
        captured()
        plain()
        if i == 5:
            for optimizer in optimizers:
                optimizer.param_groups[0]["weight_decay"] = 0.3
        if i == 8:
            update(optimizers[0], ours)()  # an eager step between
            plain()
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a.data.numpy(), b.data.numpy())
            np.testing.assert_array_equal(a.grad.numpy(), b.grad.numpy())


def test_memory_is_used_again() -> None:
    function = capture(lambda x: ((x + 1).exp() * 2).log().tanh().sum(0))
    function(torch.ones(50, 50))
    (recording,) = next(iter(function.recordings.values()))
    assert (
        len([memory for memory in recording.plan._bytes.values() if memory.nbytes == 10_000]) == 1
    )


def test_nothing_is_computed_twice_or_for_nobody() -> None:
    @capture
    def function(x: Tensor) -> Tensor:
        x.exp().log()  # nobody wants it
        return x.exp() + x.exp().clone() * (torch.ones(3) * 2)

    function(torch.ones(3))
    text = str(function)
    assert text.count("exp(") == 1
    assert "log" not in text
    assert "cast" not in text


class GRU(torch.nn.Module):
    """A cell of gates, as makemore's, with dropout and a layer that says what comes next."""

    def __init__(self, generator: Any) -> None:
        super().__init__()
        self.z, self.r, self.h = (torch.nn.Linear(10, 6) for _ in range(3))
        self.out, self.drop = torch.nn.Linear(6, 3), torch.nn.Dropout(0.2)

    def forward(self, x: Tensor, sizes: tuple[int, ...]) -> Tensor:
        """(N, 4) rows of items one after the other, packed: `sizes` of each step; (N, 3) logits."""
        h, start, found = torch.zeros(sizes[0], 6), 0, []
        for size in sizes:
            own, before = x[start : start + size], h[:size]
            both = torch.cat([own, before], 1)
            z, r = torch.sigmoid(self.z(both)), torch.sigmoid(self.r(both))
            new = torch.tanh(self.h(torch.cat([own, r * before], 1)))
            h = (1 - z) * before + z * new
            found.append(h)
            start += size
        return self.out(self.drop(torch.cat(found)))


@pytest.mark.parametrize("climbs", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_gated_network_with_dropout_a_schedule_and_packed_sizes(climbs: bool) -> None:
    """200 steps to the bit as eager ones, from one recording."""
    data = np.random.default_rng(1)
    X = torch.tensor(data.standard_normal((200, 9, 4)).astype(np.float32))
    Y = torch.tensor(data.integers(0, 3, (200, 9)))

    def run(wrap: Callable[..., Any]) -> tuple[list[float], list[Any], Any]:
        torch.manual_seed(3)
        model = GRU(None)
        optimizer = AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 200)
        if climbs:
            schedule = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.9)

        def step(x: Tensor, y: Tensor) -> Tensor:
            loss = F.cross_entropy(model(x, (4, 3, 2)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.detach()

        step, losses = wrap(step), []
        for x, y in zip(X, Y, strict=True):
            losses.append(step(x, y).item())
            schedule.step()
        return losses, [p.detach().tolist() for p in model.parameters()], step

    wanted, parameters, _ = run(lambda f: f)
    found, moved, captured = run(capture)
    assert (found, moved) == (wanted, parameters)
    assert len(captured.tapes) == 1


def test_check_compares_with_the_function_itself() -> None:
    held = {"k": 2.0}

    w = torch.tensor([1.0, 2.0], requires_grad=True)

    @capture
    def step(x: Tensor) -> Tensor:
        w.data -= 0.5 * x
        return x * held["k"]

    x = torch.ones(2)
    assert [step.check(x).tolist() for _ in range(3)] == [[2.0, 2.0]] * 3
    assert w.tolist() == [-0.5, 0.5]


def test_a_difference_is_an_error_that_names_what_differs() -> None:
    held = threading.local()  # nothing is compared in it
    held.value = 2.0
    step = capture(lambda x: x * held.value)
    x = torch.ones(2)
    step(x)
    held.value = 3.0
    with pytest.raises(CaptureError, match="result 1 of a replay is not that of"):
        step(x)  # the first replay
    assert step(x).tolist() == [3.0, 3.0]
    assert step(x).tolist() == [3.0, 3.0]
    held.value = 4.0
    with pytest.raises(CaptureError, match="result 1 of a replay is not that of"):
        step.check(x)


def test_a_schedule_is_stepped_outside() -> None:
    parameters = some_parameters()
    optimizer = SGD(parameters, lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    inner = update(optimizer, parameters)

    def step() -> None:
        inner()
        schedule.step()

    with pytest.raises(CaptureError, match="options of an optimizer"):
        capture(step)()


@pytest.mark.parametrize("numbers", [[0.0, -0.0], [2.0, 2.0], [np.nan, np.nan], []])
def test_a_constant_of_equal_numbers_is_what_it_was(numbers: list[float]) -> None:
    @capture
    def quotient(x: Tensor) -> Tensor:
        return x / torch.tensor(numbers)

    for number in (1.0, -3.0, 5.0):
        x = torch.ones(len(numbers)) * number
        np.testing.assert_array_equal(quotient(x).numpy(), (x / torch.tensor(numbers)).numpy())
