"""Parameter: each line runs through torch.nn too."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import moreish.torch
from torch_names.alike import check

PARAMETERS: list[Callable[[Any], Any]] = [
    lambda t: repr(t.nn.Parameter(t.ones(2, 2))),
    lambda t: repr(t.nn.Parameter(t.tensor(1.0), requires_grad=False)),
    lambda t: repr(t.nn.Parameter(t.ones(0, 2))),
    lambda t: repr(t.nn.Parameter()),
    lambda t: isinstance(t.nn.Parameter(t.ones(2)), t.Tensor),
    lambda t: type(t.nn.Parameter(t.ones(2)) * 2) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).data) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).detach()) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).clone()) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2, 2)).T) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2, 2))[0]) is t.Tensor,
    lambda t: type(t.zeros_like(t.nn.Parameter(t.ones(2)))) is t.Tensor,
    lambda t: type(t.nn.Parameter(t.ones(2)).requires_grad_(False)) is t.nn.Parameter,
    lambda t: type(t.nn.Parameter(t.ones(2)).to("cpu")) is t.nn.Parameter,
    lambda t: type(t.nn.Parameter(t.ones(2)).double()) is t.Tensor,
    lambda t: t.nn.Parameter(t.tensor([1])),
    lambda t: t.nn.Parameter(t.tensor([1]), False),
    lambda t: t.nn.Parameter(t.ones(2, requires_grad=True) * 2),
    lambda t: (t.nn.Parameter(t.ones(2, requires_grad=True) * 2)).is_leaf,
    lambda t: t.nn.Parameter(t.ones(2)).zero_(),
    lambda t: copy.deepcopy(t.nn.Parameter(t.ones(2), False)),
    lambda t: type(copy.deepcopy(t.nn.Parameter(t.ones(2)))) is t.nn.Parameter,
    lambda t: type(pickle.loads(pickle.dumps(t.nn.Parameter(t.ones(2))))) is t.nn.Parameter,
    lambda t: pickle.loads(pickle.dumps(t.nn.Parameter(t.ones(2), False))),
    lambda t: pickle.loads(pickle.dumps(t.nn.Linear(2, 2))).state_dict(),
]


@pytest.mark.parametrize("number", range(len(PARAMETERS)))
def test_parameters(number: int) -> None:
    check(PARAMETERS[number])


def test_a_parameter_is_the_memory_of_its_data() -> None:
    def run(t: Any) -> Any:
        data = t.ones(2)
        parameter = t.nn.Parameter(data)
        data[0] = 5.0
        (parameter * parameter).sum().backward()
        copied = copy.deepcopy(parameter)
        with t.no_grad():
            copied.add_(1.0)
        return parameter, parameter.grad, copied, copied.grad

    check(run)


def test_a_parameter_is_wanted_and_said() -> None:
    with pytest.raises(TypeError, match=r"takes a Tensor, as torch.zeros\(3\), not list"):
        moreish.torch.nn.Parameter([1.0])
