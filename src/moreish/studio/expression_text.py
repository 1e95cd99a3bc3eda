"""The text of an expression: Python's own parser reads it, and errors say where in it they are.

Nothing here knows what is allowed, or computes.
"""

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from ..errors import OptionError, shortened

LONGEST = 1_000  # characters
DEEPEST = 100  # operators and brackets within each other
BEFORE_ADVICE = re.compile(r"(?:`[^`]*`|[^`:])*")  # what is wrong, up to a colon
EXAMPLE = "type one as (a*b + b**3).tanh()"


class ExpressionError(OptionError):
    """An expression that can't be read or computed: `start` and `end` are characters of its text.

    >>> error = ExpressionError("this is no number", "a + 'b'", (4, 7))
    >>> str(error), error.start, error.end
    ('this is no number, at character 5', 4, 7)
    """

    def __init__(self, what: str, text: str, place: tuple[int, int]) -> None:
        self.start, self.end = place
        before = text[: self.start]
        line, column = before.count("\n") + 1, self.start - before.rfind("\n")
        in_line = f"in line {line}, " if "\n" in text.strip() else ""
        where = f", {in_line}at character {column}"
        super().__init__(BEFORE_ADVICE.sub(lambda said: said[0] + where, what, count=1))


class Places:
    """Where in a text each part of what was read stands, in characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = [0]  # the bytes at which lines begin, as the parser counts
        self._bytes = [0]  # that each character begins at
        for sign in text:
            self._bytes.append(self._bytes[-1] + len(sign.encode("utf-8", "surrogatepass")))
            if sign == "\n":
                self._lines.append(self._bytes[-1])

    def of(self, node: Any) -> tuple[int, int]:
        """The first character, and that after the last."""
        return (
            self._character(node.lineno, node.col_offset),
            self._character(node.end_lineno, node.end_col_offset),
        )

    def _character(self, line: int, offset: int) -> int:
        return bisect_right(self._bytes, self._lines[line - 1] + offset) - 1

    def said(self, node: ast.AST) -> str:
        """The part of the text, in short and between marks of code."""
        start, end = self.of(node)
        return f"`{shortened(' '.join(self.text[start:end].split()), 40)}`"


def statements(text: str) -> list[ast.stmt]:
    """What Python's parser reads in a text, a statement a line. ExpressionError for what it can't.

    >>> statements("a *")
    Traceback (most recent call last):
    moreish.studio.expression_text.ExpressionError: something is missing, at character 4
    """
    if not text.strip():
        raise ExpressionError(f"there is no expression: {EXAMPLE}", text, (0, 0))
    if len(text) > LONGEST:
        raise ExpressionError(
            f"an expression may have {LONGEST:,} characters: make it shorter", text, (LONGEST,) * 2
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.parse(text).body
    except SyntaxError as error:
        raise _unreadable(text, error) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("this can't be read: make it simpler", text, (0, 0)) from None
    if not found:
        raise ExpressionError(f"there is no expression: {EXAMPLE}", text, (0, 0))
    level: Iterable[ast.AST] = found
    for _ in range(DEEPEST):
        level = [x for node in level for x in ast.iter_child_nodes(node)]
        if not level:
            return found
    raise ExpressionError(
        f"more than {DEEPEST} operators are within each other: give parts a name in lines above, "
        f"as in n = x*w + b",
        text,
        (0, len(text)),
    )


def _unreadable(text: str, error: SyntaxError) -> ExpressionError:
    """What Python's parser says of a text, in words of ours where they help more."""
    lines = text.split("\n")
    line = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    start = sum(len(one) + 1 for one in lines[:line]) + max((error.offset or 1) - 1, 0)
    start = min(start, len(text))
    said = error.msg or ""
    if start >= len(text.rstrip()):
        said = "something is missing"
    elif "decimal literal" in said:
        said = "a number and a name stand together: write 2*a for 2a"
    elif "invalid syntax" in said or "cannot" in said:
        said = f"`{shortened(text[start:].split()[0], 12)}` is not expected here"
    else:
        said = said.split(". Perhaps")[0].replace("'", "`")
    return ExpressionError(said, text, (start, min(start + 1, len(text))))
