"""From a list to a model: read, split, number, count, fit or train.

`Learning` takes the steps apart for whoever wants to watch; `train` takes them all.
"""

import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from .errors import DataError, ModelFileError, OptionError, as_typed, check_seed
from .model import Model, Report, load
from .models import Counted, LanguageModel, Learnt, Mixed, family, held_out, learnt_parts
from .scoring.diagnosis import Verdict, verdict
from .text import ContextCounts, LeftOut, Source, Vocabulary, check_block_size, longest_block_size
from .text.dataset import SPLITS, Dataset, remember
from .training import Examples, Record, Run, Settings, Sweep, begin, sweep
from .training.checkpoint import State, check_same, identity, read_checkpoint, write_checkpoint

__all__ = ["Learning", "find_learning_rate", "learn", "train"]

DEFAULT, DEFAULT_OF_MANY = "mixture", "ngram"  # what is best, measured; see docs/notes.md
MANY = 50_000  # distinct items to train on, from which the mixture gains next to nothing
TELLING = 10  # items of dev that tell something of a model
SAMPLE = 1_000  # items of train that are scored as if they had not been there
LARGE = 1_000  # tokens, from which on a network takes long and adds little
READING = ("encoding", "column", "weights", "format", "lower", "max_length")
COURSE = {"block_size": 3, "embedding_size": 10, "hidden_size": 200}  # where a model has them
TRAINING = tuple(f.name for f in fields(Settings) if f.name != "seed")


