"""What is settled before NumPy is loaded: the threads, and Ctrl-C."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import moreish_command

WAY = "import os, moreish.cli.main as m, moreish_command as c; m.main = lambda: print({}); c.main()"


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, ["1", "1", "1"]),
        ({"OPENBLAS_NUM_THREADS": "2"}, ["2", None, None]),
        ({"OMP_NUM_THREADS": "4"}, [None, "4", None]),
    ],
)
def test_one_thread_unless_others_are_asked_for(given: dict, seen: list) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in moreish_command.THREADS}
    code = WAY.format("[os.environ.get(n) for n in c.THREADS]")
    result = subprocess.run(
        [sys.executable, "-c", code], env={**environment, **given}, capture_output=True, text=True
    )
    assert (result.stdout.strip(), result.stderr) == (str(seen), "")


def test_control_c_while_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "OMP_NUM_THREADS", "1")
    monkeypatch.delitem(sys.modules, "moreish.cli.main", raising=False)

    class Stopped:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "moreish.cli.main":
                raise KeyboardInterrupt

    monkeypatch.setattr(sys, "meta_path", [Stopped(), *sys.meta_path])
    with pytest.raises(SystemExit) as stopped:
        moreish_command.main()
    assert stopped.value.code == 130


def test_the_command_is_this_one() -> None:
    script = Path(sys.executable).parent / "moreish"
    assert "moreish_command" in script.read_text()
