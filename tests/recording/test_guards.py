"""Whatever a function can reach by name and that changes between its calls: a replay sees it."""

import copy
import pickle
import random
import sys
from array import array
from collections import Counter, OrderedDict, UserDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType, ModuleType, SimpleNamespace
from typing import Any
from weakref import proxy, ref

import numpy as np
import pytest

import moreish.torch as torch
from moreish import Value, capture
from moreish.recording import CaptureError, names
from moreish.torch import optim

X = torch.tensor([1.0, 2.0])
RATE = 2.0
WEIGHT = torch.tensor([1.0, 1.0])


class Slotted:
    __slots__ = ("k",)

    def __init__(self) -> None:
        self.k = 2.0


@dataclass
class Settings:
    k: float = 2.0


class Class:
    k = 2.0
    training = True

    def __call__(self, x: Any) -> Any:
        return x * RATE * self._helped()

    def _helped(self) -> float:
        return self.k

    @property
    def half(self) -> float:
        return RATE / 2

    @staticmethod
    def fixed(x: Any) -> Any:
        return x * RATE

    @classmethod
    def shared(cls, x: Any) -> Any:
        return x * cls.k


class Other(Class):
    pass


def a_module() -> ModuleType:
    module = ModuleType("a_module_of_mine")
    exec("k = 2.0\ndef f(x):\n    return x * k", vars(module))
    sys.modules["a_module_of_mine"] = module
    return module


def set_rate(rate: float) -> None:
    globals()["RATE"] = rate


# Each makes a function, and what changes something that it reads.
def a_list() -> Any:
    held = [2.0]
    return lambda x: x * held[0], lambda: held.__setitem__(0, 3.0)


def keys_of_a_dict() -> Any:
    held = {1: 1}
    return lambda x: x * sum(held), lambda: (held.clear(), held.update({5: 1}))


def an_ordered_dict() -> Any:
    held = OrderedDict(k=2.0)
    return lambda x: x * held["k"], lambda: held.update(k=3.0)


def a_proxy() -> Any:
    held = {"k": 2.0}
    proxy = MappingProxyType(held)
    return lambda x: x * proxy["k"], lambda: held.update(k=3.0)


def a_set() -> Any:
    held = {2.0}
    return lambda x: x * sum(held), lambda: held.add(5.0)


def a_deque() -> Any:
    held = deque([2.0])
    return lambda x: x * held[0], lambda: held.appendleft(3.0)


def bytes_that_change() -> Any:
    held = bytearray(b"12")
    return lambda x: x * held[0], lambda: held.__setitem__(0, 3)


def an_array_of_python() -> Any:
    held = array("d", [2.0])
    return lambda x: x * held[0], lambda: held.__setitem__(0, 3.0)


def numbers_of_numpy() -> Any:
    held = np.array([2.0, 1.0])
    return lambda x: x * float(held[0]), lambda: held.__setitem__(0, 3.0)


def rows_by_numpy() -> Any:
    table, held = torch.tensor([1.0, 2.0, 4.0]), np.array([0, 1])
    return lambda x: x * table[held], lambda: held.__iadd__(1)


def a_copy_of_numpy() -> Any:
    held = np.array([2.0, 1.0])
    return lambda x: x * torch.tensor(held), lambda: held.__setitem__(0, 3.0)


def objects_of_numpy() -> Any:
    held = np.array([torch.tensor([2.0, 2.0]), None], dtype=object)
    return lambda x: x * held[0], lambda: held.__setitem__(0, torch.tensor([3.0, 3.0]))


def slots() -> Any:
    held = Slotted()
    return lambda x: x * held.k, lambda: setattr(held, "k", 3.0)


def a_dataclass() -> Any:
    held = Settings()
    return lambda x: x * held.k, lambda: setattr(held, "k", 3.0)


