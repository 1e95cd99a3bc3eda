"""Value: micrograd's figures, PyTorch's slopes, and no failure that is silent."""

import copy
import gc
import math
import pickle
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from moreish import Value
from moreish.engine import activations
from moreish.engine.graph import Primitive, order
from moreish.torch import no_grad

# ---- micrograd's own figures. Source: github.com/karpathy/micrograd, README and tests


def _readme(Number: Any) -> tuple[Any, ...]:
    a, b = Number(-4.0), Number(2.0)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    return a, b, g


def test_the_expression_of_its_readme() -> None:
    a, b, g = _readme(Value)
    g.backward()
    assert g.data == 24.70408163265306
    assert a.grad == 138.83381924198252
    assert b.grad == 645.5772594752186


def _sanity(Number: Any) -> tuple[Any, Any]:
    x = Number(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return x, h + q + q * x


def test_its_sanity_check() -> None:
    x, y = _sanity(Value)
    y.backward()
    assert (y.data, x.grad) == (-20.0, 46.0)
    x, y = _sanity(lambda n: torch.tensor(n, dtype=torch.float64, requires_grad=True))
    y.backward()
    assert (y.item(), x.grad.item()) == (-20.0, 46.0)


def test_the_neuron_of_the_lecture() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    n = x1 * w1 + x2 * w2 + 6.8813735870195432
    for o in (n.tanh(), ((2 * n).exp() - 1) / ((2 * n).exp() + 1)):
        for x in (x1, x2, w1, w2):
            x.grad = 0
        o.backward()
        assert o.data == pytest.approx(0.7071067811865476, rel=1e-15)
        found = (x1.grad, w1.grad, x2.grad, w2.grad)
        assert found == pytest.approx((-1.5, 1.0, 0.5, 0.0), rel=1e-14)


def test_steps_by_hand_as_in_the_lecture() -> None:
    a, b = Value(-2.0), Value(3.0)
    d, e = a * b, a + b
    f = d * e
    f.grad = 1.0
    for node in (f, d, e):
        node._backward()
    assert (a.grad, b.grad, d.grad, e.grad) == (-3, -8, 1, -6)
    assert f._prev == {d, e}
    assert (f._op, d._op, e._op, a._op) == ("*", "*", "+", "")
    assert ((a**2)._op, (a**b)._op, a.tanh()._op, a.relu()._op) == ("**2", "**", "tanh", "ReLU")


# ---- every function against PyTorch, at ordinary and at extreme numbers

NUMBERS = [-1000.0, -30.0, -2.5, -0.7, 0.0, 0.3, 1.9, 21.0, 1000.0]
BOTH: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "+": (lambda x: x + 2 + x, lambda x: x + 2 + x),
    "-": (lambda x: 3 - x - x * 2, lambda x: 3 - x - x * 2),
    "*": (lambda x: x * x * -2, lambda x: x * x * -2),
    "/": (lambda x: 2.5 / x + x / 4, lambda x: 2.5 / x + x / 4),
    "** 3": (lambda x: x**3, lambda x: x**3),
    "** 0": (lambda x: x**0, lambda x: x**0),
    "** -1": (lambda x: x**-1, lambda x: x**-1),
    "** 0.5": (lambda x: x**0.5, lambda x: x**0.5),
    "(x x) ** 0.5": (lambda x: (x * x) ** 0.5, lambda x: (x * x) ** 0.5),
    "** x": (lambda x: 2**x, lambda x: 2**x),
    "x ** x": (lambda x: (x * x + 1) ** (x * 0.01), lambda x: (x * x + 1) ** (x * 0.01)),
    "0 ** x": (lambda x: (x * 0) ** (x * x + 1), lambda x: (x * 0) ** (x * x + 1)),
    "neg": (lambda x: -x + +x, lambda x: -x + +x),
    "abs": (abs, abs),
    "exp": (Value.exp, torch.exp),
    "log": (Value.log, torch.log),
    "sqrt": (Value.sqrt, torch.sqrt),
    "tanh": (Value.tanh, torch.tanh),
    "sigmoid": (Value.sigmoid, torch.sigmoid),
    "relu": (Value.relu, torch.relu),
    "identity": (Value.identity, lambda x: x),
    "binary_step": (Value.binary_step, lambda x: torch.heaviside(x.detach(), x.detach() * 0 + 1)),
    "leaky_relu": (Value.leaky_relu, torch.nn.functional.leaky_relu),
    "leaky_relu 0.2": (
        lambda x: x.leaky_relu(0.2),
        lambda x: torch.nn.functional.leaky_relu(x, 0.2),
    ),
    "prelu": (
        lambda x: x.prelu(Value(0.25)),
        lambda x: torch.nn.functional.prelu(x[None], torch.tensor([0.25], dtype=x.dtype))[0],
    ),
    "elu": (lambda x: x.elu(0.5), lambda x: torch.nn.functional.elu(x, 0.5)),
    "selu": (Value.selu, torch.selu),
    "softplus": (Value.softplus, torch.nn.functional.softplus),
    "silu": (Value.silu, torch.nn.functional.silu),
    "swish": (Value.swish, torch.nn.functional.silu),
    "gelu": (Value.gelu, torch.nn.functional.gelu),
    "gelu tanh": (
        lambda x: x.gelu("tanh"),
        lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
    ),
    "np.tanh": (np.tanh, torch.tanh),
}


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("number", NUMBERS)
def test_values_and_slopes_are_pytorchs(name: str, number: float) -> None:
    mine, theirs = BOTH[name]
    x, z = Value(number), torch.tensor(number, dtype=torch.float64, requires_grad=True)
    y, w = mine(x), theirs(z)
    y.backward()
    slope = 0.0
    if w.requires_grad:
        w.backward()
        assert z.grad is not None
        slope = z.grad.item()
    assert isinstance(y, Value)
    assert isinstance(x.grad, float)
    assert y.data == pytest.approx(w.item(), rel=1e-12, abs=1e-15, nan_ok=True)
    assert x.grad == pytest.approx(slope, rel=1e-12, abs=1e-15, nan_ok=True)


@pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True")
@pytest.mark.parametrize("name", sorted(BOTH.keys() - {"0 ** x"}))  # there PyTorch has NaN
@pytest.mark.parametrize("number", [-2.5, -0.7, 0.3, 1.9])
def test_second_slopes_are_pytorchs(name: str, number: float) -> None:
    mine, theirs = BOTH[name]
    x, z = Value(number), torch.tensor(number, dtype=torch.float64, requires_grad=True)
    w = theirs(z)
    if not w.requires_grad:
        return
    mine(x).backward(create_graph=True)
    (slope,) = torch.autograd.grad(w, z, create_graph=True)
    first, x.grad = x.grad, 0.0
    assert isinstance(first, Value)
    first.backward()
    second = 0.0
    if slope.requires_grad:
        (again,) = torch.autograd.grad(slope, z, allow_unused=True)
        second = 0.0 if again is None else again.item()
    assert first.data == pytest.approx(slope.item(), rel=1e-12, abs=1e-15, nan_ok=True)
    assert x.grad == pytest.approx(second, rel=1e-11, abs=1e-14, nan_ok=True)


def test_softmax_over_a_list() -> None:
    numbers = [1.0, -2.0, 1000.0, 998.0]
    values = [Value(n) for n in numbers]
    tensors = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    shares = activations.softmax(values)
    reference = tensors.softmax(0)
    assert [s.data for s in shares] == pytest.approx(reference.tolist(), rel=1e-12)
    (shares[2] * 3 + shares[3]).backward()
    (reference[2] * 3 + reference[3]).backward()
    assert tensors.grad is not None
    assert [v.grad for v in values] == pytest.approx(tensors.grad.tolist(), rel=1e-12, abs=1e-18)


STEPS = st.lists(st.tuples(st.sampled_from("+-*/t"), st.integers(0, 99), st.integers(0, 99)))


def _built(leaves: list[Any], steps: list[tuple[str, int, int]]) -> Any:
    nodes = list(leaves)
    for sign, i, j in steps:
        a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
        node = {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "/": lambda a, b: a / (b * b + 1),
            "t": lambda a, b: a.tanh(),
        }[sign](a, b)
        nodes.append(node)
    return nodes[-1]


@settings(max_examples=150, deadline=None)
@given(STEPS, st.lists(st.floats(-2, 2), min_size=2, max_size=4))
def test_graphs_of_any_form(steps: list[tuple[str, int, int]], numbers: list[float]) -> None:
    values = [Value(n) for n in numbers]
    tensors = [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in numbers]
    y, z = _built(values, steps[:12]), _built(tensors, steps[:12])
    y.backward()
    z.backward()
    for x, t in zip(values, tensors, strict=True):
        wanted = 0.0 if t.grad is None else t.grad.item()
        assert x.grad == pytest.approx(wanted, rel=1e-10, abs=1e-10)


