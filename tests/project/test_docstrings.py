"""Docstrings of the public face have one form, which CONTRIBUTING gives; here it is held.

What a function takes and gives is read off its annotations, what it raises off its code. Whether
its docstring says so, by shape, unit and error, can then be told. Whether it says so well can't.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from project.structure import modules

HELP_TEXTS = ("cli",)  # a command's docstring is what `--help` prints, and names no classes

NOT_HELD = tuple(f"{room}." for room in HELP_TEXTS)
SIZE = r"(?:\.\.\.|\w+)(?: ?[-+*/] ?\w+)*"
# "(...)" is any shape, as of a function of each number; "f(...)" and "f()" are calls.
SHAPE = re.compile(rf"(?<!\w)\((?:\.\.\.|{SIZE},(?: {SIZE})?(?:, {SIZE})*)?\)|\bshape\b")
UNIT = re.compile(
    r"\b(?:nats|bits|seconds|bytes|pixels|tokens?|items|probabilit(?:y|ies)|shares?|percent|perplexity"
    r"|from 0 to 1|nats per token|learning rates?|added to each count)\b"
)
ABOUT_NATS = re.compile(r"log_prob|nats|surprise|likelihood|loss")
NATS = re.compile(r"\bnats\b")
IS_ARRAY = re.compile(r"\b(?:ndarray|Tensor)\b")
BY_NAME = re.compile(r"(?:dict|Mapping)\[str, [^]]*\]")  # arrays by name: a file's, or parameters
YEAR = re.compile(r"(?<!since )\b(?:19|20)\d\d\b")
NO_FAULT_OF_A_USER = {"NotImplementedError", "AssertionError", "AttributeError"}
# What need not be said, by name, and why.
EXCEPTIONS = {
    ("model.load", "ValueError"): "`reading` makes a ModelFileError of it",
    ("models.arpa_reader.read_arpa", "ValueError"): "it makes a ModelFileError of it",
    ("storage.model_file.read_file", "ValueError"): "it makes a ModelFileError of it",
    ("torch.serialization.load", "ValueError"): "`reading` makes a ModelFileError of it",
    ("storage.model_file.read_file", "TypeError"): "it makes a ModelFileError of it",
    ("engine.tensor.shape.Moves.unsqueeze", "RuntimeError"): "its sizes always fit",
    **{
        (f"engine.value.Value.{name}", error): "the helper's: a Value is one number already"
        for name in ("exp", "log", "sqrt")
        for error in ("TypeError", "OverflowError")
    },
    **{
        (name, "unit"): "the unit is that of the user's own graph"
        for name in (
            "engine.value.Value.data",
            "draw.graphs.nodes.Node.numbers",
            "draw.graphs.tensor_nodes.TensorNode.numbers",
            "draw.graphs.value_nodes.OwnNode.numbers",
            "engine.tensor.operands.must_be_number",
            "draw.graphs.value_nodes.ValueNode.numbers",
        )
    },
    ("torch.nn.init.calculate_gain", "unit"): "a factor has none",
    **{
        (f"torch.nn.{name}", "nats"): "it compares numbers of any unit, and no probabilities"
        for name in (
            "losses.mse_loss",
            "pointwise_losses.huber_loss",
            "pointwise_losses.l1_loss",
            "pointwise_losses.smooth_l1_loss",
        )
    },
}
# Methods that somebody found: the module, and who is to be named by its `Source:`.
METHODS = {
    "classifier": ["Platt"],
    "generate.alias_sampling": ["Walker", "Vose"],
    "generate.automaton": ["Moore"],
    "generate.decoding": ["Fan", "Holtzman"],
    "generate.exact": ["Rabiner"],
    "generate.exclusion_trie": ["Fredkin"],
    "generate.importance_sampling": ["Rubin", "Kong"],
    "generate.patterns": ["Rabin"],
    "generate.top": ["Hart"],
    "models.backoff": ["Katz"],
    "models.context_states": ["Aho"],
    "models.interpolation": ["Jelinek"],
    "models.mlp": ["Bengio"],
    "models.smoothing": ["Chen", "Witten"],
    "scoring.diagnosis": ["Efron"],
    "scoring.edits": ["Damerau"],
    "scoring.novelty": ["Wagner"],
    "torch.nn.activations": ["Hendrycks"],
    "torch.nn.distances": ["Vaswani"],
    "torch.nn.functional": ["Hendrycks", "K. He", "J. L. Ba", "Ioffe", "Srivastava"],
    "torch.nn.init": ["Glorot", "K. He"],
    "torch.nn.layers": ["Srivastava"],
    "torch.nn.losses": ["Szegedy"],
    "torch.nn.normalization": ["J. L. Ba", "Ioffe"],
    "torch.nn.piecewise": ["Howard", "Barron", "Bergstra", "Misra", "Donoho", "Dauphin"],
    "torch.nn.pointwise_losses": ["Girshick", "Huber", "Kullback"],
    "torch.optim.adam": ["Kingma", "Reddi", "Loshchilov"],
    "torch.optim.lr_scheduler": ["Loshchilov"],
    "torch.optim.one_cycle": ["Smith"],
    "torch.optim.sgd": ["Sutskever"],
    "training.range_test": ["Smith"],
    "training.schedules": ["Loshchilov"],
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Public:
    """A public function or method, with what is said of it."""

    name: str
    node: Function
    said: str  # by its docstring; of `__init__` by that of the class
    helpers: dict[str, Function]  # private functions of its file

    def annotations(self) -> list[str]:
        """Of what it takes and gives."""
        own = self.node.args
        found = [a.annotation for a in (*own.posonlyargs, *own.args, *own.kwonlyargs)]
        return [ast.unparse(one) for one in (*found, self.node.returns) if one is not None]

    def raised(self) -> set[str]:
        """The errors that it raises itself, or by private functions of its file."""
        found, seen, waiting = set(), set(), [self.node]
        while waiting:
            for node in ast.walk(waiting.pop()):
                if isinstance(node, ast.Raise) and node.exc is not None:
                    found.add(ast.unparse(getattr(node.exc, "func", node.exc)))
                name = getattr(node, "attr", getattr(node, "id", None))
                if name in self.helpers and name not in seen:
                    seen.add(name)
                    waiting.append(self.helpers[name])
        return {name for name in found if name.endswith("Error")} - NO_FAULT_OF_A_USER


def public(tree: ast.Module, module: str) -> Iterator[Public]:
    """What a user can call, of one file."""
    private = {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, Function) and re.match(r"_[^_]", node.name)
    }
    for node in tree.body:
        if isinstance(node, Function) and not node.name.startswith("_") and is_told(node):
            yield Public(f"{module}.{node.name}", node, ast.get_docstring(node) or "", private)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for method in node.body:
                if not isinstance(method, Function) or not is_told(method):
                    continue
                if not re.match(r"_(?!_init__)", method.name):
                    said = node if method.name == "__init__" else method
                    name = f"{module}.{node.name}.{method.name}"
                    yield Public(name, method, ast.get_docstring(said) or "", private)


def is_told(one: Function) -> bool:
    """Whether its docstring is to be read.

    A setter is told where its property is read, one signature of several where the code is.
    """
    decorators = [ast.unparse(decorator) for decorator in one.decorator_list]
    return not any(name.endswith((".setter", "overload")) for name in decorators)


def faults(one: Public) -> Iterator[str]:
    """What the docstring does not say."""
    text, returns = one.said.split(">>>")[0], one.annotations()[-1:]
    gives = returns[0] if one.node.returns is not None else ""
    is_array = any(IS_ARRAY.search(BY_NAME.sub("", a)) for a in one.annotations())
    if is_array and not SHAPE.search(text):
        yield "takes or gives arrays, and names no shape, as (B, T)"
    has_unit = (one.name, "unit") in EXCEPTIONS or UNIT.search(text)
    if re.search(r"\bfloat\b", gives) and not has_unit:
        yield "gives a number, and names no unit, as nats"
    is_about_nats = ABOUT_NATS.search(one.node.name) and re.search("float|ndarray|Tensor", gives)
    has_nats = (one.name, "nats") in EXCEPTIONS or NATS.search(text)
    if is_about_nats and not has_nats:
        yield "is about log-probabilities or losses, and does not say that they are in nats"
    for error in sorted(one.raised()):
        is_said = re.search(rf"\b{error}\s(?:if|where|for)\b", text)
        if not is_said and (one.name, error) not in EXCEPTIONS:
            yield f"raises {error}: '{error} if ...', 'where ...' or 'for ...' is wanted"
    if not re.match(r"([^a-z]|[a-z]\b|\w+\().*?[.:](\s|$)", text, re.DOTALL):  # or a formula
        yield "does not begin with a sentence"


HELD = [m for m in modules() if not f"{m.name}.".startswith(NOT_HELD)]


def test_shapes_units_and_errors_are_named() -> None:
    named = [p for module in HELD for p in public(module.tree, module.name)]
    wrong = [f"{p.name} {fault}" for p in named for fault in faults(p)]
    assert not wrong, "\n".join(wrong)


def test_who_found_a_method_is_named() -> None:
    """Where a year is given, it is a paper's, and stands behind `Source:`."""
    kinds = (ast.Module, ast.ClassDef, Function)
    for module in modules():
        said = [ast.get_docstring(n) or "" for n in ast.walk(module.tree) if isinstance(n, kinds)]
        sources = " ".join(text.partition("Source")[2] for text in said)
        assert all(name in sources for name in METHODS.get(module.name, [])), module.name
        for text in said:
            assert not YEAR.search(re.split(r"\bSources?:|>>>", text)[0]), text


