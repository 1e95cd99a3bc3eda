"""Arrows go down only, and each room keeps to its business."""

from pathlib import Path

import pytest

from project.structure import foreign_imports, modules, printing, room_of, upward_imports


def planted(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        place = folder / f"{name.replace('__', '/')}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def test_imports_go_down() -> None:
    assert upward_imports() == []


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


def test_a_print_is_seen(tmp_path: Path) -> None:
    assert printing(planted(tmp_path, text__reading="print(1)", cli__sample="print(1)")) == [
        "text.reading"
    ]


def test_a_sweep_that_finds_nothing_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no modules"):
        modules(tmp_path)
