"""One function run through both libraries: values, dtypes, shapes, gradients must agree."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import moreish.torch
from moreish.torch import Tensor

RELATIVE = {"float32": 1e-6, "float64": 1e-12}
# Whether PyTorch runs its code for vectors here, which rounds a product and a sum once.
HAS_VECTORS = torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")


def bound_of_normal_draws(dtype: Any) -> float:
    """How far apart two computations of one normal number, radius times cosine, may be.

    The angle, below 8, is rounded up to three times, by half a unit of 4 each, and so are factors
    of 2 pi; the cosine takes that over as it is. Logarithm, root, cosine, product, standard
    deviation and mean are rounded in proportion. The radius is largest where all digits are 0 but
    the last.
    """
    information = np.finfo(dtype)
    radius = math.sqrt(2 * (information.nmant + 1) * math.log(2))
    return radius * (3 * 2 + 4) * float(information.eps)


def name_of(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def results(thing: Any) -> list[Any]:
    """What a function gave, as a list of tensors and plain things."""
    return list(thing) if isinstance(thing, (tuple, list)) else [thing]


def assert_same(ours: Any, theirs: Any, exact: bool = False) -> None:
    if not isinstance(theirs, torch.Tensor):
        assert ours == theirs
        return
    assert isinstance(ours, Tensor), f"{type(ours)} is no Tensor"
    assert tuple(ours.shape) == tuple(theirs.shape)
    assert name_of(ours.dtype) == name_of(theirs.dtype)
    assert ours.requires_grad == theirs.requires_grad
    _assert_close(ours.detach().numpy(), theirs.detach().numpy(), exact)


def _assert_close(a: np.ndarray, b: np.ndarray, exact: bool) -> None:
    if exact or a.dtype.kind != "f":
        np.testing.assert_array_equal(a, b)
        return
    tolerance = RELATIVE[a.dtype.name]
    finite = np.abs(b[np.isfinite(b)])
    scale = float(finite.max()) if finite.size else 0.0  # a sum's error goes with its largest part
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * scale)


def check(
    function: Callable[..., Any], *arrays: np.ndarray, exact: bool = False, second: bool = False
) -> None:
    """`function(torch, *tensors)` with either library in the place of torch."""
    floating = [a.dtype.kind == "f" for a in arrays]
    mine = [moreish.torch.tensor(a, requires_grad=f) for a, f in zip(arrays, floating, strict=True)]
    reference = [torch.tensor(a, requires_grad=f) for a, f in zip(arrays, floating, strict=True)]
    ours, theirs = (
        results(function(moreish.torch, *mine)),
        results(function(torch, *reference)),
    )
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert_same(a, b, exact)
    graded = [
        (a, b)
        for a, b in zip(ours, theirs, strict=True)
        if isinstance(b, torch.Tensor) and b.requires_grad
    ]
    for seed, (a, b) in enumerate(graded):
        weights = np.random.default_rng(seed).standard_normal(tuple(b.shape))
        weights = weights.astype(name_of(b.dtype))
        a.backward(moreish.torch.tensor(weights), retain_graph=True)
        b.backward(torch.tensor(weights), retain_graph=True)
    for a, b in zip(mine, reference, strict=True):
        if b.grad is None:
            assert a.grad is None
        else:
            assert_same(a.grad, b.grad)
