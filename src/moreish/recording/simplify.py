"""The same tape with less to do: nothing is computed twice, or for nobody, or without need.

Each pass keeps every number to the bit.
"""

from typing import Any

import numpy as np

from .operations import view
from .tape import Live, Ref, Step, Tape

MOST_FOLDED = 1 << 20  # numbers in an array that is worked out beforehand


def simplify(tape: Tape) -> None:
    """Simplify in place."""
    same: dict[int, int] = {}
    known: dict[Any, int] = {}
    steps: list[Step] = []
    cut = None
    for place, step in enumerate(tape.steps):
        step.inputs = tuple(
            Ref(same.get(x.number, x.number)) if type(x) is Ref else x for x in step.inputs
        )
        if tape.backward_from == place:
            cut = len(steps)
        if _is_copy(tape, step):
            same[step.output] = step.inputs[0].number
            continue
        told = _told(step)
        if told is not None and told in known:
            same[step.output] = known[told]
            continue
        if told is not None:
            known[told] = step.output
        if not _fold(tape, step):
            steps.append(step)
    if tape.backward_from is not None:
        tape.backward_from = len(steps) if cut is None else cut
    tape.steps = steps
    tape.results = [same.get(n, n) for n in tape.results]
    tape.grads = [same.get(n, n) for n in tape.grads]
    tape.slopes = [same.get(n, n) for n in tape.slopes]
    tape.effects = {old: same.get(new, new) for old, new in tape.effects.items()}
    _leave_out_needless(tape)
    _pick_first(tape)
    _swap_differences(tape)
    for step in tape.steps:
        step.inputs = tuple(_as_one_number(tape, step, x) for x in step.inputs)


def _is_copy(tape: Tape, step: Step) -> bool:
    if step.operation.name == "reshape":
        return tape.types[step.output] == tape.types[step.inputs[0].number]
    if step.operation.name != "copy" or type(step.inputs[0]) is not Ref:
        return False
    copy, source = tape.likes[step.output], tape.likes[step.inputs[0].number]
    return (copy.shape, copy.dtype, copy.strides) == (source.shape, source.dtype, source.strides)


def _told(step: Step) -> Any:
    """What a step computes; two steps of which this is equal give the same."""
    if step.operation.key is None or step.operation.kind == "draw":
        return None
    inputs = tuple(
        x if type(x) is Ref else (id(x) if type(x) is Live else (type(x), repr(x)))
        for x in step.inputs
    )
    return step.operation.key, inputs


def _fold(tape: Tape, step: Step) -> bool:
    """Work a step out now, if it needs nothing but constants."""
    if step.operation.kind in ("draw", "condition"):
        return False
    for x in step.inputs:
        if type(x) is Live or (type(x) is Ref and not _is_constant(tape, x.number)):
            return False
    if tape.likes[step.output].size > MOST_FOLDED:
        return False
    inputs = [tape.memory[x.number] if type(x) is Ref else x for x in step.inputs]
    with np.errstate(all="ignore"):
        tape.memory[step.output] = np.asarray(step.operation.apply(*inputs))
    tape.origins[step.output] = "constant"
    return True


def _is_constant(tape: Tape, number: int) -> bool:
    return tape.origins.get(number) == "constant" and number not in tape.effects


def _as_one_number(tape: Tape, step: Step, x: Any) -> Any:
    """A constant array that is the same number everywhere, as that number."""
    if step.operation.kind != "elementwise" or type(x) is not Ref or len(step.inputs) != 2:
        return x
    if not _is_constant(tape, x.number) or tape.memory[x.number].dtype.kind != "f":
        return x
    others = [other for other in step.refs() if other != x.number]
    shape = tape.types[step.output].shape
    array = tape.memory[x.number]
    is_uniform = array.size and (array == array.flat[0]).all()
    if is_uniform and any(tape.types[other].shape == shape for other in others):
        return array.dtype.type(array.flat[0])
    return x


