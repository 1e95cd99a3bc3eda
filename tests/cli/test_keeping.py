"""A training that is stopped at any moment goes on, and ends with the same bits."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import moreish
from moreish.errors import ModelFileError, OptionError
from moreish.learning import Learning
from moreish.storage import model_file as files

SMALL = ("--hidden-size", "8", "--block-size", "2", "--checkpoint-every", "0")
LEFT = "list.safetensors.checkpoint"


def bits(path: str | Path) -> dict[str, bytes]:
    """All of a model file but the seconds it took."""
    about, arrays = files.read_file(path)
    del about["report"]["seconds"]
    return {"": json.dumps(about).encode(), **{k: a.tobytes() for k, a in arrays.items()}}


def interrupted(
    monkeypatch: pytest.MonkeyPatch, after: int, how: type[BaseException] = SystemExit
) -> None:
    """From now on, a training is stopped after so many checkpoints."""
    keep = Learning.checkpoint
    count = 0

    def checkpoint(self, path) -> None:
        nonlocal count
        keep(self, path)
        count += 1
        if count == after:
            raise how(9)

    monkeypatch.setattr(Learning, "checkpoint", checkpoint)


@pytest.mark.long
def test_killed_at_random_moments_it_ends_with_the_same_bits(run, tmp_path: Path) -> None:
    options = ("train", "list.txt", *SMALL, "--steps", "4000")
    assert run(*options, "-o", "whole").code == 0
    command = [sys.executable, "-m", "moreish", *options, "--resume", "--json"]
    place = tmp_path / LEFT
    moments, kills = random.Random(1), 0
    for _ in range(4):
        before = place.stat().st_mtime_ns if place.exists() else 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while process.poll() is None:
                if place.exists() and place.stat().st_mtime_ns > before:
                    time.sleep(moments.random() / 20)
                    process.send_signal(signal.SIGKILL)
                    break
                time.sleep(0.002)
            process.communicate()
        kills += process.returncode == -signal.SIGKILL
        if process.returncode == 0:
            break
    assert kills >= 2
    if not Path("list.safetensors").exists() or place.exists():
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        assert "Going on after step" in result.stderr
    assert bits("list.safetensors") == bits("whole")
    assert sorted(os.listdir()) == ["list.safetensors", "list.txt", "whole"]


def test_it_goes_on_where_it_was(run, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("train", "list.txt", *SMALL, "--steps", "100")
    run(*options, "-o", "whole")
    with monkeypatch.context() as patch:
        interrupted(patch, after=20)
        assert run(*options).code == 9
    assert Path(LEFT).exists()
    assert not Path("list.safetensors").exists()
    refused = run(*options)
    assert refused.code == 2
    assert "a training that has not ended: --resume goes on with it" in refused.err
    result = run(*options, "--resume")
    assert result.code == 0
    assert "Going on after step 40." in result.err
    assert bits("list.safetensors") == bits("whole")
    assert not Path(LEFT).exists()


@pytest.mark.parametrize(
    ("options", "after"),
    [
        (("--model", "mixture", "--mixture", "ngram,mlp", "--hidden-size", "8"), 20),
        pytest.param(
            ("--model", "mixture", "--mixture", "mlp,mlp", "--hidden-size", "8"),
            20,
            marks=pytest.mark.long,
        ),
        pytest.param(
            ("--model", "mixture", "--mixture", "mlp,mlp", "--hidden-size", "8"),
            70,
            marks=pytest.mark.long,
        ),
        (("--model", "neural-bigram"), 20),
        (("--model", "mlp", "--hidden-size", "8", "--dropout", "0.3"), 20),
        *(
            pytest.param(
                ("--model", "mlp", "--hidden-size", "8", *options), 20, marks=pytest.mark.long
            )
            for options in (
                ("--tied", "--bag", "2"),
                ("--recipe", "course"),
                ("--batch-size", "all", "--direct"),
            )
        ),
    ],
)
def test_every_model_goes_on(
    run, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], after: int
) -> None:
    command = ("train", "list.txt", *options, "--steps", "100", "--checkpoint-every", "0")
    assert run(*command, "-o", "whole").code == 0
    with monkeypatch.context() as patch:
        interrupted(patch, after)
        assert run(*command).code == 9
    assert run(*command, "--resume").code == 0
    assert bits("list.safetensors") == bits("whole")


@pytest.mark.parametrize("after", [20, 50])  # 50: all steps are done, and no model is written
def test_stopped_by_control_c_it_goes_on_too(
    run, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    options = ("train", "list.txt", *SMALL, "--steps", "100")
    run(*options, "-o", "whole")
    with monkeypatch.context() as patch:
        interrupted(patch, after, KeyboardInterrupt)
        stopped = run(*options)
    assert stopped.code == 130
    assert f"keeping the model so far; --resume goes on from {LEFT}" in stopped.err
    assert Path("list.safetensors").exists()
    assert run(*options, "--resume").code == 0
    assert bits("list.safetensors") == bits("whole")
    assert not Path(LEFT).exists()


def test_force_begins_anew(run, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("train", "list.txt", *SMALL, "--steps", "100")
    with monkeypatch.context() as patch:
        interrupted(patch, after=20)
        run(*options)
    assert run(*options, "--resume", "--force").code == 2
    result = run(*options, "--force")
    assert "Going on" not in result.err
    assert not Path(LEFT).exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (("--learning-rate", "0.5"), "learning rate was 0.01 and is 0.5"),
        (("--steps", "200"), "steps was 100 and is 200"),
        (("--hidden-size", "9"), "hidden size of mlp was 8 and is 9"),
        (("--optimizer", "sgd"), "optimizer was adamw and is sgd"),
        (("--seed", "2"), "seed was 1 and is 2"),
        (("--patience", "9"), "patience was not set and is 9"),
        (("--words",), "tokens was characters and is words"),
        (("--split", "70/20/10"), "the items of train were 8 ("),
    ],
)
def test_other_options_are_named(
    run, monkeypatch: pytest.MonkeyPatch, changed: tuple[str, ...], sentence: str
) -> None:
    options = ("train", "list.txt", *SMALL, "--steps", "100")
    with monkeypatch.context() as patch:
        interrupted(patch, after=3)
        run(*options)
    before = Path(LEFT).read_bytes()
    result = run(*options, *changed, "--resume")
    assert result.code == 2
    assert "is of another training: " in result.err
    assert sentence in result.err
    assert Path(LEFT).read_bytes() == before


def test_another_list_is_named(run, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("train", "list.txt", *SMALL, "--steps", "100")
    with monkeypatch.context() as patch:
        interrupted(patch, after=3)
        run(*options)
    text = Path("list.txt").read_text()
    Path("list.txt").write_text(text + text)  # the same items, each twice, are another list
    result = run(*options, "--resume")
    assert result.code == 2
    assert "the items of train were 8 (8 lines, " in result.err
    assert "and are 8 (16 lines, " in result.err
    assert "learning rate" not in result.err


def test_a_checkpoint_is_no_model_and_a_model_no_checkpoint(run, monkeypatch) -> None:
    options = ("train", "list.txt", *SMALL, "--steps", "100")
    with monkeypatch.context() as patch:
        interrupted(patch, after=3)
        run(*options)
    result = run("sample", LEFT)
    assert result.code == 1
    assert "it holds a training that has not ended, which its own command" in result.err
    run("train", "list.txt", "--model", "bigram", "-o", "m")
    learning = moreish.learn(["anna"] * 3)
    with pytest.raises(ModelFileError, match="not a checkpoint file: it holds a model"):
        learning.resume("m")
    Path(LEFT).write_bytes(Path(LEFT).read_bytes()[:1000])
    result = run(*options, "--resume")
    assert result.code == 1
    assert "not a whole checkpoint file" in result.err


def test_without_a_checkpoint_it_begins(run) -> None:
    result = run("train", "list.txt", *SMALL, "--steps", "20", "--resume")
    assert result.code == 0
    assert f"There is no {LEFT}: beginning at the beginning." in result.err


def test_what_was_left_half_by_a_killed_process_goes(run) -> None:
    Path(".list.safetensors.checkpoint.abc.unfinished").write_bytes(b"half")
    Path(".list.safetensors.abc.unfinished").write_bytes(b"half")
    assert run("train", "list.txt", *SMALL, "--steps", "20").code == 0
    assert sorted(os.listdir()) == ["list.safetensors", "list.txt"]


def test_a_disk_that_is_full_does_not_stop_the_training(run, monkeypatch) -> None:
    def full(*arguments: object) -> None:
        raise ModelFileError("can't write c: the disk is full")

    monkeypatch.setattr(Learning, "checkpoint", full)
    result = run("train", "list.txt", *SMALL, "--steps", "20")
    assert result.code == 0
    assert result.err.count("the disk is full, so there is no checkpoint") == 1


def test_what_diverges_keeps_the_best_and_says_which(run) -> None:
    result = run(
        *("train", "list.txt", *SMALL, "--steps", "50", "--learning-rate", "1e12"),
    )
    assert (result.code, result.out) == (1, "")
    assert "the loss became NaN or infinite after" in result.err
    assert "`moreish find-lr` suggests one" in result.err
    assert "list.safetensors has the best so far, of step" in result.err
    assert np.isfinite(moreish.load("list.safetensors").nats_per_token("train"))
    assert not Path(LEFT).exists()


def test_it_says_that_it_stopped_early(run) -> None:
    result = run(
        *("train", "list.txt", *SMALL, "--steps", "5000", "--patience", "2", "--json"),
        *("--learning-rate", "0.05"),
    )
    assert result.code == 0
    assert "Stopped early, after" in result.err
    assert json.loads(result.out)["steps"] < 5000


def test_by_the_clock(run) -> None:
    result = run("train", "list.txt", *SMALL, "--minutes", "0.003", "--json")
    assert result.code == 0
    assert json.loads(result.out)["steps"] >= 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--minutes", "0"), "minutes must be more than 0"),
        (("--minutes", "-2"), "minutes must be more than 0"),
        (("--steps", "-2"), "steps must be 1 or more"),
        (("--steps", "5", "--minutes", "1"), "not in both"),
        (("--batch-size", "some"), "a number of contexts or 'all'"),
        (("--optimizer", "adam"), "there are sgd, momentum, adamw"),
        (("--schedule", "linear"), "there are constant, step, cosine"),
        (("--recipe", "cake"), "there are table, course"),
        (("--recipe", "course", "--batch-size", "all"), "draws examples"),
        (("--momentum", "0.5"), "--momentum goes with --optimizer momentum"),
        (("--patience", "3", "--split", "100/0/0"), "there is no dev split"),
        (("--resume", "--force"), "only one of them"),
        (("--checkpoint-every", "-1"), "a checkpoint every 0 seconds or more"),
        (("--model", "bigram", "--resume"), "--resume can't be: bigram is counted"),
        (("--model", "bigram", "--log-dir", "d"), "--log-dir can't be: bigram is counted"),
        (("--model", "bigram", "--patience", "3"), "--patience can't be set for bigram"),
        (("--log-dir", "list.txt"), "can't write logs to list.txt: file exists"),
    ],
)
def test_one_sentence_for_what_cannot_be(run, arguments: tuple[str, ...], sentence: str) -> None:
    result = run("train", "list.txt", *arguments)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
    assert os.listdir() == ["list.txt"]


def test_find_lr_prints_a_curve_and_suggests(run) -> None:
    result = run("find-lr", "list.txt", "--hidden-size", "8", "--points", "200")
    assert result.code == 0
    assert result.lines[0].split() == ["learning", "rate", "loss", "smoothed"]
    assert len(result.lines) == 15
    assert "the smoothed loss is lowest" in result.err.lower()
    answer = json.loads(
        run("find-lr", "list.txt", "--hidden-size", "8", "--points", "200", "--json").out
    )
    assert result.lines[-1] == f"--learning-rate {answer['suggestion']:g}"
    assert len(answer["rates"]) == len(answer["losses"]) == len(answer["smoothed"])
    assert run("find-lr", "list.txt", "--model", "bigram").code == 2
    assert run("find-lr", "list.txt", "--points", "2").code == 2
    assert sorted(os.listdir()) == ["list.txt"]


def test_python_says_what_differs_too(tmp_path: Path) -> None:
    learning = moreish.learn(["anna", "nan"] * 3, steps=4, split=(100, 0, 0))
    next(iter(learning))
    learning.checkpoint(tmp_path / "c")
    with pytest.raises(OptionError, match="c is of another training: steps was 4 and is 5"):
        moreish.learn(["anna", "nan"] * 3, steps=5, split=(100, 0, 0)).resume(tmp_path / "c")


ALL_DONE = [
    (),
    ("--model", "neural-bigram"),
    ("--model", "mlp", "--dropout", "0.3", "--direct"),
    ("--model", "mlp", "--recipe", "course"),
    ("--model", "mixture", "--mixture", "mlp,bigram"),
    ("--test", "test.txt", "--words", "--lower"),
    ("--dev", "test.txt", "--patience", "1", "--minutes", "0.001"),
]


@pytest.mark.parametrize("options", ALL_DONE)
def test_what_has_ended_is_not_gone_on_with(run, options: tuple[str, ...]) -> None:
    Path("test.txt").write_text("Emilia\nAnna Nina\n")
    size = () if "neural-bigram" in options else ("--hidden-size", "8")
    steps = () if "--minutes" in options else ("--steps", "20")
    command = ("train", "list.txt", *size, *steps, *options, "--resume")
    assert run(*command).code == 0
    before = Path("list.safetensors").read_bytes()
    again = run(*command)
    assert (again.code, again.out) == (0, "")
    assert "This training has ended, and list.safetensors is its model" in again.err
    other = run(*command, "--seed", "2")
    assert other.code == 2
    assert "list.safetensors is of another training: " in other.err
    assert Path("list.safetensors").read_bytes() == before
    Path("list.safetensors").write_bytes(b"something else")
    assert run(*command).code == 1
    assert Path("list.safetensors").read_bytes() == b"something else"
