"""How a parameter moves along its gradient, with torch.optim's names, and learning-rate schedules.

An optimizer changes the parameters in place and knows nothing of losses or graphs.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .engine import Tensor

__all__ = ["SCHEDULES", "SGD", "AdamW", "Optimizer", "constant", "cosine", "step_decay"]


class Optimizer:
    """Parameters in groups, each group with its own options, as in torch.optim.

    `parameters` are Tensors, or dictionaries with "params" and options that differ from the
    defaults. `state` is what is kept for each parameter from step to step, under PyTorch's names.
    ValueError if there are none.
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

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    def step(self) -> None:
        """Move each parameter that has a gradient once."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    state = self.state.setdefault(parameter, {})
                    array = parameter.detach().numpy()
                    self._move(array, parameter.grad.detach().numpy(), state, group)
                    parameter._shared.version += 1

    def _move(
        self, x: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], group: dict[str, Any]
    ) -> None:
        raise TypeError(f"{type(self).__name__} does not say how a parameter moves")


class SGD(Optimizer):
    """Stochastic gradient descent: x - lr * g, with momentum and weight decay if asked for.

    >>> from moreish.engine import tensor
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

    def _move(
        self, x: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], group: dict[str, Any]
    ) -> None:
        if group["weight_decay"]:
            g = g + group["weight_decay"] * x
        if group["momentum"]:
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = g.copy()
            else:
                state["momentum_buffer"] *= group["momentum"]
                state["momentum_buffer"] += g
            g = state["momentum_buffer"]
        x -= group["lr"] * g


class AdamW(Optimizer):
    """Adam with decoupled weight decay.

    Source: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.

    >>> from moreish.engine import tensor
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

    def _move(
        self, x: np.ndarray, g: np.ndarray, state: dict[str, np.ndarray], group: dict[str, Any]
    ) -> None:
        if not state:
            state.update(step=np.zeros(1), exp_avg=np.zeros_like(x), exp_avg_sq=np.zeros_like(x))
        state["step"] += 1
        step, mean, square = float(state["step"][0]), state["exp_avg"], state["exp_avg_sq"]
        first, second = group["betas"]
        if group["weight_decay"]:
            x *= 1 - group["lr"] * group["weight_decay"]
        mean += (1 - first) * (g - mean)
        square += (1 - second) * (g * g - square)
        root = np.sqrt(square)
        root /= math.sqrt(1 - second**step)
        root += group["eps"]
        np.divide(mean, root, out=root)
        root *= group["lr"] / (1 - first**step)
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
