"""The drawing of a computation graph: all of it, what is near to the result, or its kinds.

It decides how much is drawn, and puts together what the other modules make.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from ...engine.tensor import Tensor
from ...engine.value import Value
from ...errors import OptionError
from ..drawing import Drawing
from .listing import listing
from .modules import Group, Part, find_groups, join_groups, parts_of
from .nodes import CONSTANT, INPUT, LEAF, PARAMETER, Node, depth, many
from .page import page
from .scene import Picture, paint
from .summary import merged, nearest
from .svg import drawing
from .tensor_nodes import nodes_of_tensor
from .value_nodes import OwnNode, is_own_value, nodes_of_own_value, nodes_of_value

__all__ = ["Graph", "graph"]

LIMIT = 150  # boxes that one can still read
MANY = 2_000  # nodes from which on kinds say more than a corner does


class Graph(Drawing):
    """A computation graph, as it was when it was drawn."""

    title = "a computation graph"

    def __init__(
        self, pictures: list[Picture], shown: Picture, about: str, sentences: list[str]
    ) -> None:
        self._pictures = pictures  # the coarsest first
        self._shown = shown  # one of them
        self._about = about
        self._sentences = sentences

    @property
    def foldings(self) -> list[str]:
        """The ways to fold its model, the coarsest first: the classes of what is one box each.

        >>> from moreish.micrograd.nn import Layer
        >>> layer = Layer(2, 3)
        >>> graph(sum(layer([1.0, 2.0])), model=layer).foldings
        ['Layer', 'Neuron', '']
        """
        return [picture.folded for picture in self._pictures]

    @property
    def folded(self) -> str:
        """The one of `foldings` that is shown; "" where nothing is folded."""
        return self._shown.folded

    @property
    def about(self) -> str:
        """The whole graph in a sentence.

        >>> from moreish.engine import Value
        >>> graph(Value(2.0) * 3).about
        '3 nodes, 1 operation deep: 1 *; 1 leaf, 1 number.'
        """
        return self._about

    def svg(self, *, sentences: bool = True) -> str:
        """The picture as SVG: point at a node, and it says all of itself.

        `sentences` are those below it, which say what was left out.

        >>> from moreish.engine import Value
        >>> graph(Value(2.0) * 3).svg()[:4]
        '<svg'
        """
        below = self._sentences if sentences else []
        return drawing(self._shown.level, below, self._about)

    def html(self) -> str:
        """The picture as a part of a page: a click opens a neuron or a layer, or folds it.

        >>> from moreish.engine import Value
        >>> "<svg" in graph(Value(2.0) * 3).html()
        True
        """
        return page(self._pictures, self._shown, self._sentences, self._about)

    def text(self) -> str:
        """What it shows as a list, in the order of the computation.

        >>> from moreish.engine import Value
        >>> graph(Value(2.0, label="x") * 3).text().splitlines()[0]
        '3 nodes, 1 operation deep: 1 *; 1 leaf, 1 number.'
        """
        after = [sentence for sentence in self._sentences if sentence != self._about]
        return "\n".join([self._about, *listing(self._shown.level), *after])


def graph(
    root: Any,
    *,
    model: Any = None,
    fold: str | None = None,
    limit: int = LIMIT,
    summary: bool | None = None,
) -> Graph:
    """What a Value or a Tensor was computed from, left to right, with numbers and gradients.

    With a `model` (anything with `parameters()`, or a mapping of names to parameters), its
    parameters are told apart and named, and each neuron and layer is one box that opens; `fold` is
    the class whose boxes are folded at first, "" for none. More than `limit` boxes are not drawn:
    what is far from `root` is left out, and the drawing says so. From 2,000 nodes on, or with
    `summary`, nodes that were made in the same way are drawn as one.

    A Value may be of your own class, if it has micrograd's `data`, `grad`, `_prev` and `_op`.
    Tensors are called as their lines of source call them.

    TypeError for anything that is no Value or Tensor; OptionError for a model without parameters,
    a model of your own Values, a class that it does not have, or a limit below 1.

    >>> from moreish.micrograd.nn import Neuron
    >>> neuron = Neuron(2)
    >>> drawing = graph(neuron([1.0, -2.0]), model=neuron)
    >>> drawing
    <a computation graph: .svg(), .html(), .text() or .save(path)>
    """
    if limit < 1:
        raise OptionError(f"the limit is a number of boxes, 1 or more; got {limit}")
    nodes = read(root)
    part = None
    if model is not None:
        if isinstance(nodes[-1], OwnNode):
            raise OptionError(
                "the boxes of a model are drawn of Values and Tensors of moreish: leave model out "
                "for Values of your own class"
            )
        part = parts_of(model)
        find_groups(nodes, part)
    about = _about(nodes)
    if len(nodes) > MANY if summary is None else summary:
        return _summary(nodes, about, limit, part, fold)
    sentences: list[str] = []
    foldings = [OPEN]
    if part is not None:
        join_groups(nodes, part)
        foldings = _foldings(part, fold, lambda folding: _visible(nodes, folding) <= limit // 2)
    elif fold:
        raise OptionError(f"to fold each {fold}, say of which model: graph(..., model=model)")
    if _visible(nodes, foldings[0]) > limit:
        for node in nodes:
            node.place = None
        whole = len(nodes)
        nodes = nearest(nodes, limit)
        sentences = [
            f"These are the {len(nodes):,} nodes nearest to the result, of {whole:,}; what the "
            f"operations with a broken line were applied to is left out.",
            f"graph(node) draws a node and what is behind it, graph(root, limit={2 * limit}) more "
            f"of this, and graph(root, summary=True) all of it, with nodes of a kind as one.",
        ]
    return _painted(nodes, foldings, about, sentences)


class Folding(NamedTuple):
    """A way to fold a model."""

    folded: str  # the classes of what is one box each
    is_open: Callable[[Group], bool]


OPEN = Folding("", lambda group: True)


def _painted(nodes: list[Node], foldings: list[Folding], about: str, sentences: list[str]) -> Graph:
    """The drawing with a picture of each of these foldings that differs; the first is shown."""
    shown, *others = [Picture(f.folded, paint(nodes, f.is_open)) for f in foldings]
    pictures: list[Picture] = []
    for picture in others:
        if picture.level == shown.level:
            shown = picture
        if all(picture.level != other.level for other in pictures):
            pictures.append(picture)
    return Graph(pictures if shown in pictures else [shown, *pictures], shown, about, sentences)


def read(root: Any) -> list[Node]:
    """All nodes of the graph of a Value, a Tensor or a Value of another class, inputs first.

    TypeError for anything else.
    """
    if isinstance(root, Value):
        nodes = list(nodes_of_value(root))
    elif isinstance(root, Tensor):
        nodes = list(nodes_of_tensor(root))
    elif is_own_value(root):
        nodes = list(nodes_of_own_value(root))
    else:
        raise TypeError(
            f"a Value or a Tensor was wanted, to draw what it was computed from (one of your "
            f"own class: with data, grad, _prev and _op); got {type(root).__name__}"
        )
    for number, node in enumerate(nodes):
        node.number = number
    return nodes


def _about(nodes: list[Node]) -> str:
    """The graph in a sentence."""
    operations = Counter(node.op for node in nodes if node.op)
    kinds = Counter(node.kind for node in nodes if not node.op)
    leaves = [many(kinds[kind], kind) for kind in (LEAF, PARAMETER, INPUT, CONSTANT) if kinds[kind]]
    made = [f"{count:,} {op}" for op, count in operations.most_common()]
    steps = f", {many(depth(nodes), 'operation')} deep: {', '.join(made)}" if made else ""
    return f"{many(len(nodes), 'node')}{steps}{'; ' if made else ': '}{', '.join(leaves)}."


def _visible(nodes: list[Node], folding: Folding) -> int:
    """How many boxes there are with these groups open: parameters stand where they are used."""
    seen: set[Any] = set()
    for node in nodes:
        if node.kind == PARAMETER:
            continue
        around = [] if node.place is None else list(node.place.around())
        folded = [group for group in around if not folding.is_open(group)]
        seen.add(folded[-1] if folded else node)
        if not folded:
            seen.update((x, node.place) for x in node.inputs if x.kind == PARAMETER)
    return len(seen)


def _foldings(root: Part, fold: str | None, fits: Callable[[Folding], bool]) -> list[Folding]:
    """The folding to show, and after it all that there are, the coarsest first.

    Shown is the one that folds the class `fold`, else the finest that fits and folds something.
    """
    parts = list(root.walk())
    depths: dict[Part, int] = {}
    for part in reversed(parts):
        depths[part] = 1 + max((depths[child] for child in part.children), default=-1)
    if root.is_bare:
        depths[root] -= 1
    steps = [_deeper(depths, level) for level in range(max(0, depths[root]) + 1)]
    finest = steps[: max(1, depths[root])]
    shown = next((step for step in finest if fits(step)), finest[-1])
    if fold is not None:
        if fold and fold not in {part.kind for part in parts}:
            known = ", ".join(dict.fromkeys(part.kind for part in parts))
            raise OptionError(f"the model has no {fold!r} to fold; it has {known}")
        shown = Folding(fold, lambda group: group.part.kind != fold)
    return [shown, *reversed(steps), OPEN]


def _deeper(depths: dict[Part, int], level: int) -> Folding:
    """Parts of this depth, counted from the innermost, are one box each."""
    kinds = dict.fromkeys(p.kind for p, depth in depths.items() if depth == level and not p.is_bare)
    return Folding(", ".join(sorted(kinds)), lambda group: depths[group.part] > level)


def _summary(
    nodes: list[Node], about: str, limit: int, part: Part | None, fold: str | None
) -> Graph:
    kinds = merged(nodes)
    foldings = [OPEN]
    if part is not None:
        foldings = _foldings(part, fold, lambda folding: False)
    whole = len(kinds)
    sentence = "Nodes that were made in the same way are drawn as one."
    if whole > limit:
        for node in kinds:
            node.place = None
        kinds = nearest(kinds, limit)
        sentence += f" These are the {len(kinds):,} kinds nearest to the result, of {whole:,}."
    hint = "" if part is not None else ", and graph(root, model=model) shows the layers of a model"
    help_ = (
        f"graph(node) draws a node and what is behind it, graph(root, summary=False) the {limit:,} "
        f"nodes nearest to the result{hint}."
    )
    return _painted(kinds, foldings, about, [about, sentence, help_])
