"""torch.nn.functional's names: losses, layers without a state, activation functions.

`import moreish.functional as F`. Losses are in nats, and a mean over the examples unless
`reduction` says "sum" or "none".
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .engine import Tensor, rand_like, rules, tensor
from .engine.activations import (
    elu,
    gelu,
    leaky_relu,
    prelu,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
    tanh,
)
from .engine.graph import holds

__all__ = [
    "batch_norm",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "prelu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """(...) whole numbers → (..., num_classes) with a 1 at each number's place, else 0; int64.

    Without `num_classes`, as many as the largest number needs. RuntimeError for numbers that are
    negative, too large, or not int64.

    >>> one_hot(tensor([0, 2]), num_classes=3)
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    indices = _integers("one_hot", input)
    if not holds(indices >= 0):
        raise RuntimeError(f"class values must be non-negative, got {int(indices.min())}")
    if num_classes == -1:
        if not indices.size:
            raise RuntimeError("can not infer total number of classes from empty tensor")
        num_classes = int(indices.max()) + 1
    elif not holds(indices < num_classes):
        raise RuntimeError(
            f"class values must be smaller than num_classes: got {int(indices.max())}, and "
            f"{num_classes} classes"
        )
    return Tensor._of((indices[..., None] == np.arange(num_classes)).astype(np.int64))


def _integers(name: str, input: Tensor) -> np.ndarray:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): a Tensor was wanted, got {type(input).__name__}")
    if input.dtype != np.int64:
        raise RuntimeError(
            f"{name} is only applicable to an index tensor of type int64, got {input.dtype}: "
            f"convert with .long()"
        )
    return input._array


