"""How fast and how large is the scalar engine next to micrograd, and how long a chain can it take?

One step of the two-moons demo (2-16-16-1, 100 points, 65,818 nodes), eager, by PyPI's micrograd and
by ours in turn, each in a process of its own; then a chain of 1,000,000 Values.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import report

TURNS = 5
STEPS = 4  # in each process; the first one is not counted
CHAIN = 1_000_000


def step_by(library: str) -> dict[str, float]:
    """The median seconds of a step, the loss after some, and the megabytes that they took."""
    if library == "micrograd":
        from micrograd.engine import Value
        from micrograd.nn import MLP
    else:
        from moreish import Value
        from moreish.micrograd.nn import MLP
    import random

    from two_moons import SEED, moons

    points, labels = moons()
    random.seed(SEED)
    model = MLP(2, [16, 16, 1])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = []
    for _ in range(STEPS):
        began = time.perf_counter()
        scores = [model([Value(x), Value(y)]) for x, y in points.tolist()]
        losses = [(1 + -y * score).relu() for y, score in zip(labels, scores, strict=True)]
        decay = sum(p * p for p in model.parameters())
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * decay
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        times.append(time.perf_counter() - began)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "seconds": statistics.median(times[1:]),
        "loss": loss.data,
        "megabytes": more / 1024,
    }


def chain() -> dict[str, float]:
    """Seconds forward and backward, and the megabytes of the whole process."""
    from moreish import Value

    began = time.perf_counter()
    x = Value(1.0)
    y = x
    for _ in range(CHAIN):
        y = y * 1.0
    built = time.perf_counter()
    y.backward()
    ended = time.perf_counter()
    assert x.grad == 1.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"forward": built - began, "backward": ended - built, "megabytes": peak}


def alone(what: str) -> dict[str, float]:
    """The answer of this script in a process of its own."""
    command = [sys.executable, __file__, "--only", what]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(result.stdout)
    return answer


def main() -> None:
    turns = [(alone("micrograd"), alone("moreish")) for _ in range(TURNS)]
    for theirs, ours in turns:
        assert abs(theirs["loss"] - ours["loss"]) <= 1e-9 * abs(theirs["loss"]), (theirs, ours)
    rows = [("", "micrograd 0.1.0", "moreish", "ratio, median (smallest to largest)")]
    for what, name, digits in (("seconds", "a step, ms", 1e3), ("megabytes", "memory, MB", 1)):
        ratios = sorted(theirs[what] / ours[what] for theirs, ours in turns)
        theirs, ours = (statistics.median(pair[i][what] for pair in turns) for i in (0, 1))
        spread = f"**{statistics.median(ratios):.1f}** ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        rows.append((name, f"{theirs * digits:.0f}", f"{ours * digits:.0f}", spread))
    long = alone("chain")
    report.write(
        "The scalar engine next to micrograd",
        rows,
        f"Two moons, eager, {TURNS} turns; the losses agree to 1e-9. A chain of {CHAIN:,} Values "
        f"takes {long['forward']:.1f} s forward and {long['backward']:.1f} s backward, and "
        f"{long['megabytes']:.0f} MB in all.",
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
    if "--only" in sys.argv:
        what = sys.argv[-1]
        print(json.dumps(chain() if what == "chain" else step_by(what)))
    else:
        main()
