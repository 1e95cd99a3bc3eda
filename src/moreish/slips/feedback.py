"""What a check says of a learner's program."""

from dataclasses import dataclass

from ..engine.source_lines import Line
from ..engine.tensor import Tensor
from ..engine.value import Value

__all__ = ["Feedback", "line_told"]

WIDTH = 90  # of a line of source, when it is told


def line_told(line: Line | None) -> str:
    """A line as a sentence ends with it, cut if it is long; empty if there is none.

    >>> line_told(Line("a.py", 3, "<module>", "h = x + y"))
    ', line 3: h = x + y'
    """
    if line is None:
        return ""
    text = line.text if len(line.text) <= WIDTH else f"{line.text[: WIDTH - 3]}..."
    return f", line {line.number}" + (f": {text}" if text else "")


@dataclass(frozen=True, repr=False)
class Feedback:
    """Whether a program is right, and else which slip explains it; `print` it.

    `slip` is None if the program is right, or if no single slip explains what is wrong. `lines` are
    all lines where that slip gives the same numbers, the most likely first.
    """

    right: bool
    sentence: str
    slip: str | None = None
    node: Value | Tensor | None = None  # the Value or Tensor that is wrong
    operation: str = ""  # that the slip is about
    lines: tuple[Line, ...] = ()

    @property
    def line(self) -> Line | None:
        """The most likely line; None if none is known."""
        return self.lines[0] if self.lines else None

    def __str__(self) -> str:
        return self.sentence

    __repr__ = __str__
