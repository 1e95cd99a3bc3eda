"""What an operation takes: operands of one dtype, or a sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from ..graph import Primitive, _mode
from .arguments import Number, Operand
from .mixin import Part, _array_of
from .promotion import FLOAT, RANK, as_dtype, common, number_within, rank_of, result_type

if TYPE_CHECKING:
    from .core import Tensor

NUMBERS = (int, float, np.number, np.bool_)
OPERANDS = (np.ndarray, *NUMBERS)


def promoted(primitive: Primitive, arrays: list[Any]) -> list[Any]:
    """The operands in the dtype that their operation has; TypeError for what is no number."""
    name = primitive.name
    for value in arrays:
        if not isinstance(value, OPERANDS) and not (value is None and name == "clamp"):
            raise TypeError(
                f"unsupported operand type(s) for {name}: 'Tensor' and "
                f"'{type(value).__name__}'. A Tensor or a number was wanted"
            )
    own = PROMOTING[name]
    return common(arrays) if own is None else own(name, arrays)


def _but_the_first(_name: str, arrays: list[Any]) -> list[Any]:
    return [arrays[0], *common(arrays[1:])]


def _assigned(_name: str, arrays: list[Any]) -> list[Any]:
    return [arrays[0], value_for(arrays[0].dtype, arrays[1]), *arrays[2:]]


def _bounded(_name: str, arrays: list[Any]) -> list[Any]:
    """Numbers and their bounds, of which one may be None, in one dtype."""
    together = iter(common([x for x in arrays if x is not None]))
    return [None if x is None else next(together) for x in arrays]


def _divided(name: str, arrays: list[Any]) -> list[Any]:
    if name == "power" and arrays_are_whole(arrays) and is_below_zero(arrays[1]):
        raise RuntimeError("Integers to negative integer powers are not allowed: use .float()")
    together = common(arrays)
    if all(is_truth(x) for x in together):
        raise NotImplementedError(
            f"{name} is not implemented for truth values: convert one, as with .long()"
        )
    return together


def _floats(_name: str, arrays: list[Any]) -> list[Any]:
    if arrays_are_whole(arrays):
        return [as_dtype(x, FLOAT) for x in arrays]
    return common(arrays)


def _subtracted(_name: str, arrays: list[Any]) -> list[Any]:
    must_not_be_truths(*arrays)
    return common(arrays)


# Rows whose operands may be of several dtypes, and what is special about them.
PROMOTING: dict[str, Callable[[str, list[Any]], list[Any]] | None] = {
    **dict.fromkeys(("add", "multiply", "maximum", "minimum", "cat", "logaddexp", "hypot")),
    **dict.fromkeys(("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift")),
    **dict.fromkeys(("power", "remainder", "floor_divide", "rounded_quotient", "fmod"), _divided),
    **dict.fromkeys(("divide", "atan2", "copysign"), _floats),
    "clamp": _bounded,
    "put": _assigned,
    "subtract": _subtracted,
    "where": _but_the_first,
}


def must_not_be_truths(*arrays: object) -> None:
    """RuntimeError where truth values are to be subtracted."""
    if any(is_truth(x) for x in arrays):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported: use ^ or ~, or "
            "convert it, as with .long()"
        )


def value_for(dtype: np.dtype[Any], value: np.ndarray | Number) -> np.ndarray:
    """What is to be assigned, as this dtype: (...,) → (...,).

    RuntimeError for a number that the dtype can't hold.
    """
    if isinstance(value, np.ndarray):
        return as_dtype(value, dtype)
    return np.asarray(number_within(value, dtype))


def must_be_operand(name: str, other: Operand) -> Operand:
    """An operand, (...,) → (...,); TypeError for what is neither a Tensor nor a number."""
    if not isinstance(other, (Part, *NUMBERS)):
        raise TypeError(
            f"{name}(): argument 'other' must be Tensor or a number, not {type(other).__name__}"
        )
    return other


def must_be_tensor(name: str, argument: str, other: Tensor) -> Tensor:
    """The Tensor itself, (...,) → (...,); TypeError for what is none."""
    if not isinstance(other, Part):
        raise TypeError(
            f"{name}(): argument '{argument}' must be Tensor, not {type(other).__name__}"
        )
    return other


def must_be_number(name: str, argument: str, value: float | Tensor) -> float:
    """A number, or that of a Tensor without axes, (), as Python's own; TypeError for others."""
    if isinstance(value, Part) and not value._array.ndim:
        value = value.item()
    if not isinstance(value, NUMBERS):
        raise TypeError(
            f"{name}(): argument '{argument}' must be a number, not {type(value).__name__}"
        )
    return value


def is_truth(x: object) -> bool:
    """Whether an operand is True, False or an array of those."""
    return x.dtype.kind == "b" if isinstance(x, np.ndarray) else isinstance(x, (bool, np.bool_))


def arrays_are_whole(arrays: list[Any]) -> bool:
    """Whether none of the operands is floating-point."""
    return all(rank_of(x) < RANK["f"] for x in arrays)


def is_below_zero(x: np.ndarray | Number) -> bool:
    """Whether it is a plain number below 0; an array of any shape is none."""
    return not isinstance(x, np.ndarray) and bool(x < 0)


