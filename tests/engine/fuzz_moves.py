"""What is drawn for shapes, views, pieces and products of tensors."""

from collections.abc import Callable
from typing import Any

from engine.fuzz_cases import Named, _told, called, plain_case, strategy
from engine.fuzz_draws import DTYPES, LARGE, PLAIN, Case, Draw


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
        return plain_case(draw, name, x, Named(draw.dtype(tuple(set(DTYPES) - {"bool"}))))
    sizes = _sizes_of(draw, x.array.size)
    if x.array.size == 1 and draw.flag():
        sizes = ()
    together = name == "reshape" or draw.flag() or not sizes
    return plain_case(draw, name, x, *((sizes,) if together else sizes))


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
        sizes = [draw.whole(-1 if x.array.size and draw.rarely() else 0, 2) for _ in shape]
    else:
        sizes = [draw.whole(0, 3) if n == 1 else draw.one((n, n, -1)) for n in shape]
    for _ in range(draw.whole(0, 2)):
        sizes.insert(0, draw.whole(0, 2))
    if draw.rarely():
        least = -1 if x.array.size else 0  # of nothing PyTorch takes any number of copies
        sizes = [draw.odd(draw.whole(least, 2)) for _ in range(draw.whole(0, 3))]
    return plain_case(draw, name, x, *([tuple(sizes)] if draw.flag() or not sizes else sizes))


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
    return plain_case(draw, name, x, *args)


@strategy("T", "ndim", "shape", "dtype", "is_leaf", "requires_grad", "data")
def _asked(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.shape(0, 2) if name == "T" else None)
    return Case(lambda t, x: getattr(x, name), [x], f"{_told(x)}.{name}", exact=True)


@strategy("dim", "numel", "nelement", "storage_offset", "is_contiguous", "contiguous", "clone")
def _question(draw: Draw, name: str) -> Case:
    return plain_case(draw, name, draw.tensor(pool=draw.one((None, LARGE))))


@strategy("t", "detach", "item", "tolist", "cpu", "double", "half", "float", "long", "int", "bool")
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
    return plain_case(draw, name, x, *([draw.dim(x.array.ndim)] if draw.flag() else []))


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
    return plain_case(draw, name, x, *args)


@strategy("narrow", "split", "chunk", "unbind", "roll")
def _pieces(draw: Draw, name: str) -> Case:
    x = draw.tensor()
    count = x.array.ndim
    dim = draw.dim(count)
    there = isinstance(dim, int) and -count <= dim < count
    size = x.array.shape[dim] if there else 2
    if name == "narrow":
        return plain_case(
            draw, name, x, dim, draw.odd(draw.index(size + 1)), draw.odd(draw.index(size))
        )
    if name == "unbind":
        return plain_case(draw, name, x, *([dim] if draw.flag() else []))
    if name == "roll":
        if draw.flag():
            shifts = tuple(draw.whole(-4, 4) for _ in range(draw.whole(0, 2)))
            return plain_case(draw, name, x, shifts, tuple(draw.dim(count) for _ in shifts))
        return plain_case(
            draw, name, x, draw.odd(draw.whole(-4, 4)), *([dim] if draw.flag() else [])
        )
    length: Any = draw.odd(draw.whole(-1 if draw.rarely() else 1, 4))
    if name == "split" and draw.flag():
        first = draw.whole(0, size)
        length = [first, size - first] if not draw.rarely() else [first, 1]
    return plain_case(draw, name, x, length, *([dim] if draw.flag() else []))


@strategy("tril", "triu")
def _triangle(draw: Draw, name: str) -> Case:
    x = draw.tensor(draw.shape(0 if draw.rarely() else 2))
    return plain_case(draw, name, x, *([draw.odd(draw.whole(-3, 3))] if draw.flag() else []))


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
    single = not draw.rarely()  # with axes of size 1 PyTorch multiplies before it asks for dtypes
    if not single:
        sizes = {letter: draw.whole(2, 3) for letter in sizes}
    inputs = []
    for term in terms:
        shape = tuple(1 if single and draw.rarely() else sizes[letter] for letter in term)
        kinds = (dtype,) if single else DTYPES
        inputs.append(draw.tensor(shape, kinds, PLAIN))
    told = f"einsum {equation} {[_told(x) for x in inputs]}"
    case = Case(lambda t, *xs: t.einsum(equation, *xs), inputs, told, degree=3, roundings=64)
    case.views = False  # a diagonal is a copy here, and a view in PyTorch
    return case
