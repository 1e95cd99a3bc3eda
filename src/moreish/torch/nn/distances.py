"""Lengths and angles of vectors, and attention, which compares them."""

import math

import numpy as np

from ...engine.rules import where
from ...engine.tensor import Tensor
from ...engine.tensor.arguments import Dim
from ...engine.tensor.creation import from_numpy
from .losses import floating

__all__ = ["cosine_similarity", "normalize", "pairwise_distance", "scaled_dot_product_attention"]


def normalize(input: Tensor, p: float = 2.0, dim: Dim = 1, eps: float = 1e-12) -> Tensor:
    """(B, E) → (B, E): each vector along `dim` divided by its p-norm.

    A norm counts as `eps` at least.

    >>> normalize(tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    return input / input.norm(p, dim, True).clamp(min=eps)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """(B, E), (B, E) → (B,): the cosine of the angle between vectors along `dim`.

    A length counts as `eps` at least.

    >>> cosine_similarity(tensor([[3.0, 4.0]]), tensor([[4.0, 3.0]]))
    tensor([0.9600])
    """
    a, b = floating("cosine_similarity", x1), floating("cosine_similarity", x2)
    lengths = (x.norm(2, dim, True).clamp(min=eps) for x in (a, b))
    return (a / next(lengths) * (b / next(lengths))).sum(dim)


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """(..., E), (..., E) → (...): the p-norm of x1 - x2 + eps.

    >>> pairwise_distance(tensor([[3.0, 4.0]]), tensor([[0.0, 0.0]]), eps=0.0)
    tensor([5.])
    """
    return (x1 - x2 + eps).norm(p, -1, keepdim)


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """(..., L, E) queries, (..., S, E) keys, (..., S, V) values → (..., L, V).

    softmax(query @ key.T / sqrt(E)) @ value. `attn_mask` (..., L, S) says with true what may be
    looked at, or with numbers what is added; `is_causal` that nobody looks ahead. With
    `enable_gqa` several heads of queries (..., H, L, E) use one head of keys. RuntimeError for a
    mask beside `is_causal`, or shapes that don't fit. Source: A. Vaswani et al., "Attention Is All
    You Need", 2017.

    >>> x = tensor([[[1.0, 0.0], [0.0, 1.0]]])
    >>> scaled_dot_product_attention(x, x, x, is_causal=True)[0, 0]
    tensor([1., 0.])
    """
    from .functional import dropout

    q, k, v = (floating("scaled_dot_product_attention", x) for x in (query, key, value))
    if enable_gqa:
        k, v = (_repeated(x, q) for x in (k, v))
    scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError("Explicit attn_mask should not be set when is_causal=True")
        attn_mask = from_numpy(np.tri(q.shape[-2], k.shape[-2], dtype=bool))
    if attn_mask is not None and attn_mask.dtype.kind == "b":
        scores = where(attn_mask, scores, -math.inf)
    elif attn_mask is not None:
        if attn_mask.dtype != q.dtype:
            raise RuntimeError(f"a mask of bool or {q.dtype} was wanted, got {attn_mask.dtype}")
        scores = scores + attn_mask
    weights = scores.softmax(-1)
    if attn_mask is not None:  # who may look at nothing gets zeros
        weights = where((scores == -math.inf).all(-1, True), 0.0, weights)
    return dropout(weights, dropout_p) @ v


def _repeated(x: Tensor, query: Tensor) -> Tensor:
    """A head of keys for each head of queries."""
    if x.ndim < 3 or query.ndim < 3 or query.shape[-3] % x.shape[-3]:
        raise RuntimeError(
            f"enable_gqa: the number of heads of keys must divide that of queries, got shapes "
            f"{list(x.shape)} and {list(query.shape)}"
        )
    return x.repeat_interleave(query.shape[-3] // x.shape[-3], -3)
