"""Adam and AdamW: steps scaled by running means of the gradient and of its square."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ...engine.tensor import Tensor
from .optimizer import Group, Optimizer, State, check_absent, check_options, zeros_of


class Adam(Optimizer):
    """Adam: a step of lr * mean / (sqrt(mean of squares) + eps), by running means of the gradient.

    Both means are corrected for their start at 0. `weight_decay` is added to the gradient; with
    `decoupled_weight_decay` it shrinks the parameter, as in AdamW. `amsgrad` divides by the largest
    mean of squares so far. `maximize` climbs. `foreach` and `fused` choose among PyTorch's kernels
    and change nothing here. ValueError for options that are below 0, or betas that are not floats
    from 0 to below 1.

    Source: D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015; S. J.
    Reddi, S. Kale, S. Kumar, "On the Convergence of Adam and Beyond", ICLR 2018, for `amsgrad`.

    >>> x = tensor([1.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> Adam([x], lr=0.1).step()
    >>> round(x.item(), 6)
    0.9
    """

    choices = ("weight_decay", "amsgrad", "maximize", "decoupled_weight_decay")
    counts_steps = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_options(lr=lr, eps=eps, weight_decay=weight_decay)
        check_absent(capturable=capturable, differentiable=differentiable)
        if not all(isinstance(beta, float) and 0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas are two floats, 0 or more and below 1, got {betas}")
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def _rates(self, group: Group, step: int, is_first: bool) -> tuple[float, ...]:
        first, second = group["betas"]
        lr, decay = group["lr"], group["weight_decay"]
        return (
            1 - lr * decay if group["decoupled_weight_decay"] else decay,
            1 - first,
            1 - second,
            math.sqrt(1 - second**step),
            group["eps"],
            lr / (1 - first**step),
        )

    def _start(self, parameter: Tensor, group: Group) -> dict[str, np.ndarray]:
        names = ["exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])]
        return {name: zeros_of(parameter) for name in names}

    def _move(
        self, x: np.ndarray, g: np.ndarray, state: State, group: Group, *rates: float
    ) -> None:
        decay, new_mean, new_square, scale, eps, rate = rates
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        if group["maximize"]:
            g = -g
        if group["weight_decay"] and group["decoupled_weight_decay"]:
            x *= decay
        elif group["weight_decay"]:
            g = g + decay * x
        mean += (g - mean) * new_mean
        square += (g * g - square) * new_square
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]
            largest[...] = np.maximum(largest, square)
            square = largest
        root = np.sqrt(square)
        root /= scale
        root += eps
        root = mean / root
        root *= rate
        x -= root


class AdamW(Adam):
    """Adam with decoupled weight decay: it shrinks the parameter by 1 - lr * weight_decay.

    The options are those of `Adam`, and so are the errors.

    Source: I. Loshchilov, F. Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.

    >>> x = tensor([1.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> AdamW([x], lr=0.1, weight_decay=0).step()
    >>> round(x.item(), 6)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, **options, decoupled_weight_decay=True
        )
