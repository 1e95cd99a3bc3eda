"""Neurons and layers are found when a drawing is made, fold to one box each, and lose nothing."""

import itertools
import json
import random
import re

import dukpy
import pytest

from draw.seen import check_picture, seen
from moreish import Value, draw
from moreish.draw.graphs.modules import find_groups, join_groups, parts_of
from moreish.draw.graphs.nodes import read
from moreish.draw.graphs.page import SCRIPT
from moreish.errors import OptionError
from moreish.micrograd.nn import MLP, Layer, Neuron


def network(*sizes: int) -> MLP:
    random.seed(1337)
    return MLP(sizes[0], list(sizes[1:]))


def uses(root: Value, model: object) -> list[str]:
    """The groups that are found, each with its part and how many nodes it has."""
    nodes = read(root)
    part = parts_of(model)
    find_groups(nodes, part)
    join_groups(nodes, part)
    found: dict = {}
    for node in nodes:
        for group in node.place.around() if node.place is not None else ():
            found[group] = found.get(group, 0) + 1
    return sorted(f"{group.part.name or group.part.kind} {count}" for group, count in found.items())


class TestFinding:
    def test_a_neuron_is_its_products_sums_and_activation(self) -> None:
        model = network(2, 3, 1)
        root = model([Value(1.0), Value(-2.0)])
        assert uses(root, model) == [
            "MLP 21",
            "layers[0] 15",
            "layers[0].neurons[0] 5",
            "layers[0].neurons[1] 5",
            "layers[0].neurons[2] 5",
            "layers[1] 6",
            "layers[1].neurons[0] 6",
        ]

    def test_what_comes_after_a_neuron_is_not_its_own(self) -> None:
        neuron = Neuron(2)
        loss = (neuron([1.0, 2.0]).tanh() - 1) ** 2
        assert uses(loss, neuron) == ["Neuron 7"]  # two of them plain numbers

    def test_each_example_goes_through_a_use_of_its_own(self) -> None:
        model = network(2, 3, 1)
        loss = sum((model([x, 1 - x]) - 1) ** 2 for x in (0.0, 0.5, 1.0))
        found = [name.rsplit(" ", 1)[0] for name in uses(loss, model)]
        assert found.count("MLP") == 3
        assert found.count("layers[0]") == 3
        assert found.count("layers[0].neurons[1]") == 3

    def test_examples_of_the_same_numbers_are_still_several(self) -> None:
        model = network(2, 2, 1)
        loss = model([1.0, 2.0]) + model([1.0, 2.0])
        found = [name.rsplit(" ", 1)[0] for name in uses(loss, model)]
        assert found.count("MLP") == 2
        assert found.count("layers[0].neurons[0]") == 2

    def test_a_neuron_that_feeds_itself(self) -> None:
        neuron = Neuron(1, activation=Value.tanh)
        state: object = 0.5
        for _ in range(3):
            state = neuron([state])
        assert len(uses(state, neuron)) == 3

    def test_layers_that_feed_each_other_in_turn(self) -> None:
        layer = Layer(2, 2, activation=Value.tanh)
        state = [Value(0.1), Value(0.2)]
        for _ in range(3):
            state = layer(state)
        root = state[0] * state[1]
        found = [name.rsplit(" ", 1)[0] for name in uses(root, layer)]
        assert found.count("Layer") == 3
        assert found.count("neurons[1]") == 3
        check_picture(seen(draw.graph(root, model=layer).svg()))

    def test_an_activation_of_ones_own_belongs_to_the_neuron(self) -> None:
        neuron = Neuron(1, activation=lambda x: x.tanh() * x)
        assert uses(neuron([Value(1.0)]), neuron) == ["Neuron 4"]

    def test_classes_written_as_in_the_course(self) -> None:
        class Unit:
            def __init__(self, nin: int) -> None:
                self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
                self.b = Value(0.0)

            def __call__(self, x: list) -> Value:
                act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
                return act.tanh()

            def parameters(self) -> list[Value]:
                return [*self.w, self.b]

        class Net:
            def __init__(self) -> None:
                self.units = {"first": Unit(2), "second": Unit(2)}
                self.last = Unit(2)

            def __call__(self, x: list) -> Value:
                return self.last([unit(x) for unit in self.units.values()])

            def parameters(self) -> list[Value]:
                return [p for u in (*self.units.values(), self.last) for p in u.parameters()]

        model = Net()
        found = uses(model([Value(1.0), Value(2.0)]), model)
        assert found == ["Net 15", "last 5", "units['first'] 5", "units['second'] 5"]

    def test_groups_that_would_stand_in_a_circle_are_dissolved(self) -> None:
        model = Layer(1, 2, activation=Value.tanh)
        first, second = model.neurons
        second.w.append(Value(0.5))
        h = first([Value(1.0)])
        root = second([h, h * 2])  # between the two is what belongs to neither
        found = [name.rsplit(" ", 1)[0] for name in uses(root, model)]
        assert found == ["neurons[0]", "neurons[1]"]
        check_picture(seen(draw.graph(root, model=model).svg()))
        check_picture(seen(draw.graph(root, model=model, summary=True, fold="").svg()))

    def test_a_model_without_parameters(self) -> None:
        for model in (3, [], object(), {"a": 1}):
            with pytest.raises(OptionError, match="a model was wanted"):
                draw.graph(Value(1.0) * 2, model=model)

    def test_a_copy_that_lost_its_lines_is_drawn_flat(self) -> None:
        import pickle

        model = network(2, 2, 1)
        root = pickle.loads(pickle.dumps(model([1.0, 2.0])))
        assert len(seen(draw.graph(root, model=model).svg()).boxes) == len(read(root))


