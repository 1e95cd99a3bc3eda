"""Make more: new items from any model."""

from .sample import Limits, sample_items

__all__ = ["Limits", "sample_items"]
