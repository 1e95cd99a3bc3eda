"""What is saved is loaded again, in a safetensors file; pickles and damage are refused."""

import json
import pickle
import re
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

import moreish.torch as ours
from moreish.errors import ModelFileError
from moreish.storage.model_file import read_file, write_file

DTYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")


def same(a: Any, b: Any) -> bool:
    """The same kinds, keys in the same order, numbers to the bit, dtypes and shapes."""
    if type(a) is not type(b):
        return False
    if isinstance(a, ours.Tensor):
        own = [(x.dtype, x.shape, x.requires_grad, x.detach().numpy().tobytes()) for x in (a, b)]
        return own[0] == own[1]
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


def again(thing: Any, path: Path) -> Any:
    ours.save(thing, path)
    return ours.load(path)


def tensors() -> Any:
    shapes = st.lists(st.integers(0, 3), max_size=3)
    return st.builds(
        lambda shape, dtype: ours.ones(shape, dtype=getattr(ours, dtype)) * 3,
        shapes,
        st.sampled_from(DTYPES[:-1]),
    )


KEYS = st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
THINGS = st.recursive(
    st.text() | st.integers() | st.floats() | st.booleans() | st.none() | tensors(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(KEYS, inner)
        | st.dictionaries(st.text(), inner).map(OrderedDict)
    ),
    max_leaves=8,
)


@given(thing=THINGS)
def test_whatever_is_saved_comes_back(thing: Any, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("saved") / "thing.safetensors"
    assert same(again(thing, path), thing)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3)])
def test_every_dtype_and_shape(dtype: str, shape: tuple, tmp_path: Path) -> None:
    x = ours.zeros(shape, dtype=getattr(ours, dtype))
    assert same(again(x, tmp_path / "x"), x)


def test_views_gradients_and_tensors_that_come_twice(tmp_path: Path) -> None:
    x = ours.arange(6).reshape(2, 3).float()
    w = ours.ones(2, requires_grad=True)
    loaded = again({"T": x.T, "part": x[:, 1], "w": w, "y": w * 2, "again": [w]}, tmp_path / "x")
    assert loaded["T"].tolist() == x.T.tolist()
    assert loaded["part"].tolist() == [1, 4]
    assert loaded["again"][0] is loaded["w"]
    assert loaded["w"].requires_grad
    assert loaded["y"].is_leaf
    loaded["T"][0, 0] = 5.0  # it can be written to
    assert x[0, 0].item() == 0


def test_a_training_goes_on(tmp_path: Path) -> None:
    """State dicts of an optimizer and a scheduler, under PyTorch's usual name."""

    def begun() -> Any:
        x = ours.tensor([1.0, -2.0], requires_grad=True)
        optimizer = ours.optim.AdamW([x], lr=0.1, amsgrad=True)
        return x, optimizer, ours.optim.lr_scheduler.MultiStepLR(optimizer, [2, 6])

    def train(x: Any, optimizer: Any, scheduler: Any) -> None:
        for _ in range(5):
            optimizer.zero_grad()
            (x * x * x * x).sum().backward()
            optimizer.step()
            scheduler.step()

    x, optimizer, scheduler = begun()
    train(x, optimizer, scheduler)
    path = tmp_path / "checkpoint.pt"
    state = {"x": x.detach(), "o": optimizer.state_dict(), "s": scheduler.state_dict()}
    ours.save(state, path)
    train(x, optimizer, scheduler)
    y, optimizer, scheduler = begun()
    state = ours.load(path, map_location="cpu", weights_only=True)
    assert type(state["s"]["milestones"]) is Counter
    y.data.copy_(state["x"])
    optimizer.load_state_dict(state["o"])
    scheduler.load_state_dict(state["s"])
    train(y, optimizer, scheduler)
    assert x.tolist() == y.tolist()


def test_other_programs_read_it_and_theirs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    ours.save({"a": {"weight": ours.ones(2, 3)}, "step": 3}, path)
    assert {k: v.shape for k, v in safetensors.numpy.load_file(path).items()} == {
        "a/weight": (2, 3)
    }
    theirs = {"layer.weight": np.arange(3.0), "one": np.array(2)}
    safetensors.numpy.save_file(theirs, path)
    loaded = ours.load(path)
    assert {k: v.tolist() for k, v in loaded.items()} == {k: v.tolist() for k, v in theirs.items()}


def test_a_kind_of_number_that_numpy_does_not_have(tmp_path: Path) -> None:
    half = safetensors.torch.save({"w": torch.ones(2, dtype=torch.bfloat16)})
    (tmp_path / "x").write_bytes(half)
    with pytest.raises(ModelFileError, match=r"bfloat16, which NumPy does not have.*\.float\(\)"):
        ours.load(tmp_path / "x")


