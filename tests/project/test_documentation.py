"""Everything that the documentation says can be run is run, and everything it names is there."""

import ast
import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

from project.readme import blocks, commands, matches, run_console, run_python
from project.structure import ROOT, SOURCE, modules

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "benchmarks/*.md", "src/**/*.md")
    for path in ROOT.glob(pattern)
)
README = ROOT / "README.md"
WIDTH = 120
# They train model after model.
SLOW = ("docs/arpa.md", "docs/constraints.md", "docs/models.md", "docs/scoring.md")


def test_there_is_documentation() -> None:
    names = {path.name for path in DOCUMENTS}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "design.md"} <= names
    assert len(blocks(README.read_text())) >= 5


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name, marks=pytest.mark.long if name in SLOW else ())
        for path in DOCUMENTS
        for name in [str(path.relative_to(ROOT))]
    ],
)
def test_what_it_shows_is_what_happens(path: Path, tmp_path: Path) -> None:
    names: dict[str, object] = {}
    wrong = []
    for block in blocks(path.read_text(encoding="utf-8")):
        if not block.is_run:
            continue
        if block.language == "console":
            wrong += run_console(block.text, tmp_path)
        elif block.language == "python":
            wrong += run_python(block.text, names, tmp_path)
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


@pytest.mark.parametrize(
    "path",
    [
        README,
        *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "CHANGELOG", "SECURITY")),
        *sorted(ROOT.glob("docs/**/*.md")),
    ],
    ids=lambda path: path.name,
)
def test_lines_are_short(path: Path) -> None:
    assert too_long(path.read_text(encoding="utf-8")) == []


def too_long(document: str) -> list[int]:
    """The numbers of lines that are too long.

    A row of a table can't be broken, nor can a word, nor what Python prints of an error.
    """
    whole = re.compile(r"\||\w+Error: |\S+$")
    return [
        number
        for number, line in enumerate(document.split("\n"), start=1)
        if len(line) > WIDTH and not whole.match(line)
    ]


def mapped(document: str) -> list[str]:
    """The paths in the map: the text block whose first line is a path."""
    for block in blocks(document):
        paths = [line.split()[0] for line in block.text.split("\n") if line[:1].strip()]
        if block.language == "text" and paths and paths[0].startswith("src/"):
            return paths
    raise AssertionError("there is no map")


def test_the_map_is_the_land() -> None:
    paths = mapped((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    for path in paths:
        assert (ROOT / path).exists(), f"the map names {path}"
    rooms = {
        path.name.removesuffix(".py")
        for path in SOURCE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.name[0] != "_"
    }
    named = {Path(path).name.removesuffix(".py") for path in paths}
    assert rooms <= named, f"not on the map: {rooms - named}"


def test_public_functions_have_an_example_that_is_found() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    missing, found = [], 0
    for module in modules():
        if "\n__all__" not in module.path.read_text(encoding="utf-8"):
            continue
        loaded = import_module(f"moreish.{module.name}".strip("."))
        for name in loaded.__all__:
            thing = getattr(loaded, name)
            if inspect.isfunction(thing):
                found += 1
                if not any(test.examples for test in finder.find(thing, name)):
                    missing.append(f"{module.name}.{name}")
    assert found >= 20
    assert missing == []


def test_every_public_function_says_what_it_does() -> None:
    silent, found = [], 0
    for module in modules():
        tree = module.tree
        assert ast.get_docstring(tree), f"{module.name or 'moreish'} does not say what it is for"
        for node in ast.walk(tree):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name[0] != "_":
                found += 1
                if not ast.get_docstring(node) and not _is_inner(tree, node):
                    silent.append(f"{module.name}.{node.name}")
    assert found > 100
    assert silent == []


def _is_inner(tree: ast.Module, node: ast.AST) -> bool:
    """Whether a function stands inside another, where nobody calls it by name, or sets one, or is
    one of the signatures of another."""
    for decorator in node.decorator_list:
        if getattr(decorator, "attr", getattr(decorator, "id", "")) in ("setter", "overload"):
            return True
    return any(
        isinstance(outer, ast.FunctionDef) and outer is not node and node in ast.walk(outer)
        for outer in ast.walk(tree)
    )


class TestTheChecker:
    def test_a_wrong_line_is_seen(self, tmp_path: Path) -> None:
        assert run_console("$ echo a\nb", tmp_path)
        assert run_console("$ echo a", tmp_path)
        assert run_console("$ true\na", tmp_path)
        assert not run_console("$ echo a; echo b\na\nb", tmp_path)

    def test_a_command_that_fails_is_seen(self, tmp_path: Path) -> None:
        assert run_console("$ false", tmp_path)
        assert run_console("$ no-such-command | wc -l\n...", tmp_path)
        assert run_console("echo a", tmp_path)

    @pytest.mark.parametrize("fence", ["  ```", "~~~"])
    def test_a_fence_that_would_not_be_read_is_seen(self, fence: str) -> None:
        with pytest.raises(AssertionError, match="line 2 would not be read"):
            blocks(f"x\n{fence}console\n$ false\n{fence}\n")

    def test_a_wrong_session_is_seen(self, tmp_path: Path) -> None:
        assert run_python(">>> 1 + 1\n3", {}, tmp_path)
        assert not run_python(">>> x = 1\n>>> x + 1\n2", {}, tmp_path)

    def test_dots_are_anything(self) -> None:
        assert matches(["a...c", "...", "z"], ["abc", "y", "y", "z"])
        assert not matches(["a...c"], ["abd"])

    def test_commands_and_blocks(self) -> None:
        assert commands("$ a\n1\n$ b") == [("a", ["1"]), ("b", [])]
        found = blocks("x\n```console\n$ a\n```\n<!-- not run: slow -->\n```python\ny\n```\n")
        assert [(b.language, b.text, b.is_run) for b in found] == [
            ("console", "$ a", True),
            ("python", "y", False),
        ]

    def test_a_long_line_is_seen(self) -> None:
        line = "ab " * WIDTH
        assert too_long(f"a\n{line}\n| {line}|\n{'a' * 200}\n") == [2]

    def test_a_map_without_paths_is_seen(self) -> None:
        with pytest.raises(AssertionError, match="there is no map"):
            mapped("nothing")
