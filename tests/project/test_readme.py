"""The README: short, with pictures that are drawn by ourselves and figures that were measured."""

import ast
import importlib.util
import io
import re
import tokenize
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

from project.structure import ROOT, SOURCE

README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())
LINES = 180
BYTES = 60_000


def test_it_is_short() -> None:
    assert README.count("\n") <= LINES


def test_every_page_is_linked() -> None:
    for page in sorted(ROOT.glob("docs/*.md")):
        assert f"](docs/{page.name})" in README


def test_every_picture_is_shown_and_small() -> None:
    assert [path.name for path in PICTURES] == sorted(tool("make_pictures").PICTURES)
    for path in PICTURES:
        assert f"docs/pictures/{path.name}" in README
        assert path.stat().st_size < BYTES
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_the_graph_is_drawn_as_it_was() -> None:
    """The others are made by matplotlib, whose versions draw differently."""
    shown = (ROOT / "docs" / "pictures" / "graph.svg").read_text(encoding="utf-8")
    assert tool("make_pictures").graph() == shown.rstrip("\n")


def test_the_figures_were_measured() -> None:
    """Each number of a row stands in a section of the results that its script wrote."""
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+\| `(\w+\.py)` \|$", README, re.MULTILINE)
    assert len(rows) == 5
    for script in rows:
        (row,) = [line for line in README.split("\n") if line.endswith(f"| `{script}` |")]
        written = [part for part in results.split("\n## ") if f"benchmarks/{script}`" in part]
        for number in re.findall(r"\d[\d,.]*", row):
            assert any(number in part for part in written), f"{number} is not in {script}'s results"


def test_the_core_is_as_long_as_it_says() -> None:
    said = re.search(r"about ([\d,]+) lines of code", " ".join(README.split()))
    assert said is not None
    engine = SOURCE / "engine"
    core = [engine / "graph.py", engine / "value.py", *engine.glob("rules/*.py")]
    assert said[1] == f"{round(sum(map(lines_of_code, core)), -2):,}"


def lines_of_code(path: Path) -> int:
    """The lines of a module that are not blank, a comment or a docstring."""
    text = path.read_text(encoding="utf-8")
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string.strip() and token.type != tokenize.COMMENT:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(
            node
        ):
            first = node.body[0]
            lines -= set(range(first.lineno, (first.end_lineno or 0) + 1))
    return len(lines)


def test_lines_of_code(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        '"""A.\n\nB."""\n\n# c\na = """d\ne"""\n\n\ndef f(x):\n    """F."""\n    return x\n'
    )
    assert lines_of_code(path) == 4


def tool(name: str) -> ModuleType:
    """A program of tools/."""
    specification = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
