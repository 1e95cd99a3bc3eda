"""What can be reached from an object by name: what it holds, and what its code looks up.

It is followed through functions, what they close over and their defaults, through objects of
people's own classes with the methods of those, through their modules, and through containers, but
not into libraries.
"""

import builtins
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dis import get_instructions
from functools import cache, partial
from types import (
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from ..graph import Face

PLAIN = frozenset({int, float, bool, complex, str, bytes, type(None)})
OPAQUE = (Face, np.generic, np.dtype, CodeType)
NAMESPACES = frozenset({("types", "SimpleNamespace"), ("argparse", "Namespace")})
EMPTY = object()
OWN = object()  # stands for what the function itself changes

Looks = Iterator[Callable[[], list[Any]]]


def is_opaque(thing: Any) -> bool:
    """Whether there is nothing to look into."""
    return isinstance(thing, OPAQUE) or thing is EMPTY or thing is OWN


def is_random(thing: Any) -> bool:
    """Whether it is a random generator of Python's or NumPy's."""
    places = [(str(cls.__module__), cls.__name__) for cls in type(thing).__mro__]
    return any(place == RANDOM or place[0].startswith("numpy.random") for place in places) and any(
        hasattr(thing, name) for name in ("getstate", "get_state", "bit_generator", "state")
    )


RANDOM = ("random", "Random")


def state_of(generator: Any) -> str:
    """What such a generator will draw next depends on, to be compared."""
    if hasattr(generator, "getstate"):
        return repr(generator.getstate())
    if hasattr(generator, "get_state"):
        return _written(generator.get_state())
    return _written(getattr(generator, "bit_generator", generator).state)


def _written(state: Any) -> str:
    if isinstance(state, Mapping):
        return repr({name: _written(part) for name, part in state.items()})
    if isinstance(state, tuple):
        return repr([_written(part) for part in state])
    return repr(state.tolist() if isinstance(state, np.ndarray) else state)


def looks_at(thing: Any) -> Looks:
    """Ways to see what a thing holds."""
    if isinstance(thing, FunctionType):
        yield from _of_function(thing)
    elif isinstance(thing, MethodType):
        yield lambda: [thing.__func__, thing.__self__]
    elif callable(thing) and getattr(thing, "__self__", None) is not None:
        if not isinstance(thing.__self__, ModuleType):
            yield lambda: [thing.__self__]
    elif isinstance(thing, partial):
        yield lambda: [thing.func, *thing.args, *thing.keywords.values()]
    elif isinstance(thing, type):
        yield from _of_class(thing)
    elif isinstance(thing, (staticmethod, classmethod)):
        yield lambda: [thing.__func__]
    elif isinstance(thing, property):
        yield lambda: [thing.fget, thing.fset]
    elif getattr(type(thing), "is_captured", False):
        yield lambda: [thing.function]
    elif isinstance(thing, (bytearray, memoryview)) or type(thing).__module__ == "array":
        yield lambda: [bytes(thing)]
    elif not isinstance(thing, ModuleType):
        yield from _of_object(thing)


def _of_function(function: FunctionType) -> Looks:
    if is_library(function.__module__):
        return
    variables = function.__globals__
    mentioned = list(dict.fromkeys(_names(function.__code__)))
    asked = list(dict.fromkeys(_global_names(function.__code__)))
    names = [name for name in asked if name in variables]
    later = [name for name in asked if name not in variables and not hasattr(builtins, name)]
    if names:
        yield lambda: [variables.get(name, EMPTY) for name in names]
    if later:
        yield lambda: [name in variables for name in later]
    if cells := function.__closure__:
        yield lambda: [_content(cell) for cell in cells]
    if function.__defaults__ or function.__kwdefaults__:
        yield lambda: [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    reached = [variables[name] for name in names] + [_content(cell) for cell in cells or ()]
    for module in reached:
        if isinstance(module, ModuleType) and not is_library(module.__name__):
            held = vars(module)
            parts = [name for name in mentioned if name in held]
            yield partial(_parts, held, parts)


def _of_class(cls: type) -> Looks:
    for base in cls.__mro__:
        if not is_library(base.__module__):
            own = vars(base)
            names = [name for name in own if name not in ("__dict__", "__weakref__", "__doc__")]
            yield partial(_parts, own, names)
            yield partial(list, own)


def _of_object(thing: Any) -> Looks:
    """What is in it, its attributes, and its class, if that is somebody's own."""
    if isinstance(thing, (list, tuple, set, frozenset, deque)):
        yield lambda: list(thing)
    elif isinstance(thing, (dict, MappingProxyType)):
        yield partial(_parts, thing, list(thing))
        yield lambda: list(thing)
    elif isinstance(thing, np.ndarray):
        yield lambda: list(thing.flat)
    kind = type(thing)
    is_own = not is_library(kind.__module__)
    if is_own or hasattr(thing, "parameters") or (kind.__module__, kind.__name__) in NAMESPACES:
        held = getattr(thing, "__dict__", None)
        if held is not None:
            yield partial(_parts, held, list(held))
            yield lambda: list(held)
        slots = [name for cls in kind.__mro__ for name in _slots(cls)]
        if slots:
            yield lambda: [getattr(thing, name, EMPTY) for name in slots]
    if is_own:
        yield lambda: [kind]


def _parts(held: Mapping[Any, Any], names: list[Any]) -> list[Any]:
    return [held.get(name, EMPTY) for name in names]


def _slots(cls: type) -> list[str]:
    slots = vars(cls).get("__slots__", ())
    names = [slots] if isinstance(slots, str) else list(slots)
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return EMPTY


def _names(code: CodeType) -> Iterator[str]:
    """The names that a piece of code, and the code within it, looks up, of attributes too."""
    yield from code.co_names
    for inner in _within(code):
        yield from _names(inner)


def _global_names(code: CodeType) -> Iterator[str]:
    for step in get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield step.argval
    for inner in _within(code):
        yield from _global_names(inner)


def _within(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


@cache
def is_library(module: str | None) -> bool:
    """Whether a module is not the user's own: ours, Python's, or what was installed."""
    top = (module or "").split(".")[0]
    if top in ("moreish", "builtins") or top in sys.stdlib_module_names:
        return True
    place = getattr(sys.modules.get(top), "__file__", None) or ""
    return f"{os.sep}site-packages{os.sep}" in place
