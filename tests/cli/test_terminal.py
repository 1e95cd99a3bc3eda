"""On a terminal no control character comes out, wherever it is from; in a pipe all of them do."""

import io
import json
import os
import pty
import re
import sys
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from moreish.cli.main import main
from moreish.text.control_characters import escaped, holds_control

# All controls that an item can hold, and some of each other category of Unicode.
OF_UNICODE: dict[str, list[str]] = {}
for code in (*range(1, 0x20000), *range(0x20000, sys.maxunicode + 1, 97)):
    OF_UNICODE.setdefault(unicodedata.category(chr(code)), []).append(chr(code))
ODD = [c for kind in ("Cc", "Cf", "Zl", "Zp") for c in OF_UNICODE[kind] if c not in "\n\r"]
SOME = [c for kind, own in OF_UNICODE.items() if kind != "Cs" for c in own[:: len(own) // 3 + 1]]
TEXT = "".join(f"a{c}b[red]{c}\n" for c in dict.fromkeys(ODD + SOME) if c not in "\n\r")
EVIL = "\x1b]0;x\x07\u202e\x9b1m\u200bz"  # part of names of files and of options
OWN = re.compile(r"\r?\x1b\[[0-9;?]*[a-zA-Z]|\r\n")  # colours, the bar; no item here holds such


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("terminal")
    (place / "odd.txt").write_bytes(TEXT.encode())
    (place / f"{EVIL}.txt").write_bytes(TEXT.encode())
    (place / f"{EVIL}.csv").write_text(f"{EVIL},b\n1,2\n3,\n")
    (place / "new.txt").write_text("".join(f"{c}{c}\u0001\n" for c in "\u2066\u2069\x02\x03\ue123"))
    for name in ("odd", EVIL):
        with pytest.raises(SystemExit) as ended:
            main(
                [*("train", str(place / "odd.txt"), "--model", "ngram", "--block-size", "2"),
                 *("-o", str(place / f"{name}.safetensors"))]
            )  # fmt: skip
        assert not ended.value.code
    return place


def on_a_terminal(*arguments: str) -> str:
    """What a command writes to a terminal that is its standard output and error."""
    ours, theirs = pty.openpty()
    pieces: list[bytes] = []

    def read() -> None:
        try:
            while piece := os.read(ours, 65536):
                pieces.append(piece)
        except OSError:  # Linux says so where the other end is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    with pytest.MonkeyPatch.context() as patch:
        with open(theirs, "w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            patch.setattr("sys.stdout", stream)
            patch.setattr("sys.stderr", stream)
            with pytest.raises(SystemExit):
                main(list(arguments))
        reader.join()
    os.close(ours)
    return b"".join(pieces).decode("utf-8", "surrogateescape")


def in_a_pipe(*arguments: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stdout", stream)
        patch.setattr("sys.stderr", stream)
        with pytest.raises(SystemExit):
            main(list(arguments))
    return stream.getvalue()


NAMED = f"{EVIL}.safetensors"
COMMANDS = {
    "train": ("train", f"{EVIL}.txt", "--model", "bigram", "--force", "-o", f"{EVIL}.bigram"),
    "train, a column": ("train", f"{EVIL}.csv"),
    "train, another column": ("train", f"{EVIL}.csv", "--column", "c"),
    "train, a bad row": ("train", f"{EVIL}.csv", "--column", EVIL),
    "train, where to": ("train", "odd.txt", "-o", f"{EVIL}/m"),
    "train, encoding": ("train", "odd.txt", "-o", "m", "--encoding", EVIL),
    "sample": ("sample", "odd.safetensors", "-n", "300", "--max-length", "9", "--summary"),
    "sample --json": ("sample", "odd.safetensors", "-n", "50", "--max-length", "9", "--json"),
    "top": ("top", "odd.safetensors", "-n", "300", "--max-length", "9"),
    "top --json": ("top", "odd.safetensors", "-n", "30", "--max-length", "9", "--json"),
    "prefix": ("sample", "odd.safetensors", "--prefix", EVIL),
    "matches": ("top", "odd.safetensors", "--matches", f"{EVIL}("),
    "score": ("score", "odd.safetensors", "odd.txt", "--flag-rate", "0.1"),
    "score --json": ("score", "odd.safetensors", "odd.txt", "--json"),
    "score --explain": ("score", "odd.safetensors", "new.txt", "--explain"),
    "score, its own list": ("score", "odd.safetensors"),
    "classify": ("classify", "odd.safetensors", NAMED, "--items", "odd.txt"),
    "classify --json": ("classify", "odd.safetensors", NAMED, "--items", "odd.txt", "--json"),
    "classify its own": ("classify", "odd.safetensors", NAMED),
    "evaluate": ("evaluate", NAMED, "new.txt"),
    "evaluate, no such file": ("evaluate", "odd.safetensors", EVIL),
    "show": ("show", "odd.safetensors", "--counts", "--text"),
    "export": ("export", NAMED, f"{EVIL}.arpa", "--force"),
    "compare": ("compare", f"{EVIL}.txt", "--models", f"bigram,{EVIL}"),
    "find-lr": ("find-lr", f"{EVIL}.txt", "--model", EVIL),
    "serve": ("serve", f"{EVIL}.txt", "--port", "0"),
    "no such command": (EVIL,),
    "no such option": ("sample", f"--{EVIL}"),
    "no number": ("sample", "odd.safetensors", "-n", EVIL),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_nothing_raw_on_a_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.chdir(folder)
    out = on_a_terminal(*COMMANDS[case])
    lines = OWN.sub("\n", out).split("\n")
    assert [line for line in lines if holds_control(line)] == []
    assert re.search(r"\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|U\+00", out), "nothing was there to be escaped"


def test_an_arrow_points_into_a_pattern(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    lines = on_a_terminal("sample", "odd.safetensors", "--matches", "a\n\x1b(b").split("\n")
    (place,) = [i for i, line in enumerate(lines) if line.strip().endswith("^.")]
    assert lines[place - 1].strip() == r"a\n\u001b(b"
    assert lines[place - 1][lines[place].index("^")] == "("


def test_none_of_them_is_raw_and_all_are_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    command = ("score", "odd.safetensors", "odd.txt")
    shown = [line.split("\t", 3)[-1] for line in on_a_terminal(*command).split("\r\n")]
    raw = [line.split("\t", 3)[-1] for line in in_a_pipe(*command).split("\n")]
    items = [unicodedata.normalize("NFC", item.strip()) for item in TEXT[:-1].split("\n")]
    assert [line for line in raw if line in set(items)] == items
    assert [line for line in shown if "b[red]" in line] == [*map(escaped, items)]


def test_json_on_a_terminal_is_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    seen = 0
    for case in ("sample --json", "top --json", "score --json", "classify --json"):
        command = COMMANDS[case]
        shown = [line for line in on_a_terminal(*command).split("\r\n") if line.startswith("{")]
        raw = [line for line in in_a_pipe(*command).split("\n") if line.startswith("{")]
        assert [*map(json.loads, shown)] == [*map(json.loads, raw)]
        seen += sum(map(holds_control, raw))
    assert seen > 100


def test_a_line_break_in_a_name_begins_no_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, run: Callable
) -> None:
    monkeypatch.chdir(folder)
    out = on_a_terminal("evaluate", "a\nNote: all is well")
    assert out.count("\r\n") == 1
    assert r"a\nNote" in out
