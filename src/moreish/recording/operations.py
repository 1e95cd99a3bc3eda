"""What a tape can do: an `Operation` for each thing that NumPy is asked for while recording."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .tape import Operation

WARY = (np.maximum, np.minimum)  # they want `out` by its name
NOT_ELEMENTWISE = frozenset({"matmul", "vecdot", "matvec", "vecmat"})

# A view is a chain of moves, (name, argument) each.
Move = tuple[str, Any]

_MOVES: dict[str, Callable[[np.ndarray, Any], np.ndarray]] = {
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, axes: x.transpose(axes),
    "index": lambda x, key: x[key],
    "expand": lambda x, shape: x if x.shape == shape else np.broadcast_to(x, shape),
}


def moved(x: np.ndarray, move: Move) -> np.ndarray:
    """What one move shows of an array."""
    return _MOVES[move[0]](x, move[1])


def seen(x: np.ndarray, path: tuple[Move, ...]) -> np.ndarray:
    """What a chain of moves shows of an array."""
    for move in path:
        x = moved(x, move)
    return x


def view(move: Move) -> Operation:
    """The same memory in another shape."""
    name, argument = move
    return Operation(
        name,
        "view",
        lambda x: moved(x, move),
        key=(name, repr(argument), argument if name == "transpose" else None),
        note=_short(argument),
    )


def _short(argument: Any) -> str:
    text = repr(argument).replace("slice(None, None, None)", ":").replace("Ellipsis", "...")
    return text if len(text) <= 40 else f"{text[:37]}..."


def of_ufunc(ufunc: np.ufunc, method: str, dtype: Any, options: dict[str, Any]) -> Operation:
    """A ufunc, or its reduce, outer or accumulate, whose result has this dtype."""
    called, name = getattr(ufunc, method), ufunc.__name__.split()[0]
    own = {name: value for name, value in options.items() if value is not np._NoValue}
    if method == "reduce":
        own = {name: own[name] for name in ("axis", "dtype", "keepdims") if name in own}
    is_plain = method == "__call__"
    each = is_plain and ufunc.__name__ not in NOT_ELEMENTWISE and ufunc.nout == 1
    shown = {k: v for k, v in own.items() if v is not None and v is not False}

    def apply(*inputs: Any) -> Any:
        result = np.asarray(called(*inputs, **own))
        return result.astype(dtype, copy=False)

    def into(*inputs: Any, out: np.ndarray) -> None:
        called(*inputs, out=out, **own)

    call: Any = None
    if is_plain and not own and ufunc not in WARY:
        call = ufunc  # takes `out` by position, which is quicker
    elif method == "reduce":
        axis, keepdims = own.get("axis", 0), own.get("keepdims", False)

        def reduce(x: Any, out: np.ndarray) -> None:
            called(x, axis, None, out, keepdims)

        call = reduce

    return Operation(
        name if is_plain else f"{name}.{method}",
        "elementwise" if each else "array",
        apply,
        into,
        key=(ufunc, method, repr(own), dtype),
        note=", ".join(f"{k}={v}" for k, v in shown.items()),
        axis=own.get("axis", 0) if method == "reduce" else None,
        call=call,
    )


def _copy_into(x: Any, out: np.ndarray) -> None:
    np.copyto(out, x, casting="unsafe")


def copied(dtype: Any, shape: tuple[int, ...] | None = None) -> Operation:
    """The same numbers in memory of their own, as this dtype, perhaps broadcast to a shape."""

    def apply(x: Any) -> Any:
        result = np.array(np.asarray(x).astype(dtype), order="K")
        return result if shape is None else np.array(np.broadcast_to(result, shape))

    return Operation(
        "copy",
        "elementwise" if shape is None else "array",
        apply,
        _copy_into,
        key=("copy", np.dtype(dtype), shape),
        note=np.dtype(dtype).name,
    )


def contiguous(dtype: Any) -> Operation:
    """The same numbers in memory of their own, in the order of their axes."""
    return Operation(
        "contiguous",
        "array",
        lambda x: np.array(x, order="C"),
        _copy_into,
        key=("contiguous", np.dtype(dtype)),
    )


def _chosen(a: Any, b: Any, condition: Any, out: np.ndarray) -> None:
    np.copyto(out, b)
    np.copyto(out, a, where=condition)


def where(dtype: Any) -> Operation:
    """(condition, a, b) → a where the condition is true, else b."""
    return Operation(
        "where",
        "array",
        lambda c, a, b: np.asarray(np.where(c, a, b)).astype(dtype, copy=False),
        lambda c, a, b, out: _chosen(a, b, c, out),
        key=("where", dtype),
    )


def _filled(key: list[Any], inputs: tuple[Any, ...]) -> Any:
    """A key with its arrays back in their places."""
    rest = iter(inputs)
    parts = tuple(next(rest) if part is ARRAY else part for part in key)
    return parts[0] if len(parts) == 1 else parts


ARRAY = object()  # in a key: here comes one of the step's inputs


def take(key: list[Any]) -> Operation:
    """(x, *arrays of the key) → the numbers of x that the key picks, a copy."""

    def apply(x: Any, *arrays: Any) -> Any:
        return x[_filled(key, arrays)]

    arrays = sum(part is ARRAY for part in key)
    told = (
        "take",
        repr([part if part is not ARRAY else "array" for part in key]),
        arrays if arrays == len(key) else 0,
    )
    if len(key) == 1 and key[0] is ARRAY:
        return Operation("rows", "array", lambda x, which: x[which], _rows_into, key="rows")
    return Operation("take", "array", apply, key=told)


def place_of(shape: tuple[int, ...], by_columns: bool) -> Operation:
    """Which column of each row → where in memory that is."""
    rows = np.arange(shape[0])
    if by_columns:
        first, step = rows, shape[0]
    else:
        first, step = rows * shape[1], 1

    def into(columns: Any, out: np.ndarray) -> None:
        np.multiply(columns, step, out=out)
        np.add(out, first, out=out)

    return Operation("place", "elementwise", lambda columns: columns * step + first, into)


def from_places(by_columns: bool) -> Operation:
    """(x, places in memory) → the numbers there; every place was seen to be right."""

    def call(x: np.ndarray, places: np.ndarray, out: np.ndarray) -> None:
        (x.T if by_columns else x).take(places, None, out, "clip")

    return Operation("at places", "array", lambda x, places: x.reshape(-1)[places], call, call=call)


def safe_rows() -> Operation:
    """(x, which) → rows of x; every number was seen to be that of a row."""

    def call(x: np.ndarray, which: np.ndarray, out: np.ndarray) -> None:
        x.take(which, 0, out, "clip")

    return Operation("rows", "array", lambda x, which: x[which], call, call=call)


def _rows_into(x: np.ndarray, which: np.ndarray, out: np.ndarray) -> None:
    np.take(x, which, 0, out)


def put(path: tuple[Move, ...], key: list[Any] | None = None) -> Operation:
    """(x, value, *arrays of the key) → x with `value` in what the path, then the key, shows."""

    def write(target: np.ndarray, value: Any, arrays: tuple[Any, ...]) -> None:
        place = seen(target, path)
        place[... if key is None else _filled(key, arrays)] = value

    def apply(x: Any, value: Any, *arrays: Any) -> Any:
        result = np.array(x, order="K")
        write(result, value, arrays)
        return result

    def into(x: Any, value: Any, *arrays: Any, out: np.ndarray) -> None:
        if out is not x:
            np.copyto(out, x)
        write(out, value, arrays)

    return Operation("put", "put", apply, into, note=_short(path) if path else "")


def added_at(ufunc: np.ufunc, key: list[Any]) -> Operation:
    """(x, value, *arrays of the key) → x with the ufunc applied at each place of the key."""

    def apply(x: Any, value: Any, *arrays: Any) -> Any:
        result = np.array(x, order="K")
        ufunc.at(result, _filled(key, arrays), value)
        return result

    def into(x: Any, value: Any, *arrays: Any, out: np.ndarray) -> None:
        if out is not x:
            np.copyto(out, x)
        ufunc.at(out, _filled(key, arrays), value)

    return Operation(f"{ufunc.__name__}.at", "put", apply, into)


def of_function(
    function: Callable[..., Any], options: dict[str, Any], *, has_out: bool = False
) -> Operation:
    """A NumPy function of arrays, with these options."""

    def apply(*inputs: Any) -> Any:
        return function(*inputs, **options)

    def into(*inputs: Any, out: np.ndarray) -> None:
        function(*inputs, out=out, **options)

    name = getattr(function, "__name__", "function")
    note = ", ".join(f"{k}={v}" for k, v in options.items() if v is not None)
    return Operation(
        name, "array", apply, into if has_out else None, key=(name, repr(options)), note=note
    )


def joined(axis: int) -> Operation:
    """Arrays one after another along an axis."""
    return Operation(
        "concatenate",
        "array",
        lambda *xs: np.concatenate(xs, axis=axis),
        lambda *xs, out: np.concatenate(xs, axis=axis, out=out),
        key=("concatenate", axis),
        note=f"axis={axis}",
    )


def summed(pattern: str) -> Operation:
    """Einstein's sum."""
    return Operation(
        "einsum",
        "array",
        lambda *xs: np.einsum(pattern, *xs),
        lambda *xs, out: np.einsum(pattern, *xs, out=out),
        key=("einsum", pattern),
        note=repr(pattern),
    )


def drawn(draw: Callable[[], np.ndarray], note: str) -> Operation:
    """Numbers from a generator."""
    return Operation("draw", "draw", draw, note=note)


def condition() -> Operation:
    """Whether all are true, which must be so again when the call is replayed."""
    return Operation("holds", "condition", np.all, key=("holds",))
