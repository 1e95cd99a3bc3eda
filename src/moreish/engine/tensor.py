"""Tensor: an array that remembers how it was made, with PyTorch's names on NumPy.

A Tensor holds a NumPy array, and, where a gradient is wanted, the `Step` that made it. Views share
storage and a version counter, so a number that changed after it was used is noticed on the walk
back and not silently taken. Names and meanings are PyTorch's, or absent. Derivatives are the
business of `rules`; this module only knows which rule was applied to what.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Union

import numpy as np

from . import rules
from .graph import Face, Primitive, _mode, order

Operand = Union["Tensor", int, float, bool]

float32 = np.dtype(np.float32)
float64 = np.dtype(np.float64)
int64 = np.dtype(np.int64)


class Shared:
    """What all views of one storage have in common: how often its numbers were changed."""

    __slots__ = ("version",)

    def __init__(self) -> None:
        self.version = 0


class Step:
    """One primitive applied: what the walk back needs to know, and nothing more."""

    __slots__ = ("_parents", "dtypes", "kept", "options", "primitive", "shapes", "versions")

    def __init__(
        self,
        primitive: Primitive,
        inputs: tuple[Any, ...],
        wanted: tuple[bool, ...],
        arrays: list[Any],
        result: "Tensor",
        options: dict[str, Any],
    ) -> None:
        self.primitive = primitive
        self.options = options
        self._parents = tuple(
            (x._step or x) if is_wanted else None
            for x, is_wanted in zip(inputs, wanted, strict=True)
        )
        self.shapes = tuple(getattr(a, "shape", ()) for a in arrays)
        self.dtypes = tuple(getattr(a, "dtype", None) for a in arrays)
        kept = [
            array if is_kept else None
            for array, is_kept in zip((result._array, *arrays), primitive.kept(wanted), strict=True)
        ]
        self.kept = kept
        self.versions = [
            (x._shared, x._shared.version) if array is not None and isinstance(x, Tensor) else None
            for x, array in zip((result, *inputs), kept, strict=True)
        ]

    def pull(self, g: Any, as_tensors: bool) -> Iterator[tuple[Any, Any]]:
        """For each parent that wants one: the parent, and its gradient given that of the result."""
        for i, version in enumerate(self.versions):
            if version is not None and version[0].version != version[1]:
                what = f"input {i - 1}" if i else "the result"
                raise RuntimeError(
                    f"one of the variables needed for gradient computation has been modified by "
                    f"an inplace operation: {what} of {self.primitive.name} was at version "
                    f"{version[1]} when it was used and is at version {version[0].version} now. "
                    f"Change a copy (clone) instead, or run the forward pass again."
                )
        kept = self._as_tensors() if as_tensors else self.kept
        shapes = ((), *self.shapes)
        for i, parent in enumerate(self._parents):
            if parent is None:
                continue
            if self.primitive.every is not None:
                contribution = self.primitive.every(g, i, self.shapes, **self.options)
            else:
                gradient = self.primitive.gradients[i]
                needs = [
                    kept[j] if keep == 2 else shapes[j] if keep == 1 else None
                    for j, keep in enumerate(gradient.keeps)
                ]
                contribution = gradient.function(g, *needs, **self.options)
            yield parent, _fit(contribution, self.shapes[i], self.dtypes[i])

    def _as_tensors(self) -> list[Any]:
        """What was kept, tied to the graph it came from, for the gradient of a gradient."""
        tied: list[Any] = []
        for array, parent in zip(self.kept, (self, *self._parents), strict=True):
            if isinstance(parent, Tensor):
                tied.append(parent)
            elif isinstance(array, np.ndarray):
                tied.append(Tensor._of(array, parent))
            else:
                tied.append(array)
        return tied


def _fit(g: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The gradient of what was broadcast: summed over what was repeated. Only this undoes one."""
    if g.shape != shape:
        extra = len(g.shape) - len(shape)
        repeated = tuple(range(extra)) + tuple(
            i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1
        )
        g = rules.reshape(rules.sum(g, axis=repeated), shape=shape)
    return g if g.dtype == dtype else g.astype(dtype)


