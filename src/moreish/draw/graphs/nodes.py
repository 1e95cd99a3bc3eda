"""A computation graph as plain nodes, inputs first: what a drawing reads of Values and Tensors.

A node says what it is and how it was made. Nothing here knows how a node looks.
"""

import math
from typing import Any

from ...engine.source_lines import Line

LEAF, PARAMETER, INPUT, CONSTANT = "leaf", "parameter", "input", "number"
RESULT, MANY = "result", "kind"
LONGEST = 24  # characters of a label that are shown


class Node:
    """Something computed, or something that it was computed from."""

    __slots__ = (
        "code",
        "inputs",
        "kind",
        "label",
        "layer",
        "number",
        "op",
        "part",
        "place",
        "position",
        "thing",
    )

    def __init__(self, kind: str, thing: Any, op: str = "", inputs: "tuple[Node, ...]" = ()):
        self.kind = kind
        self.thing = thing
        self.op = op  # how it was made; "" for what was not
        self.inputs = inputs  # what from, in the order of the operands
        self.label = ""
        self.number = 0  # its place in the list
        self.code: Any = None  # the user's code that made it,
        self.position = 0  # and where in it
        self.layer: Any = None  # the code of the layer of torch.nn that made it, if one did
        self.place: Any = None  # the group that it belongs to
        self.part: Any = None  # the part of the model whose parameter it is

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return shortened(self.label) or f"#{self.number}"

    @property
    def line(self) -> Line | None:
        """The line of the user's code that made it."""
        return None

    @property
    def is_alarming(self) -> bool:
        """Whether its number or its gradient is infinite or none."""
        return False

    def cells(self) -> list[str]:
        """What stands in its box, beside the label."""
        raise NotImplementedError

    def words(self) -> list[str]:
        """Lines that tell all of it."""
        raise NotImplementedError

    def numbers(self) -> tuple[float | None, float | None]:
        """Its number and its gradient, where it is one number."""
        return None, None

    def title(self) -> str:
        """All that can be said of it, a line each."""
        own = self.label or (f"#{self.number}" if self.kind != CONSTANT else "")
        head = " = ".join(text for text in (own, self.made()) if text)
        lines = [head, *self.words(), "" if self.op else self.kind, str(self.line or "")]
        return "\n".join(printable(line) for line in lines if line)

    def made(self) -> str:
        """How it was made, as one would write it: "a * b", "tanh(n)"."""
        if not self.op:
            return ""
        if not self.inputs:
            return f"{self.op} of what is left out"
        names = [n.cells()[0] if n.kind == CONSTANT else n.name for n in self.inputs]
        if self.op.startswith("**") and len(self.op) > 2:
            return f"{names[0]} {self.op[:2]} {self.op[2:]}"
        if not self.op[0].isalpha():
            return f"{names[0]} {self.op} {names[1]}" if len(names) > 1 else f"{self.op}{names[0]}"
        return f"{self.op}({', '.join(names)})"


def depth(nodes: list[Node]) -> int:
    """How many operations the longest path to the last node has."""
    depths = [0] * len(nodes)
    for node in nodes:
        if node.op:
            depths[node.number] = 1 + max((depths[x.number] for x in node.inputs), default=0)
    return max(depths, default=0)


# ---- text


def shown(number: float) -> str:
    """A number in short.

    >>> shown(2.0), shown(-1.5e-7), shown(float("nan"))
    ('2.0000', '-1.500e-07', 'nan')
    """
    if not math.isfinite(number):
        return str(float(number))
    size = abs(number)
    return f"{number:.4f}" if size == 0 or 1e-4 <= size < 1e6 else f"{number:.3e}"


def many(count: int, word: str) -> str:
    """So many of something.

    >>> many(1, "node"), many(2_000, "leaf")
    ('1 node', '2,000 leaves')
    """
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word.removesuffix('f') + 'ves' if word.endswith('f') else word + 's'}"


def printable(text: str) -> str:
    """The text without what has no form on a line: line breaks, control signs, halves of signs."""
    return "".join(
        c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def shortened(text: str, most: int = LONGEST) -> str:
    """Its beginning, if it is long.

    >>> shortened("a label that goes on and on")
    'a label that goes on an…'
    """
    text = printable(str(text))
    return text if len(text) <= most else text[: most - 1] + "…"
