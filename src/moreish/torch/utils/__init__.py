"""torch.utils' names: `data`, and `tensorboard`, which is imported by its own name."""

from . import data

__all__ = ["data"]
