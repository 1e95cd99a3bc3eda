"""Does `--recipe course` give the course's numbers, on its split and in the order of its lines?

The loss of the very first batch and those after 20,000 steps (0.1, then 0.01 from half) were
computed with another implementation in NumPy; they depend on each line's place, so the examples
are made of the lines as they are, repeats in their places. Those after 200,000 steps are the
course's own, of another shuffle and with batches that no seed repeats; --quick leaves them out.
"""

import sys
import time

import numpy as np
import report
from losses_on_the_courses_split import course_split

from moreish.models.mlp import MLP
from moreish.scoring.evaluate import evaluate
from moreish.text import Vocabulary, count_contexts
from moreish.training import Examples, Run, Settings, begin

SEED = 2147483647
FIRST = 27.8817
KNOWN = {20_000: {"train": 2.3098, "dev": 2.3213}, 200_000: {"train": 2.1260, "dev": 2.1701}}


def main() -> None:
    split = course_split()
    vocabulary = Vocabulary("abcdefghijklmnopqrstuvwxyz")
    tokens = {name: vocabulary.encode(lines) for name, lines in split.items()}
    tables = {name: count_contexts(t, 3, len(vocabulary)) for name, t in tokens.items()}
    examples = Examples.of(tokens["train"], np.ones(len(split["train"]), dtype=np.int64), 3)

    def trained(steps: int, change: float = 0.0, seed: int = 0) -> tuple[float, dict[str, float]]:
        """The loss of the first batch, and those at the end; the first weights may be changed."""
        settings = Settings.chosen(recipe="course", steps=steps, records=steps, seed=SEED)
        model = MLP(len(vocabulary), block_size=3, embedding_size=10, hidden_size=200)
        generator = begin(model, settings)
        weights = model.parameters["hidden.weight"].detach().numpy()
        weights *= (1 + change * np.random.default_rng(seed).standard_normal(weights.shape)).astype(
            "f4"
        )
        records = iter(Run(model, tables["train"], None, settings, generator, examples))
        first = next(records).train_loss
        for _ in records:
            pass
        return first, {name: evaluate(model, tables[name]).nats_per_token for name in tables}

    rows = [("loss, nats per character", "`--recipe course`", "known", "difference", "seconds")]
    for steps, known in KNOWN.items():
        if "--quick" in sys.argv and steps > 20_000:
            continue
        began = time.perf_counter()
        first, losses = trained(steps)
        seconds = f"{time.perf_counter() - began:.1f}"
        if steps == min(KNOWN):
            rows.append(row("of the first batch", first, FIRST, ""))
        for name, loss in known.items():
            rows.append(row(f"{name}, after {steps:,} steps", losses[name], loss, seconds))
    dev = [trained(20_000, 1e-7, seed)[1]["dev"] for seed in range(5)]
    report.write(
        "The course's recipe",
        rows,
        f"Rounding grows from step to step: with the first weights changed by 1e-7 of themselves, "
        f"five times, dev after 20,000 steps is {min(dev):.4f} to {max(dev):.4f}.",
    )


def row(what: str, ours: float, known: float, seconds: str) -> tuple[str, ...]:
    """A line of the table."""
    return what, f"{ours:.4f}", f"{known:.4f}", f"{ours - known:+.4f}", seconds


if __name__ == "__main__":
    main()
