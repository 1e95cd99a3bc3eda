"""A recording: the plan of a tape, what it must find as it was, and what a replay sets."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from .arguments import Returned, mapped
from .names import Watch
from .plan import Plan
from .recorder import Recorder
from .simplify import simplify
from .tape import CaptureError, ConditionError, Layout, Tape

FIRST_CHECK = 2  # the call that is compared with the function; then every doubling of it


class Checked:
    """How often something was called, and whether a call is to be compared with the function."""

    calls = 1  # the recording was the first
    _next_check = FIRST_CHECK

    def is_check_due(self) -> bool:
        """Whether the next call is the first, 4th, 8th ... replay, or passed it."""
        return self.calls + 1 >= self._next_check

    def is_checked(self) -> None:
        """This call was compared."""
        self._next_check = 2 * max(self.calls, FIRST_CHECK)

    @staticmethod
    def agrees(found: Any, wanted: Any) -> bool:
        """Whether what a replay gave is to the bit what the function gave."""
        if not isinstance(wanted, np.ndarray) or not isinstance(found, np.ndarray):
            return bool(found == wanted)
        return found.dtype == wanted.dtype and np.array_equal(
            found, wanted, equal_nan=wanted.dtype.kind == "f"
        )


class Recording(Checked):
    """A call that can be replayed; a later `backward` gives gradients to its leaves, each (...)."""

    def __init__(self, recorder: Recorder, form: Any, leaves: list[Tensor], watch: Watch) -> None:
        self.tape: Tape = recorder.tape
        self.form = form
        self.leaves = leaves  # the Tensors that a later backward() gives gradients to
        self.watch = watch
        self._guards = recorder.guards
        self._generators = list(recorder.generators.values())
        self._optimizers = list(recorder.optimizers.values())
        self._grads_read = [(tensor, _layout_of(grad)) for tensor, grad in recorder.grads_read]
        self._states = [
            (state, name, self.tape.memory[storage.first])
            for state, name, storage in recorder.states
        ]
        simplify(self.tape)
        self.plan = Plan(self.tape)
        memory, found = self.plan.memory, self.plan.found
        self._arguments = [memory[storage.first] for storage in recorder.arguments]
        self._results = [found[number] for number in self.tape.results]
        grads = iter(self.tape.grads)
        self._grads = [
            (tensor, _copier(found[next(grads)]) if is_made else tensor._grad)
            for tensor, is_made in recorder.grads
        ]
        self._grads_in = [(tensor, memory[first]) for tensor, first, _ in recorder.grad_inputs]
        self._grads_out = [
            (tensor, found[next(grads)])
            for tensor, first, last in recorder.grad_inputs
            if first != last
        ]
        self._homes = [memory[number] for number in self.tape.effects]
        self._changed = watch.changed_versions()

    @property
    def returns_outside(self) -> bool:
        """Whether it returns a Tensor from outside, as it is."""
        found: list[Any] = []
        mapped(self.form, found.append)
        return any(isinstance(part, Tensor) for part in found)

    @property
    def changes_late(self) -> bool:
        """Whether all conditions are looked at before anything changes."""
        return self.plan.changes_late

    def fits(self) -> bool:
        """Whether what it read from outside is still what it was."""
        return (
            all(look() == was for look, was in self._guards)
            and all(_layout_of(tensor.grad) == was for tensor, was in self._grads_read)
            and all(state.get(name) is array for state, name, array in self._states)
            and self.watch.is_as_it_was()
        )

    # ---- replays

    def replay(self, inputs: list[Tensor]) -> Any:
        """Run the plan on these arguments, each (...) → what the function returns for them."""
        for memory, tensor in zip(self._arguments, inputs, strict=True):
            memory[...] = tensor._array
        with np.errstate(all="ignore"):
            self._run()
        self._has_run(1)
        return self.answer([memory.copy(order="K") for memory in self._results])

    def scan(self, batches: list[np.ndarray]) -> tuple[Any, int]:
        """(N, ...) batches → the results of n calls, each (n, ...), and n.

        It stops where a condition fails and nothing has happened yet, so n may be less than N.
        ConditionError if something has.
        """
        pairs = list(zip(self._arguments, batches, strict=True))
        run = self._run if self._grads_in else self.plan.run
        count = len(batches[0])
        kept = [(np.empty((count, *m.shape), dtype=m.dtype), m) for m in self._results]
        done = 0
        try:
            with np.errstate(all="ignore"):
                for done in range(count):
                    for memory, batch in pairs:
                        memory[...] = batch[done]
                    run()
                    for result, memory in kept:
                        result[done] = memory
                done = count
        except ConditionError:
            if not self.changes_late:
                raise
        finally:
            self._has_run(done)
        return self.answer([result[:done] for result, _ in kept], is_open=False), done

    def _run(self) -> None:
        """Run the plan; gradients that were there are copied in, and out if it changes them."""
        for tensor, memory in self._grads_in:
            memory[...] = _array_of(tensor.grad)
        self.plan.run()
        for tensor, memory in self._grads_out:
            _array_of(tensor.grad)[...] = memory

    def _has_run(self, count: int) -> None:
        self.calls += count
        for shared, changes in self._changed:
            shared.version += changes * count
        for tensor, grad in self._grads if count else ():
            tensor._grad = grad

    def answer(self, results: list[np.ndarray], is_open: bool = True) -> Any:
        """What the function returned, with these numbers, each (...).

        `is_open` says whether a later `backward` is answered.
        """
        slopes = results[len(results) - len(self.leaves) :]

        def part(thing: Any) -> Any:
            if type(thing) is not Returned:
                return thing
            tensor = Tensor._of(results[thing.place])
            if thing.leaves is not None:
                own = thing.leaves if is_open else slice(0, 0)
                tensor._step = Slope(self.leaves[own], slopes[own])  # type: ignore[assignment]
            return tensor

        return mapped(self.form, part)

    # ---- compared with the function

    def state(self) -> list[Any]:
        """All that a call may change, copied."""
        return [
            [home.copy() for home in self._homes],
            [(tensor, tensor._grad) for tensor, _ in self._grads],
            [_array_of(tensor.grad).copy() for tensor, _ in self._grads_out],
            [generator.get_state() for generator in self._generators],
            [dict(optimizer.taken) for optimizer in self._optimizers],
            [shared.version for shared, _ in self._changed],
        ]

    def restore(self, state: list[Any]) -> None:
        """Be where it was when `state` was taken."""
        homes, grads, changed, generators, taken, versions = state
        for home, array in zip(self._homes, homes, strict=True):
            home[...] = array
        for tensor, grad in grads:
            tensor._grad = grad
        for (tensor, _), array in zip(self._grads_out, changed, strict=True):
            _array_of(tensor.grad)[...] = array
        for generator, own in zip(self._generators, generators, strict=True):
            generator.set_state(own)
        for optimizer, own in zip(self._optimizers, taken, strict=True):
            optimizer.taken.clear()
            optimizer.taken.update(own)
        for (shared, _), version in zip(self._changed, versions, strict=True):
            shared.version = version

    def outcome(self, returned: Any) -> dict[str, Any]:
        """What a call returned and changed, by name, to be compared."""
        found: dict[str, Any] = {}
        returns: list[Any] = []
        mapped(returned, returns.append)
        for i, part in enumerate(returns):
            if isinstance(part, (Tensor, int, float)):
                found[f"result {i + 1}"] = part._array.copy() if isinstance(part, Tensor) else part
        for i, home in enumerate(self._homes):
            found[f"the tensor of shape {list(home.shape)} that it changes ({i + 1})"] = home.copy()
        for i, (tensor, _) in enumerate([*self._grads, *self._grads_out]):
            grad = tensor.grad
            found[f"the gradient of shape {list(tensor.shape)} ({i + 1})"] = (
                None if grad is None else grad._array.copy()
            )
        for i, generator in enumerate(self._generators):
            found[f"the state of generator {i + 1}"] = generator.get_state()
        for i, optimizer in enumerate(self._optimizers):
            found[f"the steps of optimizer {i + 1}"] = list(optimizer.taken.values())
        return found


class Slope:
    """The step that made a result of a replay: its gradients, each (...), came with it.

    It stands where a `Step` stands in the graph, so the result can be computed with.
    """

    __slots__ = ("_parents", "is_spent", "name", "retained", "slopes")

    keeps_something = True  # so a second walk through it must be asked for, as anywhere

    def __init__(self, leaves: list[Tensor], slopes: list[np.ndarray]) -> None:
        self._parents = tuple(leaves)
        self.slopes = slopes
        self.is_spent = False
        self.retained: Any = None
        self.name = "CapturedBackward0"

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def pull(self, g: Any, tie: Any = None) -> Iterator[tuple[Any, Any]]:
        """For each leaf its gradient, given that of the result.

        CaptureError for a gradient of a gradient, and where no gradients came with the result.
        """
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
        for leaf, slope in zip(self._parents, self.slopes, strict=True):
            yield leaf, (slope * g).astype(slope.dtype, copy=False)


def _array_of(grad: Any) -> np.ndarray:
    array: np.ndarray = grad._array
    return array


def _layout_of(grad: Any) -> Layout | None:
    return Layout.of(grad._array) if isinstance(grad, Tensor) else None


def _copier(memory: np.ndarray) -> Callable[[], Tensor]:
    """A gradient, copied out of the plan's memory when somebody looks."""
    return lambda: Tensor._of(memory.copy(order="K"))
