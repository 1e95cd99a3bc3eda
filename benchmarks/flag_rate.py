"""Of items that belong, how many are flagged where 1 in 100 is asked for?

The names are the bundled list, the words those of Debian's package wamerican (WORDS says where they
are), the surnames the census's that the package `names` ships.
"""

import os
import random
import sys
from importlib.resources import files
from pathlib import Path

import report

import moreish
from moreish.judge import share_interval
from moreish.text import read_items

WORDS = Path(os.environ.get("WORDS", "/usr/share/dict/american-english"))
RATE, MOST = 0.01, 30_000
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


def main() -> None:
    rows = [("list", "model", "held out", "test", "flagged", "95 %", "1 % is in it")]
    for name, items in lists().items():
        for family in MODELS:
            model = moreish.train(items, model=family, split=(60, 20, 20))
            test = model.memory.split("test").texts
            flagged = int(model.scores(test, flag_rate=RATE).flagged.sum())
            low, high = share_interval(flagged, len(test))
            rows.append(
                (
                    name,
                    f"`{family}`",
                    f"{model.memory.size('dev'):,}",
                    f"{len(test):,}",
                    f"{100 * flagged / len(test):.2f} %",
                    f"{100 * low:.2f} to {100 * high:.2f} %",
                    "yes" if low <= RATE <= high else "no",
                )
            )
    report.write("Flag rate asked 1 %, seen on test", rows, f"At most {MOST:,} items of a list.")


if __name__ == "__main__":
    main()
