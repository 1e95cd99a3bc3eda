"""A captured function: each call is replayed if a recording fits it, else recorded.

A recording fits if two things hold. The arguments have the shapes and dtypes that it was made with,
and nothing that the function reads by name has become something else. The first replay, and calls
4, 8, 16 and so on, are compared with the function itself.
"""

import threading
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

import numpy as np

from ..engine.graph import _mode
from ..engine.tensor import Tensor
from ..engine.value import Value
from .arguments import key_of, mapped, opaque_in
from .lanes import Lanes
from .names import Watch
from .recorder import Recorder
from .recording import Recording
from .tape import CaptureError, ConditionError, Tape
from .value_recording import OfValues, values_in

MOST_RECORDINGS = 8  # for arguments of one kind; the oldest goes first
MOST_KINDS = 32


class _Plain(threading.local):
    calls = 0  # of captured functions that run as they are, to be compared with


_plain = _Plain()


class Methods(dict[Any, Any]):
    """The captured methods of an object, kept in it; a copy of it makes its own."""

    def __reduce__(self) -> Any:
        return Methods, ()


class Captured:
    """What `capture` gives: the function, recorded once and replayed after."""

    is_captured = True

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.recordings: dict[Any, list[Recording | OfValues]] = {}
        self._lock = threading.RLock()
        self._restless: set[Any] = set()  # calls that changed what the function can read
        self._gives_values = False
        self._of_others: dict[Any, Captured] = {}  # methods of what has no place to keep its own
        update_wrapper(self, function)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        held = getattr(instance, "__dict__", None)
        own = held.get("_captured", {}) if isinstance(held, dict) else self._of_others
        key: Any = self if isinstance(held, dict) else id(instance)
        found = own.get(key)
        if found is None or getattr(found.function, "__self__", None) is not instance:
            found = Captured(self.function.__get__(instance, owner))
            if isinstance(held, dict):  # a copy may have come with those of another
                held["_captured"] = Methods({**own, key: found})
            else:
                own[key] = found
                while len(own) > MOST_KINDS:  # they hold their objects
                    del own[next(iter(own))]
        return found

    def __reduce__(self) -> Any:
        return Captured, (self.function,)  # a copy records for itself

    @property
    def tapes(self) -> list[Tape | Lanes]:
        """The tapes that are kept."""
        return [recording.tape for found in self.recordings.values() for recording in found]

    def __str__(self) -> str:
        return "\n\n".join(str(tape) for tape in self.tapes) or "not recorded yet"

    # ---- calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function gives, by a replay where one is right."""
        if _mode.following is not None or _plain.calls:  # inside of another: a part of its tape
            return self.function(*args, **kwargs)
        with self._lock:
            inputs: list[Any] = []
            key = self._key(args, kwargs, inputs)
            if self._gives_values and not _mode.recording:
                return self.function(*args, **kwargs)  # without a history there is no graph
            recording = self._fitting(key)
            if recording is None:
                return self._record(key, inputs, args, kwargs)
            if recording.is_check_due():
                return self._compare(recording, inputs, args, kwargs)
            return self._replay(recording, inputs, args, kwargs)

    def check(self, *args: Any, **kwargs: Any) -> Any:
        """A call that is replayed and computed by the function itself, and compared to the bit.

        A call that was not recorded yet is recorded first. CaptureError if the two differ: it says
        in what.

        >>> double = Captured(lambda x: x * 2)
        >>> double.check(Tensor([1.0]))
        tensor([2.])
        """
        with self._lock:
            inputs: list[Any] = []
            key = self._key(args, kwargs, inputs)
            recording = self._fitting(key)
            if recording is None:
                return self._record(key, inputs, args, kwargs)
            return self._compare(recording, inputs, args, kwargs)

    def scan(self, *batches: Any, **options: Any) -> Any:
        """A call for each batch in order: Tensors (N, ...) → each result as (N, ...).

        `step.scan(X)` is `step(X[0])`, `step(X[1])` and so on, without Python's part between the
        calls. ValueError if the axes in front are not of one length, 1 or more. CaptureError for a
        function of Values, and for one that returns a Tensor from outside. Source: `lax.scan` of
        JAX.

        >>> w = Tensor([1.0]).requires_grad_()
        >>> def step(x):
        ...     w.grad = None
        ...     (w * x).sum().backward()
        ...     w.data -= w.grad
        ...     return w.detach().clone()
        >>> Captured(step).scan(Tensor([[0.25], [0.5]]))
        tensor([[0.7500],
                [0.2500]])
        """
        whole: list[Any] = []
        key_of(batches, whole)
        lengths = {len(x) if isinstance(x, Tensor) and x.ndim else 0 for x in whole}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError(
                f"scan() wants Tensors with one axis for the calls in front, as many calls each, "
                f"got {', '.join(str(list(x.shape)) for x in whole) or 'none'}"
            )
        count, i = lengths.pop(), 0
        results: list[Any] = []
        with self._lock:
            while i < count:
                others: list[Any] = []
                own = mapped(batches, partial(_taken, i))
                recording = self._fitting(self._key(own, options, others))
                if isinstance(recording, Recording) and recording.returns_outside:
                    raise CaptureError(
                        "scan() puts results side by side, and the captured function returns a "
                        "tensor from outside: return its clone()"
                    )
                if isinstance(recording, Recording) and not recording.is_check_due():
                    rest = [x._array[i:] for x in whole]
                    shapes = [(count - i, *x.shape) for x in others[len(whole) :]]
                    rest += map(np.broadcast_to, [x._array for x in others[len(whole) :]], shapes)
                    part, done = recording.scan(rest)
                    results, i = [*results, part], i + done
                if i < count:
                    own = mapped(batches, partial(_taken, i))
                    results.append(mapped(self(*own, **options), _as_one))
                    i += 1
                if self._gives_values:
                    raise CaptureError("scan() is for functions of Tensors: loop over the calls")
        return _joined(results)

    def over(self, *args: Any) -> Value:
        """(N,) and (N, n) arrays of N examples → the sum of the function over them, as one Value.

        An array (N,) is one number of each example, and (N, n) a list of numbers. The function sees
        Values of the first example. ValueError for arrays that are no numbers or not of one length.
        CaptureError if the function does not give one Value.

        >>> w = Value(2.0)
        >>> loss = Captured(lambda x, y: (w * x[0] + x[1] - y) ** 2)
        >>> total = loss.over(np.array([[1.0, 0.0], [2.0, 1.0]]), np.array([1.0, 3.0]))
        >>> total.backward()
        >>> total.data, w.grad
        (5.0, 10.0)
        """
        columns: list[np.ndarray] = []
        arrays = [_rows_of(x) for x in args]
        if len({len(array) for array in arrays}) != 1:
            raise ValueError(
                f"over() wants arrays with as many rows each as there are examples, got "
                f"{', '.join(str(array.shape) for array in arrays) or 'none'}"
            )
        first = tuple(_first_of(array, columns) for array in arrays)
        with self._lock:
            for _ in range(3):  # a first call may set something up
                recording = self._fitting(self._key(first, {}, []))
                if isinstance(recording, OfValues):
                    return recording.over(columns)
                if recording is not None:
                    break
                self(*first)
        raise CaptureError("over() wants a function that gives one Value")

    def _key(self, args: Any, kwargs: Any, inputs: list[Any]) -> Any:
        """Which recordings may fit; the Tensors and Values in the arguments are put in order."""
        return _mode.recording, key_of(args, inputs), key_of(kwargs, inputs)

    def _fitting(self, key: Any) -> "Recording | OfValues | None":
        return next((own for own in self.recordings.get(key, ()) if own.fits()), None)

    def _replay(self, recording: Any, inputs: list[Any], args: Any, kwargs: Any) -> Any:
        try:
            return recording.replay(inputs)
        except ConditionError:
            if not recording.changes_late:
                raise
        return self.function(*args, **kwargs)  # nothing has happened yet: it knows best

    def _compare(self, recording: Any, inputs: list[Any], args: Any, kwargs: Any) -> Any:
        """A replay and the function itself, from the same state; the state is as after one."""
        before = recording.state()
        try:
            replayed = recording.replay(inputs)
        except ConditionError:
            recording.restore(before)
            return self.function(*args, **kwargs)
        found = recording.outcome(replayed)
        recording.restore(before)
        _plain.calls += 1
        try:
            wanted = recording.outcome(self.function(*args, **kwargs))
        finally:
            _plain.calls -= 1
        for name, was in wanted.items():
            if not recording.agrees(found.get(name), was):
                self.recordings.clear()
                raise CaptureError(
                    f"{name} of a replay is not that of the captured function itself: a replay "
                    f"does not see all that it reads, draws or does. What stands now is the "
                    f"function's, and the next call is recorded again. Pass what it reads as "
                    f"arguments, or call the function itself"
                )
        recording.is_checked()
        return replayed

    # ---- recording

    def _record(self, key: Any, inputs: list[Any], args: Any, kwargs: Any) -> Any:
        known = opaque_in(key)
        recorder, watch = Recorder(), Watch(self.function, *known)
        with recorder.following():
            own_args, own_kwargs = (mapped(given, recorder.argument) for given in (args, kwargs))
            returned = self.function(*own_args, **own_kwargs)
            recorder.must_not_have_drawn()
            form, values = values_in(returned)
            if not values:
                form, tensors = recorder.returned(returned, watch.tensors)
                recorder.end(watch.is_known)
                leaves = recorder.walk_back(form, tensors, watch.knows)
                del tensors
        if values:
            return self._record_values(key, inputs, returned, (values, form), recorder, watch)
        del returned, own_args, own_kwargs
        watch.settle()
        recorder.settle()
        is_kept = self._is_at_rest(key, watch)
        if is_kept:
            recorder.refuse_escapes()
            watch.must_reach(recorder.held)
        recording = Recording(recorder, form, leaves, watch)
        if is_kept:
            self._keep(key, recording)
        return recording.answer(recorder.results)

    def _record_values(
        self, key: Any, inputs: list[Any], returned: Any, roots: Any, recorder: Any, watch: Watch
    ) -> Any:
        self._gives_values = True
        if recorder.tape.steps:
            raise CaptureError(
                "a captured function that returns Values can't work on Tensors, too: make it two "
                "functions"
            )
        if not _mode.recording:
            return returned
        watch.settle(of_values=True)
        values, form = roots
        recording = OfValues(values, form, recorder.values, inputs, watch)
        if self._is_at_rest(key, watch):
            self._keep(key, recording)
        return recording.replay(inputs)

    def _keep(self, key: Any, recording: Recording | OfValues) -> None:
        found = self.recordings.setdefault(key, [])
        found.append(recording)
        del found[:-MOST_RECORDINGS]
        while len(self.recordings) > MOST_KINDS:
            del self.recordings[next(iter(self.recordings))]

    def _is_at_rest(self, key: Any, watch: Watch) -> bool:
        """Whether the call changed nothing that the function can read.

        What it sets up at its first call is right at the second. A second that changes something is
        refused.
        """
        if not watch.has_changed:
            self._restless.discard(key)
            return True
        if key in self._restless:
            raise CaptureError(
                "the captured function changes what it can read at each call (a counter, or "
                "another tensor behind a name or a .data), and a replay would not: pass it as an "
                "argument, or change it outside"
            )
        self._restless = {key}
        return False


def _taken(i: int, part: Any) -> Any:
    """The part of an argument that call `i` of a scan gets."""
    is_batches = isinstance(part, Tensor) and not part._requires_grad
    return part[i] if is_batches else part


def _as_one(part: Any) -> Any:
    """A part of a result, with an axis of size 1 in front."""
    return Tensor._of(part._array[None]) if isinstance(part, Tensor) else part


def _joined(results: list[Any]) -> Any:
    """Results with an axis for the calls in front, one after the other along that axis."""
    first = results[0]
    if isinstance(first, Tensor):
        return Tensor._of(np.concatenate([result._array for result in results]))
    if isinstance(first, (list, tuple)):
        parts = [_joined([result[i] for result in results]) for i in range(len(first))]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    if type(first) is dict:
        return {name: _joined([result[name] for result in results]) for name in first}
    return first


def _rows_of(examples: Any) -> np.ndarray:
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


def _first_of(array: np.ndarray, columns: list[np.ndarray]) -> Any:
    """The Values of the first example, and a column for each."""
    if array.ndim == 1:
        columns.append(array)
        return Value(float(array[0]))
    return [_first_of(part, columns) for part in np.moveaxis(array, 1, 0)]
