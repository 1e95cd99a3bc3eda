"""A training run: everything it is, and the loop that yields a record now and then.

Each step takes a batch, compares the model with what followed, and moves the parameters. The loop
prints nothing and calls nothing back; whoever iterates decides what to do with a record, and may
stop at any time. It chooses by dev, never by test. When a record has come, `state` is all that a
run needs to go on from there, with the same bits, in another process.
"""

import math
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

import numpy as np

from ..engine import rules
from ..engine.generator import STATE, Generator
from ..errors import DivergedError, OptionError
from ..models import Learnt
from ..models.sampled_softmax import Candidates
from ..recording import capture
from ..scoring.evaluate import evaluate
from ..storage.model_file import reading
from ..storage.validation import checked_flag, checked_number, checked_whole, no_others
from ..text import ContextCounts, Corpus, Positions
from ..text.short_repr import brief
from ..torch import Tensor, as_tensor
from .batches import batches_of, in_smallest_numbers
from .optimizing import optimizer_arrays, optimizer_of, restore_optimizer
from .record import Record
from .settings import Settings

LARGEST = sys.float_info.max
LONGEST_SILENCE = 1_000  # steps between two records
LOOK = 20_480  # tokens of dev that are looked at in training, of a list as it stands


@dataclass
class Run:
    """A model, what it learns from, and how far it has come.

    `train` is a table of counts, or the list as it stands, from which places are drawn.
    `generator` draws the batches; without one, the seed after that of the settings does.
    OptionError for settings that don't go with what there is to learn from.
    """

    __repr__ = brief

    model: Learnt
    train: Corpus
    dev: Corpus | None = None
    settings: Settings = field(default_factory=Settings)
    generator: Generator | None = None
    step: int = 0
    seconds: float = 0.0
    records: list[Record] = field(default_factory=list)  # all that have come
    best_loss: float = math.inf
    best_step: int = 0
    best: dict[str, np.ndarray] | None = None
    stopped_early: bool = False  # because dev got no better
    last_loss: float = math.nan  # of the batch of the last step, in nats per token
    _looked_at: int = 0
    _vain_looks: int = 0  # at dev, since it was best
    _has_diverged: bool = False
    _losses: list[float] = field(default_factory=list)  # since the last record

    def __post_init__(self) -> None:
        settings = self.settings
        if settings.patience is not None and self.dev is None:
            raise OptionError("--patience waits for dev to get better, and there is no dev split")
        if isinstance(self.dev, ContextCounts):
            self.dev = in_smallest_numbers(self.dev)
        elif self.dev is not None:
            self.dev = self.dev.beginning(LOOK)
        self._candidates = self._chosen_candidates()
        if self.generator is None:
            self.generator = Generator().manual_seed(settings.seed + 1)
        self._optimizer = optimizer_of(self.model, settings)
        self._batches = batches_of(self.train, self.model, settings, self.generator)
        self._step = capture(self._whole_step)

    def _chosen_candidates(self) -> Candidates | None:
        """What the sampled softmax draws from; None where it isn't wanted."""
        if self.settings.softmax == "full":
            return None
        if not isinstance(self.train, Positions):
            raise OptionError(
                "the sampled softmax is for lists of words that are drawn line by line: leave out "
                "--softmax sampled"
            )
        return Candidates(self.train.frequencies)

    def __iter__(self) -> Iterator[Record]:
        """Train to the end; the parameters that did best on dev are the ones that stay.

        Whoever stops early calls `finish`. DivergedError where the loss became NaN or infinite;
        the best parameters so far stay.
        """
        return (record for record in self.moves() if record is not None)

    def moves(self) -> Iterator[Record | None]:
        """Train to the end, a step at a time; the record where one is due after a step.

        Between two steps `settings` may be others, as with another learning rate. DivergedError
        where the loss became NaN or infinite.
        """
        began = time.perf_counter() - self.seconds
        while not self._is_done():
            settings, steps = self.settings, self._steps()
            rate = settings.learning_rate * settings.factor(self.step, steps)
            with np.errstate(over="ignore", invalid="ignore"):  # said below, in a sentence
                loss = self._move(rate)
            self.seconds = time.perf_counter() - began
            if not math.isfinite(loss):
                self._diverge()
            self._losses.append(loss)
            self.last_loss = loss
            yield self._record(rate) if self._is_record_due() else None
            began = time.perf_counter() - self.seconds
        self.finish()

    def _move(self, learning_rate: float) -> float:
        """One step; the loss before it, without the penalty."""
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        batches = list(self._batches.next(self.step))
        self.step += 1
        if len(batches) == 1:
            drawn = self._drawn(batches[0].followed)
            return float(self._step(*batches[0].tensors(), *drawn).item())
        self._optimizer.zero_grad()
        loss = sum(float(self._backward(*batch.tensors()).item()) for batch in batches)
        self._finish_step()
        return loss

    def _drawn(self, followed: np.ndarray) -> tuple[Tensor, ...]:
        """(B,) what followed → what is drawn for the sampled softmax, which else is nothing."""
        if self._candidates is None or self.generator is None:
            return ()
        return tuple(map(as_tensor, self._candidates.draw(followed, self.generator)))

    def _whole_step(self, *batch: Tensor) -> Tensor:
        """A step of one batch: what is recorded once and replayed after, to the same bits."""
        self._optimizer.zero_grad()
        loss = self._backward(*batch)
        self._finish_step()
        return loss

    def _backward(self, contexts: Tensor, followed: Tensor, *rest: Tensor) -> Tensor:
        """Add the gradient of a batch to the parameters'; its loss.

        The rest are (B,) weights, or what the sampled softmax drew.
        """
        if self._candidates is not None:
            loss = self.model.sampled_loss(contexts, followed, *rest).mean()
        else:
            losses = rules.cross_entropy(self.model.logits(contexts), followed)
            loss = (losses * rest[0]).sum() if rest else losses.mean()
        loss.backward()
        return loss

    def _finish_step(self) -> None:
        """Add the gradient of the penalty, and move the parameters."""
        penalty = self.model.penalty()
        if penalty is not None:
            penalty.backward()
        self._optimizer.step()

    # ---- how long

    def _is_done(self) -> bool:
        settings = self.settings
        if self.stopped_early:
            return True
        if settings.minutes is not None:
            return self.seconds >= 60 * settings.minutes
        return self.step >= self._steps()

    def _steps(self) -> int:
        """How many steps there will be; where the clock decides, at this pace."""
        if self.settings.steps is not None:
            return self.settings.steps
        if not self.step or self._is_done():
            return max(self.step, 1)
        return self.step + math.ceil(
            self.step * (60 * (self.settings.minutes or 0) / self.seconds - 1)
        )

    def _is_record_due(self) -> bool:
        settings = self.settings
        if settings.minutes is None:
            steps = self._steps()
            every = min(max(steps // settings.records, 1), LONGEST_SILENCE)
            return self.step % every == 0 or self.step == steps
        last = self.records[-1] if self.records else None
        silent = self.step - (last.step if last else 0)
        waited = self.seconds - (last.seconds if last else 0.0)
        every_second = 60 * settings.minutes / settings.records
        return silent >= LONGEST_SILENCE or waited >= every_second or self._is_done()

    # ---- what is best

    def _record(self, rate: float) -> Record:
        train_loss = sum(self._losses) / len(self._losses)
        self._losses.clear()
        dev_loss = self._look()
        patience = self.settings.patience
        self.stopped_early = patience is not None and self._vain_looks >= patience
        record = Record(self.step, self._steps(), rate, train_loss, dev_loss, self.seconds)
        self.records.append(record)
        return record

    def finish(self) -> None:
        """Put the parameters that did best on dev into the model; without dev, the latest stay.

        DivergedError if nothing can be computed from them.
        """
        if self.dev is not None and self._looked_at != self.step:
            self._look()
        if self.best is not None and (self.dev is not None or self._has_diverged):
            self.model.restore(self.best)

    def _look(self) -> float | None:
        """The loss on dev, if there is one; the parameters are kept if they are the best yet.

        Without dev, the latest that are numbers are kept.
        """
        self._looked_at = self.step
        dev_loss = None
        if self.dev is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                dev_loss = evaluate(self.model, self.dev, unknown=0.0).nats_per_token
        try:
            self.model.check()
        except ValueError:
            self._diverge()
        if not math.isfinite(dev_loss or 0.0):
            self._diverge()
        arrays = self.model.arrays()
        self._vain_looks += 1
        if dev_loss is None or dev_loss < self.best_loss:
            self.best, self.best_step, self._vain_looks = arrays, self.step, 0
            self.best_loss = math.inf if dev_loss is None else dev_loss
        return dev_loss

    def _diverge(self) -> NoReturn:
        self._looked_at, self._has_diverged = self.step, True
        self.finish()
        raise DivergedError(
            f"the loss became NaN or infinite after {self.step:,} steps: the learning rate "
            f"{self.settings.learning_rate:g} is too high for this list; `moreish find-lr` "
            f"suggests one"
        )

    # ---- go on in another process

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """What JSON can say and the arrays from which `resume` goes on with the same bits.

        RuntimeError if it is asked for between two records.
        """
        if self._losses:
            raise RuntimeError("a state is taken when a record has come, not between two")
        about = {
            "step": self.step,
            "seconds": self.seconds,
            "best_loss": self.best_loss if math.isfinite(self.best_loss) else None,
            "best_step": self.best_step,
            "vain_looks": self._vain_looks,
            "stopped_early": self.stopped_early,
            "records": [asdict(record) for record in self.records],
        }
        arrays = {name: own.get_state() for name, own in self._generators().items()}
        for name, parameter in self.model.parameters.items():
            arrays[f"parameter/{name}"] = parameter.detach().numpy().copy()
        for name, array in optimizer_arrays(self._optimizer, self.model).items():
            arrays[f"optimizer/{name}"] = array
        for name, array in (self.best or {}).items():
            arrays[f"best/{name}"] = array
        return about, arrays

    def resume(self, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Be where another run of the same data and settings was when it gave this `state`.

        ModelFileError if it is no such state.
        """
        with reading("the checkpoint"):
            for name, generator in self._generators().items():
                state = checked_whole(name, arrays[name], (STATE.itemsize,), end=256)
                generator.set_state(state.astype(np.uint8))
            self.best = _part(arrays, "best") or None
            if self.best is not None:
                self.model.restore(self.best)
            self.model.restore(_part(arrays, "parameter"))
            self._restore_progress(about)
            restore_optimizer(
                self._optimizer, self.settings, self.model, _part(arrays, "optimizer"), self.step
            )
            no_others("it", arrays, self.state()[1])

    def _restore_progress(self, about: Mapping[str, Any]) -> None:
        """How far it had come. ValueError for what can't be."""
        steps = math.inf if self.settings.steps is None else self.settings.steps
        self.step = checked_number("step", about["step"], whole=True, least=1, most=steps)
        self.seconds = checked_number("seconds", about["seconds"], least=0, most=LARGEST)
        self.best_loss = math.inf
        if about["best_loss"] is not None:
            self.best_loss = checked_number("best_loss", about["best_loss"], least=0, most=LARGEST)
        for name in ("best_step", "vain_looks"):
            checked_number(name, about[name], whole=True, least=0, most=self.step)
        self.best_step, self._vain_looks = about["best_step"], about["vain_looks"]
        self.stopped_early = checked_flag("stopped_early", about["stopped_early"])
        self.records = [Record(**record) for record in about["records"]]
        for record in self.records:
            for name, value in vars(record).items():
                if value is not None or name != "dev_loss":
                    whole = name in ("step", "steps")
                    checked_number(name, value, whole=whole, least=0, most=LARGEST)
        self._looked_at = self.step

    def _generators(self) -> dict[str, Generator]:
        """What is drawn from, by name."""
        assert self.generator is not None
        named = {"generator": self.generator, "model generator": self.model.generator}
        return {name: generator for name, generator in named.items() if generator is not None}


def _part(arrays: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {k.removeprefix(f"{name}/"): a for k, a in arrays.items() if k.startswith(f"{name}/")}
