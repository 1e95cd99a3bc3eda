"""What is drawn for shapes, choices, changes in place, and tensors made from nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.fuzz_cases import Named, _told, called, given, strategy
from engine.fuzz_draws import DTYPES, FLOATS, LARGE, PLAIN, Case, Draw, Given


def _case(draw: Draw, name: str, x: Given, *args: Any, **options: Any) -> Case:
    function, told = called(draw, name, [x], *args, **options)
    return Case(function, [x], told, exact=True, roundings=2 * x.array.size + 4)


def _sizes_of(draw: Draw, count: int) -> tuple[int, ...]:
    """Sizes whose product is `count`, seldom another, or with one left to be worked out."""
    sizes = []
    rest = count
    while rest > 1 and draw.whole(0, 3):
        factor = draw.one([n for n in range(1, rest + 1) if rest % n == 0])
        sizes.append(factor)
        rest //= factor
    sizes.append(rest)
    if draw.flag():
        sizes[draw.whole(0, len(sizes) - 1)] = -1
    if draw.rarely():
        sizes.append(draw.odd(draw.whole(-2, 2)))
    return tuple(sizes)


@strategy("view", "reshape")
def _view(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    if name == "view" and x.array.size and draw.whole(0, 3) == 0:
        x.array = draw.numbers(x.array.shape, str(x.array.dtype), PLAIN)
        x.grad = False  # as PyTorch, which has no gradient there, but for the same dtype
        return _case(draw, name, x, Named(draw.dtype(tuple(set(DTYPES) - {"bool"}))))
    sizes = _sizes_of(draw, x.array.size)
    if x.array.size == 1 and draw.flag():
        sizes = ()
    together = name == "reshape" or draw.flag() or not sizes
    return _case(draw, name, x, *((sizes,) if together else sizes))


@strategy("view_as", "expand_as")
def _like(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    shape = draw.one((x.array.shape, x.array.shape[::-1], (2, *x.array.shape), (x.array.size,)))
    other = draw.tensor(shape)
    other.grad = False
    return Case(
        lambda t, x, y: getattr(x, name)(y), [x, other], f"{name} {_told(x)} {shape}", exact=True
    )


@strategy("expand", "repeat")
def _repeated(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    shape = list(x.array.shape)
    if name == "repeat":
        sizes = [draw.whole(-1 if draw.rarely() else 0, 2) for _ in shape]
    else:
        sizes = [draw.whole(0, 3) if n == 1 else draw.one((n, n, -1)) for n in shape]
    for _ in range(draw.whole(0, 2)):
        sizes.insert(0, draw.whole(0, 2))
    if draw.rarely():
        sizes = [draw.odd(draw.whole(-1, 2)) for _ in range(draw.whole(0, 3))]
    return _case(draw, name, x, *([tuple(sizes)] if draw.flag() or not sizes else sizes))


@strategy("flatten", "transpose", "unsqueeze", "squeeze", "permute", "flip")
def _moved(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    count = x.array.ndim
    if name in ("flatten", "transpose"):
        args: tuple[Any, ...] = (draw.dim(count), draw.dim(count))
        args = args if name == "transpose" or draw.flag() else args[:1]
    elif name == "unsqueeze":
        args = (draw.dim(count + 1),)
    elif name == "squeeze":
        args = () if draw.whole(0, 3) == 0 else (draw.dims(count),)
        if args == (None,):
            args = ()
    else:
        axes = list(draw.random.permutation(count)) if name == "permute" else range(count)
        axes = [int(a) - count * draw.flag() for a in axes if name == "permute" or draw.flag()]
        if draw.rarely():
            axes.append(draw.dim(count))
        args = (tuple(axes),)
    return _case(draw, name, x, *args)


@strategy("T", "ndim", "shape", "dtype", "is_leaf", "requires_grad", "data")
def _asked(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.shape(0, 2) if name == "T" else None)
    return Case(lambda t, x: getattr(x, name), [x], f"{_told(x)}.{name}", exact=True)


@strategy("dim", "numel", "nelement", "storage_offset", "is_contiguous", "contiguous", "clone")
def _question(draw: Draw, name: str) -> Case:
    return _case(draw, name, draw.tensor(pool=draw.one((None, LARGE))))


@strategy("t", "detach", "item", "tolist", "cpu", "double", "float", "long", "int", "bool")
def _taken(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=PLAIN)
    return Case(lambda t, x: getattr(x, name)(), [x], f"{name} {_told(x)}", exact=True)


@strategy("numpy")
def _numpy(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    return Case(lambda t, x: x.numpy(), [x], f"numpy {_told(x)}", exact=True)


@strategy("__len__", "__bool__", "__float__", "__int__", "__index__", "__iter__", "__contains__")
def _as_python(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.one(((), (1,), (1, 1), (2,), (0,), (2, 3))), pool=PLAIN)
    number = draw.number()
    functions: dict[str, Callable[[Any], Any]] = {
        "__len__": len,
        "__bool__": bool,
        "__float__": float,
        "__int__": int,
        "__index__": lambda x: [*range(9)][x],
        "__iter__": list,
        "__contains__": lambda x: number in x,
    }
    return Case(lambda t, x: functions[name](x), [x], f"{name} {_told(x)} {number}", exact=True)


@strategy("size", "stride")
def _size(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.shape(0, 3, 2))
    return _case(draw, name, x, *([draw.dim(x.array.ndim)] if draw.flag() else []))


@strategy("to", "type", "astype")
def _to(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=PLAIN)
    args: list[Any] = [Named(draw.dtype())]
    if name == "to":
        args = draw.one((args, ["cpu"], ["cpu", *args], ["cuda:0x"]))
    if name == "type" and draw.flag():
        args = draw.one(([], ["torch.DoubleTensor"], ["torch.NoTensor"]))
    if name == "astype":  # a name of NumPy's, which PyTorch has as `to`
        return Case(
            lambda t, x: getattr(x, "astype" if hasattr(x, "astype") else "to")(
                getattr(t, args[0].name)
            ),
            [x],
            f"astype {_told(x)} {args}",
            exact=True,
        )
    return _case(draw, name, x, *args)


@strategy("narrow", "split", "chunk", "unbind", "roll")
def _pieces(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    count = x.array.ndim
    dim = draw.dim(count)
    there = isinstance(dim, int) and -count <= dim < count
    size = x.array.shape[dim] if there else 2
    if name == "narrow":
        return _case(draw, name, x, dim, draw.odd(draw.index(size + 1)), draw.odd(draw.index(size)))
    if name == "unbind":
        return _case(draw, name, x, *([dim] if draw.flag() else []))
    if name == "roll":
        if draw.flag():
            shifts = tuple(draw.whole(-4, 4) for _ in range(draw.whole(0, 2)))
            return _case(draw, name, x, shifts, tuple(draw.dim(count) for _ in shifts))
        return _case(draw, name, x, draw.odd(draw.whole(-4, 4)), *([dim] if draw.flag() else []))
    length: Any = draw.odd(draw.whole(-1 if draw.rarely() else 1, 4))
    if name == "split" and draw.flag():
        first = draw.whole(0, size)
        length = [first, size - first] if not draw.rarely() else [first, 1]
    return _case(draw, name, x, length, *([dim] if draw.flag() else []))


@strategy("tril", "triu")
def _triangle(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.shape(0 if draw.rarely() else 2))
    return _case(draw, name, x, *([draw.odd(draw.whole(-3, 3))] if draw.flag() else []))


@strategy("cat", "stack")
def _joined(draw: Draw, name: str) -> Case:
    shape = draw.shape(name == "cat" and not draw.rarely())
    dim = draw.dim(len(shape) + (name == "stack"))
    inputs = []
    for _ in range(draw.whole(0 if draw.rarely() else 1, 3)):
        own = list(shape)
        if name == "cat" and isinstance(dim, int) and -len(own) <= dim < len(own):
            own[dim] = draw.whole(0, 2)
        if draw.rarely():
            own = draw.one(([0], [*draw.shape()]))
        inputs.append(draw.tensor(tuple(own)))
    args = [dim] if draw.flag() else []
    told = f"{name} {[_told(x) for x in inputs]} {args}"
    return Case(lambda t, *xs: getattr(t, name)(list(xs), *args), inputs, told, exact=True)


@strategy("outer")
def _outer(draw: Draw, name: str) -> Case:
    shapes = [draw.shape() if draw.rarely() else (draw.whole(0, 3),) for _ in range(2)]
    inputs = [draw.tensor(shape, pool=PLAIN) for shape in shapes]
    function, told = called(draw, name, inputs)
    return Case(function, inputs, told, degree=2)


EQUATIONS = (
    ("ij,jk->ik", "ij", "jk"),
    ("ij,jk", "ij", "jk"),
    ("bij,bjk->bik", "bij", "bjk"),
    ("ii", "ii"),
    ("ii->i", "ii"),
    ("ij->", "ij"),
    ("ij->ji", "ij"),
    ("i,j->ij", "i", "j"),
    ("i,i", "i", "i"),
    ("i,i->i", "i", "i"),
    ("ij,ij->j", "ij", "ij"),
    ("...ij->...ji", "bij"),
    ("...i,...i->...", "bi", "i"),
    ("bi,ij,bj->b", "bi", "ij", "bj"),
    ("btc,bsc->bts", "btc", "bsc"),
    ("b i, i j -> b j", "bi", "ij"),
    ("cBa", "abc"),
    ("ij->ii", "ij"),
    ("ij->k", "ij"),
    ("i,j", "i"),
    ("i!", "i"),
    ("ijk", "ij"),
    (",i->i", "", "i"),
    ("iij,ij->j", "iij", "ij"),
)


@strategy("einsum")
def _einsum(draw: Draw, name: str) -> Case:
    equation, *terms = draw.one(EQUATIONS)
    sizes = {letter: draw.whole(0, 3) for letter in "".join(terms)}
    dtype = draw.dtype(("float32", "float64", "int64", "float16"))
    inputs = []
    for term in terms:
        shape = tuple(1 if draw.rarely() else sizes[letter] for letter in term)
        kinds = DTYPES if draw.rarely() else (dtype,)
        inputs.append(draw.tensor(shape, kinds, PLAIN))
    told = f"einsum {equation} {[_told(x) for x in inputs]}"
    return Case(lambda t, *xs: t.einsum(equation, *xs), inputs, told, degree=3, roundings=64)


# ---- choices


@strategy("__getitem__", "__setitem__")
def _item(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    key, looks = draw.key(x.array.shape)
    if name == "__getitem__":
        return Case(lambda t, x: x[key(t)], [x], f"{_told(x)}[{looks}]", exact=True, roundings=32)
    number = draw.odd(draw.one((0, 1, -1, 2.5, True, 300, -200, float("nan"), float("inf"))))
    inputs = [x]
    if draw.flag():
        inputs.append(draw.tensor(draw.shape(0, 2), pool=PLAIN))

    def put(t: Any, x: Any, *values: Any) -> Any:
        y = x.clone()
        value = values[0] if values else number
        if values and values[0].ndim == 1 and y.ndim:  # now and then of the right shape
            shown = y[key(t)]
            if shown.numel() and values[0].numel():
                value = values[0].sum().expand(shown.shape)
        y[key(t)] = value
        return y

    told = f"{_told(x)}[{looks}] = {_told(inputs[1]) if len(inputs) > 1 else number}"
    unique = "tensor(" not in looks and "[" not in looks
    case = Case(put, inputs, told, exact=len(inputs) < 2, roundings=32)
    if not unique:  # where a place comes twice, which value stays is nobody's promise
        case.inputs = inputs[:1]
        case.exact, case.told = True, f"{_told(x)}[{looks}] = {number}"
    return case


@strategy("masked_fill", "masked_fill_")
def _masked(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    kinds = ("bool", "bool", "bool", "uint8", "float32")
    mask = draw.tensor(draw.broadcasting(x.array.shape), kinds)
    mask.grad = False
    inputs, number = [x, mask], draw.odd(draw.one((0, 1, -1, 2.5, 300, float("-inf"))))
    if draw.flag():
        inputs.append(draw.tensor((1,) if draw.rarely() else (), pool=PLAIN))
        inputs[2].grad &= x.array.dtype.kind == "f"  # PyTorch fails at others

    def fill(t: Any, x: Any, mask: Any, *values: Any) -> Any:
        y = x.clone() if name[-1] == "_" else x
        return getattr(y, name)(mask, values[0] if values else number)

    told = f"{name} {[_told(i) for i in inputs]} {number}"
    return Case(fill, inputs, told, exact=True, roundings=32)


@strategy("gather")
def _gather(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    shape = list(x.array.shape)
    dim = draw.dim(len(shape))
    there = isinstance(dim, int) and -len(shape) <= dim < len(shape)
    own = [draw.whole(0, n + int(draw.rarely())) for n in shape]
    if there:
        own[dim] = draw.whole(0, 3)
    if draw.rarely():
        own = [*draw.shape()]
    size = shape[dim] if there else 1
    edge = int(draw.rarely())
    index = draw.random.integers(-edge, max(size, 1) + edge, own)
    kinds = ("int64", "int64", "int64", "int32", "int16", "float32")
    places = Given(np.asarray(index).astype(draw.dtype(kinds)))
    told = f"gather {_told(x)} {dim} {index.tolist() if own else index}"
    case = Case(lambda t, x, i: x.gather(dim, i), [x, places], told, exact=True, roundings=32)
    return case


@strategy("nonzero")
def _nonzero(draw: Draw, name: str) -> Case:
    return _case(draw, name, draw.tensor(), **given(draw, lambda: {"as_tuple": draw.flag()}))


@strategy("equal", "allclose")
def _same(draw: Draw, name: str) -> Case:
    x = draw.tensor(kinds=("float32", "float64", "int64", "bool", "float16"))
    other = Given(x.array.copy(), "plain")
    if draw.flag():
        other = draw.tensor(draw.broadcasting(x.array.shape))
    options = given(draw, lambda: {"equal_nan": draw.flag()}) if name == "allclose" else {}
    function, told = called(draw, name, [x, other], **options)
    return Case(function, [x, other], told, exact=True)


# ---- in place


@strategy("add_", "sub_", "mul_", "div_", "copy_", "fill_", "zero_")
def _changed(draw: Draw, name: str) -> Case:
    shape = draw.shape()
    x = draw.tensor(shape)
    inputs, number = [x], draw.odd(draw.one((0, 1, -1, 2.5, True, 300, float("nan"))))
    if name == "copy_" or (name != "zero_" and draw.flag()):
        inputs.append(draw.tensor(() if name == "fill_" else draw.broadcasting(shape), pool=PLAIN))
        inputs[1].grad &= x.array.dtype.kind == "f"  # whole numbers with a gradient make no sense
    options = {"alpha": draw.one((2, 0.5, -1))} if name in ("add_", "sub_") and draw.flag() else {}
    through = draw.flag()

    def change(t: Any, x: Any, *others: Any) -> Any:
        y = x.clone()
        target = y[..., :1] if through and y.ndim else y
        args = () if name == "zero_" else (others[0] if others else number,)
        result = getattr(target, name)(*args, **options)
        return y, result is target

    told = f"{name} {[_told(i) for i in inputs]} {number} {options} {through}"
    return Case(change, inputs, told, each=True, roundings=6)


@strategy("grad")
def _grad(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=PLAIN)
    options = given(draw, lambda: {"allow_unused": draw.flag()})
    used = draw.flag()

    def function(t: Any, x: Any) -> Any:
        find = getattr(t, "autograd", t).grad
        y = ((x * x if used else x.detach() * 2) + x.detach().clone().requires_grad_()).sum()
        return x.grad, find(y, x, **options)

    return Case(function, [x], f"grad {_told(x)} {options} {used}", roundings=16)


@strategy("requires_grad_", "retain_grad", "backward")
def _graph(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.one(((), (1,), (2,))), pool=PLAIN)
    retain = draw.one((None, True, False))
    step = draw.one(
        (lambda y: y + 1, lambda y: y * 2, lambda y: y.sum(), lambda y: y.exp(), lambda y: y)
    )

    def function(t: Any, x: Any) -> Any:
        if name == "requires_grad_":
            return x.detach().clone().requires_grad_().requires_grad
        y = step(x)
        if name == "retain_grad":
            y.retain_grad()
            (y * 3).sum().backward()
            return y.grad
        y.backward(retain_graph=retain)
        y.backward()
        return y.is_leaf

    return Case(function, [x], f"{name} {_told(x)} {retain}", roundings=16)


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
    array = draw.numbers(draw.shape(), draw.dtype(), PLAIN)
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


@strategy("no_grad", "set_grad_enabled", "grad_fn")
def _modes(draw: Draw, name: str) -> Case:
    x = draw.tensor(pool=PLAIN)
    mode = draw.flag()

    def function(t: Any, x: Any) -> Any:
        if name == "grad_fn":
            return (x * 2).grad_fn is None
        with t.no_grad() if name == "no_grad" else t.set_grad_enabled(mode):
            y = x * 2
        return y.detach(), y.requires_grad, t.is_grad_enabled(), (x + 1).requires_grad

    return Case(function, [x], f"{name} {_told(x)} {mode}", exact=True)
