"""LRScheduler: what all schedulers of learning rates have."""

import warnings
from typing import Any

from .optimizer import Group, Optimizer


class LRScheduler:
    """What all schedulers have: `step`, `get_last_lr`, `state_dict`, `load_state_dict`.

    A scheduler of your own has a method `get_lr`, which gives the rate of each group for the epoch
    `last_epoch`. With another `last_epoch` than -1 it goes on from there, and the groups must have
    an "initial_lr": KeyError if one has none. TypeError for what is no optimizer.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"an optimizer was wanted, got {type(optimizer).__name__}")
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"group {number} has no 'initial_lr' to go on from at epoch {last_epoch}: "
                    f"load the optimizer's state first, or leave last_epoch out"
                )
        self.optimizer = optimizer
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def step(self) -> None:
        """Set the rates of the next epoch; UserWarning if the optimizer has made no step yet."""
        if self._step_count == 1 and not getattr(self.optimizer, "_is_stepped", False):
            warnings.warn(
                "scheduler.step() came before optimizer.step(), so the first learning rate was "
                "never used: call optimizer.step() first",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        self.last_epoch += 1
        self._get_lr_called_within_step = True
        try:
            rates = self.get_lr()
        finally:
            self._get_lr_called_within_step = False
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = rates

    def get_lr(self) -> list[float]:
        """The learning rate of each group for the epoch `last_epoch`; users ask `get_last_lr`."""
        if not self._get_lr_called_within_step:
            warnings.warn("call get_last_lr() for the last rates", UserWarning, stacklevel=2)
        return [self._rate(*of_group) for of_group in enumerate(self.optimizer.param_groups)]

    def _rate(self, number: int, group: Group) -> float:
        """The rate of one group."""
        raise NotImplementedError(f"{type(self).__name__} does not say what the rates are")

    def get_last_lr(self) -> list[float]:
        """The learning rates that were set last, one a group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer, for `load_state_dict`."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave. It leaves the optimizer's rates as they are."""
        vars(self).update(state_dict)