def a_namespace() -> Any:
    held = SimpleNamespace(k=2.0)
    return lambda x: x * held.k, lambda: setattr(held, "k", 3.0)


def a_default() -> Any:
    held = SimpleNamespace(k=2.0)
    return lambda x, own=held: x * own.k, lambda: setattr(held, "k", 3.0)


def a_default_by_name() -> Any:
    held = Settings()

    def function(x: Any, *, own: Settings = held) -> Any:
        return x * own.k

    return function, lambda: setattr(held, "k", 3.0)


def a_partial() -> Any:
    held = Settings()
    inner = partial(lambda own, x: x * own.k, held)
    return lambda x: inner(x), lambda: setattr(held, "k", 3.0)


def a_global_in_a_method() -> Any:
    held = Class()
    return lambda x: held(x), lambda: set_rate(3.0)


def a_global_in_a_property() -> Any:
    held = Class()
    return lambda x: x * held.half, lambda: set_rate(3.0)


def a_static_method() -> Any:
    return Class.fixed, lambda: set_rate(3.0)


def a_class_method() -> Any:
    return lambda x: Other.shared(x), lambda: setattr(Class, "k", 3.0)


def an_attribute_of_a_class() -> Any:
    held = Other()
    return lambda x: x * held.k, lambda: setattr(Class, "k", 3.0)


def an_attribute_that_hides_that_of_its_class() -> Any:
    held = Other()
    return lambda x: x * (2 if held.training else 3), lambda: setattr(held, "training", False)


def a_method_replaced() -> Any:
    held = Other()
    return lambda x: held(x), lambda: setattr(Other, "_helped", lambda self: 7.0)


def a_module_of_ones_own() -> Any:
    module = a_module()
    return lambda x: x * module.k, lambda: setattr(module, "k", 3.0)


def a_global_of_another_module() -> Any:
    module = a_module()
    return lambda x: module.f(x), lambda: setattr(module, "k", 3.0)


def a_captured_function() -> Any:
    held = [2.0]
    inner = capture(lambda x: x * held[0])
    return lambda x: inner(x) + 1, lambda: held.__setitem__(0, 3.0)


def a_tensor_in_a_captured_function() -> Any:
    held = SimpleNamespace(w=torch.tensor([2.0, 2.0]))
    inner = capture(lambda x: x * held.w)
    return lambda x: inner(x) + 1, lambda: setattr(held, "w", torch.tensor([3.0, 3.0]))


def minus_zero() -> Any:
    held = [0.0]
    return lambda x: 1 / (x * held[0]), lambda: held.__setitem__(0, -0.0)


def whether_it_requires_a_gradient() -> Any:
    held = torch.tensor([2.0], requires_grad=True)
    return lambda x: x * (2 if held.requires_grad else 3), lambda: held.requires_grad_(False)


def the_gradient_of_a_value() -> Any:
    held = Value(2.0)
    held.grad = 2.0
    return lambda x: x * held.grad, lambda: setattr(held, "grad", 3.0)


def a_global_that_comes_later() -> Any:
    globals().pop("LATER", None)

    def function(x: Any) -> Any:
        try:
            return x * LATER  # type: ignore[name-defined]
        except NameError:
            return x

    return function, lambda: globals().update(LATER=3.0)


def a_package() -> Any:
    package = SimpleNamespace(config=a_module())
    module = ModuleType("a_package_of_mine")
    vars(module).update(vars(package))
    return lambda x: x * module.config.k, lambda: setattr(module.config, "k", 3.0)


def what_is_imported_when_it_runs() -> Any:
    module = a_module()

    def function(x: Any) -> Any:
        from a_module_of_mine import k  # type: ignore[import-not-found]

        return x * k

    return function, lambda: setattr(module, "k", 3.0)


def a_module_in_an_object() -> Any:
    held = SimpleNamespace(module=a_module())
    return lambda x: x * held.module.k, lambda: setattr(held.module, "k", 3.0)


