"""Losses that compare number with number: absolute errors, divergences, yes-or-no answers."""

from ...engine.graph import holds
from ...engine.rules import pairs, where
from ...engine.tensor import Tensor
from .losses import _reduced, floating

__all__ = ["binary_cross_entropy", "huber_loss", "kl_div", "l1_loss", "smooth_l1_loss"]


def _apart(name: str, input: Tensor, target: Tensor) -> Tensor:
    for x in (input, target):
        if not isinstance(x, Tensor):
            raise TypeError(f"{name}(): two Tensors were wanted, got a {type(x).__name__}")
    return input - target


def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """(...), (...) → the mean absolute error, in the unit of the numbers.

    TypeError for what is no Tensor.

    >>> l1_loss(tensor([1.0, 3.0]), tensor([1.0, 1.0]))
    tensor(1.)
    """
    return _reduced(_apart("l1_loss", input, target).abs(), reduction)


def smooth_l1_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """(...), (...) → the mean of squared errors over 2 beta, or of absolute errors less beta / 2.

    The first for errors below beta, the second above. RuntimeError for a beta below 0, TypeError
    for what is no Tensor. Source: R. Girshick, "Fast R-CNN", 2015.

    >>> smooth_l1_loss(tensor([0.5, 3.0]), tensor([0.0, 0.0]), reduction="none")
    tensor([0.1250, 2.5000])
    """
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    size = floating("smooth_l1_loss", _apart("smooth_l1_loss", input, target)).abs()
    if not beta:
        return _reduced(size, reduction)
    loss = where(size < beta, size * size * (0.5 / beta), size - 0.5 * beta)
    return _reduced(loss, reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    """(...), (...) → the mean of half the squared errors up to delta, of a straight line above.

    RuntimeError if delta is not above 0, TypeError for what is no Tensor. Source: P. Huber, "Robust
    Estimation of a Location Parameter", 1964.

    >>> huber_loss(tensor([0.5, 3.0]), tensor([0.0, 0.0]), reduction="none")
    tensor([0.1250, 2.5000])
    """
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    size = floating("huber_loss", _apart("huber_loss", input, target)).abs()
    loss = where(size <= delta, size * size * 0.5, (size - 0.5 * delta) * delta)
    return _reduced(loss, reduction)


def kl_div(
    input: Tensor, target: Tensor, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """(...) log-probabilities, (...) true probabilities → Kullback-Leibler divergence in nats.

    With `log_target` the target holds logarithms, too. "batchmean" divides the sum by the examples.
    TypeError for what is no Tensor. Source: S. Kullback, R. Leibler, "On Information and
    Sufficiency", 1951.

    >>> kl_div(tensor([-0.6931, -0.6931]), tensor([1.0, 0.0]), reduction="sum")
    tensor(0.6931)
    """
    if log_target:
        loss = target.exp() * _apart("kl_div", target, input)
    else:  # where a probability is 0, nothing is lost
        _apart("kl_div", input, target)
        loss = where(target == 0, 0.0, target * target.log()) - target * input
    if reduction == "batchmean":
        return loss.sum() / input.shape[0] if input.ndim else loss.sum()
    return _reduced(loss, reduction)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Cross-entropy of yes-or-no answers: (...) probabilities, (...) answers → nats per answer.

    A logarithm counts as -100 at least. ValueError if input and target are not of one shape.
    RuntimeError for what is no probability, or another dtype.

    >>> binary_cross_entropy(tensor([0.5]), tensor([1.0]))
    tensor(0.6931)
    """
    if target.shape != input.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size "
            f"({input.shape}) is deprecated. Please ensure they have the same size."
        )
    x = floating("binary_cross_entropy", input)
    if not holds((x >= 0) & (x <= 1)):
        raise RuntimeError("all elements of input should be between 0 and 1")
    if x.dtype != target.dtype:
        raise RuntimeError(f"Found dtype {target.dtype} but expected {x.dtype}: convert one")
    loss = pairs.binary_cross_entropy(x, target)
    return _reduced(loss if weight is None else loss * weight, reduction)
