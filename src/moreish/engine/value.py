"""Value: one number that remembers how it was made.

The page to teach from. A Value holds its number, its gradient, and which row of the table made it
from which inputs; `backward` walks back through them. The rows are those of `Tensor`, so there is
no derivative here. Names are micrograd's: data, grad, backward, _prev, _op.

A number that is changed after it was used is noticed on the walk back: each change takes the time
of one clock, and no input may have changed since the node that used it was made.
"""

import operator
from collections.abc import Callable, Iterator
from importlib import import_module
from numbers import Real
from sys import _getframe
from types import CodeType
from typing import Any, SupportsFloat, SupportsIndex, TypeAlias
from weakref import ReferenceType, ref

from . import activations, rules
from .graph import Face, Primitive, _mode, order
from .source_lines import OWN, Line, line_at, user_frame

__all__ = ["Value"]

SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "negative": "-"}
NAMES = {"relu": "ReLU", "absolute": "abs"}
NO_OPTIONS: dict[str, Any] = {}

_new = object.__new__

Operator: TypeAlias = "Callable[[Value, Value | float], Value]"


class _Clock:
    """The time: how many numbers have been changed by hand so far."""

    now = 0


def _number(thing: object, what: str = "a Value") -> float:
    """`thing` as a plain number; TypeError in words if it isn't one."""
    if type(thing) is float:
        return thing
    if isinstance(thing, Real) or (getattr(thing, "shape", None) == () and _is_real(thing)):
        try:
            return float(thing)  # type: ignore[arg-type]
        except OverflowError:
            raise OverflowError(f"{what} holds a float, and {thing} is too large for one") from None
    if isinstance(thing, Value):
        raise TypeError(
            f"{what} holds one number, got a Value: use it as it is, or its number, .data"
        )
    kind = type(thing).__name__
    if isinstance(thing, str):
        raise TypeError(f"{what} holds one number, got the text {thing!r}: use float() on it first")
    if isinstance(thing, complex):
        raise TypeError(f"{what} holds a real number, got the complex number {thing}")
    if hasattr(thing, "shape"):
        raise TypeError(
            f"{what} holds one number, got {kind} of shape {tuple(thing.shape)}: use a Tensor, or "
            f"a list with a Value for each"
        )
    raise TypeError(f"{what} holds one number, got {kind}: an int or a float was wanted")


def _is_real(thing: object) -> bool:
    return getattr(getattr(thing, "dtype", None), "kind", "") in "fiub"


def _drawn(value: "Value") -> Any:
    """Its graph as a drawing, which is far above: asked for by name when a notebook shows it."""
    return import_module("moreish.draw").graph(value)


def _operator(row: Primitive) -> tuple[Operator, Operator]:
    """An operator and its reflected form. Written out for speed: it is what a graph is made of."""
    number = row.number
    assert number is not None

    def operate(self: "Value", other: "Value | float") -> "Value":
        if type(other) is Value:
            data = number(self._data, other._data)
        else:
            if type(other) is not float:
                other = _number(other, f"an operand of {row.name}")
            data = number(self._data, other)
        node = _new(Value)
        node._data = data
        node.grad = 0.0
        node._made = _Clock.now
        node._changed = 0
        node.label = ""
        if _mode.recording:
            node._row = row
            node._a = self
            node._b = other
            node._options = NO_OPTIONS
            frame: Any = _getframe(1)
            while frame.f_code.co_filename.startswith(OWN):
                frame = frame.f_back
            node._code = frame.f_code
            node._position = frame.f_lasti
        else:
            node._row = None
        return node

    def reflected(self: "Value", other: "Value | float") -> "Value":
        return self._record(row, (_number(other, f"an operand of {row.name}"), self), NO_OPTIONS)

    return operate, reflected


def _comparison(compare: Callable[[float, float], bool]) -> Callable[..., bool]:
    def compared(self: "Value", other: object) -> bool:
        if _mode.following is not None:
            _mode.following.read()
        if type(other) is Value:
            return compare(self._data, other._data)
        if not isinstance(other, Real):
            return NotImplemented
        return compare(self._data, other)  # type: ignore[arg-type]

    return compared


