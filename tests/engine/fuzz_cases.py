"""How a name is given what is drawn for it, and called in either library.

A strategy takes a `Draw` and gives a `Case`. It is found by its name, which stands for the function
and for the method of that name; one of the two is drawn.
"""

from collections.abc import Callable
from typing import Any

import moreish.torch as ours
from engine.fuzz_draws import Case, Draw, Given

Strategy = Callable[[Draw], Case]
STRATEGIES: dict[str, Strategy] = {}
OWNERS: dict[str, str] = {}  # which function says what is drawn for a name


def strategy(*names: str) -> Callable[[Callable[[Draw, str], Case]], Callable[[Draw, str], Case]]:
    """What is drawn for these names."""

    def register(make: Callable[[Draw, str], Case]) -> Callable[[Draw, str], Case]:
        for name in names:
            # pytest looks for examples in this file as a module of its own, and so again.
            assert OWNERS.setdefault(name, make.__qualname__) == make.__qualname__, name
            STRATEGIES[name] = lambda draw, name=name: make(draw, name)  # type: ignore[misc]
        return make

    return register


def called(
    draw: Draw, name: str, inputs: list[Given], *args: Any, **options: Any
) -> tuple[Callable[..., Any], str]:
    """The method or the function of this name, called with inputs and arguments."""
    as_method = hasattr(ours.Tensor, name) and not (hasattr(ours, name) and draw.flag())
    told = ", ".join(
        [_told(x) for x in inputs]
        + [repr(x) for x in args]
        + [f"{k}={v!r}" for k, v in options.items()]
    )

    def function(t: Any, *tensors: Any) -> Any:
        own = {k: getattr(t, v.name) if isinstance(v, Named) else v for k, v in options.items()}
        given = [getattr(t, v.name) if isinstance(v, Named) else v for v in args]
        if as_method:
            return getattr(tensors[0], name)(*tensors[1:], *given, **own)
        return getattr(t, name)(*tensors, *given, **own)

    return function, f"{'x.' if as_method else 't.'}{name}({told})"


class Named:
    """A thing of the library's own, as a dtype, by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"t.{self.name}"


def _told(x: Given) -> str:
    layout = "" if x.layout == "plain" else f" {x.layout}"
    return f"{x.array.dtype}{list(x.array.shape)}{layout}{'*' * x.grad}"


def given(draw: Draw, make: Callable[..., dict[str, Any]], chance: int = 3) -> dict[str, Any]:
    """Options, now and then."""
    return make() if draw.whole(0, chance) == 0 else {}


def plain_case(draw: Draw, name: str, x: Given, *args: Any, **options: Any) -> Case:
    """The call of one tensor's method, or of the function, with nothing rounded."""
    function, told = called(draw, name, [x], *args, **options)
    return Case(function, [x], told, exact=True, roundings=2 * x.array.size + 4)
