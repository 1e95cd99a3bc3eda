"""dtypes show themselves as PyTorch's, and NumPy takes them as its own."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch
import moreish.torch.nn.functional as F
from moreish.recording import capture
from moreish.torch import Tensor

NAMES = [
    *("float16", "half", "float32", "float", "float64", "double", "int8", "int16", "short"),
    *("int32", "int", "int64", "long", "uint8", "bool"),
]


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_pytorchs_says(name: str) -> None:
    ours, theirs = getattr(moreish.torch, name), getattr(torch, name)
    for write in (repr, str, "{}".format, lambda kind: f"{kind!s:>15}"):
        assert write(ours) == write(theirs)
    for attribute in ("itemsize", "is_floating_point", "is_complex", "is_signed"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert isinstance(ours, moreish.torch.dtype)
    for again in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert again is ours
    numpys = np.dtype(str(ours).removeprefix("torch."))
    assert ours == numpys
    assert numpys == ours
    assert ours == numpys.type
    assert numpys.type == ours
    assert {ours: 1}[numpys] == 1
    assert moreish.torch.zeros(2, dtype=ours).dtype is ours
    assert ours != "float32"
    assert ours != (moreish.torch.int8 if ours is not moreish.torch.int8 else np.int16)


def test_numpy_takes_them() -> None:
    kind = moreish.torch.float64
    arrays = [
        np.zeros(3, dtype=kind),
        np.zeros(3, dtype=np.float32).astype(kind),
        np.array([1, 2], kind),
        np.empty_like(np.zeros(2, dtype=np.int8), dtype=kind),
        np.arange(3, dtype=kind),
        np.asarray([1.0], dtype=kind),
        np.ones((2, 2), dtype=np.float32).sum(dtype=kind),
        np.frombuffer(bytes(8), dtype=kind),
    ]
    for array in arrays:
        assert array.dtype == np.float64
    assert np.dtype(kind) is np.dtype(np.float64)
    assert np.result_type(kind, np.float32) == np.float64
    assert np.issubdtype(np.dtype(kind), np.floating)


WITH_A_DTYPE: list[Callable[[Any, Any], Any]] = [
    lambda L, kind: L.tensor([1, 2], dtype=kind),
    lambda L, kind: L.as_tensor([1, 2], dtype=kind),
    lambda L, kind: L.as_tensor(np.zeros(2), dtype=kind),
    lambda L, kind: L.zeros(2, 3, dtype=kind),
    lambda L, kind: L.ones(2, dtype=kind),
    lambda L, kind: L.empty(2, dtype=kind),
    lambda L, kind: L.full((2,), 1, dtype=kind),
    lambda L, kind: L.arange(3, dtype=kind),
    lambda L, kind: L.linspace(0, 1, 3, dtype=kind),
    lambda L, kind: L.eye(2, dtype=kind),
    lambda L, kind: L.zeros_like(L.ones(2), dtype=kind),
    lambda L, kind: L.ones_like(L.ones(2), dtype=kind),
    lambda L, kind: L.empty_like(L.ones(2), dtype=kind),
    lambda L, kind: L.full_like(L.ones(2), 1, dtype=kind),
    lambda L, kind: L.rand(2, dtype=kind),
    lambda L, kind: L.randn(2, dtype=kind),
    lambda L, kind: L.rand_like(L.ones(2), dtype=kind),
    lambda L, kind: L.randn_like(L.ones(2), dtype=kind),
    lambda L, kind: L.randint(3, (2,), dtype=kind),
    lambda L, kind: L.randperm(3, dtype=kind),
    lambda L, kind: L.normal(0.0, 1.0, (2,), dtype=kind),
    lambda L, kind: L.ones(2).to(kind),
    lambda L, kind: L.ones(2).sum(dtype=kind),
]


@pytest.mark.parametrize("number", range(len(WITH_A_DTYPE)))
def test_either_kind_is_taken_where_a_dtype_is(number: int) -> None:
    theirs = WITH_A_DTYPE[number](torch, torch.float64)
    for kind in (moreish.torch.float64, np.float64, np.dtype(np.float64)):
        ours = WITH_A_DTYPE[number](moreish.torch, kind)
        assert ours.dtype is moreish.torch.float64
        assert repr(ours.dtype) == repr(theirs.dtype)
        assert ours.numpy().dtype == np.float64


def test_of_a_tensor() -> None:
    t = moreish.torch.tensor([1.0])
    assert t.dtype is moreish.torch.float32
    assert t.dtype == np.float32
    assert t.numpy().dtype == t.dtype
    assert t.numpy().astype(t.dtype).dtype == np.float32
    with pytest.raises(TypeError, match="can't be made"):
        moreish.torch.dtype("float32")


def test_a_captured_function_may_name_them() -> None:
    @capture
    def step(x: Tensor) -> Any:
        mask = (x.detach() > 0).to(moreish.torch.float32)
        return (F.relu(x) * mask).to(moreish.torch.float64).sum()

    for shift in (1.0, -1.0, 0.5):
        x = moreish.torch.tensor([shift, 2.0], requires_grad=True)
        assert step(x).item() == max(shift, 0) + 2
        assert step(x).dtype is moreish.torch.float64
