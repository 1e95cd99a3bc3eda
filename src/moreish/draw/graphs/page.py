"""A picture as a part of a page, in which a click opens a group and folds it again.

The picture is there without the script; the script moves what is there already, by the same rules
as `layout` and `svg`. Nothing is fetched.
"""

import json
from html import escape
from pathlib import Path
from typing import Any

from .layout import GAP, MOST, SEPARATION, STEEP
from .nodes import CONSTANT, INPUT, LEAF, PARAMETER
from .scene import FRAME, OPERATION, Level, width_of
from .svg import COLOURS, FONT, GREY, INK, MARGIN, SIZE, broken, drawing

SCRIPT = Path(__file__).with_name("folding.js")
NAMES = {
    LEAF: "leaf",
    PARAMETER: "parameter",
    INPUT: "input",
    CONSTANT: "plain number",
    "": "result",
}


def page(level: Level, sentences: list[str], about: str) -> str:
    """A part of a page; the script comes with it only if there is something to fold."""
    folds = any(item.inside is not None for item in level.items)
    picture = drawing(level, sentences, about, folds=folds)
    least = max((width_of(line) for line in broken(level, sentences)), default=0.0) + 2 * MARGIN
    parts = [
        '<div class="moreish-drawing" style="overflow-x:auto">',
        picture,
        _legend(level, folds),
    ]
    if folds:
        told = json.dumps(plan_for_script(level, least), separators=(",", ":"))
        script = SCRIPT.read_text(encoding="utf-8")
        parts += [
            f'<script type="application/json">{told}</script>',
            f"<script>\n(() => {{\n{script}}})();\n</script>",
        ]
    return "\n".join([*parts, "</div>"])


def plan_for_script(level: Level, least: float) -> dict[str, Any]:
    """All that the script must know; `least` is the width of the sentences."""
    measures = {
        "gap": GAP,
        "steep": STEEP,
        "most": MOST,
        "separation": SEPARATION,
        "frame": FRAME,
        "margin": MARGIN,
    }
    return {"level": plan_of(level), "measures": measures, "least": least}


def plan_of(level: Level) -> dict[str, Any]:
    """A level, and the levels in its groups, in plain lists."""
    plan = level.plan
    items = []
    for item in level.items:
        told: dict[str, Any] = {"port": item.is_port}
        if item.operation:
            told["round"] = OPERATION / 2
        if item.inside is not None:
            told["inside"] = plan_of(item.inside)
            told["open"] = item.is_open
            told["folded"] = [item.folded_width, item.folded_height]
            told["least"] = item.title_width
        items.append(told)
    return {
        "width": plan.width,
        "height": plan.height,
        "columns": plan.columns,
        "middles": plan.middles,
        "sizes": plan.sizes,
        "wires": [
            {
                "stops": [wire.source, *way, wire.target],
                "outOf": _port(level, wire.source, "outputs", node),
                "into": _port(level, wire.target, "inputs", node),
            }
            for wire, way, (node, _) in zip(plan.wires, plan.ways, level.wires, strict=True)
        ],
        "items": items,
        "inputs": list(level.inputs.values()),
        "outputs": list(level.outputs.values()),
    }


def _port(level: Level, item: int, side: str, node: int) -> int | None:
    """The port of a group that a wire of this node goes through."""
    inside = level.items[item].inside
    if inside is None:
        return None
    ports = inside.inputs if side == "inputs" else inside.outputs
    return next(place for x, place in ports.items() if x.number == node)


def _legend(level: Level, folds: bool) -> str:
    kinds = _kinds(level)
    marks = [
        f'<span style="background:{COLOURS[kind][0]};color:{INK};border:1px solid '
        f"{COLOURS[kind][1]};border-radius:{'9px' if kind in (LEAF, PARAMETER) else '2px'};"
        f'padding:0 7px;margin-right:6px">{escape(name)}</span>'
        for kind, name in NAMES.items()
        if kind in kinds
    ]
    hint = "Click a neuron or a layer to open it, and its frame to fold it. " if folds else ""
    return (
        f'<div style="font:{SIZE}px {escape(FONT)};color:{GREY};margin:2px 8px 8px">'
        f"{''.join(marks)}{hint}Point at anything to see all of it.</div>"
    )


def _kinds(level: Level) -> set[str]:
    kinds: set[str] = set()
    for item in level.items:
        if item.inside is not None:
            kinds |= _kinds(item.inside)
        elif not item.is_port:
            kinds.add(item.kind if item.kind in COLOURS else "")
    return kinds
