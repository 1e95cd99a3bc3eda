"""Schedulers: how the learning rate of an optimizer changes from epoch to epoch.

A scheduler sets the rates of its optimizer when it is made, and anew at each `step()`. That comes
after the optimizer's own. Most rates follow from the last ones, so that what is set between stays.
The numbers are rounded as PyTorch rounds them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any

from .one_cycle import OneCycleLR
from .optimizer import Group, Optimizer
from .scheduler import LRScheduler

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "StepLR",
]


class LambdaLR(LRScheduler):
    """The initial rate times a function of the epoch; a list has a function for each group.

    ValueError for a list of another length.

    >>> from moreish.torch.optim import SGD
    >>> optimizer = SGD([tensor([1.0], requires_grad=True)], lr=1.0)
    >>> LambdaLR(optimizer, lambda epoch: 1 / (epoch + 2)).get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = len(optimizer.param_groups)
        lambdas = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * groups
        if len(lambdas) != groups:
            raise ValueError(f"{groups} functions were wanted, one a group, got {len(lambdas)}")
        self.lr_lambdas: list[Any] = lambdas
        super().__init__(optimizer, last_epoch)

    def _rate(self, number: int, group: Group) -> float:
        return self.base_lrs[number] * self.lr_lambdas[number](self.last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """All but the optimizer and functions; of callable objects what they hold."""
        held = [None if isinstance(f, FunctionType) else dict(vars(f)) for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": held}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave; functions stay those of this scheduler."""
        super().load_state_dict({**state_dict, "lr_lambdas": self.lr_lambdas})
        for function, held in zip(self.lr_lambdas, state_dict["lr_lambdas"], strict=True):
            if held is not None:
                vars(function).update(held)


class StepLR(LRScheduler):
    """The rate times `gamma`, every `step_size` epochs.

    >>> from moreish.torch.optim import SGD
    >>> optimizer = SGD([tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     optimizer.step()
    ...     scheduler.step()
    >>> scheduler.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _rate(self, number: int, group: Group) -> float:
        falls = self.last_epoch != 0 and self.last_epoch % self.step_size == 0
        return group["lr"] * self.gamma if falls else group["lr"]


class MultiStepLR(LRScheduler):
    """The rate times `gamma` at each epoch of `milestones`."""

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = Counter(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _rate(self, number: int, group: Group) -> float:
        times = self.milestones[self.last_epoch]
        return group["lr"] * self.gamma**times if times else group["lr"]


class ConstantLR(LRScheduler):
    """The rate times `factor` for the first `total_iters` epochs, then all of it.

    ValueError for a factor that is not from 0 to 1.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        _check_factor("factor", factor)
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _rate(self, number: int, group: Group) -> float:
        if self.last_epoch == 0:
            return group["lr"] * self.factor
        return group["lr"] * (1.0 / self.factor if self.last_epoch == self.total_iters else 1)


class LinearLR(LRScheduler):
    """A factor of the rate that goes in a line from one number to another in `total_iters` epochs.

    ValueError for factors that are not from 0 to 1, or a start of 0.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        _check_factor("start_factor", start_factor)
        _check_factor("end_factor", end_factor)
        if start_factor == 0:
            raise ValueError("start_factor must be above 0, as each rate follows from the last")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _rate(self, number: int, group: Group) -> float:
        if self.last_epoch == 0:
            return group["lr"] * self.start_factor
        if self._is_initial or self.last_epoch > self.total_iters:
            return group["lr"]
        rise = self.end_factor - self.start_factor
        before = self.total_iters * self.start_factor + (self.last_epoch - 1) * rise
        return group["lr"] * (1.0 + rise / before)


class ExponentialLR(LRScheduler):
    """The rate times `gamma` at every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _rate(self, number: int, group: Group) -> float:
        return group["lr"] if self._is_initial else group["lr"] * self.gamma


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the rate down to `eta_min` in `T_max` epochs, and up again after.

    Source: I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.

    >>> from moreish.torch.optim import SGD
    >>> optimizer = SGD([tensor([1.0], requires_grad=True)], lr=1.0)
    >>> scheduler = CosineAnnealingLR(optimizer, T_max=2)
    >>> for _ in range(2):
    ...     optimizer.step()
    ...     scheduler.step()
    ...     print(round(scheduler.get_last_lr()[0], 3))
    0.5
    0.0
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def _rate(self, number: int, group: Group) -> float:
        if self._is_initial:
            return group["lr"]
        epoch, height = self.last_epoch, self.base_lrs[number] - self.eta_min
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # at the lowest, where none follows
            return group["lr"] + height * (1 - math.cos(math.pi / self.T_max)) / 2
        now = 1 + math.cos(math.pi * epoch / self.T_max)
        before = 1 + math.cos(math.pi * (epoch - 1) / self.T_max)
        return now / before * (group["lr"] - self.eta_min) + self.eta_min


def _check_factor(name: str, factor: float) -> None:
    if not 0 <= factor <= 1:
        raise ValueError(f"{name} must be from 0 to 1, got {factor}")
