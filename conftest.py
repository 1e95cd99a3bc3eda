"""For all tests: which of them are numeric, and the names that a reader of `help()` expects."""

import gc
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
# What rests on matrix products, sums or powers of floating-point numbers. Their last digits differ
# by processor, so `make test-kernels` runs these tests under other kernels than the machine's own.
NUMERIC = (
    "src/moreish/engine",
    "src/moreish/models",
    "src/moreish/paper",
    "src/moreish/slips",
    "src/moreish/micrograd",
    "src/moreish/torch",
    "src/moreish/training",
    "tests/cli/test_keeping.py",
    "tests/draw/test_charts.py",
    "tests/draw/test_show.py",
    "tests/engine",
    "tests/generate",
    "tests/models",
    "tests/micrograd",
    "tests/paper",
    "tests/recording",
    "tests/scoring",
    "tests/slips",
    "tests/torch_names",
    "tests/project/test_documentation.py",
    "tests/training",
    "tests/test_*.py",
)


@cache
def _is_numeric(path: Path) -> bool:
    place = path.relative_to(ROOT)
    return any(place.match(p) or place.is_relative_to(p) for p in NUMERIC)


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what `-m` does not name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _is_numeric(item.path):
            item.add_marker(pytest.mark.numeric)


def pytest_collection_finish() -> None:
    """Thousands of tests and PyTorch stay to the end: nobody need look for garbage among them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _names_in_examples(doctest_namespace: dict) -> None:
    from moreish import torch

    doctest_namespace.update(np=__import__("numpy"), Tensor=torch.Tensor, tensor=torch.tensor)
