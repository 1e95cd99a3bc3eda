"""How many items a second are scored, next to KenLM's Python binding item by item?"""

import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import kenlm
import report

import moreish

ITEMS, FEW, TURNS = 1_000_000, 50_000, 5
MODELS = {
    "`ngram`": {"model": "ngram", "block_size": 5},  # KenLM reads no longer contexts
    "`mlp --block-size 3`": {"model": "mlp", "block_size": 3},
}


def per_second(score: Callable[[list[str]], object], items: list[str]) -> float:
    """Items a second."""
    began = time.perf_counter()
    score(items)
    return len(items) / (time.perf_counter() - began)


def main() -> None:
    models = {name: moreish.train(**options) for name, options in MODELS.items()}
    ngram = models["`ngram`"]
    items = [item for item in ngram.sample(3 * ITEMS) if ngram.memory.is_new(item)][:ITEMS]
    with tempfile.TemporaryDirectory() as folder:
        ngram.save_arpa(Path(folder) / "names.arpa")
        theirs = kenlm.Model(str(Path(folder) / "names.arpa"))

    def one_by_one(texts: list[str]) -> list[float]:
        return [theirs.score(" ".join(text)) for text in texts]

    ours = ngram.score_samples(items[:1_000])
    worst = max(
        abs(a - b * math.log(10)) for a, b in zip(ours, one_by_one(items[:1_000]), strict=True)
    )
    assert worst < 1e-4, worst
    speeds: dict[str, list[float]] = {name: [] for name in (*models, "scores", "kenlm")}
    for model in models.values():
        model.scores(items[:FEW])
    for _ in range(TURNS):
        for name, model in models.items():
            speeds[name].append(per_second(model.score_samples, items))
        speeds["scores"].append(per_second(ngram.scores, items))
        speeds["kenlm"].append(per_second(one_by_one, items[:FEW]))
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    rows = [("what", "items a second", "times KenLM's, item by item")]
    for name, what in (
        *((name, f"{name}: `score_samples`") for name in models),
        ("scores", "`ngram`: `scores`, with percentiles"),
        ("kenlm", "KenLM's Python binding, item by item"),
    ):
        rows.append((what, f"{medians[name]:,.0f}", f"{medians[name] / medians['kenlm']:.1f}"))
    report.write(
        "Scoring",
        rows,
        f"{ITEMS:,} texts that are not in the list, as they were drawn from the `ngram`; with the "
        f"tables made, cleaning and encoding included; medians of {TURNS} turns, one core. The "
        f"`ngram` and KenLM, which reads its ARPA file, agree to {worst:.0e} nats an item.",
    )


if __name__ == "__main__":
    main()
