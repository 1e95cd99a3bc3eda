"""Make a large graph small: nodes of the same role become one, or what is far is left out.

It knows nodes and groups, and nothing of how they look.
"""

from typing import Any

from ...engine.source_lines import Line
from .modules import Group, Part, dissolve_circles
from .nodes import CONSTANT, MANY, Node, many


class ManyNode(Node):
    """Nodes that were made in the same way from the same kinds of nodes, as one."""

    __slots__ = ("gradients", "labels", "leaf", "things", "values")

    def __init__(self, first: Node) -> None:
        super().__init__(MANY, first, first.op)
        self.leaf = "" if first.op else first.kind
        self.things = 0
        self.labels: set[str] = set()
        self.values: list[float] = []
        self.gradients: list[float] = []

    def add(self, node: Node) -> None:
        """Count one more."""
        self.things += 1
        self.labels.add(node.label.rstrip("0123456789[]"))
        if node.kind == CONSTANT:
            return
        value, gradient = node.numbers()
        if value is not None:
            self.values.append(value)
        if gradient is not None:
            self.gradients.append(gradient)

    @property
    def line(self) -> Line | None:
        """The line that made the first of them."""
        return self.thing.line

    @property
    def is_alarming(self) -> bool:
        """Whether a number or a gradient of theirs is not finite."""
        return any(x - x != 0 for x in (*self.values, *self.gradients))

    def ranges(self) -> list[str]:
        """From where to where its numbers and its gradients go."""
        return [
            f"{what} {_range(numbers)}"
            for what, numbers in (("data", self.values), ("grad", self.gradients))
            if numbers
        ]

    def made(self) -> str:
        """The operation, and what it was applied to."""
        if self.things == 1 or not self.op or not self.inputs:
            return super().made()
        return f"{self.op} of {', '.join(node.name for node in self.inputs)}"

    def cells(self) -> list[str]:
        """How many they are, and from where to where their numbers and gradients go."""
        if self.things == 1:
            return self.thing.cells()
        return [many(self.things, self.leaf or "node"), *self.ranges()]

    def words(self) -> list[str]:
        """The same."""
        return self.cells()


def _range(numbers: list[float]) -> str:
    finite = [x for x in numbers if x - x == 0]
    if len(finite) < len(numbers):
        return f"not finite in {len(numbers) - len(finite):,}"
    least, most = f"{min(finite):.3g}", f"{max(finite):.3g}"
    return least if least == most else f"{least} … {most}"


def merged(nodes: list[Node]) -> list[Node]:
    """Nodes of the same role as one each, inputs first.

    Two nodes have the same role if the same operation in the same place of the code made them from
    nodes of the same roles; a chain of one such operation, as `sum` makes it, counts as one. Leaves
    have the same role if nodes of the same roles use them.
    """
    roles = _roles(nodes)
    found: dict[Any, ManyNode] = {}
    kinds = []
    for node, role in zip(nodes, roles, strict=True):
        if role not in found:
            found[role] = ManyNode(node)
        mine = found[role]
        mine.add(node)
        kinds.append(mine)
    inputs: dict[ManyNode, dict[Node, None]] = {node: {} for node in found.values()}
    places: dict[ManyNode, dict[Part | None, None]] = {node: {} for node in found.values()}
    for node, mine in zip(nodes, kinds, strict=True):
        sources = (kinds[x.number] for x in node.inputs)
        inputs[mine].update((source, None) for source in sources if source is not mine)
        places[mine][node.part if node.place is None else node.place.part] = None
    groups: dict[Part, Group] = {}
    for node in found.values():
        node.inputs = tuple(inputs[node])
        node.place = _group(_common(list(places[node])), groups)
        alike = min(node.labels) if len(node.labels) == 1 else ""
        node.label = node.thing.label if node.things == 1 else alike
    result: list[Node] = _inputs_first(list(found.values()))
    for number, node_ in enumerate(result):
        node_.number = number
    dissolve_circles(result)
    return result


def _roles(nodes: list[Node]) -> list[Any]:
    known: dict[Any, int] = {}
    roles: list[Any] = [0] * len(nodes)
    bases: list[frozenset[Any]] = [frozenset()] * len(nodes)
    keys: list[Any] = [None] * len(nodes)
    users: list[set[int]] = [set() for _ in nodes]
    spots: dict[Any, Any] = {}
    for i, node in enumerate(nodes):
        if not node.op:
            roles[i] = node.kind
            continue
        if (node.code, node.position) not in spots:
            spots[node.code, node.position] = _spot(node)
        keys[i] = key = (node.op, spots[node.code, node.position])
        base: frozenset[Any] = frozenset()
        for x in node.inputs:
            j = x.number
            base |= bases[j] if keys[j] == key else {roles[j]}
        bases[i] = base
        roles[i] = known.setdefault((key, base), len(known))
        for x in node.inputs:
            users[x.number].add(roles[i])
    for i, node in enumerate(nodes):
        if not node.op:
            roles[i] = (node.kind, frozenset(users[i]))
    return roles


def _spot(node: Node) -> Any:
    """The piece of source that made it: instructions of the same piece may have made others."""
    if node.code is None:
        return None
    pieces = list(node.code.co_positions())
    return node.code, pieces[node.position // 2]


def _common(parts: list[Part | None]) -> Part | None:
    """The innermost part that holds all of these."""
    shared: list[Part] | None = None
    for part in parts:
        chain = []
        while part is not None:
            chain.append(part)
            part = part.parent
        shared = chain if shared is None else [p for p in shared if p in chain]
    return shared[0] if shared else None


def _group(part: Part | None, groups: dict[Part, Group]) -> Group | None:
    if part is None or part.is_bare:
        return None
    if part not in groups:
        groups[part] = Group(part, len(groups))
        groups[part].parent = _group(part.parent, groups)
    return groups[part]


def _inputs_first(nodes: list[ManyNode]) -> list[Node]:
    """The leaves first; the others come in order already."""
    return [*(n for n in nodes if not n.op), *(n for n in nodes if n.op)]


def nearest(nodes: list[Node], limit: int) -> list[Node]:
    """The nodes nearest to the last one, about `limit` of them; the others are left out.

    A node whose inputs are left out keeps its operation, and says so by having none.
    """
    waiting = [nodes[-1]]
    kept, opened = set(waiting), set()
    for node in waiting:  # grows as it is walked
        new = [x for x in dict.fromkeys(node.inputs) if x not in kept]
        if len(kept) + len(new) > limit:
            break
        opened.add(node)
        kept.update(new)
        waiting += new
    for node in kept:
        if node not in opened and node.inputs:
            node.inputs = ()
    result = [node for node in nodes if node in kept]
    for number, node in enumerate(result):
        node.number = number
    return result
