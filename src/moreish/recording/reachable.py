"""What can be reached from an object by name: what it holds, and what its code looks up.

It is followed through functions, what they close over and their defaults, through objects of
people's own classes with the methods of those, through their modules, and through containers, but
not into libraries.
"""

import re
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Set
from dis import get_instructions
from functools import cache, partial
from itertools import islice
from operator import attrgetter, methodcaller
from types import (
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any, NoReturn
from weakref import ref

import numpy as np

from ..engine.dtypes import dtype
from ..engine.graph import Face
from .tape import CaptureError

PLAIN = frozenset({int, float, bool, complex, str, bytes, type(None)})
OPAQUE = (Face, np.generic, np.dtype, dtype, CodeType)
HOLDERS = frozenset(  # classes of Python's that are made to hold what is people's own
    {
        ("types", "SimpleNamespace"),
        ("argparse", "Namespace"),
        ("collections", "UserDict"),
        ("collections", "UserList"),
        ("collections", "ChainMap"),
    }
)
NETWORKS = ("moreish.micrograd.nn", "moreish.torch.nn")
LIBRARIES = frozenset(  # that hold nothing of people's own; what else is installed is looked into
    {"builtins", "moreish", "numpy", "scipy", "pandas", "sklearn", "torch", "jax", "matplotlib"}
    | {"tqdm", "rich", "click", "pytest", "_pytest", "hypothesis", *sys.stdlib_module_names}
)
UNWATCHED = frozenset({"globals", "eval", "exec", "open", "input", "__import__"})
EMPTY = object()
DYNAMIC = frozenset({"getattr", "hasattr", "vars", "__dict__", "globals", "locals", "eval", "exec"})

Look = Callable[[], list[Any]]
Looks = Iterator[Look]


class Grows:
    """A look at what is in a list, which may get longer at its end, as a log does."""

    def __init__(self, thing: Any, count: int | None = None) -> None:
        self.thing, self.count = thing, count

    def __call__(self) -> list[Any]:
        return list(islice(self.thing, self.count))


def is_opaque(thing: Any) -> bool:
    """Whether there is nothing to look into."""
    return thing is EMPTY or isinstance(thing, OPAQUE)


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


def names_in(thing: Any) -> set[str]:
    """The names that a function's code mentions, of attributes too, and in its texts.

    CaptureError for code that reads what can't be compared.
    """
    if isinstance(thing, (attrgetter, methodcaller)):
        return set(_words(thing.__reduce__()[1:]))
    if not _is_own_function(thing):
        return set()
    names = set(_names(thing.__code__))
    asked = set(_global_names(thing.__code__)) - thing.__globals__.keys()
    for name in (asked & UNWATCHED) | (names & {"import_module", "_getframe"}):
        refuse_to_watch(name)
    return names


def refuse_to_watch(what: str) -> NoReturn:
    """CaptureError: it reads in a way that can't be seen to read something else."""
    raise CaptureError(
        f"the captured function reads by {what}, and a replay would not see what that gives later: "
        f"read it outside and pass it as an argument, or use a name"
    )


def looks_at(thing: Any, mentioned: Set[str]) -> Looks:
    """Ways to see what a thing holds; of its attributes those that code mentions, or all where
    code asks for attributes by names that it makes up."""
    if isinstance(thing, FunctionType):
        if _is_own_function(thing):
            yield from _of_function(thing, mentioned)
    elif isinstance(thing, MethodType):
        yield lambda: [thing.__func__, thing.__self__]
    elif isinstance(thing, ModuleType):
        if thing is sys and "modules" in mentioned:
            refuse_to_watch("sys.modules")
        if not is_library(thing.__name__):
            yield _attributes(lambda: vars(thing), vars(thing), mentioned)
    elif isinstance(thing, partial):
        yield lambda: [thing.func, *thing.args, *thing.keywords.values()]
    elif isinstance(thing, type):
        yield from _of_class(thing, mentioned)
    elif isinstance(thing, InstancesOf):
        yield from _of_class(thing.cls, mentioned, MAKING)
    elif isinstance(thing, (staticmethod, classmethod)):
        yield lambda: [thing.__func__]
    elif isinstance(thing, property):
        yield lambda: [thing.fget, thing.fset]
    elif isinstance(thing, ref):
        yield lambda: [thing()]
    elif getattr(type(thing), "is_captured", False):
        yield lambda: [thing.function]
    elif isinstance(thing, (bytearray, memoryview)) or type(thing).__module__ == "array":
        yield lambda: [_bytes_of(thing)]
    else:
        yield from _of_object(thing, mentioned)


def _is_own_function(thing: Any) -> bool:
    return isinstance(thing, FunctionType) and not is_library(thing.__module__)


def _of_function(function: FunctionType, mentioned: Set[str]) -> Looks:
    variables = function.__globals__
    asked = list(dict.fromkeys(_global_names(function.__code__)))
    names = [name for name in asked if name in variables]
    later = [name for name in asked if name not in variables]
    if names:
        yield lambda: [variables.get(name, EMPTY) for name in names]
    if later:
        yield lambda: [name in variables for name in later]
    if imported := list(dict.fromkeys(_imported(function.__code__))):
        yield lambda: [sys.modules.get(name) for name in imported]
    if cells := function.__closure__:
        yield lambda: [_content(cell) for cell in cells]
    if function.__defaults__ or function.__kwdefaults__:
        yield lambda: [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    if function.__dict__:
        yield _attributes(lambda: vars(function), vars(function), mentioned | {"__wrapped__"})


class InstancesOf:
    """A class as what its instances do, which no longer includes to be made."""

    def __init__(self, cls: type) -> None:
        self.cls = cls


instances_of: Callable[[type], InstancesOf] = cache(InstancesOf)  # one for each class


def _of_class(cls: type, mentioned: Set[str], without: Set[str] = frozenset()) -> Looks:
    every = {name for base in cls.__mro__ for name in vars(base)}
    for base in cls.__mro__:
        if not is_library(base.__module__):
            own = vars(base)
            special = {name for name in own if name[:2] == name[-2:] == "__"}
            special -= UNSEEN | without
            yield _attributes(partial(vars, base), own, mentioned | special, every)
    if not is_library(type(cls).__module__):
        yield lambda: [type(cls)]


UNSEEN = {"__dict__", "__weakref__", "__doc__", "__module__"}
MAKING = {"__init__", "__new__", "__post_init__", "__init_subclass__", "__del__", "__repr__"}


def _of_object(thing: Any, mentioned: Set[str]) -> Looks:
    """What is in it, its attributes, and its class, if that is somebody's own."""
    kind = type(thing)
    if issubclass(kind, (list, deque)):
        yield Grows(thing)
    elif issubclass(kind, (tuple, set, frozenset)):
        yield partial(list, thing)
    elif issubclass(kind, (dict, MappingProxyType)):
        if thing is sys.modules:
            refuse_to_watch("sys.modules")
        yield partial(_parts, lambda: thing, list(thing))
        yield partial(list, thing)
    elif issubclass(kind, np.ndarray):
        yield lambda: list(thing.flat)
    elif owner := _owner(thing):
        yield lambda: [owner]
    is_own = not is_library(kind.__module__)
    is_network = any(cls.__module__.startswith(NETWORKS) for cls in kind.__mro__)
    if is_own or is_network or (kind.__module__, kind.__name__) in HOLDERS:
        held = getattr(thing, "__dict__", None)
        if isinstance(held, dict):
            of_class = {name for cls in kind.__mro__ for name in vars(cls)}
            every = {*mentioned, *held} if is_network or not is_own else mentioned
            yield _attributes(lambda: thing.__dict__, held, every, of_class)
        slots = [name for cls in kind.__mro__ for name in _slots(cls)]
        if slots:
            yield lambda: [getattr(thing, name, EMPTY) for name in slots]
    if is_own:
        yield lambda: [instances_of(type(thing))]


def _owner(thing: Any) -> Any:
    """What a method of a library's belongs to, or the function that it wraps."""
    if not callable(thing):
        return None
    owner = getattr(thing, "__self__", None)
    if owner is None or isinstance(owner, ModuleType):
        owner = getattr(thing, "__wrapped__", None) or getattr(thing, "pyfunc", None)
    return owner


def _attributes(
    now: Callable[[], Mapping[str, Any]],
    held: Mapping[str, Any],
    mentioned: Set[str],
    of_class: Set[str] = frozenset(),
) -> Look:
    """A look at the attributes that code mentions, also those that would hide one of a class."""
    if mentioned & DYNAMIC:
        return lambda: [part for pair in now().items() for part in pair]
    names = [name for name in held if name in mentioned]
    names += [name for name in mentioned & of_class if name not in held]
    return partial(_parts, now, names)


def _parts(now: Callable[[], Mapping[Any, Any]], names: list[Any]) -> list[Any]:
    held = now()
    return [held.get(name, EMPTY) for name in names]


def _bytes_of(thing: Any) -> Any:
    try:
        return bytes(thing)
    except ValueError:  # a memoryview that was released
        return EMPTY


def _slots(cls: type) -> list[str]:
    slots = vars(cls).get("__slots__", ())
    names = [slots] if isinstance(slots, str) else list(slots)
    return [
        f"_{cls.__name__.lstrip('_')}{name}" if name[:2] == "__" != name[-2:] else name
        for name in names
        if name not in ("__dict__", "__weakref__")
    ]


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return EMPTY


def _names(code: CodeType) -> Iterator[str]:
    """The names that a piece of code, and the code within it, looks up, of attributes too."""
    yield from code.co_names
    yield from _words([x for x in code.co_consts if not isinstance(x, CodeType)])
    for step in get_instructions(code):
        if step.opname == "MATCH_CLASS" and step.argval:  # a class may say which names it means
            yield "__dict__"
    for inner in _within(code):
        yield from _names(inner)


def _words(things: Any) -> Iterator[str]:
    """What could be a name in texts, as in attrgetter("a.b") or "{0.a}"."""
    for thing in things:
        if isinstance(thing, str):
            yield from re.findall(r"[^\W\d]\w*", thing)
        elif isinstance(thing, (tuple, frozenset)):
            yield from _words(thing)


def _global_names(code: CodeType) -> Iterator[str]:
    for step in get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield step.argval
    for inner in _within(code):
        yield from _global_names(inner)


def _imported(code: CodeType) -> Iterator[str]:
    """The modules that code imports when it runs."""
    for step in get_instructions(code):
        if step.opname == "IMPORT_NAME" and not is_library(step.argval):
            yield step.argval
    for inner in _within(code):
        yield from _imported(inner)


def _within(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


@cache
def is_library(module: Any) -> bool:
    """Whether a module is not the user's own: ours, Python's, or a well-known library's."""
    if not isinstance(module, str):  # as of what is compiled
        return True
    return module.split(".")[0] in LIBRARIES
