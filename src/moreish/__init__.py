"""Give it a list of things, one a line; it learns what they are like and makes more of them.

import moreish
model = moreish.train("names.txt")
model.sample(20)
"""

from typing import Any

from .classifier import Classifier
from .comparison import compare
from .engine import GradientError, Value, check_gradient, explain
from .errors import DataError, DivergedError, ModelFileError, MoreishError, OptionError
from .learning import find_learning_rate, learn, train
from .model import Model, load
from .recording import CaptureError, capture
from .text import ContextCounts, count, files


def _drawn(value: Value) -> Any:
    from .draw import graph

    return graph(value)


Value._draw = _drawn  # loaded when the first one is shown

__all__ = [
    "CaptureError",
    "Classifier",
    "ContextCounts",
    "DataError",
    "DivergedError",
    "GradientError",
    "Model",
    "ModelFileError",
    "MoreishError",
    "OptionError",
    "Value",
    "capture",
    "check_gradient",
    "compare",
    "count",
    "explain",
    "files",
    "find_learning_rate",
    "learn",
    "load",
    "train",
]
