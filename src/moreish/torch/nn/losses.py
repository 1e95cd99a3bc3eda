"""The losses of torch.nn.functional: cross-entropy in its forms, in nats, and squared error.

A mean over the examples unless `reduction` says "sum" or "none". What PyTorch refuses is refused.
"""

import numpy as np

from ...engine import rules
from ...engine.activations import softplus
from ...engine.graph import holds
from ...engine.tensor import Tensor
from ...engine.tensor.functions import where
from ...engine.tensor.grad_fn_names import shown_as
from ...engine.tensor.operands import must_be_castable, must_keep_its_shape

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "mse_loss",
    "nll_loss",
]


@shown_as("NllLoss0")
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """The negative log likelihood: (B, V) log-probabilities, (B,) right classes → nats.

    `weight` (V,) says how much each class counts, and the mean is over what counts. IndexError for
    a class that is not there. ValueError if there is not one class for each row, or for another
    `reduction`. RuntimeError for a weight that does not fit, or inputs without axes.

    >>> nll_loss(tensor([[-0.5, -1.0]]), tensor([1]))
    tensor(1.)
    """
    rows = _classes_last(floating("nll_loss", input))
    answers = _classes("nll_loss", target, rows.ndim < 3)
    if rows.ndim == 1 and answers.shape == (1,):
        answers = answers.reshape(())  # as PyTorch, one item may have its class in a list
    _check_targets(answers, rows.shape, ignore_index)
    _check_weight(weight, rows)
    counted = answers != ignore_index
    safe = where(counted, answers, 0)
    picked = -rules.take_along(rows, safe.unsqueeze(-1), axis=rows.ndim - 1).squeeze(-1)
    shares = counted.to(input.dtype)
    if weight is not None:
        shares = shares * weight[safe.reshape(-1)].reshape(safe.shape)
    # 0 where a target is ignored, and no gradient, whatever comes back
    loss = where(counted, picked * shares, 0.0)
    return loss.sum() / shares.sum() if reduction == "mean" else _reduced(loss, reduction)


def _check_weight(weight: Tensor | None, rows: Tensor) -> None:
    if weight is None:
        return
    if tuple(weight.shape) != rows.shape[-1:]:
        raise RuntimeError(
            f"weight tensor should be defined either for all {rows.shape[-1]} classes or no "
            f"classes but got weight tensor of shape: {list(weight.shape)}"
        )
    if weight.dtype != rows.dtype:
        raise RuntimeError(f"expected a weight of {rows.dtype}, as the input, got {weight.dtype}")


