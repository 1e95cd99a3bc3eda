"""A graph that is too large to draw is drawn as its kinds, and says how large it is."""

import random
import re

import pytest

from draw.seen import check_picture, seen
from moreish import Value, draw
from moreish.micrograd.nn import MLP


@pytest.fixture(scope="module")
def demo() -> tuple[Value, MLP]:
    """The loss of micrograd's demo: 2-16-16-1, 100 examples, max-margin and weight decay."""
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    points = [[Value(random.gauss(0, 1)), Value(random.gauss(0, 1))] for _ in range(100)]
    scores = [model(point) for point in points]
    losses = [(1 + -random.choice([-1, 1]) * score).relu() for score in scores]
    loss = sum(losses) * (1.0 / len(losses))
    decay = 1e-4 * sum(p * p for p in model.parameters())
    total = loss + decay
    total.backward()
    return total, model


ABOUT = "65,818 nodes, 340 operations deep: 30,938 +, 30,839 *, 3,300 ReLU; "


@pytest.mark.long
def test_the_demos_loss_in_a_few_boxes(demo: tuple[Value, MLP]) -> None:
    total, _ = demo
    drawing = draw.graph(total)
    svg = drawing.svg()
    picture = seen(svg)
    check_picture(picture)
    assert drawing.text().startswith(f"{ABOUT}537 leaves, 204 numbers.\n")
    assert len(picture.boxes) == 30
    assert len(svg) < 40_000
    counts = {" ".join(box.texts[:2]) for box in picture.boxes}
    assert {"* 3,200 nodes", "* 25,600 nodes", "+ 25,600 nodes", "ReLU 1,600 nodes"} <= counts
    words = " ".join(text for text, _, _ in picture.texts)
    assert ABOUT.strip() in words
    for hint in ("drawn as one", "graph(node)", "summary=False", "model=model"):
        assert hint in words


def test_the_numbers_of_the_kinds_add_up(demo: tuple[Value, MLP]) -> None:
    total, _ = demo
    picture = seen(draw.graph(total).svg())
    count = {"operations": 0, "leaves": 0, "numbers": 0}
    for box in picture.boxes:
        text = " ".join(box.texts)
        found = re.search(r"([\d,]+) (nodes|leaves|numbers)", text)
        many = int(found[1].replace(",", "")) if found else 1
        if box.texts[0] in ("+", "*", "ReLU"):
            count["operations"] += many
        elif "data" in text:
            count["leaves"] += many
        else:
            count["numbers"] += many
    assert count == {"operations": 30_938 + 30_839 + 3_300, "leaves": 537, "numbers": 204}


@pytest.mark.long
def test_with_the_model_its_layers_are_boxes(demo: tuple[Value, MLP]) -> None:
    total, model = demo
    drawing = draw.graph(total, model=model)
    picture = seen(drawing.svg())
    check_picture(picture)
    texts = [text for text, _, _ in picture.texts]
    assert "layers[0]: Layer of 16 ReLUNeuron(2)" in texts
    assert [t for t in texts if t.endswith("parameters")] == [
        "48 parameters",
        "272 parameters",
        "17 parameters",
    ]
    assert "8,000 nodes" in texts  # 16 neurons of 5 operations, 100 times
    assert "52,800 nodes" in texts
    assert "337 parameters, 200 inputs, 204 numbers." in drawing.text()
    opened = draw.graph(total, model=model, fold="")
    check_picture(seen(opened.svg()))
    assert "ReLU of #" in opened.text()
    assert drawing.html().count("<script") == 1


def test_a_part_of_it(demo: tuple[Value, MLP]) -> None:
    total, model = demo
    near = draw.graph(total, summary=False)
    assert "nodes nearest to the result, of 65,818" in near.text()
    check_picture(seen(near.svg()))
    part = draw.graph(total._parents[1], summary=True, model=model)
    assert part.text().startswith("1,014 nodes, 339 operations deep")


def test_a_summary_of_a_small_graph_on_demand() -> None:
    x = [Value(float(i)) for i in range(10)]
    root = sum((v * v for v in x), Value(0.0))
    assert "nearest" not in draw.graph(root).text()
    picture = seen(draw.graph(root, summary=True).svg())
    assert sorted(" ".join(box.texts[:2]) for box in picture.boxes) == [
        "* 10 nodes",
        "+ 10 nodes",
        "10 leaves data 0 … 9",
        "data 0.0000 grad 0.0000",
    ]


def test_kinds_keep_the_lines_apart() -> None:
    x = [Value(float(i)) for i in range(4)]
    first = [v * 2 for v in x]
    second = [v * 2 for v in x]
    picture = seen(draw.graph(sum(first) + sum(second), summary=True).svg())
    assert [box.texts[1] for box in picture.boxes if box.texts[0] == "*"] == ["4 nodes"] * 2


def test_what_is_not_finite_is_counted() -> None:
    x = [Value(v) for v in (1.0, float("nan"), float("inf"), 2.0)]
    picture = seen(draw.graph(sum(v * 2 for v in x), summary=True).svg())
    box = next(box for box in picture.boxes if box.texts[0] == "*")
    assert "data not finite in 2" in box.texts
    assert "#b3261e" in box.colours
