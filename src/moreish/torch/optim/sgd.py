"""Stochastic gradient descent, with momentum."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...engine.tensor import Tensor
from .optimizer import Group, Optimizer, State, check_absent, check_options, zeros_of


class SGD(Optimizer):
    """Stochastic gradient descent: x - lr * g, with momentum and weight decay if asked for.

    The momentum buffer is g at first, then momentum * buffer + (1 - dampening) * g. It takes the
    place of g; with `nesterov`, g + momentum * buffer does. `maximize` climbs. `foreach` and
    `fused` choose among PyTorch's kernels and change nothing here. ValueError for options that
    are below 0.

    Source: I. Sutskever et al., "On the importance of initialization and momentum in deep
    learning", ICML 2013.

    >>> x = tensor([1.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> SGD([x], lr=0.1).step()
    >>> round(x.item(), 6)
    0.8
    """

    choices = ("momentum", "weight_decay", "dampening", "nesterov", "maximize")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_options(lr=lr, momentum=momentum, weight_decay=weight_decay)
        check_absent(differentiable=differentiable)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                f"nesterov wants a momentum above 0 and no dampening, got momentum={momentum} and "
                f"dampening={dampening}"
            )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def _rates(self, group: Group, step: int, is_first: bool) -> tuple[float, ...]:
        new = 1.0 if is_first else 1 - group["dampening"]
        return group["lr"], group["momentum"], group["weight_decay"], new

    def _start(self, parameter: Tensor, group: Group) -> dict[str, np.ndarray]:
        return {"momentum_buffer": zeros_of(parameter)} if group["momentum"] else {}

    def _move(
        self, x: np.ndarray, g: np.ndarray, state: State, group: Group, *rates: float
    ) -> None:
        lr, momentum, weight_decay, new = rates
        if group["maximize"]:
            g = -g
        if group["weight_decay"]:
            g = g + weight_decay * x
        if group["momentum"]:
            moving = state["momentum_buffer"]
            moving *= momentum
            moving += new * g if group["dampening"] else g
            g = g + momentum * moving if group["nesterov"] else moving
        x -= lr * g
