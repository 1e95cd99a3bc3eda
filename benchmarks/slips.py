"""How long does `slips.gradient` take to judge an answer, 10,000 edges away from the result?

The edges lie in a long chain, two to four in each step. Every edge of the graph is tried.
"""

import time
from statistics import median
from typing import Any

import numpy as np
import report

from moreish import Value, slips
from moreish.torch import Tensor, full, tensor
from moreish.torch.nn import functional

WANTED = 1.0  # seconds
RIGHT = tensor([0, 1, 2, 3])
STEPS: list[tuple[str, int, Any]] = [
    ("Values", 3_333, lambda y, x: (y * 0.9 + x).tanh()),
    ("Tensors, number by number", 3_333, lambda y, x: (y * 0.9 + x).tanh()),
    ("Tensors, matrix products", 5_000, lambda y, x: y @ x),
    ("Tensors, rows that are picked and turned", 2_500, lambda y, x: (y + x[0]).T),
    ("Tensors, log_softmax", 3_333, lambda y, x: (y + x).log_softmax(1)),
    ("Tensors, the largest of a row", 3_333, lambda y, x: y.amax(1, keepdim=True) + x),
    ("Tensors, cross entropies", 2_500, lambda y, x: functional.cross_entropy(y, RIGHT) + x),
]


def seconds(kind: str, steps: int, step: Any) -> float:
    """Of one answer, which no slip explains."""
    x: Value | Tensor = Value(0.5) if kind == "Values" else full((4, 4), 0.2, requires_grad=True)
    y: Any = x
    for _ in range(steps):
        y = step(y, x)
    loss = y if kind == "Values" else y.sum()
    answer = 0.3 if kind == "Values" else np.ones((4, 4))
    began = time.perf_counter()
    slips.gradient(loss, [(x, answer)])
    return time.perf_counter() - began


def main() -> None:
    rows = [("a graph of", "seconds")]
    aims = []
    for kind, steps, step in STEPS:
        taken = median(seconds(kind, steps, step) for _ in range(5))
        rows.append((kind, f"{taken:.2f}"))
        aims.append(
            (f"seconds to name a slip among 10,000 edges, {kind}", f"{WANTED:.0f}", f"{taken:.2f}")
        )
    report.write(
        "Naming a slip among 10,000 edges",
        rows,
        "`slips.gradient` with one wrong answer that no single slip explains, so all edges are "
        "tried. The median of five.",
    )
    report.aims(aims)


if __name__ == "__main__":
    main()
