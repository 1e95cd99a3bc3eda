"""What is drawn for moreish.torch.nn.functional, against torch.nn.functional."""

from typing import Any

import numpy as np
import torch

import moreish.torch.nn.functional
from engine.fuzz_cases import STRATEGIES, _told, strategy
from engine.fuzz_draws import FLOATS, PLAIN, WHOLES, Case, Draw, Given


def _library(t: Any) -> Any:
    return torch.nn.functional if t is torch else moreish.torch.nn.functional


def _call(
    draw: Draw, name: str, inputs: dict[str, Given | None], *args: Any, **options: Any
) -> Case:
    """F.name with inputs by their names, and the bounds of what is made of a few products."""
    there = {key: x for key, x in inputs.items() if x is not None}

    def function(t: Any, *xs: Any) -> Any:
        own = dict(zip(there, xs, strict=True))
        first = [own.pop(key) for key in list(own)[:1]]
        return getattr(_library(t), name.removeprefix("F."))(*first, *args, **own, **options)

    told = ", ".join(f"{key}={_told(x)}" for key, x in there.items())
    sizes = sum(x.array.size for x in there.values())
    return Case(
        function,
        list(there.values()),
        f"{name}({told}, {args}, {options})",
        roundings=4 * sizes + 32,
        degree=2,
    )


SIMPLE = ("elu", "gelu", "leaky_relu", "relu", "selu", "sigmoid", "silu", "softplus", "tanh")


@strategy(*[f"F.{name}" for name in SIMPLE])
def _activation(draw: Draw, name: str) -> Case:
    kinds = ("float32", "float64", "float16", "float32", "int64", "bool")
    options: dict[str, Any] = {}
    if name == "F.gelu" and draw.flag():
        options["approximate"] = draw.one(("tanh", "none", "other"))
    # Of infinity gelu differs by processor, and of NaN elu by how many numbers there are.
    pool = PLAIN if name in ("F.gelu", "F.elu", "F.selu") else None
    return _call(draw, name, {"input": draw.tensor(kinds=kinds, pool=pool)}, **options)


@strategy("gelu")
def _gelu(draw: Draw, name: str) -> Case:
    x = draw.tensor(kinds=FLOATS, pool=PLAIN)  # PyTorch's of infinity differs by processor

    def function(t: Any, x: Any) -> Any:
        return x.gelu() if hasattr(x, "gelu") else torch.nn.functional.gelu(x)

    return Case(function, [x], f"gelu {_told(x)}", roundings=32)


@strategy("F.prelu")
def _prelu(draw: Draw, name: str) -> Case:
    x = draw.tensor(kinds=FLOATS, pool=PLAIN)
    channels = x.array.shape[1] if x.array.ndim > 1 else 1
    shape = draw.one(((), (1,), (channels,), (2,)))
    kinds = FLOATS if draw.rarely() else (str(x.array.dtype),)
    return _call(draw, name, {"input": x, "weight": draw.tensor(shape, kinds, PLAIN)})


@strategy("F.softmax", "F.log_softmax")
def _softmax(draw: Draw, name: str) -> Case:
    x = draw.tensor(kinds=(*FLOATS, "int64"))
    return _call(draw, name, {"input": x}, draw.dim(x.array.ndim))


@strategy("F.one_hot")
def _one_hot(draw: Draw, name: str) -> Case:
    kinds = ("int64", "int64", "int64", "int32", "float32")
    x = draw.tensor(kinds=kinds, pool=PLAIN)
    x.grad = False
    if not draw.rarely():
        x.array = np.abs(x.array)
    case = _call(draw, name, {"input": x}, *([draw.whole(-2, 8)] if draw.flag() else []))
    case.exact = True
    return case


def _targets(draw: Draw, logits: np.ndarray, ignored: bool) -> Given:
    """Right classes for logits (C), (B, C) or (B, C, ...)."""
    classes = logits.shape[min(1, logits.ndim - 1)] if logits.ndim else 1
    shape = (*logits.shape[:1], *logits.shape[2:]) if logits.ndim > 1 else ()
    if draw.rarely():
        shape = draw.shape()
    edge = int(draw.rarely())
    answers = np.asarray(draw.random.integers(0, max(classes, 1) + edge, shape))
    if ignored:
        chosen = draw.random.integers(0, 2, shape) if draw.flag() else np.ones(shape)
        answers = np.where(chosen, -100, answers)
    kinds = ("int64", "int64", "int64", "int64", "int32", "uint8")
    return Given(answers.astype("int64" if ignored else draw.dtype(kinds)))


