"""Optimizer: parameters in groups, what is kept for each, and the walk over them at a step.

An optimizer changes the parameters in place and knows nothing of losses or graphs. How one
parameter moves, its class says.
"""

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

from ...engine.graph import _mode, set_grad_enabled
from ...engine.tensor import Tensor
from ...engine.tensor.creation import from_numpy, tensor

Group = dict[str, Any]
State = dict[str, Any]


class Optimizer:
    """Parameters in groups, each group with its own options.

    `params` are Tensors, pairs of a name and a Tensor, or dictionaries with "params" and options
    that differ from the `defaults`. An optimizer of your own has a `step` method.

    `state` is what is kept for each parameter from step to step, under PyTorch's names. SGD, Adam
    and AdamW keep arrays there, and `state_dict()` shows them as Tensors. `taken` is how many steps
    each parameter has made.

    ValueError for no parameters, or one that is in two groups; TypeError for what is no Tensor.
    """

    __module__ = "moreish.torch.optim"  # where users find it

    choices: tuple[str, ...] = ()  # options that decide which operations a step is made of
    counts_steps = False  # whether a step depends on how many were made before

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError("a list of Tensors was wanted, got one Tensor: write [tensor]")
        given = list(params)
        if not given:
            raise ValueError("optimizer got an empty parameter list")
        self.defaults = defaults
        self.state: dict[Tensor, State] = defaultdict(dict)
        self.taken: dict[Tensor, int] = {}
        self.param_groups: list[Group] = []
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Move these parameters, too, with the options given beside "params".

        TypeError for a group that is no dict, or parameters that are no Tensors. ValueError if a
        parameter is in two groups or is no leaf, and if only some have names.

        >>> optimizer = SGD([tensor([1.0], requires_grad=True)], lr=0.1)
        >>> optimizer.add_param_group({"params": tensor([2.0], requires_grad=True), "lr": 0.5})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.1, 0.5]
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"a group is a dict with 'params', got {type(param_group).__name__}")
        group = {**self.defaults, **param_group, **_named_parameters(param_group["params"])}
        earlier = {x for own in self.param_groups for x in own["params"]}
        if not earlier.isdisjoint(group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        if any(("param_names" in own) != ("param_names" in group) for own in self.param_groups):
            raise ValueError("name the parameters of all groups, or of none")
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; with `set_to_none=False` set those that there are to 0."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none or parameter.grad is None:
                    parameter.grad = None
                else:
                    parameter.grad = parameter.grad.detach().zero_()

    # ---- a step

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move each parameter that has a gradient once; what the `closure` returns, if given.

        The closure computes the loss and the gradients again before the step.
        """
        self._is_stepped = True  # which schedulers ask for
        loss = None
        if closure is not None:
            with set_grad_enabled(True):
                loss = closure()
        for group in self.param_groups:
            together: dict[int, list[Tensor]] = {}
            for x in group["params"]:
                if x.grad is not None:
                    together.setdefault(self._taken_by(x), []).append(x)
            for parameters in together.values():
                self._move_together(group, parameters)
        return loss

    def _move_together(self, group: Group, parameters: list[Tensor]) -> None:
        """A step of parameters that have all made the same number of steps."""
        following = _mode.following
        numbers = partial(self._numbers, group, parameters)
        form = partial(self._form, group, parameters)
        rates = numbers() if following is None else following.rates(self, numbers, form)
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                state.update(self._start(parameter, group))
            grad: Any = parameter.grad
            if following is None:
                self._move(parameter._array, grad._array, state, group, *rates)
            else:  # the same on Tensors, so that it is seen
                x: Any = parameter.data
                self._move(x, grad.detach(), following.state(state), group, *rates)
            parameter._shared.version += 1

    def _taken_by(self, parameter: Tensor) -> int:
        return self.taken.setdefault(parameter, 0)

    def _form(self, group: Group, parameters: list[Tensor]) -> list[bool]:
        """What decides which operations a step is made of."""
        counts = {self._taken_by(parameter) for parameter in parameters}
        return [*(bool(group[name]) for name in self.choices), len(counts) == 1]

    def _numbers(self, group: Group, parameters: list[Tensor]) -> tuple[float, ...]:
        """What depends on the options and the step alone; it also counts the step."""
        step = self._taken_by(parameters[0]) + 1
        is_first = not self.state.get(parameters[0])
        for parameter in parameters:
            self.taken[parameter] = step
        return self._rates(group, step, is_first)

    def _rates(self, group: Group, step: int, is_first: bool) -> tuple[float, ...]:
        """The numbers that `_move` takes; `is_first` if nothing is kept of the parameters yet."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a parameter moves")

    def _start(self, parameter: Tensor, group: Group) -> dict[str, np.ndarray]:
        """What is kept of a parameter, as it is before its first step."""
        return {}

    def _move(
        self, x: np.ndarray, g: np.ndarray, state: State, group: Group, *rates: float
    ) -> None:
        """Change the numbers `x` of a parameter, whose gradient is `g`, and its state in place."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a parameter moves")

    # ---- state

    def state_dict(self) -> dict[str, Any]:
        """The state and the options, with parameters as numbers, for `load_state_dict`.

        >>> SGD([tensor([1.0], requires_grad=True)], lr=0.1).state_dict()["param_groups"][0]["lr"]
        0.1
        """
        numbers: dict[Tensor, int] = {}
        for group in self.param_groups:
            for parameter in group["params"]:
                numbers.setdefault(parameter, len(numbers))
        groups = [
            {**_options(group), "params": [numbers[x] for x in group["params"]]}
            for group in self.param_groups
        ]
        state = {numbers[x]: self._shown_state(x) for x in self.state if self.state[x]}
        return {"state": state, "param_groups": groups}

    def _shown_state(self, parameter: Tensor) -> dict[str, Any]:
        own = self.state[parameter]
        shown = {k: from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in own.items()}
        if not self.counts_steps:
            return shown
        return {"step": tensor(float(self.taken[parameter])), **shown}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what another optimizer of the same class and parameters gave.

        ValueError if the groups have other sizes, or what is kept has another shape.
        """
        saved = state_dict["param_groups"]
        sizes = [len(group["params"]) for group in saved]
        own_sizes = [len(group["params"]) for group in self.param_groups]
        if sizes != own_sizes:
            raise ValueError(
                f"groups of {own_sizes} parameters were wanted, and the state dict has groups of "
                f"{sizes}: make the optimizer of the same parameters"
            )
        groups = [
            {**_names(own), **deepcopy(_options(group)), "params": own["params"]}
            for own, group in zip(self.param_groups, saved, strict=True)
        ]
        state: dict[Tensor, State] = defaultdict(dict)
        taken: dict[Tensor, int] = {}
        for number, parameter, group in _numbered(saved, groups):
            if number in state_dict["state"]:
                kept = dict(state_dict["state"][number])
                taken[parameter] = int(kept.pop("step", 0)) if self.counts_steps else 0
                state[parameter] = self._loaded_state(parameter, group, kept)
        self.param_groups, self.state, self.taken = groups, state, taken

    def _loaded_state(self, parameter: Tensor, group: Group, kept: State) -> State:
        """It in the parameter's dtype; copied to arrays where this class keeps arrays."""
        started = self._start(parameter, group)
        missing = [name for name in started if name not in kept]
        if missing:
            raise ValueError(f"the state dict has no {', '.join(missing)} of a parameter")
        state: State = {}
        for name, value in kept.items():
            if isinstance(value, Tensor):
                value = value.detach().to(parameter.dtype)
            if name in started:
                array = np.array(value.numpy())
                if array.shape != started[name].shape:
                    raise ValueError(
                        f"{name} has the shape {list(array.shape)}, and its parameter has "
                        f"{list(started[name].shape)}"
                    )
                value = array
            state[name] = value
        return state

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {value}" for name, value in sorted(_options(group).items())]
        return "\n".join([*lines, ")"])


