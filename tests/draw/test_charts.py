"""Charts: their numbers are right, their files are what they say, and words tell what is amiss."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from moreish import Value, draw
from moreish.engine.activations import ACTIVATIONS
from moreish.errors import MissingError, MoreishError, OptionError
from moreish.torch import Tensor, from_numpy

THEIRS: dict[str, Callable] = {
    "identity": lambda x: x * 1,
    "binary step": lambda x: torch.where(x >= 0, 1.0, x * 0),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky relu": F.leaky_relu,
    "parametric relu": lambda x: F.prelu(x, torch.tensor([0.25], dtype=x.dtype)),
    "elu": F.elu,
    "selu": F.selu,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
}
ROWS = {"the course's": None, "the article's": np.linspace(-3, 3, 100)}


@pytest.mark.parametrize("name", ROWS)
def test_every_activation_function_with_its_derivative(name: str) -> None:
    x = ROWS[name]
    figure = draw.activations(x).figure()
    points = np.arange(-5, 5, 0.2) if x is None else x
    shown = {axes.get_title(): axes for axes in figure.axes}
    assert list(shown) == list(ACTIVATIONS) == list(THEIRS)
    for title, axes in shown.items():
        theirs = torch.tensor(points, requires_grad=True)
        y = THEIRS[title](theirs)
        y.sum().backward()
        assert theirs.grad is not None
        function, derivative = axes.lines[:2]
        np.testing.assert_array_equal(function.get_xdata(), points)
        np.testing.assert_allclose(function.get_ydata(), y.detach(), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(derivative.get_ydata(), theirs.grad, rtol=1e-9, atol=1e-12)


def test_the_table() -> None:
    lines = draw.activations([-1.0, 0.0, 2.0]).text().splitlines()
    assert lines[0].split() == ["x", "=", "-1", "x", "=", "0", "x", "=", "2"]
    numbers = ["0.2689", "0.1966", "0.5000", "0.2500", "0.8808", "0.1050"]
    assert lines[3].split() == ["sigmoid", *numbers]
    assert len(lines) == 2 + len(ACTIVATIONS)
    assert len(draw.activations([1.0]).text().splitlines()[1].split()) == 3


@pytest.mark.parametrize("x", [[], [[1.0, 2.0]], 3.0, [1.0, float("nan")], [float("inf")]])
def test_what_is_no_row_of_numbers(x: object) -> None:
    with pytest.raises(OptionError, match="a row of finite numbers was wanted"):
        draw.activations(x)


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Two half circles, one in the other."""
    t = np.linspace(0, np.pi, 20)
    outer = np.stack([np.cos(t), np.sin(t)], axis=1)
    inner = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    return np.concatenate([outer, inner]), np.repeat([-1, 1], 20)


def line(points: np.ndarray) -> np.ndarray:
    return 0.25 - points[:, 1]


