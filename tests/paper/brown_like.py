"""A folder that is like the Brown corpus: 20,000 words that are drawn, with tags and paragraphs."""

from pathlib import Path

import numpy as np

TEXTS, WORDS, DIFFERENT = 40, 500, 400


def write_corpus(folder: Path, texts: int = TEXTS, words: int = WORDS, seed: int = 1) -> Path:
    """Each word is drawn by Zipf's law, half of the time among those that follow the last one."""
    rng = np.random.default_rng(seed)
    frequencies = 1 / np.arange(1, DIFFERENT + 1)
    frequencies /= frequencies.sum()
    for text in range(texts):
        drawn = rng.choice(DIFFERENT, words, p=frequencies)
        for place in range(1, words):
            if rng.random() < 0.5:
                drawn[place] = (7 * drawn[place - 1] + 3) % DIFFERENT
        lines = []
        for first in range(0, words, 20):
            tagged = " ".join(f"w{word}/nn" for word in drawn[first : first + 19])
            lines.append(f"\t{tagged} ./.\n" + "\n" * int(rng.integers(1, 4)))
        (folder / f"c{'abcd'[text // 10]}{text % 10 + 1:02}").write_text("\n\n" + "".join(lines))
    return folder
