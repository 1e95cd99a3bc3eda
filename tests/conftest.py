"""For all tests: stricter than at run time, with a home of their own, and torch or nothing."""

import os
import signal
from pathlib import Path

import hypothesis
import numpy as np
import pytest

# The same in every run, however slow the machine; HYPOTHESIS_PROFILE=default draws new ones.
# As many examples as two minutes have room for, and those of `make test-all`, where a test does
# not say how many it needs.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=30)
hypothesis.settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as under nohup
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

SHARED = Path(__file__).parents[2] / "shared" / "data" / "names.txt"


@pytest.fixture(autouse=True)
def _floating_point_errors_are_errors():
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        yield


@pytest.fixture(scope="session")
def _an_empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _home(_an_empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(_an_empty_home))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture(scope="session")
def course_names() -> Path:
    """The list of the makemore course, which is not part of the project."""
    if not SHARED.exists():
        pytest.skip("skipped: the course's names.txt is not at ../shared/data/names.txt")
    return SHARED


def pytest_report_header() -> str:
    import torch

    return f"numpy {np.__version__}, torch {torch.__version__}, {os.cpu_count()} processors"
