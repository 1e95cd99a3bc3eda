"""Generator: the numbers that PyTorch's CPU generator draws for the same seed, as NumPy arrays.

The stream is the 32-bit Mersenne Twister; this page says how each kind of number is made of its
draws, which is what makes one library repeat another. It knows nothing of Tensors.

Source: the algorithms were worked out from the numbers that PyTorch 2.13 draws on a CPU. Bit for
bit: `rand`, `randint`, `randperm` and the choices of `multinomial`; so is `randn` in single
precision, from 16 numbers on and where PyTorch finds a processor with AVX2. Other `randn` and
`exponential` are within two units in the last place, as mathematics libraries round differently.
"""

import math
import os
from typing import Any, Self

import numpy as np

from .graph import _mode
from .normals import box_muller

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
    return size if isinstance(size, int) else math.prod(size)


class Generator:
    """A stream of random numbers that a seed repeats.

    >>> Generator().manual_seed(2147483647).rand(3)
    array([0.70812887, 0.3542391 , 0.10543233], dtype=float32)
    """

    def __init__(self) -> None:
        self._twister = np.random.MT19937()
        self._kept_normal: float | None = None  # draws of two; the second waits here
        self.ahead: Any = None  # whoever has drawn for later, and can set it back by `settle`
        self.manual_seed(67280421310721)  # PyTorch's default

    def manual_seed(self, seed: int) -> Self:
        """Begin anew from this seed; RuntimeError if it has more than 64 bits."""
        if _mode.following is not None:
            _mode.following.undrawn()
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
        twister: Any = self._twister.state["state"]
        state = np.zeros((), dtype=STATE)
        state["seed"], state["seeded"] = self._seed, 1
        state["words"], state["next"] = twister["key"], twister["pos"]
        state["left"] = WORDS + 1 - twister["pos"]
        if self._kept_normal is not None:
            state["normal_y"], state["normal_is_kept"] = self._kept_normal, 1
        return np.frombuffer(state.tobytes(), dtype=np.uint8).copy()

    def set_state(self, state: np.ndarray) -> None:
        """Continue from what `get_state` gave; RuntimeError if it is something else."""
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
        if int(read["next"]) > WORDS:
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

    def rand(self, size: Size, dtype: Any = np.float32) -> np.ndarray:
        """Uniform numbers in [0, 1), float32 of 24 bits or float64 of 53."""
        count = _length(size)
        if np.dtype(dtype) == np.float64:
            return self._uniform53(count).reshape(size)
        few = (self.bits32(count) & np.uint64(2**24 - 1)).astype(np.float32)
        return (few * np.float32(2**-24)).reshape(size)

    def randn(self, size: Size, dtype: Any = np.float32) -> np.ndarray:
        """Normal numbers of mean 0 and variance 1.

        16 or more are made by Box and Muller's method in blocks of 16 from uniform numbers: eight
        give the radius, eight the angle, cosines first. Where the last block is not full, the
        last 16 are all made anew. Fewer than 16 are made in pairs in double precision.
        """
        count = _length(size)
        if count < BLOCK:
            pairs = [self._normal() for _ in range(count)]
            return np.array(pairs, dtype=dtype).reshape(size)
        values = self.rand(count, dtype)
        rest = count % BLOCK
        blocks = values[: count - rest].reshape(-1, 2, BLOCK // 2)
        blocks[:] = box_muller(blocks)
        if rest:
            last = self.rand(BLOCK, dtype).reshape(1, 2, BLOCK // 2)
            values[-BLOCK:] = box_muller(last).reshape(-1)
        return values.reshape(size)

    def _normal(self) -> float:
        if self._kept_normal is not None:
            kept, self._kept_normal = self._kept_normal, None
            return kept
        turn, depth = self._uniform53(2).tolist()
        radius = math.sqrt(-2.0 * math.log1p(-depth))
        angle = 2.0 * math.pi * turn
        self._kept_normal = radius * math.sin(angle)
        return radius * math.cos(angle)

    def randint(self, low: int, high: int, size: Size) -> np.ndarray:
        """Whole numbers in [low, high), int64; RuntimeError if there are none."""
        if high <= low:
            raise RuntimeError(
                f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
            )
        count, span = _length(size), high - low
        draws = self.bits32(count) if span < 2**28 else self._long_draws(count)
        return ((draws % np.uint64(span)).astype(np.int64) + low).reshape(size)

    def randperm(self, count: int) -> np.ndarray:
        """(count,) the numbers 0 to count - 1 in a random order, int64."""
        if count < 0:
            raise RuntimeError(f"n must be non-negative, got {count}")
        order = list(range(count))
        steps = np.arange(count, 1, -1, dtype=np.uint64)
        for i, step in enumerate((self.bits32(max(count - 1, 0)) % steps).tolist()):
            order[i], order[i + step] = order[i + step], order[i]
        return np.array(order, dtype=np.int64)

    def exponential(self, size: Size, rate: float = 1.0, dtype: Any = np.float32) -> np.ndarray:
        """Exponentially distributed numbers of mean 1 / rate; RuntimeError if rate is not > 0."""
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
        _check_weights(rows, chances.ndim, count, replacement)
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


def _check_weights(rows: np.ndarray, ndim: int, count: int, replacement: bool) -> None:
    if ndim not in (1, 2):
        raise RuntimeError(f"prob_dist must be 1 or 2 dim, got {ndim} dimensions")
    if rows.dtype.kind != "f":
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {rows.dtype}; "
            f"convert the weights with .float()"
        )
    if count <= 0:
        raise RuntimeError(f"cannot sample n_sample <= 0 samples, got {count}")
    if not replacement and count > rows.shape[1]:
        raise RuntimeError(
            f"cannot sample n_sample > prob_dist.size(-1) samples without replacement: "
            f"{count} of {rows.shape[1]} were wanted"
        )
    if not np.isfinite(rows).all() or (rows < 0).any():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not (rows.sum(axis=1) > 0).all():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
