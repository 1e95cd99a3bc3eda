"""Give it a list of things, one a line; it learns what they are like and makes more of them.

import moreish
model = moreish.train("names.txt")
model.sample(20)
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

if _TYPE_CHECKING:
    from . import slips
    from .classifier import Classifier
    from .comparison import compare
    from .engine import GradientError, Value, check_gradient, explain
    from .errors import DataError, DivergedError, ModelFileError, MoreishError, OptionError
    from .learning import find_learning_rate, learn, train
    from .model import Model, load
    from .recording import CaptureError, capture
    from .text import ContextCounts, count, files

_NAMES = {  # where each comes from: loaded when it is asked for
    "classifier": ["Classifier"],
    "comparison": ["compare"],
    "engine": ["GradientError", "Value", "check_gradient", "explain"],
    "errors": ["DataError", "DivergedError", "ModelFileError", "MoreishError", "OptionError"],
    "learning": ["find_learning_rate", "learn", "train"],
    "model": ["Model", "load"],
    "recording": ["CaptureError", "capture"],
    "text": ["ContextCounts", "count", "files"],
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> _Any:
    if name == "slips":
        return _import_module(".slips", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'moreish' has no attribute {name!r}")
    value = globals()[name] = getattr(_import_module(f".{_HOMES[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


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
    "slips",
    "train",
]
