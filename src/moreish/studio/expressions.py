"""An expression that somebody types: read by a list of allowed names, and computed with Values.

- Nothing is evaluated as Python: what is on no list here is refused, in a sentence and with its
  place in the text.
- A name is a leaf. `Neuron(2)([x, y])`, `Layer` and `MLP` are micrograd's; without inputs they get
  leaves of their own. A line above may give a part a name, as in `n = x*w + b`.
- The length of the text, its depth, and the number of nodes are bounded.
"""

import ast
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple

from ..engine import Value, activations, rules
from ..engine.graph import Primitive
from ..errors import check_seed
from ..micrograd.nn import Module
from .expression_networks import NETWORKS, Networks, inputs_of
from .expression_text import EXAMPLE, ExpressionError, Places, statements

MOST_NODES = 61_000
SHORT = 24  # characters of a name
STARTS = (2.0, 0.5, -1.0, 1.5, -0.5, 1.0)  # what leaves begin with, in turn

OPERATORS: dict[type, Primitive] = {
    ast.Add: rules.add,
    ast.Sub: rules.subtract,
    ast.Mult: rules.multiply,
    ast.Div: rules.divide,
    ast.Pow: rules.power,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "tanh": activations.tanh,
    "relu": activations.relu,
    "sigmoid": activations.sigmoid,
    "exp": rules.exp,
    "log": rules.log,
    "sqrt": rules.sqrt,
    "abs": rules.absolute,
    "softplus": activations.softplus,
    "leaky_relu": activations.leaky_relu,
    "elu": activations.elu,
    "selu": activations.selu,
    "silu": activations.silu,
    "gelu": activations.gelu,
}
LIBRARIES = ("np", "math", "torch", "F")  # whose tanh is ours
KNOWN = frozenset({*FUNCTIONS, *NETWORKS, "sum", "Value", *LIBRARIES})
ALLOWED = (
    f"allowed are names of your own, numbers, + - * / **, {', '.join(FUNCTIONS)}, sum, "
    f"{', '.join(NETWORKS)}"
)


class Leaf(NamedTuple):
    """A number that an expression begins with."""

    name: str
    value: Value
    is_parameter: bool


