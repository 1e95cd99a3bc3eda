"""torch.nn's names."""

from . import functional

__all__ = ["functional"]
