"""What a call did, as the rows that it took; and the same rows, taken on other numbers.

A recorder sees of a call what a `Log` sees: each row with its inputs, options and result, each
change of a Tensor's numbers, and whether numbers were read. If that is all there is, taking the
same rows on other numbers gives what the call gives on them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import moreish.torch as ours
from moreish.engine.graph import Primitive, _mode
from moreish.engine.tensor.core import Tensor, dtype_of
from moreish.torch import Generator

STATIC = (int, float, str, bool, type(None), type(...), slice, np.dtype, np.generic, Primitive)
RECORD = Tensor.__dict__["_record"].__func__


class Log:
    """The steps of a call: rows, and writes."""

    def __init__(self) -> None:
        self.steps: list[tuple[Any, ...]] = []
        self.has_read = False
        self.guards: list[Any] = []
        self.constants: dict[int, tuple[Any, np.ndarray]] = {}  # as they were when first used
        self.results: set[int] = set()

    @property
    def is_by_number(self) -> bool:
        """Whether a row's shape depended on numbers."""
        return any(
            isinstance(step[0], Primitive) and step[0].shape_depends_on_numbers
            for step in self.steps
        )

    def note(self, row: Primitive, inputs: tuple[Any, ...], options: Any, result: Any) -> None:
        """A row was taken."""
        self.results.add(id(result._array))
        self.steps.append((row, inputs, options, result))

    def look_at(self, inputs: tuple[Any, ...]) -> None:
        """What is about to be used; what no row made is taken as it is now."""
        for x in inputs:
            array = x._array if isinstance(x, Tensor) else None
            if array is not None and id(array) not in self.results:
                self.constants.setdefault(id(array), (array, array.copy()))

    # ---- what the engine asks of a recorder

    def row(self, *_: Any) -> None:
        pass  # it is seen before, too

    def change(self, *_: Any) -> None:
        pass

    def grad_is_read(self, _: Any) -> None:
        pass

    def grad_is_set(self, _: Any) -> None:
        pass

    def holds(self, condition: Any) -> bool:
        array = condition._array if isinstance(condition, Tensor) else condition
        self.guards.append((condition, bool(np.all(array))))
        return bool(np.all(array))

    def draw(self, stream: Any, kind: str, *args: Any) -> Any:
        with _followed_by(None):
            return getattr(stream, kind)(*args)

    def read(self) -> None:
        self.has_read = True

    def undrawn(self) -> None:
        pass


@contextmanager
def _followed_by(log: Log | None) -> Iterator[None]:
    before, _mode.following = _mode.following, log
    try:
        yield
    finally:
        _mode.following = before


@contextmanager
def logged(monkeypatch: Any) -> Iterator[Log]:
    """What is done within, as a log."""
    log = Log()
    write, read, back = Tensor._write, Tensor._read, Tensor._walk

    def record(cls: Any, row: Primitive, inputs: tuple[Any, ...], options: Any) -> Any:
        must_be_plain(row, options)
        log.look_at(inputs)
        result = RECORD(cls, row, inputs, options)
        assert all(result._array is not _array_of(x) for x in inputs), f"{row} gave what it got"
        log.note(row, inputs, options, result)
        return result

    def written(self: Any, new: Any) -> None:
        log.look_at((self,))
        log.steps.append(("write", self, new))
        write(self, new)

    def walk(self: Any, gradient: Any, *args: Any, **options: Any) -> Any:
        return back(self, gradient, *args, **{**options, "by_tensors": True})

    def seen(self: Any) -> Any:
        log.has_read = True
        return read(self)

    with monkeypatch.context() as patch, _followed_by(log):
        patch.setattr(Tensor, "_record", classmethod(record))
        patch.setattr(Tensor, "_write", written)
        patch.setattr(Tensor, "_read", seen)
        patch.setattr(Tensor, "_walk", walk)
        yield log


def must_be_plain(row: Primitive, options: Any) -> None:
    """AssertionError unless options are static: plain values, tuples and lists of them, dtypes."""
    for name, value in options.items():
        assert _is_plain(value), f"option {name} of {row} is {value!r}"


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, slice):
        return all(map(_is_plain, (value.start, value.stop, value.step)))
    is_dtype = isinstance(value, (type, type(dtype_of(np.dtype(np.int64)))))
    return isinstance(value, STATIC) or is_dtype or repr(value) == "ARRAY"


def _array_of(x: Any) -> Any:
    return x._array if isinstance(x, Tensor) else x


class Again:
    """The rows of a log, on other numbers."""

    def __init__(self, log: Log, given: list[Tensor], others: list[Tensor]) -> None:
        self.known = {key: Tensor._of(copy) for key, (_, copy) in log.constants.items()}
        self.known.update({id(a._array): b for a, b in zip(given, others, strict=True)})
        with ours.no_grad():
            for step in log.steps:
                self._take(*step)
            self.holds = all(
                bool(np.all(_array_of(self.of(condition)))) == held
                for condition, held in log.guards
            )

    def _take(self, row: Any, *step: Any) -> None:
        if row == "write":
            target, new = map(self.of, step)
            target._write(new)
            return
        inputs, options, result = step
        taken = RECORD(Tensor, row, tuple(map(self.of, inputs)), options)
        self.known[id(result._array)] = taken

    def of(self, x: Any) -> Any:
        """What stands in the place of a Tensor or an array; what no row made stays as it is."""
        if isinstance(x, Tensor):
            return self.known.get(id(x._array), x)
        known = self.known.get(id(x)) if isinstance(x, np.ndarray) else None
        return x if known is None else known._array


def made(arrays: list[np.ndarray], grads: list[bool]) -> list[Tensor]:
    """A leaf for each."""
    return [
        ours.tensor(array, requires_grad=grad) for array, grad in zip(arrays, grads, strict=True)
    ]


def called(
    function: Callable[..., Any], leaves: list[Tensor], by_tensors: bool
) -> tuple[list[Any], list[Any], Exception | None]:
    """The results, the gradients that arrive at leaves, and what a walk back raised."""
    ours.manual_seed(3)
    Generator().manual_seed(3)
    results, slopes = _flat(function(*leaves)), []
    error = None
    for number, y in enumerate(results):
        if not (isinstance(y, Tensor) and y.requires_grad):
            continue
        weights = np.random.default_rng(number).integers(-4, 5, tuple(y.shape)) / 4
        weight = Tensor._of(np.asarray(weights, dtype=y._array.dtype))
        try:
            for node, g, _ in y._walk(weight, False, True, by_tensors=by_tensors):
                slopes += [(number, i, g) for i, leaf in enumerate(leaves) if node is leaf]
        except (RuntimeError, NotImplementedError) as raised:
            error = raised
    return results, slopes, error


def _flat(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)) and not isinstance(result, ours.Size):
        return [x for part in result for x in _flat(part)]
    return [result]


def same(a: Any, b: Any) -> bool:
    """Whether two arrays or Tensors are the same to the bit, but for the sign of NaN."""
    a, b = _array_of(a), _array_of(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
