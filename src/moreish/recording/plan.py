"""The plan: where each value of a tape lies in memory, and the tape as one Python function.

- Values get their memory once, before the first replay.
- Memory whose value nobody needs any more is used again.
- An elementwise row is computed in the memory of its input, where that is free.
- A view is resolved once.
- New numbers of outside memory are written there directly, where nothing still reads the old ones.
- Rows that can't write into given memory make a new array at each call, a `local`.

The function is straight-line code. A row says in its column `into` how it writes into memory.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..engine.graph import Primitive
from .tape import ARGUMENT, CONSTANT, DRAW, HOLDS, ConditionError, Layout, Live, Ref, Step, Tape

FOREVER = 1 << 60
WARY = (np.maximum, np.minimum)  # they want `out` by its name


class Plan:
    """A tape with its memory.

    The caller copies the arguments into `memory`, and `run()` replays the tape. Then `found` holds
    the results and gradients.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.memory: dict[int, np.ndarray] = dict(tape.memory)
        for number, source in tape.sources.items():
            if source == ARGUMENT:
                self.memory[number] = tape.layouts[number].empty()
        self.changes_late = True  # whether all conditions come before the first change
        self._has_changed = False
        self._buffer = {number: number for number in tape.sources}  # value → its buffer
        self._bytes: dict[int, np.ndarray] = {}  # of the buffers that are ours
        self._until = _last_uses(tape)  # value → the last step that needs it, or a view of it
        self._ends: dict[int, int] = {}  # buffer → the last step that needs it
        for number in tape.sources:
            self._ends[number] = self._until.get(number, -1)
        self._homes = _homes(tape)
        self._names: dict[str, Any] = {}
        self._known: dict[int, str] = {}
        self._roots: dict[int, int] = {}  # of a view: the value whose memory it shows
        self._first: list[str] = []  # lines that come before that of the step
        lines = ["def run():"]
        for place, step in enumerate(tape.steps):
            line = self._line(place, step)
            lines += [*self._first, line] if line else self._first
            self._first = []
        self.found = {number: self.memory[number] for number in (*tape.results, *tape.grads)}
        self.source = "\n    ".join([*lines, *self._set_apart(), *self._homeward(), "return"])
        exec(compile(self.source, "<captured>", "exec"), self._names)
        self.run: Callable[[], None] = self._names["run"]

    # ---- names

    def _name(self, thing: Any, hint: str) -> str:
        known = self._known.get(id(thing))
        if known is None:
            known = self._known[id(thing)] = f"{hint}_{len(self._names)}"
            self._names[known] = thing
        return known

    def _operand(self, step: Step, x: Any) -> str:
        if type(x) is Ref:
            memory = self.memory.get(x.number)
            if memory is None:
                return f"v{x.number}"
            return self._name(self._as_one_number(step, x.number), f"v{x.number}")
        if type(x) is Live:
            return self._live_operand(x, self.tape.layouts[step.output].dtype)
        dtype = self.tape.layouts[step.output].dtype
        if is_elementwise(step.row) and type(x) in (int, float) and dtype.kind == "f":
            own = {self.tape.layouts[n].dtype for n in step.refs()}
            if own == {dtype}:  # NumPy would make the same of it, at each call
                return self._keep(np.array(x, dtype=dtype), "number")
        return self._keep(x, "number")

    def _as_one_number(self, step: Step, number: int) -> np.ndarray:
        """The memory of a value; of a constant of equal numbers that is repeated, one of them."""
        memory, layouts = self.memory[number], self.tape.layouts
        is_constant = self.tape.sources.get(number) == CONSTANT and is_elementwise(step.row)
        wide = [n for n in step.refs() if layouts[n].shape == layouts[step.output].shape]
        if not is_constant or not memory.size or not any(n != number for n in wide):
            return memory
        first = memory.reshape(-1)[:1]
        is_one = first.tobytes() * memory.size == memory.tobytes()  # 0 and -0 are two
        return first.reshape(()).copy() if is_one else memory

    def _keep(self, thing: Any, hint: str) -> str:
        name = f"{hint}_{len(self._names)}"
        self._names[name] = thing
        return name

    def _live_operand(self, x: Live, dtype: np.dtype[Any]) -> str:
        numbers, name = f"live_{id(x.numbers)}", f"live_{id(x)}_{dtype.name}"
        if numbers not in self._names:  # not before: a condition may fail, and it counts
            self._first.append(f"{numbers} = {self._name(x.numbers, 'numbers')}()")
            self._names[numbers], self._has_changed = None, True
        if name not in self._names:
            self._names[name] = np.zeros((), dtype=dtype)
            self._first.append(f"{name}[()] = {numbers}[{x.index}]")
        return name

    # ---- memory

    def _place(self, place: int, step: Step) -> np.ndarray:
        """Memory for what a step gives."""
        number, layout = step.output, self.tape.layouts[step.output]
        home = self._homes.get(number)
        if home is not None and self._may_come_home(home, place, step):
            self._has_changed = True
            return self._take_over(number, home, self.memory[home], FOREVER)
        ends = self._until.get(number, place)
        for x in step.inputs if is_elementwise(step.row) else ():
            if type(x) is Ref and self._may_be_overwritten(x.number, place, layout):
                return self._take_over(number, self._buffer[x.number], self.memory[x.number], ends)
        for buffer, memory in self._bytes.items():
            if self._ends[buffer] < place and memory.nbytes == layout.nbytes:
                return self._take_over(number, buffer, layout.on(memory), ends)
        self._bytes[number] = np.zeros(layout.nbytes, dtype=np.uint8)
        return self._take_over(number, number, layout.on(self._bytes[number]), ends)

    def _take_over(self, number: int, buffer: int, memory: np.ndarray, ends: int) -> np.ndarray:
        self._buffer[number], self._ends[buffer], self.memory[number] = buffer, ends, memory
        return memory

    def _may_come_home(self, home: int, place: int, step: Step) -> bool:
        """Whether outside memory can be written to now: nothing reads what it was afterwards."""
        own = {n for n in step.refs() if self._buffer.get(n) == home}
        if self._ends[home] > place or self.tape.layouts[home] != self.tape.layouts[step.output]:
            return False
        return not own or (is_elementwise(step.row) and own == {home})

    def _may_be_overwritten(self, number: int, place: int, layout: Layout) -> bool:
        buffer = self._buffer.get(number)
        return (
            buffer in self._bytes
            and self._ends[buffer] <= place
            and self.memory[number].nbytes == self._bytes[buffer].nbytes
            and Layout.of(self.memory[number]) == layout
        )

    def _set_apart(self) -> list[str]:
        """What lies in memory that is about to change, but is what it was before, is copied."""
        lines = []
        for number, memory in self.found.items():
            if self._roots.get(number, number) in self.tape.effects:
                own = self.found[number] = memory.copy(order="K")
                copy = self._name(np.copyto, "copyto")
                lines.append(f"{copy}({self._keep(own, 'own')}, {self._keep(memory, 'was')})")
        return lines

    def _homeward(self) -> list[str]:
        """What could not be computed where it belongs is copied there in the end."""
        copies = [
            (self.memory[old], self.memory[new])
            for old, new in self.tape.effects.items()
            if self.memory[new] is not self.memory[old]
        ]
        first, then = [], []
        for i, (target, source) in enumerate(copies):
            name = self._name(source, "source")
            if len(copies) > 1:  # one may be the source of another
                first.append(f"copy_{i} = {name}.copy()")
                name = f"copy_{i}"
            then.append(f"{self._name(np.copyto, 'copyto')}({self._name(target, 'home')}, {name})")
        return [*first, *then]

    # ---- code

    def _line(self, place: int, step: Step) -> str:
        row, number, layout = step.row, step.output, self.tape.layouts[step.output]
        operands = [self._operand(step, x) for x in step.inputs]
        if row is HOLDS:
            self.changes_late &= not self._has_changed
            test = f"{operands[0]}.all()"
            test = f"not {test}" if step.options["expected"] else test
            return f"if {test}: {self._name(fails, 'fails')}()"
        kept = self._until.get(number, -1) == FOREVER
        call = self._call(row.array, step)
        if is_view(step):
            source = step.inputs[0].number
            memory = self.memory.get(source)
            shown: Any = None if memory is None else row.array(memory, **step.options)
            if shown is not None and (not shown.size or np.may_share_memory(shown, memory)):
                self.memory[number], self._buffer[number] = shown, self._buffer[source]
                self._roots[number] = self._roots.get(source, source)
                return ""
            if not kept:
                return f"v{number} = {call}({', '.join(operands)})"
        if row is DRAW:
            self._has_changed = True
        into = into_of(row)
        if into is None and not kept and layout.shape:
            return f"v{number} = {call}({', '.join(operands)})"
        out = self._name(self._place(place, step), f"v{number}")
        if into is None:
            return f"{out}[...] = {call}({', '.join(operands)})"
        if isinstance(into, np.ufunc):
            if row.name == "matmul" and all(
                len(self.tape.layouts[n].shape) == 2 for n in step.refs()
            ):
                return f"{self._name(np.dot, 'dot')}({', '.join([*operands, out])})"
            last = f"out={out}" if into in WARY else out  # by its place it is quicker
            return f"{self._name(into, row.name)}({', '.join([*operands, last])})"
        return f"{self._call(into, step)}({', '.join([out, *operands])})"

    def _call(self, function: Any, step: Step) -> str:
        if not step.options:
            return self._name(function, step.row.name)
        return self._keep(partial(function, **step.options), step.row.name)


