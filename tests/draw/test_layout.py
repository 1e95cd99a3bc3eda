"""The layout: columns lead to the right, few wires cross, and nothing overlaps."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from moreish.draw.graphs.layout import SEPARATION, Plan, Wire, arrange, settled


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[Wire]]:
    count = draw(st.integers(1, 30))
    size = st.tuples(st.integers(1, 200), st.integers(1, 90))
    sizes = [draw(size) for _ in range(count)]
    wires = [
        Wire(draw(st.integers(0, target - 1)), target)
        for target in range(1, count)
        for _ in range(draw(st.integers(0, 3)))
    ]
    return sizes, wires


def check(plan: Plan) -> None:
    places = {box: number for number, column in enumerate(plan.columns) for box in column}
    assert sorted(places) == list(range(len(plan.sizes)))
    for wire, way in zip(plan.wires, plan.ways, strict=True):
        columns = [places[box] for box in (wire.source, *way, wire.target)]
        assert columns == list(range(columns[0], columns[0] + len(columns)))
    for column in plan.columns:
        for upper, lower in itertools.pairwise(column):
            gap = plan.middles[lower] - plan.middles[upper]
            assert gap >= (plan.sizes[upper][1] + plan.sizes[lower][1]) / 2 + SEPARATION - 0.11
    for right, left in zip(plan.rights, plan.lefts[1:], strict=False):
        assert left > right
    for box, middle in enumerate(plan.middles):
        assert middle - plan.sizes[box][1] / 2 >= -0.11
        assert middle + plan.sizes[box][1] / 2 <= plan.height + 0.11


@settings(deadline=None)
@given(graph=graphs())
def test_every_graph(graph: tuple[list[tuple[float, float]], list[Wire]]) -> None:
    check(arrange(*graph))


@settings(deadline=None)
@given(graph=graphs(), data=st.data())
def test_ports_are_in_the_first_and_the_last_column(graph, data) -> None:
    sizes, wires = graph
    count = len(sizes)
    into = [Wire(count, data.draw(st.integers(0, count - 1)))]
    out = [Wire(data.draw(st.integers(0, count - 1)), count + 1)]
    # the port comes first: what a box stands after is what leads to it
    moved = [Wire(w.source + 1, w.target + 1) for w in wires]
    moved += [Wire(0, into[0].target + 1), Wire(out[0].source + 1, count + 1)]
    plan = arrange([(0.0, 4.0), *sizes, (0.0, 4.0)], moved, first=[0], last=[count + 1])
    check(plan)
    assert 0 in plan.columns[0]
    assert count + 1 in plan.columns[-1]


def test_a_tree_is_drawn_without_a_crossing_in_the_order_of_its_inputs() -> None:
    wires = [Wire(0, 4), Wire(1, 4), Wire(2, 5), Wire(3, 5), Wire(4, 6), Wire(5, 6)]
    plan = arrange([(10.0, 10.0)] * 7, wires)
    assert plan.columns == [[0, 1, 2, 3], [4, 5], [6]]
    assert plan.middles[6] == (plan.middles[0] + plan.middles[3]) / 2


def crossings(plan: Plan) -> int:
    """How many pairs of wires cross, by comparing each with each."""
    heights = {box: i for column in plan.columns for i, box in enumerate(column)}
    places = {box: number for number, column in enumerate(plan.columns) for box in column}
    links = set()
    for wire, way in zip(plan.wires, plan.ways, strict=True):
        links.update(itertools.pairwise((wire.source, *way, wire.target)))
    return sum(
        places[a] == places[c] and (heights[a] - heights[c]) * (heights[b] - heights[d]) < 0
        for (a, b), (c, d) in itertools.combinations(links, 2)
    )


def test_crossed_wires_are_uncrossed() -> None:
    pairs = [(0, 3), (2, 3), (1, 4), (2, 5), (3, 6), (4, 6), (5, 6)]
    assert crossings(arrange([(10.0, 10.0)] * 7, [Wire(*pair) for pair in pairs])) == 0
    pairs = [(i, 4 + (3 * i) % 4) for i in range(4)] + [(i, 8) for i in range(4, 8)]
    assert crossings(arrange([(10.0, 10.0)] * 9, [Wire(*pair) for pair in pairs])) == 0


def test_a_box_stands_right_before_the_first_that_uses_it() -> None:
    wires = [Wire(0, 1), Wire(1, 2), Wire(2, 4), Wire(3, 4)]
    plan = arrange([(10.0, 10.0)] * 5, wires)
    assert 3 in plan.columns[2]


def test_wires_from_one_box_share_their_way() -> None:
    wires = [Wire(0, 1), Wire(1, 2), Wire(2, 3), Wire(0, 2), Wire(0, 3)]
    plan = arrange([(10.0, 10.0)] * 4, wires)
    assert plan.ways[4][0] == plan.ways[3][0]
    assert len(plan.sizes) == 6


def test_heights_are_as_near_as_can_be() -> None:
    assert settled([0.0, 10.0, 20.0], [1.0] * 3, [0.0, 4.0, 8.0]) == [0.0, 10.0, 20.0]
    assert settled([10.0, 0.0], [3.0, 1.0], [0.0, 4.0]) == [6.5, 10.5]


def test_nothing_at_all() -> None:
    assert arrange([], []).height == 0.0
