"""How much processor time do the studio's looks inside a training take?

The default model of the bundled list is trained, in turn by `learn` and as a run of the studio, of
whose log all that came is said as JSON twice a second, as one tab asks for it.
"""

import json
import time
from statistics import median

import report

from moreish import learn
from moreish.studio.runs import Run

TURNS = 5
WANTED = 1.05
ASKED = 0.5  # seconds


def plain() -> float:
    """Processor seconds of a training, its model and its verdict."""
    began = time.process_time()
    learning = learn()
    for _ in learning:
        pass
    learning.model()
    learning.verdict()
    return time.process_time() - began


def watched() -> tuple[float, int, int]:
    """Processor seconds of the same in the studio, its looks, and the bytes that were asked for."""
    run, sent, bytes_sent, asked = Run("1", "names", learn), 0, 0, time.monotonic()
    began = time.process_time()
    for _ in run.steps():
        if time.monotonic() >= asked:
            bytes_sent += len(json.dumps(run.log[sent:]))
            sent, asked = len(run.log), time.monotonic() + ASKED
    looks = sum(row["kind"] == "look" for row in run.log)
    return time.process_time() - began, looks, bytes_sent


def main() -> None:
    plain()
    ratios, rows = [], [("turn", "learn, s", "studio, s", "ratio", "looks", "kB of its log")]
    for turn in range(1, TURNS + 1):
        alone = plain()
        together, looks, size = watched()
        ratios.append(together / alone)
        numbers = (f"{alone:.2f}", f"{together:.2f}", f"{ratios[-1]:.3f}")
        rows.append((str(turn), *numbers, str(looks), f"{size / 1e3:.0f}"))
    report.write("The studio's looks inside a training", rows, "Processor seconds, in turn.")
    aim = "processor time of a training in the studio, as a share of `learn`"
    report.aims([(aim, f"{WANTED:.2f}", f"{median(ratios):.3f}")])


if __name__ == "__main__":
    main()
