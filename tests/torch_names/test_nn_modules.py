"""Module: each line runs through torch.nn too."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch
from moreish import capture
from torch_names.alike import LIBRARIES, check, numbers, weighted


def network(t: Any) -> Any:
    """One of each: modules in modules and lists, shared ones, tied weights, buffers, None."""
    nn = t.nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(t.ones(2))
            self.first = nn.Linear(2, 3)
            self.register_buffer("mask", t.tril(t.ones(2, 2)))
            self.register_buffer("scratch", t.zeros(2), persistent=False)
            self.register_buffer("nothing", None)
            self.register_parameter("later", None)
            self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(3, 3), nn.Tanh())] * 2)
            self.named = nn.ModuleDict({"norm": nn.BatchNorm1d(3), "act": nn.ReLU()})
            self.again = self.first
            self.head = nn.Linear(2, 3, bias=False)
            self.head.weight = self.first.weight
            self.lost = [nn.Linear(2, 2), nn.Parameter(t.ones(1))]
            self.absent = None
            self.size = 3

        def forward(self, x: Any) -> Any:
            x = self.first(x * self.scale)
            for block in self.blocks:
                x = block(x)
            return self.named["act"](self.named["norm"](x)) + self.head.weight.sum()

    return weighted(t, Net())


def tell(pairs: Any) -> list[Any]:
    return [(name, type(thing).__name__, getattr(thing, "shape", None)) for name, thing in pairs]


def assign(name: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A network after an assignment: what it holds now, in order."""

    def run(t: Any) -> Any:
        net = network(t)
        setattr(net, name, make(t))
        return [
            [key for key, _ in find()]
            for find in (net.named_parameters, net.named_buffers, net.named_children)
        ] + [list(net.state_dict()), name in vars(net)]

    return run


def delete(name: str) -> Callable[[Any], Any]:
    def run(t: Any) -> Any:
        net = network(t)
        delattr(net, name)
        return list(net.state_dict()), hasattr(net, name), [k for k, _ in net.named_buffers()]

    return run


FOUND: list[Callable[[Any], Any]] = [
    repr,
    lambda net: tell(net.named_parameters()),
    lambda net: tell(net.named_parameters("net")),
    lambda net: tell(net.named_parameters(prefix="net", recurse=False)),
    lambda net: tell(net.named_parameters(remove_duplicate=False)),
    lambda net: [tuple(p.shape) for p in net.parameters()],
    lambda net: [tuple(p.shape) for p in net.parameters(recurse=False)],
    lambda net: sum(p.numel() for p in net.parameters()),
    lambda net: tell(net.named_buffers()),
    lambda net: tell(net.named_buffers("net", remove_duplicate=False)),
    lambda net: [tuple(b.shape) for b in net.buffers()],
    lambda net: tell(net.named_children()),
    lambda net: [type(m).__name__ for m in net.children()],
    lambda net: tell(net.named_modules()),
    lambda net: tell(net.named_modules(prefix="net", remove_duplicate=False)),
    lambda net: [type(m).__name__ for m in net.modules()],
    lambda net: net.state_dict(),
    lambda net: net.state_dict(prefix="net."),
    lambda net: tell(net.state_dict(keep_vars=True).items()),
    lambda net: tell(net.state_dict().items()),
    lambda net: {m.training for m in net.modules()},
    lambda net: [m.training for m in net.eval().modules()],
    lambda net: [m.training for m in net.eval().train().modules()],
    lambda net: [m.training for m in net.train(False).modules()],
    lambda net: net.train(1),
    lambda net: tell(net.double().state_dict().items()),
    lambda net: [str(x.dtype) for x in net.double().float().double().state_dict().values()],
    lambda net: {name for name in dir(net) if name in ("scale", "mask", "first", "forward")},
    lambda net: (net.later, net.nothing, net.absent, net.size),
    lambda net: net.nowhere,
    lambda net: [p.requires_grad for p in net.requires_grad_(False).parameters()],
    lambda net: net.register_buffer("first", net.mask),
    lambda net: net.register_buffer("a.b", net.mask),
    lambda net: net.register_buffer("", net.mask),
    lambda net: net.register_buffer(3, net.mask),
    lambda net: net.register_buffer("new", 3),
    lambda net: (net.register_buffer("scratch", net.mask), list(net.state_dict())),
    lambda net: net.register_parameter("new", net.mask),
    lambda net: net.register_parameter("mask", net.scale),
    lambda net: net.register_parameter("train", net.scale),
    lambda net: (net.register_parameter("later", net.scale), tell(net.named_parameters())),
    lambda net: (net.add_module("new", net.first), tell(net.named_modules())),
    lambda net: (net.register_module("new", None), tell(net.named_modules())),
    lambda net: net.add_module("a.b", net.first),
    lambda net: net.add_module("scale", net.first),
    lambda net: net.add_module("new", 3),
    lambda net: net.first.load_state_dict(net.state_dict()),
    lambda net: net.load_state_dict([1]),
    lambda net: tuple(net.blocks.load_state_dict({"w": 1}, strict=False)),
    lambda net: repr(net.blocks.load_state_dict({"w": 1}, strict=False)),
    lambda net: repr(net.load_state_dict(net.state_dict())),
    lambda net: net.load_state_dict({**net.state_dict(), "scale": 3}),
    lambda net: net.load_state_dict({**net.state_dict(), "scale": net.mask}, strict=False),
    lambda net: net.named["nothing"],
    lambda net: len(net.named),
    lambda net: [type(m).__name__ for m in copy.deepcopy(net).modules()],
    lambda net: tell(copy.deepcopy(net).named_parameters()),
    lambda net: net.head.forward(net.mask),
    lambda net: net.to("cpu") is net,
    lambda net: net.to(device="cpu") is net,
    lambda net: net.to("cpu", non_blocking=True) is net,
]


