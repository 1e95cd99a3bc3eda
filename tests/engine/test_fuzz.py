"""Every name, drawn at random, against PyTorch: 1,000 draws, and 20,000 in the long test.

A draw ends in one of two ways: both libraries raise, or everything agrees; see `fuzz_compare`.
A name without a strategy fails; what is left out says why.
"""

import os

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import moreish.torch as ours
import moreish.torch.nn.functional
from engine import (  # noqa: F401  they add to the strategies
    fuzz_choices,
    fuzz_functional,
    fuzz_made,
    fuzz_moves,
    fuzz_operations,
    fuzz_operators,
    fuzz_reductions,
)
from engine.fuzz_cases import STRATEGIES
from engine.fuzz_compare import run
from engine.fuzz_draws import Draw

pytestmark = pytest.mark.numeric

OPERATIONS_BY_CASES = (
    "F.binary_cross_entropy",
    "F.celu",
    "F.cosine_similarity",
    "F.glu",
    "F.hardshrink",
    "F.hardsigmoid",
    "F.hardswish",
    "F.hardtanh",
    "F.huber_loss",
    "F.kl_div",
    "F.l1_loss",
    "F.logsigmoid",
    "F.mish",
    "F.normalize",
    "F.pad",
    "F.pairwise_distance",
    "F.relu6",
    "F.scaled_dot_product_attention",
    "F.smooth_l1_loss",
    "F.softmin",
    "F.softshrink",
    "F.softsign",
    "F.tanhshrink",
    "F.threshold",
    "addmm",
    "baddbmm",
    "bmm",
    "broadcast_tensors",
    "broadcast_to",
    "clip",
    "dot",
    "dstack",
    "hstack",
    "index_add",
    "index_copy",
    "inner",
    "kron",
    "logspace",
    "meshgrid",
    "mm",
    "mv",
    "nan_to_num",
    "std_mean",
    "take_along_dim",
    "tensordot",
    "tril_indices",
    "triu_indices",
    "var_mean",
    "vstack",
)

RANDOM = "draws random numbers: compared with PyTorch's in test_generator.py and test_draws.py"
MODULE = "is a module: the names in it are tested with them"
DTYPE = "is a dtype: test_tensor.py looks at each, and every draw uses them"
MEMORY = "shows addresses or memory itself: test_tensor.py looks at what is shared"
FILES = "reads or writes a file: tests/torch_names/test_serialization.py"
BY_CASES = "one lambda through both libraries: tests/torch_names/test_operations.py"
EXCLUDED = {
    **dict.fromkeys(OPERATIONS_BY_CASES, BY_CASES),
    "cuda": MODULE,
    "nn": MODULE,
    "optim": MODULE,
    "utils": MODULE,
    "load": FILES,
    "save": FILES,
    "Generator": RANDOM,
    "bernoulli": RANDOM,
    "bernoulli_": RANDOM,
    "exponential_": RANDOM,
    "get_rng_state": RANDOM,
    "initial_seed": RANDOM,
    "manual_seed": RANDOM,
    "multinomial": RANDOM,
    "normal": RANDOM,
    "normal_": RANDOM,
    "rand": RANDOM,
    "rand_like": RANDOM,
    "randint": RANDOM,
    "randn": RANDOM,
    "randn_like": RANDOM,
    "random_": RANDOM,
    "randperm": RANDOM,
    "seed": RANDOM,
    "set_rng_state": RANDOM,
    "uniform_": RANDOM,
    **dict.fromkeys(("float16", "float32", "float64", "short"), DTYPE),
    **dict.fromkeys(("int8", "int16", "int32", "int64", "uint8"), DTYPE),
    **dict.fromkeys(("data_ptr", "storage", "untyped_storage"), MEMORY),
    "F.dropout": RANDOM,
}
NAMES = sorted(STRATEGIES)


def public_names() -> set[str]:
    """What users may write: torch.name, tensor.name, F.name, and operators."""
    methods = {name for name in dir(ours.Tensor) if name[0] != "_"}
    operators = {
        name
        for part in ours.Tensor.__mro__[:-1]
        for name, thing in vars(part).items()
        if name.startswith("__") and callable(thing) and name not in NO_OPERATORS
    }
    functional = {f"F.{name}" for name in moreish.torch.nn.functional.__all__}
    return {*ours.__all__, *methods, *operators, *functional}


# What Python, NumPy and copies ask for: test_tensor.py looks at these.
NO_OPERATORS = frozenset(
    {
        "__array__",
        "__array_ufunc__",
        "__deepcopy__",
        "__format__",
        "__hash__",
        "__init__",
        "__reduce__",
        "__repr__",
    }
)


def test_every_name_is_drawn_or_left_out_with_a_reason() -> None:
    assert not set(STRATEGIES) & set(EXCLUDED)
    names = public_names()
    assert names - set(STRATEGIES) - set(EXCLUDED) == set()
    assert set(EXCLUDED) - names == set()
    assert all(len(reason) > 20 for reason in EXCLUDED.values())


@settings(max_examples=1_000, deadline=None)
@given(st.data())
def test_a_thousand_draws(data: st.DataObject) -> None:
    _one(data)


@pytest.mark.long
def test_twenty_thousand_draws_from_a_new_seed(capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("FUZZ_SEED") or int.from_bytes(os.urandom(4)))
    with capsys.disabled():
        print(f"\n20,000 draws with FUZZ_SEED={seed}")
    draws = settings(max_examples=20_000, deadline=None, derandomize=False, database=None)
    try:
        hypothesis.seed(seed)(draws(given(st.data())(_one)))()
    except Exception as error:
        error.add_note(f"FUZZ_SEED={seed} repeats it")
        raise


def _one(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES), label="name")
    run(STRATEGIES[name](Draw(data)))