class Expression:
    """A text, the Values that it is computed from, and the networks in it.

    `given` are numbers of leaves by their names, `seed` draws the weights of networks.
    ExpressionError for a text that can't be read or computed, OptionError for another seed.

    >>> expression = Expression("(a*b + b**3).tanh()", {"a": 1.0})
    >>> [(leaf.name, leaf.value.data) for leaf in expression.leaves()]
    [('a', 1.0), ('b', 0.5)]
    >>> round(expression.compute().data, 4)
    0.5546
    """

    def __init__(self, text: str, given: Mapping[str, float] | None = None, seed: int = 1) -> None:
        check_seed(seed)
        self.text = text
        self.remarks: list[str] = []
        self.places: dict[Value, tuple[int, int]] = {}  # in the text, of what it computes itself
        self._where = Places(text)
        self._statements = statements(text)
        self._given = dict(given or {})
        self.networks = Networks(self._error, seed)
        self._leaves: dict[str, Value] = {}
        self._results: dict[str, Any] = {}  # what lines above have given a name
        self.compute()
        self.networks.name_parameters(self._leaves)
        for name, value, is_parameter in self.leaves():
            if is_parameter and name in self._given:
                value.data = self._given[name]

    def leaves(self) -> list[Leaf]:
        """What it is computed from: leaves in the order of the text, then parameters."""
        return [
            *(Leaf(name, value, False) for name, value in self._leaves.items()),
            *(Leaf(value.label, value, True) for value in self.networks.parameters()),
        ]

    def compute(self) -> Value:
        """The result, anew from the leaves as they are now. ExpressionError if it is infinite."""
        self.remarks, self.places, self._results, self._nodes = [], {}, {}, 0
        self._used: set[str] = set()  # leaves that have no line of their own
        result: Any = None
        for statement in self._statements:
            result = self._statement(statement)
        node = self._statements[-1]
        if isinstance(result, Module):
            result = self._with_own_inputs(result, node)
        if isinstance(result, list):
            many = len(result)
            self.remarks.append(f"This is a list of {many:,} numbers. The result is their sum.")
            result = self._total(result, node)
        if not isinstance(result, Value):
            raise self._error(
                f"there is no name in this, so nothing has a gradient: {EXAMPLE}", node
            )
        return result

    def _error(self, what: str, node: ast.AST) -> ExpressionError:
        return ExpressionError(what, self.text, self._where.of(node))

    def _unknown(self, name: str, node: ast.AST) -> ExpressionError:
        _, end = self._where.of(node)
        what = f"`{name[:SHORT]}` is not known here: {ALLOWED}"
        return ExpressionError(what, self.text, (end - len(name), end))

    # ---- statements and expressions

    def _statement(self, node: ast.stmt) -> Any:
        if isinstance(node, ast.Expr):
            return self._evaluated(node.value)
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            raise self._error(
                "a line is an expression, or gives one a name: as in n = x*w + b", node
            )
        target = node.targets[0]
        if not isinstance(target, ast.Name) or target.id in KNOWN or len(target.id) > SHORT:
            raise self._error("this is no name that can be given: take a letter or a word", target)
        if target.id in self._used:
            raise self._error(f"`{target.id}` was used above: give it its number before", target)
        result = self._evaluated(node.value)
        if isinstance(result, float):  # a number with a name is a leaf
            if target.id in self._results:
                raise self._error(f"`{target.id}` has a number already: take another name", target)
            result = self._leaf(target.id, result)
        elif isinstance(result, Value) and not result.label:
            result.label = target.id
        self._results[target.id] = result
        return result

    def _evaluated(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return self._number(number, node)
            case ast.Name(id=name):
                return self._name(name, node)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._binary(node, left, operator, right)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._applied(rules.negative, "-", node, [operand])
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._one(operand)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self._one(element) for element in elements]
            case ast.Subscript(value=of, slice=ast.Constant(value=int() as place)):
                return self._element(self._evaluated(of), place, node)
            case ast.Call(func=function):
                return self._call(node, function)
        said = self._where.said(node)
        raise self._error(f"{said} is not known here: {ALLOWED}", node)

    def _number(self, number: float, node: ast.AST) -> float:
        try:
            return float(number)
        except OverflowError:
            raise self._error("this number is too large for a float", node) from None

    def _one(self, node: ast.expr) -> Any:
        """A Value or a plain number."""
        found = self._evaluated(node)
        if isinstance(found, Module):
            raise self._error("a network wants its inputs: as in Neuron(2)([x, y])", node)
        if isinstance(found, list):
            raise self._error("one number is wanted here and this is a list: take sum(...)", node)
        return found

    def _name(self, name: str, node: ast.AST) -> Any:
        if name in self._results:
            return self._results[name]
        if name in FUNCTIONS:
            raise self._error(f"`{name}` is a function: write {name}(x)", node)
        if name in KNOWN:
            raise self._error(f"`{name}` is no leaf: take another name", node)
        if len(name) > SHORT:
            raise self._error(f"a name has at most {SHORT} characters: make it shorter", node)
        self._used.add(name)
        return self._leaf(name)

    def _leaf(self, name: str, number: float | None = None) -> Value:
        if name not in self._leaves:
            start = STARTS[len(self._leaves) % len(STARTS)] if number is None else number
            self._leaves[name] = Value(self._given.get(name, start), label=name)
        return self._leaves[name]

    def _binary(self, node: ast.BinOp, left: ast.expr, operator: ast.AST, right: ast.expr) -> Any:
        if isinstance(operator, ast.BitXor):
            raise self._error("^ is no power here: write ** as in a**2", node)
        if type(operator) not in OPERATORS:
            raise self._error(
                f"the operator in {self._where.said(node)} is not known: {ALLOWED}", node
            )
        row = OPERATORS[type(operator)]
        return self._applied(row, row.name, node, [left, right])

    def _applied(
        self, row: Callable[..., Any], name: str, node: ast.AST, of: list[ast.expr]
    ) -> Any:
        given = [self._one(x) for x in of]
        return self._finite(row(*given), name, node, of, given)

    def _finite(
        self, result: Any, name: str, node: ast.AST, of: list[ast.expr], given: list[Any]
    ) -> Any:
        """The result, if it is a number; else what is wrong, and with which operand."""
        number = result.data if isinstance(result, Value) else result
        if number - number == 0:
            return self._placed(result, node, name != "network")
        numbers = [x.data if isinstance(x, Value) else x for x in given]
        said = [self._where.said(x) for x in of]
        whole = self._where.said(node)
        if name == "divide" and numbers[1] == 0:
            raise self._error(
                f"{whole} divides by zero: {said[1]} is 0, give it another number", of[1]
            )
        if name == "power" and numbers[0] == 0:
            raise self._error(
                f"{whole} divides by zero: {said[0]} is 0, give it another number", of[0]
            )
        if name == "power" and number != number:
            why = f"{said[0]} is {numbers[0]:g}, and only whole powers of it are real numbers"
            raise self._error(f"{whole} is no real number: {why}", of[0])
        if name in ("log", "sqrt") and numbers[0] <= 0:
            wanted = "more than 0" if name == "log" else "0 or more"
            raise self._error(
                f"{whole} is no number: {said[0]} is {numbers[0]:g}, and {wanted} is wanted", of[0]
            )
        raise self._error(f"{whole} is too large for a float: give it smaller numbers", node)

    def _placed(self, result: Any, node: ast.AST, is_own: bool) -> Any:
        if isinstance(result, Value):
            if is_own:
                result._code = None  # what a drawing would tell as the user's line is one of ours
            self.places.setdefault(result, self._where.of(node))
        return result

    def _element(self, found: Any, place: int, node: ast.AST) -> Any:
        if not isinstance(found, list):
            raise self._error("only a list has elements: as Layer(2, 3)([x, y])[0]", node)
        if not 0 <= place < len(found):
            raise self._error(
                f"there is no [{place}] here: the list has {len(found)} numbers", node
            )
        return found[place]

    # ---- calls

    def _call(self, node: ast.Call, function: ast.expr) -> Any:
        match function:
            case ast.Name(id=name) if name in NETWORKS:
                return self.networks.at(node, name)
            case ast.Name(id="sum"):
                return self._sum(node)
            case ast.Name(id="Value"):
                return self._number_of(self._only_argument(node, "Value", ignored="label"))
            case ast.Name(id=name) if name in FUNCTIONS:
                argument = self._only_argument(node, name)
                return self._applied(FUNCTIONS[name], name, node, [argument])
            case ast.Name(id=name) if name not in self._results:
                raise self._unknown(name, function)
            case ast.Attribute(value=ast.Name(id=library), attr=name) if library in LIBRARIES:
                if name not in FUNCTIONS:
                    raise self._unknown(name, function)
                argument = self._only_argument(node, name)
                return self._applied(FUNCTIONS[name], name, node, [argument])
            case ast.Attribute(value=of, attr=name):
                if name not in FUNCTIONS:
                    raise self._unknown(name, function)
                if node.args or node.keywords:
                    raise self._error(f".{name}() takes nothing: write x.{name}()", node)
                return self._applied(FUNCTIONS[name], name, node, [of])
        network = self._evaluated(function)
        if not isinstance(network, Module):
            raise self._error("this can't be called: only functions and networks can", function)
        return self._through(network, self._only_argument(node, "a network"))

    def _only_argument(self, node: ast.Call, name: str, ignored: str = "") -> ast.expr:
        more = [keyword for keyword in node.keywords if keyword.arg != ignored or not ignored]
        if len(node.args) != 1 or more:
            wanted = "one list of inputs" if name == "a network" else "one number"
            raise self._error(f"{name} takes {wanted}, and here are {len(node.args)}", node)
        return node.args[0]

    def _number_of(self, node: ast.expr) -> float:
        found = self._one(node)
        if not isinstance(found, float):
            raise self._error("Value takes a plain number: as in a = Value(2.0)", node)
        return found

    def _sum(self, node: ast.Call) -> Any:
        of = self._only_argument(node, "sum")
        found = self._evaluated(of)
        if not isinstance(found, list):
            raise self._error("sum takes a list: as in sum([a, b])", of)
        return self._total(found, node)

    def _total(self, numbers: list[Any], node: ast.AST) -> Any:
        if not numbers:
            raise self._error("this list is empty: as in sum([a, b])", node)
        return reduce(lambda a, b: self._finite(rules.add(a, b), "add", node, [], []), numbers)

    # ---- networks

    def _through(self, network: Module, node: ast.expr) -> Any:
        inputs = self._evaluated(node)
        return self._given_to(network, inputs if isinstance(inputs, list) else [inputs], node)

    def _with_own_inputs(self, network: Module, node: ast.AST) -> Any:
        names = [f"x{i}" for i in range(1, inputs_of(network) + 1)]
        said = "inputs are the leaves x1 to " if len(names) > 1 else "input is the leaf "
        self.remarks.append(f"Its {said}{names[-1]}.")
        return self._given_to(network, [self._leaf(name) for name in names], node)

    def _given_to(self, network: Module, inputs: list[Any], node: ast.AST) -> Any:
        if any(isinstance(x, Module | list) for x in inputs):
            raise self._error("a network takes one list of numbers: as Neuron(2)([x, y])", node)
        if len(inputs) != (wanted := inputs_of(network)):
            raise self._error(
                f"the network takes {wanted} inputs, and here are {len(inputs)}", node
            )
        self._nodes += 3 * len(network.parameters())  # about
        if self._nodes > MOST_NODES:
            raise self._error(f"this makes more than {MOST_NODES:,} nodes: make it smaller", node)
        found = network(inputs)  # type: ignore[operator]
        for x in found if isinstance(found, list) else [found]:
            self._finite(x, "network", node, [], [])
        return found
