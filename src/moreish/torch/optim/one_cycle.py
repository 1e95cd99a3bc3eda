"""OneCycleLR: one rise and one long fall of the learning rate."""

import math
from collections.abc import Sequence
from typing import Any

from .optimizer import Group, Optimizer
from .scheduler import LRScheduler

Each = float | Sequence[float]  # one number for all groups, or one for each


class OneCycleLR(LRScheduler):
    """Up from `max_lr` / `div_factor` to `max_lr`, and down to far below where it began.

    The rise takes `pct_start` of the steps, and the fall the rest; with `three_phase` the first
    fall takes as long as the rise. Rates follow half a cosine, or a line. With `cycle_momentum` the
    momentum, or the first of the betas, goes down and up as the rate goes up and down. `step()` is
    called after each batch, `total_steps` or `epochs` * `steps_per_epoch` times in all.

    ValueError for options that can't be, and a step too many.

    Source: L. N. Smith, N. Topin, "Super-Convergence: Very Fast Training of Neural Networks Using
    Large Learning Rates", 2017.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            _check_whole(epochs=epochs, steps_per_epoch=steps_per_epoch)
            total_steps = (epochs or 0) * (steps_per_epoch or 0)
        _check_whole(total_steps=total_steps)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"pct_start is a float from 0 to 1, got {pct_start!r}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy is 'cos' or 'linear', got {anneal_strategy!r}")
        self.total_steps = total_steps
        self._schedule_phases = _phases(float(pct_start * total_steps), total_steps, three_phase)
        self._anneal_func_type = anneal_strategy
        highest = _one_a_group("max_lr", max_lr, optimizer)
        if last_epoch == -1:
            for group, rate in zip(optimizer.param_groups, highest, strict=True):
                group |= {"initial_lr": rate / div_factor, "max_lr": rate}
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._begin_momentum(optimizer, base_momentum, max_momentum, last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def _begin_momentum(self, optimizer: Optimizer, base: Each, most: Each, is_new: bool) -> None:
        if not {"momentum", "betas"} & set(optimizer.defaults):
            raise ValueError("cycle_momentum wants an optimizer with a momentum or betas")
        self.use_beta1 = "betas" in optimizer.defaults
        lowest = _one_a_group("base_momentum", base, optimizer)
        highest = _one_a_group("max_momentum", most, optimizer)
        if is_new:
            for group, low, high in zip(optimizer.param_groups, lowest, highest, strict=True):
                group |= {"max_momentum": high, "base_momentum": low}
                self._set_momentum(group, high)

    def _set_momentum(self, group: Group, momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum

    def _rate(self, number: int, group: Group) -> float:
        if self.last_epoch > self.total_steps:
            raise ValueError(
                f"the cycle has {self.total_steps} steps, and this is step {self.last_epoch}"
            )
        start = 0.0
        for phase in self._schedule_phases:  # the one that the step is in, or the last
            if self.last_epoch <= phase["end_step"] or phase is self._schedule_phases[-1]:
                break
            start = phase["end_step"]
        done = (self.last_epoch - start) / (phase["end_step"] - start)
        if self.cycle_momentum:
            ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
            self._set_momentum(group, self._between(*ends, done))
        return self._between(group[phase["start_lr"]], group[phase["end_lr"]], done)

    def _between(self, start: float, end: float, done: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * done + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * done) + 1)


def _phases(rise: float, total: int, three: bool) -> list[dict[str, Any]]:
    """Where each phase ends, and the names of what it goes from and to."""
    names = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
    up = (rise - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum")
    down = (total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")
    back = (2 * rise - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum")
    out = (total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")
    phases = (up, back, out) if three else (up, down)
    return [dict(zip(names, phase, strict=True)) for phase in phases]


def _one_a_group(name: str, given: Each, optimizer: Optimizer) -> list[float]:
    groups = len(optimizer.param_groups)
    if not isinstance(given, Sequence):
        return [given] * groups
    if len(given) != groups:
        raise ValueError(f"{name} has {len(given)} numbers, and there are {groups} groups")
    return list(given)


def _check_whole(**options: Any) -> None:
    for name, value in options.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(
                f"{name} is a whole number above 0, got {value!r}: give total_steps, or epochs and "
                f"steps_per_epoch"
            )
