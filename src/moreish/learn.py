"""From a list to a model: read, split, number, count, fit or train.

`Learning` takes the steps apart for whoever wants to watch; `train` takes them all.
"""

import inspect
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from .errors import OptionError, check_seed
from .model import Memory, Model, Report
from .models import Counted, LanguageModel, Learnt, family
from .text import (
    DEV,
    TEST,
    TRAIN,
    Items,
    Source,
    Vocabulary,
    check_block_size,
    count_items,
    read_items,
    split_items,
)
from .text.splits import USUAL
from .training import Record, Run, Settings

__all__ = ["Learning", "learn", "train"]

DEFAULT = "mlp"
READING = ("encoding", "column", "weights", "max_length")


@dataclass
class Learning:
    """A list, ready to be learnt from: iterate to train, then take the `model`."""

    language_model: LanguageModel
    vocabulary: Vocabulary
    memory: Memory
    settings: Settings
    remarks: list[str]  # what was left out of the list, and what else one should know
    has_weights: bool = False  # a column said how much each item counts
    report: Report = field(init=False)
    _run: Run | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.report = Report(seed=self.settings.seed, seconds=0.0)

    def __iter__(self) -> Iterator[Record]:
        """Fit or train; a learnt model yields a record now and then."""
        began = time.perf_counter()
        try:
            yield from self._learn(self.language_model)
        finally:
            self.report.seconds = time.perf_counter() - began

    def _learn(self, model: LanguageModel) -> Iterator[Record]:
        train, held_out = self.memory.split("train"), self.memory.split("dev")
        counts = count_items(train, self.vocabulary, model.block_size)
        dev = once = None
        if len(held_out):
            dev = count_items(held_out, self.vocabulary, model.block_size)
        if isinstance(model, Counted):
            if self.has_weights:
                once = count_items(train.once(), self.vocabulary, model.block_size)
            model.fit(counts, dev, once)
        elif isinstance(model, Learnt):
            model.initialise(self.settings.seed)
            self._run = Run(model, counts, dev, self.settings)
            yield from self._run

    @property
    def steps(self) -> int:
        """How many steps of training were done so far."""
        return self._run.step if self._run is not None else 0

    def model(self) -> Model:
        """The model as it is now, with its losses on train and dev; test is not looked at."""
        if self._run is not None:
            self._run.finish()
            self.report.steps = self.steps
        model = Model(self.language_model, self.vocabulary, self.memory, self.report)
        for split in ("train", "dev"):
            if len(self.memory.split(split)):
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
    training = _training_options(chosen, options)
    language = _model_options(chosen, options)
    check_seed(seed)
    settings = Settings(seed=seed, **training)
    if language.get("block_size", 1) < 64:  # what can't be is refused before anything is read
        chosen(2, **language)
    items = read_items(source, **reading)
    remarks = list(items.remarks)
    if dev is None and test is None:
        splits = split_items(items.texts, split or USUAL, seed)
    elif split is not None:
        raise OptionError("either a split is wanted, or files for dev or test, not both")
    else:
        items, splits = _with_files(items, {DEV: dev, TEST: test}, reading, remarks)
    memory = Memory(items, splits)
    train_items = memory.split("train")
    vocabulary = Vocabulary.of(train_items.texts, "words" if words else "characters")
    check_block_size(language.get("block_size", 1), len(vocabulary))
    if len(train_items) == 1:
        remarks.append("there is only one item to learn from, so more of the same will come")
    return Learning(
        chosen(len(vocabulary), **language),
        vocabulary,
        memory,
        settings,
        remarks,
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
    """Learn from a list: a path, "-" for standard input, any iterable of strings, or, without
    one, the bundled list of names.

    `model` is "bigram", "ngram", "neural-bigram" or "mlp". The items are split into train, dev
    and test in the shares `split`, (80, 10, 10), by distinct item; or `dev` and `test` are lists
    of their own and all of `source` is trained on. `words` makes tokens of words and not of
    characters.

    Options for reading: `encoding`, `column` and `weights` of a table, `max_length` in
    characters. For the model: `smoothing` (bigram: a number; ngram: also "kneser-ney",
    "witten-bell" or "deleted-interpolation"), `block_size` (ngram, mlp), `embedding_size`,
    `hidden_size` (mlp), `regularisation` (neural-bigram). For its training: `steps`,
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


def _training_options(chosen: type[LanguageModel], options: dict[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(Settings)} - {"seed"}
    found = {name: options.pop(name) for name in list(options) if name in names}
    if issubclass(chosen, Learnt):
        return {**chosen.training, **found}
    if found:
        raise OptionError(
            f"{_spoken(found)} can't be set for {chosen.name}: it is counted, not trained"
        )
    return found


def _model_options(chosen: type[LanguageModel], options: dict[str, Any]) -> dict[str, Any]:
    for name in options:
        if name not in chosen.option_names:
            own = ", ".join(f"--{own.replace('_', '-')}" for own in chosen.option_names)
            raise OptionError(f"{_spoken([name])} is not an option of {chosen.name}; it has {own}")
    wanted = inspect.signature(chosen).parameters
    return {name: value for name, value in options.items() if name in wanted}


def _spoken(names: Any) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _with_files(
    items: Items,
    files: dict[int, Source | None],
    reading: dict[str, Any],
    remarks: list[str],
) -> tuple[Items, np.ndarray]:
    """The list for training and lists for dev and test, put together."""
    texts, counts = list(items.texts), [items.counts]
    splits = [np.full(len(items), TRAIN, dtype=np.uint8)]
    seen = set(texts)
    for number, file in files.items():
        if file is None:
            continue
        other = read_items(file, **reading)
        remarks.extend(f"{other.name}: {remark}" for remark in other.remarks)
        shared = len(seen.intersection(other.texts))
        if shared:
            remarks.append(
                f"{shared:,} of the {len(other):,} distinct items of {other.name} are also in "
                f"{items.name}, so its loss is a little too good"
            )
        texts += other.texts
        counts.append(other.counts)
        splits.append(np.full(len(other), number, dtype=np.uint8))
    return Items(texts, np.concatenate(counts), items.name, []), np.concatenate(splits)
