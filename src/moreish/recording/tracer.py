"""Traced: an array that writes down what is done with it.

While a call is recorded, every Tensor shows its numbers as a Traced array. It computes as any array
does, and the recorder puts each operation on the tape. Whatever would take numbers off the tape, as
a branch on them does, is refused in a sentence; so is an operation that the tape can't hold.
"""

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import numpy as np

from . import operations
from .operations import ARRAY, Move
from .tape import CaptureError, Live

F = TypeVar("F", bound=Callable[..., Any])
HELD: dict[Any, Any] = {}  # NumPy's functions that a tape can hold, and how


class Storage:
    """Some memory, and which value of the tape it holds at present."""

    __slots__ = ("current", "first", "memory", "recorder")

    def __init__(self, recorder: Any, memory: np.ndarray, number: int) -> None:
        self.recorder = recorder
        self.memory = memory
        self.first = self.current = number


def bare(x: Any) -> Any:
    """An array without its tracing."""
    return x.view(np.ndarray) if type(x) is Traced else x


class Traced(np.ndarray):
    """An array on a tape: its storage, and the moves that show it there."""

    _storage: Storage | None
    _path: tuple[Move, ...]

    def __array_finalize__(self, other: Any) -> None:
        self._storage = None  # set by the recorder; what it did not make it can't follow
        self._path = ()

    @property
    def _recorder(self) -> Any:
        """The recorder that follows it; None when it is no longer recording."""
        if self._storage is None:
            raise CaptureError(
                "an operation can't be captured: NumPy did it past the tape. Do it outside of the "
                "captured function"
            )
        return self._storage.recorder if self._storage.recorder.is_recording else None

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        operands = inputs[:1] if method == "at" else inputs
        if any(not isinstance(x, (np.ndarray, np.generic, *NUMBERS)) for x in operands):
            return NotImplemented
        recorder = _recorder_of((*inputs, *(out or ())))
        if recorder is None:
            inputs = tuple(bare(x) for x in inputs)
            outs = {} if out is None else {"out": tuple(bare(x) for x in out)}
            return getattr(ufunc, method)(*inputs, **outs, **options)
        return recorder.ufunc(ufunc, method, inputs, out, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        recorder = self._recorder
        if recorder is None:
            return function(*_all_bare(args), **kwargs)
        held = HELD.get(function)
        if held is None:
            raise CaptureError(
                f"np.{function.__name__} can't be captured: do it outside of the captured function"
            )
        return held(recorder, *args, **kwargs)

    # ---- moves, choices and copies

    def __getitem__(self, key: Any) -> Any:
        recorder = self._recorder
        if recorder is None:
            return bare(self)[key]
        parts, arrays = parts_of(key)
        if not arrays:
            whole = key if isinstance(key, tuple) else (key,)
            if not any(part is Ellipsis for part in whole):
                whole = (*whole, ...)
            return recorder.view(self, ("index", whole))
        return recorder.take(self, parts, arrays)

    def __setitem__(self, key: Any, value: Any) -> None:
        recorder = self._recorder
        if recorder is None:
            bare(self)[key] = bare(value)
            return
        recorder.put(self, *parts_of(key), value)

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """Another shape."""
        sizes = shape[0] if len(shape) == 1 else shape
        recorder = self._recorder
        if recorder is None:
            return bare(self).reshape(sizes)
        sizes = bare(self).reshape(sizes).shape
        return recorder.reshape(self, sizes)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order."""
        order = axes[0] if len(axes) == 1 else axes
        recorder = self._recorder
        if not order:
            order = tuple(range(self.ndim))[::-1]
        if recorder is None:
            return bare(self).transpose(order)
        return recorder.view(self, ("transpose", tuple(order)))

    @property
    def T(self) -> Any:
        """The axes in reverse order."""
        return self.transpose()

    def squeeze(self, axis: Any = None) -> Any:
        """Without axes of size 1."""
        return self.reshape(bare(self).squeeze(axis).shape)

    def astype(self, dtype: Any, *args: Any, copy: bool = True, **options: Any) -> Any:  # type: ignore[override]
        """As another kind of number."""
        recorder, order = self._recorder, options.get("order", "K")
        if recorder is None:
            return bare(self).astype(dtype, order=order, copy=copy)
        if order == "C" and not self.flags.c_contiguous:
            self = recorder.do(operations.contiguous(self.dtype), self)
        return self if np.dtype(dtype) == self.dtype and not copy else recorder.copy(self, dtype)

    def copy(self, order: Any = "C") -> Any:
        """In memory of its own."""
        recorder = self._recorder
        return bare(self).copy(order) if recorder is None else recorder.copy(self, self.dtype)

    def argsort(self, axis: Any = -1, **options: Any) -> Any:  # type: ignore[override]
        """The places of the numbers in order."""
        return np.argsort(self, axis=axis, **options)

    # ---- what would take numbers off the tape

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise CaptureError(
            "a number was read while the call was recorded (by if, item(), int(), tolist(), "
            "numpy() or printing), and a replay would not look at it again: return the tensor and "
            "read it outside of the captured function"
        )

    def _or_refuse(name: str) -> Any:  # type: ignore[misc]
        def read(self: Any, *args: Any, **options: Any) -> Any:
            if self._recorder is not None:
                self._refuse()
            return getattr(bare(self), name)(*args, **options)

        return read

    __bool__ = _or_refuse("__bool__")
    __float__ = _or_refuse("__float__")
    __int__ = _or_refuse("__int__")
    __index__ = _or_refuse("__index__")
    __iter__ = _or_refuse("__iter__")
    __repr__ = _or_refuse("__repr__")
    __str__ = _or_refuse("__str__")
    __format__ = _or_refuse("__format__")
    __contains__ = _or_refuse("__contains__")
    item = _or_refuse("item")
    tolist = _or_refuse("tolist")
    tobytes = _or_refuse("tobytes")


def _unfollowed(name: str) -> Any:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        if self._recorder is not None:
            raise CaptureError(
                f"the array method {name}() can't be captured: do it outside of the captured "
                f"function"
            )
        return getattr(bare(self), name)(*args, **options)

    return method


# Whatever an array can do and the tape does not know is refused, and not done past it.
for _name in (
    "argmax",
    "argmin",
    "argpartition",
    "byteswap",
    "choose",
    "clip",
    "compress",
    "conj",
    "conjugate",
    "cumprod",
    "cumsum",
    "diagonal",
    "dot",
    "dump",
    "dumps",
    "fill",
    "flatten",
    "getfield",
    "mean",
    "nonzero",
    "partition",
    "prod",
    "ptp",
    "put",
    "ravel",
    "repeat",
    "resize",
    "round",
    "searchsorted",
    "setfield",
    "sort",
    "std",
    "swapaxes",
    "take",
    "to_device",
    "tofile",
    "trace",
    "var",
):
    setattr(Traced, _name, _unfollowed(_name))

NUMBERS = (bool, int, float, Live)


def _recorder_of(things: tuple[Any, ...]) -> Any:
    for x in things:
        if type(x) is Traced and x._recorder is not None:
            return x._recorder
    return None


def _all_bare(things: Any) -> Any:
    if isinstance(things, (tuple, list)):
        return type(things)(_all_bare(x) for x in things)
    return bare(things)


def parts_of(key: Any) -> tuple[list[Any], list[Any]]:
    """A key in its parts, and the arrays among them, in whose places ARRAY stands."""
    parts, arrays = [], []
    for part in key if isinstance(key, tuple) else (key,):
        is_simple = isinstance(part, (np.ndarray, slice, int, np.integer, type(None), type(...)))
        if not is_simple or isinstance(part, bool):
            part = np.asarray(part)  # a list or a range, which picks as an array does
        if isinstance(part, np.ndarray) and (part.ndim or part.dtype.kind == "b"):
            arrays.append(part)
            parts.append(ARRAY)
        else:
            if type(part) is Traced:
                part._refuse()
            parts.append(part)
    return parts, arrays


def _holds(function: Any) -> Callable[[F], F]:
    def register(held: F) -> F:
        HELD[function] = held
        return held

    return register


@_holds(np.iscomplexobj)
def _iscomplexobj(recorder: Any, x: Any) -> bool:
    return np.iscomplexobj(bare(x))


@_holds(np.may_share_memory)
def _may_share_memory(recorder: Any, a: Any, b: Any) -> bool:
    return np.may_share_memory(bare(a), bare(b))


@_holds(np.where)
def _where(recorder: Any, condition: Any, a: Any, b: Any) -> Any:
    dtype = np.where(bare(condition), bare(a), bare(b)).dtype
    return recorder.do(operations.where(dtype), condition, a, b)


@_holds(np.einsum)
def _einsum(recorder: Any, pattern: str, *arrays: Any) -> Any:
    return recorder.do(operations.summed(pattern), *arrays)


@_holds(np.concatenate)
def _concatenate(recorder: Any, arrays: Any, axis: int = 0) -> Any:
    return recorder.do(operations.joined(axis), *arrays)


@_holds(np.broadcast_to)
def _broadcast_to(recorder: Any, x: Any, shape: Any) -> Any:
    return recorder.view(x, ("expand", tuple(np.broadcast_to(bare(x), shape).shape)))


@_holds(np.expand_dims)
def _expand_dims(recorder: Any, x: Any, axis: Any) -> Any:
    return recorder.reshape(x, np.expand_dims(bare(x), axis).shape)


def _reduction(ufunc: np.ufunc) -> Any:
    def held(recorder: Any, x: Any, axis: Any = None, **options: Any) -> Any:
        given = {"dtype": bool} if ufunc in (np.logical_and, np.logical_or) else {}
        return ufunc.reduce(x, axis=axis, **{**given, **options})

    return held


HELD[np.sum] = _reduction(np.add)
HELD[np.prod] = _reduction(np.multiply)
HELD[np.max] = _reduction(np.maximum)
HELD[np.min] = _reduction(np.minimum)
HELD[np.all] = _reduction(np.logical_and)
HELD[np.any] = _reduction(np.logical_or)


def _as_it_is(function: Any) -> Any:
    def held(recorder: Any, x: Any, **options: Any) -> Any:
        return recorder.do(operations.of_function(function, options), x)

    return held


_ONE: tuple[Any, ...] = (np.argmax, np.argmin, np.argsort, np.tril, np.triu)
for _function in _ONE:
    HELD[_function] = _as_it_is(_function)


def _filled(function: Any) -> Any:
    def held(recorder: Any, x: Any, *args: Any, **options: Any) -> Any:
        return recorder.constant(function(bare(x), *args, **options))

    return held


_LIKE: tuple[Any, ...] = (np.zeros_like, np.ones_like, np.full_like, np.empty_like)
for _function in _LIKE:
    HELD[_function] = _filled(_function)
