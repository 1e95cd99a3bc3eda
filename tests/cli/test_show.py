"""moreish show: a picture beside the model, or its text, or a sentence."""

import json
import sys
from pathlib import Path

import pytest

import moreish
from moreish.storage.model_file import read_file, write_file

SMALL = ("--steps", "20", "--hidden-size", "8", "--block-size", "2")


@pytest.fixture
def network(run) -> str:
    assert run("train", "list.txt", *SMALL).code == 0
    return "list.safetensors"


def test_each_picture(run, network: str) -> None:
    for name in ("counts", "losses", "embeddings", "layers"):
        result = run("show", network, f"--{name}")
        assert (result.code, result.err) == (0, "")
        assert result.lines == [f"saved in list-{name}.svg"]
        assert Path(f"list-{name}.svg").read_text().startswith("<svg")


def test_beside_the_model_or_where_one_says(run) -> None:
    Path("sub").mkdir()
    learnt = run("train", "-", "--model", "bigram", "-o", "sub/m.safetensors", input=b"anna\nnan\n")
    assert learnt.code == 0
    assert run("show", "sub/m.safetensors", "--counts").lines == ["saved in sub/m-counts.svg"]
    assert run("show", "sub/m.safetensors", "--counts", "-o", "here.png").code == 0
    assert Path("here.png").read_bytes().startswith(b"\x89PNG")
    again = run("show", "sub/m.safetensors", "--counts", "-o", "here.png")
    assert (again.code, again.out) == (2, "")
    assert again.err == "Error: here.png exists: --force replaces it, or name another place.\n"
    assert run("show", "sub/m.safetensors", "--counts", "-o", "here.png", "--force").code == 0


def test_text(run, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run("show", model, "--counts", "--text")
    assert (result.code, result.err) == (0, "")
    assert result.lines[1].split()[:2] == ["pair", "count"]
    assert not list(Path().glob("*.svg"))
    missing = run("show", model, "--counts")
    assert (missing.code, missing.out) == (1, "")
    assert missing.err.startswith("Error: a chart needs matplotlib")
    assert not list(Path().glob("*.svg"))


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "one of --counts, --losses, --embeddings, --layers"),
        (("--counts", "--losses"), 2, "One picture at a time is wanted"),
        (("--counts", "--text", "-o", "x.svg"), 2, "--text writes no file"),
        (("--counts", "--text", "--force"), 2, "--text writes no file"),
        (("--embeddings",), 1, "the family bigram has no embeddings; an mlp has"),
        (("--layers", "--text"), 1, "the family bigram has no layers"),
        (("--losses",), 1, "was counted and not trained"),
        (("--counts", "-o", "x.gif"), 2, ".html, .png, .svg or .txt"),
        (("--counts", "-o", "no/x.svg"), 2, "there is no folder no to put it in"),
        (("--counts", "-o", "."), 2, "is a folder"),
    ],
)
def test_what_can_not_be(run, model: str, arguments, code: int, sentence: str) -> None:
    result = run("show", model, *arguments)
    assert (result.code, result.out) == (code, "")
    assert sentence in result.err
    assert not list(Path().glob("*.svg"))


def test_a_file_from_before_curves_were_kept(run, network: str) -> None:
    about, arrays = read_file(network)
    assert len(about["report"].pop("curve")) == 20
    write_file("old", {k: v for k, v in about.items() if k != "version"}, arrays)
    assert moreish.load("old").report.curve == []
    refused = run("show", "old", "--losses")
    assert (refused.code, refused.out) == (1, "")
    assert "its file is from before they were kept" in refused.err


@pytest.mark.parametrize("curve", [3, [[1, 2.0]], [["x", 1.0, None]], [None]])
def test_a_damaged_curve(run, network: str, curve: object) -> None:
    about, arrays = read_file(network)
    about["report"]["curve"] = json.loads(json.dumps(curve))
    write_file("broken", {k: v for k, v in about.items() if k != "version"}, arrays)
    result = run("show", "broken", "--losses")
    assert (result.code, result.out) == (1, "")
    assert "broken is damaged" in result.err


def test_the_sweep_of_find_lr(run) -> None:
    sweep = ("find-lr", "list.txt", *SMALL[2:], "--points", "30", "-o", "rates.svg")
    result = run(*sweep)
    assert result.code == 0
    assert result.lines[-1].startswith("--learning-rate ")
    assert "The curve is drawn in rates.svg." in result.err
    assert Path("rates.svg").read_text().startswith("<svg")
    assert run(*sweep).code == 2