# ---- walks back


def test_a_second_walk_doubles_leaves_and_not_inner_nodes() -> None:
    x = Value(3.0)
    inner = x * x
    y = inner * 2
    for times in (1, 2, 3):
        y.backward()
        assert (x.grad, inner.grad, y.grad) == (12 * times, 2, 1)


def test_two_losses_add_up_in_the_leaves() -> None:
    x = Value(3.0)
    shared = x * x
    (shared + 1).backward()
    (shared * 5).backward()
    assert x.grad == 6 + 30


def test_gradients_are_repeatable_to_the_bit() -> None:
    def slopes() -> list[float]:
        random.seed(5)
        leaves = [Value(random.uniform(-1, 1)) for _ in range(50)]
        nodes = list(leaves)
        for _ in range(2000):
            a, b = random.choice(nodes), random.choice(nodes)
            nodes.append(random.choice((a + b * 0.3, a * b, (a - b).tanh())))
        sum(nodes[-30:], Value(0.0)).backward()
        return [leaf.grad for leaf in leaves]

    first = slopes()
    keep = [object() for _ in range(1000)]  # other addresses
    assert all(slopes() == first for _ in range(3))
    assert any(first)
    assert keep


def test_a_leaf_alone() -> None:
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


def test_no_grad_remembers_nothing() -> None:
    x = Value(3.0)
    with no_grad():
        y = x * x + 1
    y.backward()
    assert (y.data, x.grad, y._prev) == (10, 0, set())


def test_a_row_of_ones_own() -> None:
    sine = Primitive("sine", np.sin, math.sin, gradients=[lambda g, _y, x: g * cosine(x)])
    cosine = Primitive("cosine", np.cos, math.cos, gradients=[lambda g, _y, x: -g * sine(x)])
    x = Value(0.3)
    sine(x).backward(create_graph=True)
    slope, x.grad = x.grad, 0.0
    slope.backward()
    assert (slope.data, x.grad) == pytest.approx((math.cos(0.3), -math.sin(0.3)))


def test_the_line_that_made_it() -> None:
    x = Value(2.0)
    y = x * 3  # this very line
    z = x.tanh()  # and this
    w = x.gelu()
    assert y._line is not None
    assert y._line.text == "y = x * 3  # this very line"
    assert y._line.function == "test_the_line_that_made_it"
    assert z._line is not None
    assert z._line.text == "z = x.tanh()  # and this"
    assert w._line is not None
    assert w._line.text == "w = x.gelu()"
    assert x._line is None


# ---- size and life


@pytest.mark.long
def test_a_chain_of_a_hundred_thousand() -> None:
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    assert x.grad == 1.0
    again = copy.deepcopy(y)
    again.backward()
    assert len(list(order(again))) == 100_001
    assert len(list(order(pickle.loads(pickle.dumps(y))))) == 100_001


def test_a_dropped_graph_is_freed_by_reference_counts() -> None:
    gc.collect()
    gc.disable()
    try:
        x = Value(1.0)
        y = x
        for _ in range(5_000):
            y = (y * 1.0001 + x).tanh()
        y.backward()
        del x, y
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_memory_per_node() -> None:
    x = Value(1.5)
    tracemalloc.start()
    y = x
    for _ in range(10_000):
        y = y * x
        y = y / x
    forward = tracemalloc.get_traced_memory()[0] / 20_000
    y.backward()
    both = tracemalloc.get_traced_memory()[0] / 20_000
    tracemalloc.stop()
    assert 100 < forward <= both <= 250


# ---- copies


