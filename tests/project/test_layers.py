"""Arrows go down only, and each room keeps to its business."""

from pathlib import Path

import pytest

from project.structure import (
    ALLOWED,
    foreign_imports,
    modules,
    printing,
    private_across_rooms,
    room_of,
    upward_imports,
)


def planted(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        place = folder / f"{name.replace('__', '/')}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def test_imports_go_down() -> None:
    assert upward_imports() == []


def test_private_names_stay_in_their_room() -> None:
    assert private_across_rooms() == []


def test_no_private_name_is_allowed_in_vain() -> None:
    for name, allowed in ALLOWED.items():
        (module,) = [module for module in modules() if module.name == name]
        for private in allowed:
            assert private in module.path.read_text(encoding="utf-8"), (name, private)


def test_only_the_command_line_prints() -> None:
    assert printing() == []


def test_below_the_command_line_there_is_numpy_alone() -> None:
    for name, imported in foreign_imports().items():
        if room_of(name) in ("cli", "__main__"):
            assert imported <= {"click", "rich"}, name
        elif name == "draw.charts.chart":
            assert imported <= {"matplotlib"}
        elif name == "storage.model_file":
            assert imported <= {"numpy", "safetensors"}
        elif name == "scoring.novelty":  # where it is missing, our own search answers
            assert imported <= {"numpy", "rapidfuzz"}
        elif name == "estimator":  # which is loaded by name
            assert imported <= {"numpy", "sklearn"}
        elif room_of(name) == "serve":  # loaded by its command alone
            assert imported <= {
                "fastapi",
                "h11",
                "pydantic",
                "pydantic_core",
                "starlette",
                "uvicorn",
            }
        elif room_of(name) == "studio":  # loaded by its command alone
            assert imported <= {"numpy", "starlette", "uvicorn"}, name
        else:
            assert imported <= {"numpy"}, name


@pytest.mark.parametrize(
    "text",
    [
        "from ..cli import main",
        "import moreish",
        "import moreish.cli.main",
        "from .. import cli",
        "def late():\n    from ..models import family",
        "from ..engine import tensor",
        "from .. import train",
    ],
)
def test_an_arrow_that_goes_up_is_seen(tmp_path: Path, text: str) -> None:
    assert upward_imports(planted(tmp_path, engine__graph=text))


def test_a_room_that_nobody_planned_is_seen(tmp_path: Path) -> None:
    assert upward_imports(planted(tmp_path, attic="")) == ["attic is in no room"]


@pytest.mark.parametrize("text", ["from ..text.items import _x", "text._x", "def f(t): t._x()"])
def test_a_private_name_of_another_room_is_seen(tmp_path: Path, text: str) -> None:
    files = {"text__items": "_x = 1", "text__more": text, "models__base": text}
    assert private_across_rooms(planted(tmp_path, **files)) == [
        "models.base uses _x, which is private to another room"
    ]


def test_a_print_is_seen(tmp_path: Path) -> None:
    assert printing(planted(tmp_path, text__reading="print(1)", cli__sample="print(1)")) == [
        "text.reading"
    ]


def test_a_sweep_that_finds_nothing_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no modules"):
        modules(tmp_path)