def _pick_first(tape: Tape) -> None:
    """Where one number of each row is picked from what two arrays give, pick from those before."""
    uses: dict[int, int] = {}
    for number in [n for step in tape.steps for n in step.refs()] + tape.kept():
        uses[number] = uses.get(number, 0) + 1
    made = {step.output: step for step in tape.steps}
    steps: list[Step] = []
    gone: set[int] = set()
    for step in tape.steps:
        source = made.get(step.refs()[0]) if is_pick(tape, step) else None
        operands = source.refs() if source is not None else []
        fits = source is not None and (
            source.operation.kind == "elementwise"
            and len(operands) == len(source.inputs) == 2
            and uses[source.output] == 1
            and all(_goes_by_rows(tape, n, source.output) for n in operands)
        )
        if source is None or not fits:
            steps.append(step)
            continue
        gone.add(source.output)
        rows, parts = tape.types[step.output].shape[0], []
        for n in operands:
            like = np.zeros(rows, dtype=tape.types[n].dtype)
            part = tape.value(like)
            if tape.types[n].shape[1] == 1:
                steps.append(Step(view(("reshape", (rows,))), (Ref(n),), part))
            else:
                steps.append(Step(step.operation, (Ref(n), *step.inputs[1:]), part))
            parts.append(Ref(part))
        steps.append(Step(source.operation, tuple(parts), step.output))
    before = tape.backward_from
    if gone and before is not None:
        tail = {id(step) for step in tape.steps[before:]}
        tape.backward_from = len(steps) - sum(id(step) in tail for step in steps)
    tape.steps = [step for step in steps if step.output not in gone]
    if gone and before is not None and tape.backward_from is not None:
        tape.backward_from -= len(gone)


def _swap_differences(tape: Tape) -> None:
    """-(a - b) as b - a, which is the same to the bit but for the sign of a zero."""
    made = {step.output: step for step in tape.steps}
    uses = [n for step in tape.steps for n in step.refs()] + tape.kept()
    gone = set()
    for step in tape.steps:
        if step.operation.name == "negative" and type(step.inputs[0]) is Ref:
            source = made.get(step.inputs[0].number)
            if source is None or source.operation.name != "subtract":
                continue
            if uses.count(source.output) == 1 and len(source.refs()) == 2:
                step.operation, step.inputs = source.operation, source.inputs[::-1]
                gone.add(source.output)
    leave_out(tape, gone)


def leave_out(tape: Tape, gone: set[int]) -> None:
    """Without the steps that give these values."""
    if tape.backward_from is not None:
        cut = tape.steps[: tape.backward_from]
        tape.backward_from -= sum(step.output in gone for step in cut)
    tape.steps = [step for step in tape.steps if step.output not in gone]


def _goes_by_rows(tape: Tape, number: int, result: int) -> bool:
    """Whether a value has the rows of a result, and one or as many columns."""
    rows, columns = tape.types[result].shape
    return tape.types[number].shape in ((rows, columns), (rows, 1))


def is_pick(tape: Tape, step: Step) -> bool:
    """Whether a step picks one number from each row: x[arange, columns]."""
    if step.operation.name != "take" or len(step.inputs) != 3:
        return False
    if any(type(x) is not Ref for x in step.inputs):
        return False
    x, rows, _ = step.refs()
    shape = tape.types[x].shape
    if len(shape) != 2 or not _is_constant(tape, rows) or step.operation.key[2] != 2:
        return False
    return np.array_equal(tape.memory[rows], np.arange(shape[0]))


def _leave_out_needless(tape: Tape) -> None:
    """Without the steps that nobody needs, and what comes from outside for them alone."""
    needed = set(tape.kept())
    steps: list[Step] = []
    after = 0
    for place in range(len(tape.steps) - 1, -1, -1):
        step = tape.steps[place]
        if step.output in needed or step.operation.kind in ("draw", "condition"):
            needed.update(step.refs())
            steps.append(step)
            after += tape.backward_from is not None and place >= tape.backward_from
    tape.steps = steps[::-1]
    if tape.backward_from is not None:
        tape.backward_from = len(steps) - after
    needed.update(tape.effects)
    tape.origins = {
        n: o for n, o in tape.origins.items() if n in needed or not o.startswith("constant")
    }
