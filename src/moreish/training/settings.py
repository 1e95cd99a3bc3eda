"""Settings: how to train, and which options go together.

It knows names and numbers only, no model and no list.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from ..errors import OptionError
from .schedules import SCHEDULES

MOST_MINUTES = 1_000_000  # two years
WHOLE = "all"  # the batch size that is the whole table
# What follows from the choice of an optimizer, chosen on dev.
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"learning_rate": 1.0, "weight_decay": 0.0},
    "momentum": {"learning_rate": 0.3, "weight_decay": 0.0},
    "adamw": {"learning_rate": 0.01, "weight_decay": 0.1},
}
RECIPES: dict[str, dict[str, Any]] = {
    "table": {},
    "course": {
        "optimizer": "sgd",
        "schedule": "step",
        "steps": 200_000,
        "batch_size": 32,
        "learning_rate": 0.1,
        "weight_decay": 0.0,
        "warm_up": 0,
    },
}


@dataclass(frozen=True)
class Settings:
    """How to train; the defaults were chosen on dev. OptionError for what can't be.

    >>> Settings(steps=100).batch_size
    256
    """

    steps: int | None = 3_000  # None where the clock decides
    minutes: float | None = None  # of training, in place of steps
    batch_size: int | str = 256  # contexts a step, or "all"
    optimizer: str = "adamw"
    learning_rate: float = 0.01  # the highest; the schedule says how it rises and falls
    schedule: str = "cosine"
    warm_up: int | None = None  # steps; None: 50, but at most a tenth of all
    weight_decay: float = 0.1  # of weights and embeddings, not of biases
    momentum: float = 0.9  # of the optimizer "momentum"
    patience: int | None = None  # looks at dev in a row that are no better, before it stops
    records: int = 50  # how often dev is looked at
    recipe: str = "table"  # "course": examples are drawn, and all parameters begin as N(0, 1)
    softmax: str = "full"  # "sampled": a step looks at few of the tokens
    seed: int = 1

    @classmethod
    def chosen(cls, usual: Mapping[str, Any] | None = None, **options: Any) -> Self:
        """Settings of the options given, where others follow from the recipe and the optimizer.

        `usual` are those that a model has as its own; they give way to all others. OptionError for
        settings that don't go together.

        >>> Settings.chosen(optimizer="sgd").weight_decay
        0.0
        >>> Settings.chosen(recipe="course").steps
        200000
        """
        recipe = options.get("recipe", "table")
        _check_name("recipe", recipe, RECIPES)
        if recipe == "course" and options.get("batch_size") == WHOLE:
            raise OptionError("the course's recipe draws examples, so --batch-size all can't be")
        following = dict(RECIPES[recipe] or usual or {})
        if options.get("minutes") is not None and options.get("steps") is None:
            following["steps"] = None
        expected = following.get("optimizer", "adamw")
        optimizer = options.get("optimizer", expected)
        _check_name("optimizer", optimizer, OPTIMIZERS)
        if "momentum" in options and optimizer != "momentum":
            raise OptionError(f"--momentum goes with --optimizer momentum, and it is {optimizer}")
        if optimizer != expected:
            following |= OPTIMIZERS[optimizer]
        return cls(**following | options)

    def __post_init__(self) -> None:
        _check_name("recipe", self.recipe, RECIPES)
        _check_name("optimizer", self.optimizer, OPTIMIZERS)
        _check_name("schedule", self.schedule, SCHEDULES)
        _check_name("softmax", self.softmax, ("full", "sampled"))
        if (self.steps is None) == (self.minutes is None):
            raise OptionError("how long to train is said in --steps or in --minutes, not in both")
        if self.minutes is not None and not 0 < self.minutes <= MOST_MINUTES:
            raise OptionError(
                f"minutes must be more than 0, got {self.minutes} ({MOST_MINUTES:,} at most)"
            )
        if isinstance(self.batch_size, str) and self.batch_size != WHOLE:
            raise OptionError(
                f"the batch size is a number of contexts or {WHOLE!r}, got {self.batch_size!r}"
            )
        for name in ("steps", "batch_size", "records", "patience"):
            number = getattr(self, name)
            if isinstance(number, int) and number < 1:
                raise OptionError(f"{name.replace('_', ' ')} must be 1 or more, got {number}")
        for name in ("learning_rate", "weight_decay"):
            if not 0 <= getattr(self, name) < math.inf:
                raise OptionError(
                    f"the {name.replace('_', ' ')} must be 0 or more, got {getattr(self, name)}"
                )
        if not 0 <= self.momentum < 1:
            raise OptionError(f"the momentum must be 0 or more and below 1, got {self.momentum}")
        if self.warm_up is not None and not 0 <= self.warm_up < (self.steps or math.inf):
            raise OptionError(
                f"the warm-up must be 0 or more and shorter than the {self.steps:,} steps of "
                f"training, got {self.warm_up:,}"
                if self.steps is not None
                else f"the warm-up must be 0 steps or more, got {self.warm_up:,}"
            )

    @property
    def warm_up_steps(self) -> int:
        """The steps in which the learning rate rises."""
        if self.warm_up is not None:
            return self.warm_up
        return 50 if self.steps is None else min(50, self.steps // 10)

    def factor(self, step: float, steps: float) -> float:
        """The share of the learning rate at `step` of `steps`, as the schedule has it."""
        return SCHEDULES[self.schedule](step, steps, self.warm_up_steps)

    def options(self) -> dict[str, Any]:
        """All of them by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _check_name(what: str, name: Any, there_are: Iterable[str]) -> None:
    if name not in there_are:
        raise OptionError(f"there is no {what} {name!r}; there are {', '.join(there_are)}")
