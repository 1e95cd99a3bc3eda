"""torch's random functions: Tensors of what a `Generator` draws.

Each takes `generator=`; without one, all draw from a single stream that `manual_seed` begins anew.
"""

from functools import cache
from typing import Any

import numpy as np

from .generator import Generator
from .graph import _mode
from .tensor import Tensor
from .tensor.create import _finished
from .tensor.part import _sizes

__all__ = [
    "exponential",
    "manual_seed",
    "multinomial",
    "normal",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
]


@cache
def _default() -> Generator:
    _mode.following, following = None, _mode.following  # to make it is no part of a tape
    try:
        return Generator()
    finally:
        _mode.following = following


def _drawn(generator: Generator | None, kind: str, *args: Any) -> np.ndarray:
    """What a stream gives; while a call is captured, a replay draws again."""
    stream = _default() if generator is None else generator
    if _mode.following is not None:
        return _mode.following.draw(stream, kind, *args)
    return getattr(stream, kind)(*args)


def manual_seed(seed: int) -> Generator:
    """Begin the stream that is drawn from without `generator=` anew from this seed.

    >>> _ = manual_seed(2147483647)
    >>> rand(3)
    tensor([0.7081, 0.3542, 0.1054])
    """
    return _default().manual_seed(seed)


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = np.float32,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform numbers in [0, 1).

    >>> rand(3, generator=Generator().manual_seed(2147483647))
    tensor([0.7081, 0.3542, 0.1054])
    """
    return _finished(_drawn(generator, "rand", _sizes(size), dtype), requires_grad)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = np.float32,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers of mean 0 and variance 1.

    >>> randn(2, 3, generator=Generator().manual_seed(1)).shape
    torch.Size([2, 3])
    """
    return _finished(_drawn(generator, "randn", _sizes(size), dtype), requires_grad)


def rand_like(input: Tensor) -> Tensor:
    """Uniform numbers in [0, 1), in the shape of another.

    >>> rand_like(Tensor([1.0, 2.0])).shape
    torch.Size([2])
    """
    return rand(*input.shape, dtype=input.dtype)


def randn_like(input: Tensor) -> Tensor:
    """Normal numbers of mean 0 and variance 1, in the shape of another.

    >>> randn_like(Tensor([1.0, 2.0])).shape
    torch.Size([2])
    """
    return randn(*input.shape, dtype=input.dtype)


def randint(
    low: int,
    high: Any,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = np.int64,
) -> Tensor:
    """Whole numbers in [low, high); from 0 if only `high` is given before the size.

    RuntimeError if there is no such number.

    >>> randint(0, 10, (3,), generator=Generator().manual_seed(2147483647))
    tensor([1, 4, 9])
    """
    if size is None:
        low, high, size = 0, low, high
    return Tensor._of(_drawn(generator, "randint", low, high, _sizes((size,))).astype(dtype))


def randperm(n: int, *, generator: Generator | None = None, dtype: Any = np.int64) -> Tensor:
    """(n,) the numbers from 0 to n - 1 in a random order.

    >>> randperm(4, generator=Generator().manual_seed(1)).sort().values
    tensor([0, 1, 2, 3])
    """
    return Tensor._of(_drawn(generator, "randperm", n).astype(dtype))


def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None
) -> Tensor:
    """Normal numbers of this mean and standard deviation; both may be Tensors.

    >>> normal(0.0, 2.0, (2, 3)).shape
    torch.Size([2, 3])
    """
    if not isinstance(std, Tensor) and std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    if size is not None:
        shape = _sizes((size,))
    else:
        shapes = [x.shape for x in (mean, std) if isinstance(x, Tensor)]
        if not shapes:
            raise TypeError("normal(): a size was wanted, as mean and std are numbers")
        shape = np.broadcast_shapes(*shapes)
    return randn(*shape, generator=generator) * std + mean


def exponential(
    *size: Any, rate: float = 1.0, generator: Generator | None = None, dtype: Any = np.float32
) -> Tensor:
    """Exponentially distributed numbers of mean 1 / rate; torch has it as `Tensor.exponential_`.

    >>> exponential(2, 3).shape
    torch.Size([2, 3])
    """
    return Tensor._of(_drawn(generator, "exponential", _sizes(size), rate, dtype))


def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """(V,) or (B, V) weights → (num_samples,) or (B, num_samples) indices drawn in proportion.

    RuntimeError for weights that are negative, no numbers or all 0, or too few of them without
    replacement.

    >>> multinomial(Tensor([0.0, 1.0]), 3, replacement=True)
    tensor([1, 1, 1])
    """
    return Tensor._of(_drawn(generator, "multinomial", input._array, num_samples, replacement))
