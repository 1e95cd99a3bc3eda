"""The recorder: it follows one call of a user's function and writes its tape.

What the call computes, it computes: recording is an ordinary eager call. The engine tells each row
that is applied and each change in place (`graph._mode.following`). Which memory holds which value
is kept here, for arrays and for views of them. At the end, the memory from outside whose value has
changed is what the call has done.
"""

import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ..engine import rules
from ..engine.graph import Primitive, _mode
from ..engine.tensor import Tensor
from ..engine.value import Value
from .arguments import Returned, mapped
from .tape import ARGUMENT, CONSTANT, DRAW, HOLDS, MEMORY, CaptureError, Layout, Live, Ref, Tape

Views = tuple[tuple[Primitive, dict[str, Any]], ...]


class Storage:
    """Some memory, (...), and which value of the tape it holds at present."""

    __slots__ = ("array", "before", "current", "first")

    def __init__(self, array: np.ndarray, number: int) -> None:
        self.array: Any = array  # None once the call is over
        self.first = self.current = number
        self.before: np.ndarray | None = None  # what it held, if the call has changed it


class Place(NamedTuple):
    """Where an array lies: in a storage, seen through a chain of views."""

    storage: Storage
    views: Views


class Recorder:
    """The tape of one call, while it is written."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.arguments: list[Storage] = []
        self.results: list[np.ndarray] = []  # of this call
        self.held: list[np.ndarray] = []  # what is left of `outside` in the end
        self.outside: list[Storage] = []  # memory that was there before the call
        self.states: list[tuple[dict[str, Any], str, Storage]] = []  # what optimizers keep
        self.grads_read: list[tuple[Tensor, Any]] = []
        self.grads_set: dict[int, Tensor] = {}
        self.grads: list[tuple[Tensor, bool]] = []  # those, and whether it comes from the tape
        self.grad_inputs: list[tuple[Tensor, int, int]] = []  # a gradient's value, and its last
        self.guards: list[tuple[Callable[[], Any], Any]] = []  # a look, and what it saw
        self.generators: dict[int, Any] = {}
        self.optimizers: dict[int, Any] = {}
        self.values: dict[int, Value] = {}  # that the call made of plain numbers
        self._places: dict[int, Place] = {}  # of arrays, by their identity
        self._shown: dict[Any, int] = {}  # what a view of a value is
        self._made: list[weakref.ref[Tensor]] = []
        self._all: list[np.ndarray] = []  # keeps every array, so that identities stay
        self._random: tuple[Any, ...] = ()

    @contextmanager
    def following(self) -> Iterator[None]:
        """What Tensors of this thread do is written down."""
        before = _mode.following, _mode.watching
        _mode.following, _mode.watching = self, None
        self._random = _states_of_randomness()
        try:
            yield
        finally:
            _mode.following, _mode.watching = before

    # ---- values and where they lie

    def argument(self, thing: Any) -> Any:
        """A part of an argument as the function sees it: of a Tensor a copy."""
        if not isinstance(thing, Tensor) or thing._requires_grad:
            return thing
        own = thing._array.copy(order="K")
        storage = Storage(own, self.tape.value(own, ARGUMENT))
        self.arguments.append(storage)
        self._put(own, Place(storage, ()))
        return Tensor._of(own)

    def value(self, tensor: Tensor) -> int:
        """The number of what a Tensor, (...), holds now.

        CaptureError if it was computed outside of the call, or lies in memory that another uses.
        """
        storage, views = self._place(tensor)
        number = storage.current
        for row, options in views:
            key = number, row, repr(options)
            if key not in self._shown:
                shown = row.array(self.tape.layouts[number].empty(), **options)
                self._shown[key] = self.tape.step(row, (Ref(number),), options, shown)
            number = self._shown[key]
        return number

    def is_made(self, tensor: Tensor) -> bool:
        """Whether the call computed what a Tensor, (...), holds."""
        place = self._places.get(id(tensor._array))
        return place is not None and place.storage.first not in self.tape.sources

    def _put(self, array: np.ndarray, place: Place) -> None:
        self._places[id(array)] = place
        self._all.append(array)

    def _place(self, tensor: Tensor) -> Place:
        known = self._places.get(id(tensor._array))
        if known is None:
            if tensor._base is not None:
                storage, views = self._place(tensor._base)
                known = Place(storage, (*views, *tensor._views))
            else:
                if _mode.recording and tensor._step is not None:
                    raise CaptureError(
                        f"a tensor of shape {list(tensor.shape)} was computed outside of the "
                        f"captured function from others: compute it inside, or use its detach()"
                    )
                known = self._from_outside(tensor._array)
            self._put(tensor._array, known)
        return known

    def _from_outside(self, array: np.ndarray) -> Place:
        for storage in self.outside:
            if np.may_share_memory(storage.array, array):
                raise CaptureError(
                    "two tensors that share some of their memory can't both be used in a captured "
                    "call, unless one was made from the other by torch's own views: use one of "
                    "them, or a clone()"
                )
        storage = Storage(array, self.tape.value(array, MEMORY))
        self.outside.append(storage)
        return Place(storage, ())

    def _of_array(self, array: np.ndarray) -> int:
        if id(array) not in self._places:
            self._put(array, self._from_outside(array))
        return self._places[id(array)].storage.current

    # ---- what the engine tells

    def row(
        self,
        row: Primitive,
        inputs: tuple[Any, ...],
        arrays: list[Any],
        options: dict[str, Any],
        result: Tensor,
    ) -> None:
        """Write down a row that was applied to inputs and gave `result`, (...).

        The arrays are the inputs in the dtype that it computes with. CaptureError if the shape of
        the result depends on the numbers, and for an input that `value` refuses.
        """
        if row.shape_depends_on_numbers:
            raise CaptureError(
                f"what {row.name} gives has a shape that depends on the numbers, so a replay can't "
                f"follow: use where() or a product with the mask"
            )
        self._made.append(weakref.ref(result))
        if result._base is not None:
            storage, views = self._place(result._base)
            self._put(result._array, Place(storage, (*views, *result._views)))
            return
        refs = [self._input(x, array) for x, array in zip(inputs, arrays, strict=True)]
        arrays = list(arrays)
        for part, places, own in row.parts[:-1]:
            array = part.array(*[arrays[i] for i in places], **own)
            refs.append(Ref(self.tape.step(part, tuple(refs[i] for i in places), own, array)))
            arrays.append(array)
        if row.parts:
            row, places, options = row.parts[-1]
            refs = [refs[i] for i in places]
        self._new(result._array, self.tape.step(row, tuple(refs), options, result._array))

    def _new(self, array: np.ndarray, number: int) -> None:
        self._put(array, Place(Storage(array, number), ()))

    def _input(self, x: Any, array: Any) -> Any:
        if not isinstance(x, (Tensor, np.ndarray)):
            return x if type(x) is Live else array
        return Ref(self.value(x) if isinstance(x, Tensor) else self._of_array(array))

    def change(self, tensor: Tensor, new: Tensor) -> None:
        """Note that a Tensor, (...), is about to become what another holds.

        CaptureError for one that `value` refuses.
        """
        storage, views = self._place(tensor)
        number = self.value(new)
        if Layout.of(new._array) != Layout.of(tensor._array):
            options = {"dtype": tensor._array.dtype}
            number = self.tape.step(rules.cast, (Ref(number),), options, tensor._array)
        if storage.before is None:
            storage.before = storage.array.copy(order="K")
        if views:
            inputs = Ref(storage.current), Ref(number)
            number = self.tape.step(rules.put_view, inputs, {"views": views}, storage.array)
        storage.current = number

    def grad_is_read(self, tensor: Tensor) -> None:
        """Note that the gradient of a Tensor, (...), was asked for."""
        if id(tensor) not in self.grads_set and not any(x is tensor for x, _ in self.grads_read):
            self.grads_read.append((tensor, tensor._grad))

    def grad_is_set(self, tensor: Tensor) -> None:
        """Note that the gradient of a Tensor, (...), is about to be set."""
        self.grads_set[id(tensor)] = tensor

    def draw(self, generator: Any, kind: str, *args: Any) -> np.ndarray:
        """Numbers (...) from a generator, drawn anew at each call.

        CaptureError for a multinomial.
        """
        if kind == "multinomial":
            raise CaptureError(
                "multinomial can't be captured: draw outside of the captured function and pass "
                "what was drawn as an argument"
            )
        self.generators[id(generator)] = generator
        options = {"generator": generator, "kind": kind, "args": args}
        with unfollowed():
            array = DRAW.array(**options)
        self._new(array, self.tape.step(DRAW, (), options, array))
        return array

    def undrawn(self) -> NoReturn:
        """Raise CaptureError for numbers that somebody draws past the tape."""
        raise CaptureError(
            "numbers were drawn from a Generator itself while the call was recorded, and a replay "
            "would not draw again: use moreish.torch.rand, randn or randint with generator="
        )

    def holds(self, condition: Any) -> bool:
        """Whether all are true; a replay goes the same way, or finds that it can't."""
        if not isinstance(condition, Tensor):
            return bool(np.all(condition))
        expected = bool(condition._array.all())
        ref = Ref(self.value(condition))
        self.tape.step(HOLDS, (ref,), {"expected": expected}, condition._array)
        return expected

    def read(self) -> NoReturn:
        """Raise CaptureError for numbers that are read or changed where a replay would not."""
        raise CaptureError(
            "a number was read or changed while the call was recorded (by if, item(), int(), "
            "tolist(), numpy(), printing, or .data of a Value), and a replay would not look at it "
            "again: return it and read it outside of the captured function"
        )

    def begin(self, value: Value) -> None:
        """A Value was made of a plain number."""
        self.values[id(value)] = value

    def refuse_backward(self) -> NoReturn:
        """Raise CaptureError for a loss of Values that is asked for its gradients."""
        raise CaptureError(
            "a captured loss of Values only computes the loss: call zero_grad(), backward() and "
            "the update outside of it, where the Values' data and grad are as ever"
        )

    def rates(
        self, optimizer: Any, numbers: Callable[[], tuple[float, ...]], form: Callable[[], Any]
    ) -> tuple[Live, ...]:
        """The numbers of an optimizer's step; `form` says which operations the step is made of."""
        self.optimizers[id(optimizer)] = optimizer
        self.guards.append((form, form()))
        return Live.of(numbers)

    def state(self, state: dict[str, np.ndarray]) -> dict[str, Tensor]:
        """What an optimizer keeps of a parameter from call to call, as Tensors.

        CaptureError for one that `value` refuses.
        """
        shown = {name: Tensor._of(array) for name, array in state.items()}
        for name, tensor in shown.items():
            self.states.append((state, name, self._place(tensor).storage))
        return shown

    # ---- the end

    def must_not_have_drawn(self) -> None:
        """CaptureError if numbers were drawn past the tape."""
        if self._random != _states_of_randomness():
            raise CaptureError(
                "random numbers were drawn from Python's or NumPy's own generator while the call "
                "was captured, and a replay would not draw again: use moreish.torch.rand, randn "
                "or randint, or pass them as an argument"
            )

    def returned(self, thing: Any, known: list[Tensor]) -> tuple[Any, list[Tensor]]:
        """What the function returned without its Tensors, and those Tensors, each (...).

        Those that are `known` are from outside; they stay where they are.
        """
        found: list[Tensor] = []

        def form_of(part: Any) -> Any:
            if not isinstance(part, Tensor) or any(part is tensor for tensor in known):
                return part
            found.append(part)
            self._add_result(part)
            return Returned(len(found) - 1)

        return mapped(thing, form_of), found

    def end(self, is_known: Callable[[Tensor], bool]) -> None:
        """Note what has become of gradients; CaptureError if an argument was changed.

        `is_known` says of a Tensor, (...), whether it was there before. Gradients of others are
        left out.
        """
        self.grads_read = [(x, grad) for x, grad in self.grads_read if is_known(x)]
        self.grads_set = {key: x for key, x in self.grads_set.items() if is_known(x)}
        for tensor in self.grads_set.values():
            grad = tensor._grad
            is_of_tape = isinstance(grad, Tensor) and (self.is_made(grad) or not is_known(grad))
            self.grads.append((tensor, is_of_tape))
            if isinstance(grad, Tensor) and is_of_tape:
                self.tape.grads.append(self.value(grad))
        if any(storage.current != storage.first for storage in self.arguments):
            raise CaptureError(
                "the captured function changes one of its arguments in place, and a replay works "
                "on a copy: change a clone() of it, or let it be a tensor from outside"
            )

    def walk_back(
        self, form: Any, returned: list[Tensor], is_known: Callable[[np.ndarray], bool]
    ) -> list[Tensor]:
        """Record the walk back from each loss (...) that was returned → the leaves.

        Their gradients are further results: a later backward() is answered by them. Not of a call
        that changes gradients, or memory that is known from outside.
        """
        leaves: list[Tensor] = []
        changed = [s for s in self.outside if s.current != s.first]
        changes = bool(self.tape.grads) or any(is_known(s.array) for s in changed)
        places: list[Returned] = []
        mapped(form, lambda x: places.append(x) if type(x) is Returned else None)
        for tensor, place in zip(returned, places, strict=True):
            if not tensor.requires_grad:
                continue
            before = len(leaves)
            if tensor._array.size == 1 and not changes:
                for node, g, _ in tensor._walk(None, False):
                    if isinstance(node, Tensor) and not self.is_made(node):
                        leaves.append(node)
                        self._add_result(g)
            place.leaves = slice(before, len(leaves))
        return leaves

    def _add_result(self, tensor: Tensor) -> None:
        self.tape.results.append(self.value(tensor))
        self.results.append(tensor._array.copy(order="K"))

    def settle(self) -> None:
        """Let go of all arrays. Memory that nobody holds then was made inside: a constant."""
        self._places.clear()
        self._all.clear()
        tape = self.tape
        grads = {id(x._array): t for t, x in self.grads_read if isinstance(x, Tensor)}
        kept = {id(state[name]) for state, name, _ in self.states}
        given = [tensor.grad for tensor, is_of_tape in self.grads if is_of_tape]
        new = {id(grad._array) for grad in given if grad is not None}
        for storage in self.outside:
            array, storage.array = storage.array, None
            tensor, changes = grads.get(id(array)), storage.current != storage.first
            if tensor is not None:  # its numbers are copied in at each call, and out if changed
                tape.sources[storage.first] = ARGUMENT
                self.grad_inputs.append((tensor, storage.first, storage.current))
                tape.grads += [storage.current] if changes else []
            elif sys.getrefcount(array) > 2 and id(array) not in new:  # this name, and the call
                self.held += [] if id(array) in kept else [array]
                tape.memory[storage.first] = array
                if changes:
                    tape.effects[storage.first] = storage.current
            else:
                tape.sources[storage.first] = CONSTANT
                was = array if storage.before is None else storage.before
                tape.memory[storage.first] = was.copy(order="K")

    def refuse_escapes(self) -> None:
        """CaptureError if somebody holds a Tensor of the call: a replay would not renew it."""
        grads = {id(tensor._grad) for tensor in self.grads_set.values()}
        if any(made() is not None and id(made()) not in grads for made in self._made):
            gc.collect()
        for made in self._made:
            tensor = made()
            if tensor is not None and id(tensor) not in grads:
                raise CaptureError(
                    f"a tensor of shape {list(tensor.shape)} that the captured function made is "
                    f"kept outside of it (in a list or an attribute?), where a replay would not "
                    f"renew it: return it instead"
                )


@contextmanager
def unfollowed() -> Iterator[None]:
    """What is done now is on no tape."""
    _mode.following, before = None, _mode.following
    try:
        yield
    finally:
        _mode.following = before


def _states_of_randomness() -> tuple[Any, ...]:
    """Where Python's and NumPy's own generators stand."""
    states: list[Any] = []
    if "random" in sys.modules:
        states.append(sys.modules["random"].getstate())
    if "numpy.random" in sys.modules:
        state: Any = np.random.get_state()
        name, key, *rest = state
        states += [name, key.tobytes(), rest]
    return tuple(states)
