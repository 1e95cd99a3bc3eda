"""The drawing of a graph says what the graph is: each node, each number, each wire, once."""

import json
import math
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draw.seen import check_picture, seen
from moreish import Value, draw
from moreish.errors import DrawingError, OptionError


def readme_expression() -> tuple[Value, Value, Value]:
    """The expression that everybody who knows the course knows."""
    a, b = Value(-4.0, label="a"), Value(2.0, label="b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.label = "g"
    return a, b, g


def neuron() -> Value:
    """tanh(x1 w1 + x2 w2 + b), with a label on everything."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1, x2w2 = x1 * w1, x2 * w2
    x1w1.label, x2w2.label = "x1*w1", "x2*w2"
    total = x1w1 + x2w2
    total.label = "x1*w1 + x2*w2"
    n = total + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    return o


@st.composite
def labelled_graphs(draw: st.DrawFn) -> Value:
    """A Value made of others at random, much of it shared; each has a label of its own."""
    values = [Value(float(i), label=f"n{i}") for i in range(draw(st.integers(1, 4)))]
    for i in range(draw(st.integers(1, 25))):
        a = values[draw(st.integers(0, len(values) - 1))]
        b = values[draw(st.integers(0, len(values) - 1))]
        made = draw(st.sampled_from(["+", "*", "-", "tanh", "2 *", "** 2"]))
        new = {
            "+": lambda a=a, b=b: a + b,
            "*": lambda a=a, b=b: a * b * 0.5,
            "-": lambda a=a, b=b: a - b,
            "tanh": lambda a=a: a.tanh(),
            "2 *": lambda a=a: 2 * a,
            "** 2": lambda a=a: a.tanh() ** 2,
        }[made]()
        for x in new._parents:
            x.label = x.label or f"m{i}"
        new.label = f"v{i}"
        values.append(new)
    return values[-1]


def wires_of(root: Value) -> Counter:
    """From label to label, how often; by a walk of its own."""
    wires: Counter = Counter()
    waiting, known = [root], {root}
    while waiting:
        node = waiting.pop()
        for x in node._parents:
            wires[x.label, node.label] += 1
            if x not in known:
                known.add(x)
                waiting.append(x)
    return wires


@settings(max_examples=60, deadline=None)
@given(root=labelled_graphs())
def test_each_node_and_each_wire_is_there_once_and_nothing_overlaps(root: Value) -> None:
    picture = seen(draw.graph(root).svg())
    check_picture(picture)
    names = {box.number: box.texts for box in picture.boxes}
    assert len(names) == len(picture.boxes)
    labels = {
        number: next(t for t in texts if t[0] in "nmv") if len(texts) > 1 else "number"
        for number, texts in names.items()
    }
    expected = wires_of(root)
    drawn = Counter((labels[w.source], labels[w.target]) for w in picture.wires)
    assert {k: n for k, n in drawn.items() if k[0] != "number"} == expected
    named = [label for label in labels.values() if label != "number"]
    assert len(set(named)) == len(named)
    assert set(named) == {label for pair in expected for label in pair} | {root.label}


@settings(max_examples=20, deadline=None)
@given(root=labelled_graphs())
def test_the_same_graph_gives_the_same_bytes(root: Value) -> None:
    assert draw.graph(root).svg() == draw.graph(root).svg()
    assert draw.graph(root).html() == draw.graph(root).html()
    assert draw.graph(root).text() == draw.graph(root).text()


def test_micrograds_expression() -> None:
    a, _, g = readme_expression()
    g.backward()
    picture = seen(draw.graph(g).svg())
    check_picture(picture)
    assert picture.box("g").texts == ["+", "g", "data 24.7041", "grad 1.0000"]
    assert picture.box("a").texts == ["a", "data -4.0000", "grad 138.8338"]
    assert picture.box("b").texts == ["b", "data 2.0000", "grad 645.5773"]
    assert repr(a.data) in picture.box("a").title
    assert repr(a.grad) in picture.box("a").title


def test_the_text_is_a_list_in_the_order_of_the_computation() -> None:
    root = neuron()
    root.backward()
    text = draw.graph(root).text().splitlines()
    assert text[0] == "10 nodes, 4 operations deep: 2 *, 2 +, 1 tanh; 5 leaves."
    assert [line.split()[0] for line in text[1:4]] == ["x1", "w1", "x1*w1"]
    assert text[-1].split()[:6] == ["o", "tanh(n)", "data", "0.7071", "grad", "1.0000"]
    assert text[-1].split()[-1].startswith("test_graph.py:")
    assert str(draw.graph(root)) == draw.graph(root).text()


def test_a_node_says_the_line_that_made_it() -> None:
    title = seen(draw.graph(neuron()).svg()).box("o").title
    assert title.startswith("o = tanh(n)\n")
    assert "test_graph.py" in title
    assert "o = n.tanh()" in title


def test_numbers_that_are_no_values_are_boxes_of_their_own() -> None:
    x = Value(3.0, label="x")
    picture = seen(draw.graph((x * 2 + 2.0) ** 2).svg())
    assert [box.texts for box in picture.boxes].count(["2.0000"]) == 2
    assert any(box.texts[0] == "**2" for box in picture.boxes)
    power = seen(draw.graph(2**x).svg())
    assert sorted(len(box.texts) for box in power.boxes) == [1, 3, 3]
    assert "2.0000 ** x" in draw.graph(2**x).text()


def test_a_value_that_is_used_twice_by_one_operation() -> None:
    x = Value(3.0, label="x")
    picture = seen(draw.graph(x + x).svg())
    assert len(picture.boxes) == 2
    assert [(w.source, w.target) for w in picture.wires] == [(0, 1), (0, 1)]
    assert picture.wires[0].points[-1] != picture.wires[1].points[-1]


def test_a_lone_leaf() -> None:
    picture = seen(draw.graph(Value(2.0, label="w")).svg())
    assert [box.texts for box in picture.boxes] == [["w", "data 2.0000", "grad 0.0000"]]
    assert not picture.wires
    assert draw.graph(Value(2.0)).text().startswith("1 node: 1 leaf.\n")


NASTY = [
    "<b>&amp;\"'</b>",
    "]]>",
    "a\nb\tc",
    "\x00\x1b[31m",
    "\ud800",
    "x" * 5000,
    "重み 名前",
    "é" * 3 + "e\u0301",
    "😀 Ω",
    "-->",
    "",
]


@pytest.mark.parametrize("label", NASTY, ids=range(len(NASTY)))
def test_labels_of_any_kind(label: str, tmp_path: Path) -> None:
    x = Value(1.0, label=label)
    y = x * 2
    y.label = label
    drawing = draw.graph(y)
    picture = seen(drawing.svg())
    check_picture(picture)
    shown = picture.boxes[0].texts[0] if label else "data 1.0000"
    assert len(shown) <= 24
    if label.isprintable() and 0 < len(label) <= 24:
        assert shown == label
        assert label in picture.boxes[0].title
    for ending in ("svg", "html", "txt"):
        drawing.save(tmp_path / f"a.{ending}")
        assert (tmp_path / f"a.{ending}").read_bytes()


def test_numbers_that_are_not_finite_are_red() -> None:
    x = Value(0.0, label="x")
    y = (x + 1e300) * 1e300
    y.label = "y"
    z = y - y
    z.label = "z"
    z.backward()
    picture = seen(draw.graph(z).svg())
    assert "data inf" in picture.box("y").texts
    assert "data nan" in picture.box("z").texts
    assert "#b3261e" in picture.box("z").colours
    assert "#b3261e" not in picture.box("x").colours
    assert math.isnan(z.data)


def test_very_large_and_small_numbers_stay_short() -> None:
    x = Value(1.5e-7, label="x")
    picture = seen(draw.graph(x * 1e20).svg())
    assert "data 1.500e-07" in picture.box("x").texts
    assert any("data 1.500e+13" in box.texts for box in picture.boxes)


def test_gradients_that_are_values() -> None:
    x = Value(3.0, label="x")
    y = x**3
    y.backward(create_graph=True)
    assert seen(draw.graph(y).svg()).box("x").texts == ["x", "data 3.0000", "grad 27.0000"]
    assert "x" in draw.graph(x.grad).text()
    check_picture(seen(draw.graph(x.grad).svg()))


def test_drawing_changes_nothing() -> None:
    a, b, g = readme_expression()
    g.backward()
    before = a.data, a.grad, b.grad, g.grad
    draw.graph(g).html()
    assert (a.data, a.grad, b.grad, g.grad) == before


def test_a_drawing_is_as_the_graph_was() -> None:
    x = Value(3.0, label="x")
    drawing = draw.graph(x * 2)
    before = drawing.svg(), drawing.text(), drawing.html()
    x.data, x.label = 5.0, "y"
    assert (drawing.svg(), drawing.text(), drawing.html()) == before


def test_what_is_no_graph() -> None:
    for thing in (3.0, "x", None, [Value(1.0)]):
        with pytest.raises(TypeError, match="a Value or a Tensor was wanted"):
            draw.graph(thing)
    with pytest.raises(OptionError, match="1 or more; got 0"):
        draw.graph(Value(1.0), limit=0)


class TestSaving:
    def test_the_ending_says_the_form(self, tmp_path: Path) -> None:
        drawing = draw.graph(neuron())
        for ending, start in ((".svg", "<svg"), (".html", "<!doctype html>"), (".txt", "10 nodes")):
            place = tmp_path / f"drawing{ending}"
            drawing.save(place)
            assert place.read_text(encoding="utf-8").startswith(start)
        drawing.save(str(tmp_path / "UPPER.SVG"))

    @pytest.mark.parametrize("name", ["drawing", "drawing.png", "drawing.pdf", ".svg"])
    def test_another_ending_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(OptionError, match=r"saved as \.html, \.svg or \.txt; got .*" + name):
            draw.graph(neuron()).save(tmp_path / name)
        assert not list(tmp_path.iterdir())

    def test_what_cant_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(DrawingError, match=r"can't write .*: no such file"):
            draw.graph(neuron()).save(tmp_path / "nowhere" / "a.svg")


class TestInNotebooks:
    def test_a_value_draws_itself(self) -> None:
        root = neuron()
        assert root._repr_svg_() == draw.graph(root).svg()
        assert root._repr_html_() == draw.graph(root).html()

    def test_a_leaf_shows_its_text(self) -> None:
        assert Value(1.0)._repr_svg_() is None
        assert Value(1.0)._repr_html_() is None

    def test_a_drawing_shows_itself(self) -> None:
        drawing = draw.graph(neuron())
        assert drawing._repr_svg_() == drawing.svg()
        assert drawing._repr_html_() == drawing.html()
        assert repr(drawing) == "<a computation graph: .svg(), .html(), .text() or .save(path)>"

    def test_nothing_is_fetched(self) -> None:
        page = draw.graph(neuron()).html().replace("http://www.w3.org/2000/svg", "")
        assert "http" not in page
        assert "src=" not in page
        assert "@import" not in page

    def test_draw_is_loaded_when_it_is_used(self) -> None:
        code = (
            "import sys, json, moreish; before = 'moreish.draw' in sys.modules; "
            "svg = (moreish.Value(1.0) * 2)._repr_svg_(); "
            "print(json.dumps([before, svg[:4], 'moreish.draw' in sys.modules]))"
        )
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert json.loads(result.stdout) == [False, "<svg", True], result.stderr


class TestLargeGraphs:
    def test_what_is_far_is_left_out_and_it_says_so(self) -> None:
        random.seed(1)
        values = [Value(random.random(), label=f"x{i}") for i in range(300)]
        root = sum(values[1:], values[0])
        root.label = "root"
        drawing = draw.graph(root, limit=40)
        picture = seen(drawing.svg())
        check_picture(picture)
        assert 30 <= len(picture.boxes) <= 40
        assert picture.box("root").texts[0] == "+"
        assert any("x299" in box.texts for box in picture.boxes)
        assert not any("x0" in box.texts for box in picture.boxes)
        words = " ".join(text for text, _, _ in picture.texts)
        assert f"These are the {len(picture.boxes)} nodes nearest to the result, of 599" in words
        assert "limit=80" in words
        assert "+ of what is left out" in drawing.text()

    def test_a_graph_at_the_limit_is_whole(self) -> None:
        root = neuron()
        assert len(seen(draw.graph(root, limit=10).svg()).boxes) == 10
        assert "nearest" not in draw.graph(root, limit=10).text()
        assert "nearest" in draw.graph(root, limit=9).text()

    def test_even_one_box_is_a_drawing(self) -> None:
        picture = seen(draw.graph(neuron(), limit=1).svg())
        assert [box.texts[1] for box in picture.boxes] == ["o"]

    def test_a_long_chain(self) -> None:
        x = Value(1.0, label="x")
        y = x
        for _ in range(5_000):
            y = y * 1.0001
        drawing = draw.graph(y)
        assert drawing.text().startswith("10,001 nodes, 5,000 operations deep: 5,000 *;")
        assert len(seen(drawing.svg()).boxes) == 3
        z = x
        for i in range(3_000):
            z = z * 1.5 if i % 2 else z + 1.5
        drawing = draw.graph(z)
        assert "kinds nearest to the result" in drawing.text()
        check_picture(seen(drawing.svg()))
