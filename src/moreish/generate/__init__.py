"""Samples new items from any model, exactly by its probabilities, under constraints."""

from .constraints import Constraints
from .importance_sampling import smaller_models
from .passages import passages
from .sample import Sampler
from .top import top_items

__all__ = ["Constraints", "Sampler", "passages", "smaller_models", "top_items"]