class TestDrawing:
    def drawing(self, **options: object) -> draw.Graph:
        model = network(2, 3, 1)
        root = model([Value(1.0, label="x"), Value(-2.0, label="y")])
        root.backward()
        return draw.graph(root, model=model, **options)

    def test_neurons_are_folded_and_layers_are_frames(self) -> None:
        picture = seen(self.drawing().svg())
        check_picture(picture)
        texts = [text for text, _, _ in picture.texts]
        assert texts.count("3 parameters") == 3
        assert texts.count("4 parameters") == 1
        assert "layers[0]: Layer of 3 ReLUNeuron(2)" in texts
        assert [box.texts[0] for box in picture.boxes] == ["x", "y"]
        assert len(picture.frames) == 3

    def test_open_it_has_every_node_and_each_wire_to_a_node(self) -> None:
        drawing = self.drawing(fold="")
        picture = seen(drawing.svg())
        check_picture(picture)
        assert len(picture.boxes) == 36
        assert len({box.number for box in picture.boxes}) == 36
        into_nodes = [wire for wire in picture.wires if wire.target >= 0]
        assert (
            len({(w.source, w.target) for w in into_nodes}) == len(into_nodes) == 9 * 2 + 9 * 2 + 3
        )
        assert len(picture.frames) == 1 + 2 + 4

    def test_folded_it_says_what_it_says_open(self) -> None:
        folded, opened = self.drawing().text(), self.drawing(fold="").text()
        assert folded.splitlines()[0] == opened.splitlines()[0]
        line = next(text for text in folded.splitlines() if "neurons[0]: ReLU" in text)
        last = next(text for text in opened.splitlines() if "ReLU(" in text)
        assert line.split("data")[1].split()[:3] == last.split("data")[1].split()[:3]

    def test_the_class_that_is_folded_can_be_chosen(self) -> None:
        texts = [text for text, _, _ in seen(self.drawing(fold="Layer").svg()).texts]
        assert "9 parameters" in texts
        assert len(seen(self.drawing(fold="MLP").svg()).boxes) == 2
        with pytest.raises(OptionError, match="has no 'Tensor' to fold; it has MLP, Layer, Neuron"):
            self.drawing(fold="Tensor")
        with pytest.raises(OptionError, match="say of which model"):
            draw.graph(Value(1.0) * 2, fold="Neuron")

    def test_parameters_are_told_from_inputs_by_name_form_and_colour(self) -> None:
        svg = self.drawing(fold="").svg()
        picture = seen(svg)
        assert [box.texts[0] for box in picture.boxes].count("w[0]") == 4
        x = next(box for box in picture.boxes if box.texts[0] == "x")
        assert x.title.endswith("\ninput")
        w = next(box for box in picture.boxes if box.texts[0] == "w[0]")
        assert w.title.endswith("\nparameter")
        forms = {}
        for box in (x, w):
            element = re.search(rf'data-node="{box.number}">.*?(<rect.*?/>)', svg, re.S)
            assert element is not None
            forms[box.texts[0]] = re.findall(r'(?:rx|fill|stroke)="[^"]*"', element[1])
        assert all(a != b for a, b in zip(forms["x"], forms["w[0]"], strict=True))

    def test_a_large_layer_makes_whole_layers_fold(self) -> None:
        model = network(2, 25, 25, 1)
        drawing = draw.graph(model([1.0, 2.0]), model=model, summary=False, limit=60)
        assert "25 results" in drawing.text()
        assert "neurons[0]: ReLU" not in drawing.text()


