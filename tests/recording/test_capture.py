"""A captured function gives what the function gives, to the bit; or it says why it can't."""

import copy
import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish.recording import CaptureError, capture
from moreish.torch import Tensor, no_grad
from moreish.torch.optim import SGD, AdamW

RNG = np.random.default_rng(0)


def numbers(*shape: int) -> Tensor:
    return torch.tensor(RNG.standard_normal(shape).astype(np.float32))


def parameter(*shape: int, seed: int = 1) -> Tensor:
    values = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return torch.tensor(values, requires_grad=True)


def same(a: Any, b: Any) -> None:
    """Equal to the bit, whatever they are."""
    if isinstance(a, Tensor):
        assert type(b) is Tensor
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    elif isinstance(a, (tuple, list)):
        assert type(a) is type(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif isinstance(a, dict):
        same(list(a.items()), list(b.items()))
    else:
        assert a == b


def side_by_side(
    make: Callable[[], tuple[Callable[..., Any], list[Tensor]]],
    arguments: list[tuple[Any, ...]],
    recordings: int = 1,
) -> Any:
    """The function and its capture, each with its own parameters, call by call."""
    (plain, own), (function, parameters) = make(), make()
    captured = capture(function)
    for args in arguments:
        same(plain(*args), captured(*args))
        for a, b in zip(own, parameters, strict=True):
            same(a.data, b.data)
            same(a.grad, b.grad)
            assert a._version == b._version
    assert len(captured.tapes) == recordings
    return captured


# ---- what is replayed


def course_step() -> tuple[Callable[..., Any], list[Tensor]]:
    generator = torch.Generator().manual_seed(2147483647)
    data = np.random.default_rng(2)
    X, Y = torch.tensor(data.integers(0, 27, (500, 3))), torch.tensor(data.integers(0, 27, 500))
    C = torch.randn((27, 10), generator=generator)
    W1 = torch.randn((30, 20), generator=generator) * 0.2
    b1 = torch.randn(20, generator=generator) * 0.01
    W2 = torch.randn((20, 27), generator=generator) * 0.1
    b2 = torch.randn(27, generator=generator) * 0
    parameters = [C, W1, b1, W2, b2]
    for p in parameters:
        p.requires_grad = True
    lr = 0.1

    def step() -> Tensor:
        ix = torch.randint(0, X.shape[0], (32,), generator=generator)
        emb = C[X[ix]]
        h = torch.tanh(emb.view(-1, 30) @ W1 + b1)
        logits = h @ W2 + b2
        loss = F.cross_entropy(logits, Y[ix])
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -lr * p.grad
        return loss

    return step, parameters


def test_the_courses_step() -> None:
    side_by_side(course_step, [()] * 50)


def test_the_courses_loss_written_out() -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        W, b = parameter(4, 6), parameter(1, 6)

        def step(x: Tensor, y: Tensor) -> Any:
            logits = x @ W + b
            norm_logits = logits - logits.max(1, keepdim=True).values
            counts = norm_logits.exp()
            probs = counts * counts.sum(1, keepdim=True) ** -1
            logprobs = probs.log()
            loss = -logprobs[range(8), y].mean()
            W.grad = b.grad = None
            loss.backward()
            return loss, logits[range(8), y].detach(), logits[range(1, 4)].detach() + 1

        return step, [W, b]

    batches = [(numbers(8, 4), torch.tensor(RNG.integers(0, 6, 8))) for _ in range(4)]
    side_by_side(make, batches)


def test_the_courses_batch_norm_written_out() -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        W, gain, bias = parameter(4, 6), torch.ones((1, 6)), torch.zeros((1, 6))
        mean_running = torch.zeros((1, 6))
        gain.requires_grad = bias.requires_grad = True

        def step(x: Tensor, y: Tensor) -> Tensor:
            before = x @ W
            mean, std = before.mean(0, keepdim=True), before.std(0, keepdim=True)
            out = gain * (before - mean) / std + bias
            with no_grad():
                mean_running[...] = 0.9 * mean_running + 0.1 * mean
            loss = F.cross_entropy(out, y)
            for p in (W, gain, bias):
                p.grad = None
            loss.backward()
            with no_grad():
                for p in (W, gain, bias):
                    p -= 0.1 * p.grad
            return loss.detach(), mean_running.clone()

        return step, [W, gain, bias, mean_running]

    batches = [(numbers(8, 4), torch.tensor(RNG.integers(0, 6, 8))) for _ in range(10)]
    side_by_side(make, batches)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda p: SGD(p, lr=0.1),
        lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        lambda p: AdamW(p, lr=0.01, weight_decay=0.1),
    ],
)
def test_optimizers_whose_rate_changes_and_random_numbers(optimizer: Any) -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        W, b = parameter(5, 4), parameter(4)
        moves = optimizer([W, b])
        generator = torch.Generator().manual_seed(3)
        taken = [0]

        def step(x: Tensor, y: Tensor) -> Any:
            noise = torch.randn(6, 4, generator=generator) * 0.1
            loss = F.mse_loss((x @ W + b).tanh() + noise, y)
            moves.zero_grad()
            loss.backward()
            moves.step()
            return {"loss": loss}["loss"], noise

        def scheduled(x: Tensor, y: Tensor) -> Any:
            return step(x, y)

        del taken
        return scheduled, [W, b]

    side_by_side(make, [(numbers(6, 5), numbers(6, 4)) for _ in range(20)])


