"""Ways to read that no name leads through: the right numbers after a change, or a refusal."""

import importlib
import importlib.util
import operator
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from ctypes import c_double
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import moreish.torch as torch
from moreish.recording import CaptureError, capture

X = torch.tensor([1.0, 2.0])
Case = tuple[Callable[[Any], Any], Callable[[], Any]]  # a function, and what changes what it reads


@dataclass
class Config:
    k: float = 2.0


def by_attrgetter() -> Case:
    held = Config()
    return lambda x: x * operator.attrgetter("k")(held), lambda: setattr(held, "k", 3.0)


def by_an_attrgetter_from_outside() -> Case:
    held, get = SimpleNamespace(inner=Config()), operator.attrgetter("inner.k")
    return lambda x: x * get(held), lambda: setattr(held.inner, "k", 3.0)


def by_a_methodcaller() -> Case:
    class Rates(Config):
        def rate(self) -> float:
            return self.k

    held, call = Rates(), operator.methodcaller("rate")
    return lambda x: x * call(held), lambda: setattr(held, "k", 3.0)


def by_a_pattern_with_names() -> Case:
    held: Any = Config()

    def function(x: Any) -> Any:
        match held:
            case Config(k=value):
                return x * value

    return function, lambda: setattr(held, "k", 3.0)


def by_a_pattern_with_places() -> Case:
    held: Any = Config()

    def function(x: Any) -> Any:
        match held:
            case Config(value):
                return x * value

    return function, lambda: setattr(held, "k", 3.0)


def by_format() -> Case:
    held = Config()
    return lambda x: x * float(f"{held.k}"), lambda: setattr(held, "k", 3.0)


def by_getattr_with_a_text() -> Case:
    held, name = Config(), "k"
    return lambda x: x * getattr(held, name), lambda: setattr(held, "k", 3.0)


def by_import_module() -> Case:
    return (
        lambda x: x * importlib.import_module("a_module_to_read").RATE,
        lambda: setattr(sys.modules["a_module_to_read"], "RATE", 3.0),
    )


def by_the_table_of_modules() -> Case:
    return (
        lambda x: x * sys.modules["a_module_to_read"].RATE,
        lambda: setattr(sys.modules["a_module_to_read"], "RATE", 3.0),
    )


def by_the_table_of_modules_held() -> Case:
    held = sys.modules
    return (
        lambda x: x * held["a_module_to_read"].RATE,
        lambda: setattr(sys.modules["a_module_to_read"], "RATE", 3.0),
    )


def by_globals() -> Case:
    globals()["RATE"] = 2.0
    return lambda x: x * globals()["RATE"], lambda: globals().update(RATE=3.0)


def by_eval() -> Case:
    globals()["RATE"] = 2.0
    return lambda x: x * eval("RATE"), lambda: globals().update(RATE=3.0)


def by_a_file(path: Path = Path("rate.txt")) -> Case:
    path.write_text("2.0")
    return lambda x: x * float(open(path).read()), lambda: path.write_text("3.0")


def of_a_package_that_is_installed() -> Case:
    package = sys.modules["a_package_installed"]
    return lambda x: package.scaled(x), lambda: setattr(package.settings, "RATE", 3.0)


CASES = [
    by_attrgetter, by_an_attrgetter_from_outside, by_a_methodcaller, by_a_pattern_with_names,
    by_a_pattern_with_places, by_format, by_getattr_with_a_text, by_import_module,
    by_the_table_of_modules, by_the_table_of_modules_held, by_globals, by_eval, by_a_file,
    of_a_package_that_is_installed,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = ModuleType("a_module_to_read")
    module.RATE = 2.0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "a_module_to_read", module)
    package = tmp_path / "site-packages" / "a_package_installed"
    package.mkdir(parents=True)
    (package / "settings.py").write_text("RATE = 2.0\n")
    source = "from . import settings\n\n\ndef scaled(x):\n    return x * settings.RATE\n"
    (package / "__init__.py").write_text(source)
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.chdir(tmp_path)
    importlib.import_module("a_package_installed")
    yield
    for name in ("a_package_installed", "a_package_installed.settings"):
        del sys.modules[name]


@pytest.mark.parametrize("make", CASES)
def test_a_change_is_seen_or_the_call_was_refused(make: Callable[[], Case]) -> None:
    for changed_at in range(2, 21):
        sys.modules["a_module_to_read"].RATE = 2.0  # type: ignore[attr-defined]
        sys.modules["a_package_installed"].settings.RATE = 2.0
        _change_at(changed_at, *make())


def _change_at(changed_at: int, function: Callable[[Any], Any], change: Callable[[], Any]) -> None:
    captured = capture(function)
    for call in range(1, 25):
        if call == changed_at:
            change()
        try:
            found = captured(X).tolist()
        except CaptureError:
            assert call == 1, "it is refused when it is recorded"
            return
        assert found == ([2.0, 4.0] if call < changed_at else [3.0, 6.0])


REFUSED = [
    by_import_module, by_the_table_of_modules, by_the_table_of_modules_held, by_globals, by_eval,
    by_a_file,
]  # fmt: skip


@pytest.mark.parametrize("make", CASES)
def test_which_are_refused(make: Callable[[], Case]) -> None:
    function, _ = make()
    if make in REFUSED:
        with pytest.raises(CaptureError, match=r"reads by .* pass it as an argument"):
            capture(function)(X)
    else:
        assert capture(function)(X).tolist() == [2.0, 4.0]


def test_a_tensor_from_where_no_name_leads() -> None:
    held = threading.local()
    held.w = torch.tensor([2.0, 2.0])
    with pytest.raises(CaptureError, match="from where no name leads"):
        capture(lambda x: x * held.w)(X)


@pytest.mark.parametrize("make", [SimpleQueue, lambda: ContextVar("k"), lambda: c_double(2.0)])
def test_what_holds_things_that_can_not_be_compared(make: Callable[[], Any]) -> None:
    held = make()
    with pytest.raises(CaptureError, match="reads by a "):
        capture(lambda x: x * (held is not None))(X)