class TestBoundary:
    def test_what_it_says(self) -> None:
        points, classes = moons()
        right = (line(points) > 0) == (classes > 0)
        lines = draw.boundary(line, points, classes).text().splitlines()
        assert lines[0] == f"40 points, {right.sum()} on their side of the boundary: " + (
            f"{right.mean():.2%}.".replace("%", " %")
        )
        assert lines[1] == f"class -1: {right[:20].sum()} of 20"
        assert lines[2] == f"class 1: {right[20:].sum()} of 20"

    def test_the_points_and_the_ground(self) -> None:
        points, classes = moons()
        (chart,) = draw.boundary(line, points, classes, steps=50).figure().axes
        offsets = np.concatenate(
            [c.get_offsets() for c in chart.collections if len(c.get_offsets()) > 1]
        )
        np.testing.assert_array_equal(offsets, points)
        assert chart.get_xlim() == (points[:, 0].min() - 1, points[:, 0].max() + 1)
        assert chart.get_ylim() == (points[:, 1].min() - 1, points[:, 1].max() + 1)
        assert [text.get_text() for text in chart.get_legend().get_texts()] == ["-1", "1"]
        heights = {
            round(float(y), 6)
            for c in chart.collections
            if not c.get_facecolor().size
            for path in c.get_paths()
            for y in path.vertices[:, 1]
        }
        assert heights == {0.25}

    @pytest.mark.parametrize(
        "score",
        [
            line,
            lambda p: line(p).tolist(),
            lambda p: [Value(x) for x in line(p)],
            lambda p: from_numpy(line(p)),
            lambda p: Tensor(line(p)).requires_grad_() * 1,
        ],
        ids=["array", "list", "Values", "Tensor", "with history"],
    )
    def test_scores_of_every_kind(self, score: Callable) -> None:
        points, classes = moons()
        text = draw.boundary(score, points, classes, steps=5).text()
        assert text == draw.boundary(line, points, classes).text()

    def test_classes_of_every_kind(self) -> None:
        points, classes = moons()
        expected = draw.boundary(line, points, classes).text().split("\n")[0]
        for other in (classes > 0, (classes + 1) // 2, classes.astype(float), classes.tolist()):
            assert draw.boundary(line, points, other).text().split("\n")[0] == expected
        assert (
            "class 1: 2 of 2" in draw.boundary(lambda p: p[:, 0], [[1, 2], [3, 4]], [1, 1]).text()
        )
        assert "class 0: 0 of 1" in draw.boundary(lambda p: p[:, 0], [[1, 2]], [0]).text()

    def test_a_model_that_never_changes_its_mind(self) -> None:
        points, classes = moons()
        chart = draw.boundary(lambda p: np.ones(len(p)), points, classes, steps=10)
        assert "50.00 %" in chart.text()
        assert chart.png().startswith(b"\x89PNG")

    def test_the_threshold(self) -> None:
        chart = draw.boundary(lambda p: p[:, 0], [[0.2, 0], [0.8, 0]], [0, 1], threshold=0.5)
        assert "100.00 %" in chart.text()

    @pytest.mark.parametrize(
        ("points", "classes", "sentence"),
        [
            ([1.0, 2.0], [1, 2], r"points of shape \(N, 2\) were wanted; got \(2,\)"),
            (np.zeros((0, 2)), [], r"points of shape \(N, 2\)"),
            ([[1, 2, 3]], [1], r"got \(1, 3\)"),
            ([[1, float("nan")]], [1], "not a number"),
            ([[1, 2], [3, 4]], [1], "a class for each of 2 points"),
            ([[1, 2]], ["a"], "a class for each of 1 points"),
            ([[1, 2]] * 3, [0, 1, 2], r"two classes were wanted; got 3: \[0, 1, 2\]"),
        ],
    )
    def test_points_and_classes_that_do_not_fit(self, points, classes, sentence: str) -> None:
        with pytest.raises(OptionError, match=sentence):
            draw.boundary(lambda p: p[:, 0], points, classes)

    def test_scores_that_do_not_fit(self) -> None:
        points, classes = moons()
        with pytest.raises(
            OptionError, match=r"for 40 rows shape \(40,\) was wanted, got \(40, 2\)"
        ):
            draw.boundary(lambda p: p, points, classes)
        with pytest.raises(OptionError, match="infinite or not a number"):
            draw.boundary(lambda p: p[:, 0] * float("nan"), points, classes)
        with pytest.raises(OptionError, match="at least 2 steps"):
            draw.boundary(line, points, classes, steps=1)
        for margin in (0.0, -1.0, float("nan"), float("inf")):
            with pytest.raises(OptionError, match="a margin is a number over 0"):
                draw.boundary(line, points, classes, margin=margin)


class TestFiles:
    def chart(self) -> draw.Chart:
        return draw.boundary(line, *moons(), steps=20)

    def test_each_form(self, tmp_path: Path) -> None:
        chart = self.chart()
        assert ET.fromstring(chart.svg()).tag.endswith("svg")
        assert chart.png().startswith(b"\x89PNG")
        for ending in ("svg", "png", "html", "txt"):
            chart.save(tmp_path / f"chart.{ending}")
        assert (tmp_path / "chart.png").read_bytes() == chart.png()
        assert (tmp_path / "chart.txt").read_text() == chart.text() + "\n"
        with pytest.raises(OptionError, match=r"\.html, \.png, \.svg or \.txt"):
            chart.save(tmp_path / "chart.gif")

    def test_the_same_chart_gives_the_same_bytes(self) -> None:
        assert self.chart().svg() == self.chart().svg()
        assert self.chart().png() == self.chart().png()

    def test_a_script_that_our_font_does_not_have(self) -> None:
        from moreish.draw.charts.chart import FONT, fonts_for

        assert fonts_for("abc") == [FONT]
        others = fonts_for(
            "a\u2acf\U00010ffd"
        )  # the first is in fonts of matplotlib; the last in none
        assert len(others) == 2
        table = draw.embeddings([[0.0, 1.0], [1.0, 0.0], [2.0, 0.0]], ["\u2acf", "\U00010fff"])
        assert table.svg().startswith("<svg")

    def test_notebooks(self) -> None:
        chart = self.chart()
        assert chart._repr_svg_() == chart.svg()
        assert chart._repr_png_() == chart.png()
        assert "<svg" in chart._repr_html_()
        assert repr(chart).startswith("<a decision boundary: ")

    def test_the_settings_of_others_are_left_alone(self) -> None:
        import matplotlib
        from matplotlib._pylab_helpers import Gcf

        before = dict(matplotlib.rcParams)
        self.chart().svg()
        assert dict(matplotlib.rcParams) == before
        assert not Gcf.figs  # no figure waits to be shown


class TestWithoutMatplotlib:
    @pytest.fixture(autouse=True)
    def _nothing_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)

    def test_a_chart_says_what_to_install(self) -> None:
        for chart in (draw.activations(), draw.boundary(line, *moons())):
            for make in (chart.svg, chart.png, chart.figure, chart.html):
                with pytest.raises(MissingError, match=r"pip install 'moreish\[plot\]'") as error:
                    make()
                assert isinstance(error.value, MoreishError)
                assert isinstance(error.value, ImportError)

    def test_its_text_does_without(self, tmp_path: Path) -> None:
        chart = draw.boundary(line, *moons())
        chart.save(tmp_path / "chart.txt")
        assert (tmp_path / "chart.txt").read_text() == f"{chart.text()}\n"

    def test_graphs_do_without(self) -> None:
        assert draw.graph(Value(1.0) * 2).svg().startswith("<svg")
