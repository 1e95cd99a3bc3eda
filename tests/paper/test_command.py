"""`moreish paper`, as it is typed: what it prints and keeps, and how it goes on when killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "moreish", "paper"]
ROWS = "MLP7,MLP8,kn3"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True)


def test_the_table_the_pictures_and_json(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(corpus, "--rows", ROWS, "--minutes", 0.01, "-o", out)
    assert done.returncode == 0, done.stderr
    assert "not the whole Brown corpus" in done.stderr
    of_mlp7 = [line for line in done.stderr.splitlines() if line.startswith("MLP7")]
    assert of_mlp7[-2].endswith("a second  judging valid and test")
    assert of_mlp7[-1].split() == ["MLP7", "done"]
    header, *rows = done.stdout.split("\n\n")[0].splitlines()
    assert header.split()[:3] == ["row", "valid", "paper"]
    assert [row.split()[0] for row in rows] == ROWS.split(",")
    assert [row.split()[4] for row in rows] == ["293", "270", "323"]  # the paper's, on test
    assert "The nearest words, by the embeddings of MLP7:" in done.stdout
    names = {path.name for path in out.iterdir()}
    assert {"table.txt", "nearest_words.txt", "MLP7.svg", "MLP7.safetensors"} <= names
    assert not [name for name in names if "checkpoint" in name or "unfinished" in name]
    assert (out / "table.txt").read_text().splitlines() == [header, *rows]
    as_json = run(corpus, "--rows", ROWS, "--minutes", 0.01, "-o", out, "--json")
    records = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert [f"{record['test']:.1f}" for record in records] == [row.split()[3] for row in rows]


@pytest.mark.long
def test_killed_it_goes_on(corpus: Path, tmp_path: Path) -> None:
    arguments = [str(corpus), "--rows", "MLP7", "-o", str(tmp_path)]
    checkpoint = tmp_path / "MLP7.safetensors.checkpoint"
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.DEVNULL) as killed:
        while not checkpoint.exists() and killed.poll() is None:
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
    then = checkpoint.exists()
    again = run(*arguments)
    assert again.returncode == 0, again.stderr
    fresh = run(*arguments[:-1], tmp_path / "fresh")
    assert again.stdout.split("\n\n")[0].split()[:-1] == fresh.stdout.split("\n\n")[0].split()[:-1]
    assert then, "it ended before it could be killed: nothing was tested"


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_it_ends_at_once_and_says_so(corpus: Path, tmp_path: Path, number: int) -> None:
    arguments = [str(corpus), "--rows", "MLP9", "--minutes", "5", "-o", str(tmp_path)]
    with subprocess.Popen(
        [*COMMAND, *arguments], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as stopped:
        assert stopped.stderr is not None
        said = ""
        while "steps" not in said:
            said += stopped.stderr.readline()
        os.killpg(stopped.pid, number)
        rest = stopped.stderr.read()
    assert stopped.returncode == 128 + number
    assert rest.endswith("Stopped.\n")
    assert "Traceback" not in rest


@pytest.mark.long
@pytest.mark.parametrize("delay", [0, 0.05, 0.1, 0.2])
def test_stopped_while_its_processes_begin(corpus: Path, tmp_path: Path, delay: float) -> None:
    """They do not hear Ctrl-C, and say nothing of it."""
    with subprocess.Popen(
        [*COMMAND, str(corpus), "-o", str(tmp_path)],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as stopped:  # fmt: skip
        assert stopped.stderr is not None
        assert stopped.stderr.readline().startswith("Note: ")
        time.sleep(delay)
        os.killpg(stopped.pid, signal.SIGINT)
        assert "Traceback" not in stopped.stderr.read()
    assert stopped.returncode == 130


@pytest.mark.long
@pytest.mark.parametrize("row", ["kn3", "MLP7"])
def test_a_full_disk_is_a_sentence_and_afterwards_it_goes_on(
    corpus: Path, tmp_path: Path, row: str
) -> None:
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
    program = (
        f"import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); {limit}"
        "from moreish.cli.main import main; main(sys.argv[1:])"
    )
    arguments = [str(corpus), "--rows", row, "--minutes", "0.01", "-o", str(tmp_path / "out")]
    full = subprocess.run(
        [sys.executable, "-c", program, "paper", *arguments],
        capture_output=True, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert full.returncode == 1
    assert "\nError: can't write " in full.stderr
    assert "Traceback" not in full.stderr
    assert not [path for path in (tmp_path / "out").iterdir() if path.suffix == ".safetensors"]
    assert run(*arguments).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rows", "MLP11"], "there is no row 'MLP11'"),
        (["--minutes", "0"], "minutes must be more than 0"),
        (["-o", "/dev/null/x"], "can't make the folder"),
        (["-o", ""], "got an empty one"),
        (["--seed", "-1"], "a seed is a whole number"),
    ],
)
def test_options_that_cannot_be(corpus: Path, arguments: list[str], said: str) -> None:
    done = run(corpus, *arguments)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
