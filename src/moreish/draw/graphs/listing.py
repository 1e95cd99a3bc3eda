"""A picture as text: a line for each box, in the order of the computation."""

from collections.abc import Iterator

from .scene import Item, Level

WIDEST = 48  # of the column that says how a node was made


def listing(level: Level) -> list[str]:
    """The boxes of a picture, a line each; those of an open group are indented below its name."""
    lines = list(_lines(level, ""))
    columns = max((len(cells) for cells, _ in lines), default=0)
    widths = [
        max((len(cells[i]) for cells, _ in lines if i < len(cells)), default=0)
        for i in range(columns)
    ]
    return [
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(cells, widths, strict=False)), end]
        ).rstrip()
        for cells, end in lines
    ]


def _lines(level: Level, indent: str) -> Iterator[tuple[list[str], str]]:
    for item in level.items:
        if item.is_port:
            continue
        if item.group < 0:
            yield _of_node(item, indent)
        elif item.inside is not None:
            yield [], f"{indent}{item.rows[0][0]}"
            yield from _lines(item.inside, f"{indent}  ")
        else:
            yield [indent + item.rows[0][0], "", *item.rows[1][:2]], ", ".join(item.rows[1][2:])


def _of_node(item: Item, indent: str) -> tuple[list[str], str]:
    name, made, line = item.told
    cells = item.rows[0][1:] if item.has_label else item.rows[0]
    if len(made) > WIDEST:
        made = made[: WIDEST - 1] + "…"
    return [indent + name, made, *cells], line