def an_attribute_of_a_function() -> Any:
    def inner(x: Any) -> Any:
        return x * inner.k  # type: ignore[attr-defined]

    inner.k = 2.0  # type: ignore[attr-defined]
    return lambda x: inner(x), lambda: setattr(inner, "k", 3.0)


def by_names_that_are_made_up() -> Any:
    held = Settings()
    return lambda x: x * getattr(held, "".join("k")), lambda: setattr(held, "k", 3.0)


def a_cached_function() -> Any:
    held = [2.0]
    inner = lru_cache(lambda: held[0])

    def change() -> None:
        held[0] = 3.0
        inner.cache_clear()

    return lambda x: x * inner(), change


def a_dict_of_the_users() -> Any:
    held = UserDict(k=2.0)
    return lambda x: x * held["k"], lambda: held.update(k=3.0)


def a_weak_reference() -> Any:
    held = Settings()
    weak = ref(held)
    return lambda x: x * weak().k, lambda: setattr(held, "k", 3.0)  # type: ignore[union-attr]


def another_dict_of_an_object() -> Any:
    held = Settings()
    return lambda x: x * held.k, lambda: setattr(held, "__dict__", {"k": 3.0})


def minus_zero_in_an_array() -> Any:
    held = np.zeros(1)
    return lambda x: 1 / (x * float(held[0])), lambda: held.__setitem__(0, -0.0)


def a_number_of_numpy() -> Any:
    held = SimpleNamespace(k=np.float64(2.0))
    return lambda x: x * float(held.k), lambda: setattr(held, "k", np.float64(3.0))


