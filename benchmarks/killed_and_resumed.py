"""Trainings killed at random moments: do they go on, with the same bits, and is no file broken?

A training is killed by SIGKILL at a random moment after its first checkpoint, begun again with
--resume, killed at a random moment of that process, and so on until it ends; then another one
begins with another seed, until there were KILLS kills. After each kill every file there is read.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report

from moreish.storage.model_file import read_file
from moreish.training.checkpoint import checkpoint_of

KILLS = 100
LONGEST = 2.0  # seconds a process lives at most
OPTIONS = ("--block-size", "3", "--hidden-size", "50", "--steps", "1500", "--checkpoint-every", "0")


def command(seed: int, output: Path, *more: str) -> list[str]:
    """`moreish train` on the bundled list."""
    start = [sys.executable, "-m", "moreish", "train", "-o", str(output), "--seed", str(seed)]
    return [*start, *OPTIONS, *more]


def bits(path: Path) -> tuple[str, dict[str, bytes]]:
    """All of a model file but the seconds it took."""
    about, arrays = read_file(path)
    del about["report"]["seconds"]
    return json.dumps(about), {name: array.tobytes() for name, array in arrays.items()}


def killed(process: subprocess.Popen[bytes], after: float) -> bool:
    """Whether it was killed before it ended by itself."""
    try:
        if process.wait(after):
            raise SystemExit("a training failed")
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def main() -> None:
    moments = random.Random(1)
    kills = resumes = trainings = read = 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        while kills < KILLS:
            trainings += 1
            whole, place = Path(folder, "whole"), Path(folder, f"model{trainings}")
            subprocess.run(command(trainings, whole, "--force"), check=True, capture_output=True)
            while True:
                resumes += checkpoint_of(place).exists()
                process = subprocess.Popen(
                    command(trainings, place, "--resume"),
                    stderr=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
                while not (checkpoint_of(place).exists() or process.poll() is not None):
                    time.sleep(0.001)
                if not killed(process, moments.uniform(0, LONGEST) if kills < KILLS else 600):
                    break
                kills += 1
                for path, kind in ((place, "model"), (checkpoint_of(place), "checkpoint")):
                    if path.exists():
                        read_file(path, kind)
                        read += 1
                if place.exists() and not checkpoint_of(place).exists():
                    break
            if bits(place) != bits(whole):
                raise SystemExit(f"training {trainings} ended with other bits")
        left = [path.name for path in Path(folder).iterdir() if "unfinished" in path.name]
    report.write(
        "Killed and resumed",
        [
            ("what", "how many"),
            ("kills at random moments (SIGKILL)", f"{kills}"),
            ("resumed from a checkpoint", f"{resumes}"),
            ("trainings, each ending with the bits of an undisturbed one", f"{trainings}"),
            ("files read after a kill, of which broken", f"{read}, 0"),
            ("unfinished files left at the end", f"{len(left)}"),
        ],
        f"{time.perf_counter() - began:.0f} s in all; {kills - resumes} of the kills came when all "
        f"was done and the model written. `mlp` on the bundled list, "
        f"`{' '.join(OPTIONS)}`.",
    )


if __name__ == "__main__":
    main()
