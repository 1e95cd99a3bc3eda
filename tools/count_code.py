"""How much code there is: python tools/count_code.py [FOLDER].

For each room its files, and its lines of code: blank lines, comments and docstrings don't count.
Below that, how long functions are, in lines without their docstrings.
"""

import ast
import io
import statistics
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "moreish"
UNCOUNTED = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def docstring_lines(node: ast.AST) -> range:
    """The lines of the docstring of a module, a class or a function."""
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if first is None or not is_text or not isinstance(first.value.value, str):
        return range(0)
    return range(first.lineno, (first.end_lineno or first.lineno) + 1)


def lines_of_code(text: str) -> int:
    """How many lines of a file hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in UNCOUNTED:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines.difference(*map(docstring_lines, ast.walk(ast.parse(text)))))


def functions(text: str) -> Iterator[tuple[str, int]]:
    """The name of each function of a file, and its lines without its docstring."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield node.name, lines - len(docstring_lines(node))


def main(folder: Path = SOURCE) -> None:
    """Print the table."""
    code: Counter[str] = Counter()
    files: Counter[str] = Counter()
    sizes: list[int] = []
    for path in sorted(folder.rglob("*.py")):
        text, room = path.read_text(encoding="utf-8"), path.relative_to(folder).parts[0]
        files[room] += 1
        code[room] += lines_of_code(text)
        sizes += [lines for _, lines in functions(text)]
    for room, lines in code.most_common():
        print(f"{room:16} {files[room]:4} files {lines:7,} lines")
    print(f"{'all':16} {files.total():4} files {code.total():7,} lines")
    tenth = statistics.quantiles(sizes, n=10)[-1]
    median = statistics.median(sizes)
    print(f"functions: median {median:g}, 90th percentile {tenth:g}, longest {max(sizes)}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
