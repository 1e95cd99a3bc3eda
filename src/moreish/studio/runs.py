"""A run: one training, and all that came of it as an append-only log.

Whoever reads a log keeps the number of the last row that came and asks for what follows. So nothing
is lost by a reader that was away, and no reader is known here. `steps` does the work a record at a
time: a thread takes them on a server, a web worker in a page without one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ..errors import DivergedError, MoreishError, OptionError
from ..learning import Learning
from ..model import Model
from ..rows import Row, finite
from ..serve.answers import as_sentence
from ..text.dataset import SPLITS


@dataclass
class Run:
    """A training from its beginning to its end, or a model that came from a file."""

    id: str
    name: str  # of the list
    learn: Callable[[], Learning] | None = field(default=None, repr=False)
    log: list[Row] = field(default_factory=list, repr=False)
    stop: bool = False  # set from outside; the record that comes next is the last
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

    def steps(self) -> Iterator[None]:
        """Do the work; each time it yields, one row more is in the log."""
        assert self.learn is not None
        learning = None
        try:
            if self.stop:
                self._end("stopped", error="Stopped before it began.")
                return
            learning = self.learn()
            self.log.append({"kind": "begun", **about(learning)})
            for record in learning:
                self.log.append({"kind": "record", **finite(vars(record))})
                yield
                if self.stop:
                    break
            self._keep(learning, "stopped" if self.stop else "done")
        except DivergedError as error:
            if learning is not None and learning.run is not None and learning.run.best_step:
                step = learning.run.best_step
                sentence = f"{error}. The model is the best so far, of step {step:,}"
                self._keep(learning, "diverged", as_sentence(sentence))
            else:
                self._end("failed", error=as_sentence(str(error)))
        except MoreishError as error:
            self._end("failed", error=as_sentence(str(error)))
        except MemoryError:
            self._end("failed", error="There is not enough memory: try a shorter list.")
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            self._end("failed", error=f"This went wrong inside moreish ({what}).")

    def take(self, model: Model) -> None:
        """A model that was learnt before is all of this run."""
        self.log.append({"kind": "begun", **about(model)})
        self._done(model, "opened", None)

    def _keep(self, learning: Learning, how: str, error: str | None = None) -> None:
        model = learning.model()
        said = learning.verdict()
        verdict = None if said is None else as_sentence(said.sentence)
        self._done(model, how, verdict, error)

    def _done(self, model: Model, how: str, verdict: str | None, error: str | None = None) -> None:
        self.model = replace(model)  # whose caches are its own
        self._end(
            how,
            error=error,
            verdict=verdict,
            parameters=model.language_model.parameter_count,
            seconds=model.report.seconds,
            nats_per_token=finite(model.report.nats_per_token),
        )

    def _end(self, how: str, error: str | None = None, **more: object) -> None:
        self.log.append({"kind": "ended", "how": how, "error": error, **more})


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
