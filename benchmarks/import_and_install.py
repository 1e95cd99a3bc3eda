"""How long does `import moreish` take over `import numpy`, and how large is a plain install?"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report

RUNS = 15
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(statement: str) -> float:
    """Of a fresh interpreter that runs `statement`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True, env=ENVIRONMENT)
    return time.perf_counter() - began


def installed_megabytes(*what: str) -> float:
    """Of what pip puts into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, *what]
        subprocess.run([*pip, "--no-compile"], check=True, stderr=subprocess.DEVNULL)
        return sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file()) / 1e6


def main() -> None:
    statements = ("import numpy", "import moreish", "from moreish.cli.main import moreish")
    times: dict[str, list[float]] = {statement: [] for statement in statements}
    for _ in range(RUNS + 1):
        for statement in statements:
            times[statement].append(seconds(statement))
    medians = {name: statistics.median(values[1:]) * 1e3 for name, values in times.items()}
    more = [b - a for a, b in zip(times["import numpy"], times["import moreish"], strict=True)]
    root = str(Path(__file__).parents[1])
    numpy, ours = installed_megabytes("numpy"), installed_megabytes(root)
    report.write(
        "Import and install",
        [
            ("what", "measured"),
            *((f"`{name}`", f"{value:.0f} ms") for name, value in medians.items()),
            ("`import moreish` over `import numpy`", f"{statistics.median(more[1:]) * 1e3:.0f} ms"),
            ("a plain install beside NumPy's", f"{ours - numpy:.1f} MB more than {numpy:.0f} MB"),
        ],
        f"Medians of {RUNS} fresh interpreters, in turn.",
    )


if __name__ == "__main__":
    main()
