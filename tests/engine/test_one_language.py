"""Whatever a Tensor can do is done by rows of the table, and by nothing else.

Each public name is called on numbers that are drawn; the rows that it took are taken again on
other numbers, and give what the call gives on those: results and gradients, to the bit. A name
without an entry fails; so does a computation past the table, whose numbers stay what they were.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish.torch as ours
import moreish.torch.nn.functional as F
from engine.fuzz_cases import STRATEGIES
from engine.fuzz_draws import Draw
from engine.one_language import Again, called, logged, made, must_be_plain, same
from engine.test_fuzz import EXCLUDED, RANDOM
from engine.test_rules import CASES, OTHER_CASES
from moreish.engine import rules
from moreish.engine.graph import Primitive
from moreish.engine.tensor import sorting
from torch_names.test_operations import OPERATIONS

DRAWS = [12, pytest.param(60, marks=pytest.mark.long)]


def walked_back(x: Any) -> Any:
    """`backward`, twice, and what it left."""
    y = (x.tanh() * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad


def walked_twice(x: Any) -> Any:
    """A gradient, and its own."""
    (slope,) = ours.grad((x.tanh() * x).sum(), x, create_graph=True)
    return slope, *ours.grad(slope.sum(), x)


# What the strategies don't draw so that a Tensor comes out of it. What draws random numbers draws
# the same in each call, as the seed is.
OWN: dict[str, Callable[..., Any]] = {
    "backward": walked_back,
    "grad": walked_twice,
    "bernoulli": lambda x: ours.bernoulli(x.sigmoid()),
    "bernoulli_": lambda x: x.detach().clone().bernoulli_(x.detach().sigmoid()),
    "exponential_": lambda x: (x * 1).exponential_() * x,
    "normal": lambda x: ours.normal(x, x.detach().abs()),
    "normal_": lambda x: (x * 1).normal_() * x,
    "rand_like": lambda x: ours.rand_like(x) * x,
    "randn_like": lambda x: ours.randn_like(x) * x,
    "random_": lambda x: (x * 1).random_(5) * x,
    "uniform_": lambda x: (x * 1).uniform_() * x,
    "F.dropout": lambda x: F.dropout(x * x, 0.3),
    # few draws of these are what PyTorch takes
    "F.one_hot": lambda x: F.one_hot((x * 2).long().clamp(0, 4), 5) * x[..., None],
    "retain_grad": lambda x: (x * 1).retain_grad() or x * 2,
    "select": lambda x: x.select(1, 2) * 2,
}
NUMBERS_ALONE = "draws from numbers and sizes alone: no Tensor goes in"
LEFT_OUT = {
    **{name: reason for name, reason in EXCLUDED.items() if reason is not RANDOM},
    **dict.fromkeys(
        ("Generator", "get_rng_state", "initial_seed", "manual_seed", "rand", "randint", "randn"),
        NUMBERS_ALONE,
    ),
    **dict.fromkeys(("randperm", "seed", "set_rng_state"), NUMBERS_ALONE),
    "multinomial": "draws by weights, of which a generator is told",
}
BY_NUMBER = {"bincount", "nonzero", "repeated_places", "select_by_mask"}
NAMES_BY_NUMBER = {"bincount", "masked_select", "nonzero", "repeat_interleave"}


def test_every_name_is_called_or_left_out_with_a_reason() -> None:
    assert {*STRATEGIES, *OWN, *LEFT_OUT} == {*STRATEGIES, *EXCLUDED}
    assert not {*STRATEGIES, *OWN} & set(LEFT_OUT)
    assert set(STRATEGIES) >= TELLS


def test_whose_shape_depends_on_numbers_is_known_by_name() -> None:
    assert {row.name for row in rules.TABLE.values() if row.shape_depends_on_numbers} == BY_NUMBER
    assert not sorting.BIN_EDGES.shape_depends_on_numbers


def others(array: np.ndarray, draw: np.random.Generator, change: bool) -> np.ndarray:
    """Other numbers of this shape and kind: in another order, or drawn from them and changed."""
    if not (change and array.size):
        return draw.permutation(array.reshape(-1)).reshape(array.shape)
    moved = draw.choice(array.reshape(-1), array.shape)
    if array.dtype.kind == "b":
        return np.asarray(~moved)
    with np.errstate(all="ignore"):
        moved = np.asarray(moved * 0.75 if array.dtype.kind == "f" else moved + 1, array.dtype)
    if array.dtype.kind == "f" and not draw.integers(4):
        moved.reshape(-1)[draw.integers(array.size)] = np.nan
    return moved


def check(
    function: Callable[..., Any],
    arrays: list[np.ndarray],
    grads: list[bool],
    told: str,
    draw: np.random.Generator,
) -> str:
    """What came of it: the rows were right, or why that can't be said of this call."""
    with pytest.MonkeyPatch.context() as patch:
        leaves = made(arrays, grads)
        try:
            with logged(patch) as log:
                results, slopes, error = called(function, leaves, by_tensors=True)
        except (RuntimeError, TypeError, IndexError, ValueError, OverflowError):
            return "raises"
    if log.has_read:
        return "reads"
    if log.is_by_number:
        return "by number"
    _, plain, plain_error = called(function, made(arrays, grads), by_tensors=False)
    assert (error is None) == (plain_error is None), f"{told}: {error} {plain_error}"
    for (_, _, a), (_, _, b) in zip(slopes, plain, strict=True):
        assert same(a, b), f"{told}: the walk by Tensors gives {a}, by arrays {b}"
    for change in (True, False):
        moved = [others(array, draw, change) for array in arrays]
        try:
            wanted, steps, _ = called(function, made(moved, grads), by_tensors=False)
        except (RuntimeError, TypeError, IndexError, ValueError, OverflowError):
            continue
        again = Again(log, leaves, made(moved, grads))
        if not again.holds:
            continue
        return _compared(again, results, wanted, slopes, steps, told)
    return "no other numbers"


