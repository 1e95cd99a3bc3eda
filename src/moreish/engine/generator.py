"""Generator: the numbers that PyTorch's CPU generator draws for the same seed, as NumPy arrays.

The stream is the 32-bit Mersenne Twister; this page says how each kind of number is made of its
draws, which is what makes one library repeat another. It knows nothing of Tensors.

To the bit the same are whole numbers and `rand`, on every processor, and so is what is chosen by
comparing `rand` with a probability. Numbers that are stretched or computed from those are to the
bit PyTorch's where it runs its code for vectors: on x86-64 processors with AVX2 or AVX-512. There
it multiplies and adds with one rounding, on others of x86-64 with two. That holds for `uniform`
and, from 16 numbers on, for `normal` in single and half precision. Fewer, `normal` in double
precision and `exponential` take a logarithm, sine or cosine from the mathematics library, and are
within an absolute bound: ten units in the last place of the largest number there can be.

Source: PyTorch 2.13, ATen/core/DistributionsHelper.h and ATen/native/cpu/DistributionTemplates.h,
for the algorithms; its package for x86-64 holds none of the random functions of Intel's MKL, by
which older versions drew other masks on Intel's processors.
"""

import math
import os
from typing import Any, Self

import numpy as np

from .box_muller import box_muller
from .device import Device
from .draw_bounds import check_bounds, check_range, check_weights, exact_range, largest
from .dtypes import DType
from .fused_multiply_add import multiply_add
from .graph import _mode

Size = int | tuple[int, ...]

BLOCK = 16  # values that randn makes together
WORDS = 624  # of the Mersenne Twister's state
# PyTorch's layout of a saved state, 5056 bytes in all.
STATE = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("words", "<u8", WORDS),
        ("normal_x", "<f8"),
        ("normal_y", "<f8"),
        ("normal_rho", "<f8"),
        ("normal_is_kept", "<i8"),
        ("float_normal", "<f4"),
        ("float_normal_is_kept", "<i4"),
    ]
)


def _length(size: Size) -> int:
    sizes = (size,) if isinstance(size, int) else size
    if min(sizes, default=0) < 0:
        raise RuntimeError(f"a size can't be below 0, but got {list(sizes)}")
    return math.prod(sizes)


