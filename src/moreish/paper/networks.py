"""The networks of the table, and how each is trained.

Those of the paper have its sizes. Training is not the paper's: there each word was a step of plain
gradient descent, 10 to 20 times over the text. Here a step is of 512 words, by AdamW, and its loss
looks at 2,000 of all words (`models.sampled_softmax`). Whatever is reported looks at all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..models.sampled_softmax import MOST
from ..training import Settings

__all__ = ["NETWORKS", "Network"]

BATCH = 512
SHARED: dict[str, Any] = {"batch_size": BATCH, "learning_rate": 2e-3, "warm_up": 200, "records": 12}


@dataclass(frozen=True)
class Network:
    """The options of an mlp, and of its training."""

    options: Mapping[str, Any]
    passes: float  # over train
    weight_decay: float
    seed: int = 0  # is added to the seed

    def settings(
        self, words: int, vocabulary_size: int, seed: int, minutes: float | None = None
    ) -> Settings:
        """How it is trained on so many words; by the clock if there are `minutes`.

        >>> NETWORKS["MLP9"].settings(800_000, 17_908, seed=1).steps
        7812
        """
        steps = max(round(self.passes * words / BATCH), 1)
        return Settings(
            **SHARED | {"warm_up": min(200, steps // 2)},
            steps=steps if minutes is None else None,
            minutes=minutes,
            weight_decay=self.weight_decay,
            softmax="sampled" if vocabulary_size > 2 * MOST else "full",
            seed=seed + self.seed,
        )


def _of_the_paper(n: int, H: int, E: int, direct: bool, **training: Any) -> Network:
    """n words with the one that is predicted, H hidden units, E numbers for each word."""
    sizes = {"block_size": n - 1, "hidden_size": H, "embedding_size": E, "direct": direct}
    return Network(sizes, **training)


TIED = {
    "block_size": 54,
    "bag": 50,
    "embedding_size": 128,
    "hidden_size": 256,
    "tied": True,
    "dropout": 0.3,
}
NETWORKS = {
    "MLP1": _of_the_paper(5, 50, 60, True, passes=4, weight_decay=0.15),
    "MLP3": _of_the_paper(5, 0, 60, True, passes=4, weight_decay=0.15),
    "MLP5": _of_the_paper(5, 50, 30, True, passes=4, weight_decay=0.15),
    "MLP7": _of_the_paper(3, 50, 30, True, passes=4, weight_decay=0.15),
    "MLP9": _of_the_paper(5, 100, 30, False, passes=5, weight_decay=0.05),
    "tied": Network(TIED, passes=6, weight_decay=0.3),
    "tied-second": Network(TIED, passes=6, weight_decay=0.3, seed=1_000),
}
