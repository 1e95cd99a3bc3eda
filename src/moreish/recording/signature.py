"""What goes into a captured call and what comes out: which kind it is, and what the tape sees."""

import gc
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from ..engine.value import Value
from .reachable import PLAIN
from .recorder import Recorder
from .replay import Returned
from .tape import CaptureError
from .tensor_hooks import unfollowed
from .tracer import Traced


class _Same:
    """An object as a part of a key: equal to itself alone."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return type(other) is _Same and other.thing is self.thing


def opaque_in(key: Any) -> list[Any]:
    """The objects in a key that only their identity stands for."""
    if type(key) is _Same:
        return [key.thing]
    return [thing for part in key for thing in opaque_in(part)] if isinstance(key, tuple) else []


def kind_of(thing: Any, arrays: list[np.ndarray]) -> Any:
    """What a recording must know of an argument; the arrays in it are put in order."""
    if isinstance(thing, Tensor):
        if thing._history() is not None:
            raise CaptureError(
                "an argument that was computed from others has a history that a replay can't "
                "follow: pass its detach(), or compute it inside"
            )
        if thing._requires_grad:
            return _Same(thing)
        arrays.append(thing._array)
        return Tensor, thing._array.shape, thing._array.dtype
    if isinstance(thing, np.ndarray):
        arrays.append(thing)
        return type(thing), thing.shape, thing.dtype
    if type(thing) is Value:
        if thing._row is not None:
            raise CaptureError(
                "an argument that was computed from others has a history that a replay can't "
                "follow: compute it inside, or pass Value(x.data)"
            )
        arrays.append(thing)  # type: ignore[arg-type]
        return Value
    if type(thing) is float:  # minus 0 is another number, NaN the same as itself
        return float, thing.hex()
    if isinstance(thing, np.generic):
        return type(thing), thing.tobytes()
    if type(thing) in PLAIN:
        return type(thing), thing
    if type(thing) in (list, tuple) or (isinstance(thing, tuple) and hasattr(thing, "_fields")):
        return type(thing), *[kind_of(part, arrays) for part in thing]
    if type(thing) is dict:
        return dict, *[(name, kind_of(part, arrays)) for name, part in thing.items()]
    return _Same(thing)


def rows_of(examples: Any) -> np.ndarray:
    """(N, ...) float64 the numbers of N examples. ValueError if they are none."""
    try:
        array = np.asarray(examples, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            "over() wants a number, or as many numbers, for each example: rows of one length"
        ) from None
    if not array.ndim or not array.size:
        raise ValueError(f"over() wants one example at least, in a row of its own; got {examples}")
    return array


def first_of(array: np.ndarray, columns: list[np.ndarray]) -> Any:
    """The Values of the first example, and a column for each."""
    if array.ndim == 1:
        columns.append(array)
        return Value(float(array[0]))
    return [first_of(part, columns) for part in np.moveaxis(array, 1, 0)]


def followed(thing: Any, recorder: Recorder, numbers: list[int]) -> Any:
    """An argument as the tape sees it: a copy."""
    if isinstance(thing, Tensor) and not thing._requires_grad:
        with unfollowed():
            array = thing._array
        return Tensor._of(recorder.argument(array, numbers))
    if isinstance(thing, np.ndarray):
        return recorder.argument(thing, numbers)
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return type(thing)(*[followed(part, recorder, numbers) for part in thing])
    if type(thing) in (list, tuple):
        return type(thing)(followed(part, recorder, numbers) for part in thing)
    if type(thing) is dict:
        return {name: followed(part, recorder, numbers) for name, part in thing.items()}
    return thing


def form_of(returned: Any, recorder: Recorder) -> tuple[Any, list[Traced]]:
    """What a function returned without its numbers, and the arrays of those."""
    arrays: list[Traced] = []

    def part_of(thing: Any) -> Any:
        if isinstance(thing, Tensor):
            if not recorder.is_made(thing):
                return thing
            array: Any = thing._array
        elif type(thing) is Traced:
            array = thing
        elif isinstance(thing, tuple) and hasattr(thing, "_fields"):
            return type(thing)(*[part_of(part) for part in thing])
        elif type(thing) in (list, tuple):
            return type(thing)(part_of(part) for part in thing)
        elif type(thing) is dict:
            return {name: part_of(part) for name, part in thing.items()}
        else:
            return thing
        arrays.append(array)
        recorder.tape.results.append(recorder.ref(array).number)
        return Returned(len(arrays) - 1, thing is array)

    return part_of(returned), arrays


def end(recorder: Recorder, numbers: list[int]) -> list[tuple[Tensor, Any]]:
    """Note what the call has changed outside; what each Tensor's gradient has become.

    Traced stands for a gradient from the tape.
    """
    tape, grads = recorder.tape, []
    for held in recorder.held.values():
        held.changes = held.tensor._shared.version - held.version
        if held.writes_grad:
            grad: Any = held.tensor.grad
            if grad is not None and recorder.is_made(grad):
                tape.grads.append(recorder.ref(grad._array).number)
                grad = Traced
            grads.append((held.tensor, grad))
    for storage in {id(s): s for s in recorder.storages.values()}.values():
        if storage.current != storage.first and tape.origins[storage.first] != "constant":
            tape.effects[storage.first] = storage.current
    for number in numbers:
        if recorder.changed(number):
            raise CaptureError(
                "the captured function changes one of its arguments in place, and a replay works "
                "on a copy: change a clone() of it, or let it be a tensor from outside"
            )
    return grads


def walk_back(
    returned: Any, form: Any, recorder: Recorder
) -> tuple[list[Tensor], list[np.ndarray]]:
    """Record the walk back from each loss that was returned, for a later backward()."""
    leaves: list[Tensor] = []
    slopes: list[np.ndarray] = []
    tape = recorder.tape
    tape.backward_from = len(tape.steps)
    is_done = bool(tape.grads or tape.effects)
    for tensor, place in _pairs(returned, form):
        if tensor.requires_grad:
            before = len(leaves)
            if tensor._array.size == 1 and not is_done:
                for node, g, _ in tensor._walk(None, False):
                    if isinstance(node, Tensor) and not recorder.is_made(node):
                        leaves.append(node)
                        recorder.hold(node)
                        slopes.append(g)
                        tape.slopes.append(recorder.ref(g).number)
            place.slopes = slice(before, len(leaves))
    return leaves, slopes


def _pairs(returned: Any, form: Any) -> Iterator[tuple[Tensor, Returned]]:
    """Each Tensor that was returned, and what stands in its place."""
    if type(form) is Returned and isinstance(returned, Tensor):
        yield returned, form
    elif type(form) in (list, tuple) or hasattr(form, "_fields"):
        for part, own in zip(returned, form, strict=True):
            yield from _pairs(part, own)
    elif type(form) is dict:
        for name, own in form.items():
            yield from _pairs(returned[name], own)


def refuse_escapes(recorder: Recorder) -> None:
    """CaptureError if somebody still holds a Tensor of the call: replays would not renew it."""
    if any(made() is not None for made in recorder.made.values()):
        gc.collect()
    for made in recorder.made.values():
        tensor = made()
        if tensor is not None:
            raise CaptureError(
                f"a tensor of shape {list(tensor.shape)} that the captured function made is kept "
                f"outside of it (in a list or an attribute?), where a replay would not renew it: "
                f"return it instead"
            )


def joined(singles: list[Any], many: Any) -> Any:
    """Results of single calls, and of many with an axis in front, as results with that axis."""
    first = singles[0] if singles else many
    if isinstance(first, (Tensor, np.ndarray)):
        arrays = [np.asarray(x._array if isinstance(x, Tensor) else x)[None] for x in singles]
        if many is not None:
            arrays.append(many._array if isinstance(many, Tensor) else many)
        whole = np.concatenate(arrays)
        return Tensor._of(whole) if isinstance(first, Tensor) else whole
    if type(first) in (list, tuple):
        parts = range(len(first))
        rest = [None] * len(first) if many is None else many
        return type(first)(joined([x[i] for x in singles], rest[i]) for i in parts)
    if type(first) is dict:
        return {
            name: joined([x[name] for x in singles], None if many is None else many[name])
            for name in first
        }
    return first
