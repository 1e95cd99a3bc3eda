"""Sequential, ModuleList and ModuleDict: each line runs through torch.nn too."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

import moreish.torch
from torch_names.alike import check

ROWS: list[Callable[[Any, Any], Any]] = [
    lambda nn, row: [type(row[i]).__name__ for i in (0, 1, -1, -3)],
    lambda nn, row: row[3],
    lambda nn, row: row[-4],
    lambda nn, row: row["0"],
    lambda nn, row: (row[1:], row[::-1], type(row[:1]).__name__),
    lambda nn, row: [type(module).__name__ for module in row],
    lambda nn, row: (len(row), row.append(nn.GELU()) is row, row),
    lambda nn, row: (row.extend([nn.GELU(), nn.ReLU()]), row),
    lambda nn, row: row.extend(3),
    lambda nn, row: row.append(3),
    lambda nn, row: (row.insert(1, nn.GELU()), row),
    lambda nn, row: (row.insert(0, nn.GELU()), row),
    lambda nn, row: (row.insert(3, nn.GELU()), row),
    lambda nn, row: (row.pop(1), row),
    lambda nn, row: (row.pop(-1), row),
    lambda nn, row: row + nn.Sequential(nn.GELU()),
    lambda nn, row: row + row,
    lambda nn, row: row + 3,
    lambda nn, row: row.__delitem__(1) or (row, list(row.state_dict())),
    lambda nn, row: row.__delitem__(slice(0, 2)) or row,
    lambda nn, row: row.__setitem__(1, nn.GELU()) or row,
    lambda nn, row: row.__setitem__(1, 3),
    lambda nn, row: row.__setitem__(5, nn.GELU()),
    lambda nn, row: row.__delitem__(7),
    lambda nn, row: nn.Flatten() in row,
]


def without_modules(thing: Any) -> Any:
    """Modules as their texts."""
    if isinstance(thing, (list, tuple)):
        return [without_modules(part) for part in thing]
    return repr(thing) if hasattr(thing, "state_dict") else thing


@pytest.mark.parametrize("number", range(len(ROWS)))
@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
def test_modules_in_a_row(kind: str, number: int) -> None:
    def run(t: Any) -> Any:
        modules = [t.nn.Linear(2, 3), t.nn.Tanh(), t.nn.Linear(3, 3)]
        row = t.nn.Sequential(*modules) if kind == "Sequential" else t.nn.ModuleList(modules)
        return without_modules(ROWS[number](t.nn, row))

    check(run)


NAMED: list[Callable[[Any, Any], Any]] = [
    lambda nn, row: row[1:],
    lambda nn, row: (row.append(nn.GELU()), row),
    lambda nn, row: row.__setitem__(1, nn.GELU()) or row,
    lambda nn, row: (row[0], row.a, row[-1]),
    lambda nn, row: (row.pop(0), row),
]


@pytest.mark.parametrize("number", range(len(NAMED)))
def test_a_sequential_of_names(number: int) -> None:
    def run(t: Any) -> Any:
        row = t.nn.Sequential(OrderedDict(a=t.nn.Tanh(), b=t.nn.ReLU()))
        return without_modules(NAMED[number](t.nn, row))

    check(run)


def test_what_is_no_module_leaves_a_row_as_it_was() -> None:
    for row in (moreish.torch.nn.Sequential(), moreish.torch.nn.ModuleList()):
        row.append(moreish.torch.nn.Tanh())
        with pytest.raises(TypeError, match="int is not a Module subclass"):
            row.insert(0, 3)
        assert len(row) == 1


def test_a_module_list_inserts_as_a_list_does() -> None:
    nn = moreish.torch.nn
    row = nn.ModuleList([nn.Tanh(), nn.ReLU()])
    row.insert(-1, nn.GELU())  # PyTorch's own ends in a KeyError here
    assert [type(module) for module in row] == [nn.Tanh, nn.GELU, nn.ReLU]


MADE: list[Callable[[Any], Any]] = [
    lambda nn: nn.ModuleList(nn.Linear(2, size) for size in (1, 2, 2)),
    lambda nn: nn.ModuleList(3),
    lambda nn: nn.ModuleList([3]),
    lambda nn: nn.ModuleList()(3),
    lambda nn: nn.Sequential(3),
    lambda nn: nn.Sequential(),
    lambda nn: nn.Sequential(OrderedDict(a=nn.Tanh(), b=nn.Sequential(nn.ReLU()))),
    lambda nn: nn.Sequential(nn.Sequential(nn.Tanh()), nn.ModuleList()),
    lambda nn: nn.ModuleDict(),
    lambda nn: nn.ModuleDict({"a": nn.Tanh(), "b": nn.ModuleList([nn.Tanh(), nn.Tanh()])}),
    lambda nn: nn.ModuleDict(OrderedDict(a=nn.Tanh()))["a"],
    lambda nn: nn.ModuleDict([("a", nn.Tanh())]),
    lambda nn: nn.ModuleDict({"a": 3}),
    lambda nn: nn.ModuleDict({"a.b": nn.Tanh()}),
    lambda nn: nn.ModuleDict({"keys": nn.Tanh()}),
    lambda nn: nn.ModuleDict([nn.Tanh()]),
    lambda nn: nn.Module(),
    lambda nn: nn.Module()(3),
]


@pytest.mark.parametrize("number", range(len(MADE)))
def test_containers(number: int) -> None:
    check(lambda t: without_modules(MADE[number](t.nn)))


def test_modules_by_name() -> None:
    def run(t: Any) -> Any:
        modules = t.nn.ModuleDict({"a": t.nn.Linear(2, 2), "b": t.nn.Tanh()})
        modules["c"] = t.nn.ReLU()
        modules.update({"d": t.nn.GELU()})
        found = [list(modules), list(modules.keys()), "b" in modules, len(modules)]
        found += [[repr(m) for m in modules.values()], [k for k, _ in modules.items()]]
        found += [repr(modules.pop("a")), repr(modules)]
        del modules["b"]
        found += [repr(modules), modules.clear(), repr(modules), modules.a]
        return found

    check(run)
