"""Losses as modules: the functions of `functional`, with their options kept."""

from ...engine.tensor import Tensor
from . import functional as F
from .module import Module

__all__ = ["CrossEntropyLoss", "MSELoss"]


class CrossEntropyLoss(Module):
    """How surprised logits are at the right classes: (B, V) logits, (B,) classes → nats.

    `weight` (V,) says how much each class counts, and is a buffer. The mean over the examples
    unless `reduction` is "sum" or "none"; see `functional.cross_entropy` for what is raised.

    >>> CrossEntropyLoss()(tensor([[0.0, 0.0]]), tensor([1]))
    tensor(0.6931)
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.reduction = reduction
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """(B, V) logits and (B,) right classes, or (B, V) probabilities → the loss in nats."""
        return F.cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )


class MSELoss(Module):
    """The mean squared error, or by `reduction` the "sum", or each with "none".

    It is in the square of the unit of the numbers. See `functional.mse_loss` for what is raised.

    >>> MSELoss()(tensor([1.0, 3.0]), tensor([1.0, 1.0]))
    tensor(2.)
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Two Tensors of one shape → the loss."""
        return F.mse_loss(input, target, self.reduction)
