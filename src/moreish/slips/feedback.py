"""What a check says of a learner's program."""

from dataclasses import dataclass

from ..engine.source_lines import Line
from ..engine.tensor import Tensor
from ..engine.value import Value

__all__ = ["Feedback"]


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