class Value(Face):
    """One number, its gradient, and how it was made.

    TypeError for anything that is not one real number, OverflowError for one that is too large.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = (a * b + 10).tanh()
    >>> c.backward()
    >>> c, round(a.grad, 6)
    (Value(data=0.999329299739067, grad=1.0), -0.004023)
    """

    __slots__ = (
        "__weakref__",
        "_a",
        "_b",
        "_changed",
        "_code",
        "_data",
        "_made",
        "_options",
        "_position",
        "_row",
        "grad",
        "label",
    )

    _data: float
    grad: Any  # a number; a Value after backward(create_graph=True)
    label: str
    _row: Primitive | None  # the row of the table that made it; None for a leaf
    _a: Any  # its inputs, Values or plain numbers
    _b: Any  # None where the row takes one
    _options: dict[str, Any]
    _made: int  # the time of its making
    _changed: int  # and of the last change of its number by hand
    _code: CodeType | None  # the user's code that made it
    _position: int  # and where in it

    def __init__(self, data: SupportsFloat, *, label: str = "") -> None:
        self._set(_number(data))
        self.label = label
        if _mode.following is not None:
            _mode.following.begin(self)

    def _set(self, data: float) -> None:
        self._data = data
        self.grad = 0.0
        self._made = _Clock.now
        self._changed = 0
        self._row = None
        self.label = ""

    # ---- remembering

    @classmethod
    def _record(cls, row: Primitive, inputs: tuple[Any, ...], options: dict[str, Any]) -> "Value":
        if row is rules.where:
            row, inputs, options = rules.choose, inputs[1:], {"condition": bool(inputs[0])}
        if row.number is None or len(inputs) > 2:
            raise TypeError(f"{row.name} is not for single numbers: use Tensors")
        data = row.number(*[x._data if type(x) is Value else _number(x) for x in inputs], **options)
        node = _new(Value)
        node._set(float(data))
        if _mode.recording:
            node._row = row
            node._a = inputs[0]
            node._b = inputs[1] if len(inputs) > 1 else None
            node._options = options
            frame = user_frame(_getframe(1))
            node._code = None if frame is None else frame.f_code
            node._position = 0 if frame is None else frame.f_lasti
        return node

    @property
    def data(self) -> float:
        """The number itself."""
        if _mode.following is not None:
            _mode.following.read()
        return self._data

    @data.setter
    def data(self, number: SupportsFloat) -> None:
        if _mode.following is not None:
            _mode.following.read()
        self._data = number if type(number) is float else _number(number)
        _Clock.now += 1
        self._changed = _Clock.now

    @property
    def _parents(self) -> tuple[Any, ...]:
        """The Values it was made from."""
        if self._row is None:
            return ()
        return tuple(x for x in (self._a, self._b) if type(x) is Value)

    @property
    def _prev(self) -> set["Value"]:
        """The Values it was made from, as micrograd has them."""
        return set(self._parents)

    @property
    def _op(self) -> str:
        """How it was made, in a word or a sign: "+", "tanh", "**2"."""
        row = self._row
        if row is None:
            return ""
        if row.name == "power":
            return "**" if type(self._b) is Value else f"**{self._b:g}"
        return SYMBOLS.get(row.name) or NAMES.get(row.name, row.name)

    @property
    def _line(self) -> Line | None:
        """The line of the user's code that made it."""
        return None if self._row is None else line_at(self._code, self._position)

    # ---- the walk back

    def backward(self, create_graph: bool = False) -> None:
        """Add to the `grad` of every leaf the slope of this number with respect to it.

        Leaves add up over several calls; inner nodes hold what the last call gave. With
        `create_graph` the gradients are Values and have gradients themselves. RuntimeError if a
        number was changed after it was used.

        >>> x = Value(3.0)
        >>> (x**3).backward(create_graph=True)
        >>> slope, x.grad = x.grad, 0.0
        >>> slope.backward()
        >>> slope.data, x.grad
        (27.0, 18.0)
        """
        if _mode.following is not None:
            _mode.following.refuse_backward()
        waiting = self._uses()
        for node in waiting:
            if node._row is not None:
                node.grad = 0.0
        one: Any = Value(1.0) if create_graph else 1.0
        self.grad = one if self._row is not None else self.grad + one
        ready = [self]
        while ready:  # each node once, after all that use it; written out for speed
            node = ready.pop()
            row = node._row
            if row is None:
                continue
            if node._made != _Clock.now:
                node._must_be_fresh()
            a, b = node._a, node._b
            has_a, has_b = type(a) is Value, type(b) is Value
            g: Any = node.grad
            y: Any
            if create_graph:
                y, from_a, from_b = node, a, b
            else:
                y = node._data
                from_a = a._data if has_a else a
                from_b = b._data if has_b else b
            if b is None:
                a.grad += row.slopes[0](g, y, from_a, **node._options)
            elif row.slopes:
                slope_a, slope_b = row.slopes
                if has_a:
                    a.grad += slope_a(g, y, from_a, from_b, **node._options)
                if has_b:
                    b.grad += slope_b(g, y, from_a, from_b, **node._options)
            if has_a:
                waiting[a] -= 1
                if not waiting[a]:
                    ready.append(a)
            if has_b:
                waiting[b] -= 1
                if not waiting[b]:
                    ready.append(b)
        _mode.last_root = ref(self)

    def _uses(self) -> "dict[Value, int]":
        """Every node it was made from, and how often each is used."""
        waiting = {self: 0}
        found = [self]
        while found:
            node = found.pop()
            if node._row is None:
                continue
            for x in (node._a, node._b):
                if type(x) is Value:
                    if x in waiting:
                        waiting[x] += 1
                    else:
                        waiting[x] = 1
                        found.append(x)
        return waiting

    def _backward(self) -> None:
        """Hand its own gradient on to what it was made from, and no further."""
        for x, slope in self._slopes():
            x.grad += slope * self.grad

    def _slopes(self) -> "Iterator[tuple[Value, float]]":
        """The Values it was made from, and its slope with respect to each."""
        if self._row is None:
            return
        self._must_be_fresh()
        inputs = (self._a,) if self._b is None else (self._a, self._b)
        numbers = [x._data if type(x) is Value else x for x in inputs]
        for x, slope in zip(inputs, self._row.slopes, strict=True):
            if type(x) is Value:
                yield x, slope(1.0, self._data, *numbers, **self._options)

    def _must_be_fresh(self) -> None:
        """RuntimeError if its gradient needs a number that was changed after it was made."""
        assert self._row is not None
        inputs = (self._a,) if self._b is None else (self._a, self._b)
        kept = self._row.kept(tuple(type(x) is Value for x in inputs))
        for x, needed in zip((self, *inputs), kept, strict=True):
            if needed and type(x) is Value and x._changed > self._made:
                name = f" {x.label!r}" if x.label else ""
                raise RuntimeError(
                    f"the number of Value{name} was changed to {x._data} after '{self._op}' had "
                    f"used it, so its gradient would be wrong: run the forward pass again"
                )

    # ---- operators and functions

    __add__, __radd__ = _operator(rules.add)
    __sub__, __rsub__ = _operator(rules.subtract)
    __mul__, __rmul__ = _operator(rules.multiply)
    __truediv__, __rtruediv__ = _operator(rules.divide)
    __pow__, __rpow__ = _operator(rules.power)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)
    __hash__ = object.__hash__

    def __neg__(self) -> "Value":
        return self._record(rules.negative, (self,), NO_OPTIONS)

    def __pos__(self) -> "Value":
        return self

    def __abs__(self) -> "Value":
        return self._record(rules.absolute, (self,), NO_OPTIONS)

    def exp(self) -> "Value":
        """e to the power of it.

        >>> Value(0.0).exp()
        Value(data=1.0, grad=0.0)
        """
        return self._record(rules.exp, (self,), NO_OPTIONS)

    def log(self) -> "Value":
        """The natural logarithm.

        >>> Value(1.0).log()
        Value(data=0.0, grad=0.0)
        """
        return self._record(rules.log, (self,), NO_OPTIONS)

    def sqrt(self) -> "Value":
        """The square root.

        >>> Value(4.0).sqrt()
        Value(data=2.0, grad=0.0)
        """
        return self._record(rules.sqrt, (self,), NO_OPTIONS)

    binary_step = activations.binary_step
    elu = activations.elu
    gelu = activations.gelu
    identity = activations.identity
    leaky_relu = activations.leaky_relu
    prelu = activations.prelu
    relu = activations.relu
    selu = activations.selu
    sigmoid = activations.sigmoid
    silu = activations.silu
    softplus = activations.softplus
    swish = activations.swish
    tanh = activations.tanh

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> "Value":
        """`np.tanh(value)` is `value.tanh()`; TypeError for what has no rule, and for arrays."""
        for x in inputs:
            if type(x) is not Value:
                _number(x, "a Value in an operation with NumPy")
        row = rules.TABLE.get(ufunc.__name__)
        if method != "__call__" or options or row is None or row.number is None:
            raise TypeError(
                f"np.{ufunc.__name__} has no rule for a Value: use its number, .data, or an "
                f"operation that a Value has"
            )
        return self._record(row, inputs, NO_OPTIONS)

    # ---- what it is not

    def __bool__(self) -> bool:
        return self.data != 0

    def __float__(self) -> float:
        raise TypeError(
            "a Value is not turned into a plain number by itself, as its history would be lost: "
            "use .data for the number, and .exp(), .log() and the others instead of math's"
        )

    __int__ = __index__ = __float__

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else repr(self)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={_plain(self.grad)})"

    def _repr_html_(self) -> str | None:
        """What a notebook shows: what it was computed from; of a leaf, its text will do."""
        return None if self._row is None else _drawn(self).html()

    def _repr_svg_(self) -> str | None:
        return None if self._row is None else _drawn(self).svg()

    # ---- copies

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        if self._row is None:
            return _leaf, (self._data, self.grad, self.label)
        graph = None if _Flat.latest is None else _Flat.latest()
        if graph is None or self not in graph.places:
            graph = _Flat(self, graph)
        return _node_of, (graph, graph.places[self])