@pytest.mark.parametrize("number", range(len(FOUND)))
def test_what_is_found(number: int) -> None:
    check(lambda t: FOUND[number](network(t)), exact=True)


CHANGED: list[Callable[[Any], Any]] = [
    assign("scale", lambda t: t.nn.Parameter(t.zeros(5))),
    assign("scale", lambda t: None),
    assign("scale", lambda t: t.ones(2)),
    assign("scale", lambda t: t.nn.Linear(2, 2)),
    assign("first", lambda t: t.nn.Tanh()),
    assign("first", lambda t: None),
    assign("first", lambda t: 3),
    assign("first", lambda t: t.nn.Parameter(t.ones(1))),
    assign("mask", lambda t: t.ones(7)),
    assign("mask", lambda t: None),
    assign("mask", lambda t: 3),
    assign("mask", lambda t: t.nn.Linear(1, 1)),
    assign("mask", lambda t: t.nn.Parameter(t.ones(1))),
    assign("scratch", lambda t: t.ones(7)),
    assign("scratch", lambda t: t.nn.Parameter(t.ones(1))),
    assign("absent", lambda t: t.nn.Parameter(t.ones(1))),
    assign("size", lambda t: t.nn.Tanh()),
    assign("new", lambda t: t.ones(2)),
    assign("later", lambda t: t.nn.Parameter(t.ones(1))),
    assign("later", lambda t: 3),
    assign("nothing", lambda t: t.ones(1)),
    delete("scale"),
    delete("first"),
    delete("mask"),
    delete("scratch"),
    delete("size"),
    delete("nowhere"),
]


@pytest.mark.parametrize("number", range(len(CHANGED)))
def test_assignment_and_deletion(number: int) -> None:
    check(CHANGED[number])


def hasty(t: Any, make: Callable[[Any], Any]) -> Any:
    class Hasty(t.nn.Module):
        def __init__(self) -> None:
            self.size = 3
            make(self)
            super().__init__()

    return list(Hasty().state_dict())


@pytest.mark.parametrize(
    "make",
    [
        lambda t: lambda self: setattr(self, "a", t.nn.Linear(2, 2)),
        lambda t: lambda self: setattr(self, "a", t.nn.Parameter(t.ones(2))),
        lambda t: lambda self: self.register_buffer("a", t.ones(2)),
        lambda t: lambda self: self.register_parameter("a", None),
        lambda t: lambda self: None,
    ],
)
def test_before_super_init(make: Callable[[Any], Any]) -> None:
    check(lambda t: hasty(t, make(t)))


