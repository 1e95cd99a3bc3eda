"""Neurons and layers are found when a drawing is made, fold to one box each, and lose nothing."""

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import dukpy
import pytest

from draw.seen import check_picture, seen
from moreish import Value, draw
from moreish.draw.graphs.graph import read
from moreish.draw.graphs.modules import find_groups, join_groups, parts_of
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
    """Each way to fold the model is a picture of its own, and a click leads to another one."""

    def drawing(self, **options: object) -> draw.Graph:
        model = network(2, 3, 1)
        xs = [(1.0, -2.0), (0.5, 0.25)]
        root = sum((model([Value(x), Value(y)]) - 1) ** 2 for x, y in xs)
        root.backward()
        return draw.graph(root, model=model, **options)

    def pictures(self, html: str) -> dict[str, str]:
        """What is folded in each picture, and the picture."""
        found = re.findall(
            r"<details[^>]*>.*?>([^>]*) folded</summary>\n(<svg.*?</svg>)", html, re.S
        )
        return dict(found)

    @pytest.mark.parametrize("fold", [None, "", "Neuron", "Layer", "MLP"])
    def test_each_picture_is_one_that_python_draws(self, fold: str | None) -> None:
        html = self.drawing(fold=fold).html()
        pictures = self.pictures(html)
        assert list(pictures) == ["MLP", "Layer", "Neuron", "nothing"]
        if fold is None:
            for folded, svg in pictures.items():
                check_picture(seen(svg))
                alone = seen(self.drawing(fold=folded.replace("nothing", "")).svg())
                assert seen(svg).boxes == alone.boxes
                assert seen(svg).wires == alone.wires
        shown = re.findall(r"<details open>.*?>([^>]*) folded<", html)
        assert shown == [(fold if fold is not None else "Neuron") or "nothing"]

    def test_a_click_leads_to_where_it_is_the_other_way(self) -> None:
        pictures = list(self.pictures(self.drawing().html()).values())
        roots = [ET.fromstring(svg) for svg in pictures]
        turns = [dict(_turns(root)) for root in roots]
        groups = 2 * (1 + 2 + 4)
        assert [len(turn) for turn in turns] == [2, 2 + 4, groups, groups]
        for place, mine in enumerate(turns):
            for number, (is_open, there) in mine.items():
                assert turns[there][number][0] is not is_open
                ways = range(place) if is_open else range(len(turns) - 1, place, -1)
                others = [p for p in ways if turns[p].get(number, (is_open,))[0] is not is_open]
                assert there == others[-1]  # the nearest
        neuron = next(number for number, (is_open, _) in turns[2].items() if not is_open)
        assert [neuron in turn for turn in turns] == [False, False, True, True]

    def test_a_class_folded_at_several_depths_is_a_picture_more(self) -> None:
        model = Tree(Tree(Tree()), Tree())
        html = draw.graph(model(Value(1.0)), model=model, fold="Tree").html()
        assert list(self.pictures(html)) == ["Tree", "nothing"]  # of one name, so the last of each
        assert html.count("<details") == 4

    def test_the_script_opens_the_picture_and_shows_the_group(self) -> None:
        done = dukpy.evaljs(f"{PAGE}{SCRIPT.read_text(encoding='utf-8')}; click(); done;")
        assert done == ["listens", "closes 2", "opens 3", "seeks 7", "scrolls", "flashes"]

    def test_a_page_with_nothing_to_fold_has_no_script(self) -> None:
        html = draw.graph(Value(2.0) * 3).html()
        assert "<script" not in html
        assert "<details" not in html
        assert "leaf" in html
        assert "Click" not in html

    def test_the_script_is_plain(self) -> None:
        html = self.drawing().html()
        assert "</script" not in SCRIPT.read_text(encoding="utf-8")
        assert html.count("<script") == 1
        assert "innerHTML" not in html


class Tree:
    """Branches of its own class, and a weight."""

    def __init__(self, *branches: "Tree") -> None:
        self.branches = branches
        self.weight = Value(0.5)

    def __call__(self, x: Value) -> Value:
        for branch in self.branches:
            x = branch(x)
        return (x * self.weight).tanh()

    def parameters(self) -> list[Value]:
        return [self.weight, *(p for branch in self.branches for p in branch.parameters())]


def _turns(element: ET.Element, group: str = "") -> Iterator[tuple[str, tuple[bool, int]]]:
    """Of each group in a picture that can be clicked: whether it is open, and where that leads."""
    group = element.attrib.get("data-group", group)
    if "data-turn" in element.attrib:
        yield group, ("data-group" not in element.attrib, int(element.attrib["data-turn"]))
    for child in element:
        yield from _turns(child, group)


PAGE = """
    const done = [];
    let click;
    const group = {
        scrollIntoView: () => done.push("scrolls"),
        animate: () => done.push("flashes"),
    };
    const details = [0, 1, 2, 3].map((number) => ({
        set open(is) { done.push(`${is ? "opens" : "closes"} ${number}`); },
        querySelector: (wanted) => {
            done.push(`seeks ${wanted.match(/data-group="(.*)"/)[1]}`);
            return group;
        },
    }));
    const around = {
        "[data-group]": { getAttribute: () => "7" },
        "[data-turn]": {
            getAttribute: () => "3",
            closest: (wanted) => (wanted === "details" ? details[2] : around[wanted]),
        },
    };
    const drawing = {
        setAttribute: () => {},
        querySelectorAll: () => details,
        addEventListener: (name, listener) => {
            done.push("listens");
            click = () => listener({ target: { closest: (wanted) => around[wanted] } });
        },
    };
    const document = { querySelectorAll: () => [drawing] };
"""
