"""Nothing is lost by a stream that is closed, full or a broken pipe, or by a signal."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import moreish
from moreish.cli import signals

SMALL = ("--hidden-size", "8", "--block-size", "2", "--checkpoint-every", "0")
LEFT = "list.safetensors.checkpoint"


def shell(line: str) -> subprocess.CompletedProcess:
    """A line in bash, where `moreish` is the command and a pipe is as bad as its worst part."""
    function = f"set -o pipefail; moreish() {{ '{sys.executable}' -m moreish \"$@\"; }}\n"
    own = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(["bash", "-c", function + line], capture_output=True, text=True, env=own)


@pytest.mark.parametrize(
    "stderr",
    [
        "2>/dev/full",
        pytest.param("0<&- 2>&-", marks=pytest.mark.long),
        pytest.param("2>&-", marks=pytest.mark.long),
        pytest.param("2> >(exec true)", marks=pytest.mark.long),
    ],
)
def test_a_stderr_that_takes_nothing_loses_nothing(run, stderr: str) -> None:
    line = f"moreish train list.txt {' '.join(SMALL)} --steps 200 --json"
    result = shell(f"{line} -o whole && sleep 0.2; {line} {stderr}")
    assert (result.returncode, result.stdout.count("\n")) == (0, 2)
    assert sorted(os.listdir()) == ["list.safetensors", "list.txt", "whole"]
    whole = moreish.load("whole").next_log_probs([[0, 0]]).tobytes()
    assert moreish.load("list.safetensors").next_log_probs([[0, 0]]).tobytes() == whole


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("sample m -n 100000", 0, ""),
        ("train --help", 0, ""),
        ("--help", 0, ""),
        ("sample m -n 100 --unique --max-length 1", 1, "no more than"),  # it had failed anyhow
    ],
)
def test_a_reader_that_has_had_enough(model: str, arguments: str, code: int, said: str) -> None:
    Path(model).rename("m")
    result = shell(f"moreish {arguments} | head -n 0")
    assert result.returncode == code
    lines = [line for line in result.stderr.splitlines() if not line.startswith("Note: ")]
    assert len(lines) == bool(said)
    assert said in result.stderr


def training(*before: str) -> subprocess.Popen:
    """A long training, that has come to its first checkpoint."""
    command = [sys.executable, "-m", "moreish", "train", "list.txt", *SMALL, "--steps", "9000000"]
    process = subprocess.Popen(
        [*before, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not Path(LEFT).exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.01)
    assert Path(LEFT).exists()
    return process


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        pytest.param([signal.SIGINT], 130, marks=pytest.mark.long),
        pytest.param([signal.SIGTERM], 143, marks=pytest.mark.long),
        ([signal.SIGHUP, signal.SIGHUP, signal.SIGTERM], 129),
    ],
)
def test_signals_keep_the_model_so_far(run, numbers: list[signal.Signals], code: int) -> None:
    process = training()
    for number in numbers:
        process.send_signal(number)
        time.sleep(0.01)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert f"keeping the model so far; --resume goes on from {LEFT}" in err
    assert "saved in list.safetensors" in out
    assert moreish.load("list.safetensors").sample(1)


def test_a_hang_up_that_is_ignored_stays_ignored(run) -> None:
    process = training("nohup")
    process.send_signal(signal.SIGHUP)
    stood = Path(LEFT).stat().st_mtime_ns
    until = time.monotonic() + 60
    while Path(LEFT).stat().st_mtime_ns == stood and time.monotonic() < until:
        time.sleep(0.01)
    assert Path(LEFT).stat().st_mtime_ns > stood
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert moreish.load("list.safetensors").sample(1)


def test_a_terminal_that_is_closed(run) -> None:
    """Its signal comes, and neither standard output nor standard error takes anything more."""
    child, terminal = pty.fork()
    if child == 0:
        command = ["-m", "moreish", "train", "list.txt", *SMALL, "--steps", "9000000"]
        os.execv(sys.executable, [sys.executable, *command])
    until = time.monotonic() + 60
    while not Path(LEFT).exists() and time.monotonic() < until:
        time.sleep(0.01)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 129
    assert moreish.load("list.safetensors").sample(1)
    assert Path(LEFT).exists()


def test_signals_are_as_they_were_afterwards(run) -> None:
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    with signals.signals_end_it():
        assert all(callable(signal.getsignal(number)) for number in numbers)
    assert [signal.getsignal(number) for number in numbers] == before
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.signals_end_it():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before[1])
