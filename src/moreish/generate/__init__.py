"""Make more: new items from any model, exactly as its probabilities and some limits have it."""

from .limits import Limits
from .sample import sample_items, share_of
from .top import top_items

__all__ = ["Limits", "sample_items", "share_of", "top_items"]