def operands(*values: object) -> list[Any] | None:
    """The arrays of Tensors, and numbers, in one dtype; None if one of them is neither.

    RuntimeError if their shapes can't be broadcast.
    """
    arrays: list[Any] = [_array_of(value) for value in values]
    if not all(isinstance(x, (np.ndarray, *NUMBERS)) for x in arrays):
        return None
    shapes = [x.shape for x in arrays if isinstance(x, np.ndarray)]
    if len(shapes) > 1 and shapes[0] != shapes[1]:
        must_broadcast(*shapes)
    dtype = result_type(*arrays)
    return [as_dtype(x, dtype) for x in arrays]


def must_broadcast(*shapes: tuple[int, ...]) -> None:
    """RuntimeError if arrays of these shapes have no shape in common."""
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        told = " and ".join(str(list(shape)) for shape in shapes)
        raise RuntimeError(
            f"The size of tensor a must match the size of tensor b, or one of them must be 1, at "
            f"every axis: shapes {told} can't be broadcast"
        ) from None


def must_keep_its_shape(own: tuple[int, ...], new: tuple[int, ...]) -> None:
    """RuntimeError for a result that does not fit where an in-place operation is to put it."""
    raise RuntimeError(
        f"output with shape {list(own)} doesn't match the broadcast shape {list(new)}: an in-place "
        f"operation can't make its tensor larger"
    )


def must_lie_apart(own: np.ndarray, others: Sequence[Any]) -> None:
    """RuntimeError where what is written lies on itself or on part of what is read, of any shape.

    As in PyTorch, which looks at tensors without gaps only.
    """
    if own.size > 1 and any(s == 0 and n > 1 for s, n in zip(own.strides, own.shape, strict=True)):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location. Please clone() the tensor before performing the operation"
        )
    start, end = byte_bounds(own)
    for other in others:
        if not isinstance(other, Part) or not np.may_share_memory(own, other._array):
            continue
        first, last = byte_bounds(other._array)
        if end - start != own.nbytes or last - first != other._array.nbytes:
            continue
        if (first, last) != (start, end) or _steps(other._array) != _steps(own):
            raise RuntimeError(
                "unsupported operation: some elements of the input tensor and the written-to "
                "tensor refer to a single memory location. Please clone() the tensor before "
                "performing the operation"
            )


def _steps(array: np.ndarray) -> list[int]:
    """The strides that are used."""
    return [s for s, n in zip(array.strides, array.shape, strict=True) if n > 1]


def must_be_castable(new: np.dtype[Any], own: np.dtype[Any]) -> None:
    """RuntimeError if an in-place operation would lose the kind of number that comes out."""
    if RANK[new.kind] > RANK[own.kind]:
        raise RuntimeError(
            f"result type {type_name(new)} can't be cast to the desired output type "
            f"{type_name(own)}: convert the tensor first, as with .float()"
        )


def must_be_a_mask(name: str, x: Tensor, mask: Tensor, value: Operand) -> None:
    """Hold a mask and a value to what masked_fill wants.

    RuntimeError for a mask of numbers or of a shape that does not broadcast, or a value that has
    axes or is too large. TypeError for a mask that is no Tensor, or a value that is no number.
    """
    if not isinstance(mask, Part):
        raise TypeError(f"{name}(): the mask must be a Tensor, not {type(mask).__name__}")
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"{name} only supports boolean masks, but got {mask._array.dtype}")
    if isinstance(value, Part) and value._array.ndim:
        raise RuntimeError(
            f"{name} only supports a 0-dimensional value tensor, but got tensor with "
            f"{value._array.ndim} dimension(s)"
        )
    if not isinstance(value, (Part, *NUMBERS)):
        raise TypeError(f"{name}(): the value must be a number, not {type(value).__name__}")
    if isinstance(value, Part) and _mode.following is None:
        number_within(value._array.item(), x._array.dtype)
    must_broadcast(x._array.shape, mask._array.shape)


def must_be_of_one_dtype(arrays: list[Any]) -> None:
    """Hold two operands to what a matrix product wants.

    TypeError for what is no Tensor, RuntimeError if the dtypes differ or one has no axes.
    """
    for array in arrays:
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"matmul: two tensors were wanted, got a {type(array).__name__}; use * to multiply "
                f"by a number"
            )
    a, b = arrays
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {a.dtype} != {b.dtype}; convert "
            f"one, as with .float()"
        )
    if a.dtype.kind == "b":
        raise NotImplementedError("matmul is not implemented for bool: convert it with .float()")
    if not a.ndim or not b.ndim:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {a.ndim}D and {b.ndim}D"
        )


def shape_sentence(primitive: Primitive, arrays: list[Any], error: Exception) -> str:
    """Why NumPy could not do it with arrays of these shapes."""
    shapes = " and ".join(str(list(a.shape)) for a in arrays if isinstance(a, np.ndarray))
    if primitive.name.endswith(("matmul", "affine")):
        return f"mat1 and mat2 shapes cannot be multiplied ({shapes}): the inner sizes must agree"
    if primitive.name == "reshape":
        return f"the shape is invalid for input of size {arrays[0].size}: {error}"
    return (
        f"The size of tensor a must match the size of tensor b, or one of them must be 1, at every "
        f"axis: {primitive.name} of shapes {shapes} can't be broadcast"
    )


def type_name(dtype: np.dtype[Any]) -> str:
    """What PyTorch's messages call it."""
    names = {"float32": "Float", "float64": "Double", "int64": "Long", "int32": "Int"}
    return names.get(dtype.name, dtype.name.capitalize())
