"""How much memory a command takes, measured in a process of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# VmHWM begins anew with the program; `ru_maxrss` would also count the process that started it.
COMMAND = "from moreish.cli.main import main\nmain(sys.argv[2:])"
CHILD = """
import resource, sys
try:
    exec(sys.argv.pop(1))
finally:
    try:
        lines = open("/proc/self/status").read().splitlines()
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    open(sys.argv[1], "w").write(str(peak))
"""


@dataclass(frozen=True)
class Ran:
    """What a command left behind, and how much memory it took."""

    code: int
    out: str
    err: str
    megabytes: float


def run_measured(folder: Path, *arguments: str, code: str = COMMAND) -> Ran:
    """Run a command, or other Python with these arguments, in a folder."""
    peak = folder / "peak"
    result = subprocess.run(
        [sys.executable, "-c", CHILD, code, str(peak), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return Ran(result.returncode, result.stdout, result.stderr, float(peak.read_text()))
