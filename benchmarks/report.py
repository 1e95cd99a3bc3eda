"""Where results go: a section of RESULTS.md for each question, written by the benchmark itself."""

import os
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SLOW = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # NumPy is slow where these are set
if any(name in os.environ for name in SLOW):
    print(f"without {' and '.join(SLOW)}, which would slow NumPy:", flush=True)
    for name in SLOW:
        os.environ.pop(name, None)
    os.execv(sys.executable, sys.orig_argv)

RESULTS = Path(__file__).parent / "RESULTS.md"
COURSE_NAMES = Path(__file__).parents[2] / "shared" / "data" / "names.txt"
AIMS = "The aims"
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
    for package in ("numpy", "torch", "jax", "tinygrad", "micrograd", "markovify", "kenlm"):
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
    own = [n for n, part in enumerate(sections) if part.startswith(f"## {question}\n")]
    place = own[0] if own else len(sections)
    sections[place : place + 1] = [body]
    RESULTS.write_text("\n".join(part.strip() + "\n" for part in sections))


def aims(rows: list[tuple[str, str, str]]) -> None:
    """Put what was to be reached, and what is, into the table of all aims; rows of the same name
    make way. Not with --quick, nor with --busy."""
    for row in rows:
        print("aim:", " | ".join(row))
    if {"--quick", "--busy"}.intersection(sys.argv):
        return
    text = RESULTS.read_text() if RESULTS.exists() else HEAD
    sections = [part for part in re.split(r"(?m)^(?=## )", text) if part.strip()]
    found = [part for part in sections if part.startswith(f"## {AIMS}\n")]
    lines = [line for part in found for line in part.splitlines() if line.startswith("| ")][1:]
    table = {line.split(" | ")[0].removeprefix("| "): line for line in lines}
    table.update({row[0]: "| " + " | ".join(row) + " |" for row in rows})
    body = "\n".join(["| what | aim | reached |", "|---|---|---|", *table.values()])
    head, *others = [part for part in sections if part not in found]
    own = f"## {AIMS}\n\nEach line is written by the benchmark that measured it, below.\n\n{body}\n"
    RESULTS.write_text("\n".join(part.strip() + "\n" for part in [head, own, *others]))