class Tensor(Face):
    """An array, its gradient, and how it was made.

    >>> w = Tensor([1.0, 2.0])
    >>> w.requires_grad = True
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([2., 4.])
    """

    __slots__ = ("__weakref__", "_array", "_requires_grad", "_shared", "_step", "grad")
    __array_priority__ = 1000  # NumPy leaves `array + tensor` to us

    _array: np.ndarray
    _step: Step | None
    _shared: Shared
    grad: "Tensor | None"

    def __init__(self, data: Any = ()) -> None:
        self._array = np.array(data, dtype=float32)
        self._step = None
        self._requires_grad = False
        self._shared = Shared()
        self.grad = None

    @classmethod
    def _of(cls, array: Any, step: Step | None = None, shared: Shared | None = None) -> "Tensor":
        tensor = cls.__new__(cls)
        tensor._array = array if type(array) is np.ndarray else np.asarray(array)
        tensor._step = step
        tensor._requires_grad = False
        tensor._shared = shared or Shared()
        tensor.grad = None
        return tensor

    @classmethod
    def _record(
        cls, primitive: Primitive, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> "Tensor":
        arrays = [x._array if isinstance(x, Tensor) else x for x in inputs]
        if primitive.floating and arrays[0].dtype.kind not in "fc":
            arrays = [a.astype(float32) if isinstance(a, np.ndarray) else a for a in arrays]
        result = cls._of(primitive.array(*arrays, **options))
        owner = result._array.base
        if owner is not None:
            for x in inputs:
                if isinstance(x, Tensor) and (owner is x._array or owner is x._array.base):
                    result._shared = x._shared
        if _mode.recording:
            wanted = tuple([isinstance(x, Tensor) and x.requires_grad for x in inputs])
            if True in wanted:
                result._step = Step(primitive, inputs, wanted, arrays, result, options)
        return result

    # ---- what it is

    @property
    def _parents(self) -> tuple[Any, ...]:
        return ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The size along each axis."""
        return self._array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of number it holds."""
        return self._array.dtype

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by hand and not computed from something that wants a gradient."""
        return self._step is None

    @property
    def requires_grad(self) -> bool:
        """Whether `backward` computes a gradient for it, or through it."""
        return self._requires_grad or self._step is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if self._step is not None and not wanted:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables: this one was "
                "computed from others. Use detach() for a tensor without its history."
            )
        if wanted and self._array.dtype.kind not in "fc":
            raise RuntimeError(
                f"only Tensors of floating point dtype can require gradients, this one holds "
                f"{self._array.dtype}: convert it with .float() first."
            )
        self._requires_grad = bool(wanted)

    @property
    def data(self) -> "Tensor":
        """The same numbers without the history: a change to either is a change to both."""
        return Tensor._of(self._array)

    def detach(self) -> "Tensor":
        """The same numbers without the history, sharing storage and version."""
        return Tensor._of(self._array, shared=self._shared)

    def numpy(self) -> np.ndarray:
        """The array itself, not a copy."""
        if self.requires_grad and _mode.recording:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy()."
            )
        return self._array

    def item(self) -> Any:
        """The one number in it, as Python's own."""
        if self._array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self._array.size} elements cannot be converted to Scalar"
            )
        return self._array.item()

    def tolist(self) -> Any:
        """Its numbers in nested lists."""
        return self._array.tolist()

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self._array)

    def __float__(self) -> float:
        return float(self.item())

    def __repr__(self) -> str:
        text = np.array2string(self._array, separator=", ", prefix="tensor(")
        return f"tensor({text})"

    def astype(self, dtype: Any) -> "Tensor":
        """A copy that holds another kind of number."""
        return Tensor._of(self._array.astype(dtype))

    # ---- the walk back

    def backward(
        self,
        gradient: "Tensor | None" = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Add to `.grad` of each leaf the gradient of this Tensor with respect to it.

        It must hold one number, or `gradient`, of the same shape, says how much each counts. The
        graph stays: a second walk adds the same again. With `create_graph` the gradients are
        computed from Tensors and have gradients themselves.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "element 0 of tensors does not require grad and does not have a grad_fn: nothing "
                "that it was computed from has requires_grad=True."
            )
        if gradient is None:
            if self._array.size != 1:
                raise RuntimeError(
                    f"grad can be implicitly created only for scalar outputs, and this has shape "
                    f"{self.shape}: reduce it first, as with .sum(), or pass gradient=."
                )
            gradient = Tensor._of(np.ones_like(self._array))
        before, _mode.recording = _mode.recording, create_graph
        try:
            self._walk(gradient if create_graph else gradient._array, create_graph)
        finally:
            _mode.recording = before

    def _walk(self, seed: Any, as_tensors: bool) -> None:
        root: Any = self._step or self
        arrived: dict[Any, Any] = {root: seed}
        borrowed = {root}
        for node in order(root):
            g = arrived.pop(node)
            if isinstance(node, Tensor):
                node._accumulate(g, as_tensors, node in borrowed)
                continue
            for parent, contribution in node.pull(g, as_tensors):
                if parent in arrived:
                    arrived[parent] = arrived[parent] + contribution
                    borrowed.discard(parent)
                else:
                    arrived[parent] = contribution
                    if contribution is g or getattr(contribution, "base", None) is not None:
                        borrowed.add(parent)

    def _accumulate(self, g: Any, as_tensors: bool, borrowed: bool) -> None:
        if self.grad is None:
            if as_tensors:
                self.grad = g
            else:
                self.grad = Tensor._of(np.array(g) if borrowed else g)
        elif as_tensors:
            self.grad = self.grad + g
        else:
            self.grad._array += g
            self.grad._shared.version += 1

    # ---- arithmetic

    def __add__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.add, (self, other), {})

    def __radd__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.add, (self, other), {})

    def __sub__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.subtract, (self, other), {})

    def __rsub__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.subtract, (other, self), {})

    def __mul__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.multiply, (self, other), {})

    def __rmul__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.multiply, (self, other), {})

    def __truediv__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.divide, (self, other), {})

    def __rtruediv__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.divide, (other, self), {})

    def __pow__(self, other: Operand) -> "Tensor":
        return Tensor._record(rules.power, (self, other), {})

    def __neg__(self) -> "Tensor":
        return Tensor._record(rules.negative, (self,), {})

    def __matmul__(self, other: "Tensor") -> "Tensor":
        return Tensor._record(rules.matmul, (self, other), {})

    def __gt__(self, other: Operand) -> "Tensor":
        return Tensor._of(self._array > (other._array if isinstance(other, Tensor) else other))

    # ---- functions, reductions, moves

    def exp(self) -> "Tensor":
        """e to the power of each."""
        return Tensor._record(rules.exp, (self,), {})

    def log(self) -> "Tensor":
        """The natural logarithm of each."""
        return Tensor._record(rules.log, (self,), {})

    def tanh(self) -> "Tensor":
        """The hyperbolic tangent of each."""
        return Tensor._record(rules.tanh, (self,), {})

    def sum(self, dim: int | Sequence[int] | None = None, keepdim: bool = False) -> "Tensor":
        """All numbers added up, or those along `dim`."""
        axis = dim if dim is None or isinstance(dim, int) else tuple(dim)
        return Tensor._record(rules.sum, (self,), {"axis": axis, "keepdims": keepdim})

    def mean(self, dim: int | None = None, keepdim: bool = False) -> "Tensor":
        """The average of all numbers, or of those along `dim`."""
        total = self.sum(dim, keepdim)
        return total / (self._array.size // max(total._array.size, 1))

    def view(self, *shape: Any) -> "Tensor":
        """The same storage in another shape; -1 is worked out."""
        sizes = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return Tensor._record(rules.reshape, (self,), {"shape": sizes})

    @property
    def T(self) -> "Tensor":
        """Its axes in reverse order."""
        return Tensor._record(
            rules.permute, (self,), {"axes": tuple(range(self._array.ndim))[::-1]}
        )

    def __getitem__(self, key: Any) -> "Tensor":
        return Tensor._record(rules.select, (self,), {"key": _plain_key(key)})

    def __setitem__(self, key: Any, value: Operand) -> None:
        self._must_not_be_in_a_graph()
        self._array[_plain_key(key)] = value._array if isinstance(value, Tensor) else value
        self._shared.version += 1

    def __iadd__(self, other: Operand) -> "Tensor":
        self._must_not_be_in_a_graph()
        self._array += other._array if isinstance(other, Tensor) else other
        self._shared.version += 1
        return self

    def _must_not_be_in_a_graph(self) -> None:
        if _mode.recording and self.requires_grad:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation: "
                "change it inside `with no_grad():`, or change its .data."
            )


def _plain_key(key: Any) -> Any:
    """An index with the Tensors in it as arrays."""
    if isinstance(key, Tensor):
        return key._array
    if isinstance(key, tuple):
        return tuple(_plain_key(part) for part in key)
    return key


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of a copy of `data`, its dtype inferred: whole numbers int64, others float32.

    >>> tensor([[1, 2], [3, 4]]).dtype
    dtype('int64')
    >>> tensor([1.5]).dtype
    dtype('float32')
    """
    array = np.array(data._array if isinstance(data, Tensor) else data, dtype=dtype)
    if dtype is None and not isinstance(data, (np.ndarray, np.generic, Tensor)):
        if array.dtype == float64:
            array = array.astype(float32)
        elif array.dtype.kind == "i":
            array = array.astype(int64)
    result = Tensor._of(array)
    if requires_grad:
        result.requires_grad = True
    return result


def from_numpy(array: np.ndarray) -> Tensor:
    """A Tensor that shares the array's memory.

    >>> array = np.zeros(2)
    >>> from_numpy(array)[0] = 5.0
    >>> array
    array([5., 0.])
    """
    return Tensor._of(array)