def test_a_learning_rate_that_is_set_between_the_calls_is_followed() -> None:
    results = []
    for wrap in (capture, lambda f: f):
        w = parameter(3)
        moves = AdamW([w], lr=0.1)

        @wrap
        def step(w: Tensor = w, moves: AdamW = moves) -> None:
            moves.zero_grad()
            (w * w).sum().backward()
            moves.step()

        for i in range(10):
            moves.param_groups[0]["lr"] = 0.1 / (i + 1)
            step()
        results.append(w.tolist())
    assert results[0] == results[1]


def test_a_loss_whose_gradient_is_asked_for_outside() -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        w, b = parameter(3, 2), parameter(2)

        def loss_of(x: Tensor) -> Tensor:
            return ((x @ w + b) ** 2).mean()

        return loss_of, [w, b]

    (plain, own), (function, parameters) = make(), make()
    captured = capture(function)
    for _ in range(5):
        x = numbers(4, 3)
        for loss_of, all_of_them in ((plain, own), (captured, parameters)):
            for p in all_of_them:
                p.grad = None
            loss = loss_of(x)
            (loss * 2).backward()
            for p in all_of_them:
                p.data -= 0.1 * p.grad
        for a, b in zip(own, parameters, strict=True):
            same(a.grad, b.grad)
            same(a.data, b.data)
    assert len(captured.tapes) == 1


def test_gradients_that_add_up_over_calls() -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        w = parameter(3)

        def step(x: Tensor) -> None:
            (x * w).sum().backward()

        return step, [w]

    side_by_side(make, [(numbers(3),) for _ in range(5)], recordings=2)


