"""Samples new items from any model, exactly by its probabilities, under constraints."""

from .constraints import Constraints, check_text
from .sample import Sampler
from .top import top_items

__all__ = ["Constraints", "Sampler", "check_text", "top_items"]
