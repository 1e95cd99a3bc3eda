"""Lists for tests, with more items than one would write down."""

import numpy as np


def some_items(count: int, seed: int = 0) -> list[str]:
    """`count` short texts of six letters and hyphens, many of them more than once."""
    generator = np.random.default_rng(seed)
    letters = generator.integers(0, 6, (count, 5)) * (generator.random((count, 5)) < 0.8)
    return ["a" + "".join("-bcdef"[n] for n in row if n) for row in letters.tolist()]
