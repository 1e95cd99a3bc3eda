"""What is done to every parameter alike is done once, to all of them in one line of memory.

The parameters of a class, their gradients and what an optimizer keeps of each are laid side by
side, and the steps of the update become steps on the whole. A parameter's array moves there if
nobody but its Tensor holds it; each number stays what it was, to the bit.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .tape import Live, Operation, Ref, Step, Tape


def _side_by_side(*arrays: np.ndarray) -> np.ndarray:
    return np.concatenate([array.reshape(-1) for array in arrays])


STACK = Operation("stack", "stack", _side_by_side)


class Home(NamedTuple):
    """Outside memory that may move: its value, and how to put other memory in its place."""

    number: int
    role: str
    move: Callable[[np.ndarray], None]
    holders: int  # references to the array that the capture itself knows of


def stack(tape: Tape, parameters: list[tuple[Home, int]], states: list[Home]) -> None:
    """Rewrite a tape; `parameters` come with the value of their gradient."""
    search = _Search(tape, parameters, states)
    for members in search.classes():
        if len(members) > 1:
            _stack_class(tape, search, members)


class _Search:
    """Which steps are done to each parameter, and to nothing else."""

    def __init__(self, tape: Tape, parameters: list[tuple[Home, int]], states: list[Home]) -> None:
        self.tape = tape
        self.home = {home.number: home for home, _ in parameters}
        self.home.update({home.number: home for home in states})
        self.role: dict[int, Any] = {number: home.role for number, home in self.home.items()}
        self.member: dict[int, int] = {}
        for place, (home, slope) in enumerate(parameters):
            self.role[slope] = "gradient"
            self.member[home.number] = self.member[slope] = place
        for number, origin in tape.origins.items():
            if origin == "constant" and not tape.types[number].shape:
                self.role[number] = ("constant", number)
        self._find_whose_states_are(states)
        self.steps: dict[int, list[tuple[int, Step]]] = {}
        for line, step in enumerate(tape.steps):
            self._look_at(line, step)
        self._leave_out_what_others_need()

    def _find_whose_states_are(self, states: list[Home]) -> None:
        """A state is that of the parameter whose update it goes into."""
        met: dict[int, set[int]] = {home.number: {home.number} for home in states}
        for step in self.tape.steps:
            if step.operation.kind != "elementwise":
                continue
            refs = step.refs()
            owners = {self.member[n] for n in refs if n in self.member and n in self.home}
            reached = set().union(*(met.get(n, ()) for n in refs))
            if reached:
                met[step.output] = reached
                if len(owners) == 1:
                    (owner,) = owners
                    self.member.update(dict.fromkeys(reached, owner))

    def _look_at(self, line: int, step: Step) -> None:
        refs = step.refs()
        members = {self.member[n] for n in refs if n in self.member}
        is_known = all(n in self.role for n in refs)
        if step.operation.kind != "elementwise" or len(members) != 1 or not is_known:
            return
        (member,) = members
        wide = [self.tape.types[n] for n in refs if self.tape.types[n].shape]
        if any(each != self.tape.types[step.output] for each in wide):
            return
        self.member.update({n: member for n in refs if n in self.home})
        self.member[step.output] = member
        told = tuple(self.role[x.number] if type(x) is Ref else _told(x) for x in step.inputs)
        if step.output not in self.role:
            self.role[step.output] = (step.operation.key, told)
        self.steps.setdefault(member, []).append((line, step))

    def _leave_out_what_others_need(self) -> None:
        tape = self.tape
        watched = {*tape.results, *tape.grads, *tape.slopes}
        while True:
            inside = {id(step) for steps in self.steps.values() for _, step in steps}
            made = {step.output for steps in self.steps.values() for _, step in steps}
            needed = watched.union(
                n for step in tape.steps if id(step) not in inside for n in step.refs()
            )
            leaves = set(self.home) | {n for n, r in self.role.items() if r == "gradient"}
            leaves |= {n for n, r in self.role.items() if type(r) is tuple and r[0] == "constant"}
            kept = {
                member: [
                    (line, step)
                    for line, step in steps
                    if step.output not in needed
                    and all(n in made or n in leaves for n in step.refs())
                ]
                for member, steps in self.steps.items()
            }
            if kept == self.steps:
                return
            self.steps = kept

    def classes(self) -> list[list[int]]:
        """The parameters with the same steps, the same dtype and the same ends."""
        found: dict[Any, list[int]] = {}
        ends = {new: old for old, new in self.tape.effects.items()}
        for member, steps in self.steps.items():
            if not steps:
                continue
            form = tuple(
                (self.role[step.output], self.role.get(ends.get(step.output, -1)))
                for _, step in steps
            )
            dtype = self.tape.types[steps[0][1].output].dtype
            found.setdefault((form, dtype), []).append(member)
        return list(found.values())


def _told(x: Any) -> Any:
    return ("live", id(x.source), x.index) if type(x) is Live else (type(x), repr(x))


def _stack_class(tape: Tape, search: _Search, members: list[int]) -> None:
    columns = [search.steps[member] for member in members]
    made = {step.output for steps in columns for _, step in steps}
    leaves: dict[Any, list[int]] = {}  # role → its value for each member
    for steps in columns:
        own: dict[Any, int] = {}
        for _, step in steps:
            for n in step.refs():
                if n not in made and not _is_constant(search.role[n]):
                    own.setdefault(search.role[n], n)
        for role, n in own.items():
            leaves.setdefault(role, []).append(n)
    if any(len(numbers) != len(members) for numbers in leaves.values()):
        return
    homes = [n for role, numbers in leaves.items() if role != "gradient" for n in numbers]
    if not all(_may_move(tape, search.home[n]) for n in homes):
        return
    whole: dict[Any, int] = {}
    before: list[Step] = []
    for role, numbers in leaves.items():
        sizes = [tape.likes[n].size for n in numbers]
        flat = np.zeros(sum(sizes), dtype=tape.likes[numbers[0]].dtype)
        whole[role] = number = tape.value(flat)
        if role == "gradient":
            before.append(Step(STACK, tuple(Ref(n) for n in numbers), number))
            continue
        tape.origins[number], tape.memory[number] = f"{role}s side by side", flat
        for n, start in zip(numbers, np.cumsum([0, *sizes[:-1]]), strict=True):
            old = tape.memory[n]
            place = flat[start : start + old.size].reshape(old.shape)
            place[...] = old
            tape.memory[n] = place
            search.home[n].move(place)
        tape.parts[number] = numbers
    now: dict[int, int] = {}
    for role, numbers in leaves.items():
        now[numbers[0]] = whole[role]
    stacked: list[Step] = []
    for _, step in columns[0]:
        inputs = tuple(
            Ref(now.get(x.number, x.number)) if type(x) is Ref else x for x in step.inputs
        )
        like = next(
            tape.likes[x.number] for x in inputs if type(x) is Ref and tape.likes[x.number].ndim
        )
        now[step.output] = tape.value(np.empty_like(like))
        stacked.append(Step(step.operation, inputs, now[step.output]))
    last = max(line for steps_of in columns for line, _ in steps_of)
    gone = {id(step) for steps_of in columns for _, step in steps_of}
    cut = tape.backward_from
    after = [] if cut is None else tape.steps[cut:]
    kept = [step for step in tape.steps[: last + 1] if id(step) not in gone]
    rest = [step for step in tape.steps[last + 1 :] if id(step) not in gone]
    tape.steps = [*kept, *before, *stacked, *rest]
    if cut is not None:  # an update is never in the walk back that comes later
        tape.backward_from = len(tape.steps) - sum(id(x) not in gone for x in after)
    ends = {old: new for old, new in tape.effects.items() if new not in made}
    for role, numbers in leaves.items():
        new = tape.effects.get(numbers[0])
        if new is not None and new in made:
            ends[whole[role]] = now[new]
    tape.effects = ends


def _is_constant(role: Any) -> bool:
    return type(role) is tuple and role[0] == "constant"


def _may_move(tape: Tape, home: Home) -> bool:
    """Whether nobody else could see that the array is elsewhere now."""
    array = tape.memory[home.number]
    held = sys.getrefcount(array) - 2  # this name, and the call itself
    is_whole = array.flags.c_contiguous
    own = home.holders + sum(like.base is array for like in tape.likes)
    while array.base is not None:  # a view of what nobody else has a view of
        array = array.base
        if type(array) is not np.ndarray or sys.getrefcount(array) - 2 > 1:
            return False
    return is_whole and held <= own
