"""How well are names told from what is not one: the area under the ROC curve.

Others are uniformly random strings of the same lengths, and names with one random edit. 0.5 is a
mere guess, 1 tells all apart.
"""

import random

import numpy as np
import report

import moreish

MODELS = ("bigram", "ngram", "neural-bigram", "mlp", "mixture")
DRAWS = 1_000


def edited(name: str, letters: str, rng: random.Random) -> str:
    """The name with a letter left out, put in, or taken for another."""
    place = rng.randrange(len(name))
    kinds = [name[:place] + letter + name[place:] for letter in letters]
    kinds += [name[:place] + letter + name[place + 1 :] for letter in letters]
    if len(name) > 1:
        kinds += [name[:place] + name[place + 1 :]] * len(letters)
    return rng.choice([kind for kind in kinds if kind != name])


def area(inside: np.ndarray, outside: np.ndarray) -> float:
    """How often an item of the list is less surprising than another, a tie being half."""
    ranked = np.sort(inside)
    below = np.searchsorted(ranked, outside, "left") + np.searchsorted(ranked, outside, "right")
    return float(below.mean()) / (2 * len(ranked))


def with_interval(inside: np.ndarray, outside: np.ndarray) -> str:
    """The area, and its interval at 95 % by the bootstrap."""
    rng = np.random.default_rng(1)
    drawn = [
        area(rng.choice(inside, len(inside)), rng.choice(outside, len(outside)))
        for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{area(inside, outside):.4f} ({low:.4f} to {high:.4f})"


def main() -> None:
    rng = random.Random(1)
    rows = [("model", "random strings of the same lengths", "names with one random edit")]
    for family in MODELS:
        model = moreish.train(model=family)
        names = model.memory.split("test").texts
        letters = "".join(model.vocabulary.tokens)
        others = (
            ["".join(rng.choices(letters, k=len(name))) for name in names],
            [edited(name, letters, rng) for name in names],
        )
        new = [[text for text in texts if model.memory.is_new(text)] for texts in others]
        inside = model.scores(names).nats_per_token
        cells = (with_interval(inside, model.scores(texts).nats_per_token) for texts in new)
        rows.append((f"`{family}`", *cells))
    report.write(
        "Telling names from others",
        rows,
        f"The area under the ROC curve of nats per token, and its interval at 95 % by "
        f"{DRAWS:,} draws of the bootstrap: {len(names):,} test names of the bundled list against "
        f"as many others, less those that happen to be in the list.",
    )


if __name__ == "__main__":
    main()