def test_copies_have_gradients_of_their_own() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0)
    c = (a * b).leaky_relu(0.3)
    d = c + a
    for copied in (copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        a2, c2, d2 = copied([a, c, d])
        d2.backward()
        assert (a2.grad, c2.grad, a2.label) == (-3 * 0.3 + 1, 1, "a")
        assert (a.grad, c.grad) == (0, 0)
        assert next(iter(d2._prev)) in (c2, a2)
        assert any(node is c2 for node in order(d2))
        a3, d3 = copied((a, d))
        assert any(node is a3 for node in order(d3))


def test_models_can_be_saved() -> None:
    from moreish.micrograd.nn import MLP

    model = MLP(2, [3, 1])
    again = pickle.loads(pickle.dumps(model))
    assert [p.data for p in again.parameters()] == [p.data for p in model.parameters()]
    assert again([1.0, 2.0]).data == model([1.0, 2.0]).data


# ---- no silent failure

REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Value("a"), TypeError, "text 'a'"),  # type: ignore[arg-type]
    (lambda: Value(Value(1.0)), TypeError, "got a Value"),
    (lambda: Value(1j), TypeError, "complex"),
    (lambda: Value(None), TypeError, "NoneType"),
    (lambda: Value([1.0]), TypeError, "list"),
    (lambda: Value(np.array([1.0])), TypeError, r"shape \(1,\)"),
    (lambda: Value(10**400), OverflowError, "too large"),
    (lambda: Value(2.0) * "3", TypeError, "text '3'"),
    (lambda: "3" + Value(2.0), TypeError, "text '3'"),
    (lambda: Value(2.0) + 1j, TypeError, "complex"),
    (lambda: Value(2.0) ** None, TypeError, "NoneType"),
    (lambda: Value(2.0) * np.array([1.0, 2.0]), TypeError, r"shape \(2,\)"),
    (lambda: np.array([1.0, 2.0]) * Value(2.0), TypeError, r"shape \(2,\)"),
    (lambda: Value(2.0) * torch.tensor([1.0, 2.0]), TypeError, r"shape \(2,\)"),
    (lambda: float(Value(2.0)), TypeError, ".data"),
    (lambda: int(Value(2.0)), TypeError, ".data"),
    (lambda: math.exp(Value(2.0)), TypeError, ".exp()"),
    (lambda: [1, 2][Value(1.0)], TypeError, ".data"),
    (lambda: np.sin(Value(2.0)), TypeError, "np.sin"),
    (lambda: Value(2.0) < "a", TypeError, "not supported"),
    (lambda: setattr(Value(2.0), "data", "5"), TypeError, "text '5'"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_is_no_number_is_refused_in_words(number: int) -> None:
    call, error, words = REFUSED[number]
    with pytest.raises(error, match=words):
        call()


def test_truth_and_equality_are_those_of_the_number() -> None:
    assert not Value(0.0)
    assert Value(0.5)
    assert Value(2) == 2
    assert Value(1.0) == Value(1.0)
    assert Value(1.0) != Value(2.0)
    assert Value(1.0) < 2 <= Value(2.0)
    assert Value(1.0) != "1"
    assert len({Value(1.0), Value(1.0)}) == 2


def test_numbers_of_other_kinds_become_floats() -> None:
    for number in (3, True, np.float32(1.5), np.int64(4), np.array(2.5), np.bool_(1)):
        v = Value(number) * number
        assert type(v.data) is float
        assert v.data == float(number) ** 2
    assert isinstance(np.float64(2.0) * Value(3.0), Value)
    assert isinstance(np.float64(2.0) + Value(3.0), Value)


def test_data_changed_after_it_was_used_is_noticed() -> None:
    x = Value(2.0, label="x")
    y = x * x
    x.data = 10.0
    with pytest.raises(RuntimeError, match=r"'x' was changed to 10\.0 after"):
        y.backward()
    with pytest.raises(RuntimeError, match="changed"):
        y._backward()
    (x * x).backward()
    assert x.grad == 20


def test_a_result_that_was_changed_is_noticed() -> None:
    x = Value(2.0)
    y = x.exp()
    z = y * 2
    y.data = 1.0
    with pytest.raises(RuntimeError, match="changed"):
        z.backward()


def test_a_change_that_no_gradient_needs_is_allowed() -> None:
    x, c = Value(2.0), Value(1.0)
    y = x * 3 + c
    c.data = 7.0
    y.backward()
    assert x.grad == 3


def test_stale_graphs_are_not_copied() -> None:
    x = Value(2.0)
    y = x * x
    x.data = 3.0
    with pytest.raises(RuntimeError, match="changed"):
        copy.deepcopy(y)


def test_nan_is_not_hidden() -> None:
    x = Value(math.nan)
    y = x.relu()
    y.backward()
    assert math.isnan(y.data)
    assert x.grad == 1.0  # as in PyTorch
    assert math.isnan((Value(-8.0) ** (1 / 3)).data)
    assert math.isinf((Value(0.0) ** -1).data)
    assert math.isinf((Value(1.0) / 0).data)
    assert math.isinf(Value(10.0).__pow__(400).data)


def test_a_second_walk_is_allowed_as_in_micrograd() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    assert x.grad == 6.0
    y.backward()
    assert x.grad == 12.0


def test_how_it_prints() -> None:
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert f"{Value(0.12345):.3f}" == "0.123"
