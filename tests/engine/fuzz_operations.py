"""What is drawn for pairs of tensors, scans, windows, and numbers at indices along an axis."""

from typing import Any

import numpy as np

from engine.fuzz_cases import Named, _told, called, given, plain_case, strategy
from engine.fuzz_draws import DTYPES, FLOATS, LARGE, PLAIN, WHOLES, Case, Draw, Given
from engine.fuzz_operators import _pair

# ---- two tensors


@strategy("add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide")
def _arithmetic(draw: Draw, name: str) -> Case:
    inputs = _pair(draw, DTYPES, None)
    options: dict[str, Any] = {}
    if name in ("add", "sub", "subtract") and draw.flag():
        options["alpha"] = draw.one((2, 0.5, -1))
    if name in ("div", "divide") and draw.flag():
        options["rounding_mode"] = draw.one(("floor", "trunc", None, "other"))
    function, told = called(draw, name, inputs, **options)
    return Case(function, inputs, told, each=not options.get("alpha"), roundings=6, degree=3)


@strategy("fmod", "remainder", "floor_divide", "logaddexp", "hypot", "atan2", "copysign")
def _of_two(draw: Draw, name: str) -> Case:
    # PyTorch's gradient of atan2 negates bytes, which wraps around, and truth values, which fails.
    kinds = (
        tuple(kind for kind in DTYPES if kind not in ("uint8", "bool"))
        if name == "atan2"
        else DTYPES
    )
    inputs = _pair(draw, kinds, None if name in ("copysign", "floor_divide") else PLAIN)
    function, told = called(draw, name, inputs)
    return Case(function, inputs, told, roundings=24, degree=3)


@strategy("eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor")
def _compared(draw: Draw, name: str) -> Case:
    inputs = _pair(draw, DTYPES, LARGE)
    if draw.rarely():
        number = draw.odd(draw.number())
        function, told = called(draw, name, inputs[:1], number)
        return Case(function, inputs[:1], told, exact=True)
    function, told = called(draw, name, inputs)
    return Case(function, inputs, told, exact=True)


@strategy("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift")
def _bits(draw: Draw, name: str) -> Case:
    inputs = _pair(draw, (*WHOLES, "bool", "float32"), None)
    function, told = called(draw, name, inputs)
    return Case(function, inputs, told, exact=True)


@strategy("neg", "negative", "isfinite", "signbit", "logical_not", "bitwise_not", "ravel", "fliplr")
def _of_one(draw: Draw, name: str) -> Case:
    return plain_case(draw, name, draw.tensor())


@strategy("flipud", "trace")
def _of_axes(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.shape(0, 2), pool=PLAIN)
    function, told = called(draw, name, [x])
    return Case(function, [x], told, roundings=4)


@strategy("lerp")
def _lerp(draw: Draw, name: str) -> Case:
    kinds = DTYPES if draw.rarely() else (draw.dtype(FLOATS[:2]),)
    inputs = _pair(draw, kinds, PLAIN)
    if draw.flag():
        inputs.append(draw.tensor(draw.broadcasting(inputs[0].array.shape), kinds, PLAIN))
        function, told = called(draw, name, inputs)
    else:
        function, told = called(draw, name, inputs, draw.odd(draw.one((0, 0.25, 0.5, 1, 2.0))))
    return Case(function, inputs, told, roundings=16, degree=2)


@strategy("isclose")
def _isclose(draw: Draw, name: str) -> Case:
    inputs = _pair(draw, DTYPES if draw.rarely() else (draw.dtype(),), LARGE)
    options = given(draw, lambda: {"equal_nan": draw.flag(), "atol": draw.one((0, 0.5, -1))})
    function, told = called(draw, name, inputs, **options)
    return Case(function, inputs, told, exact=True)


# ---- along an axis


@strategy("cumprod", "logcumsumexp", "cummax", "cummin")
def _scan(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=PLAIN if name == "logcumsumexp" else None)
    options: dict[str, Any] = {}
    if name == "cumprod" and draw.rarely():
        options["dtype"] = Named(draw.dtype())
    function, told = called(draw, name, [x], draw.dim(x.array.ndim), **options)
    exact = name in ("cummax", "cummin")
    return Case(function, [x], told, exact=exact, roundings=4 * x.array.size + 32, degree=4)


@strategy("amax", "amin")
def _extreme(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=draw.one((PLAIN, LARGE)))
    x.grad &= not np.isnan(x.array).any()  # PyTorch's gradient is NaN then, as none is equal
    args = [draw.dims(x.array.ndim), *([draw.flag()] if draw.flag() else [])]
    args = args if args[0] is not None and draw.whole(0, 3) else []
    function, told = called(draw, name, [x], *args)
    return Case(function, [x], told, exact=True, roundings=4)