def test_names_that_meet(tmp_path: Path) -> None:
    x, y, z = ours.ones(1), ours.zeros(2), ours.zeros(3)
    thing = {"a": {"b": x}, "a/b": y, 1: z, "1": x, "": y, "__metadata__": z}
    assert same(again(thing, tmp_path / "x"), thing)


def test_containers_keep_their_kind(tmp_path: Path) -> None:
    thing = {"shape": ours.ones(2, 3).shape, "count": Counter("hello"), "pair": (1, [2])}
    assert same(again(thing, tmp_path / "x"), thing)


@pytest.mark.parametrize("old", [False, True])
def test_a_pickle_is_refused_with_what_to_do(old: bool, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save({"w": torch.ones(2)}, path, _use_new_zipfile_serialization=not old)
    with pytest.raises(ModelFileError, match=r"is a pickle.*save_file\(torch\.load\('model\.pt'\)"):
        ours.load(path)


class Trap:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit('it was executed')",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_is_executed(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "trap.pt"
    path.write_bytes(pickle.dumps(Trap(), protocol))
    with pytest.raises(ModelFileError):
        ours.load(path, weights_only=False)


def test_a_header_that_begins_as_a_pickle_does(tmp_path: Path) -> None:
    """The first byte of a safetensors file is that of a length, and may be any."""
    path = tmp_path / "x"
    found = set()
    for length in range(0, 400, 4):
        thing = {"x" * length: ours.ones(1)}
        assert same(again(thing, path), thing)
        found.add(path.read_bytes()[:1])
    assert b"\x80" in found


class Module:
    pass


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (Module(), r"got Module: of a module or an optimizer save its state_dict\(\)"),
        ({"model": [Module()]}, "got Module at 'model/0'"),
        ({"loss": np.float64(1)}, "got float64 at 'loss'"),
        ({"x": np.ones(2)}, "got ndarray at 'x'"),
        ({"f": print}, "got builtin_function_or_method"),
        ({(1, 2): 3}, "keys are texts or numbers, got tuple"),
        ({"s": {1, 2}}, "got set at 's'"),
    ],
)
def test_what_cannot_be_saved_is_named(thing: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=message):
        ours.save(thing, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_what_contains_itself_and_what_is_no_path(tmp_path: Path) -> None:
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(ValueError, match="does it contain itself"):
        ours.save(ring, tmp_path / "x")
    with pytest.raises(TypeError, match="the path of a file was wanted, got int"):
        ours.load(3)
    with pytest.raises(ModelFileError, match=r"can't read the tensors .*: no such file"):
        ours.load(tmp_path / "missing")
    with pytest.raises(RuntimeError, match="'cuda' is not there"):
        ours.load(tmp_path / "x", map_location="cuda")


TREES = [
    {"tensor": "w", "requires_grad": 1},
    {"tensor": ["w"], "requires_grad": False},
    {"tensor": "other", "requires_grad": False},
    {"tensor": "w"},
    {"set": [1]},
    {"dict": [[1]]},
    {"dict": 3},
    {"dict": [[[1], 2]]},
    {"dict": [["a", 1], ["a", 2]]},
    {"Counter": [["a", 1]], "list": []},
    {"Size": ["a"]},
    {"Size": [-1]},
    {"list": 3},
    {},
    [1],
]
W = {"tensor": "w", "requires_grad": False}


@pytest.mark.parametrize("tree", TREES, ids=json.dumps)
def test_a_file_of_others_that_says_nonsense(tree: Any, tmp_path: Path) -> None:
    """The checksum is right, and what it says can't be."""
    path = tmp_path / "x"
    write_file(path, {"file": "tensors", "tree": {"list": [W, tree]}}, {"w": np.ones(2)})
    with pytest.raises(ModelFileError, match="is damaged"):
        ours.load(path)


def test_a_tensor_that_belongs_nowhere(tmp_path: Path) -> None:
    write_file(tmp_path / "x", {"file": "tensors", "tree": W}, {"w": np.ones(2), "v": np.ones(1)})
    with pytest.raises(ModelFileError, match="it has 'v', which is not known"):
        ours.load(tmp_path / "x")


def test_a_flipped_bit_and_a_cut_are_found(tmp_path: Path) -> None:
    path = tmp_path / "x"
    ours.save({"w": ours.ones(3), "step": 5}, path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for content in (
            whole[:place],
            whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :],
        ):
            path.write_bytes(content)
            with pytest.raises(ModelFileError):
                ours.load(path)


def test_files_of_other_kinds_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "x"
    ours.save([1], path)
    with pytest.raises(ModelFileError, match=re.escape("tensors: `moreish.torch.load` reads it")):
        read_file(path)
    write_file(path, {"model": "none"}, {})
    with pytest.raises(ModelFileError, match=re.escape("a model: `moreish.load` reads it")):
        ours.load(path)
