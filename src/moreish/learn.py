"""From a list to a model: read, split, number, count, fit or train.

`Learning` takes the steps apart for whoever wants to watch; `train` takes them all.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from .errors import OptionError, as_typed, check_seed
from .memory import Memory, remember
from .model import Model, Report
from .models import Counted, LanguageModel, Learnt, Mixed, family, held_out
from .text import (
    ContextCounts,
    LeftOut,
    Source,
    Vocabulary,
    check_block_size,
    count_items,
    longest_block_size,
)
from .training import Record, Run, Settings

__all__ = ["Learning", "learn", "train"]

DEFAULT = "mlp"
READING = ("encoding", "column", "weights", "format", "lower", "max_length")
TRAINING = tuple(f.name for f in fields(Settings) if f.name != "seed")


@dataclass
class Learning:
    """A list, ready to be learnt from: iterate to train, then take the `model`."""

    language_model: LanguageModel
    vocabulary: Vocabulary
    memory: Memory
    seed: int
    training: dict[str, Any]  # what was set for the training, by name; see `Settings`
    remarks: list[str]  # what was left out of the list, and what else one should know
    left_out: list[LeftOut] = field(default_factory=list)  # in numbers
    has_weights: bool = False  # a column said how much each item counts
    report: Report = field(init=False)
    _runs: list[Run] = field(init=False, default_factory=list)
    _mixed: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.report = Report(seed=self.seed, seconds=0.0)

    def __iter__(self) -> Iterator[Record]:
        """Fit or train; a learnt model yields a record now and then."""
        began = time.perf_counter()
        try:
            if isinstance(self.language_model, Mixed):
                for part in self.language_model.parts:
                    yield from self._learn(part)
            else:
                yield from self._learn(self.language_model)
            self._finish()
        finally:
            self.report.seconds = time.perf_counter() - began

    def _learn(self, model: LanguageModel) -> Iterator[Record]:
        counts, dev = self._counts("train", model), self._counts("dev", model)
        assert counts is not None
        if isinstance(model, Counted):
            model.fit(counts, dev, self._once(model))
        elif isinstance(model, Learnt):
            seed = self.seed + len(self._runs)  # two of a kind in a mixture shall differ
            settings = Settings(seed=seed, **{**model.training, **self.training})
            model.initialise(seed)
            self._runs.append(Run(model, counts, dev, settings))
            yield from self._runs[-1]

    def _counts(self, split: str, model: LanguageModel) -> ContextCounts | None:
        """The table of a split; None where nothing is in it."""
        if not self.memory.size(split):
            return None
        return self.memory.counts(split, self.vocabulary, model.block_size)

    def _once(self, model: LanguageModel) -> ContextCounts | None:
        """The table for training with each item counted once; None where there are no weights.

        Nor can it be had of a list that is too long to be kept.
        """
        if not self.has_weights or not self.memory.is_whole:
            return None
        return count_items(self.memory.split("train").once(), self.vocabulary, model.block_size)

    def _finish(self) -> None:
        """Keep the best parameters; mix what is to be mixed, as it is now."""
        for run in self._runs:
            run.finish()
        model = self.language_model
        if isinstance(model, Mixed) and not self._mixed:
            counts = self._counts("train", model)
            assert counts is not None
            model.mix(counts, self._counts("dev", model), self._once(model))
            self._mixed = True

    @property
    def settings(self) -> Settings:
        """How the model, or the part of it that is being trained, is trained."""
        return self._runs[-1].settings if self._runs else Settings(seed=self.seed)

    @property
    def steps(self) -> int:
        """How many steps of that were done so far."""
        return self._runs[-1].step if self._runs else 0

    def model(self) -> Model:
        """The model as it is now, with its losses on train and dev; test is not looked at."""
        self._finish()
        self.report.steps = sum(run.step for run in self._runs)
        model = Model(self.language_model, self.vocabulary, self.memory, self.report)
        for split in ("train", "dev"):
            if self.memory.size(split):
                self.report.nats_per_token[split] = model.nats_per_token(split)
        return model


def learn(
    source: Source | None = None,
    *,
    model: str | None = None,
    dev: Source | None = None,
    test: Source | None = None,
    split: tuple[float, float, float] | None = None,
    words: bool = False,
    seed: int = 1,
    **options: Any,
) -> Learning:
    """Everything before the training: the list read, split and numbered, the model made.

    See `train` for the arguments.

    >>> learning = learn(["anna", "hannah", "nan"] * 9, steps=20, split=(100, 0, 0))
    >>> [record.step for record in learning][-1]
    20
    >>> learning.model().sample(1, seed=3, max_length=9, prefix="an")[0][:2]
    'an'
    """
    chosen = family(model or DEFAULT)
    reading = {name: options.pop(name) for name in READING if name in options}
    training = {name: options.pop(name) for name in TRAINING if name in options}
    check_seed(seed)
    _check_options(chosen, options)
    block_size = options.get("block_size", 1)
    if block_size < 64:  # what can't be is refused before anything is read
        block_size = _check_training(chosen(2, **options), training, seed)
    found = remember(
        source,
        {"dev": dev, "test": test},
        split,
        words=words,
        seed=seed,
        block_size=block_size,
        may_be_shorter="block_size" not in options,
        **reading,
    )
    memory, vocabulary, remarks = found.memory, found.vocabulary, found.remarks
    check_block_size(options.get("block_size", 1), len(vocabulary))
    language_model = chosen(len(vocabulary), **options)
    longest = min(longest_block_size(len(vocabulary)), memory.longest_block_size)
    if language_model.block_size > longest:
        remarks.append(
            f"with {len(vocabulary):,} different tokens a context can have at most {longest} of "
            f"them, so it has {longest} and not {language_model.block_size}, the default"
        )
        language_model = chosen(len(vocabulary), **options, block_size=longest)
    if language_model.needs_dev and not memory.size("dev"):
        held_out(None)
    if found.longest is not None and found.longest < options.get("block_size", 1):
        remarks.append(
            f"no item is longer than {found.longest} tokens, so a block size of {found.longest} "
            f"would see as much as {block_size}"
        )
    return Learning(
        language_model,
        vocabulary,
        memory,
        seed,
        training,
        remarks,
        found.left_out,
        has_weights="weights" in reading,
    )


def train(
    source: Source | None = None,
    *,
    model: str | None = None,
    dev: Source | None = None,
    test: Source | None = None,
    split: tuple[float, float, float] | None = None,
    words: bool = False,
    seed: int = 1,
    **options: Any,
) -> Model:
    """Learn from a list: a path, "-" for standard input, several paths (`files(...)`, or an
    iterable of `pathlib.Path`), any iterable of strings, or, without one, the bundled list.

    `model` is "bigram", "ngram", "neural-bigram", "mlp" or "mixture". The items are split into
    train, dev and test in the shares `split`, (80, 10, 10), by distinct item; or `dev` and `test`
    are lists of their own and all of `source` is trained on. `words` makes tokens of words and
    not of characters.

    Options for reading: `encoding`; `column` and `weights` of a table (.csv, .tsv) or of JSON
    lines (.jsonl), `format` where the name of the file does not say which; `lower`; `max_length`
    in characters. For the model: `smoothing` (bigram: a number; ngram: also "kneser-ney",
    "witten-bell" or "deleted-interpolation"), `block_size` (ngram, mlp), `embedding_size`,
    `hidden_size`, `direct` connections and `dropout` (mlp), `regularisation` (neural-bigram),
    `mixture` and `share` (mixture, which hands on those of its parts). For its training: `steps`,
    `batch_size`, `learning_rate`, `weight_decay`. DataError if the list can't be learnt from,
    OptionError for options that don't fit.

    >>> model = train(["anna", "hannah", "nan"], model="bigram", split=(100, 0, 0))
    >>> round(model.nats_per_token("train"), 3)
    1.076
    """
    learning = learn(
        source,
        model=model,
        dev=dev,
        test=test,
        split=split,
        words=words,
        seed=seed,
        **options,
    )
    for _ in learning:
        pass
    return learning.model()


def _check_options(chosen: type[LanguageModel], options: dict[str, Any]) -> None:
    """OptionError for one that a model does not have; a mixture says so itself."""
    for name in options:
        if name not in chosen.option_names and not issubclass(chosen, Mixed):
            own = as_typed(*chosen.option_names)
            raise OptionError(f"{as_typed(name)} is not an option of {chosen.name}; it has {own}")


def _check_training(model: LanguageModel, training: dict[str, Any], seed: int) -> int:
    """OptionError for settings that can't be, or where nothing is trained; else the model's T."""
    learnt = [m for m in getattr(model, "parts", [model]) if isinstance(m, Learnt)]
    if training and not learnt:
        raise OptionError(
            f"{as_typed(*training)} can't be set for {model.name}: it is counted, not trained"
        )
    for part in learnt:
        Settings(seed=seed, **{**part.training, **training})
    return model.block_size
