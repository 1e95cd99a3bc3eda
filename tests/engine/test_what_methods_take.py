"""Numbers, Tensors, arrays, lists: a method takes what PyTorch's takes, and refuses the rest."""

import re
from collections.abc import Callable
from operator import iadd, imul, ipow, isub, itruediv
from typing import Any

import numpy as np
import pytest
import torch

import moreish.torch as ours

METHODS: dict[str, Callable[[Any, Any], Any]] = {
    **{
        name: lambda x, value, name=name: getattr(x, name)(value)  # type: ignore[misc]
        for name in (
            *("add", "add_", "sub", "sub_", "mul", "mul_", "div", "div_", "eq", "matmul", "copy_"),
            *("fill_", "uniform_", "normal_", "exponential_", "random_", "bernoulli_", "maximum"),
        )
    },
    **{
        f"{sign}=": lambda x, value, operate=operate: operate(x, value)  # type: ignore[misc]
        for sign, operate in (("+", iadd), ("-", isub), ("*", imul), ("/", itruediv), ("**", ipow))
    },
    "normal_ std": lambda x, value: x.normal_(0, value),
    "random_ to": lambda x, value: x.random_(0, value),
    "data": lambda x, value: setattr(x, "data", value),
    "grad": lambda x, value: setattr(x, "grad", value),
    "one element": lambda x, value: x.__setitem__(0, value),
    "all elements": lambda x, value: x.__setitem__(slice(None), value),
    "masked_fill_": lambda x, value: x.masked_fill_(x > 5, value),
}
DRAWS = re.compile("uniform_|normal_|exponential_|random_|bernoulli_")  # they have own tests
VALUES: list[Callable[[Any], Any]] = [
    lambda t: 1,
    lambda t: 0.5,
    lambda t: "one",
    lambda t: [1.0, 1.0, 1.0],
    lambda t: np.ones(3, dtype=np.float32),
    lambda t: np.ones(1),
    lambda t: np.float32(0.5),
    lambda t: np.float64(0.5),
    lambda t: np.int64(1),
    lambda t: t.tensor(0.5),
    lambda t: t.tensor(1),
    lambda t: t.tensor([0.5, 0.5, 0.5]),
    lambda t: t.tensor([0.5]),
]


def tried(t: Any, method: str, value: Callable[[Any], Any]) -> tuple[str, Any, bool]:
    """The kind of error; or the numbers afterwards, and whether those of `x` are others."""
    t.manual_seed(1)
    x = t.tensor([1.0, 2.0, 3.0])
    try:
        result = METHODS[method](x, value(t))
    except Exception as error:
        return type(error).__name__, None, False
    return "", (x if result is None else result).tolist(), x.tolist() != [1.0, 2.0, 3.0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch, about NumPy's own
@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_what_pytorchs_takes(method: str) -> None:
    for value in VALUES:
        wanted, got = tried(torch, method, value), tried(ours, method, value)
        assert got[0] == wanted[0], (method, value(ours), wanted)
        assert got[2] == wanted[2], f"{method} {value(ours)!r} changes another Tensor than PyTorch"
        if wanted[1] is not None and not DRAWS.match(method):
            np.testing.assert_allclose(got[1], wanted[1], rtol=1e-6)
