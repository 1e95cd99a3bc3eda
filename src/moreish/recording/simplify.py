"""The same tape with fewer steps, by the passes that compilers have.

- Common-subexpression elimination: equal steps are computed once.
- Copy elimination: a step that only repeats a value gives way to that value.
- Constant folding: what needs only constants is computed now.
- Dead-code elimination: a step whose result nobody needs is left out.

Every number stays the same to the bit.
"""

from typing import Any

import numpy as np

from .tape import CONSTANT, DRAW, HOLDS, Live, Ref, Step, Tape

MOST_FOLDED = 1 << 20  # bytes of an array that is worked out beforehand
MOVES = frozenset({"cast", "reshape", "permute", "expand"})


def simplify(tape: Tape) -> None:
    """Simplify a tape in place."""
    same: dict[int, int] = {}
    known: dict[Any, int] = {}
    steps: list[Step] = []
    for step in tape.steps:
        inputs = tuple(
            Ref(same.get(x.number, x.number)) if type(x) is Ref else x for x in step.inputs
        )
        step = step._replace(inputs=inputs)
        key = _key(step)
        already = known.get(key) if _source(tape, step) is None else _source(tape, step)
        if already is not None and step.row is not DRAW:
            same[step.output] = already
            continue
        known[key] = step.output
        if not _fold(tape, step):
            steps.append(step)
    tape.steps = steps
    for numbers in (tape.results, tape.grads):
        numbers[:] = [same.get(n, n) for n in numbers]
    tape.effects = {old: same.get(new, new) for old, new in tape.effects.items()}
    tape.effects = {old: new for old, new in tape.effects.items() if old != new}
    leave_out_what_nobody_needs(tape)


def leave_out_what_nobody_needs(tape: Tape) -> None:
    """Dead-code elimination: leave out the steps whose results nobody needs."""
    needed = tape.kept()
    steps: list[Step] = []
    for step in reversed(tape.steps):
        if step.output in needed or step.row in (DRAW, HOLDS):
            needed.update(step.refs())
            steps.append(step)
    tape.steps = steps[::-1]


def _key(step: Step) -> Any:
    told = tuple(
        x if type(x) is Ref else ("live", id(x)) if type(x) is Live else (type(x), repr(x))
        for x in step.inputs
    )
    return step.row, told, repr(step.options)


def _source(tape: Tape, step: Step) -> int | None:
    """The value that a step only repeats, as it lies in memory; None if there is none."""
    first = step.inputs[0] if step.inputs else None
    if step.row.name == "put" and step.options["key"] is ...:  # a whole array is assigned
        first = step.inputs[1]
    elif step.row.name not in MOVES:
        return None
    if type(first) is Ref and tape.layouts[first.number] == tape.layouts[step.output]:
        return first.number
    return None


def _fold(tape: Tape, step: Step) -> bool:
    """Whether it needs only constants, and was worked out now."""
    refs = step.refs()
    constant = all(tape.sources.get(n) == CONSTANT for n in refs)
    if not refs or not constant or any(type(x) is Live for x in step.inputs) or step.row is HOLDS:
        return False
    layout = tape.layouts[step.output]
    if layout.nbytes > MOST_FOLDED:
        return False
    inputs = [tape.memory[x.number] if type(x) is Ref else x for x in step.inputs]
    array = layout.empty()
    with np.errstate(all="ignore"):
        array[...] = step.row.array(*inputs, **step.options)
    tape.sources[step.output], tape.memory[step.output] = CONSTANT, array
    return True
