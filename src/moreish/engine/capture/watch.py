"""What a function reads from outside by name: its globals, what it closes over, what they hold.

A replay does not run the function, so it would not see that a name now means something else. What
the names meant when the call was recorded is kept here and compared: the same objects, and equal
numbers and texts.
"""

from collections.abc import Callable, Iterator
from operator import is_
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..graph import Face
from ..tensor import Tensor
from .tape import CaptureError

PLAIN = frozenset({int, float, bool, str, bytes, type(None)})
OPAQUE = (Face, np.ndarray, np.generic, np.dtype, type, ModuleType, CodeType)
MOST = 10_000  # objects that are looked at
ARRAY = Tensor.__dict__["_array"]
EMPTY = object()
OWN = object()  # stands for what the function itself changes


class Watch:
    """Everything that a function can reach by name, as it was when this was made."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._looks: list[tuple[Callable[[], list[Any]], list[Any]]] = []
        self._contents: list[tuple[np.ndarray, np.ndarray]] = []
        self._seen: dict[int, Any] = {}
        waiting: list[Any] = [function]
        while waiting:
            thing = waiting.pop()
            if type(thing) in PLAIN or isinstance(thing, OPAQUE) or id(thing) in self._seen:
                continue
            self._seen[id(thing)] = thing
            if len(self._seen) > MOST:
                raise CaptureError(
                    f"the captured function reaches more than {MOST} objects by name, too many to "
                    f"watch: pass what it works on as arguments"
                )
            for look in _looks(thing):
                found = look()
                self._looks.append((look, found))
                waiting += found

    def is_as_it_was(self) -> bool:
        """Whether every name still means the same."""
        for array, content in self._contents:
            if not np.array_equal(array, content):
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

    def settle(self, contents: bool = False) -> None:
        """What the function changed itself while it was recorded is its own: no longer watched.

        A list that it logs to or a counter is; CaptureError for a float, which it computes with.
        With `contents`, arrays are watched, too: their numbers are on no tape.
        """
        if contents:
            arrays = {id(x): x for _, was in self._looks for x in was if _is_array(x)}
            self._contents = [(_numbers(x), _numbers(x).copy()) for x in arrays.values()]
        looks = []
        for look, was in self._looks:
            now = look()
            if len(now) == len(was):
                looks.append((look, was))
                for place, (a, b) in enumerate(zip(now, was, strict=True)):
                    if a is not b and not _are_equal(a, b):
                        if type(a) is float:
                            raise CaptureError(
                                f"the captured function changes a number that it computes with "
                                f"(it is {a:g} now), and a replay would not: pass it as an "
                                f"argument"
                            )
                        was[place] = OWN
        self._looks = looks


def _is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, Tensor))


def _numbers(x: Any) -> np.ndarray:
    return x if isinstance(x, np.ndarray) else ARRAY.__get__(x)


def _are_equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and type(a) in PLAIN and a == b


def _looks(thing: Any) -> Iterator[Callable[[], list[Any]]]:
    """Ways to see what a thing holds."""
    if isinstance(thing, MethodType):
        yield from _looks(thing.__func__)
        thing = thing.__self__
    if isinstance(thing, FunctionType):
        if _is_library(thing.__module__):
            return
        names = [n for n in dict.fromkeys(_names(thing.__code__)) if n in thing.__globals__]
        cells = thing.__closure__ or ()
        variables = thing.__globals__
        if names:
            yield lambda: [variables.get(name, EMPTY) for name in names]
        if cells:
            yield lambda: [_content(cell) for cell in cells]
    elif isinstance(thing, (list, tuple)):
        yield lambda: list(thing)
    elif isinstance(thing, dict):
        yield lambda: list(thing.values())
    elif not _is_library(type(thing).__module__) or hasattr(thing, "parameters"):
        held = getattr(thing, "__dict__", None)
        if held:
            yield lambda: list(held.values())


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return EMPTY


def _names(code: CodeType) -> Iterator[str]:
    """The names that a piece of code, and the code within it, looks up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_library(module: str | None) -> bool:
    return (module or "").split(".")[0] in LIBRARIES


LIBRARIES = frozenset({"builtins", "moreish", "numpy", "math", "functools", "random"})
