"""Make more: new items from any model."""

from .sample import Limits, sample_items
from .top import probability, top_items

__all__ = ["Limits", "probability", "sample_items", "top_items"]
