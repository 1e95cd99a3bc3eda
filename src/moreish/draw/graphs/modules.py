"""Which nodes belong to which neuron or layer of a model: found when a drawing is made.

A part of a model is any object with parameters: `moreish.micrograd`'s, or one's own with the
course's classes. Nodes need not know it. A node belongs to the part whose parameter it uses, if it
was made by the code of that part, and so does what that code made from it. A parameter is used once
in a call, so several examples through one neuron give several groups.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import CodeType
from typing import Any

from ...engine.tensor import Tensor
from ...engine.value import Value
from ...errors import OptionError
from ...torch.nn import Module, ModuleDict, ModuleList
from ...torch.nn.registry import HOMES
from .nodes import CONSTANT, INPUT, LEAF, PARAMETER, Node, many


class Part:
    """A neuron, a layer or a whole model."""

    def __init__(self, thing: Any, name: str, parent: "Part | None") -> None:
        self.thing = thing
        self.name = name  # as one would write it: "layers[0].neurons[1]"
        self.parent = parent
        self.children: list[Part] = []
        self.own: dict[Any, str] = {}  # the parameters that no child has, with their names
        self.codes = frozenset(_codes(thing))

    @property
    def is_bare(self) -> bool:
        """Whether it is only a list of parts, which computes nothing itself."""
        return isinstance(self.thing, (list, tuple, Mapping, ModuleList, ModuleDict))

    @property
    def kind(self) -> str:
        """The name of its class."""
        return type(self.thing).__name__

    @property
    def title(self) -> str:
        """What it is, in some words."""
        if not self.children:
            text = repr(self.thing)
            return text if len(text) <= 24 and not text.startswith("<") else self.kind
        titles = {child.title for child in self.children}
        kinds = {child.kind for child in self.children}
        if len(titles) == 1:
            return f"{self.kind} of {len(self.children)} {titles.pop()}"
        if len(kinds) == 1:
            return f"{self.kind} of {many(len(self.children), kinds.pop())}"
        return self.kind

    def walk(self) -> Iterator["Part"]:
        """It and all parts below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def count(self) -> int:
        """How many parameters it has, those below it included."""
        return sum(len(part.own) for part in self.walk())


class Group:
    """One use of a part: the nodes between its inputs and its outputs."""

    def __init__(self, part: Part, number: int) -> None:
        self.part = part
        self.number = number  # in the order of the nodes
        self.parent: Group | None = None
        self.used: set[Any] = set()  # parameters, or parts, that this use has used
        self.joined: Group | None = None  # what it has become a part of

    def now(self) -> "Group":
        """It, or what it was joined to."""
        group = self
        while group.joined is not None:
            group = group.joined
        return group

    def around(self) -> Iterator["Group"]:
        """It and all groups that it stands in, from the inside out."""
        group: Group | None = self
        while group is not None:
            yield group
            group = group.parent


def parts_of(model: Any) -> Part:
    """The tree of the parts of a model: what has parameters, and what those are.

    A model may be a list of parts, or a mapping of names to Values or Tensors. OptionError if
    nothing has a parameter.
    """
    root = Part(model, "", None)
    _explore(root, {id(model)})
    if not root.count():
        raise OptionError(
            f"a model was wanted, with parameters() or a mapping of names to parameters; got "
            f"{type(model).__name__} without one"
        )
    return root


def _explore(part: Part, seen: set[int]) -> None:
    for name, thing in _members(part.thing):
        if isinstance(thing, (Value, Tensor)):
            if _is_parameter(thing) and id(thing) not in seen:
                seen.add(id(thing))
                part.own[thing] = name
        elif id(thing) not in seen and callable(getattr(thing, "parameters", None)):
            seen.add(id(thing))
            child = Part(thing, f"{part.name}.{name}".strip("."), part)
            _explore(child, seen)
            if child.count():
                part.children.append(child)


def _is_parameter(thing: Value | Tensor) -> bool:
    if isinstance(thing, Value):
        return thing._row is None
    return thing.is_leaf and thing.requires_grad


