"""Calls by name, as a page makes them: is there such a call, and is each argument what it takes?

What a function takes is said by its annotations: str, int, float, bool, bytes, or a list of one of
these. What a studio keeps, as a run, is given by its id. None is as if nothing had been given.
"""

import inspect
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from ..errors import OptionError, shortened
from ..rows import Row

LARGEST = 2**64  # numbers are less, and more than minus that
KINDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    bytes: "a file",
}


def answered(
    calls: Mapping[str, Callable[..., Row]],
    name: str,
    given: Mapping[str, Any],
    kept: Mapping[type, Callable[[str], Any]] | None = None,
) -> Row:
    """What a call answers to what it was given. OptionError for what it does not take.

    `kept` finds what has an id, by its type.

    >>> def doubled(n: int) -> Row:
    ...     return {"n": 2 * n}
    >>> answered({"doubled": doubled}, "doubled", {"n": 4})
    {'n': 8}
    >>> answered({"doubled": doubled}, "doubled", {"n": "4"})
    Traceback (most recent call last):
    moreish.errors.OptionError: for 'n' a whole number was wanted, got '4'
    """
    if name not in calls:
        raise OptionError(f"there is no call {shortened(name)!r}; there are {', '.join(calls)}")
    function = calls[name]
    arguments = {key: value for key, value in given.items() if value is not None}
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        raise OptionError(f"the call {name}: {error}") from None
    types, kept = _types(function), kept or {}
    for key, value in arguments.items():
        if key not in types:
            raise OptionError(f"the call {name}: got an unexpected keyword argument {key!r}")
        find = kept.get(types[key])
        kind = str if find else types[key]
        if not _is(kind, value):
            got = shortened(ascii(value))
            raise OptionError(f"for {key!r} {_said(kind)} was wanted, got {got}")
        if find:
            arguments[key] = find(value)
    return function(**arguments)


def _types(function: Callable[..., Row]) -> dict[str, Any]:
    """The type of each argument of a function; those of an unpacked TypedDict are its keys'."""
    types: dict[str, Any] = {}
    for key, hint in get_type_hints(function).items():
        inner = get_args(hint)
        if inner and is_typeddict(inner[0]):
            types |= get_type_hints(inner[0])
        elif get_origin(hint) is UnionType:
            types[key] = inner[0]  # the other one is None
        else:
            types[key] = hint
    return types


def _said(kind: Any) -> str:
    return f"a list, each {KINDS[get_args(kind)[0]]}," if get_args(kind) else KINDS[kind]


def _is(kind: Any, value: object) -> bool:
    """Whether a value is of a type."""
    if get_args(kind):
        return isinstance(value, list) and all(_is(get_args(kind)[0], one) for one in value)
    if kind in (int, float) and not isinstance(value, bool):
        return isinstance(value, int if kind is int else int | float) and not abs(value) >= LARGEST
    return isinstance(value, kind) and kind not in (int, float)
