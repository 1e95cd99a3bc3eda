"""What a training starts from and what moves its parameters; its state, for another process."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.generator import Generator
from ..models import Learnt
from ..storage.validation import checked_fractions, checked_whole
from ..torch.optim import SGD, AdamW, Optimizer
from .settings import Settings

__all__ = ["begin", "optimizer_arrays", "optimizer_of"]


def begin(model: Learnt, settings: Settings) -> Generator:
    """Draw the parameters that training starts from; the generator that draws its batches.

    The course draws all of them as N(0, 1), and the batches from the same generator.

    >>> from moreish.models.mlp import MLP
    >>> begin(MLP(27), Settings(seed=3)).initial_seed()
    4
    """
    model.initialise(settings.seed)
    if settings.recipe != "course":
        return Generator().manual_seed(settings.seed + 1)
    generator = Generator().manual_seed(settings.seed)
    for parameter in model.parameters.values():
        parameter.detach().numpy()[...] = generator.randn(parameter.shape)
    return generator


def optimizer_of(model: Learnt, settings: Settings) -> Optimizer:
    """What moves the parameters of a model: weight decay is not on biases.

    >>> from moreish.models.mlp import MLP
    >>> type(optimizer_of(MLP(27), Settings())).__name__
    'AdamW'
    """
    parameters = model.parameters
    groups: list[dict[str, Any]] = [
        {
            "params": [p for name, p in parameters.items() if not name.endswith("bias")],
            "weight_decay": settings.weight_decay,
        },
        {
            "params": [p for name, p in parameters.items() if name.endswith("bias")],
            "weight_decay": 0.0,
        },
    ]
    if settings.optimizer == "adamw":
        return AdamW(groups)
    return SGD(groups, momentum=settings.momentum if settings.optimizer == "momentum" else 0.0)


def optimizer_arrays(optimizer: Optimizer, model: Learnt) -> dict[str, np.ndarray]:
    """How many steps each parameter has made, and what is kept of it; see `restore_optimizer`.

    >>> from moreish.models.mlp import MLP
    >>> model = MLP(27)
    >>> optimizer_arrays(optimizer_of(model, Settings()), model)["taken/output.bias"]
    array([0])
    """
    arrays = {}
    for name, parameter in model.parameters.items():
        arrays[f"taken/{name}"] = np.array([optimizer.taken.get(parameter, 0)])
        for key, array in optimizer.state.get(parameter, {}).items():
            arrays[f"{key}/{name}"] = array.copy()
    return arrays


def restore_optimizer(
    optimizer: Optimizer,
    settings: Settings,
    model: Learnt,
    arrays: Mapping[str, np.ndarray],
    steps: int,
) -> None:
    """Put back what `optimizer_arrays` gave after so many steps. ValueError for what can't be."""
    for name, parameter in model.parameters.items():
        path, own = f"taken/{name}", parameter.detach().numpy()
        optimizer.taken[parameter] = int(checked_whole(path, arrays[path], (1,), end=steps + 1)[0])
        optimizer.state[parameter] = {
            key: checked_fractions(
                f"{key}/{name}",
                arrays[f"{key}/{name}"],
                own.shape,
                least=0 if key.endswith("_sq") else -math.inf,
                dtype=own.dtype,
            ).copy()
            for key in _kept(settings)
        }


def _kept(settings: Settings) -> tuple[str, ...]:
    """What the optimizer keeps of a parameter, in its shape."""
    if settings.optimizer == "adamw":
        return "exp_avg", "exp_avg_sq"
    is_moved_on = settings.optimizer == "momentum" and settings.momentum
    return ("momentum_buffer",) if is_moved_on else ()
