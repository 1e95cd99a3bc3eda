"""Run a command in this process and see what it says, where, and with which exit code."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from moreish.cli.main import main

NAMES = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "amelia", "anna", "hanna", "nina"]


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Result]:
    """`run("train", "list.txt", input=b"...")` in an empty folder with a list in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text("\n".join(NAMES) + "\n")

    def run(*arguments: str, input: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(input)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Result(int(stopped.value.code or 0), out, err)

    return run


@pytest.fixture
def model(run: Callable[..., Result]) -> str:
    """A small model file of the list."""
    assert run("train", "list.txt", "--model", "bigram").code == 0
    return "list.safetensors"
