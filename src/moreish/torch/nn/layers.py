"""Layers: an affine map, a table of embeddings, dropout, and two that only pass on.

Starting weights are drawn when a layer is made, in PyTorch's order: the weight, then the bias.
`dtype` is float32 unless it is said; `device` is "cpu".
"""

import math
from typing import Any

from ...engine.tensor import Tensor
from ...engine.tensor.arguments import DeviceName, DType
from ...engine.tensor.creation import empty
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["Dropout", "Embedding", "Flatten", "Identity", "Linear"]


class Linear(Module):
    """An affine map: (..., H) → (..., O), input @ weight.T + bias; weight (O, H), bias (O,).

    Both begin uniform within 1 / sqrt(H). RuntimeError for inputs of another size or dtype.

    >>> layer = Linear(3, 2)
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    >>> layer(tensor([[1.0, 2.0, 3.0]])).shape
    torch.Size([1, 2])
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: DeviceName | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        options: dict[str, Any] = {"device": device, "dtype": dtype}
        self.weight = Parameter(empty(out_features, in_features, **options))
        self.register_parameter("bias", Parameter(empty(out_features, **options)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """(..., H) inputs → (..., O) outputs."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Its sizes."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Embedding(Module):
    """A table of vectors: (...) whole numbers → (..., E), the row of each; weight (V, E).

    Rows begin normal with variance 1. The row `padding_idx` begins as 0 and gets no gradient;
    ValueError if it is none. IndexError for a number without a row.

    >>> Embedding(27, 2)(tensor([[0, 26, 3]])).shape
    torch.Size([1, 3, 2])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        device: DeviceName | None = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = padding_idx
        if padding_idx is not None:
            self.padding_idx = F.row_of_padding(padding_idx, num_embeddings)
        self.weight = Parameter(empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    def forward(self, input: Tensor) -> Tensor:
        """(...) whole numbers → (..., E) rows."""
        return F.embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """Its sizes."""
        sizes = f"{self.num_embeddings}, {self.embedding_dim}"
        return sizes if self.padding_idx is None else f"{sizes}, padding_idx={self.padding_idx}"


class Dropout(Module):
    """In training each number becomes 0 with probability `p`, the others are divided by 1 - p.

    After `eval` it passes its input on. ValueError if p is not from 0 to 1. Source: N. Srivastava
    et al., "Dropout", 2014.

    >>> Dropout(0.2).eval()(tensor([1.0, 2.0]))
    tensor([1., 2.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """(...) → (...) with some numbers set to 0 in training."""
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The probability, and whether it changes its input."""
        return f"p={self.p}, inplace={self.inplace}"


class Flatten(Module):
    """Several axes made one: (B, T, E) → (B, T * E).

    >>> Flatten()(Tensor(2, 3, 4)).shape
    torch.Size([2, 12])
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """(B, T, E) → (B, T * E): axes from `start_dim` to `end_dim` become one."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The first and the last axis."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """It passes its input on, whatever it was made with.

    >>> Identity()(tensor([1.0]))
    tensor([1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """(...) → the same."""
        return input
