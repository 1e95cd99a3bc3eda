"""The guards of a recording: what a function reads from outside by name.

It reads its globals, what it closes over, and what these hold. A replay does not run the function,
so it would not see that a name now means something else. What the names meant when the call was
recorded is kept here and compared: the same objects, and equal numbers, texts and arrays. What
gives something else each time it is asked is refused. So is what is read in a way that can't be
compared.
"""

import math
from collections.abc import Callable, Set
from io import IOBase
from operator import is_
from typing import Any
from weakref import ProxyTypes

import numpy as np

from ..engine.tensor import Tensor
from ..engine.value import Value
from .reachable import (
    PLAIN,
    Grows,
    Look,
    is_library,
    is_opaque,
    is_random,
    looks_at,
    names_in,
    state_of,
)
from .tape import CaptureError

SKIPPED = PLAIN.union(ProxyTypes)  # a proxy can't be told from what it stands for
MOST = 10_000  # objects that are looked at
DRAWN = (
    "random numbers were drawn from Python's or NumPy's own generator while the call was captured, "
    "and a replay would not draw again: use moreish.torch.rand, randn or randint, or pass them as "
    "an argument"
)


class Watch:
    """Everything that a function can reach by name, as it was when this was made.

    `others` are arguments that are not inputs of the tape, and are looked into, too. CaptureError
    for an iterator, which gives something else each time, and for too many objects to watch.
    """

    def __init__(self, function: Callable[..., Any], *others: Any) -> None:
        self.has_changed = False  # whether the call changed what it can read
        self._is_of_library = is_library(getattr(function, "__module__", None))
        mentioned = {"forward"}  # which a network's __call__ asks for
        while True:  # until no code is found that mentions more
            self._looks: list[tuple[Look, list[Any]]] = []
            self._later: list[Look] = []  # at what optimizers hold, which a call makes
            self._arrays: list[tuple[np.ndarray, np.ndarray]] = []
            self._states: list[tuple[Any, Any]] = []  # of other people's random generators
            self.tensors: list[Tensor] = []
            self._values: list[Value] = []
            self._iterators: list[Any] = []
            self._options: list[tuple[Any, Any]] = []  # of optimizers
            self._seen: dict[int, Any] = {}  # all stay, and so do their identities
            found = self._walk([function, *others], mentioned)
            if found <= mentioned:
                break
            mentioned |= found
        tensors, values = self.tensors, self._values
        if tensors:
            self._look(lambda: [x for t in tensors for x in (t._requires_grad, t._array, t._step)])
        self._grads = [value.grad for value in values]
        self._versions = [(tensor._shared, tensor._shared.version) for tensor in self.tensors]
        for thing in self._iterators:
            raise CaptureError(
                f"the captured function reaches a {type(thing).__name__} by name, which gives "
                f"something else each time, and a replay would not ask it: pass what it gives as "
                f"an argument"
            )

    def _walk(self, waiting: list[Any], mentioned: Set[str]) -> set[str]:
        """Look into all that can be reached → the names that the code there mentions."""
        names: set[str] = set()
        while waiting:
            thing = waiting.pop()
            if type(thing) in SKIPPED or id(thing) in self._seen:
                continue
            self._seen[id(thing)] = thing
            if len(self._seen) > MOST:
                raise CaptureError(
                    f"the captured function reaches more than {MOST} objects by name, too many to "
                    f"watch: pass what it works on as arguments"
                )
            names |= names_in(thing)
            if not self._is_noted(thing, mentioned):
                for look in looks_at(thing, mentioned):
                    waiting += self._look(look)
        return names

    def _is_noted(self, thing: Any, mentioned: Set[str]) -> bool:
        """Note what is compared in a way of its own; False for what is to be looked into."""
        if is_opaque(thing) and not isinstance(thing, (Tensor, Value)):
            return True
        kind = type(thing)
        if issubclass(kind, Tensor):
            self.tensors.append(thing)
        elif issubclass(kind, Value):
            self._values.append(thing)
        elif issubclass(kind, np.ndarray) and not thing.dtype.hasobject:
            self._arrays.append((thing, _bits(thing).copy()))
        elif is_random(thing):
            self._states.append((thing, state_of(thing)))
        elif hasattr(kind, "__next__") and not issubclass(kind, IOBase):
            self._iterators.append(thing)
        elif any(cls.__module__ == "moreish.torch.optim" for cls in kind.__mro__) and hasattr(
            thing, "param_groups"
        ):
            self._look(lambda: [thing.param_groups, *thing.param_groups])
            self.tensors += [x for group in thing.param_groups for x in group["params"]]
            self._options.append((thing, _options_of(thing)))
            if mentioned & {"param_groups", "defaults"}:  # numbers that user's own code looks at
                self._look(lambda: [x for own in _options_of(thing) for x in own.values()])
            self._later.append(lambda: [thing.state, thing.taken, *thing.state.values()])
            self._later.append(lambda: [*thing.taken])
            return is_library(kind.__module__)  # what somebody's own does with them is looked into
        else:
            return False
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
                if a is not b and not _are_equal(a, b):
                    return False
        return True

    def settle(self, of_values: bool = False) -> None:
        """Note what was changed while the call was recorded, in `has_changed`.

        A list that it logs to may have become longer: the new end is its own. CaptureError for a
        float or an array, with which it computes, and for numbers drawn past the tape. Of functions
        of Values the numbers in Tensors are watched from here on, as they are on no tape. Of
        others, the gradients of Values are.
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
        if any(_options_of(optimizer) != was for optimizer, was in self._options):
            raise CaptureError(
                "the captured function changes the options of an optimizer (by a schedule?), and a "
                "replay would not: do it after each call, outside"
            )
        looks, self._looks = self._looks, []
        for look, was in looks:
            now = look()
            if isinstance(look, Grows) and len(now) > len(was):
                look, now = Grows(look.thing, len(was)), now[: len(was)]
            self.has_changed |= self._differ(now, was)
            self._looks.append((look, was))
        for look in self._later:
            self._look(look)
        if of_values:
            arrays = [tensor._array for tensor in self.tensors]
            self._arrays += [(array, _bits(array).copy()) for array in arrays]
        elif values := self._values:
            self._look(lambda: [value.grad for value in values])
        if of_values and self._differ([value.grad for value in self._values], self._grads):
            raise CaptureError(
                "the captured function changes the gradient of a Value, and a replay would not: "
                "call zero_grad() outside of it"
            )

    def changed_versions(self) -> list[tuple[Any, int]]:
        """The storages whose numbers the call has changed, and how often."""
        found = {id(shared): (shared, shared.version - was) for shared, was in self._versions}
        return [(shared, changes) for shared, changes in found.values() if changes]

    def is_known(self, tensor: Tensor) -> bool:
        """Whether a Tensor, (...), was there before the call; of our own functions all may be."""
        return self._is_of_library or any(tensor is own for own in self.tensors)

    def knows(self, array: np.ndarray) -> bool:
        """Whether a name leads to this array, (...), or to a Tensor that holds it."""
        known = [tensor._array for tensor in self.tensors] + [own for own, _ in self._arrays]
        return any(_owner(array) is _owner(own) for own in known)

    def must_reach(self, held: list[np.ndarray]) -> None:
        """Check that a name leads to each array, (...); CaptureError for one to which none does."""
        for array in held:
            if not self._is_of_library and not self.knows(array):
                raise CaptureError(
                    f"the captured function takes a tensor of shape {list(array.shape)} from where "
                    f"no name leads to it, and a replay would not see another there: pass it as an "
                    f"argument"
                )

    def _look(self, look: Look) -> list[Any]:
        found = look()
        self._looks.append((look, found))
        return found

    def _differ(self, now: list[Any], was: list[Any]) -> bool:
        if len(now) != len(was):
            return True
        changed = [
            (a, b) for a, b in zip(now, was, strict=True) if a is not b and not _are_equal(a, b)
        ]
        for a, b in changed:
            if type(a) is type(b) is float:
                raise CaptureError(
                    f"the captured function changes a number that it computes with (it is {a:g} "
                    f"now), and a replay would not: pass it as an argument"
                )
        return bool(changed)


def _owner(array: np.ndarray) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _options_of(optimizer: Any) -> list[Any]:
    groups = optimizer.param_groups
    return [{k: v for k, v in group.items() if k != "params"} for group in groups]


def _bits(array: np.ndarray) -> np.ndarray:
    """The bytes of an array, in which NaN is itself and minus 0 is not 0."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _are_alike(array: np.ndarray, content: np.ndarray) -> bool:
    return np.array_equal(_bits(array), content)


def _are_equal(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.generic):
        return a.tobytes() == b.tobytes()
    if type(a) is float and (a == 0 or a != a):  # 0 and minus 0 are different, NaN is the same
        return (math.copysign(1, a), a != a) == (math.copysign(1, b), b != b) and (a == b or a != a)
    return type(a) in PLAIN and bool(a == b)
