"""A training run: everything it is, and the loop that yields a record now and then.

Each step draws contexts from the table of counts, as often as they come in the list, and compares
the model with everything that followed them there: the gradient is unbiased for the whole list,
and less noisy than one of drawn examples. The loop prints nothing and calls nothing back; whoever
iterates decides what to do with a record, and may stop at any time. It chooses by dev, never by
test.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ..engine import Tensor, capture, from_numpy, rules
from ..engine.generator import Generator
from ..errors import DataError, OptionError
from ..evaluate import evaluate
from ..models import Learnt
from ..optim import AdamW, cosine
from ..text import ContextCounts, gather_rows

LONGEST_SILENCE = 1_000  # steps between two records


@dataclass(frozen=True)
class Settings:
    """How to train; the defaults were chosen on dev."""

    steps: int = 3_000
    batch_size: int = 256  # contexts a step
    learning_rate: float = 0.01  # the highest; it warms up to it and then falls to 0
    weight_decay: float = 0.1  # of weights and embeddings, not of biases
    warm_up: int = 50  # steps
    records: int = 50  # how often dev is looked at
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "records"):
            if getattr(self, name) < 1:
                raise OptionError(
                    f"{name.replace('_', ' ')} must be 1 or more, got {getattr(self, name)}"
                )
        for name in ("learning_rate", "weight_decay"):
            if not 0 <= getattr(self, name) < math.inf:
                raise OptionError(
                    f"the {name.replace('_', ' ')} must be 0 or more, got {getattr(self, name)}"
                )


@dataclass(frozen=True)
class Record:
    """Where a run stands after `step` of `steps`; losses in nats per token."""

    step: int
    steps: int
    learning_rate: float
    train_loss: float  # of the batches since the last record
    dev_loss: float | None  # None where there is no dev split
    seconds: float  # of training so far


@dataclass
class Run:
    """A model, the counts it learns from, and how far it has come."""

    model: Learnt
    train: ContextCounts
    dev: ContextCounts | None = None
    settings: Settings = field(default_factory=Settings)
    step: int = 0
    seconds: float = 0.0
    best_loss: float = math.inf
    best: dict[str, np.ndarray] | None = None
    _looked_at: int = 0

    def __iter__(self) -> Iterator[Record]:
        """Train to the end; the parameters that did best on dev are the ones that stay.

        Whoever stops early calls `finish`. DataError where the loss is no number any more; the
        best parameters so far stay.
        """
        settings = self.settings
        parameters = self.model.parameters
        biases = [p for name, p in parameters.items() if name.endswith("bias")]
        weights = [p for name, p in parameters.items() if not name.endswith("bias")]
        optimizer = AdamW(
            [
                {"params": weights, "weight_decay": settings.weight_decay},
                {"params": biases, "weight_decay": 0.0},
            ]
        )
        draw = _Batches(self.train, settings)

        @capture
        def move(contexts: np.ndarray, followed: np.ndarray) -> Tensor:
            """One step; the loss before it."""
            logits = self.model.logits(contexts)
            loss: Tensor = rules.cross_entropy(logits, from_numpy(followed)).mean()
            penalty = self.model.penalty()
            optimizer.zero_grad()
            (loss if penalty is None else loss + penalty).backward()
            optimizer.step()
            return loss

        every = min(max(settings.steps // settings.records, 1), LONGEST_SILENCE)
        losses: list[float] = []
        began = time.perf_counter()
        while self.step < settings.steps:
            factor = cosine(self.step, settings.steps, min(settings.warm_up, settings.steps // 10))
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate * factor
            with np.errstate(over="ignore", invalid="ignore"):  # said below, in a sentence
                losses.append(float(move(*draw.next()).item()))
            self.step += 1
            if self.step % every == 0 or self.step == settings.steps:
                train_loss = sum(losses) / len(losses)
                losses.clear()
                dev_loss = self._look(train_loss)
                self.seconds = time.perf_counter() - began
                yield Record(
                    self.step,
                    settings.steps,
                    settings.learning_rate * factor,
                    train_loss,
                    dev_loss,
                    self.seconds,
                )
        self.finish()

    def finish(self) -> None:
        """Put the parameters that did best on dev into the model; without dev, the latest stay."""
        if self.dev is not None and self._looked_at != self.step:
            self._look(0.0)
        if self.best is not None:
            self.model.restore(self.best)

    def _look(self, train_loss: float) -> float | None:
        """The loss on dev, if there is one; the parameters are kept if they are the best yet."""
        dev_loss = None
        self._looked_at = self.step
        if self.dev is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                dev_loss = evaluate(self.model, self.dev, unknown=0.0).nats_per_token
        if not math.isfinite(train_loss) or not math.isfinite(dev_loss or 0.0):
            self.finish()
            raise DataError(
                f"the loss is no number any more after {self.step} steps: the learning rate "
                f"{self.settings.learning_rate:g} is too high for this list"
            )
        if dev_loss is not None and dev_loss < self.best_loss:
            self.best_loss, self.best = dev_loss, self.model.arrays()
        return dev_loss


class _Batches:
    """Contexts drawn as often as they come, each with the shares of what followed it."""

    def __init__(self, counts: ContextCounts, settings: Settings) -> None:
        self.counts = counts
        self.size = settings.batch_size
        self.totals = counts.totals
        self.reach = np.cumsum(self.totals) / self.totals.sum()
        self.generator = Generator().manual_seed(settings.seed + 1)
        self.vocabulary_size = counts.vocabulary_size
        self.whole = None
        if self.size >= len(counts):
            times = len(counts) / self.totals.sum()
            self.whole = counts.contexts, (counts.dense() * times).astype(np.float32)

    def next(self) -> tuple[np.ndarray, np.ndarray]:
        """(B, T) contexts and (B, V) float32 shares.

        One draw from each of B equal parts of the list: the same expectation as B draws from
        all of it, and less variance. Where there are no more than B contexts it is all of them,
        each with the weight that it has in the list.
        """
        if self.whole is not None:
            return self.whole
        draws = (np.arange(self.size) + self.generator.rand((self.size,))) / self.size
        rows = np.searchsorted(self.reach, draws).clip(max=len(self.counts) - 1)
        counts = self.counts
        which, places = gather_rows(counts.starts, rows)
        shares = np.zeros((self.size, self.vocabulary_size), dtype=np.float32)
        shares[which, counts.tokens[places]] = counts.counts[places] / self.totals[rows][which]
        return counts.contexts[rows], shares
