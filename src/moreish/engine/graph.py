"""What was computed from what, and the order in which to walk back through it.

A `Primitive` is one row of the table of derivative rules (see `rules`): how to compute, and the
gradient with respect to each input. A `Face` is what people hold in their hands and compute with:
`Value` is one number, `Tensor` an array. A primitive that meets a face lets it remember the step;
one that meets plain numbers or arrays just computes. This module knows no derivative, no number
and no array.
"""

import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar
from weakref import ReferenceType

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Face:
    """A number or an array that remembers how it was made."""

    __slots__ = ()

    @classmethod
    def _record(
        cls, primitive: "Primitive", inputs: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """Compute `primitive` on the inputs and remember that it was done."""
        raise TypeError(f"{cls.__name__} can't record {primitive.name}: it is an abstract face")

    def numpy(self) -> Any:
        """What it holds, as NumPy has it. TypeError if that is no array."""
        raise TypeError(f"{type(self).__name__} holds no array")


UNUSED, SHAPE, WHOLE = range(3)
NUMBERS = frozenset({float, int, bool})


class Gradient:
    """The gradient of a primitive with respect to one of its inputs.

    It is a plain function of (g, y, *inputs, **options): `g` is the gradient that arrives at the
    result `y`. The names of its parameters say what must be kept for it: `_x` is not used, of
    `x_shape` only the shape, of `x` everything; with `*arrays` it takes all further inputs. It is
    written with operators and primitives alone, so it works on numbers, arrays and Tensors, and
    has a gradient itself.
    """

    __slots__ = ("function", "keeps", "keeps_rest")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        parameters = inspect.signature(function).parameters.values()
        self.keeps_rest = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        positional = [
            p.name for p in parameters if p.kind not in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        ]
        self.keeps = tuple(
            UNUSED if name.startswith("_") else SHAPE if name.endswith("_shape") else WHOLE
            for name in positional[1:]
        )

    def needs(self, place: int) -> int:
        """How much is needed of the input at `place`; the result is at place 0."""
        if place < len(self.keeps):
            return self.keeps[place]
        return WHOLE if self.keeps_rest else UNUSED

    def of(
        self, g: Any, kept: Sequence[Any], shapes: Sequence[Any], options: dict[str, Any]
    ) -> Any:
        """The gradient, given `g`, from what was kept of (result, *inputs) and their shapes."""
        given = [
            kept[i] if need == WHOLE else shapes[i] if need == SHAPE else None
            for i, need in enumerate(self.keeps)
        ]
        if self.keeps_rest:
            given += kept[len(given) :]
        return self.function(g, *given, **options)


def no_gradient(_g: object, *_inputs: object, **_options: object) -> None:
    """In a row's list of gradients: this input chooses or counts, and never wants one."""


class Primitive:
    """One row of the table: a forward function and its gradients, side by side.

    Each array that the result depends on is an input, in its place; options are plain Python
    values that stay as they are. `array` computes on arrays and `number` on plain floats (absent
    where it makes no sense). `gradients` has one function for each of the first inputs, in order;
    further inputs have none. `every` takes its place where any number of inputs has one: it is
    called with (g, index, shapes, **options) and gives the gradient of the input at `index`. A row
    without gradients gives results that never require one.
    `floating` says that the result is a floating-point number even where the inputs are whole,
    `shape_depends_on_numbers` that the shapes of the inputs don't tell that of the result, and
    `is_view` that it may show the memory of the first input. `into` writes the result into given
    memory, as (out, *inputs, **options); a ufunc can do so itself. `parts` are rows that give the
    same to the bit, for who would compute some of them anyway: each as (row, places, options),
    where places count the inputs and then what earlier parts gave.
    """

    __slots__ = (
        "_kept",
        "array",
        "every",
        "floating",
        "gradients",
        "has_gradient",
        "into",
        "is_view",
        "name",
        "number",
        "parts",
        "shape_depends_on_numbers",
        "slopes",
    )

    def __init__(
        self,
        name: str,
        array: Callable[..., Any],
        number: Callable[..., Any] | None = None,
        *,
        gradients: Iterable[Callable[..., Any]] = (),
        every: Callable[..., Any] | None = None,
        floating: bool = False,
        into: Callable[..., Any] | None = None,
        is_view: bool = False,
        parts: "tuple[tuple[Primitive, tuple[int, ...], dict[str, Any]], ...]" = (),
        shape_depends_on_numbers: bool = False,
    ) -> None:
        self.name = name
        self.array = array
        self.number = number
        self.slopes = tuple(gradients)
        self.gradients = tuple(Gradient(function) for function in self.slopes)
        self.every = every
        self.has_gradient = bool(self.slopes) or every is not None
        self.floating = floating
        self.into = into
        self.is_view = is_view
        self.parts = parts
        self.shape_depends_on_numbers = shape_depends_on_numbers
        self._kept: dict[tuple[bool, ...], tuple[bool, ...]] = {}

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        for x in inputs:
            if isinstance(x, Face):
                return x._record(self, inputs, options)
        if type(inputs[0]) in NUMBERS and type(inputs[-1]) in NUMBERS and self.number is not None:
            return self.number(*inputs, **options)
        return self.array(*inputs, **options)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def kept(self, wanted: tuple[bool, ...]) -> tuple[bool, ...]:
        """Which of (result, *inputs) the gradients of the wanted inputs need whole."""
        known = self._kept.get(wanted)
        if known is None:
            used = [
                gradient
                for gradient, is_wanted in zip(self.gradients, wanted, strict=False)
                if is_wanted
            ]
            known = tuple(
                any(gradient.needs(i) == WHOLE for gradient in used) for i in range(len(wanted) + 1)
            )
            self._kept[wanted] = known
        return known


class Node(Protocol):
    """Anything that knows what it was made from."""

    @property
    def _parents(self) -> "tuple[Any, ...]": ...


AnyNode = TypeVar("AnyNode", bound=Node)


def order(root: AnyNode) -> Iterator[AnyNode]:
    """Every node that `root` was made from, and `root` first: each after all that use it.

    A loop with counts of uses, not recursion: a chain of a million nodes is no problem, and the
    order depends on nothing but the graph, so gradients repeat to the bit.
    """
    waiting = {root: 0}
    found = [root]
    while found:
        for parent in found.pop()._parents:
            if parent is None:
                continue
            if parent in waiting:
                waiting[parent] += 1
            else:
                waiting[parent] = 1
                found.append(parent)
    ready = [root]
    while ready:
        node = ready.pop()
        yield node
        for parent in node._parents:
            if parent is None:
                continue
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)


