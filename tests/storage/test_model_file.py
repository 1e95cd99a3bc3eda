"""A model file is whole, readable without the list, and never half written."""

import errno
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import moreish
import moreish.torch as torch
from moreish.errors import ModelFileError
from moreish.storage import model_file as files

NAMES = ["emma", "olivia", "ava", "isabella", "josé", "mia", "👩‍🚀", "anna", "hanna", "nina"]


@pytest.fixture(params=["bigram", "mlp"])
def model(request: pytest.FixtureRequest) -> moreish.Model:
    options = {"steps": 20, "hidden_size": 10} if request.param == "mlp" else {}
    return moreish.train(NAMES, model=request.param, seed=3, **options)


def test_what_comes_back_is_what_went_in(model: moreish.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m.safetensors")
    again = moreish.load(tmp_path / "m.safetensors")
    items = ["emma", "xyz", "josé"]
    assert (again.score_samples(items) == model.score_samples(items)).all()
    assert again.sample(10, seed=2) == model.sample(10, seed=2)
    assert again.dataset.items.texts == model.dataset.items.texts
    assert (again.dataset.splits == model.dataset.splits).all()
    assert (again.dataset.items.counts == model.dataset.items.counts).all()
    assert again.report == model.report
    assert again.language_model.options() == model.language_model.options()
    assert again.nats_per_token("dev") == model.report.nats_per_token["dev"]


def test_the_same_model_makes_the_same_bytes(model: moreish.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "a")
    moreish.load(tmp_path / "a").save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_metadata_is_readable_by_others(model: moreish.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    length = int.from_bytes((tmp_path / "m").read_bytes()[:8], "little")
    header = json.loads((tmp_path / "m").read_bytes()[8 : 8 + length])
    about = json.loads(header["__metadata__"]["moreish"])
    assert about["model"] == model.language_model.name
    assert about["report"]["seed"] == 3
    assert set(about["report"]["nats_per_token"]) == {"train", "dev"}
    assert about["tokens"]["list"] == list(model.vocabulary.tokens)
    assert load_file(tmp_path / "m")["list.splits"].tolist() == model.dataset.splits.tolist()


def test_a_file_has_the_usual_rights(model: moreish.Model, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    model.save(tmp_path / "m")
    assert stat.S_IMODE((tmp_path / "m").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )


def test_cut_at_any_place_it_is_refused(model: moreish.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    content = (tmp_path / "m").read_bytes()
    for size in [0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1]:
        (tmp_path / "cut").write_bytes(content[:size])
        with pytest.raises(ModelFileError, match=r"not a whole model file|is empty"):
            moreish.load(tmp_path / "cut")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("emma\nolivia\n" * 10)
    for read, advice in (
        (moreish.load, "moreish train .*list.txt makes a model of it"),
        (moreish.ContextCounts.load, r"moreish.count\('.*list.txt', block_size=3\) makes a table"),
        (torch.load, r"open\('.*list.txt'\).read\(\) reads it"),
    ):
        with pytest.raises(ModelFileError, match=f"list.txt is text, not a .* file: .*{advice}"):
            read(tmp_path / "list.txt")
    save_file({"a": np.zeros(2)}, tmp_path / "other")
    with pytest.raises(ModelFileError, match="did not make it"):
        moreish.load(tmp_path / "other")
    save_file({"a": np.zeros(2)}, tmp_path / "odd", {"moreish": "[1, 2"})
    with pytest.raises(ModelFileError, match="did not make it"):
        moreish.load(tmp_path / "odd")
    with pytest.raises(ModelFileError, match="no such file"):
        moreish.load(tmp_path / "nothing")
    with pytest.raises(ModelFileError, match="directory"):
        moreish.load(tmp_path)


def test_a_later_version_is_named(model: moreish.Model, tmp_path: Path) -> None:
    files.write_file(tmp_path / "m", {"version": 3}, {"a": np.zeros(1)})
    with pytest.raises(ModelFileError, match="version 3, and this moreish knows up to 2"):
        moreish.load(tmp_path / "m")


def test_a_file_without_a_checksum_is_refused_with_its_version(tmp_path: Path) -> None:
    save_file({"a": np.zeros(1)}, tmp_path / "m", {"moreish": '{"version": 1}'})
    with pytest.raises(ModelFileError, match=r"version 1, which has no checksum, .* an older mor"):
        moreish.load(tmp_path / "m")
    for checksum in ("", ', "checksum": null', ', "checksum": "00"'):
        text = f'{{"version": 2{checksum}}}'
        save_file({"a": np.zeros(1)}, tmp_path / "m", {"moreish": text})
        with pytest.raises(ModelFileError, match="is damaged: its checksum is not that"):
            moreish.load(tmp_path / "m")


@pytest.mark.parametrize(
    "damage",
    [
        lambda about, arrays: about.pop("tokens"),
        lambda about, arrays: about.update(model="crystal-ball"),
        lambda about, arrays: about.update(options={"crystals": 3}),
        lambda about, arrays: about["tokens"]["list"].pop(),
        lambda about, arrays: arrays.pop("list.items"),
        lambda about, arrays: arrays.update({"list.splits": np.zeros(1, np.uint8)}),
        lambda about, arrays: arrays.update({"list.items": np.full(4, 255, np.uint8)}),
        lambda about, arrays: [arrays.pop(k) for k in list(arrays) if k.startswith("model.")],
        lambda about, arrays: about.update(report=None),
        lambda about, arrays: about["tokens"]["list"].__setitem__(0, 3),
    ],
)
def test_what_does_not_fit_together_is_damage(model: moreish.Model, tmp_path: Path, damage) -> None:
    model.save(tmp_path / "m")
    about, arrays = files.read_file(tmp_path / "m")
    damage(about, arrays)
    files.write_file(tmp_path / "n", about, arrays)
    with pytest.raises(ModelFileError, match="is damaged"):
        moreish.load(tmp_path / "n")


def test_a_full_disk_leaves_the_old_file_and_nothing_half(
    model: moreish.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "m"
    model.save(place)
    before = place.read_bytes()

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelFileError, match="disk is full"):
        model.save(place)
    assert place.read_bytes() == before
    assert os.listdir(tmp_path) == ["m"]


def test_stopped_while_writing_it_leaves_nothing_half(
    model: moreish.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stopped)
    with pytest.raises(KeyboardInterrupt):
        model.save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="skipped: this system has no named pipes")
def test_a_pipe_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFileError, match="it is a device or a pipe, and no file"):
        files.write_whole(tmp_path / "pipe", b"content")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
    assert os.listdir(tmp_path) == ["pipe"]
