"""The plan: where each value of a tape lies in memory, and the tape as one Python function.

Every value gets its memory once, before the first replay; memory whose value nobody needs any more
is used again, and what each number needs only its own place for is computed where it lies. A view
is resolved once. What outside memory becomes is written there directly where nothing still reads
what it was. The function is straight-line NumPy calls that write into that memory.
"""

import re
from typing import Any

import numpy as np

from .prefetch import Ahead, fails
from .tape import Live, Ref, Step, Tape

FOREVER = 1 << 60


class Plan:
    """A tape with its memory, and `run`, which replays it.

    `arguments` are the memories that the caller copies his arguments into; after `run()`, `memory`
    has the results; `run_backward` then takes the steps of a later backward().
    """

    def __init__(self, tape: Tape, arguments: list[int], fixed: dict[int, Any]) -> None:
        self.tape = tape
        self.memory: dict[int, np.ndarray] = dict(tape.memory)
        self._buffer: dict[int, int] = {}  # value → the number of its buffer
        self._free: dict[int, list[int]] = {}  # size in bytes → buffers
        self._raw: dict[int, np.ndarray] = {}  # of buffers that may be used again
        self._until: dict[int, int] = {}  # buffer → the last step that needs it
        self._names: dict[str, Any] = {}
        self._bound: dict[int, str] = {}
        self.changes_late = True  # whether every condition is looked at before anything changes
        self._has_changed = False
        self.copies: list[tuple[np.ndarray, np.ndarray]] = []
        for number in tape.origins:
            self._buffer[number] = number
        for number in arguments:
            self.memory[number] = _laid_out(_raw(tape.likes[number].nbytes), tape.likes[number])
        ahead = Ahead(tape, fixed)
        self._sliced = set(ahead.numbers)
        tape.steps = ahead.steps
        for number in ahead.numbers:
            self.memory[number] = tape.likes[number]
            self._buffer[number] = number
        self._pinned: dict[int, np.ndarray] = {}  # values that must lie in a certain place
        for step in tape.steps:
            if step.operation.kind == "stack":
                self._pin(step)
        self._last_uses()
        lines = [self._line(place, step) for place, step in enumerate(tape.steps)]
        self._finish()
        if ahead.numbers:
            self.changes_late = False  # and what was drawn is gone
            taken = ", ".join(f"s{number}" for number in ahead.numbers)
            lines.insert(0, f"{taken}, = {self._name(ahead.next, 'next')}()")
            tape.backward_from = None if tape.backward_from is None else tape.backward_from + 1
        cut = len(lines) if tape.backward_from is None else tape.backward_from
        self.source = "\n".join(
            [
                "def run():",
                *self._live_lines(tape.steps),
                *[f"    {line}" for line in lines[:cut] if line],
                "    return",
                "def run_backward():",
                *[f"    {line}" for line in lines[cut:] if line],
                "    return",
            ]
        )
        names = dict(self._names)
        exec(compile(self.source, "<captured>", "exec"), names)
        self.run = names["run"]
        self.run_backward = names["run_backward"]

    # ---- memory

    def _pin(self, step: Step) -> None:
        """What is to lie side by side is computed there."""
        whole, start = np.zeros_like(self.tape.likes[step.output]), 0
        self.memory[step.output] = whole
        self._buffer[step.output] = step.output
        for number in step.refs():
            like = self.tape.likes[number]
            self._pinned[number] = whole[start : start + like.size].reshape(like.shape)
            start += like.size

    def _last_uses(self) -> None:
        """How long each value, and so what it is a view of, is needed."""
        steps = self.tape.steps
        until: dict[int, int] = {}
        for place, step in enumerate(steps):
            for number in step.refs():
                until[number] = place
        for number in self.tape.kept():
            until[number] = FOREVER
        for step in reversed(steps):
            if step.operation.kind == "view":
                source = step.inputs[0].number
                until[source] = max(until.get(source, -1), until.get(step.output, -1))
        self._value_until = until
        self._homes = {
            new: old
            for old, new in self.tape.effects.items()
            if list(self.tape.effects.values()).count(new) == 1
        }
        for number in self.tape.origins:
            parts = self.tape.parts.get(number, ())
            self._until[number] = max(until.get(n, -1) for n in (number, *parts))

    def _place(self, place: int, step: Step) -> np.ndarray:
        """Memory for what a step gives."""
        tape, number = self.tape, step.output
        needed = self._value_until.get(number, place)
        like = tape.likes[number]
        if number in self._pinned:
            self._buffer[number] = number
            return self._pinned[number]
        home = self._homes.get(number)
        if home is not None and self._may_come_home(home, place, step):
            self._buffer[number] = home
            self._until[home] = FOREVER
            self._has_changed = True
            return self.memory[home]
        if step.operation.kind in ("elementwise", "put"):
            for x in step.inputs[: 1 if step.operation.kind == "put" else None]:
                if type(x) is Ref and self._may_be_overwritten(x.number, place, like):
                    self._take_over(number, self._buffer[x.number], needed)
                    return self.memory[x.number]
        if like.dtype.hasobject:
            self._buffer[number] = number
            return np.empty_like(like)
        self._release(place)
        waiting = self._free.get(like.nbytes)
        if waiting:
            buffer = waiting.pop()
        else:
            buffer = number
            self._raw[buffer] = _raw(like.nbytes)
        self._take_over(number, buffer, needed)
        return _laid_out(self._raw[buffer], like)

    def _take_over(self, number: int, buffer: int, needed: int) -> None:
        self._buffer[number] = buffer
        self._until[buffer] = needed

    def _may_come_home(self, home: int, place: int, step: Step) -> bool:
        """Whether outside memory can be written to now: nothing reads what it was afterwards."""
        if self.memory[home].dtype != self.tape.likes[step.output].dtype:
            return False
        kind = step.operation.kind
        reads = any(self._buffer.get(n) == home for n in step.refs())
        whole = all(
            n == home or self._buffer.get(n) != home or kind == "elementwise" for n in step.refs()
        )
        if reads and (kind not in ("elementwise", "put") or not whole):
            return False
        return self._until[home] <= place

    def _may_be_overwritten(self, number: int, place: int, like: np.ndarray) -> bool:
        buffer = self._buffer[number]
        array = self.memory[number]
        return (
            buffer in self._raw
            and self._until[buffer] <= place
            and array.nbytes == self._raw[buffer].nbytes
            and (array.shape, array.dtype) == (like.shape, like.dtype)
            and (array.strides == _strides(like))
        )

    def _release(self, place: int) -> None:
        """Memory that no step from here on needs may be used again."""
        for buffer, until in list(self._until.items()):
            if until < place and buffer in self._raw:
                self._free.setdefault(self._raw[buffer].nbytes, []).append(buffer)
                del self._until[buffer]

    def _finish(self) -> None:
        """What must be copied home in the end, as it could not be computed there."""
        for old, new in self.tape.effects.items():
            if self._buffer[new] != old and new != old:
                self.copies.append((self.memory[old], self.memory[new]))

    def copy_home(self) -> None:
        """Put what outside memory has become there, where it is not there already."""
        if len(self.copies) == 1:
            np.copyto(*self.copies[0])
        elif self.copies:  # one may be the source of another
            for target, now in [(target, source.copy()) for target, source in self.copies]:
                np.copyto(target, now)

    # ---- code

    def _live_lines(self, steps: list[Step]) -> list[str]:
        lines, seen = [], set()
        for step in steps:
            for x in step.inputs:
                if type(x) is Live and id(x.source) not in seen:
                    seen.add(id(x.source))
                    function = self._name(x.source.function, "live")
                    lines.append(f"    numbers_{id(x.source)} = {function}()")
        return lines

    def _name(self, thing: Any, hint: str) -> str:
        known = self._bound.get(id(thing))
        if known is None:
            known = self._bound[id(thing)] = f"{re.sub(r'[^a-z0-9]', '_', hint)}_{len(self._bound)}"
            self._names[known] = thing
        return known

    def _operand(self, x: Any) -> str:
        if type(x) is Ref and x.number in self._sliced:
            return f"s{x.number}"
        if type(x) is Ref:
            return self._name(self.memory[x.number], f"v{x.number}")
        if type(x) is Live:
            return f"numbers_{id(x.source)}[{x.index}]"
        return repr(x) if type(x) in (int, bool) else self._name(x, "number")

    def _turned(self, name: str) -> str:
        turned = f"{name}_T"
        self._names.setdefault(turned, self._names[name].T)
        return turned

    def _stack_line(self, step: Step) -> str:
        copy = self._name(np.copyto, "copyto")
        return "; ".join(
            f"{copy}({self._name(self._pinned[n], 'place')}, {self._operand(Ref(n))})"
            for n in step.refs()
            if self.memory[n] is not self._pinned[n]
        )

    def _line(self, place: int, step: Step) -> str:
        operation, number = step.operation, step.output
        if operation.kind == "view":
            source = step.inputs[0].number
            if source in self._sliced:
                self._sliced.add(number)
                self.memory[number] = self.tape.likes[number]
                self._buffer[number] = number
                call = self._name(operation.apply, operation.name)
                return f"s{number} = {call}(s{source})"
            shown = operation.apply(self.memory[source])
            if not shown.size or np.may_share_memory(shown, self.memory[source]):
                self.memory[number] = shown
                self._buffer[number] = self._buffer[source]
                return ""
        if operation.kind == "stack":
            return self._stack_line(step)
        if operation.kind == "draw":
            self._has_changed = True
        operands = [self._operand(_as_array(self.tape, step, x)) for x in step.inputs]
        if operation.kind == "condition":
            self._buffer[number] = number
            self.changes_late &= not self._has_changed
            return f"if not {operands[0]}.all(): {self._name(fails, 'fails')}()"
        memory = self._place(place, step)
        self.memory[number] = memory
        out = self._name(memory, f"v{number}")
        if operation.name == "matmul" and all(
            type(x) is Ref and self.memory[x.number].ndim == 2 for x in step.inputs
        ):
            dot = self._name(np.dot, "dot")  # as matmul, which takes longer to begin
            if memory.flags.c_contiguous:
                return f"{dot}({', '.join([*operands, out])})"
            if memory.flags.f_contiguous:
                turned = [f"{x}.T" if x[0] == "s" else self._turned(x) for x in operands]
                return f"{dot}({turned[1]}, {turned[0]}, {self._turned(out)})"
        if operation.call is not None:
            call = self._name(operation.call, operation.name.replace(".", "_"))
            return f"{call}({', '.join([*operands, out])})"
        if operation.into is not None:
            call = self._name(operation.into, operation.name.replace(".", "_"))
            return f"{call}({', '.join(operands)}, out={out})"
        call = self._name(operation.apply, operation.name.replace(".", "_"))
        return f"{out}[...] = {call}({', '.join(operands)})"


