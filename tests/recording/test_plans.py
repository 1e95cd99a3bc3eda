"""What a plan does for speed changes no number, and nobody else sees it."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish
import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish.recording import Captured, CaptureError, capture, check
from moreish.torch import Tensor
from moreish.torch.optim import SGD, AdamW

DATA = np.random.default_rng(2)


class Course:
    """The course's network with its data, generator and step."""

    def __init__(
        self,
        batch: int = 32,
        wrap: Callable[..., Any] | None = None,
        dtype: Any = torch.float32,
    ) -> None:
        data = np.random.default_rng(2)
        self.X = torch.tensor(data.integers(0, 27, (500, 3)))
        self.Y = torch.tensor(data.integers(0, 27, 500))
        self.generator = g = torch.Generator().manual_seed(5)
        shapes = [(27, 10), (30, 20), (20,), (20, 27), (27,)]
        drawn = [torch.randn(shape, generator=g) * 0.2 for shape in shapes]
        self.parameters = [p.to(dtype) for p in drawn]
        for p in self.parameters:
            p.requires_grad = True
        C, W1, b1, W2, b2 = self.parameters
        X, Y, parameters = self.X, self.Y, self.parameters

        def step() -> Tensor:
            ix = torch.randint(0, len(X), (batch,), generator=g)
            h = torch.tanh(C[X[ix]].view(-1, 30) @ W1 + b1)
            loss = F.cross_entropy(h @ W2 + b2, Y[ix])
            for p in parameters:
                p.grad = None
            loss.backward()
            for p in parameters:
                p.data += -0.1 * p.grad
            return loss

        self.step = step if wrap is None else wrap(step)


@pytest.mark.parametrize("batch", [5, 32, 400])
def test_sums_in_another_order_agree_to_rounding(batch: int) -> None:
    """Over many steps in double precision, as each step multiplies what the last one rounded."""
    plain, captured = (Course(batch, wrap, torch.float64) for wrap in (None, capture))
    for _ in range(100):
        assert captured.step().item() == pytest.approx(plain.step().item(), rel=1e-12)
    for a, b in zip(plain.parameters, captured.parameters, strict=True):
        np.testing.assert_allclose(b.data.numpy(), a.data.numpy(), atol=1e-12)
        np.testing.assert_allclose(b.grad.numpy(), a.grad.numpy(), atol=1e-12)
    plain, captured = Course(batch), Course(batch, capture)
    for _ in range(3):
        assert captured.step().item() == pytest.approx(plain.step().item(), rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("sums", "products"),
    [
        (lambda x: x.sum(0), "ones @"),
        (lambda x: x.sum(1), "@ ones"),
        (lambda x: x.exp() / x.exp().sum(-1, keepdim=True), "@ ones"),
        (lambda x: x[:, 0].clone().mean(), "mean"),
        (lambda x: ((x[:, 0] * 2).sum(), (x[:, 0] * 2).sum() / 40), "reduce"),
        (lambda x: x.sum(), "reduce"),
        (lambda x: x.long().sum(1), "reduce"),
    ],
)
def test_sums_and_means_as_products(sums: Any, products: str, dtype: Any) -> None:
    captured = capture(sums)
    for _ in range(3):
        x = torch.tensor(DATA.standard_normal((40, 7)), dtype=dtype)
        found, wanted = captured(x), sums(x)
        pairs = zip(found, wanted, strict=True) if type(found) is tuple else [(found, wanted)]
        for a, b in pairs:
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=2e-6, atol=1e-6)
    (recording,) = next(iter(captured.recordings.values()))
    assert any(products in step.operation.name for step in recording.planned.tape.steps)


def test_rows_drawn_ahead_may_count_from_the_end_but_must_be_there() -> None:
    results = []
    for wrap in (capture, lambda f: f):
        g, X = torch.Generator().manual_seed(1), torch.arange(40).view(10, 4)
        step = wrap(lambda g=g, X=X: X[torch.randint(-10, 10, (6,), generator=g)] * 1)
        results.append([step().tolist() for _ in range(20)])
    assert results[0] == results[1]