def _plain(gradient: "Value | float") -> "Value | float":
    return gradient._data if type(gradient) is Value else gradient


class _Flat:
    """A graph as a list, inputs first, so that copying it needs no recursion.

    One that is being copied knows where each of its nodes stands, so that Values that share a part
    of a graph share it in the copy.
    """

    latest: "ReferenceType[_Flat] | None" = None
    places: dict[Value, int]

    def __init__(self, root: Value, before: "_Flat | None") -> None:
        known: dict[Value, int] = {} if before is None else before.places
        nodes = [n for n in list(order(root))[::-1] if n._row is not None and n not in known]
        self.nodes = nodes
        self.places = {node: place for place, node in enumerate(nodes)}
        _Flat.latest = ref(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unflattened, ([self._told(node) for node in self.nodes],)

    def _told(self, node: Value) -> tuple[Any, ...]:
        """A node in plain words; a place in this graph is a list, to look like no number."""
        row = node._row
        assert row is not None
        node._must_be_fresh()
        if rules.TABLE.get(row.name) is not row:
            raise TypeError(
                f"a graph with the operation {row.name!r} can't be copied or pickled: it is not in "
                f"the table of rules"
            )
        inputs = [[self.places[x]] if x in self.places else x for x in (node._a, node._b)]
        return node._data, node.grad, node.label, row.name, inputs, dict(node._options)


def _leaf(data: float, grad: "Value | float", label: str) -> Value:
    value = Value(data, label=label)
    value.grad = grad
    return value


def _unflattened(told: list[tuple[Any, ...]]) -> list[Value]:
    nodes: list[Value] = []
    for data, grad, label, name, inputs, options in told:
        node = _leaf(data, grad, label)
        node._row = rules.TABLE[name]
        node._a, node._b = (nodes[x[0]] if type(x) is list else x for x in inputs)
        node._options = options
        node._code, node._position = None, 0
        nodes.append(node)
    return nodes


def _node_of(nodes: list[Value], place: int) -> Value:
    return nodes[place]