def _as_array(tape: Tape, step: Step, x: Any) -> Any:
    """A plain number as the array that NumPy would make of it at each call."""
    if step.operation.kind != "elementwise" or type(x) not in (int, float):
        return x
    dtype = tape.types[step.output].dtype
    same = all(tape.types[n].dtype == dtype for n in step.refs())
    if dtype.kind != "f" or not same or step.operation.name == "power":
        return x
    return np.array(x, dtype=dtype)


def _raw(size: int) -> np.ndarray:
    return np.zeros(size, dtype=np.uint8)


def _order(like: np.ndarray) -> list[int]:
    """The axes from the slowest to the fastest in memory."""
    if like.flags.c_contiguous or 0 in like.strides:
        return list(range(like.ndim))
    return sorted(range(like.ndim), key=lambda i: (-abs(like.strides[i]), i))


def _laid_out(raw: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Memory as an array of the shape, dtype and order of axes of another."""
    order = _order(like)
    array = raw.view(like.dtype).reshape([like.shape[i] for i in order])
    back = np.argsort(order)
    return array.transpose(back) if like.ndim else array.reshape(())


def _strides(like: np.ndarray) -> tuple[int, ...]:
    size, strides = like.itemsize, [0] * like.ndim
    for axis in reversed(_order(like)):
        strides[axis] = size
        size *= like.shape[axis]
    return tuple(strides)
