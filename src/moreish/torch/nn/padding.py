"""Room around a tensor: the same number, or its own numbers again."""

from collections.abc import Sequence

import numpy as np

from ...engine.rules import windows
from ...engine.tensor import Tensor
from ...engine.tensor.creation import from_numpy
from ...engine.tensor.mixin import whole

__all__ = ["pad"]


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """(..., T) → (..., before + T + after): room around a tensor, from its last axis to the first.

    A size below 0 cuts off so much. The `mode` "constant" puts `value` there, 0 without one. With
    "reflect" its own numbers come again in reverse, without the outermost. With "replicate" the
    outermost comes again, with "circular" those of the other end. These three are for the last one
    to three axes, behind one or two others.

    RuntimeError for sizes that don't fit, ValueError for a `value` in another mode than "constant",
    NotImplementedError for another mode or other axes.

    >>> pad(tensor([1.0, 2.0]), (1, 2))
    tensor([0., 1., 2., 0., 0.])
    >>> pad(tensor([[1.0, 2.0, 3.0]]), (2, 0), mode="reflect")
    tensor([[3., 2., 1., 2., 3.]])
    """
    sizes = [whole(size, "pad") for size in pad]
    if len(sizes) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(sizes) > 2 * input.ndim:
        raise RuntimeError(
            f"Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(sizes)} and input of dimension {input.ndim}"
        )
    pairs = list(zip(sizes[::2], sizes[1::2], strict=True))
    widths = [(0, 0)] * (input.ndim - len(pairs)) + pairs[::-1]
    for (before, after), size in zip(widths, input.shape, strict=True):
        if size + before + after < 0:
            raise RuntimeError(
                f"The input size {size}, plus negative padding {before} and {after}, resulted in a "
                f"negative output size"
            )
    if mode == "constant":
        return _constant(input, widths, 0.0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value is not None:
        raise ValueError(f"Padding mode '{mode}' doesn't take in value argument")
    if not 1 <= len(pairs) <= 3 or not 1 <= input.ndim - len(pairs) <= 2:
        raise NotImplementedError(
            "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now"
        )
    if not any(
        n + a + b
        for (a, b), n in zip(widths[-len(pairs) :], input.shape[-len(pairs) :], strict=True)
    ):
        raise RuntimeError(f"input {list(input.shape)} is too small: nothing would be left of it")
    result = input
    for axis, (before, after) in enumerate(widths):
        if before or after:
            places = _places(mode, before, after, input.shape[axis])
            result = result[(slice(None),) * axis + (from_numpy(places),)]
    return result.clone() if result is input else result


def _constant(input: Tensor, widths: list[tuple[int, int]], value: float) -> Tensor:
    """What is to be cut off first, then the room."""
    ends = zip(widths, input.shape, strict=True)
    kept = input[tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in ends)]
    room = tuple((max(a, 0), max(b, 0)) for a, b in widths)
    number = np.asarray(value).astype(input.dtype.dtype).item()
    return windows.pad(kept, widths=room, value=number)


def _places(mode: str, before: int, after: int, size: int) -> np.ndarray:
    """Where each number along an axis is taken from."""
    most = {"reflect": size - 1, "circular": size}.get(mode)
    if most is not None and max(before, after) > most:
        raise RuntimeError(
            f"Padding size should be at most {most} for an axis of {size} places and the mode "
            f"{mode}, but got ({before}, {after})"
        )
    places = np.arange(-before, size + after)
    if mode == "circular":  # what is cut off does not come back
        kept = np.arange(max(-before, 0), size - max(-after, 0))
        if max(before, after) > kept.size:
            raise RuntimeError(f"circular: {kept.size} places are left, and more are to come back")
        return kept.take(np.arange(-max(before, 0), kept.size + max(after, 0)), mode="wrap")
    if mode == "replicate":
        return places.clip(0, size - 1)
    return size - 1 - abs(size - 1 - abs(places))
