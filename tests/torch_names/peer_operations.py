"""Counts how many of a peer's tests of operations agree with PyTorch here: agree, differ, absent.

    git clone https://github.com/tinygrad/tinygrad
    python tests/torch_names/peer_operations.py tinygrad/test/backend/test_ops.py

Each test of that file gives functions of PyTorch's names with their inputs, and the same in the
peer's own names. The first run here twice, with PyTorch and with `moreish.torch` in the place of
`torch`; the peer's are not run. A test agrees if all its functions give the same shapes, dtypes,
numbers and gradients, to a thousandth, which is the peer's own tolerance, or errors of one kind.
"""

import re
import signal
import sys
import types
import unittest
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

import moreish.torch
import moreish.torch.nn.functional

SECONDS = 20  # for one test: a few wait for what only the peer can give
OUTSIDE = re.compile("conv|pool|interpolate|large_input")  # what the docs say is left out
Outcome = tuple[str, Any]  # ("value", array), ("gradient", array), or ("error", exception)


class TooLong(BaseException):
    """A test that does not end."""


class Anything:
    """Stands for whatever belongs to the peer: any call or attribute gives another."""

    max, min = 2**31 - 1, -(2**31)

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __repr__(self) -> str:
        return "Anything"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *_: Any, **__: Any) -> Any:
        return Anything()

    def __getitem__(self, _: Any) -> Any:
        return Anything()

    def __iter__(self) -> Iterator[Any]:
        return iter([Anything()] * 50)

    def __len__(self) -> int:
        return 50

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass


for sign in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"):
    for side in ("", "r"):
        setattr(Anything, f"__{side}{sign}__", lambda self, *_: Anything())
for sign in ("lshift", "rshift", "matmul", "neg", "invert", "lt", "le", "gt", "ge"):
    setattr(Anything, f"__{sign}__", lambda self, *_: Anything())


class OfThePeer(type):
    """What a class of the peer has."""

    def __getattr__(cls, name: str) -> Any:
        return Anything()


def read(path: str) -> str:
    """The file without its imports of the peer, and without checks of what only the peer gives."""
    text = re.sub(r"^from tinygrad.*$|^import torch$", "", Path(path).read_text(), flags=re.M)
    text = re.sub(r"torch\.set_default_device.*", "pass", text)
    return re.sub(r"np\.testing\.assert_\w+\(", "(lambda *a, **k: None)(", text)


def tests_of(source: str, library: Any) -> tuple[Any, list[list[Outcome]]]:
    """Its class of tests, with this library as torch, and the list that outcomes are put into."""
    log: list[list[Outcome]] = []
    module = types.ModuleType("peer").__dict__
    peers = ("dtypes", "Device", "DEV", "_to_np_dtype")
    module.update({name: Anything() for name in peers}, torch=library, IMAGE=0, DEBUG=0)
    module.update(
        Tensor=OfThePeer("Tensor", (Anything,), {}), Context=Anything, NIRRenderer=Anything
    )
    module["getenv"] = lambda name, default=0: default
    exec(compile(source, "peer", "exec"), module)

    def inputs(shapes: Any, values: Any, low: float, high: float, wanted: bool) -> list[Any]:
        np.random.seed(0)
        if shapes is not None:
            drawn = (np.random.uniform(low, high, shape) for shape in shapes)
            values = [np.asarray(x, np.float32) for x in drawn]
        made = [library.tensor(x, requires_grad=wanted) for x in values]
        return [x.type(library.int32) if x.dtype == library.int64 else x for x in made]

    def compare(
        shapes: Any,
        function: Any,
        peers: Any = None,
        forward_only: bool = False,
        vals: Any = None,
        low: float = -2,
        high: float = 2,
        **_: Any,
    ) -> None:
        try:
            xs = inputs(shapes, vals, low, high, not forward_only)
            found: list[Outcome] = [("value", x) for x in flat(function(*xs))]
            if xs and not forward_only:
                grad = torch.autograd.grad if library is torch else moreish.torch.grad
                found += [("gradient", x) for x in flat(grad(function(*xs).sum(), xs))]
        except Exception as error:
            found = [("error", error)]
        log.append(found)

    def raises(_: Any, shapes: Any, function: Any, peers: Any = None, **options: Any) -> None:
        options = {"low": -1.5, "high": 1.5, **options}
        compare(shapes, function, peers, **options)

    module["helper_test_op"] = compare
    module["prepare_test_op"] = lambda low, high, shapes, values, forward_only=False: (
        inputs(shapes, values, low, high, not forward_only),
        [Anything()] * 9,
    )
    module["TestOps"].helper_test_exception = raises
    return module["TestOps"], log


def flat(result: Any) -> list[Any]:
    """Arrays and plain things, however they are nested."""
    if isinstance(result, (tuple, list)):
        return [y for x in result for y in flat(x)]
    return [result.detach().numpy() if hasattr(result, "detach") else result]


def outcomes(tests: Any, log: list[list[Outcome]], name: str) -> list[list[Outcome]]:
    """What one test of the peer comes to."""
    log.clear()
    np.random.seed(3)
    for library in (torch, moreish.torch):
        library.manual_seed(3)
    signal.alarm(SECONDS)
    try:
        getattr(tests(name), name)()
    except (unittest.SkipTest, AssertionError, TooLong):
        pass
    except Exception as error:
        log.append([("error", error)])
    finally:
        signal.alarm(0)
    return list(log)


def are_same(ours: Outcome, theirs: Outcome) -> bool:
    """Whether they agree as the peer's own tests ask it of PyTorch and itself, about."""
    (kind, a), (wanted, b) = ours, theirs
    if kind != wanted:
        return False
    if kind == "error":
        return isinstance(a, type(b)) or isinstance(b, type(a))
    if not isinstance(b, np.ndarray):
        return type(a).__name__ == type(b).__name__
    if not isinstance(a, np.ndarray) or (a.shape, a.dtype) != (b.shape, b.dtype):
        return False
    if b.dtype.kind != "f":
        return bool((a == b).all())
    return np.allclose(a, b, rtol=1e-3, atol=1e-4 if kind == "gradient" else 1e-5, equal_nan=True)


def kind_of(ours: list[list[Outcome]], theirs: list[list[Outcome]]) -> str:
    """agree, differ, absent, or nothing where a test has no side in PyTorch."""
    if not theirs or any("Anything" in str(x) for some in theirs for _, x in some):
        return "nothing to compare"
    if [*map(len, ours)] == [*map(len, theirs)]:
        both = zip(ours, theirs, strict=True)
        if all(are_same(a, b) for some in both for a, b in zip(*some, strict=True)):
            return "agree"
    errors = [x for some in ours for kind, x in some if kind == "error"]
    is_absent = any(isinstance(x, AttributeError) or "unexpected keyword" in str(x) for x in errors)
    return "absent" if is_absent else "differ"


def main(path: str) -> None:
    """Print how many tests are of each kind, and which differ or are absent."""

    def stop(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    warnings.simplefilter("ignore")
    source = read(path)
    ours, theirs = tests_of(source, moreish.torch), tests_of(source, torch)
    found: dict[str, list[str]] = {}
    for name in sorted(name for name in dir(theirs[0]) if name.startswith("test_")):
        if OUTSIDE.search(name):
            kind = "left out"
        else:
            kind = kind_of(outcomes(*ours, name), outcomes(*theirs, name))
        found.setdefault(kind, []).append(name.removeprefix("test_"))
    for kind, names in sorted(found.items()):
        print(f"{len(names)} {kind}" + (f": {', '.join(names)}" if kind != "agree" else ""))


if __name__ == "__main__":
    main(sys.argv[1])
