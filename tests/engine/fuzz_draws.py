"""What the fuzz test draws: shapes, dtypes, numbers, memory layouts, axes and keys.

Shapes are small, and often empty or without axes. A few arguments are wrong on purpose: an axis
that is not there, or something that is no number. Numbers come from short lists, so that ties,
zeros, infinities and NaN are common.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

FLOATS = ("float32", "float64", "float16")
WHOLES = ("int64", "int32", "int16", "int8", "uint8")
DTYPES = (*FLOATS, *WHOLES, "bool")

# Sums of a few of these are exact in half precision, products of two in single precision.
PLAIN = (0.0, 1.0, -1.0, 0.5, -0.25, 2.0, 3.0, -1.75, 0.75, -3.5, 2.5, 1.5)
POSITIVE = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 3.5)
SPECIAL = (*PLAIN, np.nan, np.inf, -np.inf, -0.0)
LARGE = (*SPECIAL, 3e38, -3e38, 1e-30, 6e4, 16777217.0)
SMALL_WHOLES = (0, 1, 2, 3, 5, -1, -2, -7)


@dataclass
class Given:
    """An input: its numbers, how they lie in memory, and whether a gradient is asked for."""

    array: np.ndarray
    layout: str = "plain"
    grad: bool = False

    def make(self, library: Any) -> tuple[Any, Any]:
        """The leaf, and the tensor that is computed with: a view of it, perhaps."""
        array = self.array
        if self.layout == "turned":
            array = array.swapaxes(0, -1).copy()
        elif self.layout == "strided":
            array = np.repeat(array, 2, axis=-1)
        leaf = library.tensor(array, requires_grad=self.grad)
        if self.layout == "turned":
            return leaf, leaf.transpose(0, -1)
        return leaf, leaf[..., ::2] if self.layout == "strided" else leaf


@dataclass
class Case:
    """A function of a library and tensors, its inputs, and how exact its results must be.

    - `exact`: nothing is rounded.
    - `roundings`: how many there are at most, one after another.
    - `degree`: sums are of products of so many inputs, and lose so much where they cancel.
    - `each`: numbers stand for themselves and nothing cancels, so the bound is relative.
    """

    function: Callable[..., Any]
    inputs: list[Given]
    told: str
    exact: bool = False
    each: bool = False
    roundings: int = 16
    degree: int = 1
    floor: float = 0.0
    views: bool = True  # whether what shares memory in PyTorch must share it here
    dtypes: list[Any] = field(default_factory=list)  # of the results, once they are there


class Draw:
    """One draw: everything is asked of hypothesis, so failures are made small."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.random = np.random.default_rng(data.draw(st.integers(0, 2**20), label="numbers"))

    def one(self, choices: Sequence[Any]) -> Any:
        return self.data.draw(st.sampled_from(choices))

    def whole(self, low: int, high: int) -> int:
        return int(self.data.draw(st.integers(low, high)))

    def flag(self) -> bool:
        return bool(self.data.draw(st.booleans()))

    def rarely(self) -> bool:
        return self.whole(0, 11) == 11

    def shape(self, low: int = 0, high: int = 3, least: int = 0) -> tuple[int, ...]:
        return tuple(self.whole(least, 3) for _ in range(self.whole(low, high)))

    def broadcasting(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that goes with this one; seldom one that does not."""
        if self.rarely():
            return self.shape()
        shorter = shape[self.whole(0, len(shape)) :]
        return tuple(1 if self.whole(0, 2) == 2 else n for n in shorter)

    def dtype(self, kinds: Sequence[str] = DTYPES) -> str:
        return str(self.one(kinds))

    def numbers(self, shape: tuple[int, ...], dtype: str, pool: Sequence[float] = PLAIN) -> Any:
        kind = np.dtype(dtype)
        if kind.kind == "b":
            return self.random.integers(0, 2, shape).astype(bool)
        if kind.kind in "iu":
            limits = np.iinfo(kind)
            pool = SMALL_WHOLES if pool is not LARGE else (*SMALL_WHOLES, limits.max, limits.min)
            whole = np.array(pool, dtype=object)[self.random.integers(0, len(pool), shape)]
            return np.asarray(whole, dtype=object).astype(np.int64).astype(kind)
        picked = np.array(pool, dtype=np.float64)[self.random.integers(0, len(pool), shape)]
        with np.errstate(all="ignore"):
            return np.asarray(picked).astype(kind)

    def tensor(
        self,
        shape: tuple[int, ...] | None = None,
        kinds: Sequence[str] = DTYPES,
        pool: Sequence[float] | None = None,
        plain: bool = False,
    ) -> Given:
        shape = self.shape() if shape is None else shape
        dtype = self.dtype(kinds)
        if pool is None:
            pool = SPECIAL if self.whole(0, 3) == 3 else PLAIN
        layout = "plain"
        if shape and not plain:
            layout = self.one(("plain", "plain", "turned", "strided"))
        array = self.numbers(shape, dtype, pool)
        return Given(array, layout, grad=array.dtype.kind == "f" and self.whole(0, 3) > 0)

    def distinct(
        self, shape: tuple[int, ...], kinds: Sequence[str] = ("float32", "int64")
    ) -> Given:
        """No two numbers are equal, so that an order is the only one."""
        count = int(np.prod(shape))
        array = self.random.permutation(count).reshape(shape) - count // 2
        array = array.astype(self.dtype(kinds))
        return Given(array, "plain", grad=array.dtype.kind == "f" and self.flag())

    def number(self) -> Any:
        """A Python number."""
        return self.one((0, 1, 2, -1, 3, 0.5, -2.5, 2.0, True, False, 1.0))

    def odd(self, value: Any) -> Any:
        """Almost always the value, and else something that is none."""
        if self.whole(0, 24) < 24:
            return value
        return self.one((1.5, "a", (1.5,)))

    def dim(self, count: int) -> Any:
        """An axis, seldom one that is not there."""
        edge = int(self.rarely())
        count = max(count, 1)
        return self.odd(self.whole(-count - edge, count - 1 + edge))

    def dims(self, count: int) -> Any:
        """None, one axis, or several."""
        kind = self.whole(0, 5)
        if kind == 0:
            return None
        if kind < 4:
            return self.dim(count)
        axes = [self.dim(count) for _ in range(self.whole(0, max(count, 1)))]
        return tuple(axes) if self.flag() else list(axes)

    def index(self, size: int) -> int:
        edge = int(self.rarely())
        return self.whole(-size - edge, max(size - 1, 0) + edge)

    def slice(self, size: int) -> slice:
        ends = [self.one((None, self.whole(-size - 1, size + 1))) for _ in range(2)]
        return slice(*ends, self.one((None, None, 1, 2, -1 if self.rarely() else 3)))

    def key(self, shape: tuple[int, ...]) -> tuple[Callable[[Any], Any], str]:
        """What may stand in brackets: (library → the key, and how it looks)."""
        parts: list[tuple[Callable[[Any], Any], str]] = []
        rest = list(shape)
        length = self.whole(0, len(shape) + int(self.rarely()))
        picked = tuple(self.whole(0, 2) for _ in range(self.whole(1, 2)))
        has_dots = False
        while len(parts) < length + 2 and (rest or self.rarely()):
            kind = self.one(KEYS)
            size = rest[0] if rest else 1
            if kind == "dots":
                if has_dots:
                    continue
                has_dots = True
                parts.append((lambda t: ..., "..."))
                gone = self.whole(0, len(rest))
                rest = rest[gone:]
                continue
            if kind == "stop":
                break
            if kind in ("none", "flag"):
                value = None if kind == "none" else self.flag()
                parts.append((_always(value), repr(value)))
                continue
            if kind == "mask" and rest:
                taken = self.whole(1, len(rest))
                mask = self.random.integers(0, 2, rest[:taken]).astype(bool)
                if self.rarely():
                    mask = self.random.integers(0, 2, (3,)).astype(bool)
                if self.whole(0, 4) == 4:
                    mask = mask.astype(np.uint8)
                parts.append((_tensor_of(mask), f"tensor({mask.tolist()})"))
                rest = rest[taken:]
                continue
            rest = rest[1:]
            if kind == "whole":
                value = self.index(size) if self.whole(0, 24) else self.one((1.5, "a"))
                parts.append((_always(value), repr(value)))
            elif kind == "slice":
                value = self.slice(size)
                parts.append((_always(value), repr(value)))
            elif kind == "scalar":
                array = np.array(self.index(size), dtype=self.one(("int64", "int32", "int16")))
                parts.append((_tensor_of(array), f"tensor({array})"))
            else:
                wanted = picked if self.whole(0, 3) else self.broadcasting(picked)
                array = self._indices(wanted, size)
                if kind == "list" and array.ndim:
                    parts.append((_always(array.tolist()), repr(array.tolist())))
                else:
                    name = self.one(("int64", "int64", "int64", "int32", "int16", "int8"))
                    array = array.astype(name)
                    parts.append((_tensor_of(array), f"tensor({array.tolist()}, {name})"))
        looks = ", ".join(look for _, look in parts)
        if len(parts) == 1 and self.flag():
            return parts[0][0], looks
        return lambda t: tuple(part(t) for part, _ in parts), f"({looks})"

    def _indices(self, shape: tuple[int, ...], size: int) -> np.ndarray:
        edge = int(self.rarely())
        low, high = -size - edge, max(size - 1, 0) + edge
        return self.random.integers(low, high + 1, shape) if size else np.zeros(shape, int)


KEYS = ("whole", "whole", "slice", "slice", "none", "dots", "list", "list", "tensor", "tensor")
KEYS = (*KEYS, "scalar", "mask", "flag", "stop")


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda t: value


def _tensor_of(array: np.ndarray) -> Callable[[Any], Any]:
    return lambda t: t.tensor(array)
