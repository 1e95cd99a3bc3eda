"""What functions give that find numbers along an axis: the numbers, and where they were.

Each is a tuple with names, which shows itself as PyTorch's of the same name.

>>> tensor([1.0, 5.0]).max(0)
torch.return_types.max(
values=tensor(5.),
indices=tensor(1))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .core import Tensor


class ValuesAndIndices(NamedTuple):
    """Numbers along an axis, and where they were."""

    values: Tensor
    indices: Tensor


class CountsAndEdges(NamedTuple):
    """How much fell into each bin, and where the bins begin and end."""

    hist: Tensor
    bin_edges: Tensor


class Extremes(NamedTuple):
    """The smallest and the largest."""

    min: Tensor
    max: Tensor


class Shown:
    """Writes its fields below each other, with PyTorch's name."""

    __slots__ = ()

    def __repr__(self: NamedTuple) -> str:
        pairs = zip(self._fields, self, strict=True)
        fields = ",\n".join(f"{field}={value!r}" for field, value in pairs)
        return f"torch.return_types.{type(self).__name__}(\n{fields})"


class max(Shown, ValuesAndIndices):
    """The largest numbers."""

    __slots__ = ()


class min(Shown, ValuesAndIndices):
    """The smallest numbers."""

    __slots__ = ()


class sort(Shown, ValuesAndIndices):
    """All numbers in order."""

    __slots__ = ()


class topk(Shown, ValuesAndIndices):
    """The k largest or smallest numbers."""

    __slots__ = ()


class histogram(Shown, CountsAndEdges):
    """The bins of `Tensor.histogram`."""

    __slots__ = ()


class cummax(Shown, ValuesAndIndices):
    """The largest numbers so far."""

    __slots__ = ()


class cummin(Shown, ValuesAndIndices):
    """The smallest numbers so far."""

    __slots__ = ()


class median(Shown, ValuesAndIndices):
    """The numbers in the middle."""

    __slots__ = ()


class aminmax(Shown, Extremes):
    """The smallest and the largest numbers."""

    __slots__ = ()
