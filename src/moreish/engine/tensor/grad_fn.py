"""One primitive applied: what the walk back needs to know of it, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from sys import _getframe
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .. import rules
from ..graph import Primitive, _mode
from ..source_lines import Line, layer_below, line_at, user_frame
from .arguments import Array, DType
from .grad_fn_names import name_of

if TYPE_CHECKING:
    from .core import Tensor

# Makes a Tensor of an array that a step kept, given where it is from.
Tie: TypeAlias = "Callable[[np.ndarray, Any], Tensor]"


class Shared:
    """What all views of one storage have in common: how often its numbers were changed."""

    __slots__ = ("version",)

    def __init__(self) -> None:
        self.version = 0


class Step:
    """A primitive, what it was applied to, and what its gradients need: arrays of any shape."""

    __slots__ = (
        "_parents",
        "code",
        "dtypes",
        "is_spent",
        "keeps_something",
        "kept",
        "label",
        "layer",
        "options",
        "position",
        "primitive",
        "retained",
        "shapes",
        "versions",
    )

    def __init__(
        self,
        primitive: Primitive,
        inputs: Sequence[Any],
        wanted: tuple[bool, ...],
        arrays: list[Any],
        result: Tensor,
        options: dict[str, Any],
    ) -> None:
        self.primitive = primitive
        self.options: dict[str, Any] = options
        self.label: str | None = None  # see `names`
        self.is_spent = False  # whether a walk has been here that was to be the last
        self.retained: list[Any] | None = None  # weak references to tensors that keep theirs
        self._parents = tuple(
            (x._history() or x) if is_wanted else None
            for x, is_wanted in zip(inputs, wanted, strict=True)
        )
        self.shapes = tuple(getattr(a, "shape", ()) for a in arrays)
        self.dtypes: tuple[Any, ...] = tuple(
            getattr(getattr(x, "_array", x), "dtype", None) for x in inputs
        )
        is_kept = primitive.kept(wanted)
        self.kept = [
            array if keep else None
            for array, keep in zip((result._array, *arrays), is_kept, strict=True)
        ]
        self.keeps_something = True in is_kept or _keeps_a_place(primitive, arrays, options)
        self.versions = [
            _version(x) if keep else None
            for x, keep in zip((result, *inputs), is_kept, strict=True)
        ]
        inner = _getframe(2)
        frame = user_frame(inner)
        self.layer = layer_below(inner, frame)
        self.code = None if frame is None else frame.f_code
        self.position = 0 if frame is None else frame.f_lasti
        if _mode.watching is not None:
            _mode.watching.append((primitive, tuple(arrays), wanted, options, self.line))

    @property
    def name(self) -> str:
        """What PyTorch calls such a step, as in `grad_fn`."""
        return name_of(self)

    @property
    def line(self) -> Line | None:
        """The line of the user's code that took it."""
        return line_at(self.code, self.position)

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def pull(
        self, g: Array, tie: Tie | None = None, dtype: DType | None = None
    ) -> Iterator[tuple[Any, Array]]:
        """For each parent that wants one: the parent, and its gradient, of the parent's shape.

        `g` is the gradient of the result. Gradients have the parent's dtype, or `dtype`. `tie`,
        where gradients have gradients, makes a Tensor of what was kept and where it is from.
        RuntimeError if what was kept has been changed since.
        """
        for i, version in enumerate(self.versions):
            if version is not None and version[0].version != version[1]:
                what = f"input {i - 1}" if i else "the result"
                raise RuntimeError(
                    f"one of the variables needed for gradient computation has been modified by "
                    f"an inplace operation: {what} of {self.primitive.name} was at version "
                    f"{version[1]} when it was used and is at version {version[0].version} now. "
                    f"Change a copy (clone) instead, or run the forward pass again."
                )
        kept = self.kept
        if tie is not None:
            sources = (self, *self._parents)
            kept = [
                tie(array, source) if isinstance(array, np.ndarray) else array
                for array, source in zip(kept, sources, strict=True)
            ]
        shapes = ((), *self.shapes)
        for i, parent in enumerate(self._parents):
            if parent is None:
                continue
            if self.primitive.every is not None:
                contribution = self.primitive.every(g, i, self.shapes, **self.options)
            else:
                gradient = self.primitive.gradients[i]
                contribution = gradient.of(g, kept, shapes, self.options)
            yield parent, fit(contribution, self.shapes[i], dtype or self.dtypes[i])


def _keeps_a_place(primitive: Primitive, arrays: list[Any], options: dict[str, Any]) -> bool:
    """Of what is assigned to a part of a tensor PyTorch keeps how the part lies there."""
    if primitive.name == "put":
        return len(arrays) > 2 or not _is_whole(options["key"], arrays[0])
    return primitive.name == "put_view"


def _is_whole(key: Any, array: np.ndarray) -> bool:
    """Whether a key stands for all of an array as it lies there, as `...`, `()` and `:` do.

    As in PyTorch, a slice that counts its start from the end does not.
    """
    parts = key if isinstance(key, tuple) else (key,)
    is_plain = all(
        part is ...
        or (isinstance(part, slice) and part.step in (None, 1) and (part.start or 0) >= 0)
        for part in parts
    )
    return is_plain and array[key].shape == array.shape


def _version(x: object) -> tuple[Shared, int] | None:
    shared = getattr(x, "_shared", None)
    return None if shared is None else (shared, shared.version)


def fit(g: Array, shape: tuple[int, ...], dtype: DType | None) -> Array:
    """The gradient of what was broadcast: summed over what was repeated. Only this undoes one."""
    if g.shape != shape:
        extra = len(g.shape) - len(shape)
        repeated = tuple(range(extra)) + tuple(
            i + extra for i, n in enumerate(shape) if n == 1 and g.shape[i + extra] != 1
        )
        g = rules.reshape(rules.sum(g, axis=repeated), shape=shape)
    return g if g.dtype == dtype else rules.cast(g, dtype=dtype)
