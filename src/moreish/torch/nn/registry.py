"""What a module registers: parameters, buffers and modules, by the names of its attributes.

Attributes of a module are looked up in three dictionaries, and an assignment decides by what is
assigned which of them takes it.
"""

from typing import Any

from ...engine.tensor import Tensor
from .parameter import Parameter

HOMES = ("_parameters", "_buffers", "_modules")  # where attributes are registered
EXPECTED = {"parameter": "nn.Parameter", "child module": "nn.Module", "buffer": "Tensor"}


class Registry:
    """Attributes that are registered as they are assigned."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Any]
    _transient: set[str]  # the buffers that a state dict leaves out

    def __init__(self) -> None:
        vars(self).update(_parameters={}, _buffers={}, _modules={}, _transient=set())

    def __getattr__(self, name: str) -> Any:
        for home in HOMES:
            held = vars(self).get(home, {})
            if name in held:
                return held[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        held = vars(self)
        if isinstance(value, (Parameter, Registry)) and "_parameters" not in held:
            raise AttributeError(
                f"cannot assign {_kind(value)} before Module.__init__() call: call "
                f"super().__init__() first"
            )
        if isinstance(value, Parameter):
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif name in held.get("_parameters", ()):
            self._parameters[name] = _or_none(name, value, Parameter, "parameter")
        elif isinstance(value, Registry):
            self._forget(name, "_modules")
            self._modules[name] = value
        elif name in held.get("_modules", ()):
            self._modules[name] = _or_none(name, value, Registry, "child module")
        elif name in held.get("_buffers", ()):
            self._buffers[name] = _or_none(name, value, Tensor, "buffer")
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        for home in HOMES:
            if name in vars(self).get(home, {}):
                del vars(self)[home][name]
                self._transient.discard(name)
                return
        super().__delattr__(name)

    def _forget(self, name: str, but: str) -> None:
        """Take the name from wherever else it stands, as it is to be registered in `but`."""
        vars(self).pop(name, None)
        for home in HOMES:
            if home != but:
                vars(self)[home].pop(name, None)
        self._transient.discard(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under this name; None keeps the name for later.

        KeyError for a name that is taken, or can't be an attribute. TypeError for what is no
        Parameter.
        """
        self._must_be_free("parameter", name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{_kind(param)}' object to parameter '{name}' (torch.nn.Parameter "
                f"or None required): wrap it in nn.Parameter()"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a Tensor, (...), that belongs to the module and is not learnt.

        `state_dict` has it unless it is not `persistent`. KeyError for a name that is taken, or
        can't be an attribute; TypeError for what is no Tensor.

        >>> from moreish.torch import nn
        >>> module = nn.Module()
        >>> module.register_buffer("mask", tensor([1, 0]))
        >>> module.mask
        tensor([1, 0])
        """
        self._must_be_free("buffer", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{_kind(tensor)}' object to buffer '{name}' (torch Tensor or None "
                f"required): convert it with torch.tensor()"
            )
        self._buffers[name] = tensor
        self._transient.discard(name)
        if not persistent:
            self._transient.add(name)

    def add_module(self, name: str, module: "Registry | None") -> None:
        """Add a module within this one, under this name.

        KeyError for a name that is taken, or can't be an attribute. TypeError for what is no
        Module.

        >>> from moreish.torch import nn
        >>> outer = nn.Module()
        >>> outer.add_module("inner", nn.Linear(2, 1))
        >>> [name for name, _ in outer.named_children()]
        ['inner']
        """
        if module is not None and not isinstance(module, Registry):
            raise TypeError(f"{_kind(module)} is not a Module subclass")
        self._must_be_free("module", name)
        self._modules[name] = module

    register_module = add_module

    def _must_be_free(self, what: str, name: object) -> None:
        if "_parameters" not in vars(self):
            raise AttributeError(
                f"cannot assign {what} before Module.__init__() call: call super().__init__() first"
            )
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f"{what} name can't be empty or contain a dot, got: {name!r}")
        if name not in vars(self)[f"_{what}s"] and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")


def _or_none(name: str, value: Any, kind: type, what: str) -> Any:
    """A value for a registered name; TypeError unless it is of this kind or None."""
    if value is not None and not isinstance(value, kind):
        raise TypeError(
            f"cannot assign '{_kind(value)}' as {what} '{name}': a {EXPECTED[what]} or None was "
            f"wanted; to use the name for something else, del it first"
        )
    return value


def _kind(value: object) -> str:
    return str(value.type()) if type(value) is Tensor else type(value).__name__
