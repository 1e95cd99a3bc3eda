"""A picture as SVG: the colours, the forms and the lines, and nothing else.

Colours are set on each element and not by style sheets, which a page would share among all its
pictures. Boxes have a light ground of their own and what stands outside of them a middle grey, so
that both a white and a black page will do. Equal pictures give equal bytes.
"""

import math
from collections.abc import Iterator, Mapping
from html import escape
from types import MappingProxyType

from .nodes import CONSTANT, INPUT, LEAF, PARAMETER
from .scene import FRAME, MARK, OPERATION, PAD, STEM, Item, Level, width_of

FONT = "Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
SIZE = 11
MARGIN = 8.0
LINE = 15.0  # the height of a sentence
NO_TURNS: Mapping[tuple[int, bool], int] = MappingProxyType({})
READABLE = 720.0  # its width, if the picture is not wider
BOLD = ' font-weight="bold"'
INK, GREY, ALARM = "#1f2328", "#818b98", "#b3261e"
COLOURS = {  # the ground, and the line around it
    PARAMETER: ("#e3f3e6", "#3f8f5b"),
    LEAF: ("#e3f3e6", "#3f8f5b"),
    INPUT: ("#fdf0d9", "#b9862b"),
    CONSTANT: ("#f1f3f5", "#a9b1ba"),
    "": ("#ffffff", "#6e7781"),
    "operation": ("#dfe9f8", "#5a7fb5"),
    "group": ("#ece9f9", "#7a6bb8"),
}


def number(x: float) -> str:
    """A coordinate, in short.

    >>> number(2.0), number(0.26), number(-0.01)
    ('2', '0.3', '0')
    """
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def drawing(
    level: Level, sentences: list[str], about: str, turns: Mapping[tuple[int, bool], int] = NO_TURNS
) -> str:
    """A whole SVG: the picture, with sentences below it; `about` is for who can't see it.

    `turns` says to which picture a click leads, from the number of a group and whether it is open.
    """
    width, height = level.size
    below = broken(level, sentences)
    width = max(width, *(width_of(line) for line in below), 1) + 2 * MARGIN
    top = height + MARGIN + 6
    full = height + 2 * MARGIN + (LINE * len(below) + 6 if below else 0)
    lines = [
        f'<text x="{number(MARGIN)}" y="{number(top + LINE * (i + 1))}" fill="{GREY}">'
        f"{escape(line, quote=False)}</text>"
        for i, line in enumerate(below)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}" '
            f'height="{number(full)}" viewBox="0 0 {number(width)} {number(full)}" '
            f'font-family="{FONT}" font-size="{SIZE}" role="img" aria-label="{escape(about)}">',
            f'<g transform="translate({number(MARGIN)},{number(MARGIN)})">',
            *_level(level, turns),
            "</g>",
            *(["<g>", *lines, "</g>"] if lines else []),
            "</svg>",
        ]
    )


def broken(level: Level, sentences: list[str]) -> list[str]:
    """The sentences in lines that are not wider than the picture, or than one can read."""
    width = max(level.size[0], READABLE)
    lines = []
    for sentence in sentences:
        lines.append("")
        for word in sentence.split():
            if lines[-1] and width_of(f"{lines[-1]} {word}") > width:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


# ---- levels and wires


def _level(level: Level, turns: Mapping[tuple[int, bool], int]) -> Iterator[str]:
    paths, heads = routes(level)
    yield f'<g fill="none" stroke="{GREY}" stroke-width="1.1">'
    for path, (source, target) in zip(paths, level.wires, strict=True):
        end = f' data-to="{target}"' if target >= 0 else ""
        yield f'<path data-from="{source}"{end} d="{path}"/>'
    yield "</g>"
    yield f'<path fill="{GREY}" d="{"".join(heads)}"/>'
    for place, item in enumerate(level.items):
        x, y = corner(level, place)
        turn = turns.get((item.group, item.is_open))
        name = f' data-node="{item.number}"' if item.number >= 0 else ""
        if turn is not None:
            name = f' data-group="{item.group}"' + ("" if item.is_open else _button(turn))
        yield f'<g transform="translate({number(x)},{number(y)})"{name}>'
        yield f"<title>{escape(item.title, quote=False)}</title>"
        if item.is_port:
            yield f'<circle cy="{number(item.height / 2)}" r="2.5" fill="{GREY}"/>'
        elif item.group < 0:
            yield from _node(item)
        elif item.inside is None:
            yield from _closed(item, turn is not None)
        else:
            yield from _opened(item, item.inside, turns)
        yield "</g>"