def test_views_and_changes_in_place_inside() -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        w = parameter(4, 3)

        def function(x: Tensor) -> Any:
            y = x @ w
            y[:, 1] *= 2.0
            row = y[0]
            row += 1
            y[torch.tensor([1, 1]), torch.tensor([0, 2])] = 5.0
            z = y.T.reshape(-1)
            z[2:4].zero_()
            w.grad = None
            (z * z).sum().backward()
            return y, z, row, y.max(1), y.argmax(1), y.sort(1), y.cumsum(0), y.var(0)

        return function, [w]

    side_by_side(make, [(numbers(5, 4),) for _ in range(4)])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.softmax(1) + x.log_softmax(0),
        lambda x: torch.cat([x, x.relu()], 1).clamp(-0.5, 0.5),
        lambda x: torch.stack([x.sigmoid(), x.erf()]).sum(0),
        lambda x: torch.where(x > 0, x, x * 0.1).abs().sqrt(),
        lambda x: F.gelu(x) + F.softplus(x) + F.elu(x) + F.leaky_relu(x),
        lambda x: x.masked_fill(x > 0, 1.0).tril() + F.layer_norm(x, (3,)),
        lambda x: (x.max(), x.min(), x.mean(), x.std(), x.exp().log()),
        lambda x: x[:, None].expand(4, 2, 3).permute(2, 0, 1).reshape(-1) ** 2,
        lambda x: x.double() @ x.double().T - x.double().sum(),
        lambda x: F.one_hot(x.argmax(1), num_classes=3).float() / (x.sign() + 2.5),
        lambda x: (x > 0) & ~(x > 0.5) | (x < -1),
        lambda x: [x.unbind(0), {"first": x[0], "n": len(x)}, x.numel(), None],
        lambda x: (
            torch.arange(12).view(4, 3) * x
            + torch.full((3,), 2.0)
            + x.gather(1, x.argmax(1)[:, None])
        ),
    ],
)
def test_everything_that_a_tensor_can_do(function: Callable[..., Any]) -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        return function, []

    side_by_side(make, [(numbers(4, 3),) for _ in range(3)])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.gather(1, torch.tensor([[0, 0], [1, 2], [2, 2], [0, 1]])),
        lambda x: x.max(1).values * x.min(0).values.sum(),
        lambda x: x[torch.tensor([0, 0, -1]), torch.tensor([1, 1, 2])],
        lambda x: x[torch.tensor([[0, 0], [3, -1]])],
        lambda x: torch.cat([x[:1], x[1:3] * 2, x]).split(3)[0],
        lambda x: torch.stack([x, x.T.reshape(4, 3)]).var(0),
        lambda x: x.cumsum(0).sort(1).values,
        lambda x: F.layer_norm(x, (3,)) + x.softmax(0) * x.log_softmax(1),
        lambda x: F.gelu(x) + F.softplus(x) + F.elu(x) + x.erf() + (x * x + 1).log(),
        lambda x: torch.max(x, x * x) + x.abs().sqrt() ** 3 + x.clamp(-0.5, 0.5),
        lambda x: x.masked_fill(x > 0, 0.5) / (x.sigmoid() + 1),
        lambda x: x[:, None].expand(4, 2, 3).permute(2, 0, 1) @ x[:2, :1],
        lambda x: F.batch_norm(x, None, None, training=True).squeeze() - x.double().mean(),
        lambda x: (
            F.embedding(torch.tensor([3, 0, 0]), x) + F.nll_loss(x, torch.tensor([0, 1, 2, 0]))
        ),
    ],
)
def test_gradients_of_everything(function: Callable[..., Any]) -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        w = parameter(4, 3)

        def step(x: Tensor) -> Tensor:
            w.grad = None
            y = function(w + x) * 1.5
            (y * y).sum().backward()
            return y.detach()

        return step, [w]

    side_by_side(make, [(numbers(4, 3),) for _ in range(3)])


def test_gradients_of_gradients_inside() -> None:
    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        w = parameter(3)

        def function(x: Tensor) -> Tensor:
            (slope,) = torch.grad(((x * w) ** 3).sum(), w, create_graph=True)
            w.grad = None
            (slope**2).sum().backward()
            return slope.detach()

        return function, [w]

    side_by_side(make, [(numbers(3),) for _ in range(3)])


def test_another_shape_or_dtype_or_number_is_recorded_again() -> None:
    w = parameter(3)
    calls = []

    @capture
    def function(x: Tensor, power: int = 2) -> Tensor:
        calls.append(power)
        return (x * w).sum() ** power

    for x, power in [(numbers(2, 3), 2), (numbers(4, 3), 2), (numbers(2, 3).double(), 2)] * 2:
        same(function(x, power).detach(), ((x * w).sum() ** power).detach())
    assert len(calls) == 6  # each is recorded, and the first replay compared
    function(numbers(2, 3), power=3)
    assert len(calls) == 7