def test_what_is_named_here_is_there() -> None:
    assert {module.name for module in modules()} >= {*HELP_TEXTS, *METHODS}


def test_exceptions_are_needed() -> None:
    """One that nothing asks for any more goes."""
    there = {p.name: p for module in HELD for p in public(module.tree, module.name)}
    for name, what in EXCEPTIONS:
        words = {"unit": UNIT, "nats": NATS}.get(what)
        is_needed = not words.search(there[name].said) if words else what in there[name].raised()
        assert is_needed, name


def test_each_fault_is_seen() -> None:
    """One function that says all of it, and the same with each thing left out in turn."""
    source = '''
    def nats_of(tokens: np.ndarray, table: dict[str, np.ndarray]) -> float:
        """(N,) tokens → their surprise in nats. OptionError if there are none.

        >>> nats_of(np.array([1]), {})  # OptionError if not, (3, 4), bytes
        """
        _check(tokens)

    def _check(tokens: np.ndarray) -> None:
        raise OptionError("none")
    '''
    assert found_in(source) == []
    assert found_in(source.replace("(N,)", "(...)")) == []
    for said, instead, fault in (
        ("(N,) tokens", "Tokens", "no shape"),
        ("(N,) tokens", "f() of tokens, f(...)", "no shape"),
        ("(N,) tokens", "tokens (N,)", "begin with a sentence"),
        ("nats. ", "numbers. ", "in nats"),
        ("tokens → their surprise in nats", "numbers → their mean", "no unit"),
        (". OptionError if there", ", if there", "'OptionError if"),
        (". OptionError if there", ", an OptionError; there", "'OptionError if"),
    ):
        assert any(fault in one for one in found_in(source.replace(said, instead))), fault


def test_a_function_of_several_signatures_is_told_once() -> None:
    source = """
    @overload
    def first(x: np.ndarray) -> None: ...

    def first(x: np.ndarray) -> None: ...
    """
    wanted = ["names no shape", "begin with a sentence"]
    assert all(a in b for a, b in zip(wanted, found_in(source), strict=True))


def found_in(source: str) -> list[str]:
    return [fault for one in public(ast.parse(dedent(source)), "m") for fault in faults(one)]
