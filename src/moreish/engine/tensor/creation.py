"""Tensors from data and from nothing: tensor, zeros, ones, and their kin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np

from .. import rules
from ..device import Device
from .arguments import DeviceName, DType, Operand, Sizes
from .core import Tensor, _new_array
from .mixin import _plain, _sizes, numpys
from .promotion import DEFAULTS, FLOAT, INT, PLAIN, number_within, promoted, rank_of

__all__ = [
    "as_tensor",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]


def tensor(
    data: object,
    *,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A Tensor of a copy of `data`, in its shape: whole numbers become int64, others float32.

    TypeError for complex numbers or a string, ValueError for lists of unequal lengths or a negative
    stride, RuntimeError for a number that `dtype` can't hold.

    >>> tensor([[1, 2], [3, 4]]).dtype
    torch.int64
    >>> tensor([1.5], requires_grad=True)
    tensor([1.5000], requires_grad=True)
    """
    _on(device)
    if isinstance(data, Tensor):
        kind = data._array.dtype if dtype is None else numpys(dtype)
        copied: Tensor = rules.cast(data.detach(), dtype=kind)
        return copied.requires_grad_() if requires_grad else copied
    if isinstance(data, complex) or np.iscomplexobj(_plain(data)):
        raise TypeError("complex numbers are not supported: a real number was wanted")
    _must_run_forward(data)
    dtype = None if dtype is None else numpys(dtype)
    numbers = not isinstance(data, np.ndarray)
    try:
        array = _new_array(data, None if numbers else dtype)
    except ValueError as error:
        raise ValueError(
            f"expected sequences of the same length at every dimension: {error}"
        ) from None
    is_floating = dtype is not None and dtype.kind == "f"
    if is_floating and array.dtype == object and all(type(x) in PLAIN for x in array.flat):
        array = array.astype(dtype)  # whole numbers beyond 64 bits
    if array.dtype.kind not in "fiub":
        raise _no_numbers(data, array)
    if dtype is not None and numbers:
        array = _all_within(array, dtype)
    if dtype is None and not isinstance(data, (np.ndarray, np.generic)):
        if _holds_numpy(data):
            array = array.astype(reduce(promoted, _dtypes_in(data)), copy=False)
        elif array.dtype.kind == "f":
            array = array.astype(FLOAT)
        elif array.dtype.kind == "i":
            array = array.astype(INT)
        elif array.dtype.kind == "u":
            raise ValueError(f"{array.max()} is beyond int64: give a dtype, as torch.float64")
    return _finished(array, requires_grad)


def _on(device: DeviceName | None) -> None:
    """RuntimeError unless the device is the one that there is."""
    if device is not None:
        Device(device)