def _named_parameters(given: Any) -> Group:
    """The "params" of a group, checked, and their "param_names" where they have names."""
    if isinstance(given, set):
        raise TypeError("parameters need an order: a list was wanted, got a set")
    parameters = [given] if isinstance(given, Tensor) else list(given)
    named = [x for x in parameters if isinstance(x, tuple)]
    if named and len(named) != len(parameters):
        raise ValueError("name all parameters, or none of them")
    tensors = [x[1] for x in named] or parameters
    for x in tensors:
        if not isinstance(x, Tensor):
            raise TypeError(f"an optimizer moves Tensors, got {type(x).__name__}")
        if not x.is_leaf:
            raise ValueError(
                "can't optimize a non-leaf Tensor: this one was computed from others, use detach()"
            )
    if len(set(tensors)) != len(tensors):
        warnings.warn("a parameter is more than once in its group", UserWarning, stacklevel=5)
    return {"params": tensors, **({"param_names": [x[0] for x in named]} if named else {})}


def _options(group: Group) -> Group:
    """A group without its parameters."""
    return {name: value for name, value in group.items() if name != "params"}


def _names(group: Group) -> Group:
    return {"param_names": group["param_names"]} if "param_names" in group else {}


def _numbered(saved: list[Group], groups: list[Group]) -> Iterator[tuple[int, Tensor, Group]]:
    """Each parameter with the number that it has in a state dict, and its group."""
    for then, now in zip(saved, groups, strict=True):
        for number, parameter in zip(then["params"], now["params"], strict=True):
            yield number, parameter, now


def zeros_of(parameter: Tensor) -> np.ndarray:
    """What most state is before the first step, in the shape and dtype of a parameter."""
    return np.zeros(parameter.shape, dtype=parameter.dtype)


def check_options(**options: Any) -> None:
    """ValueError for an option that is below 0, or no number."""
    for name, value in options.items():
        if isinstance(value, Tensor):
            raise ValueError(f"{name} is a number here, got a Tensor: use its item()")
        if not value >= 0:
            raise ValueError(f"{name} must be 0 or more, got {value}")


def check_absent(**options: bool) -> None:
    """ValueError for options of PyTorch that moreish does not have."""
    for name, value in options.items():
        if value:
            raise ValueError(f"{name}=True is not supported: leave it out")
