"""The same steps, states and refusals as torch.optim."""

import warnings
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch as ours
from moreish import capture

START = np.random.default_rng(0).standard_normal((3, 4))
MOMENTUM = {"lr": 0.01, "momentum": 0.9}
CASES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {**MOMENTUM, "dampening": 0.3}),
    ("SGD", {**MOMENTUM, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {**MOMENTUM, "dampening": 0.5, "maximize": True, "weight_decay": 2.0}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.01, "betas": (0.8, 0.99), "weight_decay": 0.3, "eps": 1e-6}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "maximize": True, "weight_decay": 10.0}),
    ("Adam", {"lr": 0.1, "betas": (0.0, 0.3), "amsgrad": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.3, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.01, "betas": (0.8, 0.99), "weight_decay": 0.3, "eps": 1e-6}),
    ("AdamW", {"lr": 0.1, "amsgrad": True, "maximize": True, "foreach": False}),
]
every_case = pytest.mark.parametrize(("name", "options"), CASES)


def loss_of(x: Any) -> Any:
    """A curve with a bend, so that gradients grow and shrink on the way."""
    return (x * x * x * x - 3 * x * x + x).sum()


def moved(lib: Any, x: Any, optimizer: Any) -> None:
    optimizer.zero_grad()
    loss_of(x).backward()
    optimizer.step()


def plain(thing: Any) -> Any:
    """A state as numbers, texts and lists, to be compared across the libraries."""
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [plain(value) for value in thing]
    if hasattr(thing, "numpy"):
        return [str(thing.dtype), list(thing.shape), thing.detach().numpy().ravel().tolist()]
    return thing