def _all_within(array: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    """Numbers as this dtype; RuntimeError for those that it can't hold."""
    if dtype.kind in "iu" and array.size:
        for extreme in (array.min(), array.max()):
            number_within(extreme.item(), dtype)
        return array.astype(np.int64).astype(dtype)
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def _no_numbers(data: object, array: np.ndarray) -> Exception:
    """The error that PyTorch has for it."""
    wanted = "numbers were wanted, nested in lists"
    if array.dtype.kind != "O":
        error = TypeError if isinstance(data, str) else ValueError
        return error(f"can't make a tensor of text: {wanted}")
    while isinstance(data, (list, tuple)) and len(data):
        data = data[0]
    return RuntimeError(f"could not infer dtype of {type(data).__name__}: {wanted}")


def _holds_numpy(data: object) -> bool:
    """Whether the innermost are NumPy's or Tensors, which have a dtype of their own."""
    while isinstance(data, (list, tuple)) and len(data):
        data = data[0]
    return isinstance(data, (np.generic, np.ndarray, Tensor))


def _dtypes_in(data: object) -> Iterator[np.dtype[Any]]:
    """The dtype of each thing in nested lists. ValueError for a Tensor of more than one number."""
    if isinstance(data, (list, tuple)):
        for part in data:
            yield from _dtypes_in(part)
    elif isinstance(data, Tensor):
        if data._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars: stack()")
        yield data._array.dtype
    else:
        own = getattr(data, "dtype", None)
        yield DEFAULTS[rank_of(data)] if own is None else own


def _finished(array: np.ndarray, requires_grad: bool) -> Tensor:
    result = Tensor._of(array)
    if requires_grad:
        result.requires_grad = True
    return result


def as_tensor(data: object, dtype: DType | None = None, device: DeviceName | None = None) -> Tensor:
    """`data` as a Tensor of the same shape, without a copy where none is needed.

    ValueError for an array with a negative stride.

    >>> as_tensor([1, 2])
    tensor([1, 2])
    """
    _on(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray):
        _must_run_forward(data)
        dtype = None if dtype is None else numpys(dtype)
        return Tensor._of(data if dtype is None else data.astype(dtype, copy=False))
    return tensor(data, dtype=dtype)


def from_numpy(array: np.ndarray) -> Tensor:
    """A Tensor that shares the array's memory: (...,) → (...,).

    TypeError for what is no array of numbers, ValueError for a negative stride or a foreign byte
    order.

    >>> array = np.zeros(2)
    >>> from_numpy(array)[0] = 5.0
    >>> array
    array([5., 0.])
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"can't convert np.ndarray of type {array.dtype}: numbers were wanted")
    if not array.dtype.isnative:
        raise ValueError("given numpy array has byte order different from the native byte order")
    _must_run_forward(array)
    return Tensor._of(array)


def _must_run_forward(array: object) -> None:
    """ValueError for an array that runs backwards through its memory, as `x[::-1]` does."""
    if isinstance(array, np.ndarray) and min(array.strides, default=0) < 0:
        raise ValueError(
            f"an array with negative strides, as x[::-1] makes, can't be a tensor: copy it, as "
            f"with x[::-1].copy(); its strides are {array.strides}"
        )


def zeros(
    *size: Sizes,
    dtype: DType | None = FLOAT,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Zeros in the shape `size`; float32 unless asked otherwise.

    RuntimeError if a size is below 0, TypeError if there is none.

    >>> zeros((2, 3), dtype=np.int32).shape
    torch.Size([2, 3])
    """
    _on(device)
    return _finished(np.zeros(_lengths(size), dtype=_or(dtype)), requires_grad)


def ones(
    *size: Sizes,
    dtype: DType | None = FLOAT,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones in the shape `size`; float32 unless asked otherwise.

    RuntimeError if a size is below 0, TypeError if there is none.

    >>> ones(2)
    tensor([1., 1.])
    """
    _on(device)
    return _finished(np.ones(_lengths(size), dtype=_or(dtype)), requires_grad)


def empty(
    *size: Sizes,
    dtype: DType | None = FLOAT,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A Tensor in the shape `size` whose numbers mean nothing yet.

    RuntimeError if a size is below 0, TypeError if there is none.

    >>> empty(2, 3).shape
    torch.Size([2, 3])
    """
    _on(device)
    return _finished(np.empty(_lengths(size), dtype=_or(dtype)), requires_grad)


def full(
    size: Sequence[int],
    fill_value: Operand,
    *,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The same number everywhere, in the shape `size`.

    RuntimeError if a size is below 0 or `dtype` can't hold the number, TypeError for a size that is
    no tuple or a value that is no number.

    >>> full((2,), 7)
    tensor([7, 7])
    """
    _on(device)
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"full(): the size must be a tuple, as ({size},), not {size!r}")
    value = _number("full", _plain(fill_value))
    kind = tensor(fill_value)._array.dtype if dtype is None else numpys(dtype)
    value = number_within(value, kind)
    return _finished(np.full(_lengths((size,)), value, dtype=kind), requires_grad)


def _number(name: str, value: object) -> Any:
    """A Python number; of an array without axes, the number in it."""
    if isinstance(value, np.ndarray):
        if value.ndim:
            raise TypeError(f"{name}(): a number was wanted, not a tensor of {value.ndim} axes")
        return value.item()
    if not isinstance(value, (int, float, np.number)):
        raise TypeError(f"{name}(): a number was wanted, not {type(value).__name__}")
    return value


def _lengths(given: tuple[Sizes, ...]) -> tuple[int, ...]:
    """The sizes of a new tensor; RuntimeError if one is below 0."""
    if not given:
        raise TypeError("a size was wanted: () for a tensor without axes")
    sizes = _sizes(given)
    if min(sizes, default=0) < 0:
        raise RuntimeError(f"Dimension size must be non-negative, got {list(sizes)}")
    return sizes


def _or(dtype: DType | None, usual: np.dtype[Any] = FLOAT) -> np.dtype[Any]:
    """A dtype that was asked for, or the usual one."""
    return usual if dtype is None else numpys(dtype)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DType | None = FLOAT,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on the diagonal, zeros elsewhere: (n, n), or (n, m).

    RuntimeError if a size is below 0, TypeError if it is no whole number.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    _on(device)
    rows, columns = _lengths((n, n if m is None else m))
    return _finished(np.eye(rows, columns, dtype=_or(dtype)), requires_grad)


def zeros_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Zeros in the shape of another Tensor; TypeError if it is none.

    >>> zeros_like(tensor([1.0, 2.0]))
    tensor([0., 0.])
    """
    array = _like("zeros_like", input, device)
    return _finished(np.zeros_like(array, dtype=_or(dtype, array.dtype)), requires_grad)


def ones_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones in the shape of another Tensor; TypeError if it is none.

    >>> ones_like(tensor([1.0, 2.0]))
    tensor([1., 1.])
    """
    array = _like("ones_like", input, device)
    return _finished(np.ones_like(array, dtype=_or(dtype, array.dtype)), requires_grad)


def empty_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A Tensor in the shape of another, whose numbers mean nothing yet; TypeError if it is none.

    >>> empty_like(tensor([1.0, 2.0])).shape
    torch.Size([2])
    """
    array = _like("empty_like", input, device)
    return _finished(np.empty_like(array, dtype=_or(dtype, array.dtype)), requires_grad)


def full_like(
    input: Tensor,
    fill_value: Operand,
    *,
    dtype: DType | None = None,
    device: DeviceName | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The same number everywhere, in the shape of another Tensor.

    TypeError for what is no Tensor or no number, RuntimeError if the dtype can't hold the number.

    >>> full_like(tensor([1.0, 2.0]), 3)
    tensor([3., 3.])
    """
    array = _like("full_like", input, device)
    kind = _or(dtype, array.dtype)
    value = number_within(_number("full_like", _plain(fill_value)), kind)
    return _finished(np.full_like(array, value, dtype=kind), requires_grad)


def _like(name: str, input: object, device: DeviceName | None) -> np.ndarray:
    _on(device)
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): a Tensor was wanted, not {type(input).__name__}")
    return input._array
