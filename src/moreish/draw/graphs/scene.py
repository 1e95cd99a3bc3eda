"""A picture before it is drawn: boxes with their sizes, frames around groups, and wires.

A level is what stands side by side in one frame: boxes of nodes, and groups, each of which has a
level of its own inside and is folded to one box or open. A wire that goes into an open group ends
at a port in its frame, and goes on inside from there.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from .layout import Plan, Wire, arrange
from .modules import Group, item_of
from .nodes import CONSTANT, MANY, PARAMETER, Node, many, printable, shortened

CHARACTER = 6.63  # the width of a letter of 11 pixels in a fixed-width font
PAD = 7.0  # around the text of a cell
ROW = 22.0
LONG = 44  # characters of a cell
OPERATION = 26.0  # the diameter of the node of an operation
STEM = 10.0  # from it to the box of its result
MARK = 13.0  # before the title of what can be folded
FRAME = (16.0, 26.0, 16.0, 12.0)  # inside a frame: left, top, right, bottom


@dataclass
class Item:
    """One thing that is drawn: a node, a group, or a port, where a wire enters or leaves."""

    rows: list[list[str]] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0
    title: str = ""  # what it says when one points at it
    number: int = -1  # of the node
    kind: str = ""
    operation: str = ""  # what stands in the round node before the box; "" for none
    is_cut: bool = False  # whether what the operation was applied to is left out
    is_alarming: bool = False
    has_label: bool = False
    told: tuple[str, str, str] = ("", "", "")  # what it is called, how it was made, and where
    group: int = -1  # of a group, which number it has
    inside: "Level | None" = None  # of an open one

    @property
    def is_open(self) -> bool:
        """Whether it is a group in a frame, with all that is in it."""
        return self.inside is not None

    @property
    def is_port(self) -> bool:
        """Whether it is only the place where a wire enters or leaves."""
        return not self.rows

    @property
    def stem(self) -> float:
        """The width of the round node and of the line to the box, in pixels."""
        return operation_width(self.operation) + STEM if self.operation else 0.0


@dataclass
class Level:
    """What stands side by side, and how it is connected."""

    items: list[Item]
    plan: Plan
    wires: list[tuple[int, int]]  # for each of the plan: from which node, and into which or -1
    inputs: dict[Node, int]  # the item of each port
    outputs: dict[Node, int]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height, in pixels."""
        return self.plan.width, self.plan.height

    def height_of(self, item: int) -> float:
        """Of a port: where it is, in pixels from the middle of the level downwards."""
        return self.plan.middles[item] - self.plan.height / 2


class Picture(NamedTuple):
    """One way to fold a model, drawn."""

    folded: str  # the classes of what is one box each
    level: Level


def width_of(text: str) -> float:
    """How wide a text is in pixels, about: signs of East Asia take two places, accents none."""
    places = 0
    for sign in text:
        if not unicodedata.combining(sign):
            places += 2 if unicodedata.east_asian_width(sign) in "WF" else 1
    return places * CHARACTER


def operation_width(text: str) -> float:
    """How wide the round node of an operation is, in pixels."""
    return max(OPERATION, math.ceil(width_of(text)) + 12)


def paint(nodes: list[Node], is_open: Callable[[Group], bool]) -> Level:
    """The picture of these nodes, inputs first, with the groups that they are in."""
    users: dict[Node, list[Node]] = {node: [] for node in nodes}
    groups: dict[Group, None] = {}
    for node in nodes:
        groups.update(dict.fromkeys(node.place.around() if node.place is not None else ()))
        for x in node.inputs:
            users[x].append(node)
    for number, group in enumerate(groups):
        group.number = number
    return _level(None, nodes, users, is_open)


def _level(
    group: Group | None,
    members: list[Node],
    users: dict[Node, list[Node]],
    is_open: Callable[[Group], bool],
) -> Level:
    inside: dict[Group, list[Node]] = {}
    items: dict[object, Item] = {}
    links: dict[object, list[tuple[object, Node]]] = {}  # into each key: from which key, of what
    mine = set(members)
    for node in members:
        key = item_of(node, group)
        if isinstance(key, Group):
            inside.setdefault(key, []).append(node)
        elif node.kind == PARAMETER and users[node]:
            continue  # drawn where it is used
        links.setdefault(key, [])
        for x in node.inputs:
            if x.kind == PARAMETER:
                source: object = x if key is node else None
            else:
                source = item_of(x, group) if x in mine else ("in", x)
            if source is None or source is key:
                continue
            if key is node or (source, x) not in links[key]:
                links[key].append((source, x))
            if source not in links:
                links[source] = []
    for node in members if group is not None else ():
        if node.kind != PARAMETER and any(user not in mine for user in users[node]):
            links["out", node] = [(item_of(node, group), node)]
    for key in _in_order(links):
        items[key] = _item(key, inside, users, is_open)
    _make_equally_wide(items.values())
    return _arranged(items, links)


