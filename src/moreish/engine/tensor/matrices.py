"""Products of vectors and matrices by the names that say how many axes they take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .mixin import Part

if TYPE_CHECKING:
    from .core import Tensor


class MatrixProducts(Part):
    """Each refuses what has another number of axes."""

    __slots__ = ()

    def dot(self: Tensor, tensor: Tensor) -> Tensor:
        """The sum of the products: (N,), (N,) → ().

        RuntimeError for another number of axes or unequal sizes, TypeError for what is no Tensor.

        >>> Tensor([1.0, 2.0]).dot(Tensor([3.0, 4.0]))
        tensor(11.)
        """
        _must_have("dot", (self, 1), (tensor, 1))
        if self.shape != tensor.shape:
            raise RuntimeError(
                f"inconsistent tensor size, expected tensor {list(self.shape)} and src "
                f"{list(tensor.shape)} to have the same number of elements"
            )
        return self @ tensor

    def inner(self: Tensor, other: Tensor) -> Tensor:
        """The products of last axes, summed: (..., N), (..., N) → (..., ...).

        RuntimeError if the sizes of the last axes differ.

        >>> Tensor([[1.0, 2.0]]).inner(Tensor([3.0, 4.0]))
        tensor([11.])
        """
        if not self.ndim or not other.ndim:
            return self * other
        if self.shape[-1] != other.shape[-1]:
            raise RuntimeError(
                f"inner() the last dimension must match on both input tensors but got shapes "
                f"{list(self.shape)} and {list(other.shape)}"
            )
        return self._tensordot(other, ([-1], [-1]))

    def mv(self: Tensor, vec: Tensor) -> Tensor:
        """A matrix times a vector: (N, M), (M,) → (N,).

        RuntimeError for another number of axes, TypeError for what is no Tensor.

        >>> Tensor([[1.0, 2.0]]).mv(Tensor([3.0, 4.0]))
        tensor([11.])
        """
        _must_have("mv", (self, 2), (vec, 1))
        return self @ vec

    def mm(self: Tensor, mat2: Tensor) -> Tensor:
        """A matrix times a matrix: (N, K), (K, M) → (N, M).

        RuntimeError for another number of axes, TypeError for what is no Tensor.

        >>> Tensor([[1.0, 2.0]]).mm(Tensor([[3.0], [4.0]]))
        tensor([[11.]])
        """
        _must_have("mm", (self, 2), (mat2, 2))
        return self @ mat2

    def bmm(self: Tensor, mat2: Tensor) -> Tensor:
        """B products of matrices: (B, N, K), (B, K, M) → (B, N, M).

        RuntimeError for another number of axes or unequal B, TypeError for what is no Tensor.

        >>> Tensor([[[1.0, 2.0]]]).bmm(Tensor([[[3.0], [4.0]]]))
        tensor([[[11.]]])
        """
        _must_have("bmm", (self, 3), (mat2, 3))
        if self.shape[0] != mat2.shape[0]:
            raise RuntimeError(
                f"batch1 and batch2 must have the same number of batches, got {self.shape[0]} and "
                f"{mat2.shape[0]}"
            )
        return self @ mat2

    def addmm(
        self: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1
    ) -> Tensor:
        """Beta times itself plus alpha times a product of matrices.

        (N, M), (N, K), (K, M) → (N, M); its own shape broadcasts.

        >>> Tensor([1.0]).addmm(Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]]))
        tensor([[12.]])
        """
        return self._plus(mat1.mm(mat2), beta, alpha)

    def baddbmm(
        self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1
    ) -> Tensor:
        """Beta times itself plus alpha times B products of matrices.

        (B, N, M), (B, N, K), (B, K, M) → (B, N, M); its own shape broadcasts.

        >>> Tensor([1.0]).baddbmm(Tensor([[[1.0, 2.0]]]), Tensor([[[3.0], [4.0]]]))
        tensor([[[12.]]])
        """
        return self._plus(batch1.bmm(batch2), beta, alpha)

    def _plus(self: Tensor, product: Tensor, beta: float, alpha: float) -> Tensor:
        """With a beta of 0 its own numbers do not count, be they NaN."""
        product = product if alpha == 1 else product * alpha
        own = self.expand(product.shape)
        if beta == 0:
            own = own.masked_fill(self._of(np.True_), 0)
        return product + (own if beta in (0, 1) else own * beta)

    def _tensordot(self: Tensor, other: Tensor, dims: int | Sequence[Sequence[int]]) -> Tensor:
        if isinstance(dims, int):
            if dims < 0:
                raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
            if dims > min(self.ndim, other.ndim):
                raise RuntimeError(f"tensordot expects dims < ndim, but got dims={dims}")
            dims = range(self.ndim - dims, self.ndim), range(dims)
        mine, theirs = (
            [x._axis(i) for i in axes] for x, axes in zip((self, other), dims, strict=False)
        )
        if len(mine) != len(theirs):
            raise RuntimeError("both dimension lists should have same length")
        if any(self.shape[i] != other.shape[j] for i, j in zip(mine, theirs, strict=True)):
            raise RuntimeError(
                f"contracted dimensions need to match, but shapes {list(self.shape)} and "
                f"{list(other.shape)} don't along {mine} and {theirs}"
            )
        rows = [i for i in range(self.ndim) if i not in mine]
        columns = [i for i in range(other.ndim) if i not in theirs]
        left, right = self.permute(*rows, *mine), other.permute(*theirs, *columns)
        sizes = [*(self.shape[i] for i in rows), *(other.shape[i] for i in columns)]
        inner = math.prod(self.shape[i] for i in mine)
        height, width = (
            math.prod(x.shape[i] for i in axes) for x, axes in ((self, rows), (other, columns))
        )
        return (left.reshape(height, inner) @ right.reshape(inner, width)).reshape(sizes)

    def kron(self: Tensor, other: Tensor) -> Tensor:
        """Kronecker's product, `other` times each number: (N, M), (K, L) → (N * K, M * L).

        >>> Tensor([1.0, 2.0]).kron(Tensor([1.0, 1.0]))
        tensor([1., 1., 2., 2.])
        """
        count = max(self.ndim, other.ndim)
        a, b = ((1,) * (count - x.ndim) + tuple(x.shape) for x in (self, other))
        left = self.reshape([n for size in a for n in (size, 1)])
        right = other.reshape([n for size in b for n in (1, size)])
        return (left * right).reshape([m * n for m, n in zip(a, b, strict=True)])


def _must_have(name: str, *wanted: tuple[Tensor, int]) -> None:
    """RuntimeError unless each has so many axes."""
    for x, count in wanted:
        if not isinstance(x, Part):
            raise TypeError(f"{name}(): a Tensor was wanted, not {type(x).__name__}")
        if x._array.ndim != count:
            raise RuntimeError(f"{name}: {count}D tensors expected, but got {x._array.ndim}D")
