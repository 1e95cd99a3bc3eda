"""torch's random functions: Tensors of what a `Generator` draws.

Each takes `generator=`; without one, all draw from a single stream that `manual_seed` begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .default_generator import default, drawn, memory_order
from .draw_bounds import largest
from .generator import Generator
from .graph import holds
from .tensor import Tensor
from .tensor.arguments import DeviceName, DType, Sizes
from .tensor.creation import _finished, _lengths, _on
from .tensor.mixin import whole

__all__ = [
    "bernoulli",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "multinomial",
    "normal",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "seed",
    "set_rng_state",
]


def manual_seed(seed: int) -> Generator:
    """Begin the stream that is drawn from without `generator=` anew from this seed.

    >>> _ = manual_seed(2147483647)
    >>> rand(3)
    tensor([0.7081, 0.3542, 0.1054])
    """
    return default().manual_seed(int(seed))


def seed() -> int:
    """Begin the stream anew from a seed that nobody could guess, and return it.

    >>> seed() == initial_seed()
    True
    """
    return default().seed()


def initial_seed() -> int:
    """The seed that the stream began with.

    >>> _ = manual_seed(5)
    >>> initial_seed()
    5
    """
    return default().initial_seed()


def get_rng_state() -> Tensor:
    """(5056,) where the stream stands, uint8 as in PyTorch.

    >>> state = get_rng_state()
    >>> first = rand(3)
    >>> set_rng_state(state)
    >>> bool((rand(3) == first).all())
    True
    """
    return Tensor._of(default().get_state())


def set_rng_state(new_state: Tensor) -> None:
    """Continue from what `get_rng_state` gave: (N,) bytes. RuntimeError if it is something else.

    >>> set_rng_state(get_rng_state())
    """
    default().set_state(np.asarray(new_state))


def rand(
    *size: Sizes,
    generator: Generator | None = None,
    dtype: DType | None = np.float32,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform numbers in [0, 1) of shape `size`.

    >>> rand(3, generator=Generator().manual_seed(2147483647))
    tensor([0.7081, 0.3542, 0.1054])
    """
    _on(device)
    return _finished(drawn(generator, "rand", _lengths(size), dtype), requires_grad)


def randn(
    *size: Sizes,
    generator: Generator | None = None,
    dtype: DType | None = np.float32,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers of mean 0 and variance 1, of shape `size`.

    >>> randn(2, 3, generator=Generator().manual_seed(1)).shape
    torch.Size([2, 3])
    """
    _on(device)
    return _finished(drawn(generator, "randn", _lengths(size), dtype), requires_grad)


def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform numbers in [0, 1), in the shape of another.

    >>> rand_like(Tensor([1.0, 2.0])).shape
    torch.Size([2])
    """
    _on(device)
    kind = input.dtype if dtype is None else dtype
    result = input._drawn(generator, "rand", kind)
    return result.requires_grad_(requires_grad)


def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers of mean 0 and variance 1, in the shape of another.

    >>> randn_like(Tensor([1.0, 2.0])).shape
    torch.Size([2])
    """
    _on(device)
    kind, array = input.dtype if dtype is None else dtype, input._array
    in_blocks = memory_order(array) == list(range(array.ndim))
    result = input._drawn(generator, "normal", 0.0, 1.0, kind, in_blocks)
    return result.requires_grad_(requires_grad)


def randint(
    low: int | None = None,
    high: int | Sequence[int] | None = None,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = np.int64,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Whole numbers in [low, high) of shape `size`; from 0 if only `high` is given before it.

    RuntimeError if there is no such number, or the dtype can't hold one. TypeError for a size that
    is no tuple.

    >>> randint(0, 10, (3,), generator=Generator().manual_seed(2147483647))
    tensor([1, 4, 9])
    """
    _on(device)
    if high is None:  # randint(high, size=...)
        low, high = None, low
    elif size is None:  # randint(high, size)
        low, high, size = None, low, high
    low = 0 if low is None else low
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"randint(): the size must be a tuple, as ({size},), not {size!r}")
    low, high = whole(low, "low"), whole(high, "high")
    given = () if np.dtype(dtype) == np.int64 else (np.dtype(dtype),)
    return _finished(
        drawn(generator, "randint", low, high, _lengths((size,)), *given), requires_grad
    )


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: DType | None = np.int64,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """(n,) the numbers from 0 to n - 1 in a random order.

    RuntimeError if the dtype can't hold them all exactly.

    >>> randperm(4, generator=Generator().manual_seed(1)).sort().values
    tensor([0, 1, 2, 3])
    """
    _on(device)
    kind = np.dtype(dtype)
    if kind.kind == "b":
        raise NotImplementedError("randperm is not implemented for bool: use a kind of number")
    if n - 1 > largest(kind):
        raise RuntimeError(f"n cannot be greater than {largest(kind) + 1} for {kind}, got {n}")
    order: Tensor = Tensor._of(drawn(generator, "randperm", n)).to(kind)
    return order.requires_grad_(requires_grad)


def normal(
    mean: float | Tensor,
    std: float | Tensor = 1.0,
    size: Sequence[int] | None = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers of this mean and standard deviation; both may be Tensors, which say the shape.

    RuntimeError if a standard deviation is negative. TypeError for numbers without a size, or
    Tensors with one.

    >>> normal(0.0, 2.0, (2, 3)).shape
    torch.Size([2, 3])
    """
    _on(device)
    tensors = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not tensors:
        if size is None:
            raise TypeError("normal(): a size was wanted, as mean and std are numbers")
        kind = np.float32 if dtype is None else dtype
        array = drawn(generator, "normal", _lengths((size,)), float(mean), float(std), kind)
        return _finished(array, requires_grad)
    if size is not None or dtype is not None or requires_grad:
        raise TypeError("normal(): size, dtype and requires_grad are those of the Tensors given")
    shape = np.broadcast_shapes(*(x.shape for x in tensors))
    kind = tensors[0].dtype
    first_std = 1.0 if isinstance(std, Tensor) else float(std)
    values = Tensor._of(drawn(generator, "normal", shape, 0.0, first_std, kind))
    if isinstance(std, Tensor):
        if not holds(std >= 0):
            raise RuntimeError("normal expects all elements of std >= 0.0")
        values.mul_(std.detach())
    return values.add_(mean.detach() if isinstance(mean, Tensor) else mean)


def exponential(
    *size: Sizes,
    rate: float = 1.0,
    generator: Generator | None = None,
    dtype: DType | None = np.float32,
) -> Tensor:
    """Exponentially distributed numbers of mean 1 / rate, of shape `size`.

    PyTorch has it as `Tensor.exponential_`.

    >>> exponential(2, 3).shape
    torch.Size([2, 3])
    """
    return Tensor._of(drawn(generator, "exponential", _lengths(size), rate, dtype))


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
    weights = input._array
    if weights.ndim == 2 and not len(weights) and weights.shape[1]:
        return Tensor._of(np.empty((0, num_samples), np.int64))
    return Tensor._of(drawn(generator, "multinomial", weights, num_samples, replacement))


def bernoulli(
    input: Tensor, p: float | Tensor | None = None, *, generator: Generator | None = None
) -> Tensor:
    """1 or 0 for each, in the same shape: 1 with the probability that stands there, or with `p`.

    RuntimeError for a probability that is not from 0 to 1.

    >>> bernoulli(Tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    result = input.bernoulli(p, generator=generator)
    return result
