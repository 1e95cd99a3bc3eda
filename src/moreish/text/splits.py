"""Which items are for training, which for choosing (dev), which for judging (test).

The split is by distinct item, so repeats never straddle two splits; and by a hash of the item
and the seed, so it does not depend on the order of the list.
"""

import math
from collections.abc import Sequence

import numpy as np

from ..errors import OptionError

TRAIN, DEV, TEST = range(3)
NAMES = ("train", "dev", "test")
USUAL = (80.0, 10.0, 10.0)


def parse_shares(text: str) -> tuple[float, float, float]:
    """The shares of train, dev and test as they are typed. OptionError if they are not three.

    >>> parse_shares("80/10/10")
    (80.0, 10.0, 10.0)
    """
    try:
        train, dev, test = map(float, text.split("/"))
    except ValueError:
        raise OptionError(
            f"a split is three shares, train/dev/test, as in 80/10/10; got {text!r}"
        ) from None
    return train, dev, test


def split_items(
    texts: Sequence[str], shares: tuple[float, float, float] = USUAL, seed: int = 1
) -> np.ndarray:
    """N distinct items → (N,) 0, 1 or 2: train, dev or test.

    Each share is met to the item; at least one item is for training.

    >>> split_items(["emma", "olivia", "ava", "mia", "zoe"], (60, 20, 20)).tolist()
    [1, 0, 2, 0, 0]
    """
    check_shares(shares)
    ranked = np.argsort(marks_of(texts, seed), kind="stable")
    held_out = [round(len(texts) * share / sum(shares)) for share in shares[DEV:]]
    while sum(held_out) >= len(texts):
        held_out[held_out[1] > 0] -= 1
    which = np.full(len(texts), TRAIN, dtype=np.uint8)
    which[ranked[: held_out[0]]] = DEV
    which[ranked[held_out[0] : sum(held_out)]] = TEST
    return which


def marks_of(texts: Sequence[str], seed: int = 1) -> np.ndarray:
    """N items → (N,) uint64, a mark of each that looks random and is always the same.

    >>> marks_of(["emma", "ava", "emma"])[[0, 2]] % 100
    array([72, 72], dtype=uint64)
    """
    key = str(seed).encode()
    from hashlib import blake2b  # it takes a while to load

    marks = [blake2b(text.encode(), digest_size=8, key=key).digest() for text in texts]
    return np.frombuffer(b"".join(marks), dtype=">u8").astype(np.uint64)


def split_by_marks(marks: np.ndarray, shares: tuple[float, float, float] = USUAL) -> np.ndarray:
    """(N,) marks → (N,) 0, 1 or 2: as `split_items`, each item for itself.

    An item is where it would be in `split_items` but for those near the limits, so the shares
    are met nearly.

    >>> split_by_marks(np.array([0, 2**63, 2**64 - 1], dtype=np.uint64)).tolist()
    [1, 0, 0]
    """
    check_shares(shares)
    places = marks / 2.0**64
    which = np.full(len(marks), TRAIN, dtype=np.uint8)
    dev, test = (share / sum(shares) for share in shares[DEV:])
    which[places < dev + test] = TEST
    which[places < dev] = DEV
    return which


def check_shares(shares: tuple[float, float, float]) -> None:
    """OptionError if they can't be the shares of train, dev and test."""
    if not min(shares) >= 0 or not shares[TRAIN] > 0 or not sum(shares) < math.inf:
        raise OptionError(
            f"the shares of train, dev and test must be 0 or more, that of train more than 0, and "
            f"their sum finite; got {'/'.join(f'{share:g}' for share in shares)}"
        )
