"""Neuron, Layer and MLP of Values: micrograd's figures, and inputs of the wrong number."""

import gc
import itertools
import random
from collections.abc import Iterator

import pytest

import two_moons
from moreish import Value
from moreish.engine.activations import ACTIVATIONS
from moreish.micrograd.nn import MLP, Layer, Module, Neuron

# The loss before each of 100 updates of micrograd's demo, and its accuracy in percent.
# Source: the output stored in demo.ipynb of github.com/karpathy/micrograd.
LOSSES_AND_PERCENT = """
0.8958441029 50  1.723590534 81  0.7429006314 77  0.7705641261 82  0.3692793386 84
0.3135454819 86  0.281423435 89  0.2688873331 91  0.2567147286 91  0.2704862552 91
0.2450702385 91  0.250990553 92  0.2156095185 91  0.2309037845 93  0.2015215123 92
0.2257450628 93  0.194479876 92  0.210894962 93  0.1598307736 94  0.1845374875 93
0.1897752286 91  0.1907270404 93  0.1173369509 97  0.1217352441 95  0.1261571261 95
0.1604909778 95  0.1874719771 92  0.1674183789 95  0.09586583491 97  0.08778783707 96
0.1173129757 95  0.09340146461 97  0.124544549 95  0.07984002653 97  0.07727519233 97
0.07661250143 98  0.1061049238 96  0.09062808429 99  0.1067188704 95  0.05225659922 98
0.06016009895 100  0.08596724533 96  0.05112107943 99  0.05240142402 97  0.04530684179 100
0.07211073371 97  0.03334238651 99  0.03143222796 100  0.03658536747 99  0.04829139382 99
0.09875114766 96  0.05449063966 99  0.03392679436 100  0.05261517264 97  0.03250295251 99
0.02888327387 100  0.04139151104 98  0.01898740743 100  0.02523833524 100  0.02079656521 100
0.03259711158 99  0.01786335169 100  0.02300871783 100  0.02207932546 100  0.02943291785 99
0.01625151464 100  0.02846853448 99  0.01399436555 100  0.01555234484 100  0.03389119946 99
0.01422987007 100  0.01325528158 100  0.01230027759 100  0.0126760525 100  0.02059381196 100
0.01184539821 100  0.01601269747 100  0.02545836024 100  0.01438293029 100  0.01169896243 100
0.0123185008 100  0.01412111703 100  0.01166459196 100  0.01158931455 100  0.01099029935 100
0.01098922672 100  0.01098819376 100  0.01098720045 100  0.01098624678 100  0.01098533274 100
0.01098445833 100  0.01098362352 100  0.01098282832 100  0.01098207272 100  0.0109813567 100
0.01098068026 100  0.01098004339 100  0.01097944608 100  0.01097888833 100  0.01097837014 100
"""


@pytest.fixture
def _without_the_cyclic_collector() -> Iterator[None]:
    """A graph needs none to be freed, and in a large process it takes most of the time."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_without_the_cyclic_collector")
@pytest.mark.parametrize("steps", [2, pytest.param(100, marks=pytest.mark.long)])
def test_the_demo_gives_the_same_losses(steps: int) -> None:
    expected = [float(x) for x in LOSSES_AND_PERCENT.split()][: 2 * steps]
    assert len(expected) == 2 * steps
    points, labels = two_moons.moons()
    assert (points[0].tolist(), labels[0]) == ([1.1221146075409685, 0.08147717341718697], -1)
    model = two_moons.network()
    trained = list(itertools.islice(two_moons.train(model, points, labels), steps))
    assert [loss for loss, _ in trained] == pytest.approx(expected[::2], rel=1e-9)
    assert [right * 100 for _, right in trained] == expected[1::2]
    assert trained[0] == (pytest.approx(0.8958441028683222, rel=1e-12), 0.5)
    if steps == 100:
        boundary = two_moons.picture(model, points, labels)
        assert boundary.text().startswith("100 points, 100 on their side of the boundary")
        assert boundary.svg().startswith("<svg")
        assert two_moons.loss_of(model, points, labels)[1] == 1


def test_the_neuron_of_the_trace_notebook() -> None:
    random.seed(1337)
    neuron = Neuron(2)
    x = [Value(1.0), Value(-2.0)]
    y = neuron(x)
    y.backward()
    assert y.data == 0.102443419482938
    assert [w.grad for w in neuron.w] == [1, -2]
    assert [round(v.grad, 4) for v in x] == [0.2355, 0.0665]


def test_shapes_and_names() -> None:
    model = MLP(3, [4, 4, 1])
    assert len(model.parameters()) == 41
    assert isinstance(model([2.0, 3.0, -1.0]), Value)
    assert len(MLP(3, [4, 2])((1, 2, 3))) == 2
    assert repr(MLP(1, [1, 1])) == ("MLP of [Layer of [ReLUNeuron(1)], Layer of [LinearNeuron(1)]]")
    assert repr(Neuron(2, activation=Value.tanh)) == "tanhNeuron(2)"
    assert Module().parameters() == []


def test_a_layer_of_one_neuron_can_be_followed_by_another() -> None:
    model = MLP(2, [16, 1, 1])
    y = model([1.0, 2.0])
    y.backward()
    assert isinstance(y, Value)


def test_the_activation_can_be_chosen() -> None:
    neuron = Neuron(1, activation=Value.tanh)
    assert -1 < neuron([100.0]).data < 1 or abs(neuron([100.0]).data) == 1
    assert MLP(1, [2, 1], activation=Value.tanh).layers[0].neurons[0].activation is Value.tanh


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_an_activation_can_be_named(name: str) -> None:
    for written in (name, name.replace(" ", "_"), name.upper()):
        for module in (Neuron, Layer, MLP):
            nouts = {Neuron: (), Layer: (1,), MLP: ([1, 1],)}[module]
            random.seed(3)
            named = module(2, *nouts, activation=written)([0.5, -0.25])
            random.seed(3)
            given = module(2, *nouts, activation=ACTIVATIONS[name])([0.5, -0.25])
            assert named.data == given.data
    assert repr(Neuron(2, activation="tanh")) == "tanhNeuron(2)"


@pytest.mark.parametrize(("wrong", "error"), [("rellu", ValueError), (3, TypeError)])
def test_an_activation_that_is_not_there_is_refused_at_once(wrong: object, error: type) -> None:
    for make in (lambda: Neuron(2, activation=wrong), lambda: MLP(2, [2, 1], activation=wrong)):
        with pytest.raises(error, match="activation"):
            make()


@pytest.mark.parametrize("count", [0, 2, 5])
def test_a_wrong_number_of_inputs_is_refused(count: int) -> None:
    for module in (Neuron(3), Layer(3, 2), MLP(3, [2, 1])):
        with pytest.raises(ValueError, match=f"wants 3 inputs, got {count}"):
            module([1.0] * count)


def test_a_neuron_with_a_thousand_inputs() -> None:
    neuron = Neuron(2000)
    neuron([0.1] * 2000).backward()
    assert neuron.b.grad in (0.0, 1.0)


def test_zero_grad() -> None:
    model = MLP(1, [2, 1])
    model([1.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())
    model.zero_grad(set_to_none=True)
    assert all(p.grad == 0.0 for p in model.parameters())
