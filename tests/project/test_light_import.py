"""`import moreish` loads NumPy and ourselves, says nothing, and leaves the heavy things alone."""

import json
import subprocess
import sys

LOADED = "import sys, json; {}; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"


def loaded_by(statement: str) -> set[str]:
    """The top-level modules in a fresh interpreter after `statement`."""
    result = subprocess.run(
        [sys.executable, "-c", LOADED.format(statement)], capture_output=True, text=True, check=True
    )
    assert result.stderr == ""
    assert result.stdout.count("\n") == 1
    return set(json.loads(result.stdout))


def test_only_numpy_and_ourselves() -> None:
    more = loaded_by("import numpy, moreish") - loaded_by("import numpy")
    foreign = {name for name in more if name not in sys.stdlib_module_names}
    assert foreign == {"moreish"}


def test_nothing_heavy() -> None:
    more = loaded_by("import numpy, moreish") - loaded_by("import numpy")
    assert more.isdisjoint({"asyncio", "http", "multiprocessing", "sqlite3", "unittest", "doctest"})
