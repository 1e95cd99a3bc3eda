"""Read the project's own source: its modules, what each imports, what each prints."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "moreish"

# Lowest first: a room may import only what stands before it. The engine and text have an order of
# their own inside.
ROOMS = (
    "errors",
    "engine.graph",
    "engine.source_lines",
    "engine.rules",
    "engine.activations",
    "engine.value",
    "engine.dtypes",
    "engine.device",
    "engine.draw_bounds",
    "engine.fused_multiply_add",
    "engine.box_muller",
    "engine.generator",
    "engine.default_generator",
    "engine.tensor",
    "engine.random",
    "engine.tangents",
    "engine.edges",
    "engine.axes",
    "engine.checking",
    "engine.explaining",
    "engine",
    "storage",
    "torch",
    "text.short_repr",
    "text.sorted_arrays",
    "text.control_characters",
    "text.sources",
    "text.documents",
    "text.formats",
    "text.normalization",
    "text.cleaning",
    "text.left_out",
    "text.reading",
    "text.items",
    "text.vocabulary",
    "text.splits",
    "text.ngram_keys",
    "text.tally",
    "text.context_table",
    "text.counts",
    "text.counting",
    "text.positions",
    "text.ingest",
    "text.hashed_documents",
    "text.dataset",
    "text.remembered",
    "text",
    "recording",
    "micrograd",
    "slips",
    "models",
    "scoring",
    "training",
    "generate",
    "model",
    "rows",
    "classifier",
    "learning",
    "estimator",
    "comparison",
    "processes",
    "paper",
    "draw",
    "",  # the package itself
    "serve",
    "studio",
    "cli",
    "__main__",
)


@dataclass(frozen=True)
class Module:
    """A file of source."""

    name: str  # without the package's name: "engine.tensor", "" for the package itself
    path: Path

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    def imports(self) -> Iterator[str]:
        """Every module it imports, anywhere in it; of the project's own as "moreish.x.y"."""
        parts = ["moreish", *self.name.split(".")] if self.name else ["moreish"]
        package = parts if self.path.name == "__init__.py" else parts[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                start = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*start, *(node.module or "").split(".")]).strip(".")
                yield from (f"{base}.{alias.name}" for alias in node.names)


def modules(source: Path = SOURCE) -> list[Module]:
    """All modules below `source`; there must be some."""
    found = []
    for path in sorted(source.rglob("*.py")):
        parts = list(path.relative_to(source).with_suffix("").parts)
        found.append(Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    if not found:
        raise AssertionError(f"no modules below {source}")
    return found


def room_of(name: str) -> str | None:
    """The room that a dotted name is in: the longest that fits, None if there is none."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in ROOMS:
            return ".".join(parts[:length])
    return None


def upward_imports(source: Path = SOURCE) -> list[str]:
    """A sentence for each import that does not go down, and each module without a room."""
    wrong = []
    for module in modules(source):
        own = room_of(module.name)
        if own is None:
            wrong.append(f"{module.name} is in no room")
            continue
        for imported in module.imports():
            if imported.split(".")[0] != "moreish":
                continue
            theirs = room_of(imported.removeprefix("moreish").removeprefix("."))
            if theirs is None:
                theirs = "" if imported.count(".") == 1 else None
            same = own == theirs or (theirs or "").startswith(f"{own}.")
            if theirs is None or (not same and ROOMS.index(theirs) > ROOMS.index(own)):
                wrong.append(f"{module.name} imports {imported}, which is not below it")
    return wrong


# Whose private names others still use, and who uses them. Rooms that are being built anew.
BEING_BUILT = ("engine", "torch", "recording")
ALLOWED = {
    "draw.graphs.tensor_nodes": {"_history", "_parents", "_walk"},  # the graph, which is engine's
    # `_prev` is the learner's, as micrograd has it.
    "draw.graphs.value_nodes": {"_a", "_b", "_code", "_line", "_op", "_position", "_prev", "_row"},
    "draw.graphs.modules": {"_row"},
    "studio.expressions": {"_code"},
    "generate.patterns": {"_parser"},  # Python's own, of regular expressions
}


def private_across_rooms(source: Path = SOURCE) -> list[str]:
    """A sentence for each private name of another room that a module imports or asks for.

    A name is of the room where it is written as a variable, a function or an attribute of `self`.
    """
    trees = [(module, module.tree) for module in modules(source)]
    own: dict[str, set[str]] = {}
    for module, tree in trees:
        own.setdefault(_top(module.name), set()).update(_private_names(tree))
    wrong = []
    for module, tree in trees:
        if _top(module.name) in BEING_BUILT:
            continue
        for name in _private_uses(tree):
            if name not in own[_top(module.name)] | ALLOWED.get(module.name, set()):
                wrong.append(f"{module.name} uses {name}, which is private to another room")
    return wrong


def _top(name: str) -> str:
    return name.split(".")[0]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _private_names(tree: ast.Module) -> Iterator[str]:
    """Those that a module makes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and _is_private(node.name):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and _is_of_itself(node):
            yield node.attr


def _private_uses(tree: ast.Module) -> Iterator[str]:
    """Those that a module imports, or asks other things than `self` for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if _is_private(alias.name))
        elif isinstance(node, ast.Attribute) and _is_private(node.attr) and not _is_of_itself(node):
            yield node.attr


def _is_of_itself(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def printing(source: Path = SOURCE) -> list[str]:
    """Modules outside of cli that call print."""
    return [
        module.name
        for module in modules(source)
        if room_of(module.name) != "cli"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]


def foreign_imports(source: Path = SOURCE) -> dict[str, set[str]]:
    """For each module the top-level packages it imports that are not Python's own or ours."""
    import sys

    return {
        module.name: {
            top
            for top in (imported.split(".")[0] for imported in module.imports())
            if top not in sys.stdlib_module_names and top != "moreish"
        }
        for module in modules(source)
    }
