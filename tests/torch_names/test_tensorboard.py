"""An event file that TensorBoard reads: by a parser of our own, and as tensorboardX writes it."""

import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import moreish.torch as torch
from moreish.torch.utils.tensorboard import SummaryWriter


def crc32c(content: bytes) -> int:
    """The checksum of Castagnoli, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(content: bytes) -> bytes:
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def records(folder: Path) -> Iterator[bytes]:
    """The records of all event files, each checked."""
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            assert masked(content[:8]) == content[8:12]
            record = content[12 : 12 + length]
            assert masked(record) == content[12 + length : 16 + length]
            yield record
            content = content[16 + length :]


def varint(content: bytes) -> tuple[int, bytes]:
    number = shift = 0
    for i, byte in enumerate(content):
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, content[i + 1 :]
    raise ValueError("it has no end")


def fields(content: bytes) -> dict[int, Any]:
    """A message of Protocol Buffers: whole numbers, floats, and bytes by the numbers of fields."""
    found: dict[int, Any] = {}
    while content:
        key, content = varint(content)
        if key & 7 == 0:
            found[key >> 3], content = varint(content)
        elif key & 7 == 2:
            length, content = varint(content)
            found[key >> 3], content = content[:length], content[length:]
        else:
            size, form = {1: (8, "<d"), 5: (4, "<f")}[key & 7]
            (found[key >> 3],) = struct.unpack(form, content[:size])
            content = content[size:]
    return found


def scalars(folder: Path) -> list[tuple[str, int, float, float]]:
    """(tag, step, value, seconds) of each."""
    found = []
    for record in records(folder):
        event = fields(record)
        if 5 in event:
            value = fields(fields(event[5])[1])
            found.append((value[1].decode(), event.get(2, 0), value[2], event[1]))
    return found


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
