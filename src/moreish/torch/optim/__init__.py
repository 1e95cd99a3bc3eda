"""torch.optim's names: how parameters move along their gradients, and how fast."""

from typing import TYPE_CHECKING, Any

from .adam import Adam, AdamW
from .optimizer import Optimizer
from .sgd import SGD

if TYPE_CHECKING:
    from . import lr_scheduler

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]


def __getattr__(name: str) -> Any:
    """The schedulers, loaded when they are first asked for."""
    if name == "lr_scheduler":
        from importlib import import_module

        return import_module(".lr_scheduler", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
