"""Where commands read from and write to: streams that are closed or full, names of every kind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import moreish

BIGRAM = ("--model", "bigram")


def shell(line: str, **environment: str) -> subprocess.CompletedProcess:
    """A line in bash, where `moreish` is the command."""
    function = f"moreish() {{ '{sys.executable}' -m moreish \"$@\"; }}\n"
    return subprocess.run(
        ["bash", "-c", function + line],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    "arguments", ["sample {}", "top {}", "evaluate {}", "score {}", "--help", "train -h"]
)
def test_standard_output_is_full(model: str, arguments: str) -> None:
    result = shell(f"moreish {arguments.format(model)} > /dev/full")
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if not line.startswith("Note: ")]
    assert lines == [
        "Error: can't write to standard output: no space left on device; try another place."
    ]


def test_standard_output_is_full_when_the_model_is_saved(run) -> None:
    result = shell("moreish train list.txt --model bigram > /dev/full")
    assert result.returncode == 1
    assert "can't write to standard output" in result.stderr
    assert "Traceback" not in result.stderr
    assert moreish.load("list.safetensors").sample(1)


def test_closed_streams(model: str) -> None:
    result = shell(f"moreish sample {model} >&-")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "standard output is closed" in result.stderr
    result = shell(f"moreish score {model} - <&-")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "can't read standard input: it is closed" in result.stderr


def test_standard_input_is_read_once(run) -> None:
    for command in ("train", "find-lr"):
        result = run(command, "-", "--dev", "-", input=b"emma\n")
        assert (result.code, result.out) == (2, "")
        assert 'only one file can be "-"' in result.err
    assert run("train", "-", "-", input=b"emma\n").code == 2


def test_characters_that_the_terminal_does_not_have(run) -> None:
    run("train", "-", *BIGRAM, "-o", "m", input="😀\n".encode())
    result = shell("moreish sample m -n 3", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "standard output is in ascii, which has no '\\U0001f600'" in result.stderr


@pytest.mark.long
def test_a_name_that_is_no_utf8(run) -> None:
    Path("list.txt").rename("\udcff.txt")
    result = run("train", "\udcff.txt", *BIGRAM, "--json")
    assert result.code == 0
    assert '"path": "�.safetensors"' in result.out
    assert moreish.load("\udcff.safetensors").dataset.items.name == "�.txt"
    assert run("train", "\udcff.txt", *BIGRAM, "--force").lines[-1] == "saved in �.safetensors"
    assert run("show", "\udcff.safetensors", "--counts").out == "saved in �-counts.svg\n"
    run("train", "\udcff.txt", "--model", "ngram", "--force")
    assert run("export", "\udcff.safetensors", "\udcfe.arpa").out == "saved in �.arpa\n"


def test_long_names(run) -> None:
    fits = "n" * 232 + ".safetensors"  # and its checkpoint too
    assert run("train", "list.txt", *BIGRAM, "-o", fits).code == 0
    assert moreish.load(fits).sample(1)
    assert sorted(os.listdir()) == ["list.txt", fits]
    for length in (245, 300):
        result = run("train", "list.txt", *BIGRAM, "-o", "n" * length)
        assert (result.code, result.out) == (1, "")
        assert "file name too long; name another place" in result.err
    assert run("export", fits, "n" * 300).code in (1, 2)


@pytest.mark.parametrize("command", ["-o", "export"])
def test_a_folder_that_may_not_be_looked_into(run, monkeypatch, command: str) -> None:
    run("train", "list.txt", "--model", "ngram", "-o", "m")
    stat = os.stat

    def refused(path: object, *rest: object, **options: object) -> os.stat_result:
        if str(path).startswith("sealed/"):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *rest, **options)

    Path("sealed").mkdir()
    monkeypatch.setattr("os.stat", refused)
    words = ("export", "m", "sealed/m") if command == "export" else ("train", "-o", "sealed/m")
    result = run(*words)
    assert (result.code, result.out) == (1, "")
    assert "can't write sealed/m: permission denied; name another place" in result.err


def test_nothing_else_is_replaced(run) -> None:
    before = Path("list.txt").read_bytes()
    Path("dev.txt").symlink_to("list.txt")
    for lists in (("list.txt",), ("--dev", "dev.txt")):
        result = run("train", *lists, *BIGRAM, "-o", "./list.txt", "--force")
        assert (result.code, result.out) == (2, "")
        assert "list.txt is a list that is learnt from" in result.err
    Path("link").symlink_to("nowhere")
    result = run("train", "list.txt", *BIGRAM, "-o", "link")
    assert (result.code, result.out) == (2, "")
    assert "link exists: --force replaces it" in result.err
    assert Path("list.txt").read_bytes() == before


def test_no_room_anywhere_is_one_sentence(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(place: Path, *rest: object) -> None:
        raise moreish.ModelFileError(f"can't write {place}: the disk is full")

    def nowhere(**options: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr("moreish.model.write_file", full)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", nowhere)
    result = run("train", "list.txt", *BIGRAM)
    assert (result.code, result.out) == (1, "")
    assert result.err.endswith("Error: can't write list.safetensors: the disk is full.\n")


def test_the_demo_says_how_moreish_is_found(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moreish.cli.demo.learn", lambda **options: moreish.learn(steps=1))
    monkeypatch.setenv("PATH", "")
    assert f"source {sys.prefix}/bin/activate" in run("demo").err


def test_what_was_found_before_there_are_no_more_is_printed(run, model: str) -> None:
    result = run("sample", model, "-n", "100", "--unique", "--max-length", "1")
    assert result.code == 1
    assert len(set(result.lines)) == len(result.lines) == 12
    assert "no more than 12 different items" in result.err


def test_options_of_a_file_where_there_is_none(run, model: str) -> None:
    for command in ("evaluate", "score"):
        result = run(command, model, "--column", "w", "--encoding", "latin-1")
        assert (result.code, result.out) == (2, "")
        assert "--column, --encoding is for reading a FILE, and none was given" in result.err


def test_what_has_no_steps_has_no_bar(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "steps" not in run("train", "list.txt", *BIGRAM).err
    shown = run("train", "list.txt", "--steps", "3", "--hidden-size", "4", "-o", "m").err
    assert "3/3 steps" in shown