def test_numbers_and_tensors_that_its_names_mean_are_watched() -> None:
    w = parameter(3)
    lr, settings = 0.5, {"scale": 2.0}

    def plain(x: Tensor) -> Tensor:
        return (x * w).sum() * lr * settings["scale"]

    captured = capture(plain)
    for _ in range(2):
        x = numbers(3)
        same(captured(x).detach(), plain(x).detach())
    lr = 0.25
    same(captured(x).detach(), plain(x).detach())
    settings["scale"] = 7.0
    same(captured(x).detach(), plain(x).detach())
    w = parameter(3, seed=5)  # replaced by another
    same(captured(x).detach(), plain(x).detach())
    w.data = numbers(3)  # replaced, but for its name
    same(captured(x).detach(), plain(x).detach())
    w.data += 1.0  # changed in place: the tape reads it where it lies
    w[0:1].detach().numpy()[...] = 3.0
    same(captured(x).detach(), plain(x).detach())
    assert len(captured.tapes) == 5


def test_a_method_reads_its_own_object() -> None:
    class Model:
        def __init__(self, seed: int) -> None:
            self.w = parameter(3, seed=seed)
            self.scale = 2.0

        @capture
        def loss(self, x: Tensor) -> Tensor:
            return (self.w * x).sum() * self.scale

    one, other = Model(1), Model(2)
    x = numbers(3)
    for model in (one, other, one, other):
        same(model.loss(x).detach(), ((model.w * x).sum() * model.scale).detach())
    third = copy.deepcopy(one)
    third.w.data += 1.0
    same(third.loss(x).detach(), ((third.w * x).sum() * third.scale).detach())
    one.scale = 3.0
    same(one.loss(x).detach(), ((one.w * x).sum() * 3.0).detach())


def test_results_are_copies_that_nobody_overwrites() -> None:
    w = parameter(3)

    @capture
    def function(x: Tensor) -> tuple[Tensor, Tensor]:
        y = x * w
        w.grad = None
        y.sum().backward()
        return y.detach(), y[0:2].detach()

    x = numbers(3)
    first = [function(x) for _ in range(2)]
    grads = w.grad
    kept = [t.tolist() for pair in first for t in pair], grads.tolist()
    function(numbers(3))
    assert ([t.tolist() for pair in first for t in pair], grads.tolist()) == kept
    first[1][0].zero_()
    same(function(x)[0], (x * w).detach())


def test_it_replays_without_the_function() -> None:
    calls = []

    @capture
    def function(x: Tensor) -> Tensor:
        calls.append(1)
        return x * 2

    counts = []
    for _ in range(20):
        x = numbers(2)
        same(function(x), x * 2)
        counts.append(len(calls))
    assert counts == [1, 2, 2, 3, 3, 3, 3, *[4] * 8, *[5] * 5]  # compared at calls 2, 4, 8, 16


def test_inside_no_grad_it_is_another_recording_and_right() -> None:
    w = parameter(3)
    function = capture(lambda x: (x * w).sum())
    x = numbers(3)
    for _ in range(2):
        assert function(x).requires_grad
        with no_grad():
            assert not function(x).requires_grad
    assert len(function.tapes) == 2


def test_a_captured_function_inside_of_another_is_a_part_of_it() -> None:
    w = parameter(3)
    inner = capture(lambda x: (x * w).sum())

    @capture
    def outer(x: Tensor) -> Tensor:
        w.grad = None
        loss = inner(x) * 2
        loss.backward()
        return loss.detach()

    for _ in range(3):
        x = numbers(3)
        outer(x)
        same(w.grad, x * 2)
    assert not inner.tapes
    same(inner(x).detach(), (x * w).sum().detach())


