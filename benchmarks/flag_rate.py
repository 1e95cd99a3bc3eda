"""Of items that belong, how many are flagged where 1 in 100 is asked for?

The names are the bundled list, the words those of Debian's package wamerican (WORDS says where they
are), the surnames the census's that the package `names` ships.
"""

import math
import os
import random
import statistics
import sys
from importlib.resources import files
from pathlib import Path

import report
from scipy.stats import betabinom

import moreish
from moreish.scoring.diagnosis import share_interval
from moreish.text import read_items

WORDS = Path(os.environ.get("WORDS", "/usr/share/dict/american-english"))
RATE, MOST = 0.01, 30_000
SPLITS = 10
MODELS = ("bigram", "ngram", "mixture")


def lists() -> dict[str, list[str]]:
    if not WORDS.exists():
        sys.exit(
            f"there are no words at {WORDS}: install wamerican, or set WORDS to a file of them"
        )
    surnames = files("names").joinpath("dist.all.last").read_text(encoding="ascii")
    found = {
        "names": read_items(None).texts,
        "English words": read_items(WORDS).texts,
        "US surnames": [line.split()[0].lower() for line in surnames.splitlines()],
    }
    return {name: random.Random(1).sample(own, min(MOST, len(own))) for name, own in found.items()}


def chance(held_out: int, test: int) -> tuple[float, float]:
    """The share of test that is flagged in 95 of 100 cases, if the rate is kept exactly: the k-th
    most surprising of the held-out items has a beta distribution's share above it.

    Source: V. Vovk, "Conditional Validity of Inductive Conformal Predictors", 2012.
    """
    rank = math.floor(RATE * (held_out + 1))
    low, high = betabinom.ppf([0.025, 0.975], test, rank, held_out + 1 - rank) / test
    return low, high


def main() -> None:
    rows = [("list", "model", "test", "flagged", "least and most", "1 % is in it", "due by chance")]
    for name, items in lists().items():
        for family in MODELS:
            shares, inside, allowed = [], 0, 0
            for seed in range(1, SPLITS + 1):
                model = moreish.train(items, model=family, split=(60, 20, 20), seed=seed)
                test = model.memory.split("test").texts
                flagged = int(model.scores(test, flag_rate=RATE).flagged.sum())
                low, high = share_interval(flagged, len(test))
                least, most = chance(model.memory.size("dev"), len(test))
                shares.append(flagged / len(test))
                inside += low <= RATE <= high
                allowed += least <= shares[-1] <= most
            rows.append(
                (
                    name,
                    f"`{family}`",
                    f"{len(test):,}",
                    f"{100 * statistics.mean(shares):.2f} %",
                    f"{100 * min(shares):.2f} and {100 * max(shares):.2f} %",
                    f"{inside} of {SPLITS}",
                    f"{allowed} of {SPLITS}",
                )
            )
            print(rows[-1], flush=True)
    report.write(
        "Flag rate asked 1 %, seen on test",
        rows,
        f"At most {MOST:,} items of a list, split anew {SPLITS} times; as many are held out to "
        f"tell the threshold as are in test. *1 % is in it*: in the 95 % interval of the share, as "
        f"`evaluate` prints it, which does not know that the threshold varies, too: 8.3 of 10 are "
        f"due. *Due by chance*: the share is where 95 of 100 are if the rate is kept exactly, with "
        f"threshold and test both drawn: 9.5 of 10 are due.",
    )


if __name__ == "__main__":
    main()
