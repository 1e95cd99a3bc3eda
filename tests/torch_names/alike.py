"""One function run through both libraries from one seed: whatever it gives must be alike."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

import moreish.torch
from engine.both import HAS_VECTORS, assert_same, bound_of_normal_draws, name_of

LIBRARIES = (moreish.torch, torch)


def check(function: Callable[[Any], Any], exact: bool = False) -> None:
    """`function(torch)` with either library: values, texts, dictionaries, or errors agree."""
    ours, theirs = (outcome(function, library) for library in LIBRARIES)
    assert_alike(ours, theirs, exact)


def outcome(function: Callable[[Any], Any], library: Any) -> Any:
    """What it gives; an error is given as its class, so that both may raise in their own words."""
    library.manual_seed(1)
    try:
        return function(library)
    except Exception as error:
        return type(error)


def assert_alike(ours: Any, theirs: Any, exact: bool) -> None:
    if isinstance(theirs, torch.Tensor):
        assert_same(ours, theirs, exact)
    elif isinstance(theirs, Mapping):
        assert list(ours) == list(theirs)
        for name, value in theirs.items():
            assert_alike(ours[name], value, exact)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            assert_alike(a, b, exact)
    else:
        assert ours == theirs


def check_normal(function: Callable[[Any], Any]) -> None:
    """`function(torch)` gives normal numbers: PyTorch's to the bit where it draws with vectors.

    It does so for 16 numbers or more in single precision. The bound is for variances below 9.
    """
    ours, theirs = (outcome(function, library) for library in LIBRARIES)
    assert_alike(ours.shape, theirs.shape, exact=True)
    assert name_of(ours.dtype) == name_of(theirs.dtype)
    to_the_bit = HAS_VECTORS and theirs.dtype == torch.float32 and theirs.numel() >= 16
    bound = 0.0 if to_the_bit else 3 * bound_of_normal_draws(ours.numpy().dtype)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=0, atol=bound)


def numbers(library: Any, *shape: int, seed: int = 0, grad: bool = False) -> Any:
    """The same normal numbers in either library, in double precision."""
    array = np.random.default_rng(seed).standard_normal(shape)
    return library.tensor(array, requires_grad=grad)


def indices(library: Any, end: int, *shape: int, seed: int = 0) -> Any:
    """The same whole numbers below `end` in either library."""
    return library.tensor(np.random.default_rng(seed).integers(0, end, shape))


def weighted(t: Any, model: Any) -> Any:
    """A model with the same weights in both libraries, on every processor.

    PyTorch rounds its draws otherwise where there is no AVX2.
    """
    draws = np.random.default_rng(1337)
    with t.no_grad():
        for parameter in model.parameters():
            numbers = draws.normal(0, 0.3, tuple(parameter.shape))
            parameter.copy_(t.tensor(numbers, dtype=parameter.dtype))
    return model
