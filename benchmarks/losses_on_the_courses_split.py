"""What losses come out on the course's split of its list, and after how many seconds?

The course's own recipe in PyTorch (batches of 32 drawn examples, SGD at 0.1, then 0.01) runs
beside it until it first reaches the course's result; --quick leaves it out and
writes nothing. PyTorch has one thread or two, with which it is faster.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import report

import moreish

COURSE = 2.17
STEPS = 200_000


def course_split() -> dict[str, list[str]]:
    """The lines, shuffled with seed 42 and cut at 80 and 90 percent."""
    lines = report.course_names().read_text().split("\n")
    random.Random(42).shuffle(lines)
    first, second = int(0.8 * len(lines)), int(0.9 * len(lines))
    return {"train": lines[:first], "dev": lines[first:second], "test": lines[second:]}


def train(folder: Path, *options: str) -> dict:
    """`moreish train` as a command; its answer, and the seconds of the whole of it."""
    command = [sys.executable, "-m", "moreish", "train", "train.txt", "--json"]
    command += ["--force", "--dev", "dev.txt", "--test", "test.txt", *options]
    began = time.perf_counter()
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return {**json.loads(result.stdout), "whole": time.perf_counter() - began}


def seconds_to_reach(split: dict[str, list[str]], loss: float) -> float:
    """Seconds of reading, counting and training an mlp until dev first is at `loss`."""
    began = time.perf_counter()
    learning = moreish.learn(split["train"], dev=split["dev"], model="mlp", block_size=3)
    for record in learning:
        if record.dev_loss <= loss:
            return time.perf_counter() - began
    raise AssertionError(f"{loss} was never reached")


def course_recipe(split: dict[str, list[str]], loss: float) -> tuple[float, float]:
    """(seconds, dev loss) of the course's recipe in PyTorch, to the end or until `loss`.

    Dev is looked at every 5,000 steps in the second half; that time is not counted.
    """
    import torch
    from torch.nn import functional as F

    number = {letter: n for n, letter in enumerate(".abcdefghijklmnopqrstuvwxyz")}
    data = {}
    for name in ("train", "dev"):
        contexts, targets = [], []
        for word in split[name]:
            context = [0] * 3
            for letter in f"{word}.":
                contexts.append(context)
                targets.append(number[letter])
                context = [*context[1:], number[letter]]
        data[name] = torch.tensor(contexts), torch.tensor(targets)
    g = torch.Generator().manual_seed(2147483647)
    shapes = [(27, 10), (30, 200), (200,), (200, 27), (27,)]
    parameters = [torch.randn(shape, generator=g).requires_grad_() for shape in shapes]
    drawn = g.get_state()

    def loss_of(contexts: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        table, w1, b1, w2, b2 = parameters
        hidden = torch.tanh(table[contexts].view(-1, 30) @ w1 + b1)
        return F.cross_entropy(hidden @ w2 + b2, targets)

    contexts, targets = data["train"]

    def seconds_of(rate: float, steps: int) -> float:
        began = time.perf_counter()
        for _ in range(steps):
            rows = torch.randint(0, len(contexts), (32,), generator=g)
            batch = loss_of(contexts[rows], targets[rows])
            for p in parameters:
                p.grad = None
            batch.backward()
            for p in parameters:
                p.data -= rate * p.grad
        return time.perf_counter() - began

    tried: dict[int, float] = {1: float("inf"), 2: float("inf")}
    for threads in (1, 2, 1, 2, 1, 2):  # a rate of 0: nothing is learnt before it counts
        torch.set_num_threads(threads)
        tried[threads] = min(tried[threads], seconds_of(0.0, 300))
    torch.set_num_threads(min(tried, key=tried.__getitem__))
    g.set_state(drawn)
    seconds, dev = 0.0, float("inf")
    for step in range(0, STEPS, 5_000):
        seconds += seconds_of(0.1 if step < STEPS // 2 else 0.01, 5_000)
        if step >= STEPS // 2:
            with torch.no_grad():
                dev = loss_of(*data["dev"]).item()
            if dev <= loss:
                break
    return seconds, dev


def main() -> None:
    split = course_split()
    rows = [("what", "dev, nats per character", "seconds of training", "seconds of the command")]
    with tempfile.TemporaryDirectory() as folder:
        for name, words in split.items():
            (Path(folder) / f"{name}.txt").write_text("\n".join(words))
        for what, options in {
            "`train --model bigram --smoothing 1`": ("--model", "bigram", "--smoothing", "1"),
            "`train --model mlp --block-size 3 --steps 500`": (
                *("--model", "mlp", "--block-size", "3", "--steps", "500"),
            ),
            "`train --model mlp --block-size 3`": ("--model", "mlp", "--block-size", "3"),
            "`train --model mlp`": ("--model", "mlp"),
        }.items():
            answer = train(Path(folder), *options)
            dev = answer["nats_per_token"]["dev"]
            rows.append((what, f"{dev:.4f}", f"{answer['seconds']:.2f}", f"{answer['whole']:.2f}"))
            if "--steps" in options:
                short = f"{answer['whole']:.2f} s, to {dev:.4f}"
    ours = [seconds_to_reach(split, COURSE)]
    remarks = ""
    if "--quick" not in sys.argv:
        theirs, dev = course_recipe(split, COURSE)
        ours.append(seconds_to_reach(split, COURSE))
        rows.append(("the course's recipe in PyTorch", f"{dev:.4f}", f"{theirs:.1f}", ""))
        reached = "reaches" if dev <= COURSE else "comes near"
        remarks = (
            f"The course's recipe first {reached} its {COURSE} after {theirs:.1f} s; "
            f"`train --model mlp --block-size 3` is there {np.median(ours):.2f} s after it was "
            f"given the list: **{theirs / np.median(ours):.0f} times faster**."
        )
        report.aims(
            [
                (f"`train` to dev {COURSE}, whole command", "under 1.5 s", short),
                (
                    "the same training, against the course's recipe in PyTorch",
                    "50 times faster",
                    f"{theirs / np.median(ours):.0f}",
                ),
            ]
        )
    report.write("Losses on the course's split", rows, remarks)
    whole = moreish.train(report.course_names(), model="bigram", smoothing=0, split=(100, 0, 0))
    one = moreish.train(report.course_names(), model="bigram", smoothing=1, split=(100, 0, 0))
    report.write(
        "Bigram over all 32,033 lines",
        [
            ("smoothing", "average loss, nats per character", "the course's"),
            ("`--smoothing 0`", f"{whole.nats_per_token('train'):.7f}", "2.4540145"),
            ("`--smoothing 1`", f"{one.nats_per_token('train'):.7f}", "2.4545768"),
        ],
    )


if __name__ == "__main__":
    main()
