"""Expressions that are typed: what they compute, what is refused, and where in the text."""

import random

import pytest

from moreish import Value
from moreish.errors import OptionError
from moreish.micrograd.nn import MLP, Neuron
from moreish.studio.expression_text import LONGEST, ExpressionError
from moreish.studio.expressions import ALLOWED, FUNCTIONS, KNOWN, Expression


def number(text: str, **leaves: float) -> float:
    return Expression(text, leaves).compute().data


@pytest.mark.parametrize(
    "text",
    [
        "(a*b + b**3).tanh()",
        "a/b - -a + +b",
        "n = a*b\no = n + n\no.relu()",
        "exp(a) + log(b) + sqrt(b) + abs(-a)",
        "2**a + a**b + 3*a/2",
        "sum([a, b, a])",
        "a.sigmoid() + softplus(b) + a.silu()",
    ],
)
def test_it_is_what_python_computes_of_values(text: str) -> None:
    leaves = {"a": Value(1.5), "b": Value(0.25)}
    functions = {name: lambda x, f=f: f(x) for name, f in FUNCTIONS.items()}
    names = {**functions, **leaves}
    *lines, last = text.split("\n")
    exec("\n".join(lines), names)
    wanted = eval(last, names)
    expression = Expression(text, {"a": 1.5, "b": 0.25})
    result = expression.compute()
    assert result.data == wanted.data
    wanted.backward()
    result.backward()
    for name, value, _ in expression.leaves():
        assert value.grad == leaves[name].grad


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_called_in_three_ways(name: str) -> None:
    wanted = FUNCTIONS[name](Value(0.5)).data
    for text in (f"{name}(a)", f"np.{name}(a)", f"a.{name}()"):
        assert number(text, a=0.5) == wanted


def test_networks_are_those_of_micrograd() -> None:
    random.seed(7)
    neuron, network = Neuron(2, activation="tanh"), MLP(3, [4, 2])
    text = 'n = Neuron(2, activation="tanh")([a, b])\nsum(MLP(3, [4, 2])([n, a, b]))'
    x = neuron([1.5, 0.25])
    first, second = network([x, 1.5, 0.25])
    random.seed(99)
    state = random.getstate()
    assert (
        Expression(text, {"a": 1.5, "b": 0.25}, seed=7).compute().data == first.data + second.data
    )
    assert random.getstate() == state


def test_leaves_and_parameters_have_names_of_their_own() -> None:
    names = [leaf.name for leaf in Expression("Layer(1, 2)([b])").leaves()]
    assert names == ["b", "n1.w1", "n1.b", "n2.w1", "n2.b"]
    names = [leaf.name for leaf in Expression("Neuron(1)([b])").leaves()]
    assert names == ["b", "net1.w1", "net1.b"]
    expression = Expression("Neuron(1)([b])", {"net1.w1": 4.0, "b": 2.0, "net1.b": -1.0})
    assert expression.compute().data == 7.0


def test_a_network_without_inputs_gets_leaves_and_a_list_is_added_up() -> None:
    expression = Expression("Layer(2, 3)")
    result = expression.compute()
    assert [leaf.name for leaf in expression.leaves()][:2] == ["x1", "x2"]
    assert "x1 to x2" in expression.remarks[0]
    assert "3 numbers" in expression.remarks[1]
    assert result.data == number("sum(Layer(2, 3)([x1, x2]))")


def test_a_number_with_a_name_is_a_leaf() -> None:
    text = "a = 3\nb = Value(-2.0, label='b')\na*b"
    assert number(text) == -6.0
    assert number(text, a=5.0) == -10.0


def test_computing_anew_takes_leaves_as_they_are() -> None:
    expression = Expression("Neuron(2)([a, b]) + a")
    (leaf, *_) = expression.leaves()
    before = expression.compute().data
    leaf.value.data += 1.0
    assert expression.compute().data != before
    leaf.value.data -= 1.0
    assert expression.compute().data == before


def test_places_are_those_of_the_text() -> None:
    text = "é*ü + (a*\n b).tanh()"
    expression = Expression(text)
    expression.compute()
    found = {text[start:end] for start, end in expression.places.values()}
    assert {"é*ü", "a*\n b", "(a*\n b).tanh()", text} == found