class Generator:
    """A stream of random numbers that a seed repeats; `device` is "cpu", RuntimeError for another.

    >>> Generator().manual_seed(2147483647).rand(3)
    array([0.70812887, 0.3542391 , 0.10543233], dtype=float32)
    """

    def __init__(self, device: Device | str = "cpu") -> None:
        self.device = Device(device)
        self._twister = np.random.MT19937()
        self._kept_normal: float | None = None  # draws of two; the second waits here
        self.ahead: Any = None  # whoever has drawn for later, and can set it back by `settle`
        self.manual_seed(67280421310721)  # PyTorch's default

    def manual_seed(self, seed: int) -> Self:
        """Begin anew from this seed; RuntimeError if it has more than 64 bits."""
        if _mode.following is not None:
            _mode.following.undrawn()
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise RuntimeError(
                f"manual_seed expected a long, but got {type(seed).__name__}: give a whole number"
            )
        if not -(2**63) <= seed < 2**64:
            raise RuntimeError(
                f"a seed has at most 64 bits: a whole number from -2**63 to 2**64 - 1 was "
                f"wanted, got {seed}"
            )
        self.ahead = None
        self._seed = int(seed) % 2**64
        self._twister._legacy_seeding(self._seed % 2**32)
        self._kept_normal = None
        return self

    def initial_seed(self) -> int:
        """The seed it began with."""
        return self._seed

    def seed(self) -> int:
        """Begin anew from a seed that nobody could guess, and return it."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._seed

    def get_state(self) -> np.ndarray:
        """(5056,) bytes in PyTorch's layout, from which `set_state` continues."""
        self.settle()
        twister = self._twister.state["state"]
        state = np.zeros((), dtype=STATE)
        state["seed"], state["seeded"] = self._seed, 1
        state["words"], state["next"] = twister["key"], twister["pos"]
        state["left"] = WORDS + 1 - twister["pos"]
        if self._kept_normal is not None:
            state["normal_y"], state["normal_is_kept"] = self._kept_normal, 1
        return np.frombuffer(state.tobytes(), dtype=np.uint8).copy()

    def set_state(self, state: np.ndarray) -> None:
        """Continue from what `get_state` gave: (N,) bytes. RuntimeError if it is something else."""
        if _mode.following is not None:
            _mode.following.undrawn()
        self.ahead = None
        content = np.asarray(state, dtype=np.uint8).tobytes()
        if len(content) != STATE.itemsize:
            raise RuntimeError(
                f"a state of {STATE.itemsize} bytes was wanted, as get_state() gives it, got "
                f"{len(content)} bytes"
            )
        read = np.frombuffer(content, dtype=STATE)[0]
        if int(read["next"]) > WORDS or not read["seeded"]:
            raise RuntimeError("Invalid mt19937 state")
        fresh = read["next"] == 0 and read["left"] == 1
        self._seed = int(read["seed"])
        self._twister.state = {
            "bit_generator": "MT19937",
            "state": {
                "key": read["words"].astype(np.uint32),
                "pos": WORDS if fresh else int(read["next"]),
            },
        }
        self._kept_normal = float(read["normal_y"]) if read["normal_is_kept"] else None

    def __getstate__(self) -> dict[str, Any]:
        self.settle()
        return vars(self)

    def settle(self) -> None:
        """Stand where those who drew ahead for later have come to by now."""
        ahead, self.ahead = self.ahead, None
        if ahead is not None:
            ahead.settle()

    # ---- the draws everything is made of

    def bits32(self, count: int) -> np.ndarray:
        """(count,) uint64, each a whole number of 32 bits."""
        if _mode.following is not None:
            _mode.following.undrawn()
        if self.ahead is not None:
            self.settle()
        return self._twister.random_raw(count)

    def _long_draws(self, count: int) -> np.ndarray:
        """(count,) uint64, each of two draws."""
        high, low = self.bits32(2 * count).reshape(count, 2).T
        return (high << np.uint64(32)) | low

    def _uniform53(self, count: int) -> np.ndarray:
        """(count,) float64 in [0, 1), of 53 bits each."""
        return (self._long_draws(count) & np.uint64(2**53 - 1)) * 2.0**-53

    # ---- numbers

    def rand(self, size: Size, dtype: DType = np.float32) -> np.ndarray:
        """Uniform numbers in [0, 1) of shape `size`, float32 of 24 bits or float64 of 53."""
        return self.uniform(size, 0.0, 1.0, dtype)

    def uniform(
        self, size: Size, low: float = 0.0, high: float = 1.0, dtype: DType = np.float32
    ) -> np.ndarray:
        """Uniform numbers in [low, high) of shape `size`.

        RuntimeError if high < low or they are too large."""
        dtype = np.dtype(dtype)
        check_bounds(low, high, dtype)
        count = _length(size)
        if dtype == np.float64:
            values = self._uniform53(count)
        else:
            values = (self.bits32(count) & np.uint64(2**24 - 1)).astype(np.float32)
            values *= np.float32(2**-24)
        if (low, high) != (0.0, 1.0):
            first, last = values.dtype.type(low), values.dtype.type(high)
            values = multiply_add(values, last - first, first)
        values = values.astype(dtype, copy=False)
        values[values == dtype.type(high)] = low  # rounded up to it
        return values.reshape(size)

    def randn(self, size: Size, dtype: DType = np.float32) -> np.ndarray:
        """Normal numbers of mean 0 and variance 1, of shape `size`."""
        return self.normal(size, 0.0, 1.0, dtype)

    def normal(
        self,
        size: Size,
        mean: float = 0.0,
        std: float = 1.0,
        dtype: DType = np.float32,
        in_blocks: bool = True,
    ) -> np.ndarray:
        """Normal numbers of this mean and standard deviation, of shape `size`.

        RuntimeError if std is not >= 0.

        16 or more are made by Box and Muller's method in blocks of 16 from uniform numbers: eight
        give the radius, eight the angle, cosines first. Where the last block is not full, the
        last 16 are all made anew. Fewer than 16, or what does not lie in one piece of memory
        (`in_blocks`), are made in pairs in double precision.
        """
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise NotImplementedError(f"normal numbers are floating-point: {dtype} was asked for")
        if not std >= 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
        count = _length(size)
        if count < BLOCK or not in_blocks:
            values = np.array([self._normal() for _ in range(count)], dtype=np.float64)
            return multiply_add(values, std, mean).astype(dtype).reshape(size)
        exact = np.float64 if dtype == np.float64 else np.float32
        rest = count % BLOCK
        # In half precision PyTorch draws whole blocks alone, in the others as many as are asked.
        values = self.rand(count - rest if dtype == np.float16 else count, exact)
        whole = box_muller(values[: count - rest].reshape(-1, 2, BLOCK // 2)).reshape(-1)
        values = np.concatenate([whole, values[count - rest :]])
        if rest:
            last = self.rand(BLOCK, exact).reshape(1, 2, BLOCK // 2)
            values = np.concatenate([values[: count - BLOCK], box_muller(last).reshape(-1)])
        values = values + mean if std == 1 else multiply_add(values, std, mean)
        return values.astype(dtype, copy=False).reshape(size)

    def _normal(self) -> float:
        if self._kept_normal is not None:
            kept, self._kept_normal = self._kept_normal, None
            return kept
        turn, depth = self._uniform53(2).tolist()
        radius = math.sqrt(-2.0 * math.log1p(-depth))
        angle = 2.0 * math.pi * turn
        self._kept_normal = radius * math.sin(angle)
        return radius * math.cos(angle)

    def randint(self, low: int, high: int, size: Size, dtype: DType = np.int64) -> np.ndarray:
        """Whole numbers in [low, high) of this dtype and shape; RuntimeError if there are none."""
        if high <= low:
            raise RuntimeError(
                f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
            )
        dtype = np.dtype(dtype)
        check_range(low, high - 1, dtype)
        if dtype.kind == "f":
            low, high = exact_range(low, high, dtype)
        count, span = _length(size), high - low
        draws = self.bits32(count) if span < 2**28 else self._long_draws(count)
        numbers = (draws % np.uint64(span)).astype(np.int64) + np.int64(low)
        return numbers.astype(dtype, copy=False).reshape(size)

    def random(
        self, size: Size, low: int | None = None, high: int | None = None, dtype: DType = np.int64
    ) -> np.ndarray:
        """Whole numbers in [low, high) of this dtype and shape `size`.

        Without `high`, up to the largest of the dtype. RuntimeError if there are none.

        Of a floating-point dtype the largest is that up to which all are exact. Without `low`,
        from 0 on; with -2**63 and no `high`, numbers of all 64 bits.
        """
        dtype = np.dtype(dtype)
        if low is not None and high is not None:
            return self.randint(low, high, size, dtype)
        if low is None:
            draw = self._long_draws if dtype in (np.int64, np.float64) else self.bits32
            numbers = draw(_length(size)) % np.uint64(largest(dtype) + 1)
        elif low > -(2**63):
            return self.randint(low, largest(dtype) + 1, size, dtype)
        elif dtype not in (np.int64, np.float64, np.float32):
            raise RuntimeError(f"numbers of 64 bits were asked for, and {dtype} can't hold them")
        else:
            numbers = self._long_draws(_length(size)).view(np.int64)
        return numbers.astype(dtype).reshape(size)

    def randperm(self, count: int) -> np.ndarray:
        """(count,) the numbers 0 to count - 1 in a random order. RuntimeError if count < 0."""
        if count < 0:
            raise RuntimeError(f"n must be non-negative, got {count}")
        order = list(range(count))
        steps = np.arange(count, 1, -1, dtype=np.uint64)
        for i, step in enumerate((self.bits32(max(count - 1, 0)) % steps).tolist()):
            order[i], order[i + step] = order[i + step], order[i]
        return np.array(order, dtype=np.int64)

    def exponential(self, size: Size, rate: float = 1.0, dtype: DType = np.float32) -> np.ndarray:
        """Exponentially distributed numbers of mean 1 / rate, of shape `size`.

        RuntimeError if rate is not > 0."""
        if np.dtype(dtype).kind != "f":
            raise RuntimeError(f"exponential numbers are floating-point: {dtype} was asked for")
        if not rate > 0:
            raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={rate}")
        draws = -1.0 / rate * np.log1p(-self._uniform53(_length(size)))
        return draws.astype(dtype).reshape(size)

    def multinomial(self, chances: np.ndarray, count: int, replacement: bool = False) -> np.ndarray:
        """(V,) or (B, V) non-negative weights → (count,) or (B, count) indices, int64.

        One draw, or several without replacement, take the largest of weight over exponential
        draw; several with replacement search the cumulative sums. RuntimeError for weights that
        are negative or no numbers, that are all 0, or fewer than are to be drawn without
        replacement.
        """
        rows = np.atleast_2d(chances)
        check_weights(rows, chances.ndim, count, replacement)
        if replacement and count > 1:
            reach = np.cumsum(rows, axis=1, dtype=rows.dtype)
            reach = reach / reach[:, -1:]
            reach[:, -1] = 1
            draws = self._uniform53(len(rows) * count).reshape(len(rows), count)
            chosen = np.stack(
                [np.searchsorted(r, d, side="left") for r, d in zip(reach, draws, strict=True)]
            )
        else:
            waits = self.exponential(rows.shape, dtype=rows.dtype)
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                ranks = rows / waits
            if count == 1:
                chosen = ranks.argmax(axis=1)[:, None]
            else:
                chosen = np.argsort(-ranks, axis=1, kind="stable")[:, :count]
        return chosen.astype(np.int64).reshape(*chances.shape[:-1], count)
