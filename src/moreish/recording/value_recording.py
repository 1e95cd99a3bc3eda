"""A recorded call whose result is a Value, or several: replayed as lanes.

The graph that the first call builds is read once. A replay reads the numbers of its leaves,
computes all at once, and gives new Values. Their `backward` adds to the `grad` of the leaves as
ever.
"""

from typing import Any

import numpy as np

from ..engine.graph import Primitive, _mode
from ..engine.value import Value, _Clock
from .arguments import Returned, mapped
from .lanes import Lanes
from .names import Watch
from .recording import Checked
from .tape import CaptureError
from .value_graph import Flat, flatten, repeated


class OfValues(Checked):
    """A recording that gives Values.

    `made` are the Values that the call made of plain numbers, and `inputs` those in its arguments.
    Of what it gives, `backward` raises CaptureError for a gradient of a gradient, and if the
    function was called again since. It raises RuntimeError if the number of a leaf was changed
    since. TypeError for its row applied to arrays.
    """

    changes_late = False

    def __init__(
        self,
        roots: list[Value],
        form: Any,
        made: dict[int, Value],
        inputs: list[Value],
        watch: Watch,
    ) -> None:
        taken = {id(value): place for place, value in enumerate(inputs)}
        flat, leaves = flatten(roots, lambda leaf: id(leaf) in made and id(leaf) not in taken)
        self.flat: Flat = flat
        self.watch = watch
        self.leaves: list[Value | None] = [None if id(x) in taken else x for x in leaves]
        self.taken = [(i, taken[id(x)]) for i, x in enumerate(leaves) if id(x) in taken]
        self.lanes = Lanes(flat)
        self.form = form
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
        return mapped(form, lambda x: values[x.place] if type(x) is Returned else x)

    # ---- compared with the function

    def state(self) -> list[Any]:
        """The gradients of the leaves, which a call leaves as they are."""
        return [leaf.grad for leaf in self.leaves if leaf is not None]

    def restore(self, state: list[Any]) -> None:
        """A replay changes nothing."""

    def outcome(self, returned: Any) -> dict[str, Any]:
        """What a call gave, to be compared."""
        _, values = values_in(returned)
        numbers = {f"result {i + 1}": np.array(x._data) for i, x in enumerate(values)}
        return {**numbers, "a gradient of a Value": np.array(self.state(), dtype=object)}

    @staticmethod
    def agrees(found: Any, wanted: Any) -> bool:
        """Whether what a replay gave is what the function gave, to rounding in another order."""
        if wanted.dtype == object:
            return bool(np.array_equal(found, wanted))
        return bool(np.allclose(found, wanted, rtol=1e-6, atol=1e-12, equal_nan=True))

    def over(self, columns: list[np.ndarray]) -> Value:
        """(N,) columns of numbers → the sum of what the function gives for N examples."""
        count = len(columns[0])
        if self._examples is None or self._examples[0] != count:
            self._examples = count, OfExamples(self, count)
        return self._examples[1].replay(columns)

    @property
    def tape(self) -> Lanes:
        """Its steps."""
        return self.lanes


class OfExamples(OfValues):
    """The graph of one example, repeated for many.

    Of the Value that it gives, `backward` raises CaptureError for a gradient of a gradient, and if
    the function was called again since. It raises RuntimeError if the number of a leaf was changed
    since. TypeError for its row applied to arrays.
    """

    def __init__(self, one: OfValues, count: int) -> None:
        inputs = [one.flat.leaves[place] for place, _ in one.taken]
        flat, nodes = repeated(one.flat, inputs, count)
        self.lanes = Lanes(flat)
        self.leaves = [x for x in one.leaves if x is not None]
        self.taken = []
        self._order = [taken for _, taken in one.taken]
        self._inputs = self.lanes.slot[nodes]
        self.form = Returned(0)
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


def values_in(returned: Any) -> tuple[Any, list[Value]]:
    """What a function returned without its Values, and those."""
    found: list[Value] = []

    def form_of(thing: Any) -> Any:
        if type(thing) is not Value:
            return thing
        found.append(thing)
        return Returned(len(found) - 1)

    return mapped(returned, form_of), found


def _no_arrays(x: Any, **_: Any) -> Any:
    raise TypeError("a captured function of Values has no array form")


def _same(x: float, **_: Any) -> float:
    return x