@pytest.mark.parametrize(
    ("text", "said", "marked"),
    [
        ("", "there is no expression, at character 1: type one as", ""),
        ("# a", "there is no expression", ""),
        ("a *", "something is missing, at character 4", ""),
        ("(a", r"`\(` was never closed, at character 1", "("),
        ("a b", "`b` is not expected here", "b"),
        ("cos(a)", "`cos` is not known here, at character 1: allowed are", "cos"),
        ("a + b.sin()", "`sin` is not known here, at character 7: allowed are", "sin"),
        ("a + (b*\n cos(c))", "`cos` is not known here, in line 2, at character 2", "cos"),
        ("é*ü + cos(x)", "at character 7", "cos"),
        ("a^b", r"\^ is no power here, at character 1: write \*\*", "a^b"),
        ("2a", "write 2\\*a for 2a", None),
        ("a/0", "`a/0` divides by zero, at character 3", "0"),
        ("a/(b-b)", "`b-b` is 0, give it another number", "b-b"),
        ("0**-a", "divides by zero", "0"),
        ("log(-a)", "`-a` is -2, and more than 0 is wanted", "-a"),
        ("sqrt(0-a)", "0 or more is wanted", "0-a"),
        ("(0-a)**0.5", "only whole powers of it are real", "0-a"),
        ("exp(a*1000)", "too large for a float", "exp(a*1000)"),
        ("10**400*a", "too large for a float", "10**400"),
        ("9" * 400 + "*a", "too large for a float", None),
        ("2+3", "nothing has a gradient", "2+3"),
        ("'x'+a", "`'x'` is not known here", "'x'"),
        ("lambda: 1", "`lambda: 1` is not known here, at character 1: allowed", "lambda: 1"),
        ("a if b else c", "not known here", "a if b else c"),
        ("True*a", "`True` is not known", "True"),
        ("a == b", "not known here", "a == b"),
        ("a//b", "the operator in `a//b` is not known", "a//b"),
        ("f(x)", "`f` is not known", "f"),
        ("a[0]", "only a list has elements", "a[0]"),
        ("Layer(2, 3)([a, b])[3]", "the list has 3 numbers", None),
        ("[a, b]+1", "this is a list, at character 1: take sum", "[a, b]"),
        ("[]", "this list is empty", "[]"),
        ("tanh", "`tanh` is a function, at character 1: write tanh", "tanh"),
        ("tanh(a, b)", "tanh takes one number, and here are 2", "tanh(a, b)"),
        ("a.tanh(b)", "takes nothing", "a.tanh(b)"),
        ("Neuron(2)+1", "a network wants its inputs", "Neuron(2)"),
        ("Neuron(2)([a])", "takes 2 inputs, and here are 1", "[a]"),
        ("Neuron(0)", "a size is a whole number from 1 to 1,000", "0"),
        ("Neuron(2, 3)", "takes its sizes, at character 1: as Neuron", "Neuron(2, 3)"),
        ("Neuron(2, activation='foo')", "there is no activation called 'foo'", None),
        ("Neuron(2, colour='red')", "options are nonlin=False and", "colour='red'"),
        ("MLP(2, [500, 500, 1])", "252,501 parameters", "MLP(2, [500, 500, 1])"),
        ("x*2\nx = 3", "`x` was used above, in line 2, at character 1: give it", None),
        ("a = 1\na = 2", "`a` has a number already", "a"),
        ("tanh = 3", "no name that can be given", "tanh"),
        ("for x in y: x", "a line is an expression", None),
        ("import os", "a line is an expression", "import os"),
        ("a" * 25, "at most 24 characters", "a" * 25),
    ],
)
def test_what_is_refused_is_said_with_its_place(text: str, said: str, marked: str | None) -> None:
    with pytest.raises(ExpressionError, match=said) as caught:
        Expression(text)
    if marked is not None:
        assert text[caught.value.start : caught.value.end] == marked


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__[0].__subclasses__()",
        "a.__class__",
        "a.data",
        "a.backward()",
        "Value.__init__(a)",
        "np.load('x')",
        "open('x')",
        "eval('1')",
        "[a for a in b]",
        "(a := 3)",
        "f'{a}'",
        "Neuron(2).w",
        "Neuron(n)",
        "MLP(2, [1] * 9)",
        "a\x00b",
        "(" * 300 + "a" + ")" * 300,
        "-" * 900 + "a",
        "+".join(["a"] * 400),
        "a" + " " * LONGEST + "+ b",
        "*".join(["(a*a)"] * 150),
        "\ud800",
    ],
)
def test_nothing_is_evaluated_as_python(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression(text)
    assert 0 <= caught.value.start <= caught.value.end <= len(text)


def test_a_graph_that_is_too_large_is_refused() -> None:
    calls = " + ".join(["net([a, b])"] * 3)
    with pytest.raises(ExpressionError, match="more than 61,000 nodes"):
        Expression(f"net = MLP(2, [99, 99, 1])\n{calls}")


def test_the_allowed_names_are_all_told() -> None:
    told = ALLOWED.replace(",", " ").split()
    assert {*FUNCTIONS, "sum", "Neuron", "Layer", "MLP"} <= set(told)
    assert set(FUNCTIONS) < KNOWN


def test_a_seed_that_can_not_be() -> None:
    with pytest.raises(OptionError, match="a seed is a whole number"):
        Expression("Neuron(2)", seed=-1)


PARTS = [
    *("a", "b", "0", "2.5", "1e308", "-", "+", "*", "/", "**", "(", ")", "[", "]", ",", "=", "\n"),
    *(
        ".tanh()",
        ".exp()",
        "log",
        "sqrt(",
        "abs",
        "gelu(",
        "sum",
        "Value(2)",
        "[0]",
        "np.",
        "é",
        " ",
    ),
    *("Neuron(2)", "Layer(2, 2)", "MLP(2, [2, 1])", "([a, b])", "'s'", "if", "lambda:", ":=", ";"),
]


def test_texts_of_any_parts_are_computed_or_refused() -> None:
    draw = random.Random(1)
    computed, places = 0, []
    for _ in range(2_000):
        text = "".join(draw.choice(PARTS) for _ in range(draw.randint(1, 9)))
        try:
            found = Expression(text, {"a": draw.choice([0.0, -2.0, 1e200])}).compute()
        except ExpressionError as error:
            places.append((error.start, error.end, len(text)))
        else:
            computed += 1
            assert found.data - found.data == 0, text
    assert computed > 50
    assert all(0 <= start <= end <= length for start, end, length in places)
