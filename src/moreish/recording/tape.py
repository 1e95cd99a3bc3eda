"""The tape: the rows of the table that one call applied, each value bound once.

A value is an array, known by its number. It comes from outside (an argument, memory that a Tensor
holds, a constant) or from a step. No step changes a value: what the user's code changed in place is
a new value, and `effects` says which memory holds it in the end. The tape knows no buffer; see
`plan`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..engine.graph import Primitive

ARGUMENT, MEMORY, CONSTANT = "argument", "memory", "constant"


class CaptureError(RuntimeError):
    """A call can't be recorded or replayed; the message says why, and what to do."""


class ConditionError(CaptureError):
    """What was true of the numbers when the call was recorded is not true now."""


class Ref(NamedTuple):
    """A value, as an input of a step."""

    number: int


class Live(float):
    """A number that is worked out anew at each call, as a learning rate is."""

    __slots__ = ("index", "numbers")

    index: int
    numbers: Callable[[], tuple[float, ...]]

    @classmethod
    def of(cls, numbers: Callable[[], tuple[float, ...]]) -> "tuple[Live, ...]":
        """What a function gives now, each as a Live number."""
        found = []
        for index, now in enumerate(numbers()):
            live = cls(now)
            live.index, live.numbers = index, numbers
            found.append(live)
        return tuple(found)


class Layout(NamedTuple):
    """How an array lies in memory."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: tuple[int, ...]  # its axes, from the slowest to the fastest

    @classmethod
    def of(cls, array: np.ndarray) -> "Layout":
        """The layout of an array, (...)."""
        order = tuple(range(array.ndim))
        if not array.flags.c_contiguous and 0 not in array.strides:
            order = tuple(sorted(order, key=lambda i: (-abs(array.strides[i]), i)))
        return cls(array.shape, array.dtype, order)

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def on(self, memory: np.ndarray) -> np.ndarray:
        """(nbytes,) bytes → an array of this shape that lies so in them."""
        array = memory.view(self.dtype).reshape([self.shape[i] for i in self.order])
        return array.transpose(np.argsort(self.order)) if self.order else array.reshape(())

    def empty(self) -> np.ndarray:
        """An array of this shape, in memory of its own."""
        return self.on(np.zeros(self.nbytes, dtype=np.uint8))

    def __str__(self) -> str:
        return f"{self.dtype.name} {list(self.shape)}"


class Step(NamedTuple):
    """A row, the values and numbers it is applied to, and the value it gives."""

    row: Primitive
    inputs: tuple[Any, ...]
    options: dict[str, Any]
    output: int

    def refs(self) -> list[int]:
        """The values it needs."""
        return [x.number for x in self.inputs if type(x) is Ref]


def _drawn(*, generator: Any, kind: str, args: tuple[Any, ...]) -> np.ndarray:
    return np.asarray(getattr(generator, kind)(*args))


# Steps that are no rows of the table: numbers from a generator, and what a branch depends on.
DRAW = Primitive("draw", _drawn)
HOLDS = Primitive("holds", lambda condition, *, expected: condition)


@dataclass
class Tape:
    """A recorded call."""

    layouts: list[Layout] = field(default_factory=list)  # of each value
    sources: dict[int, str] = field(default_factory=dict)  # of what no step gives
    memory: dict[int, np.ndarray] = field(default_factory=dict)  # of what is no argument
    steps: list[Step] = field(default_factory=list)
    results: list[int] = field(default_factory=list)  # returned, and gradients of what is
    effects: dict[int, int] = field(default_factory=dict)  # value of memory → what it has become
    grads: list[int] = field(default_factory=list)  # what .grad of Tensors has become

    def value(self, array: np.ndarray, source: str | None = None) -> int:
        """Write down a new value, (...) → its number.

        `source` says where it comes from, if not from a step.
        """
        self.layouts.append(Layout.of(array))
        number = len(self.layouts) - 1
        if source is not None:
            self.sources[number] = source
        return number

    def step(
        self, row: Primitive, inputs: tuple[Any, ...], options: dict[str, Any], result: np.ndarray
    ) -> int:
        """Write down a step, which gave `result`, (...), in this call → the number of that."""
        number = self.value(result)
        self.steps.append(Step(row, inputs, options, number))
        return number

    def kept(self) -> set[int]:
        """The values that are needed when all steps are done."""
        return {*self.results, *self.effects.values(), *self.grads}

    def __str__(self) -> str:
        lines = [
            f"%{number:<4}= {source:<44} {self.layouts[number]}"
            for number, source in self.sources.items()
        ]
        for step in self.steps:
            told = [_told(x) for x in step.inputs]
            told += [f"{k}={_short(v)}" for k, v in step.options.items() if v not in (None, False)]
            call = f"{step.row.name}({', '.join(told)})"
            lines.append(f"%{step.output:<4}= {call:<44} {self.layouts[step.output]}")
        lines += [f"%{old} becomes %{new}" for old, new in self.effects.items()]
        returned = ", ".join(f"%{number}" for number in self.results)
        return "\n".join([*lines, f"return {returned or 'nothing'}"])


def _told(x: Any) -> str:
    if type(x) is Ref:
        return f"%{x.number}"
    return "live" if type(x) is Live else f"{x:g}" if isinstance(x, float) else f"{x}"


def _short(option: Any) -> str:
    text = repr(option).replace("slice(None, None, None)", ":").replace("Ellipsis", "...")
    return text if len(text) <= 40 else f"{text[:37]}..."