@strategy("F.cross_entropy", "F.nll_loss")
def _cross_entropy(draw: Draw, name: str) -> Case:
    shape = draw.shape(1 - draw.rarely(), 3, 1)
    dtype = draw.dtype(("float32", "float64"))
    x = draw.tensor(shape, (dtype,), PLAIN)
    classes = shape[min(1, len(shape) - 1)] if shape else 1
    soft = name == "F.cross_entropy" and draw.whole(0, 3) == 0
    target = draw.tensor(shape, (dtype,), PLAIN) if soft else None
    target = target or _targets(draw, x.array, ignored=draw.flag())
    weight = None
    if draw.flag():
        size = classes + int(draw.rarely())
        weight = Given(draw.numbers((size,), dtype, (0.0, 0.5, 1.0, 2.0)))
        if draw.rarely():
            weight.array = weight.array * 0
    options: dict[str, Any] = {}
    if draw.flag():
        options["reduction"] = draw.one(("sum", "none", "mean", "other"))
    if name == "F.cross_entropy" and draw.whole(0, 2) == 0:
        options["label_smoothing"] = draw.one((0.1, 0.5, 1.0, 1.5, -0.5))
    if draw.rarely():
        options["ignore_index"] = draw.one((-1, 0, 1))
    return _call(draw, name, {"input": x, "target": target, "weight": weight}, **options)


@strategy("F.mse_loss", "F.binary_cross_entropy_with_logits")
def _losses(draw: Draw, name: str) -> Case:
    shape = draw.shape()
    kinds = (*FLOATS, "float32", "int64") if draw.rarely() else (draw.dtype(FLOATS),)
    x, target = draw.tensor(shape, kinds, PLAIN), draw.tensor(draw.broadcasting(shape), kinds)
    if not draw.rarely():
        target = draw.tensor(shape, kinds, PLAIN)
    inputs: dict[str, Given | None] = {"input": x, "target": target}
    if name != "F.mse_loss" and draw.flag():
        key = draw.one(("weight", "pos_weight"))
        inputs[key] = draw.tensor(draw.broadcasting(shape), kinds, PLAIN)
    options: dict[str, Any] = {}
    if draw.flag():
        options["reduction"] = draw.one(("sum", "none", "mean", "other"))
    return _call(draw, name, inputs, **options)


@strategy("F.embedding")
def _embedding(draw: Draw, name: str) -> Case:
    kinds = (*WHOLES, "float32") if draw.rarely() else ("int64", "int32")
    rows = draw.whole(0 if draw.rarely() else 1, 4)
    shape = draw.shape() if draw.rarely() else (rows, draw.whole(0, 3))
    edge = int(draw.rarely())
    indices = np.asarray(draw.random.integers(-edge, max(rows, 1) + edge, draw.shape()))
    table = draw.tensor(shape, (*FLOATS, "int64"), PLAIN)
    inputs = {"input": Given(indices.astype(draw.dtype(kinds))), "weight": table}
    options = {"padding_idx": draw.whole(-rows - edge, max(rows, 1) - 1 + edge)}
    return _call(draw, name, inputs, **(options if draw.flag() else {}))


@strategy("F.linear")
def _linear(draw: Draw, name: str) -> Case:
    inner, outer = draw.whole(0, 3), draw.whole(0, 3)
    kinds = FLOATS if draw.rarely() else (draw.dtype(FLOATS),)
    x = draw.tensor((*draw.shape(0, 2), inner), kinds, PLAIN)
    shape: tuple[int, ...] = draw.shape() if draw.rarely() else (outer, inner)
    weight, bias = draw.tensor(shape, kinds, PLAIN), None
    if draw.flag() and inner and outer and x.array.size:  # PyTorch takes any bias for nothing
        kinds = (str(x.array.dtype),)  # whether PyTorch takes another depends on the memory of x
        bias = draw.tensor(draw.shape() if draw.rarely() else (outer,), kinds, PLAIN)
    return _call(draw, name, {"input": x, "weight": weight, "bias": bias})


@strategy("F.layer_norm", "F.batch_norm")
def _normalised(draw: Draw, name: str) -> Case:
    shape = draw.shape(1 if draw.rarely() else 2, 3, 1)
    kinds = ("float32", "float64", "int64") if draw.rarely() else (draw.dtype(FLOATS[:2]),)
    x = draw.tensor(shape, kinds, PLAIN)
    own: Any = shape[-draw.whole(1, len(shape)) :] if draw.whole(0, 11) else draw.shape()
    options: dict[str, Any] = {"eps": 0.5}
    args: list[Any] = []
    inputs: dict[str, Given | None] = {"input": x}
    if name == "F.layer_norm":
        args = [draw.one((own, list(own), 2)) if draw.rarely() else own]
    else:
        own = (shape[1],) if len(shape) > 1 else (1,)
        own = draw.shape(1) if draw.rarely() else own
        options["training"] = draw.flag()
        for key in ("running_mean", "running_var"):
            there = draw.whole(0, 5) if not options["training"] else draw.flag()
            running = Given(draw.numbers(own, kinds[0], (0.5, 1.0, 2.0))) if there else None
            inputs[key] = running
            if running is None:
                options[key] = None
    for key in ("weight", "bias"):
        if draw.flag():
            # Plain in memory: of a weight with strides PyTorch's own batch_norm reads the wrong
            # numbers when it walks back.
            shape = draw.shape() if draw.rarely() else own
            inputs[key] = draw.tensor(shape, kinds, PLAIN, plain=True)
    return _call(draw, name, inputs, *args, **options)


assert "F.linear" in STRATEGIES
