"""How a parameter moves along its gradient, with torch.optim's names, and learning-rate schedules.

An optimizer changes the parameters in place and knows nothing of losses or graphs.
"""

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from ..engine.graph import _mode
from ..engine.tensor import Tensor

__all__ = ["SCHEDULES", "SGD", "AdamW", "Optimizer", "constant", "cosine", "step_decay"]


class Optimizer:
    """Parameters in groups, each group with its own options, as in torch.optim.

    `parameters` are Tensors, or dictionaries with "params" and options that differ from the
    defaults. `state` is what is kept for each parameter from step to step, under PyTorch's names,
    and `taken` how many steps it has made. ValueError if there are none.
    """

    def __init__(
        self, parameters: Iterable[Tensor] | Iterable[dict[str, Any]], **defaults: Any
    ) -> None:
        given: list[Any] = list(parameters)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        self.param_groups: list[dict[str, Any]] = [
            {**defaults, **group, "params": list(group["params"])} for group in groups
        ]
        self.state: dict[Tensor, dict[str, np.ndarray]] = {}
        self.taken: dict[Tensor, int] = {}  # how many steps each parameter has taken

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; with `set_to_none=False` set those that there are to 0."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none or parameter.grad is None:
                    parameter.grad = None
                else:
                    parameter.grad = parameter.grad.detach().zero_()

    def step(self) -> None:
        """Move each parameter that has a gradient once."""
        following = _mode.following
        for group in self.param_groups:
            moving = [x for x in group["params"] if x.grad is not None]
            for taken in sorted({self._taken_by(x) for x in moving}):
                together = [x for x in moving if self._taken_by(x) == taken]
                numbers = partial(self._numbers, group, together)
                if following is None:
                    rates = numbers()
                else:
                    following.guard(partial(self._form, group, together))
                    rates = following.live(numbers)
                for parameter in together:
                    state = self.state.get(parameter)
                    if state is None:
                        state = self.state[parameter] = self._start(parameter, group)
                    shown = state if following is None else following.keep(state)
                    self._move(parameter._array, parameter.grad._array, shown, group, *rates)
                    parameter._shared.version += 1

    def _taken_by(self, parameter: Tensor) -> int:
        """How many steps it has made; of a state that PyTorch kept, what that says."""
        if parameter not in self.taken:
            self.taken[parameter] = int(self.state.get(parameter, {}).get("step", [0])[0])
        return self.taken[parameter]

    def _form(self, group: dict[str, Any], parameters: list[Tensor]) -> list[bool]:
        """What decides which steps are taken at all."""
        counts = {self._taken_by(parameter) for parameter in parameters}
        return [bool(group.get("momentum")), bool(group["weight_decay"]), len(counts) == 1]

    def _numbers(self, group: dict[str, Any], parameters: list[Tensor]) -> tuple[float, ...]:
        """What depends on the options and the step alone; it also counts the step."""
        step = self._taken_by(parameters[0]) + 1
        for parameter in parameters:
            self.taken[parameter] = step
        return self._rates(group, step)

    def _rates(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        raise TypeError(f"{type(self).__name__} does not say how a parameter moves")

    def _start(self, parameter: Tensor, group: dict[str, Any]) -> dict[str, np.ndarray]:
        """What is remembered of each parameter, before its first step."""
        return {}

    def _move(
        self,
        x: np.ndarray,
        g: np.ndarray,
        state: dict[str, np.ndarray],
        group: dict[str, Any],
        *rates: float,
    ) -> None:
        raise TypeError(f"{type(self).__name__} does not say how a parameter moves")


def _zeros(parameter: Tensor) -> np.ndarray:
    return np.zeros(parameter.shape, dtype=parameter.dtype)


class SGD(Optimizer):
    """Stochastic gradient descent: x - lr * g, with momentum and weight decay if asked for.

    >>> from moreish.torch import tensor
    >>> x = tensor([1.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> SGD([x], lr=0.1).step()
    >>> round(x.item(), 6)
    0.8
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def _rates(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        return group["lr"], group["momentum"], group["weight_decay"]

    def _start(self, parameter: Tensor, group: dict[str, Any]) -> dict[str, np.ndarray]:
        return {"momentum_buffer": _zeros(parameter)} if group["momentum"] else {}

    def _move(
        self,
        x: np.ndarray,
        g: np.ndarray,
        state: dict[str, np.ndarray],
        group: dict[str, Any],
        *rates: float,
    ) -> None:
        lr, momentum, weight_decay = rates
        if group["weight_decay"]:
            g = g + weight_decay * x
        if group["momentum"]:
            moving = state["momentum_buffer"]
            moving *= momentum
            moving += g
            g = moving
        x -= lr * g


class AdamW(Optimizer):
    """Adam with decoupled weight decay.

    Source: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.

    >>> from moreish.torch import tensor
    >>> x = tensor([1.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> AdamW([x], lr=0.1, weight_decay=0).step()
    >>> round(x.item(), 6)
    0.9
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def _rates(self, group: dict[str, Any], step: int) -> tuple[float, ...]:
        first, second = group["betas"]
        lr = group["lr"]
        return (
            1 - lr * group["weight_decay"],
            1 - first,
            1 - second,
            math.sqrt(1 - second**step),
            group["eps"],
            lr / (1 - first**step),
        )

    def _start(self, parameter: Tensor, group: dict[str, Any]) -> dict[str, np.ndarray]:
        return {"exp_avg": _zeros(parameter), "exp_avg_sq": _zeros(parameter)}

    def _move(
        self,
        x: np.ndarray,
        g: np.ndarray,
        state: dict[str, np.ndarray],
        group: dict[str, Any],
        *rates: float,
    ) -> None:
        shrinking, new_mean, new_square, scale, eps, rate = rates
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        if group["weight_decay"]:
            x *= shrinking
        mean += (g - mean) * new_mean
        square += (g * g - square) * new_square
        root = np.sqrt(square)
        root /= scale
        root += eps
        root = mean / root
        root *= rate
        x -= root


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
