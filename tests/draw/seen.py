"""Read an SVG as a person sees it: boxes where they stand on the page, their words, and wires."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field

from moreish.draw.graphs.scene import width_of

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Area:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Area", by: float = 0.25) -> bool:
        return (
            self.left < other.right - by
            and other.left < self.right - by
            and self.top < other.bottom - by
            and other.top < self.bottom - by
        )

    def contains(self, other: "Area", by: float = 0.25) -> bool:
        return (
            self.left <= other.left + by
            and self.top <= other.top + by
            and self.right >= other.right - by
            and self.bottom >= other.bottom - by
        )


@dataclass
class Box:
    number: int
    area: Area
    texts: list[str]
    title: str
    colours: set[str]


@dataclass
class Wire:
    source: int
    target: int  # -1 for a port or a group
    points: list[tuple[float, float]]


@dataclass
class Seen:
    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    frames: list[Area] = field(default_factory=list)
    texts: list[tuple[str, float, float]] = field(default_factory=list)

    def box(self, label: str) -> Box:
        """The one box with this text in it."""
        (found,) = [box for box in self.boxes if label in box.texts]
        return found


def seen(svg: str) -> Seen:
    """What is displayed; that it is well formed is tested by reading it."""
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    found = Seen(float(root.attrib["width"]), float(root.attrib["height"]))
    assert root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['height']}"
    _walk(root, 0.0, 0.0, found)
    return found


def _walk(element: ET.Element, x: float, y: float, found: Seen) -> None:
    if element.attrib.get("display") == "none":
        return
    x, y = _moved(element, x, y)
    if "data-node" in element.attrib:
        found.boxes.append(_box(element, x, y))
    elif element.tag == f"{SVG}rect" and "stroke-dasharray" in element.attrib:
        found.frames.append(_area(element, x, y))
    elif "data-from" in element.attrib:
        target = int(element.attrib.get("data-to", -1))
        points = list(_points(element.attrib["d"], x, y))
        found.wires.append(Wire(int(element.attrib["data-from"]), target, points))
    if element.tag == f"{SVG}text":
        found.texts.append((element.text or "", *_text_place(element, x, y)))
    for child in element:
        if "data-node" not in element.attrib or child.tag == f"{SVG}text":
            _walk(child, x, y, found)


def _moved(element: ET.Element, x: float, y: float) -> tuple[float, float]:
    match = re.fullmatch(r"translate\((.+),(.+)\)", element.attrib.get("transform", ""))
    return (x + float(match[1]), y + float(match[2])) if match else (x, y)


def _text_place(element: ET.Element, x: float, y: float) -> tuple[float, float]:
    """Where a text begins and ends."""
    start = x + float(element.attrib["x"])
    width = width_of(element.text or "")
    if element.attrib.get("text-anchor") == "middle":
        start -= width / 2
    return start, start + width


def _area(rect: ET.Element, x: float, y: float) -> Area:
    left, top = x + float(rect.attrib.get("x", 0)), y + float(rect.attrib.get("y", 0))
    return Area(left, top, left + float(rect.attrib["width"]), top + float(rect.attrib["height"]))


def _box(element: ET.Element, x: float, y: float) -> Box:
    areas = [_area(rect, x, y) for rect in element.iter(f"{SVG}rect")]
    texts = [text.text or "" for text in element.iter(f"{SVG}text")]
    for text in element.iter(f"{SVG}text"):
        start, end = _text_place(text, x, y)
        assert any(a.left <= start and end <= a.right for a in areas), f"{text.text} is clipped"
    title = element.find(f"{SVG}title")
    assert title is not None
    colours = {text.attrib["fill"] for text in element.iter(f"{SVG}text")}
    whole = Area(
        min(a.left for a in areas),
        min(a.top for a in areas),
        max(a.right for a in areas),
        max(a.bottom for a in areas),
    )
    return Box(int(element.attrib["data-node"]), whole, texts, title.text or "", colours)


def _points(path: str, x: float, y: float) -> Iterator[tuple[float, float]]:
    """Points along a path of M, H and C: the ends of its lines, and nine on each curve."""
    at = (0.0, 0.0)
    for letter, rest in re.findall(r"([MHC])([^MHC]*)", path):
        numbers = [float(n) for n in re.split(r"[ ,]+", rest.strip())]
        if letter == "M":
            at = (numbers[0], numbers[1])
        elif letter == "H":
            at = (numbers[0], at[1])
        else:
            a, b, c, d = at, numbers[0:2], numbers[2:4], numbers[4:6]
            for i in range(1, 10):
                t = i / 10
                weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                yield tuple(  # type: ignore[misc]
                    offset + sum(w * p[k] for w, p in zip(weights, (a, b, c, d), strict=True))
                    for k, offset in enumerate((x, y))
                )
            at = (d[0], d[1])
        yield x + at[0], y + at[1]


def check_picture(picture: Seen) -> None:
    """What holds for every picture: nothing overlaps, is cut off, or leads back."""
    page = Area(0, 0, picture.width, picture.height)
    for i, box in enumerate(picture.boxes):
        assert page.contains(box.area), f"{box.texts} is not on the page"
        for other in picture.boxes[:i]:
            assert not box.area.overlaps(other.area), f"{box.texts} overlaps {other.texts}"
        for frame in picture.frames:
            assert frame.contains(box.area) or not frame.overlaps(box.area)
    for text, left, right in picture.texts:
        assert left >= 0, text
        assert right <= picture.width, text
    areas = {}
    for box in picture.boxes:
        areas.setdefault(box.number, []).append(box.area)
    for wire in picture.wires:
        xs = [x for x, _ in wire.points]
        assert xs == sorted(xs), "a wire leads back to the left"
        own = [*areas.get(wire.source, ()), *areas.get(wire.target, ())]
        for box in picture.boxes:
            if box.area not in own:
                for x, y in wire.points:
                    inside = Area(x, y, x, y)
                    assert not box.area.overlaps(inside), f"a wire runs through {box.texts}"