def agree(a: Any, b: Any) -> None:
    """The same keys and texts, and numbers to 1e-12."""
    assert type(a) is type(b), (a, b)
    if isinstance(a, dict):
        assert set(a) == set(b)
        agree([a[key] for key in a], [b[key] for key in a])
    elif isinstance(a, list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            agree(x, y)
    else:
        assert a == (pytest.approx(b, rel=1e-12, abs=1e-300) if isinstance(b, float) else b)


def both(run: Any) -> None:
    """What `run` gives of each library agrees."""
    agree(plain(run(ours)), plain(run(torch)))


@every_case
def test_twenty_steps_are_pytorchs(name: str, options: dict) -> None:
    def run(lib: Any) -> Any:
        x = lib.tensor(START.copy(), requires_grad=True)
        optimizer = getattr(lib.optim, name)([x], **options)
        for _ in range(20):
            moved(lib, x, optimizer)
        return x, optimizer.state_dict(), repr(optimizer)

    both(run)


@every_case
def test_groups_and_rates_that_change(name: str, options: dict) -> None:
    """Groups with own options, a parameter that has a gradient at times, a scheduler."""

    def run(lib: Any) -> Any:
        xs = [lib.tensor(START[i].copy(), requires_grad=True) for i in range(3)]
        last = lib.tensor(START[0] * 2, requires_grad=True)
        groups = [{"params": [xs[0]], "lr": 0.02, "weight_decay": 0.2}, {"params": xs[1:]}]
        optimizer = getattr(lib.optim, name)(groups, **options)
        optimizer.add_param_group({"params": last, "lr": 0.03})
        scheduler = lib.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
        for step in range(20):
            optimizer.zero_grad(set_to_none=step % 2 == 0)
            for i, x in enumerate([*xs, last]):
                if (step + i) % 3 or i == 3:
                    loss_of(x).backward()
            optimizer.step()
            scheduler.step()
        return xs, last, optimizer.state_dict(), scheduler.get_last_lr()

    both(run)


@every_case
def test_a_state_goes_on_in_another_optimizer(name: str, options: dict) -> None:
    def run(lib: Any) -> Any:
        x = lib.tensor(START.copy(), requires_grad=True)
        first = getattr(lib.optim, name)([x], **{**options, "lr": 0.02})
        for _ in range(7):
            moved(lib, x, first)
        kept = deepcopy(first.state_dict())
        y = lib.tensor(x.detach().numpy().copy(), requires_grad=True)
        second = getattr(lib.optim, name)([y])
        second.load_state_dict(kept)
        for _ in range(7):
            moved(lib, x, first)
            moved(lib, y, second)
        assert x.tolist() == y.tolist()
        return y, second.state_dict()

    both(run)


@every_case
def test_what_pytorch_kept_goes_on_here(name: str, options: dict) -> None:
    theirs = torch.tensor(START, requires_grad=True)
    reference = getattr(torch.optim, name)([theirs], **options)
    for _ in range(5):
        moved(torch, theirs, reference)
    x = ours.tensor(theirs.detach().numpy().copy(), requires_grad=True)
    optimizer = getattr(ours.optim, name)([x])
    kept = reference.state_dict()
    for state in kept["state"].values():
        state.update({k: ours.from_numpy(v.numpy().copy()) for k, v in state.items()})
    optimizer.load_state_dict(kept)
    reference.load_state_dict(
        {**kept, "state": {i: {k: torch.tensor(v.numpy()) for k, v in own.items()}
                           for i, own in kept["state"].items()}}
    )  # fmt: skip
    for _ in range(5):
        moved(torch, theirs, reference)
        moved(ours, x, optimizer)
    np.testing.assert_allclose(x.detach().numpy(), theirs.detach().numpy(), rtol=1e-12)


@every_case
def test_a_recorded_step_is_the_eager_one(name: str, options: dict) -> None:
    """To the bit, also after an option that decides the operations, or the state, is another."""

    def run(wrap: Any) -> Any:
        x = ours.tensor(START.copy(), requires_grad=True)
        optimizer = getattr(ours.optim, name)([x], **options)
        step = wrap(lambda: moved(ours, x, optimizer))
        trace = []
        for i in range(20):
            optimizer.param_groups[0]["lr"] = 0.01 / (i + 1)
            if i == 6:
                kept = optimizer.state_dict()
            if i in (10, 14):
                optimizer.param_groups[0]["maximize"] ^= True
            if i == 12:
                optimizer.load_state_dict(kept)
            step()
            trace.append(x.tolist())
        return trace, plain(optimizer.state_dict())

    assert run(capture) == run(lambda function: function)


def test_momentum_that_begins_later_and_cycles() -> None:
    def run(lib: Any) -> Any:
        x = lib.tensor(START.copy(), requires_grad=True)
        optimizer = lib.optim.SGD([x], lr=0.01, dampening=0.3)
        for step in range(20):
            if step == 4:
                make = lib.optim.lr_scheduler.OneCycleLR
                scheduler = make(optimizer, 0.02, total_steps=15)
            moved(lib, x, optimizer)
            if step > 4:
                scheduler.step()
        return x, optimizer.state_dict()

    both(run)


def test_a_closure_computes_the_loss_again() -> None:
    def run(lib: Any) -> Any:
        x = lib.tensor(START.copy(), requires_grad=True)
        optimizer = lib.optim.SGD([x], lr=0.1)

        def closure() -> Any:
            optimizer.zero_grad()
            loss = loss_of(x)
            loss.backward()
            return loss.detach()

        with lib.no_grad():
            return [optimizer.step(closure) for _ in range(3)], optimizer.step(), x

    both(run)


@pytest.mark.parametrize("to_none", [True, False])
def test_gradients_are_forgotten_or_set_to_zero(to_none: bool) -> None:
    for lib in (ours, torch):
        x, unused = (lib.tensor([1.0], requires_grad=True) for _ in range(2))
        (x * 2).sum().backward()
        lib.optim.SGD([x, unused], lr=0.1).zero_grad(set_to_none=to_none)
        assert unused.grad is None
        assert x.grad is None if to_none else x.grad.item() == 0


def test_parameters_with_names() -> None:
    def run(lib: Any) -> Any:
        x = lib.tensor(START.copy(), requires_grad=True)
        optimizer = lib.optim.SGD([("weight", x)], lr=0.1)
        moved(lib, x, optimizer)
        return x, optimizer.state_dict()

    both(run)


def test_an_optimizer_of_ones_own_keeps_tensors() -> None:
    def run(lib: Any) -> Any:
        class Signs(lib.optim.Optimizer):
            def __init__(self, params: Any, lr: float = 0.1) -> None:
                super().__init__(params, {"lr": lr})

            def step(self) -> None:
                for group in self.param_groups:
                    for x in group["params"]:
                        self.state[x]["step"] = self.state[x].get("step", 0) + 1
                        self.state[x]["last"] = x.grad.sign()
                        x.data -= group["lr"] * self.state[x]["last"] / self.state[x]["step"]

        x = lib.tensor(START.copy(), requires_grad=True)
        optimizer = Signs([x])
        for _ in range(3):
            moved(lib, x, optimizer)
        again = Signs([x], lr=3.0)
        again.load_state_dict(optimizer.state_dict())
        moved(lib, x, again)
        return x, again.state_dict()

    both(run)


def leaf(lib: Any) -> Any:
    return lib.tensor([1.0], requires_grad=True)


def one(lib: Any) -> Any:
    return lib.optim.SGD([leaf(lib)], lr=0.1)


def stepped(lib: Any, name: str, size: int) -> Any:
    x = lib.ones(size, requires_grad=True)
    optimizer = getattr(lib.optim, name)([x])
    moved(lib, x, optimizer)
    return optimizer


@pytest.mark.parametrize(
    "refused",
    [
        lambda lib: lib.optim.SGD([], lr=0.1),
        lambda lib: lib.optim.SGD(leaf(lib), lr=0.1),
        lambda lib: lib.optim.SGD({leaf(lib)}, lr=0.1) and lib.optim.SGD(3),
        lambda lib: lib.optim.SGD([{"params": {leaf(lib)}}]),
        lambda lib: lib.optim.SGD([1.0]),
        lambda lib: lib.optim.SGD([leaf(lib) * 2]),
        lambda lib: lib.optim.SGD([("a", leaf(lib)), leaf(lib)]),
        lambda lib: lib.optim.SGD([{"params": [("a", leaf(lib))]}, {"params": [leaf(lib)]}]),
        lambda lib: lib.optim.SGD([leaf(lib)], lr=-1),
        lambda lib: lib.optim.SGD([leaf(lib)], momentum=-1),
        lambda lib: lib.optim.SGD([leaf(lib)], weight_decay=-1),
        lambda lib: lib.optim.SGD([leaf(lib)], nesterov=True),
        lambda lib: lib.optim.SGD([leaf(lib)], nesterov=True, momentum=0.9, dampening=0.1),
        lambda lib: lib.optim.SGD([leaf(lib)], 0.1, 0.9, 0.0, 0.0, False, False),
        lambda lib: lib.optim.Adam([leaf(lib)], lr=-1),
        lambda lib: lib.optim.Adam([leaf(lib)], eps=-1),
        lambda lib: lib.optim.Adam([leaf(lib)], weight_decay=-1),
        lambda lib: lib.optim.Adam([leaf(lib)], betas=(0.9, 1.0)),
        lambda lib: lib.optim.Adam([leaf(lib)], betas=(-0.1, 0.9)),
        lambda lib: lib.optim.Adam([leaf(lib)], betas=(0, 0.9)),
        lambda lib: lib.optim.AdamW([leaf(lib)], decoupled_weight_decay=False),
        lambda lib: lib.optim.AdamW([leaf(lib)], learning_rate=0.1),
        lambda lib: one(lib).add_param_group([leaf(lib)]),
        lambda lib: [lib.optim.SGD([{"params": [x]}, {"params": [x]}]) for x in [leaf(lib)]],
        lambda lib: one(lib).load_state_dict({"state": {}, "param_groups": []}),
        lambda lib: one(lib).load_state_dict(
            lib.optim.SGD([leaf(lib), leaf(lib)]).state_dict()
        ),
        lambda lib: lib.optim.lr_scheduler.StepLR([leaf(lib)], 2),
        lambda lib: lib.optim.lr_scheduler.StepLR(one(lib), 2, last_epoch=3),
        lambda lib: lib.optim.lr_scheduler.LambdaLR(one(lib), [abs, abs]),
        lambda lib: lib.optim.lr_scheduler.LinearLR(one(lib), start_factor=0),
        lambda lib: lib.optim.lr_scheduler.LinearLR(one(lib), end_factor=2),
        lambda lib: lib.optim.lr_scheduler.ConstantLR(one(lib), factor=2),
        lambda lib: lib.optim.lr_scheduler.OneCycleLR(one(lib), 0.1),
        lambda lib: lib.optim.lr_scheduler.OneCycleLR(one(lib), 0.1, total_steps=0),
        lambda lib: lib.optim.lr_scheduler.OneCycleLR(one(lib), 0.1, epochs=3),
        lambda lib: lib.optim.lr_scheduler.OneCycleLR(one(lib), [0.1, 0.2], 9),
        lambda lib: lib.optim.lr_scheduler.OneCycleLR(one(lib), 0.1, 9, pct_start=1),
        lambda lib: lib.optim.lr_scheduler.OneCycleLR(one(lib), 0.1, 9, anneal_strategy="sin"),
        lambda lib: [
            [s.optimizer.step(), s.step()]
            for s in [lib.optim.lr_scheduler.OneCycleLR(one(lib), 0.1, 3)]
            for _ in range(5)
        ],
    ],
)  # fmt: skip
def test_both_refuse(refused: Any) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)) as theirs:
        refused(torch)
    with pytest.raises(theirs.type):
        refused(ours)


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_a_state_of_other_sizes_is_refused(name: str) -> None:
    """PyTorch takes it, and fails at the next step."""
    kept = stepped(ours, name, 3).state_dict()
    optimizer = stepped(ours, name, 2)
    with pytest.raises(ValueError, match=r"exp_avg has the shape \[3\], and its parameter has"):
        optimizer.load_state_dict(kept)
    with pytest.raises(ValueError, match="no exp_avg, exp_avg_sq"):
        optimizer.load_state_dict({**kept, "state": {0: {}}})
    with pytest.raises(ValueError, match="capturable=True is not supported"):
        getattr(ours.optim, name)([leaf(ours)], capturable=True)


