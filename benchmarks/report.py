"""Where results go: a section of RESULTS.md for each question, written by the benchmark itself."""

import os
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
COURSE_NAMES = Path(__file__).parents[2] / "shared" / "data" / "names.txt"
HEAD = """# Results

Each section is written by the command it names. Times are of one machine and vary; ratios were
measured with the sides in turn in one run. `make bench` makes the environment that the commands
run in, `.venv-bench`; the course's list of names is wanted at the path COURSE_NAMES.
"""


def course_names() -> Path:
    """The list of the makemore course, which is not part of the project."""
    place = Path(os.environ.get("COURSE_NAMES", COURSE_NAMES))
    if not place.exists():
        sys.exit(
            f"the course's names.txt is not at {place}: get it from github.com/karpathy/makemore "
            f"and set COURSE_NAMES to its path"
        )
    return place


def machine() -> str:
    """The processor and the versions that matter."""
    try:
        model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
        processor = model[1] if model else platform.processor()
    except OSError:
        processor = platform.processor()
    versions = [f"Python {platform.python_version()}"]
    for package in ("numpy", "torch", "jax", "tinygrad", "micrograd"):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    busy = os.getloadavg()[0]  # with more than the cores, others were at work, too
    return f"{processor}, {os.cpu_count()} cores, load {busy:.1f}; {', '.join(versions)}"


def write(question: str, rows: list[tuple[str, ...]], remarks: str = "") -> None:
    """Print a table, first row its header, and put it in its section of RESULTS.md,
    but for --quick."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    script = Path(sys.argv[0]).name
    body = "\n".join(
        [f"## {question}", "", f"`.venv-bench/bin/python benchmarks/{script}`", "", *lines, ""]
    )
    body += f"\n{remarks}\n" if remarks else ""
    body += f"\n{machine()}\n"
    print(body)
    if "--quick" in sys.argv:  # not the whole of it
        return
    text = RESULTS.read_text() if RESULTS.exists() else HEAD
    sections = [part for part in re.split(r"(?m)^(?=## )", text) if part.strip()]
    sections = [part for part in sections if not part.startswith(f"## {question}\n")]
    RESULTS.write_text("\n".join(part.strip() + "\n" for part in [*sections, body]))
