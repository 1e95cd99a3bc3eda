"""One recording of a captured function: its tape, its plan, and when it may be replayed.

It may if what it read from outside is still what it was: the same Tensors with the same memory,
gradients that are there or not, the same numbers in the function's own variables.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from .fused_update import Home, stack
from .guards import Watch
from .plan import Plan
from .recorder import Held, Recorder
from .reduction_layout import turn
from .simplify import simplify
from .tape import CaptureError, Tape
from .tensor_hooks import ARRAY
from .tracer import Traced


class Returned:
    """In what a function returned: here comes a Tensor, or an array, from the tape."""

    __slots__ = ("is_array", "place", "slopes")

    def __init__(self, place: int, is_array: bool) -> None:
        self.place = place
        self.is_array = is_array
        self.slopes: slice | None = None  # of a loss: which of the tape's slopes are its own


class Slope:
    """The step that made a replay's result: its gradients come from the tape's own backward.

    It stands where a `Step` stands in the graph, so the result can be computed with.
    """

    __slots__ = ("_parents", "call", "is_spent", "name", "own", "recording", "retained")

    keeps_something = True  # so a second walk through it must be asked for, as anywhere

    def __init__(self, recording: "Recording", own: slice, call: int) -> None:
        self.recording = recording
        self.own = own
        self.call = call
        self._parents = tuple(recording.leaves[own])
        self.is_spent = False
        self.retained: Any = None
        self.name = "CapturedBackward0"

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def pull(self, g: Any, tie: Any = None) -> Iterator[tuple[Any, Any]]:
        """For each parameter its gradient, given that of the result."""
        if tie is not None:
            raise CaptureError(
                "gradients of gradients don't go through a captured function: take the inner "
                "gradient inside of it"
            )
        if not self._parents:
            raise CaptureError(
                "no gradients come from here: only a result of one number has them through a "
                "captured function, and only if that changes nothing outside itself. Call backward "
                "inside of it"
            )
        slopes = self.recording.slopes(self.call)[self.own]
        for leaf, slope in zip(self._parents, slopes, strict=True):
            yield leaf, (slope * g).astype(slope.dtype, copy=False)


class Recording:
    """One tape, its plan, and all that must be as it was for a replay to be right."""

    def __init__(self, recorder: Recorder, form: Any, leaves: list[Tensor], watch: Watch) -> None:
        self.tape = recorder.tape
        self.form = form
        self.leaves = leaves
        self.watch = watch
        self.held = list(recorder.held.values())
        self.states = recorder.states
        self.guards = recorder.guards
        self.calls = 0
        self._slopes: tuple[int, list[np.ndarray]] | None = None
        self._closed = Slope(self, slice(0, 0), 0)

    def plan(self, arguments: list[int], grads: list[tuple[Tensor, Any]], exact: bool) -> None:
        """Get ready to replay."""
        simplify(self.tape)
        todo = self.tape.copy()  # the tape stays as it was recorded
        if not exact:
            turn(todo)
        stack(todo, *self._homes(grads))
        self.planned = Plan(todo, arguments, self._fixed(todo))
        memory = self.planned.memory
        self.arguments = [memory[number] for number in arguments]
        self._results = [memory[number] for number in self.tape.results]
        self._changed = [(h.tensor._shared, h.changes) for h in self.held if h.changes]
        self._known = [(h.tensor, ARRAY.__get__(h.tensor), h.asks) for h in self.held]
        self._known_grads = [(h.tensor, h.was_grad) for h in self.held if h.reads_grad]
        made = iter(self.tape.grads)
        self.grads = [
            (tensor, _maker(memory[next(made)]) if grad is Traced else grad)
            for tensor, grad in grads
        ]

    def _fixed(self, tape: Tape) -> dict[int, Any]:
        """The values that are the same at each call, and what counts the changes of each."""
        shared = {id(held.array): held.tensor._shared for held in self.held}
        return {
            number: shared.get(id(tape.memory[number]))
            for number, origin in tape.origins.items()
            if origin in ("constant", "tensor") and number not in tape.effects
        }

    def _homes(self, grads: list[tuple[Tensor, Any]]) -> tuple[list[tuple[Home, int]], list[Home]]:
        """The memory of each parameter that got a gradient, and of what optimizers keep."""
        number_of = {id(array): number for number, array in self.tape.memory.items()}
        held_of = {id(held.tensor): held for held in self.held}
        made = iter(self.tape.grads)
        parameters = []
        for tensor, grad in grads:
            if grad is Traced:
                number, held = next(made), held_of[id(tensor)]
                if held.array is not None:
                    home = Home(number_of[id(held.array)], "parameter", partial(_move, held), 6)
                    parameters.append((home, number))
        states = [
            Home(number, f"state {name}", partial(state.__setitem__, name), 5)
            for state, name, number in self.states
        ]
        return parameters, states

    def fits(self) -> bool:
        """Whether what it read from outside is still what it was."""
        for tensor, array, asks in self._known:
            if (
                tensor._array is not array
                or tensor._requires_grad is not asks
                or tensor._step is not None
            ):
                return False
        for tensor, grad in self._known_grads:
            if tensor.grad is not grad:
                return False
        for state, name, number in self.states:
            if state[name] is not self.planned.tape.memory[number]:
                return False
        return all(look() == was for look, was in self.guards) and self.watch.is_as_it_was()

    def replay(self, arguments: list[np.ndarray]) -> Any:
        """Run the tape on these arguments."""
        for memory, array in zip(self.arguments, arguments, strict=True):
            np.copyto(memory, array)
        plan = self.planned
        with np.errstate(all="ignore"):
            plan.run()
        self.calls += 1
        results = [memory.copy() for memory in self._results]
        if plan.copies:
            plan.copy_home()
        for shared, changes in self._changed:
            shared.version += changes
        for tensor, grad in self.grads:
            tensor._grad = grad
        return self.answer(self.form, results)

    def repeat(self, arguments: list[np.ndarray], count: int) -> Any:
        """Run the tape so often; each result with an axis in front."""
        for memory, array in zip(self.arguments, arguments, strict=True):
            np.copyto(memory, array)
        run, copies = self.planned.run, self.planned.copies
        kept = [(np.empty((count, *m.shape), dtype=m.dtype), m) for m in self._results]
        with np.errstate(all="ignore"):
            for i in range(count):
                run()
                if copies:
                    self.planned.copy_home()
                for result, memory in kept:
                    result[i] = memory
        self.calls += count
        for shared, changes in self._changed:
            shared.version += changes * count
        for tensor, grad in self.grads:
            tensor._grad = grad
        return self.answer(self.form, [result for result, _ in kept], is_open=False)

    def answer(self, form: Any, results: list[np.ndarray], is_open: bool = True) -> Any:
        """What the function returned, with these numbers."""
        if type(form) is Returned:
            array = results[form.place]
            if form.is_array:
                return array
            tensor = Tensor._of(array)
            if form.slopes is not None:
                own = form.slopes
                has_slopes = is_open and own.start != own.stop
                slope = Slope(self, own, self.calls) if has_slopes else self._closed
                tensor._step = slope  # type: ignore[assignment]
            return tensor
        if type(form) is list:
            return [self.answer(part, results, is_open) for part in form]
        if isinstance(form, tuple):
            parts = [self.answer(part, results, is_open) for part in form]
            return type(form)(*parts) if hasattr(form, "_fields") else tuple(parts)
        if type(form) is dict:
            return {key: self.answer(part, results, is_open) for key, part in form.items()}
        return form

    def slopes(self, call: int) -> list[np.ndarray]:
        """The gradients of the losses that this call gave, with respect to each leaf."""
        if self._slopes is None or self._slopes[0] != call:
            if call != self.calls:
                raise CaptureError(
                    "the captured function was called again since this loss was computed, and its "
                    "numbers are gone: call backward() before the next call"
                )
            with np.errstate(all="ignore"):
                self.planned.run_backward()
            memory = self.planned.memory
            self.keep_slopes(call, [memory[number].copy() for number in self.tape.slopes])
        assert self._slopes is not None
        return self._slopes[1]

    def keep_slopes(self, call: int, slopes: list[np.ndarray]) -> None:
        """Remember the gradients of a call, which may be asked for again."""
        self._slopes = call, slopes


def _move(held: Held, array: np.ndarray) -> None:
    held.array = array
    ARRAY.__set__(held.tensor, array)


def _maker(memory: np.ndarray) -> Callable[[], Tensor]:
    """A gradient, copied out of the tape's memory when somebody looks."""
    return lambda: Tensor._of(memory.copy())
