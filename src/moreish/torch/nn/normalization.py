"""Layers that normalise: over the features of each example, or over a batch."""

from collections.abc import Sequence
from typing import Any

from ...engine.graph import no_grad
from ...engine.tensor import Tensor
from ...engine.tensor.arguments import DeviceName, DType
from ...engine.tensor.creation import ones, tensor, zeros
from . import functional as F
from .module import Module
from .parameter import Parameter

__all__ = ["BatchNorm1d", "LayerNorm"]


class LayerNorm(Module):
    """Mean 0 and variance 1 over the last axes, whose sizes are given; then times weight plus bias.

    RuntimeError for inputs of other sizes. Source: J. L. Ba et al., "Layer Normalization", 2016.

    >>> LayerNorm(2)(tensor([[1.0, 3.0]])).detach()
    tensor([[-1.0000,  1.0000]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: DeviceName | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        sizes = (normalized_shape,) if isinstance(normalized_shape, int) else normalized_shape
        self.normalized_shape = tuple(sizes)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        shift = elementwise_affine and bias
        options: dict[str, Any] = {"device": device, "dtype": dtype}
        weight = Parameter(ones(self.normalized_shape, **options)) if elementwise_affine else None
        self.register_parameter("weight", weight)
        offset = Parameter(zeros(self.normalized_shape, **options)) if shift else None
        self.register_parameter("bias", offset)

    def forward(self, input: Tensor) -> Tensor:
        """(..., *normalized_shape) → the same shape."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Its sizes and options."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class BatchNorm1d(Module):
    """(B, C) or (B, C, T): mean 0 and variance 1 for each of C over the batch.

    In training it uses the batch's own statistics. `running_mean` and `running_var` move towards
    them by `momentum`; with None they are averages over all batches. After `eval` it uses the
    running ones. ValueError for another number of axes, or one example in training. Source: S.
    Ioffe, C. Szegedy, "Batch Normalization", 2015.

    >>> norm = BatchNorm1d(1)
    >>> norm(tensor([[1.0], [3.0]])).detach().view(-1)
    tensor([-1.0000,  1.0000])
    >>> norm.running_mean
    tensor([0.2000])
    """

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: DeviceName | None = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        track, shift = track_running_stats, affine and bias
        options: dict[str, Any] = {"device": device, "dtype": dtype}
        weight = Parameter(ones(num_features, **options)) if affine else None
        self.register_parameter("weight", weight)
        offset = Parameter(zeros(num_features, **options)) if shift else None
        self.register_parameter("bias", offset)
        self.register_buffer("running_mean", zeros(num_features, **options) if track else None)
        self.register_buffer("running_var", ones(num_features, **options) if track else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track else None)

    def forward(self, input: Tensor) -> Tensor:
        """(B, C) or (B, C, T) → the same shape; ValueError for another number of axes."""
        if input.ndim not in (2, 3):
            raise ValueError(
                f"expected 2D or 3D input (got {input.ndim}D input): (B, C) or (B, C, T)"
            )
        uses_batch = self.training or self.running_mean is None
        return F.batch_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            uses_batch,
            self._counted() if self.training else 0.0,
            self.eps,
        )

    def _counted(self) -> float:
        """By how much the running statistics move; one more batch is counted."""
        if self.num_batches_tracked is None:
            return 0.0
        with no_grad():
            self.num_batches_tracked.add_(1)
        return 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum

    def extra_repr(self) -> str:
        """Its size and options."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )
