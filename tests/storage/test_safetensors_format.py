"""Our reader and writer of the safetensors format, beside the library's."""

import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import moreish
from moreish.errors import ModelFileError
from moreish.storage.model_file import read_file, write_file
from moreish.storage.safetensors_format import DTYPES, load, save

ARRAYS = st.dictionaries(
    st.text(max_size=6).filter(lambda name: name != "__metadata__"),
    st.sampled_from(sorted(DTYPES.values())).flatmap(
        lambda kind: arrays_of.arrays(np.dtype(kind), arrays_of.array_shapes(min_side=0))
    ),
    max_size=5,
)
TEXTS = st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=1)


@given(ARRAYS, TEXTS)
def test_the_same_bytes_and_the_same_arrays(arrays: dict, texts: dict) -> None:
    content = save(arrays, texts)
    assert content == safetensors.numpy.save(arrays, texts or None)
    found, read = load(content)
    assert found == texts
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (read[name].dtype, read[name].shape) == (array.dtype, array.shape)
        assert read[name].tobytes() == array.tobytes()
        assert read[name].flags.writeable


@given(st.data())
def test_what_is_damaged_is_refused_as_by_the_library(data: st.DataObject) -> None:
    whole = save({"w": np.arange(3.0), "b": np.ones((2, 1), np.int32)}, {"made": "here"})
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        content = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    else:
        content = whole[:place]
    try:
        wanted = safetensors.numpy.load(content)
    except Exception:
        wanted = None
    try:
        _, found = load(content)
    except ValueError:
        found = None
    if wanted is None:
        assert found is None
    elif found is not None:
        assert {name: array.tobytes() for name, array in found.items()} == {
            name: array.tobytes() for name, array in wanted.items()
        }


def test_what_can_not_be() -> None:
    with pytest.raises(ValueError, match="can't hold numbers of the kind complex128"):
        save({"x": np.zeros(1, complex)}, {})
    with pytest.raises(ValueError, match="longer than the file"):
        load(b"\xff" * 12)
    with pytest.raises(ValueError, match="another number of bytes"):
        load(save({"x": np.zeros(3)}, {}).replace(b"[3]", b"[4]"))
    with pytest.raises(ValueError, match="bytes of numbers"):
        load(save({"x": np.zeros(3)}, {}) + b"more")


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = moreish.train(["anna", "hannah", "nan"] * 3, model="ngram")
    model.save(tmp_path / "by-the-library")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    model.save(tmp_path / "by-us")
    assert (tmp_path / "by-us").read_bytes() == (tmp_path / "by-the-library").read_bytes()
    assert moreish.load(tmp_path / "by-us").sample(9) == model.sample(9)
    content = (tmp_path / "by-us").read_bytes()
    (tmp_path / "cut").write_bytes(content[:-9])
    with pytest.raises(ModelFileError, match=r"not a whole model file: .* Was it cut short\?"):
        moreish.load(tmp_path / "cut")
    write_file(tmp_path / "m", {"model": "none"}, {"w": np.zeros(3)})
    assert read_file(tmp_path / "m")[1]["w"].tolist() == [0, 0, 0]
