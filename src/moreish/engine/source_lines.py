"""Which line of the user's code is being run: kept with each step, to explain it later."""

import linecache
import os
import re
from types import CodeType, FrameType
from typing import NamedTuple

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OWN = tuple(os.path.join(PACKAGE, room, "") for room in ("engine", "torch"))  # no user's code
ASSIGNED = re.compile(  # to one name, or to one of a layer's, as self.out
    r"(?:self\.)?(\w+) *(?::[^=;]+)?(?:[-+*/@]|\*\*|//)?=(?!=)[^;]*$"
)

INNER = ("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


class Line(NamedTuple):
    """A line of source: file, number, the function around it, and the text."""

    path: str
    number: int
    function: str
    text: str

    @property
    def place(self) -> str:
        """The name of the file, with its folder where the name alone says nothing; the number."""
        folder, name = os.path.split(self.path)
        if name == "__init__.py":
            name = f"{os.path.basename(folder)}/{name}"
        return f"{name}:{self.number}"

    @property
    def assigned(self) -> str:
        """The name that the line gives its result; empty if it gives none, or more than one.

        What is computed within a lambda or a comprehension has another name, or none.

        >>> Line("a.py", 3, "<module>", "h = (x @ W).tanh()").assigned
        'h'
        """
        inner = self.function.endswith(INNER)
        found = None if inner else ASSIGNED.match(self.text)
        return found[1] if found else ""

    def __str__(self) -> str:
        text = f": {self.text}" if self.text else ""
        return f"{self.place} in {self.function}{text}"


def user_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that is no part of the engine or of PyTorch's names for it."""
    while frame is not None and frame.f_code.co_filename.startswith(OWN):
        frame = frame.f_back
    return frame


def layer_below(frame: FrameType, user: FrameType | None) -> CodeType | None:
    """The `forward` of the innermost layer of torch.nn that the user's frame has called."""
    inner: FrameType | None = frame
    while inner is not user and inner is not None:
        if inner.f_code.co_name == "forward":
            return inner.f_code
        inner = inner.f_back
    return None


def line_at(code: CodeType | None, position: int) -> Line | None:
    """The line that holds this position in a piece of compiled code."""
    if code is None:
        return None
    number = code.co_firstlineno
    for start, end, line in code.co_lines():
        if start <= position < end and line is not None:
            number = line
            break
    text = linecache.getline(code.co_filename, number).strip()
    return Line(code.co_filename, number, code.co_qualname, text)