def softmax(input: Tensor, dim: int) -> Tensor:
    """Shares along `dim` that sum to 1, in proportion to exp of each.

    >>> softmax(tensor([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return input.softmax(dim)


def log_softmax(input: Tensor, dim: int) -> Tensor:
    """The logarithm of `softmax`, without its rounding.

    >>> log_softmax(tensor([0.0, 0.0]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return input.log_softmax(dim)


def _reduced(loss: Any, reduction: str) -> Any:
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    if reduction == "mean":
        return loss.mean()
    raise ValueError(f"{reduction!r} is not a valid value for reduction: mean, sum or none")


def _classes_last(input: Tensor) -> Tensor:
    """(V), (B, V) or (B, V, ...) → the same with the classes on the last axis."""
    if input.ndim < 3:
        return input
    return input.permute(0, *range(2, input.ndim), 1)


def _check_targets(targets: np.ndarray, shape: tuple[int, ...], ignore_index: int) -> None:
    if targets.shape != shape[:-1]:
        raise ValueError(
            f"Expected input batch_size to match target batch_size: one target for each of "
            f"{list(shape[:-1])} was wanted, got {list(targets.shape)}"
        )
    right = (targets >= 0) & (targets < shape[-1]) | (targets == ignore_index)
    if not holds(right):
        raise IndexError(
            f"Target {int(targets[~right][0])} is out of bounds: there are {shape[-1]} classes"
        )


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """The negative log likelihood: (B, V) log-probabilities, (B,) right classes → nats.

    `weight` (V,) says how much each class counts, and the mean is over what counts.

    >>> nll_loss(tensor([[-0.5, -1.0]]), tensor([1]))
    tensor(1.)
    """
    rows = _classes_last(input)
    answers = _integers("nll_loss", target)
    _check_targets(answers, rows.shape, ignore_index)
    counted = answers != ignore_index
    safe = np.where(counted, answers, 0)
    places = (*np.indices(safe.shape, dtype=np.intp), safe)
    picked: Any = -rows[tuple(Tensor._of(place) for place in places)]
    shares: Any = tensor(counted).to(input.dtype)
    if weight is not None:
        shares = shares * weight[Tensor._of(safe)]
    loss = picked * shares
    return loss.sum() / shares.sum() if reduction == "mean" else _reduced(loss, reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """How surprised the logits are at the right classes: (B, V), (B,) → nats per example.

    Targets may also be shares, (B, V). It is `nll_loss` of `log_softmax`, in one step.

    >>> cross_entropy(tensor([[0.0, 0.0]]), tensor([1]))
    tensor(0.6931)
    """
    rows = _classes_last(input)
    if target.dtype.kind == "f":
        return _soft_cross_entropy(input, rows, target, weight, reduction, label_smoothing)
    answers = _integers("cross_entropy", target)
    _check_targets(answers, rows.shape, ignore_index)
    if weight is None and not label_smoothing and rows.ndim and holds(answers != ignore_index):
        flat = Tensor._of(answers.reshape(-1))
        loss = rules.cross_entropy(rows.reshape(-1, rows.shape[-1]), flat)
        return _reduced(loss.reshape(answers.shape), reduction)
    log_probs = input.log_softmax(min(1, input.ndim - 1))
    hard = nll_loss(log_probs, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return hard
    spread: Any = -_classes_last(log_probs)
    counts: Any = tensor(answers != ignore_index).to(input.dtype)
    divisor = counts.sum()
    if weight is not None:
        spread = spread * weight
        divisor = (counts * weight[Tensor._of(np.where(answers == ignore_index, 0, answers))]).sum()
    smooth = spread.sum(-1) * counts
    smooth = smooth.sum() / divisor if reduction == "mean" else _reduced(smooth, reduction)
    share = label_smoothing / rows.shape[-1]
    return hard * (1 - label_smoothing) + smooth * share


def _soft_cross_entropy(
    input: Tensor,
    rows: Tensor,
    target: Tensor,
    weight: Tensor | None,
    reduction: str,
    label_smoothing: float,
) -> Tensor:
    if target.shape != input.shape:
        raise RuntimeError(
            f"shares for each class were wanted, in the shape of the logits {list(input.shape)}, "
            f"got {list(target.shape)}; whole numbers are one right class each"
        )
    shares: Any = _classes_last(target)
    if label_smoothing:
        shares = shares * (1 - label_smoothing) + label_smoothing / rows.shape[-1]
    log_probs: Any = rows.log_softmax(-1)
    if weight is not None:
        log_probs = log_probs * weight
    loss = -(log_probs * shares).sum(-1)
    return _reduced(loss, reduction)


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The mean squared error: the average of (input - target) squared.

    >>> mse_loss(tensor([1.0, 3.0]), tensor([1.0, 1.0]))
    tensor(2.)
    """
    apart = input - target
    return _reduced(apart * apart, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Cross-entropy of yes-or-no answers, from logits; never overflows. Nats per answer.

    ValueError unless input and target have one shape.

    >>> binary_cross_entropy_with_logits(tensor([0.0]), tensor([1.0]))
    tensor(0.6931)
    """
    if target.shape != input.shape:
        raise ValueError(
            f"Target size ({target.shape}) must be the same as input size ({input.shape})"
        )
    positive: Any = softplus(-input, threshold=float("inf"))
    if pos_weight is not None:
        positive = positive * ((pos_weight - 1) * target + 1)
    loss = (1 - target) * input + positive
    return _reduced(loss if weight is None else loss * weight, reduction)


def embedding(input: Tensor, weight: Tensor) -> Tensor:
    """(...) whole numbers, (V, E) table → (..., E): the row of each number.

    IndexError for a number without a row.

    >>> embedding(tensor([1, 0]), tensor([[0.5, 1.0], [2.0, 3.0]]))
    tensor([[2.0000, 3.0000],
            [0.5000, 1.0000]])
    """
    if input.dtype.kind not in "iu":
        raise RuntimeError(
            f"Expected tensor for argument #1 'indices' to have whole numbers, got {input.dtype}: "
            f"convert with .long()"
        )
    indices = input._array
    if not holds((indices >= 0) & (indices < len(weight))):
        raise IndexError(
            f"index out of range: numbers from 0 to {len(weight) - 1} were wanted, got "
            f"{int(indices.min())} to {int(indices.max())}"
        )
    return rules.embedding(Tensor._of(indices.copy()), weight)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """(..., H) inputs, (O, H) weights, (O,) bias → (..., O): input @ weight.T + bias.

    >>> linear(tensor([[1.0, 2.0]]), tensor([[3.0, 4.0]]))
    tensor([[11.]])
    """
    product: Any = input @ weight.T
    return product if bias is None else product + bias


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Mean 0 and variance 1 over the last axes, then times `weight` plus `bias`.

    RuntimeError unless the last sizes are `normalized_shape`. Source: J. Ba et al., "Layer
    Normalization", 2016.

    >>> layer_norm(tensor([[1.0, 3.0]]), (2,))
    tensor([[-1.0000,  1.0000]])
    """
    wanted = tuple(normalized_shape)
    if tuple(input.shape[input.ndim - len(wanted) :]) != wanted:
        raise RuntimeError(
            f"Given normalized_shape={list(wanted)}, expected input with shape [*, "
            f"{', '.join(map(str, wanted))}], but got input of size {list(input.shape)}"
        )
    axes = tuple(range(-len(wanted), 0))
    result = _standardised(input, input.mean(axes, True), _variance(input, axes), eps)
    return _scaled(result, weight, bias)


def _variance(input: Tensor, axes: tuple[int, ...]) -> Tensor:
    return input.var(axes, correction=0, keepdim=True)


def _standardised(input: Tensor, mean: Any, variance: Any, eps: float) -> Tensor:
    return (input - mean) / (variance + eps).sqrt()


def _scaled(result: Any, weight: Any, bias: Any) -> Tensor:
    if weight is not None:
        result = result * weight
    return result if bias is None else result + bias


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
    """(B, C) or (B, C, ...): mean 0 and variance 1 for each of C over the batch.

    In training the batch's own mean and variance are used, and the running ones move towards them
    by `momentum`; otherwise the running ones are used. Source: S. Ioffe, C. Szegedy, "Batch
    Normalization", 2015.

    >>> batch_norm(tensor([[1.0], [3.0]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    axes = (0, *range(2, input.ndim))
    along = (1, -1) + (1,) * (input.ndim - 2)

    def column(x: Tensor) -> Any:
        return x.view(along)

    if training or running_mean is None or running_var is None:
        if training and input.numel() // input.shape[1] < 2:
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
    """Each number set to 0 with probability `p`, the others divided by 1 - p.

    The draws are PyTorch's. ValueError unless p is from 0 to 1, RuntimeError for whole numbers.
    Source: N. Srivastava et al., "Dropout", 2014.

    >>> dropout(tensor([1.0, 2.0]), p=0.0)
    tensor([1., 2.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or not input.numel():
        return input
    kept: Any = tensor(0.0) if p == 1 else _kept(input, 1 - p)
    return input.mul_(kept) if inplace else input * kept


def _kept(input: Tensor, share: float) -> Tensor:
    """1 / share for so many of the numbers, else 0."""
    if input.dtype.kind != "f":
        raise RuntimeError(
            f"dropout divides, and {input.dtype} holds whole numbers alone: convert with .float()"
        )
    draws: Any = rand_like(input, dtype=np.float64)
    return (draws < share).to(input.dtype) / share