def a_function(epoch: int) -> float:
    return 1 / (epoch + 2)


SCHEDULERS = [
    lambda m, o: m.LambdaLR(o, a_function),
    lambda m, o: m.LambdaLR(o, [a_function, lambda epoch: 0.95**epoch]),
    lambda m, o: m.StepLR(o, 3),
    lambda m, o: m.StepLR(o, step_size=5, gamma=0.7),
    lambda m, o: m.MultiStepLR(o, [2, 2, 7], gamma=0.3),
    lambda m, o: m.ConstantLR(o, factor=0.3, total_iters=4),
    lambda m, o: m.LinearLR(o),
    lambda m, o: m.LinearLR(o, 0.1, 0.7, total_iters=11),
    lambda m, o: m.ExponentialLR(o, 0.9),
    lambda m, o: m.CosineAnnealingLR(o, T_max=7),
    lambda m, o: m.CosineAnnealingLR(o, 20, eta_min=0.01),
    lambda m, o: m.OneCycleLR(o, 0.5, total_steps=30, cycle_momentum=False),
    lambda m, o: m.OneCycleLR(o, [0.5, 0.1], epochs=6, steps_per_epoch=5, three_phase=True),
    lambda m, o: m.OneCycleLR(o, 0.5, 31, pct_start=0.45, anneal_strategy="linear"),
]


@pytest.mark.parametrize("make", SCHEDULERS)
@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_schedules_are_pytorchs(make: Any, name: str) -> None:
    """Every rate to the last bit, also after a rate was set by hand, and where another goes on."""

    def run(lib: Any) -> Any:
        groups = [{"params": [leaf(lib)]}, {"params": [leaf(lib)], "lr": 0.3}]
        optimizer = getattr(lib.optim, name)(groups, lr=0.1)
        scheduler = make(lib.optim.lr_scheduler, optimizer)
        seen = []

        def advance() -> None:
            optimizer.step()
            scheduler.step()
            rates = [group["lr"] for group in optimizer.param_groups]
            assert rates == scheduler.get_last_lr()
            seen.append((rates, dict(scheduler.state_dict())))

        for _ in range(15):
            advance()
        optimizer.param_groups[0]["lr"] = 0.2
        for _ in range(5):
            advance()
        kept, rates = scheduler.state_dict(), optimizer.state_dict()
        scheduler = make(lib.optim.lr_scheduler, optimizer)
        scheduler.load_state_dict(kept)
        optimizer.load_state_dict(rates)
        for _ in range(10):
            advance()
        return seen, optimizer.state_dict()["param_groups"]

    assert run(ours) == run(torch)


def test_a_scheduler_that_goes_on_at_an_epoch() -> None:
    def run(lib: Any) -> Any:
        group = {"params": [leaf(lib)], "initial_lr": 0.5}
        made = []
        for make in (
            lambda o: lib.optim.lr_scheduler.StepLR(o, 4, last_epoch=3),
            lambda o: lib.optim.lr_scheduler.ExponentialLR(o, 0.5, last_epoch=3),
            lambda o: lib.optim.lr_scheduler.CosineAnnealingLR(o, 9, last_epoch=3),
            lambda o: lib.optim.lr_scheduler.LinearLR(o, last_epoch=3),
            lambda o: lib.optim.lr_scheduler.LambdaLR(o, a_function, last_epoch=3),
        ):
            optimizer = lib.optim.SGD([dict(group)], lr=0.1)
            scheduler = make(optimizer)
            first = scheduler.get_last_lr()
            optimizer.step()
            scheduler.step()
            made.append((first, scheduler.get_last_lr(), scheduler.base_lrs))
        return made

    assert run(ours) == run(torch)


