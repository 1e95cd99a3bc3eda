"""Module, its containers and Parameter: each line runs through torch.nn too."""

import copy
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import moreish.torch
from moreish import capture
from torch_names.alike import LIBRARIES, check, numbers


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

    return Net()


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


ROWS: list[Callable[[Any, Any], Any]] = [
    lambda nn, row: [type(row[i]).__name__ for i in (0, 1, -1, -3)],
    lambda nn, row: row[3],
    lambda nn, row: row[-4],
    lambda nn, row: row["0"],
    lambda nn, row: (row[1:], row[::-1], type(row[:1]).__name__),
    lambda nn, row: [type(module).__name__ for module in row],
    lambda nn, row: (len(row), row.append(nn.GELU()) is row, row),
    lambda nn, row: (row.extend([nn.GELU(), nn.ReLU()]), row),
    lambda nn, row: row.extend(3),
    lambda nn, row: row.append(3),
    lambda nn, row: (row.insert(1, nn.GELU()), row),
    lambda nn, row: (row.insert(0, nn.GELU()), row),
    lambda nn, row: (row.insert(3, nn.GELU()), row),
    lambda nn, row: (row.pop(1), row),
    lambda nn, row: (row.pop(-1), row),
    lambda nn, row: row + nn.Sequential(nn.GELU()),
    lambda nn, row: row + row,
    lambda nn, row: row + 3,
    lambda nn, row: row.__delitem__(1) or (row, list(row.state_dict())),
    lambda nn, row: row.__delitem__(slice(0, 2)) or row,
    lambda nn, row: row.__setitem__(1, nn.GELU()) or row,
    lambda nn, row: row.__setitem__(1, 3),
    lambda nn, row: row.__setitem__(5, nn.GELU()),
    lambda nn, row: row.__delitem__(7),
    lambda nn, row: nn.Flatten() in row,
]


def without_modules(thing: Any) -> Any:
    """Modules as their texts."""
    if isinstance(thing, (list, tuple)):
        return [without_modules(part) for part in thing]
    return repr(thing) if hasattr(thing, "state_dict") else thing


@pytest.mark.parametrize("number", range(len(ROWS)))
@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
def test_modules_in_a_row(kind: str, number: int) -> None:
    def run(t: Any) -> Any:
        modules = [t.nn.Linear(2, 3), t.nn.Tanh(), t.nn.Linear(3, 3)]
        row = t.nn.Sequential(*modules) if kind == "Sequential" else t.nn.ModuleList(modules)
        return without_modules(ROWS[number](t.nn, row))

    check(run)


NAMED: list[Callable[[Any, Any], Any]] = [
    lambda nn, row: row[1:],
    lambda nn, row: (row.append(nn.GELU()), row),
    lambda nn, row: row.__setitem__(1, nn.GELU()) or row,
    lambda nn, row: (row[0], row.a, row[-1]),
    lambda nn, row: (row.pop(0), row),
]


@pytest.mark.parametrize("number", range(len(NAMED)))
def test_a_sequential_of_names(number: int) -> None:
    def run(t: Any) -> Any:
        row = t.nn.Sequential(OrderedDict(a=t.nn.Tanh(), b=t.nn.ReLU()))
        return without_modules(NAMED[number](t.nn, row))

    check(run)


def test_what_is_no_module_leaves_a_row_as_it_was() -> None:
    for row in (moreish.torch.nn.Sequential(), moreish.torch.nn.ModuleList()):
        row.append(moreish.torch.nn.Tanh())
        with pytest.raises(TypeError, match="int is not a Module subclass"):
            row.insert(0, 3)
        assert len(row) == 1


def test_a_module_list_inserts_as_a_list_does() -> None:
    nn = moreish.torch.nn
    row = nn.ModuleList([nn.Tanh(), nn.ReLU()])
    row.insert(-1, nn.GELU())  # PyTorch's own ends in a KeyError here
    assert [type(module) for module in row] == [nn.Tanh, nn.GELU, nn.ReLU]


