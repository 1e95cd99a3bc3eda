"""What goes into a captured call and what comes out: nested lists, tuples and dictionaries."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from ..engine.value import Value
from .reachable import PLAIN
from .tape import CaptureError, Layout


def mapped(thing: Any, leaf: Callable[[Any], Any]) -> Any:
    """A thing with `leaf` of each part in it that is no list, tuple or dictionary."""
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return type(thing)(*[mapped(part, leaf) for part in thing])
    if type(thing) in (list, tuple):
        return type(thing)([mapped(part, leaf) for part in thing])
    if type(thing) is dict:
        return {name: mapped(part, leaf) for name, part in thing.items()}
    return leaf(thing)


class Same:
    """An object as a part of a key: equal to itself alone."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.thing is self.thing


def opaque_in(key: Any) -> list[Any]:
    """The objects in a key that only their identity stands for."""
    if type(key) is Same:
        return [key.thing]
    return [thing for part in key for thing in opaque_in(part)] if isinstance(key, tuple) else []


def key_of(thing: Any, inputs: list[Any]) -> Any:
    """What a recording must know of an argument; the Tensors and Values in it go to `inputs`.

    CaptureError for one that was computed from others, and for an array of NumPy's.
    """
    if isinstance(thing, Tensor):
        if thing._history() is not None:
            raise CaptureError(_WITH_HISTORY.format("its detach()"))
        if thing._requires_grad:
            return Same(thing)
        inputs.append(thing)
        return Tensor, Layout.of(thing._array)
    if isinstance(thing, np.ndarray):
        raise CaptureError(
            "an array of NumPy's can't be an argument of a captured function, as what NumPy does "
            "with it is on no tape: pass torch.from_numpy(array)"
        )
    if type(thing) is Value:
        if thing._row is not None:
            raise CaptureError(_WITH_HISTORY.format("Value(x.data)"))
        inputs.append(thing)
        return Value
    if type(thing) is float:  # minus 0 is another number, NaN the same as itself
        return float, thing.hex()
    if isinstance(thing, np.generic):
        return type(thing), thing.tobytes()
    if type(thing) in PLAIN:
        return type(thing), thing
    if type(thing) in (list, tuple) or (isinstance(thing, tuple) and hasattr(thing, "_fields")):
        return type(thing), *[key_of(part, inputs) for part in thing]
    if type(thing) is dict:
        return dict, *[(name, key_of(part, inputs)) for name, part in thing.items()]
    return Same(thing)


_WITH_HISTORY = (
    "an argument that was computed from others has a history that a replay can't follow: pass {}, "
    "or compute it inside"
)


class Returned:
    """In what a function returned: here comes a result of the tape."""

    __slots__ = ("leaves", "place")

    def __init__(self, place: int) -> None:
        self.place = place
        self.leaves: slice | None = None  # of what has a history: which leaves' gradients it has
