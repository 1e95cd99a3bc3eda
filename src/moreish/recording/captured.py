"""A captured function: each call is replayed if a recording fits it, else recorded.

A recording fits if the arguments have the shapes and dtypes that it was made with, and nothing that
it read from outside has become something else.
"""

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from ..engine.graph import _mode, set_grad_enabled
from ..engine.tensor import Tensor
from ..engine.value import Value
from ..errors import is_whole
from .guards import Watch
from .recorder import Recorder
from .replay import Recording
from .signature import (
    end,
    first_of,
    followed,
    form_of,
    joined,
    kind_of,
    opaque_in,
    refuse_escapes,
    rows_of,
    walk_back,
)
from .tape import CaptureError, ConditionError, Tape
from .tensor_hooks import GRAD, unfollowed
from .tracer import Traced, bare
from .value_calls import OfValues, Values, values_in
from .vectorize import Lanes

MOST_RECORDINGS = 8  # for arguments of one kind; the oldest goes first
MOST_KINDS = 32


class Methods(dict[Any, Any]):
    """The captured methods of an object, kept in it; a copy of it makes its own."""

    def __reduce__(self) -> Any:
        return Methods, ()


class Captured:
    """What `capture` gives: the function, recorded once and replayed after."""

    is_captured = True

    def __init__(self, function: Callable[..., Any], exact: bool = False) -> None:
        self.function = function
        self.exact = exact
        self.recordings: dict[Any, list[Recording | OfValues]] = {}
        self._lock = threading.RLock()
        self._doubts: dict[Any, list[tuple[np.ndarray, np.ndarray]]] = {}
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
            found = Captured(self.function.__get__(instance, owner), self.exact)
            if isinstance(held, dict):  # a copy may have come with those of another
                held["_captured"] = Methods({**own, key: found})
            else:
                own[key] = found
        return found

    def __reduce__(self) -> Any:
        return Captured, (self.function, self.exact)  # a copy records for itself

    @property
    def tapes(self) -> list[Tape | Lanes]:
        """The tapes that are kept."""
        return [recording.tape for found in self.recordings.values() for recording in found]

    def __str__(self) -> str:
        return "\n\n".join(str(tape) for tape in self.tapes) or "not recorded yet"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _mode.following is not None:  # inside of another captured function: a part of its tape
            return self.function(*args, **kwargs)
        with self._lock:
            arrays: list[np.ndarray] = []
            key = self._key(args, kwargs, arrays)
            for recording in self.recordings.get(key, ()):
                if recording.fits():
                    return self._replay(recording, arrays, args, kwargs)
            if self._gives_values and not _mode.recording:
                return self._without_history(args, kwargs)
            return self._record(key, args, kwargs)

    def repeat(self, count: int, *args: Any, **kwargs: Any) -> Any:
        """So many calls with the same arguments; each result with an axis of `count` in front.

        It is a loop without Python's part in each call, for steps that draw their own batches.
        ValueError unless count is 1 or more; CaptureError for a function of Values.

        >>> w = Tensor([1.0]).requires_grad_()
        >>> def step():
        ...     w.grad = None
        ...     (w * w).sum().backward()
        ...     w.data -= 0.25 * w.grad
        ...     return w.detach().clone()
        >>> Captured(step).repeat(3)
        tensor([[0.5000],
                [0.2500],
                [0.1250]])
        """
        if not is_whole(count) or count < 1:
            raise ValueError(f"repeat() wants a whole number, 1 or more, got {count!r}")
        with self._lock:
            parts: list[Any] = []
            key = self._key(args, kwargs, parts)
            results: list[Any] = []
            while len(results) < count:
                fitting = [r for r in self.recordings.get(key, ()) if r.fits()]
                if fitting and isinstance(fitting[0], Recording):
                    return joined(results, fitting[0].repeat(parts, count - len(results)))
                results.append(self(*args, **kwargs))
                if self._gives_values:
                    raise CaptureError("repeat() is for functions of Tensors: loop over the calls")
            return joined(results, None)

    def _key(self, args: Any, kwargs: Any, parts: list[Any]) -> Any:
        """Which recordings may fit; the arrays and Values in the arguments are put in order."""
        return (
            _mode.recording,
            kind_of(args, parts) if args else None,
            kind_of(kwargs, parts) if kwargs else None,
        )

    def _replay(
        self, recording: Recording | OfValues, arrays: list[Any], args: Any, kwargs: Any
    ) -> Any:
        try:
            return recording.replay(arrays)
        except ConditionError:
            if isinstance(recording, OfValues) or not recording.planned.changes_late:
                raise
        return self.function(*args, **kwargs)  # nothing has happened yet: it knows best

    def _without_history(self, args: Any, kwargs: Any) -> Any:
        """Inside of no_grad, Values build no graph to record; the numbers are the same."""
        with set_grad_enabled(True):
            returned = self(*args, **kwargs)
        for value in values_in(returned)[1]:
            value._row = None
        return returned

    def over(self, *args: Any) -> Value:
        """The sum of the function over N examples, as one Value with its gradients.

        Each number in the arguments is given as an array (N,), and a list of numbers as (N, n); the
        function sees Values of the first example. ValueError if the arrays are not of one length.

        >>> w = Value(2.0)
        >>> loss = Captured(lambda x, y: (w * x[0] + x[1] - y) ** 2)
        >>> total = loss.over(np.array([[1.0, 0.0], [2.0, 1.0]]), np.array([1.0, 3.0]))
        >>> total.backward()
        >>> total.data, w.grad
        (5.0, 10.0)
        """
        columns: list[np.ndarray] = []
        arrays = [rows_of(x) for x in args]
        if len({len(array) for array in arrays}) != 1:
            raise ValueError(
                f"over() wants arrays with as many rows each as there are examples, got "
                f"{', '.join(str(array.shape) for array in arrays) or 'none'}"
            )
        first = [first_of(array, columns) for array in arrays]
        with self._lock:
            key = (_mode.recording, kind_of(tuple(first), []), None)
            for _ in range(2):
                for recording in self.recordings.get(key, ()):
                    if isinstance(recording, OfValues) and recording.fits():
                        return recording.over(columns)
                self(*first)
        raise CaptureError("over() wants a function that gives one Value")

    def _record(self, key: Any, args: Any, kwargs: Any) -> Any:
        recorder = Recorder()
        values = Values()
        numbers: list[int] = []
        watch = Watch(self.function, *opaque_in(key))
        with recorder.following(), values.following():
            returned = self.function(
                *followed(args, recorder, numbers), **followed(kwargs, recorder, numbers)
            )
            recorder.must_not_have_drawn()
            shape, roots = values_in(returned)
            if roots and recorder.tape.steps:
                raise CaptureError(
                    "a captured function that returns Values can't work on Tensors, too: make it "
                    "two functions"
                )
            if roots:
                return self._record_values(key, (args, kwargs), (shape, roots), values, watch)
            del shape, roots
            if recorder.failed:
                raise CaptureError(
                    "the numbers of this call decide which way it goes (as a target that is to be "
                    "ignored does), and a replay would go the same way again: call the function "
                    "itself"
                )
            watch.settle()
            form, arrays = form_of(returned, recorder)
            grads = end(recorder, numbers)
            leaves, slopes = walk_back(returned, form, recorder)
            tensor_grads = [tensor for tensor, grad in grads if grad is Traced]
        results = [bare(array).copy() for array in arrays]
        slopes = [np.array(bare(slope)) for slope in slopes]
        for tensor in tensor_grads:
            grad = tensor.grad
            assert grad is not None
            GRAD.__set__(tensor, Tensor._of(grad._array.copy()))
            del grad
        del returned, arrays
        refuse_escapes(recorder)
        recorder.let_go_of_memory()
        recording = Recording(recorder, form, leaves, watch)
        recording.keep_slopes(0, slopes)
        if self._is_at_rest(key, watch) and self._is_beyond_doubt(key, recorder):
            recording.plan(numbers, grads, self.exact)
            self._keep(key, recording)
        return recording.answer(form, results)

    def _record_values(
        self, key: Any, given: Any, returned: tuple[Any, list[Value]], values: Values, watch: Watch
    ) -> Any:
        form, roots = returned
        if not _mode.recording:
            self._gives_values = True
            with unfollowed():
                return self._without_history(*given)
        watch.settle(of_values=True)
        inputs: list[Any] = []
        kind_of(given[0], inputs)
        kind_of(given[1], inputs)
        recording = OfValues(roots, values, inputs, watch)
        recording.form = form
        self._gives_values = True
        if self._is_at_rest(key, watch):
            self._keep(key, recording)
        with unfollowed():
            return recording.replay(inputs)

    def _keep(self, key: Any, recording: Recording | OfValues) -> None:
        found = self.recordings.setdefault(key, [])
        found.append(recording)
        del found[:-MOST_RECORDINGS]
        while len(self.recordings) > MOST_KINDS:
            del self.recordings[next(iter(self.recordings))]

    def _is_at_rest(self, key: Any, watch: Watch) -> bool:
        """Whether the call changed nothing that the function can read. What it sets up at its first
        call is right at the second; a second that changes something is refused."""
        if not watch.has_changed:
            self._restless.discard(key)
            return True
        if key in self._restless:
            raise CaptureError(
                "the captured function changes what it can read (a counter?) at each call, and a "
                "replay would not: pass it as an argument, or change it outside"
            )
        self._restless = {key}
        return False

    def _is_beyond_doubt(self, key: Any, recorder: Recorder) -> bool:
        """Whether arrays that the function brought in by itself are the same at every call.

        One recording can't tell: such a call is recorded twice and compared.
        """
        foreign = [(array, content) for _, array, content in recorder.foreign]
        if not foreign:
            return True
        before = self._doubts.pop(key, None)
        if before is None:
            self._doubts = {key: foreign}
            return False
        same = len(before) == len(foreign) and all(
            a is b or np.array_equal(was, now)  # the same one is read where it lies
            for (a, was), (b, now) in zip(before, foreign, strict=True)
        )
        if not same:
            raise CaptureError(
                "the captured function brings in an array that is another at each call, and a "
                "replay would not see it: pass it as an argument"
            )
        return True
