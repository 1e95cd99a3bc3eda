"""Make more: new items from any model, exactly as its probabilities and some limits have it."""

from .constraints import Limits, check_text
from .sample import Sampler
from .top import top_items

__all__ = ["Limits", "Sampler", "check_text", "top_items"]