@dataclass
class Learning:
    """A list, ready to be learnt from: iterate to train, then take the `model`."""

    language_model: LanguageModel
    vocabulary: Vocabulary
    dataset: Dataset
    seed: int
    training: dict[str, Any]  # what was set for the training, by name; see `Settings`
    remarks: list[str]  # what was left out of the list, and what else one should know
    left_out: list[LeftOut] = field(default_factory=list)  # in numbers
    report: Report = field(init=False)
    _runs: list[Run] = field(init=False, default_factory=list)
    _states: list[State] = field(init=False, default_factory=list)  # to go on from
    _mixed: bool = field(init=False, default=False)
    _model: Model | None = field(init=False, default=None)  # the last one that was taken

    def __repr__(self) -> str:
        items = sum(map(self.dataset.size, SPLITS))
        tokens = f"{len(self.vocabulary.tokens):,} {self.vocabulary.kind}"
        return f"<Learning: {self.language_model.name}, {tokens}, {items:,} items>"

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
            before = sum(float(about["seconds"]) for about, _ in self._states)
            self.report.seconds = before + time.perf_counter() - began

    def _learn(self, model: LanguageModel) -> Iterator[Record]:
        if isinstance(model, Counted):
            counts = self._counts("train", model)
            assert counts is not None
            model.fit(counts, self._counts("dev", model), self._once(model))
        elif isinstance(model, Learnt):
            number = len(self._runs)
            run = self._start(model, self.seed + number)  # two of a kind in a mixture shall differ
            if number < len(self._states):
                run.resume(*self._states[number])
            self._runs.append(run)
            yield from run

    def start(self) -> Run:
        """A run at its beginning: of the model, or of the first part of it that is trained.

        OptionError if all of it is counted. DataError for the course's recipe on a list that is
        too long to be kept.
        """
        for model in learnt_parts(self.language_model):
            return self._start(model, self.seed)
        raise OptionError(f"{self.language_model.name} is counted, not trained")

    def _start(self, model: Learnt, seed: int) -> Run:
        counts = self._counts("train", model)
        assert counts is not None
        settings = self._settings(model, counts, seed)
        model.settle(counts)
        examples = None
        if settings.recipe == "course":
            if not self.dataset.is_whole:
                raise DataError(
                    "the course's recipe draws lines, and this list is too long to be kept: leave "
                    "out --recipe course"
                )
            items = self.dataset.split("train")
            tokens = self.vocabulary.encode(items.texts)
            examples = Examples.of(tokens, items.counts, model.block_size)
        generator = begin(model, settings)
        return Run(model, counts, self._counts("dev", model), settings, generator, examples)

    def _settings(self, model: Learnt, counts: ContextCounts, seed: int) -> Settings:
        return Settings.chosen(model.training_on(counts), seed=seed, **self.training)

    def _counts(self, split: str, model: LanguageModel) -> ContextCounts | None:
        """The table of a split; None where nothing is in it."""
        if not self.dataset.size(split):
            return None
        return self.dataset.counts(split, self.vocabulary, model.block_size)

    def _once(self, model: LanguageModel) -> ContextCounts | None:
        return self.dataset.counts_once(self.vocabulary, model.block_size)

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
    def is_trained(self) -> bool:
        """Whether anything of the model is trained, and not counted."""
        return bool(learnt_parts(self.language_model))

    @property
    def run(self) -> Run | None:
        """How far the training has come, of the part that is being trained; None before."""
        return self._runs[-1] if self._runs else None

    def checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Write all that `resume` needs, when a record has come.

        ModelFileError if it can't be written. RuntimeError between two records.
        """
        write_checkpoint(path, self._runs, self._identity())

    def resume(self, path: str | os.PathLike[str]) -> int:
        """Go on from a checkpoint when iterated, with the same bits as without a break → its step.

        OptionError says what differs if it is of other data or options, ModelFileError if it is
        no checkpoint.

        >>> from tempfile import TemporaryDirectory
        >>> names, options = ["anna", "hannah", "nan"] * 9, {"steps": 20, "split": (100, 0, 0)}
        >>> with TemporaryDirectory() as folder:
        ...     learning = learn(names, **options)
        ...     for record in learning:
        ...         if record.step == 10:
        ...             learning.checkpoint(f"{folder}/checkpoint")
        ...     again = learn(names, **options)
        ...     again.resume(f"{folder}/checkpoint")
        10
        >>> [record.step for record in again][0]
        11
        """
        self._states = read_checkpoint(path, self._identity())
        if len(self._states) > len(learnt_parts(self.language_model)):
            raise ModelFileError(f"{path} is damaged: it has more parts than are trained")
        return int(self._states[-1][0]["step"]) if self._states else 0

    def check_is_of(self, path: str | os.PathLike[str]) -> None:
        """OptionError if the model in a file is of another training, and what differs.

        Of how it was trained only the seed is in the file.
        """
        model = load(path)
        settings = replace(self._first_settings, seed=model.report.seed)
        then = identity(model.language_model, model.vocabulary, model.dataset, settings)
        check_same(path, then, self._identity())

    @cached_property
    def _first_settings(self) -> Settings:
        for model in learnt_parts(self.language_model):
            counts = self._counts("train", model)
            assert counts is not None
            return self._settings(model, counts, self.seed)
        return Settings(seed=self.seed)

    def _identity(self) -> dict[str, Any]:
        """What makes this training this one; other parts' settings follow from the first's."""
        settings = self._first_settings
        return identity(self.language_model, self.vocabulary, self.dataset, settings)

    def verdict(self) -> Verdict | None:
        """What the losses say of the `model` that was taken; None where there is no dev."""
        losses, model = self.report.nats_per_token, self._model
        if "dev" not in losses or model is None:
            return None
        dev = self.dataset.split("dev").texts
        seen = sum(self.dataset.known.get(text) == "train" for text in dev)
        if len(dev) < TELLING or 2 * seen > len(dev):
            why = f"{seen} of the {len(dev)} items of dev were trained on"
            if 2 * seen <= len(dev):
                why = f"dev has only {len(dev)} item{'s' * (len(dev) > 1)}"
            return Verdict("unknown", f"can't be judged: {why}")
        curve: list[tuple[int, float]] = []
        if self.run is not None and isinstance(self.language_model, Learnt):
            curve = [(r.step, r.dev_loss) for r in self.run.records if r.dev_loss is not None]
        return verdict(
            losses["train"],
            losses["dev"],
            curve,
            as_if_new=self._train_as_if_new(model),
            free_choice=math.log(len(self.vocabulary)) if self.is_trained else math.inf,
        )

    @staticmethod
    def _train_as_if_new(model: Model) -> float | None:
        """The loss on some items of train, each scored as if it had not been there."""
        texts = model.dataset.split("train").texts
        scores = model.scores(texts[:: max(len(texts) // SAMPLE, 1)])
        if not (scores.as_if_new | scores.in_part).any():
            return None
        return float(scores.nats.sum() / scores.tokens.sum())

    def model(self) -> Model:
        """The model as it is now, with its losses on train and dev; test is not looked at."""
        self._finish()
        self.report.steps, self.report.curve = 0, []
        for run in self._runs:
            before = self.report.steps
            self.report.curve += [
                (before + record.step, record.train_loss, record.dev_loss) for record in run.records
            ]
            self.report.steps += run.step
        model = Model(self.language_model, self.vocabulary, self.dataset, self.report)
        self._model = model
        for split in ("train", "dev"):
            if self.dataset.size(split):
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

    See `train` for the arguments. DataError if the list can't be learnt from, OptionError for
    options that don't fit.

    >>> learning = learn(["anna", "hannah", "nan"] * 9, steps=20, split=(100, 0, 0))
    >>> [record.step for record in learning][-1]
    20
    >>> learning.model().sample(1, seed=3, max_length=9, prefix="an")[0][:2]
    'an'
    """
    is_course = options.get("recipe") == "course"
    usual = "mlp" if is_course else DEFAULT
    chosen = family(usual if model is None else model)
    reading = {name: options.pop(name) for name in READING if name in options}
    training = {name: options.pop(name) for name in TRAINING if name in options}
    check_seed(seed)
    _check_options(chosen, options)
    if is_course:
        options = {k: v for k, v in COURSE.items() if k in chosen.option_names} | options
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
    dataset, vocabulary, remarks = found.dataset, found.vocabulary, found.remarks
    check_block_size(options.get("block_size", 1), len(vocabulary))
    is_large = dataset.size("train") > MANY or len(vocabulary) > LARGE
    if model is None and not training and is_large:
        of_many = family(DEFAULT_OF_MANY)
        chosen = of_many if options.keys() <= set(of_many.option_names) else chosen
    language_model = chosen(len(vocabulary), **options)
    longest = min(longest_block_size(len(vocabulary)), dataset.longest_block_size)
    if language_model.block_size > longest:
        remarks.append(
            f"with {len(vocabulary):,} different tokens a context can have at most {longest} of "
            f"them, so it has {longest} and not {language_model.block_size}, the default"
        )
        language_model = chosen(len(vocabulary), **options, block_size=longest)
    if language_model.needs_dev and not dataset.size("dev"):
        held_out(None)
    if found.longest is not None and found.longest < options.get("block_size", 1):
        remarks.append(
            f"no item is longer than {found.longest} tokens, so a block size of {found.longest} "
            f"would see as much as {block_size}"
        )
    return Learning(language_model, vocabulary, dataset, seed, training, remarks, found.left_out)


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

    `model` is "bigram", "ngram", "neural-bigram", "mlp" or "mixture"; without one it is the
    mixture of ngram and mlp, or ngram with more than 50,000 distinct items or 1,000 tokens. The
    items are split into train, dev and test in the shares `split`, (80, 10, 10), by distinct item;
    or `dev` and `test` are lists of their own and all of `source` is trained on. `words` makes
    tokens of words and not of characters.

    Options for reading: `encoding`; `column` and `weights` of a table (.csv, .tsv) or of JSON
    lines (.jsonl), `format` where the name of the file does not say which; `lower`; `max_length`
    in characters. For the model: `smoothing` (bigram: a number; ngram: also "kneser-ney",
    "witten-bell" or "deleted-interpolation"), `block_size` (ngram, mlp), `embedding_size`,
    `hidden_size`, `direct` connections and `dropout` (mlp), `regularisation` (neural-bigram),
    `mixture` and `share` (mixture, which hands on those of its parts). For its training, see
    `moreish.training.Settings`: `steps` or `minutes`, `batch_size` (or "all"), `optimizer`
    ("adamw", "momentum", "sgd"), `learning_rate`, `schedule` ("cosine", "step", "constant"),
    `warm_up`, `weight_decay`, `momentum`, `patience`, `recipe` ("table", "course"). DataError if
    the list can't be learnt from, OptionError for options that don't fit.

    >>> model = train(["anna", "hannah", "nan"], model="bigram", split=(100, 0, 0))
    >>> round(model.nats_per_token("train"), 3)
    1.076
    """
    learning = learn(
        source, model=model, dev=dev, test=test, split=split, words=words, seed=seed, **options
    )
    for _ in learning:
        pass
    return learning.model()


def find_learning_rate(
    source: Source | None = None,
    *,
    lowest: float | None = None,
    highest: float | None = None,
    points: int = 1_000,
    **options: Any,
) -> Sweep:
    """Try learning rates from low to high on a list, a step each, and suggest one; see `Sweep`.

    `options` are those of `learn`. The model that is trained is thrown away. OptionError for a
    model that is counted.

    >>> sweep = find_learning_rate(["anna", "hannah", "nan"] * 9, points=100, hidden_size=10)
    >>> sweep.lowest <= sweep.suggestion <= sweep.highest
    True
    """
    tried = [
        n for n in ("learning_rate", "schedule", "warm_up", "steps", "minutes") if n in options
    ]
    if tried:
        raise OptionError(
            f"{as_typed(*tried)} can't be set here: rates are tried from the lowest to the "
            f"highest, one a step; see --lowest, --highest and --points"
        )
    learning = learn(source, **options)
    if learning.is_trained:
        learning.training.setdefault("weight_decay", 0.0)  # it would be all there is at high rates
    return sweep(learning.start(), lowest=lowest, highest=highest, points=points)


def _check_options(chosen: type[LanguageModel], options: dict[str, Any]) -> None:
    """OptionError for one that a model does not have; a mixture says so itself."""
    for name in options:
        if name not in chosen.option_names and not issubclass(chosen, Mixed):
            own = as_typed(*chosen.option_names)
            raise OptionError(f"{as_typed(name)} is not an option of {chosen.name}; it has {own}")


def _check_training(model: LanguageModel, training: dict[str, Any], seed: int) -> int:
    """OptionError for settings that can't be, or where nothing is trained; else the model's T."""
    learnt = learnt_parts(model)
    if training and not learnt:
        raise OptionError(
            f"{as_typed(*training)} can't be set for {model.name}: it is counted, not trained"
        )
    for part in learnt:
        Settings.chosen(part.training, seed=seed, **training)
    return model.block_size