@shown_as("NllLoss0")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """How surprised the logits are at the right classes: (B, V), (B,) → nats per example.

    Targets may also be probabilities, (B, V). It is `nll_loss` of `log_softmax`, in one step.
    IndexError for a class that is not there. ValueError if there is not one target for each row, or
    for another `reduction`. RuntimeError if `label_smoothing` is above 1, or the weight or
    probabilities do not fit. Source: C. Szegedy et al., "Rethinking the Inception Architecture for
    Computer Vision", 2016, for `label_smoothing`.

    >>> cross_entropy(tensor([[0.0, 0.0]]), tensor([1]))
    tensor(0.6931)
    """
    rows = _classes_last(floating("cross_entropy", input))
    if not rows.ndim:
        raise IndexError("a number for each class was wanted, got a tensor without axes")
    if not label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    label_smoothing = max(label_smoothing, 0.0)  # as in PyTorch, below 0 is 0
    if target.dtype.kind == "f":
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return _soft_cross_entropy(input, rows, target, weight, reduction, label_smoothing)
    is_gathered = weight is not None and label_smoothing > 0 and reduction == "mean"
    answers = _classes("cross_entropy", target, rows.ndim < 3 and not is_gathered)
    if weight is None and not label_smoothing and _all_count(answers, rows.shape, ignore_index):
        loss = rules.cross_entropy(rows.reshape(-1, rows.shape[-1]), answers.reshape(-1))
        return _reduced(loss.reshape(answers.shape), reduction)
    _check_targets(answers, rows.shape, ignore_index)
    _check_weight(weight, rows)
    log_probs = input.log_softmax(min(1, input.ndim - 1))
    hard = nll_loss(log_probs, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return hard
    spread = -_classes_last(log_probs)
    counted = answers != ignore_index
    counts = counted.to(input.dtype)
    divisor = counts.sum()
    if weight is not None:
        spread = spread * weight
        safe = where(counted, answers, 0)
        divisor = (counts * weight[safe.reshape(-1)].reshape(safe.shape)).sum()
    smooth = where(counted, spread.sum(-1), 0.0)
    is_mean = reduction == "mean"
    smooth = smooth.sum() / divisor if is_mean else _reduced(smooth, reduction)
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
    _check_weight(weight, rows)
    shares = _classes_last(target)
    if label_smoothing:
        shares = shares * (1 - label_smoothing) + label_smoothing / rows.shape[-1]
    log_probs = rows.log_softmax(-1)
    if weight is not None:
        log_probs = log_probs * weight
    loss = -(log_probs * shares).sum(-1)
    if reduction == "mean":
        return loss.sum() / (loss.numel() if loss.numel() else float("nan"))
    return _reduced(loss, reduction)


@shown_as("MseLoss0")
def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """(...), (...) → the mean squared error, in the square of the unit of the numbers.

    TypeError for what is no Tensor, ValueError for another `reduction`.

    >>> mse_loss(tensor([1.0, 3.0]), tensor([1.0, 1.0]))
    tensor(2.)
    """
    for x in (input, target):
        if not isinstance(x, Tensor):
            raise TypeError(f"mse_loss(): two Tensors were wanted, got a {type(x).__name__}")
    apart = floating("mse_loss", input - target)
    return _reduced(apart * apart, reduction)


@shown_as("BinaryCrossEntropyWithLogits0")
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Cross-entropy of yes-or-no answers: (...) logits, (...) answers → nats per answer.

    It never overflows. ValueError if input and target are not of one shape, or for another
    `reduction`. RuntimeError if a weight requires a gradient.

    >>> binary_cross_entropy_with_logits(tensor([0.0]), tensor([1.0]))
    tensor(0.6931)
    """
    for name, x in (("weight", weight), ("pos_weight", pos_weight)):
        if x is not None and x.requires_grad:
            raise RuntimeError(
                f"binary_cross_entropy_with_logits is not differentiable with respect to {name}: "
                f"pass its detach()"
            )
    if target.shape != input.shape:
        raise ValueError(
            f"Target size ({target.shape}) must be the same as input size ({input.shape})"
        )
    if weight is not None and np.broadcast_shapes(input.shape, weight.shape) != input.shape:
        must_keep_its_shape(tuple(input.shape), tuple(weight.shape))
    positive = softplus(-floating("binary_cross_entropy", input), threshold=float("inf"))
    if pos_weight is not None:
        positive = positive * ((pos_weight - 1) * target + 1)
    # PyTorch computes this in the memory of the target, so its dtype is that of the loss.
    must_be_castable(input.dtype.dtype, target.dtype.dtype)
    loss = ((1 - target) * input + positive).to(target.dtype)
    return _reduced(loss if weight is None else loss * weight, reduction)


def _reduced(loss: Tensor, reduction: str) -> Tensor:
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


def _all_count(targets: Tensor, shape: tuple[int, ...], ignore_index: int) -> bool:
    """Whether there is a target for each row, a class that is there, and none is ignored."""
    if targets.shape != shape[:-1]:
        return False
    counted = rules.within(targets, low=0, high=shape[-1])
    if 0 <= ignore_index < shape[-1]:
        counted = counted & (targets != ignore_index)
    return holds(counted)


def _check_targets(targets: Tensor, shape: tuple[int, ...], ignore_index: int) -> None:
    if not shape:
        raise RuntimeError("a number for each class was wanted, got a tensor without axes")
    if targets.shape != shape[:-1]:
        raise ValueError(
            f"Expected input batch_size to match target batch_size: one target for each of "
            f"{list(shape[:-1])} was wanted, got {list(targets.shape)}"
        )
    right = rules.within(targets, low=0, high=shape[-1], besides=ignore_index)
    if not holds(right):
        raise IndexError(
            f"Target {int(targets[~right][0])} is out of bounds: there are {shape[-1]} classes"
        )


def _classes(name: str, target: Tensor, may_be_bytes: bool) -> Tensor:
    """The right classes as int64; as in PyTorch, bytes are taken in the simplest case."""
    is_bytes = may_be_bytes and isinstance(target, Tensor) and target.dtype == np.uint8
    return integers(name, target.long() if is_bytes else target)


def floating(name: str, input: Tensor) -> Tensor:
    """The input, (...), if it holds floating-point numbers; TypeError if it is no Tensor."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): a Tensor was wanted, got {type(input).__name__}")
    if input.dtype.kind != "f":
        raise NotImplementedError(
            f"{name} is not implemented for {input.dtype}: convert with .float()"
        )
    return input


def integers(name: str, input: Tensor) -> Tensor:
    """The input, (...), if it is an int64 Tensor.

    TypeError if it is no Tensor, RuntimeError for another dtype.
    """
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): a Tensor was wanted, got {type(input).__name__}")
    if input.dtype != np.int64:
        raise RuntimeError(
            f"{name} is only applicable to an index tensor of type int64, got {input.dtype}: "
            f"convert with .long()"
        )
    return input
