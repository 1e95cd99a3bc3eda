"""Sums in another order, for speed: the results agree with the eager ones to rounding.

Matrices with many rows and few columns that are summed along each row are laid column by column, so
that sums and largest numbers run along the fast axis of memory. Sums of rows, sums of columns and
means are products with an array of one number. `exact=True` leaves this out.
"""

from collections import Counter
from typing import Any

import numpy as np

from .simplify import leave_out
from .tape import Operation, Ref, Step, Tape

FEWEST_ROWS = 8
MOST_COLUMNS = 128
MOST_AT_ONCE = 4096  # numbers that a product adds up as precisely as a sum does


def turn(tape: Tape) -> None:
    """Rewrite a tape."""
    _lay_by_columns(tape)
    _means_by_product(tape)
    tape.steps = [_by_product(tape, step) for step in tape.steps]


def _lay_by_columns(tape: Tape) -> None:
    group: dict[int, int] = {}

    def top(n: int) -> int:
        while group.setdefault(n, n) != n:
            n = group[n]
        return n

    wanted = set()
    for step in tape.steps:
        like = tape.likes[step.output]
        if step.operation.kind == "elementwise":
            for n in step.refs():
                if tape.types[n].shape == like.shape:
                    group[top(n)] = top(step.output)
        elif step.operation.name.endswith(".reduce") and _is_along_rows(tape, step):
            wanted.add(step.refs()[0])
    wanted = {top(n) for n in wanted}
    fixed = {*tape.effects, *tape.effects.values(), *tape.grads, *tape.slopes}
    fixed.update(n for n, o in tape.origins.items() if not o.startswith("argument"))
    made = {s.output: s for s in tape.steps}
    for n in list(group):
        by_view = n in made and made[n].operation.kind == "view"
        seen = any(
            s.operation.kind == "view" and s.operation.name == "reshape" and n in s.refs()
            for s in tape.steps
        )
        if n in fixed or by_view or seen:
            wanted.discard(top(n))
    for n in list(group):
        if top(n) in wanted and n not in tape.origins:
            like = tape.likes[n]
            tape.likes[n] = np.empty(like.shape, like.dtype, order="F")


def _is_along_rows(tape: Tape, step: Step) -> bool:
    shape = tape.types[step.refs()[0]].shape
    if len(shape) != 2 or shape[0] < FEWEST_ROWS or shape[1] > MOST_COLUMNS:
        return False
    return step.operation.axis in (-1, 1, (-1,), (1,))


def _by_product(tape: Tape, step: Step) -> Step:
    """A sum over the rows or columns of a matrix as a product with ones."""
    operation = step.operation
    if operation.name != "add.reduce":
        return step
    x, shape = step.refs()[0], tape.types[step.output].shape
    if len(tape.types[x].shape) != 2 or tape.types[x].dtype.char not in "fd":
        return step
    rows, columns = tape.types[x].shape
    if operation.axis in (0, (0,)) and shape == (columns,):
        return Step(SUM_OF_ROWS, (_filled(tape, x, (rows,)), Ref(x)), step.output)
    if _is_along_rows(tape, step) and shape[0] == rows:
        ones = _filled(tape, x, (columns, *shape[1:]))
        return Step(SUM_OF_COLUMNS, (Ref(x), ones), step.output)
    return step


def _means_by_product(tape: Tape) -> None:
    """A sum of numbers in a line, divided by a number, as one product with its inverse."""
    made = {step.output: step for step in tape.steps}
    uses = Counter([n for step in tape.steps for n in step.refs()] + tape.kept())
    gone = set()
    for step in tape.steps:
        total = made.get(step.refs()[0]) if _is_of_one_number(tape, step) else None
        if total is None or total.operation.name != "add.reduce" or uses[total.output] > 1:
            continue
        x, count = total.refs()[0], step.inputs[1]
        size = tape.types[x].shape
        if len(size) == 1 and size[0] <= MOST_AT_ONCE and tape.types[x].dtype.char in "fd":
            step.operation, step.inputs = MEAN, (Ref(x), _filled(tape, x, size, 1 / count))
            gone.add(total.output)
    leave_out(tape, gone)


def _is_of_one_number(tape: Tape, step: Step) -> bool:
    """Whether it divides one number by one that is not 0."""
    inputs = step.inputs
    return (
        step.operation.name == "divide"
        and tape.types[step.output].shape == ()
        and type(inputs[0]) is Ref
        and type(inputs[1]) in (int, float)
        and inputs[1] != 0
        and tape.types[step.output].dtype == tape.types[inputs[0].number].dtype
    )


def _filled(tape: Tape, x: int, shape: tuple[int, ...], number: float = 1.0) -> Ref:
    """A constant array of this number, of the dtype of x."""
    array = np.full(shape, number, dtype=tape.types[x].dtype)
    constant = tape.value(array)
    tape.origins[constant], tape.memory[constant] = "constant", array
    return Ref(constant)


def _dot(a: Any, b: Any, out: np.ndarray) -> None:
    np.dot(a, b, out)


SUM_OF_ROWS = Operation("ones @", "array", np.dot, _dot, key=("ones @",), call=np.dot)
SUM_OF_COLUMNS = Operation("@ ones", "array", np.dot, _dot, key=("@ ones",), call=np.dot)
MEAN = Operation("mean", "array", np.dot, _dot, key=("mean",), call=np.dot)
