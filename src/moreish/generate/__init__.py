"""Samples new items from any model, exactly by its probabilities, under constraints."""

from .constraints import Constraints
from .importance_sampling import smaller_models
from .sample import Sampler
from .top import top_items

__all__ = ["Constraints", "Sampler", "smaller_models", "top_items"]
