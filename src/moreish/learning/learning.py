"""A list that is ready to be learnt from, and the model that learns: counted or trained."""

import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ..errors import ModelFileError, OptionError
from ..model import Model, load
from ..models import Counted, LanguageModel, Learnt, Mixed, learnt_parts
from ..scoring.diagnosis import Verdict, verdict
from ..text import ContextCounts, Corpus, LeftOut, Vocabulary, longest_in_window
from ..text.dataset import SPLITS, Dataset
from ..training import Record, Run, Settings, begin
from ..training.checkpoint import State, check_same, identity, read_checkpoint, write_checkpoint
from ..training.report import Report
from ..training.settings import WHOLE

__all__ = ["Learning"]

TELLING = 10  # items of dev that tell something of a model
GIB = 2**30  # bytes
SAMPLE = 1_000  # items of train that are scored as if they had not been there


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
    _learnt: list[LanguageModel] = field(init=False, default_factory=list)  # whole parts
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
        return (record for record in self.moves() if record is not None)

    def moves(self) -> Iterator[Record | None]:
        """Fit or train, a step at a time; the record where one is due after a step.

        It may be asked for again when it has broken off: what is learnt stays, and the training
        that broke off goes on. OptionError for settings that can't be, DivergedError where the loss
        became NaN or infinite.
        """
        began = time.perf_counter()
        try:
            model = self.language_model
            for part in model.parts if isinstance(model, Mixed) else [model]:
                if part not in self._learnt:
                    yield from self._learn(part)
                    self._learnt.append(part)
            self._finish()
        finally:
            before = sum(float(about["seconds"]) for about, _ in self._states)
            self.report.seconds = before + time.perf_counter() - began

    def _learn(self, model: LanguageModel) -> Iterator[Record | None]:
        if isinstance(model, Counted):
            counts = self._counts("train", model)
            assert counts is not None
            model.fit(counts, self._counts("dev", model), self._once(model))
        elif isinstance(model, Learnt):
            if self.run is None or self.run.model is not model:
                number = len(self._runs)
                run = self._start(model, self.seed + number)  # two of a kind shall differ
                if number < len(self._states):
                    run.resume(*self._states[number])
                self._runs.append(run)
            yield from self._runs[-1].moves()

    def start(self) -> Run:
        """A run at its beginning: of the model, or of the first part of it that is trained.

        OptionError if all of it is counted. DataError for the course's recipe on a list that is
        too long to be kept.
        """
        for model in learnt_parts(self.language_model):
            return self._start(model, self.seed)
        raise OptionError(f"{self.language_model.name} is counted, not trained")

    def _start(self, model: Learnt, seed: int) -> Run:
        corpus = self._corpus("train", model)
        assert corpus is not None
        settings = self._settings(model, corpus, seed)
        _check_memory(model, settings)
        model.settle(corpus)
        generator = begin(model, settings)
        return Run(model, corpus, self._corpus("dev", model), settings, generator)

    def _settings(self, model: Learnt, corpus: Corpus, seed: int) -> Settings:
        return Settings.chosen(model.training_on(corpus), seed=seed, **self.training)

    def _corpus(self, split: str, model: Learnt) -> Corpus | None:
        """What a model is trained on, and judged by while it is.

        The list as it stands for the course's recipe, for words, of which most contexts come once,
        and for contexts that are too long to be counted; else the table of counts.
        """
        size, T = len(self.vocabulary), model.block_size
        hardly_repeats = self.vocabulary.kind == "words" and T > 1
        is_drawn = (hardly_repeats or longest_in_window(size) < T) and self.dataset.is_whole
        is_drawn = is_drawn and self.training.get("batch_size") != WHOLE
        if not self.dataset.size(split):
            return None
        if is_drawn or self.training.get("recipe") == "course":
            return self.dataset.positions(split, self.vocabulary, T)
        return self._counts(split, model)

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
        >>> from moreish import learn
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
            corpus = self._corpus("train", model)
            assert corpus is not None
            return self._settings(model, corpus, self.seed)
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
        seen = sum(self.dataset.split_of(text) == "train" for text in dev)
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
        documents = self.dataset.documents
        if documents is not None:  # their text is not in the file
            self.report.unknown_nats = model.unknown_nats
            nats = -model.score_samples(self.dataset.split("dev").texts)
            model.dataset = replace(self.dataset, documents=replace(documents, held_out=nats))
        self._model = model
        for split in ("train", "dev"):
            if self.dataset.size(split):
                self.report.nats_per_token[split] = model.nats_per_token(split)
        return model


def _check_memory(model: Learnt, settings: Settings) -> None:
    """OptionError for a network that is too large for this machine: most systems give the memory,
    and kill the process when it is used."""
    batch = settings.batch_size if isinstance(settings.batch_size, int) else 1
    wanted, there = model.bytes_of_training(batch), memory()
    if wanted > there:
        raise OptionError(
            f"a network of {model.parameter_count:,} parameters takes about {wanted / GIB:,.0f} "
            f"GiB while it is trained, and this machine has {there / GIB:,.0f}: a smaller "
            f"--block-size, --hidden-size or --batch-size is wanted"
        )


def memory() -> float:
    """The memory of this machine in bytes; infinite where the system does not say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return math.inf
