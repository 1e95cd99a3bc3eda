"""Where to put boxes so that all wires lead to the right: a layered layout.

Boxes stand in columns, each as far to the right as what uses it allows; a wire that passes a column
has a waypoint there, so wires bend between columns only and never run through a box. It knows sizes
and wires, and nothing of what the boxes say.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual Understanding of Hierarchical System
Structures", 1981; the heights by isotonic regression (pool adjacent violators).
"""

import itertools
import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SEPARATION = 10.0  # between the boxes of a column
LANE = 6.0  # the height of a waypoint
GAP = 34.0  # between columns, at least; more where wires rise steeply
STEEP = 0.16  # how much more, for each unit that a wire rises,
MOST = 90.0  # and at most
ORDERINGS = 12
SETTLINGS = 40
ALMOST = 7.0  # straight


class Wire(NamedTuple):
    """From one box to another; where it leaves and arrives, from the middle of each downwards."""

    source: int
    target: int
    start: float = 0.0
    end: float = 0.0


@dataclass
class Plan:
    """Where everything is: numbers from `len(sizes)` on are waypoints."""

    sizes: list[tuple[float, float]]
    wires: list[Wire]
    columns: list[list[int]] = field(default_factory=list)
    ways: list[list[int]] = field(default_factory=list)  # the waypoints of each wire
    middles: list[float] = field(default_factory=list)  # the height of each, in its middle
    lefts: list[float] = field(default_factory=list)  # of each column
    rights: list[float] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0


def arrange(
    sizes: Sequence[tuple[float, float]],
    wires: Sequence[Wire],
    *,
    first: Iterable[int] = (),
    last: Iterable[int] = (),
) -> Plan:
    """Boxes of these sizes (width, height), each after all that lead to it, and wires → a Plan.

    `first` and `last` are boxes that must stand in the first and in the last column.
    """
    plan = Plan(list(sizes), list(wires))
    ranks = _ranks(len(sizes), wires, list(first), list(last))
    links = _with_waypoints(plan, ranks)
    before: list[list[int]] = [[] for _ in plan.sizes]
    after: list[list[int]] = [[] for _ in plan.sizes]
    for a, b in links:
        before[b].append(a)
        after[a].append(b)
    plan.columns = _ordered(plan, ranks, before, after)
    _settle_heights(plan, links)
    _place_columns(plan)
    return plan


def _ranks(count: int, wires: Sequence[Wire], first: list[int], last: list[int]) -> list[int]:
    """The column of each box, the last being 0: right before the first that uses it."""
    ranks = [0] * count
    users: list[list[int]] = [[] for _ in range(count)]
    for wire in wires:
        users[wire.source].append(wire.target)
    for box in reversed(range(count)):
        if users[box]:
            ranks[box] = min(ranks[user] for user in users[box]) - 1
    outermost = min(ranks, default=0)
    for box in first:
        ranks[box] = outermost
    for box in last:
        ranks[box] = 0
    return [rank - outermost for rank in ranks]


def _with_waypoints(plan: Plan, ranks: list[int]) -> list[tuple[int, int]]:
    """Add the waypoints, and give each pair of neighbours on a wire, once.

    Wires from one box to several share their waypoints as far as they go together.
    """
    links: dict[tuple[int, int], None] = {}
    lanes: dict[tuple[int, float, int], int] = {}
    for wire in plan.wires:
        way = []
        for rank in range(ranks[wire.source] + 1, ranks[wire.target]):
            key = (wire.source, wire.start, rank)
            if key not in lanes:
                lanes[key] = len(plan.sizes)
                plan.sizes.append((0.0, LANE))
                ranks.append(rank)
            way.append(lanes[key])
        plan.ways.append(way)
        stops = [wire.source, *way, wire.target]
        for a, b in itertools.pairwise(stops):
            links[a, b] = None
    return list(links)


# ---- the order within columns


def _ordered(
    plan: Plan, ranks: list[int], before: list[list[int]], after: list[list[int]]
) -> list[list[int]]:
    """Columns in which few wires cross: a walk from the last boxes, then sweeps that sort."""
    columns: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    seen: set[int] = set()
    for end in range(len(plan.sizes)):
        if after[end]:
            continue
        waiting = [end]
        while waiting:
            box = waiting.pop()
            if box in seen:
                continue
            seen.add(box)
            columns[ranks[box]].append(box)
            waiting += reversed(before[box])
    best, fewest = [list(column) for column in columns], _crossings(columns, after)
    for sweep in range(ORDERINGS):
        if not fewest:
            break
        neighbours = before if sweep % 2 else after
        moved = columns if sweep % 2 else columns[::-1]
        places = {box: i for column in columns for i, box in enumerate(column)}
        for column in moved:
            keys = {
                box: sum(places[n] for n in neighbours[box]) / len(neighbours[box])
                if neighbours[box]
                else places[box]
                for box in column
            }
            column.sort(key=keys.__getitem__)
            places.update((box, i) for i, box in enumerate(column))
        _exchange(columns, before, after)
        crossings = _crossings(columns, after)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def _exchange(columns: list[list[int]], before: list[list[int]], after: list[list[int]]) -> None:
    """Exchange two neighbours in a column wherever that leaves fewer crossings."""
    places = {box: i for column in columns for i, box in enumerate(column)}
    for column in columns:
        for i in range(len(column) - 1):
            a, b = column[i], column[i + 1]
            gain = 0
            for side in (before, after):
                for p in side[a]:
                    for q in side[b]:
                        gain += (places[p] > places[q]) - (places[p] < places[q])
            if gain > 0:
                column[i], column[i + 1] = b, a
                places[a], places[b] = i + 1, i


