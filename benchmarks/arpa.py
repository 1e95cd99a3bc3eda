"""Do KenLM and moreish agree on ARPA files, of other programs and our own? Nothing is timed.

    python arpa.py            the comparison, into RESULTS.md
    python arpa.py --values   the files and KenLM's figures in tests/arpa, made anew

Grams are drawn at random, so that `<unk>` is in them at every place, weights are missing, and the
end of one gram of each order may be missing. KenLM reads orders 2 to 6.
"""

import json
import math
import random
import sys
import tempfile
from itertools import product
from pathlib import Path

import kenlm
import report

import moreish
from moreish.text import read_items

FILES, ITEMS = 20, 200  # of each kind; of each file
ORDERS = range(2, 7)
WORDS, UNKNOWN = ("red", "fox", "hen"), ("emu", "ë")  # the latter are in no file
TESTS = Path(__file__).parents[1] / "tests" / "arpa"
SMOOTHINGS = ("kneser-ney", "witten-bell", 0.5)


def drawn(seed: int, order: int, has_weights: bool, has_unknown: bool) -> str:
    """A file of random grams; each is a longer one of those before it."""
    chance = random.Random(seed)
    words = [*WORDS, *["<unk>"] * has_unknown]
    grams: list[list[tuple[str, ...]]] = [[("<s>",), ("</s>",), *((word,) for word in words)]]
    for length in range(2, order + 1):
        contexts = [gram for gram in grams[-1] if gram[-1] != "</s>"]
        longer = [(*gram, word) for gram, word in product(contexts, [*words, "</s>"])]
        whole = [gram for gram in longer if gram[1:] in grams[-1]]
        own = set(chance.sample(whole, min(len(whole), 3 + 4 * length)))
        grams.append(sorted(own | {chance.choice(longer)}))  # KenLM takes few gaps
    lines = ["\\data\\", *(f"ngram {n}={len(own)}" for n, own in enumerate(grams, 1))]
    for length, own in enumerate(grams, 1):
        lines += ["", f"\\{length}-grams:"]
        for gram in own:
            log_prob = -99 if gram == ("<s>",) else -round(chance.uniform(0.05, 3), 4)
            line = f"{log_prob}\t{' '.join(gram)}"
            if length < order and gram[-1] != "</s>" and has_weights and chance.random() < 0.7:
                line += f"\t{round(chance.uniform(-1.5, 0.04), 4)}"
            lines.append(line)
    return "\n".join([*lines, "", "\\end\\", ""])


def items_of(seed: int, count: int) -> list[str]:
    """Words, known and not."""
    chance = random.Random(seed)
    words = [*WORDS, *UNKNOWN]
    return [" ".join(chance.choices(words, k=chance.randint(1, 8))) for _ in range(count)]


def nats(theirs: kenlm.Model, item: str) -> list[float]:
    """What KenLM says of each word and the end."""
    return [-found[0] * math.log(10) for found in theirs.full_scores(item)]


def apart(path: Path, items: list[str], spread: bool = False) -> float:
    """How far the two are apart at most, at one token; `spread` items are words of one letter."""
    ours, theirs = moreish.load(path), kenlm.Model(str(path))
    return max(
        abs(a - b)
        for item in items
        for a, b in zip(
            ours.surprise(item), nats(theirs, " ".join(item) if spread else item), strict=True
        )
    )


def make_values() -> None:
    """What the tests compare with."""
    TESTS.mkdir(exist_ok=True)
    found = {}
    for order, has_weights, has_unknown in (
        *((order, True, True) for order in ORDERS),
        (3, False, True),
        (3, True, False),
    ):
        weights, unknown = "" if has_weights else "-no-weights", "" if has_unknown else "-no-unk"
        path = TESTS / f"order-{order}{weights}{unknown}.arpa"
        path.write_text(drawn(order, order, has_weights, has_unknown))
        theirs = kenlm.Model(str(path))
        found[path.name] = {
            item: [round(cost, 5) for cost in nats(theirs, item)] for item in items_of(order, 12)
        }
    lines = json.dumps(found, ensure_ascii=False, indent=1)
    (TESTS / "kenlm.json").write_text(lines + "\n")


def main() -> None:
    rows = [("files", "items", "tokens apart at most, nats")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.arpa"
        for order, has_weights, has_unknown in product(ORDERS, (True, False), (True, False)):
            worst = 0.0
            for seed in range(FILES):
                path.write_text(drawn(seed, order, has_weights, has_unknown))
                worst = max(worst, apart(path, items_of(seed, ITEMS)))
            what = f"order {order}, {'some' if has_weights else 'no'} back-off weights"
            what += f", {'with' if has_unknown else 'without'} `<unk>`"
            rows.append((f"{FILES} random, {what}", f"{FILES * ITEMS:,}", f"{worst:.0e}"))
        items = [*read_items(None).texts[:2_000], "ëma", "emë", "anë-na", "ëë", "x"]
        for smoothing in SMOOTHINGS:
            for block_size in (1, 3, 5):
                model = moreish.train(model="ngram", block_size=block_size, smoothing=smoothing)
                model.save_arpa(path)
                worst = apart(path, items, spread=True)
                what = f"our export, {smoothing}, order {block_size + 1}"
                rows.append((what, f"{len(items):,}", f"{worst:.0e}"))
    assert all(float(row[2]) < 1e-4 for row in rows[1:]), rows
    report.write(
        "ARPA files",
        rows,
        "Items of known and unknown words, or letters, token by token. KenLM computes in single "
        "precision.",
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--values"]:
        make_values()
    else:
        main()