def _members(thing: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, in lists and mappings too, with the name that leads to it."""
    held: Any = thing
    if isinstance(thing, Module):
        own = dict(thing.named_parameters(recurse=False))
        held = {**own, **dict(thing.named_children()), **vars(thing)}
        held = {name: x for name, x in held.items() if name not in HOMES}
    elif isinstance(getattr(thing, "parameters", None), Mapping):
        held = thing.parameters
    elif not isinstance(thing, (list, tuple, Mapping)):
        held = dict(vars(thing)) if hasattr(thing, "__dict__") else {}
    waiting = [("", held)]
    while waiting:
        path, held = waiting.pop()
        if isinstance(held, (ModuleList, ModuleDict)):
            held = list(held) if isinstance(held, ModuleList) else dict(held.items())
        if isinstance(held, Mapping):
            more = [(f"{path}[{k!r}]" if path else str(k), x) for k, x in held.items()]
        elif isinstance(held, (list, tuple)):
            more = [(f"{path}[{i}]", x) for i, x in enumerate(held)]
        else:
            yield path, held
            continue
        waiting += reversed(more)


def _codes(thing: Any) -> Iterator[CodeType]:
    """The compiled code of the methods of an object, and of functions that it holds."""
    functions = [f for kind in type(thing).__mro__ for f in vars(kind).values()]
    functions += list(vars(thing).values()) if hasattr(thing, "__dict__") else []
    waiting = [f.__code__ for f in functions if isinstance(getattr(f, "__code__", None), CodeType)]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]


# ---- which node belongs where


def find_groups(nodes: list[Node], root: Part) -> None:
    """Give each node its `place`, the innermost group it belongs to, and parameters their names.

    Groups stand in groups as parts do in parts; see `join_groups` for those around them.
    """
    owners = {parameter: part for part in root.walk() for parameter in part.own}
    for node in nodes:
        owner = None if node.op or node.kind == CONSTANT else owners.get(node.thing)
        if owner is not None:
            node.kind, node.part = PARAMETER, owner
            node.label = node.label or owner.own[node.thing]
        elif node.kind in (LEAF, PARAMETER):
            node.kind = INPUT
    _join_operations(nodes)
    _join_what_leads_in(nodes)


def join_groups(nodes: list[Node], root: Part) -> None:
    """Put the groups of neurons into groups of layers, and so on outwards."""
    for level in reversed(list(_levels(root))):
        _join_groups(nodes, level)
    dissolve_circles(nodes)


def _levels(root: Part) -> Iterator[list[Part]]:
    """Parts that have children, the outermost first."""
    level = [root]
    while level:
        yield [part for part in level if part.children and not part.is_bare]
        level = [child for part in level for child in part.children]


def _join_operations(nodes: list[Node]) -> None:
    number = 0
    for node in nodes:
        if not node.op or node.code is None:
            continue
        code = node.layer or node.code
        own = [x for x in node.inputs if x.part is not None and code in x.part.codes]
        before = [x.place.now() for x in node.inputs if x.place is not None]
        before = [group for group in before if code in group.part.codes]
        if not own and not before:
            continue
        latest = max(before, key=lambda group: group.number, default=None)
        part: Part = own[0].part if own or latest is None else latest.part
        target: Group | None = None
        for group in dict.fromkeys(before):
            if group.part is not part or not group.used.isdisjoint(own):
                continue
            if target is None:
                target = group
            elif target.used.isdisjoint(group.used):
                group.joined = target
                target.used |= group.used
        if target is None:
            target, number = Group(part, number), number + 1
        target.used.update(own)
        node.place = target
    for node in nodes:
        if node.place is not None:
            node.place = node.place.now()


def _join_what_leads_in(nodes: list[Node]) -> None:
    """What the code of a part made for one use of it alone, before it met a parameter."""
    places: list[set[Any]] = [set() for _ in nodes]
    for node in reversed(nodes):
        users = places[node.number]
        if node.place is None and len(users) == 1:
            (group,) = users
            code = node.layer or node.code
            if group is not None and (node.kind == CONSTANT or code in group.part.codes):
                node.place = group
        for x in node.inputs:
            places[x.number].add(node.place)


def _join_groups(nodes: list[Node], parts: list[Part]) -> None:
    """Uses of the children of a part that have the same inputs, or follow each other, are one."""
    tops = [None if node.place is None else list(node.place.around())[-1] for node in nodes]
    inputs: dict[Group, dict[Any, None]] = {}
    for node, top in zip(nodes, tops, strict=True):
        if top is not None and top.part.parent in parts:
            mine = inputs.setdefault(top, {})
            for x in node.inputs:
                if x.kind == CONSTANT:
                    mine["number", x.thing] = None
                elif x.kind != PARAMETER and tops[x.number] is not top:
                    mine[x] = None
    found: dict[tuple[Part | None, Any], list[Group]] = {}
    for group, before in inputs.items():
        part = group.part.parent
        assert part is not None
        same = found.setdefault((part, frozenset(before)), [])
        near = [tops[x.number] for x in before if isinstance(x, Node)]
        around = [x.parent for x in near if x is not None and x.parent is not None]
        for outer in [*same, *dict.fromkeys(around)]:
            if outer.part is part and group.part not in outer.used:
                break
        else:
            outer = Group(part, group.number)
        outer.used.add(group.part)
        group.parent = outer
        same.append(outer)


def dissolve_circles(nodes: list[Node]) -> None:
    """Take away groups that feed themselves by way of others: they could not stand in one place."""
    while _dissolve_some(nodes):
        pass


def _dissolve_some(nodes: list[Node]) -> bool:
    members: dict[Group | None, list[Node]] = {}
    for node in nodes:
        for group in [None] if node.place is None else [*node.place.around(), None]:
            members.setdefault(group, []).append(node)
    for level, inside in members.items():
        circle = _circle(inside, level)
        if circle:
            for node in nodes:
                _leave(node, circle)
            return True
    return False


def item_of(node: Node, level: Group | None) -> Any:
    """What stands for a node among the things directly in a group: itself, or a group in it."""
    item: Any = node
    for group in () if node.place is None else node.place.around():
        if group is level:
            return item
        item = group
    return item if level is None else None


def _circle(inside: Iterable[Node], level: Group | None) -> set[Any]:
    """The groups directly in this one that are on a circle of wires."""
    waiting: dict[Any, set[Any]] = {}
    users: dict[Any, list[Any]] = {}
    for node in inside:
        item = item_of(node, level)
        mine = waiting.setdefault(item, set())
        for x in node.inputs:
            other = None if x.kind == PARAMETER else item_of(x, level)
            if other is not None and other is not item and other not in mine:
                mine.add(other)
                users.setdefault(other, []).append(item)
    ready = [item for item, before in waiting.items() if not before]
    while ready:
        done = ready.pop()
        del waiting[done]
        for user in users.get(done, ()):
            waiting[user].discard(done)
            if not waiting[user]:
                ready.append(user)
    return {item for item in waiting if isinstance(item, Group)}


def _leave(node: Node, dissolved: set[Any]) -> None:
    if node.place is None:
        return
    kept = [group for group in node.place.around() if group not in dissolved]
    for inner, outer in zip(kept, [*kept[1:], None], strict=True):
        inner.parent = outer
    node.place = kept[0] if kept else None
