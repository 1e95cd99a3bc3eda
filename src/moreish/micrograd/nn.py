"""A Neuron, a Layer of them, an MLP of Layers: micrograd's names.

Every weight, product and sum is a `Value` that can be looked at and drawn. Weights are drawn from
Python's own `random`, so `random.seed` repeats them.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from ..engine import Value
from ..engine.activations import ACTIVATIONS

__all__ = ["MLP", "Layer", "Module", "Neuron"]


class Module:
    """What has parameters."""

    def parameters(self) -> list[Value]:
        """Every weight and bias that is learnt."""
        return []

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set the gradients of all parameters to 0: of Values they are numbers, and never None."""
        for parameter in self.parameters():
            parameter.grad = 0.0


def _activation(given: Callable[[Value], Value] | str) -> Callable[[Value], Value]:
    """A function of a Value, which may be given by its name."""
    if not isinstance(given, str):
        if not callable(given):
            raise TypeError(
                f"an activation is a function of a Value, or the name of one, not {given!r}"
            )
        return given
    names = {name.replace(" ", "_"): function for name, function in ACTIVATIONS.items()}
    found = names.get(given.lower().replace(" ", "_").replace("-", "_"))
    if found is None:
        raise ValueError(
            f"there is no activation called {given!r}: one of {', '.join(names)} was wanted, or a "
            f"function of a Value"
        )
    return found


class Neuron(Module):
    """A weighted sum of its inputs and a bias, then an activation function.

    The weights begin uniform in [-1, 1), the bias at 0. `nonlin=False` leaves the activation out;
    `activation` is any function of a Value, or the name of one in `moreish.engine.activations`, as
    "tanh". ValueError for a name that is not there, TypeError for what is no function.

    >>> random.seed(1337)
    >>> neuron = Neuron(2)
    >>> neuron([1.0, -2.0])
    Value(data=0.102443419482938, grad=0.0)
    >>> neuron
    ReLUNeuron(2)
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        activation: Callable[[Value], Value] | str = Value.relu,
    ) -> None:
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)
        self.nonlin = nonlin
        self.activation = _activation(activation)

    def __call__(self, x: Any) -> Value:
        """`nin` numbers or Values → one Value; ValueError for another number of them."""
        if isinstance(x, Value):
            x = [x]
        if len(x) != len(self.w):
            raise ValueError(
                f"a neuron with {len(self.w)} weights wants {len(self.w)} inputs, got {len(x)}"
            )
        total: Value = sum((w * x for w, x in zip(self.w, x, strict=True)), self.b)
        return self.activation(total) if self.nonlin else total

    def parameters(self) -> list[Value]:
        """Its weights, then its bias."""
        return [*self.w, self.b]

    def __repr__(self) -> str:
        name = self.activation.__name__ if self.nonlin else "Linear"
        return f"{'ReLU' if name == 'relu' else name}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons side by side, all with the same inputs.

    >>> Layer(3, 2)
    Layer of [ReLUNeuron(3), ReLUNeuron(3)]
    """

    def __init__(self, nin: int, nout: int, **options: Any) -> None:
        self.neurons = [Neuron(nin, **options) for _ in range(nout)]

    def __call__(self, x: Any) -> Any:
        """`nin` numbers or Values → a list of `nout` Values, or the Value where that is one."""
        out = [neuron(x) for neuron in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Value]:
        """Those of all neurons, in order."""
        return [p for neuron in self.neurons for p in neuron.parameters()]

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(str(neuron) for neuron in self.neurons)}]"


class MLP(Module):
    """Layers one after another; the last has no activation function.

    >>> model = MLP(2, [16, 16, 1])
    >>> len(model.parameters())
    337
    """

    def __init__(self, nin: int, nouts: Sequence[int], **options: Any) -> None:
        sizes = [nin, *nouts]
        self.layers = [
            Layer(before, size, **{"nonlin": i < len(nouts) - 1, **options})
            for i, (before, size) in enumerate(zip(sizes, nouts, strict=False))
        ]

    def __call__(self, x: Any) -> Any:
        """`nin` numbers or Values → as many Values as the last layer has neurons."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Value]:
        """Those of all layers, in order."""
        return [p for layer in self.layers for p in layer.parameters()]

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(str(layer) for layer in self.layers)}]"
