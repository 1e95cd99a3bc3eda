"""How long do whole commands take, from the shell's prompt to the last line?"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report

import moreish

TURNS = 5
MODELS = {
    "`ngram`": {"model": "ngram"},
    "`mlp --block-size 3`": {"model": "mlp", "block_size": 3},
    "what `train` takes": {},
}
MARIA = "--prefix ma --suffix a --min-length 5 --max-length 8 --new"
COMMANDS = {
    f"sample -n 1000 {MARIA}": 1_000,
    "sample -n 1000000": 1_000_000,
    "top -n 1000 --new": 1_000,
}


def seconds(model: Path, command: str, wanted: int) -> float:
    """Seconds of one run, which gives so many lines."""
    what, *options = command.split()
    program = Path(sys.executable).parent / "moreish"
    began = time.perf_counter()
    done = subprocess.run([program, what, model, *options], capture_output=True, check=True)
    took = time.perf_counter() - began
    assert done.stdout.count(b"\n") == wanted, command
    return took


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for number, (name, options) in enumerate(MODELS.items()):
            files[name] = Path(folder) / f"{number}.safetensors"
            moreish.train(**options).save(files[name])
        times: dict[tuple[str, str], list[float]] = {}
        for _ in range(TURNS):
            for name, file in files.items():
                for command, wanted in COMMANDS.items():
                    took = seconds(file, command, wanted)
                    times.setdefault((command, name), []).append(took)
    rows = [("command", *MODELS)]
    for command in COMMANDS:
        medians = [statistics.median(times[command, name]) for name in MODELS]
        rows.append((f"`{command}`", *(f"{took:.2f} s" for took in medians)))
    report.write(
        "Whole commands",
        rows,
        f"Models of the bundled list; starting Python and loading the model count. Medians of "
        f"{TURNS} turns.",
    )


if __name__ == "__main__":
    main()