def _crossings(columns: list[list[int]], after: list[list[int]]) -> int:
    """How many pairs of wires cross."""
    count = 0
    for left, right in itertools.pairwise(columns):
        places = {box: i for i, box in enumerate(right)}
        ends: list[int] = []
        for box in left:
            targets = sorted(places[t] for t in after[box])
            count += sum(len(ends) - bisect_left(ends, target + 1) for target in targets)
            for target in targets:
                insort(ends, target)
    return count


# ---- heights


def _settle_heights(plan: Plan, links: list[tuple[int, int]]) -> None:
    """Each box as near as it can be to the middle of its neighbours, without an overlap."""
    sizes, count = plan.sizes, len(plan.sizes)
    boxes = min((waypoint for way in plan.ways for waypoint in way), default=count)
    shifts: dict[tuple[int, int], list[float]] = {link: [] for link in links}
    for wire, way in zip(plan.wires, plan.ways, strict=True):
        stops = [wire.source, *way, wire.target]
        for i, link in enumerate(itertools.pairwise(stops)):
            start = 0.0 if i else wire.start
            end = wire.end if i == len(way) else 0.0
            shifts[link].append(start - end)
    near: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
    used: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
    for a, b in links:
        weight = 1.0 + 2.0 * (a >= boxes) + 2.0 * (b >= boxes) + 3.0 * (a >= boxes <= b)
        shift = sum(shifts[a, b]) / len(shifts[a, b])
        near[b].append((a, shift, weight))
        near[a].append((b, -shift, weight))
        used[a].append((b, -shift, weight))
    middles = [0.0] * count
    steps = {}
    for number, column in enumerate(plan.columns):
        step = [0.0]
        for upper, lower in itertools.pairwise(column):
            step.append(step[-1] + (sizes[upper][1] + sizes[lower][1]) / 2 + SEPARATION)
        steps[number] = step
        for box, height in zip(column, step, strict=True):
            middles[box] = height - step[-1] / 2
    numbers = list(range(len(plan.columns)))
    for settling in range(SETTLINGS):
        neighbours = used if settling == 0 else near
        for number in reversed(numbers) if settling % 2 == 0 else numbers:
            column = plan.columns[number]
            wanted, weights = [], []
            for box in column:
                total = sum(weight for _, _, weight in neighbours[box])
                pulled = sum((middles[n] + s) * weight for n, s, weight in neighbours[box])
                wanted.append(pulled / total if total else middles[box])
                weights.append(total or 0.01)
            for box, height in zip(column, settled(wanted, weights, steps[number]), strict=True):
                middles[box] = height
    for number, column in enumerate(plan.columns[1:], 1):
        places = set(plan.columns[number - 1])
        for i, box in enumerate(column):
            _straighten(i, column, steps[number], middles, [n for n in near[box] if n[0] in places])
    top = min((m - sizes[b][1] / 2 for b, m in enumerate(middles)), default=0.0)
    plan.middles = [round(middle - top, 1) for middle in middles]
    plan.height = max((m + sizes[b][1] / 2 for b, m in enumerate(plan.middles)), default=0.0)


def _straighten(
    i: int,
    column: list[int],
    steps: list[float],
    middles: list[float],
    near: list[tuple[int, float, float]],
) -> None:
    """Make a wire that is almost straight quite straight, where there is room."""
    if not near:
        return
    box = column[i]
    neighbour, shift, _ = max(near, key=lambda n: n[2])
    wanted = middles[neighbour] + shift
    low = middles[column[i - 1]] + steps[i] - steps[i - 1] if i else wanted
    last = i + 1 == len(column)
    high = wanted if last else middles[column[i + 1]] - steps[i + 1] + steps[i]
    if abs(wanted - middles[box]) <= ALMOST and low <= wanted <= high:
        middles[box] = wanted


def settled(wanted: list[float], weights: list[float], steps: list[float]) -> list[float]:
    """The heights nearest to those wanted that keep the distances of `steps`, all in pixels.

    >>> settled([5.0, 5.0], [1.0, 1.0], [0.0, 4.0])
    [3.0, 7.0]
    """
    blocks: list[list[float]] = []  # weight, weight times height, how many
    for height, weight, step in zip(wanted, weights, steps, strict=True):
        blocks.append([weight, weight * (height - step), 1])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][0] > blocks[-1][1] / blocks[-1][0]:
            last = blocks.pop()
            blocks[-1] = [x + y for x, y in zip(blocks[-1], last, strict=True)]
    found = [total / weight for weight, total, many in blocks for _ in range(int(many))]
    return [height + step for height, step in zip(found, steps, strict=True)]


# ---- columns


def _place_columns(plan: Plan) -> None:
    places = {box: number for number, column in enumerate(plan.columns) for box in column}
    rises = [0.0] * len(plan.columns)
    for wire, way in zip(plan.wires, plan.ways, strict=True):
        stops = [wire.source, *way, wire.target]
        for a, b in itertools.pairwise(stops):
            rise = abs(plan.middles[a] - plan.middles[b])
            rises[places[a]] = max(rises[places[a]], rise)
    x = 0.0
    for column, rise in zip(plan.columns, rises, strict=True):
        width = max(plan.sizes[box][0] for box in column)
        plan.lefts.append(x)
        plan.rights.append(x + width)
        plan.width = x + width
        x += width + math.floor(GAP + min(MOST, STEEP * rise))
