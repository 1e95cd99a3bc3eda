"""Samples new items from any model, exactly by its probabilities, under constraints."""

from .constraints import Constraints
from .sample import Sampler
from .smaller import smaller_models
from .top import top_items

__all__ = ["Constraints", "Sampler", "smaller_models", "top_items"]
