"""What fills a Tensor with random numbers in place, in PyTorch's order of draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import rules
from ..default_generator import drawn, memory_order
from ..graph import holds
from .mixin import Part
from .operands import must_be_number

if TYPE_CHECKING:
    from ..generator import Generator
    from .core import Tensor


class Draws(Part):
    """The methods that draw; each takes `generator=`, and without one draws from the one stream.

    They raise RuntimeError for bounds that are none or that the dtype can't hold, and for a leaf
    that requires a gradient.
    """

    __slots__ = ()

    def _drawn(self: Tensor, generator: Generator | None, kind: str, *args: Any) -> Tensor:
        """A Tensor of its shape, drawn in the order in which its numbers lie in memory."""
        order = memory_order(self._array)
        size = tuple([self._array.shape[axis] for axis in order])
        values = self._of(drawn(generator, kind, size, *args))
        if order == sorted(order):
            return values
        axes = tuple([order.index(axis) for axis in range(len(order))])
        turned = self._record(rules.permute, (values,), {"axes": axes})
        return self._record(rules.cast, (turned,), {"dtype": turned._array.dtype})

    def _filled(self: Tensor, values: Tensor) -> Tensor:
        return self._change(rules.put, (values,), {"key": ...})

    def uniform_(
        self: Tensor, from_: float = 0, to: float = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Make each a uniform number in [from_, to); its shape (...,) stays.

        >>> bool((Tensor(3).uniform_(2, 4) >= 2).all())
        True
        """
        bounds = must_be_number("uniform_", "from_", from_), must_be_number("uniform_", "to", to)
        return self._filled(self._drawn(generator, "uniform", *bounds, self._array.dtype))

    def normal_(
        self: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Make each a normal number of this mean and standard deviation; its shape (...,) stays.

        >>> Tensor(2).normal_(5, 0)
        tensor([5., 5.])
        """
        mean, std = must_be_number("normal_", "mean", mean), must_be_number("normal_", "std", std)
        array = self._array
        in_blocks = bool(array.flags.c_contiguous)
        return self._filled(
            self._drawn(generator, "normal", float(mean), float(std), array.dtype, in_blocks)
        )

    def exponential_(
        self: Tensor, lambd: float = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Make each an exponentially distributed number of mean 1 / lambd; its shape (...,) stays.

        >>> bool((Tensor(3).exponential_() >= 0).all())
        True
        """
        lambd = must_be_number("exponential_", "lambd", lambd)
        return self._filled(self._drawn(generator, "exponential", lambd, self._array.dtype))

    def random_(self: Tensor, *bounds: int | None, generator: Generator | None = None) -> Tensor:
        """Make each a whole number: `random_(to)` in [0, to), `random_(from, to)` in [from, to).

        Without bounds, from 0 to the largest of this dtype; with None as the second, from the first
        to the largest. Of a floating-point dtype that is the one up to which all are exact. Its
        shape (...,) stays. TypeError for more than two bounds, and for what is no whole number.

        >>> tensor([5, 5]).random_(7, 8)
        tensor([7, 7])
        """
        if len(bounds) > 2:
            raise TypeError(f"random_ takes a first number and an end, got {len(bounds)} bounds")
        whole = [None if x is None and i else _whole(x) for i, x in enumerate(bounds)]
        low, high = (0, *whole) if len(whole) == 1 else whole or (None, None)
        return self._filled(self._drawn(generator, "random", low, high, self._array.dtype))

    def bernoulli_(
        self: Tensor, p: float | Tensor = 0.5, *, generator: Generator | None = None
    ) -> Tensor:
        """Make each 1 with probability `p`, else 0; its shape (...,) stays.

        `p` may be a Tensor of probabilities. RuntimeError if one is not from 0 to 1, or their shape
        does not broadcast to its own.

        >>> Tensor(2).bernoulli_(1.0)
        tensor([1., 1.])
        """
        limit, dtype = _probabilities(p, self._array.shape)
        return self._filled(self._drawn(generator, "rand", dtype) < limit)

    def bernoulli(
        self: Tensor, p: float | Tensor | None = None, *, generator: Generator | None = None
    ) -> Tensor:
        """1 with the probability that stands there, or with `p`, else 0: (...,) → (...,).

        RuntimeError if one is not from 0 to 1, or their shape does not broadcast to its own.

        >>> Tensor([0.0, 1.0]).bernoulli()
        tensor([0., 1.])
        """
        limit, dtype = _probabilities(self if p is None else p, self._array.shape)
        draws = self._of(drawn(generator, "rand", self._array.shape, dtype))
        result = self._record(rules.cast, (self,), {"dtype": self._array.dtype})
        return result._filled(draws < limit)


def _whole(bound: int | Tensor | None) -> int:
    number = bound.item() if isinstance(bound, Part) and not bound._array.ndim else bound
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
        raise TypeError(f"random_ takes whole numbers, got {type(bound).__name__}")
    return int(number)


def _probabilities(
    p: float | Tensor, shape: tuple[int, ...]
) -> tuple[float | Tensor, type[np.floating[Any]]]:
    """Numbers or an array to compare draws with, and in which precision PyTorch draws them."""
    if not isinstance(p, Part):
        p = must_be_number("bernoulli_", "p", p)
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
        return float(p), np.float64
    array = p._array
    if 0 in shape:
        return 0.5, np.float32  # nothing is drawn
    if array.dtype.kind != "f":
        raise NotImplementedError(
            f"probabilities are floating-point numbers, these are {array.dtype}: convert them with "
            f".float(), or give p="
        )
    sizes = zip(array.shape[::-1], shape[::-1], strict=False)
    if array.ndim > len(shape) or any(own not in (1, wanted) for own, wanted in sizes):
        raise RuntimeError(
            f"probabilities of shape {list(array.shape)} can't be expanded to {list(shape)}"
        )
    if not holds((p >= 0) & (p <= 1)):
        raise RuntimeError("bernoulli_ expects p to be in [0, 1], and not all of them are")
    return p.detach(), np.float64 if array.dtype == np.float64 else np.float32
