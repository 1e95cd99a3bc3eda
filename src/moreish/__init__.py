"""Give it a list of things, one a line; it learns what they are like and makes more of them.

import moreish
model = moreish.train("names.txt")
model.sample(20)
"""

from .engine import Value
from .errors import DataError, ModelFileError, MoreishError, OptionError
from .learn import learn, train
from .model import Model, load

__all__ = [
    "DataError",
    "Model",
    "ModelFileError",
    "MoreishError",
    "OptionError",
    "Value",
    "learn",
    "load",
    "train",
]