class _Mode(threading.local):
    recording = True
    watching: list[Any] | None = None  # every step that is taken, while rules are checked
    last_root: "ReferenceType[Any] | None" = None  # to what `backward` was called on last
    following: Any = None  # the recorder, while a call is captured


_mode = _Mode()


def is_grad_enabled() -> bool:
    """Whether what is computed now is remembered for a later `backward`.

    >>> is_grad_enabled()
    True
    """
    return _mode.recording


def holds(condition: Any) -> bool:
    """Whether all of an array or Tensor are true; while a call is captured, a replay asks again."""
    if _mode.following is not None:
        return bool(_mode.following.holds(condition))
    return bool((condition.numpy() if isinstance(condition, Face) else condition).all())


class set_grad_enabled:  # PyTorch's name
    """Remember what is computed from here on, or don't; `with` sets it back afterwards.

    >>> with set_grad_enabled(False):
    ...     is_grad_enabled()
    False
    """

    def __init__(self, mode: bool) -> None:
        self._before = _mode.recording
        _mode.recording = bool(mode)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        _mode.recording = self._before


class no_grad:  # PyTorch's name
    """Compute without remembering: `with no_grad():` for a block, `@no_grad()` for a function.

    >>> with no_grad():
    ...     is_grad_enabled()
    False
    >>> is_grad_enabled()
    True
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """The context; of a function, as `@no_grad` without brackets, that function within it."""
        if args and callable(args[0]):
            return cls()(args[0])
        return super().__new__(cls)

    def __init__(self) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(_mode.recording)
        _mode.recording = False

    def __exit__(self, *_: object) -> None:
        _mode.recording = self._before.pop()

    def _again(self) -> "no_grad":
        """Another like it, so that a function that calls itself has one for each call."""
        return no_grad()

    def __call__(self, function: Callable[Given, Result]) -> Callable[Given, Result]:
        from functools import wraps

        @wraps(function)
        def without_grad(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            with self._again():
                return function(*args, **kwargs)

        return without_grad


class inference_mode(no_grad):  # PyTorch's name
    """As `no_grad`; with `mode=False`, remember again within it.

    PyTorch also makes Tensors then that can never be part of a graph; here they are as others.

    >>> with inference_mode():
    ...     is_grad_enabled()
    False
    """

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self._mode = mode

    def _again(self) -> "inference_mode":
        return inference_mode(self._mode)

    def __enter__(self) -> None:
        super().__enter__()
        _mode.recording = not self._mode
