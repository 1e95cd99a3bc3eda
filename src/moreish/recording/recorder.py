"""The recorder: it follows one call of a user's function and writes its tape.

What the call computes, it computes: recording is an ordinary eager call, and the same operations on
the same numbers. In-place changes become new values; which memory holds which value is kept with
each storage. At the end, the outside memory whose value has changed is what the call has done.
"""

import math
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from . import operations
from .operations import ARRAY, Move
from .tape import CaptureError, Live, LiveSource, Ref, Step, Tape
from .tensor_hooks import ARRAY as SLOT
from .tensor_hooks import GRAD, SHOWN_GRAD, followed_by, states_of_randomness, unfollowed
from .tracer import Storage, Traced, bare, parts_of


class Held:
    """A Tensor that was made outside, and what the tape must know of it at the next call."""

    __slots__ = (
        "array",
        "asks",
        "changes",
        "reads_grad",
        "tensor",
        "version",
        "was_grad",
        "writes_grad",
    )

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.array: Any = None  # its memory, if the call looked at it
        self.asks = tensor._requires_grad
        self.version = tensor._shared.version
        self.changes = 0  # how often the call changed its numbers
        self.reads_grad = False  # whether the call looked at its gradient before setting it
        self.writes_grad = False
        self.was_grad: Any = None


