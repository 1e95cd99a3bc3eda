"""Docstrings in the house's form as reStructuredText, which Sphinx reads.

The form: paragraphs of plain text with `code`, lists whose items begin with "- ", examples that
begin with ">>>", and blocks that are indented or set in columns, which stay as they are.
"""

import re
from collections.abc import Iterator

NAME = re.compile(r"[A-Z]\w*(?:\.\w+)*|[a-z]\w*(?:\.\w+)+")  # and no parameter, as `dim`
SPECIAL = re.compile(r"([\\*`|_])")
AS_IT_IS = re.compile(r"^(?: |import |from \S+ import )|\S {3,}\S", re.MULTILINE)


def to_restructured(lines: list[str]) -> list[str]:
    """The lines of a docstring as lines of reStructuredText.

    >>> to_restructured(["Draws from `x*2`, as *args.", "", ">>> f()", "1"])
    ['Draws from ``x*2``, as \\\\*args.', '', '>>> f()', '1', '']
    """
    written: list[str] = []
    for block in blocks(lines):
        written += [*_block(block), ""]
    return written


def blocks(lines: list[str]) -> Iterator[list[str]]:
    """The parts between empty lines."""
    block: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            block.append(line.rstrip())
        elif block:
            yield block
            block = []


def _block(block: list[str]) -> list[str]:
    if block[0].startswith(">>>"):
        return block
    if block[0].startswith("- "):
        return _items(block)
    if AS_IT_IS.search("\n".join(block)):
        return [".. code-block:: text", "", *(f"   {line}" for line in block)]
    return _plain("\n".join(block)).split("\n")


def _items(block: list[str]) -> list[str]:
    """A list; the lines of an item after its first are indented already."""
    items = re.split(r"\n(?=- )", "\n".join(block))
    return [line for item in items for line in ("- " + _plain(item.removeprefix("- "))).split("\n")]


def _plain(text: str) -> str:
    """Text whose signs mean themselves, but for `code`; names become links where they are known."""
    parts = re.split(r"`([^`]+)`", text)
    for i, part in enumerate(parts):
        if not i % 2:
            parts[i] = SPECIAL.sub(r"\\\1", part).replace("::", r":\:")
        elif NAME.fullmatch(part):
            parts[i] = f":py:obj:`{part}`"
        else:
            parts[i] = f"``{part}``"
    # A role or a literal ends only where no letter follows, and begins where none precedes.
    for i in range(1, len(parts), 2):
        if parts[i + 1][:1].isalnum():
            parts[i + 1] = "\\ " + parts[i + 1]
        if parts[i - 1][-1:].isalnum():
            parts[i - 1] += "\\ "
    written = "".join(parts)
    if re.match(r"\(?(?:\w|#|[ivxlc]+|\d+)[.)]\s", written):  # it would begin a numbered list
        return re.sub(r"([.)])", r"\\\1", written, count=1)
    return written if written[:1].isalnum() or written[:1] in ":`\\" else "\\" + written
