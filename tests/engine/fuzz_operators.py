"""What is drawn for operators and for functions of each number."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.fuzz_cases import Named, _told, called, given, strategy
from engine.fuzz_draws import DTYPES, FLOATS, LARGE, PLAIN, POSITIVE, WHOLES, Case, Draw, Given

# ---- operators


SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "truediv": lambda a, b: a / b,
    "floordiv": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "pow": lambda a, b: a**b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "lshift": lambda a, b: a << b,
    "rshift": lambda a, b: a >> b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
BITS = ("and", "or", "xor", "lshift", "rshift")


def _pair(draw: Draw, kinds: Sequence[str], pool: Any) -> list[Given]:
    shape = draw.shape()
    second = draw.tensor(draw.broadcasting(shape), kinds, pool)
    return [draw.tensor(shape, kinds, pool), second]


def _operator(draw: Draw, name: str) -> Case:
    sign = name.strip("_")
    if sign not in SIGNS:
        sign = sign[1:]
    operate = SIGNS[sign]
    kinds = (*WHOLES, "bool", "float32") if sign in BITS else DTYPES
    pool = LARGE if sign in COMPARISONS else None
    roundings = 16 if sign in ("pow", "mod", "floordiv") else 2
    case = Case(lambda t: None, [], name, exact=sign in COMPARISONS or sign in BITS)
    case.each, case.roundings, case.degree = True, roundings, 3
    if (name.startswith("__r") and sign != "rshift") or name == "__rrshift__":
        number, x = draw.odd(draw.number()), draw.tensor(None, kinds, pool)
        case.inputs, case.told = [x], f"{number!r} {sign} {_told(x)}"
        case.function = lambda t, x: operate(number, x)
        return case
    if draw.flag():
        number, x = draw.odd(draw.number()), draw.tensor(None, kinds, pool)
        if sign == "pow" and isinstance(number, bool):
            number = int(number)  # PyTorch's own gradient fails for truth values
        case.inputs, case.told = [x], f"{_told(x)} {sign} {number!r}"
        case.function = lambda t, x: operate(x, number)
        return case
    case.inputs = _pair(draw, kinds, pool)
    case.told = f"{_told(case.inputs[0])} {sign} {_told(case.inputs[1])}"
    case.function = lambda t, x, y: operate(x, y)
    return case


for _sign in SIGNS:
    strategy(f"__{_sign}__")(_operator)
    if _sign not in COMPARISONS:
        strategy(f"__r{_sign}__")(_operator)


@strategy(*[f"__i{sign}__" for sign in SIGNS if sign not in COMPARISONS])
def _in_place(draw: Draw, name: str) -> Case:
    plain = f"__{name[3:]}"
    case = _operator(draw, plain)
    second, number = case.inputs[1:], draw.one((0, 1, 2, -1, 0.5, 2.0))

    def change(t: Any, x: Any, *others: Any) -> Any:
        y = x.clone()
        alias = y
        other = others[0] if others else number
        space = {"y": y, "other": other}
        exec(f"y {_WRITTEN[name[3:-2]]}= other", space)
        return space["y"], alias

    case.function = change
    case.told = f"{name} {case.told} or {number!r}" if not second else f"{name} {case.told}"
    return case


_WRITTEN = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "and": "&",
    "or": "|",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
}


@strategy("__neg__", "__pos__", "__abs__", "__invert__")
def _sign(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    return Case(lambda t, x: getattr(x, name)(), [x], f"{name} {_told(x)}", exact=True)


@strategy("__matmul__", "matmul", "__rmatmul__")
def _matmul(draw: Draw, name: str) -> Case:
    first = draw.shape(0 if draw.rarely() else 1)
    inner = first[-1] if first else 1
    inner = draw.whole(0, 3) if draw.rarely() else inner
    second: tuple[int, ...] = (inner, draw.whole(0, 3)) if draw.flag() else (inner,)
    if len(second) == 2 and draw.flag():
        second = (*draw.broadcasting(first[:-2]), *second)
    kinds = DTYPES if draw.rarely() else (draw.dtype(DTYPES),)
    inputs = [draw.tensor(first, kinds, PLAIN), draw.tensor(second, kinds, PLAIN)]
    function, told = called(draw, "matmul", inputs)
    if name != "matmul":
        function = lambda t, x, y: x @ y  # noqa: E731
    return Case(function, inputs, told, degree=2)


# ---- functions of each number


EXACT = ("abs", "sign", "isnan", "isinf", "relu", "square", "round", "floor", "ceil", "trunc")
ROUNDED = ("exp", "log", "log10", "log1p", "sqrt", "tanh", "sigmoid", "erf", "sin", "cos")
ROUNDED += ("tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh")
ROUNDED += ("exp2", "expm1", "log2", "rsqrt", "reciprocal")


@strategy(*EXACT, *ROUNDED)
def _each(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=draw.one((None, POSITIVE)) if name in ROUNDED else None)
    options = {"decimals": draw.odd(draw.whole(-1, 2))} if name == "round" and draw.flag() else {}
    function, told = called(draw, name, [x], **options)
    exact = name in EXACT and not options.get("decimals")
    return Case(function, [x], told, exact=exact, each=True, degree=3, floor=_floor_of(name))


def _floor_of(name: str) -> float:
    """Near the zeros of these the argument is rounded before it is used."""
    return 1.0 if name in ("log", "log10", "sin", "cos") else 0.0


@strategy("pow")
def _pow(draw: Draw, name: str) -> Case:
    inputs = _pair(draw, DTYPES, None)
    args: tuple[Any, ...] = ()
    if draw.flag():
        inputs, args = inputs[:1], (draw.odd(draw.one((0, 1, 2, 3, -1, 0.5, -2.5, 2.0))),)
    function, told = called(draw, name, inputs, *args)
    return Case(function, inputs, told, each=True, degree=3)


@strategy("clamp")
def _clamp(draw: Draw, name: str) -> Case:
    shape = draw.shape()
    x = draw.tensor(shape, pool=draw.one((None, LARGE)))
    if draw.flag():
        bounds = {side: draw.odd(draw.number()) for side in ("min", "max") if draw.whole(0, 3)}
        function, told = called(draw, name, [x], **bounds)
        return Case(function, [x], told, exact=True)
    both = draw.flag()
    sides = [draw.tensor(draw.broadcasting(shape)) for _ in range(1 + both)]
    if both:  # where PyTorch gives NaN, it yet may give a slope to the upper bound
        for given in (x, *sides):
            given.array[given.array != given.array] = 0
    function, told = called(draw, name, [x, *sides])
    return Case(function, [x, *sides], told, exact=True)


@strategy("maximum", "minimum")
def _larger(draw: Draw, name: str) -> Case:
    inputs = _pair(draw, DTYPES, LARGE)
    if draw.rarely():
        number = draw.number()
        function, told = called(draw, name, inputs[:1], number)
        return Case(function, inputs[:1], told, exact=True)
    function, told = called(draw, name, inputs)
    return Case(function, inputs, told, exact=True)


@strategy("softmax", "log_softmax")
def _softmax(draw: Draw, name: str) -> Case:
    x = draw.tensor(kinds=(*FLOATS, "int64"))
    args = (draw.dim(x.array.ndim),)
    options = given(draw, lambda: {"dtype": Named(draw.dtype(FLOATS))})
    function, told = called(draw, name, [x], *args, **options)
    return Case(function, [x], told, roundings=24)


@strategy("where")
def _where(draw: Draw, name: str) -> Case:
    shape = draw.shape()
    condition = draw.tensor(shape, ("bool", "bool", "bool", "uint8", "int64", "float32"))
    condition.grad = False
    if draw.rarely():
        return Case(lambda t, c: t.where(c), [condition], f"where {_told(condition)}", exact=True)
    numbers = draw.number(), draw.odd(draw.number())
    kind = draw.whole(0, 3)
    x, y = (draw.tensor(draw.broadcasting(shape)) for _ in range(2))
    inputs = [[condition, x, y], [condition, x], [condition, x], [condition]][kind]
    told = f"where {[_told(i) for i in inputs]} {numbers}"
    calls: list[Callable[..., Any]] = [
        lambda t, c, x, y: t.where(c, x, y),
        lambda t, c, x: t.where(c, x, numbers[1]),
        lambda t, c, x: t.where(c, numbers[1], x),
        lambda t, c: t.where(c, *numbers),
    ]
    return Case(calls[kind], inputs, told, exact=True)