CHANGES = [
    a_package, what_is_imported_when_it_runs, a_module_in_an_object, an_attribute_of_a_function,
    by_names_that_are_made_up, a_cached_function, a_dict_of_the_users, a_weak_reference,
    another_dict_of_an_object, minus_zero_in_an_array, a_number_of_numpy,
    a_list, keys_of_a_dict, an_ordered_dict, a_proxy, a_set, a_deque, bytes_that_change,
    an_array_of_python, numbers_of_numpy, rows_by_numpy, a_copy_of_numpy, objects_of_numpy, slots,
    a_dataclass, a_namespace, a_default, a_default_by_name, a_partial, a_global_in_a_method,
    a_global_in_a_property, a_static_method, a_class_method, an_attribute_of_a_class,
    an_attribute_that_hides_that_of_its_class, a_method_replaced, a_module_of_ones_own,
    a_global_of_another_module, a_captured_function, a_tensor_in_a_captured_function, minus_zero,
    whether_it_requires_a_gradient, the_gradient_of_a_value, a_global_that_comes_later,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("k", "_helped"):
        monkeypatch.setattr(Class, name, getattr(Class, name))
    monkeypatch.setattr(sys.modules[__name__], "RATE", 2.0)


@pytest.mark.parametrize("make", CHANGES)
def test_what_changes_between_calls_is_seen(make: Callable[[], Any]) -> None:
    plain, change = make()
    captured = capture(plain)
    wanted = [plain(X).tolist()] * 3
    with np.errstate(all="ignore"):
        found = [captured(X).tolist() for _ in range(3)]
        assert found == wanted
        tapes = len(captured.tapes)
        change()
        now = plain(X).tolist()
        assert now != wanted[0]
        assert [captured(X).tolist() for _ in range(3)] == [now] * 3
    assert tapes == 1
    assert len(captured.tapes) <= 2


@pytest.mark.parametrize("kind", [SimpleNamespace, Settings])
def test_what_an_argument_holds_is_seen(kind: Any) -> None:
    captured = capture(lambda own, x: x * own.k)
    held = kind(k=2.0)
    assert captured(held, X).tolist() == captured(held, X).tolist() == [2.0, 4.0]
    held.k = 3.0
    assert captured(held, X).tolist() == [3.0, 6.0]


def test_a_function_as_an_argument_is_seen_through() -> None:
    k = 2.0
    captured, inner = capture(lambda f, x: f(x)), lambda x: x * k
    assert captured(inner, X).tolist() == captured(inner, X).tolist() == [2.0, 4.0]
    k = 3.0
    assert captured(inner, X).tolist() == [3.0, 6.0]


def test_minus_zero_as_an_argument_and_nan_once() -> None:
    captured = capture(lambda x, k: x / k)
    with np.errstate(all="ignore"):
        assert [captured(X, k).tolist()[0] for k in (0.0, -0.0)] == [np.inf, -np.inf]
        for _ in range(3):
            captured(X, float("nan"))
    assert len(captured.tapes) == 3


SOURCE, PYTHONS, OLD = np.random.default_rng(1), random.Random(1), np.random.RandomState(1)
DRAWS: list[Callable[[Any], Any]] = [
    lambda x: x[SOURCE.integers(0, 2, 2)],
    lambda x: x[SOURCE.permutation(2)],
    lambda x: x[SOURCE.integers(0, 2, 2).tolist()],
    lambda x: x[int(SOURCE.integers(2))],
    lambda x: x * SOURCE.normal(),
    lambda x: x if SOURCE.random() < 0.5 else -x,
    lambda x: x * PYTHONS.gauss(),
    lambda x: x * PYTHONS.randrange(5),
    lambda x: x * OLD.rand(),
    lambda x, draw=SOURCE.normal: x * draw(),
]


@pytest.mark.parametrize("draw", DRAWS)
def test_other_peoples_generators_are_refused(draw: Callable[[Any], Any]) -> None:
    captured = capture(draw)
    with pytest.raises(CaptureError, match="random numbers were drawn"):
        captured(X)
    assert not captured.tapes
    values = capture(lambda: Value(2.0) * SOURCE.normal())
    with pytest.raises(CaptureError, match="random numbers were drawn"):
        values()


def test_a_generator_that_is_not_drawn_from_is_no_reason_to_refuse() -> None:
    captured = capture(lambda x, source=SOURCE: x * 2 if source else x)
    assert captured(X).tolist() == captured(X).tolist() == [2.0, 4.0]


def test_what_gives_something_else_each_time_is_refused() -> None:
    numbers = iter([1.0, 2.0])
    with pytest.raises(CaptureError, match="a list_iterator by name, which gives something else"):
        capture(lambda x: x * next(numbers))(X)


class TestNumbersThatTheFunctionChanges:
    def test_a_counter_is_refused_at_its_second_call(self) -> None:
        n = 0

        def step(x: Any) -> Any:
            nonlocal n
            n += 1
            return x * (2 if n < 3 else 1)

        captured = capture(step)
        assert captured(X).tolist() == [2.0, 4.0]
        with pytest.raises(CaptureError, match="changes what it can read"):
            captured(X)

    def test_in_an_object_or_a_dict(self) -> None:
        held = {"i": 0}

        def step(x: Any) -> Any:
            held["i"] += 1
            return x * held["i"]

        captured = capture(step)
        captured(X)
        with pytest.raises(CaptureError, match="changes what it can read"):
            captured(X)

    def test_one_that_the_call_makes_itself(self) -> None:
        own, counted = SimpleNamespace(), Counter[str]()

        def step(x: Any) -> Any:
            own.t = getattr(own, "t", 0) + 1
            return x * own.t

        def count(x: Any) -> Any:
            counted["t"] += 1
            return x * counted["t"]

        for function in (step, count):
            captured = capture(function)
            assert captured(X).tolist() == [1.0, 2.0]
            with pytest.raises(CaptureError, match="changes what it can read"):
                captured(X)

    @pytest.mark.parametrize("kind", [np.float32, lambda k: (k,), lambda k: Settings(k)])
    def test_what_it_replaces(self, kind: Any) -> None:
        own = SimpleNamespace(s=kind(1.0))

        def step(x: Any) -> Any:
            now = own.s
            own.s = kind(2.0)
            return x * float(now.k if isinstance(now, Settings) else np.ravel(now)[0])

        captured = capture(step)
        assert captured(X).tolist() == [1.0, 2.0]
        if kind is np.float32:  # the same number again is no change
            assert captured(X).tolist() == captured(X).tolist() == [2.0, 4.0]
        else:
            with pytest.raises(CaptureError, match="changes what it can read"):
                captured(X)

    def test_a_list_that_it_takes_from(self) -> None:
        rates = [1.0, 2.0, 3.0]
        captured = capture(lambda x: x * rates.pop(0))
        captured(X)
        with pytest.raises(CaptureError, match="changes what it can read"):
            captured(X)

    def test_what_is_made_when_it_is_first_wanted_is_watched_then(self) -> None:
        own = SimpleNamespace(w=None)

        def step(x: Any) -> Any:
            if own.w is None:
                own.w = {"k": 2.0}
            return x * own.w["k"]

        captured = capture(step)
        for _ in range(3):
            assert captured(X).tolist() == [2.0, 4.0]
        own.w["k"] = 3.0
        assert captured(X).tolist() == [3.0, 6.0]

    def test_a_log_may_grow_and_what_was_in_it_is_watched(self) -> None:
        log = [2.0]

        def step(x: Any) -> Any:
            log.append(0.0)
            return x * log[0]

        captured = capture(step)
        assert captured(X).tolist() == captured(X).tolist() == [2.0, 4.0]
        log[0] = 3.0
        assert captured(X).tolist() == [3.0, 6.0]

    def test_what_is_counted_outside_is_nothing_to_it(self) -> None:
        class Trainer:
            def __init__(self) -> None:
                self.n, self.losses, self.loader = 0, [0.0], iter([1, 2])

            @capture
            def step(self, x: Any) -> Any:
                return x * 2

        trainer = Trainer()
        for _ in range(20):
            trainer.step(X)
            trainer.n += 1
            trainer.losses.append(1.0)
        assert len(trainer.step.tapes) == 1

    def test_what_is_set_up_at_the_first_call_is_right(self) -> None:
        own = SimpleNamespace(ready=False, k=1.0)

        def step(x: Any) -> Any:
            if not own.ready:
                own.ready = True
                return x * 0
            return x * own.k

        captured = capture(step)
        assert captured(X).tolist() == [0.0, 0.0]
        assert captured(X).tolist() == captured(X).tolist() == [1.0, 2.0]
        own.k = 2.0
        assert captured(X).tolist() == [2.0, 4.0]

    def test_an_array_that_it_changes_is_refused(self) -> None:
        held = np.zeros(3)

        def step(x: Any) -> Any:
            held[0] += 1
            return x * 2

        with pytest.raises(CaptureError, match=r"changes an array of shape \[3\]"):
            capture(step)(X)


@pytest.mark.parametrize("change", ["groups", "state", "taken"])
def test_what_an_optimizer_holds_is_replaced(change: str) -> None:
    def make() -> Any:
        w = torch.tensor([1.0, 2.0], requires_grad=True)
        optimizer = optim.AdamW([w], lr=0.1)

        def step() -> Any:
            optimizer.zero_grad()
            loss = (w * w).sum()
            loss.backward()
            optimizer.step()
            return loss.detach()

        def replace() -> None:
            if change == "groups":
                optimizer.param_groups = [{**optimizer.param_groups[0], "lr": 0.3}]
            else:
                optimizer.state.clear()
                optimizer.taken.clear()

        return step, replace

    (plain, replace), (other, replace_other) = make(), make()
    captured = capture(other)
    for _ in range(2):
        for _ in range(4):
            assert captured().item() == pytest.approx(plain().item(), rel=1e-6)
        replace()
        replace_other()
    assert captured().item() == pytest.approx(plain().item(), rel=1e-6)


def test_numbers_that_are_new_at_each_call_do_not_pile_up() -> None:
    captured = capture(lambda x, k: x * k)
    for k in range(200):
        assert captured(X, k).tolist() == [k, 2.0 * k]
    assert len(captured.tapes) < 50


def test_a_library_is_not_looked_into() -> None:
    seen = names.Watch(lambda x: np.exp(x) + pytest.approx(1) + optim.SGD([x]))._seen
    assert len(seen) < 10


@pytest.mark.parametrize("shape", [(4, 4), (2, 4, 4)])
def test_expanded_to_its_own_shape_or_another(shape: tuple[int, ...]) -> None:
    def plain(x: Any) -> Any:
        y = (x * 2).expand(*shape)
        z = y.clone()
        z[0] = 0.0
        return y + 1, z

    captured, exact = capture(plain), capture(plain)
    for _ in range(3):
        x = torch.rand(4, 4)
        for one in (captured, exact):
            assert [t.tolist() for t in one(x)] == [t.tolist() for t in plain(x)]


class Net:
    def __init__(self) -> None:
        self.w = torch.tensor([2.0, 2.0], requires_grad=True)

    @capture
    def step(self, x: Any) -> Any:
        self.w.grad = None
        loss = (self.w * x).sum()
        loss.backward()
        self.w.data -= self.w.grad
        return loss.detach()


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_a_copy_of_an_object_records_for_itself(copied: Callable[[Net], Net]) -> None:
    one = Net()
    assert one.step(X).item() == 6.0
    other = copied(one)
    other.w = torch.tensor([5.0, 5.0], requires_grad=True)
    assert other.step(X).item() == other.step(X).item() + 5.0 == 15.0
    assert one.step(X).item() == 1.0


def test_methods_of_what_keeps_nothing() -> None:
    class Narrow:
        __slots__ = ("k",)

        @capture
        def step(self, x: Any) -> Any:
            return x * self.k

        @classmethod
        @capture
        def of_all(cls, x: Any) -> Any:
            return x * 2

    one, other = Narrow(), Narrow()
    one.k, other.k = 2.0, 3.0
    for _ in range(2):
        assert (one.step(X).tolist(), other.step(X).tolist()) == ([2.0, 4.0], [3.0, 6.0])
        assert Narrow.of_all(X).tolist() == [2.0, 4.0]
    assert one.step is one.step


class Attributes(dict[str, float]):
    __getattr__ = dict.__getitem__


class Odd:
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __eq__(self, other: object) -> Any:
        return np.zeros(3)

    def __bool__(self) -> bool:
        raise RuntimeError

    __hash__ = object.__hash__


def test_odd_objects() -> None:
    odd, held, gone = Odd(), Attributes(k=2.0), memoryview(bytearray(2))
    gone.release()
    weak = proxy(Net())
    for function in (
        lambda x: x * 2 if odd is not None else x,
        lambda x: x * held.k,
        lambda x: x * 2 if gone is not None else x,
        lambda x: x * 2 if weak is not None else x,
    ):
        captured = capture(function)
        assert captured(X).tolist() == captured(X).tolist() == [2.0, 4.0]
        assert len(captured.tapes) == 1
    held["k"] = 3.0
    captured = capture(lambda x: x * held.k)
    assert captured(X).tolist() == [3.0, 6.0]
    held["k"] = 4.0
    assert captured(X).tolist() == [4.0, 8.0]


def test_a_list_of_ones_own_kind_as_an_argument() -> None:
    class Batch(list[Any]):
        k = 2.0

    batch, captured = Batch([X]), capture(lambda batch: batch[0] * batch.k)
    assert captured(batch).tolist() == captured(batch).tolist() == [2.0, 4.0]
    batch.k = 3.0
    assert captured(batch).tolist() == [3.0, 6.0]
