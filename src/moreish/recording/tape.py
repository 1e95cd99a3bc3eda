"""The tape: every array operation of a recorded call, one step a line, each value bound once.

A value is a number with a type, its shape and dtype. It comes from outside (an argument, an array
that a Tensor holds, a constant) or from a step. No step changes a value: what the user's code
changed in place is a new value, and `effects` says which memory holds it in the end. `check` is the
tape's type checker. The tape knows no buffer; see `plan`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np


class CaptureError(RuntimeError):
    """A call can't be recorded or replayed; the message says why, and what to do."""


class ConditionError(CaptureError):
    """What was true of the numbers when the call was recorded is not true now."""


class Type(NamedTuple):
    """Shape and dtype of a value."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __str__(self) -> str:
        return f"{self.dtype.name} {list(self.shape)}"


class Ref(NamedTuple):
    """A value, as an input of a step."""

    number: int


class Live:
    """A Python number that is worked out anew at each call, as a learning rate is."""

    __slots__ = ("index", "now", "source")

    def __init__(self, source: "LiveSource", index: int, now: float) -> None:
        self.source = source
        self.index = index
        self.now = now


class LiveSource:
    """A function that gives some `Live` numbers."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], tuple[float, ...]]) -> None:
        self.function = function


@dataclass(slots=True)
class Operation:
    """What a step does. `kind` says what a plan may do with it.

    elementwise: each number of the result needs the numbers at its own place only
    view: the same memory in another shape
    put: its first input with something else in some places
    draw: takes numbers from a generator; never left out and never moved
    condition: must come out true, as it was when the call was recorded
    array: everything else
    """

    name: str
    kind: str
    apply: Callable[..., Any]  # inputs → a new array
    into: Callable[..., Any] | None = None  # (*inputs, out) → the same, written into `out`
    key: Any = None  # what distinguishes operations of one name; None: nothing is equal to it
    note: str = ""  # the options, for people
    axis: Any = None  # of a reduction
    call: Any = None  # as `into`, but with `out` as the last argument by position


@dataclass(slots=True)
class Step:
    """An operation, the values and constants it is applied to, and the value it gives."""

    operation: Operation
    inputs: tuple[Any, ...]
    output: int

    def refs(self) -> list[int]:
        """The values it needs."""
        return [x.number for x in self.inputs if type(x) is Ref]


@dataclass(slots=True)
class Tape:
    """A recorded call."""

    types: list[Type] = field(default_factory=list)
    likes: list[np.ndarray] = field(default_factory=list)  # an array of the same memory layout
    origins: dict[int, str] = field(default_factory=dict)  # of what no step gives
    memory: dict[int, np.ndarray] = field(default_factory=dict)  # of what is not an argument
    steps: list[Step] = field(default_factory=list)
    results: list[int] = field(default_factory=list)  # returned, in order
    effects: dict[int, int] = field(default_factory=dict)  # outside value → what it has become
    grads: list[int] = field(default_factory=list)  # what .grad of outside tensors has become
    slopes: list[int] = field(default_factory=list)  # gradients that a later backward() asks for
    parts: dict[int, list[int]] = field(default_factory=dict)  # memory that holds other values'
    backward_from: int | None = None  # the number of steps that the call itself takes

    def value(self, like: np.ndarray) -> int:
        """A new value of the type of this array."""
        self.types.append(Type(like.shape, like.dtype))
        self.likes.append(like)
        return len(self.types) - 1

    def copy(self) -> "Tape":
        """A tape of its own, with the same memory."""
        own: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            own[each.name] = value.copy() if isinstance(value, (list, dict)) else value
        own["steps"] = [replace(step) for step in self.steps]
        return Tape(**own)

    def kept(self) -> list[int]:
        """The values that are needed after the last step."""
        return [*self.results, *self.grads, *self.effects.values(), *self.slopes]

    def __str__(self) -> str:
        lines = [
            f"%{number:<4}= {origin:<44} {self.types[number]}"
            for number, origin in self.origins.items()
        ]
        for place, step in enumerate(self.steps):
            if place == self.backward_from:
                lines.append("      ---- backward()")
            told = [_told(x) for x in step.inputs]
            note = [step.operation.note] if step.operation.note else []
            call = f"{step.operation.name}({', '.join([*told, *note])})"
            lines.append(f"%{step.output:<4}= {call:<44} {self.types[step.output]}")
        lines += [f"{self.origins[old]} becomes %{new}" for old, new in self.effects.items()]
        returned = ", ".join(f"%{number}" for number in self.results)
        return "\n".join([*lines, f"return {returned or 'nothing'}"])


def _told(x: Any) -> str:
    if type(x) is Ref:
        return f"%{x.number}"
    if isinstance(x, (float, np.floating)):
        return f"{float(x):g}"
    return "live" if type(x) is Live else f"{x}"


def plain(x: Any) -> Any:
    """A constant or a live number as NumPy takes it."""
    return x.now if type(x) is Live else x


def check(tape: Tape) -> None:
    """The type checker: CaptureError unless each value is bound once, before it is used, and each
    step gives the shape and dtype that the tape says.

    >>> check(Tape())
    """
    bound = set(tape.origins)
    for line, step in enumerate(tape.steps):
        for number in step.refs():
            if number not in bound:
                raise CaptureError(f"step {line}, {step.operation.name}: %{number} is not bound")
        if step.output in bound:
            raise CaptureError(f"step {line}: %{step.output} is bound twice")
        bound.add(step.output)
        if step.operation.kind != "draw":
            _check_type(tape, line, step)
    for number in tape.kept():
        if number not in bound:
            raise CaptureError(f"%{number} is wanted in the end and never bound")
    for old, new in tape.effects.items():
        if tape.types[old] != tape.types[new]:
            raise CaptureError(f"{tape.types[old]} can't become {tape.types[new]}")


def _check_type(tape: Tape, line: int, step: Step) -> None:
    inputs = [
        np.ones_like(tape.likes[x.number]) if type(x) is Ref else plain(x) for x in step.inputs
    ]
    with np.errstate(all="ignore"):
        try:
            result = np.asarray(step.operation.apply(*inputs))
        except IndexError:
            return  # an axis shorter than the 1 that stands for every index
    found, said = Type(result.shape, result.dtype), tape.types[step.output]
    if found != said:
        raise CaptureError(f"step {line}: {step.operation.name} gives {found}, not {said}")
