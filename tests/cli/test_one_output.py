"""A file that is made: by one at a time, with the permissions that it had, never over another."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import moreish
from moreish.errors import ModelFileError, OptionError
from moreish.learning import Learning
from moreish.storage import atomic

BIGRAM = ("train", "list.txt", "--model", "bigram")
LONG = ("train", "list.txt", "--steps", "1000000", "--hidden-size", "4", "--checkpoint-every", "0")
LOCK, CHECKPOINT = ".list.safetensors.lock", "list.safetensors.checkpoint"


def mode(path: str | Path) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def training(*options: str) -> subprocess.Popen[bytes]:
    """A long training in a process of its own, once it has begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moreish", *LONG, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not Path(CHECKPOINT).exists():
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("options", [(), ("--force",), ("--resume",)])
def test_the_later_of_two_is_refused_at_its_start(run, options: tuple[str, ...]) -> None:
    with training() as first:
        try:
            later = run(*LONG, *options)
        finally:
            first.kill()
    assert (later.code, later.out) == (2, "")
    assert "another process is making list.safetensors: wait until it has ended" in later.err


def test_a_process_that_was_killed_holds_nothing(run) -> None:
    with training() as first:
        first.send_signal(signal.SIGKILL)
    assert Path(LOCK).exists()
    result = run(*BIGRAM, "--force")
    assert result.code == 0
    assert "another" not in result.err
    assert sorted(os.listdir()) == ["list.safetensors", "list.txt"]


def test_other_outputs_are_not_locked(run, model: str) -> None:
    with atomic.locked(model):
        assert run(*BIGRAM, "-o", "other").code == 0
        assert run(*BIGRAM, "--force").code == 2
        Path("link").symlink_to(model)
        assert run(*BIGRAM, "-o", "link", "--force").code == 2  # the same file
    assert run(*BIGRAM, "--force").code == 0
    assert LOCK not in os.listdir()


def test_where_there_are_no_locks_nothing_is_locked(run, monkeypatch) -> None:
    class NoLocks:
        LOCK_EX = LOCK_NB = 0

        @staticmethod
        def flock(number: int, how: int) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

    for fcntl in (None, NoLocks):
        monkeypatch.setattr(atomic, "fcntl", fcntl)
        with atomic.locked("list.safetensors"):
            assert run(*BIGRAM, "--force").code == 0


def test_what_came_meanwhile_is_not_replaced(run, monkeypatch) -> None:
    take = Learning.model

    def model(self: Learning) -> moreish.Model:
        Path("list.safetensors").write_bytes(b"of another")
        return take(self)

    monkeypatch.setattr(Learning, "model", model)
    result = run(*BIGRAM)
    assert result.code == 1
    assert "list.safetensors has come into being meanwhile" in result.err
    assert Path("list.safetensors").read_bytes() == b"of another"
    spare = Path(result.err.split("The model is in ")[1].split(" instead")[0])
    assert moreish.load(spare).sample(1)
    assert mode(spare) == 0o600
    spare.unlink()
    assert run(*BIGRAM, "--force").code == 0
    assert moreish.load("list.safetensors").sample(1)


def test_the_spare_copy_of_a_full_disk_is_private(run, monkeypatch) -> None:
    sync, calls = os.fsync, 0

    def full(number: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(number)

    monkeypatch.setattr(os, "fsync", full)
    result = run(*BIGRAM)
    assert result.code == 1
    spare = Path(result.err.split("The model is in ")[1].split(" instead")[0])
    assert mode(spare) == 0o600
    assert moreish.load(spare).sample(1)
    spare.unlink()


def test_force_keeps_the_permissions_and_the_link(run) -> None:
    Path("far").mkdir()
    Path("far/m").write_bytes(b"before")
    os.chmod("far/m", 0o640)
    Path("link").symlink_to("far/m")
    assert run(*BIGRAM, "-o", "link", "--force").code == 0
    assert Path("link").is_symlink()
    assert mode("far/m") == 0o640
    assert moreish.load("far/m").sample(1)
    assert os.listdir("far") == ["m"]
    Path("nowhere").symlink_to("no/folder")
    result = run(*BIGRAM, "-o", "nowhere", "--force")
    assert (result.code, "there is no folder" in result.err) == (2, True)


def test_force_keeps_the_owner_where_that_may_be(run, model: str, monkeypatch) -> None:
    given = []

    def chown(path: str, owner: int, group: int) -> None:
        given.append((owner, group))
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", chown)
    before = os.stat(model)
    assert run(*BIGRAM, "--force").code == 0
    assert given == [(before.st_uid, before.st_gid)]


def test_what_is_no_file_is_not_replaced(run) -> None:
    os.mkfifo("pipe")
    result = run(*BIGRAM, "-o", "pipe", "--force")
    assert (result.code, "pipe is a device or a pipe: name a file" in result.err) == (2, True)
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)
    run(*BIGRAM)
    with pytest.raises(ModelFileError, match="can't write pipe: it is a device or a pipe"):
        moreish.load("list.safetensors").save("pipe")


def test_the_folder_is_synced_after_the_new_name(run, monkeypatch) -> None:
    done = []
    for name in ("replace", "link", "fsync"):
        real = getattr(os, name)

        def noted(*arguments: object, name: str = name, real=real) -> object:
            is_folder = name == "fsync" and stat.S_ISDIR(os.fstat(arguments[0]).st_mode)
            done.append("fsync folder" if is_folder else name)
            return real(*arguments)

        monkeypatch.setattr(os, name, noted)
    run(*BIGRAM)
    assert done == ["fsync", "link", "fsync folder"]
    done.clear()
    run("show", "list.safetensors", "--counts", "-o", "p.txt")
    assert done == ["fsync", "replace", "fsync folder"]


def test_a_picture_is_whole_or_not_there(run, model: str, monkeypatch) -> None:
    Path("p.txt").write_text("before")
    os.chmod("p.txt", 0o600)

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        result = run("show", model, "--counts", "-o", "p.txt", "--force")
        assert result.code == 1
        assert "can't write p.txt: the disk is full" in result.err
        assert Path("p.txt").read_text() == "before"
    assert run("show", model, "--counts", "-o", "p.txt", "--force").code == 0
    assert mode("p.txt") == 0o600
    assert sorted(os.listdir()) == [model, "list.txt", "p.txt"]


def test_long_names_that_begin_alike_are_two(run) -> None:
    one, other = "n" * 220 + "1", "n" * 220 + "2"
    with atomic.locked(one):
        assert run(*BIGRAM, "-o", other).code == 0
    with atomic.locked(one), pytest.raises(OptionError), atomic.locked(one):
        pass


def test_what_another_has_not_finished_stays(tmp_path: Path) -> None:
    (tmp_path / ".m.checkpoint.abc.unfinished").write_bytes(b"of m.checkpoint")
    (tmp_path / ".m.abc.unfinished").write_bytes(b"of m")
    atomic.clear_unfinished(tmp_path / "m")
    assert os.listdir(tmp_path) == [".m.checkpoint.abc.unfinished"]


def test_without_fcntl_it_can_be_imported(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['fcntl'] = None\n"
        "import moreish; moreish.count(['ab'], block_size=1).save('t')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stderr, os.listdir(tmp_path)) == (0, b"", ["t"])
