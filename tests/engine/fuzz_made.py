"""What is drawn for tensors made from data or from nothing, and for what the library is asked."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.fuzz_cases import Named, _told, given, strategy
from engine.fuzz_draws import DTYPES, FLOATS, PLAIN, Case, Draw

# ---- made from nothing


@strategy("zeros", "ones", "empty", "full", "eye")
def _filled(draw: Draw, name: str) -> Case:
    sizes: list[Any] = [draw.odd(draw.whole(-1 if draw.rarely() else 0, 3)) for _ in range(2)]
    sizes = sizes[: draw.whole(0, 2)]
    options: dict[str, Any] = given(draw, lambda: {"dtype": Named(draw.dtype())}, 1)
    options |= given(draw, lambda: {"requires_grad": draw.flag()})
    options |= given(draw, lambda: {"device": draw.one(("cpu", "cuda:0x"))})
    args: list[Any] = [tuple(sizes)] if draw.flag() or not sizes else sizes
    if name == "full":
        args = [tuple(sizes), draw.odd(draw.one((0, 1, 2.5, True, 300, -1, float("nan"))))]
    if name == "eye":
        args = sizes or [2]
    if name == "empty":
        return Case(lambda t: _run(t, name, args, options).shape, [], f"{name} {args} {options}")
    return Case(lambda t: _run(t, name, args, options), [], f"{name} {args} {options}", exact=True)


def _run(t: Any, name: str, args: list[Any], options: dict[str, Any]) -> Any:
    given = {k: getattr(t, v.name) if isinstance(v, Named) else v for k, v in options.items()}
    return getattr(t, name)(*args, **given)


@strategy("zeros_like", "ones_like", "empty_like", "full_like")
def _filled_like(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    args: list[Any] = []
    if name == "full_like":
        args = [draw.odd(draw.one((0, 1, 2.5, True, 300, -1, float("nan"))))]
    options: dict[str, Any] = given(draw, lambda: {"dtype": Named(draw.dtype())}, 1)
    told = f"{name} {_told(x)} {args} {options}"

    def make(t: Any, x: Any) -> Any:
        made = _run(t, name, [x, *args], options)
        return (made.shape, made.dtype) if name == "empty_like" else made

    return Case(make, [x], told, exact=True)


@strategy("linspace", "arange")
def _range(draw: Draw, name: str) -> Case:
    numbers = (0, 1, 3, -2, 0.5, -1.25, 7, 2.0)
    args: list[Any] = [draw.odd(draw.one(numbers)), draw.odd(draw.one(numbers))]
    if name == "linspace":
        args.append(draw.odd(draw.whole(-1 if draw.rarely() else 0, 9)))
    elif draw.flag():
        args.append(draw.odd(draw.one((1, 2, 0.5, 0.25, -1, 0, 3))))
    elif draw.flag():
        args.pop()
    kinds = (*FLOATS, "int64", "int32") if name == "arange" else (*FLOATS, "int64")
    options: dict[str, Any] = given(draw, lambda: {"dtype": Named(draw.dtype(kinds))})
    told = f"{name} {args} {options}"
    return Case(lambda t: _run(t, name, args, options), [], told, roundings=8, floor=8.0)


@strategy("tensor", "as_tensor", "Tensor")
def _from_data(draw: Draw, name: str) -> Case:
    kinds = ("list", "nested", "number", "array", "ragged", "text", "tensor", "none")
    kinds = kinds if name != "Tensor" else tuple({*kinds} - {"number"})  # that would be a size
    kind = draw.one(kinds)
    pool: Any = draw.one(((0, 1, 2, 300, -1), (0.5, 1.5, float("nan"), 2.0), (True, False)))
    values = [draw.one(pool) for _ in range(draw.whole(0, 3))]
    array = draw.numbers(draw.shape(name == "Tensor"), draw.dtype(), PLAIN)
    options: dict[str, Any] = {}
    if name != "Tensor":
        options = given(draw, lambda: {"dtype": Named(draw.dtype())}, 1)

    def make(t: Any) -> Any:
        data: Any = {
            "list": values,
            "nested": [values, values],
            "number": draw_number,
            "array": array.copy(),
            "ragged": [[1, *values], [1]] if values else [[2], 1],
            "text": "abc",
            "none": [None],
        }.get(kind)
        if kind == "tensor":
            data = t.tensor(array)
        if kind == "array" and options:  # a cast of what does not fit is nobody's promise
            data = np.abs(np.nan_to_num(data)).astype(np.int64 if data.dtype != bool else bool)
        return _run(t, name, [data], options)

    draw_number = draw.one(pool)
    told = f"{name} {kind} {values} {draw_number} {array.dtype} {options}"
    return Case(make, [], told, exact=True)


@strategy("from_numpy")
def _from_numpy(draw: Draw, name: str) -> Case:
    array: Any = draw.numbers(draw.shape(), draw.one((*DTYPES, "uint8")), PLAIN)
    thing = draw.odd(array)
    return Case(lambda t: t.from_numpy(thing), [], f"{name} {type(thing)}", exact=True)


@strategy("is_tensor", "is_grad_enabled", "Size", "device")
def _facts(draw: Draw, name: str) -> Case:
    thing = draw.odd(1)
    sizes = draw.shape()
    functions: dict[str, Callable[[Any], Any]] = {
        "is_tensor": lambda t: (t.is_tensor(thing), t.is_tensor(t.zeros(2))),
        "is_grad_enabled": lambda t: t.is_grad_enabled(),
        "Size": lambda t: (t.Size(sizes), t.Size(sizes).numel(), tuple(t.Size(sizes))),
        "device": lambda t: (repr(t.device("cpu")), str(t.zeros(2).device), t.device("cpu").type),
    }
    return Case(functions[name], [], f"{name} {thing} {sizes}", exact=True)


@strategy("no_grad", "inference_mode", "set_grad_enabled", "grad_fn")
def _modes(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=PLAIN)
    mode = draw.flag()

    def function(t: Any, x: Any) -> Any:
        if name == "grad_fn":
            return (x * 2).grad_fn is None
        with t.no_grad() if name == "no_grad" else getattr(t, name)(mode):
            y = x * 2
        return y.detach(), y.requires_grad, t.is_grad_enabled(), (x + 1).requires_grad

    return Case(function, [x], f"{name} {_told(x)} {mode}", exact=True)
