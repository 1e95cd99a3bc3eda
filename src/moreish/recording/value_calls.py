"""A recorded call whose result is a Value, or several: replayed as lanes.

The graph that the first call builds is read once. A replay reads the numbers of its leaves,
computes all at once, and gives new Values, whose `backward` adds to the `grad` of the leaves as
ever.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..engine.graph import Primitive, _mode
from ..engine.value import Value, _Clock
from .guards import Watch
from .tape import CaptureError
from .value_graph import Flat, flatten, repeated
from .vectorize import Lanes

_LOOKS = ("data", "__bool__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_SHOWS = ("__repr__", "__format__", "backward")


class Values:
    """What is known of Values while a call is recorded: those that it made from plain numbers."""

    def __init__(self) -> None:
        self.made: dict[int, Value] = {}

    def is_fixed(self, leaf: Value) -> bool:
        """Whether a leaf was made inside of the call."""
        return id(leaf) in self.made

    @contextmanager
    def following(self) -> Iterator[None]:
        """Values refuse to be read from here on, in the thread that records."""
        before = {name: Value.__dict__[name] for name in (*_LOOKS, *_SHOWS, "__init__", "grad")}
        collecting = gc.isenabled()
        gc.disable()  # a graph is many objects, and none of them is garbage yet
        own = _mode.following

        def begin(value: Value, data: Any, *, label: str = "") -> None:
            before["__init__"](value, data, label=label)
            if _mode.following is own:
                self.made[id(value)] = value

        def refusing(name: str) -> Any:
            def method(value: Value, *args: Any) -> Any:
                if _mode.following is own:
                    _refuse(name)
                return before[name](value, *args)

            return method

        def look(value: Value) -> Any:
            if _mode.following is own:
                _refuse("data")
            return before["data"].fget(value)

        def change(value: Value, number: Any) -> None:
            if _mode.following is own:
                _refuse("data")
            before["data"].fset(value, number)

        slot = before["grad"].__set__

        def set_grad(value: Value, grad: Any) -> None:
            is_old = getattr(value, "_row", value) is None and id(value) not in self.made
            if is_old and _mode.following is own:
                _refuse("grad")
            slot(value, grad)

        for name in (*_LOOKS[1:], *_SHOWS):
            type.__setattr__(Value, name, refusing(name))
        type.__setattr__(Value, "data", property(look, change))
        type.__setattr__(Value, "__init__", begin)
        type.__setattr__(Value, "grad", property(before["grad"].__get__, set_grad))
        try:
            yield
        finally:
            for name, descriptor in before.items():
                type.__setattr__(Value, name, descriptor)
            if collecting:
                gc.enable()


def _refuse(name: str) -> None:
    if name in ("backward", "grad"):
        raise CaptureError(
            "a captured loss of Values only computes the loss: call zero_grad(), backward() and "
            "the update outside of it, where the Values' data and grad are as ever"
        )
    raise CaptureError(
        "the number of a Value was read or changed while the call was recorded (by .data, a "
        "comparison, if, or printing), and a replay would not look at it again: return the Value "
        "and read it outside of the captured function"
    )


class OfValues:
    """A recording that gives Values."""

    def __init__(
        self, roots: list[Value], values: Values, inputs: list[Value], watch: Watch
    ) -> None:
        taken = {id(value): place for place, value in enumerate(inputs)}
        flat, leaves = flatten(
            roots, lambda leaf: id(leaf) in values.made and id(leaf) not in taken
        )
        self.flat: Flat = flat
        self.watch = watch
        self.leaves: list[Value | None] = [None if id(x) in taken else x for x in leaves]
        self.taken = [(i, taken[id(x)]) for i, x in enumerate(leaves) if id(x) in taken]
        self.lanes = Lanes(flat)
        self.form: Any = None
        self.calls = 0
        self._slopes: dict[int, np.ndarray] = {}
        self._bound: list[Value] = []
        self._examples: tuple[int, OfExamples] | None = None
        self._row = Primitive("captured", _no_arrays, _same, gradients=[self._hand_on])

    def fits(self) -> bool:
        """Whether what its names mean is what they meant when it was recorded."""
        return self.watch.is_as_it_was()

    def replay(self, inputs: list[Any]) -> Any:
        """The Values that the function gives for these."""
        leaves = self._leaves(inputs)
        self._bound = leaves
        numbers = self.lanes.forward([x._data for x in leaves]).tolist()
        return self.begin(leaves, numbers)

    def begin(self, leaves: list[Value], numbers: list[float]) -> Any:
        """New Values with these numbers, whose gradients go to these leaves."""
        self._bound = leaves
        self._slopes.clear()
        self.calls += 1
        return self.answer(self.form, [self._new(i, number) for i, number in enumerate(numbers)])

    def _leaves(self, inputs: list[Any]) -> list[Value]:
        if not self.taken:
            return self.leaves  # type: ignore[return-value]
        leaves: list[Any] = self.leaves.copy()
        for place, taken in self.taken:
            leaves[place] = inputs[taken]
        return leaves

    def _new(self, root: int, number: float) -> Value:
        value = Value(number)
        if _mode.recording:
            value._row = self._row
            value._a, value._b = Value(0.0), None
            value._options = {"root": root, "call": self.calls, "when": _Clock.now}
            value._code, value._position = None, 0
        return value

    def _hand_on(self, g: Any, _y: Any, _x: Any, *, root: int, call: int, when: int) -> float:
        """Add the gradients of one root to all leaves; its own input is nothing."""
        if isinstance(g, Value):
            raise CaptureError(
                "gradients of gradients don't go through a captured function: call the function "
                "itself for them"
            )
        if call != self.calls:
            raise CaptureError(
                "the captured function was called again since this Value was computed, and its "
                "numbers are gone: call backward() before the next call"
            )
        if when != _Clock.now and any(leaf._changed > when for leaf in self._bound):
            raise RuntimeError(
                "the number of a Value was changed after the captured function had used it, so "
                "its gradient would be wrong: call the function again"
            )
        if root not in self._slopes:
            with np.errstate(all="ignore"):
                self._slopes[root] = self.lanes.backward(root)
        for leaf, slope in zip(self._bound, (g * self._slopes[root]).tolist(), strict=True):
            leaf.grad += slope
        return 0.0

    def answer(self, form: Any, values: list[Value]) -> Any:
        """What the function returned, with these Values."""
        if type(form) is Place:
            return values[form.place]
        if type(form) in (list, tuple):
            return type(form)(self.answer(part, values) for part in form)
        if type(form) is dict:
            return {name: self.answer(part, values) for name, part in form.items()}
        return form

    def over(self, columns: list[np.ndarray]) -> Value:
        """The sum of what the function gives for many examples, as one Value."""
        count = len(columns[0])
        if self._examples is None or self._examples[0] != count:
            self._examples = count, OfExamples(self, count)
        return self._examples[1].replay(columns)

    @property
    def tape(self) -> Lanes:
        """Its steps."""
        return self.lanes


class OfExamples(OfValues):
    """The graph of one example, repeated for many."""

    def __init__(self, one: OfValues, count: int) -> None:
        inputs = [one.flat.leaves[place] for place, _ in one.taken]
        flat, nodes = repeated(one.flat, inputs, count)
        self.lanes = Lanes(flat)
        self.leaves = [x for x in one.leaves if x is not None]
        self.taken = []
        self._order = [taken for _, taken in one.taken]
        self._inputs = self.lanes.slot[nodes]
        self.form = Place(0)
        self.calls = 0
        self._slopes = {}
        self._bound = []
        self._row = Primitive("captured", _no_arrays, _same, gradients=[self._hand_on])

    def replay(self, inputs: list[Any]) -> Any:
        """The Value that is the sum over the examples."""
        if self._order:
            self.lanes.v[self._inputs] = np.stack([inputs[i] for i in self._order], axis=1)
        leaves: list[Any] = self.leaves
        numbers = self.lanes.forward([x._data for x in leaves]).tolist()
        return self.begin(leaves, numbers)


class Place:
    """In what a function returned: here comes a Value."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place


def values_in(returned: Any) -> tuple[Any, list[Value]]:
    """What a function returned without its Values, and those."""
    found: list[Value] = []

    def form_of(thing: Any) -> Any:
        if type(thing) is Value:
            found.append(thing)
            return Place(len(found) - 1)
        if type(thing) in (list, tuple):
            return type(thing)(form_of(part) for part in thing)
        if type(thing) is dict:
            return {name: form_of(part) for name, part in thing.items()}
        return thing

    return form_of(returned), found


def _no_arrays(x: Any, **_: Any) -> Any:
    raise TypeError("a captured function of Values has no array form")


def _same(x: float, **_: Any) -> float:
    return x
