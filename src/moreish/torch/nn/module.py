"""Module: what a network is made of, and how its parameters, buffers and modules are found.

- A Parameter, a Module or a buffer is registered when it is assigned to an attribute. What stands
  in a list is not found; `ModuleList` and `ModuleDict` are there for that.
- The order is that of assignment: own parameters first, then those of each module within.
- What is registered twice is found once, but `state_dict` names it twice, as in PyTorch.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from ...engine.graph import no_grad
from ...engine.tensor import Tensor
from .parameter import Parameter
from .registry import Registry
from .state import IncompatibleKeys, load_into

__all__ = ["Module"]


class Module(Registry):
    """A part of a network: it holds parameters and modules, and `forward` computes with them.

    Write `__init__`, which calls `super().__init__()` first, and `forward`. Calling the module
    calls `forward`.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = Parameter(tensor([2.0]))
    ...
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> scale = Scale()
    >>> scale(tensor([3.0])).item()
    6.0
    >>> [name for name, _ in scale.named_parameters()]
    ['factor']
    """

    training: bool  # whether `train` was called last, and not `eval`

    def __init__(self) -> None:
        super().__init__()
        self.training = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; a subclass says it."""
        raise NotImplementedError(
            f"Module [{type(self).__name__}] is missing the required forward function: define "
            f"forward(self, ...) in the class"
        )

    # ---- what is found

    def named_modules(
        self,
        memo: "set[Module] | None" = None,
        prefix: str = "",
        remove_duplicate: bool = True,
    ) -> "Iterator[tuple[str, Module]]":
        """This module and all within, each with the name that leads to it; "" is this one."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, _joined(prefix, name), remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> "Iterator[Module]":
        """This module and all within it."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> "Iterator[tuple[str, Module]]":
        """The modules directly within, each with its name."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> "Iterator[Module]":
        """The modules directly within."""
        for _, module in self.named_children():
            yield module

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Each parameter with its name, such as "layers.0.weight"; `recurse` goes into modules."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Each parameter once, as an optimizer takes them."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Each buffer, (...), with its name."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Each buffer, (...), once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _named(self, home: str, prefix: str, recurse: bool, once: bool) -> Iterator[Any]:
        seen: set[int] = set()
        modules = self.named_modules(None, prefix, once) if recurse else [(prefix, self)]
        for path, module in modules:
            for name, member in vars(module)[home].items():
                if member is not None and id(member) not in seen:
                    if once:
                        seen.add(id(member))
                    yield _joined(path, name), member

    # ---- what is done to all of it

    def apply(self, fn: "Callable[[Module], Any]") -> Self:
        """Call `fn` on each module within, and last on this one: a way to set starting weights."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Let this module and all within behave as in training, or with False as in use.

        ValueError if `mode` is no bool.
        """
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Let it behave as in use: no dropout, and batch norm by its running statistics."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set whether the parameters require a gradient."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; with `set_to_none=False` set those that there are to 0."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else parameter.grad.detach().zero_()

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Convert floating-point parameters and buffers in place, to a dtype or a device.

        The device is "cpu", RuntimeError for another. TypeError for a dtype of whole numbers.

        >>> module = Module()
        >>> module.weight = Parameter(tensor([1.0]))
        >>> module.to(np.float64).weight.dtype
        torch.float64
        """
        wanted = Tensor._of(np.zeros(0, dtype=np.float32)).to(*args, **kwargs).dtype
        if wanted.kind != "f":
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype={wanted}"
            )
        for module in self.modules():
            for parameter in module._parameters.values():
                if parameter is not None:
                    _convert(parameter, args, kwargs)
            for name, buffer in module._buffers.items():
                if buffer is not None and buffer.dtype.kind == "f":
                    module._buffers[name] = buffer.to(*args, **kwargs)
        return self

    def float(self) -> Self:
        """Convert to float32, in place."""
        return self.to(np.float32)

    def double(self) -> Self:
        """Convert to float64, in place."""
        return self.to(np.float64)

    # ---- its state

    def state_dict(
        self,
        *,
        destination: dict[str, Tensor] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> dict[str, Tensor]:
        """All parameters and persistent buffers by name: the memory itself, without history.

        With `keep_vars` they are the parameters themselves.

        >>> module = Module()
        >>> module.bias = Parameter(tensor([1.0]))
        >>> module.state_dict()["bias"]
        tensor([1.])
        """
        found = OrderedDict() if destination is None else destination
        for name, member in (self._parameters | self._buffers).items():
            if member is not None and name not in self._transient:
                found[prefix + name] = member if keep_vars else member.detach()
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=found, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return found

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True
    ) -> IncompatibleKeys:
        """Copy numbers into the parameters and buffers of these names.

        RuntimeError if names are missing or unexpected, unless `strict` is False, and for a shape
        that differs. What it returns lists such names. TypeError for what is no mapping.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        own = self.state_dict(keep_vars=True)
        return load_into(own, state_dict, strict, type(self).__name__)

    # ---- how it shows itself

    def extra_repr(self) -> str:
        """What stands between the brackets of its `repr`, before the modules."""
        return ""

    def __repr__(self) -> str:
        own = self.extra_repr()
        lines = [f"({name}): {module!r}" for name, module in self._modules.items()]
        return framed(type(self).__name__, own, lines)


def framed(name: str, options: str, modules: list[str]) -> str:
    """The text of a module: on one line, or with each module within on lines of its own.

    >>> framed("Linear", "in_features=2", [])
    'Linear(in_features=2)'
    >>> print(framed("Sequential", "", ["(0): ReLU()"]))
    Sequential(
      (0): ReLU()
    )
    """
    lines = [line for text in (options, *modules) for line in text.split("\n") if line]
    if not modules and len(lines) < 2:
        return f"{name}({options})"
    return "\n  ".join([f"{name}(", *lines]) + "\n)"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _convert(parameter: Parameter, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """A parameter and its gradient as another kind, in place."""
    if parameter.dtype.kind == "f":
        with no_grad():
            parameter.data = parameter.to(*args, **kwargs)
            if parameter.grad is not None:
                parameter.grad = parameter.grad.to(*args, **kwargs)
