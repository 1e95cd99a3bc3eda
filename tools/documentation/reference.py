"""The pages of the reference: what is public, by module, as directives that Sphinx reads.

- Nothing is told here: the text of an entry is its docstring.
- A page has what a module lists in `__all__`. The classes that these give back have a page.
- The names of `moreish.torch` are many. They have a page a topic: the file that they come from.
- Commands have a page too: what `--help` says.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, get_args, get_type_hints

import click

from moreish.cli import main
from moreish.torch import Tensor

from . import docstrings

MODULES = (
    "moreish",
    "moreish.slips",
    "moreish.draw",
    "moreish.estimator",
    "moreish.paper",
    "moreish.micrograd.engine",
    "moreish.micrograd.nn",
    "moreish.micrograd.losses",
    "moreish.torch",
    "moreish.torch.nn",
    "moreish.torch.nn.functional",
    "moreish.torch.nn.init",
    "moreish.torch.optim",
    "moreish.torch.optim.lr_scheduler",
    "moreish.torch.utils.data",
    "moreish.torch.utils.tensorboard",
    "moreish.torch.cuda",
)
TOPICAL = "moreish.torch"
RESULTS = "reference/results"
LONGEST = 60  # characters of a constant that is shown
CALLED = ("__call__", "__getitem__", "__iter__", "__len__", "__next__")  # without their names


def listed(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public names of a module, without modules."""
    for name in module.__all__:
        thing = getattr(module, name)
        if not inspect.ismodule(thing):
            yield name, thing


# The public classes, each with the first name that it has.
FIRST = {
    thing: f"{name}.{one}"
    for name in reversed(MODULES)
    for one, thing in listed(import_module(name))
    if inspect.isclass(thing)
}


def pages() -> dict[str, str]:
    """The text of each page, by its name."""
    found = {"reference/commands": commands(), RESULTS: results_page()}
    for name in MODULES:
        module = import_module(name)
        found[f"reference/{name}"] = topics(module) if name == TOPICAL else page(module)
    found |= {f"reference/{TOPICAL}.{topic}": text for topic, text in topic_pages().items()}
    return found


def navigation() -> list[str]:
    """The pages that the front page leads to; pages of topics are below theirs."""
    return ["reference/commands", *(f"reference/{name}" for name in MODULES), RESULTS]


def page(module: ModuleType) -> str:
    """A module's docstring and its names."""
    name = module.__name__
    entries = [entry(f"{name}.{one}", thing) for one, thing in listed(module)]
    return "\n\n".join([heading(name), f".. automodule:: {name}", *entries, ""])


def results_page() -> str:
    """The classes that public functions and methods give back and no module lists."""
    things = [thing for name in MODULES for _, thing in listed(import_module(name))]
    entries = [entry(f"{one.__module__}.{one.__qualname__}", one) for one in results(things)]
    said = "What functions and methods of the other pages give back."
    return "\n\n".join([heading("Classes of results"), said, *entries, ""])


def heading(text: str, line: str = "=") -> str:
    return f"{text}\n{line * len(text)}"


def entry(name: str, thing: Any) -> str:
    """The directive for one thing."""
    if inspect.isclass(thing) and FIRST.get(thing, name) != name:
        return f".. py:class:: {name}\n   :no-index:\n\n   The same as :py:obj:`{FIRST[thing]}`."
    if inspect.isclass(thing):
        members = ", ".join(told(thing))
        return "\n".join(
            [f".. autoclass:: {name}"]
            + ["   :show-inheritance:"] * bool(told_bases(thing))
            + [f"   :members: {members}"] * bool(members)
        )
    return f".. autofunction:: {name}" if callable(thing) else constant(name, thing)


def constant(name: str, thing: Any) -> str:
    """A name that is neither: no entry, as `int` and `float` in annotations would lead there."""
    shown = repr(thing) if len(repr(thing)) < LONGEST else type(thing).__name__
    return f"- ``{name.rpartition('.')[2]}`` is {'a ' * (shown != repr(thing))}``{shown}``"


def told_bases(one: type) -> list[Any]:
    """The classes that it is said to be made of: public ones, and those of others.

    >>> from moreish.torch.nn import Linear
    >>> told_bases(Linear), told_bases(Tensor)
    ([<class 'moreish.torch.nn.module.Module'>], [])
    """
    bases = [base for base in getattr(one, "__orig_bases__", one.__bases__) if base is not object]
    return [
        base
        for base in bases
        if base in FIRST or not getattr(base, "__module__", "").startswith(("moreish.", "typing"))
    ]


def told(one: type) -> list[str]:
    """The methods and properties to be told with a class.

    They are its own and those of private classes that it is made of. What it has from another
    public class is told there; what Python calls by signs and words has no entry.
    """
    others = [base for base in one.__mro__[1:] if base in FIRST]
    elsewhere = {part for base in others for part in base.__mro__}
    own = [base for base in one.__mro__ if base.__module__.startswith("moreish.")]
    own = [base for base in own if base not in elsewhere]
    names = dict.fromkeys(name for base in own for name in vars(base))
    return [
        name
        for name in names
        if (name[0] != "_" or name in CALLED) and docstring(inspect.getattr_static(one, name))
    ]