def corner(level: Level, place: int) -> tuple[float, float]:
    """The upper left corner of a box, in pixels.

    Nodes end where their column ends, groups begin with it.
    """
    plan = level.plan
    width, height = plan.sizes[place]
    column = next(i for i, boxes in enumerate(plan.columns) if place in boxes)
    x = plan.rights[column] - width
    if level.items[place].group >= 0 or not (width or column):
        x = plan.lefts[column]
    return x, plan.middles[place] - height / 2


def routes(level: Level) -> tuple[list[str], list[str]]:
    """The path of each wire, and the heads of the arrows: wires bend between columns only."""
    plan = level.plan
    columns = {box: i for i, boxes in enumerate(plan.columns) for box in boxes}
    ends = arrivals(level)
    paths, heads = [], []
    for wire, way, end in zip(plan.wires, plan.ways, ends, strict=True):
        column = columns[wire.source]
        y = plan.middles[wire.source] + wire.start
        x = corner(level, wire.source)[0] + plan.sizes[wire.source][0]
        path = f"M{number(x)},{number(y)}H{number(plan.rights[column])}"
        for stop in (*way, wire.target):
            start, before = plan.rights[column], y
            column = columns[stop]
            x, y = plan.lefts[column], plan.middles[stop]
            y += end if stop == wire.target else 0.0
            half = number((start + x) / 2)
            path += f"C{half},{number(before)} {half},{number(y)} {number(x)},{number(y)}"
            x = plan.rights[column]
            if stop == wire.target:
                x = corner(level, stop)[0] + inset(level.items[stop], end)
            path += f"H{number(x)}"
        paths.append(path)
        if not level.items[wire.target].is_port and not level.items[wire.target].is_open:
            heads.append(f"M{number(x)},{number(y)}l-6,-2.7v5.4z")
    return paths, heads


def arrivals(level: Level) -> list[float]:
    """Where each wire arrives, in pixels from the middle of its box downwards, in order."""
    plan = level.plan
    ends = [wire.end for wire in plan.wires]
    arriving: dict[int, list[int]] = {}
    for place, wire in enumerate(plan.wires):
        item = level.items[wire.target]
        if not item.is_port and not item.is_open:
            arriving.setdefault(wire.target, []).append(place)
    for target, places in arriving.items():
        places.sort(key=lambda p: plan.middles[(plan.ways[p] or [plan.wires[p].source])[-1]])
        step = min(7.0, (plan.sizes[target][1] - 10) / max(1, len(places) - 1))
        for i, place in enumerate(places):
            ends[place] = (i - (len(places) - 1) / 2) * step
    return ends


def inset(item: Item, end: float) -> float:
    """How many pixels inside of its frame a box begins, at this height: operations are round."""
    if not item.operation:
        return 0.0
    radius = OPERATION / 2
    return radius - math.sqrt(max(0.0, radius * radius - end * end))


# ---- boxes


