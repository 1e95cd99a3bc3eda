"""Point the documentation's links at the lines again: python tools/point.py (or make fix).

A link [`name`](path.py#L12) means the line where `name` is defined in that file; `Class.name` is a
member of a class. A name that is not there is an error.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\[`([\w.]+)`\]\(([\w./]+\.py)#L(\d+)\)")


def line_of(name: str, path: Path) -> int:
    """The line that defines `name` in a file; LookupError if none does.

    A member may also stand in another class of the file, a part that its class is made of.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    first, *member = name.split(".")
    found = [node for node in tree.body if first in _names(node)]
    if member:
        classes = [node for node in found or tree.body if isinstance(node, ast.ClassDef)]
        found = [node for own in classes for node in own.body if member[0] in _names(node)]
    if not found:
        raise LookupError(f"{path.name} does not define {name}")
    return found[0].lineno


def _names(node: ast.AST) -> set[str]:
    """What a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {name.id for t in targets if t for name in ast.walk(t) if isinstance(name, ast.Name)}


def pointed(document: Path) -> str:
    """The document with every link at its line."""

    def point(match: re.Match[str]) -> str:
        name, path, _ = match.groups()
        return f"[`{name}`]({path}#L{line_of(name, document.parent / path)})"

    return LINK.sub(point, document.read_text(encoding="utf-8"))


def main() -> None:
    """Rewrite the documents whose links have moved."""
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = pointed(document)
        if text != document.read_text(encoding="utf-8"):
            document.write_text(text, encoding="utf-8")
            sys.stdout.write(f"pointed {document.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
