"""What a function reads from outside by name: its globals, what it closes over, what they hold.

A replay does not run the function, so it would not see that a name now means something else. What
the names meant when the call was recorded is kept here and compared: the same objects, and equal
numbers, texts and arrays. What `reach` can't look into, and what gives something else each time it
is asked, is refused.
"""

import math
from collections.abc import Callable
from io import IOBase
from operator import is_
from typing import Any

import numpy as np

from ..tensor import Tensor
from ..value import Value
from .reach import OWN, PLAIN, is_opaque, is_random, looks_at, state_of
from .tape import CaptureError

MOST = 10_000  # objects that are looked at
ARRAY = Tensor.__dict__["_array"]
DRAWN = (
    "random numbers were drawn from Python's or NumPy's own generator while the call was captured, "
    "and a replay would not draw again: use moreish.engine.rand, randn or randint, or pass them as "
    "an argument"
)

Look = tuple[Callable[[], list[Any]], list[Any]]


class Watch:
    """Everything that a function can reach by name, as it was when this was made.

    `others` are arguments that are not inputs of the tape, and are looked into, too.
    """

    def __init__(self, function: Callable[..., Any], *others: Any) -> None:
        self._looks: list[Look] = []
        self._later: list[Callable[[], list[Any]]] = []  # what optimizers hold, which a call makes
        self._arrays: list[tuple[np.ndarray, np.ndarray]] = []
        self._states: list[tuple[Any, Any]] = []  # of other people's random generators
        self._tensors: list[Tensor] = []
        self._values: list[Value] = []
        self.changes_numbers = False  # whether the call changed a number that it can read
        seen: dict[int, Any] = {}
        waiting: list[Any] = [function, *others]
        while waiting:
            thing = waiting.pop()
            if type(thing) in PLAIN or id(thing) in seen:
                continue
            seen[id(thing)] = thing
            if len(seen) > MOST:
                raise CaptureError(
                    f"the captured function reaches more than {MOST} objects by name, too many to "
                    f"watch: pass what it works on as arguments"
                )
            if not self._is_noted(thing):
                for look in looks_at(thing):
                    found = look()
                    self._looks.append((look, found))
                    waiting += found
        self._seen = seen  # they stay, and so do their numbers in `seen`

    def _is_noted(self, thing: Any) -> bool:
        """Note what is compared in a way of its own; False for what is to be looked into."""
        if isinstance(thing, Tensor):
            self._tensors.append(thing)
        elif isinstance(thing, Value):
            self._values.append(thing)
        elif isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
            self._arrays.append((thing, thing.copy()))
        elif is_random(thing):
            self._states.append((thing, state_of(thing)))
        elif hasattr(type(thing), "__next__") and not isinstance(thing, IOBase):
            raise CaptureError(
                f"the captured function reaches a {type(thing).__name__} by name, which gives "
                f"something else each time, and a replay would not ask it: pass what it gives as "
                f"an argument"
            )
        elif hasattr(thing, "param_groups") and hasattr(thing, "taken"):  # an optimizer of ours
            self._look(lambda: [thing.param_groups, *thing.param_groups])
            self._later.append(lambda: [thing.state, thing.taken, *thing.state.values()])
            self._later.append(lambda: [*thing.taken])
        else:
            return is_opaque(thing)
        return True

    def is_as_it_was(self) -> bool:
        """Whether every name still means the same."""
        for array, content in self._arrays:
            if not _are_alike(array, content):
                return False
        for look, was in self._looks:
            now = look()
            if len(now) != len(was):
                return False
            if all(map(is_, now, was)):
                continue
            for a, b in zip(now, was, strict=True):
                if a is not b and not _are_equal(a, b) and b is not OWN:
                    return False
        return True

    def settle(self, of_values: bool = False) -> None:
        """What the function changed itself while it was recorded is its own: no longer watched.

        A list that it logs to is. CaptureError for a float or an array, with which it computes,
        and for numbers drawn past the tape. Of functions of Values the numbers in Tensors are
        watched, too, as they are on no tape; of others, the gradients of Values are.
        """
        for thing, state in self._states:
            if state_of(thing) != state:
                raise CaptureError(DRAWN)
        for array, content in self._arrays:
            if not _are_alike(array, content):
                raise CaptureError(
                    f"the captured function changes an array of shape {list(array.shape)} that it "
                    f"reaches by name, and a replay would not: make it a tensor, or pass it as an "
                    f"argument"
                )
        self._looks = [(look, was) for look, was in self._looks if self._settled(look(), was)]
        for look in self._later:
            self._look(look)
        if of_values:
            arrays = [ARRAY.__get__(tensor) for tensor in self._tensors]
            self._arrays += [(array, array.copy()) for array in arrays]
        elif self._values:
            values = self._values
            self._look(lambda: [value.grad for value in values])
        if tensors := self._tensors:
            self._look(lambda: [tensor._requires_grad for tensor in tensors])

    def _look(self, look: Callable[[], list[Any]]) -> None:
        self._looks.append((look, look()))

    def _settled(self, now: list[Any], was: list[Any]) -> bool:
        if len(now) != len(was):
            return False
        for place, (a, b) in enumerate(zip(now, was, strict=True)):
            if a is not b and not _are_equal(a, b):
                if type(a) is float:
                    raise CaptureError(
                        f"the captured function changes a number that it computes with (it is "
                        f"{a:g} now), and a replay would not: pass it as an argument"
                    )
                self.changes_numbers |= type(a) in PLAIN and type(b) in PLAIN
                was[place] = OWN
        return True


def _are_alike(array: np.ndarray, content: np.ndarray) -> bool:
    if array.dtype != content.dtype or array.shape != content.shape:
        return False
    same: bool = np.array_equal(array, content)
    return same or array.tobytes() == content.tobytes()  # NaN is not equal to itself


def _are_equal(a: Any, b: Any) -> bool:
    if type(a) is not type(b) or type(a) not in PLAIN:
        return False
    if type(a) is float and (a == 0 or a != a):  # 0 and minus 0 are different, NaN is the same
        return (math.copysign(1, a), a != a) == (math.copysign(1, b), b != b) and (a == b or a != a)
    equal: bool = a == b
    return equal
