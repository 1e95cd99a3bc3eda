"""What can be reached from an object by name: what it holds, and what its code looks up.

A function leads to what it closes over and to its defaults. An object of a class of the user's own
leads to its methods and its module. Containers lead to what is in them. Libraries are not looked
into.
"""

import gc
import os
import pickle
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Set
from dis import Instruction, get_instructions
from functools import cache, partial, partialmethod
from itertools import islice
from operator import attrgetter, methodcaller
from random import Random
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, NoReturn
from weakref import ref

import numpy as np

from ..engine.dtypes import dtype
from ..engine.graph import Face
from .tape import CaptureError

PLAIN = frozenset({int, float, bool, complex, str, bytes, type(None)})
OPAQUE = (Face, np.generic, np.dtype, dtype, CodeType)
HOLDERS = frozenset({"types", "argparse", "collections"})  # whose objects hold people's own
WRAPPERS = (staticmethod, classmethod, property, partialmethod)
GLOBALS = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
NETWORKS = ("moreish.micrograd.nn", "moreish.torch.nn")
LIBRARIES = frozenset(  # that hold nothing of people's own; what else is installed is looked into
    {"builtins", "moreish", "numpy", "scipy", "pandas", "sklearn", "torch", "jax", "matplotlib"}
    | {"tqdm", "rich", "click", "pytest", "_pytest", "hypothesis", *sys.stdlib_module_names}
)
UNWATCHED_ATTRIBUTES = frozenset(
    {"import_module", "_getframe", "environ", "getenv", "get_last_lr", "initial_seed"}
)
UNWATCHED_CLASSES = frozenset(  # the modules of classes whose objects can't be compared
    {"queue", "_queue", "contextvars", "_contextvars", "ctypes", "_ctypes", "configparser"}
    | {"weakref", "shelve", "sqlite3", "socket", "multiprocessing", "asyncio"}
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
    modules = {str(cls.__module__) for cls in type(thing).__mro__}
    return isinstance(thing, Random) or any(name.startswith("numpy.random") for name in modules)


def state_of(generator: Any) -> bytes:
    """What such a generator will draw next depends on, to be compared."""
    try:
        return pickle.dumps(generator)
    except NotImplementedError:  # the system's has no state, and is never the same
        return os.urandom(8)


def names_in(thing: Any) -> set[str]:
    """The names that a function's code mentions, of attributes too, and in its texts.

    CaptureError for code that reads what can't be compared.
    """
    if isinstance(thing, (attrgetter, methodcaller)):
        return set(_words(thing.__reduce__()[1:]))
    if not _is_own_function(thing):
        return set()
    names = set(_names(thing.__code__))
    asked = {step.argval for step in _steps(thing.__code__) if step.opname in GLOBALS}
    asked -= thing.__globals__.keys()
    for name in (asked & UNWATCHED) | (names & UNWATCHED_ATTRIBUTES):
        refuse_to_watch(name)
    return names


def refuse_to_watch(what: str) -> NoReturn:
    """Raise CaptureError for code that reads in a way that can't be watched."""
    raise CaptureError(
        f"the captured function reads by {what}, and a replay would not see what that gives later: "
        f"read it outside and pass it as an argument, or use a name"
    )


def looks_at(thing: Any, mentioned: Set[str]) -> Looks:
    """Ways to see what a thing holds.

    Of its attributes these are those that code mentions. They are all where code asks for
    attributes by names that it makes up.
    """
    if isinstance(thing, FunctionType):
        if _is_own_function(thing):
            yield from _of_function(thing, mentioned)
    elif isinstance(thing, ModuleType):
        if thing is sys and "modules" in mentioned:
            refuse_to_watch("sys.modules")
        if not is_library(thing.__name__):
            yield _attributes(lambda: vars(thing), vars(thing), mentioned)
    elif isinstance(thing, type):
        yield from _of_class(thing, mentioned)
    elif isinstance(thing, InstancesOf):
        yield from _of_class(thing.cls, mentioned, MAKING)
    elif isinstance(thing, ref):
        yield lambda: [thing()]
    elif getattr(type(thing), "is_captured", False):
        yield lambda: [thing.function]
    else:
        yield from _of_object(thing, mentioned)


def _is_own_function(thing: Any) -> bool:
    return isinstance(thing, FunctionType) and not is_library(thing.__globals__.get("__name__"))


def _of_function(function: FunctionType, mentioned: Set[str]) -> Looks:
    variables, code = function.__globals__, function.__code__
    names = [*dict.fromkeys(step.argval for step in _steps(code) if step.opname in GLOBALS)]
    yield partial(_parts, lambda: variables, names)
    imported = [step.argval for step in _steps(code) if step.opname == "IMPORT_NAME"]
    yield lambda: [sys.modules.get(name) for name in imported if not is_library(name)]
    if cells := function.__closure__:
        yield lambda: [_content(cell) for cell in cells]
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
    is_own = not is_library(kind.__module__)
    is_network = any(cls.__module__.startswith(NETWORKS) for cls in kind.__mro__)
    held = getattr(thing, "__dict__", None)
    if thing is sys.modules or kind.__module__.split(".")[0] in UNWATCHED_CLASSES:
        name = "sys.modules" if thing is sys.modules else f"a {kind.__name__}"
        refuse_to_watch(name)
    if issubclass(kind, (list, deque)):
        yield Grows(thing)
    elif issubclass(kind, np.ndarray):
        yield lambda: list(thing.flat)
    elif isinstance(thing, (bytearray, memoryview)) or kind.__module__ == "array":
        yield lambda: [_bytes_of(thing)]
    elif issubclass(kind, (tuple, set, frozenset, Mapping)):
        yield lambda: [part for pair in _pairs(thing) for part in pair]
    elif callable(thing) or isinstance(thing, WRAPPERS):
        yield lambda: [x for x in gc.get_referents(thing) if x is not held]  # what it calls, and on
    if isinstance(held, dict) and (is_own or is_network or kind.__module__ in HOLDERS):
        of_class = {name for cls in kind.__mro__ for name in vars(cls)}
        every = mentioned if is_own and not is_network else {*mentioned, *held}
        yield _attributes(lambda: thing.__dict__, held, every, of_class)
    if is_own:
        slots = [name for cls in kind.__mro__ for name in _slots(cls)]
        yield lambda: [getattr(thing, name, EMPTY) for name in slots]
        yield lambda: [instances_of(type(thing))]


def _pairs(thing: Any) -> Any:
    return thing.items() if isinstance(thing, Mapping) else ((part,) for part in thing)


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


def _steps(code: CodeType) -> Iterator[Instruction]:
    """The instructions of a piece of code, and of the code within it."""
    yield from get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _steps(constant)


def _names(code: CodeType) -> Iterator[str]:
    """The names that a piece of code, and the code within it, looks up, of attributes too."""
    yield from code.co_names
    for constant in code.co_consts:
        yield from _names(constant) if isinstance(constant, CodeType) else _words((constant,))
    if any(step.opname == "MATCH_CLASS" and step.argval for step in get_instructions(code)):
        yield "__dict__"  # a class may say which names it means


def _words(things: Any) -> Iterator[str]:
    """What could be a name in texts, as in attrgetter("a.b") or "{0.a}"."""
    for thing in things:
        if isinstance(thing, str):
            yield from re.findall(r"[^\W\d]\w*", thing)
        elif isinstance(thing, (tuple, frozenset)):
            yield from _words(thing)


@cache
def is_library(module: Any) -> bool:
    """Whether a module is not the user's own: ours, Python's, or a well-known library's."""
    if not isinstance(module, str):  # as of what is compiled
        return True
    return module.split(".")[0] in LIBRARIES
