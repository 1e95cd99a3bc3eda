"""Which family of models does best on lists of 100 to 1,000,000 lines, and how soon?

The names are the bundled list. The words are those of Debian's package wamerican, one a line; WORDS
says where they are.
"""

import csv
import gzip
import os
import random
import statistics
import sys
import time
from pathlib import Path

import report

import moreish
from moreish.text import read_items
from moreish.text.sources import BUNDLED

WORDS = Path(os.environ.get("WORDS", "/usr/share/dict/american-english"))
FAMILIES = ("bigram", "ngram", "mlp", "mixture")
HELD_OUT = 3_000  # items to judge by
SEEDS = {100: 5, 1_000: 3}  # lists of so many lines vary


def names() -> list[str]:
    return read_items(None).texts


def words() -> list[str]:
    if not WORDS.exists():
        sys.exit(
            f"there are no words at {WORDS}: install wamerican, or set WORDS to a file of them"
        )
    return read_items(WORDS).texts


def people() -> list[str]:
    """A million lines: first names as often as they are given."""
    with gzip.open(BUNDLED, "rt", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    weights = [float(row["births"]) for row in rows]
    return random.Random(1).choices([row["name"] for row in rows], weights, k=1_000_000)


def split(lines: list[str], count: int, seed: int) -> tuple[list[str], list[str]]:
    """`count` lines, and all lines of some items that are not among them."""
    items = list(dict.fromkeys(lines))
    random.Random(seed).shuffle(items)
    held_out = set(items[-HELD_OUT:])
    if len(items) < len(lines):
        return [x for x in lines if x not in held_out], [x for x in lines if x in held_out]
    return items[:-HELD_OUT][:count], items[-HELD_OUT:]


def measured(lines: list[str], count: int, model: str) -> tuple[float, float]:
    """Mean nats per token on the held-out items, and mean seconds of `train`."""
    losses, seconds = [], []
    for seed in range(1, SEEDS.get(count, 1) + 1):
        train, test = split(lines, count, seed)
        began = time.perf_counter()
        trained = moreish.train(train, model=model, split=(90, 10, 0), seed=seed)
        seconds.append(time.perf_counter() - began)
        losses.append(trained.nats_per_token(test))
    return statistics.mean(losses), statistics.mean(seconds)


def main() -> None:
    rows = [("list", "lines", *(f"`{family}`" for family in FAMILIES), "default")]
    for what, lines, counts in (
        ("names", names(), (100, 1_000, 10_000, 26_910)),
        ("people", people(), (1_000_000,)),
        ("words", words(), (100, 1_000, 10_000, 30_000, 100_000)),
    ):
        for count in counts:
            found = {family: measured(lines, count, family) for family in FAMILIES}
            best = min(loss for loss, _ in found.values())
            cells = [
                f"**{loss:.3f}** {seconds:.1f} s" if loss == best else f"{loss:.3f} {seconds:.1f} s"
                for loss, seconds in found.values()
            ]
            usual = moreish.learn(split(lines, count, 1)[0]).language_model.name
            rows.append((what, f"{count:,}", *cells, f"`{usual}`"))
    report.write(
        "Families by size of the list",
        rows,
        f"Nats per token on the lines of {HELD_OUT:,} items that are not in the list, of which a "
        f"tenth is held out to choose by; seconds of `train`. Lists of {min(SEEDS)} and "
        f"{max(SEEDS):,} lines are means of {SEEDS[100]} and {SEEDS[1_000]}. People are a million "
        f"lines of first names, drawn as often as they are given.",
    )


if __name__ == "__main__":
    main()