def is_elementwise(row: Primitive) -> bool:
    """Whether each number of the result needs the numbers at its own place only."""
    into = into_of(row)
    return isinstance(into, np.ufunc) and into.signature is None


def into_of(row: Primitive) -> Callable[..., Any] | None:
    """How a row writes into given memory."""
    return row.array if isinstance(row.array, np.ufunc) else row.into


def is_view(step: Step) -> bool:
    """Whether it may show the memory of its input, and not copy it."""
    return step.row.is_view and len(step.inputs) == 1


def _last_uses(tape: Tape) -> dict[int, int]:
    """How long each value, and so what it is a view of, is needed."""
    until: dict[int, int] = {}
    for place, step in enumerate(tape.steps):
        for number in step.refs():
            until[number] = place
    for number in tape.kept():
        until[number] = FOREVER
    for step in reversed(tape.steps):
        if is_view(step):
            source = step.refs()[0]
            until[source] = max(until.get(source, -1), until.get(step.output, -1))
    return until


def _homes(tape: Tape) -> dict[int, int]:
    """The value that becomes that of some outside memory → that memory, if it is of one only."""
    new = list(tape.effects.values())
    return {now: old for old, now in tape.effects.items() if new.count(now) == 1}


def fails() -> None:
    """Raise ConditionError for a condition that is not true any more."""
    raise ConditionError(
        "something that was true of the numbers when the call was recorded is not true now, as "
        "that every target or index is in range: check the data, or call the function itself"
    )
