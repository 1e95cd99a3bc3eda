"""Modules in a row or under names: Sequential calls them, ModuleList and ModuleDict hold them."""

from collections import OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import groupby
from operator import index as whole_number
from typing import Any, Self, cast, overload

from .module import Module, framed

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class _Row(Module):
    """Modules by number; the names that they are registered by are "0", "1", ..."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    @overload
    def __getitem__(self, idx: int) -> Module: ...

    @overload
    def __getitem__(self, idx: slice) -> Self: ...

    def __getitem__(self, idx: int | slice) -> Module | Self:
        if isinstance(idx, slice):
            return self._of(dict(list(self._modules.items())[idx]))
        return self._modules[self._names()[self._position(idx)]]

    def __setitem__(self, idx: int, module: Module) -> None:
        setattr(self, self._names()[self._position(idx)], module)

    def __delitem__(self, idx: int | slice) -> None:
        kept = list(self)
        del kept[idx if isinstance(idx, slice) else self._position(idx)]
        self._renumber(kept)

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end."""
        for module in list(_iterable(self, modules)):
            self.append(module)
        return self

    def pop(self, key: int) -> Module:
        """Take the module at `key` away, and return it."""
        module = self[key]
        del self[key]
        return module

    def __iadd__(self, other: Iterable[Module]) -> Self:
        return self.extend(other)

    def _of(self, modules: dict[str, Any]) -> Self:
        """A new one of the same class, of some of its modules."""
        raise TypeError(f"{type(self).__name__} does not say how it is made")

    def _insert(self, index: int, module: Module) -> None:
        kept = list(self)
        kept.insert(index, module)
        self._renumber(kept)

    def _renumber(self, modules: list[Any]) -> None:
        for module in modules:
            if not isinstance(module, Module):
                raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._modules.clear()
        self.extend(modules)

    def _names(self) -> list[str]:
        return list(self._modules)

    def _position(self, idx: int) -> int:
        number = whole_number(idx)
        if not -len(self) <= number < len(self):
            raise IndexError(f"index {number} is out of range: there are {len(self)} modules")
        return number


def _iterable(row: Module, modules: Iterable[Module]) -> Iterable[Module]:
    if not isinstance(modules, Iterable):
        raise TypeError(
            f"{type(row).__name__} takes an iterable of modules, not {type(modules).__name__}"
        )
    return modules


class Sequential(_Row):
    """Modules that are called one after another, each with what the one before it gave.

    It takes modules, or one OrderedDict of names to modules.

    >>> from moreish.torch import nn
    >>> nn.Sequential(nn.Flatten(), nn.ReLU())
    Sequential(
      (0): Flatten(start_dim=1, end_dim=-1)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Module | OrderedDict[str, Module]) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self.extend(cast("tuple[Module, ...]", args))

    def _of(self, modules: dict[str, Any]) -> Self:
        return type(self)(OrderedDict(modules))

    def insert(self, index: int, module: Module) -> Self:
        """Put a module before the one at `index`.

        IndexError if there is no such place, TypeError for what is no Module.
        """
        if not -len(self) <= index <= len(self):
            raise IndexError(f"index out of range: {index}, there are {len(self)} modules")
        self._insert(index, module)
        return self

    def __add__(self, other: "Sequential") -> "Sequential":
        if not isinstance(other, Sequential):
            raise ValueError(f"a Sequential was wanted after +, got {type(other).__name__}")
        return Sequential(*self, *other)

    def forward(self, input: Any) -> Any:
        """What the last module gives."""
        for module in self:
            input = module(input)
        return input


class ModuleList(_Row):
    """A list of modules, whose parameters are found; calling them is left to its user.

    >>> from moreish.torch import nn
    >>> layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 1)])
    >>> [name for name, _ in layers.named_parameters()]
    ['0.weight', '0.bias', '1.weight', '1.bias']
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(() if modules is None else modules)

    def _of(self, modules: dict[str, Any]) -> Self:
        return type(self)(modules.values())

    def insert(self, index: int, module: Module) -> None:
        """Put a module before the one at `index`, as in a list; TypeError for what is no Module."""
        self._insert(index, module)

    def __add__(self, other: Iterable[Module]) -> "ModuleList":
        return ModuleList([*self, *_iterable(self, other)])

    def __repr__(self) -> str:
        lines, start = [], 0
        for text, same in groupby(map(repr, self)):
            count = len(list(same))
            many = f"({start}-{start + count - 1}): {count} x {text}"
            lines.append(many if count > 1 else f"({start}): {text}")
            start += count
        return framed(type(self).__name__, self.extra_repr(), lines)


class ModuleDict(Module):
    """Modules by name, whose parameters are found; calling them is left to its user.

    >>> from moreish.torch import nn
    >>> layers = nn.ModuleDict({"hidden": nn.Linear(2, 2)})
    >>> layers["hidden"]
    Linear(in_features=2, out_features=2, bias=True)
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        self.update(() if modules is None else modules)

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._modules.keys()

    def items(self) -> ItemsView[str, Any]:
        """Names and modules."""
        return self._modules.items()

    def values(self) -> ValuesView[Any]:
        """The modules."""
        return self._modules.values()

    def pop(self, key: str) -> Module:
        """Take the module of this name away, and return it."""
        return self._modules.pop(key)

    def clear(self) -> None:
        """Take all modules away."""
        self._modules.clear()

    def update(
        self, modules: "Mapping[str, Module] | ModuleDict | Iterable[tuple[str, Module]]"
    ) -> None:
        """Add modules from a mapping of names to modules, or from pairs."""
        pairs = modules.items() if isinstance(modules, (Mapping, ModuleDict)) else modules
        for key, module in pairs:
            self[key] = module
