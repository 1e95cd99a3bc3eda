"""How the learning rate of moreish's own training goes from step to step.

Each schedule takes (step, steps, warm_up) and gives the factor of the full learning rate.
PyTorch's schedulers are in `moreish.torch.optim.lr_scheduler`.
"""

import math
from collections.abc import Callable

__all__ = ["SCHEDULES", "constant", "cosine", "step_decay"]


def _warming(step: float, warm_up: int) -> float | None:
    """The share of the full rate while it rises in equal parts; None when it has risen.

    Source: P. Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017.
    """
    return (step + 1) / warm_up if step < warm_up else None


def constant(step: float, steps: float, warm_up: int = 0) -> float:
    """The share of the full learning rate at `step` of `steps`: rising, then all of it.

    >>> [constant(step, 4, warm_up=2) for step in range(4)]
    [0.5, 1.0, 1.0, 1.0]
    """
    rising = _warming(step, warm_up)
    return 1.0 if rising is None else rising


def step_decay(step: float, steps: float, warm_up: int = 0) -> float:
    """The share of the full learning rate at `step` of `steps`: rising, all, and a tenth from half.

    The makemore course's, and torch.optim.lr_scheduler.StepLR's with step_size = steps / 2.

    >>> [step_decay(step, 4) for step in range(4)]
    [1.0, 1.0, 0.1, 0.1]
    """
    rising = _warming(step, warm_up)
    return (1.0 if step < steps / 2 else 0.1) if rising is None else rising


def cosine(step: float, steps: float, warm_up: int = 0) -> float:
    """The share of the full learning rate at `step` of `steps`: rising, then half a cosine to 0.

    Source: I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017.

    >>> [round(cosine(step, 5, warm_up=1), 2) for step in range(5)]
    [1.0, 1.0, 0.85, 0.5, 0.15]
    """
    rising = _warming(step, warm_up)
    if rising is not None:
        return rising
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(steps - warm_up, 1)))


SCHEDULES: dict[str, Callable[[float, float, int], float]] = {
    "constant": constant,
    "step": step_decay,
    "cosine": cosine,
}
