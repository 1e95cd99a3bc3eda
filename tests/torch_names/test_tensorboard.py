"""An event file that TensorBoard reads: by a parser of our own, and as tensorboardX writes it."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
from event_files import crc32c, fields, records, scalars
from moreish.torch.utils.tensorboard import SummaryWriter


def test_the_checksum_is_the_one_of_the_standard() -> None:
    assert crc32c(b"123456789") == 0xE3069283


VALUES = [
    ("loss/train", 2.5, 0),
    ("loss/train", torch.tensor([1.5], requires_grad=True), 127),
    ("loss/dev", np.float64(0.1), 128),
    ("a name with spaces", 3, 2**40),
    ("größe", -0.0, None),
    ("far", 1e300, 5),
    ("none", math.nan, 6),
    ("t" * 300, torch.tensor(7), np.int64(300)),
]


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path / "a" / "b") as writer:
        for i, (tag, value, step) in enumerate(VALUES):
            writer.add_scalar(tag, value, step, walltime=i + 0.25)
    with np.errstate(over="ignore"):
        wanted = [
            (tag, step or 0, float(np.float32(float(value))), i + 0.25)
            for i, (tag, value, step) in enumerate(VALUES)
        ]
    np.testing.assert_equal(scalars(tmp_path / "a" / "b"), wanted)
    first = fields(next(records(tmp_path / "a" / "b")))
    assert first[3] == b"brain.Event:2"


def test_tensorboardx_writes_the_same(tmp_path: Path) -> None:
    """Where it is installed: the same messages, but for the first one's time."""
    other = pytest.importorskip("tensorboardX")
    for folder, kind in (("ours", SummaryWriter), ("theirs", other.SummaryWriter)):
        with kind(str(tmp_path / folder), purge_step=3) as writer:
            for tag, value, step in VALUES:
                if step is not None and " " not in tag:  # which it writes as "_"
                    given = value.item() if isinstance(value, torch.Tensor) else value
                    writer.add_scalar(tag, given, int(step), walltime=7.5)
    ours, theirs = ([fields(x) for x in records(tmp_path / kind)] for kind in ("ours", "theirs"))
    in_time = [[event for event in side if event[1] == 7.5] for side in (ours, theirs)]
    np.testing.assert_equal(*[[{2: 0, **event} for event in side] for side in in_time])
    starts = [[event[7] for event in side if 7 in event] for side in (ours, theirs)]
    assert starts[0] == starts[1] == [b"\x08\x01"]
    from tensorboardX.proto.event_pb2 import Event

    read = [Event.FromString(record) for record in records(tmp_path / "ours")]
    assert [event.file_version for event in read[:1]] == ["brain.Event:2"]
    assert read[1].step == 3


def test_it_is_on_the_disk_after_flush_or_when_many_wait(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path, max_queue=5)
    writer.add_scalar("x", 1.0, 1)
    assert scalars(tmp_path) == []
    writer.flush()
    assert len(scalars(tmp_path)) == 1
    for step in range(2, 7):
        writer.add_scalar("x", 1.0, step)
    assert len(scalars(tmp_path)) == 6
    writer.flush_secs = -1
    writer.add_scalar("x", 1.0, 7)
    assert len(scalars(tmp_path)) == 7
    writer.close()
    writer.close()
    writer.flush()
    writer.add_scalar("x", 1.0, 8)  # makes another file, as in PyTorch
    writer.close()
    assert [step for _, step, _, _ in scalars(tmp_path)] == list(range(1, 9))
    assert len(list(tmp_path.iterdir())) == 2


def test_the_folder_has_a_name_by_default(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with SummaryWriter(comment="-try") as writer:
        assert Path(writer.get_logdir()).parts[0] == "runs"
    assert [p.name.endswith("-try") for p in (tmp_path / "runs").iterdir()] == [True]


def test_more_than_one_number_is_refused(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer, pytest.raises(AssertionError, match=r"shape \(2,\)"):
        writer.add_scalar("x", torch.ones(2))
