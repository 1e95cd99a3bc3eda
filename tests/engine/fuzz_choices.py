"""What is drawn for keys, masks, changes in place and the walk back."""

from typing import Any

import numpy as np

from engine.fuzz_cases import _told, called, given, plain_case, strategy
from engine.fuzz_draws import PLAIN, Case, Draw, Given

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
    return plain_case(draw, name, draw.tensor(), **given(draw, lambda: {"as_tuple": draw.flag()}))


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
