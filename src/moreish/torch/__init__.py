"""PyTorch's names on NumPy: a name means what PyTorch means by it, or it is absent.

`import moreish.torch as torch` runs the course's own code, and so does every other import of it
with `moreish.` before its first name: `import moreish.torch.nn.functional as F`. The machinery
below is in `moreish.engine`.
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

import numpy as _np

from ..engine.device import Device as device
from ..engine.dtypes import dtype as dtype
from ..engine.dtypes import dtype_of as _dtype_of
from ..engine.generator import Generator as Generator
from ..engine.graph import inference_mode as inference_mode
from ..engine.graph import is_grad_enabled as is_grad_enabled
from ..engine.graph import no_grad as no_grad
from ..engine.graph import set_grad_enabled as set_grad_enabled
from ..engine.random import *
from ..engine.tensor import Size as Size
from ..engine.tensor import Tensor as Tensor
from ..engine.tensor.creation import *
from ..engine.tensor.functions import *
from ..engine.tensor.grids import *
from ..engine.tensor.joining import *
from ..engine.tensor.method_functions import *
from ..engine.tensor.sequences import *
from .serialization import load as load
from .serialization import save as save

if _TYPE_CHECKING:
    from . import cuda, nn, optim, utils

float16 = half = _dtype_of(_np.dtype("float16"))
float32 = float = _dtype_of(_np.dtype("float32"))
float64 = double = _dtype_of(_np.dtype("float64"))
int8 = _dtype_of(_np.dtype("int8"))
int16 = short = _dtype_of(_np.dtype("int16"))
int32 = int = _dtype_of(_np.dtype("int32"))
int64 = long = _dtype_of(_np.dtype("int64"))
uint8 = _dtype_of(_np.dtype("uint8"))
bool = _dtype_of(_np.dtype("bool"))

# The names above, and the modules that are loaded when they are asked for.
__all__ = sorted(
    [name for name, thing in globals().items() if name[0] != "_" and type(thing) is not type(_np)]
    + ["cuda", "nn", "optim", "utils"]
)


def __getattr__(name: str) -> _Any:
    """Modules of names that not everybody uses, loaded when they are first asked for."""
    if name in ("cuda", "nn", "optim", "utils"):
        from importlib import import_module

        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