def _compared(
    again: Again, results: list[Any], wanted: list[Any], slopes: Any, steps: Any, told: str
) -> str:
    compared = 0
    for a, b in zip(results, wanted, strict=True):
        if isinstance(b, ours.Tensor):
            compared += 1
            got = again.of(a)
            assert same(got, b), f"{told}: the rows give {got}, the call {b}"
    for (_, i, a), (_, _, b) in zip(slopes, steps, strict=True):
        got = again.of(a)
        assert same(got, b), f"{told}: the rows give the gradient {got} of {i}, the call {b}"
    return "compared" if compared else "gives no Tensor"


# Of these no call is compared: what they tell of a Tensor is no Tensor, or is read out of it.
TELLS = {
    *(
        "Size",
        "__len__",
        "device",
        "dim",
        "dtype",
        "empty",
        "empty_like",
        "grad_fn",
        "is_contiguous",
    ),
    *("is_grad_enabled", "is_leaf", "is_tensor", "ndim", "nelement", "numel", "requires_grad"),
    *("requires_grad_", "shape", "size", "storage_offset", "stride"),
    *("__bool__", "__contains__", "__float__", "__index__", "__int__", "allclose", "equal", "item"),
    *("numpy", "tolist"),
}


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_rows_are_all_that_a_name_does(name: str, draws: int) -> None:
    came: dict[str, int] = {}

    @settings(max_examples=draws, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def one(data: st.DataObject) -> None:
        draw = Draw(data)
        case = STRATEGIES[name](draw)

        def function(*leaves: Any) -> Any:
            return case.function(ours, *map(_laid_out, leaves, case.inputs))

        arrays = [_in_memory(x) for x in case.inputs]
        found = check(function, arrays, [x.grad for x in case.inputs], case.told, draw.random)
        came[found] = came.get(found, 0) + 1

    one()
    is_by_number = "by number" in came and name in NAMES_BY_NUMBER
    assert "compared" in came or name in {*TELLS, *OWN} or is_by_number, came
    assert not ("compared" in came and name in TELLS), came


def _in_memory(x: Any) -> np.ndarray:
    if x.layout == "turned":
        return x.array.swapaxes(0, -1).copy()
    return np.repeat(x.array, 2, axis=-1) if x.layout == "strided" else x.array


def _laid_out(leaf: Any, x: Any) -> Any:
    if x.layout == "turned":
        return leaf.transpose(0, -1)
    return leaf[..., ::2] if x.layout == "strided" else leaf


@pytest.mark.parametrize("name", sorted(OWN))
def test_rows_are_all_that_is_done_with_numbers_that_are_drawn(name: str) -> None:
    draw = np.random.default_rng(4)
    numbers = np.abs(draw.standard_normal((3, 4))).astype(np.float32)
    assert check(OWN[name], [numbers], [True], name, draw) == "compared"


# Of these no case is compared: they are refused, or their shapes depend on numbers.
NOT_COMPARED = {"linspace of truth values", "masked_select", "scatter_reduce other"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OPERATIONS)
def test_rows_are_all_that_an_operation_does(name: str) -> None:
    draw, came = np.random.default_rng(7), set()
    for function, arrays in OPERATIONS[name]:
        grads = [x.dtype.kind == "f" for x in arrays]
        came.add(check(lambda *xs, f=function: f(ours, *xs), arrays, grads, name, draw))
    assert ("compared" in came) != (name in NOT_COMPARED), came


@pytest.mark.parametrize(("name", "_theirs", "inputs", "options"), [*CASES, *OTHER_CASES])
def test_rows_are_all_that_a_gradient_does(
    name: str, _theirs: Any, inputs: list[np.ndarray], options: dict[str, Any]
) -> None:
    row = rules.TABLE[name]
    grads = [x.dtype.kind == "f" for x in inputs]
    came: list[str] = []
    for seed in range(8):
        draw = np.random.default_rng(seed)
        came.append(check(lambda *xs: row(*xs, **options), inputs, grads, name, draw))
        if came.count("compared") == 2:
            return
    assert "compared" in came or (set(came) == {"by number"} and name in BY_NUMBER)


def test_a_computation_past_the_table_is_caught() -> None:
    draw = np.random.default_rng(5)
    numbers = draw.standard_normal((3, 4)).astype(np.float32)

    def past_the_table(x: Any) -> Any:
        return x * ours.Tensor._of(np.exp(x._array))

    def by_number(x: Any) -> Any:
        return x * float(x._array.max())

    def of_its_own(x: Any) -> Any:
        row = Primitive("own", lambda x, *, by: x * by)
        return x._record(row, (x,), {"by": x._array})

    for function in (past_the_table, by_number):
        with pytest.raises(AssertionError, match="the rows give"):
            check(function, [numbers], [False], function.__name__, draw)
    with pytest.raises(AssertionError, match="option by of"):
        check(of_its_own, [numbers], [False], "own", draw)
    with pytest.raises(AssertionError, match="option key"):
        must_be_plain(rules.select, {"key": (slice(None), np.arange(2))})


def test_a_gradient_past_the_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(6)
    numbers = draw.standard_normal((3, 4)).astype(np.float32)
    monkeypatch.setattr(
        rules.tanh.gradients[0],
        "function",
        lambda g, y, _x: g * (1 - np.square(getattr(y, "_array", y))),
    )
    with pytest.raises(AssertionError, match="the rows give the gradient"):
        check(lambda x: x.tanh(), [numbers], [True], "tanh", draw)