def _node(item: Item) -> Iterator[str]:
    middle = item.height / 2
    if item.operation:
        ground, line = COLOURS["operation"]
        width = item.stem - STEM
        cut = ' stroke-dasharray="3 2"' if item.is_cut else ""
        yield f'<path stroke="{GREY}" d="M{number(width)},{number(middle)}h{number(STEM)}"/>'
        yield (
            f'<rect y="{number(middle - OPERATION / 2)}" width="{number(width)}" '
            f'height="{number(OPERATION)}" rx="{number(OPERATION / 2)}" fill="{ground}" '
            f'stroke="{line}"{cut}/>'
        )
        yield _text(width / 2, middle, item.operation, more=' text-anchor="middle"')
    ground, line = COLOURS.get(item.kind, COLOURS[""])
    height = item.height - 4 if item.operation else item.height
    form = f'rx="{number(height / 2)}"' if item.kind in (LEAF, PARAMETER) else 'rx="2"'
    if item.kind == CONSTANT:
        form += ' stroke-dasharray="3 2"'
    yield (
        f'<rect x="{number(item.stem)}" y="{number(middle - height / 2)}" '
        f'width="{number(item.width - item.stem)}" height="{number(height)}" {form} '
        f'fill="{ground}" stroke="{line}"/>'
    )
    yield from _row(item, item.rows[0], item.stem, middle, height, line)


def _row(
    item: Item, cells: list[str], x: float, middle: float, height: float, line: str
) -> Iterator[str]:
    for place, cell in enumerate(cells):
        if place:
            top = f"{number(x)},{number(middle - height / 2)}"
            yield f'<path stroke="{line}" stroke-opacity="0.5" d="M{top}v{number(height)}"/>'
        bad = item.is_alarming and any(word in cell for word in ("nan", "inf", "not finite"))
        bold = item.has_label and not place
        colour = ALARM if bad and not bold else INK
        yield _text(x + PAD, middle, cell, colour, BOLD if bold else "")
        x += width_of(cell) + 2 * PAD


def _text(x: float, middle: float, text: str, colour: str = INK, more: str = "") -> str:
    if not text.isascii():  # another font may come in, and must not be wider
        more += f' textLength="{number(width_of(text))}" lengthAdjust="spacingAndGlyphs"'
    place = f'x="{number(x)}" y="{number(middle + 3.8)}"'
    return f'<text {place} fill="{colour}"{more}>{escape(text, quote=False)}</text>'


# ---- groups


def _button(turn: int) -> str:
    return f' data-turn="{turn}" style="cursor:pointer"'


def _closed(item: Item, opens: bool) -> Iterator[str]:
    ground, line = COLOURS["group"]
    width, height = item.width, item.height
    form = f'width="{number(width - 3)}" height="{number(height - 3)}" rx="5"'
    yield f'<rect x="3" y="3" {form} fill="{ground}" stroke="{line}"/>'
    yield f'<rect {form} fill="{ground}" stroke="{line}"/>'
    step = (height - 3) / len(item.rows)
    for place, row in enumerate(item.rows):
        if not place:
            shift = MARK if opens else 0.0
            if opens:
                yield f'<path fill="{INK}" d="M7,8l6,4l-6,4z"/>'
            yield _text(PAD + shift, step / 2, row[0], more=BOLD)
        else:
            yield from _row(item, row, 0, step * (place + 0.5), step - 6, line)


def _opened(item: Item, inside: Level, turns: Mapping[tuple[int, bool], int]) -> Iterator[str]:
    left, top, _, _ = FRAME
    turn = turns.get((item.group, True))
    yield (
        f'<rect width="{number(item.width)}" height="{number(item.height)}" rx="6" '
        f'fill="{GREY}" fill-opacity="0.08" stroke="{COLOURS["group"][1]}" '
        f'stroke-dasharray="5 3"/>'
    )
    title = _text(10 + (MARK if turn is not None else 0), 13, item.rows[0][0], GREY, BOLD)
    if turn is not None:
        title = f'<g{_button(turn)}><path fill="{GREY}" d="M10,10h9l-4.5,6z"/>{title}</g>'
    yield title
    middles = inside.plan.middles
    ways = [f"M0,{number(top + middles[port])}h{number(left)}" for port in inside.inputs.values()]
    ways += [
        f"M{number(left + inside.plan.width)},{number(top + middles[port])}H{number(item.width)}"
        for port in inside.outputs.values()
    ]
    yield f'<path stroke="{GREY}" stroke-width="1.1" d="{"".join(ways)}"/>'
    yield f'<g transform="translate({number(left)},{number(top)})">'
    yield from _level(inside, turns)
    yield "</g>"