class TestThePage:
    """The script is run by a JavaScript engine, and held to what Python draws."""

    def page(self, **options: object) -> tuple[str, dict]:
        model = network(2, 3, 1)
        xs = [(1.0, -2.0), (0.5, 0.25)]
        root = sum((model([Value(x), Value(y)]) - 1) ** 2 for x, y in xs)
        root.backward()
        html = draw.graph(root, model=model, **options).html()
        told = re.search(r'<script type="application/json">(.*?)</script>', html)
        assert told is not None
        return html, json.loads(told[1])

    def placed(self, told: dict, turn: str = "") -> dict:
        code = f"""{SCRIPT.read_text(encoding="utf-8")}
            const {{level, measures}} = dukpy.told;
            {turn};
            place(level, measures);
            level;"""
        return dukpy.evaljs(code, told=told)

    def paths(self, html: str) -> list[str]:
        return re.findall(r'<path data-from="[^"]*"(?: data-to="[^"]*")? d="([^"]*)"', html)

    def all_paths(self, level: dict) -> list[str]:
        paths = list(level["paths"])
        for item in level["items"]:
            if item.get("open"):
                paths += self.all_paths(item["inside"])
        return paths

    def test_nothing_moves_before_a_click(self) -> None:
        html, told = self.page()
        level = self.placed(told)
        svg = draw_numbers(html.split("</svg>")[0])
        for path in self.all_paths(level):
            assert draw_numbers(path).strip() in svg
        assert len(self.all_paths(level)) > 20

    def test_open_it_is_what_python_draws_open(self) -> None:
        html, told = self.page(fold="")
        level = self.placed(told)
        assert sorted(map(draw_numbers, self.all_paths(level))) == sorted(
            map(draw_numbers, self.paths(html))
        )

    def test_a_click_opens_and_nothing_overlaps(self) -> None:
        _, told = self.page()
        find = "const group = level.items.find((item) => item.inside)"
        inner = (
            "const layer = group.inside.items.find((item) => item.inside);"
            "const neuron = layer.inside.items.find((item) => item.inside)"
        )
        before = self.placed(told)
        opened = self.placed(told, f"{find}; {inner}; neuron.open = true")
        assert opened["width"] > before["width"]
        check_level(opened)
        assert len(self.all_paths(opened)) > len(self.all_paths(before))
        again = self.placed(
            told,
            f"{find}; {inner}; neuron.open = true; place(level, measures); neuron.open = false",
        )
        assert self.all_paths(again) == self.all_paths(before)
        folded = self.placed(told, f"{find}; group.open = false")
        assert folded["height"] < before["height"]
        check_level(folded)

    def test_the_page_has_both_forms_of_each_group(self) -> None:
        html, _ = self.page()
        assert html.count('display="none"') == 2 * (1 + 2 + 4)
        assert html.count("data-level") == 1 + 2 * (1 + 2 + 4)
        numbers = set(re.findall(r'data-node="(\d+)"', html))
        assert len(numbers) == 2 * 21 + 13 + 4 + 2 * 3 + 3  # those inside are there, hidden

    def test_a_page_with_nothing_to_fold_has_no_script(self) -> None:
        html = draw.graph(Value(2.0) * 3).html()
        assert "<script" not in html
        assert "leaf" in html
        assert "Click" not in html

    def test_the_script_is_plain(self) -> None:
        html, _ = self.page()
        assert "</script" not in SCRIPT.read_text(encoding="utf-8")
        assert html.count("<script") == 2
        assert "innerHTML" not in html


def draw_numbers(path: str) -> str:
    """Coordinates to whole numbers: Python and JavaScript may round a half to either side."""
    return re.sub(r"-?\d+\.\d", lambda n: str(int(float(n[0]) + 1e-6)), path)


def check_level(level: dict) -> None:
    """Boxes of a column do not overlap, and what is inside of a frame is smaller than it."""
    corners, sizes = level["corners"], level["sizes"]
    for column in level["columns"]:
        boxes = [box for box in column if box < len(corners)]
        for upper, lower in itertools.pairwise(boxes):
            assert corners[upper][1] + sizes[upper][1] <= corners[lower][1] + 1e-6
    for number, item in enumerate(level["items"]):
        x, y = corners[number]
        assert x >= 0
        assert y >= -1e-6
        assert x + sizes[number][0] <= level["width"] + 1e-6
        assert y + sizes[number][1] <= level["height"] + 1e-6
        if item.get("open"):
            assert item["inside"]["width"] < sizes[number][0]
            assert item["inside"]["height"] < sizes[number][1]
            check_level(item["inside"])