def test_batches_are_drawn_ahead_and_nobody_can_tell() -> None:
    plain = Course()
    captured = Course(wrap=lambda f: capture(f))
    for i in range(90):
        assert plain.step().item() == captured.step().item()
        a, b = plain.generator, captured.generator
        if i % 7 == 0:
            np.testing.assert_array_equal(a.rand((3,)), b.rand((3,)))
        if i % 11 == 0:
            np.testing.assert_array_equal(a.get_state(), b.get_state())
        if i % 13 == 0:
            twin = copy.deepcopy(b)
            np.testing.assert_array_equal(twin.rand((3,)), copy.deepcopy(a).rand((3,)))
        if i == 40:
            a.set_state(b.get_state())
        if i == 60:
            a.manual_seed(9)
            b.manual_seed(9)
        if i == 70:
            plain.X[...] = 3
            captured.X[...] = 3
        if i == 80:
            plain.Y[10:400] = 1
            captured.Y[10:400] = 1
    (recording,) = next(iter(captured.step.recordings.values()))
    assert recording.planned.source.count("randint") == 0
    assert "next" in recording.planned.source


def test_many_steps_at_once_are_those_steps() -> None:
    plain, captured = Course(), Course(wrap=lambda f: capture(f))
    wanted = [plain.step().item() for _ in range(200)]
    found = [*captured.step.repeat(100).tolist(), *captured.step.repeat(1).tolist()]
    found += [captured.step().item(), *captured.step.repeat(98).tolist()]
    assert found == wanted
    for a, b in zip(plain.parameters, captured.parameters, strict=True):
        np.testing.assert_array_equal(a.data.numpy(), b.data.numpy())
        np.testing.assert_array_equal(a.grad.numpy(), b.grad.numpy())
    np.testing.assert_array_equal(plain.generator.rand((3,)), captured.generator.rand((3,)))
    both = capture(lambda x: {"sum": x.sum(), "parts": (x * 2, 3)}).repeat(4, torch.ones(2))
    assert both["sum"].tolist() == [2.0] * 4
    assert (both["parts"][0].shape, both["parts"][1]) == ((4, 2), 3)
    with pytest.raises(ValueError, match="1 or more, got 0"):
        captured.step.repeat(0)
    with pytest.raises(CaptureError, match="functions of Tensors"):
        capture(lambda: moreish.Value(2.0) * 3).repeat(2)


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
    a, b = (p.detach().numpy().base for p in ours[:2])
    assert a is b is not None, "they do not lie side by side"


@pytest.mark.parametrize(
    "hold",
    [
        lambda p: p.detach(),
        lambda p: p.detach().numpy(),
        lambda p: p.detach().view(-1),
        lambda p: p.data[0],
        lambda p: p.data.numpy()[1:],
    ],
)
def test_memory_that_somebody_else_holds_stays_where_it_is(hold: Callable[[Tensor], Any]) -> None:
    parameters = some_parameters()[:2]
    held = hold(parameters[0])
    captured = capture(update(SGD(parameters, lr=0.01), parameters))
    for _ in range(3):
        captured()
    now = hold(parameters[0])
    np.testing.assert_array_equal(np.asarray(held), np.asarray(now))
    assert np.may_share_memory(np.asarray(held), np.asarray(now))


def test_what_is_moved_is_seen_through_every_later_view() -> None:
    parameters = some_parameters()[:2]
    captured = capture(update(SGD(parameters, lr=0.01), parameters))
    captured()
    views = [p.detach().view(-1) for p in parameters]
    captured()
    for p, view in zip(parameters, views, strict=True):
        np.testing.assert_array_equal(view.numpy(), p.detach().numpy().reshape(-1))
    with torch.no_grad():
        views[0].zero_()
    assert not parameters[0].any()


def test_memory_is_used_again() -> None:
    function = capture(lambda x: ((x + 1).exp() * 2).log().tanh().sum(0))
    function(torch.ones(50, 50))
    (recording,) = next(iter(function.recordings.values()))
    inner = {id(array.base) for array in recording.planned.memory.values() if array.size == 2500}
    assert len(inner) == 2  # the argument, and one for all that comes of it


def test_nothing_is_computed_twice_or_for_nobody() -> None:
    @capture
    def function(x: Tensor) -> Tensor:
        x.exp().log()  # nobody wants it
        return x.exp() + x.exp().clone() * (torch.ones(3) * 2)

    function(torch.ones(3))
    text = str(function)
    assert text.count("exp(") == 1
    assert "log" not in text
    assert "copy" not in text


def test_a_tape_with_a_mistake_is_seen() -> None:
    function: Captured = capture(lambda x: (x @ x).sum())
    function(torch.ones(3, 3))
    (tape,) = function.tapes
    for break_it, message in [
        (lambda t: t.steps.reverse(), "is not bound"),
        (lambda t: t.steps.append(t.steps[-1]), "bound twice"),
        (lambda t: t.results.append(99), "never bound"),
        (lambda t: t.types.__setitem__(1, t.types[0]._replace(shape=(2,))), "gives"),
    ]:
        broken = tape.copy()
        break_it(broken)
        with pytest.raises(CaptureError, match=message):
            check(broken)
