"""How long does one step of micrograd's two-moons demo take, and how long is it recorded?

micrograd's own model (2-16-16-1) on 100 points, the demo's loss (hinge and L2) and its update. The
graph has 65,818 nodes in micrograd.
"""

import random
import statistics
import sys
import time
from typing import Any

import numpy as np
import report
from sides import Side

ROUNDS = 3 if "--quick" in sys.argv else 7
STEPS = 10  # whose losses are compared


class Demo:
    """The demo with the Value, MLP and capture of one library."""

    def __init__(self, library: str) -> None:
        if library == "micrograd":
            from micrograd.engine import Value
            from micrograd.nn import MLP
        else:
            from moreish import Value
            from moreish.micrograd.nn import MLP
        rng = np.random.default_rng(1337)
        turn = np.linspace(0, np.pi, 50)
        upper = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        lower = np.stack([1 - np.cos(turn), 0.5 - np.sin(turn)], axis=1)
        X = np.concatenate([upper, lower]) + rng.normal(0, 0.1, (100, 2))
        y = np.repeat([-1, 1], 50)
        random.seed(1337)
        self.model = model = MLP(2, [16, 16, 1])

        def loss() -> Any:
            inputs = [list(map(Value, row)) for row in X]
            scores = list(map(model, inputs))
            losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
            data_loss = sum(losses) * (1.0 / len(losses))
            return data_loss + 1e-4 * sum(p * p for p in model.parameters())

        self.plain = self.loss = loss
        if library == "captured":
            import moreish

            self.loss = moreish.capture(loss)

    def step(self, rate: float) -> float:
        """Forward, backward, update."""
        total = self.loss()
        self.model.zero_grad()
        total.backward()
        for p in self.model.parameters():
            p.data -= rate * p.grad
        return total.data

    def run(self, count: int) -> None:
        for _ in range(count):
            self.step(0.01)

    def losses(self, count: int) -> list[float]:
        return [self.step(1.0 - 0.9 * i / 100) for i in range(count)]

    def forward(self) -> float:
        """Seconds of one forward pass; the graph is let go before."""
        began = time.perf_counter()
        total = self.plain()
        seconds = time.perf_counter() - began
        del total
        return seconds

    def recording(self) -> float:
        """Seconds of the first call of a captured loss."""
        import moreish

        captured = moreish.capture(self.plain)
        began = time.perf_counter()
        captured()
        return time.perf_counter() - began


def main() -> None:
    theirs, eager, ours = (
        Side(name, "two_moons", "Demo", library)
        for name, library in (
            ("micrograd 0.1.0", "micrograd"),
            ("moreish, eager", "eager"),
            ("**moreish, captured**", "captured"),
        )
    )
    wanted = theirs.ask("losses", STEPS)
    for side in (eager, ours):
        found = side.ask("losses", STEPS)
        if not np.allclose(found, wanted, rtol=1e-9, atol=0):
            raise SystemExit(f"{side.name} computes something else: {found}, not {wanted}")
    forward, recording = [], []
    for _ in range(ROUNDS):
        forward.append(theirs.ask("forward"))
        recording.append(ours.ask("recording"))
        for side, count in ((theirs, 1), (eager, 2), (ours, 200)):
            side.times.append(side.ask("time", count) / count)
    rows = [("what", "ms a step", "of the median", "captured is ... times faster")]
    for side in (theirs, eager, ours):
        ratio = side.median / ours.median
        rows.append((side.name, f"{side.median * 1e3:.2f}", side.spread, f"{ratio:.1f}"))
        side.close()
    once, whole = statistics.median(recording), statistics.median(forward)
    report.write(
        "micrograd's two-moons demo, one step",
        rows,
        f"The losses of {STEPS} steps agree to 1e-9. To record the loss once takes "
        f"{once * 1e3:.0f} ms, micrograd's forward pass {whole * 1e3:.0f} ms: "
        f"{once / whole:.2f} of it. {ROUNDS} rounds, in turn.",
    )
    ratio, part = theirs.median / ours.median, once / whole
    report.aims(
        [
            ("two-moons step, captured, against micrograd", "500 times faster", f"{ratio:,.0f}"),
            ("recording it, against micrograd's forward pass", "at most 1", f"{part:.2f}"),
        ]
    )


if __name__ == "__main__":
    main()