def test_init_by_apply_in_the_same_order() -> None:
    def run(t: Any) -> Any:
        seen = []

        def initialise(module: Any) -> None:
            seen.append(type(module).__name__)
            if isinstance(module, t.nn.Linear):
                t.nn.init.uniform_(module.weight, a=-0.02, b=0.02)
                if module.bias is not None:
                    t.nn.init.zeros_(module.bias)

        net = network(t)
        return net.apply(initialise) is net, seen, net.state_dict(), t.rand(1)

    check(run)


@pytest.mark.parametrize("to_none", [True, False])
def test_zero_grad(to_none: bool) -> None:
    def run(t: Any) -> Any:
        net = network(t)
        net(t.ones(4, 2)).sum().backward()
        before = [p.grad is None for p in net.parameters()]
        net.zero_grad(to_none) if to_none else net.zero_grad(set_to_none=False)
        return before, [p.grad for p in net.parameters()]

    check(run)


def test_the_state_dict_is_the_memory_itself() -> None:
    def run(t: Any) -> Any:
        net = network(t)
        state = net.state_dict()
        with t.no_grad():
            state["first.weight"].zero_()
        other = network(t)
        other.load_state_dict(state)
        return net.head.weight, other.state_dict(), other.eval()(t.ones(3, 2))

    check(run)


def test_what_fits_is_loaded_though_the_rest_is_refused() -> None:
    def run(t: Any) -> Any:
        layer = t.nn.Linear(2, 2)
        with pytest.raises(RuntimeError):
            layer.load_state_dict({"weight": t.zeros(2, 2), "bias": t.ones(3), "more": t.ones(1)})
        return layer.state_dict()

    check(run)


BROKEN: list[Callable[[Any], dict[str, Any]]] = [
    lambda t: {},
    lambda t: {"weight": t.ones(3, 2), "bias": t.ones(3), "w": t.ones(1), "v.u": t.ones(1)},
    lambda t: {"weight": t.ones(3, 2), "b": t.ones(3)},
    lambda t: {"weight": t.ones(2, 3), "bias": t.ones(4), "b": t.ones(3)},
]


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_a_state_dict_that_does_not_fit_is_refused_with_both_lists(number: int) -> None:
    texts = []
    for t in LIBRARIES:
        with pytest.raises(RuntimeError) as caught:
            t.nn.Linear(2, 3).load_state_dict(BROKEN[number](t))
        texts.append(str(caught.value))
    assert texts[0] == texts[1]


def test_conversion_takes_gradients_along() -> None:
    def run(t: Any) -> Any:
        net = network(t)
        net(t.ones(4, 2)).sum().backward()
        same = list(net.parameters())
        net.to(t.float64)
        assert all(a is b for a, b in zip(same, net.parameters(), strict=True))
        net.zero_grad(set_to_none=False)
        return net(t.ones(4, 2, dtype=t.float64)), [p.grad for p in net.parameters()]

    check(run)


def test_a_device_that_is_not_there_is_refused_in_words() -> None:
    layer = moreish.torch.nn.Linear(2, 2)
    for call in (
        lambda: layer.to("cuda"),
        lambda: layer.to(device="mps"),
        lambda: moreish.torch.nn.Linear(2, 2, device="cuda"),
        lambda: moreish.torch.nn.Embedding(2, 2, device="cuda"),
        lambda: moreish.torch.nn.LayerNorm(2, device="cuda"),
        lambda: moreish.torch.nn.BatchNorm1d(2, device="cuda:1"),
    ):
        with pytest.raises(RuntimeError, match="moreish computes on 'cpu'"):
            call()
    with pytest.raises(TypeError, match="floating point"):
        layer.to(moreish.torch.int64)


def test_a_module_can_be_captured() -> None:
    t = moreish.torch
    results = []
    for wrap in (lambda f: f, capture):
        t.manual_seed(1)
        net = network(t).double()
        optimizer = t.optim.SGD(net.parameters(), lr=0.1)

        def step(x: Any, net: Any = net, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        step = wrap(step)
        results.append([step(numbers(t, 8, 2, seed=seed)).item() for seed in range(6)])
    np.testing.assert_allclose(results[1], results[0], rtol=1e-12)