class Recorder:
    """What is known while a call is being recorded."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.is_recording = True
        self.storages: dict[int, Storage] = {}  # by id of memory that the tape did not make
        self.arrays: list[np.ndarray] = []  # so that no id is used twice
        self.held: dict[int, Held] = {}
        self.states: list[tuple[dict[str, Any], str, int]] = []
        self.foreign: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.guards: list[tuple[Callable[[], Any], Any]] = []
        self.made: dict[int, weakref.ref[Tensor]] = {}  # by id: Tensors have no plain ==
        self.failed = False
        self.generators: list[Any] = []
        self._views: dict[tuple[int, Any], int] = {}
        self._arguments: dict[int, Storage] = {}
        self._random: tuple[Any, ...] = ()

    # ---- values

    def ref(self, x: Any) -> Any:
        """An operand as a step keeps it."""
        if type(x) is Traced:
            if x._recorder is self:
                return Ref(self.read(x))
            x = bare(x)
        if isinstance(x, np.ndarray):
            return Ref(self.read(self.outside(x, "constant")))
        return x

    def read(self, x: Traced) -> int:
        """The value that an array shows at present."""
        storage = x._storage
        assert storage is not None
        number, path = storage.current, x._path
        for depth, move in enumerate(path, 1):
            known = (storage.current, repr(path[:depth]))
            if known not in self._views:
                shown = operations.seen(storage.memory, path[:depth])
                self._views[known] = self._step(operations.view(move), (Ref(number),), shown)
            number = self._views[known]
        return number

    def write(self, x: Traced, number: int) -> None:
        """What an array shows has become this value."""
        storage = x._storage
        assert storage is not None
        if x._path:
            inputs = (Ref(storage.current), Ref(number))
            number = self._step(operations.put(x._path), inputs, storage.memory)
        storage.current = number

    def _step(self, operation: Any, inputs: tuple[Any, ...], result: np.ndarray) -> int:
        number = self.tape.value(result)
        self.tape.steps.append(Step(operation, inputs, number))
        return number

    def outside(self, array: np.ndarray, origin: str) -> Traced:
        """Memory that the tape did not make, as it is now."""
        storage = self.storages.get(id(array))
        if storage is None:
            for other in self.storages.values():
                if _are_tangled(array, other.memory):
                    if _are_the_same(array, other.memory):
                        storage = other
                        break
                    self._refuse_tangle()
        if storage is None:
            number = self.tape.value(array)
            self.tape.origins[number] = origin
            is_constant = origin == "constant"  # every call begins with it as it is now
            self.tape.memory[number] = array.copy() if is_constant else array
            storage = Storage(self, array, number)
        self.storages[id(array)] = storage
        self.arrays.append(array)
        return _on(storage, array)

    def _refuse_tangle(self) -> None:
        raise CaptureError(
            "two tensors that share some of their memory can't both be used in a captured call, "
            "unless they were made from each other inside of it: use one of them, or a clone()"
        )

    def constant(self, array: np.ndarray) -> Traced:
        """An array that every call makes anew, the same each time."""
        return self.outside(array, "constant")

    def argument(self, array: np.ndarray, numbers: list[int]) -> Traced:
        """A copy of an argument, whose number is put in the list."""
        own = array.copy()
        number = self.tape.value(own)
        self.tape.origins[number] = f"argument {len(numbers)}"
        numbers.append(number)
        traced = self.new(own, number)
        assert traced._storage is not None
        self._arguments[number] = traced._storage
        return traced

    def changed(self, number: int) -> bool:
        """Whether the memory of an argument holds another value now."""
        return self._arguments[number].current != number

    def new(self, array: np.ndarray, number: int) -> Traced:
        """The result of a step."""
        return _on(Storage(self, array, number), array)

    # ---- steps

    def do(self, operation: Any, *inputs: Any) -> Traced:
        """Apply an operation to arrays and constants, and write it down."""
        refs = tuple(self.ref(x) for x in inputs)
        result = np.asarray(operation.apply(*[plain_of(x) for x in inputs]))
        return self.new(result, self._step(operation, refs, result))

    def ufunc(
        self, ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], out: Any, options: Any
    ) -> Any:
        """A ufunc of NumPy's, perhaps into an array that there is already."""
        if method == "at":
            return self._at(ufunc, *inputs)
        wheres = options.pop("where", True)
        if method not in ("__call__", "reduce", "outer", "accumulate") or wheres is not True:
            raise CaptureError(f"np.{ufunc.__name__}.{method} with these options can't be captured")
        if ufunc.nout != 1:
            raise CaptureError(f"np.{ufunc.__name__} gives two arrays and can't be captured")
        refs = tuple(self.ref(x) for x in inputs)
        plain = [plain_of(x) for x in inputs]
        target = out[0] if out else None
        if target is not None and type(target) is not Traced:
            target = self.outside(target, "constant")
        outs = {} if target is None else {"out": bare(target)}
        result = np.asarray(getattr(ufunc, method)(*plain, **outs, **options))
        operation = operations.of_ufunc(ufunc, method, result.dtype, options)
        number = self._step(operation, refs, result)
        if target is None:
            return self.new(result, number)
        self.write(target, number)
        return target

    def _at(self, ufunc: np.ufunc, target: Any, key: Any, value: Any) -> None:
        parts, arrays = parts_of(key)
        inputs = (target, value, *arrays)
        refs = tuple(self.ref(x) for x in inputs)
        ufunc.at(bare(target), _bare_key(key), bare(value))
        self.write(target, self._step(operations.added_at(ufunc, parts), refs, bare(target)))

    def view(self, x: Traced, move: Move) -> Traced:
        """The same memory in another shape."""
        shown = operations.moved(bare(x), move).view(Traced)
        shown._storage, shown._path = x._storage, (*x._path, move)
        return shown

    def reshape(self, x: Traced, shape: tuple[int, ...]) -> Traced:
        """Another shape: the same memory where it can be, else a copy."""
        result = bare(x).reshape(shape)
        if result.size and not np.may_share_memory(result, x):
            flat = np.array(bare(x), order="C")
            number = self._step(operations.contiguous(x.dtype), (self.ref(x),), flat)
            x = self.new(flat, number)
        return self.view(x, ("reshape", tuple(shape)))

    def copy(self, x: Traced, dtype: Any) -> Traced:
        """Memory of its own."""
        return self.do(operations.copied(dtype), x)

    def take(self, x: Traced, parts: list[Any], arrays: list[Any]) -> Traced:
        """The numbers that arrays pick, a copy."""
        if any(part.dtype.kind == "b" for part in arrays):
            raise CaptureError(
                "how many numbers a mask picks depends on the numbers, so a replay can't follow: "
                "use where() or a product with the mask"
            )
        return self.do(operations.take(parts), x, *arrays)

    def put(self, x: Traced, parts: list[Any], arrays: list[Any], value: Any) -> None:
        """x[key] = value."""
        self.ref(x)
        path = x._path
        storage = x._storage
        assert storage is not None
        inputs = [Ref(storage.current), self.ref(value), *[self.ref(a) for a in arrays]]
        if not arrays:
            key = tuple(parts) if any(p is ... for p in parts) else (*parts, ...)
            place = operations.moved(bare(x), ("index", key))
            place[...] = plain_of(value)
            whole = place.shape == storage.memory.shape and not path
            if whole and getattr(value, "shape", None) == place.shape:
                same = value.dtype == x.dtype
                storage.current = (
                    inputs[1].number
                    if same
                    else self._step(operations.copied(x.dtype), (inputs[1],), place)
                )
                return
            operation = operations.put((*path, ("index", key)))
        else:
            bare(x)[_filled(parts, arrays)] = plain_of(value)
            operation = operations.put(path, parts)
        storage.current = self._step(operation, tuple(inputs), storage.memory)

    # ---- what the engine tells while it is recorded

    def draw(self, generator: Any, kind: str, *args: Any) -> Traced:
        """Numbers from a generator, drawn anew at each call."""
        if kind == "multinomial":
            raise CaptureError(
                "multinomial can't be captured: draw outside of the captured function and pass "
                "what was drawn as an argument"
            )
        with unfollowed():
            array = getattr(generator, kind)(*args)
        told = ", ".join(str(x) for x in args)
        operation = operations.drawn(lambda: getattr(generator, kind)(*args), f"{kind}({told})")
        operation.key = (generator, kind, args)
        if not any(generator is known for known in self.generators):
            self.generators.append(generator)
        return self.new(array, self._step(operation, (), array))

    def undrawn(self) -> None:
        """Somebody draws past the tape."""
        raise CaptureError(
            "numbers were drawn from a Generator itself while the call was recorded, and a replay "
            "would not draw again: use moreish.torch.rand, randn or randint with generator="
        )

    def holds(self, condition: Any) -> bool:
        """Whether all are true; a replay asks again."""
        condition = getattr(condition, "_array", condition)
        if type(condition) is not Traced:
            return bool(np.all(condition))
        self.do(operations.condition(), condition)
        if np.all(bare(condition)):
            return True
        self.failed, self.is_recording = True, False  # the rest is an eager call, and its errors
        return False

    def known(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """Operands, of which plain arrays are noted as brought in from elsewhere."""
        return tuple(
            self.foreign_array(x) if type(x) is np.ndarray and x.size > 1 else x for x in inputs
        )

    def refuse(self) -> None:
        """Numbers are read where a replay would not read them again."""
        Traced._refuse(self)  # type: ignore[arg-type]

    def guard(self, look: Callable[[], Any]) -> None:
        """What must be as it is now for a replay to be right."""
        self.guards.append((look, look()))

    def live(self, function: Callable[[], tuple[float, ...]]) -> tuple[Live, ...]:
        """Python numbers that are worked out anew at each call."""
        source = LiveSource(function)
        return tuple(Live(source, i, float(now)) for i, now in enumerate(function()))

    def keep(self, state: dict[str, np.ndarray]) -> dict[str, Any]:
        """Arrays that an optimizer keeps from call to call, as the tape sees them."""
        shown = {}
        for name, array in state.items():
            known = id(array) in self.storages
            shown[name] = self.outside(array, f"state {name}")
            if not known:
                storage = shown[name]._storage
                assert storage is not None
                self.states.append((state, name, storage.first))
        return shown

    def foreign_array(self, array: np.ndarray) -> np.ndarray:
        """An array of NumPy's that was brought in as it is."""
        if type(array) is Traced or id(array) in self.storages:
            return array
        shown = self.outside(array, "array")
        assert shown._storage is not None
        self.foreign.append((shown._storage.first, array, array.copy()))
        return shown

    # ---- Tensors

    def shown(self, tensor: Tensor) -> Traced:
        """The array of a Tensor, as the tape sees it."""
        array = SLOT.__get__(tensor)
        if type(array) is Traced:
            return array
        if self.is_made(tensor):
            return self.outside(array, "constant")
        held = self.hold(tensor)
        if held.array is None:
            if tensor._step is not None:
                raise CaptureError(
                    f"a tensor of shape {list(array.shape)} was computed outside of the captured "
                    f"function from others: compute it inside, or use its detach()"
                )
            held.array = array
        origin = "parameter" if tensor._requires_grad else "tensor"
        return self.outside(array, origin)

    def is_made(self, tensor: Tensor) -> bool:
        """Whether it was made inside of the call."""
        made = self.made.get(id(tensor))
        return made is not None and made() is tensor

    def hold(self, tensor: Tensor) -> Held:
        """What is known of a Tensor from outside."""
        held = self.held.get(id(tensor))
        if held is None:
            held = self.held[id(tensor)] = Held(tensor)
        return held

    def set_array(self, tensor: Tensor, array: np.ndarray) -> None:
        """A Tensor is to hold this array."""
        if self.is_made(tensor) or not hasattr(tensor, "_views"):  # it is just being made
            self.made[id(tensor)] = weakref.ref(tensor)
            SLOT.__set__(tensor, array)
            return
        own = self.shown(tensor)
        if not (type(array) is Traced and array._storage is own._storage and not array._path):
            raise CaptureError(
                "the captured function puts another array in the place of a tensor's own: change "
                "its numbers in place, as in p.data -= ... or p.data[...] = ..."
            )

    def get_grad(self, tensor: Tensor) -> Any:
        """The gradient of a Tensor, asked for by the call."""
        if not self.is_made(tensor):
            held = self.hold(tensor)
            if not held.writes_grad and not held.reads_grad:
                held.reads_grad = True
                held.was_grad = SHOWN_GRAD.__get__(tensor)
        return SHOWN_GRAD.__get__(tensor)

    def set_grad(self, tensor: Tensor, grad: Any) -> None:
        """The call sets the gradient of a Tensor."""
        if not self.is_made(tensor):
            self.hold(tensor).writes_grad = True
        GRAD.__set__(tensor, grad)

    def must_not_have_drawn(self) -> None:
        """CaptureError if numbers were drawn past the tape."""
        if self._random != states_of_randomness():
            raise CaptureError(
                "random numbers were drawn from Python's or NumPy's own generator while the call "
                "was captured, and a replay would not draw again: use moreish.torch.rand, randn "
                "or randint, or pass them as an argument"
            )

    @contextmanager
    def following(self) -> Iterator[None]:
        """Tensors show themselves to the tape from here on, in this thread."""
        self._random = states_of_randomness()
        with followed_by(self):
            try:
                yield
            finally:
                self.is_recording = False
                self._let_go()

    def let_go_of_memory(self) -> None:
        """Hold no arrays any longer, so that it can be seen who else does."""
        self.storages.clear()
        self.arrays.clear()

    def _let_go(self) -> None:
        """Tensors that were made while recording hold plain arrays from here on."""
        for made in self.made.values():
            tensor = made()
            if tensor is not None:
                SLOT.__set__(tensor, bare(SLOT.__get__(tensor)))


def _on(storage: Storage, array: np.ndarray) -> Traced:
    traced = array.view(Traced)
    traced._storage = storage
    return traced


def plain_of(x: Any) -> Any:
    """An operand as NumPy takes it."""
    return x.now if type(x) is Live else bare(x)


def _bare_key(key: Any) -> Any:
    return tuple(bare(part) for part in key) if isinstance(key, tuple) else bare(key)


def _filled(parts: list[Any], arrays: list[Any]) -> Any:
    rest = iter(arrays)
    filled = tuple(bare(next(rest)) if part is ARRAY else part for part in parts)
    return filled[0] if len(filled) == 1 else filled


def _are_the_same(a: np.ndarray, b: np.ndarray) -> bool:
    return (a.shape, a.strides, a.dtype, a.__array_interface__["data"]) == (
        b.shape,
        b.strides,
        b.dtype,
        b.__array_interface__["data"],
    )


def _are_tangled(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(math.prod(a.shape) and math.prod(b.shape)) and np.may_share_memory(a, b)
