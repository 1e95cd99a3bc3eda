"""The README: short, with pictures that are drawn by ourselves and figures that were measured."""

import ast
import doctest
import importlib.util
import io
import re
import tokenize
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

from project.structure import ROOT, SOURCE

README = (ROOT / "README.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())
LINES = 180
BYTES = 100_000  # of a picture


def test_it_is_short() -> None:
    assert README.count("\n") <= LINES


def test_its_sentences_are_short() -> None:
    assert_plain([README], mean=14, long=0.03)


def test_the_sentences_of_the_pages_are_short() -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("docs/**/*.md"))]
    assert_plain(pages, mean=15, long=0.05)


def assert_plain(documents: list[str], mean: float, long: float) -> None:
    """At most so many words a sentence on average, and so large a part of more than 30 words."""
    found = [sentence for document in documents for sentence in sentences(document)]
    words = [len(sentence.split()) for sentence in found]
    assert sum(words) / len(words) <= mean
    over = [sentence for sentence, count in zip(found, words, strict=True) if count > 30]
    assert len(over) / len(words) <= long, "\n".join(over)


def sentences(document: str) -> list[str]:
    """The sentences of three words and more, without blocks, tables and headings."""
    text = re.sub(r"^```.*?^```|^<!--.*?-->|^(?:\||#|    ).*?$", "", document, flags=re.M | re.S)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    parts = re.split(r"\n\s*\n|\n\s*(?:-|\d\.) |(?<=[.!?:;])\s+(?=[A-Z`(])", text)
    return [" ".join(part.split()) for part in parts if len(part.split()) > 2]


def test_sentences() -> None:
    document = (
        "# A b c\n\nOne [two](three.md) four. Five six seven,\neight.\n- Ten. One two three\n"
    )
    assert sentences(document) == ["One [two] four.", "Five six seven, eight.", "One two three"]


def test_every_page_is_linked() -> None:
    for page in sorted(ROOT.glob("docs/*.md")):
        assert f"](docs/{page.name})" in README


def test_every_picture_is_shown_and_small() -> None:
    assert [path.name for path in PICTURES] == sorted(tool("make_pictures").PICTURES)
    for path in PICTURES:
        assert f"pictures/{path.name}" in README + GLOSSARY
        assert path.stat().st_size < BYTES
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_the_graph_is_drawn_as_it_was() -> None:
    """The others are made by matplotlib, whose versions draw differently."""
    shown = (ROOT / "docs" / "pictures" / "graph.svg").read_text(encoding="utf-8")
    lines = re.compile(r":\d+ in")  # of the program that draws it
    assert lines.sub("", tool("make_pictures").graph()) == lines.sub("", shown.rstrip("\n"))


def test_the_examples_of_the_program() -> None:
    assert doctest.testmod(tool("make_pictures")) == (0, 1)


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
