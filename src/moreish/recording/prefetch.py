"""Work that is done for many calls at once: what needs nothing but drawn numbers and fixed tensors.

A batch is drawn and gathered in few large operations for the calls to come, into memory made once,
and each call takes its slice. The generator is set back to where it should stand as soon as
somebody else looks at it, and what was gathered is dropped when a tensor that it came from changes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .operations import from_places, place_of, safe_rows
from .simplify import is_pick
from .tape import ConditionError, Operation, Ref, Step, Tape

SPACE = 1 << 22  # bytes for all calls together
MOST = 64  # calls
MOST_AGAIN = 1_000  # calls whose draws are done again to set a generator back

# A step for many calls: (inputs, which of them are for many calls, memory for it) → the result.
Many = Callable[[list[Any], list[bool], np.ndarray], np.ndarray]


class Ahead:
    """The steps of a tape that can be taken ahead, and the slices that wait.

    `steps` are those that stay; `numbers` the values that come in slices, `next` gives them.
    `sources` are the versions of the tensors that they come from.
    """

    def __init__(self, tape: Tape, fixed: dict[int, Any]) -> None:
        self.numbers: list[int] = []
        self.steps = tape.steps
        self._waiting: list[tuple[np.ndarray, ...]] = []
        self._used = self._done = 0  # calls since it was drawn, and before since the state
        self._before: np.ndarray | None = None  # the generator's state back then
        draws = [step for step in tape.steps if step.operation.kind == "draw"]
        if len(draws) != 1 or draws[0].operation.key[1] not in ("rand", "randint"):
            return
        self._generator, self._kind, self._args = draws[0].operation.key
        taken = _taken(tape, draws[0], set(fixed))
        gone = {id(step) for step, _ in taken}
        gone |= {id(s) for s in tape.steps if s.output in {step.output for step, _ in taken}}
        steps = [step for step in tape.steps if id(step) not in gone]
        needed = {n for step in steps for n in step.refs()}.union(tape.kept())
        taken = _needed_alone(taken, needed)
        memory = [step for step, _ in taken if step.operation.kind != "view"]
        size = sum(tape.likes[step.output].nbytes for step in memory)
        count = min(MOST, SPACE // max(size, 1))
        outputs = {step.output for step, _ in taken}
        if count < 2 or outputs.intersection(tape.kept()):
            return
        if tape.backward_from is not None:
            cut = tape.steps[: tape.backward_from]
            tape.backward_from = sum(id(step) not in gone for step in cut)
        self._within = [
            (step.refs()[-1], tape.types[step.refs()[0]].shape[0])
            for step in steps
            if step.operation.name == "rows" and step.refs()[-1] in outputs
        ]
        for step in steps:
            if step.operation.name == "rows" and step.refs()[-1] in outputs:
                step.operation = safe_rows()
        steps = self._with_places(tape, steps, taken, outputs)
        needed = {n for step in steps for n in step.refs()}.union(tape.kept())
        taken = _needed_alone(taken, needed.union(n for n, _ in self._within))
        self._count, self._steps, self.steps = count, taken, steps
        self.numbers = [step.output for step, _ in taken if step.output in needed]
        self._memory = {n: tape.memory[n] for n in fixed}
        self._sources = [shared for shared in fixed.values() if shared is not None]
        self._versions: list[int] = []
        self._turned: dict[int, np.ndarray] = {}
        self._results: dict[int, np.ndarray] = {}
        for step, _ in taken[1:]:
            like = tape.likes[step.output]
            if step.operation.kind == "view":
                like = like[..., :0] if like.ndim else like  # no memory of its own
            self._results[step.output] = np.zeros((count, *like.shape), dtype=like.dtype)
            like = tape.likes[step.output]
            is_view = step.operation.kind == "view"
            if (
                not is_view
                and like.ndim == 2
                and not like.flags.c_contiguous
                and step.output in self.numbers
            ):
                turned = np.zeros((count, *like.shape[::-1]), dtype=like.dtype)
                self._turned[step.output] = turned.swapaxes(1, 2)

    def _with_places(
        self,
        tape: Tape,
        steps: list[Step],
        taken: list[tuple[Step, "Many"]],
        outputs: set[int],
    ) -> list[Step]:
        """Where one number is picked from each row, its place in memory is worked out ahead."""
        result = []
        for step in steps:
            number = step.refs()[-1] if step.refs() else -1
            if is_pick(tape, step) and number in outputs:
                x = step.refs()[0]
                like = tape.likes[x]
                turned = not like.flags.c_contiguous
                place = tape.value(np.empty(like.shape[0], dtype=np.intp))
                locate = Step(place_of(like.shape, turned), (Ref(number),), place)
                over = _over(tape, locate, outputs)
                assert over is not None
                taken.append((locate, over))
                self._within.append((number, like.shape[1]))
                step = Step(from_places(turned), (Ref(x), Ref(place)), step.output)
            result.append(step)
        return result

    def next(self) -> tuple[np.ndarray, ...]:
        """The values of this call."""
        if not self._waiting or self._generator.ahead is not self or self._is_stale():
            self._draw()
        self._used += 1
        return self._waiting.pop()

    def _is_stale(self) -> bool:
        return [shared.version for shared in self._sources] != self._versions

    def _take(self, count: int) -> np.ndarray:
        """The draws of so many calls."""
        if self._kind == "randint":
            low, high, size, *rest = self._args
            return np.asarray(self._generator.randint(low, high, (count, *_sizes(size)), *rest))
        size, *rest = self._args
        return np.asarray(self._generator.rand((count, *_sizes(size)), *rest))

    def _draw(self) -> None:
        if self._waiting or self._generator.ahead is not self:
            self._generator.settle()
            self._before = None
        self._generator.ahead = None  # all that was drawn was used
        self._done += self._used
        if self._before is None or self._done > MOST_AGAIN:
            self._before, self._done = self._generator.get_state(), 0
        found = {self._steps[0][0].output: self._take(self._count)}
        for step, over in self._steps[1:]:
            inputs, are_many = [], []
            for x in step.inputs:
                is_many = type(x) is Ref and x.number in found
                plain = x if type(x) is not Ref else self._memory.get(x.number)
                inputs.append(found[x.number] if is_many else plain)
                are_many.append(is_many)
            result = over(inputs, are_many, self._results[step.output])
            turned = self._turned.get(step.output)
            if turned is not None:
                np.copyto(turned, result)
                result = turned
            found[step.output] = result
        for number, size in self._within:
            if found[number].min() < 0 or found[number].max() >= size:
                fails()
        self._waiting = list(zip(*(found[number] for number in self.numbers), strict=True))[::-1]
        self._used = 0
        self._versions = [shared.version for shared in self._sources]
        self._generator.ahead = self

    def settle(self) -> None:
        """Let the generator stand where it would if each call had drawn for itself."""
        used, self._waiting = self._done + self._used, []
        self._generator.set_state(self._before)
        self._done = self._used = 0
        if used:
            self._take(used)


def _sizes(size: Any) -> tuple[int, ...]:
    return (size,) if isinstance(size, int) else tuple(size)


def _taken(tape: Tape, draw: Step, fixed: set[int]) -> list[tuple[Step, Many]]:
    """The steps that need only what was drawn and what is fixed, in order."""
    many = {draw.output}
    taken: list[tuple[Step, Many]] = [(draw, _as_it_is)]
    made: dict[int, Step] = {}
    for step in tape.steps:
        refs = step.refs()
        made[step.output] = step
        if not many.intersection(refs) or not (many | fixed).issuperset(refs):
            continue
        ones = _one_hot(tape, step, made)
        over = _one_hot_rows(tape, step) if ones is not None else _over(tape, step, many)
        if over is not None:
            many.add(step.output)
            taken.append((step if ones is None else ones, over))
    return taken


def _needed_alone(taken: list[tuple[Step, Many]], needed: set[int]) -> list[tuple[Step, Many]]:
    """Without the steps whose results nobody needs."""
    wanted, kept = set(needed), []
    for step, over in reversed(taken):
        if step.output in wanted or step.operation.kind in ("draw", "condition"):
            wanted.update(step.refs())
            kept.append((step, over))
    return kept[::-1]


def _as_it_is(inputs: list[Any], _: list[bool], out: np.ndarray) -> np.ndarray:
    return out


def _one_hot(tape: Tape, step: Step, made: dict[int, Step]) -> Step | None:
    """For numbers made of `equal.outer(x, 0 1 2 ...)`: one step from x."""
    if step.operation.name != "copy" or type(step.inputs[0]) is not Ref:
        return None
    outer = made.get(step.inputs[0].number)
    if outer is None or outer.operation.name != "equal.outer":
        return None
    x, classes = outer.inputs
    if type(x) is not Ref or type(classes) is not Ref or classes.number not in tape.memory:
        return None
    values = tape.memory[classes.number]
    if tape.origins[classes.number] != "constant" or values.ndim != 1:
        return None
    if not np.array_equal(values, np.arange(len(values))):
        return None
    return Step(Operation("one hot", "array", np.asarray), (x,), step.output)


def _one_hot_rows(tape: Tape, step: Step) -> Many:
    width = tape.types[step.output].shape[-1]
    rows = np.eye(width + 1, width, dtype=tape.types[step.output].dtype)  # the last is all 0

    def over(inputs: list[Any], _: list[bool], out: np.ndarray) -> np.ndarray:
        which = inputs[0]
        if which.size and (int(which.min()) < 0 or int(which.max()) >= width):
            which = np.where((which >= 0) & (which < width), which, width)
        np.take(rows, which, 0, out, "clip")
        return out

    return over


def _over(tape: Tape, step: Step, many: set[int]) -> Many | None:
    """How a step is taken for many calls; None if it can't be."""
    operation = step.operation
    shape = tape.types[step.output].shape
    name, key = operation.name, operation.key
    into: Any = operation.into
    if operation.kind == "elementwise" and into is not None:

        def each(inputs: list[Any], are_many: list[bool], out: np.ndarray) -> np.ndarray:
            count = len(out)
            spread = [
                x.reshape(count, *(1,) * (len(shape) + 1 - x.ndim), *x.shape[1:]) if is_many else x
                for x, is_many in zip(inputs, are_many, strict=True)
            ]
            into(*spread, out=out)
            return out

        return each
    if name == "where":

        def where(inputs: list[Any], are_many: list[bool], out: np.ndarray) -> np.ndarray:
            into(*inputs, out=out)
            return out

        return where if _is_even(tape, step) else None
    if name == "reshape":
        return lambda inputs, _, out: inputs[0].reshape(len(out), *shape)
    if name == "transpose":
        axes = tuple(axis + 1 for axis in key[2])
        return lambda inputs, _, out: inputs[0].transpose(0, *axes)
    if name == "rows" and type(step.inputs[0]) is Ref and step.inputs[0].number not in many:

        def rows(inputs: list[Any], _: list[bool], out: np.ndarray) -> np.ndarray:
            x, which = inputs
            if which.size and (int(which.min()) < 0 or int(which.max()) >= len(x)):
                out[...] = x[which]  # from the end, or an IndexError
            else:
                x.take(which, 0, out, "clip")
            return out

        return rows
    if name.endswith(".outer") and type(step.inputs[1]) is Ref:
        if step.inputs[1].number in many:
            return None
        ufunc, wide = key[0], tape.types[step.inputs[1].number].shape

        def outer(inputs: list[Any], _: list[bool], out: np.ndarray) -> np.ndarray:
            ufunc(inputs[0].reshape(*inputs[0].shape, *(1,) * len(wide)), inputs[1], out=out)
            return out

        return outer
    if operation.kind == "condition":

        def holds(inputs: list[Any], _: list[bool], out: np.ndarray) -> np.ndarray:
            if not inputs[0].all():
                fails()
            return out

        return holds
    return None


def _is_even(tape: Tape, step: Step) -> bool:
    """Whether all arrays that a step needs have the shape of what it gives."""
    shape = tape.types[step.output].shape
    return all(tape.types[n].shape == shape for n in step.refs())


def fails() -> None:
    """Raise what a condition raises that is not true any more."""
    raise ConditionError(
        "something that was true of the numbers when the call was recorded is not true now, as "
        "that every target or index is in range: check the data, or call the function itself"
    )