def test_two_threads_wait_for_each_other() -> None:
    w = parameter(50, 50)
    function = capture(lambda x: ((x @ w).tanh() @ w).sum(1))
    inputs = [numbers(20, 50) for _ in range(40)]
    wanted = [((x @ w).tanh() @ w).sum(1).detach().numpy() for x in inputs]
    found: dict[int, np.ndarray] = {}

    def work(mine: range) -> None:
        for i in mine:
            found[i] = function(inputs[i]).detach().numpy()

    threads = [threading.Thread(target=work, args=(range(i, 40, 4),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, array in enumerate(wanted):
        np.testing.assert_array_equal(found[i], array)


def test_while_one_thread_records_another_computes_as_ever() -> None:
    inside, done = threading.Event(), threading.Event()
    w = parameter(3)

    @capture
    def function(x: Tensor) -> Tensor:
        inside.set()
        assert done.wait(10)
        return x * w

    results = []

    def elsewhere() -> None:
        assert inside.wait(10)
        results.append((w * 2).sum().item())
        done.set()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    function(numbers(3))
    thread.join()
    assert results == [(w * 2).sum().item()]


def test_a_function_without_parameters_is_replayed_and_has_no_gradient() -> None:
    function = capture(lambda x: (x * x).sum())
    x = numbers(3)
    function(x)
    with pytest.raises(RuntimeError, match="does not require grad"):
        function(x).backward()


def test_the_tape_is_shown_one_step_a_line() -> None:
    w = parameter(3, 2)
    function = capture(lambda x: (x @ w).tanh().sum())
    assert str(function) == "not recorded yet"
    function(numbers(4, 3))
    text = str(function)
    assert "= matmul(" in text
    assert "float32 [4, 2]" in text
    assert text.splitlines()[-1].startswith("return %")


# ---- what can't be


def refused(function: Callable[..., Any], *args: Any, match: str) -> None:
    captured = capture(function)

    def twice() -> None:
        captured(*args)
        captured(*args)

    with pytest.raises(CaptureError, match=match):
        twice()
    assert not captured.tapes
    (numbers(2) * 2).sum()  # nothing is left behind


W = parameter(3)
KEPT: list[Any] = []
LOG: list[int] = []
FIXED = RNG.standard_normal(3).astype(np.float32)
NUMPY = np.random.default_rng(1)
GENERATOR = torch.Generator().manual_seed(1)


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda x: x if x.sum() > 0 else -x, "a number was read"),
        (lambda x: x * x.sum().item(), "a number was read"),
        (lambda x: x * float(x[0]), "a number was read"),
        (lambda x: x[int(x.argmax())], "a number was read"),
        (lambda x: x[x.argmax()], "a number was read"),
        (lambda x: torch.tensor(x.tolist()), "a number was read"),
        (lambda x: torch.tensor([x[0], x[1]]), "a number was read"),
        (lambda x: torch.tensor(np.asarray(x)), "a number was read"),
        (lambda x: f"{x}", "a number was read"),
        (lambda x: list(x.numpy()), "a number was read"),
        (lambda x: x[[x.argmax(), x.argmin()]], "a number was read"),
        (lambda x: x[x > 0], "shape that depends on the numbers"),
        (lambda x: x[True], "shape that depends on the numbers"),
        (lambda x: x * torch.tensor(NUMPY.standard_normal(3)), "were drawn from Python's"),
        (lambda x: x * NUMPY.standard_normal(3), "were drawn from Python's"),
        (
            lambda x: x * torch.from_numpy(NUMPY.standard_normal(3)),
            "Python's or NumPy's own generator",
        ),
        (lambda x: x * np.full(3, len(LOG.append(0) or LOG)), "is not that of"),  # type: ignore
        (lambda x: x * random.random(), "were drawn from Python's"),
        (lambda x: x * np.random.rand(), "were drawn from Python's"),
        (lambda x: x * float(GENERATOR.rand((1,))[0]), "from a Generator itself"),
        (lambda x: GENERATOR.manual_seed(1) and x, "from a Generator itself"),
        (lambda x: torch.multinomial(x.softmax(0), 1), "multinomial can't be captured"),
        (lambda x: KEPT.append(x * 2), "is kept outside"),
        (lambda x: x.zero_(), "changes one of its arguments"),
        (lambda x: torch.allclose(x, x), "a number was read"),
    ],
)
def test_what_a_replay_could_not_follow_is_refused(
    function: Callable[..., Any], match: str
) -> None:
    with np.errstate(all="ignore"):
        refused(function, numbers(3), match=match)
    KEPT.clear()


