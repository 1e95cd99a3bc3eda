"""What is drawn for reductions, and for what is found by comparing numbers."""

from typing import Any

from engine.fuzz_cases import Named, called, given, strategy
from engine.fuzz_draws import DTYPES, FLOATS, LARGE, PLAIN, WHOLES, Case, Draw
from engine.fuzz_operators import _larger

# ---- reductions


@strategy("sum", "mean", "prod", "cumsum", "logsumexp", "norm")
def _reduced(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    count = x.array.ndim
    args: list[Any] = []
    options: dict[str, Any] = {}
    single = name in ("prod", "cumsum")
    if name == "norm" and draw.flag():
        args.append(draw.one((2, 1, 0, 3, 2.0, "fro", float("inf"), -float("inf"), 0.5, -1)))
        x.grad &= args[0] != 0  # PyTorch leaves None where it means 0
        if draw.flag():
            args.append(draw.dims(count))
    elif name in ("cumsum", "logsumexp") or (name != "norm" and draw.flag()):
        args.append(draw.dim(count) if single else draw.dims(count))
        if name == "logsumexp" and args[0] is None:
            args[0] = 0
    if args and name != "cumsum" and draw.flag():
        options["keepdim"] = draw.flag()
    if name in ("sum", "mean", "prod", "cumsum") and draw.rarely():
        options["dtype"] = Named(draw.dtype())
    if name in ("sum", "mean", "prod") and args and draw.rarely():
        options = {"axis": args.pop(), "keepdims": draw.flag()}
    function, told = called(draw, name, [x], *args, **options)
    degree = x.array.size if name == "prod" else 1
    return Case(function, [x], told, roundings=2 * x.array.size + 16, degree=min(degree, 8))


@strategy("var", "std")
def _spread(draw: Draw, name: str) -> Case:
    x = draw.tensor(kinds=(*FLOATS, "float32", "float64", "int64"), pool=PLAIN)
    args: list[Any] = []
    options: dict[str, Any] = {}
    if draw.flag():
        args.append(draw.flag() if draw.rarely() else draw.dims(x.array.ndim))
        if args[0] in ((), []):  # PyTorch's own gradient is wrong for no axes: it divides by 1 - 1
            args[0] = None
        if draw.rarely():
            args.append(draw.flag())
    if draw.flag():
        options[draw.one(("correction", "unbiased"))] = draw.one((0, 1, 2, True, False, 0.5))
    if options.get("correction") == 2:
        x.grad = False  # a divisor of 0 or less: infinite in PyTorch, no number here
    if draw.whole(0, 3) == 3 and args and args[0] is not None and len(args) < 2:
        options["keepdim"] = draw.flag()
    function, told = called(draw, name, [x], *args, **options)
    return Case(function, [x], told, roundings=4 * x.array.size + 32, degree=3)


@strategy("max", "min")
def _extreme(draw: Draw, name: str) -> Case:
    kind = draw.whole(0, 3)
    if kind == 0:
        return _larger(draw, name)
    x = draw.tensor(pool=draw.one((None, LARGE)))
    if kind == 1:
        function, told = called(draw, name, [x])
        return Case(function, [x], told, exact=True)
    x = x if x.array.dtype.kind == "f" and kind == 2 else draw.distinct(x.array.shape)
    args = [draw.dim(x.array.ndim), *([draw.flag()] if draw.flag() else [])]
    function, told = called(draw, name, [x], *args)
    return Case(function, [x], told, exact=True)


@strategy("argmax", "argmin")
def _place(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=draw.one((None, LARGE)))
    args = [draw.dim(x.array.ndim), *([draw.flag()] if draw.flag() else [])]
    function, told = called(draw, name, [x], *(args if draw.flag() else []))
    return Case(function, [x], told, exact=True)


@strategy("all", "any")
def _truth(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    args = [draw.dims(x.array.ndim), *([draw.flag()] if draw.flag() else [])]
    function, told = called(draw, name, [x], *(args if draw.flag() else []))
    return Case(function, [x], told, exact=True)


@strategy("sort", "argsort")
def _sort(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=draw.one((None, LARGE)))
    args = [draw.dim(x.array.ndim), *([draw.flag()] if draw.flag() else [])]
    options: dict[str, Any] = {}
    if draw.flag():
        args, options = [], {"dim": args[0], "descending": draw.flag(), "stable": True}
    elif draw.flag():  # PyTorch promises no order of equal numbers here: there are none
        x = draw.distinct(x.array.shape)
    else:
        args, options = [], {"stable": True}
    function, told = called(draw, name, [x], *args, **options)
    return Case(function, [x], told, exact=True)


@strategy("topk")
def _topk(draw: Draw, name: str) -> Case:
    shape = draw.shape()
    x = draw.distinct(shape, ("float32", "int64", "float64", "uint8", "bool"))
    if x.array.dtype == bool:
        x = draw.tensor(shape, ("bool",))
    args = [draw.odd(draw.whole(0, 3))]
    if draw.flag():
        args += [draw.dim(len(shape)), draw.flag()]
    function, told = called(draw, name, [x], *args)
    return Case(function, [x], told, exact=True)


@strategy("bincount")
def _bincount(draw: Draw, name: str) -> Case:
    shape = draw.shape() if draw.rarely() else (draw.whole(0, 3),)
    x = draw.tensor(shape, DTYPES if draw.rarely() else WHOLES, pool=(0, 1, 2, 3, 5), plain=True)
    if not draw.rarely():
        x.array = abs(x.array) if x.array.dtype.kind in "iu" else x.array
    x.grad = False
    options = given(draw, lambda: {"minlength": draw.odd(draw.whole(-1, 7))})
    if draw.flag():
        weights = draw.tensor(draw.broadcasting(shape), pool=PLAIN)
        weights.grad = False
        function, told = called(draw, name, [x, weights], **options)
        return Case(function, [x, weights], told)
    function, told = called(draw, name, [x], **options)
    return Case(function, [x], told, exact=True)


@strategy("histogram")
def _histogram(draw: Draw, name: str) -> Case:
    x = draw.tensor(kinds=("float32", "float64", "float32", "int64"))
    x.grad = False
    options: dict[str, Any] = {}
    if draw.flag():
        options["range"] = draw.one(((-2.0, 2.0), (0.0, 1.0), (1.0, 1.0), (2.0, 0.0)))
    if draw.flag():
        options["density"] = draw.flag()
    if draw.whole(0, 3) == 0:
        edges = draw.tensor((draw.whole(0, 4),), (str(x.array.dtype), "float32"), PLAIN, plain=True)
        edges.array.sort()
        edges.grad = False
        options.pop("range", None)
        function, told = called(draw, name, [x, edges], **options)
        return Case(function, [x, edges], told)
    function, told = called(draw, name, [x], draw.odd(draw.whole(0, 5)), **options)
    return Case(function, [x], told)
