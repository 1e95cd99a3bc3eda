"""Calls of a captured function and of the function itself, side by side, with changes between."""

from collections.abc import Callable
from functools import partialmethod, wraps
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
import moreish.torch.nn.functional as F
from moreish.recording import CaptureError, capture
from moreish.torch import Tensor, nn
from moreish.torch.optim import SGD, Adam

# Each makes (function, arguments of call i, what changes before call i, the Tensors to compare).
Case = tuple[Callable[..., Any], Callable[[int], Any], Callable[[int], Any], list[Tensor]]
DATA = np.random.default_rng(1)
BATCHES = [torch.tensor(DATA.standard_normal((50, 12)).astype(np.float32)) for _ in range(12)]
SCALE = 1.0


def nothing(_: int) -> None:
    pass


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer, self.scale, self.extra = nn.Linear(12, 4), {"k": 1.0}, []

    def helped(self) -> float:
        return 1.0

    def by(self, k: float) -> float:
        return k

    once = partialmethod(by, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        more = sum(self.extra)
        return self.layer(x) * SCALE * self.scale["k"] * self.helped() * self.once() + more


def in_forward(change: Callable[[Net], Any]) -> Case:
    torch.manual_seed(1)
    net = Net()

    def before(i: int) -> None:
        if i == 6:
            change(net)

    return lambda x: net(x).detach(), lambda i: (BATCHES[i],), before, []


def a_global_in_forward() -> Case:
    return in_forward(lambda _: globals().update(SCALE=5.0))


def a_dict_in_forward() -> Case:
    return in_forward(lambda net: net.scale.update(k=3.0))


def another_helper() -> Case:
    return in_forward(lambda net: setattr(net, "helped", lambda: 2.0))


def another_forward() -> Case:
    return in_forward(lambda net: setattr(net, "forward", lambda x: x * 2))


def another_partial_method() -> Case:
    return in_forward(lambda net: setattr(net, "once", lambda: 7.0))


def a_list_that_was_empty() -> Case:
    return in_forward(lambda net: net.extra.append(1.0))


def a_norm_of_gradients() -> Case:
    torch.manual_seed(0)
    w = torch.randn(7, 12, requires_grad=True)

    def function(x: Tensor) -> Any:
        w.grad = None
        h = x @ w.T
        (h * h).sum().backward()
        return (w.grad * w.grad).sum()

    return function, lambda i: (BATCHES[i],), nothing, [w]


def arguments_that_are_turned() -> Case:
    turned = [x if i % 3 else x.t().contiguous().t() for i, x in enumerate(BATCHES)]
    return lambda x: (x.sum(0), x.t() * 2), lambda i: (turned[i],), nothing, []


def a_rate_that_the_users_code_reads() -> Case:
    w = torch.ones(12, requires_grad=True)
    optimizer = SGD([w], lr=0.1)

    def function(x: Tensor) -> None:
        w.grad = None
        (w * x).sum().backward()
        w.data -= optimizer.param_groups[0]["lr"] * w.grad

    def before(i: int) -> None:
        optimizer.param_groups[0]["lr"] = 0.1 if i < 6 else 0.01 * i

    return function, lambda i: (BATCHES[i],), before, [w]


def an_optimizer_of_ones_own() -> Case:
    class Own(torch.optim.Optimizer):
        def step(self, closure: Any = None) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    p.data -= group["lr"] * self.beta * p.grad

    w = torch.ones(12, requires_grad=True)
    optimizer: Any = Own([w], {"lr": 0.1})
    optimizer.beta = 0.5

    def function(x: Tensor) -> None:
        optimizer.zero_grad()
        (w * x).sum().backward()
        optimizer.step()

    def before(i: int) -> None:
        optimizer.param_groups[0]["lr"] = 0.1 if i < 6 else 0.2
        optimizer.beta = 0.5 if i < 9 else 0.7

    return function, lambda i: (BATCHES[i],), before, [w]


def a_wrapper_of_a_librarys_function() -> Case:
    held = [1.0]

    @wraps(F.mse_loss)
    def scaled(a: Tensor, b: Tensor) -> Tensor:
        return F.mse_loss(a, b) * held[0]

    def before(i: int) -> None:
        held[0] = 1.0 if i < 6 else 2.0

    return lambda x: scaled(x, x * 2), lambda i: (BATCHES[i],), before, []


def a_target_that_is_ignored() -> Case:
    torch.manual_seed(0)
    w = torch.randn(12, 4, requires_grad=True)
    optimizer = Adam([w], lr=0.1)

    def function(x: Tensor, y: Tensor) -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(x @ w, y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    targets = [torch.tensor([-100 if i in (4, 7) and k == 3 else k % 4 for k in range(50)])
               for i in range(12)]  # fmt: skip
    return function, lambda i: (BATCHES[i], targets[i]), nothing, [w]


def what_it_was_before() -> Case:
    w, v = torch.zeros(50, 12), torch.ones(50, 12)

    def function(x: Tensor) -> Any:
        old, row = w.clone(), w[0]
        w.add_(x)
        old_of_v = v.clone()
        v.copy_(w)
        return old, row.clone(), old_of_v, w[1] * 1

    return function, lambda i: (BATCHES[i] * (i > 3),), nothing, [w, v]


def two_that_change_places() -> Case:
    w, v = torch.zeros(50, 12), torch.ones(50, 12)

    def function(x: Tensor) -> Any:
        w.add_(x)
        old = w.clone()
        w.copy_(v)
        v.copy_(old)
        return old

    return function, lambda i: (BATCHES[i],), nothing, [w, v]


def gradients_that_are_set() -> Case:
    w, v, u = (torch.ones(50, 12, requires_grad=True) for _ in range(3))

    def function(x: Tensor) -> Any:
        w.grad = torch.ones(50, 12)
        v.grad = x
        u.grad = w.detach().clone()
        w.data.add_(x)
        return x * 2

    def before(i: int) -> None:
        if i > 2:
            w.grad *= 0.5  # type: ignore[operator]

    return function, lambda i: (BATCHES[i],), before, [w, v, u]


def gradients_that_are_read() -> Case:
    torch.manual_seed(0)
    w = torch.randn(12, 4, requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.9)

    def function(x: Tensor) -> Any:
        norm = w.grad.norm()  # type: ignore[union-attr]
        w.grad.mul_(1 / (norm + 1))  # type: ignore[union-attr]
        optimizer.step()
        return norm

    def before(i: int) -> None:
        w.grad = BATCHES[i][:12, :4].clone()

    return function, lambda i: (BATCHES[i],), before, [w]


def gradients_that_add_up() -> Case:
    torch.manual_seed(0)
    w = torch.randn(12, 4, requires_grad=True)

    def function(x: Tensor) -> Any:
        loss = ((x @ w) ** 2).mean()
        loss.backward()
        return loss.detach()

    def before(i: int) -> None:
        if i % 4 == 0:
            w.grad = None

    return function, lambda i: (BATCHES[i],), before, [w]


def an_order_that_is_drawn() -> Case:
    g = torch.Generator().manual_seed(3)
    return (
        lambda x: x[torch.randperm(50, generator=g)[:7]],
        lambda i: (BATCHES[i],),
        nothing,
        [],
    )


def the_gradient_of_an_argument() -> Case:
    def function(x: Tensor) -> Any:
        z = x.clone().requires_grad_()
        torch.tanh(z).sum().backward()
        return z.grad

    return function, lambda i: (BATCHES[i],), nothing, []


def views_by_name() -> Case:
    torch.manual_seed(2)
    turned, part, (first, _) = (
        torch.randn(3, 12).t(),
        torch.randn(99)[2:14],
        torch.randn(24).split(12),
    )
    return lambda x: x @ turned + (part * first).sum(), lambda i: (BATCHES[i],), nothing, []


CASES = [
    a_global_in_forward, a_dict_in_forward, another_helper, another_forward, another_partial_method,
    a_list_that_was_empty, a_norm_of_gradients, arguments_that_are_turned,
    a_rate_that_the_users_code_reads, an_optimizer_of_ones_own, a_wrapper_of_a_librarys_function,
    a_target_that_is_ignored, what_it_was_before, two_that_change_places, gradients_that_are_set,
    gradients_that_are_read, gradients_that_add_up, an_order_that_is_drawn,
    the_gradient_of_an_argument, views_by_name,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _scale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "SCALE", 1.0)


def flat(thing: Any) -> list[Any]:
    if isinstance(thing, tuple):
        return [x for part in thing for x in flat(part)]
    return [thing.detach().numpy().copy() if isinstance(thing, Tensor) else thing]


def told(make: Callable[[], Case], wrap: Callable[..., Any]) -> tuple[list[Any], Any]:
    """What each call gives and leaves."""
    globals()["SCALE"] = 1.0
    function, arguments, before, tensors = make()
    called, found = wrap(function), []
    for i in range(12):
        before(i)
        own = flat(called(*arguments(i)))
        own += [flat(x if x is None else x.grad if k else x) for x in tensors for k in (0, 1)]
        found.append(own)
    return found, called


@pytest.mark.parametrize("make", CASES)
def test_each_call_gives_and_leaves_what_the_function_does(make: Callable[[], Case]) -> None:
    wanted, _ = told(make, lambda function: function)
    found, captured = told(make, capture)
    for i, (own, theirs) in enumerate(zip(found, wanted, strict=True)):
        for a, b in zip(own, theirs, strict=True):
            np.testing.assert_equal(a, b, err_msg=f"at call {i + 1}")
    recordings = sum(len(own) for own in captured.recordings.values())
    assert 1 <= recordings <= (7 if make is a_rate_that_the_users_code_reads else 3)


def test_scan_with_conditions_options_and_what_lies_outside() -> None:
    table = torch.tensor(DATA.standard_normal((12, 4)).astype(np.float32))
    X = torch.stack(BATCHES)
    Y = torch.tensor([[-100 if i in (4, 9) and k == 3 else k % 4 for k in range(50)]
                      for i in range(12)])  # fmt: skip

    def loss(x: Tensor, y: Tensor, *, k: Tensor) -> Tensor:
        return F.cross_entropy(x @ table, y) * k

    k = torch.tensor(2.0)
    wanted = [loss(x, y, k=k).item() for x, y in zip(X, Y, strict=True)]
    assert capture(loss).scan(X, Y, k=k).tolist() == wanted
    with pytest.raises(CaptureError, match=r"return its clone\(\)"):
        capture(lambda x: table).scan(X)
    with pytest.raises(CaptureError, match="wants a function that gives one Value"):
        capture(lambda x: 3.0).over([1.0, 2.0])
