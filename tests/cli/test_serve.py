"""What keeps a service from starting is a sentence, before anything is served."""

import socket
import sys
from pathlib import Path

import pytest


def test_what_it_needs_is_said(run, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = run("serve", model)
    assert result.code == 1
    assert "needs uvicorn, which is not installed: pip install 'moreish[serve]'" in result.err


def test_a_place_that_is_taken(run, model: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", model, "--port", str(taken.getsockname()[1]))
    assert result.code == 2
    assert "can't listen at 127.0.0.1 port" in result.err
    assert "in use" in result.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--port", "65536"], "a port from 0 to 65,535 was wanted, got 65536"),
        (["--host", "256.1.1.1"], "can't listen at 256.1.1.1"),
        (["--host", "a" * 70], "can't listen at aaa"),
        (["--seconds", "0"], "--seconds must be more than 0"),
        (["--seconds", "nan"], "--seconds must be more than 0"),
        (["--max-items", "0"], "--max-items must be 1 or more"),
        (["--max-bytes", "-1"], "--max-bytes must be 1 or more"),
        (["--seats", "0"], "--seats must be from 1 to 100"),
        (["--seats", "1000"], "--seats must be from 1 to 100"),
    ],
)
def test_what_can_not_be(run, model: str, options: list[str], told: str) -> None:
    result = run("serve", model, "--port", "0", *options)
    assert result.code == 2
    assert told in result.err


def test_two_of_one_name(run, model: str) -> None:
    Path("other").mkdir()
    Path("other", model).write_bytes(Path(model).read_bytes())
    result = run("serve", model, f"other/{model}", "--port", "0")
    assert result.code == 2
    assert "would both be called list: rename one of them" in result.err


def test_what_is_no_model(run, model: str) -> None:
    assert "is text, not a model file" in run("serve", "list.txt", "--port", "0").err
    assert "no-such-file" in run("serve", "no-such-file", "--port", "0").err
    assert run("serve").code == 2
