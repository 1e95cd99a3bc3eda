"""torch.nn.functional's names: losses, layers without a state, activation functions.

`import moreish.torch.nn.functional as F`. Losses are in nats, and a mean over the examples unless
`reduction` says "sum" or "none".
"""

import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

import numpy as np

from ...engine import activations, rules
from ...engine.graph import holds
from ...engine.random import rand_like
from ...engine.tensor import Tensor
from ...engine.tensor.arguments import DType
from ...engine.tensor.creation import tensor
from ...engine.tensor.functions import where
from ...engine.tensor.grad_fn_names import shown_as
from ...engine.tensor.mixin import whole
from .distances import (
    cosine_similarity,
    normalize,
    pairwise_distance,
    scaled_dot_product_attention,
)
from .losses import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    floating,
    integers,
    mse_loss,
    nll_loss,
)
from .padding import (
    pad,
)
from .piecewise import (
    celu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    logsigmoid,
    mish,
    relu6,
    softmin,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
)
from .pointwise_losses import (
    binary_cross_entropy,
    huber_loss,
    kl_div,
    l1_loss,
    smooth_l1_loss,
)

__all__ = [
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mish",
    "mse_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "prelu",
    "relu",
    "relu6",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
]

Given = ParamSpec("Given")


def _of_tensors(
    activation: Callable[Concatenate[Tensor, Given], Tensor], kinds: str
) -> Callable[Concatenate[Tensor, Given], Tensor]:
    """An activation function for Tensors alone, whose numbers are of these kinds."""

    @wraps(activation)
    def call(input: Tensor, *args: Given.args, **options: Given.kwargs) -> Tensor:
        name = activation.__name__
        if not isinstance(input, Tensor):
            raise TypeError(
                f"{name}(): argument 'input' (position 1) must be Tensor, not "
                f"{type(input).__name__}; moreish.engine.activations takes numbers and Values, too"
            )
        if input.dtype.kind not in kinds:
            raise NotImplementedError(
                f"{name} is not implemented for {input.dtype}: convert with .float()"
            )
        return activation(input, *args, **options)

    return call  # type: ignore[return-value]  # its first may be named, too: input=


elu = _of_tensors(activations.elu, "f")
leaky_relu = _of_tensors(activations.leaky_relu, "f")
relu = _of_tensors(activations.relu, "fiu")
selu = _of_tensors(activations.selu, "f")
sigmoid = _of_tensors(activations.sigmoid, "fiub")
silu = _of_tensors(activations.silu, "f")
softplus = _of_tensors(activations.softplus, "f")
tanh = _of_tensors(activations.tanh, "fiub")