def test_a_tensor_that_was_computed_outside_from_others() -> None:
    outside = W * 2
    refused(lambda x: (x * outside).sum(), numbers(3), match="computed outside")
    refused(lambda x: x.sum(), outside, match="has a history")


def test_two_views_of_one_memory() -> None:
    """Views of one Tensor are followed; what only NumPy made of one memory is refused."""

    def make() -> tuple[Callable[..., Any], list[Tensor]]:
        base = torch.arange(6.0)
        a, b = base[:4], base[2:]

        def function(x: Tensor) -> Any:
            a.mul_(x)
            b.add_(1)
            return a.sum() + b.prod(), base * 1

        return function, [base]

    side_by_side(make, [(numbers(4),) for _ in range(4)])
    array = np.zeros(6, dtype=np.float32)
    c, d = torch.from_numpy(array[:4]), torch.from_numpy(array[2:])
    refused(lambda: c.sum() + d.sum(), match="share some of their memory")


def test_another_array_is_put_in_the_place_of_a_tensors_own() -> None:
    w = parameter(3)
    captured = capture(lambda: setattr(w, "data", w.data * 2))
    captured()
    with pytest.raises(CaptureError, match="changes what it can read"):
        captured()


def test_arrays_that_stay_the_same_are_no_reason_to_refuse() -> None:
    function = capture(lambda x: x * torch.from_numpy(FIXED) + torch.tensor(np.arange(3)))
    for _ in range(4):
        x = numbers(3)
        same(function(x), x * torch.from_numpy(FIXED) + torch.tensor(np.arange(3)))
    assert len(function.tapes) == 1
    FIXED[...] += 1
    same(function(x), x * torch.from_numpy(FIXED) + torch.tensor(np.arange(3)))


def test_a_loss_that_is_not_scalar() -> None:
    function = capture(lambda x: x * W)
    function(numbers(3))
    with pytest.raises(RuntimeError, match="only for scalar outputs"):
        function(numbers(3)).backward()
    with pytest.raises(CaptureError, match="only a result of one number"):
        function(numbers(3)).sum().backward()
    with pytest.raises(RuntimeError, match="only for scalar outputs"):
        capture(lambda x: (x * W).backward())(numbers(3))


def test_each_loss_has_its_own_gradients() -> None:
    function = capture(lambda x: (x * W).sum())
    batches = [numbers(3) for _ in range(5)]
    losses = [function(x) for x in batches]
    for loss, x in zip(losses, batches, strict=True):
        W.grad = None
        loss.backward(retain_graph=True)
        same(W.grad, x)
    with pytest.raises(CaptureError, match="gradients of gradients"):
        losses[2].backward(create_graph=True)
    W.grad = None


def test_a_condition_that_holds_no_longer() -> None:
    table = parameter(4, 2)
    function = capture(lambda ix: F.embedding(ix, table))
    function(torch.tensor([0, 3]))
    with pytest.raises(IndexError, match="numbers from 0 to 3 were wanted"):
        function(torch.tensor([0, -1]))
    with pytest.raises(IndexError, match="numbers from 0 to 3 were wanted"):
        function(torch.tensor([0, 4]))
    loss = capture(lambda y: F.cross_entropy(table, y))
    loss(torch.tensor([0, 1, 0, 1]))
    ignoring = torch.tensor([0, -100, 0, 1])
    same(loss(ignoring).detach(), F.cross_entropy(table, ignoring).detach())
    same(function(torch.tensor([1, 2])).detach(), table[1:3].detach())


def test_an_error_inside_is_the_functions_own() -> None:
    function = capture(lambda x: x @ W.reshape(3, 1) @ x)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        function(numbers(2, 3))
    same(W.data * 1, W.detach())
