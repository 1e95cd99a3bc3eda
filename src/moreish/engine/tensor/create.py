"""Tensors from data and from nothing: tensor, zeros, ones, arange, and their kin."""

from typing import Any

import numpy as np

from ..graph import _mode
from .core import Tensor, _new_array
from .part import _plain, _sizes
from .promotion import FLOAT, INT

__all__ = [
    "arange",
    "as_tensor",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of a copy of `data`, its dtype inferred: whole numbers int64, others float32.

    >>> tensor([[1, 2], [3, 4]]).dtype
    torch.int64
    >>> tensor([1.5], requires_grad=True)
    tensor([1.5000], requires_grad=True)
    """
    if isinstance(data, complex) or np.iscomplexobj(_plain(data)):
        raise TypeError("complex numbers are not supported: a real number was wanted")
    try:
        array = _new_array(data, dtype)
    except ValueError as error:
        raise ValueError(
            f"expected sequences of the same length at every dimension: {error}"
        ) from None
    if array.dtype.kind not in "fiub":
        raise _no_numbers(data, array)
    if dtype is None and not isinstance(data, (np.ndarray, np.generic, Tensor)):
        if array.dtype.kind == "f" and not _holds_numpy(data):
            array = array.astype(FLOAT)
        elif array.dtype.kind == "i" and not _holds_numpy(data):
            array = array.astype(INT)
    return _finished(array, requires_grad)


def _no_numbers(data: Any, array: np.ndarray) -> Exception:
    """The error that PyTorch has for it."""
    wanted = "numbers were wanted, nested in lists"
    if array.dtype.kind != "O":
        error = TypeError if isinstance(data, str) else ValueError
        return error(f"can't make a tensor of text: {wanted}")
    while isinstance(data, (list, tuple)) and len(data):
        data = data[0]
    return RuntimeError(f"could not infer dtype of {type(data).__name__}: {wanted}")


def _holds_numpy(data: Any) -> bool:
    """Whether the innermost are NumPy's or Tensors, which have a dtype of their own."""
    while isinstance(data, (list, tuple)) and len(data):
        data = data[0]
    return isinstance(data, (np.generic, np.ndarray, Tensor))


def _finished(array: np.ndarray, requires_grad: bool) -> Tensor:
    result = Tensor._of(array)
    if requires_grad:
        result.requires_grad = True
    return result


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """`data` as a Tensor, without a copy where none is needed.

    >>> as_tensor([1, 2])
    tensor([1, 2])
    """
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray):
        if _mode.following is not None:
            data = _mode.following.foreign_array(data)
        return Tensor._of(data if dtype is None else data.astype(dtype, copy=False))
    return tensor(data, dtype=dtype)


def from_numpy(array: np.ndarray) -> Tensor:
    """A Tensor that shares the array's memory; TypeError for anything else.

    >>> array = np.zeros(2)
    >>> from_numpy(array)[0] = 5.0
    >>> array
    array([5., 0.])
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"can't convert np.ndarray of type {array.dtype}: numbers were wanted")
    if _mode.following is not None:
        array = _mode.following.foreign_array(array)
    return Tensor._of(array)


def zeros(*size: Any, dtype: Any = FLOAT, requires_grad: bool = False) -> Tensor:
    """Zeros of this size; float32 unless asked otherwise.

    >>> zeros((2, 3), dtype=np.int32).shape
    torch.Size([2, 3])
    """
    return _finished(np.zeros(_sizes(size), dtype=dtype), requires_grad)


def ones(*size: Any, dtype: Any = FLOAT, requires_grad: bool = False) -> Tensor:
    """Ones of this size.

    >>> ones(2)
    tensor([1., 1.])
    """
    return _finished(np.ones(_sizes(size), dtype=dtype), requires_grad)


def empty(*size: Any, dtype: Any = FLOAT, requires_grad: bool = False) -> Tensor:
    """A Tensor of this size whose numbers mean nothing yet.

    >>> empty(2, 3).shape
    torch.Size([2, 3])
    """
    return _finished(np.empty(_sizes(size), dtype=dtype), requires_grad)


def full(size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The same number everywhere.

    >>> full((2,), 7)
    tensor([7, 7])
    """
    dtype = tensor(fill_value).dtype if dtype is None else dtype
    return _finished(np.full(_sizes((size,)), _plain(fill_value), dtype=dtype), requires_grad)


def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers from `start` up to `end`, which is left out; from 0 if one is given.

    RuntimeError for a step of 0, or one that leads away from `end`.

    >>> arange(3)
    tensor([0, 1, 2])
    """
    if end is None:
        start, end = 0, start
    start, end, step = (_plain(x) for x in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError(
            f"upper bound and lower bound inconsistent with step sign: from {start} to {end} in "
            f"steps of {step}"
        )
    if dtype is None:
        whole = all(isinstance(x, (int, np.integer)) for x in (start, end, step))
        dtype = INT if whole else FLOAT
    count = max(int(np.ceil((end - start) / step)), 0)
    return _finished((start + step * np.arange(count)).astype(dtype), requires_grad)


def linspace(
    start: float, end: float, steps: int, *, dtype: Any = FLOAT, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers, evenly spaced from `start` to `end`, both included.

    >>> linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    if steps < 0:
        raise RuntimeError(f"number of steps must be non-negative, got {steps}")
    return _finished(np.linspace(start, end, steps).astype(dtype), requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = FLOAT, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal, zeros elsewhere: (n, n), or (n, m).

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return _finished(np.eye(n, m, dtype=dtype), requires_grad)


def zeros_like(input: Tensor, *, dtype: Any = None) -> Tensor:
    """Zeros in the shape of another.

    >>> zeros_like(tensor([1.0, 2.0]))
    tensor([0., 0.])
    """
    return Tensor._of(np.zeros_like(input._array, dtype=dtype))


def ones_like(input: Tensor, *, dtype: Any = None) -> Tensor:
    """Ones in the shape of another.

    >>> ones_like(tensor([1.0, 2.0]))
    tensor([1., 1.])
    """
    return Tensor._of(np.ones_like(input._array, dtype=dtype))


def empty_like(input: Tensor, *, dtype: Any = None) -> Tensor:
    """A Tensor in the shape of another, whose numbers mean nothing yet.

    >>> empty_like(tensor([1.0, 2.0])).shape
    torch.Size([2])
    """
    return Tensor._of(np.empty_like(input._array, dtype=dtype))


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None) -> Tensor:
    """The same number everywhere, in the shape of another.

    >>> full_like(tensor([1.0, 2.0]), 3)
    tensor([3., 3.])
    """
    return Tensor._of(np.full_like(input._array, _plain(fill_value), dtype=dtype))