@strategy("aminmax", "count_nonzero", "nansum", "nanmean")
def _statistic(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    options: dict[str, Any] = {}
    if draw.flag():
        single = name == "aminmax"
        options["dim"] = draw.dim(x.array.ndim) if single else draw.dims(x.array.ndim)
    if name != "count_nonzero" and options and draw.flag():
        options["keepdim"] = draw.flag()
    x.grad &= not np.isnan(x.array).any()  # of nothing but NaN PyTorch's is NaN, and 0 here
    function, told = called(draw, name, [x], **options)
    return Case(function, [x], told, roundings=2 * x.array.size + 8)


@strategy("median")
def _median(draw: Draw, name: str) -> Case:
    x = draw.distinct(draw.shape(0, 3), ("float32", "int64", "float64"))
    args = [draw.dim(x.array.ndim), *([draw.flag()] if draw.flag() else [])]
    function, told = called(draw, name, [x], *(args if draw.flag() else []))
    return Case(function, [x], told, exact=True)


# ---- windows and axes


@strategy("diagonal", "diag", "diag_embed")
def _diagonal(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.shape(1, 3))
    args = [draw.odd(draw.whole(-3, 3))] if draw.flag() else []
    if name != "diag" and args and draw.flag():
        count = x.array.ndim + (name == "diag_embed")
        args += [draw.dim(count), draw.dim(count)]
    return plain_case(draw, name, x, *args)


@strategy("unfold")
def _unfold(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    args = [draw.dim(x.array.ndim), draw.odd(draw.whole(0, 3)), draw.odd(draw.whole(0, 2))]
    function, told = called(draw, name, [x], *args)
    return Case(function, [x], told, exact=True, roundings=16)


@strategy("movedim", "swapaxes", "select", "rot90", "tensor_split", "tile", "unflatten")
def _seen(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    count = x.array.ndim
    choices: dict[str, Any] = {
        "movedim": lambda: [draw.dim(count), draw.dim(count)],
        "swapaxes": lambda: [draw.dim(count), draw.dim(count)],
        "select": lambda: [draw.dim(count), draw.odd(draw.whole(-3, 2))],
        "rot90": lambda: [draw.odd(draw.whole(-2, 5))],
        "tensor_split": lambda: [
            draw.one((draw.whole(0, 4), (draw.whole(0, 2), draw.whole(0, 3)))),
            draw.dim(count),
        ],
        "tile": lambda: [tuple(draw.whole(0, 2) for _ in range(draw.whole(0, 4)))],
        "unflatten": lambda: [draw.dim(count), draw.one(((1, -1), (-1,), (3, 1), (2, 2)))],
    }
    return plain_case(draw, name, x, *choices[name]())


# ---- at indices


def _index(draw: Draw, shape: list[int], dim: Any, count: int = 3) -> tuple[Given, list[int]]:
    """An index that goes with a tensor of this shape, seldom with places that there are not."""
    own = [draw.whole(0, n) for n in shape]
    there = isinstance(dim, int) and -len(shape) <= dim < len(shape)
    if there:
        own[dim] = draw.whole(0, count)
    size = shape[dim] if there else 1
    edge = int(draw.rarely())
    index = draw.random.integers(-edge, max(size, 1) + edge, own)
    return Given(np.asarray(index).astype(np.int64)), own


@strategy("scatter", "scatter_add", "scatter_", "scatter_add_", "scatter_reduce")
def _scattered(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=PLAIN)
    dim = draw.dim(x.array.ndim)
    index, own = _index(draw, list(x.array.shape), dim)
    kinds = (str(x.array.dtype),) if draw.whole(0, 11) else DTYPES
    src = draw.tensor(tuple(own), kinds, PLAIN)
    if name in ("scatter", "scatter_"):  # which of two numbers stays is nobody's promise
        src.array = np.full_like(src.array, 2)
        src.grad = False
    args: list[Any] = []
    options: dict[str, Any] = {}
    if name == "scatter_reduce":
        args = [draw.one(("sum", "prod", "mean", "amax", "amin"))]
        options["include_self"] = draw.flag()

    def function(t: Any, x: Any, i: Any, s: Any) -> Any:
        y = x.clone() if name[-1] == "_" else x
        return getattr(y, name)(dim, i, s, *args, **options)

    told = f"{name} {_told(x)} {dim} {index.array.tolist()} {_told(src)} {args} {options}"
    return Case(function, [x, index, src], told, roundings=32, degree=4)


@strategy("index_select", "index_fill", "take", "repeat_interleave")
def _rows(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    dim = draw.dim(x.array.ndim)
    there = isinstance(dim, int) and -x.array.ndim <= dim < x.array.ndim
    size = x.array.size if name == "take" else x.array.shape[dim] if there else 1
    edge = int(draw.rarely())
    count = size if name == "repeat_interleave" else draw.whole(0, 3)
    index = Given(draw.random.integers(-edge, max(size, 1) + edge, count))
    calls: dict[str, Any] = {
        "index_select": lambda t, x, i: x.index_select(dim, i),
        "index_fill": lambda t, x, i: x.index_fill(dim, i, 2),
        "take": lambda t, x, i: x.take(i),
        "repeat_interleave": lambda t, x, i: x.repeat_interleave(i, dim),
    }
    told = f"{name} {_told(x)} {dim} {index.array.tolist()}"
    return Case(calls[name], [x, index], told, exact=True, roundings=32)


@strategy("masked_select")
def _masked(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    mask = draw.tensor(draw.broadcasting(x.array.shape), ("bool", "bool", "bool", "uint8"))
    mask.grad = False
    function, told = called(draw, name, [x, mask])
    return Case(function, [x, mask], told, exact=True, roundings=32)