MADE: list[Callable[[Any], Any]] = [
    lambda nn: nn.ModuleList(nn.Linear(2, size) for size in (1, 2, 2)),
    lambda nn: nn.ModuleList(3),
    lambda nn: nn.ModuleList([3]),
    lambda nn: nn.ModuleList()(3),
    lambda nn: nn.Sequential(3),
    lambda nn: nn.Sequential(),
    lambda nn: nn.Sequential(OrderedDict(a=nn.Tanh(), b=nn.Sequential(nn.ReLU()))),
    lambda nn: nn.Sequential(nn.Sequential(nn.Tanh()), nn.ModuleList()),
    lambda nn: nn.ModuleDict(),
    lambda nn: nn.ModuleDict({"a": nn.Tanh(), "b": nn.ModuleList([nn.Tanh(), nn.Tanh()])}),
    lambda nn: nn.ModuleDict(OrderedDict(a=nn.Tanh()))["a"],
    lambda nn: nn.ModuleDict([("a", nn.Tanh())]),
    lambda nn: nn.ModuleDict({"a": 3}),
    lambda nn: nn.ModuleDict({"a.b": nn.Tanh()}),
    lambda nn: nn.ModuleDict({"keys": nn.Tanh()}),
    lambda nn: nn.ModuleDict([nn.Tanh()]),
    lambda nn: nn.Module(),
    lambda nn: nn.Module()(3),
]


@pytest.mark.parametrize("number", range(len(MADE)))
def test_containers(number: int) -> None:
    check(lambda t: without_modules(MADE[number](t.nn)))


def test_modules_by_name() -> None:
    def run(t: Any) -> Any:
        modules = t.nn.ModuleDict({"a": t.nn.Linear(2, 2), "b": t.nn.Tanh()})
        modules["c"] = t.nn.ReLU()
        modules.update({"d": t.nn.GELU()})
        found = [list(modules), list(modules.keys()), "b" in modules, len(modules)]
        found += [[repr(m) for m in modules.values()], [k for k, _ in modules.items()]]
        found += [repr(modules.pop("a")), repr(modules)]
        del modules["b"]
        found += [repr(modules), modules.clear(), repr(modules), modules.a]
        return found

    check(run)


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


PARAMETERS: list[Callable[[Any], Any]] = [
    lambda t: repr(t.nn.Parameter(t.ones(2, 2))),
    lambda t: repr(t.nn.Parameter(t.tensor(1.0), requires_grad=False)),
    lambda t: repr(t.nn.Parameter(t.ones(0, 2))),
    lambda t: repr(t.nn.Parameter()),
    lambda t: isinstance(t.nn.Parameter(t.ones(2)), t.Tensor),
    lambda t: type(t.nn.Parameter(t.ones(2)) * 2) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).data) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).detach()) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).clone()) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2, 2)).T) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2, 2))[0]) is t.Tensor,
    lambda t: type(t.zeros_like(t.nn.Parameter(t.ones(2)))) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).requires_grad_(False)) is t.nn.Parameter,
    lambda t: type(t.nn.Parameter(t.ones(2)).to("cpu")) is t.nn.Parameter,
    lambda t: type(t.nn.Parameter(t.ones(2)).double()) is t.Tensor,
    lambda t: t.nn.Parameter(t.tensor([1])),
    lambda t: t.nn.Parameter(t.tensor([1]), False),
    lambda t: t.nn.Parameter(t.ones(2, requires_grad=True) * 2),
    lambda t: (t.nn.Parameter(t.ones(2, requires_grad=True) * 2)).is_leaf,
    lambda t: t.nn.Parameter(t.ones(2)).zero_(),
    lambda t: copy.deepcopy(t.nn.Parameter(t.ones(2), False)),
    lambda t: type(copy.deepcopy(t.nn.Parameter(t.ones(2)))) is t.nn.Parameter,
    lambda t: type(pickle.loads(pickle.dumps(t.nn.Parameter(t.ones(2))))) is t.nn.Parameter,
    lambda t: pickle.loads(pickle.dumps(t.nn.Linear(2, 2))).state_dict(),
]


@pytest.mark.parametrize("number", range(len(PARAMETERS)))
def test_parameters(number: int) -> None:
    check(PARAMETERS[number])


def test_a_parameter_is_the_memory_of_its_data() -> None:
    def run(t: Any) -> Any:
        data = t.ones(2)
        parameter = t.nn.Parameter(data)
        data[0] = 5.0
        (parameter * parameter).sum().backward()
        copied = copy.deepcopy(parameter)
        return parameter, parameter.grad, copied, copied.grad

    check(run)


def test_a_parameter_is_wanted_and_said() -> None:
    with pytest.raises(TypeError, match=r"takes a Tensor, as torch.zeros\(3\), not list"):
        moreish.torch.nn.Parameter([1.0])


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