@shown_as("Gelu0")
def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """(...) → (...): x times the probability that a normal variable is below x.

    `approximate` is "none", or "tanh" for a form that comes near. Source: D. Hendrycks, K. Gimpel,
    "Gaussian Error Linear Units", 2016.

    >>> gelu(tensor([1.0]))
    tensor([0.8413])
    """
    return floating("gelu", input).gelu(approximate)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """(B, C, ...) → the same shape: x where it is more than 0, else `weight` times x.

    The weight is (1,), or (C,) for each of C. TypeError for a weight that is no Tensor,
    RuntimeError if its shape or dtype does not fit. Source: K. He et al., "Delving Deep into
    Rectifiers", 2015.

    >>> prelu(tensor([-2.0]), tensor([0.25]))
    tensor([-0.5000])
    """
    floating("prelu", input)
    if not isinstance(weight, Tensor):
        raise TypeError(f"prelu(): the weight must be a Tensor, not {type(weight).__name__}")
    if weight.dtype != input.dtype:
        raise RuntimeError(f"prelu: a weight of {input.dtype} was wanted, got {weight.dtype}")
    count = input.shape[1] if input.ndim > 1 else 1
    if weight.ndim > 1 or weight.numel() not in (1, count):
        raise RuntimeError(
            f"prelu: one weight, or one for each of {count} channels, was wanted, got "
            f"{list(weight.shape)}"
        )
    if weight.numel() != 1:
        weight = weight.view(-1, *[1] * (input.ndim - 2))
    return activations.prelu(input, weight.view(()) if weight.numel() == 1 else weight)


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """(...) whole numbers → (..., num_classes) with a 1 at each number's place, else 0; int64.

    Without `num_classes`, as many as the largest number needs. RuntimeError for numbers that are
    negative, too large, or not int64.

    >>> one_hot(tensor([0, 2]), num_classes=3)
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    indices = integers("one_hot", input)
    if not holds(indices >= 0):
        raise RuntimeError(f"class values must be non-negative, got {int(indices.min())}")
    if num_classes == -1:
        if not indices.numel():
            raise RuntimeError("can not infer total number of classes from empty tensor")
        num_classes = int(indices.max()) + 1
    elif whole(num_classes, "num_classes") <= 0 and not indices.numel():
        raise RuntimeError(f"can not make {num_classes} classes from an empty tensor")
    elif not holds(indices < num_classes):
        raise RuntimeError(
            f"class values must be smaller than num_classes: got {int(indices.max())}, and "
            f"{num_classes} classes"
        )
    found: Tensor = rules.one_hot(indices, count=int(num_classes), dtype=np.dtype(np.int64))
    return found


def softmax(input: Tensor, dim: int | None = None, dtype: DType | None = None) -> Tensor:
    """(...) → (...): probabilities along `dim` that sum to 1, in proportion to exp of each.

    Without `dim` it warns. As in PyTorch, it then takes axis 0 of 0, 1 or 3 axes, and 1 of others.

    >>> softmax(tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return input.softmax(_or_implied("softmax", input, dim), dtype)


def log_softmax(input: Tensor, dim: int | None = None, dtype: DType | None = None) -> Tensor:
    """(...) → (...): log-probabilities along `dim` in nats, without the rounding of `softmax`.

    >>> log_softmax(tensor([0.0, 0.0]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return input.log_softmax(_or_implied("log_softmax", input, dim), dtype)


def _or_implied(name: str, input: Tensor, dim: int | None) -> int:
    if dim is not None:
        return dim
    warnings.warn(f"{name}() without dim guesses an axis: say which, as dim=1", stacklevel=3)
    return 0 if input.ndim in (0, 1, 3) else 1


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """(...) whole numbers, (V, E) table → (..., E): the row of each number.

    The row `padding_idx` gets no gradient; ValueError if it is none. IndexError for a number
    without a row. RuntimeError if the numbers are not int64 or int32, or the table is no matrix.

    >>> embedding(tensor([1, 0]), tensor([[0.5, 1.0], [2.0, 3.0]]))
    tensor([[2.0000, 3.0000],
            [0.5000, 1.0000]])
    """
    if weight.ndim != 2:
        raise RuntimeError(f"'weight' must be 2-D, got {weight.ndim} axes")
    if input.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            f"Expected tensor for argument #1 'indices' to be int64 or int32, got {input.dtype}: "
            f"convert with .long()"
        )
    if not holds(rules.within(input, low=0, high=len(weight))):
        raise IndexError(
            f"index out of range: numbers from 0 to {len(weight) - 1} were wanted, got "
            f"{int(input.min())} to {int(input.max())}"
        )
    rows = rules.embedding(input, weight)
    if padding_idx is None:
        return rows
    is_padding = input == row_of_padding(padding_idx, len(weight))
    return where(is_padding[..., None], rows.detach(), rows)


def row_of_padding(padding_idx: int, rows: int) -> int:
    """The row that is padding, counted from the front; ValueError if there is no such row."""
    if padding_idx and not -rows <= padding_idx < rows:
        raise ValueError(
            f"padding_idx must be within num_embeddings: one of {rows} rows was wanted, got "
            f"{padding_idx}"
        )
    return padding_idx % max(rows, 1)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """(..., H) inputs, (O, H) weights, (O,) bias → (..., O): input @ weight.T + bias.

    RuntimeError if the weight is no matrix, or the bias has another shape or dtype.

    >>> linear(tensor([[1.0, 2.0]]), tensor([[3.0, 4.0]]))
    tensor([[11.]])
    """
    if weight.ndim > 2 or (bias is not None and weight.ndim != 2):
        raise RuntimeError(f"the weight of linear() must be a matrix, got {list(weight.shape)}")
    product = input @ weight.T
    if bias is None:
        return product
    if bias.dtype != product.dtype:
        raise RuntimeError(f"linear: a bias of {product.dtype} was wanted, got {bias.dtype}")
    result = product + bias
    if result.shape != product.shape:
        raise RuntimeError(
            f"linear: a bias of shape {list(bias.shape)} does not fit a product of shape "
            f"{list(product.shape)}"
        )
    return result


@shown_as("NativeLayerNorm0")
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """(..., E) → (..., E): mean 0 and variance 1 over the last axes, then weight and bias.

    TypeError for sizes that are no tuple or list. RuntimeError if the last sizes are not
    `normalized_shape`, or `weight` and `bias` do not fit. Source: J. L. Ba et al., "Layer
    Normalization", 2016.

    >>> layer_norm(tensor([[1.0, 3.0]]), (2,))
    tensor([[-1.0000,  1.0000]])
    """
    if not isinstance(normalized_shape, (tuple, list)):
        raise TypeError("layer_norm(): normalized_shape must be a tuple, as (5,)")
    wanted = tuple(normalized_shape)
    if not wanted:
        raise RuntimeError("Expected normalized_shape to be at least 1-dimensional")
    floating("layer_norm", input)
    _must_be_as("weight", weight, wanted, input)
    _must_be_as("bias", bias, wanted, input)
    if tuple(input.shape[input.ndim - len(wanted) :]) != wanted:
        raise RuntimeError(
            f"Given normalized_shape={list(wanted)}, expected input with shape [*, "
            f"{', '.join(map(str, wanted))}], but got input of size {list(input.shape)}"
        )
    axes = tuple(range(-len(wanted), 0))
    result = _standardised(input, input.mean(axes, True), _variance(input, axes), eps)
    return _scaled(result, weight, bias)


def _must_be_as(name: str, x: Tensor | None, shape: tuple[int, ...], like: Tensor) -> None:
    if x is not None and tuple(x.shape) != shape:
        raise RuntimeError(f"{name} should be of shape {list(shape)}, got {list(x.shape)}")
    if x is not None and x.dtype != like.dtype:
        raise RuntimeError(f"{name} should be of {like.dtype}, as the input, got {x.dtype}")


def _variance(input: Tensor, axes: tuple[int, ...]) -> Tensor:
    return input.var(axes, correction=0, keepdim=True)


def _standardised(input: Tensor, mean: Tensor, variance: Tensor, eps: float) -> Tensor:
    return (input - mean) / (variance + eps).sqrt()


def _scaled(result: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    if weight is not None:
        result = result * weight
    return result if bias is None else result + bias


@shown_as("NativeBatchNorm0")
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(B, C, ...) → the same shape: mean 0 and variance 1 for each of C over the batch.

    In training the batch's own mean and variance are used. The running ones, (C,), move towards
    them by `momentum`. Otherwise the running ones are used.

    IndexError for fewer than two axes. ValueError if only one of the running statistics is given,
    or there is one value per channel in training. RuntimeError where running statistics are
    missing, or something has another shape or dtype. Source: S. Ioffe, C. Szegedy, "Batch
    Normalization", 2015.

    >>> batch_norm(tensor([[1.0], [3.0]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    if input.ndim < 2:
        raise IndexError(f"batch_norm: (B, C) or more axes were wanted, got {list(input.shape)}")
    floating("batch_norm", input)
    if training and (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    if not training and (running_mean is None or running_var is None):
        raise RuntimeError("running_mean and running_var must be defined in evaluation mode")
    named = {"running_mean": running_mean, "running_var": running_var}
    for name, x in {**named, "weight": weight, "bias": bias}.items():
        flat = x if x is None else x.reshape(-1)  # as in PyTorch, how many there are is what counts
        _must_be_as(name, flat, (input.shape[1],), input)
    axes = (0, *range(2, input.ndim))
    along = (1, -1) + (1,) * (input.ndim - 2)

    def column(x: Tensor) -> Tensor:
        return x.view(along)

    if training or running_mean is None or running_var is None:
        if input.numel() // max(input.shape[1], 1) < 2:
            raise ValueError(
                f"Expected more than 1 value per channel when training, got input size "
                f"{list(input.shape)}"
            )
        mean, variance = input.mean(axes, True), _variance(input, axes)
        if training and running_mean is not None and running_var is not None:
            plain = input.detach()
            for running, now in (
                (running_mean, plain.mean(axes)),
                (running_var, plain.var(axes)),
            ):
                running.mul_(1 - momentum).add_(now * momentum)
    else:
        mean, variance = column(running_mean), column(running_var)
    return _scaled(
        _standardised(input, mean, variance, eps),
        None if weight is None else column(weight),
        None if bias is None else column(bias),
    )


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """(...) → (...): each number becomes 0 with probability `p`, the others are divided by 1 - p.

    The draws are PyTorch's. ValueError if p is not from 0 to 1, RuntimeError for whole numbers.
    Source: N. Srivastava et al., "Dropout", 2014.

    >>> dropout(tensor([1.0, 2.0]), p=0.0)
    tensor([1., 2.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or not input.numel():
        return input
    kept = tensor(0.0) if p == 1 else _kept(input, 1 - p)
    return input.mul_(kept) if inplace else input * kept


def _kept(input: Tensor, share: float) -> Tensor:
    """1 / share for this fraction of the numbers, else 0."""
    if input.dtype.kind != "f":
        raise RuntimeError(
            f"dropout divides, and {input.dtype} holds whole numbers alone: convert with .float()"
        )
    draws = rand_like(input, dtype=np.float64)
    return (draws < share).to(input.dtype) / share