def test_an_object_as_a_function_keeps_what_it_holds() -> None:
    class Slower:
        def __init__(self, rate: float) -> None:
            self.rate = rate

        def __call__(self, epoch: int) -> float:
            return self.rate**epoch

    def run(lib: Any) -> Any:
        kept = lib.optim.lr_scheduler.LambdaLR(one(lib), Slower(0.5)).state_dict()
        optimizer = one(lib)
        scheduler = lib.optim.lr_scheduler.LambdaLR(optimizer, Slower(0.1))
        scheduler.load_state_dict(kept)
        optimizer.step()
        scheduler.step()
        return kept, scheduler.get_last_lr(), scheduler.state_dict()

    assert run(ours) == run(torch)


@pytest.mark.parametrize("lib", [ours, torch])
def test_what_is_out_of_order_is_warned_of(lib: Any) -> None:
    optimizer = one(lib)
    scheduler = lib.optim.lr_scheduler.StepLR(optimizer, 3)
    with pytest.warns(UserWarning, match=r"optimizer\.step\(\)"):
        scheduler.step()
    scheduler.step()
    with pytest.warns(UserWarning, match="get_last_lr"):
        scheduler.get_lr()
    x = leaf(lib)
    with pytest.warns(UserWarning, match="parameter"):
        lib.optim.SGD([x, x], lr=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.step()
        lib.optim.lr_scheduler.StepLR(optimizer, 3).step()
