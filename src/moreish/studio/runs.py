"""A run: one training, and all that came of it as an append-only log.

Whoever reads a log keeps the number of the last row that came and asks for what follows. So nothing
is lost by a reader that was away, and no reader is known here. `steps` does the work a step at a
time and says how long to wait after each: a thread takes them on a server, a web worker in a page
without one. In between, a run can be paused, slowed down and given another learning rate.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import DivergedError, MoreishError, OptionError
from ..learning import Learning
from ..model import Model
from ..models.mlp import MLP
from ..rows import Row, finite
from ..serve.answers import as_sentence
from ..text.dataset import SPLITS
from ..training import change, go_back
from .inside import Inside

PAUSE = 0.05  # seconds after which a run that waits looks whether it may go on
SLOW = 0.1  # seconds a step, of which each can be seen
LOOK = 0.5  # seconds between two looks inside, which are taken less often in a long training:
LOOKS = 100  # after so many the time is as long again
SLOWEST = 10.0  # seconds between two steps


@dataclass
class Steering:
    """How a run is driven, as set from outside."""

    paused: bool = False
    steps: int = 0  # that are taken while it is paused
    slower: float = 0.0  # seconds to wait after each step
    waits_when_diverged: bool = False  # for somebody who says where to go back to
    changes: dict[str, float] = field(default_factory=dict)  # not yet taken over


@dataclass
class Run:
    """A training from its beginning to its end, or a model that came from a file."""

    id: str
    name: str  # of the list
    learn: Callable[[], Learning] | None = field(default=None, repr=False)
    log: list[Row] = field(default_factory=list, repr=False)
    stop: bool = False  # set from outside; the step that is being taken is the last
    steering: Steering = field(default_factory=Steering, repr=False)
    is_steered: bool = False  # a command could not do the same again
    model: Model | None = field(default=None, repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return bool(self.log) and self.log[-1]["kind"] == "ended"

    @property
    def trained(self) -> Model:
        """The model, which is there at the end. OptionError where there is none."""
        if self.model is None:
            state = "was not learnt" if self.has_ended else "is still being learnt: wait, or stop"
            raise OptionError(f"the model of this run {state}")
        return self.model

    @cached_property
    def trained_tokens(self) -> tuple[np.ndarray, np.ndarray]:
        """(N,) the tokens of what was trained on, a 0 after each item, and (N,) whose each is."""
        model = self.trained
        tokens = model.vocabulary.encode(model.dataset.split("train").texts)
        return tokens, np.cumsum(tokens == 0) - (tokens == 0)

    def steps(self) -> Iterator[float]:
        """Do the work, a step at a time; after each it says how many seconds to wait."""
        assert self.learn is not None
        learning = None
        try:
            if self.stop:
                self._end("stopped", error="Stopped before it began.")
                return
            learning = self.learn()
            self.log.append({"kind": "begun", **about(learning)})
            yield from self._learnt(learning)
            self._keep(learning, "stopped" if self.stop else "done")
        except DivergedError as error:
            if learning is not None and learning.run is not None and learning.run.best_step:
                step = learning.run.best_step
                sentence = f"{error}. The model is the best so far, of step {step:,}"
                self._keep(learning, "diverged", _told(sentence))
            else:
                self._end("failed", error=_told(str(error)))
        except MoreishError as error:
            self._end("failed", error=as_sentence(str(error)))
        except MemoryError:
            self._end("failed", error="There is not enough memory: try a shorter list.")
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            self._end("failed", error=f"This went wrong inside moreish ({what}).")

    def _learnt(self, learning: Learning) -> Iterator[float]:
        """Take step after step, until it is done or to be stopped."""
        steering, moves = self.steering, learning.moves()
        looks = _Looks(learning)
        while not self.stop:
            if steering.paused and not steering.steps:
                self._see(looks.as_it_stands())
                yield PAUSE
                continue
            self._change(learning)
            is_single = steering.paused or steering.slower >= SLOW
            looks.before_a_step(is_single)
            try:
                record = next(moves)
            except StopIteration:
                self._see(looks.as_it_stands(is_last=True))
                return
            except DivergedError as error:
                if not steering.waits_when_diverged:
                    raise
                yield from self._gone_back(learning, error)
                moves, looks = learning.moves(), _Looks(learning)
                continue
            steering.steps = max(steering.steps - 1, 0)
            if record is not None:
                self.log.append({"kind": "record", **finite(vars(record))})
            self._see(looks.after_a_step())
            yield steering.slower

    def _see(self, row: Row | None) -> None:
        if row is not None:
            self.log.append({"kind": "look", **row})

    def _change(self, learning: Learning) -> None:
        """Take over what was set from outside since the last step."""
        run = learning.run
        if run is None or not self.steering.changes:
            return
        changes, self.steering.changes = self.steering.changes, {}
        changes.pop("back", None)  # there is nothing to go back from
        if not isinstance(run.model, MLP):
            changes.pop("dropout", None)
        if not changes:
            return
        self.is_steered = True
        change(run, **changes)
        self.log.append({"kind": "change", "step": run.step, **changes})

    def _gone_back(self, learning: Learning, error: DivergedError) -> Iterator[float]:
        """Wait until somebody says with which learning rate to go on from the best step."""
        run, steering = learning.run, self.steering
        assert run is not None
        steering.changes.clear()
        said = {"step": run.step, "best_step": run.best_step, "error": _told(str(error))}
        self.log.append({"kind": "diverged", **said})
        while "back" not in steering.changes:
            if self.stop:
                raise error
            yield PAUSE
        rate = steering.changes.pop("back")
        self.is_steered = True
        go_back(run, rate)
        self.log.append({"kind": "back", "step": run.step, "learning_rate": rate})

    def steer(self, **wanted: Any) -> None:
        """Pause, take single steps, go slower, change the learning rate or the dropout, or go back
        after the loss diverged, to the best step with another learning rate.

        OptionError for what can't be.
        """
        steering = self.steering
        checked = {name: value for name, value in wanted.items() if value is not None}
        for name, (least, most) in BOUNDS.items():
            if name in checked and not least <= checked[name] <= most:
                what = name.replace("_", " ")
                raise OptionError(f"{what}: {least:g} to {most:g} was wanted, got {checked[name]}")
        for name in ("paused", "steps", "slower"):
            if name in checked:
                setattr(steering, name, checked.pop(name))
        steering.changes = {**steering.changes, **checked}

    def take(self, model: Model) -> None:
        """A model that was learnt before is all of this run."""
        self.log.append({"kind": "begun", **about(model)})
        self._done(model, "opened", None)

    def _keep(self, learning: Learning, how: str, error: str | None = None) -> None:
        model = learning.model()
        said = learning.verdict()
        verdict = None if said is None else _told(said.sentence)
        self._done(model, how, verdict, error)

    def _done(self, model: Model, how: str, verdict: str | None, error: str | None = None) -> None:
        self.model = replace(model)  # whose caches are its own
        self._end(
            how,
            error=error,
            verdict=verdict,
            is_steered=self.is_steered,
            parameters=model.language_model.parameter_count,
            seconds=model.report.seconds,
            nats_per_token=finite(model.report.nats_per_token),
        )

    def _end(self, how: str, error: str | None = None, **more: object) -> None:
        self.log.append({"kind": "ended", "how": how, "error": error, **more})


BOUNDS = {  # of what can be set while a run goes on
    "steps": (0, 1_000),
    "slower": (0, SLOWEST),
    "learning_rate": (0, 1e6),
    "dropout": (0, 0.95),
    "back": (0, 1e6),
}


class _Looks:
    """When to look inside a training, and what was seen."""

    def __init__(self, learning: Learning) -> None:
        self.learning = learning
        self._inside: Inside | None = None
        self._next = 0.0
        self._count = 0
        self._is_due = False
        self._seen = -1  # the step after which it was looked at last

    def before_a_step(self, is_single: bool) -> None:
        """Whether to look after the step: always, if steps are taken singly."""
        run = self.learning.run
        self._is_due = run is not None and (is_single or time.monotonic() >= self._next)
        if run is None or not self._is_due:
            return
        if self._inside is None or self._inside.run is not run:
            self._inside = Inside(run, self.learning.vocabulary)
        self._inside.before_a_step()

    def after_a_step(self) -> Row | None:
        """What is seen, if it is due."""
        if not self._is_due or self._inside is None:
            return None
        self._count += 1
        self._next = time.monotonic() + LOOK * (1 + self._count // LOOKS)
        return self._look(self._inside)

    def as_it_stands(self, is_last: bool = False) -> Row | None:
        """What is seen of a network that rests, if that was not seen after its last step; of the
        one that stays in the end in any case, as it is that of the best step."""
        if self._inside is None or (self._seen == self._inside.run.step and not is_last):
            return None
        self._inside.forget()
        return self._look(self._inside)

    def _look(self, inside: Inside) -> Row:
        self._seen = inside.run.step
        return inside.look()


def _told(sentence: str) -> str:
    """A sentence as the page says it, where the range test is a button."""
    return as_sentence(re.sub("`moreish find-lr`|find-lr", "the range test", sentence))


def about(made: Learning | Model) -> Row:
    """What is known of a training at its beginning, or of a model that was learnt before.

    >>> from moreish import learn
    >>> about(learn(["anna", "hannah"], model="bigram", split=(100, 0, 0)))["items"]
    {'train': 2, 'dev': 0, 'test': 0}
    """
    return {
        "model": made.language_model.name,
        "items": {split: made.dataset.size(split) for split in SPLITS},
        "tokens": len(made.vocabulary.tokens),
        "tokens_are": made.vocabulary.kind,
        "block_size": made.language_model.block_size,
    }
