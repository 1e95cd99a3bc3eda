"""Sets of whole numbers, as arrays that rise.

They are found by sorting. NumPy's own `unique` without counts, and `union1d` and `setdiff1d` which
call it, hash from NumPy 2.3 on: where most numbers differ that takes twenty times as long
(`docs/notes.md`).
"""

import numpy as np

__all__ = ["distinct", "find", "not_in", "union"]


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Any numbers → (C,) those that there are.

    >>> distinct(np.array([[4, 2], [2, 4]]))
    array([2, 4])
    """
    return np.unique(numbers, return_counts=True)[0]  # which sorts


def union(*numbers: np.ndarray) -> np.ndarray:
    """Arrays of any numbers → (C,) those that are in one of them.

    >>> union(np.array([4, 2]), np.array([3, 2]))
    array([2, 3, 4])
    """
    return distinct(np.concatenate(numbers))


def find(known: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(C,) rising and (B,) → which of the B are among the C, and where, both (F,).

    >>> find(np.array([2, 4]), np.array([4, 3, 2]))
    (array([0, 2]), array([1, 0]))
    """
    if not len(known):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    places = np.searchsorted(known, wanted)
    places[places == len(known)] = 0
    which = np.flatnonzero(known[places] == wanted)
    return which, places[which]


def not_in(known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """(C,) rising and any numbers → (D,) rising, those that are not among the C.

    >>> not_in(np.array([2, 4]), np.array([5, 4, 3, 5]))
    array([3, 5])
    """
    numbers = distinct(wanted)
    return np.delete(numbers, find(known, numbers)[0])