def docstring(thing: Any) -> str:
    """What is said of a function, method or property itself, not of its type."""
    inner = getattr(thing, "__func__", thing)
    is_told = callable(inner) or isinstance(inner, property) or hasattr(inner, "func")
    return (inspect.getdoc(inner) or "") if is_told else ""


def results(things: list[Any]) -> list[type]:
    """The classes that functions and methods give back, and theirs in turn."""
    found: dict[type, None] = {}
    waiting = list(things)
    while waiting:
        thing = waiting.pop(0)
        if inspect.isclass(thing):
            waiting += [inspect.getattr_static(thing, name) for name in told(thing)]
            continue
        for one in returned(thing):
            if one not in found and one not in FIRST:
                found[one] = None
                waiting.append(one)
    return list(found)


def returned(thing: Any) -> Iterator[type]:
    """The public classes of ours that a function's annotation says it gives."""
    try:
        waiting = [get_type_hints(function_of(thing)).get("return")]
    except (NameError, TypeError):  # an annotation that only a type checker can read
        return
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        is_ours = inspect.isclass(one) and one.__module__.startswith("moreish.")
        if is_ours and not get_args(one) and one.__name__[0] != "_":
            yield one


def by_topic() -> dict[str, list[tuple[str, Any]]]:
    """Names of `moreish.torch` and methods of Tensor, by the file that they come from."""
    found: dict[str, list[tuple[str, Any]]] = {}
    names = [(f"Tensor.{name}", inspect.getattr_static(Tensor, name)) for name in told(Tensor)]
    for name, thing in [*names, *listed(import_module(TOPICAL))]:
        if thing is not Tensor:
            found.setdefault(home(thing).rpartition(".")[2], []).append((name, thing))
    return {topic: sorted(found[topic], key=_by_name) for topic in sorted(found, key=title)}


def _by_name(entry: tuple[str, Any]) -> tuple[str, bool]:
    """A method stands before the function of its name."""
    name = entry[0].removeprefix("Tensor.")
    return name.lower(), name == entry[0]


def home(thing: Any) -> str:
    """The module that a thing comes from."""
    return function_of(thing).__module__


def function_of(thing: Any) -> Any:
    """The function behind a property or a method of a class."""
    for attribute in ("fget", "func", "__func__"):
        thing = getattr(thing, attribute, thing)
    return thing


def title(topic: str) -> str:
    """The heading of a topic; Tensor's core is its own."""
    return "Tensor" if topic == "core" else topic.replace("_", " ").capitalize()


def topics(module: ModuleType) -> str:
    """The page of `moreish.torch`: each topic with its names."""
    parts = [heading(module.__name__), f".. automodule:: {module.__name__}"]
    for topic, entries in by_topic().items():
        names = [name for name, _ in entries]
        once = [name for name in names if name.removeprefix("Tensor.") not in names]
        once += [name for name in names if "." not in name]
        links = [f":py:obj:`{name} <{TOPICAL}.{name}>`" for name in sorted(once, key=str.lower)]
        parts += [heading(title(topic), "-"), ", ".join(links)]
    below = [f"   {TOPICAL}.{topic}" for topic in by_topic()]
    return "\n\n".join([*parts, ".. toctree::\n   :hidden:\n\n" + "\n".join(below), ""])


def topic_pages() -> dict[str, str]:
    """The page of each topic of `moreish.torch`."""
    found = {}
    for topic, entries in by_topic().items():
        said = import_module(home(entries[0][1])).__doc__ or ""
        parts = [heading(title(topic)), f".. py:currentmodule:: {TOPICAL}"]
        if topic == "core":
            parts += [entry(f"{TOPICAL}.Tensor", Tensor).partition("\n   :members")[0]]
        else:
            parts += ["\n".join(docstrings.to_restructured(said.split("\n")))]
        for name, thing in entries:
            is_property = function_of(thing) is not thing and not hasattr(thing, "__func__")
            kind = "property" if is_property else "method"
            full = f"{TOPICAL}.{name}"
            parts += [f".. auto{kind}:: {full}" if "." in name else entry(full, thing)]
        found[topic] = "\n\n".join([*parts, ""])
    return found


def commands() -> str:
    """What `--help` says of the program and of each command."""
    whole = click.Context(main.moreish, info_name="moreish")
    parts = [heading("Commands"), literal(main.moreish.get_help(whole))]
    for name in main.moreish.list_commands(whole):
        command = main.moreish.get_command(whole, name)
        assert command is not None
        context = click.Context(command, parent=whole, info_name=name, terminal_width=90)
        parts += [heading(f"moreish {name}", "-"), literal(command.get_help(context))]
    return "\n\n".join([*parts, ""])


def literal(text: str) -> str:
    lines = [f"   {line}".rstrip() for line in text.split("\n")]
    return "\n".join([".. code-block:: text", "", *lines])
