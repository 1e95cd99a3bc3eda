"""The networks in an expression: read, made once for each place in the text, and named.

Weights are drawn from Python's own `random`, as micrograd's are, with a seed of the expression's.
"""

import ast
import itertools
import random
from collections.abc import Callable, Collection
from typing import Any

from ..engine import Value
from ..micrograd.nn import MLP, Layer, Module, Neuron

MOST_PARAMETERS = 20_000  # of all networks of an expression
WIDEST = 1_000  # inputs or outputs of a layer
FORMS = {"Neuron": "Neuron(2)", "Layer": "Layer(2, 3)", "MLP": "MLP(2, [4, 1])"}
NETWORKS: dict[str, type[Module]] = {"Neuron": Neuron, "Layer": Layer, "MLP": MLP}

Error = Callable[[str, ast.AST], Exception]


class Networks:
    """The networks of one expression; `error` makes what is raised where one can't be."""

    def __init__(self, error: Error, seed: int) -> None:
        self._error = error
        self._draw = random.Random(seed)
        self._made: dict[ast.AST, Module] = {}

    @property
    def modules(self) -> list[Module]:
        """All that were made, in the order of the text."""
        return list(self._made.values())

    def parameters(self) -> list[Value]:
        """Those of all networks."""
        return [parameter for module in self.modules for parameter in module.parameters()]

    def at(self, node: ast.Call, name: str) -> Module:
        """The network that stands at a place in the text; its weights stay."""
        if node not in self._made:
            sizes = [self._size(x, name) for x in node.args]
            options = dict(self._option(keyword) for keyword in node.keywords)
            self._made[node] = self._new(name, sizes, options, node)
        return self._made[node]

    def _new(self, name: str, sizes: list[Any], options: dict[str, Any], node: ast.Call) -> Module:
        kinds = {"Neuron": [int], "Layer": [int, int], "MLP": [int, list]}[name]
        if [type(size) for size in sizes] != kinds:
            raise self._error(f"{name} takes its sizes: as {FORMS[name]}", node)
        widths = [x for size in sizes for x in (size if isinstance(size, list) else [size])]
        widths += [1] if name == "Neuron" else []
        count = sum((a + 1) * b for a, b in itertools.pairwise(widths))
        if len(self.parameters()) + count > MOST_PARAMETERS:
            most = f"{MOST_PARAMETERS:,} may be in an expression"
            raise self._error(f"this network has {count:,} parameters: {most}", node)
        before = random.getstate()
        random.setstate(self._draw.getstate())
        try:
            return NETWORKS[name](*sizes, **options)
        except (ValueError, TypeError) as error:
            raise self._error(str(error), node) from None
        finally:
            self._draw.setstate(random.getstate())
            random.setstate(before)

    def _size(self, node: ast.expr, name: str) -> Any:
        match node:
            case ast.List(elts=[_, *_] as elements) if name == "MLP":
                return [self._size(x, "") for x in elements]
            case ast.Constant(value=int() as size) if 1 <= size <= WIDEST:
                return int(size)
        raise self._error(f"a size is a whole number from 1 to {WIDEST:,}", node)

    def _option(self, node: ast.keyword) -> tuple[str, Any]:
        match node:
            case ast.keyword(arg="nonlin", value=ast.Constant(value=bool() as value)):
                return "nonlin", value
            case ast.keyword(arg="activation", value=ast.Constant(value=str() as value)):
                return "activation", value
        raise self._error('options are nonlin=False and activation="tanh": take one of them', node)

    def name_parameters(self, taken: Collection[str]) -> None:
        """Give all parameters names that are not taken: w1 and b; n2.w1; l1.n2.w1."""
        names = [_names(module) for module in self.modules]
        is_alone = len(names) == 1 and not {name for name, _ in names[0]} & set(taken)
        for number, one in enumerate(names, start=1):
            for name, parameter in one:
                parameter.label = name if is_alone else f"net{number}.{name}"


def inputs_of(network: Any) -> int:
    """How many numbers a network takes.

    >>> inputs_of(MLP(3, [4, 1]))
    3
    """
    if isinstance(network, MLP):
        return inputs_of(network.layers[0])
    return len(network.neurons[0].w if isinstance(network, Layer) else network.w)


def _names(network: Any) -> list[tuple[str, Value]]:
    """Its parameters, with a short name for each."""
    if isinstance(network, Neuron):
        return [*((f"w{i}", w) for i, w in enumerate(network.w, start=1)), ("b", network.b)]
    letter, parts = ("l", network.layers) if isinstance(network, MLP) else ("n", network.neurons)
    return [
        (f"{letter}{number}.{name}", value)
        for number, part in enumerate(parts, start=1)
        for name, value in _names(part)
    ]