def _make_equally_wide(items: Iterable[Item]) -> None:
    """Groups that are folded side by side look best with one width."""
    groups = [item for item in items if item.group >= 0 and not item.is_open]
    widest = max((item.width for item in groups), default=0.0)
    for item in groups:
        item.width = widest


def _in_order(links: dict[object, list[tuple[object, Node]]]) -> list[object]:
    """The keys, each after all that lead to it."""
    done: dict[object, None] = {}
    waiting = list(reversed(links))
    while waiting:
        key = waiting[-1]
        missing = [source for source, _ in links[key] if source not in done]
        if key in done or not missing:
            done[key] = None
            waiting.pop()
        else:
            waiting += reversed(missing)
    return list(done)


def _item(
    key: object,
    inside: dict[Group, list[Node]],
    users: dict[Node, list[Node]],
    is_open: Callable[[Group], bool],
) -> Item:
    if isinstance(key, Node):
        return _box(key)
    if isinstance(key, Group):
        item = _folded(key, inside[key], users)
        if is_open(key):
            item.inside = _level(key, inside[key], users, is_open)
            left, top, right, bottom = FRAME
            width, height = item.inside.size
            title_width = math.ceil(width_of(item.rows[0][0])) + 30
            item.width, item.height = max(left + width + right, title_width), top + height + bottom
        return item
    assert isinstance(key, tuple)
    return Item(height=4.0, title=key[1].title())


def _box(node: Node) -> Item:
    label = [shortened(node.label)] if node.label else []
    item = Item([label + [shortened(cell, LONG) for cell in node.cells()]])
    item.title, item.number, item.operation = node.title(), node.number, node.op
    item.kind = getattr(node, "leaf", node.kind)
    item.is_cut = bool(node.op) and not node.inputs
    item.is_alarming, item.has_label = node.is_alarming, bool(label)
    item.told = (node.name, node.made(), "" if node.line is None else node.line.place)
    item.width = item.stem + row_width(item.rows[0])
    item.height = ROW + 4 if node.op else ROW - 4 if node.kind == CONSTANT else ROW
    return item


def row_width(cells: list[str]) -> int:
    """How wide a row of cells is."""
    return math.ceil(sum(width_of(cell) + 2 * PAD for cell in cells))


def _folded(group: Group, members: list[Node], users: dict[Node, list[Node]]) -> Item:
    """A group as one box."""
    mine = set(members)
    results = [n for n in members if n.op and not (users[n] and mine.issuperset(users[n]))]
    rows = _rows(group, members, results)
    item = Item(rows, title=" | ".join([rows[0][0], *rows[1]]), group=group.number)
    item.width = 2 + max(MARK + row_width(rows[0]), row_width(rows[1]))
    item.height = ROW * len(rows) + 6
    item.is_alarming = any(node.is_alarming for node in results)
    return item


def _rows(group: Group, members: list[Node], results: list[Node]) -> list[list[str]]:
    """What a group says that is one box: what it is, and what it gives."""
    name = group.part.name
    if group.parent is not None:
        name = name.removeprefix(group.parent.part.name).strip(".")
    title = group.part.title
    cells = results[0].cells() if len(results) == 1 else [many(len(results), "result")]
    count = sum(getattr(node, "things", 1) for node in members if node.op)
    if results and results[0].kind == MANY:
        cells = [many(count, "node"), *cells[cells[0].endswith("s") :]]
    cells.append(many(group.part.count(), "parameter"))
    return [[printable(f"{name}: {title}" if name else title)], cells]


def _arranged(items: dict[object, Item], links: dict[object, list[tuple[object, Node]]]) -> Level:
    numbers = {key: number for number, key in enumerate(items)}
    wires, ends = [], []
    for key, sources in links.items():
        for source, node in sources:
            start = _port(items[source], node, "outputs")
            end = _port(items[key], node, "inputs")
            wires.append(Wire(numbers[source], numbers[key], start, end))
            ends.append((node.number, key.number if isinstance(key, Node) else -1))
    inputs, outputs = _ports(numbers, "in"), _ports(numbers, "out")
    sizes = [(item.width, item.height) for item in items.values()]
    plan = arrange(sizes, wires, first=inputs.values(), last=outputs.values())
    return Level(list(items.values()), plan, ends, inputs, outputs)


def _ports(numbers: dict[object, int], side: str) -> dict[Node, int]:
    return {
        key[1]: number
        for key, number in numbers.items()
        if isinstance(key, tuple) and key[0] == side
    }


def _port(item: Item, node: Node, side: str) -> float:
    """Where a wire of this node meets a box, from its middle downwards."""
    if item.inside is None:
        return 0.0
    ports: dict[Node, int] = getattr(item.inside, side)
    _, top, _, bottom = FRAME
    return item.inside.height_of(ports[node]) + (top - bottom) / 2
