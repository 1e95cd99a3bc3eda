"""How many items a second are scored, next to KenLM's Python binding and markovify item by item?

markovify has no call for it: what its chain counted after each state is divided by their sum.
"""

import math
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import kenlm
import markovify
import report

import moreish
from moreish.text import read_items

ITEMS, FEW, TURNS = 1_000_000, 50_000, 5
ORDER = 3  # of markovify's chain
MODELS = {
    "`ngram`": {"model": "ngram", "block_size": 5},  # KenLM reads no longer contexts
    "`mlp --block-size 3`": {"model": "mlp", "block_size": 3},
}


def per_second(score: Callable[[list[str]], object], items: list[str]) -> float:
    """Items a second."""
    began = time.perf_counter()
    score(items)
    return len(items) / (time.perf_counter() - began)


def by_markovify(counts: dict, texts: list[str]) -> list[float]:
    """Log-probabilities by what a chain of markovify counted, item by item."""
    scores = []
    for text in texts:
        state, score = (markovify.chain.BEGIN,) * ORDER, 0.0
        for token in [*text, markovify.chain.END]:
            followed = counts[state]
            score += math.log(followed[token] / sum(followed.values()))
            state = (*state[1:], token)
        scores.append(score)
    return scores


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
    listed = read_items(None).texts
    chain = markovify.Chain([list(text) for text in listed], ORDER)
    names = (*models, "scores", "kenlm", "markovify")
    speeds: dict[str, list[float]] = {name: [] for name in names}
    for model in models.values():
        model.scores(items[:FEW])
    for _ in range(TURNS):
        for name, model in models.items():
            speeds[name].append(per_second(model.score_samples, items))
        speeds["scores"].append(per_second(ngram.scores, items))
        speeds["kenlm"].append(per_second(one_by_one, items[:FEW]))
        speeds["markovify"].append(per_second(partial(by_markovify, chain.model), listed))
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    rows = [("what", "items a second", "times KenLM's", "times markovify's")]
    for name, what in (
        *((name, f"{name}: `score_samples`") for name in models),
        ("scores", "`ngram`: `scores`, with percentiles"),
        ("kenlm", "KenLM's Python binding, item by item"),
        ("markovify", f"markovify, order {ORDER}, item by item"),
    ):
        times = [f"{medians[name] / medians[peer]:.1f}" for peer in ("kenlm", "markovify")]
        rows.append((what, f"{medians[name]:,.0f}", *times))
    report.write(
        "Scoring",
        rows,
        f"{ITEMS:,} texts that are not in the list, as they were drawn from the `ngram`; with the "
        f"tables made, cleaning and encoding included; medians of {TURNS} turns, one core. The "
        f"`ngram` and KenLM, which reads its ARPA file, agree to {worst:.0e} nats an item. "
        f"markovify scores the list that it was made of, as it gives new items no chance.",
    )


if __name__ == "__main__":
    main()
