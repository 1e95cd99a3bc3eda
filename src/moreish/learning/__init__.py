"""From a list to a Model, and the work kept while it is made."""

from .from_list import find_learning_rate, learn, train
from .keeping import Keeper, save_somewhere
from .learning import Learning

__all__ = ["Keeper", "Learning", "find_learning_rate", "learn", "save_somewhere", "train"]
