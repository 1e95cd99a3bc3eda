"""Pictures of a model: what the other charts need is taken out of it and of its list.

It computes nothing that the rooms below do not, and says so in a sentence where a model has no such
picture.
"""

from collections.abc import Callable, Mapping

import numpy as np

from ...engine import rules
from ...errors import DataError, OptionError
from ...model import Model
from ...models import LanguageModel
from ...models.mlp import MLP
from ...text import ContextCounts, gather_rows
from ...torch import Tensor, from_numpy
from .chart import Chart
from .curves import losses
from .heatmap import counts
from .histograms import layers
from .scatter import embeddings

__all__ = ["show"]

BATCH = 1_024  # contexts that the layers are shown for


def show(model: Model, picture: str) -> Chart:
    """A picture of a model: "counts", "losses", "embeddings" or "layers".

    The counts are those of pairs in the training split, which every model file has; the layers are
    those of an mlp for up to 1,024 contexts, as often as they come there. OptionError for another
    picture, DataError for one that this model does not have.

    >>> from moreish import train
    >>> model = train(["anna", "hannah", "nan"], model="bigram", split=(100, 0, 0))
    >>> print(show(model, "counts").text().splitlines()[2])
    a n       3  18.8 %           60.0 %
    """
    if picture not in PICTURES:
        raise OptionError(f"{picture!r} is no picture of a model; there are {', '.join(PICTURES)}")
    return PICTURES[picture](model)


def _counts(model: Model) -> Chart:
    return counts(_table(model, 1), model.vocabulary.names)


def _losses(model: Model) -> Chart:
    curve = model.report.curve
    if not curve:
        raise DataError(
            f"there are no losses to be drawn: this {model.language_model.name} model was counted "
            f"and not trained, or its file is from before they were kept"
        )
    steps, train, dev = zip(*curve, strict=True)
    return losses(steps, train, dev)


def _embeddings(model: Model) -> Chart:
    table = _mlp(model, "embeddings").parameters["embedding"].detach().numpy()
    pairs = _table(model, 1)
    often = np.bincount(pairs.tokens, weights=pairs.counts, minlength=pairs.vocabulary_size)
    return embeddings(table, model.vocabulary.names, often)


def _layers(model: Model) -> Chart:
    network = _mlp(model, "layers")
    if not network.hidden_size:
        raise DataError("this network has no hidden layer: there are no layers to show")
    return layers(layers_of(network, _table(model, network.block_size)))


PICTURES: Mapping[str, Callable[[Model], Chart]] = {
    "counts": _counts,
    "losses": _losses,
    "embeddings": _embeddings,
    "layers": _layers,
}


def layers_of(network: MLP, table: ContextCounts, size: int = BATCH) -> dict[str, Tensor]:
    """The layers of a network for `size` contexts, spread evenly over a table of counts, with the
    gradients of their mean loss; the parameters and their gradients are left as they were.
    """
    totals = table.totals
    reach = np.cumsum(totals) / totals.sum()
    middles = (np.arange(size) + 0.5) / size
    rows = np.searchsorted(reach, middles).clip(max=len(table) - 1)
    which, places = gather_rows(table.starts, rows)
    shares = np.zeros((size, table.vocabulary_size), dtype=np.float32)
    shares[which, table.tokens[places]] = table.counts[places] / totals[rows][which]
    before = {name: parameter.grad for name, parameter in network.parameters.items()}
    found = network.layers(table.contexts[rows])
    for layer in found.values():
        layer.retain_grad()
    rules.cross_entropy(found["output"], from_numpy(shares)).mean().backward()
    for name, parameter in network.parameters.items():
        parameter.grad = before[name]
    return found


def _mlp(model: Model, what: str) -> MLP:
    """The network, or the one that is a part of a mixture."""
    own: LanguageModel = model.language_model
    for part in getattr(own, "parts", (own,)):
        if isinstance(part, MLP):
            return part
    raise DataError(f"the family {own.name} has no {what}; an mlp has, or a mixture with one")


def _table(model: Model, block_size: int) -> ContextCounts:
    if not len(model.dataset.splits):
        raise DataError("this model came without its list, as from an ARPA file: it has no counts")
    if not model.dataset.has_texts:
        raise DataError(
            "this picture is drawn from the text that was trained on, and of documents a model "
            "file has hashes only: draw.show in Python draws it where the model was trained"
        )
    return model.dataset.counts("train", model.vocabulary, block_size)
