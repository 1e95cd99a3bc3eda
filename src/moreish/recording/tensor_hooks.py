"""How Tensors show themselves while a call is recorded: the arrays and gradients they hold.

A Tensor's `_array` and `grad` are exchanged for properties that ask the recorder, for as long as
one records. Other threads see what they always see; eager code pays nothing for it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import numpy as np

from ..engine.graph import _mode
from ..engine.tensor import Tensor

ARRAY = Tensor.__dict__["_array"]  # the slots themselves, past what recording puts before them
GRAD = Tensor.__dict__["_grad"]
SHOWN_GRAD = Tensor.__dict__["grad"]
_one_at_a_time = RLock()


@contextmanager
def unfollowed() -> Iterator[None]:
    """What is done now is on no tape."""
    _mode.following, before = None, _mode.following
    try:
        yield
    finally:
        _mode.following = before


@contextmanager
def followed_by(recorder: Any) -> Iterator[None]:
    """All that Tensors of this thread do goes by the recorder."""
    with _one_at_a_time:
        before = _mode.following, _mode.watching
        _mode.following, _mode.watching = recorder, None
        _put("_array", property(_shown_array, _set_array))
        _put("grad", property(_shown_grad, _set_grad))
        try:
            yield
        finally:
            _mode.following, _mode.watching = before
            if _mode.following is None:
                _put("_array", ARRAY)
                _put("grad", SHOWN_GRAD)


def _put(name: str, descriptor: Any) -> None:
    """Change how Tensors show an attribute."""
    type.__setattr__(Tensor, name, descriptor)


def _shown_array(tensor: Tensor) -> Any:
    recorder = _mode.following
    return ARRAY.__get__(tensor) if recorder is None else recorder.shown(tensor)


def _set_array(tensor: Tensor, array: Any) -> None:
    recorder = _mode.following
    if recorder is None:
        ARRAY.__set__(tensor, array)
    else:
        recorder.set_array(tensor, array)


def _shown_grad(tensor: Tensor) -> Any:
    recorder = _mode.following
    return SHOWN_GRAD.__get__(tensor) if recorder is None else recorder.get_grad(tensor)


def _set_grad(tensor: Tensor, grad: Any) -> None:
    recorder = _mode.following
    if recorder is None:
        GRAD.__set__(tensor, grad)
    else:
        recorder.set_grad(tensor, grad)


def states_of_randomness() -> tuple[Any, ...]:
    """Where Python's and NumPy's own generators stand."""
    states: list[Any] = []
    if "random" in sys.modules:
        states.append(sys.modules["random"].getstate())
    if "numpy.random" in sys.modules:
        state: Any = np.random.get_state()
        name, key, *rest = state
        states += [name, key.tobytes(), rest]
    return tuple(states)
