"""Files and functions are short enough to be read at once."""

import statistics
from pathlib import Path

import pytest

import count_code
from project.structure import BEING_BUILT, SOURCE

LONGEST_FILE, LONGEST_FUNCTION = 350, 60  # lines; those of functions without their docstrings
# scikit-learn reads the parameters of an estimator off its constructor: a line each, and one more.
PARAMETERS = "__init__ in estimator.py"


def too_long(source: Path = SOURCE) -> list[str]:
    """A sentence for each file and each function that is too long, but in rooms being built."""
    found = []
    for path in sorted(source.rglob("*.py")):
        name, text = path.relative_to(source).as_posix(), path.read_text(encoding="utf-8")
        if path.relative_to(source).parts[0] in BEING_BUILT:
            continue
        if (lines := text.count("\n")) > LONGEST_FILE:
            found.append(f"{name} has {lines} lines")
        for function, lines in count_code.functions(text):
            if lines > LONGEST_FUNCTION and f"{function} in {name}" != PARAMETERS:
                found.append(f"{function} in {name} has {lines} lines")
    return found


def test_nothing_is_too_long() -> None:
    assert too_long() == []


def test_most_functions_are_a_few_lines() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")]
    sizes = [lines for text in texts for _, lines in count_code.functions(text)]
    assert len(sizes) > 1_000
    assert statistics.median(sizes) <= 7
    assert statistics.quantiles(sizes, n=10)[-1] <= 20


def test_what_is_too_long_is_seen(tmp_path: Path) -> None:
    body = "    x = 1\n" * 60
    (tmp_path / "long.py").write_text(f'def f():\n    """A line."""\n{body}' + "\n" * 300)
    assert too_long(tmp_path) == ["long.py has 362 lines", "f in long.py has 61 lines"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('"""A module."""\n\nx = 1  # one\n# none\n', 1),
        ("def f():\n    '''What it\n    does.'''\n    return '''a\nb'''\n", 3),
        ("x = (\n    1,\n\n    2,\n)\n", 4),
    ],
)
def test_lines_of_code_are_those_with_code(text: str, lines: int) -> None:
    assert count_code.lines_of_code(text) == lines
