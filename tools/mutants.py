"""Small mistakes, planted one at a time: do the nearest tests see them?

    python tools/mutants.py [--seed 1] [--count 40] [MODULE ...]

Each mutant is one change in one function: a comparison, a sign, a number, a condition, the order of
two arguments, a statement left out. The seed says which are tried, so a run can be repeated. Each
is written into a copy of the tree, and the tests named beside its module run there. What no
test sees is alive: it is a gap in the tests, or changes nothing (see docs/notes.md).
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
WORKERS = 2
WANTED = 0.85  # of the mutants are to be killed
TESTS = {
    "generate/exact": ["generate/test_exact.py", "generate/test_exactness.py"],
    "generate/chain": ["generate/test_exact.py", "generate/test_exactness.py"],
    "models/smoothing": ["models/test_ngram.py"],
    "models/interpolation": ["models/test_ngram.py", "models/test_mixture.py"],
    "text/context_table": ["text/test_counts.py", "text/test_counting.py"],
    "text/counts": ["text/test_counts.py", "text/test_counting.py"],
    "text/splits": ["text/test_splits.py", "text/test_ingest.py"],
    "scoring/evaluate": ["scoring/test_evaluate.py"],
}
OTHER = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
NOT_CHANGED = (ast.Raise, ast.Assert, ast.JoinedStr, ast.arguments)  # messages, types, defaults


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    module: str
    line: int
    before: str
    after: str
    source: str  # of the whole module, changed

    def __str__(self) -> str:
        return f"{self.module}:{self.line}  {self.before}  →  {self.after}"


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """The node as small mistakes would have it."""
    other = copy.deepcopy(node)
    match other:
        case ast.Compare(ops=[operator, *_]) if type(operator) in OTHER:
            other.ops[0] = OTHER[type(operator)]()
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign() if type(other.op) in OTHER:
            other.op = OTHER[type(other.op)]()
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            other = other.operand
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            other.value = number + 1
        case ast.Call(args=[first, second, *_]) if not _is_commutative(node):
            other.args[:2] = [second, first]
        case ast.If() | ast.IfExp():
            yield ast.UnaryOp(ast.Not(), copy.deepcopy(node.test))
            return
        case ast.Expr(value=ast.Call()) | ast.Break() | ast.Assign(targets=[ast.Subscript()]):
            other = ast.Pass()
        case _:
            return
    yield other


def _is_commutative(call: ast.Call) -> bool:
    """Whether the order of two arguments says nothing."""
    name = ast.unparse(call.func).split(".")[-1]
    return name in ("min", "max", "minimum", "maximum", "array_equal")


def nodes(tree: ast.AST, is_inside: bool = False) -> Iterator[ast.AST]:
    """What may be changed: what stands in functions, but for messages and types."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, NOT_CHANGED) or child in (
            getattr(tree, "returns", None),
            getattr(tree, "annotation", None),
        ):
            continue
        inside = is_inside or isinstance(child, ast.FunctionDef)
        if inside and is_inside:
            yield child
        yield from nodes(child, inside)


def mutants_of(module: str) -> list[Mutant]:
    """Every mutant of a module, from its first line to its last."""
    source = (ROOT / "src/moreish" / f"{module}.py").read_text()
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node in nodes(ast.parse(source)):
        for change in changes(node):
            place = node.test if isinstance(node, ast.If | ast.IfExp) else node
            first = starts[place.lineno - 1] + place.col_offset
            last = starts[place.end_lineno - 1] + place.end_col_offset
            text = ast.unparse(change)
            if isinstance(change, ast.expr) and not isinstance(change, ast.Constant):
                text = f"({text})"
            bytes_now = source.encode()[:first] + text.encode() + source.encode()[last:]
            before = " ".join(source.encode()[first:last].decode().split())
            found.append(Mutant(module, place.lineno, before, text, bytes_now.decode()))
    return sorted(found, key=lambda mutant: mutant.line)


def sample(modules: list[str], count: int, seed: int) -> list[Mutant]:
    """So many mutants, of each module about as many."""
    rng = random.Random(seed)
    chosen = []
    for number, module in enumerate(modules):
        own = count // len(modules) + (number < count % len(modules))
        chosen += rng.sample(mutants_of(module), own)
    return chosen


def copied_tree(folder: str) -> Path:
    """A copy of what the tests need; SystemExit if Python would import moreish from elsewhere."""
    tree = Path(folder)
    for name in ("src", "tests", "examples", "tools"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tree / name)
    command = [sys.executable, "-c", "import moreish; print(moreish.__file__)"]
    done = subprocess.run(command, env=environment(tree), capture_output=True, text=True)
    if not done.stdout.startswith(str(tree)):
        raise SystemExit(f"moreish would come from elsewhere: {done.stdout or done.stderr}")
    return tree


def environment(tree: Path) -> dict[str, str]:
    mine = {"PYTHONPATH": str(tree / "src"), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return os.environ | mine | {"PYTHONDONTWRITEBYTECODE": "1"}


def verdict(tree: Path, module: str, limit: float | None = None) -> str:
    """What the tests of a module say of this tree; too slow is more than so many seconds."""
    files = [*(f"tests/{name}" for name in TESTS[module]), f"src/moreish/{module}.py"]
    options = ["-qx", "-m", "not long", "-n0", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *files]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment(tree), capture_output=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return "too slow"
    return "killed" if done.returncode else "ALIVE"


def run(mutant: Mutant, trees: SimpleQueue[Path], limits: dict[str, float]) -> str:
    """What the tests say of a mutant."""
    tree = trees.get()
    place = tree / "src/moreish" / f"{mutant.module}.py"
    original = place.read_text()
    try:
        place.write_text(mutant.source)
        return verdict(tree, mutant.module, limits[mutant.module])
    finally:
        place.write_text(original)
        trees.put(tree)


def limit_of(module: str, trees: SimpleQueue[Path]) -> float:
    """How many seconds the tests of a module may take; SystemExit if they fail as they are."""
    tree, began = trees.get(), time.perf_counter()
    try:
        if verdict(tree, module) != "ALIVE":
            raise SystemExit(f"the tests of {module} fail without any mutant: mend them first")
    finally:
        trees.put(tree)
    return 30 + 5 * (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", choices=[[], *TESTS])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    modules = asked.modules or list(TESTS)
    chosen = sample(modules, asked.count, asked.seed)
    dead = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            trees.put(copied_tree(f"{folder}/{number}"))
        found = pool.map(lambda module: limit_of(module, trees), modules)
        limits = dict(zip(modules, found, strict=True))
        verdicts = pool.map(lambda mutant: run(mutant, trees, limits), chosen)
        for mutant, said in zip(chosen, verdicts, strict=True):
            dead += said != "ALIVE"
            print(f"{said:8}  {mutant}", flush=True)
    print(f"seed {asked.seed}: {dead} of {len(chosen)} mutants killed")
    raise SystemExit(dead < WANTED * len(chosen))


if __name__ == "__main__":
    main()
