"""What PyTorch calls a step, as `grad_fn` shows it.

A step here is a primitive; PyTorch has a name for each method that a program calls. Where a method
is made of several primitives, its last step gets the name (`shown_as`); where one primitive stands
for several of PyTorch's, its arguments tell which (`name_of`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ..rules.index import ARRAY

if TYPE_CHECKING:
    from .core import Tensor
    from .grad_fn import Step

Function = TypeVar("Function", bound=Callable[..., Any])

# Where it is not the capitalised name of the primitive, and a 0 behind it.
PRIMITIVES: dict[str, str] = {
    "multiply": "Mul0",
    "negative": "Neg0",
    "reshape": "View0",
    "absolute": "Abs0",
    "largest": "Max1",
    "smallest": "Min1",
    "root": "Sqrt0",
    "log1p": "Log1P0",
    "log_softmax": "LogSoftmax0",
    "cross_entropy": "NllLoss0",
    "affine": "Addmm0",
    "leaky_relu": "LeakyRelu0",
    "put_diagonal": "DiagEmbed0",
    "rounded_quotient": "Div2",
}
METHODS: dict[str, str] = {
    "bernoulli_": "Bernoulli2",
    "chunk": "Split0",
    "addmm": "Addmm0",
    "baddbmm": "Baddbmm0",
    "bmm": "Bmm0",
    "clamp": "Clamp1",
    "clip": "Clamp1",
    "cummax": "Cummax0",
    "cummin": "Cummin0",
    "index_add": "IndexAdd0",
    "index_copy": "IndexCopy0",
    "index_fill": "IndexFill0",
    "index_select": "IndexSelect0",
    "kron": "UnsafeView0",
    "masked_select": "MaskedSelect0",
    "nan_to_num": "NanToNum0",
    "nansum": "Nansum0",
    "rot90": "Rot900",
    "scatter_add": "ScatterAdd0",
    "scatter_reduce": "ScatterReduce0",
    "take": "Take0",
    "tile": "Repeat0",
    "trace": "Trace0",
    "copy_": "CopyBackwards",
    "exponential_": "Exponential0",
    "fill_": "Fill2",
    "gather": "Gather0",
    "logsumexp": "Logsumexp0",
    "masked_fill": "MaskedFill0",
    "masked_fill_": "MaskedFill0",
    "max": "Max0",
    "min": "Min0",
    "norm": "LinalgVectorNorm0",
    "normal_": "Normal0",
    "random_": "Random2",
    "roll": "Roll0",
    "sort": "Sort0",
    "split": "Split0",
    "squeeze": "Squeeze0",
    "std": "Std0",
    "t": "T0",
    "topk": "Topk0",
    "transpose": "Transpose0",
    "tril": "Tril0",
    "triu": "Triu0",
    "unbind": "Unbind0",
    "uniform_": "Uniform0",
    "unsqueeze": "Unsqueeze0",
    "var": "Var0",
    "zero_": "Zero0",
}
OF_ONE_STEP = frozenset({"largest", "smallest", "maximum", "minimum"})  # of max and min


def shown_as(name: str) -> Callable[[Function], Function]:
    """A function whose last step PyTorch calls so.

    >>> (Tensor([1.0, 2.0]).requires_grad_() * 1).std().grad_fn
    <StdBackward0>
    """

    def decorate(function: Function) -> Function:
        in_place = function.__name__.endswith("_")

        @wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            result = function(*args, **options)
            for thing in result if isinstance(result, tuple) else (result,):
                step: Any = getattr(thing, "_step", None)
                is_new = in_place or step is not getattr(args[0], "_step", None)
                if is_new and hasattr(step, "label") and step.primitive.name not in OF_ONE_STEP:
                    step.label = name
            return result

        return cast("Function", call)

    return decorate


def labelled(result: Tensor, name: str) -> Tensor:
    """The same result, of any shape, whose step PyTorch calls so, where it has a step."""
    if result._step is not None:
        result._step.label = name
    return result


def name_of(step: Step) -> str:
    """The whole name of a step, from its label or its primitive and arguments."""
    own = step.primitive.name
    name = step.label or (_TOLD[own](step) if own in _TOLD else None)
    name = name or PRIMITIVES.get(own) or f"{own.title().replace('_', '')}0"
    return name if name[-1].isalpha() else f"{name[:-1]}Backward{name[-1]}"


def _selected(step: Step) -> str:
    """By the last of the keys that do something, as PyTorch takes them one after another."""
    name = "Alias0"
    key = step.options["key"]
    for part in key if isinstance(key, tuple) else (key,):
        if part is ARRAY:
            return "Index0"
        if part is None:
            name = "Unsqueeze0"
        elif isinstance(part, slice):
            name = name if part == slice(None) else "Slice0"
        elif part is not Ellipsis:
            name = "Select0"
    return name


def _multiplied(step: Step) -> str:
    one, other = (len(shape) for shape in step.shapes)
    if one > 2 or other > 2:
        return "UnsafeView0"
    return {(2, 2): "Mm0", (2, 1): "Mv0", (1, 1): "Dot0"}.get((one, other), "Squeeze4")


def _raised(step: Step) -> str:
    base, exponent = step.dtypes
    return "Pow2" if base is None else "Pow0" if exponent is None else "Pow1"


def _of_some_axes(name: str) -> Callable[[Step], str]:
    return lambda step: f"{name}{0 if step.options.get('axis') is None else 1}"


_TOLD: dict[str, Callable[[Step], str]] = {
    "cast": lambda step: "Clone0" if step.dtypes[0] == step.options["dtype"] else "ToCopy0",
    "divide": lambda step: "Mul0" if step.dtypes[0] is None else "Div0",
    "matmul": _multiplied,
    "mean": _of_some_axes("Mean"),
    "power": _raised,
    "put": lambda step: "CopySlices",
    "put_view": lambda step: "CopySlices",
    "select": _selected,
    "select_by_mask": lambda step: "Index0",
    "subtract": lambda step: "Rsub1" if step.dtypes[0] is None else "Sub0",
    "sum": _of_some_axes("Sum"),
}
