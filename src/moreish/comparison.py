"""Every family of models on the same items: which is better, and by how much that can be trusted.

All learn from the same split of the same list and are judged by the same held-out items, those of
dev; test only where a list for it was given. Differences are judged in pairs, item by item.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import DataError, OptionError
from .learning import learn
from .model import Model
from .models import families, family
from .scoring.diagnosis import Interval, difference
from .text import Source
from .text.short_repr import brief
from .training import Record

__all__ = ["Compared", "Comparison", "compare"]


@dataclass(frozen=True)
class Compared:
    """A model, and how far it is behind the best in nats per token, at 95 %."""

    __repr__ = brief

    model: Model
    behind: Interval

    @property
    def name(self) -> str:
        """What the family is called."""
        return self.model.language_model.name

    @property
    def size(self) -> int:
        """Bytes of everything learnt."""
        return sum(array.nbytes for array in self.model.language_model.arrays().values())


@dataclass
class Comparison:
    """Models that are to be learnt from one list: iterate to learn, then take the `ranking`."""

    __repr__ = brief

    source: Source | None
    names: Sequence[str]
    options: dict[str, Any]
    models: list[Model] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[str, Record]]:
        """The records of each model's training, with its name; a counted one has none."""
        for name in self.names:
            learning = learn(self.source, model=name, **self.options)
            if not learning.dataset.size("dev"):
                raise DataError(
                    "models are compared on items that are held out as dev, and there are none: a "
                    "longer list, a --split with a part for dev, or --dev with a list is wanted"
                )
            self.remarks += [r for r in learning.remarks if r not in self.remarks]
            for record in learning:
                yield name, record
            model = learning.model()
            if self.options.get("test") is not None:
                model.report.nats_per_token["test"] = model.nats_per_token("test")
            self.models.append(model)

    def ranking(self) -> list[Compared]:
        """The best first: by dev, which is what choices are made by. DataError without a dev."""
        losses = {id(model): model.nats_per_token("dev") for model in self.models}
        ranked = sorted(self.models, key=lambda model: losses[id(model)])
        if not ranked:
            return []
        held_out = ranked[0].dataset.split("dev")
        scores = [model.scores(held_out.texts) for model in ranked]
        best, counts = scores[0], held_out.counts
        return [
            Compared(model, difference(s.nats * counts, best.nats * counts, best.tokens * counts))
            for model, s in zip(ranked, scores, strict=True)
        ]


def compare(
    source: Source | None = None, models: Sequence[str] | None = None, **options: Any
) -> list[Compared]:
    """Learn each family from one list and rank them by dev, the best first.

    `models` are some of the families, all by default; `options` are those of `train` for reading
    and splitting. OptionError for a source that can be read only once.

    >>> names = "anna hannah nan ann hanna susanna joanna ana nana nina".split()
    >>> ranked = compare(names, ["bigram", "ngram"], split=(50, 50, 0))
    >>> sorted(one.name for one in ranked), ranked[0].behind
    (['bigram', 'ngram'], Interval(low=0.0, high=0.0))
    """
    comparison = comparing(source, models, **options)
    for _ in comparison:
        pass
    return comparison.ranking()


def comparing(
    source: Source | None, models: Sequence[str] | None = None, **options: Any
) -> Comparison:
    """What `compare` does, ready to be watched.

    OptionError for a source that can be read only once, and for a model that there is not.
    """
    for one in (source, options.get("dev"), options.get("test")):
        if one == "-" or isinstance(one, Iterator):
            raise OptionError(
                "each model reads the list anew, so standard input or an iterator can't be "
                "compared on: put the list in a file, or in a Python list"
            )
    names = sorted(families()) if models is None else list(models)
    for name in names:
        family(name)
    return Comparison(source, names, options)
