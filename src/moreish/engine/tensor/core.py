"""Tensor: an array that remembers how it was made, with PyTorch's names on NumPy.

A Tensor holds a NumPy array and, where a gradient is wanted, the `Step` that made it. Views share
storage and a version counter, so a number that changed after it was used is noticed on the walk
back and not silently taken. To change a Tensor in place that has a history is to make a new one
that takes its name: its history goes on with what the change was, and that of all views of the
same storage with it. Names and meanings are PyTorch's, or absent.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import numpy as np

from .. import rules
from ..dtypes import dtype, dtype_of
from ..graph import Face, Primitive, _mode, order
from .arguments import Array, DType, Number
from .grad_fn import Shared, Step
from .methods import Methods
from .mixin import _plain
from .operands import (
    PROMOTING,
    must_be_castable,
    must_be_of_one_dtype,
    must_be_tensor,
    must_keep_its_shape,
    must_lie_apart,
    promoted,
    shape_sentence,
)
from .printing import text_of
from .promotion import FLOAT

SPENT = (
    "Trying to backward through the graph a second time: what it needs is kept for one walk only. "
    "Specify retain_graph=True the first time, or compute the result again"
)


class Size(tuple[int, ...]):
    """A shape.

    >>> Size((2, 3)).numel()
    6
    """

    __slots__ = ()

    def numel(self) -> int:
        """How many numbers an array of this shape has."""
        return int(np.prod(self, dtype=np.int64))

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"


class Tensor(Methods, Face):
    """An array, its gradient, and how it was made; `Tensor(data)` is float32.

    TypeError if the data are not numbers, nested in lists.

    >>> w = Tensor([1.0, 2.0])
    >>> w.requires_grad = True
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([2., 4.])
    """

    __slots__ = (
        "__weakref__",
        "_array",
        "_base",
        "_grad",
        "_requires_grad",
        "_seen_at",
        "_shared",
        "_step",
        "_views",
    )
    __array_priority__ = 1000  # NumPy leaves `array + tensor` to us

    _array: np.ndarray
    _step: Step | None
    _shared: Shared
    _base: Tensor | None  # of a view: what it is a view of
    _views: tuple[tuple[Primitive, dict[str, Any]], ...]  # and through which steps
    _seen_at: int  # the version of the storage at which _step was right
    _grad: Tensor | Callable[[], Tensor] | None  # a replay leaves how to make it

    def __init__(self, *data: Any) -> None:
        if data and all(isinstance(size, int) for size in data):
            array = np.zeros(data, dtype=np.float32)
        elif len(data) > 1:
            raise TypeError("Tensor takes data, or sizes as whole numbers; see torch.tensor")
        elif data and isinstance(data[0], Tensor):  # as in PyTorch, the same numbers
            array = data[0]._array
        else:
            try:
                array = _new_array(data[0] if data else (), None)
                if array.dtype.kind not in "fiub":
                    raise TypeError("must be real numbers")
            except (TypeError, ValueError) as error:
                raise TypeError(f"Tensor takes numbers, nested in lists: {error}") from None
            array = array.astype(np.float32)
        self._set(array, None, None)

    def _set(self, array: np.ndarray, step: Step | None, shared: Shared | None) -> None:
        self._array = array
        self._step = step
        self._requires_grad = False
        self._shared = Shared() if shared is None else shared
        self._base = None
        self._views = ()
        self._seen_at = 0
        self._grad = None

    @classmethod
    def _of(
        cls, array: np.ndarray | Number, step: Step | None = None, shared: Shared | None = None
    ) -> Tensor:
        tensor = cls.__new__(cls)
        tensor._set(array if type(array) is np.ndarray else np.asarray(array), step, shared)
        return tensor

    # ---- remembering

    @classmethod
    def _record(
        cls, primitive: Primitive, inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> Tensor:
        arrays = [x._array if isinstance(x, Tensor) else x for x in inputs]
        if len(arrays) > 1:
            if primitive.name in PROMOTING:
                arrays = promoted(primitive, arrays)
            elif primitive.name == "matmul":
                must_be_of_one_dtype(arrays)
        if primitive.floating and getattr(arrays[0], "dtype", FLOAT).kind != "f":
            arrays = [
                a.astype(FLOAT) if isinstance(a, (np.ndarray, np.generic)) else a for a in arrays
            ]
        if _mode.following is not None:
            inputs = cls._as_cast(inputs, arrays)
        try:
            if primitive.has_gradient:
                with np.errstate(all="ignore"):  # infinities are answers, as in PyTorch
                    result = cls._of(primitive.array(*arrays, **options))
            else:
                result = cls._of(primitive.array(*arrays, **options))
        except ValueError as error:
            raise RuntimeError(shape_sentence(primitive, arrays, error)) from None
        if result._array.base is not None and primitive.is_view:
            result._is_view_of(inputs[0], primitive, options)
        if _mode.following is not None:
            _mode.following.row(primitive, inputs, arrays, options, result)
        if _mode.recording and primitive.has_gradient:
            wanted = tuple([isinstance(x, Tensor) and x.requires_grad for x in inputs])
            if True in wanted and result._array.dtype.kind == "f":
                result._step = Step(primitive, inputs, wanted, arrays, result, options)
        return result

    @classmethod
    def _as_cast(cls, inputs: tuple[Any, ...], arrays: list[Any]) -> tuple[Any, ...]:
        """The inputs in the dtype of the operation, by a row of their own: a recorder sees it.

        `arrays` are exchanged for theirs.
        """
        taken = list(inputs)
        for i, (x, array) in enumerate(zip(inputs, arrays, strict=True)):
            if isinstance(x, Tensor) and array.dtype != x._array.dtype:
                taken[i] = cls._record(rules.cast, (x,), {"dtype": array.dtype})
                arrays[i] = taken[i]._array
        return tuple(taken)

    def _is_view_of(self, other: Tensor, primitive: Primitive, options: dict[str, Any]) -> None:
        owner = other._array if other._array.base is None else other._array.base
        mine: Any = self._array.base
        while mine is not owner and getattr(mine, "base", None) is not None:
            mine = mine.base
        if mine is not owner:
            return  # NumPy had to copy
        self._shared = other._shared
        self._base = other if other._base is None else other._base
        self._views = (*other._views, (primitive, options))
        self._seen_at = self._shared.version

    def _history(self) -> Step | None:
        """The step that made it; of a view whose base was changed since, what it shows now."""
        base = self._base
        if base is None or self._seen_at == self._shared.version:
            return self._step
        self._seen_at = self._shared.version
        if base._history() is not None:
            self._step = rules.index.seen_through(base, self._views)._step
        return self._step

    def _change(
        self, primitive: Primitive, others: tuple[Any, ...], options: dict[str, Any]
    ) -> Self:
        """Become primitive(self, *others) in place."""
        is_floating = self._array.dtype.kind == "f"
        recording = (
            _mode.recording
            and is_floating
            and (
                self.requires_grad or any(isinstance(x, Tensor) and x.requires_grad for x in others)
            )
        )
        must_lie_apart(*_written_and_read(self._array, others, options.get("key", ...)))
        old: Tensor = self
        if recording:
            self._must_not_be_a_leaf()
            old = Tensor._record(rules.cast, (self.detach(),), {"dtype": self._array.dtype})
            old._step = self._history()
        with_new = Tensor._record(primitive, (old, *others), options)
        new = with_new._array
        if new.shape != self._array.shape:
            must_keep_its_shape(self._array.shape, new.shape)
        must_be_castable(new.dtype, self._array.dtype)
        self._write(with_new)
        if recording:
            self._take_history(with_new)
        else:
            self._seen_at = self._shared.version if self._base is None else self._seen_at
        return self

    def _write(self, new: Tensor) -> None:
        """Take over the numbers of another Tensor: here, and nowhere else, its own change."""
        if _mode.following is not None:
            _mode.following.change(self, new)
        self._array[...] = new._array
        self._shared.version += 1

    def _take_history(self, new: Tensor) -> None:
        base = self._base
        if base is None:
            self._step = new._step
            return
        inputs, wanted = (base, new), (base.requires_grad, new.requires_grad)
        arrays = [base._array, new._array]
        options = {"views": self._views}
        base._step = Step(rules.put_view, inputs, wanted, arrays, base, options)
        self._history()

    def _must_not_be_a_leaf(self) -> None:
        if self._requires_grad and self._step is None:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation: "
                "change it inside `with no_grad():`, or change its .data"
            )
        if self._base is not None and self._base._requires_grad and self._base._step is None:
            raise RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place "
                "operation: change it inside `with no_grad():`, or change its .data"
            )

    # ---- what it is

    @property
    def _parents(self) -> tuple[Any, ...]:
        return ()

    @property
    def shape(self) -> Size:
        """The size along each axis."""
        return Size(self._array.shape)

    @property
    def dtype(self) -> dtype:
        """The kind of number it holds."""
        return dtype_of(self._array.dtype)

    @property
    def grad_fn(self) -> Step | None:
        """The step that made it, None for a leaf."""
        return self._history()

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by hand and not computed from something that wants a gradient."""
        return self._history() is None

    @property
    def requires_grad(self) -> bool:
        """Whether `backward` computes a gradient for it, or through it."""
        return self._requires_grad or self._history() is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if self._history() is not None and not wanted:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables: this one was computed "
                "from others. Use detach() for a tensor without its history"
            )
        if wanted and self._array.dtype.kind not in "fc":
            raise RuntimeError(
                f"only Tensors of floating point dtype can require gradients, this one holds "
                f"{self._array.dtype}: convert it with .float() first"
            )
        self._requires_grad = bool(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set `requires_grad`, and return itself."""
        self.requires_grad = requires_grad
        return self

    @property
    def data(self) -> Tensor:
        """The same numbers without the history: (...,) → (...,).

        A change to either is a change to both.
        """
        return Tensor._of(self._array)

    @data.setter
    def data(self, other: Tensor) -> None:
        self._array = must_be_tensor("data", "data", other)._array

    @property
    def _version(self) -> int:
        return self._shared.version

    def detach(self) -> Tensor:
        """The same numbers without the history, sharing storage and version: (...,) → (...,)."""
        return Tensor._of(self._array, shared=self._shared)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` has added up, of its own shape; None before the first."""
        if callable(self._grad):
            self._grad = self._grad()
        if _mode.following is not None:
            _mode.following.grad_is_read(self)
        return self._grad

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        if grad is not None:
            self._must_fit(grad)
        if _mode.following is not None:
            _mode.following.grad_is_set(self)
        self._grad = grad

    def _must_fit(self, grad: object) -> None:
        """RuntimeError or TypeError unless it can be the gradient of this tensor."""
        if not isinstance(grad, Tensor):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None, not {type(grad).__name__}"
            )
        if grad is self:
            raise RuntimeError("can't assign Variable as its own grad")
        if grad.dtype != self.dtype:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype {grad.dtype} to a tensor with dtype "
                f"{self.dtype}: convert it, as with .to({self.dtype})"
            )
        if grad.shape != self.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size {list(grad.shape)} to a tensor of size "
                f"{list(self.shape)}"
            )

    def retain_grad(self) -> None:
        """Keep the gradient of a tensor that is no leaf, too."""
        step = self._history()
        if step is not None:
            step.retained = [*(step.retained or ()), weakref.ref(self)]

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        if _mode.following is not None:
            _mode.following.read()
        step = self._history()
        ending = [f"grad_fn=<{step.name}>"] if step else []
        if self._requires_grad and step is None:
            ending = ["requires_grad=True"]
        return text_of(self._read(), ending)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if self._history() is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                "protocol at the moment: use .detach().clone() for the numbers alone"
            )
        new = Tensor._of(self._array.copy())
        new._requires_grad = self._requires_grad
        new.grad = None if self.grad is None else self.grad.detach().clone()
        memo[id(self)] = new
        return new

    def __reduce__(self) -> tuple[Callable[..., Tensor], tuple[Any, ...]]:
        if self._history() is not None:
            raise RuntimeError(
                "a tensor with a history can't be pickled: use .detach() for the numbers alone"
            )
        return _rebuilt, (self._array, self._requires_grad, self.grad)

    # ---- the walk back

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Tensor] | None = None,
    ) -> None:
        """Add to `.grad` of each leaf the gradient of this Tensor with respect to it.

        It must hold one number, or `gradient`, of the same shape, says how much each counts. With
        `retain_graph` the graph can be walked again. With `create_graph`, which retains it too, the
        gradients have gradients themselves. With `inputs`, only those leaves get one.

        RuntimeError if nothing requires a gradient, for several numbers without a `gradient`, one
        of another shape, or a second walk through a graph that was not retained.
        """
        _mode.last_root = weakref.ref(self)
        retain_graph = create_graph if retain_graph is None else retain_graph
        for node, g, borrowed in self._walk(gradient, create_graph, retain_graph):
            for reference in getattr(node, "retained", None) or ():
                kept = reference()
                if kept is not None:
                    kept._accumulate(g, borrowed=True)
            if isinstance(node, Tensor) and (inputs is None or any(node is x for x in inputs)):
                node._accumulate(g, borrowed)

    def _walk(
        self,
        gradient: Tensor | None,
        create_graph: bool,
        retain_graph: bool = True,
        only_looks: bool = False,
        by_tensors: bool = False,
    ) -> Iterator[tuple[Step | Tensor, Any, bool]]:
        """Each node with its gradient, and whether others hold that array too.

        A drawing `only_looks`: it may walk where a user's walk was the last. With `by_tensors` the
        gradients are Tensors, computed by calls of rows alone, also where nothing is remembered.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "element 0 of tensors does not require grad and does not have a grad_fn: nothing "
                "that it was computed from has requires_grad=True"
            )
        if gradient is None:
            if self._array.size != 1:
                raise RuntimeError(
                    f"grad can be implicitly created only for scalar outputs, and this has shape "
                    f"{list(self.shape)}: reduce it first, as with .sum(), or pass gradient="
                )
            gradient = Tensor._of(np.ones_like(self._array))
        elif gradient.shape != self.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[0] has a shape of {gradient.shape} and output[0] "
                f"has a shape of {self.shape}"
            )
        root: Step | Tensor = self._history() or self
        by_tensors = by_tensors or create_graph or _mode.following is not None
        arrived: dict[Step | Tensor, Array] = {root: gradient if by_tensors else gradient._array}
        borrowed = {root}
        tie = Tensor._tied if create_graph else Tensor._untied if by_tensors else None
        before, _mode.recording = _mode.recording, create_graph
        quiet = np.errstate(all="ignore")
        quiet.__enter__()
        try:
            for node in order(root):
                g = arrived.pop(node)
                yield node, g, node in borrowed
                if isinstance(node, Tensor):
                    continue
                if node.is_spent and not only_looks:
                    raise RuntimeError(SPENT)
                node.is_spent |= not retain_graph and node.keeps_something
                for parent, contribution in node.pull(g, tie):
                    if parent in arrived:
                        arrived[parent] = arrived[parent] + contribution
                        borrowed.discard(parent)
                    else:
                        arrived[parent] = contribution
                        array = getattr(contribution, "_array", contribution)
                        if contribution is g or getattr(array, "base", None) is not None:
                            borrowed.add(parent)
        finally:
            quiet.__exit__(None, None, None)
            _mode.recording = before

    @staticmethod
    def _tied(array: np.ndarray, source: Step | Tensor) -> Tensor:
        """What a step kept, with the history that it had."""
        if isinstance(source, Tensor):
            return source
        return Tensor._of(array, source)

    @staticmethod
    def _untied(array: np.ndarray, _source: Step | Tensor) -> Tensor:
        """What a step kept, where nothing is remembered."""
        return Tensor._of(array)

    def _in_rows(self) -> Tensor:
        """A copy that lies in memory in the order of its axes."""
        options = {"dtype": self._array.dtype, "order": "C"}
        return Tensor._record(rules.cast, (self,), options)

    def _accumulate(self, g: Array, borrowed: bool) -> None:
        if isinstance(g, Tensor) and _mode.recording:
            self.grad = g if self.grad is None else self.grad + g
        elif isinstance(g, Tensor):
            if self.grad is None:
                self.grad = g._in_rows() if borrowed else g
            else:
                self.grad._change(rules.add, (g,), {})
        elif self.grad is None:
            self.grad = Tensor._of(g.copy() if borrowed else g)
        else:
            self.grad._array += g
            self.grad._shared.version += 1


def _rebuilt(array: np.ndarray, requires_grad: bool, grad: Tensor | None) -> Tensor:
    tensor = Tensor._of(array)
    tensor._requires_grad = requires_grad
    tensor.grad = grad
    return tensor


def _new_array(data: object, dtype: DType | None = None) -> np.ndarray:
    """A copy of data as an array."""
    plain = _plain(data)
    if isinstance(plain, np.ndarray):
        return plain.astype(plain.dtype if dtype is None else dtype)
    return np.array(plain, dtype=dtype)


def _written_and_read(own: np.ndarray, others: tuple[Any, ...], key: object) -> tuple[Any, Any]:
    """The part of an array that `key` changes, and the Tensors that it is changed by."""
    if rules.index.is_basic(key):
        return own[key], others
    return own, [x for x in others[:1] if isinstance(x, Tensor) and x._array.size > 1]
