"""To which of several lists does an item belong? One model a class, and calibrated probabilities.

How likely the models find an item says which of them it fits best, but not how sure that is: models
are more or less sure of themselves, and lists are more or less long. So one scale for all
log-probabilities and one number to add for each class are learnt from the held-out (dev) items of
all lists, by the loss that classifiers are trained by.

Source: J. Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized
Likelihood Methods", 1999; for several classes C. Guo et al., "On Calibration of Modern Neural
Networks", 2017.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import DataError, OptionError
from .model import Model
from .torch import from_numpy
from .torch.optim import AdamW
from .training.schedules import cosine

__all__ = ["Classifier", "Judged"]

STEPS, RATE = 300, 0.1


@dataclass(frozen=True)
class Judged:
    """How well items of known classes are told apart."""

    items: dict[str, int]  # of each class
    right: dict[str, int]  # of those, how many were given to it
    confidence: float  # the mean probability of the class that was chosen
    nats: float  # the mean surprise at the true class

    @property
    def accuracy(self) -> float:
        """The share of items that were given to their class."""
        return sum(self.right.values()) / sum(self.items.values())

    @property
    def nats_by_size(self) -> float:
        """The nats an item of a guess that knows how large the classes are, and no more."""
        shares = [count / sum(self.items.values()) for count in self.items.values() if count]
        return -sum(share * math.log(share) for share in shares)


class Classifier:
    """Models by the names of their classes.

    OptionError for fewer than two; DataError where no class has held-out items.

    >>> from moreish import train
    >>> lists = {"a": ["anna", "hanna", "ana"] * 9, "o": ["otto", "bobo", "olo"] * 9}
    >>> models = {n: train(items, model="bigram", dev=items) for n, items in lists.items()}
    >>> Classifier(models).classes(["hanna", "boto"])
    ['a', 'o']
    """

    def __init__(self, models: Mapping[str, Model]) -> None:
        if len(models) < 2:
            raise OptionError("two models or more are wanted, one for each class")
        self.models = dict(models)
        self.names = list(models)
        self.scale, self.offsets = self._calibrated()

    @property
    def reading(self) -> dict[str, Any]:
        """How lines are mended for all models: as options of `read_items`."""
        own = [model.reading for model in self.models.values()]
        items = {reading.pop("item_per") for reading in own}
        how = {name: all(reading[name] for reading in own) for name in own[0]}
        return how | {"item_per": items.pop() if len(items) == 1 else "line"}

    def probabilities(self, items: Sequence[str]) -> np.ndarray:
        """N items → (N, K) how likely each belongs to each class; rows have sum 1."""
        logits = self.scale * self._log_probs(items) + self.offsets
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: np.ndarray = shares / shares.sum(axis=1, keepdims=True)
        return probabilities

    def classes(self, items: Sequence[str]) -> list[str]:
        """N items → the class that each most likely belongs to."""
        return [self.names[place] for place in self.probabilities(items).argmax(axis=1)]

    def judge(self, split: str = "test") -> Judged:
        """How well the items of a split of all lists are told apart; one that is in several counts
        for each. DataError where there are none."""
        items, classes = self._items(split)
        probabilities = self.probabilities(items)
        chosen, own = probabilities.argmax(axis=1), probabilities[np.arange(len(items)), classes]
        counts = np.bincount(classes, minlength=len(self.names)).tolist()
        right = np.bincount(classes, chosen == classes, minlength=len(self.names)).tolist()
        with np.errstate(divide="ignore"):
            nats = float(-np.log(own).mean())
        return Judged(
            dict(zip(self.names, counts, strict=True)),
            dict(zip(self.names, map(int, right), strict=True)),
            float(probabilities.max(axis=1).mean()),
            nats,
        )

    def _log_probs(self, items: Sequence[str]) -> np.ndarray:
        """(N, K) of whole items in nats; what a model finds impossible is not quite, and a token
        that a model does not have costs the same in all of them. Where it is `<unk>`, it may be any
        of the tokens that are, each as likely."""
        columns, dearest = [], max(model.unknown_nats for model in self.models.values())
        for model in self.models.values():
            own = model.vocabulary
            more = np.log(own.folded) if own.folded else dearest - model.unknown_nats
            unknown = [sum(t not in own.numbers for t in own.split(item)) for item in items]
            columns.append(-model.scores(items).nats - more * np.array(unknown))
        return np.stack(columns, axis=1).clip(min=-1e6)

    def _items(self, split: str) -> tuple[list[str], np.ndarray]:
        texts = [model.dataset.split(split).texts for model in self.models.values()]
        missing = [name for name, own in zip(self.names, texts, strict=True) if not own]
        hashed = [name for name in missing if not self.models[name].dataset.has_texts]
        if hashed:
            raise DataError(
                f"a classifier is calibrated by the text of held-out items, and of "
                f"{' and '.join(hashed)} there are only hashes of documents in the file: train "
                f"with --item-per line, or make a Classifier in Python where they were trained"
            )
        if missing:
            raise DataError(
                f"there are no {split} items of {' and '.join(missing)} to tell the classes apart "
                f"by: train with a part for {split}"
            )
        sizes = [len(own) for own in texts]
        return [text for own in texts for text in own], np.repeat(np.arange(len(texts)), sizes)

    def _calibrated(self) -> tuple[float, np.ndarray]:
        """The scale, and (K,) what is added, that make the classes of dev likeliest."""
        items, classes = self._items("dev")
        log_probs = self._log_probs(items)
        log_probs -= log_probs.max(axis=1, keepdims=True)
        from .torch.nn.functional import cross_entropy  # loaded when a classifier is made

        inputs, wanted = from_numpy(log_probs), from_numpy(classes)
        scale = from_numpy(np.ones(1))
        offsets = from_numpy(np.log(np.bincount(classes)))
        for parameter in (scale, offsets):
            parameter.requires_grad = True
        optimizer = AdamW([scale, offsets], lr=RATE, weight_decay=0.0)
        for step in range(STEPS):
            optimizer.param_groups[0]["lr"] = RATE * cosine(step, STEPS)
            optimizer.zero_grad()
            cross_entropy(inputs * scale + offsets, wanted).backward()
            optimizer.step()
        return float(scale.item()), offsets.detach().numpy()
