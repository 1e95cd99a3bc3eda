"""What is seen of a network while it learns: its embeddings in the plane, how activations and
gradients are spread, how far a step moves the weights, and what it makes by now.

It looks at the network and changes nothing of it. What it shows is bounded: few tokens, few bins.
"""

import numpy as np

from ..draw.charts.histograms import SATURATED
from ..draw.charts.model_charts import layers_of
from ..draw.charts.scatter import in_the_plane
from ..draw.charts.token_labels import labels_of, most_frequent
from ..engine.generator import Generator
from ..generate.ancestral import AncestralSampler
from ..generate.constraints import Constraints
from ..models.mlp import MLP
from ..models.neural_bigram import NeuralBigram
from ..rows import Row, finite
from ..text import ContextCounts, Corpus, Positions, Vocabulary
from ..training import Run

TOKENS = 60  # in the plane
CONTEXTS = 256  # that the layers are shown for
BINS = 40
DRAFTS, LONGEST = 8, 16  # items, and tokens of one
DIGITS = 4


class Inside:
    """Looks into the network of a training, now and then.

    >>> from moreish import learn
    >>> learning = learn(["anna", "hannah", "nan"] * 9, model="mlp", steps=2, split=(100, 0, 0))
    >>> run = learning.start()
    >>> inside = Inside(run, learning.vocabulary)
    >>> inside.before_a_step()
    >>> _ = next(run.moves())
    >>> sorted(inside.look())
    ['drafts', 'layers', 'loss', 'moved', 'plane', 'step']
    """

    def __init__(self, run: Run, vocabulary: Vocabulary) -> None:
        self.run = run
        self.vocabulary = vocabulary
        self._before: dict[str, np.ndarray] = {}
        self._plane: np.ndarray | None = None  # as it was shown last
        self._shown = most_frequent(_frequencies(run.train), TOKENS).tolist()

    def before_a_step(self) -> None:
        """Keep the weights, so that `look` can tell how far the step after this has moved them."""
        self._before = self.run.model.arrays()

    def forget(self) -> None:
        """The next look says nothing of how far a step has moved the weights."""
        self._before = {}

    def look(self) -> Row:
        """All that is seen, after a step: {"step", "loss", "drafts", ...}; losses are in nats per
        token of the step's batch."""
        run, model = self.run, self.run.model
        row: Row = {"step": run.step, "loss": run.last_loss, "drafts": self._drafts()}
        with np.errstate(all="ignore"):
            row["moved"] = self._moved()
            if isinstance(model, MLP):
                row["plane"] = self._places(model)
                if isinstance(run.train, ContextCounts) and model.hidden_size:
                    row["layers"] = _layers(model, run.train)
            elif isinstance(model, NeuralBigram) and model.vocabulary_size <= TOKENS:
                row["bigram"] = probabilities_of(model)
        seen: Row = finite(row)
        return seen

    def _drafts(self) -> list[str]:
        """What it makes by now, drawn by the same random numbers each time; long ones are cut."""
        sampler = AncestralSampler(
            self.run.model, self.vocabulary, Constraints(), LONGEST, is_cut=True
        )
        tokens = sampler.draw(DRAFTS, Generator().manual_seed(1))
        return self.vocabulary.decode(tokens)

    def _moved(self) -> dict[str, float]:
        """The spread of a step of each weight, as a share of the weight's own: log10 of it."""
        moved = {}
        for name, before in self._before.items():
            step = self.run.model.parameters[name].detach().numpy() - before
            moved[name] = round(float(np.log10(step.std() / before.std())), DIGITS)
        return moved

    def _places(self, model: MLP) -> Row:
        """Where the embeddings are in the plane, turned to lie as near as can be to the last."""
        table = model.parameters["embedding"].detach().numpy().astype(np.float64)
        places = in_the_plane(table)[0] if np.isfinite(table).all() else np.zeros((len(table), 2))
        places = places - places.mean(axis=0)
        if self._plane is not None:
            left, _, right = np.linalg.svd(places.T @ self._plane)
            places = places @ left @ right
        self._plane = places
        labels = labels_of(self.vocabulary.names, len(table))
        return {
            "tokens": [labels[i] for i in self._shown],
            "x": _rounded(places[self._shown, 0]),
            "y": _rounded(places[self._shown, 1]),
        }


def _frequencies(corpus: Corpus) -> np.ndarray:
    """(V,) how often each token comes in what is trained on."""
    if isinstance(corpus, Positions):
        return corpus.frequencies
    tokens = corpus.tokens.astype(np.intp)
    return np.bincount(tokens, weights=corpus.counts, minlength=corpus.vocabulary_size)


def _layers(model: MLP, table: ContextCounts) -> Row:
    """Of each layer how activations and gradients are spread, in bins of the same width."""
    found = {}
    for name, layer in layers_of(model, table, CONTEXTS).items():
        assert layer.grad is not None
        values, slopes = layer.detach().numpy().ravel(), layer.grad.detach().numpy().ravel()
        is_tanh = name == "hidden"
        found[name] = {
            "activations": _spread(values, 1.0 if is_tanh else None),
            "gradients": _spread(slopes),
            "saturated": float((np.abs(values) > SATURATED).mean()) if is_tanh else None,
        }
    return found


def _spread(numbers: np.ndarray, reach: float | None = None) -> Row:
    """Numbers in bins from -reach to reach, or as far as they go."""
    reach = reach or float(np.max(np.abs(numbers), initial=0.0)) or 1.0
    if not np.isfinite(reach):
        return {"bins": [], "reach": None, "mean": None, "std": None}
    bins, _ = np.histogram(numbers, bins=BINS, range=(-reach, reach))
    mean, std = float(numbers.mean()), float(numbers.std())
    return {"bins": bins.tolist(), "reach": reach, "mean": mean, "std": std}


def probabilities_of(model: NeuralBigram) -> list[list[float]]:
    """(V, V): how likely each token is after each, in four digits."""
    contexts = np.arange(model.vocabulary_size, dtype=np.int64)[:, None]
    return [_rounded(row) for row in np.exp(model.next_log_probs(contexts))]


def _rounded(numbers: np.ndarray) -> list[float]:
    rounded: list[float] = np.round(numbers, DIGITS).tolist()
    return rounded
