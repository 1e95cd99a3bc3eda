"""A picture as a part of a page, in which a click opens a group and folds it again.

Each way to fold the model is a picture of its own, made beforehand, in a `<details>` element: the
page folds and unfolds without the script too. Nothing is fetched.
"""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from .nodes import CONSTANT, INPUT, LEAF, PARAMETER
from .scene import Item, Level, Picture
from .svg import COLOURS, FONT, GREY, INK, SIZE, drawing

SCRIPT = Path(__file__).with_name("folding.js")
NAMES = {
    LEAF: "leaf",
    PARAMETER: "parameter",
    INPUT: "input",
    CONSTANT: "plain number",
    "": "result",
}


def page(pictures: list[Picture], shown: Picture, sentences: list[str], about: str) -> str:
    """A part of a page; the script comes with it only if there is more than one picture."""
    parts = ['<div class="moreish-drawing" style="overflow-x:auto">']
    if len(pictures) == 1:
        parts += [drawing(shown.level, sentences, about), _legend(pictures)]
    else:
        turns = turns_of([picture.level for picture in pictures])
        summary = f'<summary style="font:{SIZE}px {escape(FONT)};color:{GREY};padding:4px 8px">'
        for picture in pictures:
            parts += [
                f"<details{' open' if picture is shown else ''}>{summary}"
                f"{escape(picture.folded or 'nothing')} folded</summary>",
                drawing(picture.level, sentences, about, turns),
                "</details>",
            ]
        parts += [_legend(pictures), f"<script>\n{SCRIPT.read_text(encoding='utf-8')}</script>"]
    return "\n".join([*parts, "</div>"])


def turns_of(levels: list[Level]) -> Mapping[tuple[int, bool], int]:
    """Where a click on a group leads, from its number and whether it is open.

    That is the first picture in which a folded group is open, and the last in which an open one is
    folded: the coarsest picture comes first.
    """
    turns: dict[tuple[int, bool], int] = {}
    for place, level in enumerate(levels):
        for item in _items(level):
            if item.is_open:
                turns.setdefault((item.group, False), place)
            elif item.group >= 0:
                turns[item.group, True] = place
    return turns


def _items(level: Level) -> Iterator[Item]:
    """Everything in a picture, what stands in open groups included."""
    for item in level.items:
        yield item
        if item.inside is not None:
            yield from _items(item.inside)


def _legend(pictures: list[Picture]) -> str:
    items = [item for picture in pictures for item in _items(picture.level)]
    nodes = [item for item in items if item.group < 0 and not item.is_port]
    kinds = {item.kind if item.kind in COLOURS else "" for item in nodes}
    marks = [
        f'<span style="background:{COLOURS[kind][0]};color:{INK};border:1px solid '
        f"{COLOURS[kind][1]};border-radius:{'9px' if kind in (LEAF, PARAMETER) else '2px'};"
        f'padding:0 7px;margin-right:6px">{escape(name)}</span>'
        for kind, name in NAMES.items()
        if kind in kinds
    ]
    hint = "Click a neuron or a layer to open it, and its title to fold it. "
    return (
        f'<div style="font:{SIZE}px {escape(FONT)};color:{GREY};margin:2px 8px 8px">'
        f"{''.join(marks)}{hint if len(pictures) > 1 else ''}Point at anything to see all of it."
        "</div>"
    )
